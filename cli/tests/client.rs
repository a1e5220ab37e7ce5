//! Verbs against a real server: a morning at the desk, by hand and by script.

mod support;

use std::io::Write;
use std::process::Stdio;

use support::server::{Server, TOWN, on_niue};
use support::{expect_ok, last_json, mukae};

/// The server, and the directory it works in.
fn serve() -> (Server, tempfile::TempDir) {
    let dir = on_niue();
    let file = dir.path().join("town.toml");
    std::fs::write(&file, TOWN).unwrap();
    (Server::of(&file), dir)
}

#[test]
fn a_morning_at_the_desk() {
    let (server, _dir) = serve();
    let bus = "tenants/alofi/vehicles/bus";

    // roads: rehearsed, closed, listed, opened again
    let corners = ["-19.115,-169.855", "-19.115,-169.845", "-19.125,-169.845", "-19.125,-169.855"];
    let corners: Vec<&str> = corners.iter().flat_map(|corner| ["--corner", corner]).collect();
    let close = [&["roads", "close", "--note", "flooded"], corners.as_slice()].concat();
    let tried = server.json(&[close.as_slice(), &["--dry-run"]].concat());
    assert_eq!(tried["state"], "STATE_IN_FORCE");
    assert_eq!(server.says(&["roads", "list"]), "", "only tried");
    let measure = server.json(&close)["name"].as_str().unwrap().to_owned();
    assert_eq!(server.json(&["roads", "list"])["name"], measure);
    assert_eq!(server.json(&["roads", "show", &measure])["is_closed"], true);
    assert_eq!(server.json(&["roads", "end", &measure])["state"], "STATE_OVER");
    let slow = [&["roads", "slow", "--note", "ice", "--percent", "150", "--from", "+60"], corners.as_slice()].concat();
    assert_eq!(server.json(&slow)["percent"], 150);

    // the shift of the day, late to begin with
    let shift = server.json(&["shifts", "list", bus]);
    assert_eq!(shift["state"], "STATE_PLANNED");
    let manifest = server.json(&["vehicles", "manifest", bus]);
    let shift = manifest["shift"].as_str().unwrap().to_owned();
    let check = ["drivers", "check", &shift, "--sober", "--well", "--vehicle-fit", "--alcohol", "0"];
    assert_eq!(server.json(&check)["is_passed"], true);
    assert_eq!(server.json(&["drivers", "show-check", &shift])["is_passed"], true);
    assert_eq!(server.json(&["shifts", "open", &shift])["state"], "STATE_OPEN");
    assert!(server.says(&["vehicles", "list"]).contains(&format!("name  {bus}\n")));
    assert_eq!(server.json(&["vehicles", "at", bus, "-19.0540,-169.9187", "--sequence", "1"])["accepted_count"], 1);

    let driver = server.json(&["drivers", "add", "sato", "--name", "佐藤", "--kind", "volunteer", "--tier", "t0"]);
    let driver = driver["name"].as_str().unwrap();
    assert_eq!(server.json(&["drivers", "change", driver, "--asks-per-week", "3"])["max_asks_per_week"], 3);
    assert_eq!(server.json(&["drivers", "list"])["display_name"], "佐藤");
    assert_eq!(server.says(&["drivers", "asks", driver]), "");

    let sent = server.json(&["messages", "send", bus, "折り返し電話してください"]);
    assert_eq!(server.json(&["messages", "list"]), sent);
    for alert in server.says(&["alerts", "list", "--json"]).lines() {
        let alert: serde_json::Value = serde_json::from_str(alert).unwrap();
        let name = alert["name"].as_str().unwrap();
        assert!(server.json(&["alerts", "ack", name])["acknowledge_time"].is_string());
        assert_eq!(server.json(&["alerts", "note", name, "seen"])["notes"][0]["text"], "seen");
    }
    let probed = server.json(&["probe", "--from", "-19.0540,-169.9187", "--to", "-19.0790,-169.9256", "--at", "+30"]);
    assert_eq!(probed["rides"].as_array().map(Vec::len), Some(1));
    let demand = server.json(&["demand", "--from", "2026-01-01 00:00", "--until", "+60"]);
    assert!(demand["summary"].is_object(), "{demand}");
}

#[test]
fn any_method_is_called_by_name() {
    let (server, _dir) = serve();
    let areas = server.json(&["call", "ListAreas"]);
    assert_eq!(areas["areas"][0]["name"], "areas/niue");
    let vehicles = server.json(&["call", "FleetService/ListVehicles", r#"{"parent": "tenants/alofi"}"#]);
    assert_eq!(vehicles["vehicles"][0]["capacity"]["seats"], 4);

    let mut child = mukae(&["call", "SendMessage", "-", "--json", "--server", &server.address])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let request = r#"{"parent": "areas/niue", "request_id": "m1",
        "message": {"recipient": "tenants/alofi/vehicles/bus", "text": "hello"}}"#;
    child.stdin.take().unwrap().write_all(request.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(last_json(&String::from_utf8(output.stdout).unwrap())["text"], "hello");

    for (args, wanted) in [
        (&["call", "NoSuchMethod"][..], "mukae methods"),
        (&["call", "ListVehicles", "{\"parent\": 7}"], "ListVehiclesRequest"),
        (&["call", "ListVehicles", "{\"paren\": \"x\"}"], "paren"),
        (&["call", "ListVehicles", "parent"], "no JSON"),
        (&["call", "ListVehicles", "{\"parent\": \"alofi\"}"], "INVALID_FIELD"),
        (&["roads", "list", "--dry-run"], "--dry-run"),
        (&["drivers", "change", "tenants/alofi/drivers/sato"], "say what changes"),
    ] {
        let told = server.refuses(args);
        assert!(told.contains(wanted), "{args:?}: {told}");
    }
    assert!(expect_ok(&["methods", "Quote"]).contains("transit.booking.v1.BookingService/Quote  parent origin"));
}

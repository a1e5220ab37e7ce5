//! Two towns on one server, with the one binary: checked, served, asked who used what, and watched.

mod support;

use std::io::{Read, Write};
use std::net::TcpStream;

use support::server::{Server, on_niue};
use support::{expect_error, expect_ok, last_json, text};

fn town(id: &str, tenant: &str) -> String {
    format!(
        r#"
[area]
id = "{id}"
time_zone = "Pacific/Niue"
map = "../niue.map"
snap_limit_m = 500

[journal]
dir = "../journals/{id}"

[[service]]
tenant = "{tenant}"
id = "ride"

[[vehicle]]
tenant = "{tenant}"
id = "bus"
seats = 4

[[shift]]
vehicle = "bus"
days = "daily"
start = "00:00"
end = "23:59"
start_place = [-19.0540, -169.9187]
"#
    )
}

#[test]
fn two_towns_are_checked_served_counted_and_watched() {
    let dir = on_niue();
    let file = |name: &str| text(&dir.path().join(name)).to_owned();
    std::fs::create_dir(file("areas")).unwrap();
    std::fs::create_dir(file("journals")).unwrap();
    let server = "[server]\nlisten = \"127.0.0.1:0\"\nareas = \"areas\"\n\n[metrics]\nlisten = \"127.0.0.1:0\"\n";
    std::fs::write(file("server.toml"), server).unwrap();
    std::fs::write(file("areas/east.toml"), town("east", "hakupu")).unwrap();
    std::fs::write(file("areas/west.toml"), town("west", "hakupu")).unwrap();
    let told = expect_error(&["check", "--config", &file("server.toml")]);
    assert!(told.contains("tenants/hakupu/services/ride") && told.contains("areas/west"), "{told}");
    std::fs::write(file("areas/west.toml"), town("west", "tamakautoga").replace("seats = 4", "seats = 4000")).unwrap();
    let told = expect_error(&["check", "--config", &file("server.toml")]);
    assert!(told.contains("1 of 2 areas"), "{told}");
    std::fs::write(file("areas/west.toml"), town("west", "tamakautoga")).unwrap();
    let told = expect_ok(&["check", "--config", &file("server.toml")]);
    assert!(told.contains("areas/east: 1 services") && told.contains("areas/west: 1 services"), "{told}");

    let mut server = Server::of(&dir.path().join("server.toml"));
    let (address, metrics) = (server.address.clone(), server.next_line("metrics on http://"));
    server.next_line("areas/east: ");
    server.next_line("areas/west: ");

    let told = expect_error(&["area", "--server", &address]);
    assert!(told.contains("--area") && told.contains("areas/east, areas/west"), "{told}");
    let area = last_json(&expect_ok(&["area", "--json", "--server", &address, "--area", "areas/west"]));
    assert_eq!(area["services"][0], "tenants/tamakautoga/services/ride");
    expect_ok(&["list", "--server", &address, "--service", "tenants/hakupu/services/ride"]);

    let (csv, days) = (file("usage.csv"), ["--from", "2026-04-01", "--to", "2026-04-30"]);
    let mut args = vec!["usage", "--server", &address, "--area", "areas/east", "--csv", &csv, "--json"];
    args.extend(days);
    let usage = last_json(&expect_ok(&args));
    assert_eq!((&usage["area"], &usage["total"]["trips"]), (&"areas/east".into(), &0.into()));
    let table = std::fs::read_to_string(&csv).unwrap();
    let first = "tenant,trips,passengers,rider_metres,vehicle_metres,empty_metres,driving_ms,standing_ms,fares_yen";
    assert_eq!(table.lines().next(), Some(first));
    assert_eq!(table.lines().last(), Some("(total),0,0,0,0,0,0,0,0"));

    let (address, path) = metrics.split_once('/').unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(format!("GET /{path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").as_bytes()).unwrap();
    let mut page = String::new();
    stream.read_to_string(&mut page).unwrap();
    for area in ["areas/east", "areas/west"] {
        assert!(page.contains(&format!("mukae_area_up{{area=\"{area}\"}} 1")), "{page}");
    }
}

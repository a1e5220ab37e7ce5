//! The main job, through the real binary: a day is played, killed, and goes on.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Stdio};

use support::{expect_ok, last_json, mukae, text};

const SPEED: &str = "6000";

/// `request s00012 booked as tenants/…/bookings/17 on …`: the booking of each request that was acknowledged.
fn booked(line: &str) -> Option<(String, String)> {
    let (_, rest) = line.split_once("request ")?;
    let (request, rest) = rest.split_once(" booked as ")?;
    Some((request.to_owned(), rest.split(' ').next()?.to_owned()))
}

fn start(data: &str, requests: &str) -> (Child, BufReader<ChildStdout>) {
    let mut child =
        mukae(&["demo", "--data", data, "--requests", requests, "--speed", SPEED, "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
    let lines = BufReader::new(child.stdout.take().expect("stdout is piped"));
    (child, lines)
}

/// A whole small day, killed twice on its way. What was acknowledged before is there after, once.
#[test]
fn a_killed_demo_goes_on_and_no_acknowledged_booking_is_lost_or_doubled() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("journal");
    let mut acknowledged: BTreeMap<String, String> = BTreeMap::new();
    for kill_after in [25, 60] {
        let (mut child, lines) = start(text(&data), "110");
        let mut seen = 0;
        for line in lines.lines() {
            let line = line.expect("the demo prints UTF-8");
            if let Some((request, booking)) = booked(&line) {
                let before = acknowledged.insert(request.clone(), booking.clone());
                assert!(before.is_none_or(|before| before == booking), "{request} was booked twice");
                seen += 1;
            }
            if kill_after <= seen {
                break;
            }
        }
        assert_eq!(seen, kill_after, "the demo ended before it could be killed");
        child.kill().expect("SIGKILL is sent");
        child.wait().expect("it is dead");
    }

    let (child, lines) = start(text(&data), "110");
    let mut last: BTreeMap<String, String> = BTreeMap::new();
    for line in lines.lines() {
        if let Some((request, booking)) = booked(&line.expect("the demo prints UTF-8")) {
            assert!(last.insert(request.clone(), booking).is_none(), "{request} is told twice");
        }
    }
    let output = child.wait_with_output().expect("it ends by itself");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for (request, booking) in &acknowledged {
        assert_eq!(last.get(request), Some(booking), "{request} was acknowledged before the kill");
    }
    assert_eq!(last.values().collect::<BTreeSet<_>>().len(), last.len(), "no booking serves two requests");

    let kpis = last_json(&expect_ok(&["journal", "kpis", text(&data), "--json"]));
    assert_eq!(kpis["unaccounted"], 0);
    assert_eq!(kpis["confirmed"].as_u64(), Some(last.len() as u64), "the journal holds each booking once: {kpis}");
    assert_eq!(kpis["bookings_open"], 0, "the day was played to its end");
    expect_ok(&["journal", "verify", text(&data)]);

    // What a live server wrote is demand: the same riders ask again, and each has one end. Who got no answer before a kill asked
    // twice, and is kept twice here as in the key figures.
    let scenario = dir.path().join("again.toml");
    let journal = format!("name = \"again\"\n[demand]\njournal = {data:?}\nrepeats = \"keep\"\n");
    std::fs::write(&scenario, journal).expect("the directory is there");
    let again = last_json(&expect_ok(&["sim", "run", text(&scenario), "--json", "-"]));
    assert_eq!((again["requests"].as_u64(), again["unaccounted"].as_i64()), (kpis["requests"].as_u64(), Some(0)));
    assert_eq!(again["faults"], 0, "{again}");
}

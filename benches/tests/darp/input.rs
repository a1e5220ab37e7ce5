//! The same town in every format; and what is wrong in a file is told with its place and what would be right.

use std::io::Write;

use mukae_benches::Dice;
use mukae_benches::darp::{Candidate, Instance, Judge, parse, problem, read};
use mukae_units::SeatKind;

const CORDEAU: &str =
    "2 2 480 3 30\n0 0 0 0 0 0 480\n1 3 4 3 1 0 480\n2 0 1 3 2 60 75\n3 0 0 3 -1 100 115\n4 5 5.5 3 -2 0 480\n";
const LILIM: &str = "2 3 1\n0 0 0 0 0 480 0 0 0\n1 3 4 1 0 480 3 0 3\n2 0 1 2 60 75 3 0 4\n3 0 0 -1 100 115 3 1 0\n4 5 5.5 -2 0 480 3 2 0\n";
const HDARP: &str = "2 2\n480 0 3 0 0\n480 1 1 1 1\n0 0 0 0 0 0 0 0 0 0 480\n1 3 4 3 30 0 1 0 0 0 480\n2 0 1 3 30 1 1 0 0 60 75\n\
                     3 0 0 3 0 0 -1 0 0 100 115\n4 5 5.5 3 0 -1 -1 0 0 0 480\n5 0 0 0 0 0 0 0 0 0 480\n";
const JSON: &str = r#"{"K": 2, "Q": 3, "T": 480, "L": 30, "nodes": [[0, 0, 0, 0, 0, 480], [3, 4, 3, 1, 0, 480],
    [0, 1, 3, 2, 60, 75], [0, 0, 3, -1, 100, 115], [5, 5.5, 3, -2, 0, 480]]}"#;
const DYNAMIC: &str = r#"{"static_info": {"instance": "ropke_etal_2007/t", "number_of_vehicles": 2, "vehicle_capacity": 3,
    "max_ride_time": 30, "max_route_time": 480, "planing_horizon": 1440, "depot_location": {"x_coord": 0, "y_coord": 0}},
    "requests": [{"id": 1, "pickup_location": {"x_coord": 3, "y_coord": 4}, "delivery_location": {"x_coord": 0, "y_coord": 0},
    "pickup_lower_tw": 0, "pickup_upper_tw": 480, "pickup_service_time": 3, "delivery_lower_tw": 100,
    "delivery_upper_tw": 115, "delivery_service_time": 3, "load": 1, "arrival_time": 40}, {"id": 2,
    "pickup_location": {"x_coord": 0, "y_coord": 1}, "delivery_location": {"x_coord": 5, "y_coord": 5.5},
    "pickup_lower_tw": 60, "pickup_upper_tw": 75, "pickup_service_time": 3, "delivery_lower_tw": 0,
    "delivery_upper_tw": 480, "delivery_service_time": 3, "load": 2, "arrival_time": 0}]}"#;

#[test]
fn a_town_is_the_same_in_every_format() {
    let cordeau = parse(CORDEAU).unwrap();
    assert_eq!((cordeau.vehicles.len(), cordeau.nodes.len(), cordeau.end), (2, 5, 0));
    assert_eq!(cordeau.length(&[1, 3]), 10.0);
    assert_eq!(parse(JSON).unwrap(), cordeau);
    let dynamic = parse(DYNAMIC).unwrap();
    let reveals: Vec<f64> = dynamic.requests.iter().map(|request| request.reveal).collect();
    assert_eq!(reveals, [40.0, 0.0]);
    let known =
        dynamic.requests.iter().map(|&request| mukae_benches::darp::Request { reveal: 0.0, ..request }).collect();
    assert_eq!(Instance { requests: known, ..dynamic }, cordeau);
    let later = parse(&DYNAMIC.replace("ropke_etal_2007", "cordeau_laporte_2003")).unwrap();
    assert_eq!(later.back.latest, 1440.0, "the end of the horizon");
    let mut lilim = parse(LILIM).unwrap();
    assert!(lilim.requests.iter().all(|request| request.ride_max == f64::INFINITY));
    lilim.requests.iter_mut().for_each(|request| request.ride_max = 30.0);
    lilim.vehicles.iter_mut().for_each(|vehicle| vehicle.out_max = 480.0);
    assert_eq!(lilim, cordeau);
    let hdarp = parse(HDARP).unwrap();
    assert_eq!((hdarp.end, hdarp.requests[1].party[SeatKind::Seat as usize]), (5, 1));
    assert_eq!(hdarp.nodes, cordeau.nodes);
    assert_eq!(parse(&format!("\u{feff}\r\n{}", CORDEAU.replace('\n', "\r\n"))).unwrap(), cordeau);
}

#[test]
fn vehicles_differ() {
    let hdarp = parse(HDARP).unwrap();
    let problem = problem(&hdarp).unwrap();
    let judge = Judge::new(&hdarp, &problem);
    let why = |vehicle, stops: &[usize]| judge.verdict(&Candidate { vehicle, stops: stops.to_vec() }).why;
    // a companion and a patient on two patients' seats; with the other patient all three
    assert_eq!(why(0, &[2, 4, 1, 3]), None);
    assert_eq!(why(1, &[2, 4, 1, 3]), None);
    assert_eq!(why(0, &[2, 1, 4, 3]), None);
    assert_eq!(why(1, &[2, 1, 4, 3]), None, "one of them on the stretcher");
    assert_eq!(why(2, &[1, 3]).as_deref(), Some("there is no vehicle 2"));
    assert_eq!(why(0, &[1, 9]).as_deref(), Some("there is no stop 9"));
    assert_eq!(why(0, &[1, 0]).as_deref(), Some("there is no stop 0"));
    assert_eq!(why(0, &[1, 1]).as_deref(), Some("node 1 is there twice"));
    assert_eq!(why(0, &[3, 1]).as_deref(), Some("node 3 is a dropoff without its pickup before"));
    assert_eq!(why(0, &[1]).as_deref(), Some("who boards at node 1 does not alight"));
    let smaller = parse(&HDARP.replace("480 1 1 1 1", "480 1 1 0 1")).unwrap();
    let problem = mukae_benches::darp::problem(&smaller).unwrap();
    let told = Judge::new(&smaller, &problem).verdict(&Candidate { vehicle: 1, stops: vec![2, 1, 4, 3] }).why;
    assert_eq!(told.as_deref(), Some("the vehicle does not hold who is on board after node 1"));
}

/// In `text` the first `from` is made `to`.
#[track_caller]
fn wrong(text: &str, from: &str, to: &str, expected: &str) {
    assert!(text.contains(from), "{from}");
    let found = match parse(&text.replacen(from, to, 1)) {
        Ok(instance) => format!("{:?}", problem(&instance).map(|_| ())),
        Err(error) => format!("{error:#}"),
    };
    assert!(found.contains(expected), "{found}");
}

#[test]
fn rows_of_cordeau() {
    wrong(CORDEAU, "2 2 480 3 30", "2 3 480 3 30", "line 1, requests: 3 are said to be here, and nodes are for 2; ");
    wrong(
        CORDEAU,
        "4 5 5.5 3 -2 0 480\n",
        "",
        "line 5, node: of an even number of nodes the last, 3, is not the depot",
    );
    wrong(CORDEAU, "2 0 1 3 2", "3 0 1 3 2", "line 4, node: 3 follows 2 nodes; nodes count up from 0");
    wrong(CORDEAU, "2 0 1 3 2", "2 0 one 3 2", "line 4, y: `one` is not right; a number such as 480");
    wrong(CORDEAU, "2 0 1 3 2", "2 0 NaN 3 2", "line 4, y: `NaN` is not right");
    wrong(CORDEAU, "2 0 1 3 2", "2 0 inf 3 2", "line 4, y: `inf` is not right");
    wrong(CORDEAU, "2 0 1 3 2", "2 0 1 -3 2", "line 4, service: -3 is negative; minutes, not negative");
    wrong(CORDEAU, "60 75", "-60 75", "line 4, earliest: -60 is negative");
    wrong(
        CORDEAU,
        "60 75",
        "75 60",
        "line 4, latest: 60 is before earliest, 75; the window ends when it begins, or later",
    );
    wrong(CORDEAU, "3 -2 0", "3 -1 0", "line 4, load: 2 board at node 2, -1 at node 4; as many alight as board");
    wrong(CORDEAU, "2 0 1 3 2", "2 0 1 3 1.5", "line 4, load: 1.5 is not right; how many persons");
    wrong(CORDEAU, "60 75", "60", "line 4, latest: it is missing");
    wrong(CORDEAU, "60 75", "60 75 1", "line 4, row: `1` is one too many");
    wrong(CORDEAU, "2 2 480", "0 2 480", "line 1, vehicles: 0 is not right; how many, 1 to 10000");
    wrong(
        CORDEAU,
        "0 0 0 0 0 0 480",
        "0 0 0 90 0 460 480",
        "the depot: vehicle 0 sets out at 460 at the earliest and is not back",
    );
    wrong(CORDEAU, "1 3 4", "1 900000 4", "from node 0 to node 1 it is 900000.0000");
}

#[test]
fn rows_of_li_and_lim() {
    wrong(LILIM, "2 3 1\n", "0 3 1\n", "line 1, vehicles: 0 is not right");
    wrong(LILIM, "3 0 4", "3 0 7", "line 4, dropoff: there is no node 7; the number of the partner's row");
    wrong(LILIM, "3 0 4", "3 0 0", "line 4, pickup: node 2 is told pickup 0 and dropoff 0; its partner in one of them");
    wrong(
        LILIM,
        "3 0 4",
        "3 0 3",
        "line 4, dropoff: node 3 is the partner of node 2, and names 1 as its own; two nodes",
    );
    wrong(LILIM, "3 2 0\n", "3 1 0\n", "line 4, dropoff: node 4 is the partner of node 2, and names 1 as its own");
    wrong(
        LILIM,
        "4 5 5.5 -2",
        "4 5 5.5 -1",
        "line 4, load: 2 is put in at node 2, -1 at node 4; as much leaves as is put in",
    );
    wrong(LILIM, "0 0 0 0 0 480", "0 0 0 5 0 480", "line 2, node: the depot has a load or a partner; 0 for all three");
    wrong(LILIM, "60 75", "75 60", "line 4, latest: 60 is before earliest, 75");
    wrong(LILIM, "1 2 60", "1 2000 60", "line 4, load: 2000 is not right; how much, -1023 to 1023");
    wrong("2 3 1\n", "2 3 1\n", "2 3 1\n", "line 1, nodes: there are none; the depot, and two for each request");
    wrong("2 3 1\n", "2 3 1\n", "2 3 1\n0 0 0 0 0 480 0 0 0\n", "there are no requests");
}

#[test]
fn rows_with_kinds_of_places() {
    wrong(HDARP, "2 2\n", "9 2\n", "line 4, row: `0` is one too many");
    wrong("3 1\n1 1 1 1 1\n", "3 1", "3 1", "line 1, vehicles: 3 are said to be here, and 1 are; a row for each");
    wrong(
        HDARP,
        "2 2\n",
        "2 3\n",
        "line 1, requests: 3 are said to be here, and there are 6 nodes; the depot, a pickup",
    );
    wrong(HDARP, "5 0 0 0 0 0 0 0 0 0 480\n", "", "line 1, requests: 2 are said to be here, and there are 5 nodes");
    wrong(
        HDARP,
        "0 -1 -1 0 0",
        "0 -1 0 0 0",
        "line 6, staff to wheelchairs: [1, 1, 0, 0] board at node 2, [-1, 0, 0, 0] at node 4",
    );
    wrong(HDARP, "480 1 1 1 1", "480 1 1 1 300", "line 3, wheelchair places: 300 is not right; how many, 0 to 255");
    wrong(
        HDARP,
        "0 0 0 0 0 0 0",
        "0 0 0 0 0 1 0",
        "line 4, node: somebody boards or alights at the depot; 0 of each kind",
    );
    wrong(HDARP, "30 0 1 0 0", "30 0 0 0 0", "line 5, staff to wheelchairs: [0, 0, 0, 0] board at node 1");
}

#[test]
fn members_of_json() {
    let matrix = |rows: &str| format!(r#"{{"matrix": {rows}, "K""#);
    wrong(JSON, "{\"K\"", &matrix("[[0]]"), "matrix: it has 1 entries; 5: a row for each node");
    wrong(JSON, "{\"K\"", &matrix("[[0],[0],[0],[0],[0]]"), "matrix[0]: it has 1 entries; 5: a number for each node");
    let row = "[0,1,1,1,1]";
    let rows = |last: &str| matrix(&format!("[{row},{row},{row},{row},{last}]"));
    wrong(JSON, "{\"K\"", &rows("[1,1,-1,1,0]"), "matrix[4][2]: -1 is negative; 0 or more");
    wrong(JSON, "{\"K\"", &rows("[1,1,null,1,0]"), "matrix[4][2]: `null` is not right; a number");
    wrong(
        JSON,
        ", [5, 5.5, 3, -2, 0, 480]",
        "",
        "nodes: there are 4; the depot, a pickup and a dropoff for each request: an odd",
    );
    wrong(JSON, "-2, 0, 480", "-2, 0", "nodes[4]: it has 5 entries; 6: x, y, service, load, earliest, latest");
    wrong(JSON, "-2, 0, 480", "-1, 0, 480", "nodes[2]: 2 board at node 2, -1 at node 4; as many alight as board");
    wrong(JSON, "60, 75", "75, 60", "nodes[2][5]: 60 is before the earliest, 75; the window ends");
    wrong(JSON, "60, 75", "-60, 75", "nodes[2][4]: -60 is negative");
    wrong(JSON, "60, 75", "NaN, 75", "the file begins as JSON and is not: expected value at line 2");
    wrong(JSON, "60, 75", "1e400, 75", "the file begins as JSON and is not: number out of range at line 2");
    wrong(JSON, "\"K\": 2", "\"K\": 0", "K: 0 is not right; a whole number, 1 to");
    wrong(JSON, "\"K\": 2, \"Q\": 3", "\"vehicles\": []", "vehicles: there is none; one vehicle at least");
    wrong(JSON, "\"Q\": 3", "\"vehicles\": [{}]", "vehicles[0].capacity: it is missing");
    let three = "\"vehicles\": [{\"capacity\": 3}, {\"capacity\": 3}, {\"capacity\": 2}]";
    wrong(JSON, "\"Q\": 3", three, "vehicles: there are 3, and `K` is 2; as many as `K`, one, or no `K`");
    wrong(JSON, "\"Q\": 3, ", "", "Q: it is missing");
    wrong(
        JSON,
        "\"L\": 30",
        "\"max_ride\": {\"3\": 5}",
        "max_ride.3: there is no such request; the number of a pickup, 1 to 2",
    );
    wrong(JSON, "\"L\": 30", "\"max_ride\": {\"1\": -5}", "max_ride.1: -5 is negative");
    wrong(JSON, "\"nodes\"", "\"knots\"", "there is neither `nodes` nor `static_info`");
    wrong(JSON, "[0, 0, 0, 0, 0, 480]", "[0, 0, 0, 1, 0, 480]", "nodes[0]: load 1 at the depot; load 0");
    let one = parse(&JSON.replace("\"Q\": 3", "\"vehicles\": [{\"capacity\": 3}]")).unwrap();
    assert_eq!(one, parse(JSON).unwrap(), "one vehicle, `K` times");
    let many = parse(&JSON.replace("\"K\": 2, \"Q\": 3", "\"Q\": 100000")).unwrap();
    assert_eq!(many.vehicles, parse(JSON).unwrap().vehicles, "as many as are of use, with as many places");
}

#[test]
fn members_of_the_dynamic_form() {
    wrong(DYNAMIC, "\"id\": 2", "\"id\": 3", "requests[1].id: 3 follows 1 requests; requests count up from 1");
    wrong(DYNAMIC, "\"load\": 2", "\"load\": 0", "requests[1].load: 0 is not right; a whole number, 1 to 1023");
    wrong(
        DYNAMIC,
        "\"arrival_time\": 40",
        "\"arrival_time\": \"9\"",
        "requests[0].arrival_time: `\"9\"` is not right; a number",
    );
    wrong(
        DYNAMIC,
        "\"y_coord\": 5.5",
        "\"y\": 5.5",
        "requests[1].delivery_location.y_coord: it is missing; this member",
    );
    wrong(
        DYNAMIC,
        "\"number_of_vehicles\": 2",
        "\"number_of_vehicles\": 0",
        "static_info.number_of_vehicles: 0 is not right",
    );
    wrong(
        DYNAMIC,
        "\"pickup_upper_tw\": 75",
        "\"pickup_upper_tw\": 5",
        "requests[1].pickup_upper_tw: 5 is before the earliest, 60",
    );
}

#[test]
fn whatever_the_file_is() {
    wrong("x", "x", " \n", "the file is empty; an instance is right");
    wrong(
        "x",
        "x",
        "x y z a",
        "line 1: the first row has 4 words; 5 numbers (Cordeau), 3 (Li and Lim), 2 (heterogeneous)",
    );
    wrong("x", "x", "{", "the file begins as JSON and is not: EOF while parsing");
    let told = |bytes: &[u8]| {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        format!("{:#}", read(file.path()).unwrap_err())
    };
    assert_eq!(told(b"\xff\xfe1 2"), "the file is not text in UTF-8");
    assert_eq!(told(b""), "the file is empty; an instance is right");
    let large = tempfile::NamedTempFile::new().unwrap();
    large.as_file().set_len(1 << 29).unwrap();
    let told = format!("{:#}", read(large.path()).unwrap_err());
    assert!(told.starts_with("the file has more than 268435456 bytes"), "{told}");
}

#[test]
fn no_damage_is_too_much() {
    let (mut dice, bits) = (Dice(1), ["-", "9", " ", "\n", "é", "1e9", "{", "]", ",", "\"", "null", "1e-9"]);
    for text in [CORDEAU, LILIM, HDARP, JSON, DYNAMIC] {
        for _ in 0..20_000 {
            let mut damaged = text.to_owned();
            for _ in 0..=dice.below(2) {
                let at = dice.below(damaged.len() as u64) as usize;
                let Some(rest) = damaged.get(at + 1..) else { continue };
                let Some(before) = damaged.get(..at) else { continue };
                damaged = format!("{before}{}{rest}", bits[dice.below(bits.len() as u64) as usize]);
            }
            let Ok(instance) = parse(&damaged) else { continue };
            if let Ok(problem) = problem(&instance) {
                let judge = Judge::new(&instance, &problem);
                judge.verdict(&Candidate { vehicle: 0, stops: vec![1, 2, 3, 4] });
            }
        }
    }
}

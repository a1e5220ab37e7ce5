use super::*;
use crate::demand::WishKind;
use mukae_engine::model::Channel;
use mukae_units::{LatLon, Seats, Span, TimeWindow};

const HEADER: &str = "request_id,created_at,earliest,latest,from_lat,from_lon,to_lat,to_lon,seats,wheelchairs,kind\n";
const GOOD: &str = "r1,2026-11-22T07:00:00+09:00,2026-11-22T08:00:00+09:00,2026-11-22T08:30:00+09:00,54.1,-4.5,54.2,-4.6,1,0,depart_after\n";

/// Reads the header and these lines; the ids of good rows, then every problem.
fn check(lines: &str, expected: &[&str]) {
    let table = read(format!("{HEADER}{lines}").as_bytes(), Strictness::Lenient).unwrap();
    let mut found: Vec<String> = table.rows.iter().map(|row| row.id.clone()).collect();
    found.extend(table.problems.iter().map(RowProblem::to_string));
    assert_eq!(found, expected, "{lines}");
}

#[test]
fn bad_rows_are_told_and_good_ones_kept() {
    let bad = |column: usize, text: &str| {
        let mut cells: Vec<&str> = GOOD.trim().split(',').collect();
        cells[0] = "r2";
        cells[column] = text;
        format!("{GOOD}{}\n", cells.join(","))
    };
    let time = "RFC 3339 with a zone is right, such as 2026-11-22T08:30:00+09:00";
    check(GOOD, &["r1"]);
    check(&bad(0, ""), &["r1", "line 3, request_id: it is empty; every request has an id of its own"]);
    check(
        &bad(0, "r1"),
        &["r1", "line 3, request_id: `r1` is the id of line 2 too; every request has an id of its own"],
    );
    check(
        &bad(1, "2026-11-22T07:00:00"),
        &["r1", &format!("line 3, created_at: `2026-11-22T07:00:00` has no zone; {time}")],
    );
    check(&bad(2, "8 o'clock"), &["r1", &format!("line 3, earliest: `8 o'clock` is not a time; {time}")]);
    check(
        &bad(2, "2026-02-30T08:00:00Z"),
        &["r1", &format!("line 3, earliest: `2026-02-30T08:00:00Z` is not a time; {time}")],
    );
    check(
        &bad(3, "2026-11-21T23:00:00+09:00"),
        &["r1", "line 3, latest: it is 9:00:00 before earliest; the window ends when it begins, or later"],
    );
    check(&bad(4, "91"), &["r1", "line 3, from_lat: `91` is off the globe; -90 to 90 degrees are on it"]);
    check(&bad(5, "-180.5"), &["r1", "line 3, from_lon: `-180.5` is off the globe; -180 to 180 degrees are on it"]);
    check(&bad(6, "NaN"), &["r1", "line 3, to_lat: `NaN` is off the globe; -90 to 90 degrees are on it"]);
    check(
        &bad(7, "W4.5"),
        &["r1", "line 3, to_lon: `W4.5` is not a number; decimal degrees are right, such as 54.1500"],
    );
    check(&bad(8, "-1"), &["r1", "line 3, seats: `-1` is not a count; 0 to 255 are right"]);
    check(&bad(8, "0"), &["r1", "line 3, seats: nobody travels; seats and wheelchairs together are at least 1"]);
    check(&bad(9, "1.0"), &["r1", "line 3, wheelchairs: `1.0` is not a count; 0 to 255 are right"]);
    check(&bad(10, "leave_at"), &["r1", "line 3, kind: `leave_at` is no kind; depart_after or arrive_by is right"]);
    check(
        &format!("{GOOD}r2,2026\n"),
        &[
            "r1",
            "line 3, row: 2 columns; 11 are right; a decimal point is a point, and text with a comma stands in quotes",
        ],
    );
    check("", &[]);
}

#[test]
fn every_problem_of_a_row_is_told() {
    let row = "r9,noon,2026-11-22T08:00:00Z,2026-11-22T09:00:00Z,54.1,-4.5,54.2,400,x,0,arrive_by\n";
    let table = read(format!("{HEADER}{row}{GOOD}").as_bytes(), Strictness::Lenient).unwrap();
    let columns: Vec<&str> = table.problems.iter().map(|problem| problem.column).collect();
    assert_eq!(
        (columns.as_slice(), table.dropped, table.rows.len()),
        (["created_at", "to_lon", "seats"].as_slice(), 1, 1)
    );
}

#[test]
fn strict_stops_at_the_first() {
    let text = format!("{HEADER}{GOOD}r2,x\nr3,y\n");
    let error = read(text.as_bytes(), Strictness::Strict).unwrap_err();
    assert!(error.to_string().starts_with("line 3, row: 2 columns"), "{error}");
}

#[test]
fn bytes_that_are_no_text_are_a_problem_of_their_row() {
    let mut text = format!("{HEADER}{GOOD}").into_bytes();
    text.extend(GOOD.replace("r1", "r\u{1}").bytes().map(|byte| if byte == 1 { 0xff } else { byte }));
    let table = read(text.as_slice(), Strictness::Lenient).unwrap();
    assert_eq!(table.problems[0].to_string(), "line 3, request_id: the bytes are not UTF-8; save the file as UTF-8");
}

#[test]
fn headers() {
    let error = |header: &str| read(header.as_bytes(), Strictness::Lenient).unwrap_err().to_string();
    assert!(error("").starts_with("the table is empty; its first line is request_id,"));
    let renamed = error(&HEADER.replace("from_lat", "lat").replace("kind", "KIND"));
    assert!(renamed.starts_with("line 1: missing: from_lat, kind; not known: lat, KIND; the columns are"), "{renamed}");
    let twice = error(&HEADER.replace("kind", "kind,kind"));
    assert!(twice.starts_with("line 1: there twice: kind;"), "{twice}");
    assert!(error(GOOD).starts_with("line 1: missing: request_id,"), "a file without a header");
}

#[test]
fn channel_and_purpose_may_be_said() {
    let header = HEADER.replace("kind", "kind,channel,purpose");
    let good = |id: &str, more: &str| format!("{}{more}\n", GOOD.trim().replace("r1", id));
    let text = [header, good("r1", ",phone,病院"), good("r2", ""), good("r3", ",,"), good("r4", ",fax,x")].concat();
    let table = read(text.as_bytes(), Strictness::Lenient).unwrap();
    let found: Vec<_> = table.rows.iter().map(|row| (row.channel, row.purpose.as_str())).collect();
    assert_eq!(found, [(Channel::Phone, "病院"), (Channel::Partner, ""), (Channel::Partner, "")]);
    let known = "unknown, phone, line, web, app, voice_agent, staff, partner";
    let told: Vec<String> = table.problems.iter().map(RowProblem::to_string).collect();
    assert_eq!(told, [format!("line 5, channel: `fax` is no channel; one of {known} is right")]);
}

#[test]
fn spreadsheets_may_add_a_mark_spaces_and_another_order() {
    let text = "\u{feff}kind,wheelchairs,seats,to_lon,to_lat,from_lon,from_lat,latest,earliest,created_at,request_id\r\n\
                arrive_by, 1 ,0,-4.6,54.2,-4.5,54.1,2026-11-22T09:00:00Z,2026-11-22T08:00:00Z,2026-11-21T10:00:00Z,\"a, b\"\r\n\r\n";
    let table = read(text.as_bytes(), Strictness::Strict).unwrap();
    let row = &table.rows[0];
    assert_eq!((row.id.as_str(), row.kind, row.party), ("a, b", WishKind::ArriveBy, Seats::new(0, 1)));
    assert_eq!(row.from, LatLon::from_degrees(54.1, -4.5).unwrap());
}

#[test]
fn what_is_written_is_read_back_sorted() {
    let at = |secs: i64| Time::from_unix_millis(1_795_000_000_000 + secs * 1000);
    let row = |id: &str, made: Time, kind, lat: i32| RequestRow {
        line: 0,
        id: id.to_owned(),
        created_at: made,
        window: TimeWindow::new(at(3600), at(5400)).unwrap(),
        kind,
        from: LatLon::from_e7(lat, -1_699_200_001).unwrap(),
        to: LatLon::from_e7(-190_500_000, 9).unwrap(),
        party: Seats::new(2, 1),
        channel: Channel::Line,
        purpose: "medical".to_owned(),
    };
    let rows = [
        row("later, too", at(60) + Span::from_millis(7), WishKind::ArriveBy, -5),
        row("sooner", at(0), WishKind::DepartAfter, 541_234_567),
    ];
    for zone in ["UTC", "Asia/Tokyo", "Pacific/Niue"] {
        let mut bytes = Vec::new();
        write(&rows, &TimeZone::get(zone).unwrap(), &mut bytes).unwrap();
        let mut table = read(bytes.as_slice(), Strictness::Strict).unwrap();
        table.rows.iter_mut().for_each(|row| row.line = 0);
        assert_eq!(table.rows, [rows[1].clone(), rows[0].clone()], "{}", String::from_utf8_lossy(&bytes));
    }
    let mut bytes = Vec::new();
    write(&rows[..1], &TimeZone::get("Asia/Tokyo").unwrap(), &mut bytes).unwrap();
    let line = String::from_utf8(bytes).unwrap().lines().nth(1).unwrap().to_owned();
    assert_eq!(
        line,
        "\"later, too\",2026-11-18T20:07:40.007+09:00,2026-11-18T21:06:40+09:00,2026-11-18T21:36:40+09:00,-0.0000005,-169.9200001,-19.0500000,0.0000009,2,1,arrive_by,line,medical"
    );
}

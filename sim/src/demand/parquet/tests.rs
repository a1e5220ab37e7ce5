use std::io::{Seek, Write};
use std::path::PathBuf;

use super::*;
use crate::demand::csv;
use crate::demand::{RowProblem, WishKind};
use jiff::tz::TimeZone;
use mukae_engine::model::Channel;
use mukae_units::{LatLon, Seats, Span, Time, TimeWindow};

/// Written by pyarrow 26.0.1 with `make.py` beside them.
fn data(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/data/parquet/{name}.parquet"))
}

fn read_data(name: &str, strictness: Strictness) -> Result<Table, ReadTableError> {
    read(File::open(data(name)).unwrap(), strictness)
}

fn file_of(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file.rewind().unwrap();
    file
}

/// As `make.py` has it.
fn row(number: i64) -> RequestRow {
    let made = Time::from_unix_millis(1_795_298_400_000) + Span::MINUTE * number; // 2026-11-22T07:00:00+09:00
    RequestRow {
        line: number as u64 + 1,
        id: format!("r{number}"),
        created_at: made,
        window: TimeWindow::new(made + Span::HOUR, made + Span::MINUTE * 90).unwrap(),
        kind: if number % 4 == 3 { WishKind::ArriveBy } else { WishKind::DepartAfter },
        from: LatLon::from_degrees(54.1509 + number as f64 / 1000.0, -4.4815).unwrap(),
        to: LatLon::from_degrees(54.2260, -4.6931).unwrap(),
        party: Seats::new(1 + (number % 2) as u8, (number % 3 / 2) as u8),
        channel: Channel::Partner,
        purpose: String::new(),
    }
}

#[test]
fn another_writers_files_are_read_however_they_are_stored() {
    let expected: Vec<RequestRow> = (0..12).map(row).collect();
    for name in ["snappy", "zstd", "gzip"] {
        let table = read_data(name, Strictness::Strict).unwrap();
        assert_eq!(table.rows, expected, "{name}");
        assert!(table.problems.is_empty() && table.dropped == 0, "{name}");
    }
}

#[test]
fn bad_rows_are_told_like_those_of_text_and_good_ones_kept() {
    let table = read_data("bad", Strictness::Lenient).unwrap();
    let problems: Vec<String> = table.problems.iter().map(RowProblem::to_string).collect();
    let (own, time) = ("every request has an id of its own", "RFC 3339 with a zone is right");
    let expected = [
        "line 2, seats: it is null; 0 to 255 are right".to_owned(),
        format!("line 3, request_id: it is null; {own}"),
        format!("line 3, created_at: it is null; {time}, such as 2026-11-22T08:30:00+09:00"),
        format!("line 4, request_id: `r0` is the id of line 1 too; {own}"),
        "line 5, latest: it is 1:04:00 before earliest; the window ends when it begins, or later".to_owned(),
        "line 6, from_lat: `NaN` is off the globe; -90 to 90 degrees are on it".to_owned(),
        "line 6, seats: `300` is not a count; 0 to 255 are right".to_owned(),
        "line 7, kind: `leave_at` is no kind; depart_after or arrive_by is right".to_owned(),
        "line 8, wheelchairs: `-1` is not a count; 0 to 255 are right".to_owned(),
        "line 8, kind: it is null; depart_after or arrive_by is right".to_owned(),
    ];
    assert_eq!(problems, expected);
    let ids: Vec<&str> = table.rows.iter().map(|row| row.id.as_str()).collect();
    assert_eq!((ids, table.dropped), (vec!["r0", "r8"], 7));
    let error = read_data("bad", Strictness::Strict).unwrap_err().to_string();
    assert!(error.starts_with("line 2, seats: it is null"), "{error}");
}

#[test]
fn times_without_a_zone_are_an_error_of_the_file() {
    let error = read_data("local", Strictness::Lenient).unwrap_err().to_string();
    let right = "created_at holds timestamps without a zone; a timestamp in UTC, or text in RFC 3339, is right";
    assert!(error.starts_with(right), "{error}");
}

/// Both carriers hold the same, and each reads what it wrote.
#[test]
fn what_is_written_is_read_back_and_is_what_text_says() {
    let mut rows: Vec<RequestRow> = (0..10_000).map(row).collect();
    rows[7].from = LatLon::from_e7(-1, 1_799_999_999).unwrap();
    rows[9].id = "名, \"x\"".to_owned();
    rows[11].created_at += Span::from_millis(7);
    rows.reverse();
    let (mut bytes, mut text) = (Vec::new(), Vec::new());
    write(&rows, &mut bytes).unwrap();
    csv::write(&rows, &TimeZone::UTC, &mut text).unwrap();
    let unnumbered = |mut table: Table| {
        table.rows.iter_mut().for_each(|row| row.line = 0);
        table
    };
    let table = unnumbered(read(file_of(&bytes), Strictness::Strict).unwrap());
    assert_eq!(table, unnumbered(csv::read(text.as_slice(), Strictness::Strict).unwrap()));
    assert_eq!(table.rows.len(), 10_000);
    let mut none = Vec::new();
    write(&[], &mut none).unwrap();
    assert_eq!(read(file_of(&none), Strictness::Strict).unwrap(), Table::default());
}

#[test]
fn columns_must_be_there_and_hold_what_they_should() {
    let with = |fields: Vec<Type>| {
        let fields = fields.into_iter().map(Arc::new).collect();
        let schema = Type::group_type_builder("x").with_fields(fields).build().unwrap();
        let mut bytes = Vec::new();
        let writer = SerializedFileWriter::new(&mut bytes, Arc::new(schema), Arc::default()).unwrap();
        writer.close().unwrap();
        read(file_of(&bytes), Strictness::Lenient).unwrap_err().to_string()
    };
    let all = |changed: &str, to: Kind| {
        let changed = |column: &columns::Column| if column.name == changed { to } else { column.kind };
        COLUMNS
            .iter()
            .map(|column| store::field(columns::Column { kind: changed(column), ..*column }).unwrap())
            .collect()
    };
    let missing = with(vec![store::field(COLUMNS[0]).unwrap()]);
    assert!(missing.starts_with("missing: created_at, earliest, "), "{missing}");
    let text = with(all("seats", Kind::Degrees));
    assert!(text.starts_with("seats holds DOUBLE; a whole number is right; the columns are request_id,"), "{text}");
    let whole = with(all("earliest", Kind::Count));
    assert!(whole.starts_with("earliest holds INT32; a timestamp in UTC, or text in RFC 3339, is right"), "{whole}");
    let time = with(all("request_id", Kind::Time));
    assert!(time.starts_with("request_id holds timestamps; text is right"), "{time}");
}

/// Cut or changed anywhere, a file is read or refused, and nothing breaks.
#[test]
fn no_damage_is_too_much() {
    let whole = std::fs::read(data("snappy")).unwrap();
    for length in 0..whole.len() {
        assert!(read(file_of(&whole[..length]), Strictness::Lenient).is_err(), "cut to {length}");
    }
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x55;
        match read(file_of(&bytes), Strictness::Lenient) {
            Ok(table) => assert!(table.rows.len() + table.dropped <= 12, "byte {at}"),
            Err(error) => assert!(!error.to_string().is_empty(), "byte {at}"),
        }
    }
}

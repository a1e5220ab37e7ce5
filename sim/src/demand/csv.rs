//! Requests as a table of comma-separated values. The format is written down in `docs/demand-csv.md`.
//!
//! Rows that can not be used are listed and the others kept, or, when strict, the first one ends the
//! reading. Rows may stand in any order; they come back sorted by when they were made.

mod row;

use std::collections::BTreeMap;
use std::io::{Read, Write};

use ::csv::{ByteRecord, ReaderBuilder, Trim, WriterBuilder};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use mukae_units::{SeatKind, Time};
use thiserror::Error;

use super::{RequestRow, RowProblem, WishKind};

/// The header, in the order written; a file may have its columns in another order, and do without those after the first
/// [`NEEDED`].
pub const COLUMNS: [&str; 13] = [
    "request_id",
    "created_at",
    "earliest",
    "latest",
    "from_lat",
    "from_lon",
    "to_lat",
    "to_lon",
    "seats",
    "wheelchairs",
    "kind",
    "channel",
    "purpose",
];
const NEEDED: usize = 11;

/// What to do about a row that can not be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Strictness {
    /// List it and go on.
    Lenient,
    /// Stop at the first.
    Strict,
}

/// What a file holds.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Table {
    /// By the time they were made, then by id.
    pub rows: Vec<RequestRow>,
    /// In the order of the file; a row may have several.
    pub problems: Vec<RowProblem>,
    /// Rows that are not used because of their problems.
    pub dropped: usize,
}

#[derive(Debug, Error)]
pub enum ReadTableError {
    #[error("can not read the table: {0}")]
    Io(#[from] ::csv::Error),
    #[error("the table is empty; its first line is {}", COLUMNS[..NEEDED].join(","))]
    Empty,
    #[error("line 1: {problem}; the columns are {}, and {} if you like", COLUMNS[..NEEDED].join(","), COLUMNS[NEEDED..].join(","))]
    Header { problem: String },
    #[error("{0}")]
    Row(RowProblem),
}

/// Reads a whole table.
pub fn read(source: impl Read, strictness: Strictness) -> Result<Table, ReadTableError> {
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).trim(Trim::All).from_reader(source);
    let mut record = ByteRecord::new();
    if !reader.read_byte_record(&mut record)? {
        return Err(ReadTableError::Empty);
    }
    let header = row::Header { width: record.len(), column_of: columns(&record)? };
    let mut table = Table::default();
    let mut line_of: BTreeMap<String, u64> = BTreeMap::new();
    while reader.read_byte_record(&mut record)? {
        let line = record.position().map_or(0, |position| position.line());
        let before = table.problems.len();
        match row::parse(line, &record, &header, &mut line_of, &mut table.problems) {
            Some(row) => table.rows.push(row),
            None if strictness == Strictness::Strict => {
                return Err(ReadTableError::Row(table.problems.swap_remove(before)));
            }
            None => table.dropped += 1,
        }
    }
    table.rows.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
    Ok(table)
}

/// For each of [`COLUMNS`] its position in this file, if it is there.
fn columns(header: &ByteRecord) -> Result<[Option<usize>; COLUMNS.len()], ReadTableError> {
    const BYTE_ORDER_MARK: char = '\u{feff}';
    let names: Vec<String> = header
        .iter()
        .map(|name| String::from_utf8_lossy(name).trim_start_matches(BYTE_ORDER_MARK).trim().to_owned())
        .collect();
    let is_there = |column: &&str| names.iter().any(|name| name == column);
    let missing: Vec<&str> = COLUMNS[..NEEDED].iter().copied().filter(|column| !is_there(column)).collect();
    let unknown: Vec<&str> = names.iter().map(String::as_str).filter(|name| !COLUMNS.contains(name)).collect();
    let twice: Vec<&str> =
        COLUMNS.into_iter().filter(|column| 1 < names.iter().filter(|name| name == column).count()).collect();
    let mut said = Vec::new();
    for (what, names) in [("missing", missing), ("not known", unknown), ("there twice", twice)] {
        if !names.is_empty() {
            said.push(format!("{what}: {}", names.join(", ")));
        }
    }
    if said.is_empty() {
        Ok(COLUMNS.map(|column| names.iter().position(|name| name == column)))
    } else {
        Err(ReadTableError::Header { problem: said.join("; ") })
    }
}

/// Writes rows in the order given, times with the offset of `zone`.
pub fn write(rows: &[RequestRow], zone: &TimeZone, sink: impl Write) -> Result<(), ::csv::Error> {
    let mut writer = WriterBuilder::new().from_writer(sink);
    writer.write_record(COLUMNS)?;
    for row in rows {
        let kind = match row.kind {
            WishKind::DepartAfter => row::DEPART_AFTER,
            WishKind::ArriveBy => row::ARRIVE_BY,
        };
        writer.write_record([
            row.id.clone(),
            text_of(row.created_at, zone),
            text_of(row.window.earliest(), zone),
            text_of(row.window.latest(), zone),
            degrees(row.from.lat_e7()),
            degrees(row.from.lon_e7()),
            degrees(row.to.lat_e7()),
            degrees(row.to.lon_e7()),
            row.party.of(SeatKind::Seat).to_string(),
            row.party.of(SeatKind::Wheelchair).to_string(),
            kind.to_owned(),
            row::channel_name(row.channel).to_owned(),
            row.purpose.clone(),
        ])?;
    }
    writer.flush()?;
    Ok(())
}

/// RFC 3339 with the offset; milliseconds only if there are any.
fn text_of(time: Time, zone: &TimeZone) -> String {
    let stamp = Timestamp::from_millisecond(time.as_unix_millis()).expect("times come from civil dates");
    let format = if time.as_unix_millis() % 1000 == 0 { "%Y-%m-%dT%H:%M:%S%:z" } else { "%Y-%m-%dT%H:%M:%S%.3f%:z" };
    stamp.to_zoned(zone.clone()).strftime(format).to_string()
}

/// All seven digits, exactly.
pub(super) fn degrees(e7: i32) -> String {
    let sign = if e7 < 0 { "-" } else { "" };
    let magnitude = e7.unsigned_abs();
    format!("{sign}{}.{:07}", magnitude / 10_000_000, magnitude % 10_000_000)
}

#[cfg(test)]
mod tests;

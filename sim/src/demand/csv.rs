//! Requests as a table of comma-separated values. The format is written down in `docs/demand-csv.md`.
//!
//! Rows that can not be used are listed and the others kept, or, when strict, the first one ends the
//! reading. Rows may stand in any order; they come back sorted by when they were made.

use std::collections::BTreeMap;
use std::io::{Read, Write};

use ::csv::{ByteRecord, ReaderBuilder, Trim, WriterBuilder};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use mukae_units::Time;
use thiserror::Error;

use super::columns::{self, COLUMNS, Cell};
use super::row::{self, Found};
use super::{RequestRow, RowProblem};

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
    #[error("the table is empty; its first line is {}", columns::needed())]
    Empty,
    #[error("line 1: {problem}; the columns are {}", columns::list())]
    Header { problem: String },
    #[error("can not read the table: {0}")]
    Parquet(#[from] parquet::errors::ParquetError),
    /// Of a file that says itself what its columns are.
    #[error("{problem}; the columns are {}", columns::list())]
    Columns { problem: String },
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
    let position_of = positions(&record)?;
    let width = record.len();
    let needed = COLUMNS.iter().zip(position_of).filter(|(column, _)| !column.is_optional);
    let width_min = needed.filter_map(|(_, position)| position).max().map_or(0, |last| last + 1);
    let mut filling = Filling::new(strictness);
    while reader.read_byte_record(&mut record)? {
        let line = record.position().map_or(0, |position| position.line());
        // cells at the end that need not be there may be left out
        if (width_min..=width).contains(&record.len()) {
            let found =
                |position: Option<usize>| position.and_then(|at| record.get(at)).map_or(Found::Absent, Found::Bytes);
            filling.row(line, &position_of.map(found))?;
        } else {
            filling.another_width(line, (record.len(), width))?;
        }
    }
    Ok(filling.finish())
}

/// A table in the making, row by row; all carriers fill it alike.
pub(super) struct Filling {
    strictness: Strictness,
    table: Table,
    line_of: BTreeMap<String, u64>,
}

impl Filling {
    pub(super) fn new(strictness: Strictness) -> Filling {
        Filling { strictness, table: Table::default(), line_of: BTreeMap::new() }
    }

    /// One row, whose cells are in the order of [`COLUMNS`].
    pub(super) fn row(&mut self, line: u64, found: &[Found<'_>; COLUMNS.len()]) -> Result<(), ReadTableError> {
        let before = self.table.problems.len();
        match row::parse(line, found, &mut self.line_of, &mut self.table.problems) {
            Some(row) => self.table.rows.push(row),
            None => self.drop(before)?,
        }
        Ok(())
    }

    fn another_width(&mut self, line: u64, (width, header): (usize, usize)) -> Result<(), ReadTableError> {
        let right = format!("{header} are right; a decimal point is a point, and text with a comma stands in quotes");
        let before = self.table.problems.len();
        self.table.problems.push(RowProblem { line, column: "row", wrong: format!("{width} columns"), right });
        self.drop(before)
    }

    /// The row is not used, because of the problems since `before`.
    fn drop(&mut self, before: usize) -> Result<(), ReadTableError> {
        if self.strictness == Strictness::Strict {
            return Err(ReadTableError::Row(self.table.problems.swap_remove(before)));
        }
        self.table.dropped += 1;
        Ok(())
    }

    pub(super) fn finish(mut self) -> Table {
        self.table.rows.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
        self.table
    }
}

/// For each of [`COLUMNS`] its position in this file, if it is there.
fn positions(header: &ByteRecord) -> Result<[Option<usize>; COLUMNS.len()], ReadTableError> {
    const BYTE_ORDER_MARK: char = '\u{feff}';
    let names: Vec<String> = header
        .iter()
        .map(|name| String::from_utf8_lossy(name).trim_start_matches(BYTE_ORDER_MARK).trim().to_owned())
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    columns::positions(&names).map_err(|problem| ReadTableError::Header { problem })
}

/// Writes rows in the order given, times with the offset of `zone`.
pub fn write(rows: &[RequestRow], zone: &TimeZone, sink: impl Write) -> Result<(), ::csv::Error> {
    let mut writer = WriterBuilder::new().from_writer(sink);
    writer.write_record(COLUMNS.map(|column| column.name))?;
    for row in rows {
        writer.write_record(columns::cells(row).map(|cell| text(&cell, zone)))?;
    }
    writer.flush()?;
    Ok(())
}

/// A cell as this format writes it.
pub(crate) fn text(cell: &Cell<'_>, zone: &TimeZone) -> String {
    match *cell {
        Cell::Text(text) => text.to_owned(),
        Cell::Time(time) => text_of(time, zone),
        Cell::Degrees(e7) => degrees(e7),
        Cell::Count(count) => count.to_string(),
    }
}

/// RFC 3339 with the offset; milliseconds only if there are any.
pub(crate) fn text_of(time: Time, zone: &TimeZone) -> String {
    let stamp = Timestamp::from_millisecond(time.as_unix_millis()).expect("times come from civil dates");
    let format = if time.as_unix_millis() % 1000 == 0 { "%Y-%m-%dT%H:%M:%S%:z" } else { "%Y-%m-%dT%H:%M:%S%.3f%:z" };
    stamp.to_zoned(zone.clone()).strftime(format).to_string()
}

/// All seven digits, exactly.
pub(crate) fn degrees(e7: i32) -> String {
    let sign = if e7 < 0 { "-" } else { "" };
    let magnitude = e7.unsigned_abs();
    format!("{sign}{}.{:07}", magnitude / 10_000_000, magnitude % 10_000_000)
}

#[cfg(test)]
mod tests;

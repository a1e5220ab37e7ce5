//! Rows of a comma-separated file, field by field, with errors that name the file, the line and the field and say
//! what would be right.
//!
//! The first line names the columns, in any order; columns nobody asks for are passed over.

use std::io;
use std::path::Path;
use std::str::FromStr;

use csv::{ReaderBuilder, StringRecord, Trim};
use mukae_units::LatLon;
use thiserror::Error;

#[derive(Debug, Error)]
pub enum ReadTableError {
    #[error("cannot read {file}: {source}")]
    Io { file: String, source: io::Error },
    #[error("{file}: {source}")]
    Csv { file: String, source: csv::Error },
    #[error("{file}, line 1: the column {missing} is missing; the header is {expected}")]
    Header { file: String, missing: &'static str, expected: String },
    #[error("{file}, line {line}, {field} `{value}`: {right}")]
    Field { file: String, line: u64, field: &'static str, value: String, right: String },
    #[error("{file} has no rows")]
    Empty { file: String },
}

/// One line of a table whose columns are known by their place in the list that was asked for.
#[derive(Debug)]
pub struct Row<'a, const N: usize> {
    file: &'a str,
    columns: &'a [&'static str; N],
    /// Where in the file's own order each column stands.
    place_of: &'a [usize; N],
    record: &'a StringRecord,
    line: u64,
}

/// Hands every row to `each` and ends at the first that it refuses.
pub fn read<const N: usize>(
    path: &Path,
    columns: [&'static str; N],
    mut each: impl FnMut(&Row<'_, N>) -> Result<(), ReadTableError>,
) -> Result<(), ReadTableError> {
    let file = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|source| ReadTableError::Io { file: file.clone(), source })?;
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).trim(Trim::All).from_reader(&bytes[..]);
    let mut lines = Lines { bytes: &bytes, at: 0, line: 1 };
    let mut record = StringRecord::new();
    let broken = |source| ReadTableError::Csv { file: file.clone(), source };
    reader.read_record(&mut record).map_err(broken)?;
    let place_of = places(&file, &columns, &record)?;
    let mut is_empty = true;
    while reader.read_record(&mut record).map_err(broken)? {
        is_empty = false;
        let line = lines.of_record(record.position().map_or(0, |position| position.byte() as usize));
        each(&Row { file: &file, columns: &columns, place_of: &place_of, record: &record, line })?;
    }
    if is_empty { Err(ReadTableError::Empty { file }) } else { Ok(()) }
}

/// Walks once through a file to tell the line of each record; lines end in `\n`, `\r\n` or `\r`, as records do.
struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u64,
}

impl Lines<'_> {
    /// `start` is where csv says that the record begins: right behind the end of the one before it, so that the second
    /// half of a `\r\n` and blank lines may come first.
    fn of_record(&mut self, start: usize) -> u64 {
        while let Some(&byte) = self.bytes.get(self.at) {
            let is_break = matches!(byte, b'\r' | b'\n');
            if start <= self.at && !is_break {
                break;
            }
            let is_first_half = byte == b'\r' && self.bytes.get(self.at + 1) == Some(&b'\n');
            self.line += u64::from(is_break && !is_first_half);
            self.at += 1;
        }
        self.line
    }
}

fn places<const N: usize>(
    file: &str,
    columns: &[&'static str; N],
    header: &StringRecord,
) -> Result<[usize; N], ReadTableError> {
    const BYTE_ORDER_MARK: char = '\u{feff}';
    let place_of = |column| header.iter().position(|name| name.trim_start_matches(BYTE_ORDER_MARK) == column);
    let mut places = [0; N];
    for (place, &column) in places.iter_mut().zip(columns) {
        *place = place_of(column).ok_or_else(|| ReadTableError::Header {
            file: file.to_owned(),
            missing: column,
            expected: columns.join(","),
        })?;
    }
    Ok(places)
}

impl<const N: usize> Row<'_, N> {
    /// Counted from 1, the header included.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Empty if the row ends before this column.
    pub fn text(&self, column: usize) -> &str {
        self.record.get(self.place_of[column]).unwrap_or_default()
    }

    /// `right` says what a good value is.
    pub fn parse<T: FromStr>(&self, column: usize, right: &str) -> Result<T, ReadTableError> {
        self.text(column).parse().map_err(|_| self.wrong(column, right))
    }

    /// Two columns in degrees.
    pub fn position(&self, lat: usize, lon: usize) -> Result<LatLon, ReadTableError> {
        const LAT: &str = "degrees of latitude, such as 54.1509, are -90 to 90";
        const LON: &str = "degrees of longitude, such as -4.4815, are -180 to 180";
        let (lat_degrees, lon_degrees) = (self.parse(lat, LAT)?, self.parse(lon, LON)?);
        LatLon::from_degrees(lat_degrees, 0.0).map_err(|_| self.wrong(lat, LAT))?;
        LatLon::from_degrees(lat_degrees, lon_degrees).map_err(|_| self.wrong(lon, LON))
    }

    /// The error that this field is wrong; `right` says what a good value is.
    pub fn wrong(&self, column: usize, right: &str) -> ReadTableError {
        ReadTableError::Field {
            file: self.file.to_owned(),
            line: self.line(),
            field: self.columns[column],
            value: self.text(column).to_owned(),
            right: right.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tables from spreadsheets end their lines in `\r\n`, and csv counts a line when it meets the `\n`, which is after
    /// it has said where the next record begins: errors told the line before the right one. Blank lines were not counted
    /// either. Now the line told is the one an editor shows.
    #[test]
    fn the_line_told_is_the_one_an_editor_shows() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let rows = [
            ("id\n1\n2\n", "2 3"),
            ("id\r\n1\r\n2\r\n", "2 3"),
            ("id\r1\r2", "2 3"),
            ("\u{feff}id\r\n1\r\n2", "2 3"),
            ("\n\nid\n\n1\n\n\n2\n\n", "5 8"),
            ("\r\nid\r\n\r\n1\r\n\r\n2\r\n", "4 6"),
            ("id\n\"1\n\n\"\n2\n", "2 5"),
        ];
        for (content, expected) in rows {
            std::fs::write(file.path(), content).unwrap();
            let mut lines = Vec::new();
            read(file.path(), ["id"], |row| {
                lines.push(row.line().to_string());
                Ok(())
            })
            .unwrap();
            assert_eq!(lines.join(" "), expected, "{content:?}");
        }
    }
}

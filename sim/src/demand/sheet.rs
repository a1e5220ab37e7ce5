//! A table somebody else defined: columns are found by name, those that nobody needs are let be.
//!
//! The reader of a format says which columns it needs and reads cells by their position in that list; what is wrong
//! with a cell is told with line and column, like in our own table.

use std::io::Read;

use ::csv::{ByteRecord, Reader, ReaderBuilder, Trim};
use thiserror::Error;

use super::RowProblem;

#[derive(Debug, Error)]
pub enum ReadSheetError {
    #[error("can not read the table: {0}")]
    Io(#[from] ::csv::Error),
    #[error("the table is empty; its first line names the columns, {needed}")]
    Empty { needed: String },
    #[error("line 1: {problem}; needed are {needed}")]
    Header { problem: String, needed: String },
    #[error("{0}")]
    Row(RowProblem),
}

/// A table and where its columns are.
#[derive(Debug)]
pub struct Sheet<R> {
    reader: Reader<R>,
    columns: &'static [&'static str],
    /// Of each of `columns`; `None` for an optional one that is not there.
    position: Vec<Option<usize>>,
    width: usize,
}

/// One line, some cells of which may turn out to be wrong.
#[derive(Debug)]
pub struct Line<'a> {
    pub number: u64,
    record: &'a ByteRecord,
    columns: &'static [&'static str],
    position: &'a [Option<usize>],
    problems: &'a mut Vec<RowProblem>,
}

impl<R: Read> Sheet<R> {
    /// The first `needed` of `columns` must be there; the others may be.
    pub fn open(source: R, columns: &'static [&'static str], needed: usize) -> Result<Sheet<R>, ReadSheetError> {
        const BYTE_ORDER_MARK: char = '\u{feff}';
        let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).trim(Trim::All).from_reader(source);
        let mut header = ByteRecord::new();
        let list = || columns[..needed].join(",");
        if !reader.read_byte_record(&mut header)? {
            return Err(ReadSheetError::Empty { needed: list() });
        }
        let names: Vec<String> = header
            .iter()
            .map(|name| String::from_utf8_lossy(name).trim_start_matches(BYTE_ORDER_MARK).trim().to_owned())
            .collect();
        let count = |column: &str| names.iter().filter(|name| *name == column).count();
        let missing: Vec<&str> = columns[..needed].iter().copied().filter(|column| count(column) == 0).collect();
        let twice: Vec<&str> = columns.iter().copied().filter(|column| 1 < count(column)).collect();
        for (what, found) in [("missing", missing), ("there twice", twice)] {
            if !found.is_empty() {
                let problem = format!("{what}: {}", found.join(", "));
                return Err(ReadSheetError::Header { problem, needed: list() });
            }
        }
        let position = columns.iter().map(|column| names.iter().position(|name| name == column)).collect();
        Ok(Sheet { reader, columns, position, width: names.len() })
    }

    /// Calls `take` with every line; it returns whether the line could be used. Returns how many could not.
    ///
    /// `is_strict`: the first problem ends the reading.
    pub fn each(
        mut self,
        is_strict: bool,
        problems: &mut Vec<RowProblem>,
        mut take: impl FnMut(&mut Line<'_>) -> Option<()>,
    ) -> Result<usize, ReadSheetError> {
        let (mut record, mut dropped) = (ByteRecord::new(), 0);
        while self.reader.read_byte_record(&mut record)? {
            let number = record.position().map_or(0, |position| position.line());
            let (columns, before) = (self.columns, problems.len());
            let mut line = Line { number, record: &record, columns, position: &self.position, problems };
            let taken =
                if line.record.len() == self.width { take(&mut line) } else { line.complain_of_width(self.width) };
            if taken.is_none() {
                dropped += 1;
                assert!(before < problems.len(), "line {number} was dropped in silence");
                if is_strict {
                    return Err(ReadSheetError::Row(problems.swap_remove(before)));
                }
            }
        }
        Ok(dropped)
    }
}

impl<'a> Line<'a> {
    pub fn complain(&mut self, column: usize, wrong: String, right: impl Into<String>) {
        let column = self.columns[column];
        self.problems.push(RowProblem { line: self.number, column, wrong, right: right.into() });
    }

    fn complain_of_width(&mut self, width: usize) -> Option<()> {
        let wrong = format!("{} cells", self.record.len());
        let right = format!("the first line has {width}; text with a comma stands in quotes");
        self.problems.push(RowProblem { line: self.number, column: "row", wrong, right });
        None
    }

    /// The text of a column; empty where the table has no such column. Complains of bytes that are no text.
    pub fn text(&mut self, column: usize) -> Option<&'a str> {
        let Some(position) = self.position[column] else { return Some("") };
        match std::str::from_utf8(&self.record[position]) {
            Ok(text) => Some(text),
            Err(_) => {
                self.complain(column, "the bytes are not UTF-8".to_owned(), "save the file as UTF-8");
                None
            }
        }
    }

    /// Complains if it is empty.
    pub fn name(&mut self, column: usize, right: &str) -> Option<&'a str> {
        let text = self.text(column)?;
        if text.is_empty() {
            self.complain(column, "it is empty".to_owned(), right);
            return None;
        }
        Some(text)
    }

    /// `right` says what a right cell looks like.
    pub fn parse<T: std::str::FromStr>(&mut self, column: usize, right: &str) -> Option<T> {
        let text = self.name(column, right)?;
        match text.parse() {
            Ok(value) => Some(value),
            Err(_) => {
                self.complain(column, format!("`{text}` is not right"), right);
                None
            }
        }
    }

    /// A number in `from..=to`, neither infinite nor none.
    pub fn number(&mut self, column: usize, (from, to): (f64, f64), right: &str) -> Option<f64> {
        let value: f64 = self.parse(column, right)?;
        if from <= value && value <= to {
            return Some(value);
        }
        self.complain(column, format!("{value} is not between {from} and {to}"), right);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [&str; 3] = ["id", "count", "note"];

    /// Rows, problems, and how many were dropped.
    type Found = (Vec<(String, u32, String)>, Vec<String>, usize);

    fn read(table: &str) -> Result<Found, String> {
        let (mut rows, mut problems) = (Vec::new(), Vec::new());
        let sheet = Sheet::open(table.as_bytes(), &COLUMNS, 2).map_err(|error| error.to_string())?;
        let dropped = sheet
            .each(false, &mut problems, |line| {
                let (id, count) = (line.name(0, "a name"), line.parse(1, "a count such as 3"));
                rows.push((id?.to_owned(), count?, line.text(2)?.to_owned()));
                Some(())
            })
            .map_err(|error| error.to_string())?;
        Ok((rows, problems.iter().map(ToString::to_string).collect(), dropped))
    }

    #[test]
    fn columns_are_found_by_name_and_others_are_let_be() {
        let (rows, problems, dropped) = read("\u{feff}x,count,id\n1,2,a\n, 3 ,b\n").unwrap();
        assert_eq!(rows, [("a".to_owned(), 2, String::new()), ("b".to_owned(), 3, String::new())]);
        assert!(problems.is_empty() && dropped == 0);
    }

    #[test]
    fn every_wrong_cell_is_told() {
        let (rows, problems, dropped) = read("id,count,note\n,x,\nc,1\n\nd,5,ok\n").unwrap();
        assert_eq!((rows.len(), dropped), (1, 2));
        assert_eq!(
            problems,
            [
                "line 2, id: it is empty; a name",
                "line 2, count: `x` is not right; a count such as 3",
                "line 3, row: 2 cells; the first line has 3; text with a comma stands in quotes",
            ]
        );
    }

    #[test]
    fn a_wrong_first_line_is_an_error_of_the_file() {
        assert_eq!(read("").unwrap_err(), "the table is empty; its first line names the columns, id,count");
        assert_eq!(read("id,note\n").unwrap_err(), "line 1: missing: count; needed are id,count");
        assert_eq!(read("id,count,note,note\n").unwrap_err(), "line 1: there twice: note; needed are id,count");
    }
}

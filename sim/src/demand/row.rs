//! One row: every cell is looked at, so that a person who mends the file sees all there is to mend.
//!
//! Carriers with types bring values, the others text; both are judged here.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use jiff::civil::DateTime;
use mukae_engine::model::Channel;
use mukae_units::{LatLon, Seats, Time, TimeWindow};

use super::columns::{ARRIVE_BY, CHANNELS, COLUMNS, DEPART_AFTER, at};
use super::{RequestRow, RowProblem, WishKind};

const RIGHT_TIME: &str = "RFC 3339 with a zone is right, such as 2026-11-22T08:30:00+09:00";
const RIGHT_COUNT: &str = "0 to 255 are right";
const RIGHT_DEGREES: &str = "decimal degrees are right, such as 54.1500";

/// 0001-01-01T00:00:00Z, in seconds: RFC 3339 has no years before it that could be written again.
const YEAR_ONE: i64 = -62_135_596_800;

/// What a file has in a cell.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Found<'a> {
    /// Text, as far as it is UTF-8.
    Bytes(&'a [u8]),
    /// Milliseconds since 1970, in UTC.
    Millis(i64),
    Number(f64),
    Whole(i128),
    /// Nothing, where the file has something in other rows.
    Null,
    /// Nothing: the file does without the column.
    Absent,
}

/// The row, or `None` and at least one more problem. `line_of` remembers the ids of usable rows.
pub(super) fn parse(
    line: u64,
    found: &[Found<'_>; COLUMNS.len()],
    line_of: &mut BTreeMap<String, u64>,
    problems: &mut Vec<RowProblem>,
) -> Option<RequestRow> {
    let mut cells = Cells { line, found, problems };
    let id = cells.id(line_of);
    let created_at = cells.time(at::CREATED);
    let window = cells.window();
    let from = cells.point(at::FROM);
    let to = cells.point(at::TO);
    let party = cells.party();
    let kind = cells.kind();
    let (channel, purpose) = (cells.channel(), cells.optional_text(at::PURPOSE, "any text is right"));
    let row = RequestRow {
        line,
        id: id?,
        created_at: created_at?,
        window: window?,
        kind: kind?,
        from: from?,
        to: to?,
        party: party?,
        channel: channel?,
        purpose: purpose?.to_owned(),
    };
    line_of.insert(row.id.clone(), line);
    Some(row)
}

struct Cells<'a> {
    line: u64,
    found: &'a [Found<'a>; COLUMNS.len()],
    problems: &'a mut Vec<RowProblem>,
}

impl<'a> Cells<'a> {
    fn complain(&mut self, column: usize, wrong: String, right: impl Into<String>) {
        self.problems.push(RowProblem { line: self.line, column: COLUMNS[column].name, wrong, right: right.into() });
    }

    /// What is in a column; complains if it is nothing, or bytes that are no text.
    fn cell(&mut self, column: usize, right: &str) -> Option<Value<'a>> {
        match self.found[column] {
            Found::Bytes(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => Some(Value::Text(text)),
                Err(_) => {
                    self.complain(column, "the bytes are not UTF-8".to_owned(), "save the file as UTF-8");
                    None
                }
            },
            Found::Millis(millis) => Some(Value::Millis(millis)),
            Found::Number(number) => Some(Value::Number(number)),
            Found::Whole(whole) => Some(Value::Whole(whole)),
            Found::Null | Found::Absent => {
                self.complain(column, "it is null".to_owned(), right);
                None
            }
        }
    }

    /// Text; complains of anything else.
    fn text(&mut self, column: usize, right: &str) -> Option<&'a str> {
        match self.cell(column, right)? {
            Value::Text(text) => Some(text),
            other => {
                self.complain(column, format!("{other} is no text"), right);
                None
            }
        }
    }

    /// Text that need not be there; empty where it is not.
    fn optional_text(&mut self, column: usize, right: &str) -> Option<&'a str> {
        match self.found[column] {
            Found::Null | Found::Absent => Some(""),
            _ => self.text(column, right),
        }
    }

    fn id(&mut self, line_of: &BTreeMap<String, u64>) -> Option<String> {
        const RIGHT: &str = "every request has an id of its own";
        let id = self.text(at::ID, RIGHT)?;
        if id.is_empty() {
            self.complain(at::ID, "it is empty".to_owned(), RIGHT);
            return None;
        }
        if let Some(first) = line_of.get(id) {
            self.complain(at::ID, format!("`{id}` is the id of line {first} too"), RIGHT);
            return None;
        }
        Some(id.to_owned())
    }

    fn time(&mut self, column: usize) -> Option<Time> {
        let cell = self.cell(column, RIGHT_TIME)?;
        let stamp = match cell {
            Value::Text(text) => text.parse().ok(),
            Value::Millis(millis) => Timestamp::from_millisecond(millis).ok(),
            Value::Number(_) | Value::Whole(_) => None,
        };
        match (stamp, cell) {
            (Some(stamp), _) if YEAR_ONE <= stamp.as_second() => {
                return Some(Time::from_unix_millis(stamp.as_millisecond()));
            }
            (None, Value::Text(text)) if text.parse::<DateTime>().is_ok() => {
                self.complain(column, format!("`{text}` has no zone"), RIGHT_TIME);
            }
            _ => self.complain(column, format!("{cell} is not a time"), RIGHT_TIME),
        }
        None
    }

    fn window(&mut self) -> Option<TimeWindow> {
        let (earliest, latest) = (self.time(at::EARLIEST), self.time(at::LATEST));
        match TimeWindow::new(earliest?, latest?) {
            Ok(window) => Some(window),
            Err(empty) => {
                let (early, right) = (empty.earliest - empty.latest, "the window ends when it begins, or later");
                self.complain(at::LATEST, format!("it is {early} before earliest"), right);
                None
            }
        }
    }

    fn degrees(&mut self, column: usize, max: f64) -> Option<f64> {
        let cell = self.cell(column, RIGHT_DEGREES)?;
        let degrees = match cell {
            Value::Text(text) => text.parse::<f64>().ok(),
            Value::Number(number) => Some(number),
            Value::Whole(whole) => Some(whole as f64),
            Value::Millis(_) => None,
        };
        match degrees {
            Some(degrees) if degrees.abs() <= max => return degrees.into(),
            Some(_) => {
                self.complain(column, format!("{cell} is off the globe"), format!("-{max} to {max} degrees are on it"));
            }
            None => self.complain(column, format!("{cell} is not a number"), RIGHT_DEGREES),
        }
        None
    }

    fn point(&mut self, (lat, lon): (usize, usize)) -> Option<LatLon> {
        let (lat, lon) = (self.degrees(lat, 90.0), self.degrees(lon, 180.0));
        Some(LatLon::from_degrees(lat?, lon?).expect("both were checked"))
    }

    fn count(&mut self, column: usize) -> Option<u8> {
        let cell = self.cell(column, RIGHT_COUNT)?;
        let count = match cell {
            Value::Text(text) => text.parse().ok(),
            Value::Whole(whole) => u8::try_from(whole).ok(),
            Value::Number(_) | Value::Millis(_) => None,
        };
        if count.is_none() {
            self.complain(column, format!("{cell} is not a count"), RIGHT_COUNT);
        }
        count
    }

    fn party(&mut self) -> Option<Seats> {
        let (seats, wheelchairs) = (self.count(at::SEATS), self.count(at::WHEELCHAIRS));
        let party = Seats::new(seats?, wheelchairs?);
        if party.is_empty() {
            let right = "seats and wheelchairs together are at least 1";
            self.complain(at::SEATS, "nobody travels".to_owned(), right);
            return None;
        }
        Some(party)
    }

    /// What a simulator's riders say where nothing is said.
    fn channel(&mut self) -> Option<Channel> {
        let known: Vec<&str> = CHANNELS.iter().map(|(name, _)| *name).collect();
        let right = format!("one of {} is right", known.join(", "));
        let text = self.optional_text(at::CHANNEL, &right)?;
        if text.is_empty() {
            return Some(Channel::Partner);
        }
        let found = CHANNELS.into_iter().find(|(name, _)| *name == text);
        if found.is_none() {
            self.complain(at::CHANNEL, format!("`{text}` is no channel"), right);
        }
        found.map(|(_, channel)| channel)
    }

    fn kind(&mut self) -> Option<WishKind> {
        let right = || format!("{DEPART_AFTER} or {ARRIVE_BY} is right");
        match self.text(at::KIND, &right())? {
            DEPART_AFTER => Some(WishKind::DepartAfter),
            ARRIVE_BY => Some(WishKind::ArriveBy),
            other => {
                self.complain(at::KIND, format!("`{other}` is no kind"), right());
                None
            }
        }
    }
}

/// A cell with something in it.
#[derive(Clone, Copy)]
enum Value<'a> {
    Text(&'a str),
    Millis(i64),
    Number(f64),
    Whole(i128),
}

impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Text(text) => write!(f, "`{text}`"),
            Value::Millis(millis) => write!(f, "the time {millis} ms after 1970"),
            Value::Number(number) => write!(f, "`{number}`"),
            Value::Whole(whole) => write!(f, "`{whole}`"),
        }
    }
}

//! One row: every cell is looked at, so that a person who mends the file sees all there is to mend.

use std::collections::BTreeMap;

use ::csv::ByteRecord;
use jiff::Timestamp;
use jiff::civil::DateTime;
use mukae_engine::model::Channel;
use mukae_units::{LatLon, Seats, Time, TimeWindow};

use super::{COLUMNS, NEEDED, RequestRow, RowProblem, WishKind};

pub(super) const DEPART_AFTER: &str = "depart_after";
pub(super) const ARRIVE_BY: &str = "arrive_by";

const CHANNELS: [(&str, Channel); 8] = [
    ("unknown", Channel::Unknown),
    ("phone", Channel::Phone),
    ("line", Channel::Line),
    ("web", Channel::Web),
    ("app", Channel::App),
    ("voice_agent", Channel::VoiceAgent),
    ("staff", Channel::Staff),
    ("partner", Channel::Partner),
];

pub(super) fn channel_name(channel: Channel) -> &'static str {
    CHANNELS.iter().find(|(_, known)| *known == channel).expect("all channels have names").0
}

/// Where the columns of a file are.
pub(super) struct Header {
    pub(super) width: usize,
    pub(super) column_of: [Option<usize>; COLUMNS.len()],
}

const RIGHT_TIME: &str = "RFC 3339 with a zone is right, such as 2026-11-22T08:30:00+09:00";

/// 0001-01-01T00:00:00Z, in seconds: RFC 3339 has no years before it that could be written again.
const YEAR_ONE: i64 = -62_135_596_800;

/// The row, or `None` and at least one more problem. `line_of` remembers the ids of usable rows.
pub(super) fn parse(
    line: u64,
    record: &ByteRecord,
    header: &Header,
    line_of: &mut BTreeMap<String, u64>,
    problems: &mut Vec<RowProblem>,
) -> Option<RequestRow> {
    // Cells at the end that need not be there may be left out.
    let is_short = header.column_of[..NEEDED].iter().flatten().any(|&position| record.len() <= position);
    if is_short || header.width < record.len() {
        let wrong = format!("{} columns", record.len());
        let right =
            format!("{} are right; a decimal point is a point, and text with a comma stands in quotes", header.width);
        problems.push(RowProblem { line, column: "row", wrong, right });
        return None;
    }
    let mut cells = Cells { line, record, column_of: &header.column_of, problems };
    let id = cells.id(line_of);
    let created_at = cells.time(1);
    let window = cells.window();
    let from = cells.point(4, 5);
    let to = cells.point(6, 7);
    let party = cells.party();
    let kind = cells.kind();
    let (channel, purpose) = (cells.channel(), cells.text(12));
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
    record: &'a ByteRecord,
    column_of: &'a [Option<usize>; COLUMNS.len()],
    problems: &'a mut Vec<RowProblem>,
}

impl<'a> Cells<'a> {
    fn complain(&mut self, column: usize, wrong: String, right: impl Into<String>) {
        self.problems.push(RowProblem { line: self.line, column: COLUMNS[column], wrong, right: right.into() });
    }

    /// The text in a column, empty where the row has no such cell; complains of bytes that are no text.
    fn text(&mut self, column: usize) -> Option<&'a str> {
        let bytes = self.column_of[column].and_then(|position| self.record.get(position)).unwrap_or_default();
        match std::str::from_utf8(bytes) {
            Ok(text) => Some(text),
            Err(_) => {
                self.complain(column, "the bytes are not UTF-8".to_owned(), "save the file as UTF-8");
                None
            }
        }
    }

    fn id(&mut self, line_of: &BTreeMap<String, u64>) -> Option<String> {
        let id = self.text(0)?;
        if id.is_empty() {
            self.complain(0, "it is empty".to_owned(), "every request has an id of its own");
            return None;
        }
        if let Some(first) = line_of.get(id) {
            self.complain(0, format!("`{id}` is the id of line {first} too"), "every request has an id of its own");
            return None;
        }
        Some(id.to_owned())
    }

    fn time(&mut self, column: usize) -> Option<Time> {
        let text = self.text(column)?;
        match text.parse::<Timestamp>() {
            Ok(stamp) if YEAR_ONE <= stamp.as_second() => Some(Time::from_unix_millis(stamp.as_millisecond())),
            Err(_) if text.parse::<DateTime>().is_ok() => {
                self.complain(column, format!("`{text}` has no zone"), RIGHT_TIME);
                None
            }
            _ => {
                self.complain(column, format!("`{text}` is not a time"), RIGHT_TIME);
                None
            }
        }
    }

    fn window(&mut self) -> Option<TimeWindow> {
        let (earliest, latest) = (self.time(2), self.time(3));
        match TimeWindow::new(earliest?, latest?) {
            Ok(window) => Some(window),
            Err(empty) => {
                let early = empty.earliest - empty.latest;
                self.complain(3, format!("it is {early} before earliest"), "the window ends when it begins, or later");
                None
            }
        }
    }

    fn degrees(&mut self, column: usize, max: f64) -> Option<f64> {
        let text = self.text(column)?;
        match text.parse::<f64>() {
            Ok(degrees) if degrees.abs() <= max => Some(degrees),
            Ok(_) => {
                self.complain(
                    column,
                    format!("`{text}` is off the globe"),
                    format!("-{max} to {max} degrees are on it"),
                );
                None
            }
            Err(_) => {
                self.complain(
                    column,
                    format!("`{text}` is not a number"),
                    "decimal degrees are right, such as 54.1500",
                );
                None
            }
        }
    }

    fn point(&mut self, lat: usize, lon: usize) -> Option<LatLon> {
        let (lat, lon) = (self.degrees(lat, 90.0), self.degrees(lon, 180.0));
        Some(LatLon::from_degrees(lat?, lon?).expect("both were checked"))
    }

    fn count(&mut self, column: usize) -> Option<u8> {
        let text = self.text(column)?;
        match text.parse::<u8>() {
            Ok(count) => Some(count),
            Err(_) => {
                self.complain(column, format!("`{text}` is not a count"), "0 to 255 are right");
                None
            }
        }
    }

    fn party(&mut self) -> Option<Seats> {
        let (seats, wheelchairs) = (self.count(8), self.count(9));
        let party = Seats::new(seats?, wheelchairs?);
        if party.is_empty() {
            self.complain(8, "nobody travels".to_owned(), "seats and wheelchairs together are at least 1");
            return None;
        }
        Some(party)
    }

    /// What a simulator's riders say where nothing is said.
    fn channel(&mut self) -> Option<Channel> {
        let text = self.text(11)?;
        if text.is_empty() {
            return Some(Channel::Partner);
        }
        let found = CHANNELS.into_iter().find(|(name, _)| *name == text);
        if found.is_none() {
            let known: Vec<&str> = CHANNELS.iter().map(|(name, _)| *name).collect();
            self.complain(11, format!("`{text}` is no channel"), format!("one of {} is right", known.join(", ")));
        }
        found.map(|(_, channel)| channel)
    }

    fn kind(&mut self) -> Option<WishKind> {
        match self.text(10)? {
            DEPART_AFTER => Some(WishKind::DepartAfter),
            ARRIVE_BY => Some(WishKind::ArriveBy),
            other => {
                let wrong = format!("`{other}` is no kind");
                self.complain(10, wrong, format!("{DEPART_AFTER} or {ARRIVE_BY} is right"));
                None
            }
        }
    }
}

//! Who boarded where and alighted where, as counted on a bus line (乗降調査), with the stops of a GTFS or GTFS-JP feed.
//!
//! ```text
//! boardings  from_stop,to_stop,time,count[,date]     or   乗車停留所,降車停留所,時刻,人数[,日付]
//! stops.txt  stop_id,stop_name,stop_lat,stop_lon     others are let be
//! ```
//! A stop is named by its id or by its name. Each person counted becomes a request of their own, made at the time of
//! boarding; where only the hour is known, at a moment of it that is drawn by (seed, line, person).

mod civil;
mod stops;

use std::io::Read;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use mukae_engine::model::Channel;
use mukae_units::{Seats, Span, TimeWindow};

use super::csv::{Strictness, Table};
use super::sheet::{Line, ReadSheetError, Sheet};
use super::{RequestRow, WishKind};
use crate::Luck;
use crate::random::Purpose;

pub use stops::{Stops, read_stops};

/// How a table of boardings is to be understood.
#[derive(Clone, Debug)]
pub struct Counted {
    pub zone: TimeZone,
    /// The day of rows that name none.
    pub date: Date,
    pub seed: u64,
    /// Riders can be fetched for so long after they ask.
    pub wait_max: Span,
}

const COLUMNS: [&str; 5] = ["from_stop", "to_stop", "time", "count", "date"];
const COLUMNS_JA: [&str; 5] = ["乗車停留所", "降車停留所", "時刻", "人数", "日付"];
/// More on one row is a slip of the pen.
const COUNT_MAX: u32 = 10_000;

pub fn read(
    mut source: impl Read,
    stops: &Stops,
    counted: &Counted,
    strictness: Strictness,
) -> Result<Table, ReadSheetError> {
    let mut bytes = Vec::new();
    source.read_to_end(&mut bytes).map_err(|problem| ReadSheetError::Io(problem.into()))?;
    let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let is_japanese = String::from_utf8_lossy(first).contains(COLUMNS_JA[0]);
    let columns: &'static [&'static str] = if is_japanese { &COLUMNS_JA } else { &COLUMNS };
    let mut table = Table::default();
    let Table { rows, problems, dropped } = &mut table;
    *dropped = Sheet::open(bytes.as_slice(), columns, 4)?
        .each(strictness == Strictness::Strict, problems, |line| row(line, stops, counted, rows))?;
    table.rows.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
    Ok(table)
}

/// Every cell is looked at, so that all there is to mend is told.
fn row(line: &mut Line<'_>, stops: &Stops, counted: &Counted, rows: &mut Vec<RequestRow>) -> Option<()> {
    let (from, to) = (stops.find(line, 0), stops.find(line, 1));
    let time = line.name(2, civil::RIGHT).and_then(|text| civil::time_of_day(line, 2, text));
    let count: Option<u32> = line.parse(3, "how many persons, 0 to 10000");
    let date = match line.text(4) {
        None => None,
        Some("") => Some(counted.date),
        Some(_) => line.parse(4, "a day such as 2026-11-24"),
    };
    let (from, to, time, count, date) = (from?, to?, time?, count?, date?);
    if COUNT_MAX < count {
        line.complain(3, format!("{count} persons at once"), "how many persons, 0 to 10000");
        return None;
    }
    if from == to {
        line.complain(1, "it is where they boarded, too".to_owned(), "another stop");
        return None;
    }
    let luck = Luck::new(counted.seed);
    let mut made = Vec::new();
    for person in 0..count {
        let second = match time.minute {
            Some(minute) => minute * 60,
            None => luck.draw(line.number, Purpose::BoardingMinute, person).below(3600) as i64,
        };
        made.push((person, civil::instant(line, 2, date, time.hour * 3600 + second, &counted.zone)?));
    }
    for (person, created_at) in made {
        let window = TimeWindow::new(created_at, created_at + counted.wait_max).expect("a wait is not negative");
        let id = format!("line {}/{}", line.number, person + 1);
        let (kind, party) = (WishKind::DepartAfter, Seats::new(1, 0));
        rows.push(RequestRow {
            line: line.number,
            id,
            created_at,
            window,
            kind,
            from,
            to,
            party,
            channel: Channel::Partner,
            purpose: String::new(),
        });
    }
    Some(())
}

#[cfg(test)]
mod tests;

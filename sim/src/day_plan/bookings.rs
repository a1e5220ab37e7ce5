//! Which lines of a table are of the day.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{DayPlanError, Left, Why};
use crate::demand::csv::Table;
use crate::demand::{RequestRow, RowProblem};
use crate::scenario::date_of;

/// The bookings of one day, and the lines that are none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bookings {
    pub date: Date,
    /// In the order of their wished times.
    pub rows: Vec<RequestRow>,
    pub left: Vec<Left>,
}

impl Bookings {
    /// Of the day that is named, or else of the only one there is; a booking is of the day on which its wished window begins.
    pub fn of(table: Table, day: Option<Date>, zone: &TimeZone) -> Result<Bookings, DayPlanError> {
        let date = |row: &RequestRow| date_of(zone, row.window.earliest());
        let mut there: BTreeMap<Date, usize> = BTreeMap::new();
        table.rows.iter().for_each(|row| *there.entry(date(row)).or_default() += 1);
        let days = || there.iter().map(|(&date, &count)| (date, count)).collect::<Vec<_>>();
        let chosen = match day {
            Some(wanted) if there.contains_key(&wanted) => wanted,
            Some(wanted) if !there.is_empty() => {
                return Err(DayPlanError::NothingOnDay { wanted, there: days() });
            }
            _ => match days().as_slice() {
                [] => return Err(DayPlanError::NoBookings(table.dropped)),
                [(only, _)] => *only,
                _ => return Err(DayPlanError::SeveralDays(days())),
            },
        };
        let (mut rows, others): (Vec<_>, Vec<_>) = table.rows.into_iter().partition(|row| date(row) == chosen);
        rows.sort_by(|a, b| {
            (a.window.earliest(), a.window.latest(), &a.id).cmp(&(b.window.earliest(), b.window.latest(), &b.id))
        });
        let of_others = others.into_iter().map(|row| {
            let why = Why::OtherDay(date_of(zone, row.window.earliest()));
            Left { line: row.line, row: Some(row), why }
        });
        let left = unreadable(table.problems).into_iter().chain(of_others).collect();
        Ok(Bookings { date: chosen, rows, left })
    }
}

/// One for each line, whatever is wrong with it.
fn unreadable(problems: Vec<RowProblem>) -> Vec<Left> {
    let mut of_line: BTreeMap<u64, Vec<RowProblem>> = BTreeMap::new();
    problems.into_iter().for_each(|problem| of_line.entry(problem.line).or_default().push(problem));
    of_line.into_iter().map(|(line, problems)| Left { line, row: None, why: Why::Unreadable(problems) }).collect()
}

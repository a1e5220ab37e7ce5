//! A day as a page: one file of HTML with figures, charts, a map and an animated replay, for people
//! who decide about a service and open it without a network.
//!
//! ```text
//! records -> Story (facts alone) -> Day (one date, along the roads) -> data -> page
//! ```
//! The same records give the same bytes. What a page says is computed here, from records; what it
//! looks like is in `report/page/`. docs/report.md explains every figure and picture.

mod comparison;
mod course;
mod data;
mod day;
mod ground;
mod life;
mod line;
mod page;
mod plan;
mod roads;
mod story;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use mukae_maps::PreparedMap;
use thiserror::Error;

use crate::kpi::Ledger;

pub use comparison::comparison;
pub use page::SHEET_LOOK;
pub use plan::plan;
pub use story::Story;

/// One run, or the records of a live area.
#[derive(Debug)]
pub struct Run<'a> {
    /// What readers call it: a policy, a scenario, a date.
    pub name: String,
    pub story: &'a Story,
    /// Of the same records, by the calendar of the place.
    pub ledger: &'a Ledger,
    /// Rows of the demand that were not used, as they were told; nothing is known of a journal's.
    pub dropped: Option<Vec<String>>,
    /// Of the journal, to find the run again by.
    pub journal_hash: Option<String>,
}

/// Where the days happened.
#[derive(Debug)]
pub struct Place<'a> {
    pub name: &'a str,
    pub zone: &'a TimeZone,
    pub map: &'a PreparedMap,
}

/// Why there is no page.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum ReportError {
    #[error("a report shows one run or two, not {0}")]
    RunCount(usize),
    #[error("the records tell of no request and no working vehicle on {wanted}; they do of {}", listed(.there))]
    NothingOnDay { wanted: Date, there: Vec<Date> },
    #[error("the records tell of no request and no working vehicle")]
    Nothing,
}

fn listed(days: &[Date]) -> String {
    const SHOWN: usize = 5;
    let named: Vec<String> = days.iter().take(SHOWN).map(Date::to_string).collect();
    match days.len().checked_sub(SHOWN + 1) {
        None => named.join(", "),
        Some(more) => format!("{} and {} more up to {}", named.join(", "), more + 1, days[days.len() - 1]),
    }
}

/// The day with the most requests in the first run, the earliest of several.
pub fn busiest_day(story: &Story, zone: &TimeZone) -> Result<Date, ReportError> {
    let days = story.days(zone);
    let busiest = days.iter().max_by_key(|&(date, requests)| (*requests, std::cmp::Reverse(*date)));
    busiest.map(|(date, _)| *date).ok_or(ReportError::Nothing)
}

/// The page of a day: of one run, or of two beside each other.
pub fn page(runs: &[Run<'_>], date: Date, place: &Place<'_>) -> Result<String, ReportError> {
    if !(1..=2).contains(&runs.len()) {
        return Err(ReportError::RunCount(runs.len()));
    }
    for run in runs {
        let days = run.story.days(place.zone);
        if !days.contains_key(&date) {
            return Err(ReportError::NothingOnDay { wanted: date, there: days.into_keys().collect() });
        }
    }
    let days: Vec<day::Day<'_>> = runs.iter().map(|run| day::Day::of(run.story, date, place.zone, place.map)).collect();
    let title = format!("{} {date}", place.name);
    Ok(page::page(&page::DAY, &data::data(runs, &days, date, place), &title))
}

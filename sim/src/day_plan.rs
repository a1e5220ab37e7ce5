//! A day of advance bookings, planned before it begins: who rides when with which vehicle, and who is left and why.
//!
//! ```text
//! table -> Bookings (of one day) -> commands: book each, look for better plans, ask again -> DayPlan -> tables, page
//! ```
//! The plan is a state of the same dispatcher that serves a live area: every booking is made, and every better order of stops
//! taken up, by the ordinary commands. So all that is promised in a plan is a promise as riders are given it, and whoever is
//! left has the dispatcher's reason. Every line of the table is either carried or left: none is lost.

mod bookings;
mod effort;
mod planner;
mod tables;
mod tour;

use std::fmt;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use mukae_engine::model::{Binding, Fare, Promise};
use mukae_engine::schedule::audit::Fault;
use mukae_engine::{Command, Rejection};
use mukae_units::{ShiftId, Time};
use thiserror::Error;

use crate::demand::{RequestRow, RowProblem};
use crate::kpi::constraint_words;

pub use bookings::Bookings;
pub use effort::{BLOCK, Effort};
pub use planner::{Progress, plan};
pub use tables::{write_left, write_manifest};
pub use tour::{Tour, Visit, Visiting};

/// What became of a day's bookings.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DayPlan {
    pub date: Date,
    pub zone: TimeZone,
    /// When the bookings count as made: the last moment at which all of them could be.
    pub planned_at: Time,
    /// Steps of the search for better plans; the same number, seed and bookings give the same plan.
    pub steps: u64,
    pub seed: u64,
    /// Every shift of the day, in the order of the town's configuration, also those without a rider.
    pub tours: Vec<Tour>,
    /// Whoever is carried, in the order of their wished times.
    pub riders: Vec<Rider>,
    /// Whoever is not, by line.
    pub left: Vec<Left>,
    /// What is wrong with the plan; always empty, unless the program is.
    pub faults: Vec<(ShiftId, Fault)>,
}

/// A booking that is carried.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rider {
    pub row: RequestRow,
    /// What the rider is to be told.
    pub promise: Promise,
    /// Where in [`DayPlan::tours`].
    pub tour: usize,
    /// The driver has to say yes before the rider is told anything.
    pub is_driver_asked: bool,
    pub fare: Option<Fare>,
}

/// A line that is not carried.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Left {
    pub line: u64,
    /// `None` if it can not be read.
    pub row: Option<RequestRow>,
    pub why: Why,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Why {
    /// The line says nothing that can be understood.
    Unreadable(Vec<RowProblem>),
    /// An end of the ride is not on a road of the map.
    OffTheMap(Vec<RowProblem>),
    /// It is of another day than the one that is planned.
    OtherDay(Date),
    /// No vehicle can do it: the dispatcher's reason.
    Refused(Vec<Binding>),
}

impl Why {
    /// A word for programs.
    pub fn name(&self) -> &'static str {
        match self {
            Why::Unreadable(_) => "unreadable",
            Why::OffTheMap(_) => "off_the_map",
            Why::OtherDay(_) => "other_day",
            Why::Refused(_) => "refused",
        }
    }
}

/// For people, in English; the page has other languages.
impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Why::Unreadable(problems) | Why::OffTheMap(problems) => {
                let told = |problem: &RowProblem| format!("{}: {}; {}", problem.column, problem.wrong, problem.right);
                problems.iter().map(told).collect::<Vec<_>>().join(" / ")
            }
            Why::OtherDay(date) => format!("it is of {date}"),
            Why::Refused(binding) => binding.iter().map(told).collect::<Vec<_>>().join("; "),
        };
        f.write_str(&text)
    }
}

/// What binds, and how far the nearest miss was from keeping it.
fn told(binding: &Binding) -> String {
    let [_, english] = constraint_words(binding.constraint);
    match binding.shortfall {
        // away from zero: nobody misses by nothing
        Some(by) => format!("{english} (by {} min)", (by.as_secs() + 59) / 60),
        None => english.to_owned(),
    }
}

/// Why there is no plan.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum DayPlanError {
    #[error("there is no booking in it: {0} lines can not be used")]
    NoBookings(usize),
    #[error("it has bookings on {} days: {}; say with --day which of them to plan", .0.len(), days(.0))]
    SeveralDays(Vec<(Date, usize)>),
    #[error("it has no booking on {wanted}; it has on {}", days(.there))]
    NothingOnDay { wanted: Date, there: Vec<(Date, usize)> },
    #[error("no vehicle works on {0}: no shift of the town begins on that day")]
    NoShift(Date),
    #[error("the town can not be set up: {0}")]
    Town(String),
    #[error("the dispatcher does not accept {command:?}: {rejection:?}")]
    Rejected { command: Box<Command>, rejection: Rejection },
}

fn days(days: &[(Date, usize)]) -> String {
    const SHOWN: usize = 7;
    let named: Vec<String> = days.iter().take(SHOWN).map(|(date, count)| format!("{date} ({count})")).collect();
    let more = days.len().saturating_sub(SHOWN);
    if more == 0 { named.join(", ") } else { format!("{} and {more} more", named.join(", ")) }
}

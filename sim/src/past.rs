//! The journal of a live or a simulated area as demand: what came from outside is kept, what was decided is decided
//! again, by the dispatcher of today under the rules of a scenario.
//!
//! ```text
//! journal -> Verifier: every record decided again, as it was -> Reader -> Past
//! Past + rules + days -> Setup: settings at their times, asks, doings -> Simulation
//! ```
//! Up to the verifier everything is exact: a journal that the program of today would not have written is refused. From
//! there on riders and drivers are known by what they meant, not by the numbers of things that exist in the recorded
//! world alone. Where that begins and what it can not know stands in `docs/past.md`.

mod begun;
mod doings;
mod fleet;
mod habits;
mod lateness;
mod log;
mod reader;
mod repeats;
mod since;
mod start;
mod verify;
mod works;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use mukae_engine::Command;
use mukae_engine::model::{Shift, Wish};
use mukae_maps::PreparedMap;
use mukae_record::{JournalHash, StateHash};
use mukae_units::{Span, Time};

use crate::demand::Ask;
use crate::scenario::{Rules, date_of};
use crate::simulation::{Outcome, Progress, Setup, SetupError, Simulation};

pub use begun::{Arrival, Begun, UnderWay};
pub use doings::{Act, Conduct, Crew, Deed, Doings, How, Pick};
pub use habits::Habits;
pub(crate) use habits::Reply;
pub use log::{PastError, Reading, read};
pub use reader::Reader;
pub use repeats::Repeats;
pub use start::Start;
pub use verify::{Different, Verifier};
pub use works::{FollowingRoads, Works};

/// Something that was told, and when.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Told {
    pub at: Time,
    pub command: Command,
}

/// What came from outside.
#[derive(Clone, PartialEq, Debug)]
pub struct Past {
    /// Settings, shifts, and what offices and drivers told, in order.
    pub told: Vec<Told>,
    /// In the order they were made; of a run that begins on the way, those from then on.
    pub asks: Vec<Ask>,
    pub doings: Doings,
    pub counts: Counts,
    pub first: Time,
    pub last: Time,
    /// Where runs of it begin, if not with the first record.
    pub begun: Option<Arc<Begun>>,
    pub journal_hash: JournalHash,
    pub state_hash: StateHash,
}

/// What a journal holds, for who reads a run's words.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    pub records: u64,
    /// Rides that were asked for, repeats among them.
    pub wishes: usize,
    /// Asked again a little later by the same rider, and counted once.
    pub repeats: usize,
    /// What has no place in another course of things, by what it is.
    pub left_out: BTreeMap<&'static str, u64>,
    /// The last batch of the journal is not whole: it is being written, or was cut off.
    pub is_cut: bool,
}

impl Past {
    /// The dates on which riders wished to travel, of a run that begins on the way from then on; `None` if nobody asked.
    pub fn days(&self, zone: &TimeZone) -> Option<RangeInclusive<Date>> {
        let dates = || self.asks.iter().map(|ask| date_of(zone, ask.request.wish.window().earliest()));
        match &self.begun {
            Some(begun) => {
                let (first, open) = (date_of(zone, begun.at), begun.last_wish.map(|wish| date_of(zone, wish)));
                Some(first..=dates().chain(open).max().map_or(first, |last| last.max(first)))
            }
            None => Some(dates().min()?..=dates().max()?),
        }
    }

    fn begun_on(&self, zone: &TimeZone) -> Option<Date> {
        self.begun.as_ref().map(|begun| date_of(zone, begun.at))
    }

    /// The days that somebody named, or all; a run that begins on the way begins on the first of them.
    pub fn named_days(
        &self,
        named: Option<&RangeInclusive<Date>>,
        zone: &TimeZone,
    ) -> Result<Option<RangeInclusive<Date>>, PastError> {
        let Some(named) = named else { return Ok(self.days(zone)) };
        match self.begun_on(zone) {
            Some(from) if from != *named.start() => Err(PastError::OtherDay { days: *named.start(), from }),
            _ => Ok(Some(named.clone())),
        }
    }

    /// A run of these days under these rules. Riders who wished to travel on another day do not ask, and shifts of other
    /// days are not planned.
    pub fn setup(&self, rules: &Rules, days: &RangeInclusive<Date>, zone: &TimeZone) -> Setup {
        let is_of = |from: Time, until: Time| {
            let (first, last) = (date_of(zone, from), date_of(zone, until));
            first <= *days.end() && *days.start() <= last
        };
        let is_asked = |ask: &&Ask| {
            let earliest = ask.request.wish.window().earliest();
            is_of(earliest, earliest)
        };
        let mut asks: Vec<Ask> = self.asks.iter().filter(is_asked).cloned().collect();
        let shifts = |told: &Told| match &told.command {
            Command::PlanShift(shift) => is_of(shift.window.earliest(), shift.window.latest()),
            _ => true,
        };
        let is_before = |told: &Told| self.begun.as_ref().is_some_and(|begun| told.at < begun.at);
        let told: Vec<Told> = self.told.iter().filter(|told| is_before(told) || shifts(told)).cloned().collect();
        let (told, doings, leaves) = match &self.begun {
            Some(begun) => {
                let (told, doings, mut leaves) = since::under(rules, told, &self.doings, zone, begun.at);
                // nobody drives on later days, for which nobody asks
                let is_later = |shift: &Shift| *days.end() < date_of(zone, shift.window.earliest());
                let later = begun.shifts.iter().filter(|shift| is_later(shift) && !begun.needed.contains(&shift.id));
                leaves.extend(later.map(|shift| shift.id));
                (told, doings, leaves)
            }
            None => {
                let (told, doings) = fleet::under(rules, told, &self.doings, zone);
                (told, doings, Vec::new())
            }
        };
        for ask in &mut asks {
            let wish = rules.wish(ask.request.wish);
            if wish != ask.request.wish {
                ask.request_mut().wish = wish;
            }
        }
        let is_whole = self.days(zone).is_none_or(|all| days.start() <= all.start() && all.end() <= days.end());
        let mut setup = Setup::new(Vec::new(), asks);
        // Whoever reads all days begins where the journal does.
        setup.start = if is_whole { self.first } else { setup.start.max(self.first) };
        setup.start = self.begun.as_ref().map_or(setup.start, |begun| begun.at);
        setup.end = setup.end.max(setup.start);
        (setup.begun, setup.leaves) = (self.begun.clone(), leaves);
        setup.told = told;
        setup.past = Some(Arc::new(doings.wishing(|wish: Wish| rules.wish(wish))));
        setup.announce_ahead = Span::ZERO;
        setup
    }
}

/// Runs a setup on a map, on roads that change if it says so; `keep` gets every record.
pub fn simulate(
    setup: Setup,
    map: &Arc<PreparedMap>,
    keep: &mut dyn FnMut(&[u8]),
    progress: &mut dyn FnMut(Progress),
) -> Result<Outcome, SetupError> {
    let mut lengths = map.query();
    if setup.has_changing_roads() {
        let works = Works::new(map);
        let mut roads = works.roads();
        return Ok(Simulation::with_works(setup, works, &mut roads, &mut lengths, keep)?.run(progress));
    }
    let mut roads = map.query();
    Ok(Simulation::new(setup, &mut roads, &mut lengths, keep)?.run(progress))
}

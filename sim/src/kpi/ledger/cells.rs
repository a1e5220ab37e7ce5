//! Tallies by day and hour, and by day and hamlet.
//!
//! Whatever is counted is counted once in each of the two, so both add up to the same day and the same run. Cells are
//! found once for a request; what happens to it later counts at their positions.

use std::collections::BTreeMap;

use super::tally::Tally;
use crate::kpi::hamlets::Hamlet;
use mukae_supply::clock::Day;

pub(super) const HOURS: u8 = 24;

/// Where something counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Belongs {
    pub day: Day,
    pub hour: u8,
    pub hamlet: Hamlet,
    of_hour: usize,
    of_hamlet: usize,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Cells {
    tallies: Vec<Tally>,
    /// The first of a day's 24.
    days: BTreeMap<Day, usize>,
    hamlets: BTreeMap<(Day, Hamlet), usize>,
}

impl Cells {
    pub fn find(&mut self, day: Day, hour: u8, hamlet: Hamlet) -> Belongs {
        let Cells { tallies, days, hamlets } = self;
        let first = *days.entry(day).or_insert_with(|| {
            let first = tallies.len();
            tallies.resize_with(first + usize::from(HOURS), Tally::default);
            first
        });
        let of_hamlet = *hamlets.entry((day, hamlet)).or_insert_with(|| {
            tallies.push(Tally::default());
            tallies.len() - 1
        });
        Belongs { day, hour, hamlet, of_hour: first + usize::from(hour), of_hamlet }
    }

    /// Counts something where it belongs.
    pub fn count(&mut self, belongs: Belongs, mut counted: impl FnMut(&mut Tally)) {
        counted(&mut self.tallies[belongs.of_hour]);
        counted(&mut self.tallies[belongs.of_hamlet]);
    }

    /// Every hour of every day, in order.
    pub fn hours(&self) -> impl Iterator<Item = (Day, u8, &Tally)> + '_ {
        let of_day = move |(&day, &first): (&Day, &usize)| {
            (0..HOURS).map(move |hour| (day, hour, &self.tallies[first + usize::from(hour)]))
        };
        self.days.iter().flat_map(of_day)
    }

    /// Every hamlet of every day on which something counts there, in order.
    pub fn hamlets(&self) -> impl Iterator<Item = (Day, Hamlet, &Tally)> + '_ {
        self.hamlets.iter().map(|(&(day, hamlet), &cell)| (day, hamlet, &self.tallies[cell]))
    }
}

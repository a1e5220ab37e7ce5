//! Four ways of reading one course of visits, and how far each may be trusted.
//!
//! Some riders go now and then, some on certain weekdays, some so many days after the last time, some every second Tuesday.
//! Which of them somebody is, is not asked: every way says a chance for each day from the days before alone, and is
//! believed by Bayes' rule as it did (Dawid's prequential principle, 1984). A fine way that fits chance foretells badly
//! and is not believed.

use super::fit::{Everybody, Tally};
use super::{GAP_COUNT, WEEKDAYS, place};

const EXPERTS: usize = 4;

pub(super) struct Experts<'a> {
    everybody: &'a Everybody,
    all: Tally,
    weekdays: Vec<Tally>,
    gaps: Vec<Tally>,
    cells: Vec<Tally>,
    /// Sum of the logarithms of the chances that came true.
    scores: [f64; EXPERTS],
}

impl<'a> Experts<'a> {
    pub(super) fn new(everybody: &'a Everybody) -> Experts<'a> {
        Experts {
            everybody,
            all: Tally::default(),
            weekdays: vec![Tally::default(); WEEKDAYS],
            gaps: vec![Tally::default(); GAP_COUNT],
            cells: vec![Tally::default(); WEEKDAYS * GAP_COUNT],
            scores: [0.0; EXPERTS],
        }
    }

    /// The chance of a visit, as each expert sees it: the same on all days, by weekday, by gap, by both.
    pub(super) fn say(&self, weekday: u8, gap: usize) -> [f64; EXPERTS] {
        let Everybody { propensity, gaps, times } = self.everybody;
        let always = propensity.after(&self.all);
        let by_weekday = times.after(&self.weekdays[usize::from(weekday)], always);
        let by_gap = times.after(&self.gaps[gap], always * gaps[gap]);
        let by_both = times.after(&self.cells[place(weekday, gap)], by_weekday);
        [always, by_weekday, by_gap, by_both]
    }

    pub(super) fn learn(&mut self, weekday: u8, gap: usize, weight: f64, visited: bool) {
        let said = self.say(weekday, gap);
        for (score, chance) in self.scores.iter_mut().zip(said) {
            *score += weight * if visited { libm::log(chance) } else { libm::log1p(-chance) };
        }
        self.all.add(weight, visited);
        self.weekdays[usize::from(weekday)].add(weight, visited);
        self.gaps[gap].add(weight, visited);
        self.cells[place(weekday, gap)].add(weight, visited);
    }

    /// How far each is believed; adds up to 1.
    pub(super) fn weights(&self) -> [f64; EXPERTS] {
        let best = self.scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let odds = self.scores.map(|score| libm::exp(score - best));
        let sum: f64 = odds.iter().sum();
        odds.map(|odds| odds / sum)
    }
}

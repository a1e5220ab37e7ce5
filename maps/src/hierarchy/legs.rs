//! The drives that were asked for last, unpacked once: where a vehicle under way can choose, and how far it is.
//!
//! A fleet under way asks about the same legs again and again, and each time a path would have to be searched and
//! unpacked. What is kept is found again without walking the map it lies in, so how that is ordered decides nothing.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use mukae_units::{Metres, Span, TravelTime};

use crate::graph::EdgeId;
use crate::place::{Place, Sides};
use crate::travel_times::DecisionPoint;

/// The shortest drive between two places, as far as it is asked about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Leg {
    /// Where the driver can choose before the end, in driving order.
    pub(super) choices: Box<[Choice]>,
    pub(super) time: TravelTime,
    pub(super) length: Metres,
}

/// The head of an edge on the way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Choice {
    pub(super) after: TravelTime,
    pub(super) edge: EdgeId,
}

impl Leg {
    /// See [`TravelTimes::decision_point`](crate::TravelTimes::decision_point).
    pub(super) fn decision_point(&self, from: Place, to: Place, elapsed: Span) -> DecisionPoint {
        if elapsed <= Span::ZERO {
            return DecisionPoint { place: from, after: TravelTime::ZERO };
        }
        let choice = self.choices.get(self.choices_before(elapsed));
        choice.map_or(DecisionPoint { place: to, after: self.time }, |choice| DecisionPoint {
            place: Place::head_of(choice.edge),
            after: choice.after,
        })
    }

    /// How many choices have passed. Looked for from where it would be if they came evenly, as that is near and every
    /// step of a binary search through memory not looked at for a while would wait for it anew.
    fn choices_before(&self, elapsed: Span) -> usize {
        let has_passed = |choice: &Choice| choice.after.span() < elapsed;
        let share = elapsed.as_millis().min(self.time.span().as_millis());
        let even = self.choices.len() as i64 * share / self.time.span().as_millis().max(1);
        let (before, behind) = self.choices.split_at(even as usize);
        match before.iter().rev().take_while(|choice| !has_passed(choice)).count() {
            0 => before.len() + behind.iter().take_while(|choice| has_passed(choice)).count(),
            ahead => before.len() - ahead,
        }
    }

    fn bytes(&self) -> usize {
        size_of_val(&self.choices[..])
    }
}

/// All legs that are kept take about this much memory, 32 MiB: those of 10,000 vehicles in a metropolis, twice over.
pub(super) const LEG_BYTES_MAX: usize = 32 << 20;

/// What a leg takes beside its choices.
const LEG_OVERHEAD: usize = 2 * size_of::<(Ends, Option<Leg>)>();

/// From, to: each the edge, the fraction and the sides of a place in one number, which is hashed faster.
type Ends = [u64; 2];

/// Legs of one metric in two generations. When the young ones have filled half of the room they grow old,
/// and of the old ones all are forgotten that nobody asked for meanwhile.
#[derive(Debug)]
pub(super) struct Legs {
    bytes_max: usize,
    /// `None` where no road leads.
    young: HashMap<Ends, Option<Leg>>,
    old: HashMap<Ends, Option<Leg>>,
    young_bytes: usize,
}

impl Legs {
    pub(super) fn new(bytes_max: usize) -> Legs {
        Legs { bytes_max, young: HashMap::new(), old: HashMap::new(), young_bytes: 0 }
    }

    pub(super) fn get(&mut self, from: Place, to: Place) -> Option<&Option<Leg>> {
        if self.bytes_max / 2 < self.young_bytes {
            self.old = std::mem::take(&mut self.young);
            self.young_bytes = 0;
        }
        match self.young.entry([from, to].map(number)) {
            Entry::Occupied(entry) => Some(entry.into_mut()),
            Entry::Vacant(entry) => {
                let leg = self.old.remove(entry.key())?;
                self.young_bytes += bytes(&leg);
                Some(entry.insert(leg))
            }
        }
    }

    /// Keeps a leg that [`Legs::get`] did not find.
    pub(super) fn keep(&mut self, from: Place, to: Place, leg: Option<Leg>) {
        self.young_bytes += bytes(&leg);
        self.young.insert([from, to].map(number), leg);
    }

    /// For another metric.
    pub(super) fn forget(&mut self) {
        self.young.clear();
        self.old.clear();
        self.young_bytes = 0;
    }
}

/// A clone is for another thread, which will ask about other legs: it begins with none.
impl Clone for Legs {
    fn clone(&self) -> Legs {
        Legs::new(self.bytes_max)
    }
}

fn number(place: Place) -> u64 {
    let is_both = u64::from(place.sides == Sides::Both);
    u64::from(place.edge.0) << 32 | u64::from(place.fraction.steps()) << 1 | is_both
}

fn bytes(leg: &Option<Leg>) -> usize {
    LEG_OVERHEAD + leg.as_ref().map_or(0, Leg::bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_roads::Lots;

    fn leg(millis: u32) -> Option<Leg> {
        Some(Leg { choices: [].into(), time: TravelTime::from_millis(millis), length: Metres::ZERO })
    }

    fn place(number: u32) -> Place {
        Place::head_of(EdgeId(number))
    }

    #[test]
    fn choices_are_found_however_they_lie() {
        let lots = &mut Lots::new(1);
        for _ in 0..2_000 {
            let time = lots.below(40) as u32;
            let mut afters: Vec<u32> = (0..lots.below(12)).map(|_| lots.below(time as usize + 1) as u32).collect();
            afters.sort_unstable();
            let choice = |&after: &u32| Choice { after: TravelTime::from_millis(after), edge: EdgeId(after) };
            let choices: Box<[Choice]> = afters.iter().map(choice).collect();
            let leg = Leg { choices, time: TravelTime::from_millis(time), length: Metres::ZERO };
            for elapsed in 1..45 {
                let expected = afters.iter().filter(|&&after| i64::from(after) < elapsed).count();
                assert_eq!(leg.choices_before(Span::from_millis(elapsed)), expected, "{elapsed} of {leg:?}");
            }
        }
    }

    #[test]
    fn legs_asked_for_stay_and_others_go() {
        let mut legs = Legs::new(20 * LEG_OVERHEAD);
        let often = (place(0), place(1));
        for number in 0..1_000 {
            if legs.get(often.0, often.1).is_none() {
                assert_eq!(number, 0, "what is asked for all the time is kept");
                legs.keep(often.0, often.1, leg(7));
            }
            assert_eq!(legs.get(often.0, often.1), Some(&leg(7)));
            let (from, to) = (place(number), place(number + 2));
            assert_eq!(legs.get(from, to), None);
            legs.keep(from, to, if number % 3 == 0 { None } else { leg(number) });
            assert!(legs.young.len() + legs.old.len() <= 24, "round {number}");
        }
        legs.forget();
        assert_eq!(legs.get(often.0, often.1), None);
    }
}

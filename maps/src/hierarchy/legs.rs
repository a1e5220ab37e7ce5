//! The drives that were asked for last, searched once: where a vehicle under way can choose, and how far it is.
//!
//! A fleet under way asks about the same legs again and again, and each time a path would have to be searched. What is kept is
//! found again without walking the map it lies in, so how that is ordered decides nothing.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use mukae_units::{Metres, Span, TravelTime};

use crate::graph::EdgeId;
use crate::hierarchy::customize::Customized;
use crate::hierarchy::unpack::{Hop, unpack, unpack_after};
use crate::place::{Place, Sides};
use crate::travel_times::DecisionPoint;
use crate::turn_graph::TurnArc;

/// The shortest drive between two places, as far as it is asked about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Leg {
    pub(super) time: TravelTime,
    /// `None` for a drive that stays on one edge.
    pub(super) way: Option<Way>,
    pub(super) length: Length,
}

/// From edge to edge.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Way {
    pub(super) first_edge: EdgeId,
    /// To its head.
    pub(super) rest: TravelTime,
    /// Onwards from there, the last of them first to be driven.
    pub(super) hops: Box<[Hop]>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Length {
    Known(Metres),
    /// Of what is driven on the first edge and on the last; the rest is added up by who asks first.
    OfEnds(Metres),
}

impl Leg {
    /// See [`TravelTimes::decision_point`](crate::TravelTimes::decision_point). `hops` is memory to be used.
    ///
    /// A driver in the middle of a restricted turn, or come into destination-only roads, has no choice there that a
    /// fresh start would not widen: no decision point.
    pub(super) fn decision_point(
        &self,
        (from, to): (Place, Place),
        elapsed: Span,
        customized: &Customized,
        hops: &mut Vec<Hop>,
    ) -> DecisionPoint {
        if elapsed <= Span::ZERO {
            return DecisionPoint { place: from, after: TravelTime::ZERO };
        }
        let at_end = DecisionPoint { place: to, after: self.time };
        let Some(way) = &self.way else { return at_end };
        if elapsed <= way.rest.span() {
            return DecisionPoint { place: Place::head_of(way.first_edge), after: way.rest };
        }
        hops.clear();
        hops.extend_from_slice(&way.hops);
        let turns = customized.hierarchy().turns();
        let choice = |arc: TurnArc, driven: u32| {
            let edge = turns.edge(arc);
            let after = way.rest + TravelTime::from_millis(driven);
            (turns.head(arc) == turns.start(edge)).then_some(DecisionPoint { place: Place::head_of(edge), after })
        };
        unpack_after(customized, hops, (elapsed - way.rest.span()).as_millis(), choice).unwrap_or(at_end)
    }

    pub(super) fn length(
        &mut self,
        length_of: impl Fn(EdgeId) -> Metres,
        customized: &Customized,
        hops: &mut Vec<Hop>,
    ) -> Metres {
        let mut length = match self.length {
            Length::Known(length) => return length,
            Length::OfEnds(length) => length,
        };
        hops.clear();
        hops.extend_from_slice(self.way.as_ref().map_or(&[], |way| &way.hops));
        unpack(customized, hops, |arc| length += length_of(customized.hierarchy().turns().edge(arc)));
        self.length = Length::Known(length);
        length
    }

    fn bytes(&self) -> usize {
        self.way.as_ref().map_or(0, |way| size_of_val(&way.hops[..]))
    }
}

/// All legs that are kept take about this much memory, 32 MiB: those of 10,000 vehicles in a metropolis, twice over.
pub(super) const LEG_BYTES_MAX: usize = 32 << 20;

/// What a leg takes beside its hops.
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

    pub(super) fn get(&mut self, from: Place, to: Place) -> Option<&mut Option<Leg>> {
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

    fn leg(millis: u32) -> Option<Leg> {
        Some(Leg { time: TravelTime::from_millis(millis), way: None, length: Length::Known(Metres::ZERO) })
    }

    fn place(number: u32) -> Place {
        Place::head_of(EdgeId(number))
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
            assert_eq!(legs.get(often.0, often.1), Some(&mut leg(7)));
            let (from, to) = (place(number), place(number + 2));
            assert_eq!(legs.get(from, to), None);
            legs.keep(from, to, if number % 3 == 0 { None } else { leg(number) });
            assert!(legs.young.len() + legs.old.len() <= 24, "round {number}");
        }
        legs.forget();
        assert_eq!(legs.get(often.0, often.1), None);
    }
}

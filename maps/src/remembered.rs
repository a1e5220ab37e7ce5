//! Travel times that are asked for again and again: a journey planner's questions are between the same few hundred
//! meeting points and the same few dozen stops of vehicles.
//!
//! What was answered is kept in a table of fixed size, each pair of places in the one slot its bits lead to; whoever
//! comes to a slot that is taken takes it over. So memory does not grow, and an answer is what the roads say, kept
//! or asked. Of another metric nothing is kept.

use std::fmt;
use std::sync::Arc;

use mukae_units::{Metres, Span, TravelTime};

use crate::cells::Cells;
use crate::place::{Place, Sides};
use crate::travel_times::{DecisionPoint, MetricId, TravelTimes};

/// Roads with a memory for pairs of places.
pub struct Remembered<R> {
    roads: R,
    metric: MetricId,
    times: Box<[Pair]>,
    shortcuts: Box<[Via]>,
    /// Of the places that are asked for together, those that are not known, and where they stand.
    unknown: Vec<Place>,
    unknown_at: Vec<usize>,
    answers: Vec<Option<TravelTime>>,
}

#[derive(Clone, Copy, Debug)]
struct Pair {
    from: u64,
    to: u64,
    time: Option<TravelTime>,
}

#[derive(Clone, Copy, Debug)]
struct Via {
    place: u64,
    time: Option<TravelTime>,
}

/// No place is this one: the bits above the edge are never set.
const NOWHERE: u64 = u64::MAX;

impl<R: TravelTimes> Remembered<R> {
    /// Keeps up to 2 to the power of `bits` pairs, 24 bytes each, and so many single places. Panics unless
    /// `bits` is 1 to 30.
    pub fn new(roads: R, bits: u32) -> Remembered<R> {
        assert!((1..=30).contains(&bits), "2^{bits} pairs are none, or more than memory holds");
        let metric = roads.metric();
        Remembered {
            roads,
            metric,
            times: vec![Pair { from: NOWHERE, to: NOWHERE, time: None }; 1 << bits].into(),
            shortcuts: vec![Via { place: NOWHERE, time: None }; 1 << bits.min(12)].into(),
            unknown: Vec::new(),
            unknown_at: Vec::new(),
            answers: Vec::new(),
        }
    }

    fn follow_metric(&mut self) {
        let metric = self.roads.metric();
        if metric != self.metric {
            self.metric = metric;
            self.times.fill(Pair { from: NOWHERE, to: NOWHERE, time: None });
            self.shortcuts.fill(Via { place: NOWHERE, time: None });
        }
    }

    #[inline]
    fn pair(&mut self, from: u64, to: u64) -> &mut Pair {
        // odd multipliers spread neighbouring edges; the upper bits are the spread ones
        let mixed = (from.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ to.rotate_left(32)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
        let slot = mixed >> (64 - self.times.len().trailing_zeros());
        &mut self.times[slot as usize]
    }

    #[inline]
    fn known(&mut self, from: u64, to: u64) -> Option<Option<TravelTime>> {
        let pair = self.pair(from, to);
        (pair.from == from && pair.to == to).then_some(pair.time)
    }

    fn keep(&mut self, from: u64, to: u64, time: Option<TravelTime>) {
        *self.pair(from, to) = Pair { from, to, time };
    }

    /// Fills `times` with what is known of `places`, and notes what is not.
    fn recall(&mut self, places: &[Place], pair_of: impl Fn(u64) -> (u64, u64), times: &mut Vec<Option<TravelTime>>) {
        self.follow_metric();
        times.clear();
        self.unknown.clear();
        self.unknown_at.clear();
        for (at, &place) in places.iter().enumerate() {
            let (from, to) = pair_of(bits(place));
            let known = self.known(from, to);
            if known.is_none() {
                self.unknown.push(place);
                self.unknown_at.push(at);
            }
            times.push(known.flatten());
        }
    }

    /// Puts the answers about what was not known where they belong, and keeps them.
    fn learn(&mut self, pair_of: impl Fn(u64) -> (u64, u64), times: &mut [Option<TravelTime>]) {
        for index in 0..self.unknown.len() {
            let (from, to) = pair_of(bits(self.unknown[index]));
            let time = self.answers[index];
            times[self.unknown_at[index]] = time;
            self.keep(from, to, time);
        }
    }
}

impl<R: fmt::Debug> fmt::Debug for Remembered<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remembered")
            .field("roads", &self.roads)
            .field("pairs", &self.times.len())
            .finish_non_exhaustive()
    }
}

/// Different places have different bits.
#[inline]
fn bits(place: Place) -> u64 {
    let Place { edge, fraction, sides } = place;
    u64::from(edge.0) << 24 | u64::from(fraction.steps()) << 8 | u64::from(sides == Sides::Both)
}

impl<R: TravelTimes> TravelTimes for Remembered<R> {
    fn metric(&self) -> MetricId {
        self.roads.metric()
    }

    fn travel_time(&mut self, from: Place, to: Place) -> Option<TravelTime> {
        self.follow_metric();
        let (from_bits, to_bits) = (bits(from), bits(to));
        if let Some(known) = self.known(from_bits, to_bits) {
            return known;
        }
        let time = self.roads.travel_time(from, to);
        self.keep(from_bits, to_bits, time);
        time
    }

    fn one_to_many(&mut self, from: Place, to: &[Place], times: &mut Vec<Option<TravelTime>>) {
        let pair_of = |to| (bits(from), to);
        self.recall(to, pair_of, times);
        if !self.unknown.is_empty() {
            self.roads.one_to_many(from, &self.unknown, &mut self.answers);
            self.learn(pair_of, times);
        }
    }

    fn many_to_one(&mut self, from: &[Place], to: Place, times: &mut Vec<Option<TravelTime>>) {
        let pair_of = |from| (from, bits(to));
        self.recall(from, pair_of, times);
        if !self.unknown.is_empty() {
            self.roads.many_to_one(&self.unknown, to, &mut self.answers);
            self.learn(pair_of, times);
        }
    }

    fn decision_point(&mut self, from: Place, to: Place, elapsed: Span) -> Option<DecisionPoint> {
        self.roads.decision_point(from, to, elapsed)
    }

    fn length(&mut self, from: Place, to: Place) -> Option<Metres> {
        self.roads.length(from, to)
    }

    fn shortcut_max(&mut self, via: Place) -> Option<TravelTime> {
        self.follow_metric();
        let place = bits(via);
        let mixed = place.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let slot = (mixed >> (64 - self.shortcuts.len().trailing_zeros())) as usize;
        if self.shortcuts[slot].place != place {
            self.shortcuts[slot] = Via { place, time: self.roads.shortcut_max(via) };
        }
        self.shortcuts[slot].time
    }

    fn expect_ride(&self, from: Place, to: Place) {
        self.roads.expect_ride(from, to);
    }

    fn cells(&self) -> Option<&Arc<Cells>> {
        self.roads.cells()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::EdgeId;
    use crate::place::Fraction;

    /// Counts what it is asked; its times follow from the places and the metric.
    struct Asked {
        metric: u32,
        count: usize,
    }

    impl TravelTimes for Asked {
        fn metric(&self) -> MetricId {
            MetricId(self.metric)
        }

        fn travel_time(&mut self, from: Place, to: Place) -> Option<TravelTime> {
            self.count += 1;
            let sum = bits(from).wrapping_mul(31).wrapping_add(bits(to)).wrapping_add(u64::from(self.metric));
            (sum % 7 != 0).then(|| TravelTime::from_millis((sum % 100_000) as u32))
        }

        fn decision_point(&mut self, _: Place, _: Place, _: Span) -> Option<DecisionPoint> {
            None
        }

        fn length(&mut self, _: Place, _: Place) -> Option<Metres> {
            None
        }

        fn shortcut_max(&mut self, via: Place) -> Option<TravelTime> {
            self.count += 1;
            Some(TravelTime::from_millis((bits(via) % 997) as u32 + self.metric))
        }
    }

    struct Draw(u64);

    impl Draw {
        fn below(&mut self, n: u64) -> u64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) % n
        }

        fn place(&mut self) -> Place {
            let sides = if self.below(2) == 0 { Sides::This } else { Sides::Both };
            let fraction = Fraction::from_steps(self.below(3) as u16);
            Place { edge: EdgeId(self.below(5) as u32), fraction, sides }
        }
    }

    #[test]
    fn what_is_remembered_is_what_the_roads_say() {
        // small tables are taken over all the time, large ones keep everything
        for bits in [1, 4, 16] {
            let mut draw = Draw(u64::from(bits));
            let mut kept = Remembered::new(Asked { metric: 1, count: 0 }, bits);
            let mut plain = Asked { metric: 1, count: 0 };
            let (mut fast, mut slow) = (Vec::new(), Vec::new());
            for step in 0..20_000 {
                if step % 5_000 == 4_999 {
                    (kept.roads.metric, plain.metric) = (kept.roads.metric + 1, plain.metric + 1);
                }
                let (one, many): (_, Vec<Place>) = (draw.place(), (0..draw.below(6)).map(|_| draw.place()).collect());
                match draw.below(4) {
                    0 => {
                        let other = draw.place();
                        assert_eq!(kept.travel_time(one, other), plain.travel_time(one, other));
                    }
                    1 => {
                        kept.one_to_many(one, &many, &mut fast);
                        plain.one_to_many(one, &many, &mut slow);
                        assert_eq!(fast, slow, "table of 2^{bits}, step {step}");
                    }
                    2 => {
                        kept.many_to_one(&many, one, &mut fast);
                        plain.many_to_one(&many, one, &mut slow);
                        assert_eq!(fast, slow, "table of 2^{bits}, step {step}");
                    }
                    _ => assert_eq!(kept.shortcut_max(one), plain.shortcut_max(one)),
                }
            }
            if bits == 16 {
                assert!(kept.roads.count * 3 < plain.count, "{} of {} were asked again", kept.roads.count, plain.count);
            }
        }
    }
}

//! Intervals by resampling blocks of days with replacement (Efron 1979; blocks of consecutive days: Künsch 1989).
//!
//! A resample draws the same blocks for both policies: days stay paired. The interval is that of percentiles. Draws are
//! keyed by the scenario's seed, the resample and the place in it, so that the same results have the same intervals.

use serde::Serialize;

use super::measure::Parts;
use super::{Difference, Measure, rounded};
use crate::random::{Luck, Purpose};
use crate::scenario::Scenario;

pub const RESAMPLES: u32 = 2000;

#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Interval {
    pub low: f64,
    pub high: f64,
}

impl Interval {
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }
}

/// Places in [`Days`] that are drawn together: consecutive days of one replication; the last block of one may be shorter.
pub(super) fn blocks(replications: usize, days: usize, block_days: usize) -> Vec<std::ops::Range<usize>> {
    let of_replication = move |replication: usize| {
        let first = replication * days;
        (0..days).step_by(block_days).map(move |at| first + at..first + (at + block_days).min(days))
    };
    (0..replications).flat_map(of_replication).collect()
}

/// A measure of one choice, by blocks; blocks that add nothing are left out.
#[derive(Debug)]
pub(super) struct Row {
    measure: &'static Measure,
    parts: Vec<(usize, Parts)>,
}

impl Row {
    pub fn new(measure: &'static Measure, parts: impl Iterator<Item = Parts>) -> Row {
        Row { measure, parts: parts.enumerate().filter(|(_, parts)| *parts != (0, 0)).collect() }
    }

    /// With each block so many times.
    fn value(&self, times: &[i64]) -> Option<f64> {
        let add = |sum: Parts, &(block, (part, whole)): &(usize, Parts)| {
            (sum.0 + part * times[block], sum.1 + whole * times[block])
        };
        self.measure.quotient(self.parts.iter().fold((0, 0), add))
    }
}

/// How the first row of each pair differs from the second, both of one measure; `None` where one of them has nothing to
/// measure.
pub(super) fn differences(
    rows: &[Row],
    pairs: &[(usize, usize)],
    blocks: usize,
    scenario: &Scenario,
) -> Vec<Option<Difference>> {
    let of_pairs = |times: &[i64]| -> Vec<Option<f64>> {
        let values: Vec<Option<f64>> = rows.iter().map(|row| row.value(times)).collect();
        pairs.iter().map(|&(one, other)| Some(values[one]? - values[other]?)).collect()
    };
    let mut drawn: Vec<Vec<f64>> = vec![Vec::new(); pairs.len()];
    if 1 < blocks && !pairs.is_empty() {
        let luck = Luck::new(scenario.seed);
        let mut times = vec![0; blocks];
        for resample in 0..RESAMPLES {
            times.fill(0);
            for place in 0..blocks as u32 {
                let block = luck.draw(u64::from(resample), Purpose::Resample, place).below(blocks as u64);
                times[block as usize] += 1;
            }
            drawn.iter_mut().zip(of_pairs(&times)).for_each(|(drawn, value)| drawn.extend(value));
        }
    }
    let told = |(drawn, mean): (Vec<f64>, Option<f64>)| {
        let interval = interval(drawn, scenario.report.confidence);
        let is_distinguishable = interval.is_some_and(|interval| !interval.contains(0.0));
        let interval = interval.map(|Interval { low, high }| Interval { low: rounded(low), high: rounded(high) });
        Some(Difference { mean: rounded(mean?), interval, is_distinguishable })
    };
    drawn.into_iter().zip(of_pairs(&vec![1; blocks])).map(told).collect()
}

/// Percentiles by nearest rank. None if a tenth of the resamples or more had nothing to measure.
fn interval(mut drawn: Vec<f64>, confidence: i64) -> Option<Interval> {
    if drawn.len() * 10 < RESAMPLES as usize * 9 {
        return None;
    }
    drawn.sort_by(f64::total_cmp);
    let tail = (1000 - confidence) as usize;
    // Half a tail on each side: permille of twice as many.
    let rank = |permille: usize| (drawn.len() * permille).div_ceil(2000).clamp(1, drawn.len()) - 1;
    Some(Interval { low: drawn[rank(tail)], high: drawn[rank(2000 - tail)] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_stay_within_a_replication() {
        assert_eq!(blocks(2, 5, 2), [0..2, 2..4, 4..5, 5..7, 7..9, 9..10]);
        assert_eq!(blocks(1, 3, 1), [0..1, 1..2, 2..3]);
        assert_eq!(blocks(2, 3, 7), [0..3, 3..6]);
    }

    #[test]
    fn intervals_are_percentiles() {
        let values: Vec<f64> = (0..2000).rev().map(f64::from).collect();
        assert_eq!(interval(values.clone(), 950), Some(Interval { low: 49.0, high: 1949.0 }));
        assert_eq!(interval(values[..1799].to_vec(), 950), None, "too many resamples had nothing to measure");
    }
}

//! Intervals by resampling blocks of days with replacement (Efron 1979; blocks of consecutive days: Künsch 1989).
//!
//! A resample draws the same blocks for both policies: days stay paired. The interval is that of percentiles. Draws are
//! keyed by the scenario's seed, the resample and the place in it, so that the same results have the same intervals.

use serde::Serialize;

use super::{Days, Difference, rounded};
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

/// A part and a whole of a measure.
type Parts = (i128, i128);

/// By policy and measure; `None` for the baseline, and where one of the two has nothing to measure.
pub(super) fn differences(
    scenario: &Scenario,
    policies: &[Days<'_>],
    blocks: &[std::ops::Range<usize>],
) -> Vec<Vec<Option<Difference>>> {
    let measures = &scenario.report.measures;
    let of_block = |policy: &Days<'_>, m: usize, block: &std::ops::Range<usize>| -> Parts {
        sum(policy[block.clone()].iter().map(|day| measures[m].parts(day, scenario.cost)))
    };
    // By policy, measure and block.
    let parts: Vec<Vec<Vec<Parts>>> = policies
        .iter()
        .map(|policy| {
            (0..measures.len()).map(|m| blocks.iter().map(|block| of_block(policy, m, block)).collect()).collect()
        })
        .collect();
    let baseline = &parts[scenario.report.baseline];
    let difference = |m: usize, policy: &[Vec<Parts>], times: &[i128]| {
        let value = |of: &[Vec<Parts>]| {
            let drawn = of[m].iter().zip(times).map(|(parts, times)| (parts.0 * times, parts.1 * times));
            measures[m].quotient(sum(drawn))
        };
        Some(value(policy)? - value(baseline)?)
    };
    let mut drawn: Vec<Vec<Vec<f64>>> = vec![vec![Vec::new(); measures.len()]; policies.len()];
    if 1 < blocks.len() && 1 < policies.len() {
        let luck = Luck::new(scenario.seed);
        let mut times = vec![0; blocks.len()];
        for resample in 0..RESAMPLES {
            times.fill(0);
            for place in 0..blocks.len() as u32 {
                let block = luck.draw(u64::from(resample), Purpose::Resample, place).below(blocks.len() as u64);
                times[block as usize] += 1;
            }
            for (policy, drawn) in parts.iter().zip(&mut drawn) {
                for (m, drawn) in drawn.iter_mut().enumerate() {
                    drawn.extend(difference(m, policy, &times));
                }
            }
        }
    }
    let once = vec![1; blocks.len()];
    let of_policy = |(policy, drawn): (usize, Vec<Vec<f64>>)| {
        let told = |(m, drawn): (usize, Vec<f64>)| {
            let mean = difference(m, &parts[policy], &once).filter(|_| policy != scenario.report.baseline)?;
            let interval = interval(drawn, scenario.report.confidence);
            let is_distinguishable = interval.is_some_and(|interval| !interval.contains(0.0));
            let interval = interval.map(|Interval { low, high }| Interval { low: rounded(low), high: rounded(high) });
            Some(Difference { mean: rounded(mean), interval, is_distinguishable })
        };
        drawn.into_iter().enumerate().map(told).collect()
    };
    drawn.into_iter().enumerate().map(of_policy).collect()
}

fn sum(parts: impl Iterator<Item = Parts>) -> Parts {
    parts.fold((0, 0), |sum, part| (sum.0 + part.0, sum.1 + part.1))
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

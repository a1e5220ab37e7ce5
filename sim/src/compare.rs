//! Policies against a baseline, on the same days.
//!
//! Every replication and day is lived through under every policy, with the same demand and luck, so differences are
//! taken day by day and resampled in blocks of days: what chance could have made of them is the interval. A difference
//! whose interval contains zero is not distinguishable, and is said to be so.

mod bootstrap;
mod measure;
mod pareto;
mod show;

use serde::Serialize;

use crate::batch::{Batch, Done};
use crate::results::Figures;

pub use bootstrap::{Interval, RESAMPLES};
pub use measure::Measure;

/// Everything that is compared: a group for each point of the sweep.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Comparison {
    pub scenario: String,
    pub baseline: String,
    pub confidence: f64,
    pub resamples: u32,
    pub replications: u32,
    pub days: usize,
    /// What is resampled: so many blocks of so many days.
    pub blocks: usize,
    pub block_days: usize,
    pub points: Vec<Point>,
}

#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Point {
    /// What the sweep sets here, as the scenario would say it; empty without a sweep.
    pub rules: String,
    pub policies: Vec<Standing>,
}

/// How one policy does at one point.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Standing {
    pub policy: String,
    pub measures: Vec<Measured>,
    /// Set if there are prices: no other policy or point costs no more, leaves no more riders behind, lets them wait no
    /// longer, and does better in one of these.
    pub is_efficient: Option<bool>,
}

#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Measured {
    pub name: &'static str,
    /// `None` if there was nothing to measure: no ride, no wait.
    pub value: Option<f64>,
    /// Of single replications.
    pub least: Option<f64>,
    pub most: Option<f64>,
    /// Against the baseline at the same point; none for the baseline itself.
    pub difference: Option<Difference>,
}

#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Difference {
    pub mean: f64,
    /// None with fewer than two blocks: a single day says nothing of chance.
    pub interval: Option<Interval>,
    pub is_distinguishable: bool,
}

/// Days of all replications under one policy at one point, replication after replication.
type Days<'d> = Vec<&'d Figures>;

/// To four digits after the point: more are noise.
fn rounded(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}

/// Compares a batch of which every job was done.
pub fn compare(batch: &Batch, done: &[Done]) -> Comparison {
    let scenario = &batch.scenario;
    let (policies, replications) = (scenario.policies.len(), scenario.replications as usize);
    assert_eq!(done.len(), batch.points().len() * policies * replications, "every job has its result");
    let days_of = |point: usize, policy: usize| -> Days<'_> {
        let first = (point * policies + policy) * replications;
        done[first..first + replications].iter().flat_map(|done| &done.days).collect()
    };
    let blocks = bootstrap::blocks(replications, batch.dates.len(), scenario.report.block_days);
    let mut points: Vec<Point> = Vec::new();
    for (n, rules) in batch.points().iter().enumerate() {
        let all: Vec<Days<'_>> = (0..policies).map(|policy| days_of(n, policy)).collect();
        let differences = bootstrap::differences(scenario, &all, &blocks);
        let standing = |policy: usize| {
            let measured = |(m, measure): (usize, &&'static Measure)| Measured {
                name: measure.name,
                value: measure.of(all[policy].iter().copied(), scenario.cost).map(rounded),
                least: measure.by_replication(&all[policy], replications, scenario.cost).reduce(f64::min).map(rounded),
                most: measure.by_replication(&all[policy], replications, scenario.cost).reduce(f64::max).map(rounded),
                difference: differences[policy][m].clone(),
            };
            let measures = scenario.report.measures.iter().enumerate().map(measured).collect();
            Standing { policy: scenario.policies[policy].name.clone(), measures, is_efficient: None }
        };
        points.push(Point { rules: rules.text(), policies: (0..policies).map(standing).collect() });
    }
    let mut comparison = Comparison {
        scenario: scenario.name.clone(),
        baseline: scenario.policies[scenario.report.baseline].name.clone(),
        confidence: scenario.report.confidence as f64 / 1000.0,
        resamples: RESAMPLES,
        replications: scenario.replications,
        days: batch.dates.len(),
        blocks: blocks.len(),
        block_days: scenario.report.block_days,
        points,
    };
    if let Some(cost) = scenario.cost {
        let all: Vec<Days<'_>> =
            (0..batch.points().len()).flat_map(|n| (0..policies).map(move |policy| days_of(n, policy))).collect();
        let efficient = pareto::efficient(&all, cost);
        let standings = comparison.points.iter_mut().flat_map(|point| &mut point.policies);
        standings.zip(efficient).for_each(|(standing, is_efficient)| standing.is_efficient = Some(is_efficient));
    }
    comparison
}

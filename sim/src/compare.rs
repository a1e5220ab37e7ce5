//! Policies against a baseline, and points of a sweep against one of them, on the same days.
//!
//! Every replication and day is lived through under every policy, with the same demand and luck, so differences are
//! taken day by day and resampled in blocks of days: what chance could have made of them is the interval. A difference
//! whose interval contains zero is not distinguishable, and is said to be so.

mod bootstrap;
mod measure;
mod pareto;
mod parts;
mod show;

use serde::Serialize;

use self::bootstrap::Row;
use crate::batch::{Batch, Done};
use crate::results::Figures;

pub use bootstrap::{Interval, RESAMPLES};
pub use measure::Measure;
pub use parts::PartStanding;

/// Everything that is compared: a group for each point of the sweep.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Comparison {
    pub scenario: String,
    pub baseline: String,
    /// An index into the points.
    pub baseline_point: usize,
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
    /// By the hour of the day at which people wanted to ride.
    pub hours: Vec<PartStanding>,
    /// And by where they wanted to be fetched.
    pub hamlets: Vec<PartStanding>,
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
    /// Against the same policy at the baseline point; none at that point.
    pub from_baseline_point: Option<Difference>,
}

#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Difference {
    pub mean: f64,
    /// None with fewer than two blocks: a single day says nothing of chance.
    pub interval: Option<Interval>,
    pub is_distinguishable: bool,
}

/// A day of a replication, and with its first day what the replication has as a whole.
#[derive(Clone, Copy, Debug)]
struct Moment<'d> {
    day: &'d Figures,
    run: Option<&'d Done>,
}

/// Days of all replications under one policy at one point, replication after replication.
type Days<'d> = Vec<Moment<'d>>;

/// To four digits after the point: more are noise.
fn rounded(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}

/// Where a policy at a point stands in lists of all of them, point after point.
#[derive(Clone, Copy, Debug)]
struct Places {
    policies: usize,
    baseline: usize,
    baseline_point: usize,
}

impl Places {
    /// The baseline at the same point, if it is another one.
    fn at_point(&self, standing: usize) -> Option<usize> {
        let baseline = standing / self.policies * self.policies + self.baseline;
        Some(baseline).filter(|&baseline| baseline != standing)
    }

    /// The same policy at the baseline point, if it is another one.
    fn across(&self, standing: usize) -> Option<usize> {
        let baseline = self.baseline_point * self.policies + standing % self.policies;
        Some(baseline).filter(|&baseline| baseline != standing)
    }
}

/// Compares a batch of which every job was done, by the figures that its scenario chose.
pub fn compare(batch: &Batch, done: &[Done]) -> Comparison {
    compare_by(batch, done, &batch.scenario.report.measures)
}

/// Of every policy at every point, and of every measure, the value of each date, over all replications.
pub(crate) fn by_date(batch: &Batch, done: &[Done], measures: &[&Measure]) -> Vec<Vec<Vec<Option<f64>>>> {
    let (dates, cost) = (batch.dates.len(), batch.scenario.cost);
    let of_standing = |jobs: &[Done]| {
        let days: Days<'_> = jobs.iter().flat_map(days).collect();
        let on = |measure: &Measure, date: usize| measure.of(days.iter().skip(date).step_by(dates), cost).map(rounded);
        measures.iter().map(|measure| (0..dates).map(|date| on(measure, date)).collect()).collect()
    };
    done.chunks(batch.scenario.replications as usize).map(of_standing).collect()
}

/// The same by other figures.
pub(crate) fn compare_by(batch: &Batch, done: &[Done], measures: &[&'static Measure]) -> Comparison {
    let scenario = &batch.scenario;
    let (policies, replications) = (scenario.policies.len(), scenario.replications as usize);
    assert_eq!(done.len(), batch.points().len() * policies * replications, "every job has its result");
    let jobs: Vec<&[Done]> = done.chunks(replications).collect();
    let all: Vec<Days<'_>> = jobs.iter().map(|jobs| jobs.iter().flat_map(days).collect()).collect();
    let blocks = bootstrap::blocks(replications, batch.dates.len(), scenario.report.block_days);
    let (baseline, baseline_point) = (scenario.report.baseline, scenario.report.baseline_point);
    let places = Places { policies, baseline, baseline_point };
    let mut measured = measured(batch, &all, measures, &blocks, &places).into_iter();
    let mut parts = parts::parts(batch, &jobs, &blocks, &places).into_iter();
    let efficient = scenario.cost.map(|cost| pareto::efficient(&all, cost));
    let mut standing = |index: usize| {
        let (hours, hamlets) = parts.next().expect("every standing has parts");
        Standing {
            policy: scenario.policies[index % policies].name.clone(),
            measures: measured.next().expect("every standing is measured"),
            is_efficient: efficient.as_ref().map(|efficient| efficient[index]),
            hours,
            hamlets,
        }
    };
    let mut points = Vec::new();
    for (n, rules) in batch.points().iter().enumerate() {
        let policies = (n * policies..(n + 1) * policies).map(&mut standing).collect();
        points.push(Point { rules: rules.text(), policies });
    }
    Comparison {
        scenario: scenario.name.clone(),
        baseline: scenario.policies[baseline].name.clone(),
        baseline_point,
        confidence: scenario.report.confidence as f64 / 1000.0,
        resamples: RESAMPLES,
        replications: scenario.replications,
        days: batch.dates.len(),
        blocks: blocks.len(),
        block_days: scenario.report.block_days,
        points,
    }
}

fn days(done: &Done) -> impl Iterator<Item = Moment<'_>> {
    done.days.iter().enumerate().map(move |(n, day)| Moment { day, run: (n == 0).then_some(done) })
}

fn measured(
    batch: &Batch,
    all: &[Days<'_>],
    measures: &[&'static Measure],
    blocks: &[std::ops::Range<usize>],
    places: &Places,
) -> Vec<Vec<Measured>> {
    let scenario = &batch.scenario;
    let replications = scenario.replications as usize;
    let of_block = |days: &Days<'_>, measure: &Measure, block: &std::ops::Range<usize>| {
        let parts = days[block.clone()].iter().map(|day| measure.parts(day, scenario.cost));
        parts.fold((0, 0), |sum, day| (sum.0 + day.0, sum.1 + day.1))
    };
    let row = |days: &Days<'_>, measure: &'static Measure| {
        Row::new(measure, blocks.iter().map(|block| of_block(days, measure, block)))
    };
    let rows: Vec<Row> = all.iter().flat_map(|days| measures.iter().map(|measure| row(days, measure))).collect();
    let row_of = |standing: usize, m: usize| standing * measures.len() + m;
    let each = || (0..all.len()).flat_map(|standing| (0..measures.len()).map(move |m| (standing, m)));
    let mut pairs = Vec::new();
    for of in [Places::at_point, Places::across] {
        let pair = |(standing, m)| of(places, standing).map(|other| (row_of(standing, m), row_of(other, m)));
        pairs.extend(each().filter_map(pair));
    }
    let mut differences = bootstrap::differences(&rows, &pairs, blocks.len(), scenario).into_iter();
    let mut told = |of: fn(&Places, usize) -> Option<usize>| -> Vec<Option<Difference>> {
        let next = |(standing, _)| of(places, standing).and_then(|_| differences.next().expect("of every pair"));
        each().map(next).collect()
    };
    let (mut at_point, mut across) = (told(Places::at_point).into_iter(), told(Places::across).into_iter());
    let mut measure = |days: &Days<'_>, measure: &'static Measure| Measured {
        name: measure.name,
        value: measure.of(days, scenario.cost).map(rounded),
        least: measure.by_replication(days, replications, scenario.cost).reduce(f64::min).map(rounded),
        most: measure.by_replication(days, replications, scenario.cost).reduce(f64::max).map(rounded),
        difference: at_point.next().flatten(),
        from_baseline_point: across.next().flatten(),
    };
    all.iter().map(|days| measures.iter().map(|of| measure(days, of)).collect()).collect()
}

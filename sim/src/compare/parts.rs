//! Hours and hamlets: how the choices differ there, with intervals where sums allow them.

use std::collections::BTreeSet;
use std::ops::Range;

use serde::Serialize;

use super::bootstrap::{self, Row};
use super::{Difference, Measure, Moment, Places, rounded};
use crate::batch::{Batch, Done};
use crate::kpi::{ELSEWHERE, NOBODYS, WORST_OF_WAITS};
use crate::results::{DayPart, Figures};

/// What an hour or a hamlet is compared by.
const COMPARED: [&str; 2] = ["served_percent", "wait_mean_s"];

/// One hour, or one hamlet, under one policy at one point.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct PartStanding {
    pub name: String,
    /// Of an average day.
    pub requests: f64,
    pub served_percent: Option<f64>,
    pub wait_mean_s: Option<f64>,
    /// The mean over replications of each one's own, over all its days.
    pub wait_p50_s: Option<f64>,
    pub wait_p90_s: Option<f64>,
    pub km: f64,
    /// Over all replications and days.
    pub waits: i64,
    /// Too few waits to say how long the longest are.
    pub is_sparse: bool,
    /// From the baseline at the same point, or that of the baseline policy itself from the baseline point.
    pub served_difference: Option<Difference>,
    pub wait_difference: Option<Difference>,
}

/// How a job tells of its parts.
struct Kind {
    names: Vec<String>,
    figures: fn(&Done, &str) -> Option<Figures>,
    days: fn(&Done) -> &[DayPart],
    position: fn(&Done, &str) -> Option<usize>,
}

/// Hours and hamlets of every standing.
pub(super) fn parts(
    batch: &Batch,
    jobs: &[&[Done]],
    blocks: &[Range<usize>],
    places: &Places,
) -> Vec<(Vec<PartStanding>, Vec<PartStanding>)> {
    let hours = Kind {
        names: (0..24).map(|hour: usize| hour.to_string()).collect(),
        figures: |done, name| done.hours.get(name.parse::<usize>().ok()?).copied(),
        days: |done| &done.day_hours,
        position: |_, name| name.parse().ok(),
    };
    let hamlets = Kind {
        names: hamlets(jobs),
        figures: |done, name| Some(done.hamlets.iter().find(|hamlet| hamlet.name == name)?.figures),
        days: |done| &done.day_hamlets,
        position: |done, name| done.hamlets.iter().position(|hamlet| hamlet.name == name),
    };
    let [hours, hamlets] = [hours, hamlets].map(|kind| of_kind(batch, jobs, blocks, places, &kind));
    hours.into_iter().zip(hamlets).collect()
}

/// All that occur, in the order in which they were first met; riders of none, and what is nobody's, last.
fn hamlets(jobs: &[&[Done]]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let all = jobs.iter().copied().flatten().flat_map(|done| &done.hamlets).map(|hamlet| &hamlet.name);
    let mut names: Vec<String> = all.filter(|name| seen.insert(*name)).cloned().collect();
    names.sort_by_key(|name| [ELSEWHERE, NOBODYS].iter().position(|last| last == name).map_or(0, |at| at + 1));
    names
}

fn of_kind(
    batch: &Batch,
    jobs: &[&[Done]],
    blocks: &[Range<usize>],
    places: &Places,
    kind: &Kind,
) -> Vec<Vec<PartStanding>> {
    let measures = COMPARED.map(Measure::named);
    let days = batch.dates.len();
    let mut rows = Vec::new();
    for jobs in jobs {
        for name in &kind.names {
            let of_days = days_of(jobs, days, kind, name);
            rows.extend(measures.map(|measure| {
                let of_block = |block: &Range<usize>| {
                    let parts =
                        of_days[block.clone()].iter().map(|day| measure.parts(&Moment { day, run: None }, None));
                    parts.fold((0, 0), |sum, day| (sum.0 + day.0, sum.1 + day.1))
                };
                Row::new(measure, blocks.iter().map(of_block))
            }));
        }
    }
    let each = kind.names.len() * measures.len();
    let other = |standing| places.at_point(standing).or_else(|| places.across(standing));
    let pair = |row: usize| Some((row, other(row / each)? * each + row % each));
    let pairs: Vec<(usize, usize)> = (0..rows.len()).filter_map(pair).collect();
    let mut differences = bootstrap::differences(&rows, &pairs, blocks.len(), &batch.scenario).into_iter();
    let mut next = |standing| other(standing).and_then(|_| differences.next().expect("of every pair"));
    let mut standings = Vec::new();
    for (standing, jobs) in jobs.iter().enumerate() {
        let part = |name: &String| {
            let (served, wait) = (next(standing), next(standing));
            PartStanding { served_difference: served, wait_difference: wait, ..part(jobs, days, kind, name) }
        };
        standings.push(kind.names.iter().map(part).collect());
    }
    standings
}

/// Day after day of all replications, as far as a part needs it.
fn days_of(jobs: &[Done], days: usize, kind: &Kind, name: &str) -> Vec<Figures> {
    let mut all = vec![Figures::default(); jobs.len() * days];
    for (n, done) in jobs.iter().enumerate() {
        let position = (kind.position)(done, name);
        let parts = (kind.days)(done).iter().filter(|part| Some(part.1) == position);
        for &DayPart(day, _, requests, served, waits, wait_ms) in parts {
            all[n * days + day].add(&Figures { requests, served, waits, wait_ms, ..Figures::default() });
        }
    }
    all
}

fn part(jobs: &[Done], days: usize, kind: &Kind, name: &str) -> PartStanding {
    let all: Vec<Figures> = jobs.iter().filter_map(|done| (kind.figures)(done, name)).collect();
    let mut sum = Figures::default();
    all.iter().for_each(|figures| sum.add(figures));
    let mean = |of: fn(&Figures) -> i64| {
        let values: Vec<i64> = all.iter().filter(|figures| 0 < figures.waits).map(of).collect();
        let count = values.len() as f64;
        (!values.is_empty()).then(|| rounded(values.iter().sum::<i64>() as f64 / count / 1000.0))
    };
    let of = |measure: &Measure| measure.of(&[Moment { day: &sum, run: None }], None).map(rounded);
    let [served_percent, wait_mean_s] = COMPARED.map(Measure::named).map(of);
    let per_day = |value: i64, unit: f64| rounded(value as f64 / unit / (jobs.len() * days) as f64);
    PartStanding {
        name: name.to_owned(),
        requests: per_day(sum.requests, 1.0),
        served_percent,
        wait_mean_s,
        wait_p50_s: mean(|figures| figures.wait_p50_ms),
        wait_p90_s: mean(|figures| figures.wait_p90_ms),
        km: per_day(sum.driven_mm, 1_000_000.0),
        waits: sum.waits,
        is_sparse: sum.waits < WORST_OF_WAITS as i64 * jobs.len() as i64,
        served_difference: None,
        wait_difference: None,
    }
}

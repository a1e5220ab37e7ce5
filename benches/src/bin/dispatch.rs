//! A neutral workload, request by request, and how long finding and updating take.
//!
//! Prints one JSON object as its last line. With `--replay` every assignment of a log is forced, and
//! our best cost is compared with the logged one at each request.
#![forbid(unsafe_code)]

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Parser;
use mukae_benches::dispatch::{
    Constraint, Constraints, Day, Logged, NeutralRequest, Replay, Rules, TiedRoads, Workload, read_log,
};
use mukae_benches::{Roads, SERVICE, memory};
use mukae_maps::TravelTimes;
use mukae_units::{Span, Time};
use serde_json::json;

#[derive(Debug, Parser)]
struct Args {
    /// Directory of vertices.csv and edges.csv
    #[arg(long)]
    graph: PathBuf,
    /// Directory of vehicles.csv and requests.csv
    #[arg(long)]
    workload: PathBuf,
    /// Longest wait until boarding, in seconds
    #[arg(long)]
    wait: i64,
    /// Force the assignments of this log (CSV, or CSV.GZ) and compare costs
    #[arg(long)]
    replay: Option<PathBuf>,
    /// Write a line for each request
    #[arg(long)]
    out: Option<PathBuf>,
    /// Play the same day with these constraints beside it, request by request, and tell how much slower that is
    #[arg(long, value_enum, value_delimiter = ',')]
    constraints: Vec<Constraint>,
    /// Only so many requests
    #[arg(long, default_value_t = usize::MAX)]
    limit: usize,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let roads = Roads::read(&args.graph)?;
    let workload = Workload::read(&args.workload, roads.graph.edge_count())?;
    let log = args.replay.as_deref().map(read_log).transpose()?;
    let rules = Rules { service: SERVICE, wait_max: Span::from_secs(args.wait) };
    let mut tied = TiedRoads::new(roads.query());
    tied.cells(); // made when first asked for
    let mut replay = Replay::new(&tied);
    let mut day = Day::new(&workload, rules, Constraints::NONE, &mut tied);
    let mut roads_beside = (!args.constraints.is_empty()).then(|| TiedRoads::new(roads.query()));
    let constraints = Constraints::of(&args.constraints);
    let mut beside = roads_beside.as_mut().map(|roads| Day::new(&workload, rules, constraints, roads));
    let mut out = args.out.map(csv::Writer::from_path).transpose()?;
    if let Some(out) = &mut out {
        out.write_record(["request_id", "vehicle_id", "cost", "find_ns", "update_ns"])?;
    }

    let (mut times, mut times_beside) = (Times::default(), Times::default());
    let (mut sum_cost, mut unassigned, mut unassigned_beside) = (0, 0, 0);
    for (index, asked) in order(&workload, log.as_deref())?.into_iter().enumerate().take(args.limit) {
        let now = Time::from_unix_secs(asked.time_s);
        let mut step_beside = || {
            if let Some(beside) = &mut beside {
                beside.drive_until(now);
                let outcome = beside.find(asked, None);
                let update = beside.update(now, &outcome.decision);
                times_beside.note(outcome.find, update);
                unassigned_beside += usize::from(outcome.assignment.is_none());
            }
        };
        // whoever asks second finds the roads in the cache
        if index % 2 == 0 {
            step_beside();
        }
        day.drive_until(now);
        let mut outcome = day.find(asked, None);
        let find = outcome.find;
        if let Some(log) = &log {
            outcome = replay.force(&mut day, asked, &log[index], outcome)?;
        }
        let update = day.update(now, &outcome.decision);
        match outcome.assignment {
            Some(assignment) => sum_cost += assignment.cost_ds,
            None => unassigned += 1,
        }
        times.note(find, update);
        if index % 2 == 1 {
            step_beside();
        }
        if let Some(out) = &mut out {
            let (vehicle, cost) = outcome.assignment.map_or((String::new(), String::new()), |assignment| {
                (assignment.vehicle.to_string(), assignment.cost_ds.to_string())
            });
            let times = [find, update].map(|took| took.as_nanos().to_string());
            out.write_record([&asked.id.to_string(), &vehicle, &cost, &times[0], &times[1]])?;
        }
    }
    if let Some(out) = &mut out {
        out.flush()?;
    }
    let slowdown = beside.is_some().then(|| times_beside.sum_both() as f64 / times.sum_both() as f64);
    let constrained = beside.is_some().then(|| {
        let [find, update, both] = times_beside.micros();
        json!({
            "find_us": find,
            "update_us": update,
            "both_us": both,
            "unassigned": unassigned_beside,
            "slowdown": slowdown.map(|times| (times * 1e3).round() / 1e3),
        })
    });
    let [find, update, both] = times.micros();
    let json = json!({
        "requests": times.finds.len(),
        "find_us": find,
        "update_us": update,
        "both_us": both,
        "constrained": constrained,
        "sum_cost": sum_cost,
        "unassigned": unassigned,
        "mismatches": log.as_ref().map(|_| replay.tally.mismatches),
        "path_ties": log.as_ref().map(|_| replay.tally.path_ties),
        "log_broke_promises": log.as_ref().map(|_| replay.tally.broken_promises),
        "rss_mb": memory::now().map(|bytes| bytes >> 20),
    });
    println!("{json}");
    Ok(())
}

/// In nanoseconds.
#[derive(Debug, Default)]
struct Times {
    finds: Vec<u64>,
    updates: Vec<u64>,
}

impl Times {
    fn note(&mut self, find: Duration, update: Duration) {
        self.finds.push(find.as_nanos() as u64);
        self.updates.push(update.as_nanos() as u64);
    }

    fn boths(&self) -> impl Iterator<Item = u64> {
        self.finds.iter().zip(&self.updates).map(|(find, update)| find + update)
    }

    fn sum_both(&self) -> u64 {
        self.boths().sum()
    }

    /// Find, update, both.
    fn micros(&self) -> [serde_json::Value; 3] {
        [self.finds.clone(), self.updates.clone(), self.boths().collect()].map(|mut times| micros(&mut times))
    }
}

/// The requests by time; those of one time as the log has them, if there is one.
fn order<'w>(workload: &'w Workload, log: Option<&[Logged]>) -> Result<Vec<&'w NeutralRequest>> {
    let Some(log) = log else { return Ok(workload.requests.iter().collect()) };
    let by_id: HashMap<u32, &NeutralRequest> = workload.requests.iter().map(|asked| (asked.id, asked)).collect();
    let asked = |logged: &Logged| {
        by_id.get(&logged.request).copied().with_context(|| format!("the workload has no request {}", logged.request))
    };
    log.iter().map(asked).collect()
}

/// Mean and percentiles of nanoseconds, in microseconds to three places.
fn micros(nanos: &mut [u64]) -> serde_json::Value {
    nanos.sort_unstable();
    let round = |nanos: f64| nanos.round() / 1e3;
    let percentile = |percent: usize| match nanos.len() {
        0 => 0.0,
        count => round(nanos[((count * percent).div_ceil(100)).clamp(1, count) - 1] as f64),
    };
    let mean = round(nanos.iter().sum::<u64>() as f64 / nanos.len().max(1) as f64);
    json!({ "mean": mean, "p50": percentile(50), "p95": percentile(95), "p99": percentile(99) })
}

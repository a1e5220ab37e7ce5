//! How long a year of a town takes to simulate, on one thread, with every record written and hashed.
//!
//! ```text
//! cargo run --release -p mukae-benches --bin year -- [--requests 100] [--vehicles 8] [--days 365] [--runs 3]
//! ```
//! Prints one JSON object a run. Making the map and the demand is told apart from the run itself.
#![forbid(unsafe_code)]

use std::time::Instant;

use anyhow::Result;
use clap::Parser;
use mukae_benches::year::Year;
use mukae_benches::{isle_of_man, memory};
use mukae_maps::Remembered;
use mukae_sim::Simulation;
use serde_json::json;

#[derive(Debug, Parser)]
struct Args {
    /// Requests of each day
    #[arg(long, default_value_t = 100)]
    requests: usize,
    #[arg(long, default_value_t = 8)]
    vehicles: u32,
    #[arg(long, default_value_t = 365)]
    days: u32,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The same year again, so many times in all
    #[arg(long, default_value_t = 3)]
    runs: u32,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let map = isle_of_man();
    let year = Year { days: args.days, requests_per_day: args.requests, vehicles: args.vehicles, seed: args.seed };
    let begun = Instant::now();
    let mut setup = Some(year.setup(&map));
    let demand_s = begun.elapsed().as_secs_f64();
    for left in (0..args.runs).rev() {
        let (mut roads, mut lengths) = (Remembered::new(map.query(), 14), map.query());
        // the last run has it alone, as each run of a simulation does
        let setup = if left == 0 { setup.take() } else { setup.clone() };
        let (setup, mut bytes) = (setup.expect("taken by the last run alone"), 0);
        let mut keep = |record: &[u8]| bytes += record.len();
        let begun = Instant::now();
        let outcome = Simulation::new(setup, &mut roads, &mut lengths, &mut keep)?.run(&mut |_| {});
        let wall_s = begun.elapsed().as_secs_f64();
        let line = json!({
            "requests": outcome.kpis.requests,
            "served": outcome.kpis.served,
            "records": outcome.records,
            "journal_bytes": bytes,
            "journal_hash": outcome.journal_hash.to_string(),
            "demand_s": demand_s,
            "wall_s": wall_s,
            "us_per_request": 1e6 * wall_s / outcome.kpis.requests as f64,
            "peak_mb": memory::peak().map(|bytes| bytes / 1_000_000),
        });
        println!("{line}");
    }
    Ok(())
}

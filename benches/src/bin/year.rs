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
use mukae_engine::model::{Anticipation, Reposition, RepositionRule};
use mukae_maps::{PreparedMap, Remembered};
use mukae_sim::learned::{Learning, learn, opening};
use mukae_sim::simulation::Ahead;
use mukae_sim::{Setup, Simulation};
use mukae_supply::{Following, Theta};
use mukae_units::{Metres, Span};
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
    /// Vehicles go ahead of demand, as a model says that has learned from so many days before
    #[arg(long, default_value_t = 0)]
    history: u32,
    /// How much of an expected gain is believed, in thousandths
    #[arg(long, default_value_t = 500)]
    eagerness: u32,
    /// So many minutes ahead requests are counted
    #[arg(long, default_value_t = 30)]
    horizon: i64,
    /// How much of the coverage that an insertion destroys it pays for, in thousandths
    #[arg(long, default_value_t = 0)]
    coverage: u32,
    /// What a minute costs by which an insertion makes a promise tight, in yen
    #[arg(long, default_value_t = 0)]
    slack: i64,
    /// Without a model, idle vehicles go back to where their shift began
    #[arg(long, conflicts_with = "history")]
    to_base: bool,
    /// Without what is expected of riders who were taken somewhere
    #[arg(long)]
    no_returns: bool,
    /// The same year again, so many times in all
    #[arg(long, default_value_t = 3)]
    runs: u32,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let map = isle_of_man();
    let year = Year { days: args.days, requests_per_day: args.requests, vehicles: args.vehicles, seed: args.seed };
    let begun = Instant::now();
    let mut setup = year.setup(&map);
    if 0 < args.history {
        setup.ahead = ahead(&args, &year, &setup, &map)?;
    }
    if args.to_base {
        setup.ahead = Ahead::ToBase;
    }
    let mut setup = Some(setup);
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
            "wait_mean_s": outcome.kpis.wait_from_request.mean() / 1000.0,
            "km": outcome.kpis.driven.as_km(),
            "reposition_km": outcome.kpis.empty_reposition.as_km(),
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

fn ahead(args: &Args, year: &Year, setup: &Setup, map: &PreparedMap) -> Result<Ahead> {
    let horizon = Span::from_mins(args.horizon);
    let open = opening(setup.shifts(), &setup.calendar.zone);
    let learning =
        Learning { apart: Metres::from_metres(1500), posts_max: 40, lead_max: horizon, with_returns: !args.no_returns };
    let model = learn(&year.history(map, args.history), open, &setup.calendar.zone, learning, &mut map.query())?;
    let usual = Theta::usual().following(2000);
    let reposition = RepositionRule {
        eagerness_permille: args.eagerness,
        gain_min: 20,
        empty_max: Metres::from_metres(60_000),
        idle_min: Span::from_mins(2),
    };
    let anticipation = Anticipation { coverage_permille: args.coverage, slack_price: args.slack, ..usual.anticipation };
    let reposition = Reposition::ByDemand(reposition);
    Ok(Ahead::Model(model.into(), Following { reposition, anticipation, horizon, ..usual }))
}

//! The search for better plans on dial-a-ride problems that others have solved.
//!
//! ```text
//! cargo run --release -p mukae-benches --bin darp -- INSTANCE... [--seconds 10] [--seed 1] [--out DIR]
//! ```
//! Reads problems in the text format of Cordeau (`docs/demand-formats.md`); others are not read yet. Prints one JSON object a
//! problem, and writes `DIR/NAME.json` for a checker: routes as lists of nodes without the depot.
#![forbid(unsafe_code)]

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Parser;
use mukae_benches::darp;
use mukae_engine::improve::{DONE, Route, Search};
use mukae_sim::demand::darp::read;
use rustix::time::{ClockId, clock_gettime};
use serde_json::json;

/// Between two looks at the clock.
const STEPS: u64 = 8;

#[derive(Debug, Parser)]
struct Args {
    #[arg(required = true)]
    instances: Vec<PathBuf>,
    /// Of one core, for each problem
    #[arg(long, default_value_t = 10.0)]
    seconds: f64,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// For the solutions
    #[arg(long)]
    out: Option<PathBuf>,
}

fn main() -> Result<()> {
    let args = Args::parse();
    if !(0.0..=1e6).contains(&args.seconds) {
        bail!("--seconds {}: 0 to 1000000 are right", args.seconds);
    }
    args.instances.iter().try_for_each(|path| solve(path, &args).with_context(|| path.display().to_string()))
}

fn solve(path: &Path, args: &Args) -> Result<()> {
    let instance = read(&fs::read_to_string(path)?)?;
    let problem =
        darp::problem(&instance).context("a leg or a load is too large: 49 days and 1,023 persons at most")?;
    let begun = cpu_seconds();
    let mut search = Search::new(&problem, args.seed).context("a vehicle can not be back at the depot in time")?;
    let mut steps = 0;
    loop {
        let done = (cpu_seconds() - begun) / args.seconds;
        if done.is_nan() || 1.0 <= done {
            break;
        }
        (0..STEPS).for_each(|_| search.step((done * f64::from(DONE)) as u32));
        steps += STEPS;
    }
    let plan = search.best();
    let name = path.file_stem().context("an instance has a name")?.to_string_lossy();
    if let Some(out) = &args.out {
        fs::create_dir_all(out)?;
        fs::write(out.join(format!("{name}.json")), darp::solution(&name, &instance, plan).to_string())?;
    }
    let rejected = plan.unserved.len();
    // worked out anew from the stops alone
    let has_schedule = |route: &Route| Route::of(&problem, route.vehicle(), route.stops().to_vec()).is_some();
    let is_feasible = plan.routes.iter().all(has_schedule);
    let line = json!({
        "instance": name,
        "cost": darp::cost(&instance, plan),
        "served": instance.requests() - rejected,
        "rejected": rejected,
        "feasible": is_feasible,
        "cpu_s": cpu_seconds() - begun,
        "seed": args.seed,
        "steps": steps,
    });
    println!("{line}");
    Ok(())
}

/// Of this thread.
fn cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

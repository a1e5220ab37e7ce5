//! The search for better plans on dial-a-ride problems that others have solved (`docs/darp.md`).
//!
//! ```text
//! cargo run --release -p mukae-benches --bin darp -- INSTANCE... [--seconds 10] [--seed 1] [--out DIR]
//! cargo run --release -p mukae-benches --bin darp -- INSTANCE --judge ROUTES.json
//! ```
//! Reads all formats that `mukae_benches::darp` knows, whatever the file is called. Prints one JSON object a problem, and
//! writes `DIR/NAME.json` for a checker: routes as lists of nodes without the depot. With `--judge` it plans nothing and
//! says of each route of a solution whether it can be driven.
#![forbid(unsafe_code)]

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use mukae_benches::darp::{self, Candidate, Instance, Judge};
use mukae_engine::improve::{DONE, Plan, Problem, Route, Search};
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};

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
    /// Routes to be judged, instead of a search; as a solution has them
    #[arg(long, conflicts_with_all = ["seconds", "seed", "out"])]
    judge: Option<PathBuf>,
}

/// An instance that can not be read is told, and the others are solved all the same.
fn main() -> Result<ExitCode> {
    let args = Args::parse();
    ensure!((0.0..=1e6).contains(&args.seconds), "--seconds {}: 0 to 1000000 are right", args.seconds);
    if let Some(routes) = &args.judge {
        ensure!(args.instances.len() == 1, "--judge: {} instances; one is right", args.instances.len());
        judge(&args.instances[0], routes)?;
        return Ok(ExitCode::SUCCESS);
    }
    if args.out.is_some() {
        let mut names = BTreeSet::new();
        for path in &args.instances {
            let name = name(path)?;
            ensure!(names.insert(name.clone()), "--out: two instances are called {name}; one call for each is right");
        }
    }
    let mut code = ExitCode::SUCCESS;
    for path in &args.instances {
        if let Err(error) = solve(path, &args) {
            eprintln!("Error: {}: {error:#}", path.display());
            code = ExitCode::FAILURE;
        }
    }
    Ok(code)
}

fn name(path: &Path) -> Result<String> {
    Ok(path.file_stem().with_context(|| format!("{}: it has no name", path.display()))?.to_string_lossy().into_owned())
}

fn solve(path: &Path, args: &Args) -> Result<()> {
    let (name, instance) = (name(path)?, darp::read(path)?);
    let problem = darp::problem(&instance)?;
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
    if let Some(out) = &args.out {
        fs::create_dir_all(out)?;
        fs::write(out.join(format!("{name}.json")), darp::solution(&name, &instance, plan).to_string())?;
    }
    let rejected = plan.unserved.len();
    // worked out anew from the stops alone
    let has_schedule = |route: &Route| Route::of(&problem, route.vehicle(), route.stops().to_vec()).is_some();
    let is_feasible = plan.routes.iter().all(has_schedule);
    let mut line = json!({
        "instance": name,
        "cost": darp::cost(&instance, plan),
        "served": instance.requests.len() - rejected,
        "rejected": rejected,
        "feasible": is_feasible,
        "cpu_s": cpu_seconds() - begun,
        "seed": args.seed,
        "steps": steps,
    });
    if rejected != 0 {
        line["left"] = left(&instance, &problem, plan);
    }
    println!("{line}");
    Ok(())
}

/// Who is on no route, by their pickups, and why.
fn left(instance: &Instance, problem: &Problem, plan: &Plan) -> Value {
    let told = plan
        .unserved
        .iter()
        .map(|&job| json!({ "request": instance.requests[job].pickup, "why": darp::why_left(instance, problem, job) }));
    told.collect()
}

/// A line a route, then one for all of them together.
fn judge(path: &Path, routes: &Path) -> Result<()> {
    let named = |path: &Path| path.display().to_string();
    let instance = darp::read(path).with_context(|| named(path))?;
    let problem = darp::problem(&instance).with_context(|| named(path))?;
    let text = fs::read_to_string(routes).with_context(|| named(routes))?;
    let told: Value = serde_json::from_str(&text).with_context(|| named(routes))?;
    let candidates = Candidate::all(&told).with_context(|| named(routes))?;
    let judge = Judge::new(&instance, &problem);
    let mut out = BufWriter::new(std::io::stdout().lock());
    let (mut cost, mut wrong) = (0.0, 0);
    for (number, candidate) in candidates.iter().enumerate() {
        let verdict = judge.verdict(candidate);
        let is_feasible = verdict.why.is_none();
        (cost, wrong) = (cost + verdict.cost, wrong + u32::from(!is_feasible));
        let mut line = json!({
            "route": number, "vehicle": candidate.vehicle, "feasible": is_feasible, "cost": verdict.cost,
        });
        if let Some(why) = verdict.why {
            line["why"] = why.into();
        }
        writeln!(out, "{line}")?;
    }
    let (faults, unserved) = judge.together(&candidates);
    let line = json!({
        "instance": name(path)?, "routes": candidates.len(), "feasible": wrong == 0 && faults.is_empty(), "cost": cost,
        "served": instance.requests.len() - unserved.len(), "unserved": unserved, "errors": faults,
    });
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}

/// Of this thread.
fn cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

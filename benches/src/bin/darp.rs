//! The search for better plans on dial-a-ride problems that others have solved (`docs/darp.md`).
//!
//! ```text
//! cargo run --release -p mukae-benches --bin darp -- INSTANCE... [--seconds 10] [--seed 1] [--out DIR]
//! cargo run --release -p mukae-benches --bin darp -- INSTANCE... --online [--improve-ms 10] [--seed 1] [--out DIR]
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
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use mukae_benches::darp::{self, Candidate, Instance, Judge, Manner};
use mukae_engine::improve::{DONE, Plan, Problem, Route, Search};
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};

/// Between two looks at the clock.
const STEPS: u64 = 8;
/// When the routes met so far are put together anew, in parts of the time; each time takes up to this share of it.
const COMBINE_AT: [f64; 3] = [0.5, 0.75, 0.93];
const COMBINE_SHARE: f64 = 0.05;
const ROUTES_KEPT: usize = 50_000;
/// In a day as it happens, service begins half way between as early and as late as the plan allows.
const WAITING_PERMILLE: i64 = 500;

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
    /// Requests become known at their times, and what vehicles have left for is done
    #[arg(long)]
    online: bool,
    /// With --online: milliseconds of one core for a better plan after each request; 0 only inserts
    #[arg(long, default_value_t = 10.0, requires = "online")]
    improve_ms: f64,
    /// Routes to be judged, instead of a search; as a solution has them
    #[arg(long, conflicts_with_all = ["seconds", "seed", "out", "online"])]
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
    let (plan, effort) = if args.online { drive(&instance, &problem, args)? } else { search(&problem, args)? };
    let cpu = cpu_seconds() - begun;
    if let Some(out) = &args.out {
        fs::create_dir_all(out)?;
        let told = match args.online {
            true => darp::timed_solution(&name, &instance, &plan),
            false => darp::solution(&name, &instance, &plan),
        };
        fs::write(out.join(format!("{name}.json")), told.to_string())?;
    }
    let rejected = plan.unserved.len();
    // worked out anew from the stops alone
    let has_schedule = |route: &Route| Route::of(&problem, route.vehicle(), route.stops().to_vec()).is_some();
    let is_feasible = plan.routes.iter().all(has_schedule);
    let mut line = json!({
        "instance": name,
        "cost": darp::cost(&instance, &plan),
        "served": instance.requests.len() - rejected,
        "rejected": rejected,
        "feasible": is_feasible,
        "cpu_s": cpu,
        "seed": args.seed,
        "steps": effort,
    });
    if rejected != 0 {
        line["left"] = left(&instance, &problem, &plan);
    }
    println!("{line}");
    Ok(())
}

/// The best plan found in the time there is, and after how many steps.
fn search(problem: &Problem, args: &Args) -> Result<(Plan, u64)> {
    let begun = cpu_seconds();
    let mut search = Search::new(problem, args.seed).context("a vehicle can not be back at the depot in time")?;
    search.collect(ROUTES_KEPT);
    let mut combinations = COMBINE_AT.iter().peekable();
    let columns = (500.0 + 200.0 * args.seconds).min(4_000.0) as usize;
    let limit = Duration::from_secs_f64(args.seconds * COMBINE_SHARE);
    let mut steps = 0;
    loop {
        let done = (cpu_seconds() - begun) / args.seconds;
        if done.is_nan() || 1.0 <= done {
            break;
        }
        if combinations.next_if(|&&at| at <= done).is_some()
            && let Some(plan) = darp::combine(problem, &search, columns, limit)
        {
            search.adopt(&plan);
        }
        (0..STEPS).for_each(|_| search.step((done * f64::from(DONE)) as u32));
        steps += STEPS;
    }
    Ok((search.best().clone(), steps))
}

/// A day as it happens, and how many steps of search it took.
fn drive(instance: &Instance, problem: &Problem, args: &Args) -> Result<(Plan, u64)> {
    ensure!((0.0..=1e6).contains(&args.improve_ms), "--improve-ms {}: 0 to 1000000 are right", args.improve_ms);
    let manner = Manner { seed: args.seed, waiting_permille: WAITING_PERMILLE };
    let budget = |begun: f64| {
        let done = (cpu_seconds() - begun) * 1000.0 / args.improve_ms;
        (!done.is_nan() && done < 1.0).then(|| (done * f64::from(DONE)) as u32)
    };
    let day = darp::run(problem, &darp::reveals(instance), manner, cpu_seconds, budget)?;
    Ok((day.plan, day.steps))
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

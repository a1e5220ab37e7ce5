//! `mukae sim validate`: is the simulator right?

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, bail};
use clap::Args;
use mukae_sim::validate::fleetpy::{CASES, Comparison, Files};
use mukae_sim::validate::light::Light;
use mukae_sim::validate::queue::QUEUES;
use mukae_sim::validate::{Finding, HEADER, darp, hash};

#[derive(Debug, Args)]
pub(crate) struct Validate {
    /// A directory of FleetPy's files (docs/validation.md); without it, one example on the excerpt that comes with us
    #[arg(long, env = "MUKAE_FLEETPY", value_name = "DIR")]
    fleetpy: Option<PathBuf>,
    /// Dial-a-ride problems beside the days that come with us: who is served, and whether knowing all requests is never worse
    #[arg(long, value_name = "FILE")]
    darp: Vec<PathBuf>,
    /// Jobs of each queue
    #[arg(long, default_value_t = 100_000)]
    jobs: usize,
    /// Another number, other jobs and another search
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Check every schedule of the queues as well; takes about twice as long
    #[arg(long)]
    audit: bool,
    /// Tell the gaps between FleetPy's answers and ours, request by request
    #[arg(long)]
    gaps: bool,
    /// Write the findings as JSON to this file; `-` prints them as the last line
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

pub(crate) fn run(args: &Validate) -> anyhow::Result<()> {
    let started = Instant::now();
    let mut found: Vec<Finding> = Vec::new();
    println!("{HEADER}");
    let mut tell = |findings: Vec<Finding>| {
        findings.iter().for_each(|finding| println!("{finding}"));
        found.extend(findings);
    };
    for queue in &QUEUES {
        tell(vec![queue.check(args.jobs, args.seed, args.audit)]);
    }
    tell(Light::excerpt().check(args.jobs / 20, args.seed).to_vec());
    let (files, cases) = match &args.fleetpy {
        None => (Files::Excerpt, &CASES[..1]),
        Some(directory) => (Files::Directory(directory.clone()), &CASES[..]),
    };
    let mut comparisons: Vec<(&str, Comparison)> = Vec::new();
    for case in cases {
        let (findings, comparison) = case.check(&files)?;
        tell(findings);
        comparisons.extend(comparison.map(|comparison| (case.name, comparison)));
    }
    for day in &darp::DAYS {
        tell(darp::check(day.name, &day.instance(), args.seed)?);
    }
    for file in &args.darp {
        let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        let named = || file.display().to_string();
        let instance = mukae_sim::demand::darp::read(&text).with_context(named)?;
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        tell(darp::check(&name, &instance, args.seed).with_context(named)?);
    }
    tell(hash::check().to_vec());
    let wall_s = started.elapsed().as_secs_f64();

    for (case, comparison) in &comparisons {
        tell_comparison(case, comparison, args.gaps);
    }
    let mut explained: Vec<&str> =
        found.iter().filter(|finding| finding.is_met == Some(false)).filter_map(|finding| finding.explained).collect();
    explained.dedup();
    explained.iter().for_each(|why| println!("differs: {why}"));
    println!("roads of FleetPy's example (c) OpenStreetMap contributors, ODbL 1.0");
    println!("{} jobs a queue, seed {}, {wall_s:.1} s", args.jobs, args.seed);
    if args.fleetpy.is_none() {
        println!("three more runs of FleetPy are compared with --fleetpy DIR");
    }
    if let Some(file) = &args.json {
        let of_cases: serde_json::Map<String, serde_json::Value> = comparisons
            .iter()
            .map(|(case, comparison)| Ok(((*case).to_owned(), serde_json::to_value(comparison)?)))
            .collect::<anyhow::Result<_>>()?;
        let wrong = found.iter().filter(|finding| finding.is_wrong()).count();
        let json = serde_json::json!({
            "findings": found,
            "fleetpy": of_cases,
            "jobs": args.jobs,
            "seed": args.seed,
            "wrong": wrong,
            "wall_s": (wall_s * 1000.0).round() / 1000.0,
        });
        match file.to_str() {
            Some("-") => println!("{json}"),
            _ => {
                std::fs::write(file, format!("{json}\n")).with_context(|| format!("cannot write {}", file.display()))?
            }
        }
    }
    let wrong = found.iter().filter(|finding| finding.is_wrong()).count();
    if 0 < wrong {
        bail!("{wrong} of {} findings differ from what was expected, and nothing explains it", found.len());
    }
    Ok(())
}

fn tell_comparison(case: &str, comparison: &Comparison, with_gaps: bool) {
    let Comparison { served_by_both, only_ours, only_theirs, by_none, same_vehicle, same_pickup, gaps, .. } =
        comparison;
    println!();
    println!("{case}, request by request");
    println!("  served by both {served_by_both}, only here {only_ours}, only there {only_theirs}, by none {by_none}");
    println!("  of those by both: same vehicle {same_vehicle}, boarding at the same second {same_pickup}");
    println!(
        "  wait here less wait there, s: mean {:.1}, P10 {:.1}, P50 {:.1}, P90 {:.1}",
        comparison.wait_difference_mean_s,
        comparison.wait_difference_p10_s,
        comparison.wait_difference_p50_s,
        comparison.wait_difference_p90_s
    );
    for (kind, waits) in [("first", comparison.first_of_step), ("later", comparison.later_of_step)] {
        let (requests, ours, theirs) = (waits.requests, waits.ours_s, waits.theirs_s);
        println!("  {requests} {kind} in their step of 60 s: mean wait here {ours:.1} s, there {theirs:.1} s");
    }
    let (ours, theirs) = (comparison.later_same_vehicle_ours, comparison.later_same_vehicle_theirs);
    println!("  later ones given the vehicle of one before them in the step: here {ours}, there {theirs}");
    if with_gaps {
        let text = |seconds: Option<f64>| seconds.map_or("refused".to_owned(), |seconds| format!("{seconds:.0}"));
        let name = |vehicle: Option<u32>| vehicle.map_or("-".to_owned(), |vehicle| vehicle.to_string());
        println!("  request  came, s  wait here  there  vehicle here  there");
        for gap in gaps {
            println!(
                "  {:<8} {:>7} {:>10} {:>6} {:>13} {:>6}",
                gap.request,
                gap.came_s,
                text(gap.ours_s),
                text(gap.theirs_s),
                name(gap.our_vehicle),
                name(gap.their_vehicle)
            );
        }
    }
}

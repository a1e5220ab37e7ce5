//! `mukae sim run SCENARIO`, `compare` and `merge`: batches of runs on all cores, their results and what they say.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Instant;

use anyhow::{Context, anyhow, bail};
use clap::Args;
use mukae_server::config::ZoneMap;
use mukae_sim::batch::{self, Batch, Done, Job, Plan, Stage, Store, Told};
use mukae_sim::compare::{Comparison, compare};
use mukae_sim::scenario::Scenario;
use mukae_sim::{report, results};
use mukae_units::ServiceId;
use serde_json::{Value, json};

use super::somebody::Somebody;
use super::telling::{Form, Telling};
use crate::town::{Town, instant};

/// How a scenario is run.
#[derive(Debug, Args)]
pub(crate) struct How {
    /// Simulate on so many cores; all of them unless it is said
    #[arg(long, requires = "scenario")]
    threads: Option<NonZeroUsize>,
    /// Keep results in this directory, job by job; what is there already is not run again
    #[arg(long, value_name = "DIR", requires = "scenario")]
    results: Option<PathBuf>,
    /// Run this part of the jobs only: `2/8` is every eighth of them, from the second on
    #[arg(long, value_name = "I/N", requires_all = ["results", "scenario"])]
    shard: Option<Shard>,
    /// How far it is, as a bar or as lines of JSON
    #[arg(long, value_enum, default_value_t, requires = "scenario")]
    progress: Form,
    #[command(flatten)]
    somebody: Somebody,
}

/// What is wanted of a scenario.
#[derive(Clone, Copy, Debug)]
pub(super) struct Order<'a> {
    pub how: &'a How,
    /// Where to put the key figures,
    pub json: Option<&'a Path>,
    /// and a page of a day.
    pub report: Option<&'a Path>,
}

#[derive(Debug, Args)]
pub(crate) struct Compare {
    /// The scenario (docs/simulator.md)
    scenario: PathBuf,
    #[command(flatten)]
    how: How,
    /// Write the comparison as JSON to this file; `-` prints it as the last line
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write a page with the comparison in words, tables and charts to this file (docs/report.md)
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Merge {
    /// Directories of results, one for each shard
    #[arg(required = true, value_name = "DIR")]
    directories: Vec<PathBuf>,
    /// Where to put all of them together
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Shard {
    which: usize,
    of: usize,
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Shard, String> {
        let parts = text.split_once('/').and_then(|(which, of)| Some((which.parse().ok()?, of.parse().ok()?)));
        match parts {
            Some((which, of)) if 1 <= which && which <= of => Ok(Shard { which, of }),
            _ => Err(format!("`{text}` is no shard; 1/8 is the first of eight and 8/8 the last")),
        }
    }
}

impl Shard {
    fn has(self, job: &Job) -> bool {
        job.index % self.of + 1 == self.which
    }
}

/// `mukae sim run SCENARIO`.
pub(super) fn run(file: &Path, Order { how, json, report }: Order<'_>) -> anyhow::Result<()> {
    let started = Instant::now();
    let (batch, town) = prepare(file, how)?;
    let Some(done) = simulate(&batch, how)? else { return Ok(()) };
    let wall_s = started.elapsed().as_secs_f64();
    let compared = compare(&batch, &done);
    let figures = figures(&batch, &done, wall_s, serde_json::to_value(&compared)?);
    if how.progress == Form::Bar {
        print(&batch, &done, &compared, wall_s);
    }
    write_json(json, &figures)?;
    write_report(report, &batch, &done, &town)?;
    faults(&done)
}

fn print(batch: &Batch, done: &[Done], compared: &Comparison, wall_s: f64) {
    let is_single = done.len() == 1;
    if batch.scenario.policies.len() == 1 && batch.points().len() == 1 {
        if !is_single {
            println!("replication 1 of {}:", done.len());
        }
        println!("{}", done[0].shown);
    }
    if !is_single {
        println!("{compared}");
    }
    let of = if is_single { "" } else { " of the first job" };
    println!("journal hash{of} {} ({} records)", done[0].journal_hash, done[0].records);
    println!("{} jobs in {wall_s:.2} s", done.len());
}

/// `mukae sim compare SCENARIO`.
pub(super) fn comparison(args: &Compare) -> anyhow::Result<()> {
    let (batch, town) = prepare(&args.scenario, &args.how)?;
    if batch.scenario.policies.len() * batch.points().len() < 2 {
        bail!(
            "{}: there is one policy and nothing to sweep; write a second [policy.NAME] or a [sweep]",
            args.scenario.display()
        );
    }
    let Some(done) = simulate(&batch, &args.how)? else { return Ok(()) };
    let compared = compare(&batch, &done);
    if args.how.progress == Form::Bar {
        println!("{compared}");
    }
    write_json(args.json.as_deref(), &serde_json::to_value(&compared)?)?;
    write_report(args.report.as_deref(), &batch, &done, &town)?;
    faults(&done)
}

/// `mukae sim merge DIR... --out DIR`.
pub(super) fn merge(args: &Merge) -> anyhow::Result<()> {
    let (plan, done) = batch::merge(&args.directories)?;
    let store = Store::open(&args.out, &plan)?;
    for (job, done) in plan.jobs.iter().zip(&done) {
        store.keep(&job.hash, done)?;
    }
    write_tables(&args.out, &plan, &done)?;
    println!("{} jobs of {} are together in {}", done.len(), plan.scenario, args.out.display());
    faults(&done)
}

fn write_report(file: Option<&Path>, batch: &Batch, done: &[Done], town: &Town) -> anyhow::Result<()> {
    let Some(file) = file else { return Ok(()) };
    if done.len() == 1 {
        return super::report::of_batch(batch, town, file);
    }
    let page = report::comparison(batch, done, &town.name());
    fs::write(file, &page).with_context(|| format!("cannot write {}", file.display()))?;
    eprintln!("the comparison on one page of {} kB: {}", page.len() / 1000, file.display());
    Ok(())
}

/// The jobs of a scenario, and its town.
fn prepare(file: &Path, how: &How) -> anyhow::Result<(Batch, Town)> {
    let scenario = Scenario::load(file, &how.somebody.files(file))?;
    let town = Town::of(scenario.town.as_deref())?;
    let batch = Batch::prepare(scenario, stage(town.clone())?)?;
    if let Some(past) = &batch.past {
        super::past::tell(past);
    }
    batch.told.iter().for_each(|told| eprintln!("{told}"));
    for problem in &batch.problems {
        eprintln!("not used: {problem}");
    }
    if 0 < batch.rows_dropped + batch.rows_outside {
        let (dropped, outside) = (batch.rows_dropped, batch.rows_outside);
        eprintln!("{dropped} rows can not be used, {outside} rows are outside the days of the scenario");
    }
    Ok((batch, town))
}

/// The town as the simulator needs it.
pub(super) fn stage(town: Town) -> anyhow::Result<Stage> {
    let program = std::env::current_exe().and_then(fs::read).context("cannot read the program itself")?;
    Ok(stage_of(town, blake3::hash(&program).to_hex().to_string()))
}

/// The same, of the program that has this hash.
pub(crate) fn stage_of(town: Town, program: String) -> Stage {
    let hamlets = town.hamlets();
    let Town { config, map, residents } = town;
    let zones = ZoneMap::fresh(&config.zones);
    let zone = config.area.time_zone.clone();
    let snap_limit = config.area.snap_limit;
    let of_map = Arc::clone(&map);
    Stage {
        map,
        zone: zone.clone(),
        town: residents,
        snap_limit,
        // The configuration's first service; it is the first one a fresh dispatcher is told of.
        service: ServiceId(1),
        zones_of: Box::new(move |point| zones.zones_of(point)),
        settings: Box::new(move |days| {
            let midnight = days.start().to_zoned(zone.clone()).map_err(|error| error.to_string())?;
            mukae_server::config::settings(&config, &of_map, days, instant(&midnight))
                .map_err(|error| error.to_string())
        }),
        hamlets,
        program,
    }
}

/// The results of all jobs in their order; `None`, and it is said, if not all of them are there.
fn simulate(batch: &Batch, how: &How) -> anyhow::Result<Option<Vec<Done>>> {
    let plan = batch.plan();
    let store = how.results.as_deref().map(|directory| Store::open(directory, &plan)).transpose()?;
    let jobs: Vec<&Job> = batch.jobs.iter().filter(|job| how.shard.is_none_or(|shard| shard.has(job))).collect();
    let threads = how.threads.or_else(|| thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get);
    let stop = stop_on_interrupt();
    let mut telling = Telling::new(how.progress, jobs.len());
    let is_loud = how.progress == Form::Bar;
    let mut found = 0;
    let results = batch::run(batch, &jobs, threads, store.as_ref(), &stop, &mut |told| {
        found += usize::from(matches!(told, Told::Found { .. }));
        telling.tell(told);
    });
    telling.finish();
    let results = results?;
    let done: Vec<Done> = results.into_iter().flatten().collect();
    if is_loud && 0 < found {
        println!("{found} of {} results were there already", jobs.len());
    }
    left_out(&done);
    let whole = done.len() == batch.jobs.len();
    if let (true, Some(directory)) = (whole, &how.results) {
        write_tables(directory, &plan, &done)?;
    }
    if whole {
        return Ok(Some(done));
    }
    if done.len() < jobs.len() {
        let kept = match &how.results {
            Some(directory) => format!("they are kept in {}; the same command goes on from there", directory.display()),
            None => "nothing is kept: next time, say --results DIR".to_owned(),
        };
        bail!("interrupted: {} of {} jobs were done; {kept}", done.len(), jobs.len());
    }
    if is_loud {
        println!("{} of {} jobs are done; `mukae sim merge` puts all shards together", done.len(), batch.jobs.len());
    }
    faults(&done)?;
    Ok(None)
}

/// The first Ctrl-C lets the jobs under way end, the second ends the program.
fn stop_on_interrupt() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&stop);
    thread::spawn(move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_io().build() else { return };
        while runtime.block_on(tokio::signal::ctrl_c()).is_ok() {
            if told.swap(true, Ordering::Relaxed) {
                std::process::exit(130);
            }
            eprintln!("stopping when the jobs under way are done; press again to stop at once");
        }
    });
    stop
}

/// What the runs left out or took to be so, once each: mostly it is the same for every policy.
fn left_out(done: &[Done]) {
    let each = |what: &str, lines: &mut dyn Iterator<Item = &String>| {
        lines.collect::<BTreeSet<_>>().into_iter().for_each(|line| eprintln!("{what}: {line}"));
    };
    each("not used", &mut done.iter().flat_map(|done| &done.left_out));
    each("assumed", &mut done.iter().flat_map(|done| &done.assumed));
}

fn write_tables(directory: &Path, plan: &Plan, done: &[Done]) -> anyhow::Result<()> {
    let tables = [
        ("jobs", results::jobs(plan, done)),
        ("days", results::days(plan, done)),
        ("hours", results::hours(plan, done)),
        ("hamlets", results::hamlets(plan, done)),
    ];
    for (name, table) in tables {
        let csv = directory.join(format!("{name}.csv"));
        let cannot = || format!("cannot write {}", csv.display());
        table.write_csv(File::create(&csv).with_context(cannot)?).with_context(cannot)?;
        let parquet = directory.join(format!("{name}.parquet"));
        let cannot = || format!("cannot write {}", parquet.display());
        table.write_parquet(File::create(&parquet).with_context(cannot)?).with_context(cannot)?;
    }
    let all: Vec<Value> = plan.jobs.iter().zip(done).map(|(job, done)| json!({ "job": job, "result": done })).collect();
    let columns = results::Figures::NAMES;
    let file = directory.join("results.json");
    let text = serde_json::to_string(
        &json!({ "scenario": plan.scenario, "dates": plan.dates, "columns": columns, "jobs": all }),
    )?;
    fs::write(&file, format!("{text}\n")).with_context(|| format!("cannot write {}", file.display()))
}

/// The key figures of the first job, as of a single run, and what all jobs say.
fn figures(batch: &Batch, done: &[Done], wall_s: f64, compared: Value) -> Value {
    let mut json = results::with_parts(done[0].kpis.clone(), &done[0].hours, &done[0].hamlets);
    json["rows"] = (done[0].rows + batch.rows_dropped as i64 + batch.rows_outside as i64).into();
    json["rows_used"] = done[0].rows_used.into();
    json["wall_s"] = ((wall_s * 1000.0).round() / 1000.0).into();
    json["records"] = done[0].records.into();
    json["journal_hash"] = done[0].journal_hash.clone().into();
    json["state_hash"] = done[0].state_hash.clone().into();
    json["faults"] = done.iter().map(|done| done.faults.len()).sum::<usize>().into();
    json["scenario"] = batch.scenario.name.clone().into();
    json["jobs"] = done.len().into();
    json["comparison"] = compared;
    json
}

pub(super) fn write_json(file: Option<&Path>, json: &Value) -> anyhow::Result<()> {
    match file.map(|file| (file, file.to_str())) {
        None => Ok(()),
        Some((_, Some("-"))) => {
            println!("{json}");
            Ok(())
        }
        Some((file, _)) => {
            fs::write(file, format!("{json}\n")).with_context(|| format!("cannot write {}", file.display()))
        }
    }
}

fn faults(done: &[Done]) -> anyhow::Result<()> {
    let count: usize = done.iter().map(|done| done.faults.len()).sum();
    for (index, fault) in done.iter().enumerate().flat_map(|(index, done)| done.faults.iter().map(move |f| (index, f)))
    {
        eprintln!("fault in job {index}: {fault}");
    }
    if count == 0 { Ok(()) } else { Err(anyhow!("the audit found {count} faults")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_are_read_and_cover_every_job_once() {
        assert_eq!("2/8".parse(), Ok(Shard { which: 2, of: 8 }));
        for wrong in ["0/8", "9/8", "2", "a/b", "1/0"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
        let shards: Vec<Shard> = ["1/3", "2/3", "3/3"].map(|text| text.parse().unwrap()).to_vec();
        for index in 0..10 {
            let job = Job { index, point: 0, policy: 0, replication: 0, hash: String::new() };
            assert_eq!(shards.iter().filter(|shard| shard.has(&job)).count(), 1);
        }
    }
}

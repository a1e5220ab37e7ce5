//! `mukae sim`: days of a town through the same dispatcher, in seconds.

mod check;
mod demand_file;
mod past;
mod report;
mod scenario;
mod somebody;
mod synth;
mod telling;
mod validate;

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use jiff::civil::Date;
use mukae_journal::{Append, FileStore, LogStore, Options, OsDisk, Sequence, ShardName, Verify};
use mukae_record::Record;
use mukae_server::config::ZoneMap;
use mukae_sim::demand::csv::Strictness;
use mukae_sim::demand::{RowProblem, to_asks};
use mukae_sim::past::Start;
use mukae_sim::report::Story;
use mukae_sim::scenario::days_of;
use mukae_sim::{Ask, Ledger, Outcome, Progress, Setup};
use mukae_units::{ServiceId, Span};

use crate::progress;
use crate::town::{Town, instant};

pub(crate) use scenario::stage_of;

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Simulate a day; without options, a synthetic day of the built-in town
    Run(Box<Run>),
    /// Read a scenario and all that it names, and say what is wrong with it
    Check(check::Check),
    /// A page with the figures, charts and a replay of a day, from one journal or two beside each other
    Report(report::Args),
    /// Write synthetic requests as CSV or Parquet (docs/demand-csv.md) and say what they look like (docs/synthetic-demand.md)
    Synth(Box<synth::Synth>),
    /// Run the policies of a scenario on the same days and say how they differ, with intervals
    Compare(scenario::Compare),
    /// Put the results of shards together
    Merge(scenario::Merge),
    /// Check the simulator against queueing theory, a table of travel times and FleetPy (docs/validation.md)
    Validate(validate::Validate),
}

/// Where the requests come from.
#[derive(Debug, Args)]
pub(crate) struct Demand {
    /// The town's configuration; without it, the built-in town
    #[arg(long)]
    config: Option<PathBuf>,
    #[command(flatten)]
    synthetic: synth::Synthetic,
    /// The service day
    #[arg(long, default_value = crate::demo::DEMO_DAY)]
    date: Date,
    /// Another number, another day
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    /// A scenario (docs/simulator.md); town, demand and seed stand in it
    #[arg(conflicts_with_all = [
        "config", "requests", "volume", "places", "homes", "habits", "date", "seed", "table", "days", "from", "strict", "journal",
    ])]
    scenario: Option<PathBuf>,
    #[command(flatten)]
    how: scenario::How,
    #[command(flatten)]
    demand: Demand,
    /// Take the requests from this file (docs/demand-formats.md) instead, or from the journal in this directory
    /// (docs/past.md)
    #[arg(long = "demand", value_name = "FILE")]
    table: Option<PathBuf>,
    /// Of a journal, simulate these days alone: a date, or `2026-12-01..2026-12-07`
    #[arg(long, value_name = "DAYS", requires = "table", value_parser = days_of)]
    days: Option<RangeInclusive<Date>>,
    /// Of a journal, begin with the state it had at this moment, by the clocks of the town: `2026-12-03 10:00`
    #[arg(long, value_name = "TIME", requires = "table", value_parser = past::start)]
    from: Option<Start>,
    #[command(flatten)]
    foreign: demand_file::Foreign,
    /// Stop at the first row that cannot be used
    #[arg(long)]
    strict: bool,
    /// Keep the journal in this directory, which must not hold one yet
    #[arg(long)]
    journal: Option<PathBuf>,
    /// Write the key figures as JSON to this file; `-` prints them as the last line
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write a page to this file (docs/report.md): of the day, or of all that a scenario compares
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

pub(crate) fn run(verb: &Verb) -> anyhow::Result<()> {
    match verb {
        Verb::Run(args) => match &args.scenario {
            Some(file) => scenario::run(file, args.order()),
            None => simulate(args),
        },
        Verb::Check(args) => check::run(args),
        Verb::Compare(args) => scenario::comparison(args),
        Verb::Merge(args) => scenario::merge(args),
        Verb::Report(args) => report::run(args),
        Verb::Synth(args) => synth::run(args),
        Verb::Validate(args) => validate::run(args),
    }
}

/// What is simulated, and what of the demand could not be.
struct Prepared {
    setup: Setup,
    problems: Vec<RowProblem>,
    rows: usize,
}

fn simulate(args: &Run) -> anyhow::Result<()> {
    let town = Town::of(args.demand.config.as_deref())?;
    let Prepared { mut setup, problems, rows: row_count } = match &args.table {
        Some(directory) if args.foreign.is_journal(directory) => {
            past::prepare(&town, directory, args.days.as_ref(), args.from)?
        }
        _ if args.days.is_some() => bail!("--days is for the journal of an area; a table has its own days"),
        _ if args.from.is_some() => bail!("--from is a moment of the journal of an area; a table is simulated whole"),
        _ => of_requests(&town, args)?,
    };

    let started = Instant::now();
    let mut keeper = args.journal.as_deref().map(|dir| Keeper::create(dir, &town)).transpose()?;
    // the page is of whole days, also where the key figures begin on the way
    let mut told = args.report.as_ref().map(|_| (Story::new(), Ledger::by(town.calendar())));
    let mut lengths = town.map.query();
    let mut keep = |record: &[u8]| {
        if let Some((story, ledger)) = &mut told {
            let record = Record::from_bytes(record).expect("the scribe reads back what it writes");
            story.read(&record);
            ledger.observe(&record.exogenous, record.endogenous.iter(), &mut lengths);
        }
        if let Some(keeper) = &mut keeper {
            keeper.keep(record);
        }
    };
    setup.calendar = town.calendar();
    let asked = setup.asks.len() as u64;
    let bar = progress::bar(asked, "requests");
    let told_of = &mut |progress: Progress| bar.set_position(progress.asked as u64);
    let outcome = mukae_sim::past::simulate(setup, &town.map, &mut keep, told_of)?;
    bar.finish_and_clear();
    if let Some(keeper) = keeper {
        keeper.finish()?;
    }
    let wall_s = started.elapsed().as_secs_f64();

    println!("{} rows, {} used, {} left out", row_count, asked, row_count as u64 - asked);
    println!("{}", outcome.kpis);
    println!("journal hash {} ({} records), simulated in {wall_s:.2} s", outcome.journal_hash, outcome.records);
    println!("map data {}", town.map.credit());
    past::tell_unmet(&outcome);
    for fault in &outcome.faults {
        eprintln!("fault: {fault}");
    }
    if let (Some(file), Some(told)) = (&args.report, &told) {
        let run = report::of_run(args, told, &problems, &outcome);
        report::write(&[run], None, &town, file)?;
    }
    if let Some(file) = &args.json {
        let json = json(&outcome, row_count, asked, wall_s);
        match file.to_str() {
            Some("-") => println!("{json}"),
            _ => {
                std::fs::write(file, format!("{json}\n")).with_context(|| format!("cannot write {}", file.display()))?
            }
        }
    }
    if !outcome.faults.is_empty() {
        bail!("the audit found {} faults", outcome.faults.len());
    }
    Ok(())
}

/// A run of requests that are drawn, or stand in a table.
fn of_requests(town: &Town, args: &Run) -> anyhow::Result<Prepared> {
    let (asks, problems, rows) = asks(town, args)?;
    for problem in &problems {
        eprintln!("not used: {problem}");
    }
    if let Some(reasons) = demand_file::reasons(&problems) {
        eprintln!("not used, by column: {reasons}");
    }
    if asks.is_empty() {
        bail!("there is no request that can be used, of {rows}");
    }
    let zone = &town.config.area.time_zone;
    let dates = || {
        asks.iter()
            .map(|ask| ask.request.wish.window())
            .map(|window| mukae_server::config::civil_date(zone, window.earliest()))
    };
    let (first, last) = (dates().min().expect("not empty"), dates().max().expect("not empty"));
    let first_midnight = instant(&first.to_zoned(zone.clone())?);
    let settings = mukae_server::config::settings(&town.config, &town.map, first..=last, first_midnight)?;
    let mut setup = Setup::new(settings, asks);
    setup.announce_ahead = Span::DAY * 14;
    Ok(Prepared { setup, problems, rows })
}

/// Requests on the map, the rows that can not be used, and how many rows there were.
fn asks(town: &Town, args: &Run) -> anyhow::Result<(Vec<Ask>, Vec<RowProblem>, usize)> {
    let strictness = if args.strict { Strictness::Strict } else { Strictness::Lenient };
    let (rows, mut problems, dropped) = match &args.table {
        None => {
            let model = args.demand.synthetic.model(town, &[args.demand.date])?;
            (synth::day(&model, town, &args.demand), Vec::new(), 0)
        }
        Some(path) => {
            let zone = &town.config.area.time_zone;
            let day = demand_file::Day { zone, date: args.demand.date, seed: args.demand.seed };
            let table = args.foreign.read(path, &day, strictness)?;
            let empty = demand_file::empty_days(&table.rows, zone);
            if let (Some(first), Some(last)) = (empty.first(), empty.last()) {
                eprintln!("nobody wants to travel on {} days in between, from {first} to {last}", empty.len());
            }
            (table.rows, table.problems, table.dropped)
        }
    };
    let zones = ZoneMap::fresh(&town.config.zones);
    let zones_of = |point| zones.zones_of(point);
    // The configuration's first service; it is the first one a fresh dispatcher is told of.
    let (asks, off_map) = to_asks(&rows, &town.map, ServiceId(1), town.config.area.snap_limit, &zones_of);
    if let (true, Some(problem)) = (args.strict, off_map.first()) {
        bail!("{problem}");
    }
    problems.extend(off_map);
    Ok((asks, problems, rows.len() + dropped))
}

fn json(outcome: &Outcome, rows: usize, used: u64, wall_s: f64) -> serde_json::Value {
    let mut json = mukae_sim::results::json(&outcome.ledger);
    json["rows"] = rows.into();
    json["rows_used"] = used.into();
    json["wall_s"] = ((wall_s * 1000.0).round() / 1000.0).into();
    json["records"] = outcome.records.into();
    json["journal_hash"] = outcome.journal_hash.to_string().into();
    json["state_hash"] = outcome.state_hash.to_string().into();
    json["faults"] = outcome.faults.len().into();
    json
}

impl Run {
    /// Of its scenario.
    fn order(&self) -> scenario::Order<'_> {
        scenario::Order { how: &self.how, json: self.json.as_deref(), report: self.report.as_deref() }
    }
}

/// Writes a run's records to a journal, many to a batch: nobody waits for them.
struct Keeper {
    store: FileStore<OsDisk>,
    epoch: mukae_journal::Epoch,
    next: Sequence,
    waiting: Vec<Vec<u8>>,
    failed: Option<String>,
}

impl Keeper {
    const BATCH: usize = 1024;

    fn create(dir: &Path, town: &Town) -> anyhow::Result<Keeper> {
        let disk = OsDisk::create(dir).with_context(|| format!("cannot create {}", dir.display()))?;
        let shard = ShardName::new(town.config.area.name.to_string())?;
        let options = Options { verify: Verify::Everything, ..Options::default() };
        let (mut store, _) = FileStore::create(disk, shard, options).with_context(|| dir.display().to_string())?;
        let epoch = store.claim()?;
        let next = store.next();
        Ok(Keeper { store, epoch, next, waiting: Vec::new(), failed: None })
    }

    fn keep(&mut self, record: &[u8]) {
        self.waiting.push(record.to_vec());
        if Keeper::BATCH <= self.waiting.len() {
            self.flush();
        }
    }

    fn flush(&mut self) {
        let batch: Vec<&[u8]> = self.waiting.iter().map(Vec::as_slice).collect();
        if batch.is_empty() || self.failed.is_some() {
            return;
        }
        match self.store.append(self.epoch, self.next, &batch) {
            Ok(Append::Committed { next }) => self.next = next,
            other => self.failed = Some(format!("{other:?}")),
        }
        self.waiting.clear();
    }

    fn finish(mut self) -> anyhow::Result<()> {
        self.flush();
        if let Some(failed) = self.failed {
            bail!("the journal was not kept: {failed}");
        }
        Ok(self.store.settle()?)
    }
}

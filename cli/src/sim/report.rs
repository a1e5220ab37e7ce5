//! `mukae sim report`: a day's page from one journal, or from two beside each other.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use jiff::civil::Date;
use mukae_engine::Command;
use mukae_engine::model::MapId;
use mukae_maps::PreparedMap;
use mukae_record::{JournalHash, Record};
use mukae_sim::batch::Batch;
use mukae_sim::demand::RowProblem;
use mukae_sim::report::{self, Place, Run, Story};
use mukae_sim::scenario::Source;
use mukae_sim::{Ledger, Outcome};

use crate::journal::for_each_record;
use crate::town::Town;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// One journal, or two to compare; nothing in them is changed
    #[arg(num_args = 1..=2, required = true, value_name = "JOURNAL_DIR")]
    journals: Vec<PathBuf>,
    /// The page to write: one file that needs no network
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The day to show; without it, the one with the most requests
    #[arg(long, value_name = "DATE")]
    day: Option<Date>,
    /// What readers call a journal, in their order; without it, its directory's name
    #[arg(long, value_name = "NAME")]
    name: Vec<String>,
    /// The town's configuration, for its map; without it, the built-in town
    #[arg(long)]
    config: Option<PathBuf>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let (named, given) = (args.name.len(), args.journals.len());
    ensure!(named <= given, "--name is given {named} times for {given} journals; give it once for each of them");
    let town = Town::of(args.config.as_deref())?;
    let read: Vec<Read> = args.journals.iter().map(|dir| read(dir, &town)).collect::<Result<_, _>>()?;
    let runs: Vec<Run<'_>> = read
        .iter()
        .enumerate()
        .map(|(index, Read { story, ledger, hash })| Run {
            name: args.name.get(index).cloned().unwrap_or_else(|| last_part(&args.journals[index])),
            story,
            ledger,
            dropped: None,
            journal_hash: Some(hash.to_string()),
        })
        .collect();
    write(&runs, args.day, &town, &args.out)
}

/// Writes the page of these runs and says so.
pub(crate) fn write(runs: &[Run<'_>], day: Option<Date>, town: &Town, out: &Path) -> anyhow::Result<()> {
    let (day, page) = page(runs, day, town)?;
    write_page(&page, out)?;
    println!("{day} on one page of {} kB: {}", page.len() / 1000, out.display());
    Ok(())
}

fn write_page(page: &str, out: &Path) -> anyhow::Result<()> {
    std::fs::write(out, page).with_context(|| format!("cannot write {}", out.display()))
}

/// The page of that day, or of the one with the most requests.
fn page(runs: &[Run<'_>], day: Option<Date>, town: &Town) -> anyhow::Result<(Date, String)> {
    let zone = &town.config.area.time_zone;
    let name = town.name();
    let place = Place { name: &name, zone, map: &town.map };
    let day = match day {
        Some(day) => day,
        None => report::busiest_day(runs[0].story, zone)?,
    };
    Ok((day, report::page(runs, day, &place)?))
}

/// A simulated run as its page names it.
pub(super) fn of_run<'a>(
    args: &super::Run,
    (story, ledger): &'a (Story, Ledger),
    problems: &[RowProblem],
    outcome: &Outcome,
) -> Run<'a> {
    let source = match (&args.table, args.from) {
        (Some(table), Some(from)) => format!("{} as recorded until {from}", last_part(table)),
        (Some(table), None) => last_part(table),
        (None, _) => format!("{}, seed {}", args.demand.synthetic.told(), args.demand.seed),
    };
    Run {
        name: source,
        story,
        ledger,
        dropped: Some(problems.iter().map(ToString::to_string).collect()),
        journal_hash: Some(outcome.journal_hash.to_string()),
    }
}

/// Writes the page of a scenario of one run, which is simulated once more for it: results hold figures and no records.
pub(super) fn of_batch(batch: &Batch, town: &Town, out: &Path) -> anyhow::Result<()> {
    let job = batch.jobs.first().context("a scenario has a job")?;
    let (mut story, mut ledger) = (Story::new(), Ledger::by(town.calendar()));
    let mut lengths = town.map.query();
    let mut keep = |bytes: &[u8]| {
        let record = Record::from_bytes(bytes).expect("what the scribe writes can be read");
        ledger.observe(&record.exogenous, record.endogenous.iter(), &mut lengths);
        story.read(&record);
    };
    let done = batch.simulate(job, &mut keep, &mut |_| {})?;
    let policy = &batch.scenario.policies[job.policy].name;
    let name = match batch.scenario.demand.source {
        Source::Journal { from: Some(from), .. } => format!("{policy} (as recorded until {from})"),
        _ => policy.clone(),
    };
    let dropped = Some(batch.problems.iter().map(ToString::to_string).chain(done.left_out).collect());
    let run = Run { name, story: &story, ledger: &ledger, dropped, journal_hash: Some(done.journal_hash) };
    let (day, page) = page(&[run], None, town)?;
    write_page(&page, out)?;
    eprintln!("{day} on one page of {} kB", page.len() / 1000);
    Ok(())
}

/// What a journal tells so far, and the hash up to there; it may still be written to.
struct Read {
    story: Story,
    ledger: Ledger,
    hash: JournalHash,
}

fn read(dir: &Path, town: &Town) -> anyhow::Result<Read> {
    let map: &PreparedMap = &town.map;
    let (mut story, mut ledger, mut hash) = (Story::new(), Ledger::by(town.calendar()), JournalHash::start());
    let mut lengths = map.query();
    let report = for_each_record(dir, &mut |sequence, bytes| {
        let record = Record::from_bytes(bytes).with_context(|| format!("record {sequence}"))?;
        if let Command::UseMap(written) = record.command()
            && *written != MapId(map.checksum())
        {
            bail!(
                "{} was written on the map {:016x}, this one is {:016x}; give the --config that names the right map",
                dir.display(),
                written.0,
                map.checksum()
            );
        }
        hash = hash.after(bytes);
        story.read(&record);
        ledger.observe(&record.exogenous, record.endogenous.iter(), &mut lengths);
        Ok(())
    })?;
    if let Some(damage) = &report.damage {
        bail!("the journal {} cannot be read to its end: {damage}", dir.display());
    }
    Ok(Read { story, ledger, hash })
}

fn last_part(dir: &Path) -> String {
    dir.file_name().map_or_else(|| dir.display().to_string(), |name| name.to_string_lossy().into_owned())
}

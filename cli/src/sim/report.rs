//! `mukae sim report`: a day's page from one journal, or from two beside each other.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use jiff::civil::Date;
use mukae_engine::Command;
use mukae_engine::model::MapId;
use mukae_maps::PreparedMap;
use mukae_record::{JournalHash, Record};
use mukae_sim::demand::RowProblem;
use mukae_sim::report::{self, Place, Run, Story};
use mukae_sim::{Ledger, Outcome};

use super::Demand;
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
    let zone = &town.config.area.time_zone;
    let name = town.name();
    let place = Place { name: &name, zone, map: &town.map };
    let day = match day {
        Some(day) => day,
        None => report::busiest_day(runs[0].story, zone)?,
    };
    let page = report::page(runs, day, &place)?;
    std::fs::write(out, &page).with_context(|| format!("cannot write {}", out.display()))?;
    println!("{day} on one page of {} kB: {}", page.len() / 1000, out.display());
    Ok(())
}

/// A simulated run as its page names it.
pub(super) fn of_run<'a>(
    demand: &Demand,
    table: Option<&Path>,
    story: &'a Story,
    problems: &[RowProblem],
    outcome: &'a Outcome,
) -> Run<'a> {
    let source = match table {
        Some(table) => last_part(table),
        None => format!("{}, seed {}", demand.synthetic.told(), demand.seed),
    };
    Run {
        name: source,
        story,
        ledger: &outcome.ledger,
        dropped: Some(problems.iter().map(ToString::to_string).collect()),
        journal_hash: Some(outcome.journal_hash.to_string()),
    }
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

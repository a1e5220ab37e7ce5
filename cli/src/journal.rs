//! `mukae journal`: what an area's journal holds, and whether it still says the same.

use std::mem;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use clap::{Args, Subcommand};
use mukae_engine::model::MapId;
use mukae_engine::{Command, Memory, RoadsBefore, Work};
use mukae_journal::{OpenReport, OsDisk, ReadOnlyLog, Sequence};
use mukae_maps::{Place, PreparedMap, RoadQuery};
use mukae_office::{Fact, Office, RoadService};
use mukae_record::{Record, Scribe};
use mukae_sim::Ledger;

use crate::progress;
use crate::town::Town;

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Replay a journal, decide every command again, and compare; prints its hash
    Verify(Journal),
    /// The key figures of what a journal holds
    Kpis(Journal),
    /// Print every record, one a line
    Print(Journal),
}

#[derive(Debug, Args)]
pub(crate) struct Journal {
    /// The journal's directory; nothing in it is changed
    dir: PathBuf,
    /// The town's configuration, for its map; without it, the built-in town
    #[arg(long)]
    config: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(verb: &Verb) -> anyhow::Result<()> {
    match verb {
        Verb::Verify(args) => verify(args),
        Verb::Kpis(args) => {
            let town = Town::of(args.config.as_deref())?;
            let ledger = ledger(&args.dir, &town)?;
            if args.json {
                println!("{}", mukae_sim::results::json(&ledger))
            } else {
                println!("{}", ledger.kpis())
            }
            Ok(())
        }
        Verb::Print(args) => for_each_record(&args.dir, &mut |sequence, bytes| {
            let record = Record::from_bytes(bytes).with_context(|| format!("record {sequence}"))?;
            println!("{sequence} {record:?}");
            Ok(())
        })
        .map(drop),
    }
}

fn verify(args: &Journal) -> anyhow::Result<()> {
    let town = Town::of(args.config.as_deref())?;
    let mut scribe = Scribe::new();
    let mut roads = RoadsAsOrdered::new(&town.map);
    let report = for_each_record(&args.dir, &mut |sequence, bytes| {
        let record = Record::from_bytes(bytes).with_context(|| format!("record {sequence}"))?;
        let different = || format!("record {sequence} is decided differently now");
        roads.redecide(&scribe, &record, bytes).with_context(different)?;
        scribe.replay(bytes)?;
        expect_map(&scribe, &town.map)
    })?;
    let (records, hash) = (scribe.next_sequence(), scribe.journal_hash());
    if args.json {
        let state_hash = scribe.state_hash().to_string();
        println!(
            "{}",
            serde_json::json!({ "records": records, "journal_hash": hash.to_string(), "state_hash": state_hash })
        );
    } else {
        println!("{records} records replayed and decided again, without a difference");
        println!("journal hash {hash}");
        println!("state hash   {}", scribe.state_hash());
    }
    if let Some(cut) = &report.tail_cut {
        eprintln!("note: the journal ends in an unfinished write: {cut:?}");
    }
    if let Some(damage) = &report.damage {
        bail!("the journal cannot be read to its end: {damage}");
    }
    Ok(())
}

/// The roads as the journal's measures left them, record by record.
struct RoadsAsOrdered {
    office: Office,
    service: RoadService,
    query: RoadQuery,
    memory: Memory,
}

impl RoadsAsOrdered {
    fn new(map: &Arc<PreparedMap>) -> RoadsAsOrdered {
        let office = Office::default();
        let service = RoadService::take_up(map, &office);
        RoadsAsOrdered { query: service.query(), office, service, memory: Memory::default() }
    }

    /// Decides the next record again, on the roads that it was decided on.
    fn redecide(&mut self, scribe: &Scribe, record: &Record, bytes: &[u8]) -> anyhow::Result<()> {
        let at = record.at();
        match record.command() {
            Command::Note { content, .. } => {
                let fact = Fact::from_note(content)?;
                self.office.check(&fact).map_err(|objection| anyhow!("the note can not be: {objection:?}"))?;
                self.redecide_here(scribe, bytes)?;
                self.office.apply(at, &fact);
            }
            Command::RoadsChanged { .. } => {
                let holding = self.office.measures_at(at);
                let (changes, mut before) = self.service.change(&self.office, &holding, &mut self.query);
                let may_differ = |from: Place, to: Place| changes.may_differ(from, to);
                let before = RoadsBefore { roads: &mut before, may_differ: &may_differ };
                let mut work = Work::after_change(&mut self.query, before);
                scribe.redecide(bytes, &mut work)?;
                self.memory = work.into_memory();
                self.office.note_roads_changed(at);
            }
            _ => self.redecide_here(scribe, bytes)?,
        }
        Ok(())
    }

    fn redecide_here(&mut self, scribe: &Scribe, bytes: &[u8]) -> anyhow::Result<()> {
        let mut work = Work::with(&mut self.query, mem::take(&mut self.memory));
        scribe.redecide(bytes, &mut work)?;
        self.memory = work.into_memory();
        Ok(())
    }
}

/// Places mean nothing on another map.
fn expect_map(scribe: &Scribe, map: &Arc<PreparedMap>) -> anyhow::Result<()> {
    match scribe.state().map {
        Some(written) if written != MapId(map.checksum()) => bail!(
            "this journal was written on the map {:016x}, this one is {:016x}; give the --config that names the right map",
            written.0,
            map.checksum()
        ),
        _ => Ok(()),
    }
}

/// The key figures of a journal so far; it may still be written to.
pub(crate) fn ledger(dir: &Path, town: &Town) -> anyhow::Result<Ledger> {
    let mut lengths = town.map.query();
    let mut ledger = Ledger::by(town.calendar());
    for_each_record(dir, &mut |sequence, bytes| {
        let record = Record::from_bytes(bytes).with_context(|| format!("record {sequence}"))?;
        ledger.observe(&record.exogenous, record.endogenous.iter(), &mut lengths);
        Ok(())
    })?;
    Ok(ledger)
}

/// Reads a journal to its end, without a lock, with a progress bar.
pub(crate) fn for_each_record(
    dir: &Path,
    visit: &mut dyn FnMut(u64, &[u8]) -> anyhow::Result<()>,
) -> anyhow::Result<OpenReport> {
    let disk = OsDisk::open(dir).with_context(|| format!("cannot read {}", dir.display()))?;
    let (log, report) = ReadOnlyLog::open(disk, None).with_context(|| dir.display().to_string())?;
    let bar = progress::bar(log.next().as_u64(), "records");
    for record in log.read(Sequence::START)? {
        let record = record?;
        visit(record.sequence.as_u64(), &record.bytes)?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(report)
}

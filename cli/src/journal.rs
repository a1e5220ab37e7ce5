//! `mukae journal`: what an area's journal holds, and whether it still says the same.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use mukae_journal::{OpenReport, OsDisk, ReadOnlyLog, Sequence};
use mukae_record::Record;
use mukae_sim::Ledger;
use mukae_sim::past::Verifier;

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
    let mut verifier = Verifier::new(&town.map);
    let report = for_each_record(&args.dir, &mut |_, bytes| {
        let record = verifier.read(bytes)?;
        Ok(verifier.take(&record, bytes)?)
    })?;
    let scribe = verifier.scribe();
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

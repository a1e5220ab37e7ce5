//! A journal's directory, read to its end; whatever keeps it from being a whole past is said.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use mukae_journal::{Damage, OpenError, OsDisk, ReadError, ReadOnlyLog, Sequence};
use mukae_maps::PreparedMap;
use mukae_units::Time;
use thiserror::Error;

use super::reader::Reader;
use super::start::{Start, shown};
use super::verify::{Different, Verifier};
use super::{Past, Repeats};

/// Why a directory can not be used as demand.
#[derive(Debug, Error)]
pub enum PastError {
    #[error("{dir}: cannot be read: {source}")]
    Read { dir: String, source: io::Error },
    #[error("{dir}: {source}")]
    Open { dir: String, source: OpenError },
    #[error("{dir} holds the journals of several areas; name one of them: {areas}")]
    Areas { dir: String, areas: String },
    #[error("the journal {dir} cannot be read to its end: {damage}")]
    Damaged { dir: String, damage: Damage },
    #[error("the journal {dir}: {source}")]
    Log { dir: String, source: ReadError },
    #[error("the journal {dir} is empty: nothing was ever recorded in it")]
    Empty { dir: String },
    #[error("the journal {dir} is not what happened: {source}")]
    Different { dir: String, source: Box<Different> },
    #[error("the journal {dir} has no demand: in its {records} records nobody asks for a ride{}", on_days(days))]
    NoDemand { dir: String, records: u64, days: Option<String> },
    #[error("`from` is {wrong}")]
    Start { wrong: String },
    #[error("the journal {dir} goes from {first} to {last}, and `from` is {from}; write a time between the two")]
    Outside { dir: String, from: Start, first: String, last: String },
    #[error("`days` begins on {days} and `from` is on {from}; let `days` begin on that date, or leave it out")]
    OtherDay { days: Date, from: Date },
}

/// What is made of a journal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reading {
    pub repeats: Repeats,
    /// Where a run of it begins; `None`: where the journal does.
    pub from: Option<Start>,
    /// Records from here on are not read; `None`: all are.
    pub until: Option<Time>,
    /// How the journal is called in what is said of it; `None`: by its directory.
    pub called: Option<String>,
    /// Of the town.
    pub zone: TimeZone,
}

impl Reading {
    /// All of it.
    pub fn whole(repeats: Repeats, zone: TimeZone) -> Reading {
        Reading { repeats, from: None, until: None, called: None, zone }
    }
}

fn on_days(days: &Option<String>) -> String {
    days.as_ref().map_or_else(String::new, |days| format!(" on {days}"))
}

/// Reads the journal in a directory, which may still be written to; `progress` is told how many records are read, of how
/// many. Every record is decided again; the first that is decided differently ends the reading.
pub fn read(
    dir: &Path,
    map: &Arc<PreparedMap>,
    reading: &Reading,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Past, PastError> {
    let Reading { repeats, from, until, called, zone } = reading;
    let name = || called.clone().unwrap_or_else(|| dir.display().to_string());
    let start = from.map(|from| from.at(zone)).transpose().map_err(|wrong| PastError::Start { wrong })?;
    let disk = OsDisk::open(dir).map_err(|source| PastError::Read { dir: name(), source })?;
    let (log, report) = match ReadOnlyLog::open(disk, None) {
        Ok(opened) => opened,
        Err(OpenError::NoJournal) => return Err(without_journal(dir, name())),
        Err(source) => return Err(PastError::Open { dir: name(), source }),
    };
    if let Some(damage) = report.damage {
        return Err(PastError::Damaged { dir: name(), damage });
    }
    let (mut verifier, mut reader) = (Verifier::new(map), start.map_or_else(Reader::default, Reader::begun_at));
    let different = |source| PastError::Different { dir: name(), source: Box::new(source) };
    let (records, mut is_cut_off) = (log.next().as_u64(), false);
    for record in log.read(Sequence::START).map_err(|source| PastError::Log { dir: name(), source })? {
        let stored = record.map_err(|source| PastError::Log { dir: name(), source })?;
        let record = verifier.read(&stored.bytes).map_err(different)?;
        if until.is_some_and(|until| until <= record.at()) {
            is_cut_off = true;
            break;
        }
        reader.read(&record, &stored.bytes, verifier.state());
        verifier.take(&record, &stored.bytes).map_err(different)?;
        progress(stored.sequence.as_u64() + 1, records);
    }
    let scribe = verifier.scribe();
    let Some(mut past) = reader.finish(scribe, *repeats) else { return Err(PastError::Empty { dir: name() }) };
    past.counts.is_cut = report.tail_cut.is_some() && !is_cut_off;
    if let Some((from, at)) = from.zip(start) {
        inside(&past, at).map_err(|(first, last)| PastError::Outside {
            dir: name(),
            from,
            first: shown(first, zone),
            last: shown(last, zone),
        })?;
    } else if past.asks.is_empty() {
        return Err(PastError::NoDemand { dir: name(), records: past.counts.records, days: None });
    }
    Ok(past)
}

fn inside(past: &Past, at: Time) -> Result<(), (Time, Time)> {
    if past.first <= at && at <= past.last { Ok(()) } else { Err((past.first, past.last)) }
}

/// A server of several areas keeps their journals side by side.
fn without_journal(dir: &Path, name: String) -> PastError {
    let has_log = |inside: &Path| {
        let mut names = fs::read_dir(inside).into_iter().flatten().flatten();
        names.any(|entry| entry.file_name().to_string_lossy().starts_with("log-"))
    };
    let mut areas: Vec<String> = fs::read_dir(dir)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| has_log(&entry.path()))
        .map(|entry| entry.path().display().to_string())
        .collect();
    areas.sort_unstable();
    if areas.is_empty() {
        return PastError::Open { dir: name, source: OpenError::NoJournal };
    }
    PastError::Areas { dir: name, areas: areas.join(", ") }
}

//! A journal's directory, read to its end; whatever keeps it from being a whole past is said.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use mukae_journal::{Damage, OpenError, OsDisk, ReadError, ReadOnlyLog, Sequence};
use mukae_maps::PreparedMap;
use thiserror::Error;

use super::reader::Reader;
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
}

fn on_days(days: &Option<String>) -> String {
    days.as_ref().map_or_else(String::new, |days| format!(" on {days}"))
}

/// Reads the journal in a directory, which may still be written to; `progress` is told how many records are read, of how
/// many. Every record is decided again; the first that is decided differently ends the reading.
pub fn read(
    dir: &Path,
    map: &Arc<PreparedMap>,
    repeats: Repeats,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Past, PastError> {
    let name = || dir.display().to_string();
    let disk = OsDisk::open(dir).map_err(|source| PastError::Read { dir: name(), source })?;
    let (log, report) = match ReadOnlyLog::open(disk, None) {
        Ok(opened) => opened,
        Err(OpenError::NoJournal) => return Err(without_journal(dir)),
        Err(source) => return Err(PastError::Open { dir: name(), source }),
    };
    if let Some(damage) = report.damage {
        return Err(PastError::Damaged { dir: name(), damage });
    }
    let (mut verifier, mut reader) = (Verifier::new(map), Reader::default());
    let different = |source| PastError::Different { dir: name(), source: Box::new(source) };
    let records = log.next().as_u64();
    for record in log.read(Sequence::START).map_err(|source| PastError::Log { dir: name(), source })? {
        let stored = record.map_err(|source| PastError::Log { dir: name(), source })?;
        let record = verifier.read(&stored.bytes).map_err(different)?;
        reader.read(&record, verifier.state());
        verifier.take(&record, &stored.bytes).map_err(different)?;
        progress(stored.sequence.as_u64() + 1, records);
    }
    let scribe = verifier.scribe();
    let Some(mut past) = reader.finish(scribe, repeats) else { return Err(PastError::Empty { dir: name() }) };
    past.counts.is_cut = report.tail_cut.is_some();
    if past.asks.is_empty() {
        return Err(PastError::NoDemand { dir: name(), records: past.counts.records, days: None });
    }
    Ok(past)
}

/// A server of several areas keeps their journals side by side.
fn without_journal(dir: &Path) -> PastError {
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
    let dir = dir.display().to_string();
    if areas.is_empty() {
        return PastError::Open { dir, source: OpenError::NoJournal };
    }
    PastError::Areas { dir, areas: areas.join(", ") }
}

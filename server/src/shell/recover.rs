//! Taking up an area where it was left: the newest snapshot that can be read, then the log after it.

use std::path::Path;
use std::time::{Duration, Instant};

use mukae_engine::model::MapId;
use mukae_journal::{
    ClaimError, Epoch, FileStore, LogStore, OpenError, OpenReport, Options, OsDisk, ReadError, Sequence, ShardName,
    SnapshotError,
};
use mukae_record::{ReplayError, Scribe};

use super::annals::Annals;
use super::snapshot;

/// An area as its journal left it, ready to go on.
#[derive(Debug)]
pub struct Recovered {
    pub scribe: Scribe,
    pub annals: Annals,
    pub epoch: Epoch,
    pub report: RecoveryReport,
}

/// How the recovery went, for the log and for whoever started the server.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RecoveryReport {
    /// Records the snapshot stood for.
    pub from_snapshot: u64,
    /// Records replayed after it.
    pub replayed: u64,
    pub took: Duration,
    /// What an operator should hear of.
    pub notes: Vec<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum RecoverError {
    #[error("the journal directory {dir} cannot be opened: {source}")]
    Directory { dir: String, source: std::io::Error },
    #[error("the journal in {dir} cannot be opened: {source}")]
    Open { dir: String, source: OpenError },
    #[error("the journal cannot be claimed: {0}")]
    Claim(#[from] ClaimError),
    #[error("the snapshots of the journal cannot be read: {0}")]
    Snapshots(#[from] SnapshotError),
    #[error("the journal cannot be read: {0}")]
    Read(#[from] ReadError),
    #[error("the journal cannot be replayed: {0}")]
    Replay(#[from] ReplayError),
    #[error(
        "this journal was written with map {written:016x}, and the configuration names map {configured:016x}; \
         start with the map it was written with, or with an empty journal directory"
    )]
    OtherMap { written: u64, configured: u64 },
    #[error("the snapshot stands for {snapshot} records, but the log holds only {log}: part of the log is missing")]
    LogTooShort { snapshot: u64, log: u64 },
}

/// Opens the journal of `shard` in a directory, or begins one.
pub fn open(dir: &Path, shard: ShardName) -> Result<(Box<dyn LogStore>, OpenReport), RecoverError> {
    let name = || dir.display().to_string();
    let disk = OsDisk::create(dir).map_err(|source| RecoverError::Directory { dir: name(), source })?;
    let opened = FileStore::open_or_create(disk, shard, Options::default());
    let (store, report) = opened.map_err(|source| RecoverError::Open { dir: name(), source })?;
    Ok((Box::new(store), report))
}

/// Claims the log and brings the state up to its end. Blocks; panics on a log that was not written by us.
pub fn recover(store: &mut dyn LogStore, map: MapId) -> Result<Recovered, RecoverError> {
    let started = Instant::now();
    let epoch = store.claim()?;
    let mut notes = Vec::new();
    let (mut annals, mut scribe) = newest_snapshot(store, &mut notes)?;
    let from_snapshot = scribe.next_sequence();
    if store.next().as_u64() < from_snapshot {
        return Err(RecoverError::LogTooShort { snapshot: from_snapshot, log: store.next().as_u64() });
    }
    for record in store.read(Sequence::new(from_snapshot))? {
        let record = scribe.replay(&record?.bytes)?;
        annals.note(scribe.next_sequence(), &record.into_events(), scribe.state());
    }
    assert_eq!(scribe.next_sequence(), store.next().as_u64(), "every record of the log was replayed");
    if let Some(written) = scribe.state().map.filter(|written| *written != map) {
        return Err(RecoverError::OtherMap { written: written.0, configured: map.0 });
    }
    let replayed = scribe.next_sequence() - from_snapshot;
    let report = RecoveryReport { from_snapshot, replayed, took: started.elapsed(), notes };
    Ok(Recovered { scribe, annals, epoch, report })
}

/// The state of the newest snapshot that can be read; the beginning if there is none.
fn newest_snapshot(store: &dyn LogStore, notes: &mut Vec<String>) -> Result<(Annals, Scribe), RecoverError> {
    let latest = store.snapshots().latest()?;
    notes.extend(
        latest.skipped.iter().map(|skipped| format!("snapshot {} was passed over: {}", skipped.file, skipped.reason)),
    );
    let Some(found) = latest.snapshot else { return Ok((Annals::default(), Scribe::new())) };
    match snapshot::read(&found.bytes) {
        Ok((annals, scribe)) if scribe.next_sequence() == found.at.as_u64() => Ok((annals, scribe)),
        Ok(_) => {
            notes.push(format!("the snapshot at {} says another place of itself; the whole log is replayed", found.at));
            Ok((Annals::default(), Scribe::new()))
        }
        Err(error) => {
            notes.push(format!("the snapshot at {} cannot be used, the whole log is replayed: {error}", found.at));
            Ok((Annals::default(), Scribe::new()))
        }
    }
}

//! Taking up an area where it was left: the newest snapshot that can be read, then the log after it.

use std::path::Path;
use std::time::{Duration, Instant};

use mukae_engine::model::MapId;
use mukae_journal::{
    ClaimError, Epoch, FileStore, LatestSnapshot, LogStore, OpenError, OpenReport, Options, OsDisk, ReadError,
    Sequence, ShardName, SnapshotError, Snapshots,
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
    let mut replay = newest_snapshot(store.snapshots().as_ref(), &mut notes)?;
    let from_snapshot = replay.scribe.next_sequence();
    if store.next().as_u64() < from_snapshot {
        return Err(RecoverError::LogTooShort { snapshot: from_snapshot, log: store.next().as_u64() });
    }
    for record in store.read(Sequence::new(from_snapshot))? {
        replay.follow(&record?.bytes)?;
    }
    let Replay { scribe, annals } = replay;
    assert_eq!(scribe.next_sequence(), store.next().as_u64(), "every record of the log was replayed");
    if let Some(written) = scribe.state().map.filter(|written| *written != map) {
        return Err(RecoverError::OtherMap { written: written.0, configured: map.0 });
    }
    let replayed = scribe.next_sequence() - from_snapshot;
    let report = RecoveryReport { from_snapshot, replayed, took: started.elapsed(), notes };
    Ok(Recovered { scribe, annals, epoch, report })
}

/// The state of an area as the records so far leave it: how a log is followed, here and by whoever looks at the past.
#[derive(Clone, Debug, Default)]
pub struct Replay {
    pub scribe: Scribe,
    pub annals: Annals,
}

impl Replay {
    /// Goes on by the next record of the log. Panics, as `apply` does, on a log that was not written by us.
    pub fn follow(&mut self, bytes: &[u8]) -> Result<(), ReplayError> {
        let record = self.scribe.replay(bytes)?;
        self.annals.note(self.scribe.next_sequence(), &record.into_events(), self.scribe.state());
        Ok(())
    }
}

/// The state of the newest snapshot that can be read; the beginning if there is none.
pub fn newest_snapshot(snapshots: &dyn Snapshots, notes: &mut Vec<String>) -> Result<Replay, SnapshotError> {
    Ok(replay_of(snapshots.latest()?, notes))
}

/// The same of a snapshot that was found.
pub fn replay_of(latest: LatestSnapshot, notes: &mut Vec<String>) -> Replay {
    notes.extend(
        latest.skipped.iter().map(|skipped| format!("snapshot {} was passed over: {}", skipped.file, skipped.reason)),
    );
    let Some(found) = latest.snapshot else { return Replay::default() };
    match snapshot::read(&found.bytes) {
        Ok((annals, scribe)) if scribe.next_sequence() == found.at.as_u64() => Replay { scribe, annals },
        Ok(_) => {
            notes.push(format!("the snapshot at {} says another place of itself; the whole log is replayed", found.at));
            Replay::default()
        }
        Err(error) => {
            notes.push(format!("the snapshot at {} cannot be used, the whole log is replayed: {error}", found.at));
            Replay::default()
        }
    }
}

//! The seam between a shell and whatever keeps its records.
//!
//! One owner appends; any thread reads and writes snapshots. The outcomes are those of the least
//! certain store we expect, a database over a network: [`Append::Unknown`] is an answer, not an accident.

use std::sync::Arc;

use thiserror::Error;

use crate::{Damage, Epoch, Sequence, ShardName};

/// Bytes of one record.
pub const RECORD_BYTES_MAX: usize = 16 << 20;
/// Bytes of all records of one batch, four more for each.
pub const BATCH_BYTES_MAX: usize = 64 << 20;
/// Snapshots of one shard: the newest, and one to fall back on.
pub(crate) const SNAPSHOTS_KEPT: usize = 2;

/// The writing side of one shard's log. Its calls block until the bytes are safe.
///
/// A committer thread owns it, drains what is queued into one batch, and appends: one batch is one
/// sync, however many records and callers share it. Which callers wait for it is the shell's choice.
pub trait LogStore: Send {
    fn shard(&self) -> &ShardName;

    /// The newest epoch this store knows of; [`Epoch::NONE`] before the first claim.
    fn epoch(&self) -> Epoch;

    /// The number the next record will get: everything before it is durable.
    fn next(&self) -> Sequence;

    /// Takes the next epoch, durably. Every older epoch is fenced from here on.
    fn claim(&mut self) -> Result<Epoch, ClaimError>;

    /// Appends all records of `batch` or none of them, and returns when they are durable.
    ///
    /// `expected` is the number the first of them must get. `Err` means that nothing was appended,
    /// for certain, and that the store can be used again (except [`AppendError::Stopped`]).
    fn append(&mut self, epoch: Epoch, expected: Sequence, batch: &[&[u8]]) -> Result<Append, AppendError>;

    /// Writes proof that the last batch was acknowledged, so that later damage to it is told from a
    /// write that was cut short. Costs one sync, or nothing when there is nothing new to prove.
    /// Call it when the queue has been empty for a while, and last of all before a clean stop.
    fn settle(&mut self) -> Result<(), SettleError>;

    /// A reader for other threads; it sees durable records only.
    fn reader(&self) -> Arc<dyn LogReader>;

    /// The snapshots, for other threads: writing a large one does not hold up the log.
    fn snapshots(&self) -> Arc<dyn Snapshots>;

    /// The durable records from `from` on.
    fn read(&self, from: Sequence) -> Result<Records, ReadError> {
        self.reader().read(from)
    }
}

/// What became of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "only `Committed` allows an answer to leave the house"]
pub enum Append {
    /// Durable. The next record gets the number `next`.
    Committed { next: Sequence },
    /// Nothing was appended: the epoch is not the current one. The caller no longer owns the shard.
    Fenced { current: Epoch },
    /// Nothing was appended: the log does not end where the caller believes.
    Conflict { next: Sequence },
    /// Appended or not: nobody can say. The store refuses everything but reading until it is opened
    /// anew; then the records from `expected` on tell. The ordinary answer is to stop the process.
    Unknown { reason: String },
}

/// Why a batch was not appended. Nothing of it is in the log, now or after a restart.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AppendError {
    #[error("claim an epoch before the first append")]
    Unclaimed,
    #[error("a batch needs at least one record")]
    EmptyBatch,
    #[error("record {index} of the batch has {bytes} bytes, at most {RECORD_BYTES_MAX} fit")]
    RecordTooLarge { index: usize, bytes: usize },
    #[error("the batch has {bytes} bytes with its lengths, at most {BATCH_BYTES_MAX} fit: append it in parts")]
    BatchTooLarge { bytes: usize },
    #[error("no space is left for the log; free some and append again")]
    NoSpace,
    #[error("the store stopped earlier and must be opened anew: {reason}")]
    Stopped { reason: String },
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ClaimError {
    #[error("no space is left for the claim; free some and claim again")]
    NoSpace,
    /// The epoch may or may not have been taken; the store has stopped.
    #[error("whether the epoch was claimed is unknown: {reason}")]
    Unknown { reason: String },
    #[error("the store stopped earlier and must be opened anew: {reason}")]
    Stopped { reason: String },
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SettleError {
    #[error("no space is left for the mark; the records themselves are safe")]
    NoSpace,
    /// The records are as safe as before, but the store has stopped.
    #[error("the mark could not be written: {reason}")]
    Unknown { reason: String },
    #[error("the store stopped earlier and must be opened anew: {reason}")]
    Stopped { reason: String },
}

/// Reads durable records; shared by any number of threads.
pub trait LogReader: Send + Sync {
    /// The end of what can be read now.
    fn next(&self) -> Sequence;

    /// The records from `from` up to where the log ended when this was called.
    fn read(&self, from: Sequence) -> Result<Records, ReadError>;
}

/// Records in order, without gaps. After an error there is nothing more.
pub type Records = Box<dyn Iterator<Item = Result<Record, ReadError>> + Send>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub sequence: Sequence,
    /// The turn in which it was appended.
    pub epoch: Epoch,
    pub bytes: Vec<u8>,
}

#[derive(Debug, Error)]
pub enum ReadError {
    #[error("record {from} does not exist yet: the log ends before {next}")]
    BeyondEnd { from: Sequence, next: Sequence },
    #[error(transparent)]
    Damaged(#[from] Damage),
    #[error("cannot read {what}")]
    Io { what: String, source: std::io::Error },
}

/// States at given places of the log. They save replaying; the log does not depend on them.
pub trait Snapshots: Send + Sync {
    /// Keeps `bytes` as what the records before `at` add up to; the two newest snapshots are kept.
    /// `at` must be durable: a snapshot never runs ahead of the log.
    ///
    /// A failure leaves the log and the older snapshots as they were, and may be tried again:
    /// it writes a new file, so no failed sync is asked twice.
    fn write(&self, at: Sequence, bytes: &[u8]) -> Result<(), SnapshotError>;

    /// The newest snapshot that is whole, and those that had to be passed over.
    fn latest(&self) -> Result<LatestSnapshot, SnapshotError>;
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Replay goes on with this record.
    pub at: Sequence,
    pub bytes: Vec<u8>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LatestSnapshot {
    pub snapshot: Option<Snapshot>,
    /// Newer, but not usable. An operator should hear of them.
    pub skipped: Vec<SkippedSnapshot>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkippedSnapshot {
    pub file: String,
    pub reason: String,
}

#[derive(Debug, Error)]
pub enum SnapshotError {
    #[error("a snapshot at {at} is ahead of the durable log, which ends before {next}")]
    AheadOfLog { at: Sequence, next: Sequence },
    #[error("cannot {doing}")]
    Io { doing: String, source: std::io::Error },
}

/// What every store checks before it touches anything; `Some` is the answer.
pub(crate) fn refuse_batch(batch: &[&[u8]]) -> Option<AppendError> {
    if batch.is_empty() {
        return Some(AppendError::EmptyBatch);
    }
    if let Some(index) = batch.iter().position(|record| RECORD_BYTES_MAX < record.len()) {
        return Some(AppendError::RecordTooLarge { index, bytes: batch[index].len() });
    }
    let bytes = batch.iter().map(|record| record.len() + 4).sum();
    (BATCH_BYTES_MAX < bytes).then_some(AppendError::BatchTooLarge { bytes })
}

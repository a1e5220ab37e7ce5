//! A log that is only looked at: no lock, no writing, and as much as can be read of a damaged one.
//!
//! For offline tools, a print-out when the server is down above all. Beside a running owner it sees
//! what the owner has written so far, which may be a batch that is not durable yet.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use super::Shared;
use super::open::{OpenError, OpenReport, Verify};
use super::reader::FileReader;
use super::snapshots::latest_snapshot;
use super::survey::survey;
use crate::disk::Disk;
use crate::{LatestSnapshot, LogReader, ReadError, Records, Sequence, ShardName, SnapshotError};

#[derive(Debug)]
pub struct ReadOnlyLog<D: Disk> {
    shared: Arc<Shared<D>>,
}

impl<D: Disk> ReadOnlyLog<D> {
    /// Opens what is in `disk`: the journal of `shard`, or of anyone if that is `None`.
    ///
    /// Everything before the first damage can be read, and the report says where that is. Only a log
    /// whose very first header is unreadable, or of another version or shard, is an error.
    pub fn open(disk: D, shard: Option<&ShardName>) -> Result<(ReadOnlyLog<D>, OpenReport), OpenError> {
        let survey = survey(&disk, shard, Verify::Everything)?;
        let report = OpenReport::of(&survey);
        let next = AtomicU64::new(survey.tip.next.as_u64());
        let shared = Shared { disk, shard: survey.shard, next, _lock: None };
        Ok((ReadOnlyLog { shared: Arc::new(shared) }, report))
    }

    pub fn shard(&self) -> &ShardName {
        &self.shared.shard
    }

    /// The end of what can be read.
    pub fn next(&self) -> Sequence {
        self.shared.next()
    }

    pub fn read(&self, from: Sequence) -> Result<Records, ReadError> {
        FileReader::new(Arc::clone(&self.shared)).read(from)
    }

    /// The newest whole snapshot; one that is ahead of a damaged log counts as skipped.
    pub fn latest_snapshot(&self) -> Result<LatestSnapshot, SnapshotError> {
        latest_snapshot(&self.shared.disk, &self.shared.shard, self.shared.next())
    }
}

//! A log in memory: for the simulator, and for tests of whoever uses a [`LogStore`].
//!
//! "Durable" here means that another handle of the same log sees it. Handles share one log as
//! processes share one database: each may claim, and the older ones are then fenced.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use crate::store::{SNAPSHOTS_KEPT, refuse_batch};
use crate::{
    Append, AppendError, ClaimError, Epoch, LatestSnapshot, LogReader, LogStore, ReadError, Record, Records, Sequence,
    SettleError, ShardName, Snapshot, SnapshotError, Snapshots,
};

/// One handle of a log in memory.
#[derive(Debug)]
pub struct MemoryStore {
    log: Arc<MemoryLog>,
    stopped: Option<String>,
}

#[derive(Clone, Copy, Debug)]
enum BatchFate {
    Kept,
    Lost,
}

/// The same log, for any thread. Records never change once they are in it.
#[derive(Debug)]
struct MemoryReader(Arc<MemoryLog>);

#[derive(Debug)]
struct MemoryLog {
    shard: ShardName,
    state: Mutex<MemoryState>,
}

#[derive(Debug, Default)]
struct MemoryState {
    epoch: u64,
    unknown_next: Option<BatchFate>,
    records: Vec<(Epoch, Vec<u8>)>,
    /// At most [`SNAPSHOTS_KEPT`].
    snapshots: BTreeMap<Sequence, Vec<u8>>,
}

impl MemoryStore {
    pub fn new(shard: ShardName) -> MemoryStore {
        let log = Arc::new(MemoryLog { shard, state: Mutex::default() });
        MemoryStore { log, stopped: None }
    }

    /// Another handle of the same log, as a restarted process or a rival owner would open it.
    pub fn open_again(&self) -> MemoryStore {
        MemoryStore { log: Arc::clone(&self.log), stopped: None }
    }

    /// The next append to this log, through any handle, answers [`Append::Unknown`]; `kept` says
    /// whether its batch is in the log all the same.
    pub fn make_next_append_unknown(&self, kept: bool) {
        self.log.state().unknown_next = Some(if kept { BatchFate::Kept } else { BatchFate::Lost });
    }
}

impl LogStore for MemoryStore {
    fn shard(&self) -> &ShardName {
        &self.log.shard
    }

    fn epoch(&self) -> Epoch {
        Epoch::new(self.log.state().epoch)
    }

    fn next(&self) -> Sequence {
        self.log.state().next()
    }

    fn claim(&mut self) -> Result<Epoch, ClaimError> {
        if let Some(reason) = self.stopped.clone() {
            return Err(ClaimError::Stopped { reason });
        }
        let mut state = self.log.state();
        state.epoch += 1;
        Ok(Epoch::new(state.epoch))
    }

    fn append(&mut self, epoch: Epoch, expected: Sequence, batch: &[&[u8]]) -> Result<Append, AppendError> {
        if let Some(reason) = self.stopped.clone() {
            return Err(AppendError::Stopped { reason });
        }
        let mut state = self.log.state();
        if state.epoch == 0 {
            return Err(AppendError::Unclaimed);
        }
        if epoch != Epoch::new(state.epoch) {
            return Ok(Append::Fenced { current: Epoch::new(state.epoch) });
        }
        if expected != state.next() {
            return Ok(Append::Conflict { next: state.next() });
        }
        if let Some(refusal) = refuse_batch(batch) {
            return Err(refusal);
        }
        let fate = state.unknown_next.take();
        if !matches!(fate, Some(BatchFate::Lost)) {
            state.records.extend(batch.iter().map(|record| (epoch, record.to_vec())));
        }
        if fate.is_some() {
            let reason = "the append was asked to fail".to_owned();
            self.stopped = Some(reason.clone());
            return Ok(Append::Unknown { reason });
        }
        Ok(Append::Committed { next: state.next() })
    }

    fn settle(&mut self) -> Result<(), SettleError> {
        match self.stopped.clone() {
            Some(reason) => Err(SettleError::Stopped { reason }),
            None => Ok(()),
        }
    }

    fn reader(&self) -> Arc<dyn LogReader> {
        Arc::new(MemoryReader(Arc::clone(&self.log)))
    }

    fn snapshots(&self) -> Arc<dyn Snapshots> {
        Arc::new(MemoryReader(Arc::clone(&self.log)))
    }
}

impl MemoryLog {
    fn state(&self) -> MutexGuard<'_, MemoryState> {
        self.state.lock().expect("no call panics while it holds the log")
    }
}

impl MemoryState {
    fn next(&self) -> Sequence {
        Sequence::new(self.records.len() as u64)
    }
}

impl LogReader for MemoryReader {
    fn next(&self) -> Sequence {
        self.0.state().next()
    }

    fn read(&self, from: Sequence) -> Result<Records, ReadError> {
        let next = self.next();
        if next < from {
            return Err(ReadError::BeyondEnd { from, next });
        }
        let log = Arc::clone(&self.0);
        Ok(Box::new((from.as_u64()..next.as_u64()).map(move |number| {
            let (epoch, bytes) = log.state().records[number as usize].clone();
            Ok(Record { sequence: Sequence::new(number), epoch, bytes })
        })))
    }
}

impl Snapshots for MemoryReader {
    fn write(&self, at: Sequence, bytes: &[u8]) -> Result<(), SnapshotError> {
        let mut state = self.0.state();
        let next = state.next();
        if next < at {
            return Err(SnapshotError::AheadOfLog { at, next });
        }
        state.snapshots.insert(at, bytes.to_vec());
        while SNAPSHOTS_KEPT < state.snapshots.len() {
            state.snapshots.pop_first();
        }
        Ok(())
    }

    fn latest(&self) -> Result<LatestSnapshot, SnapshotError> {
        let state = self.0.state();
        let snapshot = state.snapshots.last_key_value().map(|(&at, bytes)| Snapshot { at, bytes: bytes.clone() });
        Ok(LatestSnapshot { snapshot, skipped: Vec::new() })
    }
}

//! The one thread that makes records durable, and lets go what waited for them.
//!
//! It drains what is queued into one append (group commit): however many records and callers share a
//! batch, it is one sync. A release runs once every record queued before it is durable, in the order
//! of the queue; so replies and stream updates never run ahead of the journal. Any outcome but
//! `Committed` ends the thread with all that waited: nothing more is acknowledged, the process is to
//! stop, and recovery is the ordinary start.

use std::fmt;
use std::thread::JoinHandle;
use std::time::Instant;

use mukae_journal::{Append, Epoch, LogStore, Sequence, SettleError};
use tokio::sync::{mpsc, watch};

use crate::metrics::JournalMeters;

/// Entries between the area's task and the thread.
pub const QUEUE_MAX: usize = 4096;
/// Entries of one batch.
const BATCH_ENTRIES_MAX: usize = 1024;
/// Bytes of one batch, far below what a store takes: a batch is let go of within milliseconds.
const BATCH_BYTES_MAX: usize = 4 << 20;

/// Something that may leave the house.
pub type Release = Box<dyn FnOnce() + Send>;

/// What is queued, in the order in which it was decided.
pub enum Entry {
    /// To be appended.
    Record(Vec<u8>),
    /// To be run once everything before it is durable.
    Release(Release),
    /// The queue was idle, or ends: prove that the last batch was acknowledged.
    Settle,
}

/// The thread and how to reach it.
#[derive(Debug)]
pub struct Committer {
    pub entries: mpsc::Sender<Entry>,
    pub thread: JoinHandle<()>,
}

impl Committer {
    /// `expected` is the number of the next record. A failure is told to `failed`, once.
    pub fn spawn(
        store: Box<dyn LogStore>,
        epoch: Epoch,
        expected: Sequence,
        failed: watch::Sender<Option<String>>,
        meters: JournalMeters,
    ) -> std::io::Result<Committer> {
        let (entries, queue) = mpsc::channel(QUEUE_MAX);
        let work = Work { store, epoch, expected, meters };
        let thread = std::thread::Builder::new().name("mukae-committer".to_owned()).spawn(move || {
            let mut queue = queue; // outlives the word of a failure: the area hears that first
            if let Err(reason) = work.run(&mut queue) {
                tracing::error!(reason, "THE JOURNAL FAILED: nothing more is acknowledged, the server stops");
                failed.send_replace(Some(reason));
            }
        })?;
        Ok(Committer { entries, thread })
    }
}

struct Work {
    store: Box<dyn LogStore>,
    epoch: Epoch,
    expected: Sequence,
    meters: JournalMeters,
}

/// What one append takes along.
#[derive(Default)]
struct Batch {
    records: Vec<Vec<u8>>,
    bytes: usize,
    releases: Vec<Release>,
    settle: bool,
}

impl Batch {
    fn add(&mut self, entry: Entry) {
        match entry {
            Entry::Record(record) => {
                self.bytes += record.len();
                self.records.push(record);
            }
            // Nothing before it is on its way to the disk.
            Entry::Release(release) if self.records.is_empty() => release(),
            Entry::Release(release) => self.releases.push(release),
            Entry::Settle => self.settle = true,
        }
    }

    fn is_full(&self) -> bool {
        BATCH_ENTRIES_MAX <= self.records.len() + self.releases.len() || BATCH_BYTES_MAX <= self.bytes || self.settle
    }
}

impl Work {
    /// Until the queue is closed and empty, or the store fails.
    fn run(mut self, queue: &mut mpsc::Receiver<Entry>) -> Result<(), String> {
        while let Some(first) = queue.blocking_recv() {
            let mut batch = Batch::default();
            batch.add(first);
            while !batch.is_full() {
                let Ok(entry) = queue.try_recv() else { break };
                batch.add(entry);
            }
            self.commit(&batch.records)?;
            batch.releases.into_iter().for_each(|release| release());
            if batch.settle {
                self.settle()?;
            }
        }
        self.settle()
    }

    fn commit(&mut self, records: &[Vec<u8>]) -> Result<(), String> {
        if records.is_empty() {
            return Ok(());
        }
        let records: Vec<&[u8]> = records.iter().map(Vec::as_slice).collect();
        let begun = Instant::now();
        match self.store.append(self.epoch, self.expected, &records) {
            Ok(Append::Committed { next }) => {
                assert_eq!(next, self.expected.plus(records.len() as u64), "the store counts as we do");
                self.expected = next;
                let bytes = records.iter().map(|record| record.len()).sum();
                self.meters.synced(begun.elapsed(), records.len(), bytes);
                Ok(())
            }
            Ok(Append::Fenced { current }) => Err(format!("another process took over this area, in {current:?}")),
            Ok(Append::Conflict { next }) => Err(format!("the log ends before {next}, not before {}", self.expected)),
            Ok(Append::Unknown { reason }) => Err(format!("whether the last batch was written is unknown: {reason}")),
            Err(error) => Err(error.to_string()),
        }
    }

    fn settle(&mut self) -> Result<(), String> {
        match self.store.settle() {
            Ok(()) => Ok(()),
            Err(error @ SettleError::NoSpace) => {
                tracing::warn!("{error}");
                Ok(())
            }
            Err(error) => Err(error.to_string()),
        }
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Entry::Record(record) => write!(f, "Record({} bytes)", record.len()),
            Entry::Release(_) => f.write_str("Release"),
            Entry::Settle => f.write_str("Settle"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use mukae_journal::{MemoryStore, ShardName};

    use super::*;
    use crate::metrics::Metrics;
    use crate::names::AreaName;

    fn store() -> MemoryStore {
        MemoryStore::new(ShardName::new("test").unwrap())
    }

    fn spawn(mut store: MemoryStore) -> (Committer, watch::Receiver<Option<String>>) {
        let epoch = store.claim().unwrap();
        let (failed, failure) = watch::channel(None);
        let meters = Metrics::default().area(&AreaName("test".to_owned()), 0).journal;
        (Committer::spawn(Box::new(store), epoch, Sequence::START, failed, meters).unwrap(), failure)
    }

    #[test]
    fn a_release_follows_the_records_before_it() {
        let store = store();
        let log = store.open_again();
        let (committer, failure) = spawn(store);
        let seen = Arc::new(Mutex::new(Vec::new()));
        for number in 0..2000_u64 {
            committer.entries.blocking_send(Entry::Record(vec![number as u8])).unwrap();
            let (log, seen) = (log.open_again(), Arc::clone(&seen));
            let release = move || seen.lock().unwrap().push((number, log.next().as_u64()));
            committer.entries.blocking_send(Entry::Release(Box::new(release))).unwrap();
        }
        drop(committer.entries);
        committer.thread.join().unwrap();
        let seen = seen.lock().unwrap();
        assert!(seen.iter().map(|(number, _)| *number).eq(0..2000), "releases keep their order");
        assert!(seen.iter().all(|(number, durable)| number < durable), "no release runs ahead of its record");
        assert_eq!(*failure.borrow(), None);
    }

    #[test]
    fn nothing_is_released_after_an_unknown_outcome() {
        for kept in [true, false] {
            let store = store();
            store.make_next_append_unknown(kept);
            let (committer, failure) = spawn(store);
            let (released, answer) = std::sync::mpsc::channel::<()>();
            let _ = committer.entries.blocking_send(Entry::Record(b"booking".to_vec()));
            let _ = committer.entries.blocking_send(Entry::Release(Box::new(move || released.send(()).unwrap())));
            committer.thread.join().unwrap();
            assert!(answer.try_recv().is_err(), "an answer left although nobody knows whether it is kept");
            assert!(failure.borrow().as_ref().unwrap().contains("unknown"));
        }
    }
}

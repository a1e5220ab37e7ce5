//! Durable append-only bytes and snapshots: the record that is kept before anyone is answered.
//!
//! The journal knows bytes, not bookings. A shard has one log of numbered records and a few
//! snapshots of what those records add up to; the log is the truth, a snapshot only saves time.
//!
//! ```text
//! owner                                  any thread
//!   claim -> epoch                         reader().read(from) -> records
//!   append(epoch, expected, batch)         snapshots().write(at, bytes)
//!     -> Committed | Fenced                snapshots().latest()
//!        | Conflict | Unknown
//!   settle                               an offline tool
//!                                          ReadOnlyLog::open(disk), no lock, no writing
//! ```
//!
//! [`LogStore`] is the seam: [`MemoryStore`] for the simulator and for tests of others,
//! [`FileStore`] for a directory, a database later. All of them pass [`conformance`].
//! [`FileStore`] writes through [`Disk`]: [`OsDisk`] is a real directory, [`SimDisk`] one that
//! forgets, tears, fills up and fails on command. The bytes are drawn in `docs/journal-format.md`.
//!
//! # A directory, in short
//!
//! ```text
//! lock                                 held by the one process that may write
//! log-00000000000000000000.mukae       128 B header, then frames; full at `segment_bytes`
//! log-00000000000000051200.mukae       the next one, named by its first record
//! snapshot-00000000000000050000.mukae  128 B header, then the state before record 50,000
//! snapshot-00000000000000060000.mukae  the two newest are kept
//!
//! frame = 44 B header | records, each u32 length + bytes | 4 B trailer
//! ```
//!
//! One append is one frame, one write and one `fdatasync`: a batch is seen whole or not at all.
//! Each frame names the one before it, so that a frame in a wrong place is not taken for a right one.
//!
//! # One committer
//!
//! ```
//! use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
//! use std::time::Duration;
//! use mukae_journal::{Append, LogStore, Sequence};
//!
//! struct Queued {
//!     bytes: Vec<u8>,
//!     /// Where the new end of the log is told; `None` for what nobody waits for, a quote.
//!     waiting: Option<Sender<Sequence>>,
//! }
//!
//! /// Runs on a thread of its own. Ends when the queue does, or returns why the process must stop.
//! fn commit(store: &mut dyn LogStore, queue: &Receiver<Queued>) -> Result<(), String> {
//!     const RECORDS_MAX: usize = 1024;
//!     let epoch = store.claim().map_err(|error| error.to_string())?;
//!     loop {
//!         let first = match queue.recv_timeout(Duration::from_millis(100)) {
//!             Ok(first) => first,
//!             Err(RecvTimeoutError::Timeout) => {
//!                 // Idle: give the last batch its proof, once.
//!                 store.settle().map_err(|error| error.to_string())?;
//!                 continue;
//!             }
//!             Err(RecvTimeoutError::Disconnected) => return store.settle().map_err(|error| error.to_string()),
//!         };
//!         let mut batch = vec![first];
//!         batch.extend(queue.try_iter().take(RECORDS_MAX - 1));
//!         let records: Vec<&[u8]> = batch.iter().map(|queued| queued.bytes.as_slice()).collect();
//!         let expected = store.next();
//!         match store.append(epoch, expected, &records).map_err(|error| error.to_string())? {
//!             Append::Committed { next } => {
//!                 for waiting in batch.iter().filter_map(|queued| queued.waiting.as_ref()) {
//!                     let _whoever_left = waiting.send(next);
//!                 }
//!             }
//!             // Nobody is answered: the process stops, and recovery is the ordinary start.
//!             other => return Err(format!("{other:?}")),
//!         }
//!     }
//! }
//! ```
//!
//! # What a single copy cannot tell
//!
//! A batch is only written after the one before it was synced. So a frame that is followed by
//! another was acknowledged, and damage to it is refused loudly. The *last* frame after an unclean
//! stop is different: a write that was cut short and an acknowledged batch that went bad later can
//! look alike. Three things narrow this down: [`LogStore::settle`] writes proof behind the last batch
//! (call it when idle and on shutdown); a snapshot proves every record before it; and a last frame
//! that no cut-short write explains (it is complete, and no sector ends in the zeros that a lost or
//! torn sector leaves) is refused, too. What remains is cut off, and [`OpenReport::tail_cut`] says so.
//!
//! A second copy on another path (`--log-mirror`) is later work; until then damage is found, not repaired.
#![forbid(unsafe_code)]

mod sequence;
mod shard;
mod store;

mod memory;

mod damage;
pub mod disk;
mod file_store;
mod format;

pub mod conformance;

pub use damage::{Damage, TailCut};
pub use disk::{Disk, OsDisk, SimDisk};
pub use file_store::{FileStore, OpenError, OpenReport, Options, ReadOnlyLog, Verify};
pub use memory::MemoryStore;
pub use sequence::{Epoch, Sequence};
pub use shard::{BadShardName, ShardName};
pub use store::{
    Append, AppendError, BATCH_BYTES_MAX, ClaimError, LatestSnapshot, LogReader, LogStore, RECORD_BYTES_MAX, ReadError,
    Record, Records, SettleError, SkippedSnapshot, Snapshot, SnapshotError, Snapshots,
};

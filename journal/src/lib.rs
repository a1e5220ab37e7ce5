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

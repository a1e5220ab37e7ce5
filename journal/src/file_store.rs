//! A log in a directory: segments of frames, beside them a few snapshots.
//!
//! Opening is `survey` (read everything, judge the end) and `open` (make it fit to be written);
//! appending is one frame; reading and snapshots are apart, for other threads.

mod cursor;
mod open;
mod read_only;
mod reader;
mod segment;
mod snapshots;
mod survey;
mod tail;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

pub use open::{OpenError, OpenReport, Options, Verify};
pub use read_only::ReadOnlyLog;

use crate::disk::{Disk, DiskFile, is_no_space, write_all_at};
use crate::format::frame::{BARE_FRAME_BYTES, FrameKind, FramePlan, encode_frame};
use crate::format::segment::SegmentHeader;
use crate::format::segment_name;
use crate::store::refuse_batch;
use crate::{Append, AppendError, ClaimError, Epoch, LogReader, LogStore, Sequence, SettleError, ShardName, Snapshots};
use cursor::Tip;
use reader::FileReader;
use segment::{OpenSegment, make_segment};
use snapshots::FileSnapshots;

/// The log of one shard in one directory, open for writing; at most one in the world.
pub struct FileStore<D: Disk> {
    shared: Arc<Shared<D>>,
    segment_bytes: u64,
    /// Where frames go.
    active: OpenSegment<D::File>,
    /// The segment that follows, made but not yet announced by a closing frame in `active`: there
    /// was no space for it, or the power went in between. Nothing else may be written before that frame.
    prepared: Option<OpenSegment<D::File>>,
    tip: Tip,
    /// Every acknowledged record has a frame behind it.
    is_settled: bool,
    /// Lends its room to the frame being laid out.
    frame: Vec<u8>,
    /// Why nothing may be written any more.
    stopped: Option<String>,
}

/// What the store and its readers share.
#[derive(Debug)]
struct Shared<D: Disk> {
    disk: D,
    shard: ShardName,
    /// Everything before this record is durable; moved only after a sync.
    next: AtomicU64,
    /// `None` for a log that is only read.
    _lock: Option<D::Lock>,
}

/// Why a frame was not written.
enum Trouble {
    /// And there is no trace of it.
    NoSpace,
    /// And whether it is on the disk is anyone's guess.
    Stopped(String),
}

impl<D: Disk> Shared<D> {
    fn next(&self) -> Sequence {
        Sequence::new(self.next.load(Ordering::Acquire))
    }
}

impl<D: Disk> LogStore for FileStore<D> {
    fn shard(&self) -> &ShardName {
        &self.shared.shard
    }

    fn epoch(&self) -> Epoch {
        self.tip.epoch
    }

    fn next(&self) -> Sequence {
        self.shared.next()
    }

    fn claim(&mut self) -> Result<Epoch, ClaimError> {
        if let Some(reason) = self.stopped.clone() {
            return Err(ClaimError::Stopped { reason });
        }
        let epoch = self.tip.epoch.following();
        self.write_frame(FrameKind::Claim, epoch, &[]).map_err(|trouble| match trouble {
            Trouble::NoSpace => ClaimError::NoSpace,
            Trouble::Stopped(reason) => ClaimError::Unknown { reason },
        })?;
        Ok(epoch)
    }

    fn append(&mut self, epoch: Epoch, expected: Sequence, batch: &[&[u8]]) -> Result<Append, AppendError> {
        if let Some(reason) = self.stopped.clone() {
            return Err(AppendError::Stopped { reason });
        }
        if self.tip.epoch == Epoch::NONE {
            return Err(AppendError::Unclaimed);
        }
        if epoch != self.tip.epoch {
            return Ok(Append::Fenced { current: self.tip.epoch });
        }
        if expected != self.tip.next {
            return Ok(Append::Conflict { next: self.tip.next });
        }
        if let Some(refusal) = refuse_batch(batch) {
            return Err(refusal);
        }
        match self.write_frame(FrameKind::Batch, epoch, batch) {
            Ok(()) => Ok(Append::Committed { next: self.tip.next }),
            Err(Trouble::NoSpace) => Err(AppendError::NoSpace),
            Err(Trouble::Stopped(reason)) => Ok(Append::Unknown { reason }),
        }
    }

    fn settle(&mut self) -> Result<(), SettleError> {
        if let Some(reason) = self.stopped.clone() {
            return Err(SettleError::Stopped { reason });
        }
        if self.is_settled {
            return Ok(());
        }
        self.write_frame(FrameKind::Settled, self.tip.epoch, &[]).map_err(|trouble| match trouble {
            Trouble::NoSpace => SettleError::NoSpace,
            Trouble::Stopped(reason) => SettleError::Unknown { reason },
        })
    }

    fn reader(&self) -> Arc<dyn LogReader> {
        Arc::new(FileReader::new(Arc::clone(&self.shared)))
    }

    fn snapshots(&self) -> Arc<dyn Snapshots> {
        Arc::new(FileSnapshots::new(Arc::clone(&self.shared)))
    }
}

impl<D: Disk> FileStore<D> {
    /// Writes one frame and makes it durable; on `Err(Stopped)` the store has stopped.
    fn write_frame(&mut self, kind: FrameKind, epoch: Epoch, records: &[&[u8]]) -> Result<(), Trouble> {
        let body_bytes: u64 = records.iter().map(|record| record.len() as u64 + 4).sum();
        self.make_room(BARE_FRAME_BYTES + body_bytes)?;
        self.put_frame(kind, epoch, records)?;
        self.is_settled = kind != FrameKind::Batch;
        self.shared.next.store(self.tip.next.as_u64(), Ordering::Release);
        Ok(())
    }

    /// Goes on to the next segment when the frame would not fit, or when that was already begun.
    fn make_room(&mut self, frame_bytes: u64) -> Result<(), Trouble> {
        // A segment is named by its first record, so one without records has no other to follow it,
        // however many claims and marks it holds.
        let is_without_records = self.active.header.first == self.tip.next;
        let fits = is_without_records || self.active.bytes + frame_bytes <= self.segment_bytes;
        if fits && self.prepared.is_none() {
            return Ok(());
        }
        if self.prepared.is_none() {
            assert!(!is_without_records, "{} would be replaced by its follower", self.active.name());
            let header = SegmentHeader {
                salt: self.shared.disk.salt(),
                epoch: self.tip.epoch,
                first: self.tip.next,
                previous_chain: self.tip.chain,
                shard: self.shared.shard.clone(),
            };
            match make_segment(&self.shared.disk, header) {
                Ok(segment) => self.prepared = Some(segment),
                Err(Trouble::Stopped(reason)) => return Err(self.stop(reason)),
                Err(Trouble::NoSpace) => return Err(Trouble::NoSpace),
            }
        }
        self.put_frame(FrameKind::Closed, self.tip.epoch, &[])?;
        let next = self.prepared.take().expect("made above, or found on opening");
        self.tip = Tip::at_start_of(&next.header);
        self.active = next;
        Ok(())
    }

    /// One frame at the end of the active segment: one write, one sync.
    fn put_frame(&mut self, kind: FrameKind, epoch: Epoch, records: &[&[u8]]) -> Result<(), Trouble> {
        let plan = FramePlan { kind, epoch, first: self.tip.next, previous_chain: self.tip.chain };
        let chain = encode_frame(&mut self.frame, plan, self.active.header.salt, records);
        if let Err(error) = write_all_at(&self.active.file, &self.frame, self.active.bytes) {
            if !is_no_space(&error) {
                return Err(self.stop(format!("cannot write {}: {error}", self.active.name())));
            }
            // What did fit must be gone for good before something else is written in its place:
            // a tail of two mingled writes could not be told from damage.
            let undone = self.active.file.truncate(self.active.bytes).and_then(|()| self.active.file.sync_all());
            return Err(match undone {
                Ok(()) => Trouble::NoSpace,
                Err(error) => self.stop(format!("cannot take back a write to {}: {error}", self.active.name())),
            });
        }
        // Never asked twice: after a failed sync the next one may say yes about bytes that are lost.
        if let Err(error) = self.active.file.sync_data() {
            return Err(self.stop(format!("cannot sync {}: {error}", self.active.name())));
        }
        self.active.bytes += self.frame.len() as u64;
        self.tip = Tip { next: self.tip.next.plus(records.len() as u64), epoch, chain };
        Ok(())
    }

    fn stop(&mut self, reason: String) -> Trouble {
        self.stopped = Some(reason.clone());
        Trouble::Stopped(reason)
    }
}

impl<D: Disk> fmt::Debug for FileStore<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("FileStore");
        debug.field("shard", &self.shared.shard).field("segment", &segment_name(self.active.header.first));
        debug.field("tip", &self.tip).field("stopped", &self.stopped).finish_non_exhaustive()
    }
}

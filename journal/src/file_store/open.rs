//! Opening a directory for writing: survey it, cut off a torn end, and make the rest certain.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use thiserror::Error;

use super::segment::{OpenSegment, make_segment};
use super::survey::{LastFrame, Survey, survey};
use super::{FileStore, Shared, Trouble};
use crate::disk::{Access, Disk, DiskFile, LockError, read_full_at, write_all_at};
use crate::format::frame::FrameKind;
use crate::format::segment::SegmentHeader;
use crate::format::{
    FILE_HEADER_BYTES, FORMAT_VERSION, is_unfinished, segment_name, segment_of_name, snapshot_of_name,
};
use crate::{Damage, Epoch, Sequence, ShardName, TailCut};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// A segment that would grow beyond this many bytes is closed; one large batch may exceed it.
    pub segment_bytes: u64,
    pub verify: Verify,
}

/// How much of the log is read and checked on opening.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verify {
    Everything,
    /// From one segment before that of the older of the kept snapshots. What lies before is checked when it is read.
    SinceSnapshot,
}

/// What opening found. Log it: `tail_cut` and `damage` are for an operator's eyes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenReport {
    pub shard: ShardName,
    pub segments: usize,
    /// The number of records, too.
    pub next: Sequence,
    pub epoch: Epoch,
    /// Every batch has proof behind it, as after [`settle`](crate::LogStore::settle) and a clean stop.
    pub was_settled: bool,
    /// An unfinished write that was cut off (or, read-only, left alone).
    pub tail_cut: Option<TailCut>,
    /// Only of a [`ReadOnlyLog`](super::ReadOnlyLog): where the readable part ends too early. Writing refuses instead.
    pub damage: Option<Damage>,
}

#[derive(Debug, Error)]
pub enum OpenError {
    #[error("there is no journal in this directory; create one, or mount the right volume")]
    NoJournal,
    #[error("there is a journal in this directory already; open it instead")]
    AlreadyThere,
    #[error(transparent)]
    Lock(#[from] LockError),
    #[error("this journal belongs to {found}, not to {expected}")]
    NotOurs { found: ShardName, expected: ShardName },
    #[error("{file} has format version {found}, this program reads version {FORMAT_VERSION}")]
    Version { file: String, found: u32 },
    #[error(transparent)]
    Damaged(#[from] Damage),
    #[error("cannot {doing}")]
    Io { doing: String, source: io::Error },
}

impl Options {
    /// Bytes of a segment unless asked otherwise.
    pub const SEGMENT_BYTES: u64 = 64 << 20;
}

impl Default for Options {
    fn default() -> Options {
        Options { segment_bytes: Options::SEGMENT_BYTES, verify: Verify::Everything }
    }
}

impl OpenError {
    pub(super) fn io(doing: impl Into<String>, source: io::Error) -> OpenError {
        OpenError::Io { doing: doing.into(), source }
    }
}

impl OpenReport {
    pub(super) fn of(survey: &Survey) -> OpenReport {
        let is_proof = |frame: &LastFrame| frame.kind != FrameKind::Batch;
        OpenReport {
            shard: survey.shard.clone(),
            segments: survey.segments,
            next: survey.tip.next,
            epoch: survey.tip.epoch,
            was_settled: survey.tail.is_none() && survey.last_frame.as_ref().is_none_or(is_proof),
            tail_cut: survey.tail.clone(),
            damage: survey.damage.clone(),
        }
    }
}

impl<D: Disk> FileStore<D> {
    /// Opens the journal of `shard`; a directory without one is an error.
    pub fn open(disk: D, shard: ShardName, options: Options) -> Result<(FileStore<D>, OpenReport), OpenError> {
        let lock = disk.lock()?;
        open_locked(disk, lock, shard, options)
    }

    /// Begins a new journal in a directory without one.
    pub fn create(disk: D, shard: ShardName, options: Options) -> Result<(FileStore<D>, OpenReport), OpenError> {
        let lock = disk.lock()?;
        if has_journal(&disk)? {
            return Err(OpenError::AlreadyThere);
        }
        begin(&disk, &shard)?;
        open_locked(disk, lock, shard, options)
    }

    /// Opens the journal, or begins one if there is none. Prefer [`FileStore::open`] where an empty
    /// directory could be a volume that was not mounted.
    pub fn open_or_create(
        disk: D,
        shard: ShardName,
        options: Options,
    ) -> Result<(FileStore<D>, OpenReport), OpenError> {
        let lock = disk.lock()?;
        if !has_journal(&disk)? {
            begin(&disk, &shard)?;
        }
        open_locked(disk, lock, shard, options)
    }
}

fn has_journal<D: Disk>(disk: &D) -> Result<bool, OpenError> {
    let names = disk.names().map_err(|source| OpenError::io("list the directory", source))?;
    Ok(names.iter().any(|name| segment_of_name(name).is_some() || snapshot_of_name(name).is_some()))
}

fn begin<D: Disk>(disk: &D, shard: &ShardName) -> Result<(), OpenError> {
    let header = SegmentHeader {
        salt: disk.salt(),
        epoch: Epoch::NONE,
        first: Sequence::START,
        previous_chain: 0,
        shard: shard.clone(),
    };
    match make_segment(disk, header) {
        Ok(_) => Ok(()),
        Err(Trouble::NoSpace) => Err(OpenError::io("begin a journal", io::ErrorKind::StorageFull.into())),
        Err(Trouble::Stopped(reason)) => Err(OpenError::io("begin a journal", io::Error::other(reason))),
    }
}

fn open_locked<D: Disk>(
    disk: D,
    lock: D::Lock,
    shard: ShardName,
    options: Options,
) -> Result<(FileStore<D>, OpenReport), OpenError> {
    let survey = survey(&disk, Some(&shard), options.verify)?;
    if let Some(damage) = survey.damage {
        return Err(damage.into());
    }
    let report = OpenReport::of(&survey);
    tidy(&disk).map_err(|source| OpenError::io("tidy the directory", source))?;
    let active = open_segment(&disk, survey.active, survey.active_bytes)?;
    let prepared = survey.prepared.map(|header| open_segment(&disk, header, FILE_HEADER_BYTES as u64)).transpose()?;
    if survey.tail.is_some() {
        let cut = active.file.truncate(active.bytes).and_then(|()| active.file.sync_all());
        cut.map_err(|source| OpenError::io(format!("cut off the torn end of {}", active.name()), source))?;
    }
    if let Some(frame) = survey.last_frame.as_ref().filter(|frame| frame.kind != FrameKind::Settled) {
        write_again(&disk, frame).map_err(|source| {
            OpenError::io(format!("write the end of {} again", segment_name(frame.segment)), source)
        })?;
    }
    let tip = survey.tip;
    let is_settled = survey.last_frame.is_none_or(|frame| frame.kind != FrameKind::Batch);
    let next = AtomicU64::new(tip.next.as_u64());
    let store = FileStore {
        shared: Arc::new(Shared { disk, shard, next, _lock: Some(lock) }),
        segment_bytes: options.segment_bytes,
        active,
        prepared,
        tip,
        is_settled,
        frame: Vec::new(),
        stopped: None,
    };
    Ok((store, report))
}

fn open_segment<D: Disk>(disk: &D, header: SegmentHeader, bytes: u64) -> Result<OpenSegment<D::File>, OpenError> {
    let name = segment_name(header.first);
    let file = disk.open(&name, Access::ReadWrite).map_err(|source| OpenError::io(format!("open {name}"), source))?;
    Ok(OpenSegment { file, header, bytes })
}

/// Removes what was never finished, and makes sure of the names that are shown: a process that died
/// of a failed sync may have left names that are only in the cache.
fn tidy<D: Disk>(disk: &D) -> io::Result<()> {
    for name in disk.names()?.iter().filter(|name| is_unfinished(name)) {
        disk.remove(name)?;
    }
    disk.sync_names()
}

/// Writes the last frame over itself and syncs it. After a sync that failed, the cache shows bytes
/// that are not on the disk and that no later sync would write; only new writing does
/// (Rebello et al., "Can applications recover from fsync failures?", ATC 2020). All frames before the
/// last one, and the one before a mark, were synced before their follower was written.
fn write_again<D: Disk>(disk: &D, frame: &LastFrame) -> io::Result<()> {
    let file = disk.open(&segment_name(frame.segment), Access::ReadWrite)?;
    let mut bytes = vec![0; frame.bytes as usize];
    let read = read_full_at(&file, &mut bytes, frame.offset)?;
    assert_eq!(read, bytes.len(), "the survey read this frame, and the lock keeps others out");
    write_all_at(&file, &bytes, frame.offset)?;
    file.sync_data()
}

//! Judges what lies behind the last good frame: a write that was cut short, or damage.
//!
//! A frame is written only after the one before it was synced, so at most one write is unaccounted
//! for, and only at the end. Such a write leaves each of its sectors new, old, or new up to some
//! byte; old bytes behind the end of a file read as zeros, or are not there.

use super::cursor::BadFrame;
use crate::disk::SECTOR_BYTES;
use crate::format::frame::{
    BARE_FRAME_BYTES, BATCH_FRAME_BYTES_MIN, FRAME_HEADER_BYTES, FRAME_MAGIC, FRAME_TRAILER, FrameHeader,
};
use crate::{BATCH_BYTES_MAX, Sequence};

/// The longest write.
pub(super) const FRAME_BYTES_MAX: u64 = BARE_FRAME_BYTES + BATCH_BYTES_MAX as u64;

/// What is known of the bytes behind the last good frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tail<'a> {
    /// All of them, or the first [`FRAME_BYTES_MAX`] and one more.
    pub(super) bytes: &'a [u8],
    /// Bytes from the beginning of the file.
    pub(super) offset: u64,
    /// The record that should follow.
    pub(super) next: Sequence,
    /// Of the segment.
    pub(super) salt: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    CutShort,
    /// Nothing but a change after the fact explains it.
    Damaged,
    /// A later frame is sound, so this one was acknowledged.
    DamagedBefore(Sequence),
}

pub(super) fn judge(tail: Tail<'_>, bad: &BadFrame) -> Verdict {
    if let Some(later) = later_frame(tail) {
        return Verdict::DamagedBefore(later.first);
    }
    if bad.is_out_of_place || !is_explained_by_a_cut(tail, bad.header) {
        return Verdict::Damaged;
    }
    Verdict::CutShort
}

/// The first sound frame header behind the bad one. The salt keeps a record from posing as one.
fn later_frame(tail: Tail<'_>) -> Option<FrameHeader> {
    let mut from = 1;
    loop {
        let found =
            tail.bytes.get(from..)?.windows(FRAME_HEADER_BYTES).position(|bytes| bytes.starts_with(&FRAME_MAGIC))?;
        let header = FrameHeader::decode(&tail.bytes[from + found..], tail.salt);
        match header {
            Ok(header) if tail.next <= header.first => return Some(header),
            _ => from += found + 1,
        }
    }
}

fn is_explained_by_a_cut(tail: Tail<'_>, header: Option<FrameHeader>) -> bool {
    let length = tail.bytes.len() as u64;
    if FRAME_BYTES_MAX < length || header.is_some_and(|header| header.frame_bytes() < length) {
        return false;
    }
    // Too short to hold a record: whatever it was, nothing is lost.
    if length < BATCH_FRAME_BYTES_MIN {
        return true;
    }
    let is_complete = match header {
        Some(header) => length == header.frame_bytes(),
        None => tail.bytes.ends_with(&FRAME_TRAILER),
    };
    !is_complete || has_a_sector_that_ends_in_zero(tail)
}

/// A sector that did not make it, or only in part, ends in the zeros that were there before.
fn has_a_sector_that_ends_in_zero(tail: Tail<'_>) -> bool {
    let to_next_sector = SECTOR_BYTES - (tail.offset % SECTOR_BYTES as u64) as usize;
    let (first, others) = tail.bytes.split_at(to_next_sector.min(tail.bytes.len()));
    std::iter::once(first).chain(others.chunks(SECTOR_BYTES)).any(|sector| sector.last() == Some(&0))
}

#[cfg(test)]
mod tests;

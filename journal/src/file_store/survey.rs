//! Reads a whole journal before anyone relies on it. Changes nothing.

use std::io;

use crate::disk::{Access, Disk, DiskFile};
use crate::format::frame::FrameKind;
use crate::format::segment::SegmentHeader;
use crate::format::{BadHeader, FILE_HEADER_BYTES, segment_name, segment_of_name, snapshot_name, snapshot_of_name};
use crate::{Damage, Sequence, ShardName, TailCut};

use super::cursor::{Cursor, Step, Tip};
use super::open::{OpenError, Verify};
use super::snapshots::read_snapshot_header;
use super::tail::{FRAME_BYTES_MAX, Tail, Verdict, judge};

/// What a journal holds, up to the first damage.
#[derive(Debug)]
pub(super) struct Survey {
    pub(super) shard: ShardName,
    pub(super) segments: usize,
    pub(super) tip: Tip,
    /// The segment that holds the tip, and where its whole frames end.
    pub(super) active: SegmentHeader,
    pub(super) active_bytes: u64,
    /// An empty segment that follows, not yet announced by a closing frame.
    pub(super) prepared: Option<SegmentHeader>,
    pub(super) last_frame: Option<LastFrame>,
    pub(super) tail: Option<TailCut>,
    pub(super) damage: Option<Damage>,
}

#[derive(Clone, Debug)]
pub(super) struct LastFrame {
    pub(super) segment: Sequence,
    pub(super) offset: u64,
    pub(super) bytes: u64,
    pub(super) kind: FrameKind,
}

/// How the walk through one segment ended.
enum Walked {
    /// A closing frame, and nothing behind it.
    Closed {
        chain_before: u32,
    },
    /// The frames are sound, except for a last write that was cut short.
    Open {
        tail: Option<TailCut>,
    },
    Damaged(Damage),
}

/// Surveys the journal in `disk`. `shard` is whose it must be, or `None` to take it as it is.
pub(super) fn survey<D: Disk>(disk: &D, shard: Option<&ShardName>, verify: Verify) -> Result<Survey, OpenError> {
    let names = disk.names().map_err(|source| OpenError::io("list the directory", source))?;
    let mut firsts: Vec<Sequence> = names.iter().filter_map(|name| segment_of_name(name)).collect();
    firsts.sort_unstable();
    let mut snapshots: Vec<Sequence> = names.iter().filter_map(|name| snapshot_of_name(name)).collect();
    snapshots.sort_unstable();
    if firsts.is_empty() {
        return match snapshots.first() {
            None => Err(OpenError::NoJournal),
            Some(_) => Err(missing_segment(Sequence::START, None).into()),
        };
    }
    let from = match verify {
        Verify::Everything => 0,
        // The older of the two, so that falling back on it needs nothing unverified; and one segment
        // more, because only the segment before tells whether the last one was announced.
        Verify::SinceSnapshot => {
            let at = snapshots.first().copied().unwrap_or(Sequence::START);
            firsts.partition_point(|&first| first <= at).saturating_sub(2)
        }
    };
    let mut survey = walk_segments(disk, shard, &firsts, from)?;
    if survey.damage.is_none() && firsts[0] != Sequence::START {
        survey.damage = Some(missing_segment(Sequence::START, Some(firsts[0])));
    }
    if survey.damage.is_none() {
        survey.damage = snapshot_ahead(disk, &survey, &snapshots);
    }
    Ok(survey)
}

/// Walks the segments from index `from` on, up to the end or to the first damage.
fn walk_segments<D: Disk>(
    disk: &D,
    shard: Option<&ShardName>,
    firsts: &[Sequence],
    from: usize,
) -> Result<Survey, OpenError> {
    let (start, follower) = (firsts[from], firsts.get(from + 1).copied());
    let header = enter(disk, shard, start, follower)??.header;
    let mut survey = Survey {
        shard: header.shard.clone(),
        segments: firsts.len(),
        tip: Tip { next: start, epoch: header.epoch, chain: header.previous_chain },
        active_bytes: FILE_HEADER_BYTES as u64,
        active: header,
        prepared: None,
        last_frame: None,
        tail: None,
        damage: None,
    };
    // Of the segment before: whether its closing frame is missing, and the chain without that frame.
    let mut is_unclosed = false;
    let mut chain_before = survey.tip.chain;
    for (index, &first) in firsts.iter().enumerate().skip(from) {
        let follower = firsts.get(index + 1).copied();
        let entered = enter(disk, Some(&survey.shard), first, follower)?;
        let entered = entered.and_then(|cursor| {
            check_continuity(&cursor.header, first, follower, survey.tip, chain_before).map(|()| cursor)
        });
        let mut cursor = match entered {
            Ok(cursor) => cursor,
            Err(damage) => {
                survey.damage = Some(damage);
                break;
            }
        };
        if is_unclosed {
            survey.prepared = Some(cursor.header);
            break;
        }

        let walked = walk_frames(&mut cursor, follower, &mut survey.last_frame)
            .map_err(|source| OpenError::io(format!("read {}", segment_name(first)), source))?;
        survey.tip = cursor.tip;
        survey.active = cursor.header;
        survey.active_bytes = cursor.offset;
        match (walked, follower) {
            (Walked::Damaged(damage), _) => survey.damage = Some(damage),
            (Walked::Closed { chain_before: chain }, Some(_)) => chain_before = chain,
            (Walked::Closed { .. }, None) => survey.damage = Some(missing_segment(survey.tip.next, None)),
            (Walked::Open { tail }, None) => survey.tail = tail,
            (Walked::Open { tail }, Some(next))
                if next == survey.tip.next && is_bare_end(disk, &firsts[index + 1..])? =>
            {
                is_unclosed = true;
                chain_before = survey.tip.chain;
                survey.tail = tail;
            }
            (Walked::Open { tail }, Some(next)) => {
                let reason = tail.map_or("it ends without a closing frame".to_owned(), |cut| cut.reason);
                let damage = damaged_header(first, &reason, survey.tip.next, Some(next));
                survey.damage = Some(Damage { offset: survey.active_bytes, ..damage });
            }
        }
        if survey.damage.is_some() {
            break;
        }
    }
    Ok(survey)
}

/// Opens a segment whose header is sound and of the right shard.
fn enter<D: Disk>(
    disk: &D,
    shard: Option<&ShardName>,
    first: Sequence,
    follower: Option<Sequence>,
) -> Result<Result<Cursor<D::File>, Damage>, OpenError> {
    let name = segment_name(first);
    let cursor = disk.open(&name, Access::Read).and_then(Cursor::open);
    match cursor.map_err(|source| OpenError::io(format!("read {name}"), source))? {
        Ok(cursor) => match shard.filter(|shard| **shard != cursor.header.shard) {
            Some(expected) => Err(OpenError::NotOurs { found: cursor.header.shard, expected: expected.clone() }),
            None => Ok(Ok(cursor)),
        },
        Err(BadHeader::Version(found)) => Err(OpenError::Version { file: name, found }),
        Err(BadHeader::Broken(reason)) => Ok(Err(damaged_header(first, reason, first, follower))),
    }
}

/// Whether a segment continues the log where it ends.
fn check_continuity(
    header: &SegmentHeader,
    first: Sequence,
    follower: Option<Sequence>,
    tip: Tip,
    chain_before: u32,
) -> Result<(), Damage> {
    if tip.next < first {
        let reason = format!("the segment before ends where record {} should follow", tip.next);
        return Err(damaged_header(first, &reason, tip.next, Some(first)));
    }
    let is_continued = tip.next == first && header.previous_chain == chain_before && header.epoch == tip.epoch;
    if header.first != first || !is_continued {
        // Its own records cannot be trusted; those of the next one perhaps.
        let reason = "its header does not continue the segment before";
        return Err(damaged_header(first, reason, first, follower));
    }
    Ok(())
}

/// Walks to the end of one segment; the cursor stays behind the last good frame.
fn walk_frames<F: DiskFile>(
    cursor: &mut Cursor<F>,
    follower: Option<Sequence>,
    last_frame: &mut Option<LastFrame>,
) -> io::Result<Walked> {
    let segment = cursor.header.first;
    let file = segment_name(segment);
    let bad = loop {
        match cursor.step()? {
            Step::Frame(frame) => {
                let kind = frame.header.kind;
                let chain_before = frame.header.previous_chain;
                let (offset, bytes) = (frame.offset, frame.header.frame_bytes());
                *last_frame = Some(LastFrame { segment, offset, bytes, kind });
                if kind != FrameKind::Closed {
                    continue;
                }
                if cursor.file_bytes()? == cursor.offset {
                    return Ok(Walked::Closed { chain_before });
                }
                return Ok(Walked::Damaged(Damage {
                    file,
                    offset: cursor.offset,
                    reason: "something follows the closing frame".to_owned(),
                    missing_from: cursor.tip.next,
                    readable_from: follower,
                }));
            }
            Step::End => return Ok(Walked::Open { tail: None }),
            Step::Bad(bad) => break bad,
        }
    };
    let bytes = cursor.rest(FRAME_BYTES_MAX + 1)?;
    let tail = Tail { bytes: &bytes, offset: cursor.offset, next: cursor.tip.next, salt: cursor.header.salt };
    let readable_from = match judge(tail, &bad) {
        Verdict::CutShort => {
            let bytes = bytes.len() as u64;
            let tail = Some(TailCut { file, offset: cursor.offset, bytes, reason: bad.reason });
            return Ok(Walked::Open { tail });
        }
        Verdict::Damaged => follower,
        Verdict::DamagedBefore(later) => Some(later),
    };
    Ok(Walked::Damaged(Damage {
        file,
        offset: cursor.offset,
        reason: bad.reason,
        missing_from: cursor.tip.next,
        readable_from,
    }))
}

fn damaged_header(first: Sequence, reason: &str, missing_from: Sequence, readable_from: Option<Sequence>) -> Damage {
    Damage { file: segment_name(first), offset: 0, reason: reason.to_owned(), missing_from, readable_from }
}

fn missing_segment(first: Sequence, readable_from: Option<Sequence>) -> Damage {
    let reason = "the file is not there".to_owned();
    Damage { file: segment_name(first), offset: 0, reason, missing_from: first, readable_from }
}

/// A snapshot is written only of durable records: if it is ahead, the log has lost some.
fn snapshot_ahead<D: Disk>(disk: &D, survey: &Survey, snapshots: &[Sequence]) -> Option<Damage> {
    let ahead = snapshots.iter().rev().filter(|&&at| survey.tip.next < at).find(|&&at| {
        // One that cannot be believed proves nothing.
        read_snapshot_header(disk, at, &survey.shard).is_ok()
    })?;
    Some(Damage {
        file: segment_name(survey.active.first),
        offset: survey.active_bytes,
        reason: format!("{} was made of a longer log", snapshot_name(*ahead)),
        missing_from: survey.tip.next,
        readable_from: None,
    })
}

/// Whether what follows is one segment without frames: made, and not yet announced.
fn is_bare_end<D: Disk>(disk: &D, followers: &[Sequence]) -> Result<bool, OpenError> {
    let &[only] = followers else { return Ok(false) };
    let name = segment_name(only);
    let bytes = disk.open(&name, Access::Read).and_then(|file| file.bytes());
    let bytes = bytes.map_err(|source| OpenError::io(format!("read {name}"), source))?;
    Ok(bytes == FILE_HEADER_BYTES as u64)
}

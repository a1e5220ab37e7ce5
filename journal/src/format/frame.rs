//! A frame: what one append, claim, mark or closing of a segment writes.

use super::{put, u32_at, u64_at};
use crate::{BATCH_BYTES_MAX, Epoch, Sequence};

pub(crate) const FRAME_HEADER_BYTES: usize = 44;
/// The last bytes of a frame; none of them is zero, so that a write that was cut short shows.
pub(crate) const FRAME_TRAILER: [u8; 4] = *b"<mk>";
pub(crate) const FRAME_MAGIC: [u8; 4] = *b"mkF1";
/// A frame without records: a claim, a mark, a closing.
pub(crate) const BARE_FRAME_BYTES: u64 = (FRAME_HEADER_BYTES + FRAME_TRAILER.len()) as u64;
/// A batch has a record, and a record a length.
pub(crate) const BATCH_FRAME_BYTES_MIN: u64 = BARE_FRAME_BYTES + 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum FrameKind {
    /// Records.
    Batch = 1,
    /// The epoch of this frame was taken.
    Claim = 2,
    /// Everything before this frame was acknowledged.
    Settled = 3,
    /// The last frame of its segment: the next segment exists.
    Closed = 4,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FrameHeader {
    pub(crate) kind: FrameKind,
    pub(crate) epoch: Epoch,
    /// The number of the first record, or of the next one if there are none.
    pub(crate) first: Sequence,
    pub(crate) count: u32,
    /// Bytes between header and trailer.
    pub(crate) body_bytes: u32,
    pub(crate) body_checksum: u32,
    /// The checksum of the frame before, or of the file header.
    pub(crate) previous_chain: u32,
    /// Of this header with the salt of its segment; what the next frame names.
    pub(crate) chain: u32,
}

/// What can be wrong with the first bytes of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BadFrameHeader {
    Magic,
    Checksum,
    /// Written by a later version: its checksum is right.
    Kind(u32),
}

/// What is known of a frame before its bytes are laid out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FramePlan {
    pub(crate) kind: FrameKind,
    pub(crate) epoch: Epoch,
    pub(crate) first: Sequence,
    pub(crate) previous_chain: u32,
}

impl FrameHeader {
    pub(crate) fn decode(bytes: &[u8], salt: u64) -> Result<FrameHeader, BadFrameHeader> {
        if bytes[..4] != FRAME_MAGIC {
            return Err(BadFrameHeader::Magic);
        }
        let chain = u32_at(bytes, 40);
        if chain != header_checksum(&bytes[..40], salt) {
            return Err(BadFrameHeader::Checksum);
        }
        let kind = match u32_at(bytes, 8) {
            1 => FrameKind::Batch,
            2 => FrameKind::Claim,
            3 => FrameKind::Settled,
            4 => FrameKind::Closed,
            unknown => return Err(BadFrameHeader::Kind(unknown)),
        };
        Ok(FrameHeader {
            kind,
            body_bytes: u32_at(bytes, 4),
            epoch: Epoch::new(u64_at(bytes, 12)),
            first: Sequence::new(u64_at(bytes, 20)),
            count: u32_at(bytes, 28),
            previous_chain: u32_at(bytes, 32),
            body_checksum: u32_at(bytes, 36),
            chain,
        })
    }

    pub(crate) fn frame_bytes(&self) -> u64 {
        BARE_FRAME_BYTES + u64::from(self.body_bytes)
    }

    pub(crate) fn next(&self) -> Sequence {
        self.first.plus(u64::from(self.count))
    }
}

/// Lays a frame out in `frame`, which is cleared first; returns its chain.
pub(crate) fn encode_frame(frame: &mut Vec<u8>, plan: FramePlan, salt: u64, records: &[&[u8]]) -> u32 {
    frame.clear();
    frame.resize(FRAME_HEADER_BYTES, 0);
    for record in records {
        frame.extend_from_slice(&(record.len() as u32).to_le_bytes());
        frame.extend_from_slice(record);
    }
    let body_bytes = frame.len() - FRAME_HEADER_BYTES;
    assert!(body_bytes <= BATCH_BYTES_MAX, "a batch of {body_bytes} bytes should have been refused");
    let body_checksum = crc32fast::hash(&frame[FRAME_HEADER_BYTES..]);
    frame.extend_from_slice(&FRAME_TRAILER);

    put(frame, 0, &FRAME_MAGIC);
    put(frame, 4, &(body_bytes as u32).to_le_bytes());
    put(frame, 8, &(plan.kind as u32).to_le_bytes());
    put(frame, 12, &plan.epoch.as_u64().to_le_bytes());
    put(frame, 20, &plan.first.as_u64().to_le_bytes());
    put(frame, 28, &(records.len() as u32).to_le_bytes());
    put(frame, 32, &plan.previous_chain.to_le_bytes());
    put(frame, 36, &body_checksum.to_le_bytes());
    let chain = header_checksum(&frame[..40], salt);
    put(frame, 40, &chain.to_le_bytes());
    chain
}

/// The records of a body whose checksum is right; `None` if their lengths do not add up all the same.
pub(crate) fn split_records(mut body: &[u8], count: u32) -> Option<Vec<&[u8]>> {
    let mut records = Vec::with_capacity(body.len().min(count as usize));
    while !body.is_empty() {
        let (length, rest) = body.split_at_checked(4)?;
        let (record, rest) = rest.split_at_checked(u32_at(length, 0) as usize)?;
        records.push(record);
        body = rest;
    }
    (records.len() == count as usize).then_some(records)
}

/// The salt goes first: whoever does not know it cannot write a record that looks like a frame.
fn header_checksum(header: &[u8], salt: u64) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&salt.to_le_bytes());
    hasher.update(header);
    hasher.finalize()
}

//! The header of a log segment.

use super::{BadHeader, FILE_HEADER_BYTES, FORMAT_VERSION, check_header, put, put_shard, shard_at, u32_at, u64_at};
use crate::{Epoch, Sequence, ShardName};

const MAGIC: &[u8; 8] = b"MUKAELOG";

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SegmentHeader {
    /// Goes into every checksum of a frame of this segment.
    pub(crate) salt: u64,
    /// In force when the segment was made.
    pub(crate) epoch: Epoch,
    pub(crate) first: Sequence,
    /// The chain at the end of the segment before, its closing frame not counted; 0 in the first one.
    pub(crate) previous_chain: u32,
    pub(crate) shard: ShardName,
}

impl SegmentHeader {
    pub(crate) fn encode(&self) -> [u8; FILE_HEADER_BYTES] {
        let mut bytes = [0; FILE_HEADER_BYTES];
        put(&mut bytes, 0, MAGIC);
        put(&mut bytes, 8, &FORMAT_VERSION.to_le_bytes());
        put(&mut bytes, 16, &self.salt.to_le_bytes());
        put(&mut bytes, 24, &self.epoch.as_u64().to_le_bytes());
        put(&mut bytes, 32, &self.first.as_u64().to_le_bytes());
        put(&mut bytes, 40, &self.previous_chain.to_le_bytes());
        put_shard(&mut bytes, 44, &self.shard);
        let checksum = crc32fast::hash(&bytes[..124]);
        put(&mut bytes, 124, &checksum.to_le_bytes());
        bytes
    }

    pub(crate) fn decode(bytes: &[u8; FILE_HEADER_BYTES]) -> Result<SegmentHeader, BadHeader> {
        check_header(bytes, MAGIC, "it is not a log segment: it does not begin with MUKAELOG")?;
        let shard = shard_at(bytes, 44).ok_or(BadHeader::Broken("the shard name in the file header is not text"))?;
        Ok(SegmentHeader {
            salt: u64_at(bytes, 16),
            epoch: Epoch::new(u64_at(bytes, 24)),
            first: Sequence::new(u64_at(bytes, 32)),
            previous_chain: u32_at(bytes, 40),
            shard,
        })
    }

    /// What the first frame of this segment names as the one before it.
    pub(crate) fn chain(&self) -> u32 {
        u32_at(&self.encode(), 124)
    }
}

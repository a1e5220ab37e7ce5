//! The header of a snapshot; its bytes follow, and nothing else.

use super::{BadHeader, FILE_HEADER_BYTES, FORMAT_VERSION, check_header, put, put_shard, shard_at, u32_at, u64_at};
use crate::{Sequence, ShardName};

const MAGIC: &[u8; 8] = b"MUKAESNP";

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SnapshotHeader {
    pub(crate) at: Sequence,
    pub(crate) body_bytes: u64,
    pub(crate) body_checksum: u32,
    pub(crate) shard: ShardName,
}

impl SnapshotHeader {
    pub(crate) fn encode(&self) -> [u8; FILE_HEADER_BYTES] {
        let mut bytes = [0; FILE_HEADER_BYTES];
        put(&mut bytes, 0, MAGIC);
        put(&mut bytes, 8, &FORMAT_VERSION.to_le_bytes());
        put(&mut bytes, 16, &self.at.as_u64().to_le_bytes());
        put(&mut bytes, 24, &self.body_bytes.to_le_bytes());
        put(&mut bytes, 32, &self.body_checksum.to_le_bytes());
        put_shard(&mut bytes, 44, &self.shard);
        let checksum = crc32fast::hash(&bytes[..124]);
        put(&mut bytes, 124, &checksum.to_le_bytes());
        bytes
    }

    pub(crate) fn decode(bytes: &[u8; FILE_HEADER_BYTES]) -> Result<SnapshotHeader, BadHeader> {
        check_header(bytes, MAGIC, "it is not a snapshot: it does not begin with MUKAESNP")?;
        let shard = shard_at(bytes, 44).ok_or(BadHeader::Broken("the shard name in the file header is not text"))?;
        Ok(SnapshotHeader {
            at: Sequence::new(u64_at(bytes, 16)),
            body_bytes: u64_at(bytes, 24),
            body_checksum: u32_at(bytes, 32),
            shard,
        })
    }
}

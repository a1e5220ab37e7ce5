//! The bytes of the files, and their names; drawn in `docs/journal-format.md`.
//!
//! All numbers are little-endian. A file of another format version is refused, never guessed at.

pub(crate) mod frame;
pub(crate) mod segment;
pub(crate) mod snapshot;

use crate::{Sequence, ShardName};

/// Raised when a reader of the older version would misread a file.
pub(crate) const FORMAT_VERSION: u32 = 1;

/// Log segments and snapshots alike.
pub(crate) const FILE_HEADER_BYTES: usize = 128;

/// What can be wrong with the first bytes of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum BadHeader {
    Version(u32),
    /// In words that fit into a sentence about the file.
    Broken(&'static str),
}

pub(crate) fn segment_name(first: Sequence) -> String {
    format!("log-{:020}.mukae", first.as_u64())
}

pub(crate) fn snapshot_name(at: Sequence) -> String {
    format!("snapshot-{:020}.mukae", at.as_u64())
}

pub(crate) fn segment_of_name(name: &str) -> Option<Sequence> {
    sequence_of_name(name, "log-", ".mukae")
}

pub(crate) fn snapshot_of_name(name: &str) -> Option<Sequence> {
    sequence_of_name(name, "snapshot-", ".mukae")
}

/// A file that is being written; it gets its real name once it is whole.
pub(crate) fn unfinished_name(name: &str) -> String {
    format!("{name}.unfinished")
}

pub(crate) fn is_unfinished(name: &str) -> bool {
    name.strip_suffix(".unfinished")
        .is_some_and(|name| segment_of_name(name).is_some() || snapshot_of_name(name).is_some())
}

fn sequence_of_name(name: &str, prefix: &str, suffix: &str) -> Option<Sequence> {
    let digits = name.strip_prefix(prefix)?.strip_suffix(suffix)?;
    let is_number = digits.len() == 20 && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().ok()).flatten().map(Sequence::new)
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("a slice of four"))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().expect("a slice of eight"))
}

fn put(bytes: &mut [u8], at: usize, value: &[u8]) {
    bytes[at..at + value.len()].copy_from_slice(value);
}

/// The name takes four bytes of length and 64 bytes, the rest of them zero.
fn put_shard(bytes: &mut [u8], at: usize, shard: &ShardName) {
    put(bytes, at, &(shard.as_str().len() as u32).to_le_bytes());
    put(bytes, at + 4, shard.as_str().as_bytes());
}

fn shard_at(bytes: &[u8], at: usize) -> Option<ShardName> {
    let length = u32_at(bytes, at) as usize;
    let name = bytes[at + 4..at + 4 + ShardName::BYTES_MAX].get(..length)?;
    ShardName::new(std::str::from_utf8(name).ok()?).ok()
}

/// Magic, version and checksum, which every file header has in the same places.
fn check_header(bytes: &[u8; FILE_HEADER_BYTES], magic: &[u8; 8], not_ours: &'static str) -> Result<(), BadHeader> {
    if bytes[..8] != *magic {
        return Err(BadHeader::Broken(not_ours));
    }
    // The version comes first: another one may keep its checksum elsewhere.
    let version = u32_at(bytes, 8);
    if version != FORMAT_VERSION {
        return Err(BadHeader::Version(version));
    }
    if u32_at(bytes, 124) != crc32fast::hash(&bytes[..124]) {
        return Err(BadHeader::Broken("the checksum of the file header does not match"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;

//! The shell's snapshot: the annals in front of the scribe's own.
//!
//! ```text
//! "mukaesh2" | 1 B version of the encoding | 4 B length, little-endian | annals | the scribe's snapshot
//! ```
//! The journal frames and checks it; the scribe checks its own part once more.

use mukae_journal::Sequence;
use mukae_record::codec::Writer;
use mukae_record::{DecodeError, FORMAT_VERSION, Scribe};

use super::annals::Annals;

const MAGIC: &[u8; 8] = b"mukaesh2";
const HEADER_BYTES: usize = 13;

/// Records between two snapshots, at least.
const RECORDS_BETWEEN_MIN: u64 = 4096;

/// Records between two snapshots. As many as there are things in one, if they are more: so writing it costs a record
/// the same, however much there is.
pub fn records_between(scribe: &Scribe) -> u64 {
    RECORDS_BETWEEN_MIN.max(scribe.size() as u64)
}

/// All that a snapshot is of, as it was: to be written while the area goes on.
#[derive(Debug)]
pub struct Picture {
    pub annals: Annals,
    pub scribe: Scribe,
}

impl Picture {
    /// How many records it stands for.
    pub fn sequence(&self) -> Sequence {
        Sequence::new(self.scribe.next_sequence())
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        write(&self.annals, &self.scribe)
    }
}

/// Why a snapshot can not be used; replaying the whole log can.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotUnreadable {
    #[error("it is not a snapshot of this program")]
    Foreign,
    #[error(transparent)]
    Content(#[from] DecodeError),
}

fn write(annals: &Annals, scribe: &Scribe) -> Vec<u8> {
    let mut writer = Writer::new(FORMAT_VERSION);
    annals.encode_kept(&mut writer);
    let kept = writer.into_bytes();
    let mut bytes = Vec::with_capacity(HEADER_BYTES + kept.len());
    bytes.extend_from_slice(MAGIC);
    bytes.push(FORMAT_VERSION);
    bytes.extend_from_slice(&u32::try_from(kept.len()).expect("annals are far below 4 GiB").to_le_bytes());
    bytes.extend_from_slice(&kept);
    bytes.extend_from_slice(&scribe.snapshot());
    bytes
}

pub fn read(bytes: &[u8]) -> Result<(Annals, Scribe), SnapshotUnreadable> {
    let (version, kept, scribe) = split(bytes).ok_or(SnapshotUnreadable::Foreign)?;
    let scribe = Scribe::from_snapshot(scribe)?;
    let annals = Annals::from_snapshot(kept, version, scribe.state(), scribe.next_sequence())?;
    Ok((annals, scribe))
}

fn split(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (header, rest) = bytes.split_at_checked(HEADER_BYTES)?;
    let version = header[8];
    let length = u32::from_le_bytes(*header[9..].first_chunk()?) as usize;
    let is_ours = header.starts_with(MAGIC) && (1..=FORMAT_VERSION).contains(&version);
    let (kept, scribe) = rest.split_at_checked(length)?;
    is_ours.then_some((version, kept, scribe))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_short_or_foreign_is_refused() {
        let bytes = write(&Annals::default(), &Scribe::new());
        assert!(read(&bytes).is_ok());
        for length in 0..bytes.len() {
            assert!(read(&bytes[..length]).is_err(), "{length} bytes");
        }
        assert!(matches!(read(b"something else altogether"), Err(SnapshotUnreadable::Foreign)));
    }
}

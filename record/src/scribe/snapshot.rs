//! A scribe as bytes, and back.
//!
//! The journal checks its own frames; the checksum here is a second one, because all that follows
//! is built on this state and nothing later would notice a bit that changed.

use mukae_engine::{Dispatcher, State};

use super::Scribe;
use super::answers::Answers;
use crate::codec::{Decode, DecodeError, Encode, FORMAT_VERSION, Fault, Reader, Writer};
use crate::hash::JournalHash;

/// The first bytes of every snapshot.
const MAGIC: [u8; 8] = *b"mukaesnp";
/// A BLAKE3 hash of all before it.
const CHECKSUM_BYTES: usize = 32;

pub(super) fn write(scribe: &Scribe) -> Vec<u8> {
    let mut writer = Writer::new(FORMAT_VERSION);
    writer.raw(&MAGIC);
    writer.byte(FORMAT_VERSION);
    scribe.next_sequence.encode(&mut writer);
    scribe.journal_hash.encode(&mut writer);
    scribe.state().encode(&mut writer);
    scribe.answers.encode(&mut writer);
    let checksum: [u8; CHECKSUM_BYTES] = blake3::hash(writer.as_bytes()).into();
    writer.raw(&checksum);
    let bytes = writer.into_bytes();
    debug_assert!(read(&bytes).as_ref() == Ok(scribe), "a snapshot must be readable: {:?}", read(&bytes).err());
    bytes
}

pub(super) fn read(bytes: &[u8]) -> Result<Scribe, DecodeError> {
    let mut reader = Reader::new(0, bytes);
    if reader.array()? != MAGIC {
        return Err(DecodeError { at: 0, fault: Fault::NotASnapshot });
    }
    reader.read_version()?;
    let (content, checksum) = split_checksum(bytes)?;
    if blake3::hash(content) != blake3::Hash::from_bytes(checksum) {
        return Err(DecodeError { at: content.len(), fault: Fault::WrongChecksum });
    }
    let next_sequence = u64::decode(&mut reader)?;
    let journal_hash = JournalHash::decode(&mut reader)?;
    let state = State::decode(&mut reader)?;
    let answers = Answers::decode(&mut reader)?;
    reader.raw(CHECKSUM_BYTES)?;
    reader.finish()?;
    let dispatcher = Dispatcher::from_state(state);
    Ok(Scribe { dispatcher, answers, journal_hash, next_sequence, reads_back: true })
}

fn split_checksum(bytes: &[u8]) -> Result<(&[u8], [u8; CHECKSUM_BYTES]), DecodeError> {
    let (content, checksum) = bytes.split_last_chunk().ok_or(DecodeError { at: bytes.len(), fault: Fault::Ends })?;
    Ok((content, *checksum))
}

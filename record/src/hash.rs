//! Hashes: of everything that was written, and of the state it adds up to. BLAKE3 throughout.

use std::fmt;

use mukae_engine::State;

use crate::codec::{Decode, DecodeError, Encode, FORMAT_VERSION, Reader, Writer, encode_as};
use crate::origin::Fingerprint;

/// A chain over all records so far: two logs with the same hash hold the same records.
///
/// `h(0) = blake3("mukae journal")`, `h(n + 1) = blake3(h(n) ‖ record n)`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JournalHash([u8; 32]);

/// The hash of a state's encoding: two dispatchers with the same hash decide alike.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StateHash([u8; 32]);

impl JournalHash {
    /// Before the first record.
    pub fn start() -> JournalHash {
        JournalHash(blake3::hash(b"mukae journal").into())
    }

    /// With one more record.
    pub fn after(self, record: &[u8]) -> JournalHash {
        JournalHash(blake3::Hasher::new().update(&self.0).update(record).finalize().into())
    }
}

impl StateHash {
    pub fn of(state: &State) -> StateHash {
        StateHash::of_version(FORMAT_VERSION, state)
    }

    /// What a program of that format version computed.
    pub fn of_version(version: u8, state: &State) -> StateHash {
        StateHash(blake3::hash(&encode_as(version, state)).into())
    }
}

impl Fingerprint {
    /// Of a request's bytes.
    pub fn of(bytes: &[u8]) -> Fingerprint {
        Fingerprint(blake3::hash(bytes).into())
    }
}

macro_rules! hashes {
    ($($name:ident)+) => {$(
        impl $name {
            pub fn as_bytes(&self) -> &[u8; 32] {
                &self.0
            }
        }

        impl Encode for $name {
            fn encode(&self, writer: &mut Writer) {
                self.0.encode(writer);
            }
        }

        impl Decode for $name {
            fn decode(reader: &mut Reader<'_>) -> Result<$name, DecodeError> {
                Decode::decode(reader).map($name)
            }
        }

        /// 64 hexadecimal digits.
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&blake3::Hash::from_bytes(self.0).to_hex())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    )+};
}

hashes! { JournalHash StateHash Fingerprint }

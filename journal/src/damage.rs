//! What is wrong with a file, said so that an operator can act on it.

use std::fmt;

use thiserror::Error;

use crate::Sequence;

/// Bytes that were acknowledged and cannot be read any more. The journal refuses to open over them.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub struct Damage {
    /// Name inside the journal's directory.
    pub file: String,
    /// Bytes from the beginning of the file.
    pub offset: u64,
    pub reason: String,
    /// The first record that cannot be read.
    pub missing_from: Sequence,
    /// The first readable record after the damage, when there is one and it is known.
    pub readable_from: Option<Sequence>,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Damage { file, offset, reason, missing_from, readable_from } = self;
        write!(f, "{file} is damaged at byte {offset} ({reason}); ")?;
        match readable_from {
            Some(until) if until == missing_from => write!(f, "no record is missing, but the chain is broken")?,
            Some(until) => write!(f, "the records from {missing_from} up to, not including, {until} are missing")?,
            None => write!(f, "the records from {missing_from} on are missing")?,
        }
        write!(f, "; put the file back from a copy")
    }
}

/// The end of a log that an unclean stop left half written, and that was cut off. Nothing
/// acknowledged was in it, unless its last sectors went bad in a way that looks like a cut-short write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TailCut {
    /// Name inside the journal's directory.
    pub file: String,
    /// Where the whole frames end; bytes from the beginning of the file.
    pub offset: u64,
    pub bytes: u64,
    pub reason: String,
}

impl fmt::Display for TailCut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TailCut { file, offset, bytes, reason } = self;
        write!(f, "{file} ends in {bytes} bytes of a write that was cut short at byte {offset} ({reason})")
    }
}

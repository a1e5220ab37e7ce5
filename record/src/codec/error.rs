//! What is wrong with bytes that should be a value, and at which of them.

/// Names the byte, counted from the start of the input, where the value begins that can not be read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("byte {at}: {fault}")]
pub struct DecodeError {
    pub at: usize,
    pub fault: Fault,
}

#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Fault {
    #[error("the bytes end inside a value")]
    Ends,
    #[error("{count} bytes are left over")]
    TrailingBytes { count: usize },
    /// Written by a newer program, or not by us at all.
    #[error("format version {found} is not known, only 1 to {newest}")]
    UnknownVersion { found: u8, newest: u8 },
    #[error("{kind} has no tag {tag}")]
    UnknownTag { kind: &'static str, tag: u8 },
    /// More bytes than the number needs, or more than it can have.
    #[error("a number is not in its shortest form")]
    BadVarint,
    #[error("{found} is too large for {kind}")]
    OutOfRange { kind: &'static str, found: u64 },
    #[error("a list of {count} entries can not fit in the {left} bytes left")]
    TooMany { count: u64, left: usize },
    #[error("text is not UTF-8")]
    NotUtf8,
    #[error("keys of a map are not in ascending order")]
    UnsortedKeys,
    /// What the type's own rules forbid.
    #[error("{kind}: {why}")]
    Invalid { kind: &'static str, why: String },
    #[error("not a snapshot")]
    NotASnapshot,
    /// The bytes changed since they were written.
    #[error("the checksum differs")]
    WrongChecksum,
}

//! A prepared map on disk: one file of named, checksummed sections.
//!
//! ```text
//! offset  bytes  what (all numbers little-endian)
//! 0       8      magic "MUKAEMAP"
//! 8       4      byte-order mark 0x01020304
//! 12      4      format version
//! 16      8      length of the whole file
//! 24      4      number of sections n
//! 28      4      CRC-32 of the bytes before it and of those from 32 to the end of the table
//! 32      32     BLAKE3 of everything from byte 64 on
//! 64      48 n   the table; for each section:
//!                  24 name, padded with zeros; 8 offset; 8 length; 4 CRC-32; 4 zero
//! ...            the sections in the order of the table, each beginning at the next multiple of 8,
//!                gaps zero; the file ends at a multiple of 8
//! ```
//! Written to a neighbouring file, synced and renamed, so that a reader sees the old map or the new
//! one, and who has the old one open keeps it. The digest is also the map's identity: the same extract
//! and settings give the same bytes. It is compared with the content on demand only; what opening
//! checks, always, are the CRCs, which cover every byte. `docs/map-format.md` draws the sections.
//! What the sections mean is the business of those whose columns they are.

mod read;
mod write;

use std::io;

use thiserror::Error;

use crate::graph::BrokenGraph;
use crate::hierarchy::BrokenHierarchy;

pub(crate) use read::{Fault, SectionGroup, Sections};
pub(crate) use write::{LaidOut, SectionWriter, write_atomically};

pub(crate) const MAGIC: &[u8; 8] = b"MUKAEMAP";
const BYTE_ORDER: u32 = 0x0102_0304;
/// Changes with any change of layout or meaning; there is no reading of other versions, a map is
/// rebuilt in seconds.
pub const FORMAT_VERSION: u32 = 3;

const HEADER_LENGTH: usize = 64;
const CRC_AT: usize = 28;
const DIGEST_AT: usize = 32;
pub(crate) const DIGEST_LENGTH: usize = 32;
/// Here the table begins, and with it what the digest is of.
const CONTENT_START: usize = HEADER_LENGTH;
const ENTRY_LENGTH: usize = 48;
const NAME_LENGTH: usize = 24;
/// More sections than any version had; a bound for damaged headers.
const SECTIONS_MAX: usize = 256;

/// Why a prepared map could not be opened. Every message names the file and what to do.
#[derive(Debug, Error)]
pub enum OpenMapError {
    #[error("{file}: cannot be opened: {source}; build it with `mukae map build`")]
    Open { file: String, source: io::Error },
    #[error("{file}: reading failed: {source}")]
    Io { file: String, source: io::Error },
    #[error("{file}: not a prepared map; build one from an extract with `mukae map build`")]
    NotAMap { file: String },
    #[error(
        "{file}: has format version {found}, this program reads {FORMAT_VERSION}; rebuild it with `mukae map build`"
    )]
    Version { file: String, found: u32 },
    #[error("{file}: was written on a machine with another byte order; rebuild it with `mukae map build`")]
    ByteOrder { file: String },
    #[error("{file}: is damaged, {what}; rebuild it with `mukae map build`, or copy it again")]
    Damaged { file: String, what: String },
    #[error("{file}: its road graph is broken: {source}; rebuild it with `mukae map build`")]
    Graph { file: String, source: BrokenGraph },
    #[error("{file}: its hierarchy is broken: {source}; rebuild it with `mukae map build`")]
    Hierarchy { file: String, source: BrokenHierarchy },
}

/// Why a prepared map could not be written; the file it would have replaced is untouched.
#[derive(Debug, Error)]
#[error("{file}: cannot be written: {source}; check that its directory exists, is writable and has room")]
pub struct SaveMapError {
    pub file: String,
    pub source: io::Error,
}

/// The CRC-32 of header and table but for the place where it is kept.
fn table_crc(front: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&front[..CRC_AT]);
    hasher.update(&front[CRC_AT + 4..]);
    hasher.finalize()
}

//! A prepared map on disk: one file of named, checksummed sections.
//!
//! ```text
//! offset  bytes  what (all numbers little-endian)
//! 0       8      magic "MUKAEMAP"
//! 8       4      byte-order mark 0x01020304
//! 12      4      format version
//! 16      8      length of the whole file
//! 24      4      number of sections n
//! 28      4      CRC-32 of the table
//! 32      48 n   the table; for each section:
//!                  24 name, padded with zeros; 8 offset; 8 length; 4 CRC-32; 4 zero
//! ...            the sections, each beginning at a multiple of 8, gaps zero
//! end-32  32     BLAKE3 of everything before it
//! ```
//! Written to a neighbouring file, synced and renamed, so that a reader sees the old map or the new
//! one. The last checksum is also the map's identity: the same extract and settings give the same bytes.
//! What the sections mean is the business of those whose columns they are.

mod read;
mod write;

use std::io;

use thiserror::Error;

use crate::graph::BrokenGraph;
use crate::hierarchy::BrokenHierarchy;

pub(crate) use read::{Fault, Sections, checksum_of};
pub(crate) use write::{SectionWriter, write_atomically};

pub(crate) const MAGIC: &[u8; 8] = b"MUKAEMAP";
const BYTE_ORDER: u32 = 0x0102_0304;
/// Changes with any change of layout or meaning; there is no reading of other versions, a map is
/// rebuilt in seconds.
pub const FORMAT_VERSION: u32 = 2;

const HEADER_LENGTH: usize = 32;
const ENTRY_LENGTH: usize = 48;
const NAME_LENGTH: usize = 24;
const DIGEST_LENGTH: usize = 32;
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

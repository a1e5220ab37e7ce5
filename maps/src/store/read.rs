//! Taking a file apart: nothing in it is believed before it was checked.

use std::path::Path;

use super::{
    BYTE_ORDER, DIGEST_LENGTH, ENTRY_LENGTH, FORMAT_VERSION, HEADER_LENGTH, MAGIC, NAME_LENGTH, OpenMapError,
    SECTIONS_MAX,
};

/// A file whose frame and checksums are right.
pub(crate) struct Sections {
    bytes: Vec<u8>,
    /// Name, start, end.
    table: Vec<(String, usize, usize)>,
}

impl Sections {
    pub(crate) fn open(path: &Path) -> Result<Sections, OpenMapError> {
        let file = || path.display().to_string();
        let open = |source| OpenMapError::Open { file: file(), source };
        let metadata = std::fs::metadata(path).map_err(open)?;
        if metadata.is_dir() {
            return Err(open(std::io::Error::from(std::io::ErrorKind::IsADirectory)));
        }
        let bytes = std::fs::read(path).map_err(|source| OpenMapError::Io { file: file(), source })?;
        Sections::parse(bytes).map_err(|fault| fault.at(file()))
    }

    pub(crate) fn parse(bytes: Vec<u8>) -> Result<Sections, Fault> {
        if !bytes.starts_with(MAGIC) {
            return Err(Fault::NotAMap);
        }
        if bytes.len() < HEADER_LENGTH + DIGEST_LENGTH {
            return Err(Fault::damaged(format!("it ends after {} bytes", bytes.len())));
        }
        match number(&bytes, 8) {
            BYTE_ORDER => {}
            swapped if swapped == BYTE_ORDER.swap_bytes() => return Err(Fault::ByteOrder),
            _ => return Err(Fault::damaged("its byte-order mark is none")),
        }
        match number(&bytes, 12) {
            FORMAT_VERSION => {}
            found => return Err(Fault::Version(found)),
        }
        let length = long(&bytes, 16);
        if length != bytes.len() as u64 {
            return Err(Fault::damaged(format!("it should be {length} bytes long and is {}", bytes.len())));
        }
        let table = read_table(&bytes)?;
        let (content, digest) = bytes.split_at(bytes.len() - DIGEST_LENGTH);
        if blake3::hash(content) != *digest.first_chunk::<DIGEST_LENGTH>().expect("split off at this length") {
            return Err(Fault::damaged("its checksum is wrong"));
        }
        Ok(Sections { bytes, table })
    }

    /// The map's identity: the start of its checksum over everything.
    pub(crate) fn checksum(&self) -> u64 {
        checksum_of(&self.bytes)
    }

    pub(crate) fn bytes(&self, name: &str) -> Option<&[u8]> {
        let (_, start, end) = self.table.iter().find(|(other, ..)| other == name)?;
        Some(&self.bytes[*start..*end])
    }

    /// A column of numbers; `None` also if the section's length is no multiple of four.
    pub(crate) fn column(&self, name: &str) -> Option<Vec<u32>> {
        let (values, rest) = self.bytes(name)?.as_chunks::<4>();
        rest.is_empty().then(|| values.iter().map(|value| u32::from_le_bytes(*value)).collect())
    }
}

/// The identity of a whole file, as [`super::SectionWriter::finish`] made it.
pub(crate) fn checksum_of(file: &[u8]) -> u64 {
    let digest = &file[file.len() - DIGEST_LENGTH..];
    u64::from_le_bytes(*digest.first_chunk().expect("a digest is longer than eight bytes"))
}

/// What is wrong, before the file's name is known.
#[derive(Debug)]
pub(crate) enum Fault {
    NotAMap,
    Version(u32),
    ByteOrder,
    Damaged(String),
}

impl Fault {
    pub(crate) fn damaged(what: impl Into<String>) -> Fault {
        Fault::Damaged(what.into())
    }

    pub(crate) fn at(self, file: String) -> OpenMapError {
        match self {
            Fault::NotAMap => OpenMapError::NotAMap { file },
            Fault::Version(found) => OpenMapError::Version { file, found },
            Fault::ByteOrder => OpenMapError::ByteOrder { file },
            Fault::Damaged(what) => OpenMapError::Damaged { file, what },
        }
    }
}

/// The table, each section inside the file and whole by its own checksum.
fn read_table(bytes: &[u8]) -> Result<Vec<(String, usize, usize)>, Fault> {
    let count = number(bytes, 24) as usize;
    let content_end = bytes.len() - DIGEST_LENGTH;
    let table_end = HEADER_LENGTH + ENTRY_LENGTH * count.min(SECTIONS_MAX);
    if SECTIONS_MAX < count || content_end < table_end {
        return Err(Fault::damaged(format!("it claims {count} sections")));
    }
    let table = &bytes[HEADER_LENGTH..table_end];
    if crc32fast::hash(table) != number(bytes, 28) {
        return Err(Fault::damaged("the checksum of its table is wrong"));
    }
    table
        .chunks_exact(ENTRY_LENGTH)
        .map(|entry| {
            let name = entry[..NAME_LENGTH].split(|&byte| byte == 0).next().unwrap_or_default();
            let name = String::from_utf8_lossy(name).into_owned();
            let (offset, length) = (long(entry, NAME_LENGTH), long(entry, NAME_LENGTH + 8));
            let end = offset.checked_add(length).filter(|&end| end <= content_end as u64);
            let (Some(end), true) = (end, table_end as u64 <= offset) else {
                return Err(Fault::damaged(format!("its section {name} lies outside of it")));
            };
            let (start, end) = (offset as usize, end as usize);
            if crc32fast::hash(&bytes[start..end]) != number(entry, NAME_LENGTH + 16) {
                return Err(Fault::damaged(format!("the checksum of its section {name} is wrong")));
            }
            Ok((name, start, end))
        })
        .collect()
}

/// Panics beyond the end: callers checked the length.
fn number(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(*bytes[at..].first_chunk().expect("inside the checked length"))
}

fn long(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(*bytes[at..].first_chunk().expect("inside the checked length"))
}

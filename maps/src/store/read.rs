//! Taking a file apart: nothing in it is believed before it was checked.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use super::{
    BYTE_ORDER, CONTENT_START, DIGEST_AT, DIGEST_LENGTH, ENTRY_LENGTH, FORMAT_VERSION, HEADER_LENGTH, MAGIC,
    NAME_LENGTH, OpenMapError, SECTIONS_MAX, table_crc,
};
use crate::column::{Column, FileBytes, Number};

/// A file whose frame is right, and whose every section is whole by its own checksum.
pub(crate) struct Sections {
    file: Arc<FileBytes>,
    /// Name, start, end.
    table: Vec<(String, usize, usize)>,
}

/// The sections whose names begin alike.
#[derive(Clone, Copy)]
pub(crate) struct SectionGroup<'a> {
    sections: &'a Sections,
    prefix: &'a str,
}

impl SectionGroup<'_> {
    /// A column of numbers; `None` also if the section's length is no whole number of them.
    pub(crate) fn column<T: Number>(&self, name: &str) -> Option<Column<T>> {
        let (_, start, end) = self.sections.find(|section| section.strip_prefix(self.prefix) == Some(name))?;
        Column::of_file(&self.sections.file, *start..*end)
    }
}

impl Sections {
    pub(crate) fn open(path: &Path) -> Result<Sections, OpenMapError> {
        let name = || path.display().to_string();
        let open = |source| OpenMapError::Open { file: name(), source };
        // Asked before opening: to open a pipe would wait for somebody to write to it.
        let metadata = std::fs::metadata(path).map_err(open)?;
        if metadata.is_dir() {
            return Err(open(io::Error::from(io::ErrorKind::IsADirectory)));
        }
        if !metadata.is_file() {
            return Err(Fault::NotAMap.at(name()));
        }
        let file = File::open(path).map_err(open)?;
        let bytes = FileBytes::map(&file).map_err(|source| OpenMapError::Io { file: name(), source })?;
        Sections::check(bytes).map_err(|fault| fault.at(name()))
    }

    pub(crate) fn parse(bytes: Vec<u8>) -> Result<Sections, Fault> {
        Sections::check(FileBytes::owned(bytes))
    }

    fn check(bytes: FileBytes) -> Result<Sections, Fault> {
        if !bytes.starts_with(MAGIC) {
            return Err(Fault::NotAMap);
        }
        if bytes.len() < HEADER_LENGTH {
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
        Ok(Sections { file: Arc::new(bytes), table })
    }

    /// BLAKE3 of all content, as the file states it: the map's identity. Not compared with the content.
    pub(crate) fn digest(&self) -> [u8; DIGEST_LENGTH] {
        *self.file[DIGEST_AT..].first_chunk().expect("inside the checked length")
    }

    pub(crate) fn bytes(&self, name: &str) -> Option<&[u8]> {
        let (_, start, end) = self.find(|section| section == name)?;
        Some(&self.file[*start..*end])
    }

    pub(crate) fn group<'a>(&'a self, prefix: &'a str) -> SectionGroup<'a> {
        SectionGroup { sections: self, prefix }
    }

    fn find(&self, is_it: impl Fn(&str) -> bool) -> Option<&(String, usize, usize)> {
        self.table.iter().find(|(name, ..)| is_it(name))
    }
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

/// The table. Sections follow one another as closely as they can, each whole by its own checksum, with
/// zeros between them: there is no byte that nobody looks at.
fn read_table(bytes: &[u8]) -> Result<Vec<(String, usize, usize)>, Fault> {
    let count = number(bytes, 24) as usize;
    let table_end = CONTENT_START + ENTRY_LENGTH * count.min(SECTIONS_MAX);
    if SECTIONS_MAX < count || bytes.len() < table_end {
        return Err(Fault::damaged(format!("it claims {count} sections")));
    }
    if table_crc(&bytes[..table_end]) != number(bytes, 28) {
        return Err(Fault::damaged("the checksum of its table is wrong"));
    }
    let mut sections = Vec::with_capacity(count);
    let mut covered = table_end;
    for entry in bytes[CONTENT_START..table_end].chunks_exact(ENTRY_LENGTH) {
        let name = entry[..NAME_LENGTH].split(|&byte| byte == 0).next().unwrap_or_default();
        let name = String::from_utf8_lossy(name).into_owned();
        let (offset, length) = (long(entry, NAME_LENGTH), long(entry, NAME_LENGTH + 8));
        let start = covered.next_multiple_of(8);
        let end = offset.checked_add(length).filter(|&end| end <= bytes.len() as u64);
        let (Some(end), true) = (end, offset == start as u64) else {
            return Err(Fault::damaged(format!("its section {name} is not where it should be")));
        };
        let end = end as usize;
        if crc32fast::hash(&bytes[start..end]) != number(entry, NAME_LENGTH + 16) {
            return Err(Fault::damaged(format!("the checksum of its section {name} is wrong")));
        }
        check_gap(bytes, covered, start)?;
        covered = end;
        sections.push((name, start, end));
    }
    check_gap(bytes, covered, bytes.len())?;
    if covered.next_multiple_of(8) != bytes.len() {
        return Err(Fault::damaged("it goes on behind its last section"));
    }
    Ok(sections)
}

fn check_gap(bytes: &[u8], from: usize, to: usize) -> Result<(), Fault> {
    let is_empty = bytes[from..to].iter().all(|&byte| byte == 0);
    if is_empty { Ok(()) } else { Err(Fault::damaged(format!("there is something at byte {from}"))) }
}

/// Panics beyond the end: callers checked the length.
fn number(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(*bytes[at..].first_chunk().expect("inside the checked length"))
}

fn long(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(*bytes[at..].first_chunk().expect("inside the checked length"))
}

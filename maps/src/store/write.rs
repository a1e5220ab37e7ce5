//! Laying out sections and putting the file in place.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use super::{
    BYTE_ORDER, CONTENT_START, CRC_AT, DIGEST_AT, DIGEST_LENGTH, ENTRY_LENGTH, FORMAT_VERSION, MAGIC, NAME_LENGTH,
    SECTIONS_MAX, SaveMapError, table_crc,
};

/// Sections in the order they were added, and what goes in front of them.
#[derive(Default)]
pub(crate) struct SectionWriter<'a> {
    sections: Vec<(String, Cow<'a, [u8]>)>,
}

/// A file that is laid out, in pieces that are not joined before they are written.
pub(crate) struct LaidOut<'a> {
    /// Header and table, with the gap behind it.
    front: Vec<u8>,
    sections: Vec<(String, Cow<'a, [u8]>)>,
}

impl<'a> SectionWriter<'a> {
    pub(crate) fn add(&mut self, name: &str, bytes: impl Into<Cow<'a, [u8]>>) {
        assert!(name.len() <= NAME_LENGTH && name.is_ascii(), "{name} does not fit the table");
        assert!(self.sections.iter().all(|(other, _)| other != name), "{name} is added twice");
        assert!(self.sections.len() < SECTIONS_MAX, "{SECTIONS_MAX} sections are enough");
        self.sections.push((name.to_owned(), bytes.into()));
    }

    pub(crate) fn finish(self) -> LaidOut<'a> {
        let mut table = Vec::with_capacity(ENTRY_LENGTH * self.sections.len());
        let mut offset = (CONTENT_START + ENTRY_LENGTH * self.sections.len()).next_multiple_of(8);
        for (name, bytes) in &self.sections {
            let mut padded = [0u8; NAME_LENGTH];
            padded[..name.len()].copy_from_slice(name.as_bytes());
            table.extend_from_slice(&padded);
            table.extend_from_slice(&(offset as u64).to_le_bytes());
            table.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
            table.extend_from_slice(&crc32fast::hash(bytes).to_le_bytes());
            table.extend_from_slice(&0u32.to_le_bytes());
            offset = (offset + bytes.len()).next_multiple_of(8);
        }
        let mut front = Vec::with_capacity(CONTENT_START + table.len() + 8);
        front.extend_from_slice(MAGIC);
        front.extend_from_slice(&BYTE_ORDER.to_le_bytes());
        front.extend_from_slice(&FORMAT_VERSION.to_le_bytes());
        front.extend_from_slice(&(offset as u64).to_le_bytes());
        front.extend_from_slice(&(self.sections.len() as u32).to_le_bytes());
        front.resize(CONTENT_START, 0);
        front.append(&mut table);
        let digest = digest(&front[CONTENT_START..], &self.sections);
        front[DIGEST_AT..DIGEST_AT + DIGEST_LENGTH].copy_from_slice(&digest);
        let crc = table_crc(&front);
        front[CRC_AT..CRC_AT + 4].copy_from_slice(&crc.to_le_bytes());
        front.resize(front.len().next_multiple_of(8), 0);
        LaidOut { front, sections: self.sections }
    }
}

impl LaidOut<'_> {
    /// What the digest of the file is, by its content.
    pub(crate) fn digest(&self) -> [u8; DIGEST_LENGTH] {
        *self.front[DIGEST_AT..].first_chunk().expect("the front has a whole header")
    }

    pub(crate) fn length(&self) -> usize {
        self.sections.iter().map(|(_, bytes)| bytes.len().next_multiple_of(8)).sum::<usize>() + self.front.len()
    }

    pub(crate) fn write(&self, to: &mut impl Write) -> io::Result<()> {
        to.write_all(&self.front)?;
        for (_, bytes) in &self.sections {
            to.write_all(bytes)?;
            to.write_all(gap_behind(bytes))?;
        }
        Ok(())
    }
}

/// BLAKE3 of the table and all sections, with the gaps between them.
fn digest(table: &[u8], sections: &[(String, Cow<'_, [u8]>)]) -> [u8; DIGEST_LENGTH] {
    let mut hasher = blake3::Hasher::new();
    for bytes in std::iter::once(table).chain(sections.iter().map(|(_, bytes)| &**bytes)) {
        hasher.update(bytes).update(gap_behind(bytes));
    }
    *hasher.finalize().as_bytes()
}

/// The zeros that bring what begins at a multiple of eight to the next one.
fn gap_behind(bytes: &[u8]) -> &'static [u8] {
    &[0; 7][..bytes.len().next_multiple_of(8) - bytes.len()]
}

/// Replaces `path` by `map` in one step that survives a crash at any moment. Whoever has the old file
/// open keeps it: it loses its name, not its bytes. Never write to a map in place, see `column.rs`.
pub(crate) fn write_atomically(path: &Path, map: &LaidOut<'_>) -> Result<(), SaveMapError> {
    try_write(path, map).map_err(|source| SaveMapError { file: path.display().to_string(), source })
}

fn try_write(path: &Path, map: &LaidOut<'_>) -> io::Result<()> {
    let name = path.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "it names no file"))?;
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut partial_name = name.to_owned();
    partial_name.push(format!(".{}.partial", std::process::id()));
    let partial = directory.join(partial_name);
    let written = write_synced(&partial, map).and_then(|()| std::fs::rename(&partial, path));
    if written.is_err() {
        // Best effort: the error to tell is the first one.
        let _ = std::fs::remove_file(&partial);
        return written;
    }
    sync_directory(directory)
}

fn write_synced(path: &Path, map: &LaidOut<'_>) -> io::Result<()> {
    let mut file = File::create(path)?;
    map.write(&mut file)?;
    file.sync_all()
}

/// Makes the rename durable; only Unix lets a directory be opened for this.
fn sync_directory(directory: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(directory)?.sync_all() } else { Ok(()) }
}

//! Laying out sections and putting the file in place.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use super::{
    BYTE_ORDER, DIGEST_LENGTH, ENTRY_LENGTH, FORMAT_VERSION, HEADER_LENGTH, MAGIC, NAME_LENGTH, SECTIONS_MAX,
    SaveMapError,
};

/// Sections in the order they were added.
#[derive(Default)]
pub(crate) struct SectionWriter {
    sections: Vec<(String, Vec<u8>)>,
}

impl SectionWriter {
    pub(crate) fn add_bytes(&mut self, name: &str, bytes: Vec<u8>) {
        assert!(name.len() <= NAME_LENGTH && name.is_ascii(), "{name} does not fit the table");
        assert!(self.sections.iter().all(|(other, _)| other != name), "{name} is added twice");
        assert!(self.sections.len() < SECTIONS_MAX, "{SECTIONS_MAX} sections are enough");
        self.sections.push((name.to_owned(), bytes));
    }

    pub(crate) fn add_column(&mut self, name: &str, column: &[u32]) {
        self.add_bytes(name, column.iter().flat_map(|value| value.to_le_bytes()).collect());
    }

    /// The whole file.
    pub(crate) fn finish(self) -> Vec<u8> {
        let start = HEADER_LENGTH + ENTRY_LENGTH * self.sections.len();
        let mut table = Vec::with_capacity(ENTRY_LENGTH * self.sections.len());
        let mut offset = start.next_multiple_of(8);
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
        let length = offset + DIGEST_LENGTH;
        let mut file = Vec::with_capacity(length);
        file.extend_from_slice(MAGIC);
        file.extend_from_slice(&BYTE_ORDER.to_le_bytes());
        file.extend_from_slice(&FORMAT_VERSION.to_le_bytes());
        file.extend_from_slice(&(length as u64).to_le_bytes());
        file.extend_from_slice(&(self.sections.len() as u32).to_le_bytes());
        file.extend_from_slice(&crc32fast::hash(&table).to_le_bytes());
        file.extend_from_slice(&table);
        for (_, bytes) in &self.sections {
            file.resize(file.len().next_multiple_of(8), 0);
            file.extend_from_slice(bytes);
        }
        file.resize(file.len().next_multiple_of(8), 0);
        let digest = blake3::hash(&file);
        file.extend_from_slice(digest.as_bytes());
        assert_eq!(file.len(), length, "the table was laid out for what was written");
        file
    }
}

/// Replaces `path` by `bytes` in one step that survives a crash at any moment.
pub(crate) fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), SaveMapError> {
    try_write(path, bytes).map_err(|source| SaveMapError { file: path.display().to_string(), source })
}

fn try_write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let name = path.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "it names no file"))?;
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut partial_name = name.to_owned();
    partial_name.push(format!(".{}.partial", std::process::id()));
    let partial = directory.join(partial_name);
    let written = write_synced(&partial, bytes).and_then(|()| std::fs::rename(&partial, path));
    if written.is_err() {
        // Best effort: the error to tell is the first one.
        let _ = std::fs::remove_file(&partial);
        return written;
    }
    sync_directory(directory)
}

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Makes the rename durable; only Unix lets a directory be opened for this.
fn sync_directory(directory: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(directory)?.sync_all() } else { Ok(()) }
}

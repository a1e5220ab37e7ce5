//! The few things a journal asks of a disk, so that a bad one can be put in its place.
//!
//! A disk promises nothing until it is asked twice: bytes and lengths are durable after a sync of
//! their file, names after a sync of the directory. Everything else may be lost, kept or torn.

mod os;
mod sim;

use std::fmt;
use std::io;

use thiserror::Error;

pub use os::OsDisk;
pub(crate) use sim::draw;
pub use sim::{Crash, Faults, SECTOR_BYTES, SimDisk, SimFile, Survivors};

/// One directory of plain files.
pub trait Disk: fmt::Debug + Send + Sync + 'static {
    type File: DiskFile;
    /// Held for as long as the journal is open for writing; dropping it lets the next one in.
    type Lock: fmt::Debug + Send + Sync + 'static;

    fn lock(&self) -> Result<Self::Lock, LockError>;
    fn names(&self) -> io::Result<Vec<String>>;
    /// An empty file under this name, whatever was there before.
    fn create(&self, name: &str) -> io::Result<Self::File>;
    fn open(&self, name: &str, access: Access) -> io::Result<Self::File>;
    /// Replaces `to`. Durable after [`Disk::sync_names`], and never half done.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;
    fn remove(&self, name: &str) -> io::Result<()>;
    fn sync_names(&self) -> io::Result<()>;
    /// A number that nobody who sends us records can guess; see `docs/journal-format.md`, "salt".
    fn salt(&self) -> u64;
}

/// An open file, read and written by position.
pub trait DiskFile: fmt::Debug + Send + Sync + 'static {
    fn bytes(&self) -> io::Result<u64>;
    /// May read less than asked for; 0 at the end of the file.
    fn read_at(&self, into: &mut [u8], offset: u64) -> io::Result<usize>;
    /// May write less than asked for.
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize>;
    fn truncate(&self, bytes: u64) -> io::Result<()>;
    /// Makes the contents durable, and the length as far as reading them needs it.
    fn sync_data(&self) -> io::Result<()>;
    /// Also makes a shorter length durable.
    fn sync_all(&self) -> io::Result<()>;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Read,
    ReadWrite,
}

#[derive(Debug, Error)]
pub enum LockError {
    #[error("another process has this journal open")]
    Held,
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Writes all of `bytes`, in as many pieces as the disk takes them.
pub(crate) fn write_all_at(file: &impl DiskFile, mut bytes: &[u8], mut offset: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        match file.write_at(bytes, offset) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => {
                bytes = &bytes[written..];
                offset += written as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Reads until `into` is full or the file ends; returns the bytes read.
pub(crate) fn read_full_at(file: &impl DiskFile, into: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut read = 0;
    while read < into.len() {
        match file.read_at(&mut into[read..], offset + read as u64) {
            Ok(0) => break,
            Ok(more) => read += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(read)
}

/// Whether an error of a write says that the disk is full: the one failure a journal survives.
pub(crate) fn is_no_space(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

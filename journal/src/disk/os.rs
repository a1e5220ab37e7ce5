//! A real directory of the operating system.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::{Access, Disk, DiskFile, LockError};

const LOCK_NAME: &str = "lock";

/// A directory. Nothing in it is touched until a journal is opened on it.
#[derive(Debug)]
pub struct OsDisk {
    directory: PathBuf,
    /// Kept open: syncing it makes names durable.
    handle: File,
}

impl OsDisk {
    /// A directory that is there already. A missing one is an error: it may be a volume that is not mounted.
    pub fn open(directory: impl Into<PathBuf>) -> io::Result<OsDisk> {
        let directory = directory.into();
        let handle = File::open(&directory)?;
        if !handle.metadata()?.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        Ok(OsDisk { directory, handle })
    }

    /// Makes the directory if it is missing, durably; its parent must be there.
    pub fn create(directory: impl Into<PathBuf>) -> io::Result<OsDisk> {
        let directory = directory.into();
        match fs::create_dir(&directory) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
        let parent = directory.parent().filter(|parent| !parent.as_os_str().is_empty());
        File::open(parent.unwrap_or(Path::new(".")))?.sync_all()?;
        OsDisk::open(directory)
    }

    pub fn directory(&self) -> &Path {
        &self.directory
    }
}

/// Let go of explicitly when dropped, not only by closing the file: a process that was being forked at this moment has a copy of it, and would
/// hold the lock until it has become another program.
#[derive(Debug)]
pub struct HeldLock(File);

impl Drop for HeldLock {
    fn drop(&mut self) {
        // If it fails, closing the file lets go of the lock as well.
        let _ = self.0.unlock();
    }
}

impl Disk for OsDisk {
    type File = File;
    type Lock = HeldLock;

    /// Advisory and tied to the open file: the kernel lets go of it when the process ends, however it ends.
    fn lock(&self) -> Result<HeldLock, LockError> {
        let path = self.directory.join(LOCK_NAME);
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(HeldLock(file)),
            Err(TryLockError::WouldBlock) => Err(LockError::Held),
            Err(TryLockError::Error(error)) => Err(LockError::Io(error)),
        }
    }

    fn names(&self) -> io::Result<Vec<String>> {
        let entries = fs::read_dir(&self.directory)?;
        // A name that is not UTF-8 is not one of ours.
        entries.filter_map(|entry| entry.map(|entry| entry.file_name().into_string().ok()).transpose()).collect()
    }

    fn create(&self, name: &str) -> io::Result<File> {
        let path = self.directory.join(name);
        OpenOptions::new().read(true).write(true).create(true).truncate(true).open(path)
    }

    fn open(&self, name: &str, access: Access) -> io::Result<File> {
        let path = self.directory.join(name);
        OpenOptions::new().read(true).write(access == Access::ReadWrite).open(path)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.directory.join(from), self.directory.join(to))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.directory.join(name))
    }

    fn sync_names(&self) -> io::Result<()> {
        self.handle.sync_all()
    }

    fn salt(&self) -> u64 {
        // The standard library's map seed comes from the kernel's random source.
        RandomState::new().hash_one(std::process::id())
    }
}

impl DiskFile for File {
    fn bytes(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn read_at(&self, into: &mut [u8], offset: u64) -> io::Result<usize> {
        FileExt::read_at(self, into, offset)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        FileExt::write_at(self, bytes, offset)
    }

    fn truncate(&self, bytes: u64) -> io::Result<()> {
        self.set_len(bytes)
    }

    fn sync_data(&self) -> io::Result<()> {
        File::sync_data(self)
    }

    fn sync_all(&self) -> io::Result<()> {
        File::sync_all(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dropped_lock_is_free_even_while_a_copy_of_its_file_is_open() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let disk = OsDisk::open(directory.path()).expect("it is there");
        let held = disk.lock().expect("nobody has it");
        let copy = held.0.try_clone().expect("a sound system");
        assert!(matches!(disk.lock(), Err(LockError::Held)));
        drop(held);
        assert!(disk.lock().is_ok());
        drop(copy);
    }
}

//! A disk that lies the way disks do: a volatile cache, torn sectors, full, failing, and cut off
//! at any moment.
//!
//! The model: what was not synced is decided sector by sector when the power goes, in any order,
//! and a name is decided apart from its contents. A sync that fails drops what it should have
//! written, while reads go on showing it (as Linux does). See ALICE (Pillai et al., OSDI 2014) and
//! "Can applications recover from fsync failures?" (Rebello et al., ATC 2020) for why.

mod crash;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

pub use crash::Survivors;
pub(crate) use crash::draw;

use super::{Access, Disk, DiskFile, LockError};

/// Bytes that reach the medium together, or tear.
pub const SECTOR_BYTES: usize = 512;

/// One simulated directory. Clones and open files share it, as processes share a real one.
#[derive(Clone, Debug)]
pub struct SimDisk {
    state: Arc<Mutex<State>>,
}

#[derive(Clone, Debug)]
pub struct SimFile {
    disk: SimDisk,
    inode: usize,
}

/// What goes wrong, and when. The default is a disk in good health.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    pub crash: Option<Crash>,
    /// Bytes of all files together; more does not fit.
    pub capacity: Option<u64>,
    /// The sync of a file with this number (counted from 0) fails, and loses what it should have kept.
    pub failing_sync: Option<u64>,
    /// The sync of the names with this number (counted from 0) fails; they stay as shown, and may be lost.
    pub failing_name_sync: Option<u64>,
    /// Writes take a part of the bytes only.
    pub writes_are_short: bool,
    /// Some of what nobody synced reaches the medium on its own, so that a crash may show what was overwritten since.
    pub writes_back_early: bool,
    /// Planted bug: a sync of a file says yes and does nothing.
    pub file_sync_lies: bool,
    /// Planted bug: a sync of the names says yes and does nothing.
    pub name_sync_lies: bool,
}

/// The power goes at the operation with this number, counted from 0 over everything that changes the disk.
/// The caller sees an error either way, and nothing works any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crash {
    /// The operation had no effect.
    Before(u64),
    /// The operation was done, but nobody was told.
    After(u64),
}

#[derive(Clone, Debug)]
struct State {
    inodes: Vec<Inode>,
    names: BTreeMap<String, usize>,
    durable_names: BTreeMap<String, usize>,
    /// Since the last sync of the names, in order.
    name_changes: Vec<NameChange>,
    faults: Faults,
    operations: u64,
    syncs: u64,
    name_syncs: u64,
    random: u64,
    is_off: bool,
    is_locked: bool,
}

#[derive(Clone, Debug, Default)]
struct Inode {
    /// What reads see.
    bytes: Vec<u8>,
    /// What is on the medium for certain.
    durable: Vec<u8>,
    /// Sectors in which the two differ and the next sync will write.
    dirty: BTreeSet<usize>,
}

#[derive(Clone, Debug)]
enum NameChange {
    Link { name: String, inode: usize },
    Rename { from: String, to: String, inode: usize },
    Unlink { name: String },
}

#[derive(Debug)]
pub struct SimLock {
    disk: SimDisk,
}

impl SimDisk {
    pub fn new(seed: u64) -> SimDisk {
        let state = State {
            inodes: Vec::new(),
            names: BTreeMap::new(),
            durable_names: BTreeMap::new(),
            name_changes: Vec::new(),
            faults: Faults::default(),
            operations: 0,
            syncs: 0,
            name_syncs: 0,
            random: seed,
            is_off: false,
            is_locked: false,
        };
        SimDisk { state: Arc::new(Mutex::new(state)) }
    }

    pub fn set_faults(&self, faults: Faults) {
        self.state().faults = faults;
    }

    /// Operations so far that change the disk: a crash can be asked for at each of them.
    pub fn operations(&self) -> u64 {
        self.state().operations
    }

    /// Syncs of files so far.
    pub fn syncs(&self) -> u64 {
        self.state().syncs
    }

    /// Syncs of the names so far.
    pub fn name_syncs(&self) -> u64 {
        self.state().name_syncs
    }

    pub fn is_off(&self) -> bool {
        self.state().is_off
    }

    /// A disk of its own with the same contents, cache, faults and counters; nobody holds its lock.
    pub fn fork(&self) -> SimDisk {
        let mut state = self.state().clone();
        state.is_locked = false;
        SimDisk { state: Arc::new(Mutex::new(state)) }
    }

    /// What is found when the power comes back. This disk stays as it is; the new one is in good health.
    pub fn after_crash(&self, survivors: Survivors) -> SimDisk {
        let state = crash::settle(&self.state(), survivors);
        SimDisk { state: Arc::new(Mutex::new(state)) }
    }

    /// The contents of a file as a reader sees them.
    pub fn contents(&self, name: &str) -> Option<Vec<u8>> {
        let state = self.state();
        state.names.get(name).map(|&inode| state.inodes[inode].bytes.clone())
    }

    /// Changes a file behind everyone's back, on the medium too: bit flips, stale or swapped sectors.
    pub fn tamper(&self, name: &str, change: impl FnOnce(&mut Vec<u8>)) {
        let mut state = self.state();
        let inode = *state.names.get(name).expect("only a file that exists is tampered with");
        let file = &mut state.inodes[inode];
        change(&mut file.bytes);
        file.durable = file.bytes.clone();
        file.dirty.clear();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no call panics while it holds the disk")
    }

    /// Runs `operation` unless the power goes before it.
    fn operate<T>(&self, operation: impl FnOnce(&mut State) -> io::Result<T>) -> io::Result<T> {
        let mut state = self.state();
        state.check_power()?;
        let number = state.operations;
        state.operations += 1;
        match state.faults.crash {
            Some(Crash::Before(at)) if at <= number => {
                state.is_off = true;
                Err(power_is_off())
            }
            Some(Crash::After(at)) if at <= number => {
                let _unheard = operation(&mut state);
                state.is_off = true;
                Err(power_is_off())
            }
            _ => operation(&mut state),
        }
    }
}

impl Disk for SimDisk {
    type File = SimFile;
    type Lock = SimLock;

    fn lock(&self) -> Result<SimLock, LockError> {
        let mut state = self.state();
        state.check_power()?;
        if state.is_locked {
            return Err(LockError::Held);
        }
        state.is_locked = true;
        Ok(SimLock { disk: self.clone() })
    }

    fn names(&self) -> io::Result<Vec<String>> {
        let state = self.state();
        state.check_power()?;
        // Real directories come in no order either.
        Ok(state.names.keys().rev().cloned().collect())
    }

    fn create(&self, name: &str) -> io::Result<SimFile> {
        let inode = self.operate(|state| {
            if let Some(&inode) = state.names.get(name) {
                state.inodes[inode].truncate(0);
                return Ok(inode);
            }
            let inode = state.inodes.len();
            state.inodes.push(Inode::default());
            state.names.insert(name.to_owned(), inode);
            state.name_changes.push(NameChange::Link { name: name.to_owned(), inode });
            Ok(inode)
        })?;
        Ok(SimFile { disk: self.clone(), inode })
    }

    fn open(&self, name: &str, _access: Access) -> io::Result<SimFile> {
        let state = self.state();
        state.check_power()?;
        let &inode = state.names.get(name).ok_or(io::ErrorKind::NotFound)?;
        Ok(SimFile { disk: self.clone(), inode })
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.operate(|state| {
            let inode = state.names.remove(from).ok_or(io::ErrorKind::NotFound)?;
            state.names.insert(to.to_owned(), inode);
            state.name_changes.push(NameChange::Rename { from: from.to_owned(), to: to.to_owned(), inode });
            Ok(())
        })
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.operate(|state| {
            state.names.remove(name).ok_or(io::ErrorKind::NotFound)?;
            state.name_changes.push(NameChange::Unlink { name: name.to_owned() });
            Ok(())
        })
    }

    fn sync_names(&self) -> io::Result<()> {
        self.operate(|state| {
            let number = state.name_syncs;
            state.name_syncs += 1;
            if state.faults.failing_name_sync == Some(number) {
                return Err(failed_sync());
            }
            if !state.faults.name_sync_lies {
                state.durable_names = state.names.clone();
                state.name_changes.clear();
            }
            Ok(())
        })
    }

    fn salt(&self) -> u64 {
        self.state().draw()
    }
}

impl DiskFile for SimFile {
    fn bytes(&self) -> io::Result<u64> {
        let state = self.disk.state();
        state.check_power()?;
        Ok(state.inodes[self.inode].bytes.len() as u64)
    }

    fn read_at(&self, into: &mut [u8], offset: u64) -> io::Result<usize> {
        let state = self.disk.state();
        state.check_power()?;
        let bytes = &state.inodes[self.inode].bytes;
        let from = bytes.len().min(offset as usize);
        let count = into.len().min(bytes.len() - from);
        into[..count].copy_from_slice(&bytes[from..from + count]);
        Ok(count)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        self.disk.operate(|state| {
            let mut count = bytes.len();
            if state.faults.writes_are_short && 1 < count {
                count = 1 + state.draw() as usize % count;
            }
            if let Some(capacity) = state.faults.capacity {
                let others = state.names.values().filter(|&&inode| inode != self.inode);
                let others: usize = others.map(|&inode| state.inodes[inode].bytes.len()).sum();
                let end_max = (capacity as usize).saturating_sub(others);
                count = count.min(end_max.saturating_sub(offset as usize));
                if count == 0 {
                    return Err(io::ErrorKind::StorageFull.into());
                }
            }
            state.inodes[self.inode].write(&bytes[..count], offset as usize);
            state.write_back(self.inode);
            Ok(count)
        })
    }

    fn truncate(&self, bytes: u64) -> io::Result<()> {
        self.disk.operate(|state| {
            state.inodes[self.inode].truncate(bytes as usize);
            state.write_back(self.inode);
            Ok(())
        })
    }

    fn sync_data(&self) -> io::Result<()> {
        self.disk.operate(|state| {
            let number = state.syncs;
            state.syncs += 1;
            if state.faults.file_sync_lies {
                return Ok(());
            }
            let fails = state.faults.failing_sync == Some(number);
            let inode = &mut state.inodes[self.inode];
            if fails {
                // The cache keeps the bytes and forgets that they were never written.
                inode.dirty.clear();
                return Err(failed_sync());
            }
            inode.sync();
            Ok(())
        })
    }

    fn sync_all(&self) -> io::Result<()> {
        self.sync_data()
    }
}

impl Drop for SimLock {
    fn drop(&mut self) {
        self.disk.state().is_locked = false;
    }
}

impl State {
    fn check_power(&self) -> io::Result<()> {
        if self.is_off { Err(power_is_off()) } else { Ok(()) }
    }

    fn draw(&mut self) -> u64 {
        draw(&mut self.random)
    }

    fn write_back(&mut self, inode: usize) {
        if self.faults.writes_back_early {
            self.inodes[inode].write_back(&mut self.random);
        }
    }
}

impl Inode {
    fn write(&mut self, bytes: &[u8], offset: usize) {
        let end = offset + bytes.len();
        let first_changed = offset.min(self.bytes.len());
        if self.bytes.len() < end {
            self.bytes.resize(end, 0);
        }
        self.bytes[offset..end].copy_from_slice(bytes);
        self.dirty.extend(first_changed / SECTOR_BYTES..end.div_ceil(SECTOR_BYTES));
    }

    fn truncate(&mut self, bytes: usize) {
        let old = self.bytes.len();
        self.bytes.resize(bytes, 0);
        self.dirty.extend(bytes.min(old) / SECTOR_BYTES..bytes.max(old).div_ceil(SECTOR_BYTES));
    }

    /// What a kernel does in its own time: some sectors, perhaps the length.
    fn write_back(&mut self, random: &mut u64) {
        if draw(random).is_multiple_of(2) {
            self.durable.resize(self.bytes.len(), 0);
        }
        for &sector in &self.dirty {
            let from = sector * SECTOR_BYTES;
            let to = (from + SECTOR_BYTES).min(self.bytes.len()).min(self.durable.len());
            if draw(random).is_multiple_of(2) && from < to {
                self.durable[from..to].copy_from_slice(&self.bytes[from..to]);
            }
        }
    }

    fn sync(&mut self) {
        self.durable.resize(self.bytes.len(), 0);
        for sector in std::mem::take(&mut self.dirty) {
            let from = (sector * SECTOR_BYTES).min(self.bytes.len());
            let to = (from + SECTOR_BYTES).min(self.bytes.len());
            self.durable[from..to].copy_from_slice(&self.bytes[from..to]);
        }
    }
}

fn failed_sync() -> io::Error {
    io::Error::other("input/output error (simulated)")
}

fn power_is_off() -> io::Error {
    io::Error::other("the power is off (simulated)")
}

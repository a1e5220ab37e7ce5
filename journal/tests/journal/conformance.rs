//! The one suite, on every store.

use mukae_journal::conformance::{Harness, run};
use mukae_journal::disk::Faults;
use mukae_journal::{FileStore, LogStore, MemoryStore, Options, OsDisk, SimDisk, Verify};
use tempfile::TempDir;

use crate::script::{shard, small};

struct Memory {
    log: MemoryStore,
    keeps_unknown: bool,
}

struct File<D> {
    disk: D,
    options: Options,
}

impl Harness for Memory {
    fn open(&mut self) -> Box<dyn LogStore> {
        Box::new(self.log.open_again())
    }

    fn break_next_append(&mut self) -> bool {
        self.log.make_next_append_unknown(self.keeps_unknown);
        true
    }
}

impl Harness for File<SimDisk> {
    fn open(&mut self) -> Box<dyn LogStore> {
        Box::new(FileStore::open_or_create(self.disk.clone(), shard(), self.options).expect("a sound disk").0)
    }

    fn break_next_append(&mut self) -> bool {
        self.disk.set_faults(Faults { failing_sync: Some(self.disk.syncs()), ..Faults::default() });
        true
    }
}

impl Harness for File<TempDir> {
    fn open(&mut self) -> Box<dyn LogStore> {
        let disk = OsDisk::open(self.disk.path()).expect("the directory is there");
        Box::new(FileStore::open_or_create(disk, shard(), self.options).expect("a sound disk").0)
    }
}

#[test]
fn memory_store_conforms() {
    for keeps_unknown in [false, true] {
        run(|| Memory { log: MemoryStore::new(shard()), keeps_unknown });
    }
}

#[test]
fn file_store_on_a_simulated_disk_conforms() {
    run(|| File { disk: SimDisk::new(1), options: small() });
}

#[test]
fn file_store_conforms_when_it_trusts_what_a_snapshot_covers() {
    run(|| File { disk: SimDisk::new(1), options: Options { verify: Verify::SinceSnapshot, ..small() } });
}

#[test]
fn file_store_conforms_when_writes_are_short() {
    run(|| {
        let disk = SimDisk::new(1);
        disk.set_faults(Faults { writes_are_short: true, ..Faults::default() });
        File { disk, options: small() }
    });
}

#[test]
fn file_store_on_a_real_directory_conforms() {
    run(|| File { disk: tempfile::tempdir().expect("a temporary directory"), options: small() });
}

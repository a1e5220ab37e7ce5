//! A real directory: the lock, the files' names, a torn end.

use std::fs;
use std::io::Write;

use mukae_journal::disk::LockError;
use mukae_journal::{Append, FileStore, LogStore, OpenError, OpenReport, OsDisk, ReadOnlyLog, Sequence};
use tempfile::TempDir;

use crate::script::{record, shard, small};

fn open(directory: &TempDir) -> Result<(FileStore<OsDisk>, OpenReport), OpenError> {
    let disk = OsDisk::create(directory.path().join("kami")).expect("its parent is there");
    FileStore::open_or_create(disk, shard(), small())
}

fn fill(store: &mut FileStore<OsDisk>, records: usize) {
    let epoch = store.claim().expect("a sound disk");
    for number in 0..records {
        let next = store.next();
        let appended = store.append(epoch, next, &[&record(number, 400)]);
        assert_eq!(appended, Ok(Append::Committed { next: next.plus(1) }));
    }
}

fn names(directory: &TempDir) -> Vec<String> {
    let entries = fs::read_dir(directory.path().join("kami")).expect("it is there");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("it is there").file_name().into_string().expect("ours are plain")).collect();
    names.sort_unstable();
    names
}

#[test]
fn second_opener_is_refused() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let (store, _) = open(&directory).expect("an empty directory");
    assert!(matches!(open(&directory), Err(OpenError::Lock(LockError::Held))));
    drop(store);
    assert!(open(&directory).is_ok());
}

#[test]
fn missing_directory_is_an_error() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    assert!(OsDisk::open(directory.path().join("unmounted")).is_err());
    fs::write(directory.path().join("file"), b"").expect("a sound disk");
    assert!(OsDisk::open(directory.path().join("file")).is_err());
}

#[test]
fn directory_holds_what_its_page_says() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let (mut store, _) = open(&directory).expect("an empty directory");
    fill(&mut store, 20);
    for at in [5, 10, 15] {
        store.snapshots().write(Sequence::new(at), b"state").expect("its records are durable");
    }
    store.settle().expect("a sound disk");
    drop(store);
    assert_eq!(
        names(&directory),
        [
            "lock",
            "log-00000000000000000000.mukae",
            "log-00000000000000000008.mukae",
            "log-00000000000000000016.mukae",
            "snapshot-00000000000000000010.mukae",
            "snapshot-00000000000000000015.mukae",
        ]
    );
    let (_, report) = open(&directory).expect("a clean stop");
    assert!(report.was_settled && report.tail_cut.is_none(), "{report:?}");
}

#[test]
fn torn_end_and_left_over_files_are_cleared_away() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let (mut store, _) = open(&directory).expect("an empty directory");
    fill(&mut store, 3);
    drop(store);
    let path = directory.path().join("kami");
    let log = path.join("log-00000000000000000000.mukae");
    let mut file = fs::OpenOptions::new().append(true).open(&log).expect("it is there");
    file.write_all(&[0; 1000]).expect("a sound disk");
    fs::write(path.join("log-00000000000000000003.mukae.unfinished"), b"MUKAE").expect("a sound disk");
    fs::write(path.join("notes.txt"), b"from the operator").expect("a sound disk");

    let (log, report) = ReadOnlyLog::open(OsDisk::open(&path).expect("it is there"), None).expect("readable");
    assert_eq!((report.tail_cut.map(|cut| cut.bytes), log.next()), (Some(1000), Sequence::new(3)));
    let (store, report) = open(&directory).expect("a torn end is no obstacle");
    assert_eq!((report.tail_cut.map(|cut| cut.bytes), store.next()), (Some(1000), Sequence::new(3)));
    drop(store);
    assert_eq!(names(&directory), ["lock", "log-00000000000000000000.mukae", "notes.txt"]);
    let (_, report) = open(&directory).expect("it was cut off");
    assert_eq!(report.tail_cut, None);
}

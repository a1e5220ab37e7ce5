//! A real process on a real file system, killed while it appends. The page cache survives, so this
//! proves less than the simulated disk does; it proves it of the real calls.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::{env, io};

use mukae_journal::{Append, FileStore, LogStore, OsDisk, Sequence};

use crate::script::{Draw, record, shard, small};

const DIRECTORY: &str = "MUKAE_JOURNAL_KILL_DIRECTORY";
const LOOPS: u64 = 6;

/// The child's side: it appends, and prints each number that was committed, until it is killed. Of
/// itself it is no test, and passes at once.
#[test]
fn child_appends_until_killed() {
    let Ok(directory) = env::var(DIRECTORY) else { return };
    let disk = OsDisk::open(directory).expect("the parent made it");
    let (mut store, _) = FileStore::open_or_create(disk, shard(), small()).expect("the one before was killed");
    let epoch = store.claim().expect("a sound disk");
    let mut out = io::stdout().lock();
    loop {
        let next = store.next();
        let batch: Vec<Vec<u8>> = (next.as_u64()..).take(3).map(|n| record(n as usize, 300)).collect();
        let slices: Vec<&[u8]> = batch.iter().map(Vec::as_slice).collect();
        match store.append(epoch, next, &slices) {
            Ok(Append::Committed { next }) => {
                writeln!(out, "committed {next}").expect("the parent listens until the end")
            }
            other => panic!("a sound disk: {other:?}"),
        }
    }
}

#[test]
fn killed_process_loses_nothing_it_spoke_of() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let mut draw = Draw(5);
    for round in 0..LOOPS {
        let spoken = kill_after(directory.path(), 1 + draw.below(60) as usize);
        let disk = OsDisk::open(directory.path()).expect("it is there");
        let (store, report) = FileStore::open_or_create(disk, shard(), small()).expect("killed, not damaged");
        assert!(spoken <= store.next().as_u64(), "round {round}: {spoken} were spoken of, {report:?}");
        assert_eq!(store.next().as_u64() % 3, 0, "round {round}: half a batch");
        let records = store.read(Sequence::START).expect("all of it").map(|record| record.expect("all of it"));
        for (number, found) in records.enumerate() {
            assert_eq!(found.bytes, record(number, 300), "round {round}");
        }
    }
}

/// Lets a child commit so many batches, kills it (SIGKILL) while it is at the next ones, and returns
/// the last number it printed.
fn kill_after(directory: &Path, commits: usize) -> u64 {
    let binary = env::current_exe().expect("a test has a binary");
    let mut child = Command::new(binary)
        .args(["kill::child_appends_until_killed", "--exact", "--nocapture", "--test-threads=1"])
        .env(DIRECTORY, directory)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let mut committed =
        lines.filter_map(|line| line.ok()?.strip_prefix("committed ").and_then(|number| number.parse::<u64>().ok()));
    let spoken = committed.nth(commits - 1).expect("the child commits until it is killed");
    child.kill().expect("it runs until killed");
    let last = committed.last();
    child.wait().expect("it was killed");
    last.unwrap_or(spoken)
}

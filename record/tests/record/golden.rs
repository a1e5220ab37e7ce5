//! Files written by each version, kept for ever: what they held then is what they hold now.
//!
//! - `v1.records`: the log of a morning in a small town, each record behind its length (u32, least first);
//! - `v1.samples`: records that are not a log but hold every command, event and answer there is;
//! - `v1.records.txt`, `v1.samples.txt`: the same for people, and to notice a field that is read as another;
//! - `v1.hashes`, `v1.snapshot`: what the log adds up to.
//!
//! If a test here fails, the format has changed, and a log in the field can not be read any more. Read
//! `docs/record-format.md`, "When something changes". Until the first release, and then only for a new
//! version's files, they are written with
//!
//! ```text
//! MUKAE_GOLDEN=write cargo test -p mukae-record golden
//! ```
//! and reviewed as a diff. The files of a released version are never written again.

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use mukae_engine::{Answer, Command, Endogenous, Rejection};
use mukae_record::codec::{Decode, Encode};
use mukae_record::{FORMAT_VERSION, Record, Scribe, StateHash};

use crate::dice::{Any, Dice};
use crate::town::morning;

const RELEASED: [u8; 0] = [];

fn path(version: u8, suffix: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/v{version}.{suffix}"))
}

fn is_writing() -> bool {
    std::env::var_os("MUKAE_GOLDEN").is_some_and(|wish| wish == "write")
}

/// Compares with the file, or writes it if asked to.
fn check(suffix: &str, found: &[u8]) {
    let path = path(FORMAT_VERSION, suffix);
    if is_writing() {
        assert!(
            !RELEASED.contains(&FORMAT_VERSION),
            "version {FORMAT_VERSION} is released: its files stay as they are"
        );
        fs::write(&path, found).expect("the golden directory is writable");
    }
    let kept = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    if kept != found {
        let at = kept.iter().zip(found).take_while(|(kept, found)| kept == found).count();
        panic!("{} differs from byte {at} on; the module doc says what to do", path.display());
    }
}

fn frames(records: &[Vec<u8>]) -> Vec<u8> {
    records.iter().flat_map(|record| [&(record.len() as u32).to_le_bytes(), record.as_slice()].concat()).collect()
}

fn unframe(mut bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut records = Vec::new();
    while let Some((length, rest)) = bytes.split_first_chunk() {
        let (record, rest) = rest.split_at(u32::from_le_bytes(*length) as usize);
        records.push(record.to_vec());
        bytes = rest;
    }
    records
}

fn read(version: u8, suffix: &str) -> Vec<Vec<u8>> {
    let path = path(version, suffix);
    unframe(&fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

/// A line for each record.
fn drawn(records: &[Vec<u8>]) -> String {
    let mut text = String::new();
    for bytes in records {
        let record = Record::from_bytes(bytes).expect("a golden record is readable");
        writeln!(text, "{record:?}").expect("a String takes all");
    }
    text
}

fn replayed(records: &[Vec<u8>]) -> Scribe {
    let mut scribe = Scribe::new();
    for bytes in records {
        scribe.replay(bytes).expect("a golden log can be followed");
    }
    scribe
}

fn hashes(version: u8, scribe: &Scribe) -> String {
    let (count, journal) = (scribe.next_sequence(), scribe.journal_hash());
    let state = StateHash::of_version(version, scribe.state());
    format!("records {count}\njournal {journal}\nstate {state}\n")
}

/// Reading is tested on the files as they are; only if asked to are they made anew.
#[test]
fn the_log_of_this_version() {
    if is_writing() {
        check("records", &frames(&morning().log));
    }
    let records = read(FORMAT_VERSION, "records");
    let scribe = replayed(&records);
    check("records.txt", drawn(&records).as_bytes());
    check("hashes", hashes(FORMAT_VERSION, &scribe).as_bytes());
    check("snapshot", &scribe.snapshot());
    for bytes in &records {
        assert_eq!(&Record::from_bytes(bytes).expect("readable").to_bytes(), bytes);
    }
}

/// In debug and release builds alike: both compare with the same files.
#[test]
fn logs_and_snapshots_of_every_version_add_up() {
    if is_writing() {
        return; // the other test is writing them
    }
    for version in 1..=FORMAT_VERSION {
        let kept = fs::read_to_string(path(version, "hashes")).expect("every version has its files");
        assert_eq!(hashes(version, &replayed(&read(version, "records"))), kept, "version {version}");
        let snapshot = fs::read(path(version, "snapshot")).expect("every version has its files");
        assert_eq!(hashes(version, &Scribe::from_snapshot(&snapshot).expect("readable")), kept, "version {version}");
    }
}

#[test]
fn samples_of_this_version() {
    let samples = samples();
    check("samples", &frames(&samples));
    check("samples.txt", drawn(&read(FORMAT_VERSION, "samples")).as_bytes());
}

/// Made from plain numbers, so that a new variant adds records at the end of its kind and changes no other.
fn samples() -> Vec<Vec<u8>> {
    fn each<T: Any + Encode + Decode>() -> Vec<T> {
        let count = T::each(&mut Dice::new(0)).len();
        (0..count).map(|index| T::each(&mut Dice::new(index as u64)).swap_remove(index)).collect()
    }
    let blank = |seed| Record { endogenous: Vec::new(), ..Record::any(&mut Dice::new(seed)) };
    let mut records = Vec::new();
    for (seed, command) in each::<Command>().into_iter().enumerate() {
        let mut record = blank(seed as u64);
        record.exogenous.command = command;
        records.push(record.to_bytes());
    }
    for (seed, event) in each::<Endogenous>().into_iter().enumerate() {
        let mut record = blank(1_000 + seed as u64);
        record.endogenous.push(event);
        records.push(record.to_bytes());
    }
    let rejections = each::<Rejection>().into_iter().map(Answer::Rejected);
    for (seed, answer) in each::<Answer>().into_iter().chain(rejections).enumerate() {
        records.push(Record { answer, ..blank(2_000 + seed as u64) }.to_bytes());
    }
    records
}

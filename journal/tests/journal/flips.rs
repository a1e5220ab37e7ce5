//! Bits that flip, sectors that go stale, files that vanish: refused loudly, repaired, or exactly
//! the loss that the format's page admits.

use mukae_journal::disk::SECTOR_BYTES;
use mukae_journal::{Append, Disk, LogStore, OpenError, ReadOnlyLog, Sequence, SimDisk};

use crate::script::{Action, Draw, Stopped, Told, day, live, open, perform, shard};

/// What opening a damaged journal came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// All records are there.
    Whole,
    /// A snapshot was passed over, with a note; all records are there.
    SnapshotSkipped,
    /// Refused, with the file and the place.
    Refused,
    /// The last batch is gone, and the report says that something was cut off.
    LastBatchCut,
    /// Something without records is gone from the end, and the report says so.
    MarkCut,
}

/// A day's journal whose owner was killed after its last batch, and how many records that batch has.
fn killed() -> (SimDisk, Told, usize) {
    let disk = SimDisk::new(7);
    let (told, end) = live(&disk, &day());
    assert_eq!(end, Ok(()));
    let Some(Action::Append { records, .. }) = day().last().copied() else { panic!("a day ends with a batch") };
    (disk, told, records)
}

fn names(disk: &SimDisk, prefix: &str) -> Vec<String> {
    let mut names = disk.names().expect("the power is on");
    names.retain(|name| name.starts_with(prefix));
    names.sort_unstable();
    names
}

/// Opens, and panics on whatever is not allowed: a changed record, a silent loss.
fn outcome(disk: &SimDisk, told: &Told, last_batch: usize) -> Outcome {
    let (store, report) = match open(disk) {
        Ok(opened) => opened,
        Err(OpenError::Damaged(damage)) => {
            assert!(damage.file.starts_with("log-"), "{damage}");
            assert!(damage.missing_from.as_u64() <= told.records.len() as u64, "{damage}");
            return Outcome::Refused;
        }
        Err(OpenError::Version { .. }) => return Outcome::Refused,
        Err(other) => panic!("neither opened nor refused for damage: {other}"),
    };
    let records = store.read(Sequence::START).expect("the log was just surveyed");
    let found: Vec<Vec<u8>> = records.map(|record| record.expect("the log was just surveyed").bytes).collect();
    assert!(found.len() <= told.records.len(), "records out of nothing");
    assert!(found[..] == told.records[..found.len()], "a changed record was accepted");
    let latest = store.snapshots().latest().expect("the power is on");
    assert!(latest.snapshot.is_none_or(|found| found.bytes == crate::script::state_before(found.at.as_u64())));
    match told.records.len() - found.len() {
        0 if report.tail_cut.is_some() => Outcome::MarkCut,
        0 if !latest.skipped.is_empty() => Outcome::SnapshotSkipped,
        0 => Outcome::Whole,
        lost => {
            assert_eq!(lost, last_batch, "more than the last batch is gone");
            let cut = report.tail_cut.expect("a loss without a note");
            assert_eq!(cut.file, *names(disk, "log-").last().expect("there is a log"));
            Outcome::LastBatchCut
        }
    }
}

fn flipped(disk: &SimDisk, name: &str, bit: u64) -> SimDisk {
    let copy = disk.fork();
    copy.tamper(name, |bytes| bytes[bit as usize / 8] ^= 1 << (bit % 8));
    copy
}

/// Byte where the last frame begins: the format has no index, so the test keeps its own.
fn last_frame_offset(disk: &SimDisk, name: &str) -> usize {
    let bytes = disk.contents(name).expect("it is there");
    bytes.windows(4).rposition(|four| four == b"mkF1").expect("it has a frame")
}

#[test]
fn flip_in_a_closed_segment_is_refused() {
    let (disk, told, last) = killed();
    let logs = names(&disk, "log-");
    let (_tail, closed) = logs.split_last().expect("there is a log");
    assert!(5 < closed.len(), "the day closes some segments");
    let mut draw = Draw(11);
    for _ in 0..700 {
        let name = &closed[draw.below(closed.len() as u64) as usize];
        let bits = disk.contents(name).expect("it is there").len() as u64 * 8;
        let bit = draw.below(bits);
        assert_eq!(outcome(&flipped(&disk, name, bit), &told, last), Outcome::Refused, "{name} bit {bit}");
    }
}

#[test]
fn flip_in_the_open_segment_loses_at_most_the_last_batch_and_says_so() {
    let (disk, told, last) = killed();
    let logs = names(&disk, "log-");
    let name = logs.last().expect("there is a log");
    let last_frame = last_frame_offset(&disk, name);
    let mut cuts = 0;
    let bits = disk.contents(name).expect("it is there").len() * 8;
    assert!(last_frame * 8 < bits);
    let mut draw = Draw(13);
    for _ in 0..700 {
        let bit = draw.below(bits as u64);
        match outcome(&flipped(&disk, name, bit), &told, last) {
            Outcome::Refused => {}
            Outcome::LastBatchCut if last_frame <= bit as usize / 8 => cuts += 1,
            other => panic!("bit {bit}, last frame at {last_frame}: {other:?}"),
        }
    }
    println!("{cuts} of 700 flips in the open segment passed for a cut-short write");
}

/// Counts what the format's page says: how often a flip in the last batch passes for a torn write.
/// Batches of random contents, each at another place in its sector; every one of them is hit.
#[test]
fn flip_in_the_last_batch_rarely_passes_for_a_torn_write() {
    let mut draw = Draw(17);
    let (mut cuts, mut refusals) = (0, 0);
    for _ in 0..600 {
        let disk = SimDisk::new(draw.next());
        let (mut store, _) = open(&disk).expect("a sound disk");
        let epoch = store.claim().expect("a sound disk");
        let mut told = Told { epoch: epoch.as_u64(), ..Told::default() };
        for bytes in [draw.below(1024), 300 + draw.below(200)] {
            let record: Vec<u8> = (0..bytes).map(|_| draw.next() as u8).collect();
            let expected = store.next();
            assert!(matches!(store.append(epoch, expected, &[&record]), Ok(Append::Committed { .. })));
            told.records.push(record);
        }
        drop(store);
        let name = &names(&disk, "log-")[0];
        let (from, to) = (last_frame_offset(&disk, name), disk.contents(name).expect("it is there").len());
        let bit = (from as u64) * 8 + draw.below((to - from) as u64 * 8);
        match outcome(&flipped(&disk, name, bit), &told, 1) {
            Outcome::Refused => refusals += 1,
            Outcome::LastBatchCut => cuts += 1,
            other => panic!("bit {bit}: {other:?}"),
        }
    }
    // Most of the cuts lie with a sector's end in one of the zeros of their header: one in twenty, as the page says.
    assert_eq!((cuts, refusals), (28, 572));
}

/// After `settle`, no flip anywhere loses a record: the last batch has proof behind it.
#[test]
fn flip_after_settling_loses_nothing() {
    let (disk, mut told, _) = killed();
    {
        let (mut store, _) = open(&disk).expect("a sound disk");
        for action in [Action::Claim, Action::Append { records: 2, bytes: 300 }, Action::Settle] {
            assert_eq!(perform(&mut store, action, &mut told), Ok::<(), Stopped>(()));
        }
    }
    let logs = names(&disk, "log-");
    let name = logs.last().expect("there is a log");
    let mark = last_frame_offset(&disk, name);
    let mut draw = Draw(19);
    for round in 0..700 {
        let bytes = disk.contents(name).expect("it is there").len();
        // Every second one hits the mark itself.
        let from = if round % 2 == 0 { mark } else { 0 };
        let bit = from as u64 * 8 + draw.below((bytes - from) as u64 * 8);
        let expected = if (bit as usize) < mark * 8 { Outcome::Refused } else { Outcome::MarkCut };
        assert_eq!(outcome(&flipped(&disk, name, bit), &told, 0), expected, "bit {bit}, mark at {mark}");
    }
}

#[test]
fn flip_in_a_snapshot_falls_back_on_the_one_before() {
    let (disk, told, last) = killed();
    let snapshots = names(&disk, "snapshot-");
    assert_eq!(snapshots.len(), 2, "two are kept");
    let mut draw = Draw(23);
    for _ in 0..300 {
        let name = &snapshots[draw.below(2) as usize];
        let bits = disk.contents(name).expect("it is there").len() as u64 * 8;
        let bit = draw.below(bits);
        let found = outcome(&flipped(&disk, name, bit), &told, last);
        let expected = if *name == snapshots[1] { Outcome::SnapshotSkipped } else { Outcome::Whole };
        assert_eq!(found, expected, "{name} bit {bit}");
    }
}

#[test]
fn both_snapshots_broken_leaves_the_log() {
    let (disk, told, last) = killed();
    for name in names(&disk, "snapshot-") {
        disk.tamper(&name, |bytes| bytes.truncate(bytes.len() / 2));
    }
    assert_eq!(outcome(&disk, &told, last), Outcome::SnapshotSkipped);
}

/// Zeroed, swapped and stale sectors in what was acknowledged and is not the last batch.
#[test]
fn sector_that_is_not_what_was_written_is_refused() {
    let (disk, told, last) = killed();
    let logs = names(&disk, "log-");
    let mut draw = Draw(29);
    for _ in 0..400 {
        let index = draw.below(logs.len() as u64) as usize;
        let name = &logs[index];
        let contents = disk.contents(name).expect("it is there");
        let end = if index + 1 < logs.len() { contents.len() } else { last_frame_offset(&disk, name) };
        let sectors = (end / SECTOR_BYTES) as u64;
        let (one, other) = (draw.below(sectors) as usize, draw.below(sectors) as usize);
        let copy = disk.fork();
        let (range, source) = (one * SECTOR_BYTES..(one + 1) * SECTOR_BYTES, other * SECTOR_BYTES);
        let kind = draw.below(3);
        copy.tamper(name, |bytes| match kind {
            0 => bytes[range.clone()].fill(0),
            1 => bytes.copy_within(source..source + SECTOR_BYTES, range.start),
            _ => {
                let from = copy_of(&disk, &logs[(index + 1) % logs.len()]);
                bytes[range.clone()].copy_from_slice(&from[range.clone()]);
            }
        });
        if copy.contents(name) == Some(contents) {
            continue;
        }
        assert_eq!(outcome(&copy, &told, last), Outcome::Refused, "{name} sector {one}, kind {kind}");
    }
}

/// The sequence goes on and every checksum is right; only the chain sees that something is gone.
#[test]
fn frame_taken_out_of_the_middle_is_refused() {
    const BARE: usize = 48;
    const SETTLED: [u8; 4] = [3, 0, 0, 0];
    let (disk, told, last) = killed();
    let mut taken = 0;
    for name in names(&disk, "log-") {
        let bytes = disk.contents(&name).expect("it is there");
        let marks =
            bytes.windows(12).enumerate().filter(|(_, frame)| frame.starts_with(b"mkF1") && frame[8..] == SETTLED);
        for (at, _) in marks {
            let copy = disk.fork();
            copy.tamper(&name, |bytes| drop(bytes.drain(at..at + BARE)));
            assert_eq!(outcome(&copy, &told, last), Outcome::Refused, "{name} without its mark at {at}");
            taken += 1;
        }
    }
    assert!(2 < taken, "the day settles now and then");
}

fn copy_of(disk: &SimDisk, name: &str) -> Vec<u8> {
    let mut bytes = disk.contents(name).expect("it is there");
    bytes.resize(bytes.len().max(16 << 10), 0);
    bytes
}

/// Any bytes at all: opened or refused, never a panic, and reading stays within the file's own size.
#[test]
fn garbage_is_never_a_panic() {
    let (disk, _, _) = killed();
    let files: Vec<String> = disk.names().expect("the power is on");
    let mut draw = Draw(31);
    for _ in 0..400 {
        let copy = disk.fork();
        let name = &files[draw.below(files.len() as u64) as usize];
        copy.tamper(name, |bytes| {
            for _ in 0..1 + draw.below(8) {
                let at = draw.below(bytes.len() as u64 + 1) as usize;
                match draw.below(4) {
                    0 => bytes.truncate(at),
                    1 => bytes.splice(at..at, [0xff; 16]).for_each(drop),
                    2 => bytes[at..].iter_mut().take(8).for_each(|byte| *byte = draw.next() as u8),
                    // A length, most of all.
                    _ => bytes[at..].iter_mut().take(4).for_each(|byte| *byte = 0xff),
                }
            }
        });
        if let Ok((log, _)) = ReadOnlyLog::open(copy.clone(), Some(&shard())) {
            let read = log.read(Sequence::START).map(|records| records.filter(Result::is_ok).count());
            assert!(read.is_ok_and(|count| count as u64 == log.next().as_u64()) || log.next() == Sequence::START);
        }
        let _either = open(&copy).is_ok();
    }
}

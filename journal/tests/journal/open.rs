//! What may be opened, by whom, and what is said to those who may not.

use mukae_journal::{
    Disk, FileStore, LogStore, OpenError, ReadError, ReadOnlyLog, Sequence, ShardName, SimDisk, SnapshotError,
};

use crate::script::{Action, Told, day, live, open, perform, shard, small};

fn killed() -> (SimDisk, Told) {
    lived(3)
}

fn lived(seed: u64) -> (SimDisk, Told) {
    let disk = SimDisk::new(seed);
    let (told, end) = live(&disk, &day());
    assert_eq!(end, Ok(()));
    (disk, told)
}

fn files(disk: &SimDisk, prefix: &str) -> Vec<String> {
    let mut names = disk.names().expect("the power is on");
    names.retain(|name| name.starts_with(prefix));
    names.sort_unstable();
    names
}

fn refusal(disk: &SimDisk) -> String {
    match FileStore::open(disk.clone(), shard(), small()) {
        Ok((_, report)) => panic!("opened: {report:?}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn one_owner_at_a_time() {
    let disk = SimDisk::new(1);
    let (store, _) = open(&disk).expect("a sound disk");
    assert_eq!(refusal(&disk), "another process has this journal open");
    let reader = store.reader();
    drop(store);
    assert_eq!(refusal(&disk), "another process has this journal open", "a reader is left");
    drop(reader);
    assert!(open(&disk).is_ok(), "everyone has left");
}

#[test]
fn journal_is_begun_once_and_found_again() {
    let disk = SimDisk::new(1);
    assert_eq!(refusal(&disk), "there is no journal in this directory; create one, or mount the right volume");
    let (store, report) = FileStore::create(disk.clone(), shard(), small()).expect("an empty directory");
    assert_eq!((report.next, report.was_settled), (Sequence::START, true));
    drop(store);
    assert!(matches!(FileStore::create(disk.clone(), shard(), small()), Err(OpenError::AlreadyThere)));
    assert!(FileStore::open(disk, shard(), small()).is_ok());
}

#[test]
fn journal_of_another_area_is_refused() {
    let (disk, _) = killed();
    let other = ShardName::new("test/yubari").expect("short and plain");
    let error = FileStore::open(disk.clone(), other.clone(), small()).expect_err("not theirs");
    assert_eq!(error.to_string(), "this journal belongs to `test/kami`, not to `test/yubari`");
    assert!(matches!(ReadOnlyLog::open(disk.clone(), Some(&other)), Err(OpenError::NotOurs { .. })));
    let (log, _) = ReadOnlyLog::open(disk, None).expect("anyone's");
    assert_eq!(log.shard(), &shard());
}

#[test]
fn other_versions_and_strangers_are_refused() {
    let (disk, _) = killed();
    let name = "log-00000000000000000000.mukae";
    let later = disk.fork();
    later.tamper(name, |bytes| bytes[8] = 2);
    assert_eq!(refusal(&later), format!("{name} has format version 2, this program reads version 1"));

    let stranger = disk.fork();
    stranger.tamper(name, |bytes| bytes[..8].copy_from_slice(b"SQLite f"));
    let said = refusal(&stranger);
    assert!(said.contains("it is not a log segment: it does not begin with MUKAELOG"), "{said}");
}

#[test]
fn missing_segments_are_named() {
    let (disk, told) = killed();
    let logs = files(&disk, "log-");
    let end = told.records.len();
    for (index, gone) in logs.iter().enumerate() {
        let copy = disk.fork();
        copy.remove(gone).expect("it is there");
        let said = refusal(&copy);
        let first: usize = gone[4..24].parse().expect("a number");
        let is_last = index + 1 == logs.len();
        let missing = match logs.get(index + 1) {
            Some(next) => {
                let next: usize = next[4..24].parse().expect("a number");
                format!("the records from {first} up to, not including, {next} are missing")
            }
            None => format!("the records from {first} on are missing"),
        };
        assert!(said.contains(&missing), "{gone} of {end} records: {said}");
        assert!(!is_last || said.contains(gone), "{said}");
    }
    let all = disk.fork();
    logs.iter().for_each(|name| all.remove(name).expect("it is there"));
    let said = refusal(&all);
    assert!(said.contains("the records from 0 on are missing"), "{said}");
}

/// The right area, the right numbers, another history: a file from the wrong backup.
#[test]
fn segment_of_another_history_is_refused() {
    let (disk, _) = killed();
    let (other, _) = lived(4);
    let logs = files(&disk, "log-");
    assert_eq!(logs, files(&other, "log-"));
    for name in &logs[1..] {
        let copy = disk.fork();
        copy.tamper(name, |bytes| *bytes = other.contents(name).expect("it is there"));
        let said = refusal(&copy);
        assert!(said.contains("its header does not continue the segment before"), "{said}");
        assert!(said.contains(&format!("{name} is damaged at byte 0")), "{said}");
    }
    // A file under the name of another one.
    let copy = disk.fork();
    copy.tamper(&logs[2], |bytes| *bytes = disk.contents(&logs[1]).expect("it is there"));
    let said = refusal(&copy);
    assert!(said.contains("its header does not continue the segment before"), "{said}");
}

/// The log lost its end in a way that looks clean; the snapshot remembers more.
#[test]
fn snapshot_ahead_of_the_log_is_evidence() {
    let disk = SimDisk::new(1);
    let (mut store, _) = open(&disk).expect("a sound disk");
    let mut told = Told::default();
    for action in [Action::Claim, Action::Append { records: 3, bytes: 100 }] {
        assert_eq!(perform(&mut store, action, &mut told), Ok(()));
    }
    let bytes = disk.contents("log-00000000000000000000.mukae").expect("it is there").len();
    for action in [Action::Append { records: 2, bytes: 100 }, Action::Snapshot] {
        assert_eq!(perform(&mut store, action, &mut told), Ok(()));
    }
    drop(store);
    disk.tamper("log-00000000000000000000.mukae", |contents| contents.truncate(bytes));
    assert_eq!(
        refusal(&disk),
        format!(
            "log-00000000000000000000.mukae is damaged at byte {bytes} (snapshot-00000000000000000005.mukae was made \
             of a longer log); the records from 3 on are missing; put the file back from a copy"
        )
    );
}

#[test]
fn reading_only_needs_no_lock_and_leaves_no_trace() {
    let (disk, told) = killed();
    let tail = files(&disk, "log-").pop().expect("there is a log");
    disk.tamper(&tail, |bytes| bytes.extend_from_slice(b"mkF1 a frame that was begun, in more than fifty-two bytes"));
    let before: Vec<_> = files(&disk, "").into_iter().map(|name| disk.contents(&name)).collect();
    let operations = disk.operations();

    let _owner = disk.lock().expect("nobody else");
    let (log, report) = ReadOnlyLog::open(disk.clone(), Some(&shard())).expect("a damaged tail is no obstacle");
    let cut = report.tail_cut.expect("it is reported");
    assert_eq!((cut.file, cut.bytes), (tail, 57));
    assert_eq!(log.read(Sequence::START).expect("all of it").count(), told.records.len());
    let snapshot = log.latest_snapshot().expect("the power is on").snapshot.expect("the day made some");
    assert_eq!(Some(snapshot.at.as_u64()), told.snapshot);

    assert_eq!(disk.operations(), operations, "nothing was written");
    let after: Vec<_> = files(&disk, "").into_iter().map(|name| disk.contents(&name)).collect();
    assert!(before == after);
}

/// Down mode: a print-out is made of as much as can be read.
#[test]
fn reading_only_goes_up_to_the_damage() {
    let (disk, told) = killed();
    let logs = files(&disk, "log-");
    disk.tamper(&logs[3], |bytes| bytes[1000] ^= 4);
    assert!(matches!(open(&disk), Err(OpenError::Damaged(_))), "an owner is refused");
    let (log, report) = ReadOnlyLog::open(disk, Some(&shard())).expect("there is something to read");
    let damage = report.damage.expect("it is reported");
    assert_eq!((&damage.file, damage.missing_from), (&logs[3], log.next()));
    let records: Vec<Vec<u8>> =
        log.read(Sequence::START).expect("up to there").map(|record| record.expect("up to there").bytes).collect();
    assert!(!records.is_empty() && records[..] == told.records[..records.len()]);
    let latest = log.latest_snapshot().expect("the power is on");
    assert_eq!(latest.skipped.len(), 2, "both are of what cannot be read: {:?}", latest.skipped);
}

/// A disk that goes bad while the server runs: whoever reads hears of it, and gets nothing false.
#[test]
fn damage_after_opening_is_found_on_reading() {
    let (disk, told) = killed();
    let (store, _) = open(&disk).expect("a sound disk");
    let logs = files(&disk, "log-");
    disk.tamper(&logs[2], |bytes| bytes[700] ^= 1);
    let mut records = store.read(Sequence::START).expect("the beginning is fine");
    let good = records.by_ref().take_while(Result::is_ok).count();
    assert!(0 < good && good < told.records.len());
    assert!(records.next().is_none(), "nothing after an error");
    let error = store.read(Sequence::START).expect("the beginning is fine").find_map(Result::err);
    assert!(matches!(error, Some(ReadError::Damaged(damage)) if damage.file == logs[2]));
}

/// A rider's note that contains a frame cannot pass for one: frames are salted.
#[test]
fn record_cannot_pose_as_a_frame() {
    let disk = SimDisk::new(1);
    let (mut store, _) = open(&disk).expect("a sound disk");
    let mut told = Told::default();
    let script = [Action::Claim, Action::Append { records: 1, bytes: 60 }, Action::Append { records: 1, bytes: 60 }];
    script.iter().for_each(|&action| assert_eq!(perform(&mut store, action, &mut told), Ok(())));
    // Everything of another journal, which is full of frames, as one record, cut short in its header.
    let (other, _) = killed();
    let note = other.contents(&files(&other, "log-")[0]).expect("it is there");
    let name = "log-00000000000000000000.mukae";
    let start = disk.contents(name).expect("it is there").len();
    let next = store.next();
    assert!(store.append(store.epoch(), next, &[&note]).is_ok());
    drop(store);
    disk.tamper(name, |bytes| bytes[start..start + 100].fill(0));
    let (store, report) = open(&disk).expect("a torn write, nothing behind it");
    assert_eq!(report.tail_cut.map(|cut| cut.offset), Some(start as u64));
    assert_eq!(store.next(), next);
}

#[test]
fn failed_snapshot_leaves_the_older_ones() {
    use mukae_journal::disk::Faults;
    let disk = SimDisk::new(1);
    let (mut store, _) = open(&disk).expect("a sound disk");
    let mut told = Told::default();
    for action in [Action::Claim, Action::Append { records: 3, bytes: 100 }, Action::Snapshot] {
        assert_eq!(perform(&mut store, action, &mut told), Ok(()));
    }
    assert_eq!(perform(&mut store, Action::Append { records: 3, bytes: 100 }, &mut told), Ok(()));
    let snapshots = store.snapshots();
    disk.set_faults(Faults { failing_sync: Some(disk.syncs()), ..Faults::default() });
    assert!(matches!(snapshots.write(Sequence::new(6), b"state"), Err(SnapshotError::Io { .. })));
    assert_eq!(snapshots.latest().expect("the power is on").snapshot.map(|found| found.at), Some(Sequence::new(3)));
    assert!(snapshots.write(Sequence::new(6), b"state").is_ok(), "a new file, a new sync");
    assert_eq!(perform(&mut store, Action::Append { records: 1, bytes: 100 }, &mut told), Ok(()), "the log goes on");
}

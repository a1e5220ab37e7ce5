//! What every [`LogStore`] must do, as one suite: run it against each implementation.
//!
//! A failure is a panic that names the row. The suite needs no clock and no randomness but its own seed.

use std::thread;

use crate::disk::draw;
use crate::{
    Append, AppendError, BATCH_BYTES_MAX, ClaimError, Epoch, LogStore, RECORD_BYTES_MAX, ReadError, Record, Sequence,
    SettleError, SnapshotError,
};

/// One journal that can be opened again and again, one owner at a time.
pub trait Harness {
    /// Opens the journal as a restarted owner would. The store opened before was dropped.
    fn open(&mut self) -> Box<dyn LogStore>;

    /// Makes the next append of the store opened last answer [`Append::Unknown`]; `false` if that cannot be arranged.
    fn break_next_append(&mut self) -> bool {
        false
    }
}

/// Runs all rows; `fresh` gives a harness around a new, empty journal.
pub fn run<H: Harness>(mut fresh: impl FnMut() -> H) {
    fresh_log_is_empty(fresh());
    appended_is_read_back(fresh());
    batch_is_numbered_from_expected(fresh());
    wrong_expectation_is_a_conflict(fresh());
    older_epoch_is_fenced(fresh());
    oversize_is_refused_and_leaves_no_trace(fresh());
    reading_starts_and_ends_anywhere(fresh());
    reader_sees_durable_records_while_the_owner_appends(fresh());
    settling_changes_no_record(fresh());
    snapshots_follow_the_log(fresh());
    unknown_stops_the_store_until_it_is_opened_anew(fresh());
    for seed in 0..4 {
        any_history_is_kept(fresh(), seed);
    }
}

fn fresh_log_is_empty(mut harness: impl Harness) {
    let mut store = harness.open();
    assert_eq!((store.next(), store.epoch()), (Sequence::START, Epoch::NONE));
    assert_eq!(all(&*store), []);
    assert_eq!(store.append(Epoch::NONE, Sequence::START, &[b"early"]), Err(AppendError::Unclaimed));
    let latest = store.snapshots().latest().expect("an empty log has no bad snapshot");
    assert_eq!((latest.snapshot, latest.skipped), (None, vec![]));
}

fn appended_is_read_back(mut harness: impl Harness) {
    let mut store = harness.open();
    let epoch = claim(&mut *store);
    let large = vec![7; 1 << 20];
    commit(&mut *store, epoch, &[b"one"]);
    commit(&mut *store, epoch, &[b"", b"three", &large]);
    let expected = [&b"one"[..], b"", b"three", &large];
    assert_eq!(bytes_of(&all(&*store)), expected);
    drop(store);

    let store = harness.open();
    assert_eq!(store.next(), Sequence::new(4), "after reopening");
    assert_eq!(bytes_of(&all(&*store)), expected, "after reopening");
    assert!(all(&*store).iter().all(|record| record.epoch == epoch), "the epoch is kept with the record");
}

fn batch_is_numbered_from_expected(mut harness: impl Harness) {
    let mut store = harness.open();
    let epoch = claim(&mut *store);
    for (batch, next) in [(vec![&b"a"[..]], 1), (vec![b"b", b"c"], 3), (vec![b"d"], 4)] {
        let expected = store.next();
        let appended = store.append(epoch, expected, &batch);
        assert_eq!(appended, Ok(Append::Committed { next: Sequence::new(next) }));
    }
    let numbers: Vec<u64> = all(&*store).iter().map(|record| record.sequence.as_u64()).collect();
    assert_eq!(numbers, [0, 1, 2, 3]);
}

fn wrong_expectation_is_a_conflict(mut harness: impl Harness) {
    let mut store = harness.open();
    let epoch = claim(&mut *store);
    commit(&mut *store, epoch, &[b"a", b"b"]);
    for wrong in [0, 1, 3, 99] {
        let appended = store.append(epoch, Sequence::new(wrong), &[b"lost update"]);
        assert_eq!(appended, Ok(Append::Conflict { next: Sequence::new(2) }), "expected {wrong}");
    }
    commit(&mut *store, epoch, &[b"c"]);
    assert_eq!(bytes_of(&all(&*store)), [b"a", b"b", b"c"]);
}

fn older_epoch_is_fenced(mut harness: impl Harness) {
    let mut store = harness.open();
    let old = claim(&mut *store);
    commit(&mut *store, old, &[b"mine"]);
    let new = claim(&mut *store);
    assert!(old < new, "{old:?} < {new:?}");
    let zombie = store.append(old, Sequence::new(1), &[b"zombie"]);
    assert_eq!(zombie, Ok(Append::Fenced { current: new }));
    // Whoever is fenced must hear that first, even if its expectation is wrong as well.
    let zombie = store.append(old, Sequence::new(9), &[b"zombie"]);
    assert_eq!(zombie, Ok(Append::Fenced { current: new }));
    let impostor = store.append(Epoch::new(new.as_u64() + 1), Sequence::new(1), &[b"not yet claimed"]);
    assert_eq!(impostor, Ok(Append::Fenced { current: new }));
    drop(store);

    let mut store = harness.open();
    assert_eq!(store.epoch(), new, "a claim is durable");
    let newer = claim(&mut *store);
    assert!(new < newer, "{new:?} < {newer:?}");
    let zombie = store.append(new, Sequence::new(1), &[b"zombie"]);
    assert_eq!(zombie, Ok(Append::Fenced { current: newer }));
    commit(&mut *store, newer, &[b"theirs"]);
    assert_eq!(bytes_of(&all(&*store)), [&b"mine"[..], b"theirs"]);
}

fn oversize_is_refused_and_leaves_no_trace(mut harness: impl Harness) {
    let mut store = harness.open();
    let epoch = claim(&mut *store);
    commit(&mut *store, epoch, &[b"before"]);
    let next = store.next();
    assert_eq!(store.append(epoch, next, &[]), Err(AppendError::EmptyBatch));

    let record = vec![1; RECORD_BYTES_MAX + 1];
    let refused = store.append(epoch, next, &[b"small", &record]);
    assert_eq!(refused, Err(AppendError::RecordTooLarge { index: 1, bytes: RECORD_BYTES_MAX + 1 }));

    let largest = &record[..RECORD_BYTES_MAX];
    let refused = store.append(epoch, next, &[largest; 4]);
    assert_eq!(refused, Err(AppendError::BatchTooLarge { bytes: BATCH_BYTES_MAX + 16 }));

    commit(&mut *store, epoch, &[b"after"]);
    assert_eq!(bytes_of(&all(&*store)), [&b"before"[..], b"after"]);
}

fn reading_starts_and_ends_anywhere(mut harness: impl Harness) {
    let mut store = harness.open();
    let epoch = claim(&mut *store);
    let names: Vec<String> = (0..50).map(|number| format!("record {number}")).collect();
    for batch in names.chunks(7) {
        let batch: Vec<&[u8]> = batch.iter().map(String::as_bytes).collect();
        commit(&mut *store, epoch, &batch);
    }
    for from in 0..=50 {
        let read: Vec<Record> = read(&*store, from);
        assert_eq!(read.len(), 50 - from, "from {from}");
        let is_right = |(number, record): (usize, &Record)| {
            record.sequence.as_u64() == number as u64 && record.bytes == names[number].as_bytes()
        };
        assert!((from..).zip(&read).all(is_right), "from {from}: {read:?}");
    }
    match store.read(Sequence::new(51)).err() {
        Some(ReadError::BeyondEnd { from, next }) => assert_eq!((from.as_u64(), next.as_u64()), (51, 50)),
        other => panic!("reading what is not there yet: {other:?}"),
    }
    // A reader ends where the log ended when it began.
    let records = store.read(Sequence::new(48)).expect("two are there");
    commit(&mut *store, epoch, &[b"later"]);
    assert_eq!(records.count(), 2);
}

fn reader_sees_durable_records_while_the_owner_appends(mut harness: impl Harness) {
    const RECORDS: u64 = 200;
    let mut store = harness.open();
    let epoch = claim(&mut *store);
    let reader = store.reader();
    let follower = thread::spawn(move || {
        let mut next = Sequence::START;
        while next.as_u64() < RECORDS {
            for record in reader.read(next).expect("the log only grows") {
                let record = record.expect("durable records can be read");
                assert_eq!((record.sequence, record.bytes), (next, next.as_u64().to_le_bytes().to_vec()));
                next = next.plus(1);
            }
            thread::yield_now();
        }
    });
    for number in 0..RECORDS {
        commit(&mut *store, epoch, &[&number.to_le_bytes()]);
    }
    follower.join().expect("the follower saw every record in order");
}

fn settling_changes_no_record(mut harness: impl Harness) {
    let mut store = harness.open();
    assert_eq!(store.settle(), Ok(()), "nothing to settle");
    let epoch = claim(&mut *store);
    for round in 0..3_u8 {
        commit(&mut *store, epoch, &[&[round]]);
        assert_eq!(store.settle(), Ok(()));
        assert_eq!(store.settle(), Ok(()), "twice");
        assert_eq!(store.next(), Sequence::new(u64::from(round) + 1));
    }
    drop(store);
    let store = harness.open();
    assert_eq!(bytes_of(&all(&*store)), [[0], [1], [2]]);
    assert_eq!(store.epoch(), epoch);
}

fn snapshots_follow_the_log(mut harness: impl Harness) {
    let mut store = harness.open();
    let epoch = claim(&mut *store);
    let snapshots = store.snapshots();
    commit(&mut *store, epoch, &[b"a", b"b", b"c", b"d"]);
    match snapshots.write(Sequence::new(5), b"future") {
        Err(SnapshotError::AheadOfLog { at, next }) => assert_eq!((at.as_u64(), next.as_u64()), (5, 4)),
        other => panic!("a snapshot of what is not durable: {other:?}"),
    }
    for at in [0, 2, 3, 3, 4] {
        let bytes = format!("state before {at}");
        snapshots.write(Sequence::new(at), bytes.as_bytes()).expect("its records are durable");
        let latest = snapshots.latest().expect("there is one").snapshot.expect("there is one");
        assert_eq!((latest.at.as_u64(), latest.bytes), (at, bytes.into_bytes()));
    }
    drop((store, snapshots));

    let store = harness.open();
    let latest = store.snapshots().latest().expect("there is one");
    let snapshot = latest.snapshot.expect("there is one");
    assert_eq!((snapshot.at.as_u64(), &*snapshot.bytes), (4, &b"state before 4"[..]));
    assert_eq!(latest.skipped, []);
    assert_eq!(bytes_of(&all(&*store)), [b"a", b"b", b"c", b"d"], "a snapshot takes nothing from the log");
}

fn unknown_stops_the_store_until_it_is_opened_anew(mut harness: impl Harness) {
    let mut store = harness.open();
    let epoch = claim(&mut *store);
    commit(&mut *store, epoch, &[b"known"]);
    drop(store);
    let mut store = harness.open();
    let epoch = claim(&mut *store);
    if !harness.break_next_append() {
        return;
    }
    let next = store.next();
    let appended = store.append(epoch, next, &[b"perhaps", b"or not"]);
    assert!(matches!(appended, Ok(Append::Unknown { .. })), "{appended:?}");
    assert!(matches!(store.append(epoch, next, &[b"again"]), Err(AppendError::Stopped { .. })));
    assert!(matches!(store.claim(), Err(ClaimError::Stopped { .. })));
    assert!(matches!(store.settle(), Err(SettleError::Stopped { .. })));
    assert_eq!(bytes_of(&read(&*store, 0))[0], b"known", "reading goes on");
    drop(store);

    let mut store = harness.open();
    let kept = bytes_of(&all(&*store)).len();
    assert!(kept == 1 || kept == 3, "all of the batch or nothing of it: {kept}");
    let epoch = claim(&mut *store);
    commit(&mut *store, epoch, &[b"on we go"]);
    assert_eq!(all(&*store).len(), kept + 1);
}

/// Appends, claims, settles, restarts and snapshots in any order, against a plain list.
fn any_history_is_kept(mut harness: impl Harness, seed: u64) {
    let mut random = seed;
    let mut store = harness.open();
    let mut epoch = claim(&mut *store);
    let mut model: Vec<(Epoch, Vec<u8>)> = Vec::new();
    let mut snapshot = None;
    for step in 0..120 {
        match draw(&mut random) % 16 {
            0 => epoch = claim(&mut *store),
            1 => {
                drop(store);
                store = harness.open();
                assert_eq!(store.epoch(), epoch, "seed {seed} step {step}");
                epoch = claim(&mut *store);
            }
            2 => store.settle().expect("nothing is broken"),
            3 => {
                let at = model.len() as u64 - draw(&mut random) % (model.len() as u64 + 1);
                let at = at.max(snapshot.unwrap_or(0));
                store.snapshots().write(Sequence::new(at), &at.to_le_bytes()).expect("its records are durable");
                snapshot = Some(at);
            }
            4 => {
                let appended = store.append(epoch, Sequence::new(model.len() as u64 + 1), &[b"gap"]);
                assert!(matches!(appended, Ok(Append::Conflict { .. })), "seed {seed} step {step}: {appended:?}");
            }
            _ => {
                let batch: Vec<Vec<u8>> = (0..1 + draw(&mut random) % 5)
                    .map(|_| vec![draw(&mut random) as u8; draw(&mut random) as usize % 700])
                    .collect();
                let slices: Vec<&[u8]> = batch.iter().map(Vec::as_slice).collect();
                commit(&mut *store, epoch, &slices);
                model.extend(batch.into_iter().map(|bytes| (epoch, bytes)));
            }
        }
        assert_eq!(store.next().as_u64(), model.len() as u64, "seed {seed} step {step}");
    }
    let kept: Vec<(Epoch, Vec<u8>)> = all(&*store).into_iter().map(|record| (record.epoch, record.bytes)).collect();
    assert!(kept == model, "seed {seed}: {} records of {} differ", kept.len(), model.len());
    let latest = store.snapshots().latest().expect("nothing is broken").snapshot;
    assert_eq!(latest.map(|snapshot| snapshot.at.as_u64()), snapshot, "seed {seed}");
}

fn claim(store: &mut dyn LogStore) -> Epoch {
    let epoch = store.claim().expect("nothing is broken");
    assert_eq!(store.epoch(), epoch);
    epoch
}

fn commit(store: &mut dyn LogStore, epoch: Epoch, batch: &[&[u8]]) {
    let expected = store.next();
    let next = expected.plus(batch.len() as u64);
    assert_eq!(store.append(epoch, expected, batch), Ok(Append::Committed { next }));
    assert_eq!(store.next(), next);
}

fn all(store: &dyn LogStore) -> Vec<Record> {
    read(store, 0)
}

fn read(store: &dyn LogStore, from: usize) -> Vec<Record> {
    let records = store.read(Sequence::new(from as u64)).expect("it is there");
    records.collect::<Result<_, _>>().expect("nothing is broken")
}

fn bytes_of(records: &[Record]) -> Vec<&[u8]> {
    records.iter().map(|record| record.bytes.as_slice()).collect()
}

//! A fixed day of a journal, what was acknowledged during it, and the check of what is left of it.

use mukae_journal::{
    Append, AppendError, ClaimError, Epoch, FileStore, LogStore, OpenError, OpenReport, Options, Sequence, SettleError,
    ShardName, SimDisk, SnapshotError, Verify,
};

pub(crate) fn shard() -> ShardName {
    ShardName::new("test/kami").expect("short and plain")
}

/// Small segments, so that a short script rolls often.
pub(crate) fn small() -> Options {
    Options { segment_bytes: 4096, verify: Verify::Everything }
}

/// What the owner was told.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    pub(crate) records: Vec<Vec<u8>>,
    /// The last batch, if nobody said whether it is kept.
    pub(crate) unknown: Vec<Vec<u8>>,
    pub(crate) epoch: u64,
    pub(crate) snapshot: Option<u64>,
}

/// Why a script did not reach its end.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Stopped {
    /// For certain without effect; the store can go on.
    NoSpace,
    /// The store has to be opened anew.
    Store,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Action {
    Append { records: usize, bytes: usize },
    Claim,
    Settle,
    Snapshot,
}

/// About a hundred actions: single records, groups, a batch larger than a segment, claims, marks, snapshots.
pub(crate) fn day() -> Vec<Action> {
    (0..100)
        .map(|step| match step % 25 {
            7 => Action::Claim,
            11 | 18 => Action::Settle,
            13 | 21 => Action::Snapshot,
            15 => Action::Append { records: 3, bytes: 700 },
            19 => Action::Append { records: 1, bytes: if step == 44 { 5000 } else { 1500 } },
            other => Action::Append { records: 1 + other % 3, bytes: 40 + other * 17 },
        })
        .collect()
}

pub(crate) fn open(disk: &SimDisk) -> Result<(FileStore<SimDisk>, OpenReport), OpenError> {
    FileStore::open_or_create(disk.clone(), shard(), small())
}

/// Contents that differ from record to record, zeros among them.
pub(crate) fn record(number: usize, bytes: usize) -> Vec<u8> {
    padded(&format!("record {number} "), bytes, (number % 7) as u8)
}

pub(crate) fn state_before(at: u64) -> Vec<u8> {
    padded(&format!("state before {at} "), 600 + at as usize, b's')
}

fn padded(text: &str, bytes: usize, padding: u8) -> Vec<u8> {
    let mut contents = vec![padding; bytes.max(text.len())];
    contents[..text.len()].copy_from_slice(text.as_bytes());
    contents
}

/// Does one action and notes what the store said.
pub(crate) fn perform(store: &mut FileStore<SimDisk>, action: Action, told: &mut Told) -> Result<(), Stopped> {
    match action {
        Action::Append { records, bytes } => {
            let batch: Vec<Vec<u8>> = (0..records).map(|index| record(told.records.len() + index, bytes)).collect();
            let slices: Vec<&[u8]> = batch.iter().map(Vec::as_slice).collect();
            let expected = Sequence::new(told.records.len() as u64);
            match store.append(Epoch::new(told.epoch), expected, &slices) {
                Ok(Append::Committed { .. }) => told.records.extend(batch),
                Ok(Append::Unknown { .. }) => {
                    told.unknown = batch;
                    return Err(Stopped::Store);
                }
                Err(AppendError::NoSpace) => return Err(Stopped::NoSpace),
                other => panic!("append by the one owner: {other:?}"),
            }
        }
        Action::Claim => match store.claim() {
            Ok(epoch) => told.epoch = epoch.as_u64(),
            Err(ClaimError::NoSpace) => return Err(Stopped::NoSpace),
            Err(ClaimError::Unknown { .. }) => return Err(Stopped::Store),
            Err(other) => panic!("claim by the one owner: {other:?}"),
        },
        Action::Settle => match store.settle() {
            Ok(()) => {}
            Err(SettleError::NoSpace) => return Err(Stopped::NoSpace),
            Err(SettleError::Unknown { .. }) => return Err(Stopped::Store),
            Err(other) => panic!("settled by the one owner: {other:?}"),
        },
        Action::Snapshot => {
            let at = told.records.len() as u64;
            match store.snapshots().write(Sequence::new(at), &state_before(at)) {
                Ok(()) => told.snapshot = Some(at),
                Err(SnapshotError::Io { source, .. }) if source.kind() == std::io::ErrorKind::StorageFull => {
                    return Err(Stopped::NoSpace);
                }
                // The log can go on; the script does not.
                Err(SnapshotError::Io { .. }) => return Err(Stopped::Store),
                Err(other) => panic!("snapshot of durable records: {other:?}"),
            }
        }
    }
    Ok(())
}

/// Opens, claims and lives through the script until something stops it.
pub(crate) fn live(disk: &SimDisk, script: &[Action]) -> (Told, Result<(), Stopped>) {
    let mut told = Told::default();
    let Ok((mut store, _)) = open(disk) else { return (told, Err(Stopped::Store)) };
    let first = std::iter::once(&Action::Claim);
    let end = first.chain(script).try_for_each(|&action| perform(&mut store, action, &mut told));
    (told, end)
}

/// What the checker objects to, in words.
pub(crate) type Objection = String;

/// Opens what is left, and compares it with what was promised: each acknowledged batch once, in
/// order, and of an unknown one all or nothing. Then lives on for a moment, and looks again.
pub(crate) fn check_what_is_left(disk: &SimDisk, told: &Told) -> Result<Told, Objection> {
    let told = compare(disk, told)?;
    let mut told = told;
    {
        // By an owner that reads no more than it must; the comparison afterwards reads everything.
        let options = Options { verify: Verify::SinceSnapshot, ..small() };
        let (mut store, _) =
            FileStore::open(disk.clone(), shard(), options).map_err(|error| format!("cannot open again: {error}"))?;
        for action in [Action::Claim, Action::Append { records: 2, bytes: 900 }, Action::Settle] {
            perform(&mut store, action, &mut told).map_err(|stopped| format!("cannot go on: {stopped:?}"))?;
        }
    }
    compare(disk, &told)
}

/// The comparison alone; returns what is known from here on.
pub(crate) fn compare(disk: &SimDisk, told: &Told) -> Result<Told, Objection> {
    let (store, report) = open(disk).map_err(|error| format!("cannot open: {error}"))?;
    let records = store.read(Sequence::START).map_err(|error| format!("cannot read: {error}"))?;
    let found: Vec<Vec<u8>> = records
        .map(|record| record.map(|record| record.bytes))
        .collect::<Result<_, _>>()
        .map_err(|error| format!("cannot read on: {error}"))?;
    if found.len() as u64 != store.next().as_u64() || report.next != store.next() {
        return Err(format!("{} records are read, {report:?} was reported", found.len()));
    }
    let kept = found.len().min(told.records.len());
    if found[..kept] != told.records[..kept] {
        return Err("an acknowledged record has changed".to_owned());
    }
    if found.len() < told.records.len() {
        return Err(format!("{} records were acknowledged, {kept} are left", told.records.len()));
    }
    let surplus = &found[told.records.len()..];
    if !surplus.is_empty() && surplus != told.unknown {
        return Err(format!("{} records were never appended as a batch", surplus.len()));
    }
    if store.epoch().as_u64() < told.epoch {
        return Err(format!("epoch {} was claimed, {} is left", told.epoch, store.epoch()));
    }
    let latest = store.snapshots().latest().map_err(|error| format!("cannot look for snapshots: {error}"))?;
    if !latest.skipped.is_empty() {
        return Err(format!("a snapshot is broken: {:?}", latest.skipped));
    }
    let snapshot = latest.snapshot.map(|snapshot| (snapshot.at.as_u64(), snapshot.bytes));
    if snapshot.as_ref().map(|(at, _)| *at) < told.snapshot {
        return Err(format!("the snapshot at {:?} is gone", told.snapshot));
    }
    if let Some((at, bytes)) = &snapshot
        && *bytes != state_before(*at)
    {
        return Err(format!("the snapshot at {at} has changed"));
    }
    Ok(Told {
        records: found,
        unknown: Vec::new(),
        epoch: store.epoch().as_u64(),
        snapshot: snapshot.map(|(at, _)| at),
    })
}

/// Small numbers without a crate: SplitMix64.
#[derive(Clone, Debug)]
pub(crate) struct Draw(pub(crate) u64);

impl Draw {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}

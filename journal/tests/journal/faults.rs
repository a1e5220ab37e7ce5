//! A disk that is full for a while, and a disk that fails to sync.

use mukae_journal::disk::{Crash, Faults, Survivors};
use mukae_journal::{LogStore, Sequence, SimDisk};

use crate::script::{Action, Draw, Stopped, Told, check_what_is_left, compare, day, live, open, perform};

fn bytes_of(disk: &SimDisk) -> u64 {
    use mukae_journal::Disk;
    let names = disk.names().expect("the power is on");
    names.iter().filter_map(|name| disk.contents(name)).map(|contents| contents.len() as u64).sum()
}

/// The disk is full at each of many sizes: nothing is lost, the store says so each time it is asked,
/// and goes on without a restart once there is space again.
#[test]
fn full_disk_refuses_until_there_is_space() {
    let script = day();
    let dry = SimDisk::new(1);
    assert_eq!(live(&dry, &script).1, Ok(()));
    let mut refusals = 0;
    for capacity in (0..bytes_of(&dry)).step_by(131) {
        let disk = SimDisk::new(capacity);
        let is_full = Faults { capacity: Some(capacity), ..Faults::default() };
        disk.set_faults(is_full.clone());
        let mut store = match open(&disk) {
            Ok((store, _)) => store,
            Err(error) => {
                assert!(capacity < 128, "{capacity} bytes are enough to begin: {error}");
                disk.set_faults(Faults::default());
                open(&disk).expect("there is space now").0
            }
        };
        let mut told = Told::default();
        for &action in [Action::Claim].iter().chain(&script) {
            let mut done = perform(&mut store, action, &mut told);
            if done == Err(Stopped::NoSpace) {
                refusals += 1;
                assert_eq!(perform(&mut store, action, &mut told), Err(Stopped::NoSpace), "asked again, {capacity}");
                assert_eq!(store.next(), Sequence::new(told.records.len() as u64));
                let read = store.read(Sequence::START).expect("reading needs no space");
                assert_eq!(read.filter(Result::is_ok).count(), told.records.len());
                let left = disk.after_crash(Survivors::Random(capacity));
                check_what_is_left(&left, &told).unwrap_or_else(|objection| panic!("{capacity}: {objection}"));
                disk.set_faults(Faults::default());
                done = perform(&mut store, action, &mut told);
            }
            assert_eq!(done, Ok(()), "{capacity}: {action:?}");
        }
        drop(store);
        check_what_is_left(&disk, &told).unwrap_or_else(|objection| panic!("{capacity}: {objection}"));
    }
    println!("{refusals} refusals");
    assert!(200 < refusals, "only {refusals} refusals");
}

/// What did fit of a refused batch must not shine through a smaller one that is cut short in its
/// place: that would look like damage, and a sound journal would be refused.
#[test]
fn refused_batch_does_not_shine_through() {
    let mut crashes = 0;
    for seed in 0..150 {
        let mut draw = Draw(seed);
        let disk = SimDisk::new(seed);
        let (mut store, _) = open(&disk).expect("a sound disk");
        let mut told = Told::default();
        let writes_back_early = true;
        for action in [Action::Claim, Action::Append { records: 1, bytes: draw.below(600) as usize }] {
            assert_eq!(perform(&mut store, action, &mut told), Ok(()));
        }
        let capacity = Some(bytes_of(&disk) + draw.below(3000));
        disk.set_faults(Faults { capacity, writes_back_early, ..Faults::default() });
        let large = Action::Append { records: 1, bytes: 3100 };
        assert_eq!(perform(&mut store, large, &mut told), Err(Stopped::NoSpace), "seed {seed}");
        let crash = Some(Crash::Before(disk.operations() + 1));
        disk.set_faults(Faults { crash, writes_back_early, ..Faults::default() });
        let small = Action::Append { records: 1, bytes: draw.below(1500) as usize };
        assert_eq!(perform(&mut store, small, &mut told), Err(Stopped::Store), "seed {seed}");
        for survivors in [Survivors::None, Survivors::Odd, Survivors::Random(seed), Survivors::Random(!seed)] {
            crashes += 1;
            let left = disk.after_crash(survivors);
            check_what_is_left(&left, &told).unwrap_or_else(|said| panic!("seed {seed} {survivors:?}: {said}"));
        }
    }
    println!("{crashes} crashes after a refusal");
}

/// The same of an end that was cut off on opening.
#[test]
fn cut_off_end_does_not_shine_through() {
    for seed in 0..150 {
        let mut draw = Draw(seed);
        let disk = SimDisk::new(seed);
        let (mut store, _) = open(&disk).expect("a sound disk");
        let mut told = Told::default();
        let first = Action::Append { records: 1, bytes: draw.below(600) as usize };
        for action in [Action::Claim, first, Action::Settle] {
            assert_eq!(perform(&mut store, action, &mut told), Ok(()));
        }
        let writes_back_early = true;
        let crash = Some(Crash::Before(disk.operations() + 1));
        disk.set_faults(Faults { crash, writes_back_early, ..Faults::default() });
        let large = Action::Append { records: 1, bytes: 3100 };
        assert_eq!(perform(&mut store, large, &mut told), Err(Stopped::Store));

        let disk = disk.after_crash(Survivors::Random(seed));
        // Everything but reading and the cut itself happens without a sync until the power goes again.
        for operations in 1..8 {
            let disk = disk.fork();
            let crash = Some(Crash::Before(operations));
            disk.set_faults(Faults { crash, writes_back_early, ..Faults::default() });
            let mut told = told.clone();
            if let Ok((mut store, report)) = open(&disk) {
                if told.records.len() < report.next.as_u64() as usize {
                    continue;
                }
                told.unknown.clear();
                let small = Action::Append { records: 1, bytes: draw.below(1500) as usize };
                let _until_the_power_goes =
                    [Action::Claim, small].iter().try_for_each(|&action| perform(&mut store, action, &mut told));
            }
            let left = disk.after_crash(Survivors::Random(seed + operations));
            check_what_is_left(&left, &told).unwrap_or_else(|said| panic!("seed {seed} {operations}: {said}"));
        }
    }
}

/// Each sync fails once. The store stops at once; a restarted one may find the unknown batch in the
/// cache, and if it shows it, then it has made it durable.
#[test]
fn failed_sync_stops_the_store_and_fools_no_successor() {
    let script = day();
    let dry = SimDisk::new(1);
    assert_eq!(live(&dry, &script).1, Ok(()));
    let syncs = (0..dry.syncs()).map(|number| Faults { failing_sync: Some(number), ..Faults::default() });
    let name_syncs =
        (0..dry.name_syncs()).map(|number| Faults { failing_name_sync: Some(number), ..Faults::default() });
    for (number, faults) in (0..).zip(syncs.chain(name_syncs)) {
        let disk = SimDisk::new(1);
        disk.set_faults(faults.clone());
        let (told, end) = live(&disk, &script);
        assert_eq!(end, Err(Stopped::Store), "{faults:?}");

        // The same power-on life of the machine: the cache is still there.
        let told = compare(&disk, &told).unwrap_or_else(|objection| panic!("{faults:?}: {objection}"));
        for survivors in [Survivors::None, Survivors::Random(number)] {
            let left = disk.after_crash(survivors);
            check_what_is_left(&left, &told).unwrap_or_else(|objection| panic!("{faults:?}: {objection}"));
        }
        check_what_is_left(&disk, &told).unwrap_or_else(|objection| panic!("{faults:?}: {objection}"));
    }
}

/// The tests above would see it if the store asked a failed sync again and believed the answer: the
/// disk then says yes about bytes that are gone.
#[test]
fn simulated_disk_forgets_what_a_failed_sync_should_have_kept() {
    use mukae_journal::disk::{Disk, DiskFile};
    let disk = SimDisk::new(1);
    let file = disk.create("file").expect("a sound disk");
    disk.sync_names().expect("a sound disk");
    file.write_at(b"first", 0).expect("a sound disk");
    disk.set_faults(Faults { failing_sync: Some(0), ..Faults::default() });
    assert!(file.sync_data().is_err());
    assert!(file.sync_data().is_ok(), "asked again");
    assert_eq!(disk.contents("file").as_deref(), Some(&b"first"[..]), "the cache shows it");
    let left = disk.after_crash(Survivors::All).contents("file").expect("its name was synced");
    assert_ne!(left, b"first", "the medium never got it");
}

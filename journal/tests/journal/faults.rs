//! A disk that is full for a while, and a disk that fails to sync.

use mukae_journal::disk::{Faults, Survivors};
use mukae_journal::{LogStore, Sequence, SimDisk};

use crate::script::{Action, Stopped, Told, check_what_is_left, compare, day, live, open, perform};

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
    for capacity in (0..bytes_of(&dry)).step_by(83) {
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
    assert!(300 < refusals, "only {refusals} refusals");
}

/// Each sync fails once. The store stops at once; a restarted one may find the unknown batch in the
/// cache, and if it shows it, then it has made it durable.
#[test]
fn failed_sync_stops_the_store_and_fools_no_successor() {
    let script = day();
    let dry = SimDisk::new(1);
    assert_eq!(live(&dry, &script).1, Ok(()));
    for failing in 0..dry.syncs() {
        let disk = SimDisk::new(1);
        disk.set_faults(Faults { failing_sync: Some(failing), ..Faults::default() });
        let (told, end) = live(&disk, &script);
        assert_eq!(end, Err(Stopped::Store), "sync {failing}");

        // The same power-on life of the machine: the cache is still there.
        let told = compare(&disk, &told).unwrap_or_else(|objection| panic!("sync {failing}: {objection}"));
        for survivors in [Survivors::None, Survivors::Random(failing)] {
            let left = disk.after_crash(survivors);
            check_what_is_left(&left, &told).unwrap_or_else(|objection| panic!("sync {failing}: {objection}"));
        }
        check_what_is_left(&disk, &told).unwrap_or_else(|objection| panic!("sync {failing}: {objection}"));
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

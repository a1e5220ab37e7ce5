//! What was answered is kept, once, and by nobody else.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::panic::catch_unwind;

use mukae_people::{Change, ChangeError, Entry, OpenError, People};

use crate::support::*;

#[test]
fn what_was_answered_is_there_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("new/people.redb");
    let kept = {
        let people = People::open(&file).unwrap();
        put(&people, 1, 1, hanako());
        put(&people, 2, 2, person("佐藤", "さとう", &[]));
        put(&people, 2, 3, person("佐藤", "さとう", &["110"]));
        everybody(&people)
    };
    let people = People::open(&file).unwrap();
    assert_eq!(everybody(&people), kept);
    assert_eq!((kept.len(), kept[&1].person.clone()), (2, hanako()));
    assert_eq!(people.count(TENANT), 2);
}

#[test]
fn a_request_is_done_once_over_restarts() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("people.redb");
    let people = People::open(&file).unwrap();
    put(&people, 1, 1, hanako());
    drop(people);
    let people = People::open(&file).unwrap();
    let again = people.change::<Infallible>(&key(1), request(1), 1, |_| panic!("decided already"));
    assert_eq!(again.unwrap().unwrap().person, hanako());
    let other = people.change::<Infallible>(&key(1), saying(1, 2), 1, |_| panic!("decided already"));
    assert_eq!(other.unwrap_err(), ChangeError::Reused);

    // a refusal is no answer to remember
    let refused = people.change(&key(2), request(5), 1, |before| Err::<Change, bool>(before.is_none()));
    assert_eq!(refused.unwrap_err(), ChangeError::Refused(true));
    put(&people, 2, 5, person("佐藤", "", &[]));

    // a week later the number is free again
    let week = 8 * 24 * 3_600_000;
    people.change::<Infallible>(&key(3), request(6), 1000 + week, |_| Ok(Change::Put(hanako().into()))).unwrap();
    let anew = people.change::<Infallible>(&key(4), saying(1, 9), 1001 + week, |_| Ok(Change::Put(hanako().into())));
    assert!(anew.is_ok());
}

#[test]
fn a_rehearsal_changes_nothing() {
    let people = People::in_memory();
    put(&people, 1, 1, hanako());
    let shown =
        people.rehearse::<Infallible>(&key(1), 5000, |_| Ok(Change::Put(person("別人", "", &[]).into()))).unwrap();
    assert_eq!((shown.unwrap().updated, people.get(&key(1)).unwrap().updated), (5000, 1000));
    assert!(people.rehearse::<Infallible>(&key(1), 5000, |_| Ok(Change::Erase)).unwrap().is_none());
    assert_eq!(people.get(&key(1)).unwrap().person, hanako());
}

#[test]
fn one_process_has_it_and_nobody_else_reads_it() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("people.redb");
    let people = People::open(&file).unwrap();
    assert!(matches!(People::open(&file), Err(OpenError::InUse { .. })));
    put(&people, 1, 1, hanako());
    put(&people, 1, 2, person("花子", "", &[])); // swept: another file
    assert!(matches!(People::open(&file), Err(OpenError::InUse { .. })), "the new file is ours, too");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn a_newer_programs_file_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("people.redb");
    put(&People::open(&file).unwrap(), 1, 1, hanako());
    {
        let database = redb::Database::open(&file).unwrap();
        let transaction = database.begin_write().unwrap();
        transaction.open_table(redb::TableDefinition::<&str, u64>::new("meta")).unwrap().insert("schema", 2).unwrap();
        transaction.commit().unwrap();
    }
    let before = std::fs::read(&file).unwrap();
    let error = People::open(&file).unwrap_err();
    assert!(matches!(error, OpenError::Newer { found: 2, .. }), "{error}");
    assert!(error.to_string().contains("newer program (version 2, this one knows 1)"), "{error}");
    let after = std::fs::read(&file).unwrap();
    let records = |bytes: &[u8]| bytes.windows(9).filter(|part| *part == "朝日花".as_bytes()).count();
    assert_eq!(records(&before), records(&after));
}

#[test]
fn what_is_no_store_is_told_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("people.redb");
    std::fs::write(&file, "名前,電話\n朝日花子,0765001234\n").unwrap();
    let error = People::open(&file).unwrap_err();
    assert!(matches!(error, OpenError::Damaged { .. }), "{error:?}");
    assert!(error.to_string().contains("put a backup in its place") && !error.to_string().contains("朝日"), "{error}");
    assert!(std::fs::read_to_string(&file).unwrap().contains("朝日花子"));
    let directory = dir.path().join("directory");
    std::fs::create_dir(&directory).unwrap();
    assert!(People::open(&directory).is_err());
}

/// A file that was damaged is refused, or the damage is in nothing that counts: it is never opened with less in it, or
/// with something else, and never a panic.
#[test]
fn a_damaged_file_is_never_taken_for_a_whole_one() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("people.redb");
    let kept: BTreeMap<u64, Entry> = {
        let people = People::open(&file).unwrap();
        for rider in 0..40 {
            put(&people, rider, rider, hanako());
        }
        everybody(&people)
    };
    let whole = std::fs::read(&file).unwrap();
    let used: Vec<usize> = (0..whole.len()).filter(|at| whole[*at] != 0).collect();
    let (mut refused, damaged) = (0, dir.path().join("damaged.redb"));
    for seed in 0..300 {
        let mut dice = Dice(seed);
        let mut bytes = whole.clone();
        if seed % 10 == 0 {
            bytes.truncate(dice.roll(whole.len()));
        } else {
            bytes[used[dice.roll(used.len())]] ^= 1 << dice.roll(8);
        }
        std::fs::write(&damaged, bytes).unwrap();
        let opened = catch_unwind(|| People::open(&damaged).map(|people| everybody(&people)));
        match opened.unwrap_or_else(|_| panic!("seed {seed} panics")) {
            Ok(found) => assert_eq!(found, kept, "seed {seed}"),
            Err(_) => refused += 1,
        }
    }
    assert!(100 < refused, "{refused} of 300 were refused");
}

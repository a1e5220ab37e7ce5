//! Who is erased can not be read any more: neither in the file, nor beside it.

use std::convert::Infallible;
use std::path::Path;

use mukae_people::{Change, ChangeError, People};

use crate::support::*;

/// What would tell of Hanako.
const TELLTALES: [&str; 8] =
    ["朝日花子", "あさひ", "0765-00-1234", "090-1111-2222", "耳が遠い", "玄関まで", "妹の家", "泊駅前"];

/// Which of them stand in any file of the directory.
fn traces(directory: &Path) -> Vec<&'static str> {
    let files = std::fs::read_dir(directory).unwrap().map(|entry| std::fs::read(entry.unwrap().path()).unwrap());
    let bytes = files.collect::<Vec<_>>().concat();
    let holds = |text: &&str| bytes.windows(text.len()).any(|part| part == text.as_bytes());
    TELLTALES.into_iter().filter(holds).collect()
}

#[test]
fn who_is_erased_can_not_be_read_any_more() {
    let dir = tempfile::tempdir().unwrap();
    let people = People::open(&dir.path().join("people.redb")).unwrap();
    for rider in 0..300 {
        put(&people, rider, rider, if rider == 170 { hanako() } else { person("佐藤", "さとう", &["0120"]) });
    }
    assert_eq!(traces(dir.path()), TELLTALES);
    let before = everybody(&people);
    erase(&people, 170, 1000).unwrap();
    assert!(traces(dir.path()).is_empty(), "{:?}", traces(dir.path()));
    drop(people);
    assert!(traces(dir.path()).is_empty(), "nor when it was closed");
    let people = People::open(&dir.path().join("people.redb")).unwrap();
    let after = everybody(&people);
    assert!(before.iter().all(|(rider, entry)| *rider == 170 || after[rider] == *entry) && after.len() == 299);
}

#[test]
fn what_was_replaced_can_not_be_read_any_more() {
    let dir = tempfile::tempdir().unwrap();
    let people = People::open(&dir.path().join("people.redb")).unwrap();
    put(&people, 1, 1, hanako());
    let mut moved = hanako();
    (moved.phones, moved.favourites, moved.desk_note) = (vec![], vec![], String::new());
    put(&people, 1, 2, moved);
    assert_eq!(traces(dir.path()), ["朝日花子", "あさひ", "玄関まで"]);
}

#[test]
fn a_late_repetition_does_not_bring_back_who_was_erased() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("people.redb");
    let people = People::open(&file).unwrap();
    put(&people, 1, 1, hanako());
    assert!(erase(&people, 1, 2).unwrap().is_none());
    drop(people);
    let people = People::open(&file).unwrap();
    let again = people.change::<Infallible>(&key(1), request(1), 3000, |_| Ok(Change::Put(hanako().into())));
    assert_eq!(again.unwrap_err(), ChangeError::ErasedSince);
    assert!(erase(&people, 1, 2).unwrap().is_none(), "to erase again is to have erased");
    assert!(traces(dir.path()).is_empty());
    // who comes back is told anew
    put(&people, 1, 3, hanako());
    assert_eq!(everybody(&people).len(), 1);
}

/// A server that ends between the change and the sweep finds the mark at its next start.
#[test]
fn an_interrupted_erasure_is_finished_at_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("people.redb");
    put(&People::open(&file).unwrap(), 1, 1, hanako());
    {
        // as `Store::write` leaves it
        let database = redb::Database::open(&file).unwrap();
        let transaction = database.begin_write().unwrap();
        let riders = redb::TableDefinition::<(&str, u64), &[u8]>::new("riders");
        transaction.open_table(riders).unwrap().remove((TENANT, 1)).unwrap();
        let meta = redb::TableDefinition::<&str, u64>::new("meta");
        transaction.open_table(meta).unwrap().insert("traces", 1).unwrap();
        transaction.commit().unwrap();
    }
    std::fs::write(dir.path().join("people.redb.next"), "朝日花子").unwrap(); // a copy that was begun
    assert!(!traces(dir.path()).is_empty());
    let people = People::open(&file).unwrap();
    assert!(everybody(&people).is_empty() && traces(dir.path()).is_empty(), "{:?}", traces(dir.path()));
}

#[test]
fn nothing_personal_is_printed() {
    let people = People::in_memory();
    let entry = put(&people, 1, 1, hanako());
    let change = Change::Put(hanako().into());
    let printed = format!("{people:?} {entry:?} {:?} {change:?} {:?}", entry.person, entry.person.favourites);
    assert!(TELLTALES.iter().all(|text| !printed.contains(text)), "{printed}");
}

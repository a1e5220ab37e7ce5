//! Riders to speak of, and dice that roll the same for the same seed.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;

use mukae_people::{Change, ChangeError, Defaults, Entry, Favourite, Key, People, Person, Request};

pub const TENANT: &str = "asahi";

pub fn key(rider: u64) -> Key {
    Key { tenant: TENANT.to_owned(), rider }
}

pub fn person(name: &str, kana: &str, phones: &[&str]) -> Person {
    Person {
        pseudonym: format!("line+{name}"),
        name: name.to_owned(),
        kana: kana.to_owned(),
        phones: phones.iter().map(|phone| (*phone).to_owned()).collect(),
        ..Person::default()
    }
}

/// Somebody with something in every field.
pub fn hanako() -> Person {
    Person {
        desk_note: "耳が遠い".to_owned(),
        defaults: Defaults {
            party: [1, 1, 0, 0, 0],
            requirements: vec!["ramp".to_owned()],
            extra_walk_ms: 120_000,
            channel: 1,
            driver_note: "玄関まで".to_owned(),
        },
        favourites: vec![Favourite {
            label: "妹の家".to_owned(),
            place_label: "泊駅前".to_owned(),
            lat_e7: 369_500_000,
            lon_e7: 1_375_500_000,
        }],
        ..person("朝日花子", "あさひ はなこ", &["0765-00-1234", "090-1111-2222"])
    }
}

pub fn request(number: u64) -> Request {
    saying(number, number)
}

/// The request `number`, with another content for another `what`.
pub fn saying(number: u64, what: u64) -> Request {
    let bytes = |number: u64| {
        let mut bytes = [7; 32];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        bytes
    };
    Request { id: bytes(number), fingerprint: bytes(what) }
}

pub fn put(people: &People, rider: u64, number: u64, person: Person) -> Arc<Entry> {
    let done = people.change::<Infallible>(&key(rider), request(number), 1000, |_| Ok(Change::Put(person.into())));
    done.unwrap_or_else(|error| panic!("{error}")).expect("it was put")
}

pub fn erase(people: &People, rider: u64, number: u64) -> Result<Option<Arc<Entry>>, ChangeError<Infallible>> {
    people.change(&key(rider), request(number), 2000, |_| Ok(Change::Erase))
}

/// Everybody of a tenant, by number.
pub fn everybody(people: &People) -> BTreeMap<u64, Entry> {
    let found = people.find(TENANT, &mukae_people::Query::new(""), None, usize::MAX).unwrap();
    found.riders.into_iter().map(|(rider, entry)| (rider, (*entry).clone())).collect()
}

/// Splitmix64.
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % sides as u64) as usize
    }

    pub fn pick<'a>(&mut self, among: &[&'a str]) -> &'a str {
        among[self.roll(among.len())]
    }
}

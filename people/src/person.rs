//! What is known of a rider. Nothing here prints it: `Debug` tells only whose it is.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Whose record it is: the tenant, and the number that stands for the rider in the journal.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Key {
    pub tenant: String,
    pub rider: u64,
}

/// What somebody told us about themselves, or the desk wrote down. What is in it and how long it may be, the caller
/// has judged.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// `{issuer}+{subject}`, as quotes name this rider.
    pub pseudonym: String,
    pub name: String,
    /// How the name is read.
    pub kana: String,
    /// As they were told.
    pub phones: Vec<String>,
    /// What the desk should know.
    pub desk_note: String,
    pub defaults: Defaults,
    pub favourites: Vec<Favourite>,
}

/// What a quote for this rider begins with.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Defaults {
    /// Seats, wheelchairs, child seats, luggage, stretchers; all zero: not said.
    pub party: [u8; 5],
    /// What the vehicle or its driver has to offer, by the names the area gave it.
    pub requirements: Vec<String>,
    /// A walk so much longer than the service allows would do.
    pub extra_walk_ms: i64,
    /// By the number that the interface gives it.
    pub channel: i32,
    /// What a driver should know.
    pub driver_note: String,
}

/// A place that a rider often goes to.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Favourite {
    /// What the rider calls it; it stays here.
    pub label: String,
    /// What a driver is told, which goes along with a wish.
    pub place_label: String,
    /// In units of 10⁻⁷ degrees.
    pub lat_e7: i32,
    pub lon_e7: i32,
}

/// A record: who it is, and since when we know, in milliseconds since 1970.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    pub person: Person,
    pub created: i64,
    pub updated: i64,
}

/// What becomes of a record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Change {
    Put(Box<Person>),
    Erase,
}

/// A call that may be sent again, and is then done once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Request {
    /// Of who asked and the id they gave the call, as a hash.
    pub id: [u8; 32],
    /// Of what was asked.
    pub fingerprint: [u8; 32],
}

macro_rules! untold {
    ($($name:ident)+) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    )+};
}

untold! { Person Defaults Favourite Entry }

//! Who riders are: names, telephone numbers and habits, in a store of their own.
//!
//! The journal knows a rider as a number. Here, and nowhere else, stands whose number that is, so that logs, replays
//! and exports hold nobody's name, and so that somebody can be forgotten while the journal stays whole. The room
//! depends on no other: it is given texts and numbers, and gives them back.
//!
//! ```text
//! change: looked up and judged -> written and synced -> traces of what was there swept away -> only now: answered
//! reads:  from memory, which holds what is durable
//! ```
//! `docs/personal-data.md` tells what is kept for how long; decision 0033 why it is kept so.
#![forbid(unsafe_code)]

mod fold;
mod people;
mod person;
mod shelf;
mod store;

pub use fold::{dialled, folded};
pub use people::{ChangeError, People, RIDERS_OF_TENANT_MAX};
pub use person::{Change, Defaults, Entry, Favourite, Key, Person, Request};
pub use shelf::{Found, Gone, Query, Rank};
pub use store::{OpenError, WriteError};

//! Dial-a-ride problems of others: what is read, what is refused, and whether a route can be driven.

#[path = "darp/input.rs"]
mod input;
#[path = "darp/left.rs"]
mod left;
#[path = "darp/town.rs"]
mod town;
#[path = "darp/twin.rs"]
mod twin;
#[path = "darp/verdicts.rs"]
mod verdicts;

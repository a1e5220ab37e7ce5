//! Dial-a-ride problems of others' formats for the engine's search, and its plans for a checker.
//!
//! ```text
//! read        a file of any of the formats, told apart by what is in it (cordeau, lilim, hdarp, json, dynamic)
//! Instance    what all of them say, in minutes
//! problem     the same for the search, in whole milliseconds
//! combine     the best plan of all routes a search has met
//! online      a day as it happens
//! solution    a plan as the formats' checkers take it; left: who is on no route, and why
//! judge       whether routes from elsewhere can be driven
//! ```

mod combine;
mod cordeau;
mod dynamic;
mod hdarp;
mod instance;
mod json;
mod judge;
mod left;
mod lilim;
mod member;
mod online;
mod prices;
mod problem;
mod read;
mod solution;

pub use combine::combine;
pub use instance::{Instance, Node, Request, Vehicle, Ways, Window};
pub use judge::{Candidate, Judge, Verdict};
pub use left::why_left;
pub use online::{Day, Manner, run};
pub use problem::{problem, reveals};
pub use read::{parse, read};
pub use solution::{cost, solution, timed_solution};

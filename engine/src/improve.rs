//! Better plans in spare time: a search over everything that is not yet fixed.
//!
//! ```text
//! Problem     what there is to plan: stops, jobs, vehicles, and the time between any two places
//! times       whether a route has a schedule, and which: exact
//! Route       one vehicle's stops with what a search asks of them again and again
//! Search      ruin, recreate, accept: a step at a time, seeded, interruptible between any two
//! ```
//! It knows no bookings and no promises: whoever makes the problem says what is fixed, whoever takes the plan checks it
//! by the rules of the dispatcher. The same problem, seed and number of steps give the same plan.

mod dice;
mod load;
mod memory;
mod place;
mod plan;
mod pool;
mod problem;
mod route;
mod search;
mod trial;

pub use crate::schedule::times;
pub use dice::Dice;
pub use load::{Load, Places};
pub use place::Place;
pub use plan::Plan;
pub use pool::{Pool, Pooled};
pub use problem::{Eligible, Job, JobIdx, Legs, Problem, Stop, StopIdx, Vehicle, Weights};
pub use route::Route;
pub use search::{DONE, Search};
pub use trial::Scratch;

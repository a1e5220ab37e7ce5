//! The simulator: a virtual clock, riders and drivers around the same dispatcher that serves a live
//! area, and the key figures of a day.
//!
//! ```text
//! demand (CSV, synthetic) -> Ask \
//!                                 agenda -> Command -> Scribe: decide, apply -> record
//! driver: what is reported next  /                        |-> audit, kpi, journal
//! ```
//! Nothing is decided here: no copy of a rule of dispatch, no private door into the engine. What
//! happens by chance is drawn in `random`, keyed by what it is about. The key figures read records,
//! so they serve a simulated day, a live one and a replay alike.
#![forbid(unsafe_code)]

pub mod agenda;
mod civil;
mod names;
pub mod random;

pub mod behaviour;
pub mod demand;
pub mod driver;
pub mod learned;
pub mod past;
pub mod simulation;
pub mod trouble;

pub mod audit;
pub mod kpi;

pub mod batch;
pub mod compare;
pub mod day_plan;
pub mod report;
pub mod results;
pub mod scenario;
pub mod validate;

pub use behaviour::Behaviour;
pub use demand::{Ask, RequestRow, WishKind};
pub use kpi::{Kpis, Ledger, RoadLengths};
pub use random::Luck;
pub use simulation::{Effort, Outcome, Progress, Setup, Simulation};

//! The dispatcher: pure, deterministic, without input or output and without a clock.
//!
//! ```text
//! Command -> decide -> Decision { events, answer } -> apply -> State
//! ```
//! Time and roads are arguments. Policy is state, set by events. Same events, same state, byte for
//! byte. The engine knows nothing of files, sockets, wire types or serialisation; it has no hash-ordered
//! map, no chance but by a seed it is given, and no floats. `clippy.toml` beside this crate bans what would break that.
#![forbid(unsafe_code)]
#![deny(clippy::float_arithmetic)]

pub mod answer;
pub mod command;
pub mod consequence;
pub mod dispatcher;
pub mod event;
pub mod fare;
pub mod improve;
pub mod insertion;
pub mod model;
pub mod probe;
pub mod reorder;
pub mod schedule;
pub mod state;
pub mod suggestion;
pub mod work;

mod agenda;
mod apply;
mod coverage;
mod decide;
mod fleet;

pub use answer::{Answer, Rejection};
pub use command::{Command, Move, MoveTo, Placement, TOGETHER_MAX};
pub use consequence::Consequence;
pub use coverage::Standing;
pub use decide::Decision;
pub use dispatcher::Dispatcher;
pub use event::{Aim, Endogenous, Event, Exogenous};
pub use probe::{Probe, ProbeAnswer, Prober};
pub use reorder::{Drawing, Order};
pub use state::State;
pub use suggestion::{Fit, Subject, Suggestion, Suggestions, Verdict};
pub use work::{Memory, RoadsBefore, Work};

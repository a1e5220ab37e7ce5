//! The server as its clients see it: a real port, real messages, a clock set by hand.

mod support;

mod access;
mod amend;
mod booking;
mod choosing;
mod configurations;
mod dispatch;
mod doors;
mod drivers;
mod errors;
mod failure;
mod fields;
mod guarded;
mod lists;
mod operations;
mod pairs;
mod planning;
mod rehearsal;
mod restart;
mod rules;
mod setup;
mod standing;
mod start;
mod story;
mod terms;
mod tokens;
mod transport;
mod trip;
mod trips;
mod vehicles;
mod waiting;
mod watch;

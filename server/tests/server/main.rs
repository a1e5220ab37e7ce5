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
mod operations;
mod pairs;
mod paper;
mod past;
mod planning;
mod rehearsal;
mod restart;
mod rules;
mod standing;
mod start;
mod story;
mod terms;
mod tokens;
mod transport;
mod trip;
mod waiting;
mod watch;

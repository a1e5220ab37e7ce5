//! The server as its clients see it: a real port, real messages, a clock set by hand.

mod support;

mod booking;
mod choosing;
mod dispatch;
mod drivers;
mod errors;
mod failure;
mod fields;
mod operations;
mod planning;
mod rehearsal;
mod restart;
mod start;
mod terms;
mod transport;
mod trip;
mod watch;

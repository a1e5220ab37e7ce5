//! The shell of an area: the one task that owns its dispatcher, and what stands around it.
//!
//! ```text
//! handlers -> Input, bounded -> area_loop -> Area: take, annals, outbox
//!                                  | entries in order: record, what waits for it
//!                               committer thread: one batch, one sync -> replies, watchers
//! ```
//! Reads go the same way as entries without a record, so that nobody sees what is not durable.

pub mod input;

pub mod accounts;
pub mod annals;
pub mod area;
pub mod area_loop;
pub mod beside;
pub mod committer;
pub mod demand;
pub mod improving;
pub mod outbox;
pub mod past;
pub mod picture;
pub mod positions;
pub mod probing;
pub mod recover;
pub mod rider_book;
pub mod snapshot;

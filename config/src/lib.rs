//! Files that people write, in TOML: how they are read, and how what is wrong in them is told.
//!
//! The server's configuration and the simulator's scenarios are read by rooms of their own, which know what their keys
//! mean. What both say alike stands here: lengths of time as text, an unknown key with the key that was meant, and a
//! problem with its line. [`table`] reads a file key by key and finds all that is wrong in one go.
#![forbid(unsafe_code)]

mod problem;
pub mod span;
pub mod table;
pub mod unknown_key;

pub use problem::{Problem, line_of, list};
pub use table::{Item, Page, Table};

//! Between messages and our types: what comes in is checked once here, what goes out is drawn here.
//!
//! Nothing generated from `.proto` files goes further into the house than the shell, which hands out
//! what this room drew.

pub mod fields;
pub mod filter;
pub mod from_proto;
pub mod listed;
pub mod page;
pub mod refusal;
pub mod to_proto;

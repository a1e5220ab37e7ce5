//! Who riders are: found as they are called, kept as they were told, forgotten when they want.

mod erasure;
mod finding;
mod keeping;
mod support;

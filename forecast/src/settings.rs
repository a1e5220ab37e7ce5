//! Settings out of their range, told by key.

use thiserror::Error;

/// The widest a weight may be; what is usual stands at each setting.
const POSITIVE_MAX: f64 = 1e9;
const POSITIVE_MIN: f64 = 1e-3;

#[derive(Debug, Clone, PartialEq, Error)]
#[error("{key} is {found}, it takes {from} to {through}")]
pub struct OutOfRange {
    pub key: &'static str,
    pub found: f64,
    pub from: f64,
    pub through: f64,
}

/// A weight or a length: above 0, and finite.
pub(crate) fn positive(key: &'static str, found: f64) -> Result<(), OutOfRange> {
    within(key, found, POSITIVE_MIN, POSITIVE_MAX)
}

pub(crate) fn within(key: &'static str, found: f64, from: f64, through: f64) -> Result<(), OutOfRange> {
    if from <= found && found <= through { Ok(()) } else { Err(OutOfRange { key, found, from, through }) }
}

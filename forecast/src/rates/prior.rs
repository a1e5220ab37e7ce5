//! What is believed of a town before it has a history: from a survey, its residents, or a town like it.

use thiserror::Error;

use crate::history::BIN_COUNT;
use crate::settings::OutOfRange;

#[derive(Debug, Clone, PartialEq)]
pub struct Prior {
    /// Requests of a day on which everything can be booked.
    pub total: f64,
    /// One a zone; only their proportions count.
    pub zone_shares: Vec<f64>,
    /// One a half hour; only their proportions count.
    pub profile: Vec<f64>,
    /// Days of history for which the total counts.
    pub days: f64,
}

/// Why rates can not be fitted. Any sound history can be, also an empty one.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum RateError {
    #[error(transparent)]
    Setting(#[from] OutOfRange),
    #[error("the prior has {found} {what}, it takes {wanted}")]
    Length { what: &'static str, found: usize, wanted: usize },
    #[error("the prior's {what} are numbers from 0 on, and some above it")]
    Shares { what: &'static str },
    #[error("the prior's {what} is {found}, it takes a number from 0 on")]
    Number { what: &'static str, found: f64 },
}

impl Prior {
    pub(super) fn check(&self, zones: u16) -> Result<(), RateError> {
        for (what, shares, wanted) in
            [("zone shares", &self.zone_shares, usize::from(zones)), ("half hours", &self.profile, BIN_COUNT)]
        {
            if shares.len() != wanted {
                return Err(RateError::Length { what, found: shares.len(), wanted });
            }
            let sum: f64 = shares.iter().sum();
            if shares.iter().any(|share| *share < 0.0) || !(sum.is_finite() && 0.0 < sum) {
                return Err(RateError::Shares { what });
            }
        }
        for (what, found) in [("total", self.total), ("weight in days", self.days)] {
            if !(found.is_finite() && 0.0 <= found) {
                return Err(RateError::Number { what, found });
            }
        }
        Ok(())
    }
}

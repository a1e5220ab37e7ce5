//! All that was fitted for one town, as bytes: JSON, in one order, with every float in the shortest form that reads back to
//! the same bits. The same fit gives the same bytes, so a hash of them names it.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::acceptance::Acceptance;
use crate::habits::Habits;
use crate::intent::Intent;
use crate::rates::Rates;
use crate::returns::Returns;

/// The one version that is read and written.
pub const VERSION: u32 = 1;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    /// The last day that was looked at, since 1970-01-01 of the local calendar.
    pub fitted_through: i32,
    pub rates: Rates,
    pub returns: Returns,
    /// Absent where nobody agreed, or where they are kept apart.
    pub habits: Option<Habits>,
    pub intent: Intent,
    pub acceptance: Acceptance,
}

#[derive(Debug, Error)]
pub enum SnapshotError {
    #[error("this forecast has version {found}, this program reads {VERSION}: fit it again")]
    Version { found: u32 },
    #[error("this is no forecast, or a damaged one: {0}; fit it again")]
    Text(#[from] serde_json::Error),
    #[error("this forecast is damaged: {0}; fit it again")]
    Damaged(String),
}

/// What is read first: without it, nothing is known of the rest.
#[derive(Deserialize)]
struct Header {
    version: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document<T> {
    version: u32,
    forecast: T,
}

impl Snapshot {
    pub fn zones(&self) -> u16 {
        self.rates.zones()
    }

    pub fn to_json(&self) -> Vec<u8> {
        let document = Document { version: VERSION, forecast: self };
        serde_json::to_vec(&document).expect("keys of maps are numbers, which JSON takes")
    }

    pub fn from_json(bytes: &[u8]) -> Result<Snapshot, SnapshotError> {
        let Header { version } = serde_json::from_slice(bytes)?;
        if version != VERSION {
            return Err(SnapshotError::Version { found: version });
        }
        let Document { forecast, .. } = serde_json::from_slice::<Document<Snapshot>>(bytes)?;
        forecast.check().map_err(SnapshotError::Damaged)?;
        Ok(forecast)
    }

    fn check(&self) -> Result<(), String> {
        self.rates.check()?;
        self.returns.check()?;
        self.habits.as_ref().map_or(Ok(()), Habits::check)?;
        self.intent.check()?;
        self.acceptance.check()?;
        if self.returns.zone_count() != usize::from(self.zones()) {
            return Err(format!("returns of {} zones, rates of {}", self.returns.zone_count(), self.zones()));
        }
        Ok(())
    }
}

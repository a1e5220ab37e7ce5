//! All that was fitted for one town, as bytes: JSON, in one order, with every float in the shortest form that reads back to
//! the same bits. The same fit gives the same bytes, so a hash of them names it.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::acceptance::Acceptance;
use crate::habits::Habits;
use crate::history::BIN_COUNT;
use crate::intent::Intent;
use crate::rates::Rates;
use crate::returns::Returns;

/// The one version that is read and written.
pub const VERSION: u32 = 2;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    /// The last day that was looked at, since 1970-01-01 of the local calendar.
    pub fitted_through: i32,
    /// Where each zone stands, for whoever numbered them.
    pub posts: Vec<Post>,
    /// By day of the week from Monday on: the part of each half hour in which a ride can be booked.
    pub open: Vec<Vec<f64>>,
    /// Who asks longer before than this was not counted.
    pub lead_max_ms: i64,
    pub rates: Rates,
    /// Absent where they are kept apart, like all that follow.
    pub returns: Option<Returns>,
    /// Absent where nobody agreed, too.
    pub habits: Option<Habits>,
    pub intent: Option<Intent>,
    pub acceptance: Option<Acceptance>,
}

/// A point, and the place on a road that stands for it, in the numbers of one map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Post {
    pub lat_e7: i32,
    pub lon_e7: i32,
    pub edge: u32,
    /// In steps of 1/65,535 of the edge.
    pub steps: u16,
    pub both_sides: bool,
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
        self.returns.as_ref().map_or(Ok(()), Returns::check)?;
        self.habits.as_ref().map_or(Ok(()), Habits::check)?;
        self.intent.as_ref().map_or(Ok(()), Intent::check)?;
        self.acceptance.as_ref().map_or(Ok(()), Acceptance::check)?;
        let (zones, posts) = (usize::from(self.zones()), self.posts.len());
        let returns = self.returns.as_ref().map_or(zones, Returns::zone_count);
        if returns != zones || posts != zones {
            return Err(format!("returns of {returns} zones and {posts} posts, rates of {zones} zones"));
        }
        let mut shares = self.open.iter().flatten();
        let is_week = self.open.len() == 7 && self.open.iter().all(|day| day.len() == BIN_COUNT);
        if !is_week || !shares.all(|share| (0.0..=1.0).contains(share)) || self.lead_max_ms < 0 {
            let right = "seven days of 48 shares of 0 to 1, and a lead of 0 ms or more";
            return Err(format!("when a ride can be booked is not {right}"));
        }
        Ok(())
    }
}

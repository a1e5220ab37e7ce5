//! Who was taken somewhere wants to go home: how likely, and when.
//!
//! After a drop-off a return is asked for with a chance `rho`, and after a stay that is log-normal. Most visits are
//! watched only until something ends the watching (the end of service), so a visit without a return may be one that
//! stays longer: a mixture cure model (Boag 1949; Berkson and Gage 1952), fitted by expectation and maximisation. A zone
//! with few visits leans on the town.

mod stay;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::settings::{OutOfRange, positive, within};
use stay::{Belief, Pull, fit};

/// A drop-off whose return was not booked when it began.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Visit {
    /// Of the drop-off.
    pub zone: u16,
    /// For how long after it a return could have been asked for, in minutes.
    pub watched_min: f64,
    /// After how many of them it was.
    pub returned_after_min: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReturnSettings {
    /// Visits for which the town's return share counts in a zone.
    pub zone_visits: f64,
    /// Returns for which the town's stay counts in a zone.
    pub zone_returns: f64,
    /// What is believed before any visit, worth `start_visits` of them.
    pub start_share: f64,
    pub start_stay_min: f64,
    /// Of the logarithm.
    pub start_spread: f64,
    pub start_visits: f64,
}

impl Default for ReturnSettings {
    fn default() -> ReturnSettings {
        ReturnSettings {
            zone_visits: 20.0,
            zone_returns: 10.0,
            start_share: 0.5,
            start_stay_min: 90.0,
            start_spread: 0.6,
            start_visits: 2.0,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Error)]
pub enum ReturnError {
    #[error(transparent)]
    Setting(#[from] OutOfRange),
    #[error("visit {index}: zone {zone}, zones go up to {last}")]
    Zone { index: usize, zone: u16, last: u16 },
    #[error("visit {index}: watched for {minutes} min, it takes 0 or more")]
    Watched { index: usize, minutes: f64 },
    #[error("visit {index}: a return after {minutes} min, it takes 0 to the {watched} min it was watched")]
    Returned { index: usize, minutes: f64, watched: f64 },
}

/// Return shares and stays, town and zones.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Returns {
    town: Belief,
    zones: Vec<Belief>,
}

impl Returns {
    pub fn fit(zones: u16, visits: &[Visit], settings: &ReturnSettings) -> Result<Returns, ReturnError> {
        settings.check()?;
        for (index, visit) in visits.iter().enumerate() {
            visit.check(index, zones)?;
        }
        let start = Belief {
            share: settings.start_share,
            ln_stay: libm::log(settings.start_stay_min),
            spread: settings.start_spread,
        };
        let weak = Pull { towards: start, visits: settings.start_visits, returns: settings.start_visits };
        let all: Vec<&Visit> = visits.iter().collect();
        let town = fit(&all, &weak);
        let pooled = Pull { towards: town, visits: settings.zone_visits, returns: settings.zone_returns };
        let mut by_zone: Vec<Vec<&Visit>> = vec![Vec::new(); usize::from(zones)];
        for visit in visits {
            by_zone[usize::from(visit.zone)].push(visit);
        }
        Ok(Returns { town, zones: by_zone.iter().map(|visits| fit(visits, &pooled)).collect() })
    }

    /// The chance that somebody dropped off there, who has not asked for `since_min`, asks in the next `within_min`. A
    /// zone that is none is the town.
    pub fn chance(&self, zone: u16, since_min: f64, within_min: f64) -> f64 {
        self.of(zone).chance(since_min, within_min)
    }

    /// The share of visits that end in a return.
    pub fn share(&self, zone: u16) -> f64 {
        self.of(zone).share
    }

    /// The median stay before a return.
    pub fn stay_min(&self, zone: u16) -> f64 {
        libm::exp(self.of(zone).ln_stay)
    }

    fn of(&self, zone: u16) -> &Belief {
        self.zones.get(usize::from(zone)).unwrap_or(&self.town)
    }

    pub(crate) fn zone_count(&self) -> usize {
        self.zones.len()
    }

    pub(crate) fn check(&self) -> Result<(), String> {
        if self.zones.iter().chain([&self.town]).all(Belief::is_sound) {
            return Ok(());
        }
        Err("returns: a share is not within 0 to 1, or a spread not above 0".to_owned())
    }
}

impl ReturnSettings {
    fn check(&self) -> Result<(), OutOfRange> {
        within("start_share", self.start_share, 0.0, 1.0)?;
        [
            ("zone_visits", self.zone_visits),
            ("zone_returns", self.zone_returns),
            ("start_stay_min", self.start_stay_min),
            ("start_spread", self.start_spread),
            ("start_visits", self.start_visits),
        ]
        .into_iter()
        .try_for_each(|(key, found)| positive(key, found))
    }
}

impl Visit {
    fn check(&self, index: usize, zones: u16) -> Result<(), ReturnError> {
        let watched = self.watched_min;
        if zones <= self.zone {
            return Err(ReturnError::Zone { index, zone: self.zone, last: zones.saturating_sub(1) });
        }
        if !(watched.is_finite() && 0.0 <= watched) {
            return Err(ReturnError::Watched { index, minutes: watched });
        }
        match self.returned_after_min {
            Some(minutes) if !(0.0..=watched).contains(&minutes) => {
                Err(ReturnError::Returned { index, minutes, watched })
            }
            _ => Ok(()),
        }
    }
}

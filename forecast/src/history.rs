//! What was asked for, day by day, and what could be asked for: the two are kept apart, because a day on which nothing
//! could be booked says nothing about demand.
//!
//! Whoever calls has turned civil time and places into numbers: days since 1970-01-01 of the local calendar, classes of
//! days, zones, and 48 bins of half an hour by the town's clock.

mod exposure;
mod quality;

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use exposure::Exposure;
pub use quality::{Doubt, Quality, QualityLimits, Verdict};

/// Half hours of a day by the town's clock.
pub const BIN_COUNT: usize = 48;

/// What kind of day it is: a school day, a Sunday, a day with snow. The caller numbers them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DayClass(pub u8);

/// A latent request: somebody wanted to go from this zone, whether or not a ride came of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Count {
    pub zone: u16,
    pub bin: u8,
    /// 0..=1, how surely it was a request: 1 for a booking, less for a search that nobody followed up.
    pub weight: f64,
    pub rider: Option<u64>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Day {
    pub number: i32,
    pub class: DayClass,
    pub exposure: Exposure,
    pub counts: Vec<Count>,
}

/// Days in order, checked once.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    /// At least one.
    zones: u16,
    /// Strictly ascending by number; every count has a zone, a bin, a weight of 0..=1 and exposure.
    days: Vec<Day>,
}

#[derive(Debug, Clone, PartialEq, Error)]
pub enum HistoryError {
    #[error("a history needs at least one zone")]
    NoZones,
    #[error("day {day} comes after day {before}: days go upwards, each once")]
    Order { day: i32, before: i32 },
    #[error("day {day}: exposure has {found} shares, it takes {bins} (every zone alike) or {cells} (zone by zone)")]
    ExposureLength { day: i32, found: usize, bins: usize, cells: usize },
    #[error("day {day}: exposure of zone {zone}, bin {bin} is {share}, it takes a share of 0 to 1")]
    ExposureShare { day: i32, zone: u16, bin: u8, share: f64 },
    #[error("day {day}: a count in zone {zone}, zones go from 0 to {last}")]
    Zone { day: i32, zone: u16, last: u16 },
    #[error("day {day}: a count in bin {bin}, bins go from 0 to 47")]
    Bin { day: i32, bin: u8 },
    #[error("day {day}: a count in zone {zone}, bin {bin} has weight {weight}, it takes 0 to 1")]
    Weight { day: i32, zone: u16, bin: u8, weight: f64 },
    #[error(
        "day {day}: a count in zone {zone}, bin {bin}, where nothing could be booked: its exposure must be above 0"
    )]
    Unexposed { day: i32, zone: u16, bin: u8 },
}

impl History {
    pub fn new(zones: u16, days: Vec<Day>) -> Result<History, HistoryError> {
        if zones == 0 {
            return Err(HistoryError::NoZones);
        }
        for pair in days.windows(2) {
            if pair[1].number <= pair[0].number {
                return Err(HistoryError::Order { day: pair[1].number, before: pair[0].number });
            }
        }
        for day in &days {
            day.exposure.check(day.number, zones)?;
            day.counts.iter().try_for_each(|count| count.check(day, zones))?;
        }
        Ok(History { zones, days })
    }

    pub fn zones(&self) -> u16 {
        self.zones
    }

    pub fn days(&self) -> &[Day] {
        &self.days
    }

    /// The days with `from <= number <= through`, as a history of their own.
    pub fn between(&self, from: i32, through: i32) -> History {
        let days = self.days.iter().filter(|day| from <= day.number && day.number <= through).cloned().collect();
        History { zones: self.zones, days }
    }

    pub fn quality(&self) -> Quality {
        Quality::of(self)
    }
}

impl Count {
    fn check(&self, day: &Day, zones: u16) -> Result<(), HistoryError> {
        let &Count { zone, bin, weight, .. } = self;
        let day_number = day.number;
        if zone >= zones {
            return Err(HistoryError::Zone { day: day_number, zone, last: zones - 1 });
        }
        if usize::from(bin) >= BIN_COUNT {
            return Err(HistoryError::Bin { day: day_number, bin });
        }
        if !(0.0..=1.0).contains(&weight) {
            return Err(HistoryError::Weight { day: day_number, zone, bin, weight });
        }
        if day.exposure.at(zone, bin) <= 0.0 {
            return Err(HistoryError::Unexposed { day: day_number, zone, bin });
        }
        Ok(())
    }
}

/// Where a cell of zone and bin lies in a column of all cells.
pub(crate) fn cell(zone: u16, bin: u8) -> usize {
    usize::from(zone) * BIN_COUNT + usize::from(bin)
}

//! In what share of each half hour a ride from a zone could be booked.

use super::{BIN_COUNT, HistoryError, cell};

/// Shares of 0..=1. Most towns open and close everywhere at once, which takes one row.
#[derive(Debug, Clone, PartialEq)]
pub enum Exposure {
    /// One share a bin, the same in every zone.
    Everywhere(Vec<f64>),
    /// Zone by zone, each with its 48 bins.
    Cells(Vec<f64>),
}

impl Exposure {
    /// Nothing could be booked all day.
    pub fn none() -> Exposure {
        Exposure::Everywhere(vec![0.0; BIN_COUNT])
    }

    /// Everything could be booked from the first of these bins up to, not including, the second.
    pub fn open(from: u8, until: u8) -> Exposure {
        let share = |bin: u8| if (from..until).contains(&bin) { 1.0 } else { 0.0 };
        Exposure::Everywhere((0..BIN_COUNT as u8).map(share).collect())
    }

    /// The share of a zone and bin of the history this belongs to.
    pub fn at(&self, zone: u16, bin: u8) -> f64 {
        match self {
            Exposure::Everywhere(bins) => bins[usize::from(bin)],
            Exposure::Cells(cells) => cells[cell(zone, bin)],
        }
    }

    pub fn is_none(&self) -> bool {
        let (Exposure::Everywhere(shares) | Exposure::Cells(shares)) = self;
        shares.iter().all(|share| *share <= 0.0)
    }

    pub(super) fn check(&self, day: i32, zones: u16) -> Result<(), HistoryError> {
        let cells = usize::from(zones) * BIN_COUNT;
        let (shares, length) = match self {
            Exposure::Everywhere(shares) => (shares, BIN_COUNT),
            Exposure::Cells(shares) => (shares, cells),
        };
        if shares.len() != length {
            return Err(HistoryError::ExposureLength { day, found: shares.len(), bins: BIN_COUNT, cells });
        }
        match shares.iter().position(|share| !(0.0..=1.0).contains(share)) {
            None => Ok(()),
            Some(place) => Err(HistoryError::ExposureShare {
                day,
                zone: (place / BIN_COUNT) as u16,
                bin: (place % BIN_COUNT) as u8,
                share: shares[place],
            }),
        }
    }
}

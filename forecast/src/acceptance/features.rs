//! What is asked of a driver, as columns of the model.

use super::AskedError;

/// Classes of hours, as the caller numbers them; the first is what the others are compared with.
pub const HOUR_CLASSES: u8 = 8;

/// Intercept, deadhead, detour, notice, asks, snow, hamlet, and the hour classes but the first.
pub(super) const COLUMNS: usize = 7 + HOUR_CLASSES as usize - 1;

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ask {
    /// Empty drive to the pickup, in minutes.
    pub deadhead_min: f64,
    /// What the ride adds to the driver's own trip, in minutes.
    pub detour_min: f64,
    /// Hours from the ask to the ride.
    pub notice_h: f64,
    /// Asks to this driver in the seven days before.
    pub asks_last_7d: f64,
    pub snow: bool,
    /// Rider and driver live in the same hamlet.
    pub same_hamlet: bool,
    /// Below [`HOUR_CLASSES`].
    pub hour_class: u8,
}

/// Minutes and asks come in tens and threes, so that one width of prior suits every coefficient.
pub(super) fn columns(ask: &Ask) -> [f64; COLUMNS] {
    let mut columns = [0.0; COLUMNS];
    let shared = [
        1.0,
        ask.deadhead_min / 10.0,
        ask.detour_min / 10.0,
        libm::log1p(ask.notice_h),
        ask.asks_last_7d / 3.0,
        f64::from(u8::from(ask.snow)),
        f64::from(u8::from(ask.same_hamlet)),
    ];
    columns[..shared.len()].copy_from_slice(&shared);
    if ask.hour_class > 0
        && let Some(column) = columns.get_mut(shared.len() + usize::from(ask.hour_class) - 1)
    {
        *column = 1.0;
    }
    columns
}

/// Longer drives, notices and lists of asks are mistakes of a unit: a week in minutes.
const NUMBER_MAX: f64 = 10_080.0;

impl Ask {
    pub(super) fn check(&self, index: usize) -> Result<(), AskedError> {
        for (key, found) in [
            ("deadhead_min", self.deadhead_min),
            ("detour_min", self.detour_min),
            ("notice_h", self.notice_h),
            ("asks_last_7d", self.asks_last_7d),
        ] {
            if !(0.0..=NUMBER_MAX).contains(&found) {
                return Err(AskedError::Ask { index, key, found, wanted: "0 to 10080" });
            }
        }
        if HOUR_CLASSES <= self.hour_class {
            let found = f64::from(self.hour_class);
            return Err(AskedError::Ask { index, key: "hour_class", found, wanted: "0 to 7" });
        }
        Ok(())
    }
}

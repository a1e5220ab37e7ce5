//! The check before a shift (点呼): driver and vehicle are fit to drive.

use mukae_record::codec;
use mukae_units::{ShiftId, Time};

/// What was found. A shift that needs a check is not opened before one that was passed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PretripCheck {
    pub shift: ShiftId,
    pub checked: Time,
    /// Breath alcohol in micrograms a litre, if it was measured.
    pub alcohol_ug_per_litre: Option<u32>,
    pub is_sober: bool,
    pub is_well: bool,
    pub is_vehicle_fit: bool,
    pub note: String,
}

codec! {
    struct PretripCheck { shift, checked, alcohol_ug_per_litre, is_sober, is_well, is_vehicle_fit, note }
}

impl PretripCheck {
    pub fn is_passed(&self) -> bool {
        self.is_sober && self.is_well && self.is_vehicle_fit
    }
}

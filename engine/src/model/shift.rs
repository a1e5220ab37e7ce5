//! When and where a vehicle works.

use mukae_units::{BreakId, DriverId, Features, Metres, Seats, ShiftId, Span, TimeWindow, VehicleId, Zones};

use crate::model::{Crew, Spot, Tier, WEIGHT_MAX};

/// One vehicle's work from one place and time to another.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shift {
    pub id: ShiftId,
    /// What the world calls it; carried, never looked at.
    pub name: String,
    pub vehicle: VehicleId,
    /// The vehicle leaves its start place no earlier, and is at its end place no later.
    pub window: TimeWindow,
    pub start: Spot,
    /// `None`: wherever the last rider alights.
    pub end: Option<Spot>,
    /// What the driver adds to what the vehicle can do.
    pub features: Features,
    /// Where riders are taken on this shift, instead of the vehicle's zones; empty: as the vehicle says.
    pub zones: Zones,
    /// Who drives, where that is not whom the vehicle stands for.
    pub crew: Option<Crew>,
    /// In the order they are taken.
    pub breaks: Vec<Break>,
    /// `None`: whoever drives need not be asked.
    pub driver: Option<DriverId>,
    /// Set for a private drive that takes riders along.
    pub declared: Option<DeclaredTrip>,
    /// Set where the driver comes only if a rider needs the shift.
    pub on_call: Option<OnCall>,
}

/// A driver who waits to be called, by the first rider of the shift.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OnCall {
    /// For calling the driver out, in whole yen: 0 to [`WEIGHT_MAX`].
    pub cost: i64,
    /// The vehicle leaves no sooner than this after the call; no more than [`NOTICE_MAX`].
    pub notice: Span,
}

/// Nobody has to be told longer before.
pub const NOTICE_MAX: Span = Span::from_mins(7 * 24 * 60);

impl OnCall {
    /// In the unit of all costs: yen per minute times milliseconds.
    pub fn price(self) -> i64 {
        self.cost * Span::MINUTE.as_millis()
    }

    pub(crate) fn is_sound(self) -> bool {
        (0..=WEIGHT_MAX).contains(&self.cost) && (Span::ZERO..=NOTICE_MAX).contains(&self.notice)
    }
}

/// A rest inside a shift, planned from the start: nobody is on board, and no rider moves it out of
/// its window.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Break {
    /// Differs from those of the shift's other breaks.
    pub id: BreakId,
    pub place: Spot,
    /// It begins in it.
    pub window: TimeWindow,
    pub length: Span,
}

/// What the driver of a drive that happens anyway, from the shift's start to its end, does for riders.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DeclaredTrip {
    /// Places for riders; no more than the vehicle has.
    pub seats: Seats,
    /// The whole route, riders included, takes at most this much more driving time than the direct way.
    pub detour_max: Span,
    /// And is at most this much longer.
    pub detour_length_max: Metres,
    /// What the driver agreed to for this trip; the driver's own tier may be lower.
    pub tier: Tier,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ShiftState {
    /// Announced; riders can already be booked into it.
    Planned,
    /// The driver has signed on.
    Open,
}

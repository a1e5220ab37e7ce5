//! When and where a vehicle works.

use mukae_units::{Features, ShiftId, TimeWindow, VehicleId, Zones};

use crate::model::Spot;

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
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ShiftState {
    /// Announced; riders can already be booked into it.
    Planned,
    /// The driver has signed on.
    Open,
}

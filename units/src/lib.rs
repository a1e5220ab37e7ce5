//! The words every room shares: time, travel time, distance, coordinates, seats, typed ids and sets of them.
//!
//! Everything is an integer with a unit in its type. Civil time and text formats live at the
//! edges of the world, never here; degrees as floats only pass through [`LatLon`].
#![forbid(unsafe_code)]

pub mod capacity;
pub mod geo;
pub mod id;
pub mod money;
pub mod seats;
pub mod set;
pub mod time;
pub mod travel;
pub mod window;

pub use capacity::{Capacity, Substitutions};
pub use geo::{InvalidLatLon, LatLon, Metres};
pub use id::{
    BookingId, BreakId, DriverId, FeatureId, OfferId, RiderId, ServiceId, ShiftId, StopId, VehicleId, ZoneId,
};
pub use money::Yen;
pub use seats::{SeatKind, Seats};
pub use set::{Features, ID_SET_MAX, IdSet, IdTooLarge, SmallId, Zones};
pub use time::{Span, Time};
pub use travel::TravelTime;
pub use window::{EmptyWindow, TimeWindow};

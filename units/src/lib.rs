//! The words every room shares: time, travel time, distance, coordinates, seats and typed ids.
//!
//! Everything is an integer with a unit in its type. Civil time and text formats live at the
//! edges of the world, never here; degrees as floats only pass through [`LatLon`].
#![forbid(unsafe_code)]

pub mod geo;
pub mod id;
pub mod seats;
pub mod time;
pub mod travel;
pub mod window;

pub use geo::{InvalidLatLon, LatLon, Metres};
pub use id::{BookingId, BreakId, DriverId, OfferId, RiderId, ServiceId, ShiftId, StopId, VehicleId};
pub use seats::{SeatKind, Seats};
pub use time::{Span, Time};
pub use travel::TravelTime;
pub use window::{EmptyWindow, TimeWindow};

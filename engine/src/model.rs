//! The nouns of dispatch: requests, offers, bookings, vehicles, shifts, policies.

pub mod access;
pub mod booking;
pub mod offer;
pub mod policy;
pub mod refusal;
pub mod relaxation;
pub mod request;
pub mod shift;
pub mod vehicle;

pub use access::{ACCESS_MAX, Access, AccessPair, WalkLimit};
pub use booking::{AtRisk, Booking, BookingState, CancelReason, Limit};
pub use offer::{Alternative, Hold, Offer, Promise};
pub use policy::{CostWeights, DwellRule, Limits, Policy, RideLimit, Service, ServicePolicy};
pub use refusal::{Binding, Constraint, Refusal};
pub use relaxation::Relaxation;
pub use request::{Beyond, Channel, Choice, OFFERS_MAX, RELAXATIONS_MAX, Request, Spot, Wish};
pub use shift::{Shift, ShiftState};
pub use vehicle::{MapId, Vehicle};

//! What we propose to a rider, and what we promise once it is confirmed.

use mukae_units::{OfferId, ShiftId, Span, Time, TimeWindow, TravelTime};

use crate::model::Request;

/// The windows shown to the rider at confirmation; changed only by an event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Promise {
    /// Boarding begins inside this window.
    pub pickup: TimeWindow,
    /// Alighting begins at this time or before.
    pub dropoff_latest: Time,
    /// From the end of boarding to the start of alighting.
    pub ride_max: Span,
}

/// A proposal, until it expires. It holds no seat: confirmation decides again under its promise.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Offer {
    pub id: OfferId,
    pub request: Request,
    pub promise: Promise,
    /// The shift that would serve it, were it confirmed at once.
    pub shift: ShiftId,
    /// Start of boarding, were it confirmed at once.
    pub pickup: Time,
    /// Start of alighting, were it confirmed at once.
    pub dropoff: Time,
    /// Origin to destination alone, under the roads of that moment.
    pub direct: TravelTime,
    /// What the insertion would cost by the area's weights, in yen per minute times milliseconds.
    pub cost: i64,
    /// Confirmable while `now <= expires`.
    pub expires: Time,
}

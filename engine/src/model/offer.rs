//! What we propose to a rider, and what we promise once it is confirmed.

use std::sync::Arc;

use mukae_units::{BookingId, OfferId, ShiftId, Span, Time, TimeWindow, TravelTime};

use crate::model::{AccessPair, Fare, Request, Spot};

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

/// What sets an offer apart from those before it in its quote.
///
/// The first offer is the best of all. The others come by turns, in the order of these kinds, each the
/// cheapest insertion there is of its kind, until there are as many as were asked for or no kind has
/// another one. So any two offers of a quote differ in their vehicle, in a meeting point, or in windows
/// that begin at least the width of a promise apart.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Alternative {
    Best,
    /// Its pickup window begins at least the width of a promise after that of every offer before it.
    Later,
    /// It begins at least so much before that of every offer before it.
    Earlier,
    /// None before it has the same two meeting points.
    OtherPlaces,
    /// None before it is by the same shift. Who confirms it gets that shift, if it still can.
    OtherVehicle,
}

/// A proposal, until it expires. It holds no seat unless it is held: confirmation decides again under
/// its promise, at the same two places.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Offer {
    pub id: OfferId,
    /// The first offer of the same quote. Once one of them is confirmed the others expire; once one can
    /// not be, they are replaced by fresh ones.
    pub quote: OfferId,
    pub alternative: Alternative,
    /// Shared by the booking and every event that tells of it.
    pub request: Arc<Request>,
    /// Where the rider boards and alights, of the request's ways.
    pub access: AccessPair,
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
    /// What the ride costs, where the service says so.
    pub fare: Option<Fare>,
    /// Confirmable while `now <= expires`; one that is held, as long as it is.
    pub expires: Time,
}

impl Offer {
    pub fn pickup_spot(&self) -> &Spot {
        &self.request.origin_of(self.access).spot
    }

    pub fn dropoff_spot(&self) -> &Spot {
        &self.request.destination_of(self.access).spot
    }
}

/// An offer whose place in the plan is kept, so that nobody else gets it: as a booking in state `Held`.
///
/// It counts against capacity and protects its promise like any booking. For its vehicle a held stop is
/// a stop like others: if the promise could not be kept otherwise the vehicle sets out for it, and is
/// turned if the hold ends. Nobody boards before the offer is confirmed, which succeeds until the hold ends.
///
/// A hold ends by itself after `until`, when it is released, when another offer of its quote is
/// held, confirmed or can not be, or when its vehicle fails and no other can keep the promise. Then its stops are taken out
/// as for a cancellation, and the offer is as open or expired as if it had not been held.
///
/// No place is held with a driver who must be asked first. If that becomes so while it is held, its confirmation
/// decides again, as that of an offer that is not held, and asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Hold {
    pub offer: OfferId,
    pub booking: BookingId,
    pub since: Time,
    /// Kept while `now <= until`.
    pub until: Time,
}

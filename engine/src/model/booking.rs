//! A confirmed request over its whole life.

use std::sync::Arc;

use mukae_maps::Place;
use mukae_units::{BookingId, DriverId, OfferId, ServiceId, ShiftId, Time, TravelTime};

use crate::model::{AccessPair, Ask, Charge, Fare, Offer, Promise, Request, Spot};

/// Where a booking stands; the last four are final. A vehicle that is sent elsewhere first, or gives
/// up, takes it back to `Confirmed` or `Unassigned`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum BookingState {
    /// In a vehicle's schedule for an offer that is held, whatever its vehicle does; see [`Hold`](crate::model::Hold).
    Held,
    /// In a vehicle's schedule.
    Confirmed,
    /// In no schedule any more; staff must find a vehicle before its pickup window ends.
    Unassigned,
    /// In a vehicle's schedule, but its driver has not said yes: not confirmed to the rider yet.
    AwaitingDriver,
    /// The vehicle is driving to the pickup.
    EnRoute,
    /// The vehicle stands at the pickup.
    Arrived,
    Boarded,
    /// Was on board of a vehicle that broke down, and waits where it stands; no other can take it yet.
    Stranded,
    Alighted,
    Cancelled,
    NoShow,
    /// The window ended and no vehicle was found.
    Failed,
}

impl BookingState {
    pub fn is_final(self) -> bool {
        self >= BookingState::Alighted
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CancelReason {
    Unknown,
    Rider,
    /// The service can not make the ride.
    Service,
    /// It was booked twice.
    Duplicate,
    /// Booked by mistake; a new booking follows.
    Rebooked,
}

/// A limit of a promise that a prediction can break.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Limit {
    Pickup,
    Dropoff,
    Ride,
}

/// The limits of a booking's promise that are predicted to break, or have broken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct AtRisk {
    pub pickup: bool,
    pub dropoff: bool,
    pub ride: bool,
}

impl AtRisk {
    pub const NONE: AtRisk = AtRisk { pickup: false, dropoff: false, ride: false };

    pub fn any(&self) -> bool {
        *self != AtRisk::NONE
    }

    pub fn of(&self, limit: Limit) -> bool {
        match limit {
            Limit::Pickup => self.pickup,
            Limit::Dropoff => self.dropoff,
            Limit::Ride => self.ride,
        }
    }

    pub(crate) fn set(&mut self, limit: Limit, is_at_risk: bool) {
        *match limit {
            Limit::Pickup => &mut self.pickup,
            Limit::Dropoff => &mut self.dropoff,
            Limit::Ride => &mut self.ride,
        } = is_at_risk;
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Booking {
    pub id: BookingId,
    pub offer: OfferId,
    pub request: Arc<Request>,
    /// Where the rider boards and alights, of the request's ways.
    pub access: AccessPair,
    pub promise: Promise,
    /// Origin to destination alone, when it was confirmed.
    pub direct: TravelTime,
    pub state: BookingState,
    /// The shift whose schedule holds it, or held it last; `None` while it has no vehicle.
    pub shift: Option<ShiftId>,
    pub confirmed_at: Time,
    /// When its vehicle came to the pickup.
    pub arrived_at: Option<Time>,
    /// End of boarding; of the first vehicle, if it broke down under way. The ride counts from here.
    pub boarded_at: Option<Time>,
    /// When it reached its final state.
    pub finished_at: Option<Time>,
    /// Why it was cancelled, if it was.
    pub cancel_reason: Option<CancelReason>,
    /// Breaches that are predicted; set and cleared by events.
    pub at_risk: AtRisk,
    /// Where it waits to be fetched, having been on board of a vehicle that broke down.
    pub stranded_at: Option<Place>,
    /// Set exactly while the booking is [`BookingState::AwaitingDriver`].
    pub ask: Option<Ask>,
    /// Drivers who said no, or nothing: they are not asked for it again.
    pub asked: Vec<DriverId>,
    /// Stays on its vehicle in every automatic step.
    pub is_pinned: bool,
    /// Where the desk put it last, by hand: no better plan takes it from there, though trouble may.
    pub by_hand: Option<ShiftId>,
    /// As it was quoted.
    pub fare: Option<Fare>,
    /// Another booking was on board of the same vehicle while it drove.
    pub is_shared: bool,
    /// What is due, once it has ended; `None`: nothing. Never more than was quoted.
    pub charge: Option<Charge>,
}

/// A booking whose rider did not come when the vehicle was there in time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NoShow {
    pub service: ServiceId,
    pub at: Time,
}

impl Booking {
    pub fn pickup_spot(&self) -> &Spot {
        &self.request.origin_of(self.access).spot
    }

    pub fn dropoff_spot(&self) -> &Spot {
        &self.request.destination_of(self.access).spot
    }

    /// Becomes the ride of this offer. It keeps its number and the time it was confirmed first; a pin holds it on its
    /// vehicle only if that is the same. What is known to be at risk is told anew with the plan.
    pub(crate) fn amend(&mut self, offer: Offer, shift: ShiftId) {
        let before = self.clone();
        *self = Booking::confirmed(before.id, offer, shift, before.confirmed_at);
        self.at_risk = before.at_risk;
        self.is_pinned = before.is_pinned && before.shift == Some(shift);
        self.by_hand = before.by_hand;
        self.is_shared = before.is_shared; // who was put down under way has shared that part
    }

    pub(crate) fn confirmed(id: BookingId, offer: Offer, shift: ShiftId, at: Time) -> Booking {
        Booking {
            id,
            offer: offer.id,
            request: offer.request,
            access: offer.access,
            promise: offer.promise,
            direct: offer.direct,
            state: BookingState::Confirmed,
            shift: Some(shift),
            confirmed_at: at,
            arrived_at: None,
            boarded_at: None,
            finished_at: None,
            cancel_reason: None,
            at_risk: AtRisk::NONE,
            stranded_at: None,
            ask: None,
            asked: Vec::new(),
            is_pinned: false,
            by_hand: None,
            fare: offer.fare,
            is_shared: false,
            charge: None,
        }
    }
}

//! Past-tense facts: all that `apply` ever sees.
//!
//! Exogenous facts came from outside, endogenous ones were decided here. A verbatim replay applies
//! both; a what-if replay keeps the first kind and decides the second again.

use std::sync::Arc;

use mukae_maps::Place;
use mukae_units::{BookingId, BreakId, Capacity, DriverId, Metres, OfferId, ShiftId, Span, Time, TravelTime};

use crate::Command;
use crate::model::{AskOutcome, CancelReason, Limit, Offer, Refusal, Shift, Terms};
use crate::schedule::Plan;

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Event {
    Exogenous(Exogenous),
    Endogenous(Endogenous),
}

impl Event {
    pub fn endogenous(&self) -> Option<&Endogenous> {
        match self {
            Event::Exogenous(_) => None,
            Event::Endogenous(decided) => Some(decided),
        }
    }
}

/// What reached us, whole, and when.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exogenous {
    pub at: Time,
    pub command: Command,
}

/// What was decided.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Endogenous {
    /// A shift and the time its vehicle needs from its start to its end.
    ShiftPlanned {
        shift: Arc<Shift>,
        capacity: Capacity,
        to_end: TravelTime,
        terms: Terms,
    },
    ShiftEnded {
        shift: ShiftId,
    },
    OfferMade(Offer),
    RequestRefused(Refusal),
    OfferExpired {
        offer: OfferId,
    },
    /// The offer became a booking, under the offer's promise.
    BookingConfirmed {
        booking: BookingId,
        offer: OfferId,
        shift: ShiftId,
    },
    /// A request was booked without an offer first; the offer is the one it would have got.
    Booked {
        booking: BookingId,
        offer: Offer,
        /// The desk chose the place.
        by_hand: bool,
    },
    /// The booking is another ride from now on, under the promise of this offer, which was not shown before. Its old
    /// stops are in no schedule any more.
    BookingAmended {
        booking: BookingId,
        offer: Offer,
    },
    /// A vehicle's remaining schedule, whole; it replaces the one before.
    PlanChanged {
        shift: ShiftId,
        plan: Arc<Plan>,
    },
    BookingCancelled {
        booking: BookingId,
        reason: CancelReason,
    },
    /// The booking lost its vehicle and no other can keep its promise.
    BookingUnassigned {
        booking: BookingId,
    },
    /// The pickup window ended without a vehicle.
    BookingFailed {
        booking: BookingId,
    },
    /// A breach of this booking's promise is predicted.
    PromiseAtRisk {
        booking: BookingId,
        breach: Breach,
    },
    /// The predicted breach of this limit has gone.
    PromiseRestored {
        booking: BookingId,
        limit: Limit,
    },
    /// An ended booking was kept long enough.
    BookingForgotten {
        booking: BookingId,
    },
    /// The vehicle broke down with this party on board; it waits at this place for another one.
    BookingStranded {
        booking: BookingId,
        place: Place,
    },
    /// The booking is confirmed once this driver says yes. If not, the fall-back of this moment is
    /// `fallback`, or staff; it is chosen again when it is needed. For an ask that is open already: a
    /// new deadline.
    DriverAsked {
        booking: BookingId,
        driver: DriverId,
        deadline: Time,
        fallback: Option<ShiftId>,
    },
    AskEnded {
        booking: BookingId,
        driver: DriverId,
        outcome: AskOutcome,
    },
    /// A break is predicted to begin after its window.
    BreakAtRisk {
        shift: ShiftId,
        id: BreakId,
        predicted: Time,
        latest: Time,
    },
    /// It no longer is.
    BreakRestored {
        shift: ShiftId,
        id: BreakId,
    },
    /// A declared trip drives for longer, or farther, than its driver agreed to, by so much: it was
    /// driven otherwise than planned, or the quickest way left is a longer one.
    DetourExceeded {
        shift: ShiftId,
        time: Span,
        length: Metres,
    },
    /// It no longer does.
    DetourRestored {
        shift: ShiftId,
    },
    /// The offer's place is kept by this booking; said again, until another time.
    OfferHeld {
        offer: OfferId,
        booking: BookingId,
        shift: ShiftId,
        until: Time,
    },
    /// The offer's place is not kept any more: its booking is gone, without a trace.
    HoldReleased {
        offer: OfferId,
        booking: BookingId,
    },
    /// The drive from the end of this shift to the start of the next one of its vehicle takes so long now; zero if
    /// there is none, or the shift ends anywhere.
    WayOnChanged {
        shift: ShiftId,
        way: TravelTime,
    },
    /// A vehicle is sent where it waits better; the plan that says so follows.
    RepositioningOrdered {
        shift: ShiftId,
        aim: Aim,
        length: Metres,
    },
    /// The driver stands by on a shift once they say yes; it counts as an ask.
    StandbyAsked {
        shift: ShiftId,
        driver: DriverId,
        deadline: Time,
    },
    /// They did not answer.
    StandbyLapsed {
        shift: ShiftId,
    },
    /// The shift has one more break, or begins at another time; what follows for its plan is said by itself.
    ShiftChanged {
        shift: Arc<Shift>,
    },
}

/// A promise and the prediction that breaks it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Breach {
    PickupLate { predicted: Time, promised: Time },
    DropoffLate { predicted: Time, promised: Time },
    RideTooLong { predicted: Span, promised: Span },
}

impl Breach {
    /// The limit it breaks.
    pub fn limit(&self) -> Limit {
        match self {
            Breach::PickupLate { .. } => Limit::Pickup,
            Breach::DropoffLate { .. } => Limit::Dropoff,
            Breach::RideTooLong { .. } => Limit::Ride,
        }
    }
}

/// Where a vehicle is sent without a rider, and why.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Aim {
    /// Where its shift begins.
    Base,
    Post {
        /// Which of the posts, counted from 0.
        post: u32,
        /// What waiting is expected to cost less by it: yen per minute times milliseconds.
        gain: i64,
        /// Requests for which it is the nearest there, in thousandths.
        expected: u32,
    },
}

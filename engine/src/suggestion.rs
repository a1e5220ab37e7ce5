//! Who could take this party, and at what price? Read only: what a dispatcher looks at before moving a booking by hand, and
//! what explains a decision afterwards.
//!
//! Each shift is judged by the search that judges it in every decision, alone: its best allowed place, or what stands in the
//! way and where somebody may overrule that. The best of them all is what a decision takes. To explain a decision that was
//! made, bring the dispatcher as it was before that record.

use mukae_units::{BookingId, ShiftId, Span, StopId, Time, VehicleId};

use crate::Placement;
use crate::model::{AccessPair, Binding, Offer, Request};

/// Of whom it is asked.
#[derive(Clone, Copy, Debug)]
pub enum Subject<'a> {
    /// A booking that could be moved: as if it were taken out first.
    Booking(BookingId),
    /// A request, as a quote would see it.
    Request(&'a Request),
    /// The promise of an offer, as its confirmation would see it.
    Offer(&'a Offer),
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Suggestions {
    /// What forbids it whatever the fleet does; then there are no candidates.
    pub rule: Vec<Binding>,
    /// One for each shift that works then: first those that may take it, the one a decision would take first of all; then
    /// the others, the nearest miss first.
    pub candidates: Vec<Suggestion>,
    /// Vehicles without a shift at that time.
    pub idle: Vec<VehicleId>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Suggestion {
    pub shift: ShiftId,
    pub vehicle: VehicleId,
    pub verdict: Verdict,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It may be put here, and this is the best place.
    Fits(Fit),
    /// It may not. `binding` is what binds at the nearest place, never empty; `by_hand` the place that breaks least of those
    /// that a dispatcher may overrule.
    Misses { binding: Vec<Binding>, by_hand: Option<Fit> },
}

/// A place in a schedule, and what comes of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fit {
    /// By which of the rider's ways.
    pub access: AccessPair,
    /// Counted without the party itself; `overrules` is set where it has to be.
    pub placement: Placement,
    /// The stops that come next after the pickup and after the dropoff, if any do.
    pub before: (Option<StopId>, Option<StopId>),
    /// As in [`Offer`]; exactly the sum of `terms`.
    pub cost: i64,
    /// What it is made of; terms of no amount are left out.
    pub terms: Vec<CostTerm>,
    /// Driving it adds, negative where it saves some.
    pub driving: Span,
    /// Start and end of boarding, start of alighting.
    pub pickup: Time,
    pub boarded: Time,
    pub dropoff: Time,
    /// When the vehicle is back then.
    pub finish: Time,
    /// Whom it delays, stop by stop.
    pub delays: Vec<Delay>,
    /// The driver would be asked first.
    pub is_asked: bool,
}

/// One term of a cost: yen per minute times milliseconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CostTerm {
    pub kind: CostKind,
    pub amount: Span,
    pub weight: i64,
}

impl CostTerm {
    pub fn cost(&self) -> i64 {
        self.weight * self.amount.as_millis()
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum CostKind {
    Driving,
    DriverTime,
    RiderWait,
    ExcessRide,
    WaitOnBoard,
    Walking,
    /// Beyond limits that the service only prices.
    PickupLate,
    DropoffLate,
    RideOver,
    /// Calling the driver of an on-call shift: a minute, at what the call costs.
    CallOut,
}

/// A stop of somebody else that happens later.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Delay {
    /// `None` for a break.
    pub booking: Option<BookingId>,
    pub stop: StopId,
    pub is_pickup: bool,
    pub by: Span,
    /// How much later it may still happen; negative once the promise is missed.
    pub slack: Span,
}

impl Suggestions {
    /// What a decision would take.
    pub fn best(&self) -> Option<(&Suggestion, &Fit)> {
        let first = self.candidates.first()?;
        match &first.verdict {
            Verdict::Fits(fit) => Some((first, fit)),
            Verdict::Misses { .. } => None,
        }
    }
}

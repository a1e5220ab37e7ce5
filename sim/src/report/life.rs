//! One request from being asked to its end.

use std::sync::Arc;

use mukae_engine::model::{CancelReason, Offer, Promise, Refusal, Request, Spot};
use mukae_units::{OfferId, ShiftId, Time, TravelTime};

#[derive(Clone, Debug)]
pub(super) struct Life {
    pub asked_at: Time,
    pub request: Arc<Request>,
    /// Alternatives it was offered, in all.
    pub offer_count: u64,
    /// The best of the last offers, or the one that was taken.
    pub proposal: Option<Proposal>,
    /// The alternatives of the last quote.
    others: Vec<Proposal>,
    pub refusal: Option<Refusal>,
    /// Who brings it, as planned last.
    pub shift: Option<ShiftId>,
    /// More than one if its vehicle broke down under way.
    pub boardings: Vec<Boarding>,
    /// When alighting began and ended.
    pub alighted: Option<(Time, Time)>,
    pub ending: Option<Ending>,
    /// What else happened to it, in order.
    pub moments: Vec<Moment>,
}

/// What the rider was told.
#[derive(Clone, Copy, Debug)]
pub(super) struct Proposal {
    pub offer: OfferId,
    pub promise: Promise,
    pub shift: ShiftId,
    /// Boarding and alighting, as they looked then.
    pub pickup: Time,
    pub dropoff: Time,
    pub direct: TravelTime,
    pub origin: u32,
    pub destination: u32,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Boarding {
    pub shift: ShiftId,
    pub began: Time,
    pub ended: Time,
}

/// How a request ended; each in one way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Ending {
    Served,
    Refused,
    NotTaken,
    Cancelled(CancelReason),
    NoShow,
    Failed,
}

/// A turn in the story of a booking.
#[derive(Clone, Copy, Debug)]
pub(super) enum Moment {
    /// The vehicle that was promised could not come as it was, and a fresh offer was made.
    OfferedAgain(Time),
    Confirmed(Time, ShiftId),
    Amended(Time),
    /// Another vehicle comes.
    Moved(Time, ShiftId),
    AtRisk(Time),
    Restored(Time),
    DriverAsked(Time),
    DriverAnswered(Time),
    Unassigned(Time),
    Stranded(Time),
    Ended(Time, Ending),
}

impl Proposal {
    pub fn of(offer: &Offer) -> Proposal {
        Proposal {
            offer: offer.id,
            promise: offer.promise,
            shift: offer.shift,
            pickup: offer.pickup,
            dropoff: offer.dropoff,
            direct: offer.direct,
            origin: offer.access.origin,
            destination: offer.access.destination,
        }
    }
}

impl Life {
    pub fn asked(at: Time, request: Arc<Request>) -> Life {
        Life {
            asked_at: at,
            request,
            offer_count: 0,
            proposal: None,
            others: Vec::new(),
            refusal: None,
            shift: None,
            boardings: Vec::new(),
            alighted: None,
            ending: None,
            moments: Vec::new(),
        }
    }

    pub fn offer(&mut self, at: Time, offer: &Offer, is_first_answer: bool) {
        self.offer_count += 1;
        let proposal = Proposal::of(offer);
        if offer.id == offer.quote || self.proposal.is_none() {
            if !is_first_answer {
                self.moments.push(Moment::OfferedAgain(at));
            }
            self.others.clear();
            self.proposal = Some(proposal);
        }
        self.others.push(proposal);
    }

    /// The rider chose this one.
    pub fn take(&mut self, offer: OfferId) {
        if let Some(chosen) = self.others.iter().find(|other| other.offer == offer) {
            self.proposal = Some(*chosen);
        }
    }

    pub fn end(&mut self, at: Time, ending: Ending) {
        self.ending = Some(ending);
        self.moments.push(Moment::Ended(at, ending));
    }

    /// The start of the wished window: what decides to which day it belongs.
    pub fn wanted_from(&self) -> Time {
        self.request.wish.window().earliest()
    }

    pub fn origin(&self) -> &Spot {
        let way = self.proposal.map_or(0, |proposal| proposal.origin);
        &self.request.origin[way as usize].spot
    }

    pub fn destination(&self) -> &Spot {
        let way = self.proposal.map_or(0, |proposal| proposal.destination);
        &self.request.destination[way as usize].spot
    }

    pub fn persons(&self) -> u64 {
        u64::from(self.request.party.persons())
    }
}

//! A ride that somebody wanted, and what became of it.

use mukae_engine::model::{CancelReason, Channel, Constraint, Offer, Request, Wish};
use mukae_office::{MissCause, MissedRide, StandingId, WaitingId};
use mukae_units::{Features, RiderId, Seats, ServiceId, Span, Time};

use crate::latent::{Commitment, End, Wanted};

/// What a record does not tell is `None`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asked {
    pub at: Time,
    pub service: ServiceId,
    pub channel: Channel,
    pub rider: Option<RiderId>,
    pub origin: Option<End>,
    pub destination: Option<End>,
    /// As it was asked for first; see [`Asked::amended`].
    pub wish: Option<Wish>,
    pub party: Option<Seats>,
    pub needs: Option<Features>,
    pub manner: Manner,
    /// The wish on the waiting list that this request became, or was from the start.
    pub waiting: Option<WaitingId>,
    /// So many offers were shown, fresh ones and those of the waiting list included.
    pub offers: u32,
    /// The first offer that was shown; of a ride that was booked without being shown one, what it was given.
    pub quality: Option<Quality>,
    /// When its booking last became another ride, if it did.
    pub amended: Option<Time>,
    pub outcome: Outcome,
    /// When it ended so; `None` while it is open, has an offer or a booking.
    pub ended: Option<Time>,
    /// Of a booking that was cancelled.
    pub cancel_reason: Option<CancelReason>,
    /// The demand that it is of, see [`DemandLog::latents`](super::DemandLog::latents).
    pub latent: usize,
}

/// How it was asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Manner {
    /// Offers first.
    Quoted,
    /// Booked in one step.
    Booked,
    /// Booked in one step with others, as a ride and the ride back.
    Together,
    /// A date of a standing booking.
    Standing(StandingId),
    /// The dispatcher was never asked.
    Told,
}

/// How good an offer is for its rider.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Quality {
    /// From the start of the wished window to that of the promised one; for who wants to arrive by a time, from the promised
    /// arrival to the end of the wished window.
    pub wait: Span,
    /// By how much the planned ride is longer than the direct one, boarding included.
    pub excess: Span,
}

/// How a request stands, or ended.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Outcome {
    /// Its offers are open.
    Offered,
    /// A machine asked, or somebody who did not say who they are, and let the offers lapse.
    SearchOnly,
    /// Somebody saw offers and let them lapse.
    Abandoned,
    Refused(Vec<Why>),
    Confirmed,
    Cancelled,
    /// Cancelled by a rider who was kept waiting, see [`KeptWaiting`](crate::KeptWaiting).
    LostToDelay,
    NoShow,
    Completed,
    Failed,
    UnmetCall,
    DeadlineMissed,
}

/// What stood in the way.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Why {
    Constraint(Constraint),
    OriginOffArea,
    DestinationOffArea,
    SamePlace,
}

impl Asked {
    pub(super) fn of_request(at: Time, request: &Request, manner: Manner) -> Asked {
        Asked {
            at,
            service: request.service,
            channel: request.channel,
            rider: request.rider,
            origin: End::of(&request.origin),
            destination: End::of(&request.destination),
            wish: Some(request.wish),
            party: Some(request.party),
            needs: Some(request.needs),
            manner,
            waiting: None,
            offers: 0,
            quality: None,
            amended: None,
            outcome: Outcome::Offered,
            ended: None,
            cancel_reason: None,
            latent: 0,
        }
    }

    /// Counts when it was wanted, if that is told.
    pub(super) fn of_missed(told: Time, ride: &MissedRide) -> Asked {
        let at = ride.missed.unwrap_or(told);
        let outcome = match ride.cause {
            MissCause::OriginOffArea => Outcome::Refused(vec![Why::OriginOffArea]),
            MissCause::DestinationOffArea => Outcome::Refused(vec![Why::DestinationOffArea]),
            MissCause::BothOffArea => Outcome::Refused(vec![Why::OriginOffArea, Why::DestinationOffArea]),
            MissCause::SamePlace => Outcome::Refused(vec![Why::SamePlace]),
            MissCause::UnmetCall => Outcome::UnmetCall,
            MissCause::DeadlineMissed => Outcome::DeadlineMissed,
        };
        Asked {
            at,
            service: ride.service,
            channel: ride.channel,
            rider: ride.rider,
            origin: ride.origin.map(End::at),
            destination: ride.destination.map(End::at),
            wish: ride.wish,
            party: ride.party,
            needs: None,
            manner: Manner::Told,
            waiting: None,
            offers: 0,
            quality: None,
            amended: None,
            outcome,
            ended: Some(at),
            cancel_reason: None,
            latent: 0,
        }
    }

    pub(super) fn wanted(&self) -> Wanted {
        Wanted { rider: self.rider, origin: self.origin, destination: self.destination, wished: self.wished() }
    }

    /// Start of the wished window.
    pub fn wished(&self) -> Option<Time> {
        self.wish.map(|wish| wish.window().earliest())
    }

    /// How long before.
    pub fn lead(&self) -> Option<Span> {
        Some(self.wished()? - self.at)
    }

    /// What a lapse of its offers says: a search, unless somebody said who they are or came by a way that only people go.
    pub(super) fn lapsed(&self) -> Outcome {
        let is_nobodys = self.rider.is_none() && matches!(self.channel, Channel::Partner | Channel::Unknown);
        if is_nobodys { Outcome::SearchOnly } else { Outcome::Abandoned }
    }
}

impl Quality {
    pub(super) fn of(offer: &Offer) -> Quality {
        let wait = match offer.request.wish {
            Wish::DepartAfter(window) => offer.promise.pickup.earliest() - window.earliest(),
            Wish::ArriveBy(window) => window.latest() - offer.promise.dropoff_latest,
        };
        Quality { wait, excess: offer.dropoff - offer.pickup - offer.direct.span() }
    }
}

impl Outcome {
    pub fn commitment(&self) -> Commitment {
        match self {
            Outcome::Offered => Commitment::Open,
            Outcome::SearchOnly => Commitment::SearchOnly,
            Outcome::Abandoned => Commitment::Abandoned,
            Outcome::Refused(_) => Commitment::Refused,
            Outcome::Confirmed => Commitment::Booked,
            Outcome::Cancelled => Commitment::Cancelled,
            Outcome::LostToDelay => Commitment::LostToDelay,
            Outcome::NoShow => Commitment::NoShow,
            Outcome::Completed => Commitment::Served,
            Outcome::Failed => Commitment::Failed,
            Outcome::UnmetCall => Commitment::UnmetCall,
            Outcome::DeadlineMissed => Commitment::DeadlineMissed,
        }
    }
}

//! What is kept of a request, an offer or a booking while it is open.

use mukae_engine::model::{Channel, Limit, Offer, Promise, Wish};
use mukae_units::{DriverId, SeatKind, Seats, Time, TravelTime};

use super::cells::Belongs;

/// Who asked, when, and where that counts. It stays through offers, fresh offers and amendments.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    pub at: Time,
    pub belongs: Belongs,
    /// Its place among the latent requests.
    pub latent: usize,
    pub channel: Channel,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Ride {
    pub asked: Asked,
    pub persons: u64,
    /// Start of the wished window, if it is a departure.
    pub departs_from: Option<Time>,
    pub promise: Promise,
    pub direct: TravelTime,
    pub boarded: Option<Time>,
    pub is_pooled: bool,
    /// Part of the promise was not kept.
    pub is_broken: bool,
    /// A bit for each limit that is predicted to break.
    at_risk: u8,
    /// The driver who has not answered yet.
    pub asking: Option<DriverId>,
}

impl Ride {
    pub fn of_offer(offer: &Offer, asked: Asked) -> Ride {
        Ride {
            asked,
            persons: persons(offer.request.party),
            departs_from: match offer.request.wish {
                Wish::DepartAfter(window) => Some(window.earliest()),
                Wish::ArriveBy(_) => None,
            },
            promise: offer.promise,
            direct: offer.direct,
            boarded: None,
            is_pooled: false,
            is_broken: false,
            at_risk: 0,
            asking: None,
        }
    }

    pub fn set_at_risk(&mut self, limit: Limit, is_at_risk: bool) {
        let bit = 1 << limit as u8;
        self.at_risk = if is_at_risk { self.at_risk | bit } else { self.at_risk & !bit };
    }

    pub fn is_at_risk(&self) -> bool {
        self.at_risk != 0
    }
}

/// Persons, in seats or wheelchairs.
pub(super) fn persons(party: Seats) -> u64 {
    let are_people = |kind: &&SeatKind| **kind != SeatKind::Luggage;
    SeatKind::ALL.iter().filter(are_people).map(|&kind| u64::from(party.of(kind))).sum()
}

//! What is kept of a request, an offer or a booking while it is open.

use mukae_engine::model::{Channel, Offer, Promise, Wish};
use mukae_units::{SeatKind, Seats, Time, TravelTime};

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
        }
    }
}

/// Persons, in seats or wheelchairs.
pub(super) fn persons(party: Seats) -> u64 {
    let are_people = |kind: &&SeatKind| **kind != SeatKind::Luggage;
    SeatKind::ALL.iter().filter(are_people).map(|&kind| u64::from(party.of(kind))).sum()
}

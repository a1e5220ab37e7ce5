//! What riders wish, and those who speak for them.

use std::collections::BTreeMap;

use mukae_engine::model::{Beyond, CancelReason, Channel, Concessions, Spot, Wish};
use mukae_maps::NoRoadNear;
use mukae_office::{Day, Exception, MissCause, StandingRide};
use mukae_units::{LatLon, RiderId, Seats, Span, Time, TimeWindow};

use crate::names::{BookingName, OfferName, ServiceName, StandingName, WaitingName};

#[derive(Debug)]
pub struct RideWish {
    pub service: ServiceName,
    pub rider: Option<RiderId>,
    pub channel: Channel,
    /// Off the area is an answer, and not one of ours: the service comes first.
    pub origin: Result<Spot, NoRoadNear>,
    pub destination: Result<Spot, NoRoadNear>,
    /// Both as they were told, on a road or not.
    pub asked: (LatLon, LatLon),
    pub party: Seats,
    /// Who of them pays another rate.
    pub concessions: Concessions,
    pub when: When,
    /// Zero: as many as the service shows.
    pub offers_max: u8,
    pub beyond: Beyond,
    /// By what the configuration calls them.
    pub requirements: Vec<String>,
}

/// When a rider wants to travel, as far as they said.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum When {
    DepartAfter { earliest: Option<Time>, latest: Option<Time> },
    ArriveBy { earliest: Option<Time>, latest: Time },
}

impl When {
    /// The wished window, with its defaults filled in: `wait_max` wide where one end of it was given.
    pub fn wish(self, now: Time, wait_max: Span) -> Wish {
        let between = |earliest: Time, latest: Time| {
            TimeWindow::new(earliest, latest).expect("a window that ends before it starts was turned down before")
        };
        match self {
            When::DepartAfter { earliest, latest } => {
                // Without an earliest time it is now; a latest one before that is past, and refused as such.
                let earliest = earliest.unwrap_or_else(|| latest.map_or(now, |latest| now.min(latest)));
                Wish::DepartAfter(between(earliest, latest.unwrap_or(earliest + wait_max)))
            }
            When::ArriveBy { earliest, latest } => {
                Wish::ArriveBy(between(earliest.unwrap_or(latest - wait_max), latest))
            }
        }
    }
}

#[derive(Debug)]
pub struct Holding {
    pub offer: OfferName,
    /// Without it, as long as the service allows.
    pub wanted: Option<Span>,
}

#[derive(Debug)]
pub struct Cancellation {
    pub booking: BookingName,
    pub reason: CancelReason,
    /// Empty: whatever it is by now.
    pub etag: String,
}

/// What a rider may call theirs.
#[derive(Debug)]
pub enum OfRider {
    Offer(OfferName),
    Booking(BookingName),
    Waiting(WaitingName),
}

/// Another ride in place of the booked one.
#[derive(Debug)]
pub struct Amendment {
    pub booking: BookingName,
    pub wish: RideWish,
    /// Empty: whatever it is by now.
    pub etag: String,
}

/// A ride and the ride back.
#[derive(Debug)]
pub struct PairWish {
    pub rides: [RideWish; 2],
    pub stands_together: bool,
}

/// A ride that joins the waiting list.
#[derive(Debug)]
pub struct NewWaiting {
    pub ride: RideWish,
    pub books_at_once: bool,
}

/// A ride that nobody could ask for.
#[derive(Debug)]
pub struct MissedWish {
    pub service: ServiceName,
    pub cause: MissCause,
    /// Without it, now.
    pub missed: Option<Time>,
    pub origin: Option<LatLon>,
    pub destination: Option<LatLon>,
    pub party: Option<Seats>,
    pub rider: Option<RiderId>,
    pub channel: Channel,
}

/// The parts of a standing booking that a caller has told.
#[derive(Clone, Debug, Default)]
pub struct StandingPatch {
    pub outbound: Option<StandingRide>,
    pub inbound: Option<Option<StandingRide>>,
    pub stands_together: Option<bool>,
    pub party: Option<Seats>,
    /// By what the configuration calls them.
    pub requirements: Option<Vec<String>>,
    /// Bits from Monday on.
    pub weekdays: Option<u8>,
    pub from: Option<Day>,
    pub until: Option<Option<Day>>,
    pub exceptions: Option<BTreeMap<Day, Exception>>,
}

#[derive(Debug)]
pub struct NewStanding {
    pub service: ServiceName,
    pub rider: Option<RiderId>,
    pub channel: Channel,
    pub patch: StandingPatch,
}

#[derive(Debug)]
pub struct StandingUpdate {
    pub standing: StandingName,
    pub patch: StandingPatch,
    /// Empty: whatever it is by now.
    pub etag: String,
}

#[derive(Debug)]
pub struct StandingDate {
    pub standing: StandingName,
    pub day: Day,
}

#[derive(Debug)]
pub struct StandingEnd {
    pub standing: StandingName,
    /// Without it, yesterday.
    pub last: Option<Day>,
}

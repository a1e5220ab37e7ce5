//! A rider's ask.

use mukae_maps::Place;
use mukae_units::{Features, LatLon, RiderId, Seats, ServiceId, Span, Time, TimeWindow, Zones};
use smallvec::SmallVec;

use crate::model::{ACCESS_MAX, Access, AccessPair, Concessions};

/// Alternatives one quote can have.
pub const OFFERS_MAX: u8 = 10;
/// Relaxations one refusal can list.
pub const RELAXATIONS_MAX: u8 = 10;

/// A point somebody named and the place in the road network a vehicle comes to for it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Spot {
    pub asked: LatLon,
    /// What people call it; carried for drivers and the desk, never looked at.
    pub label: String,
    /// How the label is read aloud, in kana; empty where nobody said. Carried, never looked at.
    pub kana: String,
    pub place: Place,
    /// In which zones it lies, as far as anybody asked.
    pub zones: Zones,
}

/// Which end of the ride the rider's window constrains.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wish {
    /// The rider sets out no earlier than its start, and boarding begins inside the window.
    DepartAfter(TimeWindow),
    /// The rider is at the destination inside the window, the walk from the dropoff included.
    ArriveBy(TimeWindow),
}

impl Wish {
    pub fn window(&self) -> TimeWindow {
        match *self {
            Wish::DepartAfter(window) | Wish::ArriveBy(window) => window,
        }
    }
}

/// How the request reached us; never a reason to decide otherwise.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Channel {
    Unknown,
    Phone,
    Line,
    Web,
    App,
    VoiceAgent,
    Staff,
    /// Another system, such as a journey planner or the simulator.
    Partner,
}

/// Origin, destination, party and wanted window.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Request {
    pub service: ServiceId,
    pub rider: Option<RiderId>,
    pub channel: Channel,
    /// Where the rider can be fetched: at least one way, at most [`ACCESS_MAX`].
    pub origin: Vec<Access>,
    /// Where the rider can be brought to; as many.
    pub destination: Vec<Access>,
    /// At least one place of some kind; a group boards together.
    pub party: Seats,
    /// Who of them pays another rate; no more than ride.
    pub concessions: Concessions,
    pub wish: Wish,
    /// The rider is at the destination at this time or before, whatever the service would allow.
    pub arrive_latest: Option<Time>,
    /// What the vehicle or its driver has to offer.
    pub needs: Features,
    pub beyond: Beyond,
    pub choice: Choice,
}

/// What a rider accepts beyond the limits of the service; never negative.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Beyond {
    /// A longer ride.
    pub ride: Span,
    /// A longer walk, at either end.
    pub walk: Span,
}

impl Beyond {
    pub const NOTHING: Beyond = Beyond { ride: Span::ZERO, walk: Span::ZERO };
}

/// How much the rider wants to choose from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Choice {
    /// Alternatives, the best one included; 1 to [`OFFERS_MAX`].
    pub offers_max: u8,
    /// Ways out of a refusal; at most [`RELAXATIONS_MAX`]. None are looked for if 0, which is much less work.
    pub relaxations_max: u8,
}

impl Choice {
    /// The best offer, or a refusal and no more.
    pub const ONE: Choice = Choice { offers_max: 1, relaxations_max: 0 };
}

impl Request {
    pub fn origin_of(&self, access: AccessPair) -> &Access {
        &self.origin[access.origin as usize]
    }

    pub fn destination_of(&self, access: AccessPair) -> &Access {
        &self.destination[access.destination as usize]
    }

    /// Every way to the pickup with every way from the dropoff, the shortest walks first, then in the
    /// order in which they were given.
    pub fn access_pairs(&self) -> SmallVec<[AccessPair; 4]> {
        let count = |ways: &[Access]| 0..ways.len() as u32;
        let mut pairs: SmallVec<[AccessPair; 4]> = count(&self.origin)
            .flat_map(|origin| count(&self.destination).map(move |destination| AccessPair { origin, destination }))
            .collect();
        pairs.sort_by_key(|&pair| (self.origin_of(pair).walk + self.destination_of(pair).walk, pair));
        pairs
    }

    /// Both ends have ways, not too many, and nobody walks back in time.
    pub(crate) fn has_sound_access(&self) -> bool {
        [&self.origin, &self.destination]
            .into_iter()
            .all(|ways| (1..=ACCESS_MAX).contains(&ways.len()) && ways.iter().all(|access| Span::ZERO <= access.walk))
    }

    pub(crate) fn has_sound_choice(&self) -> bool {
        (1..=OFFERS_MAX).contains(&self.choice.offers_max)
            && self.choice.relaxations_max <= RELAXATIONS_MAX
            && Span::ZERO <= self.beyond.ride
            && Span::ZERO <= self.beyond.walk
    }
}

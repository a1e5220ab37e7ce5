//! A rider's ask.

use mukae_maps::Place;
use mukae_units::{Features, LatLon, RiderId, Seats, ServiceId, Time, TimeWindow, Zones};

/// A point somebody named and the place in the road network a vehicle comes to for it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Spot {
    pub asked: LatLon,
    /// What people call it; carried for drivers and the desk, never looked at.
    pub label: String,
    pub place: Place,
    /// In which zones it lies, as far as anybody asked.
    pub zones: Zones,
}

/// Which end of the ride the rider's window constrains.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wish {
    /// Boarding begins inside the window.
    DepartAfter(TimeWindow),
    /// Alighting begins inside the window.
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
    pub origin: Spot,
    pub destination: Spot,
    /// At least one place of some kind; a group boards together.
    pub party: Seats,
    pub wish: Wish,
    /// Alighting begins at this time or before, whatever the service would allow.
    pub arrive_latest: Option<Time>,
    /// What the vehicle or its driver has to offer.
    pub needs: Features,
}

//! Demand that never reached the dispatcher, kept so that planners can see it.

use mukae_engine::model::{Channel, Wish};
use mukae_record::codec;
use mukae_units::{LatLon, RiderId, Seats, ServiceId, Time};

/// A ride that somebody wanted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MissedRide {
    pub cause: MissCause,
    pub service: ServiceId,
    pub rider: Option<RiderId>,
    pub channel: Channel,
    /// As far as they were told.
    pub origin: Option<LatLon>,
    pub destination: Option<LatLon>,
    pub party: Option<Seats>,
    pub wish: Option<Wish>,
    /// When it was wanted, if that is not when it was told.
    pub missed: Option<Time>,
}

/// Why nobody asked the dispatcher.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum MissCause {
    OriginOffArea,
    DestinationOffArea,
    BothOffArea,
    /// Origin and destination are one place on the road.
    SamePlace,
    /// Nobody took the call, or the caller gave up.
    UnmetCall,
    /// Came too late for what a service takes, and was told so at the desk.
    DeadlineMissed,
}

codec! {
    struct MissedRide { cause, service, rider, channel, origin, destination, party, wish, missed }
}

codec! {
    enum MissCause {
        0 OriginOffArea,
        1 DestinationOffArea,
        2 BothOffArea,
        3 SamePlace,
        4 UnmetCall,
        5 DeadlineMissed,
    }
}

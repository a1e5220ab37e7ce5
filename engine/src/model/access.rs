//! Where a rider may meet a vehicle, and the walk there.

use mukae_units::Span;

use crate::model::Spot;

/// Ways to each end of a ride; their pairs are tried one by one.
pub const ACCESS_MAX: usize = 8;

/// A place to board or alight at, and how long the rider walks between it and where the ride is wanted.
///
/// Walking times are given with the request: the engine knows no footpaths.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Access {
    pub spot: Spot,
    /// Zero at the door; never negative.
    pub walk: Span,
}

impl Access {
    /// The one way of a rider who is met at the door.
    pub fn at_door(spot: Spot) -> Vec<Access> {
        vec![Access { spot, walk: Span::ZERO }]
    }
}

/// Which of a request's ways is taken at each end.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct AccessPair {
    pub origin: u32,
    pub destination: u32,
}

impl AccessPair {
    /// All there is for a rider who is met at the door at both ends.
    pub const FIRST: AccessPair = AccessPair { origin: 0, destination: 0 };
}

/// How far the riders of a service are asked to walk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WalkLimit {
    pub to_pickup: Span,
    pub from_dropoff: Span,
}

//! A vehicle and what it holds; the map a state belongs to.

use mukae_units::{Seats, VehicleId};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Vehicle {
    pub id: VehicleId,
    pub capacity: Seats,
}

/// Identifies a prepared map by its content; the places in a state mean nothing on another map.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct MapId(pub u64);

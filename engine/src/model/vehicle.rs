//! A vehicle and what it holds; the map a state belongs to.

use mukae_units::{Seats, VehicleId};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Vehicle {
    pub id: VehicleId,
    /// What the world calls it; carried, and compared only to keep names apart.
    pub name: String,
    pub capacity: Seats,
}

/// Identifies a prepared map by its content; the places in a state mean nothing on another map.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct MapId(pub u64);

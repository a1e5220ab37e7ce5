//! A vehicle and what it holds; the map a state belongs to.

use mukae_units::{Capacity, VehicleId};

use crate::model::{Shift, Terms};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Vehicle {
    pub id: VehicleId,
    /// What the world calls it; carried, and compared only to keep names apart.
    pub name: String,
    pub capacity: Capacity,
    pub terms: Terms,
}

impl Vehicle {
    /// What it holds on a shift: on a declared trip the places its driver offers.
    #[must_use]
    pub fn capacity_on(&self, shift: &Shift) -> Capacity {
        shift.declared.map_or_else(|| self.capacity.clone(), |declared| Capacity::from(declared.seats))
    }
}

/// Identifies a prepared map by its content; the places in a state mean nothing on another map.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct MapId(pub u64);

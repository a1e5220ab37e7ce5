//! What a decision borrows: the roads, and arrays.

use std::fmt;

use mukae_maps::{Place, TravelTimes};
use mukae_units::{Time, TravelTime};

/// What a decision borrows and nobody remembers: the roads, and arrays to be used again.
pub struct Work<'r> {
    pub roads: &'r mut dyn TravelTimes,
    pub(crate) scratch: Scratch,
}

impl<'r> Work<'r> {
    pub fn new(roads: &'r mut dyn TravelTimes) -> Work<'r> {
        Work { roads, scratch: Scratch::default() }
    }
}

impl fmt::Debug for Work<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Work").field("metric", &self.roads.metric()).finish_non_exhaustive()
    }
}

/// Arrays of a search, kept to be used again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scratch {
    pub before: Vec<Place>,
    pub after: Vec<Place>,
    pub to_pickup: Vec<Option<TravelTime>>,
    pub from_pickup: Vec<Option<TravelTime>>,
    pub to_dropoff: Vec<Option<TravelTime>>,
    pub from_dropoff: Vec<Option<TravelTime>>,
    pub ends: Vec<Time>,
}

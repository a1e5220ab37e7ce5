//! What a decision borrows: the roads, and memory that is used again.

use std::fmt;

use mukae_maps::TravelTimes;

use crate::fleet::Columns;
use crate::insertion::Scratch;

/// What a decision borrows and nobody remembers: the roads, the schedules as columns (they follow whatever
/// dispatcher asks), and arrays to be used again.
pub struct Work<'r> {
    pub roads: &'r mut dyn TravelTimes,
    pub(crate) columns: Columns,
    pub(crate) scratch: Scratch,
}

impl<'r> Work<'r> {
    pub fn new(roads: &'r mut dyn TravelTimes) -> Work<'r> {
        Work { roads, columns: Columns::default(), scratch: Scratch::default() }
    }
}

impl fmt::Debug for Work<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Work").field("metric", &self.roads.metric()).finish_non_exhaustive()
    }
}

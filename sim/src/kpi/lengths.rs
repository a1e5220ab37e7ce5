//! How far a drive goes.

use mukae_maps::{Place, RoadQuery, TravelTimes};
use mukae_units::Metres;

/// Lengths of the drives whose times [`mukae_maps::TravelTimes`] tells.
pub trait RoadLengths {
    /// The length of the quickest drive, or `None` if no road leads there.
    fn length(&mut self, from: Place, to: Place) -> Option<Metres>;
}

impl RoadLengths for RoadQuery {
    fn length(&mut self, from: Place, to: Place) -> Option<Metres> {
        TravelTimes::length(self, from, to)
    }
}

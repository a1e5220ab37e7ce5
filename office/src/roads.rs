//! Measures on roads, as the office ordered them.

use std::collections::BTreeSet;

use mukae_maps::overlay::{Measure, Overlay};
use mukae_record::codec;
use mukae_units::Time;

use crate::office::Office;

numbered! {
    /// A measure on roads.
    MeasureId
}

/// A measure, its number and when it was ordered. Later ones work on what earlier ones left.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RoadMeasure {
    pub id: MeasureId,
    pub measure: Measure,
    /// The roads as the caller told them, for people.
    pub roads: String,
}

codec! {
    struct RoadMeasure { id, measure, roads }
}

impl Office {
    /// The measures of these numbers, in the order of their numbers.
    pub fn overlay_of(&self, ids: &BTreeSet<MeasureId>) -> Overlay {
        let of_id = |id: &MeasureId| Some(self.measures().get(id)?.measure.clone());
        Overlay { measures: ids.iter().filter_map(of_id).collect() }
    }

    /// The measures that hold at a moment.
    pub fn measures_at(&self, now: Time) -> BTreeSet<MeasureId> {
        let holds = self.measures().values().filter(|ordered| ordered.measure.holds_at(now));
        holds.map(|ordered| ordered.id).collect()
    }

    /// When a measure next begins or ends to hold.
    pub fn next_change_of_roads(&self, now: Time) -> Option<Time> {
        let moments = self.measures().values().flat_map(|ordered| [ordered.measure.from, ordered.measure.until]);
        moments.flatten().filter(|&at| now < at).min()
    }
}

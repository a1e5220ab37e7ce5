//! Measures on roads, as the office ordered them.

use std::collections::BTreeSet;

use mukae_maps::overlay::{Area, Measure, Overlay, Roads};
use mukae_record::codec;
use mukae_units::{LatLon, Time};

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
    /// The roads as they were told: by name, by OSM ways, by the corners of an area.
    pub told: ToldRoads,
}

/// How somebody told which roads are meant.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ToldRoads {
    /// Empty if not by name.
    pub name: String,
    pub ways: Vec<i64>,
    pub corners: Vec<LatLon>,
}

codec! {
    struct RoadMeasure { id, measure, told }
    struct ToldRoads { name, ways, corners }
}

impl ToldRoads {
    /// What the map is asked for.
    pub fn selection(&self) -> Roads {
        let name = (!self.name.is_empty()).then(|| self.name.clone());
        Roads { ways: self.ways.clone(), name, area: Area::new(&self.corners) }
    }
}

impl Office {
    /// The measures of these numbers, in the order of their numbers, which is the order in which they work.
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
        self.measures().values().filter_map(|ordered| ordered.measure.next_change(now)).min()
    }
}

//! From which doors the residents of a cell leave: points along its slow roads.

use std::collections::BTreeMap;

use mukae_maps::RoadGraph;
use mukae_maps::mesh::{Cell, Side};
use mukae_maps::osm::RoadClass;
use mukae_units::LatLon;

use super::flat::{Flat, between};
use super::town::Home;
use crate::random::Draw;

/// Stretches of road to draw a point from; without any, all live at one point.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Doors {
    at: LatLon,
    stretches: Vec<(LatLon, LatLon)>,
    /// Running sums of their lengths.
    sums: Vec<u64>,
}

impl Doors {
    /// For each of `homes`, the roads of its cell.
    pub(super) fn of(homes: &[Home], graph: &RoadGraph) -> Vec<Doors> {
        let mut index: BTreeMap<Cell, Vec<usize>> = BTreeMap::new();
        let mut sides = Vec::new();
        for (number, home) in homes.iter().enumerate() {
            index.entry(home.cell).or_default().push(number);
            if !sides.contains(&home.cell.side) {
                sides.push(home.cell.side);
            }
        }
        let empty = |home: &Home| Doors { at: home.at, stretches: Vec::new(), sums: Vec::new() };
        let mut doors: Vec<Doors> = homes.iter().map(empty).collect();
        let Some(first) = homes.first() else { return doors };
        let flat = Flat::around(first.at);
        for edge in graph.edges().filter(|&edge| graph.is_canonical(edge) && graph.is_routable(edge)) {
            if !is_lived_along(graph.way(edge).class) {
                continue;
            }
            let line: Vec<LatLon> = graph.line(edge).collect();
            for ends in line.windows(2) {
                let quarter = Cell::of(between(ends[0], ends[1], 512), Side::Quarter);
                for number in sides.iter().filter_map(|&side| index.get(&quarter.within(side))).flatten() {
                    doors[*number].add(ends[0], ends[1], flat.distance(ends[0], ends[1]).as_metres() + 1);
                }
            }
        }
        doors
    }

    fn add(&mut self, from: LatLon, to: LatLon, metres: u64) {
        self.stretches.push((from, to));
        self.sums.push(self.sums.last().unwrap_or(&0) + metres);
    }

    pub(super) fn draw(&self, [which, part]: [Draw; 2]) -> LatLon {
        if self.stretches.is_empty() {
            return self.at;
        }
        let (from, to) = self.stretches[which.pick(&self.sums)];
        between(from, to, part.below(1025) as i64)
    }
}

fn is_lived_along(class: RoadClass) -> bool {
    matches!(
        class,
        RoadClass::Tertiary
            | RoadClass::Unclassified
            | RoadClass::Residential
            | RoadClass::LivingStreet
            | RoadClass::Service
            | RoadClass::Road
    )
}

//! Which roads a measure is about: by area, by name, by OSM way.

use std::collections::BTreeSet;

use geo::{Contains, Coord, Intersects, LineString, Polygon};
use mukae_units::LatLon;
use thiserror::Error;

use crate::graph::{EdgeId, RoadGraph};

/// A polygon on the globe, smaller than half of it.
#[derive(Clone, PartialEq, Debug)]
pub struct Area {
    /// In degrees, longitude first and counted from `west`, so that the antimeridian is no border.
    polygon: Polygon<f64>,
    west: f64,
}

/// How a measure tells its roads. Of several ways, an edge must be told by each.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Roads {
    /// Both directions of these OSM ways; all if empty.
    pub ways: Vec<i64>,
    /// Roads of this name, as the map has it.
    pub name: Option<String>,
    /// Roads that touch this area.
    pub area: Option<Area>,
}

/// A measure is about roads that the map does not have.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum NoSuchRoad {
    #[error("the map has no road of OSM way {0}")]
    Way(i64),
    #[error("the map has no road named {name:?}{}", close_to.as_ref().map_or(String::new(), |near| format!("; is {near:?} meant?")))]
    Name { name: String, close_to: Option<String> },
    #[error("no road lies there")]
    Nothing,
}

impl Area {
    /// From its corners in order; `None` with fewer than three.
    pub fn new(corners: &[LatLon]) -> Option<Area> {
        if corners.len() < 3 {
            return None;
        }
        let west = corners[0].lon() - 180.0;
        let ring = corners.iter().map(|&corner| coord(west, corner)).collect();
        Some(Area { polygon: Polygon::new(ring, Vec::new()), west })
    }

    pub fn contains(&self, point: LatLon) -> bool {
        self.polygon.contains(&coord(self.west, point))
    }

    /// True if any part of the edge lies inside or on the border.
    fn touches(&self, graph: &RoadGraph, edge: EdgeId) -> bool {
        let line: LineString<f64> = graph.line(edge).map(|point| coord(self.west, point)).collect();
        self.polygon.intersects(&line)
    }
}

fn coord(west: f64, point: LatLon) -> Coord<f64> {
    Coord { x: (point.lon() - west).rem_euclid(360.0), y: point.lat() }
}

impl Roads {
    /// The edges meant, ascending; never none.
    pub fn edges(&self, graph: &RoadGraph) -> Result<Vec<EdgeId>, NoSuchRoad> {
        let ways: BTreeSet<i64> = self.ways.iter().copied().collect();
        let mut missing = ways.clone();
        if !missing.is_empty() {
            for edge in graph.edges() {
                missing.remove(&graph.way(edge).osm_id);
            }
        }
        if let Some(&way) = self.ways.iter().find(|&way| missing.contains(way)) {
            return Err(NoSuchRoad::Way(way));
        }
        if let Some(name) = &self.name
            && graph.edges().all(|edge| graph.name(edge) != name)
        {
            return Err(NoSuchRoad::Name { name: name.clone(), close_to: close_to(graph, name) });
        }
        let is_meant = |&edge: &EdgeId| {
            (ways.is_empty() || ways.contains(&graph.way(edge).osm_id))
                && self.name.as_deref().is_none_or(|name| graph.name(edge) == name)
                && self.area.as_ref().is_none_or(|area| area.touches(graph, edge))
        };
        let edges: Vec<EdgeId> = graph.edges().filter(is_meant).collect();
        if edges.is_empty() { Err(NoSuchRoad::Nothing) } else { Ok(edges) }
    }
}

/// A name in the map that contains the one asked for, or is contained in it, whatever the case.
fn close_to(graph: &RoadGraph, name: &str) -> Option<String> {
    let wanted = name.to_lowercase();
    let is_close = |known: &str| {
        let known = known.to_lowercase();
        !known.is_empty() && (known.contains(&wanted) || wanted.contains(&known))
    };
    graph.edges().map(|edge| graph.name(edge)).filter(|known| is_close(known)).min().map(str::to_owned)
}

//! From a point on the globe to a place on a road, and back.
//!
//! Only roads of the largest component take part, so that every place found can be reached from every
//! other. An R-tree over the straight segments of roads, in a flat frame around the map, gives
//! candidates; the order among them is decided in a frame around the asked point, where lengths are
//! right. Equally near roads (at a junction) are told apart by the smaller edge id, to the millimetre,
//! so the same map and point give the same place everywhere.

use mukae_units::{LatLon, Metres};
use rstar::{AABB, PointDistance, RTree, RTreeObject};
use thiserror::Error;

use crate::geometry::{Bounds, LocalFrame, between, distance};
use crate::graph::{EdgeId, RoadGraph};
use crate::place::{Fraction, Place, Sides};

/// A point brought to the network.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Snapped {
    pub place: Place,
    /// From the point asked for to `position`, through the air.
    pub distance: Metres,
    /// Where the place is; equal to [`place_position`] of it.
    pub position: LatLon,
}

/// No road is near enough.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum NoRoadNear {
    /// `nearest` is the distance to a road; far beyond the limit it may be a little more than the least.
    #[error("the nearest road is {} m away, more than {} m", nearest.as_metres(), limit.as_metres())]
    TooFar { nearest: Metres, limit: Metres },
    #[error("the map has no road that leads anywhere")]
    EmptyMap,
}

/// The segments of all roads a vehicle can come to and leave; belongs to one graph.
#[derive(Clone, Debug)]
pub struct SnapIndex {
    frame: LocalFrame,
    tree: RTree<Segment>,
}

/// A straight part of a road, in metres from the origin of the map's frame.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Segment {
    a: [f64; 2],
    b: [f64; 2],
    /// The canonical edge, and which of its segments.
    edge: EdgeId,
    index: u32,
}

impl RTreeObject for Segment {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        AABB::from_corners(self.a, self.b)
    }
}

impl PointDistance for Segment {
    fn distance_2(&self, point: &[f64; 2]) -> f64 {
        foot(self.a, self.b, *point).1
    }
}

/// The point of the segment `a..b` nearest to `point`, as a part 0 to 1 of the way, and the square of
/// its distance.
fn foot(a: [f64; 2], b: [f64; 2], point: [f64; 2]) -> (f64, f64) {
    let along = [b[0] - a[0], b[1] - a[1]];
    let to = [point[0] - a[0], point[1] - a[1]];
    let length_2 = along[0] * along[0] + along[1] * along[1];
    let part = if length_2 == 0.0 { 0.0 } else { ((to[0] * along[0] + to[1] * along[1]) / length_2).clamp(0.0, 1.0) };
    // At its ends exactly the end, so that segments that meet there are equally far from it.
    let nearest = if part == 1.0 { b } else { [a[0] + part * along[0], a[1] + part * along[1]] };
    let away = [point[0] - nearest[0], point[1] - nearest[1]];
    (part, away[0] * away[0] + away[1] * away[1])
}

/// A candidate, with what it is chosen by.
#[derive(Clone, Copy)]
struct Candidate {
    /// In the frame of the asked point, rounded to millimetres.
    millimetres: u64,
    edge: EdgeId,
    index: u32,
    part: f64,
}

impl Candidate {
    fn is_better_than(&self, other: &Candidate) -> bool {
        (self.millimetres, self.edge, self.index) < (other.millimetres, other.edge, other.index)
    }
}

impl SnapIndex {
    pub fn build(graph: &RoadGraph) -> SnapIndex {
        let is_snappable = |&edge: &EdgeId| {
            // Nobody is picked up in mid-water.
            graph.is_canonical(edge) && graph.is_routable(edge) && !graph.way(edge).class.is_ferry()
        };
        let snappable = || graph.edges().filter(is_snappable);
        let bounds = Bounds::around(snappable().flat_map(|edge| graph.line(edge)));
        let origin = bounds.map_or_else(|| LatLon::from_e7(0, 0).expect("0, 0 is on the globe"), |b| b.centre());
        let frame = LocalFrame::around(origin);
        let mut segments = Vec::new();
        for edge in snappable() {
            let line: Vec<[f64; 2]> = graph.line(edge).map(|point| frame.project(point)).collect();
            segments.extend(line.windows(2).enumerate().map(|(index, ends)| Segment {
                a: ends[0],
                b: ends[1],
                edge,
                index: index as u32,
            }));
        }
        SnapIndex { frame, tree: RTree::bulk_load(segments) }
    }

    /// How many straight segments there are to snap to.
    pub fn segment_count(&self) -> usize {
        self.tree.size()
    }

    /// The nearest place on a road at most `limit` away. On a two-way road the edge with the smaller
    /// id of the two, with both sides allowed; on a one-way street its own side.
    ///
    /// `graph` is the one the index was built from.
    pub fn snap(&self, graph: &RoadGraph, at: LatLon, limit: Metres) -> Result<Snapped, NoRoadNear> {
        let nearest = self.nearest(graph, at, limit).ok_or(NoRoadNear::EmptyMap)?;
        let place = to_place(graph, nearest);
        let position = place_position(graph, place);
        let distance = distance(at, position);
        if distance <= limit {
            Ok(Snapped { place, distance, position })
        } else {
            Err(NoRoadNear::TooFar { nearest: distance, limit })
        }
    }

    /// The nearest of all, or one of the nearest if none is within `limit`.
    fn nearest(&self, graph: &RoadGraph, at: LatLon, limit: Metres) -> Option<Candidate> {
        let here = LocalFrame::around(at);
        // True lengths are at least so much of lengths on the map.
        let least = self.frame.stretch_to(at.lat()).min(1.0);
        let mut best: Option<Candidate> = None;
        for (segment, flat_2) in self.tree.nearest_neighbor_iter_with_distance_2(self.frame.project(at)) {
            // Candidates come by their distance on the map: once that says that none of the rest can be
            // nearer in truth, the best is known. The extra millimetre is for rounding.
            let reach = flat_2.sqrt() * least * 1000.0 - 1.0;
            let is_beyond =
                |best: Candidate| (best.millimetres as f64) < reach || (limit.as_millimetres() as f64) < reach;
            if best.is_some_and(is_beyond) {
                break;
            }
            let candidate = measure(graph, &here, segment, at);
            if best.is_none_or(|best| candidate.is_better_than(&best)) {
                best = Some(candidate);
            }
        }
        best
    }
}

fn measure(graph: &RoadGraph, here: &LocalFrame, segment: &Segment, at: LatLon) -> Candidate {
    let (a, b) = segment_ends(graph, segment.edge, segment.index);
    let (part, square) = foot(here.project(a), here.project(b), here.project(at));
    let millimetres = (square.sqrt() * 1000.0).round() as u64;
    Candidate { millimetres, edge: segment.edge, index: segment.index, part }
}

fn segment_ends(graph: &RoadGraph, edge: EdgeId, index: u32) -> (LatLon, LatLon) {
    let mut points = graph.line(edge).skip(index as usize);
    let ends = points.next().zip(points.next());
    ends.expect("the index was built from this graph, so the edge has this segment")
}

fn to_place(graph: &RoadGraph, candidate: Candidate) -> Place {
    let Candidate { edge, index, part, .. } = candidate;
    let points: Vec<LatLon> = graph.line(edge).collect();
    let parts: Vec<u64> = points.windows(2).map(|ends| distance(ends[0], ends[1]).as_millimetres()).collect();
    let whole: u64 = parts.iter().sum();
    let before: u64 = parts[..index as usize].iter().sum();
    let along = before as f64 + part * parts[index as usize] as f64;
    let steps = if whole == 0 { 0.0 } else { along / whole as f64 * f64::from(u16::MAX) };
    let sides = if graph.twin(edge).is_some() { Sides::Both } else { Sides::This };
    // A float that is too large becomes the largest number: the head.
    Place { edge, fraction: Fraction::from_steps(steps.round() as u16), sides }
}

/// Where a place is on the globe: the point that has its fraction of the edge's length behind it.
pub fn place_position(graph: &RoadGraph, place: Place) -> LatLon {
    let points: Vec<LatLon> = graph.line(place.edge).collect();
    let parts: Vec<u64> = points.windows(2).map(|ends| distance(ends[0], ends[1]).as_millimetres()).collect();
    let whole: u64 = parts.iter().sum();
    // Exact in 64 bits for edges up to half the distance to the sun; both factors are integers.
    let mut rest = whole as f64 * f64::from(place.fraction.steps()) / f64::from(u16::MAX);
    for (ends, &part) in points.windows(2).zip(&parts) {
        let part = part as f64;
        if rest <= part {
            return if part == 0.0 { ends[0] } else { between(ends[0], ends[1], rest / part) };
        }
        rest -= part;
    }
    points[points.len() - 1]
}

#[cfg(test)]
mod tests;

//! From a point on the globe to places on roads, and back.
//!
//! Only roads of the largest component take part, so that every place found can be reached from every
//! other. An R-tree over boxes around short stretches of roads, in a flat frame around the map, gives
//! what may be near; the order is decided in a frame around the asked point, where lengths are
//! right. Equally near roads (at a junction) are told apart by the smaller edge id, to the millimetre,
//! so the same map and point give the same places everywhere.
//!
//! When a point is ambiguous there are several candidates. A candidate is a place that one cannot leave
//! along any road and come nearer to the point: the near side of each street, a dead end, a corner. So
//! the pieces of one street are one candidate, and so are the roads that meet at a junction; the two
//! carriageways of an avenue are two.

mod kerb;
mod options;

use std::collections::{BTreeMap, BTreeSet};

mod nearest;

use mukae_units::{LatLon, Metres};
use rstar::{AABB, PointDistance, RTree, RTreeObject};
use thiserror::Error;

use crate::geometry::{Bearing, Bounds, LocalFrame, between, distance};
use crate::graph::{EdgeId, RoadGraph};
use crate::osm::DrivingSide;
use crate::place::{Fraction, Place, Sides};

pub use options::{Heading, Kerb, SnapOptions};

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
    /// Not a single road of the map will do, at any distance.
    #[error("the map has no road that would do")]
    EmptyMap,
}

/// All roads a vehicle can come to and leave; belongs to one graph.
#[derive(Clone, Debug)]
pub struct SnapIndex {
    frame: LocalFrame,
    tree: RTree<Stretch>,
    segment_count: usize,
}

/// Straight segments to a stretch, at most: more make the index small, but their box holds more that is not road.
const STRETCH_SEGMENTS_MAX: usize = 4;

/// A few segments of a road that follow one another. Where they are the graph knows.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Stretch {
    /// Around them, in metres from the origin of the map's frame.
    envelope: AABB<[f64; 2]>,
    /// The canonical edge, its first segment here, and how many.
    edge: EdgeId,
    first: u32,
    count: u32,
}

impl RTreeObject for Stretch {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        self.envelope
    }
}

impl PointDistance for Stretch {
    /// To the box, so that no segment in it is nearer.
    fn distance_2(&self, point: &[f64; 2]) -> f64 {
        self.envelope.distance_2(point)
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

/// Segments looked at for one answer before a road is enough that is about the nearest.
const LOOKS_MAX: u32 = 1_000;

/// The point of a stretch of road nearest to the asked point, with what it is chosen by.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Candidate {
    /// In the frame of the asked point, rounded to millimetres.
    millimetres: u64,
    /// The canonical edge, and which of its segments.
    edge: EdgeId,
    index: u32,
    part: f64,
    directions: Directions,
}

/// The directions a place on a road may be used in, seen from its canonical edge.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Directions {
    Along,
    Against,
    Both,
}

impl Candidate {
    fn key(&self) -> (u64, EdgeId, u32) {
        (self.millimetres, self.edge, self.index)
    }

    fn is_better_than(&self, other: &Candidate) -> bool {
        self.key() < other.key()
    }
}

impl SnapIndex {
    pub fn build(graph: &RoadGraph) -> SnapIndex {
        let is_snappable = |&edge: &EdgeId| {
            // Nobody is picked up in mid-water.
            let is_routable = [Some(edge), graph.twin(edge)].into_iter().flatten().any(|edge| graph.is_routable(edge));
            graph.is_canonical(edge) && is_routable && !graph.way(edge).class.is_ferry()
        };
        let snappable = || graph.edges().filter(is_snappable);
        let bounds = Bounds::around(snappable().flat_map(|edge| graph.line(edge)));
        let origin = bounds.map_or_else(|| LatLon::from_e7(0, 0).expect("0, 0 is on the globe"), |b| b.centre());
        let frame = LocalFrame::around(origin);
        let (mut stretches, mut segment_count) = (Vec::new(), 0);
        for edge in snappable() {
            let line: Vec<[f64; 2]> = graph.line(edge).map(|point| frame.project(point)).collect();
            segment_count += line.len() - 1;
            for first in (0..line.len() - 1).step_by(STRETCH_SEGMENTS_MAX) {
                let last = (first + STRETCH_SEGMENTS_MAX).min(line.len() - 1);
                let envelope = AABB::from_points(&line[first..=last]);
                stretches.push(Stretch { envelope, edge, first: first as u32, count: (last - first) as u32 });
            }
        }
        SnapIndex { frame, tree: RTree::bulk_load(stretches), segment_count }
    }

    /// How many straight segments there are to snap to.
    pub fn segment_count(&self) -> usize {
        self.segment_count
    }

    /// The nearest place on any road at most `limit` away. On a two-way road the edge with the smaller
    /// id of the two, with both sides allowed; on a one-way street its own side.
    ///
    /// `graph` is the one the index was built from.
    pub fn snap(&self, graph: &RoadGraph, at: LatLon, limit: Metres) -> Result<Snapped, NoRoadNear> {
        self.snap_by(graph, at, &SnapOptions::any_road(limit))
    }

    /// The nearest place that `options` allow: the first of [`SnapIndex::candidates`].
    pub fn snap_by(&self, graph: &RoadGraph, at: LatLon, options: &SnapOptions) -> Result<Snapped, NoRoadNear> {
        let nearest = self.nearest(graph, at, options).ok_or(NoRoadNear::EmptyMap)?;
        let snapped = bring(graph, at, options, nearest);
        if snapped.distance <= options.limit {
            Ok(snapped)
        } else {
            Err(NoRoadNear::TooFar { nearest: snapped.distance, limit: options.limit })
        }
    }

    /// The nearest place that `options` allow, and the places on other roads the point may have meant
    /// as well: nearest first, each on another stretch of road, none much farther than the nearest (see
    /// [`SnapOptions::margin`]). Never empty.
    pub fn candidates(&self, graph: &RoadGraph, at: LatLon, options: &SnapOptions) -> Result<Vec<Snapped>, NoRoadNear> {
        assert!(0 < options.count_max, "no candidates are wanted");
        let nearest = self.nearest(graph, at, options).ok_or(NoRoadNear::EmptyMap)?;
        let first = bring(graph, at, options, nearest);
        if options.limit < first.distance {
            return Err(NoRoadNear::TooFar { nearest: first.distance, limit: options.limit });
        }
        let most = options.candidate_limit(nearest.millimetres);
        let mut stretches: BTreeMap<EdgeId, Candidate> = BTreeMap::new();
        self.visit(graph, at, options, |candidate| {
            let best = stretches.entry(candidate.edge).or_insert(candidate);
            if candidate.is_better_than(best) {
                *best = candidate;
            }
            most
        });
        stretches.remove(&nearest.edge);
        let mut stretches: Vec<Candidate> = stretches.into_values().collect();
        stretches.sort_unstable_by_key(Candidate::key);
        let ends = |edge| [graph.tail(edge), graph.head(edge)].map(|node| graph.position(node));
        // From these points on a nearer road goes on: their own, or one that meets it there.
        let mut taken = BTreeSet::from(ends(nearest.edge));
        taken.insert(first.position);
        let mut found = vec![first];
        for stretch in stretches.into_iter().filter(|stretch| stretch.millimetres <= most) {
            if found.len() == options.count_max {
                break;
            }
            let snapped = bring(graph, at, options, stretch);
            if taken.insert(snapped.position) && snapped.distance <= options.limit {
                found.push(snapped);
            }
            taken.extend(ends(stretch.edge));
        }
        Ok(found)
    }

    /// The nearest of all, or about the nearest if it is far beyond the limit.
    fn nearest(&self, graph: &RoadGraph, at: LatLon, options: &SnapOptions) -> Option<Candidate> {
        let (mut best, mut looks): (Option<Candidate>, u32) = (None, 0);
        self.visit(graph, at, options, |candidate| {
            looks += 1;
            let nearer = best.filter(|best| best.is_better_than(&candidate)).unwrap_or(candidate);
            best = Some(nearer);
            if looks < LOOKS_MAX {
                return nearer.millimetres;
            }
            // From far off, where the frame bends, half the map may be as near. Twice the limit is beyond it by any
            // measure of distance.
            nearer.millimetres.min(options.limit.as_millimetres().saturating_mul(2))
        });
        best
    }

    /// Hands the nearest points of segments that `options` allow to `visit`, about the nearest first, with those of
    /// one stretch together, until all that are left are farther than `visit` last said, in millimetres.
    fn visit(&self, graph: &RoadGraph, at: LatLon, options: &SnapOptions, mut visit: impl FnMut(Candidate) -> u64) {
        let here = LocalFrame::around(at);
        // True lengths are at least so much of lengths on the map.
        let least = self.frame.stretch_to(at.lat()).min(1.0);
        let mut most = f64::INFINITY;
        for (stretch, flat_2) in self.tree.nearest_neighbor_iter_with_distance_2(self.frame.project(at)) {
            // They come by the distance of their boxes on the map. The extra millimetre is for rounding.
            if most < flat_2.sqrt() * least * 1000.0 - 1.0 {
                break;
            }
            if options.is_for_boarding && !kerb::is_boarding_allowed(&graph.way(stretch.edge)) {
                continue;
            }
            let mut points = graph.line(stretch.edge).skip(stretch.first as usize).map(|point| here.project(point));
            let mut a = points.next().expect("a stretch has a first point");
            for (index, b) in (stretch.first..).zip(points.take(stretch.count as usize)) {
                if let Some(candidate) = measure(graph, stretch.edge, index, [a, b], options.heading) {
                    most = visit(candidate) as f64;
                }
                a = b;
            }
        }
    }
}

/// The segment is in the frame around the asked point. `None` if it leads nowhere near the heading.
fn measure(
    graph: &RoadGraph,
    edge: EdgeId,
    index: u32,
    [a, b]: [[f64; 2]; 2],
    heading: Option<Heading>,
) -> Option<Candidate> {
    let directions = directions(graph, edge, [b[0] - a[0], b[1] - a[1]], heading)?;
    let (part, square) = foot(a, b, [0.0, 0.0]);
    let millimetres = (square.sqrt() * 1000.0).round() as u64;
    Some(Candidate { millimetres, edge, index, part, directions })
}

/// The directions in which a vehicle may drive here and does, if it tells; `course` is along the edge. Where
/// turns are restricted, one can come to a road and leave it, and yet not in both of its directions.
fn directions(graph: &RoadGraph, edge: EdgeId, course: [f64; 2], heading: Option<Heading>) -> Option<Directions> {
    let along = graph.is_routable(edge);
    let against = graph.twin(edge).is_some_and(|twin| graph.is_routable(twin));
    let (along, against) = match heading {
        None => (along, against),
        Some(heading) => {
            let bearing = Bearing::of(course)?;
            (along && heading.allows(bearing), against && heading.allows(bearing.reversed()))
        }
    };
    match (along, against) {
        (true, true) => Some(Directions::Both),
        (true, false) => Some(Directions::Along),
        (false, true) => Some(Directions::Against),
        (false, false) => None,
    }
}

fn bring(graph: &RoadGraph, at: LatLon, options: &SnapOptions, candidate: Candidate) -> Snapped {
    let directions = match options.kerb {
        Kerb::Near(side) if candidate.directions == Directions::Both => kerb_side(graph, at, candidate, side),
        _ => candidate.directions,
    };
    let place = to_place(graph, candidate, directions);
    let position = place_position(graph, place);
    Snapped { place, distance: distance(at, position), position }
}

/// The direction on whose passengers' side `at` lies, of a two-way road where that matters.
fn kerb_side(graph: &RoadGraph, at: LatLon, candidate: Candidate, side: DrivingSide) -> Directions {
    let Candidate { edge, index, part, .. } = candidate;
    if !kerb::is_kerb_worth_a_detour(graph.way(edge).class) {
        return Directions::Both;
    }
    let here = LocalFrame::around(at);
    let corners: Vec<[f64; 2]> = graph.line(edge).map(|point| here.project(point)).collect();
    match kerb::is_on_kerb_side(&corners, index as usize, part, [0.0, 0.0], side) {
        Some(true) => Directions::Along,
        Some(false) => Directions::Against,
        None => Directions::Both,
    }
}

fn to_place(graph: &RoadGraph, candidate: Candidate, directions: Directions) -> Place {
    let Candidate { edge, index, part, .. } = candidate;
    let points: Vec<LatLon> = graph.line(edge).collect();
    let parts: Vec<u64> = points.windows(2).map(|ends| distance(ends[0], ends[1]).as_millimetres()).collect();
    let whole: u64 = parts.iter().sum();
    let before: u64 = parts[..index as usize].iter().sum();
    let along = before as f64 + part * parts[index as usize] as f64;
    let steps = if whole == 0 { 0.0 } else { along / whole as f64 * f64::from(u16::MAX) };
    // A float that is too large becomes the largest number: the head.
    let fraction = Fraction::from_steps(steps.round() as u16);
    match directions {
        Directions::Both => Place { edge, fraction, sides: Sides::Both },
        Directions::Along => Place { edge, fraction, sides: Sides::This },
        Directions::Against => {
            let twin = graph.twin(edge).expect("only a two-way road is driven against its canonical edge");
            Place { edge: twin, fraction: fraction.reversed(), sides: Sides::This }
        }
    }
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

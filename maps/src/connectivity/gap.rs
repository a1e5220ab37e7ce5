//! How near an island comes to the network, and between which roads.

use mukae_units::{LatLon, Metres};
use rstar::primitives::{GeomWithData, Line};
use rstar::{AABB, PointDistance, RTree};

use super::Piece;
use crate::geometry::{Bounds, LocalFrame, between, distance};
use crate::graph::{EdgeId, RoadGraph};

/// The nearest points of an island and of the network.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Gap {
    /// Zero where the two touch or cross without a junction.
    pub distance: Metres,
    pub island: EdgeId,
    pub island_at: LatLon,
    pub network: EdgeId,
    pub network_at: LatLon,
}

/// Up to here it matters that the network may come nearest between two points of the island's line, or cross it; a wider gap
/// is measured from the points of the island alone.
const NEAR_METRES: f64 = 100.0;

type Flat = [f64; 2];
/// A straight part of a road of the network: the edge, and which of its parts.
type Segment = GeomWithData<Line<Flat>, (EdgeId, u32)>;

/// Two points in the frame of the map, and the roads they are on.
#[derive(Clone, Copy)]
struct Nearest {
    metres_2: f64,
    island: (EdgeId, u32, f64),
    network: (EdgeId, u32, f64),
}

/// Fills in the gap of each island.
pub(super) fn measure<'a>(graph: &RoadGraph, islands: impl Iterator<Item = &'a mut Piece>) {
    let network = || {
        graph
            .edges()
            .filter(|&edge| graph.is_canonical(edge) && graph.is_routable(edge) && !graph.way(edge).class.is_ferry())
    };
    let Some(bounds) = Bounds::around(network().flat_map(|edge| graph.line(edge))) else { return };
    let frame = LocalFrame::around(bounds.centre());
    let tree = RTree::bulk_load(network().flat_map(|edge| segments(graph, &frame, edge)).collect::<Vec<Segment>>());
    for island in islands {
        let mut best = None;
        for &edge in &island.edges {
            from_points(graph, &frame, &tree, edge, &mut best);
        }
        for &edge in &island.edges {
            between_lines(graph, &frame, &tree, edge, &mut best);
        }
        island.gap = best.map(|nearest| to_gap(graph, nearest));
    }
}

fn segments(graph: &RoadGraph, frame: &LocalFrame, edge: EdgeId) -> Vec<Segment> {
    let line: Vec<Flat> = graph.line(edge).map(|point| frame.project(point)).collect();
    let parts = line.windows(2).enumerate();
    parts.map(|(index, ends)| Segment::new(Line::new(ends[0], ends[1]), (edge, index as u32))).collect()
}

/// From the ends of each part of an island's road to the nearest road of the network.
fn from_points(graph: &RoadGraph, frame: &LocalFrame, tree: &RTree<Segment>, edge: EdgeId, best: &mut Option<Nearest>) {
    for part in segments(graph, frame, edge) {
        for (end, along) in [(part.geom().from, 0.0), (part.geom().to, 1.0)] {
            let Some(near) = tree.nearest_neighbor(end) else { return };
            let (network, index) = near.data;
            let found = Nearest {
                metres_2: near.distance_2(&end),
                island: (edge, part.data.1, along),
                network: (network, index, along_of(near.geom(), end)),
            };
            take(best, found);
        }
    }
}

/// The same the other way round, and where two lines cross.
fn between_lines(
    graph: &RoadGraph,
    frame: &LocalFrame,
    tree: &RTree<Segment>,
    edge: EdgeId,
    best: &mut Option<Nearest>,
) {
    for part in segments(graph, frame, edge) {
        let reach = best.map_or(f64::MAX, |best| best.metres_2.sqrt());
        if NEAR_METRES < reach {
            return;
        }
        let line = part.geom();
        let corner = |pick: fn(f64, f64) -> f64, by: f64| [0, 1].map(|axis| pick(line.from[axis], line.to[axis]) + by);
        let around = AABB::from_corners(corner(f64::min, -reach), corner(f64::max, reach));
        for other in tree.locate_in_envelope_intersecting(around) {
            let (network, index) = other.data;
            if let Some((along, across)) = crossing(line, other.geom()) {
                let (island, network) = ((edge, part.data.1, along), (network, index, across));
                take(best, Nearest { metres_2: 0.0, island, network });
            }
            for (end, along) in [(other.geom().from, 0.0), (other.geom().to, 1.0)] {
                let (island, network) = ((edge, part.data.1, along_of(line, end)), (network, index, along));
                take(best, Nearest { metres_2: line.distance_2(&end), island, network });
            }
        }
    }
}

/// Of equally near ones, the one on the lower edges.
fn take(best: &mut Option<Nearest>, found: Nearest) {
    let order = |nearest: &Nearest| (nearest.island.0, nearest.island.1, nearest.network.0, nearest.network.1);
    let is_nearer =
        |best: &Nearest| found.metres_2.total_cmp(&best.metres_2).then_with(|| order(&found).cmp(&order(best))).is_lt();
    if best.as_ref().is_none_or(is_nearer) {
        *best = Some(found);
    }
}

/// The part, 0 to 1, of the way along a line where it is nearest to a point.
fn along_of(line: &Line<Flat>, point: Flat) -> f64 {
    let whole = line.length_2();
    let to = [line.to[0] - line.from[0], line.to[1] - line.from[1]];
    let dot = (point[0] - line.from[0]) * to[0] + (point[1] - line.from[1]) * to[1];
    if whole == 0.0 { 0.0 } else { (dot / whole).clamp(0.0, 1.0) }
}

/// How far along each of two lines they cross; `None` if they do not, or are parallel.
fn crossing(a: &Line<Flat>, b: &Line<Flat>) -> Option<(f64, f64)> {
    let cross = |u: Flat, v: Flat| u[0] * v[1] - u[1] * v[0];
    let minus = |u: Flat, v: Flat| [u[0] - v[0], u[1] - v[1]];
    let (along_a, along_b, apart) = (minus(a.to, a.from), minus(b.to, b.from), minus(b.from, a.from));
    let turn = cross(along_a, along_b);
    if turn == 0.0 {
        return None;
    }
    let (on_a, on_b) = (cross(apart, along_b) / turn, cross(apart, along_a) / turn);
    ((0.0..=1.0).contains(&on_a) && (0.0..=1.0).contains(&on_b)).then_some((on_a, on_b))
}

fn to_gap(graph: &RoadGraph, nearest: Nearest) -> Gap {
    let at = |(edge, index, along): (EdgeId, u32, f64)| {
        let mut points = graph.line(edge).skip(index as usize);
        let (from, to) = points.next().zip(points.next()).expect("the index is of a part of this edge");
        between(from, to, along)
    };
    let (island_at, network_at) = (at(nearest.island), at(nearest.network));
    Gap {
        distance: if nearest.metres_2 == 0.0 { Metres::ZERO } else { distance(island_at, network_at) },
        island: nearest.island.0,
        island_at,
        network: nearest.network.0,
        network_at,
    }
}

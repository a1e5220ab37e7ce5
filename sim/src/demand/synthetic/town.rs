//! Where people live and where they go, read off the roads alone.
//!
//! The road graph does not keep what class a road is, so slowness stands in for it: people live
//! along roads driven at 50 km/h or less.

use std::collections::{BTreeMap, BTreeSet};

use mukae_maps::{EdgeId, NodeId, RoadGraph};
use mukae_units::{LatLon, Metres};

use super::flat::{Flat, UNITS_PER_KM, between};
use crate::random::Draw;

/// Homes are so much denser along slow roads.
const SLOW_WEIGHT: u64 = 10;
/// Junctions are counted in squares of this side, with the eight squares around each.
const SQUARE: i64 = UNITS_PER_KM / 3;
/// Centres are at least so many squares apart.
const APART: i64 = 4;
/// A junction joins at least so many roads.
const ROADS_AT_JUNCTION: usize = 3;

#[derive(Debug)]
pub(super) struct Town<'g> {
    flat: Flat,
    homes: Stretches<'g>,
    centres: Vec<Stretches<'g>>,
    /// Running sums of the centres' pulls.
    pulls: Vec<u64>,
}

/// Road stretches to draw a point from.
#[derive(Debug)]
pub(super) struct Stretches<'g> {
    graph: &'g RoadGraph,
    edges: Vec<EdgeId>,
    /// Running sums of their weights.
    sums: Vec<u64>,
}

type Square = (i64, i64);

impl<'g> Town<'g> {
    /// `None` if no road leads anywhere.
    pub fn of(graph: &'g RoadGraph, pulls: &[u32]) -> Option<Town<'g>> {
        let roads = || graph.edges().filter(|&edge| graph.is_canonical(edge) && graph.is_routable(edge));
        let homes = Stretches::of(graph, roads(), home_weight)?;
        let flat = Flat::around(graph.position(graph.tail(homes.edges[0])));
        let square_of = |node: NodeId| {
            let (east, north) = flat.offset(graph.position(node));
            (east.div_euclid(SQUARE), north.div_euclid(SQUARE))
        };

        let mut junctions: BTreeMap<Square, u64> = BTreeMap::new();
        for node in roads().map(|edge| graph.tail(edge)).collect::<BTreeSet<_>>() {
            if ROADS_AT_JUNCTION <= graph.out_edges(node).len() {
                *junctions.entry(square_of(node)).or_default() += 1;
            }
        }
        let mut town = Town { flat, homes, centres: Vec::new(), pulls: Vec::new() };
        for (square, &pull) in densest(&junctions, pulls.len()).into_iter().zip(pulls) {
            let near = roads().filter(|&edge| around(square).any(|near| near == square_of(graph.tail(edge))));
            if let Some(centre) = Stretches::of(graph, near, |graph, edge| graph.length(edge).as_metres() + 1) {
                town.centres.push(centre);
                town.pulls.push(town.pulls.last().unwrap_or(&0) + u64::from(pull));
            }
        }
        Some(town)
    }

    pub fn home(&self, draws: [Draw; 3]) -> LatLon {
        self.homes.place(draws)
    }

    /// A centre by its pull; `None` if the town has none.
    pub fn centre(&self, draw: Draw) -> Option<&Stretches<'g>> {
        if self.pulls.last().is_none_or(|&sum| sum == 0) {
            return None;
        }
        Some(&self.centres[draw.pick(&self.pulls)])
    }

    pub fn distance(&self, a: LatLon, b: LatLon) -> Metres {
        self.flat.distance(a, b)
    }
}

/// Metres, more of them along slow roads.
fn home_weight(graph: &RoadGraph, edge: EdgeId) -> u64 {
    let (length, time) = (graph.length(edge).as_millimetres(), u64::from(graph.weight(edge).as_millis()));
    let is_slow = length * 36 <= time * 500; // millimetres per millisecond are metres per second
    (length / 1000 + 1) * if is_slow { SLOW_WEIGHT } else { 1 }
}

/// The squares with the most junctions in and around them, apart from one another; ties go to the
/// south-west.
fn densest(junctions: &BTreeMap<Square, u64>, count: usize) -> Vec<Square> {
    let mut squares: Vec<(u64, Square)> = junctions
        .keys()
        .map(|&square| (around(square).filter_map(|near| junctions.get(&near)).sum(), square))
        .collect();
    squares.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut chosen: Vec<Square> = Vec::new();
    for (_, (east, north)) in squares {
        if chosen.len() == count {
            break;
        }
        if chosen.iter().all(|&(e, n)| APART <= (e - east).abs().max((n - north).abs())) {
            chosen.push((east, north));
        }
    }
    chosen
}

fn around((east, north): Square) -> impl Iterator<Item = Square> {
    (-1..=1).flat_map(move |e| (-1..=1).map(move |n| (east + e, north + n)))
}

impl<'g> Stretches<'g> {
    fn of(
        graph: &'g RoadGraph,
        edges: impl Iterator<Item = EdgeId>,
        weight: impl Fn(&RoadGraph, EdgeId) -> u64,
    ) -> Option<Stretches<'g>> {
        let edges: Vec<EdgeId> = edges.collect();
        let mut sum = 0;
        let sums: Vec<u64> = edges
            .iter()
            .map(|&edge| {
                sum += weight(graph, edge);
                sum
            })
            .collect();
        (0 < sum).then_some(Stretches { graph, edges, sums })
    }

    /// A point of one of the stretches.
    pub fn place(&self, [which, segment, part]: [Draw; 3]) -> LatLon {
        let edge = self.edges[which.pick(&self.sums)];
        let line: Vec<LatLon> = self.graph.line(edge).collect();
        let segment = segment.below(line.len() as u64 - 1) as usize;
        between(line[segment], line[segment + 1], part.below(1025) as i64)
    }
}

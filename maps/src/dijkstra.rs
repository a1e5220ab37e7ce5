//! The slow truth: Dijkstra's algorithm on the road graph itself, to check everything faster by.
//!
//! Reads places and weights on its own and shares no code with `hierarchy`, so that one mistake is
//! not made twice. Not for the hot path.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use mukae_units::TravelTime;

use crate::graph::{EdgeId, NodeId, RoadGraph};
use crate::hierarchy::TOO_FAR;
use crate::place::{Fraction, Place, Sides};

/// The driving time between two places under `weights`, or `None` if no road leads there. An edge
/// whose weight is [`TOO_FAR`] or more is closed, as if it were not in the graph.
pub fn travel_time(graph: &RoadGraph, weights: &[TravelTime], from: Place, to: Place) -> Option<TravelTime> {
    time_from_nodes(graph, weights, from, to, &one_to_all(graph, weights, from))
}

/// From a place to every node. Ask [`time_from_nodes`] for places.
pub fn one_to_all(graph: &RoadGraph, weights: &[TravelTime], from: Place) -> Vec<Option<TravelTime>> {
    let mut times: Vec<Option<u64>> = vec![None; graph.node_count()];
    let mut queue = BinaryHeap::new();
    for (edge, fraction) in open_sides(graph, weights, from) {
        let weight = weights[edge.0 as usize].as_millis();
        queue.push(Reverse((u64::from(weight - fraction.part_of(weight)), graph.head(edge))));
    }
    while let Some(Reverse((time, node))) = queue.pop() {
        let known = &mut times[node.0 as usize];
        if known.is_some() {
            continue;
        }
        *known = Some(time);
        for edge in graph.out_edges(node).filter(|&edge| is_open(weights, edge)) {
            queue.push(Reverse((time + u64::from(weights[edge.0 as usize].as_millis()), graph.head(edge))));
        }
    }
    times.into_iter().map(|time| within_reach(time?)).collect()
}

/// From a place to a place, given what [`one_to_all`] found for the first.
pub fn time_from_nodes(
    graph: &RoadGraph,
    weights: &[TravelTime],
    from: Place,
    to: Place,
    times: &[Option<TravelTime>],
) -> Option<TravelTime> {
    let mut best: Option<u64> = None;
    for (edge, fraction) in open_sides(graph, weights, to) {
        let part = |fraction: Fraction| u64::from(fraction.part_of(weights[edge.0 as usize].as_millis()));
        let NodeId(tail) = graph.tail(edge);
        let by_tail = times[tail as usize].map(|time| u64::from(time.as_millis()) + part(fraction));
        let along = open_sides(graph, weights, from)
            .into_iter()
            .filter(|&(start, behind)| start == edge && behind <= fraction)
            .map(|(_, behind)| part(fraction) - part(behind));
        best = best.into_iter().chain(by_tail).chain(along).min();
    }
    within_reach(best?)
}

fn is_open(weights: &[TravelTime], edge: EdgeId) -> bool {
    weights[edge.0 as usize] < TOO_FAR
}

/// The edges a vehicle at this place may stand on, and how far along.
fn open_sides(graph: &RoadGraph, weights: &[TravelTime], place: Place) -> Vec<(EdgeId, Fraction)> {
    let mut sides = vec![(place.edge, place.fraction)];
    if let (Sides::Both, Some(twin)) = (place.sides, graph.twin(place.edge)) {
        sides.push((twin, place.fraction.reversed()));
    }
    sides.retain(|&(edge, _)| is_open(weights, edge));
    sides
}

fn within_reach(millis: u64) -> Option<TravelTime> {
    (millis < u64::from(TOO_FAR.as_millis())).then_some(TravelTime::from_millis(millis as u32))
}

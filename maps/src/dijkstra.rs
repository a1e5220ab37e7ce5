//! The slow truth: Dijkstra's algorithm over road edges, to check everything faster by.
//!
//! Its states are edges with what a driver would have in mind: which restrictions have begun, and whether
//! the drive has come into destination-only roads. It reads places, weights and the list of restrictions
//! on its own and shares no code with `hierarchy` and `turn_graph`, so that one mistake is not made
//! twice. Not for the hot path.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use mukae_units::TravelTime;

use crate::graph::{EdgeId, RoadGraph, TurnRule};
use crate::hierarchy::TOO_FAR;
use crate::place::{Fraction, Place, Sides};

/// What was found from one place: when each edge can first be entered at its tail.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EntryTimes {
    from: Place,
    /// In milliseconds.
    entered: Vec<Option<u64>>,
}

/// The driving time between two places under `weights`, or `None` if no road leads there.
pub fn travel_time(graph: &RoadGraph, weights: &[TravelTime], from: Place, to: Place) -> Option<TravelTime> {
    one_to_all(graph, weights, from).time_to(graph, weights, to)
}

/// At the end of an edge, on the way.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Driver {
    edge: EdgeId,
    /// Restrictions under way, by their place in the list, and how many edges of each are driven.
    begun: Vec<(usize, usize)>,
    /// On destination-only roads, having come from others.
    has_come_in: bool,
}

/// From a place to every edge.
pub fn one_to_all(graph: &RoadGraph, weights: &[TravelTime], from: Place) -> EntryTimes {
    let mut beginning: Vec<Vec<usize>> = vec![Vec::new(); graph.edge_count()];
    for (index, restriction) in graph.restrictions().iter().enumerate() {
        beginning[restriction.chain[0].0 as usize].push(index);
    }
    let begun_by = |edge: EdgeId| beginning[edge.0 as usize].iter().map(|&index| (index, 1));
    let mut entered: Vec<Option<u64>> = vec![None; graph.edge_count()];
    let mut queue = BinaryHeap::new();
    for (edge, fraction) in both_sides(graph, from) {
        // Who is on a closed road may leave it, in the time that the map tells.
        let is_closed = TOO_FAR <= weights[edge.0 as usize];
        let weight = if is_closed { graph.weight(edge) } else { weights[edge.0 as usize] }.as_millis();
        let rest = u64::from(weight - fraction.part_of(weight));
        queue.push(Reverse((rest, Driver { edge, begun: begun_by(edge).collect(), has_come_in: false })));
    }
    let mut settled = BTreeSet::new();
    while let Some(Reverse((time, driver))) = queue.pop() {
        if settled.contains(&driver) {
            continue;
        }
        for edge in graph.out_edges(graph.head(driver.edge)).filter(|&edge| may_follow(graph, &driver, edge)) {
            let comes_in = !graph.is_guarded(driver.edge) && graph.is_guarded(edge);
            let comes_out = driver.has_come_in && !graph.is_guarded(edge);
            let price = if comes_out { u64::from(graph.through_price().as_millis()) } else { 0 };
            let known = &mut entered[edge.0 as usize];
            *known = Some(known.map_or(time + price, |known| known.min(time + price)));
            if TOO_FAR <= weights[edge.0 as usize] {
                continue;
            }
            let going_on = driver.begun.iter().copied().filter(|&(index, driven)| {
                let chain = &graph.restrictions()[index].chain;
                chain[driven] == edge && driven + 1 < chain.len()
            });
            let mut begun: Vec<(usize, usize)> = going_on.map(|(index, driven)| (index, driven + 1)).collect();
            begun.extend(begun_by(edge));
            begun.sort_unstable();
            begun.dedup();
            let has_come_in = comes_in || (driver.has_come_in && !comes_out);
            let weight = u64::from(weights[edge.0 as usize].as_millis());
            queue.push(Reverse((time + price + weight, Driver { edge, begun, has_come_in })));
        }
        settled.insert(driver);
    }
    EntryTimes { from, entered }
}

/// What every restriction under way says to the next edge.
fn may_follow(graph: &RoadGraph, driver: &Driver, edge: EdgeId) -> bool {
    let under_way = || driver.begun.iter().map(|&(index, driven)| (&graph.restrictions()[index], driven));
    let is_forbidden = under_way().any(|(restriction, driven)| {
        let is_last = driven + 1 == restriction.chain.len();
        restriction.rule == TurnRule::No && is_last && restriction.chain[driven] == edge
    });
    let mut prescribed = under_way().filter(|(restriction, _)| restriction.rule == TurnRule::Only).peekable();
    let is_free = prescribed.peek().is_none();
    !is_forbidden && (is_free || prescribed.any(|(restriction, driven)| restriction.chain[driven] == edge))
}

impl EntryTimes {
    /// The driving time to a place, under the weights that were searched with.
    pub fn time_to(&self, graph: &RoadGraph, weights: &[TravelTime], to: Place) -> Option<TravelTime> {
        let mut best: Option<u64> = None;
        for (edge, fraction) in both_sides(graph, to) {
            let is_closed = TOO_FAR <= weights[edge.0 as usize];
            let part = |fraction: Fraction| u64::from(fraction.part_of(weights[edge.0 as usize].as_millis()));
            let by_tail = self.entered[edge.0 as usize]
                .filter(|_| !is_closed || fraction == Fraction::TAIL)
                .map(|time| time + part(fraction));
            // On a closed road one may stay, or drive out of it to its end.
            let open = |fraction: Fraction| match is_closed {
                true => u64::from(fraction.part_of(graph.weight(edge).as_millis())),
                false => part(fraction),
            };
            let along = both_sides(graph, self.from)
                .into_iter()
                .filter(|&(start, behind)| start == edge && behind <= fraction)
                .filter(|&(_, behind)| !is_closed || behind == fraction || fraction == Fraction::HEAD)
                .map(|(_, behind)| open(fraction) - open(behind));
            best = best.into_iter().chain(by_tail).chain(along).min();
        }
        best.filter(|&millis| millis < u64::from(TOO_FAR.as_millis()))
            .map(|millis| TravelTime::from_millis(millis as u32))
    }
}

/// The edges a vehicle at this place may stand on, and how far along.
fn both_sides(graph: &RoadGraph, place: Place) -> Vec<(EdgeId, Fraction)> {
    let mut sides = vec![(place.edge, place.fraction)];
    if let (Sides::Both, Some(twin)) = (place.sides, graph.twin(place.edge)) {
        sides.push((twin, place.fraction.reversed()));
    }
    sides
}

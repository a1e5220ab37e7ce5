//! A drive, road by road: its edges, its times, its line on a map, and where one is along it.

pub mod manoeuvre;

use mukae_units::{LatLon, Metres, Span, TravelTime};

use crate::geometry::{distance, line_length};
use crate::graph::{EdgeId, RoadGraph};
use crate::hierarchy::TOO_FAR;
use crate::place::{Fraction, Place, Sides};
use crate::snap::place_position;
use crate::turn_graph::Passage;

/// A chain of road edges from a place to a place, with the times it had when it was found.
///
/// The first and the last edge count in part, from `start` and up to `end`; they may be one edge.
/// The price of passing through destination-only roads counts on the edge that leaves them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Path {
    /// Never empty; each starts where the one before it ends.
    edges: Vec<EdgeId>,
    start: Fraction,
    end: Fraction,
    /// Driving time from the departure until each edge is left, or `end` is reached; never falling.
    left_after: Vec<TravelTime>,
    length: Metres,
}

impl Path {
    /// From the edges of a drive, the first from `start` on and the last up to `end`.
    ///
    /// Panics unless the edges make a chain, and on a single edge `start` is not after `end`.
    pub fn new(graph: &RoadGraph, weights: &[TravelTime], edges: Vec<EdgeId>, start: Fraction, end: Fraction) -> Path {
        assert!(!edges.is_empty(), "a path has an edge");
        for pair in edges.windows(2) {
            assert_eq!(graph.head(pair[0]), graph.tail(pair[1]), "{:?} does not lead to {:?}", pair[0], pair[1]);
        }
        assert!(1 < edges.len() || start <= end, "a path does not go backwards from {start:?} to {end:?}");
        let mut path = Path { edges, start, end, left_after: Vec::new(), length: Metres::ZERO };
        let mut time = TravelTime::ZERO;
        let mut passage = Passage::starting(graph.is_guarded(path.edges[0]));
        for (index, &edge) in path.edges.iter().enumerate() {
            if 0 < index {
                let (next, is_priced) = passage.driving(graph.is_guarded(edge));
                passage = next;
                time = if is_priced { time + graph.through_price() } else { time };
            }
            let weight = match weights[edge.0 as usize] {
                // A closed road can be the first, which is left, or the last, touched at its tail.
                TOO_FAR => graph.weight(edge),
                weight => weight,
            };
            let (from, to) = path.fractions_on(index);
            time = time + (part_of_time(to, weight) - part_of_time(from, weight));
            path.left_after.push(time);
        }
        path.length = (0..path.edges.len()).map(|index| path.length_on(graph, index)).sum();
        path
    }

    /// All edges touched, the partial ones at both ends included.
    pub fn edges(&self) -> &[EdgeId] {
        &self.edges
    }

    /// Where on its first edge the path starts.
    pub fn start(&self) -> Fraction {
        self.start
    }

    /// Where on its last edge the path ends.
    pub fn end(&self) -> Fraction {
        self.end
    }

    /// The sum of [`Path::time_on`] over all edges.
    pub fn travel_time(&self) -> TravelTime {
        *self.left_after.last().expect("a path has an edge: Path::new")
    }

    pub fn length(&self) -> Metres {
        self.length
    }

    /// Driving time on the edge at this index, as far as the path uses it.
    pub fn time_on(&self, index: usize) -> TravelTime {
        self.left_after[index] - self.entered_after(index)
    }

    /// The length of the edge at this index, as far as the path uses it.
    pub fn length_on(&self, graph: &RoadGraph, index: usize) -> Metres {
        let (from, to) = self.fractions_on(index);
        let length = graph.length(self.edges[index]);
        Metres::from_millimetres(part_of_length(to, length) - part_of_length(from, length))
    }

    /// Driving time from the departure until the edge at this index is entered.
    pub fn entered_after(&self, index: usize) -> TravelTime {
        if index == 0 { TravelTime::ZERO } else { self.left_after[index - 1] }
    }

    /// The part of the edge at this index that the path uses.
    pub fn fractions_on(&self, index: usize) -> (Fraction, Fraction) {
        let from = if index == 0 { self.start } else { Fraction::TAIL };
        let to = if index + 1 == self.edges.len() { self.end } else { Fraction::HEAD };
        (from, to)
    }

    /// Where a vehicle is after driving for `elapsed`, pointing the way it drives; before the
    /// departure at the start, after the arrival at the end. At a junction it is still on the edge
    /// that led there. `snap::place_position` tells where that is.
    pub fn at(&self, elapsed: Span) -> Place {
        let index = self.left_after.partition_point(|left| left.span() < elapsed).min(self.edges.len() - 1);
        let (from, to) = self.fractions_on(index);
        let done = (elapsed - self.entered_after(index).span()).as_millis();
        let whole = i64::from(self.time_on(index).as_millis());
        let fraction = match done {
            _ if whole <= done => to,
            ..=0 => from,
            _ => {
                let steps = i64::from(to.steps() - from.steps()) * done / whole;
                Fraction::from_steps(from.steps() + steps as u16)
            }
        };
        Place { edge: self.edges[index], fraction, sides: Sides::This }
    }

    /// The line the path draws on a map, its two ends included; at least one point, none twice in a row.
    pub fn line(&self, graph: &RoadGraph) -> Vec<LatLon> {
        let mut points = Vec::new();
        for (index, &edge) in self.edges.iter().enumerate() {
            cut(graph, edge, self.fractions_on(index), &mut points);
        }
        points.dedup();
        points
    }
}

/// Adds the stretch of an edge's line between two fractions of its length, both end points included.
fn cut(graph: &RoadGraph, edge: EdgeId, (from, to): (Fraction, Fraction), points: &mut Vec<LatLon>) {
    let line: Vec<LatLon> = graph.line(edge).collect();
    let whole = line_length(line.iter().copied());
    let (near, far) = (part_of_length(from, whole), part_of_length(to, whole));
    let end = |fraction| place_position(graph, Place { edge, fraction, sides: Sides::This });
    points.push(end(from));
    let mut reached = 0;
    for pair in line.windows(2) {
        reached += distance(pair[0], pair[1]).as_millimetres();
        if near < reached && reached < far {
            points.push(pair[1]);
        }
    }
    points.push(end(to));
}

fn part_of_time(fraction: Fraction, weight: TravelTime) -> TravelTime {
    TravelTime::from_millis(fraction.part_of(weight.as_millis()))
}

/// In millimetres, rounded down like times.
pub(crate) fn part_of_length(fraction: Fraction, length: Metres) -> u64 {
    length.as_millimetres() * u64::from(fraction.steps()) / u64::from(Fraction::HEAD.steps())
}

#[cfg(test)]
mod tests;

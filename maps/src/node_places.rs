//! From junction to junction: the places to ask travel times between when only nodes are given.
//!
//! A place lies on an edge. Whoever stands at the head of an edge that leads to a node, and is allowed this side
//! only, has spent nothing and may go on by any road: this is the node itself as a start. The tail of an edge that
//! leaves a node is the node as an end. A node that no edge leads to is left along each of its own edges in turn,
//! and the shortest counts; likewise a node that no edge leaves. Right for graphs without turn restrictions, where
//! it does not matter by which road one came.

use mukae_units::TravelTime;

use crate::graph::{EdgeId, NodeId, RoadGraph};
use crate::place::{Fraction, Place, Sides};
use crate::travel_times::TravelTimes;

/// The places that stand for the nodes of one graph.
#[derive(Clone, Debug)]
pub struct NodePlaces {
    /// Node -> its first place in `starts`; one more entry than nodes. Likewise below.
    first_start: Vec<u32>,
    starts: Vec<Place>,
    first_end: Vec<u32>,
    ends: Vec<Place>,
}

impl NodePlaces {
    pub fn new(graph: &RoadGraph) -> NodePlaces {
        let nodes = || (0..graph.node_count() as u32).map(NodeId);
        let edges_in = EdgesIn::new(graph);
        let at = |edge, fraction| Place { edge, fraction, sides: Sides::This };
        let (first_start, starts) = columns(nodes().map(|node| match edges_in.of(node) {
            [edge, ..] => vec![Place::head_of(*edge)],
            [] => graph.out_edges(node).map(|edge| at(edge, Fraction::TAIL)).collect(),
        }));
        let (first_end, ends) = columns(nodes().map(|node| match graph.out_edges(node).next() {
            Some(edge) => vec![at(edge, Fraction::TAIL)],
            None => edges_in.of(node).iter().map(|&edge| Place::head_of(edge)).collect(),
        }));
        NodePlaces { first_start, starts, first_end, ends }
    }

    /// Where a drive from `node` may start; one place unless no edge leads to it.
    pub fn starts(&self, node: NodeId) -> &[Place] {
        entries(&self.first_start, &self.starts, node)
    }

    /// Where a drive to `node` may end; one place unless no edge leaves it.
    pub fn ends(&self, node: NodeId) -> &[Place] {
        entries(&self.first_end, &self.ends, node)
    }

    /// The driving time between two nodes, or `None` if no road leads there; zero from a node to itself.
    pub fn travel_time(&self, times: &mut impl TravelTimes, from: NodeId, to: NodeId) -> Option<TravelTime> {
        if from == to {
            return Some(TravelTime::ZERO);
        }
        let mut best = None;
        for &start in self.starts(from) {
            for &end in self.ends(to) {
                best = best.into_iter().chain(times.travel_time(start, end)).min();
            }
        }
        best
    }
}

fn columns(places: impl Iterator<Item = Vec<Place>>) -> (Vec<u32>, Vec<Place>) {
    let (mut first, mut all) = (vec![0], Vec::new());
    for places in places {
        all.extend(places);
        first.push(all.len() as u32);
    }
    (first, all)
}

fn entries<'a, T>(first: &[u32], all: &'a [T], node: NodeId) -> &'a [T] {
    &all[first[node.0 as usize] as usize..first[node.0 as usize + 1] as usize]
}

/// Edges by the node they lead to, ascending.
struct EdgesIn {
    first: Vec<u32>,
    edges: Vec<EdgeId>,
}

impl EdgesIn {
    fn new(graph: &RoadGraph) -> EdgesIn {
        let mut edges: Vec<EdgeId> = graph.edges().collect();
        edges.sort_by_key(|&edge| graph.head(edge));
        let first = (0..=graph.node_count() as u32)
            .map(|node| edges.partition_point(|&edge| graph.head(edge) < NodeId(node)) as u32)
            .collect();
        EdgesIn { first, edges }
    }

    fn of(&self, node: NodeId) -> &[EdgeId] {
        entries(&self.first, &self.edges, node)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::hierarchy::{Hierarchy, HierarchyQuery};
    use crate::prepared::BASE_METRIC;
    use crate::test_roads::{described, drawn, scattered};

    /// All pairs by Floyd and Warshall, which knows nodes and nothing of places.
    fn truth(graph: &RoadGraph) -> Vec<Vec<Option<u32>>> {
        let count = graph.node_count();
        let mut times: Vec<Vec<Option<u32>>> = vec![vec![None; count]; count];
        let shorter = |old: Option<u32>, new| Some(old.map_or(new, |old: u32| old.min(new)));
        for edge in graph.edges() {
            let time = &mut times[graph.tail(edge).0 as usize][graph.head(edge).0 as usize];
            *time = shorter(*time, graph.weight(edge).as_millis());
        }
        for (node, times) in times.iter_mut().enumerate() {
            times[node] = Some(0);
        }
        for over in 0..count {
            for from in 0..count {
                for to in 0..count {
                    if let (Some(there), Some(on)) = (times[from][over], times[over][to]) {
                        times[from][to] = shorter(times[from][to], there + on);
                    }
                }
            }
        }
        times
    }

    fn check(graph: RoadGraph, what: &str) {
        let hierarchy = Arc::new(Hierarchy::build(&graph));
        let customized = Arc::new(hierarchy.customize(graph.weights(), BASE_METRIC));
        let places = NodePlaces::new(&graph);
        let truth = truth(&graph);
        let graph = Arc::new(graph);
        let mut query = HierarchyQuery::new(Arc::clone(&graph), customized);
        for from in 0..graph.node_count() as u32 {
            for to in 0..graph.node_count() as u32 {
                let time = places.travel_time(&mut query, NodeId(from), NodeId(to)).map(TravelTime::as_millis);
                let expected = truth[from as usize][to as usize];
                assert_eq!(time, expected, "{what}, {from} to {to}\n{}", described(&graph));
            }
        }
    }

    #[test]
    fn nodes_without_a_road_in_or_out_are_left_and_reached_all_the_same() {
        for roads in
            ["A>B 60", "A>B 60, A>C 10, C>B 20", "A>B 60, C>B 10", "B>A 30, B>C 40, C>A 5", "A-B 60, C-D 60", ""]
        {
            check(drawn(roads), roads);
        }
    }

    #[test]
    fn random_towns_equal_floyd_and_warshall() {
        for seed in 0..300 {
            check(scattered(seed), &format!("seed {seed}"));
        }
    }
}

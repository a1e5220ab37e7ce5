//! Which node is above which: the order of contraction.
//!
//! The better the order, the fewer shortcuts and the lower the elimination tree, and with them
//! every query. Roads that lead nowhere else go first (`reduce`), then the rest is cut in two again
//! and again, the cuts on top (`dissect`). Only the roads' ends and positions count, so one order
//! serves all metrics; the same graph gives the same order.

mod cell;
mod dissect;
mod flow;
mod neighbours;
mod reduce;

use crate::column::Column;
use crate::geometry::LocalFrame;
use crate::graph::RoadGraph;
use crate::hierarchy::order::neighbours::Neighbours;
use crate::turn_graph::{TurnGraph, TurnNode};

/// A node's height in the hierarchy; 0 is contracted first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Rank(pub u32);

/// Node and rank, each from the other.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Order {
    /// Rank -> node number.
    node_of: Column<u32>,
    /// Node -> rank; the inverse of `node_of`.
    rank_of: Column<u32>,
}

impl Order {
    /// From the nodes, lowest first; `None` unless each of `node_count` nodes is there once.
    pub fn from_nodes(nodes: Vec<TurnNode>, node_count: usize) -> Option<Order> {
        Order::from_column(nodes.into_iter().map(|node| node.0).collect(), node_count)
    }

    pub(super) fn from_column(node_of: Column<u32>, node_count: usize) -> Option<Order> {
        const NOWHERE: u32 = u32::MAX;
        let mut rank_of = vec![NOWHERE; node_count];
        if node_of.len() != node_count {
            return None;
        }
        for (rank, &node) in node_of.iter().enumerate() {
            let place = rank_of.get_mut(node as usize)?;
            if *place != NOWHERE {
                return None;
            }
            *place = rank as u32;
        }
        Some(Order { node_of, rank_of: rank_of.into() })
    }

    pub fn len(&self) -> usize {
        self.node_of.len()
    }

    pub fn is_empty(&self) -> bool {
        self.node_of.is_empty()
    }

    pub fn rank(&self, node: TurnNode) -> Rank {
        Rank(self.rank_of[node.0 as usize])
    }

    pub fn node(&self, rank: Rank) -> TurnNode {
        TurnNode(self.node_of[rank.0 as usize])
    }

    pub(super) fn column(&self) -> &Column<u32> {
        &self.node_of
    }
}

pub(super) fn order(graph: &RoadGraph, turns: &TurnGraph) -> Order {
    let mut neighbours = Neighbours::of_roads(turns);
    let mut nodes = reduce::reduce(&mut neighbours);
    let kernel = neighbours.remaining(&nodes);
    let dissected = dissect::dissect(&kernel.neighbours, &positions(graph, turns, &kernel.nodes));
    nodes.extend(dissected.into_iter().map(|number| kernel.nodes[number as usize]));
    Order::from_nodes(nodes.into_iter().map(TurnNode).collect(), turns.node_count())
        .expect("reduction takes each node once, and dissection the rest")
}

/// East and north in whole decimetres, on a plane around the first node. Measured from one of the
/// nodes, so that a map across the antimeridian is in one piece; whole numbers, so that machines
/// which round a cosine differently still agree.
fn positions(graph: &RoadGraph, turns: &TurnGraph, nodes: &[u32]) -> Vec<(i64, i64)> {
    let position = |node: u32| graph.position(turns.junction(TurnNode(node)));
    let Some(&first) = nodes.first() else { return Vec::new() };
    let frame = LocalFrame::around(position(first));
    let decimetres = |metres: f64| (metres * 10.0).round() as i64;
    nodes.iter().map(|&node| frame.project(position(node)).map(decimetres).into()).collect()
}

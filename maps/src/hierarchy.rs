//! A customizable contraction hierarchy over the road graph: exact driving times in microseconds,
//! under weights that may change in a fraction of a second.
//!
//! ```text
//! RoadGraph -> TurnGraph -> Hierarchy -> Customized -> HierarchyQuery
//!         restrictions  order, contract  customize      query (one per thread)
//! ```
//! Dibbelt, Strasser, Wagner: *Customizable Contraction Hierarchies* (JEA 2016). Order and
//! contraction look at the roads only and are stored with the map; weights come in by
//! [`Hierarchy::customize`], as often as they change. We differ in that queries start and end at
//! places inside edges, and in that edges which no shortest path needs are dropped from the search
//! graphs (their perfect customisation, with ties dropped too).
//!
//! Edges of the hierarchy are called *up-edges*, by their index; [`EdgeId`](crate::EdgeId) is always a road edge.

mod contract;
mod customize;
mod labels;
mod legs;
mod lengths;
mod order;
mod query;
mod road_query;
mod search;
mod stand;
mod sweep;
mod unpack;

use std::sync::Arc;

use thiserror::Error;

use crate::column::Column;
use crate::graph::RoadGraph;
use crate::turn_graph::{TurnArc, TurnGraph, TurnNode};

pub use customize::{Customized, TOO_FAR};
pub(crate) use labels::prefetch_row;
pub use labels::{Changes, FixedEnd, FixedStart, Labels, Tree};
pub use order::{Order, Rank};
pub use query::HierarchyQuery;
pub use road_query::{LABEL_BYTES_MAX, RoadMetric, RoadQuery};
pub(crate) use sweep::times_between_groups;

/// The metric-free part: who is above whom, and between whom a shortcut may be needed.
///
/// Every node's upper neighbours are neighbours of one another (the graph is chordal); this is what
/// makes customisation a sweep over triangles. It holds however the hierarchy was come by.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hierarchy {
    /// What was ordered and contracted.
    turns: Arc<TurnGraph>,
    order: Order,
    /// Rank -> its first up-edge; one more entry than ranks.
    first_up: Column<u32>,
    /// Up-edge -> its upper end, a rank; ascending within a tail.
    up_head: Column<u32>,
    /// Up-edge -> its lower end, a rank.
    up_tail: Column<u32>,
    /// Rank -> its first entry in `down`; one more entry than ranks.
    first_down: Column<u32>,
    /// The up-edges that end at a rank, ascending by their lower ends.
    down: Column<u32>,
    /// Arc -> the up-edge that carries it, doubled, plus 1 if it leads down; `NO_CARRIER` for a road
    /// that returns to its own tail.
    carrier: Column<u32>,
}

const NO_CARRIER: u32 = u32::MAX;

/// Why stored columns are not a hierarchy over this graph.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum BrokenHierarchy {
    #[error("column {0} is missing")]
    Missing(&'static str),
    #[error("the order is not a permutation of {nodes} nodes")]
    Order { nodes: usize },
    #[error("first_up does not divide the {up_edges} up-edges among {ranks} ranks")]
    FirstUp { ranks: usize, up_edges: usize },
    #[error("first_down does not divide the {up_edges} up-edges among {ranks} ranks")]
    FirstDown { ranks: usize, up_edges: usize },
    #[error("the upper neighbours of rank {0} are not ascending ranks above it")]
    Heads(u32),
    #[error("the upper neighbours of rank {0} are not neighbours of one another")]
    NotChordal(u32),
    #[error("the up-edges that end at rank {0} are not those of its column")]
    Down(u32),
    #[error("{found} of {roads} road edges say what carries them")]
    Carriers { roads: usize, found: usize },
    #[error("the up-edge that should carry road edge {0} does not")]
    NoCarrier(u32),
}

impl Hierarchy {
    /// Orders and contracts. The same graph gives the same hierarchy.
    pub fn build(graph: &RoadGraph) -> Hierarchy {
        let turns = TurnGraph::new(graph);
        let order = order::order(graph, &turns);
        let (first_up, up_head) = contract::contract(&turns, &order);
        Hierarchy::with_roads(turns, order, first_up, up_head)
    }

    /// What a prepared map keeps, by name; [`Hierarchy::from_columns`] takes it back.
    pub(crate) fn columns(&self) -> Vec<(&'static str, &Column<u32>)> {
        vec![
            ("node_of", self.order.column()),
            ("first_up", &self.first_up),
            ("up_head", &self.up_head),
            ("first_down", &self.first_down),
            ("down", &self.down),
            ("carrier", &self.carrier),
        ]
    }

    /// From stored columns. Everything is checked, so that a file made for another graph, or by a
    /// stranger, is refused here and can neither panic nor give wrong times later.
    pub(crate) fn from_columns(
        graph: &RoadGraph,
        columns: &dyn Fn(&str) -> Option<Column<u32>>,
    ) -> Result<Hierarchy, BrokenHierarchy> {
        let column = |name: &'static str| columns(name).ok_or(BrokenHierarchy::Missing(name));
        let turns = TurnGraph::new(graph);
        let ranks = turns.node_count();
        let order = Order::from_column(column("node_of")?, ranks).ok_or(BrokenHierarchy::Order { nodes: ranks })?;
        let (first_up, up_head) = (column("first_up")?, column("up_head")?);
        check_structure(ranks, &first_up, &up_head)?;
        let (first_down, down) = (column("first_down")?, column("down")?);
        check_down(&up_head, &first_down, &down, ranks)?;
        let hierarchy = Hierarchy {
            turns: Arc::new(turns),
            up_tail: tails(&first_up),
            order,
            first_up,
            up_head,
            first_down,
            down,
            carrier: column("carrier")?,
        };
        hierarchy.check_carriers()?;
        Ok(hierarchy)
    }

    /// Adds what can be derived. `first_up` and `up_head` come from contraction.
    fn with_roads(turns: TurnGraph, order: Order, first_up: Vec<u32>, up_head: Vec<u32>) -> Hierarchy {
        assert!(up_head.len() < (u32::MAX / 2) as usize, "{} up-edges are too many", up_head.len());
        let (first_down, down) = incoming(order.len(), &up_head);
        let mut hierarchy = Hierarchy {
            turns: Arc::new(turns),
            order,
            up_tail: tails(&first_up),
            first_up: first_up.into(),
            up_head: up_head.into(),
            first_down: first_down.into(),
            down: down.into(),
            carrier: Vec::new().into(),
        };
        hierarchy.carrier = hierarchy.turns.arcs().map(|(tail, arc)| hierarchy.find_carrier(tail, arc)).collect();
        hierarchy
    }

    fn find_carrier(&self, tail: TurnNode, arc: TurnArc) -> u32 {
        let (tail, head) = (self.order.rank(tail), self.order.rank(self.turns.head(arc)));
        if tail == head {
            return NO_CARRIER;
        }
        let up_edge = self.up_edge(tail.min(head), tail.max(head));
        let up_edge = up_edge.expect("contraction makes an up-edge for every road between two nodes");
        up_edge << 1 | u32::from(head < tail)
    }

    /// Each road is carried by the up-edge between its ends, which says in which direction.
    fn check_carriers(&self) -> Result<(), BrokenHierarchy> {
        if self.carrier.len() != self.turns.arc_count() {
            return Err(BrokenHierarchy::Carriers { roads: self.turns.arc_count(), found: self.carrier.len() });
        }
        let is_right = |tail: TurnNode, arc: TurnArc, carrier: u32| {
            let (tail, head) = (self.order.rank(tail), self.order.rank(self.turns.head(arc)));
            if tail == head {
                return carrier == NO_CARRIER;
            }
            let (lower, upper) = (tail.min(head), tail.max(head));
            let up_edge = carrier >> 1;
            self.up_edges(lower).contains(&up_edge)
                && self.up_head[up_edge as usize] == upper.0
                && (carrier & 1 == 1) == (head < tail)
        };
        let carried = self.turns.arcs().zip(self.carrier.iter());
        match carried.into_iter().find(|&((tail, arc), &carrier)| !is_right(tail, arc, carrier)) {
            None => Ok(()),
            Some(((_, arc), _)) => Err(BrokenHierarchy::NoCarrier(self.turns.edge(arc).0)),
        }
    }

    /// The roads as the hierarchy has them: with junctions split where turns are restricted.
    pub fn turns(&self) -> &Arc<TurnGraph> {
        &self.turns
    }

    pub fn order(&self) -> &Order {
        &self.order
    }

    /// How many edges the hierarchy has; each stands for both directions.
    pub fn up_edge_count(&self) -> usize {
        self.up_head.len()
    }

    /// The next node on the way to the top of the elimination tree: the lowest upper neighbour.
    /// Every node an upward search can reach lies on the way up.
    pub fn parent(&self, rank: Rank) -> Option<Rank> {
        self.up_edges(rank).next().map(|up_edge| Rank(self.up_head[up_edge as usize]))
    }

    fn up_edges(&self, rank: Rank) -> std::ops::Range<u32> {
        self.first_up[rank.0 as usize]..self.first_up[rank.0 as usize + 1]
    }

    /// The up-edge between two ranks, if they are neighbours.
    fn up_edge(&self, lower: Rank, upper: Rank) -> Option<u32> {
        let range = self.up_edges(lower);
        let heads = &self.up_head[range.start as usize..range.end as usize];
        heads.binary_search(&upper.0).ok().map(|position| range.start + position as u32)
    }
}

/// For each up-edge its lower end.
fn tails(first_up: &[u32]) -> Column<u32> {
    let mut up_tail = Vec::with_capacity(first_up.last().map_or(0, |&up_edges| up_edges as usize));
    for (rank, &end) in first_up[1..].iter().enumerate() {
        up_tail.resize(end as usize, rank as u32);
    }
    up_tail.into()
}

/// For each rank the up-edges that end there; ascending by tail because up-edges are.
fn incoming(ranks: usize, up_head: &[u32]) -> (Vec<u32>, Vec<u32>) {
    let mut first = vec![0u32; ranks + 1];
    for &head in up_head {
        first[head as usize + 1] += 1;
    }
    for rank in 0..ranks {
        first[rank + 1] += first[rank];
    }
    let mut next = first.clone();
    let mut down = vec![0u32; up_head.len()];
    for (up_edge, &head) in up_head.iter().enumerate() {
        down[next[head as usize] as usize] = up_edge as u32;
        next[head as usize] += 1;
    }
    (first, down)
}

/// What [`incoming`] makes, and nothing else: as many entries as up-edges, all different because each
/// has one head and those of a rank ascend, so that none can be missing.
fn check_down(up_head: &[u32], first_down: &[u32], down: &[u32], ranks: usize) -> Result<(), BrokenHierarchy> {
    let divides = first_down.len() == ranks + 1
        && first_down[0] == 0
        && first_down.is_sorted()
        && first_down[ranks] as usize == down.len()
        && down.len() == up_head.len();
    if !divides {
        return Err(BrokenHierarchy::FirstDown { ranks, up_edges: up_head.len() });
    }
    for rank in 0..ranks {
        let below = &down[first_down[rank] as usize..first_down[rank + 1] as usize];
        let ends_here = below.iter().all(|&up_edge| up_head.get(up_edge as usize) == Some(&(rank as u32)));
        if !(ends_here && below.is_sorted_by(|a, b| a < b)) {
            return Err(BrokenHierarchy::Down(rank as u32));
        }
    }
    Ok(())
}

/// Offsets in order, heads ascending above their tails, and the neighbours above any rank all
/// neighbours of its parent: by induction they are then neighbours of one another.
fn check_structure(ranks: usize, first_up: &[u32], up_head: &[u32]) -> Result<(), BrokenHierarchy> {
    let divides = first_up.len() == ranks + 1
        && first_up.first() == Some(&0)
        && first_up.last().map(|&last| last as usize) == Some(up_head.len())
        && first_up.is_sorted()
        && up_head.len() < (u32::MAX / 2) as usize;
    if !divides {
        return Err(BrokenHierarchy::FirstUp { ranks, up_edges: up_head.len() });
    }
    let heads_of = |rank: usize| &up_head[first_up[rank] as usize..first_up[rank + 1] as usize];
    for rank in 0..ranks {
        let heads = heads_of(rank);
        let ascending = heads.is_sorted_by(|a, b| a < b);
        let above = heads.first().is_none_or(|&head| rank < head as usize);
        let inside = heads.last().is_none_or(|&head| (head as usize) < ranks);
        if !(ascending && above && inside) {
            return Err(BrokenHierarchy::Heads(rank as u32));
        }
    }
    for rank in 0..ranks {
        if let Some((&parent, others)) = heads_of(rank).split_first() {
            let mut above_parent = heads_of(parent as usize).iter();
            if !others.iter().all(|other| above_parent.any(|head| head == other)) {
                return Err(BrokenHierarchy::NotChordal(rank as u32));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;

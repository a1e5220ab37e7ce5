//! The roads as a vehicle may drive them: a junction is split where what comes next depends on how one came.
//!
//! A junction is one node, as in the road graph, for whoever arrives with nothing to remember. One
//! who has begun a restricted turn arrives at a node of its own, from which the forbidden roads are
//! missing; one who is on the way along the via ways of a restriction drives copies of them (`rules`).
//! One who came into destination-only roads from outside drives copies of them too (`passage`). All
//! other junctions stay as they are: Heidelberg's 476 restrictions and 3,711 destination-only edges together add
//! 3,802 nodes to 12,455, where a graph of turns would have as many nodes as there are edges: 26,289.
//!
//! The slow twin is `dijkstra`, which remembers restrictions itself and knows nothing of this file.
//! The nodes of a road graph come first and with their own numbers, and so do its edges as arcs.

mod passage;
mod rules;

use std::collections::BTreeMap;

use crate::graph::{EdgeId, NodeId, RoadGraph};
use crate::turn_graph::rules::{RuleState, Rules};

pub(crate) use passage::Passage;

/// A junction together with what matters of how one got there.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TurnNode(pub u32);

/// A road edge driven from one such node to another. The arc of an edge from its unsplit tail has the
/// number of the edge.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct TurnArc(pub(crate) u32);

/// Where a road may be entered, and the price due there in milliseconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Entry {
    pub(crate) node: TurnNode,
    pub(crate) price: u32,
}

/// The graph that the hierarchy is built on. Derived from the road graph alone, so it is not stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TurnGraph {
    /// Node -> its first arc; one more entry than nodes.
    first_out: Vec<u32>,
    /// Arc -> the node it leads to.
    head: Vec<TurnNode>,
    /// Edges come first; arc minus edge count -> the edge that the arc is a copy of.
    copy_of: Vec<EdgeId>,
    /// Arc minus edge count -> the price of passing through destination-only roads is due.
    is_priced: Vec<bool>,
    price: u32,
    /// Node minus junction count -> the junction it is a part of.
    part_of: Vec<NodeId>,
    junctions: u32,
    /// Junction -> the first of its parts in `parts`; one more entry than junctions.
    first_part: Vec<u32>,
    parts: Vec<TurnNode>,
    /// Edge -> where one is at its head who began the drive on it.
    start: Vec<TurnNode>,
}

impl TurnGraph {
    pub(crate) fn new(graph: &RoadGraph) -> TurnGraph {
        let rules = Rules::new(graph.restrictions(), graph.edge_count());
        let mut states = States::new(graph);
        let start: Vec<TurnNode> = graph
            .edges()
            .map(|edge| {
                states.node(State {
                    junction: graph.head(edge),
                    rule: rules.next(RuleState::NONE, edge),
                    passage: Passage::starting(graph.is_guarded(edge)),
                })
            })
            .collect();
        let mut turns = TurnGraph {
            first_out: Vec::with_capacity(graph.node_count() + 1),
            head: Vec::with_capacity(graph.edge_count()),
            copy_of: Vec::new(),
            is_priced: Vec::new(),
            price: graph.through_price().as_millis(),
            part_of: Vec::new(),
            junctions: graph.node_count() as u32,
            first_part: Vec::new(),
            parts: Vec::new(),
            start,
        };
        // Grows while it is walked: an arc may lead to a node that was not there before.
        let mut node = 0;
        while node < states.count() {
            turns.add_arcs(graph, &rules, &mut states, TurnNode(node));
            node += 1;
        }
        turns.first_out.push(turns.head.len() as u32);
        turns.part_of = states.others.iter().map(|state| state.junction).collect();
        turns.link_parts();
        turns
    }

    fn add_arcs(&mut self, graph: &RoadGraph, rules: &Rules, states: &mut States, node: TurnNode) {
        self.first_out.push(self.head.len() as u32);
        let state = states.state(node);
        for edge in graph.out_edges(state.junction).filter(|&edge| rules.allows(state.rule, edge)) {
            let (passage, is_priced) = state.passage.driving(graph.is_guarded(edge));
            let rule = rules.next(state.rule, edge);
            self.head.push(states.node(State { junction: graph.head(edge), rule, passage }));
            if self.junctions <= node.0 {
                self.copy_of.push(edge);
                self.is_priced.push(is_priced);
            }
        }
    }

    fn link_parts(&mut self) {
        let mut by_junction: Vec<(NodeId, TurnNode)> =
            (self.junctions..).map(TurnNode).zip(&self.part_of).map(|(node, &junction)| (junction, node)).collect();
        by_junction.sort_unstable();
        self.first_part = vec![0; self.junctions as usize + 1];
        for (junction, _) in &by_junction {
            self.first_part[junction.0 as usize + 1] += 1;
        }
        for junction in 0..self.junctions as usize {
            self.first_part[junction + 1] += self.first_part[junction];
        }
        self.parts = by_junction.into_iter().map(|(_, node)| node).collect();
    }

    pub fn node_count(&self) -> usize {
        self.first_out.len() - 1
    }

    /// How many nodes there are beyond one for each junction.
    pub fn split_count(&self) -> usize {
        self.part_of.len()
    }

    /// How many arcs there are beyond one for each edge.
    pub fn copy_count(&self) -> usize {
        self.copy_of.len()
    }

    pub(crate) fn edge_count(&self) -> usize {
        self.start.len()
    }

    pub(crate) fn arc_count(&self) -> usize {
        self.head.len()
    }

    pub(crate) fn nodes(&self) -> impl ExactSizeIterator<Item = TurnNode> + use<> {
        (0..self.node_count() as u32).map(TurnNode)
    }

    /// Every arc, in order, with the node it leaves.
    pub(crate) fn arcs(&self) -> impl Iterator<Item = (TurnNode, TurnArc)> + '_ {
        self.nodes().flat_map(|node| self.out_arcs(node).map(move |arc| (node, arc)))
    }

    pub(crate) fn out_arcs(&self, node: TurnNode) -> impl ExactSizeIterator<Item = TurnArc> + use<> {
        (self.first_out[node.0 as usize]..self.first_out[node.0 as usize + 1]).map(TurnArc)
    }

    pub(crate) fn head(&self, arc: TurnArc) -> TurnNode {
        self.head[arc.0 as usize]
    }

    pub(crate) fn edge(&self, arc: TurnArc) -> EdgeId {
        match arc.0.checked_sub(self.edge_count() as u32) {
            None => EdgeId(arc.0),
            Some(copy) => self.copy_of[copy as usize],
        }
    }

    /// What the arc takes beyond the weight of its edge, in milliseconds.
    pub(crate) fn price(&self, arc: TurnArc) -> u32 {
        match arc.0.checked_sub(self.edge_count() as u32) {
            Some(copy) if self.is_priced[copy as usize] => self.price,
            _ => 0,
        }
    }

    pub(crate) fn junction(&self, node: TurnNode) -> NodeId {
        match node.0.checked_sub(self.junctions) {
            None => NodeId(node.0),
            Some(part) => self.part_of[part as usize],
        }
    }

    /// True if the junction of this node has further nodes.
    pub(crate) fn is_split(&self, node: TurnNode) -> bool {
        let junction = self.junction(node).0 as usize;
        self.first_part[junction] < self.first_part[junction + 1]
    }

    /// Where one is at the head of the edge who began the drive on it.
    pub(crate) fn start(&self, edge: EdgeId) -> TurnNode {
        self.start[edge.0 as usize]
    }

    /// All nodes from which the edge may be entered; at most junctions, its tail alone.
    pub(crate) fn entries(&self, tail: NodeId, edge: EdgeId) -> impl Iterator<Item = Entry> + Clone {
        let parts = self.first_part[tail.0 as usize] as usize..self.first_part[tail.0 as usize + 1] as usize;
        let of_part = move |&node: &TurnNode| {
            let arc = self.out_arcs(node).find(|&arc| self.edge(arc) == edge)?;
            Some(Entry { node, price: self.price(arc) })
        };
        std::iter::once(Entry { node: TurnNode(tail.0), price: 0 }).chain(self.parts[parts].iter().filter_map(of_part))
    }
}

/// How one stands at a junction.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct State {
    junction: NodeId,
    rule: RuleState,
    passage: Passage,
}

/// Numbers states in the order they are first met, after one for each junction.
struct States {
    /// Junction -> the passage of its own node: what most who come there have.
    own: Vec<Passage>,
    others: Vec<State>,
    number: BTreeMap<State, TurnNode>,
}

impl States {
    fn new(graph: &RoadGraph) -> States {
        let mut own = vec![Passage::Leaving; graph.node_count()];
        for edge in graph.edges().filter(|&edge| !graph.is_guarded(edge)) {
            own[graph.tail(edge).0 as usize] = Passage::Open;
            own[graph.head(edge).0 as usize] = Passage::Open;
        }
        States { own, others: Vec::new(), number: BTreeMap::new() }
    }

    fn count(&self) -> u32 {
        (self.own.len() + self.others.len()) as u32
    }

    fn state(&self, node: TurnNode) -> State {
        match (node.0 as usize).checked_sub(self.own.len()) {
            None => State { junction: NodeId(node.0), rule: RuleState::NONE, passage: self.own[node.0 as usize] },
            Some(other) => self.others[other],
        }
    }

    fn node(&mut self, state: State) -> TurnNode {
        if state.rule == RuleState::NONE && state.passage == self.own[state.junction.0 as usize] {
            return TurnNode(state.junction.0);
        }
        let next = TurnNode(self.count());
        *self.number.entry(state).or_insert_with(|| {
            self.others.push(state);
            next
        })
    }
}

#[cfg(test)]
mod tests;

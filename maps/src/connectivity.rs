//! Which roads are not part of the network, and why: for the mapper who can put it right.
//!
//! The network is the largest strongly connected component: from anywhere in it a vehicle can drive anywhere else in
//! it. All other roads fall into *pieces*, each with one flaw: an island that nothing joins to the network, or roads
//! behind one-way streets that lead only in, only out, or neither. A piece says where to look: how near an island comes
//! to the network and between which roads, and by which one-way streets a piece hangs on it.
//! Roads that hang together with the network all around, and yet cannot be come to or left, are closed by turn
//! restrictions.

mod gap;

use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::unionfind::UnionFind;
use petgraph::visit::{Dfs, Reversed, Walker};

use mukae_units::Metres;

use crate::graph::{EdgeId, NodeId, RoadGraph};
use crate::osm::RoadClass;

pub use gap::Gap;

/// Why a vehicle that must come and go cannot use a piece.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Flaw {
    /// No road at all joins it to the network.
    Island,
    /// One can drive there from the network, but not back.
    NoWayOut,
    /// One can drive to the network from there, but not there.
    NoWayIn,
    /// It lies between pieces of the two kinds before, or behind them: no way in and none out.
    NoWayThrough,
    /// Junctions at both its ends are of the network, but turns that would be needed are forbidden.
    Turns,
}

impl Flaw {
    pub const ALL: [Flaw; 5] = [Flaw::Island, Flaw::NoWayOut, Flaw::NoWayIn, Flaw::NoWayThrough, Flaw::Turns];
}

/// Roads that hang together, are not part of the network and have the same flaw.
#[derive(Clone, PartialEq, Debug)]
pub struct Piece {
    pub flaw: Flaw,
    /// One edge of each stretch of road, ascending; never empty.
    pub edges: Vec<EdgeId>,
    /// Each stretch counted once.
    pub length: Metres,
    /// The one-way edges between the piece and other roads; none for an island or [`Flaw::Turns`]. Some are of the piece.
    pub doors: Vec<EdgeId>,
    /// Where roads of the piece end that one could not leave again ([`Flaw::NoWayOut`]), or begin that one could not
    /// have come to ([`Flaw::NoWayIn`]).
    pub ends: Vec<NodeId>,
    /// OSM ids of the turn restrictions that speak about roads of the piece, ascending; only for [`Flaw::Turns`].
    pub restrictions: Vec<i64>,
    /// Where an island comes nearest to the network; `None` for other pieces, or if there is no network.
    pub gap: Option<Gap>,
}

impl Piece {
    /// True if the piece has nothing but driveways, car parks, yards and tracks.
    pub fn is_minor(&self, graph: &RoadGraph) -> bool {
        self.edges.iter().all(|&edge| matches!(graph.way(edge).class, RoadClass::Service | RoadClass::Track))
    }
}

#[derive(Clone, PartialEq, Debug)]
pub struct Connectivity {
    /// Of all roads, each stretch counted once.
    pub road_length: Metres,
    /// Of those in the network.
    pub network_length: Metres,
    /// Longest first; equally long ones by their lowest edge.
    pub pieces: Vec<Piece>,
}

/// Finds all roads that are not part of the network.
pub fn connectivity(graph: &RoadGraph) -> Connectivity {
    let flaws = flaws(graph);
    let mut pieces = pieces(graph, &flaws);
    gap::measure(graph, pieces.iter_mut().filter(|piece| piece.flaw == Flaw::Island));
    pieces.sort_by_key(|piece| (std::cmp::Reverse(piece.length), piece.edges[0]));
    let stretches = || graph.edges().filter(|&edge| graph.is_canonical(edge));
    Connectivity {
        road_length: graph.road_length(),
        network_length: stretches().filter(|&edge| graph.is_routable(edge)).map(|edge| graph.length(edge)).sum(),
        pieces,
    }
}

/// Node by node; `None` in the network. If no two places reach one another, all is islands.
fn flaws(graph: &RoadGraph) -> Vec<Option<Flaw>> {
    let index = |node: NodeId| NodeIndex::new(node.0 as usize);
    let mut roads: DiGraph<(), ()> = DiGraph::with_capacity(graph.node_count(), graph.edge_count());
    for _ in 0..graph.node_count() {
        roads.add_node(());
    }
    for edge in graph.edges() {
        roads.add_edge(index(graph.tail(edge)), index(graph.head(edge)), ());
    }
    let Some(inside) = graph.edges().find(|&edge| graph.is_routable(edge)).map(|edge| index(graph.tail(edge))) else {
        return vec![Some(Flaw::Island); graph.node_count()];
    };
    let (mut comes, mut goes) = (vec![false; graph.node_count()], vec![false; graph.node_count()]);
    Dfs::new(&roads, inside).iter(&roads).for_each(|node| comes[node.index()] = true);
    Dfs::new(Reversed(&roads), inside).iter(Reversed(&roads)).for_each(|node| goes[node.index()] = true);
    // The components that do not mind which way a street is driven.
    let mut joined = UnionFind::new(graph.node_count());
    for edge in graph.edges() {
        joined.union(graph.tail(edge).0 as usize, graph.head(edge).0 as usize);
    }
    (0..graph.node_count())
        .map(|node| match (comes[node], goes[node]) {
            (true, true) => None,
            (true, false) => Some(Flaw::NoWayOut),
            (false, true) => Some(Flaw::NoWayIn),
            (false, false) if joined.equiv(node, inside.index()) => Some(Flaw::NoWayThrough),
            (false, false) => Some(Flaw::Island),
        })
        .collect()
}

/// An edge is part of the piece of its end; of two pieces, of the one it starts in. One between two nodes of the network is
/// part of a piece only if it cannot be used all the same.
fn pieces(graph: &RoadGraph, flaws: &[Option<Flaw>]) -> Vec<Piece> {
    let flaw_of = |node: NodeId| flaws[node.0 as usize];
    let mut joined = UnionFind::new(graph.node_count());
    for edge in graph.edges() {
        let (tail, head) = (graph.tail(edge), graph.head(edge));
        if flaw_of(tail) == flaw_of(head) {
            joined.union(tail.0 as usize, head.0 as usize);
        }
    }
    let piece_of = |node: NodeId| flaw_of(node).map(|_| joined.find(node.0 as usize));
    let is_closed = |&edge: &EdgeId| {
        !graph.is_routable(edge) && flaw_of(graph.tail(edge)).is_none() && flaw_of(graph.head(edge)).is_none()
    };
    let mut closed = UnionFind::new(graph.node_count());
    for edge in graph.edges().filter(|&edge| graph.is_canonical(edge)).filter(is_closed) {
        closed.union(graph.tail(edge).0 as usize, graph.head(edge).0 as usize);
    }

    // Those closed by turns stand behind the others.
    let mut pieces: Vec<Option<Piece>> = vec![None; 2 * graph.node_count()];
    for edge in graph.edges().filter(|&edge| graph.is_canonical(edge)) {
        let (tail, head) = (graph.tail(edge), graph.head(edge));
        let (of, flaw) = match flaw_of(tail).zip(piece_of(tail)).or(flaw_of(head).zip(piece_of(head))) {
            Some((flaw, of)) => (of, flaw),
            None if is_closed(&edge) => (graph.node_count() + closed.find(tail.0 as usize), Flaw::Turns),
            None => continue,
        };
        let piece = pieces[of].get_or_insert_with(|| Piece {
            flaw,
            edges: Vec::new(),
            length: Metres::ZERO,
            doors: Vec::new(),
            ends: Vec::new(),
            restrictions: Vec::new(),
            gap: None,
        });
        piece.edges.push(edge);
        piece.length += graph.length(edge);
    }
    let mut is_entered = vec![false; graph.node_count()];
    for edge in graph.edges() {
        let (tail, head) = (graph.tail(edge), graph.head(edge));
        is_entered[head.0 as usize] = true;
        for of in [piece_of(tail), piece_of(head)].into_iter().flatten().filter(|_| piece_of(tail) != piece_of(head)) {
            pieces[of].iter_mut().for_each(|piece| piece.doors.push(edge));
        }
    }
    for node in (0..graph.node_count() as u32).map(NodeId) {
        let is_end = match flaw_of(node) {
            Some(Flaw::NoWayOut) => graph.out_edges(node).len() == 0,
            Some(Flaw::NoWayIn) => !is_entered[node.0 as usize],
            _ => false,
        };
        if let (true, Some(of)) = (is_end, piece_of(node)) {
            pieces[of].iter_mut().for_each(|piece| piece.ends.push(node));
        }
    }
    let mut pieces: Vec<Piece> = pieces.into_iter().flatten().collect();
    for piece in pieces.iter_mut().filter(|piece| piece.flaw == Flaw::Turns) {
        piece.restrictions = restrictions_on(graph, &piece.edges);
    }
    pieces
}

/// `edges` are canonical and ascending.
fn restrictions_on(graph: &RoadGraph, edges: &[EdgeId]) -> Vec<i64> {
    let stretch = |edge: EdgeId| graph.twin(edge).map_or(edge, |twin| edge.min(twin));
    let is_on = |edge: &EdgeId| edges.binary_search(&stretch(*edge)).is_ok();
    let speaking = graph.restrictions().iter().filter(|restriction| restriction.chain.iter().any(is_on));
    let mut ids: Vec<i64> = speaking.map(|restriction| restriction.osm_id).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

#[cfg(test)]
mod tests;

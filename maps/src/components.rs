//! The part of the network in which every place can be reached from every other.

mod dead_ends;
mod enclosed;

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::{Dfs, Reversed, Walker};

use mukae_units::LatLon;

use crate::graph::{EdgeId, RoadGraph};
use crate::turn_graph::{TurnArc, TurnGraph, TurnNode};

pub(crate) use dead_ends::dead_ends;
pub(crate) use enclosed::enclosed;

/// Edge by edge, whether a vehicle can come from the largest strongly connected component and go
/// back to it, and how large that is. Sizes count junctions and the shape points between them, as a map of
/// OSM nodes would.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct LargestComponent {
    pub(crate) is_routable: Vec<bool>,
    pub(crate) size: u64,
    /// All nodes and shape points.
    pub(crate) total: u64,
}

pub(crate) fn largest_component(graph: &RoadGraph, turns: &TurnGraph) -> LargestComponent {
    let is_routable = routable_by(graph, turns, |_| true);
    let mut counted = vec![false; graph.node_count()];
    let (mut size, mut total) = (0, graph.node_count() as u64);
    for edge in graph.edges() {
        let is_in = is_routable[edge.0 as usize];
        if graph.is_canonical(edge) {
            let between = graph.line(edge).count() as u64 - 2;
            total += between;
            size += if is_in { between } else { 0 };
        }
        if is_in {
            counted[graph.tail(edge).0 as usize] = true;
            counted[graph.head(edge).0 as usize] = true;
        }
    }
    size += counted.iter().filter(|&&is_in| is_in).count() as u64;
    LargestComponent { is_routable, size, total }
}

/// Edge by edge, whether a vehicle that drives only edges of which `is_taken` holds can come there from the
/// largest component that they make, and go back to it.
fn routable_by(graph: &RoadGraph, turns: &TurnGraph, is_taken: impl Fn(EdgeId) -> bool) -> Vec<bool> {
    let is_taken = |&arc: &TurnArc| is_taken(turns.edge(arc));
    let roads = digraph(turns, is_taken);
    match largest(graph, turns, &roads, is_taken) {
        Some(core) => routable(graph, turns, &roads, core),
        None => vec![false; graph.edge_count()],
    }
}

fn digraph(turns: &TurnGraph, is_taken: impl Fn(&TurnArc) -> bool) -> DiGraph<(), ()> {
    let mut roads: DiGraph<(), ()> = DiGraph::with_capacity(turns.node_count(), turns.arc_count());
    for _ in turns.nodes() {
        roads.add_node(());
    }
    for node in turns.nodes() {
        for arc in turns.out_arcs(node).filter(&is_taken) {
            roads.add_edge(index(node), index(turns.head(arc)), ());
        }
    }
    roads
}

fn index(node: TurnNode) -> NodeIndex {
    NodeIndex::new(node.0 as usize)
}

/// A node of the component that spans the most shape points and junctions; of equally large ones, of the
/// one with the lowest node.
fn largest(
    graph: &RoadGraph,
    turns: &TurnGraph,
    roads: &DiGraph<(), ()>,
    is_taken: impl Fn(&TurnArc) -> bool,
) -> Option<TurnNode> {
    // Tarjan's algorithm recurses in petgraph and overflows the stack on a large network.
    let components = kosaraju_scc(roads);
    let mut component_of = vec![0u32; turns.node_count()];
    let mut sizes = vec![0u64; components.len()];
    for (component, nodes) in components.iter().enumerate() {
        sizes[component] = nodes.len() as u64;
        for node in nodes {
            component_of[node.index()] = component as u32;
        }
    }
    for node in turns.nodes() {
        let component = component_of[node.0 as usize];
        let is_inside = |arc: &TurnArc| is_taken(arc) && component_of[turns.head(*arc).0 as usize] == component;
        for arc in turns.out_arcs(node).filter(is_inside) {
            if graph.is_canonical(turns.edge(arc)) {
                sizes[component as usize] += graph.line(turns.edge(arc)).count() as u64 - 2;
            }
        }
    }
    let size_of = |node: TurnNode| sizes[component_of[node.0 as usize] as usize];
    turns.nodes().reduce(|best, next| if size_of(best) < size_of(next) { next } else { best })
}

fn routable(graph: &RoadGraph, turns: &TurnGraph, roads: &DiGraph<(), ()>, core: TurnNode) -> Vec<bool> {
    let mut comes_from = vec![false; turns.node_count()];
    for node in Dfs::new(roads, index(core)).iter(roads) {
        comes_from[node.index()] = true;
    }
    let mut leads_to = vec![false; turns.node_count()];
    for node in Dfs::new(Reversed(roads), index(core)).iter(Reversed(roads)) {
        leads_to[node.index()] = true;
    }
    let is_routable = |edge: EdgeId| {
        leads_to[turns.start(edge).0 as usize]
            && turns.entries(graph.tail(edge), edge).any(|entry| comes_from[entry.node.0 as usize])
    };
    graph.edges().map(is_routable).collect()
}

/// Positions of all nodes and shape points, each street's once.
pub(crate) fn all_points(graph: &RoadGraph) -> impl Iterator<Item = LatLon> {
    graph.edges().filter(|&edge| graph.is_canonical(edge)).flat_map(|edge| graph.line(edge))
}

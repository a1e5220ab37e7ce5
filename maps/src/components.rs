//! The part of the network in which every place can be reached from every other.

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};

use mukae_units::LatLon;

use crate::graph::{EdgeId, RoadGraph};

/// Edge by edge, whether both ends lie in the largest strongly connected component, and how large
/// that is. Sizes count nodes and the shape points between them, as a map of OSM nodes would: a
/// shape point belongs to a component if the road it lies on can be driven to and left again.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct LargestComponent {
    pub(crate) is_routable: Vec<bool>,
    pub(crate) size: u64,
    /// All nodes and shape points.
    pub(crate) total: u64,
}

pub(crate) fn largest_component(graph: &RoadGraph) -> LargestComponent {
    let mut roads: DiGraph<(), ()> = DiGraph::with_capacity(graph.node_count(), graph.edge_count());
    for _ in 0..graph.node_count() {
        roads.add_node(());
    }
    for edge in graph.edges() {
        let node = |node: crate::graph::NodeId| NodeIndex::new(node.0 as usize);
        roads.add_edge(node(graph.tail(edge)), node(graph.head(edge)), ());
    }
    // Tarjan's algorithm recurses in petgraph and overflows the stack on a large network.
    let components = kosaraju_scc(&roads);
    let mut component_of = vec![0u32; graph.node_count()];
    let mut sizes = vec![0u64; components.len()];
    for (component, nodes) in components.iter().enumerate() {
        sizes[component] = nodes.len() as u64;
        for node in nodes {
            component_of[node.index()] = component as u32;
        }
    }
    let of_edge = |edge: EdgeId| {
        let component = component_of[graph.tail(edge).0 as usize];
        (component == component_of[graph.head(edge).0 as usize]).then_some(component)
    };
    let mut total = graph.node_count() as u64;
    for edge in graph.edges().filter(|&edge| graph.is_canonical(edge)) {
        let between = graph.line(edge).count() as u64 - 2;
        total += between;
        if let Some(component) = of_edge(edge) {
            sizes[component as usize] += between;
        }
    }
    // Of equally large ones, the one with the lowest node.
    let size_of = |component: u32| sizes[component as usize];
    let largest =
        component_of.iter().copied().reduce(|best, next| if size_of(best) < size_of(next) { next } else { best });
    LargestComponent {
        is_routable: graph.edges().map(|edge| largest.is_some() && of_edge(edge) == largest).collect(),
        size: largest.map_or(0, |component| sizes[component as usize]),
        total,
    }
}

/// Positions of all nodes and shape points, each street's once.
pub(crate) fn all_points(graph: &RoadGraph) -> impl Iterator<Item = LatLon> {
    graph.edges().filter(|&edge| graph.is_canonical(edge)).flat_map(|edge| graph.line(edge))
}

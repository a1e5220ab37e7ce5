//! FleetPy's roads as a road graph: nodes with coordinates, edges with seconds and metres.
//!
//! A vehicle stands at a node there; here it stands on an edge. So each node that somebody starts from or goes to gets a
//! stub, a two-way road of one millisecond that leads nowhere, and the place is its near end: from and to that end a drive
//! takes exactly as long as from and to the node.

use std::collections::BTreeMap;
use std::sync::Arc;

use mukae_maps::graph::{NewEdge, NewRoad, NewRoads, Way};
use mukae_maps::osm::RoadClass;
use mukae_maps::{
    BASE_METRIC, EdgeId, Fraction, Hierarchy, LABEL_BYTES_MAX, NodeId, Place, RoadGraph, RoadMetric, RoadQuery, Sides,
    Tree,
};
use mukae_units::{Metres, TravelTime};

use super::files::{Files, ReadError, edges, nodes};

/// Roads between all nodes, ready to be asked.
#[derive(Debug)]
pub struct Network {
    graph: Arc<RoadGraph>,
    metric: Arc<RoadMetric>,
    /// The stub of a node.
    stub: BTreeMap<i64, EdgeId>,
}

const STUB: TravelTime = TravelTime::from_millis(1);

impl Network {
    pub fn read(files: &Files) -> Result<Network, ReadError> {
        let nodes = nodes(files)?;
        let node_of: BTreeMap<i64, NodeId> = nodes.keys().copied().zip((0..).map(NodeId)).collect();
        let mut roads = NewRoads::new(nodes.values().copied().collect());
        for edge in edges(files, &node_of)? {
            roads.add(road(edge.tail, edge.head, edge.length, edge.time, false), []);
        }
        // every node could be somebody's: a stub costs nothing
        let count = roads.positions.len() as u32;
        let ends: Vec<_> = nodes.values().copied().collect();
        roads.positions.extend(ends);
        for node in 0..count {
            roads.add(road(NodeId(node), NodeId(node + count), Metres::ZERO, STUB, true), []);
        }
        let way = Way { osm_id: 0, name: 0, class: RoadClass::Road, is_roundabout: false };
        let graph = RoadGraph::new(&roads, &[way], &[String::new()]);
        let stub_of = |node: NodeId| {
            let mut out = graph.out_edges(node);
            out.find(|edge| graph.head(*edge).0 == node.0 + count).expect("every node has a stub")
        };
        let stub = node_of.iter().map(|(&name, &node)| (name, stub_of(node))).collect();
        let hierarchy = Arc::new(Hierarchy::build(&graph));
        let customized = Arc::new(hierarchy.customize(graph.weights(), BASE_METRIC));
        let metric = RoadMetric::new(customized, &Arc::new(Tree::new(&hierarchy)), LABEL_BYTES_MAX);
        Ok(Network { graph: Arc::new(graph), metric: Arc::new(metric), stub })
    }

    pub fn has(&self, node: i64) -> bool {
        self.stub.contains_key(&node)
    }

    /// Panics if there is no such node.
    pub fn place(&self, node: i64) -> Place {
        let edge = *self.stub.get(&node).unwrap_or_else(|| panic!("the network has no node {node}"));
        Place { edge, fraction: Fraction::TAIL, sides: Sides::Both }
    }

    pub fn roads(&self) -> RoadQuery {
        RoadQuery::new(Arc::clone(&self.graph), Arc::clone(&self.metric))
    }
}

fn road(tail: NodeId, head: NodeId, length: Metres, weight: TravelTime, is_two_way: bool) -> NewRoad {
    let edge = NewEdge { weight, is_destination_only: false };
    NewRoad { tail, head, length, way: 0, forward: Some(edge), backward: is_two_way.then_some(edge) }
}

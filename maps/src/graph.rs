//! The road graph: columns of nodes and directed edges, with what a driver and a mapper need to know.
//!
//! Edges are sorted by tail; the two directions of a road are two edges, each the other's twin.
//! What is kept here is what the extract said; travel times over it live in `hierarchy`.

mod bits;
mod columns;
mod names;
mod new_roads;

use mukae_units::{LatLon, Metres, TravelTime};

use crate::column::Column;
use crate::components::largest_component;
use crate::graph::bits::Bits;
use crate::graph::names::Names;
use crate::osm::RoadClass;
use crate::turn_graph::TurnGraph;

pub use columns::BrokenGraph;
pub use new_roads::{NewEdge, NewRoad, NewRoads};

pub(crate) use new_roads::NewEdgeId;

/// A directed edge: one road segment between two junctions, in one direction.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct EdgeId(pub u32);

/// A junction, or the end of a road.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct NodeId(pub u32);

/// An OSM way as far as the graph needs it; many edges come from one way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Way {
    pub osm_id: i64,
    /// Index into the graph's names; 0 is the empty name.
    pub name: u32,
    pub class: RoadClass,
    pub is_roundabout: bool,
}

/// What a turn restriction says about its turn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TurnRule {
    /// `no_*`: this turn is forbidden.
    No,
    /// `only_*`: from this edge every other turn is forbidden.
    Only,
}

/// A turn restriction, kept as the extract states it: the chain of edges it speaks about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TurnRestriction {
    pub osm_id: i64,
    pub rule: TurnRule,
    /// From the `from` way over the `via` ways, if any, to the `to` way; at least two edges, each
    /// starting where the one before it ends.
    pub chain: Vec<EdgeId>,
}

/// Columns over nodes and edges, in memory or in a mapped file. Built once, then read only.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RoadGraph {
    /// Node -> its first edge; one more entry than nodes.
    first_out: Column<u32>,
    /// Edge -> the node it leaves; follows from `first_out`.
    tail: Column<u32>,
    head: Column<u32>,
    /// In millimetres; all together, times 2¹⁶, they fit 64 bits.
    length: Column<u64>,
    /// Each positive and below [`TOO_FAR`](crate::hierarchy::TOO_FAR).
    weight: Column<TravelTime>,
    /// The opposite direction of the same stretch of road, or `NO_EDGE`.
    twin: Column<u32>,
    way: Column<u32>,
    /// Edge -> only those who start or end there should drive it.
    is_destination_only: Bits,
    /// Edge -> through traffic is kept out of it: it is destination-only, and one could pass through.
    is_guarded: Bits,
    /// Edge -> its first shape point; one more entry than edges.
    first_shape: Column<u32>,
    /// Latitude and longitude in 10⁻⁷ degrees, on the globe.
    shape: Column<[i32; 2]>,
    position: Column<[i32; 2]>,
    ways: Ways,
    /// Each name once; entry 0 is the empty name.
    names: Names,
    /// What is forbidden at junctions, in the order of the extract.
    restrictions: Vec<TurnRestriction>,
    /// What it costs to pass through destination-only roads.
    through_price: TravelTime,
    /// Edge -> it can be reached from the largest strongly connected component, and that from it.
    is_routable: Bits,
    /// Nodes and shape points in that component, and in all.
    component_size: u64,
    point_count: u64,
}

/// Unless a profile says otherwise.
pub const THROUGH_PRICE: TravelTime = TravelTime::from_secs(300);
const NO_EDGE: u32 = u32::MAX;

/// Direction of a new road -> its edge, or `NO_EDGE`.
pub(crate) struct LaidEdges(Vec<u32>);

impl LaidEdges {
    pub(crate) fn edge(&self, of: NewEdgeId) -> Option<EdgeId> {
        let edge = self.0[of.0 as usize];
        (edge != NO_EDGE).then_some(EdgeId(edge))
    }
}

/// [`Way`] in columns.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Ways {
    osm_id: Column<i64>,
    name: Column<u32>,
    /// Index into [`RoadClass::ALL`].
    class: Column<u32>,
    is_roundabout: Bits,
}

/// No sensible restriction is about more edges in a row; a bound for what a map file makes us do.
pub(crate) const CHAIN_EDGES_MAX: usize = 256;

impl RoadGraph {
    /// Edges are sorted by tail, then head, then road, forward before backward.
    ///
    /// Panics if a road names a node or way that is not there, or takes no time: the caller made the list.
    pub fn new(roads: &NewRoads, ways: &[Way], names: &[String]) -> RoadGraph {
        RoadGraph::lay(roads, ways, names).0.with_restrictions(Vec::new())
    }

    /// The same but for the largest component, which [`RoadGraph::with_restrictions`] finds; and what became of
    /// the directions of `roads`.
    pub(crate) fn lay(roads: &NewRoads, ways: &[Way], names: &[String]) -> (RoadGraph, LaidEdges) {
        assert!(names.first().is_some_and(String::is_empty), "name 0 is the empty name");
        let nodes = roads.positions.len();
        let first_out = first_out(nodes, roads.edges().map(|edge| roads.tail(edge)));
        let order = in_order(roads, &first_out);
        let mut laid = LaidEdges(vec![NO_EDGE; roads.len() * 2]);
        for (id, &edge) in order.iter().enumerate() {
            laid.0[edge.0 as usize] = id as u32;
        }
        let mut first_shape = Vec::with_capacity(order.len() + 1);
        let mut shape = Vec::with_capacity(order.iter().map(|&edge| roads.shape(edge).len()).sum());
        for &edge in &order {
            assert!((roads.head(edge).0 as usize) < nodes, "{edge:?} leads to {:?}", roads.head(edge));
            assert!((roads.road(edge).way as usize) < ways.len(), "{edge:?} is of way {}", roads.road(edge).way);
            first_shape.push(shape.len() as u32);
            shape.extend(roads.shape(edge).map(halves));
        }
        first_shape.push(shape.len() as u32);
        let each = || order.iter().map(|&edge| (roads.road(edge), roads.edge(edge).expect("an edge that is open")));
        let graph = RoadGraph {
            first_out: first_out.into(),
            tail: order.iter().map(|&edge| roads.tail(edge).0).collect(),
            head: order.iter().map(|&edge| roads.head(edge).0).collect(),
            length: each().map(|(road, _)| road.length.as_millimetres()).collect(),
            weight: each().map(|(_, edge)| edge.weight).collect(),
            twin: order.iter().map(|edge| laid.0[edge.reversed().0 as usize]).collect(),
            way: each().map(|(road, _)| road.way).collect(),
            is_destination_only: each().map(|(_, edge)| edge.is_destination_only).collect(),
            is_guarded: each().map(|(_, edge)| edge.is_destination_only).collect(),
            first_shape: first_shape.into(),
            shape: shape.into(),
            position: roads.positions.iter().copied().map(halves).collect(),
            ways: ways.into(),
            names: names.iter().map(String::as_str).collect(),
            restrictions: Vec::new(),
            through_price: THROUGH_PRICE,
            is_routable: Bits::default(),
            component_size: 0,
            point_count: 0,
        };
        assert!(!graph.weight.contains(&TravelTime::ZERO), "an edge takes no time");
        (graph, laid)
    }

    /// The same roads with turn restrictions.
    ///
    /// Panics if a chain is shorter than two edges, very long, or does not hang together: the caller made it.
    pub fn with_restrictions(mut self, restrictions: Vec<TurnRestriction>) -> RoadGraph {
        for restriction in &restrictions {
            assert!(self.is_chain(&restriction.chain), "{restriction:?} is no chain");
        }
        self.restrictions = restrictions;
        self.find_component();
        self
    }

    /// The same roads at another price of passing through destination-only ones.
    pub fn with_through_price(mut self, price: TravelTime) -> RoadGraph {
        self.through_price = price;
        self
    }

    /// The same roads, with further `edges`, ascending, on which only those may be who start or end there.
    pub(crate) fn with_destination_only(mut self, edges: &[EdgeId]) -> RoadGraph {
        let is_one = |edge: EdgeId| self.is_destination_only(edge) || edges.binary_search(&edge).is_ok();
        self.is_destination_only = self.edges().map(is_one).collect();
        self.is_guarded = self.is_destination_only.clone();
        self
    }

    /// The same roads, with nobody kept out of `edges`, ascending: one cannot pass through them.
    pub(crate) fn without_guard(mut self, edges: &[EdgeId]) -> RoadGraph {
        let is_one = |edge: EdgeId| self.is_guarded(edge) && edges.binary_search(&edge).is_err();
        self.is_guarded = self.edges().map(is_one).collect();
        self
    }

    /// True for at least two edges and not too many, each starting where the one before it ends.
    fn is_chain(&self, chain: &[EdgeId]) -> bool {
        (2..=CHAIN_EDGES_MAX).contains(&chain.len())
            && chain.iter().all(|edge| (edge.0 as usize) < self.head.len())
            && chain.windows(2).all(|pair| self.head(pair[0]) == self.tail(pair[1]))
    }

    fn find_component(&mut self) {
        let component = largest_component(self, &TurnGraph::new(self));
        self.is_routable = component.is_routable.into_iter().collect();
        self.component_size = component.size;
        self.point_count = component.total;
    }

    pub fn node_count(&self) -> usize {
        self.position.len()
    }

    pub fn edge_count(&self) -> usize {
        self.head.len()
    }

    pub fn edges(&self) -> impl ExactSizeIterator<Item = EdgeId> + use<> {
        (0..self.head.len() as u32).map(EdgeId)
    }

    pub fn out_edges(&self, node: NodeId) -> impl ExactSizeIterator<Item = EdgeId> + use<> {
        (self.first_out[node.0 as usize]..self.first_out[node.0 as usize + 1]).map(EdgeId)
    }

    pub fn tail(&self, edge: EdgeId) -> NodeId {
        NodeId(self.tail[edge.0 as usize])
    }

    pub fn head(&self, edge: EdgeId) -> NodeId {
        NodeId(self.head[edge.0 as usize])
    }

    pub fn length(&self, edge: EdgeId) -> Metres {
        Metres::from_millimetres(self.length[edge.0 as usize])
    }

    /// Driving time along the edge under the base metric.
    pub fn weight(&self, edge: EdgeId) -> TravelTime {
        self.weight[edge.0 as usize]
    }

    /// The base metric: a weight for each edge.
    pub fn weights(&self) -> &[TravelTime] {
        &self.weight
    }

    /// The opposite direction of the same stretch of road; `None` on a one-way street.
    pub fn twin(&self, edge: EdgeId) -> Option<EdgeId> {
        let twin = self.twin[edge.0 as usize];
        (twin != NO_EDGE).then_some(EdgeId(twin))
    }

    /// True for one edge of each stretch of road: the only one, or the twin with the smaller id.
    pub fn is_canonical(&self, edge: EdgeId) -> bool {
        self.twin(edge).is_none_or(|twin| edge < twin)
    }

    /// True if a vehicle can drive here from anywhere in the largest strongly connected component,
    /// and on to anywhere in it; turn restrictions are heeded.
    pub fn is_routable(&self, edge: EdgeId) -> bool {
        self.is_routable.get(edge.0 as usize)
    }

    /// True if only those who start or end on it may drive the edge, not through traffic: by its tags, or as
    /// nothing but such roads leads there.
    pub fn is_destination_only(&self, edge: EdgeId) -> bool {
        self.is_destination_only.get(edge.0 as usize)
    }

    /// True if through traffic is kept out of the edge, by the price of passing: it is destination-only, and leads
    /// somewhere else.
    pub fn is_guarded(&self, edge: EdgeId) -> bool {
        self.is_guarded.get(edge.0 as usize)
    }

    /// The share of the network, 0 to 1, that lies in the largest strongly connected component;
    /// nodes and the shape points between them are counted, as the extract's own nodes would be.
    pub fn largest_component_share(&self) -> f64 {
        if self.point_count == 0 { 0.0 } else { self.component_size as f64 / self.point_count as f64 }
    }

    /// The length of all roads, each stretch counted once, whether one-way or not.
    pub fn road_length(&self) -> Metres {
        self.edges().filter(|&edge| self.is_canonical(edge)).map(|edge| self.length(edge)).sum()
    }

    /// What is forbidden at junctions; all travel times and paths heed it.
    pub fn restrictions(&self) -> &[TurnRestriction] {
        &self.restrictions
    }

    /// What a drive that comes into destination-only roads from an open one, and comes out again,
    /// takes longer for it: enough to keep through traffic away where there is another road.
    pub fn through_price(&self) -> TravelTime {
        self.through_price
    }

    pub fn way(&self, edge: EdgeId) -> Way {
        self.ways.get(self.way[edge.0 as usize] as usize)
    }

    /// The road's name; empty if the extract gives none.
    pub fn name(&self, edge: EdgeId) -> &str {
        let way = self.way[edge.0 as usize];
        self.names.get(self.ways.name[way as usize] as usize)
    }

    pub fn position(&self, node: NodeId) -> LatLon {
        point(self.position[node.0 as usize])
    }

    /// Tail, shape points, head: the line the edge draws on a map, at least two points.
    pub fn line(&self, edge: EdgeId) -> impl Iterator<Item = LatLon> {
        let shape = self.first_shape[edge.0 as usize] as usize..self.first_shape[edge.0 as usize + 1] as usize;
        std::iter::once(self.position(self.tail(edge)))
            .chain(self.shape[shape].iter().copied().map(point))
            .chain(std::iter::once(self.position(self.head(edge))))
    }
}

impl Ways {
    fn len(&self) -> usize {
        self.name.len()
    }

    fn get(&self, way: usize) -> Way {
        Way {
            osm_id: self.osm_id[way],
            name: self.name[way],
            class: RoadClass::ALL[self.class[way] as usize],
            is_roundabout: self.is_roundabout.get(way),
        }
    }
}

impl From<&[Way]> for Ways {
    fn from(ways: &[Way]) -> Ways {
        Ways {
            osm_id: ways.iter().map(|way| way.osm_id).collect(),
            name: ways.iter().map(|way| way.name).collect(),
            class: ways.iter().map(|way| way.class as u32).collect(),
            is_roundabout: ways.iter().map(|way| way.is_roundabout).collect(),
        }
    }
}

fn halves(point: LatLon) -> [i32; 2] {
    [point.lat_e7(), point.lon_e7()]
}

fn point([lat, lon]: [i32; 2]) -> LatLon {
    LatLon::from_e7(lat, lon).expect("on the globe: made of points, or checked when the file was opened")
}

/// The edges by tail, then head, then number; `first_out` has room for them.
fn in_order(roads: &NewRoads, first_out: &[u32]) -> Vec<NewEdgeId> {
    let mut next = first_out.to_vec();
    let mut order = vec![NewEdgeId::forward(0); first_out[first_out.len() - 1] as usize];
    for edge in roads.edges() {
        let place = &mut next[roads.tail(edge).0 as usize];
        order[*place as usize] = edge;
        *place += 1;
    }
    for ends in first_out.windows(2) {
        order[ends[0] as usize..ends[1] as usize].sort_unstable_by_key(|&edge| (roads.head(edge), edge));
    }
    order
}

/// Counting sort's offsets: where the edges of each node start, given their tails in any order.
fn first_out(node_count: usize, tails: impl Iterator<Item = NodeId>) -> Vec<u32> {
    let mut first = vec![0u32; node_count + 1];
    for tail in tails {
        first[tail.0 as usize + 1] += 1;
    }
    for node in 0..node_count {
        first[node + 1] += first[node];
    }
    first
}

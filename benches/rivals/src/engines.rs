//! The engines side by side: each made from the neutral graph, each asked for a vertex and a vertex.

use std::sync::Arc;

use fast_paths::{FastGraph, InputGraph, PathCalculator};
use mukae_maps::graph::{NewEdge, NewRoad, NewRoads, Way};
use mukae_maps::osm::RoadClass;
use mukae_maps::{EdgeId, Fraction, Hierarchy, HierarchyQuery, MetricId, NodeId, Place, RoadGraph, Sides, TravelTimes};
use mukae_units::{LatLon, Metres, TravelTime};
use petgraph::graph::{DiGraph, NodeIndex};
use routingkit_cch::{CCH, CCHMetric, CCHQuery, compute_order_inertial};

use crate::graph::Graph;

pub trait Engine {
    /// The travel time from vertex to vertex; the graphs are strongly connected.
    fn millis(&mut self, from: u32, to: u32) -> u32;
}

pub type Make = fn(&Graph) -> Box<dyn Engine>;

/// Name, whether it answers in microseconds, and how it is made. Our hub labels will stand second.
pub const ENGINES: [(&str, bool, Make); 5] = [
    ("mukae, hierarchy", true, |graph| Box::new(Ours::new(graph))),
    ("RoutingKit CCH, by routingkit-cch 0.1.4", true, |graph| Box::new(RoutingKit::new(graph))),
    ("fast_paths 1.0.0 (CH; always with the path)", true, |graph| Box::new(FastPaths::new(graph))),
    ("petgraph 0.8.3, astar, straight line", false, |graph| Box::new(Petgraph::new(graph, true))),
    ("petgraph 0.8.3, dijkstra", false, |graph| Box::new(Petgraph::new(graph, false))),
];

struct Ours {
    query: HierarchyQuery,
    /// Vertex -> the places at which a vehicle has just arrived, and is about to leave.
    arrived: Vec<Place>,
    leaving: Vec<Place>,
}

impl Ours {
    fn new(graph: &Graph) -> Ours {
        let position = |&(lat, lon): &(f64, f64)| LatLon::from_degrees(lat, lon).expect("vertices are on the globe");
        let mut streets = NewRoads::new(graph.positions.iter().map(position).collect());
        for edge in &graph.edges {
            let weight = TravelTime::from_millis(edge.millis);
            let street = NewRoad {
                tail: NodeId(edge.from),
                head: NodeId(edge.to),
                length: Metres::from_millimetres(edge.millimetres),
                way: 0,
                forward: Some(NewEdge { weight, is_destination_only: false }),
                backward: None,
            };
            streets.add(street, []);
        }
        let way = Way { osm_id: 1, name: 0, class: RoadClass::Road, is_roundabout: false };
        let roads = RoadGraph::new(&streets, &[way], &[String::new()]);
        drop(streets);
        let hierarchy = Arc::new(Hierarchy::build(&roads));
        let customized = Arc::new(hierarchy.customize(roads.weights(), MetricId(0)));
        let nowhere = Place::head_of(EdgeId(u32::MAX));
        let mut arrived = vec![nowhere; roads.node_count()];
        let mut leaving = vec![nowhere; roads.node_count()];
        for edge in roads.edges() {
            arrived[roads.head(edge).0 as usize] = Place::head_of(edge);
            leaving[roads.tail(edge).0 as usize] = Place { edge, fraction: Fraction::TAIL, sides: Sides::This };
        }
        Ours { query: HierarchyQuery::new(Arc::new(roads), customized), arrived, leaving }
    }
}

impl Engine for Ours {
    fn millis(&mut self, from: u32, to: u32) -> u32 {
        let time = self.query.travel_time(self.arrived[from as usize], self.leaving[to as usize]);
        time.expect("strongly connected").as_millis()
    }
}

struct RoutingKit {
    query: CCHQuery<'static>,
}

impl RoutingKit {
    /// Leaked: the query borrows the metric and this the hierarchy, and all live as long as the program.
    fn new(graph: &Graph) -> RoutingKit {
        let tail: Vec<u32> = graph.edges.iter().map(|edge| edge.from).collect();
        let head: Vec<u32> = graph.edges.iter().map(|edge| edge.to).collect();
        let (lat, lon): (Vec<f32>, Vec<f32>) =
            graph.positions.iter().map(|&(lat, lon)| (lat as f32, lon as f32)).unzip();
        let order = compute_order_inertial(graph.positions.len() as u32, &tail, &head, &lat, &lon);
        let cch: &'static CCH = Box::leak(Box::new(CCH::new(&order, &tail, &head, |_| {}, false)));
        let weights = graph.edges.iter().map(|edge| edge.millis).collect();
        let metric: &'static CCHMetric = Box::leak(Box::new(CCHMetric::new(cch, weights)));
        RoutingKit { query: CCHQuery::new(metric) }
    }
}

impl Engine for RoutingKit {
    fn millis(&mut self, from: u32, to: u32) -> u32 {
        self.query.add_source(from, 0);
        self.query.add_target(to, 0);
        self.query.run().distance().expect("strongly connected")
    }
}

struct FastPaths {
    graph: FastGraph,
    calculator: PathCalculator,
}

impl FastPaths {
    fn new(graph: &Graph) -> FastPaths {
        let mut input = InputGraph::new();
        for edge in &graph.edges {
            input.add_edge(edge.from as usize, edge.to as usize, edge.millis as usize);
        }
        input.freeze();
        let graph = fast_paths::prepare(&input);
        FastPaths { calculator: fast_paths::create_calculator(&graph), graph }
    }
}

impl Engine for FastPaths {
    fn millis(&mut self, from: u32, to: u32) -> u32 {
        let path = self.calculator.calc_path(&self.graph, from as usize, to as usize);
        path.expect("strongly connected").get_weight() as u32
    }
}

struct Petgraph {
    graph: DiGraph<(), u32>,
    /// On the unit sphere: a chord is never longer than the road, and obeys the triangle inequality.
    points: Vec<[f64; 3]>,
    /// The fastest that any edge brings one nearer, in radii a millisecond; `None` to search without a bound.
    speed_max: Option<f64>,
}

impl Petgraph {
    fn new(graph: &Graph, has_bound: bool) -> Petgraph {
        let mut roads = DiGraph::with_capacity(graph.positions.len(), graph.edges.len());
        for _ in &graph.positions {
            roads.add_node(());
        }
        for edge in &graph.edges {
            roads.add_edge(NodeIndex::new(edge.from as usize), NodeIndex::new(edge.to as usize), edge.millis);
        }
        let point = |&(lat, lon): &(f64, f64)| {
            let (lat, lon) = (lat.to_radians(), lon.to_radians());
            [lat.cos() * lon.cos(), lat.cos() * lon.sin(), lat.sin()]
        };
        let points: Vec<[f64; 3]> = graph.positions.iter().map(point).collect();
        let speeds = graph
            .edges
            .iter()
            .map(|edge| chord(points[edge.from as usize], points[edge.to as usize]) / f64::from(edge.millis));
        // A hair more than the fastest, for what is lost in rounding.
        let speed_max = has_bound.then(|| speeds.fold(0.0, f64::max) * 1.000_001);
        Petgraph { graph: roads, points, speed_max }
    }
}

impl Engine for Petgraph {
    fn millis(&mut self, from: u32, to: u32) -> u32 {
        let (source, target) = (NodeIndex::new(from as usize), NodeIndex::new(to as usize));
        let Some(speed_max) = self.speed_max else {
            let times = petgraph::algo::dijkstra(&self.graph, source, Some(target), |edge| *edge.weight());
            return times[&target];
        };
        let goal = self.points[to as usize];
        let bound = |node: NodeIndex| (chord(self.points[node.index()], goal) / speed_max) as u32;
        let found = petgraph::algo::astar(&self.graph, source, |node| node == target, |edge| *edge.weight(), bound);
        found.expect("strongly connected").0
    }
}

fn chord(a: [f64; 3], b: [f64; 3]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt()
}

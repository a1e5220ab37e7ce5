//! The engines side by side: each made from the same road graph, each asked for a node and a node.

use std::sync::Arc;
use std::time::Duration;

use fast_paths::{FastGraph, InputGraph, PathCalculator};
use mukae_maps::hierarchy::{FixedStart, LABEL_BYTES_MAX, Rank, RoadMetric, Tree};
use mukae_maps::turn_graph::TurnNode;
use mukae_maps::{
    Customized, EdgeId, Fraction, Hierarchy, HierarchyQuery, LiveRoads, MetricId, NodeId, Place, RoadGraph, RoadQuery,
    Sides, TravelTimes,
};
use mukae_units::{LatLon, TravelTime};
use petgraph::graph::{DiGraph, NodeIndex};
use routingkit_cch::{CCH, CCHMetric, CCHOneToMany, CCHQuery, compute_order_inertial};

use crate::processor;

pub trait Engine {
    /// The travel time from node to node; the graphs are strongly connected.
    fn millis(&mut self, from: u32, to: u32) -> u32;

    /// The travel times from one node to many, where the engine has a way of its own to ask that.
    fn millis_to_many(&mut self, from: u32, to: &[u32]) -> Option<Vec<u32>> {
        let _ = (from, to);
        None
    }

    /// Answers under other weights from now on, one for each edge, and says how long the change took; `None`
    /// where that means to prepare anew.
    fn reweight(&mut self, millis: &[u32]) -> Option<Duration> {
        let _ = millis;
        None
    }
}

pub type Make = fn(&Arc<RoadGraph>) -> Box<dyn Engine>;

/// Name, whether it answers in microseconds, and how it is made.
pub const ENGINES: [(&str, bool, Make); 6] = [
    ("mukae, labels", true, |graph| Box::new(OurLabels::new(graph))),
    ("mukae, hierarchy", true, |graph| Box::new(OurHierarchy::new(graph))),
    ("RoutingKit CCH, by routingkit-cch 0.1.4", true, |graph| Box::new(RoutingKit::new(graph))),
    ("fast_paths 1.0.0 (CH; always with the path)", true, |graph| Box::new(FastPaths::new(graph))),
    ("petgraph 0.8.3, astar, straight line", false, |graph| Box::new(Petgraph::new(graph, true))),
    ("petgraph 0.8.3, dijkstra", false, |graph| Box::new(Petgraph::new(graph, false))),
];

fn customized(graph: &RoadGraph) -> Customized {
    Arc::new(Hierarchy::build(graph)).customize(graph.weights(), MetricId(0))
}

fn weights(millis: &[u32]) -> Vec<TravelTime> {
    millis.iter().copied().map(TravelTime::from_millis).collect()
}

struct OurLabels {
    live: LiveRoads,
    query: RoadQuery,
    fixed: FixedStart,
    ranks: Vec<Rank>,
    times: Vec<Option<TravelTime>>,
}

impl OurLabels {
    fn new(graph: &Arc<RoadGraph>) -> OurLabels {
        let customized = Arc::new(customized(graph));
        let tree = Arc::new(Tree::new(customized.hierarchy()));
        let metric = RoadMetric::new(customized, &tree, LABEL_BYTES_MAX);
        assert!(metric.labels().is_some(), "labels fit");
        let live = LiveRoads::beginning_with(Arc::clone(graph), Arc::new(metric));
        let query = live.query();
        OurLabels { live, query, fixed: FixedStart::default(), ranks: Vec::new(), times: Vec::new() }
    }
}

impl Engine for OurLabels {
    fn millis(&mut self, from: u32, to: u32) -> u32 {
        let time = self.query.time_between_nodes(TurnNode(from), TurnNode(to));
        time.expect("strongly connected").as_millis()
    }

    fn millis_to_many(&mut self, from: u32, to: &[u32]) -> Option<Vec<u32>> {
        let metric = self.query.road_metric();
        let order = metric.customized().hierarchy().order();
        let labels = metric.labels().expect("checked when it was made");
        self.ranks.clear();
        self.ranks.extend(to.iter().map(|&to| order.rank(TurnNode(to))));
        labels.fix_start(&[(order.rank(TurnNode(from)), TravelTime::ZERO)], &mut self.fixed);
        labels.travel_times_from(&self.fixed, &self.ranks, &mut self.times);
        Some(self.times.iter().map(|time| time.expect("strongly connected").as_millis()).collect())
    }

    fn reweight(&mut self, millis: &[u32]) -> Option<Duration> {
        let weights = weights(millis);
        let since = processor::now();
        self.live.publish(&weights);
        self.live.follow(&mut self.query);
        Some(processor::now() - since)
    }
}

struct OurHierarchy {
    query: HierarchyQuery,
    /// Node -> the places at which a vehicle has just arrived, and is about to leave.
    arrived: Vec<Place>,
    leaving: Vec<Place>,
    times: Vec<Option<TravelTime>>,
}

impl OurHierarchy {
    fn new(graph: &Arc<RoadGraph>) -> OurHierarchy {
        let query = HierarchyQuery::new(Arc::clone(graph), Arc::new(customized(graph)));
        OurHierarchy { query, arrived: Vec::new(), leaving: Vec::new(), times: Vec::new() }
    }

    /// Only one to many is asked by places; the first time, every node gets its own.
    fn place_nodes(&mut self) {
        let graph = self.query.graph();
        let nowhere = Place::head_of(EdgeId(u32::MAX));
        self.arrived = vec![nowhere; graph.node_count()];
        self.leaving = vec![nowhere; graph.node_count()];
        for edge in graph.edges() {
            self.arrived[graph.head(edge).0 as usize] = Place::head_of(edge);
            self.leaving[graph.tail(edge).0 as usize] = Place { edge, fraction: Fraction::TAIL, sides: Sides::This };
        }
    }
}

impl Engine for OurHierarchy {
    fn millis(&mut self, from: u32, to: u32) -> u32 {
        let time = self.query.time_between_nodes(TurnNode(from), TurnNode(to));
        time.expect("strongly connected").as_millis()
    }

    fn millis_to_many(&mut self, from: u32, to: &[u32]) -> Option<Vec<u32>> {
        if self.arrived.is_empty() {
            self.place_nodes();
        }
        let to: Vec<Place> = to.iter().map(|&to| self.leaving[to as usize]).collect();
        self.query.one_to_many(self.arrived[from as usize], &to, &mut self.times);
        Some(self.times.iter().map(|time| time.expect("strongly connected").as_millis()).collect())
    }

    fn reweight(&mut self, millis: &[u32]) -> Option<Duration> {
        let weights = weights(millis);
        let next = MetricId(self.query.customized().metric().0 + 1);
        let since = processor::now();
        let customized = self.query.customized().hierarchy().customize(&weights, next);
        self.query.set_metric(Arc::new(customized));
        Some(processor::now() - since)
    }
}

struct RoutingKit {
    cch: &'static CCH,
    metric: &'static CCHMetric<'static>,
    query: CCHQuery<'static>,
    to_many: Option<CCHOneToMany<'static>>,
}

impl RoutingKit {
    /// Leaked: the query borrows the metric and this the hierarchy, and all live as long as the program.
    fn new(graph: &Arc<RoadGraph>) -> RoutingKit {
        let tail: Vec<u32> = graph.edges().map(|edge| graph.tail(edge).0).collect();
        let head: Vec<u32> = graph.edges().map(|edge| graph.head(edge).0).collect();
        let (lat, lon): (Vec<f32>, Vec<f32>) = positions(graph).map(|at| (at.lat() as f32, at.lon() as f32)).unzip();
        let order = compute_order_inertial(graph.node_count() as u32, &tail, &head, &lat, &lon);
        let cch: &'static CCH = Box::leak(Box::new(CCH::new(&order, &tail, &head, |_| {}, false)));
        let weights = graph.weights().iter().map(|weight| weight.as_millis()).collect();
        let metric: &'static CCHMetric = Box::leak(Box::new(CCHMetric::new(cch, weights)));
        RoutingKit { cch, metric, query: CCHQuery::new(metric), to_many: None }
    }
}

impl Engine for RoutingKit {
    fn millis(&mut self, from: u32, to: u32) -> u32 {
        self.query.add_source(from, 0);
        self.query.add_target(to, 0);
        self.query.run().distance().expect("strongly connected")
    }

    fn millis_to_many(&mut self, from: u32, to: &[u32]) -> Option<Vec<u32>> {
        let metric = self.metric;
        let query = self.to_many.get_or_insert_with(|| CCHOneToMany::new(metric, to));
        query.repin_targets(to);
        Some(query.distances_from(from).into_iter().map(|time| time.expect("strongly connected")).collect())
    }

    /// In memory that has been written before, as a service would keep it.
    fn reweight(&mut self, millis: &[u32]) -> Option<Duration> {
        let mut metric = CCHMetric::new(self.cch, self.metric.weights().to_vec());
        let weights = millis.to_vec();
        let since = processor::now();
        metric.reset(weights);
        let took = processor::now() - since;
        self.metric = Box::leak(Box::new(metric));
        self.query = CCHQuery::new(self.metric);
        self.to_many = None;
        Some(took)
    }
}

struct FastPaths {
    graph: FastGraph,
    calculator: PathCalculator,
}

impl FastPaths {
    fn new(graph: &RoadGraph) -> FastPaths {
        let mut input = InputGraph::new();
        for edge in graph.edges() {
            let (tail, head) = (graph.tail(edge).0 as usize, graph.head(edge).0 as usize);
            input.add_edge(tail, head, graph.weight(edge).as_millis() as usize);
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
    fn new(graph: &RoadGraph, has_bound: bool) -> Petgraph {
        let mut roads = DiGraph::with_capacity(graph.node_count(), graph.edge_count());
        for _ in 0..graph.node_count() {
            roads.add_node(());
        }
        for edge in graph.edges() {
            let [tail, head] = [graph.tail(edge), graph.head(edge)].map(|node| NodeIndex::new(node.0 as usize));
            roads.add_edge(tail, head, graph.weight(edge).as_millis());
        }
        let point = |at: LatLon| {
            let (lat, lon) = (at.lat().to_radians(), at.lon().to_radians());
            [lat.cos() * lon.cos(), lat.cos() * lon.sin(), lat.sin()]
        };
        let points: Vec<[f64; 3]> = positions(graph).map(point).collect();
        let speeds = graph.edges().map(|edge| {
            let [tail, head] = [graph.tail(edge), graph.head(edge)].map(|node| points[node.0 as usize]);
            chord(tail, head) / f64::from(graph.weight(edge).as_millis())
        });
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

    fn millis_to_many(&mut self, from: u32, to: &[u32]) -> Option<Vec<u32>> {
        if self.speed_max.is_some() {
            return None;
        }
        let source = NodeIndex::new(from as usize);
        let times = petgraph::algo::dijkstra(&self.graph, source, None, |edge| *edge.weight());
        Some(to.iter().map(|&to| times[&NodeIndex::new(to as usize)]).collect())
    }
}

fn positions(graph: &RoadGraph) -> impl Iterator<Item = LatLon> + '_ {
    (0..graph.node_count() as u32).map(|node| graph.position(NodeId(node)))
}

fn chord(a: [f64; 3], b: [f64; 3]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt()
}

//! Roads to test on: drawn by hand, or drawn by lot from a seed.

use std::fmt::Write;

use mukae_units::{LatLon, Metres, TravelTime};

use crate::graph::{EdgeId, NewEdge, NewRoad, NewRoads, NodeId, RoadGraph, TurnRestriction, TurnRule, Way};
use crate::osm::RoadClass;
use crate::place::{Fraction, Place, Sides};

/// SplitMix64 (Steele, Lea, Flood 2014): the same seed draws the same lots everywhere.
pub(crate) struct Lots(u64);

impl Lots {
    pub(crate) fn new(seed: u64) -> Lots {
        Lots(seed)
    }

    /// 0 to `count - 1`.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^= mixed >> 31;
        ((u128::from(mixed) * count as u128) >> 64) as usize
    }

    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// On any edge, often at one of its ends.
    pub(crate) fn place(&mut self, graph: &RoadGraph) -> Place {
        let steps = [0, u16::MAX, self.below(1 << 16) as u16, self.below(1 << 16) as u16][self.below(4)];
        Place {
            edge: EdgeId(self.below(graph.edge_count()) as u32),
            fraction: Fraction::from_steps(steps),
            sides: if self.chance(50) { Sides::Both } else { Sides::This },
        }
    }

    pub(crate) fn places(&mut self, graph: &RoadGraph, count: usize) -> Vec<Place> {
        (0..count).map(|_| self.place(graph)).collect()
    }
}

/// Lays roads one after another; 10 m to the second, so that times and lengths differ in kind.
pub(crate) struct Roads {
    positions: Vec<LatLon>,
    roads: Vec<NewRoad>,
}

impl Roads {
    pub(crate) fn new(positions: Vec<LatLon>) -> Roads {
        Roads { positions, roads: Vec::new() }
    }

    pub(crate) fn one_way(&mut self, tail: usize, head: usize, millis: u32) {
        self.lay(tail, head, millis, None);
    }

    /// `millis` there and `back` the other way.
    pub(crate) fn two_way(&mut self, tail: usize, head: usize, millis: u32, back: u32) {
        self.lay(tail, head, millis, Some(back));
    }

    fn lay(&mut self, tail: usize, head: usize, millis: u32, back: Option<u32>) {
        let edge = |millis| NewEdge { weight: TravelTime::from_millis(millis), is_destination_only: false };
        self.roads.push(NewRoad {
            tail: NodeId(tail as u32),
            head: NodeId(head as u32),
            length: Metres::from_millimetres(u64::from(millis) * 10),
            way: 0,
            forward: Some(edge(millis)),
            backward: back.map(edge),
        });
    }

    /// Keeps through traffic out of so many percent of the edges.
    pub(crate) fn close_to_traffic(&mut self, percent: usize, lots: &mut Lots) {
        for edge in self.roads.iter_mut().flat_map(|road| [&mut road.forward, &mut road.backward]).flatten() {
            edge.is_destination_only = lots.chance(percent);
        }
    }

    pub(crate) fn graph(self) -> RoadGraph {
        let way = Way { osm_id: 1, name: 0, class: RoadClass::Residential, is_roundabout: false };
        let mut roads = NewRoads::new(self.positions);
        self.roads.into_iter().for_each(|road| roads.add(road, []));
        RoadGraph::new(&roads, &[way], &[String::new()])
    }
}

pub(crate) fn at(lat: f64, lon: f64) -> LatLon {
    LatLon::from_degrees(lat, lon).unwrap()
}

/// `A-B 60, B>C 30, C=D 5`: a road both ways that takes a minute, then a one-way street of 30 s, then one
/// both ways for destinations only. Nodes are letters and lie on a line, A first.
pub(crate) fn drawn(text: &str) -> RoadGraph {
    let number = |letter: char| letter as usize - 'A' as usize;
    let count = text.chars().filter(char::is_ascii_uppercase).map(number).max().map_or(0, |most| most + 1);
    let mut roads = Roads::new((0..count).map(|node| at(50.0, 8.0 + node as f64 / 100.0)).collect());
    for road in text.split(", ").filter(|road| !road.is_empty()) {
        let (ends, seconds) = road.split_once(' ').unwrap();
        let millis = seconds.parse::<u32>().unwrap() * 1000;
        match *ends.chars().collect::<Vec<_>>() {
            [tail, '-', head] => roads.two_way(number(tail), number(head), millis, millis),
            [tail, '=', head] => {
                roads.two_way(number(tail), number(head), millis, millis);
                let road = roads.roads.last_mut().unwrap();
                [&mut road.forward, &mut road.backward]
                    .into_iter()
                    .flatten()
                    .for_each(|edge| edge.is_destination_only = true);
            }
            [tail, '>', head] => roads.one_way(number(tail), number(head), millis),
            _ => panic!("{road:?} is no road"),
        }
    }
    roads.graph()
}

/// The same roads with restrictions: `no ABC, only ABCD` forbids driving from A over B to C and lets
/// whoever drives from A to B only go on to C and D.
pub(crate) fn restricted(graph: RoadGraph, text: &str) -> RoadGraph {
    let edge = |pair: &[char]| {
        let [tail, head] = [pair[0], pair[1]].map(|letter| NodeId(letter as u32 - 'A' as u32));
        graph.out_edges(tail).find(|&edge| graph.head(edge) == head).unwrap()
    };
    let restrictions = text.split(", ").filter(|rule| !rule.is_empty()).enumerate().map(|(index, rule)| {
        let (rule, nodes) = rule.split_once(' ').unwrap();
        let nodes: Vec<char> = nodes.chars().collect();
        TurnRestriction {
            osm_id: index as i64,
            rule: if rule == "only" { TurnRule::Only } else { TurnRule::No },
            chain: nodes.windows(2).map(edge).collect(),
        }
    });
    let restrictions = restrictions.collect();
    graph.with_restrictions(restrictions)
}

/// The same roads with restrictions drawn by lot: drives of two to four edges that are forbidden, some
/// prescribed.
pub(crate) fn ruled(graph: RoadGraph, count: usize, lots: &mut Lots) -> RoadGraph {
    let mut restrictions = Vec::new();
    for osm_id in 0..count as i64 {
        let mut chain = vec![EdgeId(lots.below(graph.edge_count()) as u32)];
        for _ in 0..[1, 1, 1, 2, 2, 3][lots.below(6)] {
            let mut onward = graph.out_edges(graph.head(chain[chain.len() - 1]));
            if 0 < onward.len() {
                chain.extend(onward.nth(lots.below(onward.len())));
            }
        }
        if 2 <= chain.len() {
            let rule = if lots.chance(25) { TurnRule::Only } else { TurnRule::No };
            restrictions.push(TurnRestriction { osm_id, rule, chain });
        }
    }
    graph.with_restrictions(restrictions)
}

/// `A>B@25` is a quarter of the way from A to B, on that side only; `A-B@25` on both sides. The
/// first such edge.
pub(crate) fn place(graph: &RoadGraph, text: &str) -> Place {
    let (ends, percent) = text.split_once('@').unwrap();
    let ends: Vec<u32> = ends.chars().map(|letter| letter as u32).collect();
    let node = |letter: u32| NodeId(letter - 'A' as u32);
    let edge = graph.out_edges(node(ends[0])).find(|&edge| graph.head(edge) == node(ends[2])).unwrap();
    let steps = percent.parse::<u64>().unwrap() * u64::from(u16::MAX) / 100;
    let sides = if ends[1] == '-' as u32 { Sides::Both } else { Sides::This };
    Place { edge, fraction: Fraction::from_steps(steps as u16), sides }
}

/// A few nodes and roads by lot: one-way streets, parallel roads, loops, roads with a slower way
/// back, and often several parts with no road between them.
pub(crate) fn scattered(seed: u64) -> RoadGraph {
    scattered_roads(&mut Lots::new(seed)).graph()
}

/// The same with turn restrictions, destination-only roads, or both.
pub(crate) fn scattered_rules(seed: u64) -> RoadGraph {
    let lots = &mut Lots::new(seed);
    let mut roads = scattered_roads(lots);
    roads.close_to_traffic([0, 20, 50][lots.below(3)], lots);
    let count = lots.below(12);
    // At times so low that passing through pays, at times not.
    let price = TravelTime::from_millis([0, 5, 100_000][lots.below(3)]);
    ruled(roads.graph().with_through_price(price), count, lots)
}

fn scattered_roads(lots: &mut Lots) -> Roads {
    let nodes = 1 + lots.below(40);
    let mut roads =
        Roads::new((0..nodes).map(|_| at(lots.below(900) as f64 / 1e3, lots.below(900) as f64 / 1e3)).collect());
    // Few different times in some towns, so that there are many equally short paths.
    let slowest = [3, 20, 100_000][lots.below(3)];
    for _ in 0..1 + lots.below(3 * nodes) {
        let tail = lots.below(nodes);
        let head = if lots.chance(80) { (tail + 1 + lots.below(5)) % nodes } else { lots.below(nodes) };
        let millis = 1 + lots.below(slowest) as u32;
        match lots.below(10) {
            0..4 => roads.one_way(tail, head, millis),
            4..8 => roads.two_way(tail, head, millis, millis),
            _ => roads.two_way(tail, head, millis, 1 + lots.below(slowest) as u32),
        }
    }
    roads
}

/// A town of `side * side` crossings around `centre`, some blocks missing, some streets one-way.
pub(crate) fn grid_town(side: usize, seed: u64, centre: LatLon) -> RoadGraph {
    let lots = &mut Lots::new(seed);
    let mut jitter = |cell: usize| ((cell * 10 + lots.below(6)) as f64 - side as f64 * 5.0) / 10_000.0;
    let mut positions = Vec::new();
    for row in 0..side {
        for column in 0..side {
            let lon = centre.lon() + jitter(column);
            positions.push(at(centre.lat() + jitter(row), (lon + 180.0).rem_euclid(360.0) - 180.0));
        }
    }
    let mut roads = Roads::new(positions);
    for node in 0..side * side {
        let (row, column) = (node / side, node % side);
        for (other, is_there, is_avenue) in
            [(node + 1, column + 1 < side, row % 8 == 0), (node + side, row + 1 < side, column % 8 == 0)]
        {
            let millis = if is_avenue { 6_000 } else { 10_000 } + lots.below(8_000) as u32;
            match lots.below(100) {
                _ if !is_there => {}
                0..30 if !is_avenue => {}
                30..40 => roads.one_way(node, other, millis),
                40..50 => roads.one_way(other, node, millis),
                _ => roads.two_way(node, other, millis, millis),
            }
        }
    }
    roads.graph()
}

/// The roads of a small graph, to be printed beside a seed.
pub(crate) fn described(graph: &RoadGraph) -> String {
    let mut text = String::new();
    for edge in graph.edges() {
        let (tail, head) = (graph.tail(edge).0, graph.head(edge).0);
        let twin = graph.twin(edge).map_or(String::new(), |twin| format!(" twin {}", twin.0));
        let only = if graph.is_destination_only(edge) { " destinations only" } else { "" };
        writeln!(text, "edge {}: {tail} to {head}, {} ms{twin}{only}", edge.0, graph.weight(edge).as_millis()).unwrap();
    }
    for TurnRestriction { rule, chain, .. } in graph.restrictions() {
        writeln!(text, "{rule:?} {chain:?}").unwrap();
    }
    writeln!(text, "passing through: {} ms", graph.through_price().as_millis()).unwrap();
    text
}

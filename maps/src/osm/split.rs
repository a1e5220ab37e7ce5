//! From ways to edges: roads are split where they meet, where a barrier stands and where the extract
//! was cut.

mod ferries;
mod gates;

use mukae_units::{Metres, TravelTime};

use super::access::Access;
use super::extract::Extract;
use super::road::Lane;
use crate::geometry::line_length;
use crate::graph::{NewEdge, NewEdgeId, NewRoad, NewRoads, NodeId};
use crate::hierarchy::TOO_FAR;

/// A stretch of a way between two neighbouring junctions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Piece {
    /// The nodes at its ends, by the extract's numbers, in the order of the way.
    pub(super) first: u32,
    pub(super) last: u32,
    /// Its edges; `None` where the way is one-way.
    pub(super) forward: Option<NewEdgeId>,
    pub(super) backward: Option<NewEdgeId>,
}

/// All roads of the graph, and how they came from the ways.
#[derive(Debug, Default)]
pub(crate) struct Network {
    pub(crate) roads: NewRoads,
    /// Road -> the nodes at its ends, by the extract's numbers, in the order of the way.
    ends: Vec<[u32; 2]>,
    /// Way -> its first road; one more entry than ways.
    first_road: Vec<u32>,
    pub(crate) faults: SplitFaults,
}

/// What was found wrong with ways while splitting them; nothing of it stops the build.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct SplitFaults {
    /// Ways some of whose nodes the extract lacks; they end where the first missing node would be.
    pub cut_ways: u32,
    /// Ways with fewer than two different nodes, or none in the extract.
    pub empty_ways: u32,
    /// Barriers where three or more roads meet: nothing passes that node, as for other routers.
    pub barriers_at_junctions: u32,
    /// Barriers that part a road.
    pub barriers: u32,
    /// Gates for those who have a destination; the roads at them are for destinations only.
    pub destination_gates: u32,
    /// Stretches without length: two nodes at one point.
    pub zero_length_pieces: u32,
    /// Stretches that would take longer than 12 days: a node is badly misplaced.
    pub endless_pieces: u32,
}

impl Network {
    pub(super) fn pieces_of(&self, way: usize) -> impl DoubleEndedIterator<Item = Piece> + ExactSizeIterator + use<'_> {
        (self.first_road[way]..self.first_road[way + 1]).map(|road| self.piece(road))
    }

    fn piece(&self, road: u32) -> Piece {
        let [first, last] = self.ends[road as usize];
        let forward = NewEdgeId::forward(road);
        let open = |edge| self.roads.edge(edge).map(|_| edge);
        Piece { first, last, forward: open(forward), backward: open(forward.reversed()) }
    }
}

/// Splits every way; also at the via nodes of turn restrictions, so that these can be told by edges.
pub(crate) fn split(extract: &Extract) -> Network {
    let arms = arms(extract);
    let mut network = Network::default();
    let mut is_split: Vec<bool> = arms.iter().map(|&arms| 2 < arms).collect();
    for via in extract.relations.iter().flat_map(|relation| relation.via_nodes()) {
        if let Ok(node) = extract.node_ids.binary_search(via) {
            is_split[node] = true;
        }
    }
    let mut is_barrier = vec![false; arms.len()];
    let mut gates = Vec::new();
    for (&node, passage) in &extract.passages {
        let arms = arms[node as usize];
        if passage.access == Access::Yes || arms < 2 {
            continue;
        }
        is_split[node as usize] = true;
        if passage.access == Access::DestinationOnly {
            network.faults.destination_gates += 1;
            gates.push(node);
            continue;
        }
        is_barrier[node as usize] = true;
        match arms {
            2 => network.faults.barriers += 1,
            _ => network.faults.barriers_at_junctions += 1,
        }
    }
    let piers = ferries::piers(extract);
    let node_of = vec![NO_NODE; arms.len()];
    drop(arms);
    let mut splitter = Splitter { extract, is_split, is_barrier, piers, node_of, network };
    for way in 0..extract.roads.len() {
        splitter.network.first_road.push(splitter.network.ends.len() as u32);
        let is_there = |node: &u32| extract.positions[*node as usize].is_some();
        splitter.network.faults.cut_ways += u32::from(!extract.refs_of(way).iter().all(is_there));
        splitter.network.faults.empty_ways += u32::from(runs_of(extract, way).next().is_none());
        for run in runs_of(extract, way) {
            splitter.split_run(way, &run);
        }
        splitter.time_ferry(way);
    }
    splitter.network.first_road.push(splitter.network.ends.len() as u32);
    splitter.close_gates(&gates);
    splitter.network
}

/// The stretches of a way whose nodes the extract all has, no two neighbours the same; each at least two nodes.
fn runs_of(extract: &Extract, way: usize) -> impl Iterator<Item = Vec<u32>> {
    let is_there = |node: &u32| extract.positions[*node as usize].is_some();
    let chunks = extract.refs_of(way).chunk_by(move |a, b| is_there(a) == is_there(b));
    let runs = chunks.filter(move |chunk| is_there(&chunk[0])).map(|present| {
        let mut nodes = present.to_vec();
        nodes.dedup();
        nodes
    });
    runs.filter(|nodes| 2 <= nodes.len())
}

/// How many stretches of road leave each node: one at the end of a run, two inside.
fn arms(extract: &Extract) -> Vec<u32> {
    let mut arms = vec![0u32; extract.node_ids.len()];
    for nodes in (0..extract.roads.len()).flat_map(|way| runs_of(extract, way)) {
        for (index, &node) in nodes.iter().enumerate() {
            arms[node as usize] += if index == 0 || index + 1 == nodes.len() { 1 } else { 2 };
        }
    }
    arms
}

const NO_NODE: NodeId = NodeId(u32::MAX);

struct Splitter<'a> {
    extract: &'a Extract,
    is_split: Vec<bool>,
    /// Also split there, and every stretch that ends there gets an end of its own.
    is_barrier: Vec<bool>,
    /// Where a ferry is boarded.
    piers: Vec<bool>,
    /// The extract's number -> the graph's.
    node_of: Vec<NodeId>,
    network: Network,
}

impl Splitter<'_> {
    fn split_run(&mut self, way: usize, nodes: &[u32]) {
        let mut start = 0;
        for end in 1..nodes.len() {
            if end + 1 == nodes.len() || self.is_split[nodes[end] as usize] {
                self.add_open(way, &nodes[start..=end]);
                start = end;
            }
        }
    }

    /// A ring from a junction back to itself is parted in its middle: no edge then returns to its own
    /// tail, and no two streets hide behind one pair of twins.
    fn add_open(&mut self, way: usize, nodes: &[u32]) {
        if nodes.first() == nodes.last() && 2 < nodes.len() {
            let middle = nodes.len() / 2;
            self.add_piece(way, &nodes[..=middle]);
            self.add_piece(way, &nodes[middle..]);
        } else {
            self.add_piece(way, nodes);
        }
    }

    fn add_piece(&mut self, way: usize, nodes: &[u32]) {
        let extract = self.extract;
        let position = |&node: &u32| extract.positions[node as usize].expect("runs hold only nodes with a position");
        let length = line_length(nodes.iter().map(position));
        let road = self.extract.roads[way];
        let (first, last) = (nodes[0], nodes[nodes.len() - 1]);
        let time = |lane: Option<Lane>, head: u32| {
            lane.map(|lane| {
                let delays = nodes[1..nodes.len() - 1].iter().chain([&head]).map(|&node| self.delay(node));
                let driving = lane.speed.time_over(length).filter(|&time| time < TOO_FAR)?;
                let whole =
                    delays.fold(u64::from(driving.as_millis()), |sum, delay| sum + u64::from(delay.as_millis()));
                let whole = u32::try_from(whole).ok().map(TravelTime::from_millis);
                let weight = whole.filter(|&time| time < TOO_FAR)?;
                Some(NewEdge { weight, is_destination_only: lane.is_destination_only })
            })
        };
        let (forward, backward) = match (time(road.forward, last), time(road.backward, first)) {
            (Some(None), _) | (_, Some(None)) => {
                self.network.faults.endless_pieces += 1;
                return;
            }
            (forward, backward) => (forward.flatten(), backward.flatten()),
        };
        self.network.faults.zero_length_pieces += u32::from(length == Metres::ZERO);
        let (tail, head) = (self.end(first), self.end(last));
        let road = NewRoad { tail, head, length, way: way as u32, forward, backward };
        self.network.roads.add(road, nodes[1..nodes.len() - 1].iter().map(position));
        self.network.ends.push([first, last]);
    }

    fn delay(&self, node: u32) -> TravelTime {
        self.extract.passages.get(&node).map_or(TravelTime::ZERO, |passage| passage.delay)
    }

    /// The graph's node at the end of a stretch, made when first met; at a barrier always a new one.
    fn end(&mut self, node: u32) -> NodeId {
        let node = node as usize;
        if self.node_of[node] == NO_NODE || self.is_barrier[node] {
            self.node_of[node] = NodeId(self.network.roads.positions.len() as u32);
            self.network
                .roads
                .positions
                .push(self.extract.positions[node].expect("runs hold only nodes with a position"));
        }
        self.node_of[node]
    }
}

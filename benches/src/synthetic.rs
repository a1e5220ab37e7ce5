//! A country that does not exist, of any size, as an OSM extract.
//!
//! Towns are jittered grids with gaps, one-way streets, closes and bollards; winding roads join each to its
//! neighbours in a wide grid of towns, but for the islands that nobody drives to. Everything is drawn by lot from the
//! seed, in whole numbers, so that a seed gives the same file everywhere. A town is drawn again for each of nodes,
//! ways and turns; what stays in memory is a few words to a town.

mod town;

use std::io::{self, Write};

use mukae_maps::osm::NotDrivable;
use mukae_maps::{BuildReport, PreparedMap};

use crate::Dice;
use crate::pbf::{Node, PbfWriter, Tags, Turn, Way};
use town::{Gate, Town};

/// Between neighbouring towns, in 10⁻⁷ degrees: some 10 km.
const SPACING_E7: (i32, i32) = (900_000, 1_300_000);
const NORTH_WEST_E7: (i32, i32) = (550_000_000, -50_000_000);
/// Road nodes to a town, with its share of country roads; only to guess how many towns stand side by side.
const TOWN_NODES: u64 = 1_400;
/// As many towns as fit between the north-west corner and the south pole, and round half the globe.
pub const NODES_MAX: u64 = 1_000_000_000;

const ISLAND_PERCENT: u64 = 3;
const MISSING_ROAD_PERCENT: u64 = 15;

/// What was written; a map built from the file can be held against it.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Written {
    pub towns: u64,
    /// OSM nodes that roads pass, and others: of houses and footpaths.
    pub road_nodes: u64,
    pub other_nodes: u64,
    pub road_ways: u64,
    /// `highway=footway`, no road; and houses.
    pub footpaths: u64,
    pub houses: u64,
    /// Each can be kept.
    pub turns: u64,
    /// Bollards in the middle of a street; each parts it, so that the graph has one point more.
    pub barriers: u64,
    /// Points in the largest part of the country in which every place can be reached from every other; a
    /// parted street's two ends are two points.
    pub connected_points: u64,
    /// What the drivable part takes, decoded and unshared: for a node its id and position (16 bytes), for a way
    /// its id (8), the ids of its nodes (8 each) and the text of its tags, for a turn four ids (32).
    pub decoded_bytes: u64,
    pub file_bytes: u64,
}

impl Written {
    /// The part of the network, 0 to 1, that is connected.
    pub fn connected_share(&self) -> f64 {
        self.connected_points as f64 / (self.road_nodes + self.barriers) as f64
    }

    /// What a map that was built from the file has otherwise, one line each.
    pub fn differences(&self, map: &PreparedMap, report: &BuildReport) -> Vec<String> {
        let graph = map.graph();
        let canonical = graph.edges().filter(|&edge| graph.is_canonical(edge));
        let shape_points: usize = canonical.map(|edge| graph.line(edge).count() - 2).sum();
        let footways = report.ways_left_out.get(&NotDrivable::NotARoad).copied().unwrap_or(0);
        let left_out: u32 = report.ways_left_out.values().sum();
        let faults = &report.faults;
        let share = (report.largest_component_share * (self.road_nodes + self.barriers) as f64).round() as u64;
        let counts = [
            ("points", (graph.node_count() + shape_points) as u64, self.road_nodes + self.barriers),
            ("connected points", share, self.connected_points),
            ("turn restrictions", u64::from(report.turn_restrictions), self.turns),
            ("turn restrictions kept", u64::from(report.turn_restrictions_kept), self.turns),
            ("footpaths left out", u64::from(footways), self.footpaths),
            ("ways left out", u64::from(left_out), self.footpaths),
            ("barriers", u64::from(faults.barriers), self.barriers),
            ("barriers at junctions", u64::from(faults.barriers_at_junctions), 0),
            ("ways cut or empty", u64::from(faults.cut_ways + faults.empty_ways), 0),
        ];
        let differ = counts.iter().filter(|(_, found, written)| found != written);
        differ.map(|(what, found, written)| format!("{what}: {found}, not {written}")).collect()
    }
}

/// Writes a country with at least `road_nodes` nodes on its roads, less than a large town more.
pub fn write(sink: impl Write, road_nodes: u64, seed: u64) -> io::Result<Written> {
    assert!(road_nodes <= NODES_MAX, "{road_nodes} nodes do not fit on the globe");
    let (country, mut written) = Country::plan(road_nodes, seed);
    let mut writer = PbfWriter::new(sink)?;
    for place in 0..country.plans.len() {
        for node in country.draw(place).nodes {
            writer.node(node)?;
        }
    }
    for place in 0..country.plans.len() {
        for way in country.draw(place).ways {
            writer.way(way)?;
        }
    }
    for place in 0..country.plans.len() {
        for turn in country.draw(place).turns {
            writer.turn(turn)?;
        }
    }
    written.file_bytes = writer.finish()?;
    Ok(written)
}

/// A town's place among all: the first of its ids, and where its roads leave it.
#[derive(Debug)]
struct Plan {
    first_node: i64,
    first_way: i64,
    first_turn: i64,
    /// South and east, where the neighbours' roads arrive.
    south: Gate,
    east: Gate,
    is_island: bool,
}

#[derive(Debug)]
struct Country {
    seed: u64,
    /// Towns side by side; they stand in rows from the north-west on.
    width: usize,
    plans: Vec<Plan>,
}

/// Everything that belongs to a town: its streets, and its roads to the west and to the north.
#[derive(Debug, Default)]
struct Drawn {
    nodes: Vec<Node>,
    ways: Vec<Way>,
    turns: Vec<Turn>,
    /// The town's neighbours that its roads lead to.
    neighbours: Vec<usize>,
}

impl Country {
    fn plan(road_nodes: u64, seed: u64) -> (Country, Written) {
        let width = 1 + (road_nodes / TOWN_NODES).isqrt() as usize;
        let mut country = Country { seed, width, plans: Vec::new() };
        let mut written = Written::default();
        let mut parts = Parts::default();
        let mut next = (1i64, 1i64, 1i64);
        while written.road_nodes < road_nodes {
            let place = country.plans.len();
            let (town, is_island) = country.town(place);
            let (south, east) = (town.south.clone(), town.east.clone());
            let plan = Plan { first_node: next.0, first_way: next.1, first_turn: next.2, south, east, is_island };
            country.plans.push(plan);
            let before = (written.road_nodes, written.barriers);
            let drawn = country.draw(place);
            written.count(&drawn);
            parts.add(written.road_nodes - before.0 + written.barriers - before.1);
            drawn.neighbours.iter().for_each(|&neighbour| parts.join(place, neighbour));
            next.0 += drawn.nodes.len() as i64;
            next.1 += drawn.ways.len() as i64;
            next.2 += drawn.turns.len() as i64;
        }
        written.towns = country.plans.len() as u64;
        written.connected_points = parts.largest();
        (country, written)
    }

    fn dice(&self, place: usize, what: u64) -> Dice {
        // Two steps part the seeds of neighbours.
        let mut dice = Dice(self.seed ^ (place as u64).wrapping_mul(0xA24B_AED4_963E_E407) ^ what << 56);
        Dice(dice.below(u64::MAX))
    }

    fn town(&self, place: usize) -> (Town, bool) {
        let mut dice = self.dice(place, 1);
        let (row, column) = ((place / self.width) as i32, (place % self.width) as i32);
        let centre = (NORTH_WEST_E7.0 - row * SPACING_E7.0, NORTH_WEST_E7.1 + column * SPACING_E7.1);
        let is_island = dice.below(100) < ISLAND_PERCENT;
        (Town::draw(&mut dice, centre), is_island)
    }

    /// The town at `place` and its roads to neighbours planned before it, with the ids of the plan.
    fn draw(&self, place: usize) -> Drawn {
        let (town, is_island) = self.town(place);
        let plan = &self.plans[place];
        let west = (!place.is_multiple_of(self.width)).then(|| (place - 1, 2));
        let north = place.checked_sub(self.width).map(|north| (north, 3));
        let mut drawn = Drawn::default();
        let (west_gate, north_gate) = (town.west.clone(), town.north.clone());
        drawn.take_town(town, plan);
        for (neighbour, what) in [west, north].into_iter().flatten() {
            let mut dice = self.dice(place, what);
            let is_there = MISSING_ROAD_PERCENT <= dice.below(100);
            if !is_there || is_island || self.plans[neighbour].is_island {
                continue;
            }
            let other = &self.plans[neighbour];
            let (gate, from) = if what == 2 { (&west_gate, &other.east) } else { (&north_gate, &other.south) };
            let ends = [from.at(other.first_node), gate.at(plan.first_node)];
            drawn.add_road(&mut dice, ends, plan);
            drawn.neighbours.push(neighbour);
        }
        drawn
    }
}

/// Points of a country road between two shape points that are drawn; the others lie in between.
const BEND: i64 = 6;
/// Nodes to a way of a country road.
const ROAD_WAY_NODES: usize = 40;

impl Drawn {
    fn take_town(&mut self, town: Town, plan: &Plan) {
        let own_node = |id: i64| plan.first_node + id;
        let own_way = |id: i64| plan.first_way + id;
        self.nodes.extend(town.nodes.into_iter().map(|node| Node { id: own_node(node.id), ..node }));
        self.ways.extend(town.ways.into_iter().map(|way| {
            let refs = way.refs.into_iter().map(own_node).collect();
            Way { id: own_way(way.id), refs, ..way }
        }));
        self.turns.extend(town.turns.into_iter().map(|turn| Turn {
            id: plan.first_turn + turn.id,
            rule: turn.rule,
            from: own_way(turn.from),
            via: own_node(turn.via),
            to: own_way(turn.to),
        }));
    }

    /// A winding road: every few points it is drawn aside, and in between it goes straight.
    fn add_road(&mut self, dice: &mut Dice, [from, to]: [Gate; 2], plan: &Plan) {
        let bends = 6 + dice.below(12) as i64;
        let steps = bends * BEND;
        let knots: Vec<(i64, i64)> = (0..=bends)
            .map(|bend| {
                let mut aside = || if bend == 0 || bend == bends { 0 } else { dice.below(40_001) as i64 - 20_000 };
                (aside(), aside())
            })
            .collect();
        let between = |a: i64, b: i64, step: i64, count: i64| a + (b - a) * step / count;
        let mut refs = vec![from.node];
        for step in 1..steps {
            let (bend, rest) = ((step / BEND) as usize, step % BEND);
            let aside = |axis: fn(&(i64, i64)) -> i64| between(axis(&knots[bend]), axis(&knots[bend + 1]), rest, BEND);
            let along = |a: i32, b: i32| between(i64::from(a), i64::from(b), step, steps);
            let node = Node {
                id: plan.first_node + self.nodes.len() as i64,
                lat_e7: (along(from.lat_e7, to.lat_e7) + aside(|knot| knot.0)) as i32,
                lon_e7: (along(from.lon_e7, to.lon_e7) + aside(|knot| knot.1)) as i32,
                tags: Tags::new(),
            };
            refs.push(node.id);
            self.nodes.push(node);
        }
        refs.push(to.node);
        let (class, limit) =
            [("primary", "100"), ("secondary", "80"), ("tertiary", "70"), ("unclassified", "")][dice.below(4) as usize];
        let number = 1 + dice.below(999);
        let mut tags: Tags = vec![("highway", class.into()), ("ref", format!("{}{number}", &class[..1]).into())];
        if !limit.is_empty() {
            tags.push(("maxspeed", limit.into()));
        }
        let mut start = 0;
        while start + 1 < refs.len() {
            let end = (start + ROAD_WAY_NODES).min(refs.len() - 1);
            let id = plan.first_way + self.ways.len() as i64;
            self.ways.push(Way { id, refs: refs[start..=end].to_vec(), tags: tags.clone() });
            start = end;
        }
    }
}

impl Written {
    fn count(&mut self, drawn: &Drawn) {
        let mut is_on_road = vec![false; drawn.nodes.len()];
        let first = drawn.nodes[0].id;
        for way in &drawn.ways {
            match way.tags[0] {
                ("highway", ref class) if class == "footway" => {
                    self.footpaths += 1;
                    continue;
                }
                ("highway", _) => self.road_ways += 1,
                _ => {
                    self.houses += 1;
                    continue;
                }
            }
            // A neighbour's gate is counted with the neighbour.
            for id in way.refs.iter().filter(|&&id| first <= id) {
                is_on_road[(id - first) as usize] = true;
            }
            let tag_bytes: usize = way.tags.iter().map(|(key, value)| key.len() + value.len()).sum();
            self.decoded_bytes += (8 + 8 * way.refs.len() + tag_bytes) as u64;
        }
        let road_nodes = is_on_road.iter().filter(|is_on_road| **is_on_road).count() as u64;
        self.road_nodes += road_nodes;
        self.other_nodes += drawn.nodes.len() as u64 - road_nodes;
        self.turns += drawn.turns.len() as u64;
        self.barriers += drawn.nodes.iter().filter(|node| !node.tags.is_empty()).count() as u64;
        self.decoded_bytes += 16 * road_nodes + 32 * drawn.turns.len() as u64;
    }
}

/// Which towns can be driven between: a forest of towns, each knowing one that it is joined to.
#[derive(Debug, Default)]
struct Parts {
    joined_to: Vec<usize>,
    /// Of a root, the points of all its part.
    points: Vec<u64>,
}

impl Parts {
    fn add(&mut self, points: u64) {
        self.joined_to.push(self.joined_to.len());
        self.points.push(points);
    }

    fn root(&self, mut place: usize) -> usize {
        while self.joined_to[place] != place {
            place = self.joined_to[place];
        }
        place
    }

    /// The smaller part under the larger, so that the way to a root stays short.
    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        if a != b {
            let (small, large) = if self.points[a] < self.points[b] { (a, b) } else { (b, a) };
            self.joined_to[small] = large;
            self.points[large] += self.points[small];
        }
    }

    fn largest(&self) -> u64 {
        self.points.iter().copied().max().unwrap_or(0)
    }
}

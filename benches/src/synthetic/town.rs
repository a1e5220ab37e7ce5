//! A town: a jittered grid of streets, with ids of its own from 0 on.
//!
//! Columns, the first row and the last one are whole and two-way, so that everything in a town can be reached from
//! everything else, whatever is drawn for the rows between: gaps, bollards, or a one-way street from end to end.

use crate::Dice;
use crate::pbf::{Node, Tags, Text, Turn, Way};

/// A junction at the edge of a town, where a country road leaves.
#[derive(Clone, Debug)]
pub(super) struct Gate {
    pub(super) node: i64,
    pub(super) lat_e7: i32,
    pub(super) lon_e7: i32,
}

impl Gate {
    /// The same by the country's ids, given the town's first.
    pub(super) fn at(&self, first_node: i64) -> Gate {
        Gate { node: first_node + self.node, ..*self }
    }
}

#[derive(Debug)]
pub(super) struct Town {
    pub(super) nodes: Vec<Node>,
    pub(super) ways: Vec<Way>,
    pub(super) turns: Vec<Turn>,
    pub(super) north: Gate,
    pub(super) south: Gate,
    pub(super) west: Gate,
    pub(super) east: Gate,
}

/// Blocks to a way; longer streets are several ways.
const WAY_BLOCKS: usize = 8;

const GAP_PERCENT: u64 = 25;
const ONE_WAY_PERCENT: u64 = 30;
const BARRIER_PERCENT: u64 = 2;
const CLOSE_PERCENT: u64 = 25;
const TURN_PERCENT: u64 = 25;
const FOOTPATH_PERCENT: u64 = 10;
const HOUSE_PERCENT: u64 = 30;

const STREETS: [&str; 24] = [
    "Church Street",
    "High Street",
    "Station Road",
    "Mill Lane",
    "King Street",
    "Queen Street",
    "Market Place",
    "School Road",
    "Victoria Road",
    "Park Avenue",
    "Green Lane",
    "North Street",
    "South Street",
    "Chapel Lane",
    "Bridge Street",
    "Castle Hill",
    "Harbour Road",
    "Well Lane",
    "Orchard Close",
    "Oak Avenue",
    "Meadow View",
    "Railway Terrace",
    "Quarry Road",
    "The Crescent",
];

/// How a street is laid out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Two-way from end to end.
    Whole,
    /// Two-way, with gaps and bollards.
    Broken,
    /// From end to end, in the order drawn.
    OneWay,
}

impl Town {
    pub(super) fn draw(dice: &mut Dice, centre_e7: (i32, i32)) -> Town {
        let side = match dice.below(10) {
            0..6 => 3..8,
            6..9 => 8..20,
            _ => 20..60,
        };
        let mut draw_side = || (side.start + dice.below(side.end - side.start)) as usize;
        let (rows, columns) = (draw_side(), draw_side());
        let step = 6_500 + dice.below(4_000) as i32;
        let mut town = Drafting { dice, columns, step, nodes: Vec::new(), ways: Vec::new(), turns: Vec::new() };
        town.junctions(rows, centre_e7);
        let mut joints = Vec::new();
        for row in 0..rows {
            let kind = if row == 0 || row + 1 == rows {
                Kind::Whole
            } else if town.chance(ONE_WAY_PERCENT) {
                Kind::OneWay
            } else {
                Kind::Broken
            };
            let line: Vec<i64> = (0..columns).map(|column| town.junction(row, column)).collect();
            joints.extend(town.street(&line, kind));
        }
        for column in 0..columns {
            let line: Vec<i64> = (0..rows).map(|row| town.junction(row, column)).collect();
            town.street(&line, Kind::Whole);
        }
        for (before, via, after) in joints {
            town.turns_at(before, via, after);
        }
        for junction in 0..(rows * columns) as i64 {
            town.around(junction);
        }
        let gate = |row: usize, column: usize| town.gate(town.junction(row, column));
        let (north, south) = (gate(0, columns / 2), gate(rows - 1, columns / 2));
        let (west, east) = (gate(rows / 2, 0), gate(rows / 2, columns - 1));
        Town { nodes: town.nodes, ways: town.ways, turns: town.turns, north, south, west, east }
    }
}

struct Drafting<'a> {
    dice: &'a mut Dice,
    columns: usize,
    /// From junction to junction, in 10⁻⁷ degrees of latitude.
    step: i32,
    nodes: Vec<Node>,
    ways: Vec<Way>,
    turns: Vec<Turn>,
}

impl Drafting<'_> {
    fn chance(&mut self, percent: u64) -> bool {
        self.dice.below(100) < percent
    }

    /// From `-reach` to `reach`.
    fn jitter(&mut self, reach: i32) -> i32 {
        self.dice.below(2 * reach as u64 + 1) as i32 - reach
    }

    fn junctions(&mut self, rows: usize, centre_e7: (i32, i32)) {
        let (rows, columns, step) = (rows as i32, self.columns as i32, self.step);
        for row in 0..rows {
            for column in 0..columns {
                let north = (rows - 1 - 2 * row) * step / 2 + self.jitter(step / 5);
                let east = (2 * column - columns + 1) * step * 7 / 10 + self.jitter(step / 4);
                self.node(centre_e7.0 + north, centre_e7.1 + east);
            }
        }
    }

    fn junction(&self, row: usize, column: usize) -> i64 {
        (row * self.columns + column) as i64
    }

    fn node(&mut self, lat_e7: i32, lon_e7: i32) -> i64 {
        let id = self.nodes.len() as i64;
        self.nodes.push(Node { id, lat_e7, lon_e7, tags: Tags::new() });
        id
    }

    fn way(&mut self, refs: Vec<i64>, tags: Tags) -> i64 {
        let id = self.ways.len() as i64;
        self.ways.push(Way { id, refs, tags });
        id
    }

    fn gate(&self, junction: i64) -> Gate {
        let Node { id, lat_e7, lon_e7, .. } = self.nodes[junction as usize];
        Gate { node: id, lat_e7, lon_e7 }
    }

    /// Lays a street along junctions; where one of its ways goes on in the next: that way, the junction, the next.
    fn street(&mut self, line: &[i64], kind: Kind) -> Vec<(i64, i64, i64)> {
        let class = match kind {
            Kind::Whole => ["residential", "unclassified", "tertiary", "secondary"][self.dice.below(4) as usize],
            Kind::Broken | Kind::OneWay => ["residential", "residential", "living_street"][self.dice.below(3) as usize],
        };
        let mut tags: Tags = vec![("highway", class.into())];
        if self.chance(80) {
            tags.push(("name", Text::from(STREETS[self.dice.below(STREETS.len() as u64) as usize])));
        }
        if self.chance(30) {
            tags.push(("maxspeed", ["20", "30", "40", "50"][self.dice.below(4) as usize].into()));
        }
        if kind == Kind::OneWay {
            tags.push(("oneway", "yes".into()));
        }
        let (mut refs, mut blocks) = (vec![line[0]], 0);
        let (mut before, mut joints) = (None, Vec::new());
        for pair in line.windows(2) {
            let is_gap = kind == Kind::Broken && self.chance(GAP_PERCENT);
            if (is_gap || blocks == WAY_BLOCKS) && 0 < blocks {
                let way = self.way(std::mem::replace(&mut refs, vec![pair[0]]), tags.clone());
                joints.extend(before.map(|before: (i64, i64)| (before.0, before.1, way)));
                before = (!is_gap).then_some((way, pair[0]));
                blocks = 0;
            }
            if is_gap {
                (refs, before) = (vec![pair[1]], None);
            } else {
                self.block(&mut refs, pair[0], pair[1], kind);
                blocks += 1;
            }
        }
        if 0 < blocks {
            let way = self.way(refs, tags);
            joints.extend(before.map(|before| (before.0, before.1, way)));
        }
        joints
    }

    /// From junction to junction, over up to three points that are a little aside.
    fn block(&mut self, refs: &mut Vec<i64>, from: i64, to: i64, kind: Kind) {
        let points = [0, 0, 1, 1, 2, 3][self.dice.below(6) as usize];
        let (from, to) = (self.gate(from), self.gate(to));
        let barrier = if kind == Kind::Broken && self.chance(BARRIER_PERCENT) { 1 } else { 0 };
        for point in 1..=points {
            let between = |a: i32, b: i32| a + (b - a) * point / (points + 1);
            let (lat, lon) = (between(from.lat_e7, to.lat_e7), between(from.lon_e7, to.lon_e7));
            let (north, east) = (self.jitter(self.step / 20), self.jitter(self.step / 20));
            let node = self.node(lat + north, lon + east);
            if point == barrier {
                self.nodes[node as usize].tags.push(("barrier", "bollard".into()));
            }
            refs.push(node);
        }
        refs.push(to.node);
    }

    /// Where one way ends and the next begins a turn can be told without a doubt.
    fn turns_at(&mut self, before: i64, via: i64, after: i64) {
        if self.chance(TURN_PERCENT) {
            let id = self.turns.len() as i64;
            let rule = ["only_straight_on", "no_straight_on"][self.dice.below(2) as usize];
            self.turns.push(Turn { id, rule, from: before, via, to: after });
        }
    }

    /// What stands at a junction: a close, a footpath, a house.
    fn around(&mut self, junction: i64) {
        let Gate { lat_e7, lon_e7, .. } = self.gate(junction);
        if self.chance(CLOSE_PERCENT) {
            let mut refs = vec![junction];
            for point in 1..=1 + self.dice.below(4) as i32 {
                let aside = self.jitter(self.step / 30);
                refs.push(self.node(lat_e7 + self.step * point / 10, lon_e7 + self.step * point / 10 + aside));
            }
            let class = ["service", "residential"][self.dice.below(2) as usize];
            self.way(refs, vec![("highway", class.into())]);
        }
        if self.chance(FOOTPATH_PERCENT) {
            let middle = self.node(lat_e7 - self.step / 5, lon_e7 + self.step / 5);
            let end = self.node(lat_e7 - self.step / 3, lon_e7 + self.step / 4);
            self.way(vec![junction, middle, end], vec![("highway", "footway".into())]);
        }
        if self.chance(HOUSE_PERCENT) {
            let (south, west, size) = (lat_e7 + self.step / 4, lon_e7 - self.step / 2, self.step / 8);
            let corners = [(0, 0), (size, 0), (size, size), (0, size)];
            let mut refs = corners.map(|(north, east)| self.node(south + north, west + east)).to_vec();
            refs.push(refs[0]);
            self.way(refs, vec![("building", "house".into())]);
        }
    }
}

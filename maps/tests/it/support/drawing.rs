//! Towns drawn with letters, and graphs told back in the same letters.
//!
//! ```text
//! A-B-C          letters are nodes, a column or a row apart is about 110 m; other signs are air
//!   D
//!
//! way ABC highway=residential oneway=yes
//! node B barrier=bollard
//! turn restriction=no_left_turn from=AB via=B to=BD
//! missing C      the extract has no such node
//! ```
//! A way is named by its nodes. Ids: nodes from 1 in the alphabet's order, ways from 101, turns from 1001.

use std::collections::BTreeMap;

use mukae_maps::graph::TurnRule;
use mukae_maps::{BuildOptions, BuildReport, EdgeId, NodeId, PreparedMap, RoadGraph};
use mukae_units::LatLon;
use osmpbfreader::osmformat::relation::MemberType;

use super::build_bytes;
use super::pbf::{Extract, Layout, OsmNode, OsmRelation, OsmWay, TagList, write};

const STEP_E7: i64 = 10_000;
const TURN_E7: i64 = 3_600_000_000;
const ORIGIN_E7: (i64, i64) = (100_000_000, 200_000_000);

pub(crate) struct Drawing {
    pub(crate) extract: Extract,
    letters: BTreeMap<LatLon, char>,
}

impl Drawing {
    pub(crate) fn new(text: &str) -> Drawing {
        Drawing::at(ORIGIN_E7, text)
    }

    /// With the first sign of the first line at a point, latitude and longitude in 10⁻⁷ degrees; the
    /// drawing may lie across the antimeridian.
    pub(crate) fn at(origin: (i64, i64), text: &str) -> Drawing {
        let mut places = BTreeMap::new();
        let mut lines = text.lines().peekable();
        let mut row = 0;
        while let Some(line) = lines.next_if(|line| !is_statement(line)) {
            for (column, sign) in line.chars().enumerate().filter(|(_, sign)| sign.is_ascii_alphanumeric()) {
                let lon = (origin.1 + column as i64 * STEP_E7 + TURN_E7 / 2).rem_euclid(TURN_E7) - TURN_E7 / 2;
                let at = (origin.0 - row * STEP_E7, lon);
                assert_eq!(places.insert(sign, at), None, "{sign} is drawn twice");
            }
            row += 1;
        }
        let mut drawing = Drawing { extract: Extract::default(), letters: BTreeMap::new() };
        for (index, (&letter, &(lat_e7, lon_e7))) in places.iter().enumerate() {
            drawing.extract.nodes.push(OsmNode { id: index as i64 + 1, lat_e7, lon_e7, tags: Vec::new() });
            let at = LatLon::from_e7(lat_e7 as i32, lon_e7 as i32).expect("drawn on the globe");
            drawing.letters.insert(at, letter);
        }
        let id = |letter: char| places.keys().position(|&other| other == letter).expect("a drawn letter") as i64 + 1;
        for line in lines.filter(|line| !line.trim().is_empty()) {
            drawing.read_statement(line.trim(), &id);
        }
        drawing
    }

    fn read_statement(&mut self, line: &str, id: &dyn Fn(char) -> i64) {
        let (verb, rest) = line.split_once(' ').expect("a verb and what it is about");
        let (name, tags) = rest.split_once(' ').unwrap_or((rest, ""));
        let extract = &mut self.extract;
        match verb {
            "way" => extract.ways.push(OsmWay {
                id: 101 + extract.ways.len() as i64,
                refs: name.chars().map(id).collect(),
                tags: [tag_list(tags), vec![("name".to_owned(), name.to_owned())]].concat(),
            }),
            "node" => {
                let id = id(name.chars().next().expect("a letter"));
                extract.nodes.iter_mut().find(|node| node.id == id).expect("a drawn letter").tags = tag_list(tags);
            }
            "missing" => {
                let missing: Vec<i64> = name.chars().map(id).collect();
                extract.nodes.retain(|node| !missing.contains(&node.id));
            }
            "turn" => self.read_turn(rest, id),
            _ => panic!("{verb} is no verb of drawings"),
        }
    }

    /// A member of one letter is a node, others are ways; a way that is not drawn gets an id of its own.
    fn read_turn(&mut self, words: &str, id: &dyn Fn(char) -> i64) {
        let (mut tags, mut members) = (vec![("type".to_owned(), "restriction".to_owned())], Vec::new());
        for (key, value) in tag_list(words) {
            let Some(role) = ["from", "via", "to"].into_iter().find(|role| *role == key) else {
                tags.push((key, value));
                continue;
            };
            let named = |way: &&OsmWay| way.tags.contains(&("name".to_owned(), value.clone()));
            members.push(match value.chars().next() {
                Some(letter) if value.len() == 1 => (role, MemberType::NODE, id(letter)),
                _ => (role, MemberType::WAY, self.extract.ways.iter().find(named).map_or(999, |way| way.id)),
            });
        }
        let id = 1001 + self.extract.relations.len() as i64;
        self.extract.relations.push(OsmRelation { id, tags, members });
    }

    pub(crate) fn build(&self, options: &BuildOptions) -> (PreparedMap, BuildReport) {
        self.build_as(Layout::default(), options)
    }

    pub(crate) fn build_as(&self, layout: Layout, options: &BuildOptions) -> (PreparedMap, BuildReport) {
        build_bytes(&write(&self.extract, layout), options).expect("a drawing is a good extract")
    }

    /// The node's letter; where a barrier parts nodes, all but the first are marked.
    fn name(&self, graph: &RoadGraph, node: NodeId) -> String {
        let at = graph.position(node);
        let before = (0..node.0).filter(|&other| graph.position(NodeId(other)) == at).count();
        format!("{}{}", self.letters[&at], "'".repeat(before))
    }

    /// `A-B` for a two-way road, `A>B` for a one-way street, in order; `A-B!` if it is for destinations
    /// only, `A-B!>` if only the direction from A to B is, `A-B<!` the other.
    pub(crate) fn roads(&self, graph: &RoadGraph) -> String {
        let mut roads: Vec<String> = graph
            .edges()
            .filter(|&edge| graph.is_canonical(edge))
            .map(|edge| {
                let mut ends = [self.name(graph, graph.tail(edge)), self.name(graph, graph.head(edge))];
                let Some(twin) = graph.twin(edge) else {
                    let mark = if graph.is_destination_only(edge) { "!" } else { "" };
                    return format!("{}{mark}", ends.join(">"));
                };
                let mut only = [edge, twin].map(|edge| graph.is_destination_only(edge));
                if ends[1] < ends[0] {
                    ends.reverse();
                    only.reverse();
                }
                let mark = match only {
                    [false, false] => "",
                    [true, true] => "!",
                    [true, false] => "!>",
                    [false, true] => "<!",
                };
                format!("{}{mark}", ends.join("-"))
            })
            .collect();
        roads.sort();
        roads.join(" ")
    }

    /// `no A>B>C` for what is kept, the reason for what is not.
    pub(crate) fn turns(&self, graph: &RoadGraph, report: &BuildReport) -> String {
        let kept = graph.restrictions().iter().map(|restriction| {
            let heads = restriction.chain.iter().map(|&edge| self.name(graph, graph.head(edge)));
            let nodes: Vec<String> =
                std::iter::once(self.name(graph, graph.tail(restriction.chain[0]))).chain(heads).collect();
            let rule = match restriction.rule {
                TurnRule::No => "no",
                TurnRule::Only => "only",
            };
            format!("{rule} {}", nodes.join(">"))
        });
        let skipped = report.restrictions_skipped.iter().map(|skipped| format!("{:?}", skipped.reason));
        kept.chain(skipped).collect::<Vec<_>>().join(", ")
    }

    pub(crate) fn edge(&self, graph: &RoadGraph, tail: char, head: char) -> EdgeId {
        let is_it = |&edge: &EdgeId| {
            self.name(graph, graph.tail(edge)) == tail.to_string()
                && self.name(graph, graph.head(edge)) == head.to_string()
        };
        graph.edges().find(is_it).unwrap_or_else(|| panic!("no edge {tail}>{head} among {}", self.roads(graph)))
    }
}

fn is_statement(line: &str) -> bool {
    ["way ", "node ", "turn ", "missing "].iter().any(|verb| line.trim_start().starts_with(verb))
}

fn tag_list(words: &str) -> TagList {
    let tag = |word: &str| {
        let (key, value) = word.split_once('=').expect("key=value");
        (key.to_owned(), value.to_owned())
    };
    words.split_whitespace().map(tag).collect()
}

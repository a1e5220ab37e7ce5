//! Roads to test on where their lie matters: sketched in metres, with names and classes.

use mukae_units::{LatLon, TravelTime};

use crate::geometry::line_length;
use crate::graph::{NewEdge, NewRoad, NewRoads, NodeId, RoadGraph, Way};
use crate::osm::RoadClass;
use crate::path::Path;
use crate::place::Fraction;

/// Points with their metres east and north, and the roads through them.
#[derive(Clone, Debug)]
pub(crate) struct Sketch {
    pub(crate) letters: Vec<char>,
    pub(crate) graph: RoadGraph,
}

/// `A 0 0, B 100 0, x 50 -20` are two junctions and a bend; `A-x-B High Street, B>A #primary` are a street
/// both ways and a one-way street. `#roundabout` and the classes of roads are marks, the rest is the
/// name. 10 m to the second.
pub(crate) fn sketched(points: &str, roads: &str) -> Sketch {
    let points: Vec<(char, LatLon)> = points.split(", ").map(point).collect();
    let letters: Vec<char> = points.iter().map(|point| point.0).filter(char::is_ascii_uppercase).collect();
    let position_of = |letter| points.iter().find(|point| point.0 == letter).unwrap_or_else(|| panic!("{letter}?")).1;
    let node_of = |letter| NodeId(letters.iter().position(|&other| other == letter).unwrap() as u32);
    let mut laid = NewRoads::new(letters.iter().map(|&letter| position_of(letter)).collect());
    let (mut ways, mut names) = (Vec::new(), vec![String::new()]);
    for road in roads.split(", ") {
        let (track, words) = road.split_once(' ').unwrap_or((road, ""));
        let (marks, words): (Vec<&str>, Vec<&str>) =
            words.split(' ').filter(|word| !word.is_empty()).partition(|word| word.starts_with('#'));
        let name = words.join(" ");
        let known = names.iter().position(|other| *other == name).unwrap_or_else(|| {
            names.push(name);
            names.len() - 1
        });
        ways.push(Way {
            osm_id: ways.len() as i64 + 1,
            name: known as u32,
            class: marks.iter().find_map(|mark| class(mark)).unwrap_or(RoadClass::Residential),
            is_roundabout: marks.contains(&"#roundabout"),
        });
        let corners: Vec<char> = track.chars().filter(char::is_ascii_alphabetic).collect();
        let junctions: Vec<usize> = (0..corners.len()).filter(|&index| corners[index].is_uppercase()).collect();
        for ends in junctions.windows(2) {
            let line: Vec<LatLon> = corners[ends[0]..=ends[1]].iter().map(|&corner| position_of(corner)).collect();
            let length = line_length(line.iter().copied());
            let weight = TravelTime::from_millis((length.as_millimetres() / 10) as u32);
            let edge = Some(NewEdge { weight, is_destination_only: false });
            let road = NewRoad {
                tail: node_of(corners[ends[0]]),
                head: node_of(corners[ends[1]]),
                length,
                way: ways.len() as u32 - 1,
                forward: edge,
                backward: edge.filter(|_| track.contains('-')),
            };
            laid.add(road, line[1..line.len() - 1].iter().copied());
        }
    }
    Sketch { letters, graph: RoadGraph::new(&laid, &ways, &names) }
}

impl Sketch {
    /// Over these junctions, by the first road between two.
    pub(crate) fn path(&self, letters: &str, start: Fraction, end: Fraction) -> Path {
        let node = |letter| NodeId(self.letters.iter().position(|&other| other == letter).unwrap() as u32);
        let nodes: Vec<NodeId> = letters.chars().map(node).collect();
        let edge = |ends: &[NodeId]| {
            let mut out = self.graph.out_edges(ends[0]);
            out.find(|&edge| self.graph.head(edge) == ends[1]).unwrap_or_else(|| panic!("{letters}: {ends:?}"))
        };
        Path::new(&self.graph, self.graph.weights(), nodes.windows(2).map(edge).collect(), start, end)
    }

    pub(crate) fn letter(&self, node: NodeId) -> char {
        self.letters[node.0 as usize]
    }
}

fn point(text: &str) -> (char, LatLon) {
    let words: Vec<&str> = text.split(' ').collect();
    let metres = |index: usize| words[index].parse::<f64>().unwrap();
    (words[0].chars().next().unwrap(), metres_from_corner(metres(1), metres(2)))
}

/// The point so far east and north of 60° N 10° E, where a degree of longitude is half one of latitude.
pub(crate) fn metres_from_corner(east: f64, north: f64) -> LatLon {
    const DEGREE: f64 = 111_195.08;
    LatLon::from_degrees(60.0 + north / DEGREE, 10.0 + east / (DEGREE / 2.0)).unwrap()
}

fn class(mark: &str) -> Option<RoadClass> {
    RoadClass::ALL.into_iter().find(|class| format!("#{class:?}").eq_ignore_ascii_case(mark))
}

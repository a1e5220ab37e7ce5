//! Where people live and where they go, read off the roads alone: tables like any other, for a town without its own.
//!
//! People live along roads driven at 50 km/h or less; what they go to stands where junctions are dense.

use std::collections::{BTreeMap, BTreeSet};

use mukae_maps::mesh::{Cell, Side};
use mukae_maps::osm::places::{METRES_PER_RESIDENT, PlaceKind};
use mukae_maps::{EdgeId, NodeId, RoadGraph};
use mukae_units::LatLon;

use super::flat::{Flat, UNITS_PER_KM};
use super::town::{Home, Place};

/// Homes are so much denser along slow roads.
const SLOW_WEIGHT: u64 = 10;
/// Junctions are counted in squares of this side, with the eight squares around each.
const SQUARE: i64 = UNITS_PER_KM / 3;
/// Centres are at least so many squares apart.
const APART: i64 = 4;
/// A junction joins at least so many roads.
const ROADS_AT_JUNCTION: usize = 3;
/// How strongly each centre pulls, the densest first, in tenths; there are as many as the map has room for.
const PULLS: [u64; 5] = [30, 28, 18, 14, 10];
/// What every centre has.
const KINDS: [PlaceKind; 8] = [
    PlaceKind::Clinic,
    PlaceKind::Supermarket,
    PlaceKind::TownHall,
    PlaceKind::PostOffice,
    PlaceKind::Station,
    PlaceKind::School,
    PlaceKind::Bath,
    PlaceKind::Care,
];

type Square = (i64, i64);

/// Nothing of both for a map without roads.
pub(super) fn tables(graph: &RoadGraph) -> (Vec<Home>, Vec<Place>) {
    let roads: Vec<EdgeId> =
        graph.edges().filter(|&edge| graph.is_canonical(edge) && graph.is_routable(edge)).collect();
    let Some(&first) = roads.first() else { return (Vec::new(), Vec::new()) };
    let flat = Flat::around(graph.position(graph.tail(first)));
    (homes(graph, &roads), places(graph, &roads, &flat))
}

fn homes(graph: &RoadGraph, roads: &[EdgeId]) -> Vec<Home> {
    // Weighted metres of each cell and the sum of where they are, from the cell's middle.
    let mut cells: BTreeMap<Cell, [i64; 3]> = BTreeMap::new();
    for &edge in roads {
        let weight = if is_slow(graph, edge) { SLOW_WEIGHT } else { 1 };
        let line: Vec<LatLon> = graph.line(edge).collect();
        let metres = graph.length(edge).as_metres() * weight / (line.len() as u64 - 1);
        for ends in line.windows(2) {
            let cell = Cell::of(ends[0], Side::Quarter);
            let (centre, sum, metres) = (cell.centre(), cells.entry(cell).or_default(), metres as i64 + 1);
            sum[0] += metres;
            sum[1] += metres * i64::from(ends[0].lat_e7() - centre.lat_e7());
            sum[2] += metres * i64::from(ends[0].lon_e7() - centre.lon_e7());
        }
    }
    let home = |(cell, [metres, north, east]): (Cell, [i64; 3])| {
        let centre = cell.centre();
        let (lat, lon) = (centre.lat_e7() + (north / metres) as i32, centre.lon_e7() + (east / metres) as i32);
        let at = LatLon::from_e7(lat, lon).expect("between points of one cell");
        let residents = metres.unsigned_abs() / (SLOW_WEIGHT * METRES_PER_RESIDENT);
        Home { line: 0, at, cell, residents: residents.max(1), elderly: None }
    };
    cells.into_iter().map(home).collect()
}

fn is_slow(graph: &RoadGraph, edge: EdgeId) -> bool {
    let (length, time) = (graph.length(edge).as_millimetres(), u64::from(graph.weight(edge).as_millis()));
    length * 36 <= time * 500 // millimetres per millisecond are metres per second
}

fn places(graph: &RoadGraph, roads: &[EdgeId], flat: &Flat) -> Vec<Place> {
    let square_of = |node: NodeId| {
        let (east, north) = flat.offset(graph.position(node));
        (east.div_euclid(SQUARE), north.div_euclid(SQUARE))
    };
    let mut junctions: BTreeMap<Square, Vec<NodeId>> = BTreeMap::new();
    for node in roads.iter().map(|&edge| graph.tail(edge)).collect::<BTreeSet<_>>() {
        if ROADS_AT_JUNCTION <= graph.out_edges(node).len() {
            junctions.entry(square_of(node)).or_default().push(node);
        }
    }
    let mut places = Vec::new();
    for (number, (square, pull)) in densest(&junctions, PULLS.len()).into_iter().zip(PULLS).enumerate() {
        let nodes: Vec<NodeId> = around(square).filter_map(|near| junctions.get(&near)).flatten().copied().collect();
        for (index, kind) in KINDS.into_iter().enumerate() {
            let node = nodes[index * nodes.len() / KINDS.len()];
            let name = format!("{} of centre {}", kind.name(), number + 1);
            let weight = u64::from(kind.visitors()) * pull / 10;
            places.push(Place { line: 0, kind, name, at: graph.position(node), weight });
        }
    }
    places
}

/// The squares with the most junctions in and around them, apart from one another; ties go to the south-west.
fn densest(junctions: &BTreeMap<Square, Vec<NodeId>>, count: usize) -> Vec<Square> {
    let mut squares: Vec<(usize, Square)> = junctions
        .keys()
        .map(|&square| (around(square).filter_map(|near| junctions.get(&near)).map(Vec::len).sum(), square))
        .collect();
    squares.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut chosen: Vec<Square> = Vec::new();
    for (_, (east, north)) in squares {
        if chosen.len() == count {
            break;
        }
        if chosen.iter().all(|&(e, n)| APART <= (e - east).abs().max((n - north).abs())) {
            chosen.push((east, north));
        }
    }
    chosen
}

fn around((east, north): Square) -> impl Iterator<Item = Square> {
    (-1..=1).flat_map(move |e| (-1..=1).map(move |n| (east + e, north + n)))
}

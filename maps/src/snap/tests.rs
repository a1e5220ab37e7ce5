use mukae_units::TravelTime;

use super::*;
use crate::graph::{NewEdge, NodeId, Way};
use crate::osm::RoadClass;

/// A map of random roads around a point: rings and spurs, two-way and one-way, some with shape points.
fn random_roads(random: &mut impl FnMut(u64) -> u64, centre: (i64, i64)) -> RoadGraph {
    let count = 12;
    let mut point = |around: (i64, i64), by: u64| {
        let lat = around.0 + random(2 * by) as i64 - by as i64;
        let lon = around.1 + random(2 * by) as i64 - by as i64;
        let lon = (lon + 1_800_000_000).rem_euclid(3_600_000_000) - 1_800_000_000;
        LatLon::from_e7(lat as i32, lon as i32).expect("away from the poles")
    };
    let position: Vec<LatLon> = (0..count).map(|_| point(centre, 400_000)).collect();
    let mut edges = Vec::new();
    for (tail, &at) in position.iter().enumerate() {
        for step in [1, 3] {
            let head = (tail + step) % count;
            let shape: Vec<LatLon> =
                (0..tail % 3).map(|_| point((i64::from(at.lat_e7()), i64::from(at.lon_e7())), 100_000)).collect();
            let pair = (tail % 4 != 0).then_some(edges.len() as u32);
            let edge = |tail: usize, head: usize, shape: Vec<LatLon>| NewEdge {
                tail: NodeId(tail as u32),
                head: NodeId(head as u32),
                length: Metres::from_metres(1),
                weight: TravelTime::from_secs(1),
                way: 0,
                shape,
                pair,
                is_destination_only: false,
            };
            edges.push(edge(tail, head, shape.clone()));
            if pair.is_some() {
                edges.push(edge(head, tail, shape.into_iter().rev().collect()));
            }
        }
    }
    // A road apart, which nothing may snap to.
    let mut position = position;
    position.extend([point(centre, 1000), point(centre, 1000)]);
    edges.push(NewEdge {
        tail: NodeId(count as u32),
        head: NodeId(count as u32 + 1),
        length: Metres::ZERO,
        weight: TravelTime::from_secs(1),
        way: 0,
        shape: Vec::new(),
        pair: None,
        is_destination_only: false,
    });
    RoadGraph::new(
        position,
        &edges,
        vec![Way { osm_id: 1, name: 0, class: RoadClass::Residential, is_roundabout: false }],
        vec![String::new()],
    )
    .0
}

/// The slow twin: every segment of every road.
fn snap_slowly(graph: &RoadGraph, at: LatLon) -> Place {
    let here = LocalFrame::around(at);
    let mut best: Option<Candidate> = None;
    for edge in graph.edges().filter(|&edge| graph.is_routable(edge) && graph.twin(edge).is_none_or(|twin| edge < twin))
    {
        let line: Vec<LatLon> = graph.line(edge).collect();
        for (index, ends) in line.windows(2).enumerate() {
            let (part, square) = foot(here.project(ends[0]), here.project(ends[1]), here.project(at));
            let millimetres = (square.sqrt() * 1000.0).round() as u64;
            let candidate = Candidate { millimetres, edge, index: index as u32, part };
            if best.is_none_or(|best| candidate.is_better_than(&best)) {
                best = Some(candidate);
            }
        }
    }
    to_place(graph, best.expect("the map has roads"))
}

#[test]
fn the_index_finds_what_trying_every_segment_finds() {
    for seed in 0..40u64 {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut random = |below: u64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state % below
        };
        // Far north, on the antimeridian, on the equator and elsewhere.
        let centre = [(600_000_000, 100_000_000), (-165_000_000, 1_799_900_000), (0, 0), (350_000_000, -1_799_999_000)]
            [seed as usize % 4];
        let graph = random_roads(&mut random, centre);
        let index = SnapIndex::build(&graph);
        for query in 0..60 {
            let at = if query % 3 == 0 {
                // On a junction: the ties.
                graph.position(NodeId(random(12) as u32))
            } else {
                let lat = centre.0 + random(1_600_000) as i64 - 800_000;
                let lon = centre.1 + random(1_600_000) as i64 - 800_000;
                let lon = (lon + 1_800_000_000).rem_euclid(3_600_000_000) - 1_800_000_000;
                LatLon::from_e7(lat as i32, lon as i32).expect("away from the poles")
            };
            let snapped = index.snap(&graph, at, Metres::from_metres(100_000)).expect("roads are near");
            let place = snap_slowly(&graph, at);
            assert_eq!(snapped.place, place, "seed {seed}, query {query} at {at}");
            assert_eq!(snapped.position, place_position(&graph, place), "seed {seed}, query {query}");
            assert_eq!(snapped.distance, distance(at, snapped.position), "seed {seed}, query {query}");
        }
    }
}

#[test]
fn a_place_is_where_it_was_snapped() {
    for seed in 1..20u64 {
        let mut state = seed;
        let mut random = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let graph = random_roads(&mut random, (500_000_000, 80_000_000));
        let index = SnapIndex::build(&graph);
        for _ in 0..40 {
            let edge = EdgeId(random(graph.edge_count() as u64) as u32);
            if !graph.is_routable(edge) {
                continue;
            }
            let place = Place { edge, fraction: Fraction::from_steps(random(65_536) as u16), sides: Sides::This };
            let position = place_position(&graph, place);
            let again = index.snap(&graph, position, Metres::from_metres(1000)).expect("it is on a road");
            // Within a step of the fraction, and a unit of the coordinates.
            assert!(again.distance < Metres::from_millimetres(300), "seed {seed}: {place:?} {again:?}");
        }
    }
}

#[test]
fn a_map_without_roads_says_so() {
    let graph = RoadGraph::new(Vec::new(), &[], Vec::new(), vec![String::new()]).0;
    let at = LatLon::from_degrees(1.0, 2.0).expect("on the globe");
    assert_eq!(SnapIndex::build(&graph).snap(&graph, at, Metres::from_metres(1)), Err(NoRoadNear::EmptyMap));
}

#[test]
fn ends_of_an_edge() {
    let mut state = 7u64;
    let graph = random_roads(
        &mut |below| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(99);
            (state >> 33) % below
        },
        (0, 0),
    );
    for edge in graph.edges() {
        let at = |fraction| place_position(&graph, Place { edge, fraction, sides: Sides::This });
        assert_eq!(at(Fraction::TAIL), graph.position(graph.tail(edge)));
        assert_eq!(at(Fraction::HEAD), graph.position(graph.head(edge)));
    }
}

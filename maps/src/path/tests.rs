use mukae_units::{LatLon, Metres, Span, TravelTime};

use super::*;
use crate::graph::{NewEdge, NewRoad, NewRoads, NodeId, Way};
use crate::osm::RoadClass;
use crate::test_roads::at;

/// Two streets of 100 m and 10 s each, the first with a bend, across the antimeridian.
fn town() -> RoadGraph {
    let positions = vec![at(0.0, 179.998), at(0.001, 179.999), at(0.001, -179.999)];
    let mut roads = NewRoads::new(positions);
    for (tail, shape) in [(0, vec![at(0.0, 179.999)]), (1, Vec::new())] {
        let road = NewRoad {
            tail: NodeId(tail),
            head: NodeId(tail + 1),
            length: Metres::from_metres(100),
            way: 0,
            forward: Some(NewEdge { weight: TravelTime::from_secs(10), is_destination_only: false }),
            backward: None,
        };
        roads.add(road, shape);
    }
    let way = Way { osm_id: 1, name: 0, class: RoadClass::Residential, is_roundabout: false };
    RoadGraph::new(&roads, &[way], &[String::new()])
}

const HALF: Fraction = Fraction::from_steps(32_768);
const QUARTER: Fraction = Fraction::from_steps(16_384);

fn path(edges: &[u32], start: Fraction, end: Fraction) -> Path {
    let graph = town();
    Path::new(&graph, graph.weights(), edges.iter().map(|&edge| EdgeId(edge)).collect(), start, end)
}

#[test]
fn parts_add_up() {
    let path = path(&[0, 1], QUARTER, HALF);
    assert_eq!((path.time_on(0).as_millis(), path.time_on(1).as_millis()), (7_500, 5_000));
    assert_eq!(path.travel_time(), TravelTime::from_millis(12_500));
    assert_eq!(path.entered_after(1), TravelTime::from_millis(7_500));
    assert_eq!(path.length().as_metres(), 125);
}

/// Compares to 10⁻⁶ degrees.
#[track_caller]
fn check_line(points: Vec<LatLon>, expected: &[(f64, f64)]) {
    let rounded = |degrees: f64| (degrees * 1e6).round() as i64;
    let points: Vec<_> = points.iter().map(|point| (rounded(point.lat()), rounded(point.lon()))).collect();
    let expected: Vec<_> = expected.iter().map(|&(lat, lon)| (rounded(lat), rounded(lon))).collect();
    assert_eq!(points, expected);
}

#[test]
fn a_line_is_cut_at_both_ends_and_keeps_its_bends() {
    let graph = town();
    check_line(
        path(&[0, 1], QUARTER, HALF).line(&graph),
        &[(0.0, 179.9985), (0.0, 179.999), (0.001, 179.999), (0.001, -180.0)],
    );
    check_line(path(&[0], HALF, HALF).line(&graph), &[(0.0, 179.999)]);
    check_line(path(&[0, 1], Fraction::HEAD, Fraction::HEAD).line(&graph), &[(0.001, 179.999), (0.001, -179.999)]);
}

#[test]
fn a_vehicle_is_where_its_time_has_brought_it() {
    let graph = town();
    let path = path(&[0, 1], QUARTER, HALF);
    let at_millis = |millis| path.at(Span::from_millis(millis));
    assert_eq!((at_millis(-5).edge, at_millis(-5).fraction), (EdgeId(0), QUARTER));
    assert_eq!((at_millis(0).edge, at_millis(0).fraction), (EdgeId(0), QUARTER));
    assert_eq!((at_millis(7_500).edge, at_millis(7_500).fraction), (EdgeId(0), Fraction::HEAD));
    assert_eq!(at_millis(7_501).edge, EdgeId(1));
    assert_eq!((at_millis(12_500).edge, at_millis(12_500).fraction), (EdgeId(1), HALF));
    assert_eq!(at_millis(99_000), at_millis(12_500));
    check_line(vec![place_position(&graph, at_millis(10_000))], &[(0.001, 179.9995)]);
}

#[test]
#[should_panic(expected = "does not lead to")]
fn edges_make_a_chain() {
    path(&[1, 0], Fraction::TAIL, Fraction::HEAD);
}

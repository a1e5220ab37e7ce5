use std::sync::Arc;

use super::*;
use crate::hierarchy::{Hierarchy, HierarchyQuery};
use crate::test_roads::{Lots, at, described, grid_town, scattered};
use crate::test_sketch::{Sketch, metres_from_corner, sketched};
use crate::travel_times::MetricId;

/// `Depart(North) High Street 100 m`: what, onto which road, how far to the next; a turn also by how much.
fn said(graph: &RoadGraph, list: &[Manoeuvre]) -> String {
    let one = |manoeuvre: &Manoeuvre| {
        let (name, length) = (graph.name(manoeuvre.road), manoeuvre.length.as_metres());
        let angle = match manoeuvre.kind {
            ManoeuvreKind::Depart(_) | ManoeuvreKind::Arrive(_) => String::new(),
            _ => format!(" {:+}", manoeuvre.angle()),
        };
        let what = match manoeuvre.kind {
            ManoeuvreKind::Turn(turn) => format!("{turn:?}"),
            ManoeuvreKind::Roundabout { exit: Some(exit) } => format!("Exit {exit}"),
            other => format!("{other:?}"),
        };
        let onto = if name.is_empty() { String::new() } else { format!(" {name}") };
        if let ManoeuvreKind::Arrive(_) = manoeuvre.kind { what } else { format!("{what}{angle}{onto} {length} m") }
    };
    list.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// Whole drives from junction to junction.
#[track_caller]
fn check(points: &str, roads: &str, drives: &[(&str, &str)]) {
    let sketch = sketched(points, roads);
    for (letters, expected) in drives {
        let path = sketch.path(letters, Fraction::TAIL, Fraction::HEAD);
        assert_eq!(said(&sketch.graph, &path.manoeuvres(&sketch.graph, None)), *expected, "{letters}");
    }
}

#[test]
fn a_crossing() {
    check(
        "X 0 0, N 0 100, E 100 0, S 0 -100, W -100 0",
        "S-X-N High Street, W-X-E Cross Street",
        &[
            ("SXN", "Depart(North) High Street 200 m; Arrive(None)"),
            ("SXE", "Depart(North) High Street 100 m; Right +90 Cross Street 100 m; Arrive(None)"),
            ("SXW", "Depart(North) High Street 100 m; Left -90 Cross Street 100 m; Arrive(None)"),
            ("EXN", "Depart(West) Cross Street 100 m; Right +90 High Street 100 m; Arrive(None)"),
            ("WX", "Depart(East) Cross Street 100 m; Arrive(None)"),
        ],
    );
}

#[test]
fn turns_by_their_angle() {
    // Six roads without a name from a square.
    check(
        "S 0 -100, X 0 0, A -100 30, B 70 90, C 100 -90, D -90 -120, E 20 -100, F -70 100",
        "S-X, X-A, X-B, X-C, X-D, X-E, X-F",
        &[
            ("SXA", "Depart(North) 100 m; Left -73 104 m; Arrive(None)"),
            ("SXB", "Depart(North) 100 m; Fork(Right) +38 114 m; Arrive(None)"),
            ("SXF", "Depart(North) 100 m; Fork(Left) -35 122 m; Arrive(None)"),
            ("SXC", "Depart(North) 100 m; SharpRight +132 135 m; Arrive(None)"),
            ("SXD", "Depart(North) 100 m; SharpLeft -143 150 m; Arrive(None)"),
            ("SXE", "Depart(North) 100 m; SharpRight +169 102 m; Arrive(None)"),
        ],
    );
}

#[test]
fn a_junction_in_t_form() {
    check(
        "S 0 -100, X 0 0, A -100 0, B 100 0",
        "S-X Lane, A-X-B Main Road",
        &[
            ("SXA", "Depart(North) Lane 100 m; Left -90 Main Road 100 m; Arrive(None)"),
            ("SXB", "Depart(North) Lane 100 m; Right +90 Main Road 100 m; Arrive(None)"),
            ("AXB", "Depart(East) Main Road 200 m; Arrive(None)"),
            ("BXS", "Depart(West) Main Road 100 m; Left -90 Lane 100 m; Arrive(None)"),
        ],
    );
}

#[test]
fn forks() {
    check(
        "S 0 -100, X 0 0, A -30 100, B 25 100, C 100 0",
        "S-X-A Valley Road, X-B Hill Road",
        &[
            ("SXA", "Depart(North) Valley Road 100 m; Fork(Left) -17 Valley Road 104 m; Arrive(None)"),
            ("SXB", "Depart(North) Valley Road 100 m; Fork(Right) +14 Hill Road 103 m; Arrive(None)"),
            ("AXS", "Depart(South) Valley Road 204 m; Arrive(None)"),
            ("AXB", "Depart(South) Valley Road 104 m; SharpLeft -149 Hill Road 103 m; Arrive(None)"),
        ],
    );
    // One branch clearly goes straight on; the other is a slight turn.
    let points = "S 0 -100, X 0 0, A 0 100, B 70 80";
    check(
        points,
        "S-X-A Valley Road, X-B Hill Road",
        &[
            ("SXA", "Depart(North) Valley Road 200 m; Arrive(None)"),
            ("SXB", "Depart(North) Valley Road 100 m; SlightRight +41 Hill Road 106 m; Arrive(None)"),
        ],
    );
    // A yard beside the road is no fork of it; out of the yard it is a choice again.
    check(
        "S 0 -100, X 0 0, A -30 100, B 25 100",
        "S-X-A Valley Road, X-B Yard #service",
        &[
            ("SXA", "Depart(North) Valley Road 204 m; Arrive(None)"),
            ("SXB", "Depart(North) Valley Road 100 m; Fork(Right) +14 Yard 103 m; Arrive(None)"),
        ],
    );
    // Both to the left, neither straight on: a slight turn, and no side to keep to.
    check(
        "S 0 -100, X 0 0, A -80 95, B -100 58",
        "S-X-A Valley Road, X-B Hill Road",
        &[("SXA", "Depart(North) Valley Road 100 m; SlightLeft -40 Valley Road 124 m; Arrive(None)")],
    );
    // Three branches: the middle one is straight on.
    check(
        "S 0 -100, X 0 0, A -30 100, B 25 100, C 0 100",
        "S-X-A Valley Road, X-B Hill Road, X-C Mill Road",
        &[("SXC", "Depart(North) Valley Road 100 m; Straight +0 Mill Road 100 m; Arrive(None)")],
    );
}

/// A ring of 20 m around the middle, with roads in all four directions; each has a way in and a way out.
fn roundabout(is_clockwise: bool) -> Sketch {
    let points = "A 0 -100, B 0 -20, E 100 0, F 20 0, N 0 100, O 0 20, W -100 0, V -20 0, b 14 -14, f 14 14, o -14 14, v -14 -14";
    let ring = if is_clockwise { "B>v>V>o>O>f>F>b>B" } else { "B>b>F>f>O>o>V>v>B" };
    sketched(points, &format!("A-B South Road, E-F East Road, N-O North Road, W-V West Road, {ring} #roundabout"))
}

#[test]
fn roundabouts_on_both_driving_sides() {
    let check = |is_clockwise, drives: &[(&str, &str)]| {
        let sketch = roundabout(is_clockwise);
        for (letters, expected) in drives {
            let path = sketch.path(letters, Fraction::TAIL, Fraction::HEAD);
            assert_eq!(said(&sketch.graph, &path.manoeuvres(&sketch.graph, None)), *expected, "{letters}");
        }
    };
    check(
        true,
        &[
            ("ABVW", "Depart(North) South Road 80 m; Exit 1 -90 West Road 110 m; Arrive(None)"),
            ("ABVON", "Depart(North) South Road 80 m; Exit 2 +0 North Road 141 m; Arrive(None)"),
            ("ABVOFE", "Depart(North) South Road 80 m; Exit 3 +90 East Road 171 m; Arrive(None)"),
            ("ABVOFBA", "Depart(North) South Road 80 m; Exit 4 +180 South Road 202 m; Arrive(None)"),
        ],
    );
    check(
        false,
        &[
            ("ABFE", "Depart(North) South Road 80 m; Exit 1 +90 East Road 110 m; Arrive(None)"),
            ("ABFOVW", "Depart(North) South Road 80 m; Exit 3 -90 West Road 171 m; Arrive(None)"),
            // Ending in it, and starting in it.
            ("ABFO", "Depart(North) South Road 80 m; Roundabout { exit: None } +67 61 m; Arrive(None)"),
            ("FOVW", "Depart(NorthWest) 61 m; Right +67 West Road 80 m; Arrive(None)"),
        ],
    );
}

#[test]
fn exits_are_where_one_may_drive_out() {
    // From the east a one-way street leads in: no exit.
    check(
        "A 0 -100, B 0 -20, E 100 0, F 20 0, N 0 100, O 0 20, b 14 -14, f 14 14, o -14 14, v -14 -14",
        "A-B South Road, E>F East Road, N-O North Road, B>b>F>f>O>o>v>B #roundabout",
        &[
            ("ABFON", "Depart(North) South Road 80 m; Exit 1 +0 North Road 141 m; Arrive(None)"),
            ("ABFOBA", "Depart(North) South Road 80 m; Exit 2 +180 South Road 199 m; Arrive(None)"),
        ],
    );
}

#[test]
fn turning_back() {
    check(
        "A 0 0, X 0 50, B 0 100, C 50 50",
        "A-X-B Blind Alley, X-C Lane",
        &[
            ("AXBX", "Depart(North) Blind Alley 100 m; Back +180 Blind Alley 50 m; Arrive(None)"),
            ("AXA", "Depart(North) Blind Alley 50 m; Back +180 Blind Alley 50 m; Arrive(None)"),
        ],
    );
}

#[test]
fn a_new_name() {
    check(
        "A 0 0, B 100 0, C 200 10, D 200 100, E 130 80",
        "A-B Old Street, B-C New Street, C-D Third Street, B-E Lane",
        &[(
            "ABCD",
            "Depart(East) Old Street 100 m; Continue -6 New Street 101 m; Continue -84 Third Street 90 m; Arrive(None)",
        )],
    );
    // A slight bend into another name is told as a turn where there is something else to take.
    check(
        "A 0 0, B 100 0, C 190 -50, D 100 100",
        "A-B Old Street, B-C New Street, B-D Lane",
        &[("ABC", "Depart(East) Old Street 100 m; SlightRight +29 New Street 103 m; Arrive(None)")],
    );
    // Roads without a name are told apart by class.
    check("A 0 0, B 100 0, C 200 0", "A-B, B-C", &[("ABC", "Depart(East) 200 m; Arrive(None)")]);
    check(
        "A 0 0, B 100 0, C 200 0",
        "A-B, B-C #track",
        &[("ABC", "Depart(East) 100 m; Continue +0 100 m; Arrive(None)")],
    );
}

#[test]
fn a_street_that_bends() {
    // Nothing else to take: nothing to say, however sharp.
    check(
        "A 0 0, B 100 0, C 100 100",
        "A-B High Street, B-C High Street",
        &[("ABC", "Depart(East) High Street 200 m; Arrive(None)")],
    );
    // A lane goes straight on where the street bends, sharply and slightly.
    check(
        "A 0 0, B 100 0, C 100 100, D 200 0",
        "A-B-C High Street, B-D Lane",
        &[
            ("ABC", "Depart(East) High Street 100 m; Left -90 High Street 100 m; Arrive(None)"),
            ("ABD", "Depart(East) High Street 100 m; Continue +0 Lane 100 m; Arrive(None)"),
        ],
    );
    check(
        "A 0 0, B 100 0, C 150 90, D 60 -100",
        "A-B-C High Street, B-D Lane",
        &[("ABC", "Depart(East) High Street 100 m; Left -61 High Street 103 m; Arrive(None)")],
    );
    check(
        "A 0 0, B 100 0, C 180 60, D 100 -100",
        "A-B-C High Street, B-D Lane",
        &[("ABC", "Depart(East) High Street 200 m; Arrive(None)")],
    );
}

#[test]
fn the_first_metres_of_a_road_do_not_tell() {
    // It leaves to the right and is led round to the left within 10 m.
    check(
        "A 0 0, B 100 0, p 103 -2, q 104 4, C 110 100, D 200 0",
        "A-B Street, B-p-q-C Lane, B-D Street",
        &[("ABC", "Depart(East) Street 100 m; Left -65 Lane 106 m; Arrive(None)")],
    );
}

#[test]
fn departures_by_the_compass() {
    let shown: Vec<String> = (0..360)
        .step_by(45)
        .map(|degrees| {
            let [before, on, after] = [degrees - 22, degrees, degrees + 22].map(Bearing::from_degrees);
            assert_eq!(CompassPoint::of(before), CompassPoint::of(on));
            assert_eq!(CompassPoint::of(after), CompassPoint::of(on));
            format!("{:?}", CompassPoint::of(on))
        })
        .collect();
    assert_eq!(shown.join(" "), "North NorthEast East SouthEast South SouthWest West NorthWest");
}

#[test]
fn targets_beside_the_road() {
    let sketch = sketched("A 0 0, B 0 100, C 100 100", "A-B-C Street");
    let half = Fraction::from_steps(32_768);
    let arrival = |letters, target: (f64, f64)| {
        let path = sketch.path(letters, Fraction::TAIL, half);
        path.manoeuvres(&sketch.graph, Some(metres_from_corner(target.0, target.1))).pop().unwrap().kind
    };
    assert_eq!(arrival("ABC", (50.0, 110.0)), ManoeuvreKind::Arrive(Some(Hand::Left)));
    assert_eq!(arrival("ABC", (45.0, 90.0)), ManoeuvreKind::Arrive(Some(Hand::Right)));
    assert_eq!(arrival("ABC", (70.0, 100.5)), ManoeuvreKind::Arrive(None));
    assert_eq!(arrival("BA", (5.0, 50.0)), ManoeuvreKind::Arrive(Some(Hand::Left)));
}

#[test]
fn edges_that_are_only_touched_are_no_turns() {
    let sketch = sketched("A 0 0, B 0 100, C 100 100, D 100 0", "A-B First, B-C Second, C-D Third");
    let path = sketch.path("ABCD", Fraction::HEAD, Fraction::TAIL);
    let list = path.manoeuvres(&sketch.graph, None);
    assert_eq!(said(&sketch.graph, &list), "Depart(East) Second 100 m; Arrive(None)");
    let nowhere = sketch.path("BC", Fraction::HEAD, Fraction::HEAD);
    assert_eq!(said(&sketch.graph, &nowhere.manoeuvres(&sketch.graph, None)), "Depart(East) Second 0 m; Arrive(None)");
}

#[test]
fn manoeuvres_add_up_to_their_path() {
    for seed in 0..200 {
        let graph = if seed % 10 == 0 { grid_town(8, seed, at(-16.5, 180.0)) } else { scattered(seed) };
        let customized = Arc::new(Hierarchy::build(&graph)).customize(graph.weights(), MetricId(0));
        let graph = Arc::new(graph);
        let mut query = HierarchyQuery::new(Arc::clone(&graph), Arc::new(customized));
        let lots = &mut Lots::new(seed);
        for _ in 0..10 {
            let [from, to] = [lots.place(&graph), lots.place(&graph)];
            let Some(path) = query.path(from, to) else { continue };
            let list = path.manoeuvres(&graph, None);
            let context = || format!("seed {seed}: {path:?} {list:?}\n{}", described(&graph));
            assert_eq!(list.iter().map(|one| one.length).sum::<Metres>(), path.length(), "{}", context());
            let time = list.iter().fold(TravelTime::ZERO, |time, one| time + one.travel_time);
            assert_eq!(time, path.travel_time(), "{}", context());
            assert!(matches!(list[0].kind, ManoeuvreKind::Depart(_)), "{}", context());
            assert!(matches!(list[list.len() - 1].kind, ManoeuvreKind::Arrive(_)), "{}", context());
            let inner = &list[1..list.len() - 1];
            assert!(inner.len() < path.edges().len(), "{}", context());
            for pair in path.edges().windows(2) {
                let is_turned = graph.twin(pair[0]) == Some(pair[1]);
                let is_driven = path.start() != Fraction::HEAD && path.end() != Fraction::TAIL;
                let is_told = inner.iter().any(|one| one.road == pair[1]);
                assert!(!is_turned || !is_driven || is_told, "{pair:?}: {}", context());
            }
        }
    }
}

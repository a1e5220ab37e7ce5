use mukae_units::TravelTime;

use super::*;
use crate::graph::{NewEdge, NewRoad, NewRoads, NodeId, Way};
use crate::osm::RoadClass;
use crate::test_roads::{Lots, restricted};
use crate::test_sketch::{Sketch, metres_from_corner, sketched};

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
    let road = |tail: usize, head: usize, length: Metres, way: u32, is_two_way: bool| {
        let edge = Some(NewEdge { weight: TravelTime::from_secs(1), is_destination_only: false });
        let (tail, head) = (NodeId(tail as u32), NodeId(head as u32));
        NewRoad { tail, head, length, way, forward: edge, backward: edge.filter(|_| is_two_way) }
    };
    let mut roads = NewRoads::new(position.clone());
    for (tail, &at) in position.iter().enumerate() {
        for step in [1, 3] {
            let shape: Vec<LatLon> =
                (0..tail % 7).map(|_| point((i64::from(at.lat_e7()), i64::from(at.lon_e7())), 100_000)).collect();
            let (head, way, is_two_way) = ((tail + step) % count, (tail % 4) as u32, tail % 4 != 0);
            roads.add(road(tail, head, Metres::from_metres(1), way, is_two_way), shape);
        }
    }
    // A road apart, which nothing may snap to.
    roads.positions.extend([point(centre, 1000), point(centre, 1000)]);
    roads.add(road(count, count + 1, Metres::ZERO, 0, false), []);
    RoadGraph::new(&roads, &ways(), &[String::new()])
}

/// A residential street, a motorway, a primary road, a roundabout.
fn ways() -> Vec<Way> {
    let way = |class, is_roundabout| Way { osm_id: 1, name: 0, class, is_roundabout };
    vec![
        way(RoadClass::Residential, false),
        way(RoadClass::Motorway, false),
        way(RoadClass::Primary, false),
        way(RoadClass::Residential, true),
    ]
}

/// Far north, on the antimeridian, on the equator and elsewhere.
const CENTRES: [(i64, i64); 5] = [
    (600_000_000, 100_000_000),
    (-165_000_000, 1_799_900_000),
    (0, 0),
    (350_000_000, -1_799_999_000),
    (785_000_000, 1_799_900_000),
];

/// The slow twin's stretches: of each road that will do, the nearest point of every segment that will.
fn stretches_slowly(graph: &RoadGraph, at: LatLon, options: &SnapOptions) -> Vec<Candidate> {
    let here = LocalFrame::around(at);
    let mut stretches = Vec::new();
    for edge in graph.edges().filter(|&edge| graph.is_routable(edge) && graph.twin(edge).is_none_or(|twin| edge < twin))
    {
        let way = graph.way(edge);
        if options.is_for_boarding && (way.is_roundabout || way.class == RoadClass::Motorway) {
            continue;
        }
        let line: Vec<LatLon> = graph.line(edge).collect();
        let points = line.windows(2).enumerate().filter_map(|(index, ends)| {
            let [a, b] = [here.project(ends[0]), here.project(ends[1])];
            let (part, square) = foot(a, b, here.project(at));
            let millimetres = (square.sqrt() * 1000.0).round() as u64;
            let degrees = (b[0] - a[0]).atan2(b[1] - a[1]).to_degrees().round() as i32;
            let is_ahead = |degrees: i32| {
                let Some(heading) = options.heading else { return true };
                let off = (degrees - i32::from(heading.bearing.degrees())).rem_euclid(360);
                off.min(360 - off) <= i32::from(heading.tolerance)
            };
            let directions = match (is_ahead(degrees), graph.twin(edge).is_some() && is_ahead(degrees + 180)) {
                (true, true) => Directions::Both,
                (true, false) => Directions::Along,
                (false, true) => Directions::Against,
                (false, false) => return None,
            };
            Some(Candidate { millimetres, edge, index: index as u32, part, directions })
        });
        stretches.extend(points.min_by_key(|point| (point.millimetres, point.index)));
    }
    stretches.sort_by_key(|stretch| (stretch.millimetres, stretch.edge));
    stretches
}

fn segment_ends(graph: &RoadGraph, edge: EdgeId, index: u32) -> (LatLon, LatLon) {
    let mut points = graph.line(edge).skip(index as usize);
    let ends = points.next().zip(points.next());
    ends.expect("the index was built from this graph, so the edge has this segment")
}

/// The slow twin: of every stretch it asks whether one can leave it towards the asked point.
fn candidates_slowly(graph: &RoadGraph, at: LatLon, options: &SnapOptions) -> Vec<Snapped> {
    let stretches = stretches_slowly(graph, at, options);
    let Some(&nearest) = stretches.first() else { return Vec::new() };
    let bring = |stretch: Candidate| bring(graph, at, options, stretch);
    let is_end_of =
        |point, edge| graph.position(graph.tail(edge)) == point || graph.position(graph.head(edge)) == point;
    let mut found = Vec::new();
    for (rank, &stretch) in stretches.iter().enumerate() {
        let place = bring(stretch);
        let nearer = &stretches[..rank];
        let leads_on = nearer
            .iter()
            .any(|&other| is_end_of(place.position, other.edge) || bring(other).position == place.position);
        let is_near = stretch.millimetres <= nearest.millimetres + (nearest.millimetres / 2).max(25_000);
        if !leads_on && is_near && place.distance <= options.limit && found.len() < options.count_max {
            found.push(place);
        }
    }
    found
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
        let centre = CENTRES[seed as usize % CENTRES.len()];
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
            let place = candidates_slowly(&graph, at, &SnapOptions::any_road(Metres::from_metres(100_000)))[0].place;
            assert_eq!(snapped.place, place, "seed {seed}, query {query} at {at}");
            assert_eq!(snapped.position, place_position(&graph, place), "seed {seed}, query {query}");
            assert_eq!(snapped.distance, distance(at, snapped.position), "seed {seed}, query {query}");
        }
    }
}

/// By lot: what is asked for, and from where.
fn drawn_options(lots: &mut Lots, side: DrivingSide) -> SnapOptions {
    let bearing = Bearing::from_degrees(lots.below(360) as i32);
    let heading = Heading { bearing, tolerance: [0, 20, 45, 90, 120, 180][lots.below(6)] };
    SnapOptions {
        limit: Metres::from_metres([300, 3_000, 100_000][lots.below(3)]),
        heading: lots.chance(50).then_some(heading),
        kerb: if lots.chance(50) { Kerb::Near(side) } else { Kerb::Either },
        is_for_boarding: lots.chance(50),
        count_max: 1 + lots.below(6),
        margin: Metres::from_metres(25),
    }
}

#[test]
fn candidates_are_those_that_trying_everything_finds() {
    let (mut found_count, mut ambiguous, mut sided) = (0, 0, 0);
    for seed in 0..60u64 {
        let lots = &mut Lots::new(seed);
        let centre = CENTRES[seed as usize % CENTRES.len()];
        let graph = random_roads(&mut |below| lots.below(below as usize) as u64, centre);
        let index = SnapIndex::build(&graph);
        for query in 0..60 {
            let side = if lots.chance(50) { DrivingSide::Left } else { DrivingSide::Right };
            let options = drawn_options(lots, side);
            let at = if lots.chance(30) {
                graph.position(NodeId(lots.below(12) as u32))
            } else {
                let lon = centre.1 + lots.below(1_600_000) as i64 - 800_000;
                let lon = (lon + 1_800_000_000).rem_euclid(3_600_000_000) - 1_800_000_000;
                let lat = centre.0 + lots.below(1_600_000) as i64 - 800_000;
                LatLon::from_e7(lat as i32, lon as i32).expect("away from the poles")
            };
            let context = format!("seed {seed}, query {query} at {at} by {options:?}");
            let slow = candidates_slowly(&graph, at, &options);
            match index.candidates(&graph, at, &options) {
                Ok(fast) => {
                    assert_eq!(fast, slow, "{context}");
                    assert_eq!(index.snap_by(&graph, at, &options), Ok(fast[0]), "{context}");
                    found_count += 1;
                    ambiguous += u32::from(1 < fast.len());
                    for snapped in &fast {
                        keeps_to_options(&graph, at, &options, snapped, &context);
                        sided += u32::from(is_sided(&graph, at, snapped));
                    }
                }
                Err(error) => {
                    assert_eq!(slow, [], "{error}: {context}");
                    let nearest = stretches_slowly(&graph, at, &options).into_iter().next();
                    let truth = nearest.map_or(NoRoadNear::EmptyMap, |nearest| NoRoadNear::TooFar {
                        nearest: bring(&graph, at, &options, nearest).distance,
                        limit: options.limit,
                    });
                    assert_eq!(error, truth, "{context}");
                    assert_eq!(index.snap_by(&graph, at, &options), Err(error), "{context}");
                }
            }
        }
    }
    assert!(1_500 < found_count && 300 < ambiguous && 100 < sided, "{found_count} {ambiguous} {sided}");
}

/// On one side only of a busy two-way road.
fn is_sided(graph: &RoadGraph, at: LatLon, snapped: &Snapped) -> bool {
    let edge = snapped.place.edge;
    let is_busy = graph.twin(edge).is_some() && graph.way(edge).class == RoadClass::Primary;
    is_busy && snapped.place.sides == Sides::This && Metres::from_metres(2) < distance(at, snapped.position)
}

fn keeps_to_options(graph: &RoadGraph, at: LatLon, options: &SnapOptions, snapped: &Snapped, context: &str) {
    let Snapped { place, distance: reported, position } = *snapped;
    let way = graph.way(place.edge);
    assert!(graph.is_routable(place.edge), "{context}");
    assert!(reported == distance(at, position) && reported <= options.limit, "{context}");
    assert_eq!(position, place_position(graph, place), "{context}");
    assert!(!options.is_for_boarding || way.class != RoadClass::Motorway && !way.is_roundabout, "{context}");
    if graph.twin(place.edge).is_none() || options.heading.is_some_and(|heading| heading.tolerance < 90) {
        assert_eq!(place.sides, Sides::This, "{context}");
    }
    if let (Some(heading), Sides::This, 2) = (options.heading, place.sides, graph.line(place.edge).count()) {
        let (a, b) = segment_ends(graph, place.edge, 0);
        let here = LocalFrame::around(at);
        let [east, north] = [0, 1].map(|axis| here.project(b)[axis] - here.project(a)[axis]);
        let off = f64::from(heading.bearing.degrees()) - east.atan2(north).to_degrees();
        let off = off.rem_euclid(360.0).min(360.0 - off.rem_euclid(360.0));
        assert!(off <= f64::from(heading.tolerance) + 0.51, "{off} degrees: {context}");
    }
    if let Kerb::Near(side) = options.kerb
        && options.heading.is_none()
        && is_sided(graph, at, snapped)
        && graph.line(place.edge).count() == 2
    {
        // The course leads from end to end; the point is on the passengers' side of it.
        let here = LocalFrame::around(position);
        let (a, b) = segment_ends(graph, place.edge, 0);
        let ([a, b], point) = ([here.project(a), here.project(b)], here.project(at));
        let left = (b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0]);
        assert_eq!(0.0 < left, side == DrivingSide::Left, "{context}");
    }
}

/// The places found from a point in metres: `AB 5 m` is on the way from A to B and nowhere else, `A-B 5 m`
/// on both sides of that road.
#[track_caller]
fn check(points: &str, roads: &str, rows: &[((f64, f64), SnapOptions, &str)]) {
    check_on(&sketched(points, roads), rows);
}

#[track_caller]
fn check_on(sketch: &Sketch, rows: &[((f64, f64), SnapOptions, &str)]) {
    let index = SnapIndex::build(&sketch.graph);
    for &((east, north), options, expected) in rows {
        let said = match index.candidates(&sketch.graph, metres_from_corner(east, north), &options) {
            Err(error) => error.to_string(),
            Ok(found) => {
                let shown = found.iter().map(|Snapped { place, distance, .. }| {
                    let side = if place.sides == Sides::Both { "-" } else { "" };
                    let [tail, head] = [sketch.graph.tail(place.edge), sketch.graph.head(place.edge)];
                    format!("{}{side}{} {} m", sketch.letter(tail), sketch.letter(head), distance.as_metres())
                });
                shown.collect::<Vec<_>>().join(", ")
            }
        };
        assert_eq!(said, expected, "from {east}, {north} by {options:?}");
    }
}

const NEAR: Metres = Metres::from_metres(100);
const ANY: SnapOptions = SnapOptions::any_road(NEAR);
const DOOR: SnapOptions = SnapOptions::door(NEAR);

const fn heading(degrees: i32, tolerance: u16) -> SnapOptions {
    SnapOptions::vehicle(NEAR, Heading { bearing: Bearing::from_degrees(degrees), tolerance })
}

#[test]
fn the_pieces_of_a_street_are_one_candidate() {
    // Ten junctions with lanes to the south, which meet in a back street: that is another road.
    let mut points = Vec::new();
    let mut lanes = Vec::new();
    let letters: Vec<char> = ('A'..='T').collect();
    for number in 0..10 {
        points.push(format!("{} {} 0, {} {} -40", letters[number], number * 8, letters[number + 10], number * 8));
        lanes.push(format!("{}-{}", letters[number], letters[number + 10]));
    }
    let roads = format!("A-B-C-D-E-F-G-H-I-J Front Street, K-L-M-N-O-P-Q-R-S-T Back Street, {}", lanes.join(", "));
    check(
        &points.join(", "),
        &roads,
        &[
            ((34.0, 15.0), ANY, "E-F 15 m"),
            ((32.0, 15.0), ANY, "D-E 15 m"),
            ((35.0, -55.0), ANY, "O-P 15 m"),
            // Between the streets each lane is one, and so is each street.
            ((35.0, -20.0), ANY, "E-O 3 m, F-P 5 m, D-N 11 m"),
            (
                (35.0, -20.0),
                SnapOptions { count_max: 7, ..ANY },
                "E-O 3 m, F-P 5 m, D-N 11 m, G-Q 13 m, C-M 19 m, O-P 20 m, E-F 20 m",
            ),
            ((35.0, -20.0), SnapOptions { limit: Metres::from_metres(4), ..ANY }, "E-O 3 m"),
        ],
    );
}

#[test]
fn ambiguous_is_another_road_not_much_farther() {
    let (points, roads) = ("A 0 0, B 200 0, C 0 90, D 200 90", "A-B South, C-D North, A-C West");
    check(
        points,
        roads,
        &[
            ((100.0, 45.0), ANY, "A-B 45 m, C-D 45 m"),
            ((100.0, 37.0), ANY, "A-B 37 m, C-D 53 m"),
            ((100.0, 32.0), ANY, "A-B 32 m"),
            ((100.0, 37.0), SnapOptions { count_max: 1, ..ANY }, "A-B 37 m"),
            ((100.0, 37.0), SnapOptions { margin: Metres::ZERO, ..ANY }, "A-B 37 m, C-D 53 m"),
            ((100.0, -101.0), ANY, "the nearest road is 101 m away, more than 100 m"),
            ((210.0, 0.0), ANY, "A-B 10 m"),
        ],
    );
}

#[test]
fn a_vehicle_is_on_the_road_it_follows() {
    // An avenue of two carriageways, keeping left, and a street across.
    let points = "A 0 0, B 200 0, C 0 12, D 200 12, E 100 -80, F 100 80, M 100 0, N 100 12";
    let roads = "B>M>A Avenue, C>N>D Avenue, E-M-N-F Cross Street, A>C, D>B";
    check(
        points,
        roads,
        &[
            ((50.0, 5.0), ANY, "MA 5 m, CN 7 m"),
            ((50.0, 5.0), heading(80, 45), "CN 7 m"),
            ((50.0, 5.0), heading(280, 45), "MA 5 m"),
            ((103.0, 40.0), heading(350, 30), "NF 3 m"),
            ((103.0, 40.0), heading(170, 30), "FN 3 m"),
            // Both ways are near enough to such a heading, and so is the avenue.
            ((103.0, 40.0), heading(170, 180), "F-N 3 m, ND 28 m"),
            ((103.0, 40.0), heading(45, 30), "the map has no road that would do"),
        ],
    );
}

#[test]
fn the_kerb_the_point_is_at() {
    let roads = |class| format!("A-x-B #{class}, B-A #track");
    let points = "A 0 0, B 100 100, x 0 100";
    let left = SnapOptions::meeting_point(NEAR, DrivingSide::Left);
    let right = SnapOptions::meeting_point(NEAR, DrivingSide::Right);
    for class in ["trunk", "primary", "secondary", "tertiary"] {
        check(
            points,
            &roads(class),
            &[
                ((-6.0, 50.0), left, "AB 6 m"),
                ((6.0, 50.0), left, "BA 6 m"),
                ((6.0, 50.0), right, "AB 6 m"),
                ((-6.0, 50.0), right, "BA 6 m"),
                ((6.0, 50.0), DOOR, "A-B 6 m"),
                ((-0.9, 50.0), left, "A-B 1 m"),
                // Outside the corner, and ahead of the end.
                ((-6.0, 107.0), left, "AB 9 m"),
            ],
        );
    }
    for class in ["unclassified", "residential", "livingstreet", "service", "road", "track"] {
        check(points, &roads(class), &[((-6.0, 50.0), left, "A-B 6 m")]);
    }
    check("A 0 0, B 0 100, C 50 50", "A>B #primary, B-C-A", &[((6.0, 50.0), left, "AB 6 m")]);
}

/// A stop at the kerb of a direction that nobody can drive (a two-way stub before a one-way street, turning
/// round forbidden at its end) was out of reach of every vehicle, so that all its riders were refused; and if
/// that direction had the smaller number, nothing was ever brought to the road. Now a place is only in a
/// direction in which one can come and go.
#[test]
fn turns_can_close_one_direction_of_a_road() {
    let left = SnapOptions::meeting_point(NEAR, DrivingSide::Left);
    let points = "A 0 0, B 100 0, C 200 0, D 100 200";
    let sketch = |roads, rule| {
        let Sketch { letters, graph } = sketched(points, roads);
        Sketch { letters, graph: restricted(graph, rule) }
    };
    let rows = [
        ((50.0, -6.0), left, "AB 6 m"),
        ((50.0, 6.0), left, "AB 6 m"),
        ((50.0, 6.0), ANY, "AB 6 m"),
        ((50.0, 6.0), heading(90, 30), "AB 6 m"),
        ((50.0, 6.0), heading(270, 5), "the map has no road that would do"),
    ];
    check_on(&sketch("A-B #primary, B>C #primary, C>D #primary, D>A #primary", "no ABA"), &rows);
    let rows = [((50.0, -6.0), left, "BA 6 m"), ((50.0, 6.0), left, "BA 6 m"), ((50.0, 6.0), ANY, "BA 6 m")];
    check_on(&sketch("B-A #primary, A>D #primary, D>C #primary, C>B #primary", "no BAB"), &rows);
}

#[test]
fn nobody_boards_on_a_motorway() {
    let points = "A 0 0, B 100 0, C 0 30, D 100 30";
    for class in ["motorway", "motorwaylink", "trunklink", "primarylink", "secondarylink", "roundabout"] {
        let roads = format!("A-B #{class}, C-D Lane, A-C Lane, B-D Lane");
        check(points, &roads, &[((50.0, 5.0), DOOR, "C-D 25 m")]);
        check(points, &roads, &[((50.0, 5.0), ANY, "A-B 5 m, C-D 25 m")]);
    }
    check(points, "A-B #trunk, C-D Lane, A-C Lane, B-D Lane", &[((50.0, 5.0), DOOR, "A-B 5 m, C-D 25 m")]);
    check(
        points,
        "A-B-D-C-A #motorway",
        &[((50.0, 5.0), DOOR, "the map has no road that would do"), ((50.0, 5.0), ANY, "A-B 5 m, C-D 25 m")],
    );
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
    let graph = RoadGraph::new(&NewRoads::default(), &[], &[String::new()]);
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

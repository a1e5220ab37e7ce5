//! Ways become edges: junctions, one-ways, barriers, rings, cut extracts.

use mukae_maps::{BuildOptions, DrivingSide, Fraction, Place, Sides, TravelTimes};
use mukae_units::TravelTime;

use super::support::drawing::Drawing;
use super::support::options;
use super::support::pbf::Layout;

#[track_caller]
fn check(town: &str, roads: &str) {
    let drawing = Drawing::new(town);
    let (map, _) = drawing.build(&BuildOptions::default());
    assert_eq!(drawing.roads(map.graph()), roads, "{town}");
}

#[test]
fn ways_are_split_where_they_meet_and_nowhere_else() {
    check("ABC\nway ABC highway=residential", "A-C");
    check("ABC\n D\nway ABC highway=residential\nway BD highway=residential", "A-B B-C B-D");
    check("ABC\nway AB highway=residential\nway BC highway=residential", "A-B B-C");
    // A footway joins, a motorway does not drive on it.
    check("ABC\n D\nway ABC highway=residential\nway BD highway=footway", "A-C");
    // A way that crosses itself.
    check("AB\nDC\nE\nway ABCDBE highway=residential", "A-B B-D B-D B-E");
}

#[test]
fn one_way_streets() {
    check("ABC\nway ABC highway=residential oneway=yes", "A>C");
    check("ABC\nway ABC highway=residential oneway=-1", "C>A");
    check("ABC\nway AB highway=residential oneway=yes\nway CB highway=motorway", "A>B C>B");
    check("AB\nway AB highway=residential oneway=yes oneway:motor_vehicle=no", "A-B");
}

#[test]
fn parallel_roads_stay_apart() {
    check("A.B\n.C\nway AB highway=primary\nway ACB highway=residential", "A-B A-B");
}

#[test]
fn rings_have_no_edge_that_returns_to_its_own_tail() {
    check("SAB\n.DC\nway SA highway=residential\nway ABCDA highway=residential", "A-C A-C A-S");
    check("AB\nDC\nway ABCDA highway=residential junction=roundabout", "A>C C>A");
    // Out and back over the same node.
    check("AB\nway ABA highway=residential", "A-B A-B");
}

#[test]
fn degenerate_ways_do_no_harm() {
    check("ABC\nway AABBCC highway=residential\nway A highway=residential\nway BBB highway=residential", "A-C");
    let drawing =
        Drawing::new("ABC\nway ABC highway=residential\nway A highway=residential\nway BB highway=residential");
    assert_eq!(drawing.build(&BuildOptions::default()).1.faults.empty_ways, 2);
}

#[test]
fn two_nodes_at_one_point_take_a_millisecond() {
    let mut drawing = Drawing::new("AB\nway AB highway=residential");
    drawing.extract.nodes[1] = super::support::pbf::OsmNode { id: 2, ..drawing.extract.nodes[0].clone() };
    let (map, _) = drawing.build(&BuildOptions::default());
    assert_eq!(map.graph().weights(), [TravelTime::from_millis(1); 2]);
}

#[test]
fn barriers_part_a_road() {
    let road = "ABC\nway ABC highway=residential";
    check(&format!("{road}\nnode B barrier=bollard"), "A-B B'-C");
    check(&format!("{road}\nnode B barrier=bollard motor_vehicle=yes"), "A-C");
    check(&format!("{road}\nnode B barrier=gate"), "A-C");
    check(&format!("{road}\nnode B barrier=gate access=private"), "A-B B'-C");
    check(&format!("{road}\nnode B barrier=gate access=no"), "A-B B'-C");
    check(&format!("{road}\nnode A barrier=bollard"), "A-C");
    check("ABC\nway AB highway=residential\nway BC highway=service\nnode B barrier=block", "A-B B'-C");
    // Where three roads meet nothing passes either.
    let junction = Drawing::new("ABC\n D\nway ABC highway=residential\nway BD highway=service\nnode B barrier=bollard");
    let (map, report) = junction.build(&BuildOptions::default());
    assert_eq!(junction.roads(map.graph()), "A-B B''-D B'-C");
    assert_eq!((report.faults.barriers, report.faults.barriers_at_junctions), (0, 1));
    assert!(report.notes().iter().any(|note| note.contains("junctions closed by a barrier")), "{:?}", report.notes());
}

#[test]
fn a_cut_extract_ends_roads_where_nodes_are_missing() {
    let drawing = Drawing::new("ABCDEF\nway ABCDEF highway=residential\nway CF highway=residential\nmissing C");
    let (map, report) = drawing.build(&BuildOptions::default());
    assert_eq!(drawing.roads(map.graph()), "A-B D-F");
    assert_eq!((report.faults.cut_ways, report.faults.empty_ways), (2, 1));
}

#[test]
fn the_layout_of_the_file_changes_nothing() {
    let drawing = Drawing::new(
        "ABC\n D\nway ABC highway=residential\nway BD highway=service access=destination\n\
         node B barrier=cattle_grid\nturn restriction=no_left_turn from=BD via=B to=ABC",
    );
    let (usual, report) = drawing.build(&BuildOptions::default());
    for (zlib, dense, backwards) in
        [(false, true, false), (true, false, false), (true, true, true), (false, false, true)]
    {
        let layout = Layout { zlib, dense, backwards };
        let (map, other) = drawing.build_as(layout, &BuildOptions::default());
        assert_eq!(map.graph(), usual.graph(), "{layout:?}");
        assert_eq!(report, other, "{layout:?}");
    }
}

#[test]
fn weights_follow_lengths_and_speeds() {
    let drawing =
        Drawing::new("A.........B\n\nC\nway AB highway=residential maxspeed=50\nway AC highway=primary name=High");
    let (map, report) = drawing.build(&BuildOptions::default());
    let graph = map.graph();
    let edge = drawing.edge(graph, 'A', 'B');
    // Ten columns near 10° north; 45 km/h is 12.5 m/s.
    let length = graph.length(edge).as_millimetres();
    assert!((1_094_000..1_096_000).contains(&length), "{length}");
    assert_eq!(u64::from(graph.weight(edge).as_millis()), (length * 36).div_ceil(450));
    assert_eq!(graph.weight(graph.twin(edge).unwrap()), graph.weight(edge));
    assert_eq!(graph.name(drawing.edge(graph, 'C', 'A')), "High");
    assert_eq!(report.road_length, graph.length(edge) + graph.length(drawing.edge(graph, 'A', 'C')));
}

#[test]
fn only_the_largest_component_is_routable() {
    let drawing = Drawing::new(
        "ABC\n\nXY\n\nP\nway ABC highway=residential\nway XY highway=residential\nway CP highway=residential oneway=yes",
    );
    let (map, report) = drawing.build(&BuildOptions::default());
    let graph = map.graph();
    let routable = |tail, head| graph.is_routable(drawing.edge(graph, tail, head));
    assert!(routable('A', 'C') && routable('C', 'A'));
    assert!(!routable('X', 'Y') && !routable('C', 'P'));
    // A, B and C of six; B is a shape point.
    assert_eq!(report.largest_component_share, 0.5);
}

/// All who live in an estate whose only entrance is `access=destination` were told drives that took five minutes
/// too long, in and out: its streets are open by their tags, and so the entrance was a passage. Now the streets
/// behind it are for destinations only as well, and the build says which.
#[test]
fn an_estate_behind_its_entrance_is_for_destinations() {
    let town = Drawing::new(
        "AGB.CDE\nF\nway FAGB highway=residential\nway BC highway=residential access=destination\n\
         way CDE highway=residential",
    );
    let (map, report) = town.build(&BuildOptions::default());
    let graph = map.graph();
    let is_for_destinations = |tail, head| graph.is_destination_only(town.edge(graph, tail, head));
    assert!(is_for_destinations('C', 'E') && is_for_destinations('E', 'C') && !is_for_destinations('F', 'B'));
    let place = |tail, head| Place { edge: town.edge(graph, tail, head), fraction: Fraction::TAIL, sides: Sides::This };
    let whole = |tail, head| graph.weight(town.edge(graph, tail, head));
    let mut query = map.query();
    let there = query.travel_time(place('F', 'B'), place('E', 'C'));
    assert_eq!(there, Some(whole('F', 'B') + whole('B', 'C') + whole('C', 'E')));
    let back = query.travel_time(place('E', 'C'), place('B', 'F'));
    assert_eq!(back, Some(whole('E', 'C') + whole('C', 'B')));
    assert_eq!((report.enclosed.edges, &report.enclosed.ways[..]), (2, &[103][..]));
    assert_eq!(report.enclosed.length, graph.length(town.edge(graph, 'C', 'E')));
    let note = "roads that lie behind destination-only roads, taken as such themselves: 2 edges";
    assert!(report.notes().iter().any(|said| said.starts_with(note)), "{:?}", report.notes());
}

#[test]
fn the_profile_opens_bus_lanes_and_tracks() {
    let drawing = Drawing::new(
        "ABCD\nway AB highway=residential\nway BC highway=service motor_vehicle=no psv=yes\nway CD highway=track tracktype=grade1",
    );
    let roads = |psv, tracks| {
        let options = options(&format!("vehicle.psv = {psv}\nvehicle.tracks = {tracks}"));
        let (map, _) = drawing.build(&options);
        drawing.roads(map.graph())
    };
    assert_eq!(roads(false, false), "A-B");
    assert_eq!(roads(true, false), "A-B B-C");
    assert_eq!(roads(true, true), "A-B B-C C-D");
}

#[test]
fn roundabouts_tell_the_driving_side() {
    // Three roundabouts, drawn clockwise: A to B is eastwards, then south.
    let clockwise = "AB.EF.IJ\nDC.HG.LK\nway ABCDA highway=tertiary junction=roundabout\n\
                     way EFGHE highway=tertiary junction=roundabout\nway IJKLI highway=tertiary junction=circular";
    let side = |town: &str, driving_side| {
        let (map, report) = Drawing::new(town).build(&BuildOptions { driving_side, ..BuildOptions::default() });
        assert_eq!(map.meta().driving_side, report.driving_side);
        report.driving_side
    };
    assert_eq!(side(clockwise, None), DrivingSide::Left);
    assert_eq!(side(clockwise, Some(DrivingSide::Right)), DrivingSide::Right);
    let counter = clockwise.replace("ABCDA", "ADCBA").replace("EFGHE", "EHGFE").replace("IJKLI", "ILKJI");
    assert_eq!(side(&counter, None), DrivingSide::Right);
    let drawn_against = counter.replace("junction", "oneway=-1 junction");
    assert_eq!(side(&drawn_against, None), DrivingSide::Left);
    assert_eq!(side("AB\nway AB highway=residential", None), DrivingSide::Right);
}

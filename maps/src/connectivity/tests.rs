use super::*;
use crate::geometry::distance;
use crate::test_roads::{Roads, at, described, drawn, restricted, scattered, scattered_rules};

/// One line for each piece: its flaw, its roads, by which it hangs on others and where it ends.
fn found(graph: &RoadGraph) -> Vec<String> {
    let letter = |node: NodeId| char::from(b'A' + node.0 as u8);
    let road = |&edge: &EdgeId| {
        let sign = if graph.twin(edge).is_some() { '-' } else { '>' };
        format!("{}{sign}{}", letter(graph.tail(edge)), letter(graph.head(edge)))
    };
    let list = |edges: &[EdgeId]| edges.iter().map(road).collect::<Vec<_>>().join(" ");
    connectivity(graph)
        .pieces
        .iter()
        .map(|piece| {
            let mut line = format!("{:?} {}", piece.flaw, list(&piece.edges));
            if !piece.doors.is_empty() {
                line.push_str(&format!(", by {}", list(&piece.doors)));
            }
            if !piece.ends.is_empty() {
                line.push_str(&format!(", at {}", piece.ends.iter().map(|&end| letter(end)).collect::<String>()));
            }
            line
        })
        .collect()
}

#[track_caller]
fn check(roads: &str, expected: &[&str]) {
    assert_eq!(found(&drawn(roads)), expected, "{roads}");
}

#[test]
fn a_network_in_one_piece_has_nothing_to_tell() {
    check("A-B 60, B-C 60", &[]);
    check("A>B 60, B>C 60, C>A 60", &[]);
    check("", &[]);
}

#[test]
fn islands_are_told_longest_first() {
    check("A-B 60, B-C 60, D-E 10, F-G 20, G-H 20", &["Island F-G G-H", "Island D-E"]);
    check("A-B 60, B-C 60, D>E 10", &["Island D>E"]);
}

#[test]
fn one_way_streets_that_lead_only_in_or_only_out() {
    check("A-B 60, B-C 60, C>D 10", &["NoWayOut C>D, by C>D, at D"]);
    check("A-B 60, B-C 60, D>C 10", &["NoWayIn D>C, by D>C, at D"]);
    check("A-B 60, B-C 60, C>D 10, D-E 30", &["NoWayOut C>D D-E, by C>D"]);
    check("A-B 60, B-C 60, C>D 10, D>E 10, B>E 40", &["NoWayOut B>E C>D D>E, by B>E C>D, at E"]);
}

#[test]
fn a_street_from_no_way_in_to_no_way_out_is_of_the_first() {
    check(
        "A-B 60, B-C 60, C>D 10, E>A 10, E>D 5",
        &["NoWayIn E>A E>D, by E>A E>D, at E", "NoWayOut C>D, by C>D E>D, at D"],
    );
}

#[test]
fn roads_between_two_traps_have_no_way_through() {
    check(
        "A-B 60, B-C 60, C>D 10, E>A 10, E>F 5, F-G 7, F>D 5",
        &["NoWayIn E>A E>F, by E>A E>F, at E", "NoWayThrough F>D F-G, by E>F F>D", "NoWayOut C>D, by C>D F>D, at D"],
    );
}

#[test]
fn a_street_into_which_no_turn_is_allowed() {
    let roads = drawn("A-B 60, B-C 60, C-A 60, B>D 10, D>C 10");
    assert_eq!(found(&roads), [""; 0]);
    let closed = restricted(roads, "no ABD, no CBD");
    assert_eq!(found(&closed), ["Turns B>D D>C"]);
    assert_eq!(connectivity(&closed).pieces[0].restrictions.len(), 2);
}

#[test]
fn without_a_network_all_is_islands() {
    check("A>B 60, C>D 30", &["Island A>B", "Island C>D"]);
    assert_eq!(connectivity(&drawn("A>B 60")).pieces[0].gap, None);
}

#[test]
fn lengths_add_up_and_pieces_hold_each_other_road_once() {
    for (seed, graph) in (0..300).flat_map(|seed| [(seed, scattered(seed)), (seed, scattered_rules(seed))]) {
        let told = connectivity(&graph);
        let text = described(&graph);
        let mut edges: Vec<EdgeId> = told.pieces.iter().flat_map(|piece| piece.edges.clone()).collect();
        edges.sort();
        let others: Vec<EdgeId> =
            graph.edges().filter(|&edge| graph.is_canonical(edge) && !graph.is_routable(edge)).collect();
        assert_eq!(edges, others, "seed {seed}\n{text}");
        let sum = told.pieces.iter().map(|piece| piece.length).fold(told.network_length, |sum, length| sum + length);
        assert_eq!(sum, told.road_length, "seed {seed}\n{text}");
        for piece in &told.pieces {
            assert_eq!(
                piece.doors.is_empty(),
                matches!(piece.flaw, Flaw::Island | Flaw::Turns),
                "seed {seed}, {piece:?}\n{text}"
            );
            assert!(piece.doors.iter().all(|&door| graph.twin(door).is_none()), "seed {seed}, {piece:?}\n{text}");
        }
    }
}

/// A network from `(0, 0)` to `(0, 1000)` metres east, and an island from one point to another, in metres east and
/// north of its western end.
fn gap_of(from: (f64, f64), to: (f64, f64)) -> Gap {
    let metres = |(east, north): (f64, f64)| at(north / 111_195.0, east / 111_195.0);
    let mut roads = Roads::new(vec![metres((0.0, 0.0)), metres((1000.0, 0.0)), metres(from), metres(to)]);
    roads.two_way(0, 1, 90_000, 90_000);
    roads.two_way(2, 3, 1_000, 1_000);
    let told = connectivity(&roads.graph());
    let [island] = told.pieces.as_slice() else { panic!("{told:?}") };
    let gap = island.gap.expect("there is a network");
    assert!(gap.distance.as_millimetres().abs_diff(distance(gap.island_at, gap.network_at).as_millimetres()) < 30);
    gap
}

#[test]
fn the_gap_is_where_the_island_comes_nearest() {
    let at_its_end = gap_of((500.0, 3.0), (500.0, 80.0));
    assert_eq!(at_its_end.distance.as_metres(), 3);
    assert!((at_its_end.network_at.lon() * 111_195.0 - 500.0).abs() < 0.1, "{at_its_end:?}");
    // The end of the network against the middle of the island.
    let in_its_middle = gap_of((1007.0, -50.0), (1007.0, 90.0));
    assert_eq!(in_its_middle.distance.as_metres(), 7);
    assert!(in_its_middle.island_at.lat().abs() < 1e-6, "{in_its_middle:?}");
    assert_eq!(gap_of((200.0, 4000.0), (200.0, 5000.0)).distance.as_metres(), 4000);
}

#[test]
fn roads_that_touch_or_cross_without_a_junction_have_no_gap() {
    assert_eq!(gap_of((1000.0, 0.0), (1500.0, 70.0)).distance, Metres::ZERO);
    assert_eq!(gap_of((400.0, 0.0), (400.0, 70.0)).distance.as_metres(), 0);
    let bridge = gap_of((300.0, -40.0), (300.0, 60.0));
    assert_eq!(bridge.distance, Metres::ZERO);
    assert!((bridge.island_at.lon() * 111_195.0 - 300.0).abs() < 0.1, "{bridge:?}");
}

//! Rules on roads one can draw. That all answers on random roads equal Dijkstra's is proven in
//! `hierarchy/tests.rs`.

use std::sync::Arc;

use super::*;
use crate::dijkstra;
use crate::hierarchy::{Hierarchy, HierarchyQuery};
use crate::test_roads::{drawn, place, restricted};
use crate::travel_times::{MetricId, TravelTimes};

fn query(graph: &RoadGraph) -> HierarchyQuery {
    let hierarchy = Arc::new(Hierarchy::build(graph));
    let customized = hierarchy.customize(graph.weights(), MetricId(0));
    HierarchyQuery::new(Arc::new(graph.clone()), Arc::new(customized))
}

/// Rows of `from to seconds nodes`, the nodes driven by in between; a dash where no road leads.
#[track_caller]
fn check(roads: &str, rules: &str, rows: &str) {
    let graph = restricted(drawn(roads), rules);
    let mut query = query(&graph);
    for row in rows.split(", ") {
        let [from, to, expected] = row.splitn(3, ' ').collect::<Vec<_>>().try_into().unwrap();
        let (from, to) = (place(&graph, from), place(&graph, to));
        let driven = match query.path(from, to) {
            None => "-".to_owned(),
            Some(path) => {
                let letter = |edge: &EdgeId| (b'A' + graph.head(*edge).0 as u8) as char;
                let nodes: String = path.edges()[..path.edges().len() - 1].iter().map(letter).collect();
                format!("{} {nodes}", (path.travel_time().as_millis() + 500) / 1000).trim_end().to_owned()
            }
        };
        assert_eq!(driven, expected, "{row} on {roads} with {rules}");
        let slow = dijkstra::travel_time(&graph, graph.weights(), from, to);
        assert_eq!(query.travel_time(from, to), slow, "{row} on {roads} with {rules}");
    }
}

/// A crossing at X with arms W, N, E, S, and a way round from E over N.
const CROSSING: &str = "W-X 10, N-X 10, E-X 10, S-X 15, E-N 100";

#[test]
fn a_forbidden_turn_is_driven_around() {
    check(CROSSING, "", "W>X@0 X>N@100 20 X");
    check(CROSSING, "no WXN", "W>X@0 X>N@100 40 XEX, W>X@0 X>E@100 20 X, S>X@0 X>N@100 25 X");
    check(CROSSING, "no WXN, no XEX", "W>X@0 X>N@100 50 XSX");
    // Nobody may turn round, so the long way it is.
    let no_u_turns = "no WXN, no XEX, no XSX, no XWX";
    check(CROSSING, no_u_turns, "W>X@0 E>N@100 120 XE, W>X@0 X>N@100 140 XENX");
}

#[test]
fn a_prescribed_turn_forbids_all_others() {
    check(CROSSING, "only WXE", "W>X@0 X>E@100 20 X, W>X@0 X>S@100 45 XEX, W>X@0 X>W@100 40 XEX");
    check(CROSSING, "only WXE, only WXS", "W>X@0 X>E@100 20 X, W>X@0 X>S@100 25 X, W>X@0 X>N@100 40 XEX");
    // Whoever begins the drive at the junction has made no turn.
    check(CROSSING, "only WXE", "W>X@100 X>S@0 20 XEX, S>X@100 X>N@0 0 X");
}

#[test]
fn a_u_turn_may_be_forbidden() {
    check("A-B 10, B-C 10", "", "A>B@0 B>A@100 20 B");
    check("A-B 10, B-C 10", "no ABA", "A>B@0 B>A@100 40 BCB");
    check("A-B 10, B-C 10", "no ABA, no BCB", "A>B@0 B>A@100 -");
}

#[test]
fn a_rule_over_a_road_is_for_those_who_drive_all_of_it() {
    // From A over the link B-C into D it is forbidden; from E it is not.
    let roads = "A-B 10, B-C 10, C-D 10, E-B 10, C-F 10";
    check(roads, "no ABCD", "A>B@0 C>D@100 50 BCBC, E>B@0 C>D@100 30 BC, A>B@0 C>F@100 30 BC");
    // Whoever starts on the link has not come from A.
    check(roads, "no ABCD", "B>C@50 C>D@100 15 C, A>B@0 B>C@100 20 B");
    check(roads, "only ABCF", "A>B@0 C>D@100 50 BCFC, A>B@0 B>E@100 60 BCFCB");
}

#[test]
fn rules_that_share_their_beginning() {
    let roads = "A-B 10, B-C 10, C-D 10, C-E 10, D-F 10";
    check(roads, "no ABCD, no ABCE", "A>B@0 C>D@100 50 BCBC, A>B@0 B>C@100 20 B");
    check(roads, "no ABCD, no BCE", "A>B@0 C>E@100 70 BCBCDC, E>C@0 C>D@100 20 C");
    check(roads, "no ABCDF, no BCE", "A>B@0 D>F@100 60 BCBCD, A>B@0 C>D@100 30 BC");
}

#[test]
fn rules_against_each_other_leave_no_way() {
    check("A-B 10, B-C 10", "only ABC, no ABC", "A>B@0 B>C@100 -, B>C@0 C>B@100 20 C");
    let graph = restricted(drawn("A-B 10, B-C 10"), "only ABC, no ABC");
    assert!(!graph.is_routable(place(&graph, "A>B@0").edge));
    assert!(graph.is_routable(place(&graph, "B>C@0").edge));
}

/// C=D is a lane for destinations between two roads; the other way takes 400 s.
const LANE: &str = "A-B 10, B=C 10, C-D 10, B-E 200, E-C 200";

#[test]
fn destinations_on_a_lane_cost_nothing_more() {
    check(LANE, "", "A>B@0 B>C@50 15 B, B>C@50 C>D@100 15 C, C>B@50 B>A@100 15 B, B>C@25 B>C@75 5");
    check(LANE, "", "B>C@75 B>C@25 15 CB, D>C@0 B>C@50 25 CB");
}

#[test]
fn passing_through_a_lane_has_its_price() {
    // 300 s for passing through are less than 400 s round, but not less than 200 s.
    check(LANE, "", "A>B@0 C>D@100 330 BC, D>C@0 B>A@100 330 CB");
    check("A-B 10, B=C 10, C-D 10, B-E 100, E-C 100", "", "A>B@0 C>D@100 220 BEC");
}

#[test]
fn a_lane_behind_a_lane_is_one() {
    check("A-B 10, B=C 10, C=D 10, D-E 10", "", "A>B@0 C>D@50 25 BC, C>D@50 D>E@100 15 D, A>B@0 D>E@100 340 BCD");
    // Out of one and through another.
    check("A=B 10, B-C 10, C=D 10, D-E 10", "", "A>B@0 D>E@100 340 BCD, A>B@0 C>D@100 30 BC");
}

#[test]
fn rules_hold_on_lanes_too() {
    check("A-B 10, B=C 10, C=D 10, C=E 10", "no BCD", "A>B@0 C>D@100 50 BCEC, B>C@0 C>D@100 40 CEC");
}

#[test]
fn only_what_needs_it_is_split() {
    let counts = |roads, rules| {
        let turns = TurnGraph::new(&restricted(drawn(roads), rules));
        (turns.split_count(), turns.copy_count())
    };
    assert_eq!(counts(CROSSING, ""), (0, 0));
    // One node for those who come from W; they have three of four ways to go.
    assert_eq!(counts(CROSSING, "no WXN"), (1, 3));
    assert_eq!(counts(CROSSING, "only WXE"), (1, 1));
    assert_eq!(counts(CROSSING, "no WXN, no WXS"), (1, 2));
    // B for those from A, with all its roads; C for those who come along the copy.
    assert_eq!(counts("A-B 10, B-C 10, C-D 10, E-B 10, C-F 10", "no ABCD"), (2, 3 + 2));
}

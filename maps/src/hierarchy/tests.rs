//! Everything the hierarchy says is held against Dijkstra, or against a walk along its own path.

mod every_drive;

use std::sync::Arc;

use mukae_units::{Span, TravelTime};

use super::*;
use crate::dijkstra;
use crate::graph::NodeId;
use crate::path::Path;
use crate::place::{Fraction, Place, Sides};
use crate::test_roads::{Lots, Roads, at, described, drawn, grid_town, place, ruled, scattered, scattered_rules};
use crate::travel_times::{DecisionPoint, MetricId, TravelTimes};
use crate::turn_graph::TurnNode;

fn query(graph: RoadGraph) -> HierarchyQuery {
    let hierarchy = Arc::new(Hierarchy::build(&graph));
    let customized = hierarchy.customize(graph.weights(), MetricId(0));
    HierarchyQuery::new(Arc::new(graph), Arc::new(customized))
}

fn labelled(query: &HierarchyQuery) -> RoadQuery {
    let customized = Arc::clone(query.customized());
    let tree = Arc::new(Tree::new(customized.hierarchy()));
    RoadQuery::new(Arc::clone(query.graph()), Arc::new(RoadMetric::new(customized, &tree, LABEL_BYTES_MAX)))
}

/// All pairs of `places` by every way of asking.
fn agrees_with_dijkstra(query: &mut HierarchyQuery, places: &[Place], town: &str) {
    let graph = Arc::clone(query.graph());
    let weights = query.customized().weights().to_vec();
    let mut to_many = Vec::new();
    let mut columns = vec![Vec::new(); places.len()];
    for (column, &to) in columns.iter_mut().zip(places) {
        query.many_to_one(places, to, column);
    }
    let (mut labelled, mut by_labels) = (labelled(query), Vec::new());
    let mut labelled_columns = vec![Vec::new(); places.len()];
    for (column, &to) in labelled_columns.iter_mut().zip(places) {
        labelled.many_to_one(places, to, column);
    }
    for (row, &from) in places.iter().enumerate() {
        let entries = dijkstra::one_to_all(&graph, &weights, from);
        query.one_to_many(from, places, &mut to_many);
        labelled.one_to_many(from, places, &mut by_labels);
        for (index, &to) in places.iter().enumerate() {
            let slow = entries.time_to(&graph, &weights, to);
            let context = || format!("{town}: {from:?} to {to:?}\n{}", described(&graph));
            assert_eq!(query.travel_time(from, to), slow, "pair: {}", context());
            assert_eq!(to_many[index], slow, "one to many: {}", context());
            assert_eq!(columns[index][row], slow, "many to one: {}", context());
            assert_eq!(labelled.travel_time(from, to), slow, "pair by labels: {}", context());
            assert_eq!(by_labels[index], slow, "one to many by labels: {}", context());
            assert_eq!(labelled_columns[index][row], slow, "many to one by labels: {}", context());
        }
    }
}

fn is_plain(graph: &RoadGraph) -> bool {
    graph.restrictions().is_empty() && graph.edges().all(|edge| !graph.is_guarded(edge))
}

/// The drive between two places, looked at from every side.
fn drive_is_sound(query: &mut HierarchyQuery, from: Place, to: Place, lots: &mut Lots, town: &str) {
    let graph = Arc::clone(query.graph());
    let time = query.travel_time(from, to);
    let path = query.path(from, to);
    let context = || format!("{town}: {from:?} to {to:?} by {path:?}\n{}", described(&graph));
    let Some(path) = &path else {
        assert_eq!(time, None, "{}", context());
        assert_eq!(query.decision_point(from, to, Span::ZERO), None, "{}", context());
        // A clone keeps nothing, so it looks anew.
        assert_eq!([query.length(from, to), query.clone().length(from, to)], [None; 2], "{}", context());
        return;
    };
    // Path::new has checked that the edges make a chain.
    assert_eq!(Some(path.travel_time()), time, "{}", context());
    let sum: u32 = (0..path.edges().len()).map(|index| path.time_on(index).as_millis()).sum();
    assert_eq!(sum, path.travel_time().as_millis(), "{}", context());
    let stands_at = |place: Place, edge, fraction| {
        let opposite = (graph.twin(place.edge), place.fraction.reversed());
        (edge, fraction) == (place.edge, place.fraction)
            || place.sides == Sides::Both && (Some(edge), fraction) == opposite
    };
    let (first, last) = (path.edges()[0], path.edges()[path.edges().len() - 1]);
    assert!(stands_at(from, first, path.start()), "{}", context());
    assert!(stands_at(to, last, path.end()), "{}", context());
    assert_eq!(query.path(from, to).as_ref(), Some(path), "the same path again: {}", context());

    assert_eq!(query.length(from, to), Some(path.length()), "{}", context());
    assert_eq!(query.length(from, to), Some(path.length()), "measured by what is known: {}", context());
    let whole = path.travel_time().as_millis() as usize;
    for _ in 0..4 {
        let elapsed = Span::from_millis(lots.below(whole + 3) as i64 - 1);
        let point = query.decision_point(from, to, elapsed).unwrap();
        assert_eq!(query.clone().decision_point(from, to, elapsed), Some(point), "after {elapsed}: {}", context());
        if is_plain(&graph) {
            assert_eq!(point, walked_decision(path, from, to, elapsed), "after {elapsed}: {}", context());
        }
        assert!(elapsed <= point.after.span() || point.place == to, "after {elapsed}: {}", context());
        let rest = query.travel_time(point.place, to).unwrap();
        if point.place != to {
            assert_eq!(point.after + rest, path.travel_time(), "after {elapsed}: {}", context());
        }
    }
    assert_eq!(query.length(from, to), Some(path.length()), "of the leg that is kept: {}", context());
}

/// Without restrictions a driver can choose at every junction, outside of destination-only roads.
fn walked_decision(path: &Path, from: Place, to: Place, elapsed: Span) -> DecisionPoint {
    if elapsed <= Span::ZERO {
        return DecisionPoint { place: from, after: TravelTime::ZERO };
    }
    let mut after = TravelTime::ZERO;
    for (index, &edge) in path.edges()[..path.edges().len() - 1].iter().enumerate() {
        after = after + path.time_on(index);
        if elapsed <= after.span() {
            return DecisionPoint { place: Place::head_of(edge), after };
        }
    }
    DecisionPoint { place: to, after: path.travel_time() }
}

#[test]
fn scattered_roads_agree_with_dijkstra() {
    for seed in 0..400 {
        let graph = scattered(seed);
        let places = Lots::new(seed).places(&graph, 12);
        agrees_with_dijkstra(&mut query(graph), &places, &format!("seed {seed}"));
    }
}

#[test]
fn scattered_drives_are_sound() {
    for seed in 0..300 {
        let mut query = query(scattered(seed));
        let lots = &mut Lots::new(seed);
        let places = lots.places(&Arc::clone(query.graph()), 10);
        for (&from, &to) in places.iter().zip(places.iter().rev()) {
            drive_is_sound(&mut query, from, to, lots, &format!("seed {seed}"));
        }
    }
}

#[test]
fn scattered_rules_agree_with_dijkstra() {
    let (mut split, mut copies) = (0, 0);
    for seed in 0..600 {
        let mut query = query(scattered_rules(seed));
        let turns = Arc::clone(query.customized().hierarchy().turns());
        (split, copies) = (split + turns.split_count(), copies + turns.copy_count());
        let lots = &mut Lots::new(seed);
        let places = lots.places(&Arc::clone(query.graph()), 12);
        agrees_with_dijkstra(&mut query, &places, &format!("seed {seed}"));
        for (&from, &to) in places.iter().zip(places.iter().rev()) {
            drive_is_sound(&mut query, from, to, lots, &format!("seed {seed}"));
        }
    }
    assert!(600 < split && 600 < copies, "{split} nodes and {copies} arcs more than junctions and edges");
}

/// Two hundred of two thousand crossings, so that most stay whole.
#[test]
fn a_ruled_town_agrees_with_dijkstra() {
    let graph = ruled(grid_town(45, 2, at(50.0, 8.0)), 300, &mut Lots::new(2));
    let lots = &mut Lots::new(3);
    let places = lots.places(&graph, 30);
    let mut query = query(graph);
    agrees_with_dijkstra(&mut query, &places, "ruled grid");
    for (&from, &to) in places.iter().zip(places.iter().rev()) {
        drive_is_sound(&mut query, from, to, lots, "ruled grid");
    }
}

#[test]
fn a_town_of_two_thousand_crossings() {
    let graph = grid_town(45, 1, at(50.0, 8.0));
    let lots = &mut Lots::new(1);
    let places = lots.places(&graph, 30);
    let mut query = query(graph);
    agrees_with_dijkstra(&mut query, &places, "grid");
    for (&from, &to) in places.iter().zip(places.iter().rev()) {
        drive_is_sound(&mut query, from, to, lots, "grid");
    }
}

/// Over a place where a vehicle may not turn round, a stop on the way never makes a drive shorter.
/// Over one where it may, it can: see the row `turning_round_at_a_place` below.
#[test]
fn triangle_inequality_over_places_with_one_side() {
    for seed in 0..100 {
        let mut query = query(scattered(seed));
        let graph = Arc::clone(query.graph());
        let lots = &mut Lots::new(seed);
        for _ in 0..30 {
            let [from, over, to] = [lots.place(&graph), lots.place(&graph), lots.place(&graph)];
            let over = Place { sides: Sides::This, ..over };
            let legs = query.travel_time(from, over).zip(query.travel_time(over, to));
            if let Some((there, on)) = legs {
                let whole = query.travel_time(from, to);
                let town = described(&graph);
                assert!(
                    whole.is_some_and(|whole| whole <= there + on),
                    "seed {seed}: {from:?} {over:?} {to:?} {whole:?}\n{town}"
                );
            }
        }
    }
}

/// Rows of `from to seconds`, a dash where no road leads.
#[track_caller]
fn check(roads: &str, rows: &str) {
    let graph = drawn(roads);
    let mut query = query(graph.clone());
    for row in rows.split(", ") {
        let (ends, expected) = row.rsplit_once(' ').unwrap();
        let (from, to) = ends.split_once(' ').unwrap();
        let (from, to) = (place(&graph, from), place(&graph, to));
        let time = query.travel_time(from, to);
        // Quarters and halves of 65,535 steps round down to the millisecond below.
        let seconds = time.map_or("-".to_string(), |time| ((time.as_millis() + 500) / 1000).to_string());
        assert_eq!(seconds, expected, "{row} on {roads}");
        assert_eq!(time, dijkstra::travel_time(&graph, graph.weights(), from, to), "{row} on {roads}");
    }
}

#[test]
fn along_one_edge() {
    check("A-B 100, B-C 100", "A>B@25 A>B@75 50, A>B@50 A>B@50 0, A-B@25 A-B@75 50, A-B@75 A-B@25 50");
}

#[test]
fn behind_on_the_same_side_is_a_drive_round() {
    check("A-B 100, B-C 100", "A>B@75 A>B@25 150, A>B@75 B>A@75 100");
    check("A>B 100, B>A 40", "A>B@75 A>B@25 90");
    check("A>B 100", "A>B@75 A>B@25 -, A-B@75 A-B@25 -");
}

#[test]
fn turning_round_at_a_place() {
    // From B towards A, a stop at the middle where one may turn saves the way to A and back.
    check("A-B 100", "B>A@25 A>B@75 150, B>A@25 A-B@50 25, A-B@50 A>B@75 25");
}

#[test]
fn one_way_streets_have_no_other_side() {
    check("A>B 60, B>C 60, C>A 60", "A-B@50 A-B@50 0, B-C@50 A-B@50 120, A-B@50 B-C@0 30");
}

#[test]
fn the_faster_of_parallel_roads() {
    check("A>B 90, A>B 30, B>C 10, D>A 10", "D>A@0 B>C@100 50");
}

#[test]
fn a_loop_leads_back_to_its_junction() {
    check("A-A 60, A-B 10", "A>A@50 A>B@100 40, A>A@75 A>A@25 30, A-A@75 A-A@25 30, A>B@0 B>A@100 20");
}

#[test]
fn parts_without_a_road_between_them() {
    check("A-B 60, C-D 60", "A-B@50 C-D@50 -, C-D@0 C-D@100 60");
}

#[test]
fn places_at_junctions() {
    check("A-B 60, B-C 60", "A>B@100 B>C@0 0, A>B@100 B>A@0 0, B>C@0 A>B@100 240, B-C@0 A-B@100 0");
}

#[test]
fn graphs_with_nothing_in_them() {
    let empty = Roads::new(Vec::new()).graph();
    assert_eq!(query(empty).customized().hierarchy().up_edge_count(), 0);
    let lonely = Roads::new(vec![at(0.0, 0.0); 3]).graph();
    assert_eq!(query(lonely).customized().search_edge_count(), 0);
}

#[test]
fn a_long_lane_and_a_long_ladder_need_no_deep_stack() {
    let rungs = 6_000;
    let mut roads =
        Roads::new((0..2 * rungs).map(|node| at(50.0 + (node % 2) as f64 / 1e3, node as f64 / 1e4)).collect());
    for node in 0..2 * rungs - 2 {
        roads.two_way(node, node + 2, 1000, 1000);
    }
    for rung in 0..rungs / 2 {
        roads.two_way(2 * rung, 2 * rung + 1, 500, 500);
    }
    let mut query = query(roads.graph());
    let graph = Arc::clone(query.graph());
    let tail_of = |tail: usize, head: usize| {
        let edges = graph.out_edges(NodeId(tail as u32));
        let edge = edges.into_iter().find(|&edge| graph.head(edge).0 as usize == head).unwrap();
        Place { edge, fraction: Fraction::TAIL, sides: Sides::This }
    };
    let (from, to) = (tail_of(0, 2), tail_of(2 * rungs - 2, 2 * rungs - 4));
    let expected = TravelTime::from_secs(rungs as u32 - 1);
    assert_eq!(query.travel_time(from, to), Some(expected));
    assert_eq!(query.path(from, to).unwrap().edges().len(), rungs);
}

#[test]
fn the_antimeridian_is_no_wall() {
    let here = Hierarchy::build(&grid_town(20, 3, at(10.0, 30.0)));
    let there = Hierarchy::build(&grid_town(20, 3, at(10.0, 180.0)));
    assert_eq!(here, there);
}

/// A bad order is still exact, only slow; this notices.
#[test]
fn a_town_makes_a_low_and_thin_hierarchy() {
    let hierarchy = Hierarchy::build(&grid_town(45, 1, at(50.0, 8.0)));
    let nodes = hierarchy.order().len();
    let mut depth = vec![0; nodes];
    for rank in (0..nodes).rev() {
        depth[rank] = hierarchy.parent(Rank(rank as u32)).map_or(0, |parent| depth[parent.0 as usize] + 1);
    }
    let highest = depth.iter().max().unwrap();
    assert!(*highest < 100, "the elimination tree is {highest} high");
    assert!(hierarchy.up_edge_count() < 6 * nodes, "{} up-edges", hierarchy.up_edge_count());
}

#[test]
fn the_same_graph_gives_the_same_hierarchy() {
    let graph = grid_town(20, 5, at(50.0, 8.0));
    assert_eq!(Hierarchy::build(&graph), Hierarchy::build(&graph));
}

/// All pairs by Floyd and Warshall, which knows nodes and nothing of places.
fn truth(graph: &RoadGraph) -> Vec<Vec<Option<u32>>> {
    let count = graph.node_count();
    let mut times: Vec<Vec<Option<u32>>> = vec![vec![None; count]; count];
    let shorter = |old: Option<u32>, new| Some(old.map_or(new, |old: u32| old.min(new)));
    for edge in graph.edges() {
        let time = &mut times[graph.tail(edge).0 as usize][graph.head(edge).0 as usize];
        *time = shorter(*time, graph.weight(edge).as_millis());
    }
    for (node, times) in times.iter_mut().enumerate() {
        times[node] = Some(0);
    }
    for over in 0..count {
        for from in 0..count {
            for to in 0..count {
                if let (Some(there), Some(on)) = (times[from][over], times[over][to]) {
                    times[from][to] = shorter(times[from][to], there + on);
                }
            }
        }
    }
    times
}

/// Nodes without a road in or out are left and reached all the same.
#[test]
fn nodes_equal_floyd_and_warshall() {
    for seed in 0..300 {
        let mut query = query(scattered(seed));
        let graph = Arc::clone(query.graph());
        let mut labelled = labelled(&query);
        let truth = truth(&graph);
        for from in 0..graph.node_count() as u32 {
            for to in 0..graph.node_count() as u32 {
                let expected = truth[from as usize][to as usize].map(TravelTime::from_millis);
                let context = || format!("seed {seed}: {from} to {to}\n{}", described(&graph));
                assert_eq!(query.time_between_nodes(TurnNode(from), TurnNode(to)), expected, "{}", context());
                assert_eq!(labelled.time_between_nodes(TurnNode(from), TurnNode(to)), expected, "{}", context());
            }
        }
    }
}

#[test]
fn labels_that_do_not_fit_are_not_made() {
    let query = query(grid_town(12, 7, at(50.0, 8.0)));
    let customized = query.customized();
    let tree = Arc::new(Tree::new(customized.hierarchy()));
    let metric = |bytes_max| RoadMetric::new(Arc::clone(customized), &tree, bytes_max);
    assert!(metric(tree.label_bytes()).labels().is_some());
    let small = metric(tree.label_bytes() - 1);
    assert!(small.labels().is_none());
    let mut searching = RoadQuery::new(Arc::clone(query.graph()), Arc::new(small));
    let places = Lots::new(7).places(query.graph(), 2);
    let slow = dijkstra::travel_time(query.graph(), query.graph().weights(), places[0], places[1]);
    assert_eq!(searching.travel_time(places[0], places[1]), slow);
}

#[test]
fn one_hierarchy_serves_many_metrics() {
    let graph = grid_town(12, 7, at(50.0, 8.0));
    let lots = &mut Lots::new(7);
    let places = lots.places(&graph, 10);
    let hierarchy = Arc::new(Hierarchy::build(&graph));
    let graph = Arc::new(graph);
    for metric in 1..5 {
        let weights: Vec<TravelTime> =
            graph.edges().map(|_| TravelTime::from_millis(1 + lots.below(30_000) as u32)).collect();
        let customized = hierarchy.customize(&weights, MetricId(metric));
        let mut query = HierarchyQuery::new(Arc::clone(&graph), Arc::new(customized));
        assert_eq!(query.metric(), MetricId(metric));
        agrees_with_dijkstra(&mut query, &places, &format!("metric {metric}"));
    }
}

#[test]
fn a_drive_of_a_fortnight_is_out_of_reach() {
    let nearly = TOO_FAR.as_millis() - 1;
    let mut roads = Roads::new(vec![at(0.0, 0.0), at(0.0, 0.1), at(0.1, 0.1), at(0.1, 0.0)]);
    for node in 0..4 {
        roads.two_way(node, (node + 1) % 4, nearly, nearly);
        roads.two_way(node, (node + 1) % 4, nearly / 2, nearly / 2);
    }
    roads.one_way(0, 2, nearly - 5);
    let graph = roads.graph();
    let places = Lots::new(2).places(&graph, 40);
    agrees_with_dijkstra(&mut query(graph), &places, "wide");
}

/// Sums of four times, each as long as times get.
#[test]
fn roads_of_days_at_a_price_of_days() {
    let nearly = TravelTime::from_millis(TOO_FAR.as_millis() - 1);
    for seed in 0..200 {
        let graph = Arc::new(scattered_rules(seed).with_through_price(nearly));
        let lots = &mut Lots::new(seed);
        let weights: Vec<TravelTime> =
            graph.edges().map(|_| if lots.chance(60) { nearly } else { TravelTime::from_millis(1) }).collect();
        let customized = Arc::new(Hierarchy::build(&graph)).customize(&weights, MetricId(1));
        let places = lots.places(&graph, 10);
        let mut query = HierarchyQuery::new(graph, Arc::new(customized));
        agrees_with_dijkstra(&mut query, &places, &format!("seed {seed}, {weights:?}"));
    }
}

fn columns(hierarchy: &Hierarchy) -> Vec<(&'static str, Vec<u32>)> {
    hierarchy.columns().into_iter().map(|(name, column)| (name, column.to_vec())).collect()
}

fn reopened(graph: &RoadGraph, columns: &[(&'static str, Vec<u32>)]) -> Result<Hierarchy, BrokenHierarchy> {
    Hierarchy::from_columns(graph, &|name| {
        columns.iter().find(|column| column.0 == name).map(|column| column.1.clone().into())
    })
}

#[test]
fn columns_bring_a_hierarchy_back() {
    let graph = grid_town(12, 9, at(50.0, 8.0));
    let hierarchy = Hierarchy::build(&graph);
    assert_eq!(reopened(&graph, &columns(&hierarchy)), Ok(hierarchy.clone()));
    assert_eq!(reopened(&graph, &columns(&hierarchy)[1..]), Err(BrokenHierarchy::Missing("node_of")));
    let other = grid_town(12, 10, at(50.0, 8.0));
    assert!(matches!(reopened(&other, &columns(&hierarchy)), Err(BrokenHierarchy::Carriers { .. })));
}

/// A stranger's columns are refused, or they make a hierarchy that answers right.
#[test]
fn changed_columns_are_refused_or_harmless() {
    let mut refused = 0;
    for seed in 0..600 {
        let graph = scattered(seed % 20);
        let lots = &mut Lots::new(seed);
        let mut columns = columns(&Hierarchy::build(&graph));
        let column = &mut columns[lots.below(6)].1;
        let place = lots.below(column.len().max(1));
        match lots.below(4) {
            0 => column.truncate(place),
            1 => column.insert(place.min(column.len()), lots.below(50) as u32),
            2 if !column.is_empty() => column[place] = u32::MAX - lots.below(3) as u32,
            _ if !column.is_empty() => column[place] = lots.below(50) as u32,
            _ => {}
        }
        match reopened(&graph, &columns) {
            Err(_) => refused += 1,
            Ok(hierarchy) => {
                let customized = Arc::new(hierarchy).customize(graph.weights(), MetricId(0));
                let places = lots.places(&graph, 6);
                let mut query = HierarchyQuery::new(Arc::new(graph), Arc::new(customized));
                agrees_with_dijkstra(&mut query, &places, &format!("seed {seed}"));
            }
        }
    }
    assert!(500 < refused, "only {refused} of 600 were refused");
}

/// The weights of a graph with some of its roads closed.
fn with_closures(graph: &RoadGraph, percent: usize, lots: &mut Lots) -> Vec<TravelTime> {
    graph.weights().iter().map(|&weight| if lots.chance(percent) { TOO_FAR } else { weight }).collect()
}

/// Random roads with so many percent of them closed, the percentages in turn.
fn agree_where_roads_are_closed(seeds: u64, percents: [usize; 3], roads: fn(u64) -> RoadGraph) {
    for seed in 0..seeds {
        let graph = Arc::new(roads(seed));
        let lots = &mut Lots::new(seed);
        let weights = with_closures(&graph, percents[seed as usize % 3], lots);
        let customized = Arc::new(Hierarchy::build(&graph)).customize(&weights, MetricId(1));
        let places = lots.places(&graph, 10);
        let mut query = HierarchyQuery::new(Arc::clone(&graph), Arc::new(customized));
        agrees_with_dijkstra(&mut query, &places, &format!("seed {seed}, {weights:?}"));
        for (&from, &to) in places.iter().zip(places.iter().rev()) {
            drive_is_sound(&mut query, from, to, lots, &format!("seed {seed}, {weights:?}"));
        }
    }
}

#[test]
fn closed_roads_are_driven_by_nobody() {
    agree_where_roads_are_closed(300, [5, 30, 100], scattered);
}

#[test]
fn closed_roads_among_rules_and_lanes() {
    agree_where_roads_are_closed(400, [5, 20, 60], scattered_rules);
}

/// Dijkstra too is held against something: the same roads with the closed ones never laid.
#[test]
fn a_closed_road_is_like_no_road() {
    let open = drawn("A-B 100, B-C 100, A-D 30, D-C 30");
    let short_cut = open.edges().find(|&edge| open.tail(edge) == NodeId(0) && open.head(edge) == NodeId(3)).unwrap();
    let mut weights = open.weights().to_vec();
    weights[short_cut.0 as usize] = TOO_FAR;
    let without = drawn("A-B 100, B-C 100, D>A 30, D-C 30");
    let customized = Arc::new(Hierarchy::build(&open)).customize(&weights, MetricId(1));
    let mut query = HierarchyQuery::new(Arc::new(open.clone()), Arc::new(customized));
    for (from, to) in [("B>A@50", "C>B@50"), ("B>A@50", "B>C@0"), ("C>D@0", "A>B@100"), ("D>C@0", "B-C@50")] {
        let time = query.travel_time(place(&open, from), place(&open, to));
        let expected = dijkstra::travel_time(&without, without.weights(), place(&without, from), place(&without, to));
        assert_eq!(time, expected, "{from} to {to}");
    }
    let closed = place(&open, "A>D@50");
    // Who is there may stay there.
    assert_eq!(query.travel_time(closed, closed), Some(TravelTime::ZERO));
    assert_eq!(query.travel_time(place(&open, "B>A@50"), closed), None);
    // Or leaves it by its end.
    assert_eq!(query.travel_time(closed, place(&open, "D>C@50")), Some(TravelTime::from_secs(30)));
    // The other side of the road is open, and quicker.
    let either_side = Place { sides: Sides::Both, ..closed };
    assert_eq!(query.travel_time(either_side, place(&open, "A>B@0")), Some(TravelTime::from_secs(15)));
}

#[test]
#[should_panic(expected = "takes TravelTime(0)")]
fn weights_are_positive() {
    let graph = drawn("A-B 60");
    let weights = [TravelTime::from_secs(1), TravelTime::ZERO];
    Arc::new(Hierarchy::build(&graph)).customize(&weights, MetricId(0));
}

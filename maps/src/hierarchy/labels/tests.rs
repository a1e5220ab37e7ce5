//! Labels against Dijkstra, and labels made anew against labels kept up to date.

use std::sync::Arc;

use mukae_units::TravelTime;

use super::*;
use crate::dijkstra;
use crate::graph::{EdgeId, NodeId, RoadGraph};
use crate::hierarchy::search::Start;
use crate::hierarchy::{Hierarchy, TOO_FAR};
use crate::place::{Fraction, Place, Sides};
use crate::test_roads::{Lots, Roads, at, described, drawn, grid_town, scattered};
use crate::turn_graph::TurnNode;

/// A town's roads, and labels to play with.
struct Labelled {
    graph: RoadGraph,
    customized: Customized,
    labels: Labels,
}

fn labelled(graph: RoadGraph) -> Labelled {
    let hierarchy = Arc::new(Hierarchy::build(&graph));
    let customized = hierarchy.customize(graph.weights(), MetricId(0));
    let labels = Labels::build(&customized, &Arc::new(Tree::new(&hierarchy)));
    Labelled { graph, customized, labels }
}

/// From a node to all nodes by Dijkstra, as ranks see it; from a place at an edge's head.
fn slow_times(graph: &RoadGraph, customized: &Customized, from: u32) -> Vec<u32> {
    let order = customized.hierarchy().order();
    let node = NodeId(order.node(Rank(from)).0);
    let mut times = vec![FAR; graph.node_count()];
    for edge in graph.out_edges(node) {
        let weight = customized.weights()[edge.0 as usize];
        // A place on a closed road could be left all the same.
        if weight == TOO_FAR {
            continue;
        }
        let start = Place { edge, fraction: Fraction::TAIL, sides: Sides::This };
        let from_edge = dijkstra::one_to_all(graph, customized.weights(), start);
        for edge in graph.edges() {
            let rank = order.rank(TurnNode(graph.head(edge).0)).0 as usize;
            let time = from_edge.time_to(graph, customized.weights(), Place::head_of(edge));
            times[rank] = times[rank].min(time.map_or(FAR, TravelTime::as_millis));
        }
        assert!(TravelTime::ZERO < weight);
    }
    times[from as usize] = 0;
    times
}

/// All pairs, one by one and with one end fixed.
#[track_caller]
fn agree_with_dijkstra(labels: &Labels, graph: &RoadGraph, customized: &Customized, town: &str) {
    let ranks = graph.node_count() as u32;
    let slow: Vec<Vec<u32>> = (0..ranks).map(|from| slow_times(graph, customized, from)).collect();
    let (mut fixed_start, mut fixed_end) = (FixedStart::default(), FixedEnd::default());
    for one in 0..ranks {
        labels.fix_start(&[(Rank(one), TravelTime::ZERO)], &mut fixed_start);
        labels.fix_end(&[(Rank(one), TravelTime::ZERO)], &mut fixed_end);
        for other in 0..ranks {
            let context = || format!("{town}: {one} and {other}\n{}", described(graph));
            let (there, back) = (slow[one as usize][other as usize], slow[other as usize][one as usize]);
            assert_eq!(labels.time(one, other), there, "{}", context());
            assert_eq!(labels.time_from(&fixed_start, other), there, "{}", context());
            assert_eq!(labels.time_to(other, &fixed_end), back, "{}", context());
        }
    }
}

/// Every label as it would be made anew, and its size as foretold.
#[track_caller]
fn equal_a_full_build(labels: &Labels, customized: &Customized, town: &str) {
    let anew = Labels::build(customized, labels.tree());
    assert_eq!(labels.metric(), anew.metric(), "{town}");
    for rank in 0..labels.tree().rank_count() as u32 {
        let spot = labels.tree().spot(rank);
        assert_eq!(labels.forward.label(spot), anew.forward.label(spot), "forward label of {rank}, {town}");
        assert_eq!(labels.backward.label(spot), anew.backward.label(spot), "backward label of {rank}, {town}");
    }
    assert_eq!(labels.bytes(), labels.tree().label_bytes(), "{town}");
}

#[test]
fn scattered_roads() {
    for seed in 0..400 {
        let Labelled { graph, customized, labels } = labelled(scattered(seed));
        agree_with_dijkstra(&labels, &graph, &customized, &format!("seed {seed}"));
        assert_eq!(labels.bytes(), labels.tree().label_bytes(), "seed {seed}");
    }
}

#[test]
fn small_towns() {
    for seed in 0..6 {
        let Labelled { graph, customized, labels } = labelled(grid_town(12, seed, at(50.0, 8.0)));
        agree_with_dijkstra(&labels, &graph, &customized, &format!("seed {seed}"));
    }
}

#[test]
fn towns_with_next_to_nothing_in_them() {
    let nothing = labelled(Roads::new(Vec::new()).graph());
    assert_eq!((nothing.labels.bytes(), nothing.labels.tree().label_bytes()), (0, 0));
    let single = labelled(Roads::new(vec![at(0.0, 0.0)]).graph());
    assert_eq!(single.labels.travel_time(Rank(0), Rank(0)), Some(TravelTime::ZERO));
    let separate = labelled(Roads::new(vec![at(0.0, 0.0); 3]).graph());
    assert_eq!(separate.labels.travel_time(Rank(0), Rank(2)), None);
    let parts = labelled(drawn("A-B 60, C>D 60"));
    agree_with_dijkstra(&parts.labels, &parts.graph, &parts.customized, "two parts");
}

/// Several starts and ends, on one way up and on different ones.
#[test]
fn the_best_of_several_starts_and_ends() {
    for seed in 0..300 {
        let Labelled { labels, .. } = labelled(scattered(seed));
        let lots = &mut Lots::new(seed);
        let ranks = labels.tree().rank_count();
        // Kept from round to round: what an earlier one left must not show.
        let (mut fixed_start, mut fixed_end, mut times) = (FixedStart::default(), FixedEnd::default(), vec![None; 3]);
        for _ in 0..8 {
            let mut start =
                || Start { rank: lots.below(ranks) as u32, time: [0, lots.below(30_000) as u32, FAR][lots.below(3)] };
            let ends: Vec<Start> = (0..5).map(|_| start()).collect();
            let some = &ends[..lots.below(6)];
            labels.fix_starts(some.iter().copied(), &mut fixed_start);
            labels.fix_ends(some.iter().copied(), &mut fixed_end);
            for rank in 0..ranks as u32 {
                let best = |time: &dyn Fn(&Start) -> u32| some.iter().map(time).fold(FAR, u32::min);
                let from = best(&|start| start.time + labels.time(start.rank, rank));
                let to = best(&|end| labels.time(rank, end.rank) + end.time);
                assert_eq!(labels.time_from(&fixed_start, rank), from, "seed {seed}: {some:?} to {rank}");
                assert_eq!(labels.time_to(rank, &fixed_end), to, "seed {seed}: {rank} to {some:?}");
            }
            let list: Vec<Rank> = (0..lots.below(60)).map(|_| Rank(lots.below(ranks) as u32)).collect();
            labels.travel_times_from(&fixed_start, &list, &mut times);
            assert!(
                times.iter().copied().eq(list.iter().map(|end| labels.travel_time_from(&fixed_start, *end))),
                "seed {seed}"
            );
            labels.travel_times_to(&list, &fixed_end, &mut times);
            assert!(
                times.iter().copied().eq(list.iter().map(|start| labels.travel_time_to(*start, &fixed_end))),
                "seed {seed}"
            );
        }
    }
}

#[test]
fn the_best_between_two_starts_and_two_ends() {
    let mut together = 0;
    for seed in 0..100 {
        let Labelled { graph, customized, labels } = labelled(grid_town(10, seed, at(50.0, 8.0)));
        let order = customized.hierarchy().order();
        let lots = &mut Lots::new(seed);
        for _ in 0..300 {
            // Ends of a road, or of none, or one node twice.
            let edges = [0, 1].map(|_| lots.below(graph.edge_count()) as u32).map(EdgeId);
            let [mut starts, mut ends] = edges.map(|edge| {
                [graph.tail(edge), graph.head(edge)].map(|node| Start {
                    rank: order.rank(TurnNode(node.0)).0,
                    time: [0, lots.below(30_000) as u32, lots.below(30_000) as u32, FAR][lots.below(4)],
                })
            });
            match lots.below(4) {
                0 => starts[1] = starts[0],
                1 => std::mem::swap(&mut starts[0], &mut ends[1]),
                _ => {}
            }
            let pairs = starts.iter().flat_map(|start| ends.iter().map(move |end| (start, end)));
            let times = pairs.map(|(start, end)| start.time + labels.time(start.rank, end.rank) + end.time);
            let expected = times.fold(FAR, u32::min);
            assert_eq!(labels.time_between(starts, ends), expected, "seed {seed}: {starts:?} to {ends:?}");
            together += usize::from(expected < FAR);
        }
    }
    assert!(10_000 < together, "only {together} of 30,000 are connected");
}

/// Some roads slower or faster, some closed, some opened again.
fn changed(weights: &[TravelTime], base: &[TravelTime], lots: &mut Lots) -> Vec<TravelTime> {
    let percent = [0, 1, 10, 60][lots.below(4)];
    let mut weights = weights.to_vec();
    let single = lots.below(weights.len());
    for edge in 0..weights.len() {
        if edge == single || lots.chance(percent) {
            weights[edge] = match lots.below(4) {
                0 => TOO_FAR,
                1 => base[edge],
                2 => TravelTime::from_millis(1 + lots.below(40_000) as u32),
                _ => TravelTime::from_millis((base[edge].as_millis() * 2).min(FAR)),
            };
        }
    }
    weights
}

/// Follows a town through several metrics.
fn stays_up_to_date(graph: RoadGraph, rounds: u32, lots: &mut Lots, town: &str) {
    let Labelled { graph, customized, labels } = labelled(graph);
    let ranks = graph.node_count() as u32;
    let (mut old, mut labels) = (customized, labels);
    for round in 1..=rounds {
        let town = format!("{town}, round {round}");
        let weights = changed(old.weights(), graph.weights(), lots);
        let new = old.hierarchy().customize(&weights, MetricId(round));
        let (relabelled, changes) = labels.relabel(&old, &new);
        equal_a_full_build(&relabelled, &new, &town);
        let mut changed_count = 0;
        for rank in 0..ranks {
            let spot = labels.tree().spot(rank);
            let forward = labels.forward.label(spot) != relabelled.forward.label(spot);
            let backward = labels.backward.label(spot) != relabelled.backward.label(spot);
            assert_eq!(changes.is_forward_changed(Rank(rank)), forward, "{town}: {rank}");
            assert_eq!(changes.is_backward_changed(Rank(rank)), backward, "{town}: {rank}");
            changed_count += usize::from(forward) + usize::from(backward);
        }
        assert_eq!(changes.count(), changed_count, "{town}");
        for _ in 0..200 {
            let (from, to) = (lots.below(ranks as usize) as u32, lots.below(ranks as usize) as u32);
            let kept = labels.time(from, to) == relabelled.time(from, to);
            assert!(kept || changes.may_differ(Rank(from), Rank(to)), "{town}: {from} to {to}");
        }
        if changes.count() == 0 {
            assert_eq!(relabelled.own_bytes(&labels), 0, "{town}");
        }
        (old, labels) = (new, relabelled);
    }
    agree_with_dijkstra(&labels, &graph, &old, town);
}

#[test]
fn relabelled_scattered_roads_equal_a_full_build() {
    for seed in 0..300 {
        let graph = scattered(seed);
        if 0 < graph.edge_count() {
            stays_up_to_date(graph, 5, &mut Lots::new(seed), &format!("seed {seed}"));
        }
    }
}

#[test]
fn relabelled_towns_equal_a_full_build() {
    for seed in 0..3 {
        let town = grid_town(14, seed, at(50.0, 8.0));
        stays_up_to_date(town, 12, &mut Lots::new(seed), &format!("seed {seed}"));
    }
}

/// A closed lane at the edge of a town touches few labels, and the metrics share the rest.
#[test]
fn a_local_change_is_kept_local() {
    let Labelled { graph, customized, labels } = labelled(grid_town(60, 1, at(50.0, 8.0)));
    let corner = graph.out_edges(NodeId(0)).chain(graph.out_edges(NodeId(1))).next().expect("the corner has a road");
    let mut weights = graph.weights().to_vec();
    weights[corner.0 as usize] = TOO_FAR;
    let new = customized.hierarchy().customize(&weights, MetricId(1));
    let (relabelled, changes) = labels.relabel(&customized, &new);
    equal_a_full_build(&relabelled, &new, "corner");
    let ranks = graph.node_count();
    assert!(0 < changes.count() && changes.count() < ranks / 10, "{} of {ranks} ranks", changes.count());
    let (own, all) = (relabelled.own_bytes(&labels), relabelled.bytes());
    assert!(own < all, "{own} of {all} bytes are not shared");
}

#[test]
#[should_panic(expected = "of another hierarchy")]
fn a_tree_serves_its_own_hierarchy() {
    let one = labelled(drawn("A-B 60, B-C 60"));
    let other = labelled(drawn("A-B 60, C-D 60"));
    Labels::build(&one.customized, other.labels.tree());
}

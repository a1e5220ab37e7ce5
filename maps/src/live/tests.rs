use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::*;
use crate::cells::Cells;
use crate::dijkstra;
use crate::geometry::Bounds;
use crate::graph::EdgeId;
use crate::hierarchy::{LABEL_BYTES_MAX, TOO_FAR, Tree};
use crate::meta::{MapMeta, OSM_CREDIT};
use crate::metric::MetricSet;
use crate::osm::DrivingSide;
use crate::profile::Profile;
use crate::test_roads::{Lots, at, grid_town, ruled};
use crate::travel_times::TravelTimes;

fn town(side: usize, seed: u64) -> PreparedMap {
    let lots = &mut Lots::new(seed);
    let graph = ruled(grid_town(side, seed, at(50.0, 8.0)), 20, lots);
    let lanes: Vec<EdgeId> = graph.edges().filter(|_| lots.chance(10)).collect();
    let graph = graph.with_destination_only(&lanes).with_through_price(TravelTime::from_secs(20));
    let hierarchy = Hierarchy::build(&graph);
    let corner = at(50.0, 8.0);
    let meta = MapMeta {
        source: "drawn".to_owned(),
        source_digest: String::new(),
        program: String::new(),
        as_of: None,
        bounds: Bounds { south_west: corner, north_east: corner },
        driving_side: DrivingSide::Right,
        profile: String::new(),
        profile_digest: String::new(),
        is_profile_guessed: false,
        turn_restrictions: 0,
        turn_restrictions_kept: 0,
        credit: OSM_CREDIT.to_owned(),
    };
    let metrics = MetricSet::build(&graph, &Profile::named("japan").expect("it is built in"));
    PreparedMap::new(graph, hierarchy, metrics, meta)
}

/// The map's weights with a few roads closed and a few slowed down.
fn some_trouble(graph: &RoadGraph, lots: &mut Lots) -> Vec<TravelTime> {
    let mut weights = graph.weights().to_vec();
    for _ in 0..1 + lots.below(4) {
        let edge = lots.below(weights.len());
        weights[edge] = if lots.chance(70) { TOO_FAR } else { weights[edge] + weights[edge] };
    }
    weights
}

#[test]
fn what_is_published_is_in_service_and_exact() {
    for seed in 0..12 {
        let map = town(12, seed);
        let (live, graph, lots) = (LiveRoads::new(&map), map.graph(), &mut Lots::new(seed));
        let mut query = live.query();
        let places = lots.places(graph, 10);
        let mut spared = 0;
        for round in 1..5 {
            let weights = some_trouble(graph, lots);
            let mut before = live.query();
            let changes = live.publish(&weights);
            assert_eq!(query.metric(), MetricId(round - 1), "a query stays until it follows");
            assert!(live.follow(&mut query) && !live.follow(&mut query), "seed {seed}");
            assert_eq!(query.metric(), MetricId(round), "seed {seed}");
            for &from in &places {
                let slow = dijkstra::one_to_all(graph, &weights, from);
                for &to in &places {
                    let time = query.travel_time(from, to);
                    let context = || format!("seed {seed}, round {round}: {from:?} to {to:?}");
                    assert_eq!(time, slow.time_to(graph, &weights, to), "{}", context());
                    if !changes.may_differ(from, to) {
                        assert_eq!(before.travel_time(from, to), time, "{}", context());
                        spared += 1;
                    }
                }
            }
        }
        assert!(0 < spared, "seed {seed}: no leg was spared");
    }
}

/// Labels that were mended ten times over, chunk by chunk, answer as if they were new.
#[test]
fn ten_changes_one_after_another_equal_a_fresh_start() {
    for seed in 0..6 {
        let map = town(14, seed);
        let (live, graph, lots) = (LiveRoads::new(&map), map.graph(), &mut Lots::new(seed));
        let tree = Arc::new(Tree::new(map.hierarchy()));
        let places = lots.places(graph, 40);
        let (mut query, mut times, mut fresh_times) = (live.query(), Vec::new(), Vec::new());
        // From change to change, not always from the map's own weights: roads close and open again.
        let mut weights = graph.weights().to_vec();
        for round in 1..=10 {
            weights = match round % 4 {
                0 => some_trouble(graph, lots),
                _ => weights.into_iter().map(|weight| if lots.chance(1) { TOO_FAR } else { weight }).collect(),
            };
            live.publish(&weights);
            live.follow(&mut query);
            let customized = Arc::new(map.hierarchy().customize(&weights, MetricId(round)));
            let fresh = Arc::new(RoadMetric::new(customized, &tree, LABEL_BYTES_MAX));
            let mut fresh = RoadQuery::new(Arc::clone(graph), fresh);
            for &place in &places {
                query.one_to_many(place, &places, &mut times);
                fresh.one_to_many(place, &places, &mut fresh_times);
                assert_eq!(times, fresh_times, "seed {seed}, round {round}: from {place:?}");
                query.many_to_one(&places, place, &mut times);
                fresh.many_to_one(&places, place, &mut fresh_times);
                assert_eq!(times, fresh_times, "seed {seed}, round {round}: to {place:?}");
            }
            let (from, to) = (places[0], places[1]);
            assert_eq!(query.travel_time(from, to), dijkstra::travel_time(graph, &weights, from, to), "seed {seed}");
        }
    }
}

/// A map with rules, lanes and other metrics answers after a journey through bytes as it did before.
#[test]
fn a_map_brought_back_answers_the_same() {
    for seed in 0..6 {
        let (map, lots) = (town(10, seed), &mut Lots::new(seed));
        let again = PreparedMap::from_bytes(map.to_bytes(), "again").expect("it was a map");
        assert_eq!(
            (map.graph(), map.hierarchy(), map.checksum()),
            (again.graph(), again.hierarchy(), again.checksum())
        );
        let places = lots.places(map.graph(), 20);
        assert_eq!(again.metrics().metrics().len(), 3, "base, snow, deep snow");
        for metric in 0..3 {
            let weights = [&map, &again].map(|map| map.metrics().weights(metric, map.graph()).to_vec());
            assert_eq!(weights[0], weights[1]);
            let live = [&map, &again].map(LiveRoads::new);
            let [mut one, mut other] = [0, 1].map(|which| {
                live[which].publish(&weights[which]);
                live[which].query()
            });
            for &from in &places {
                let slow = dijkstra::one_to_all(map.graph(), &weights[0], from);
                for &to in &places {
                    let time = slow.time_to(map.graph(), &weights[0], to);
                    assert_eq!((one.travel_time(from, to), other.travel_time(from, to)), (time, time), "seed {seed}");
                    assert_eq!(one.path(from, to), other.path(from, to), "seed {seed}");
                }
            }
        }
    }
}

#[test]
fn nothing_changes_where_nothing_is_changed() {
    let map = town(12, 1);
    let (live, places) = (LiveRoads::new(&map), Lots::new(1).places(map.graph(), 20));
    let changes = live.publish(map.graph().weights());
    assert_eq!(changes.after().metric(), MetricId(1));
    assert!(places.iter().all(|&from| places.iter().all(|&to| !changes.may_differ(from, to))));
}

/// Every answer belongs to the metric that its query says it is on, however the threads run.
#[test]
fn queries_never_mix_metrics() {
    let map = town(16, 3);
    let (live, graph, lots) = (LiveRoads::new(&map), map.graph(), &mut Lots::new(3));
    let places = lots.places(graph, 8);
    let metrics: Vec<Vec<TravelTime>> =
        std::iter::once(graph.weights().to_vec()).chain((0..30).map(|_| some_trouble(graph, lots))).collect();
    let expected: Vec<Vec<Option<TravelTime>>> = metrics
        .iter()
        .map(|weights| {
            let pairs = places.iter().flat_map(|&from| places.iter().map(move |&to| (from, to)));
            pairs.map(|(from, to)| dijkstra::travel_time(graph, weights, from, to)).collect()
        })
        .collect();
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let asking: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    let (mut query, mut met) = (live.query(), 0);
                    while !is_over.load(Ordering::Relaxed) || live.follow(&mut query) {
                        live.follow(&mut query);
                        let metric = query.metric().0 as usize;
                        for (row, &from) in places.iter().enumerate() {
                            for (column, &to) in places.iter().enumerate() {
                                let time = query.travel_time(from, to);
                                assert_eq!(time, expected[metric][row * places.len() + column], "metric {metric}");
                            }
                        }
                        met = metric;
                    }
                    met
                })
            })
            .collect();
        for weights in &metrics[1..] {
            live.publish(weights);
        }
        is_over.store(true, Ordering::Relaxed);
        for thread in asking {
            thread.join().expect("no answer was wrong");
        }
    });
    assert_eq!(live.current().metric(), MetricId(30));
}

/// Closures and slow roads keep the cells of the map; a faster road does without, until it is slow again.
#[test]
fn cells_stay_while_no_road_is_faster() {
    let map = town(10, 1);
    let (live, graph) = (LiveRoads::new(&map), map.graph());
    let mut query = live.query();
    assert!(Arc::ptr_eq(query.cells().unwrap(), map.cells()));
    let mut weights = graph.weights().to_vec();
    weights[3] = TOO_FAR;
    live.publish(&weights);
    live.follow(&mut query);
    assert!(Arc::ptr_eq(query.cells().unwrap(), map.cells()));
    weights[4] = TravelTime::from_millis(weights[4].as_millis() - 1);
    live.publish(&weights);
    live.follow(&mut query);
    assert!(query.cells().is_none());
    live.publish(graph.weights());
    live.follow(&mut query);
    assert!(Arc::ptr_eq(query.cells().unwrap(), map.cells()));
}

/// Cells of the fastest times serve a day in which roads get as fast as that, and no faster.
#[test]
fn cells_of_the_fastest_times_serve_all_day() {
    let map = town(10, 2);
    let graph = map.graph();
    let halved = |weight: &TravelTime| TravelTime::from_millis(weight.as_millis().div_ceil(2));
    let fastest: Vec<TravelTime> = graph.weights().iter().map(halved).collect();
    let customized = Arc::new(map.hierarchy().customize(&fastest, MetricId(9)));
    let cells = Arc::new(Cells::build(graph, &customized, 20));
    let metric = RoadMetric::clone(map.base_metric()).with_cells(Arc::clone(&cells));
    let live = LiveRoads::beginning_with(Arc::clone(graph), Arc::new(metric));
    let mut query = live.query();
    assert!(Arc::ptr_eq(query.cells().unwrap(), &cells));
    live.publish(&fastest);
    live.follow(&mut query);
    assert!(Arc::ptr_eq(query.cells().unwrap(), &cells));
    let mut weights = fastest;
    weights[4] = TravelTime::from_millis(weights[4].as_millis() - 1);
    live.publish(&weights);
    live.follow(&mut query);
    assert!(query.cells().is_none());
}

//! Real roads: travel times equal Dijkstra's exactly, and a path's edges add up to its travel time.
//!
//! Runs on the two islands the project carries; `MUKAE_EXTRACTS=DIR` adds every `*.osm.pbf` below it.

use std::path::PathBuf;

use mukae_maps::{BuildOptions, EdgeId, Fraction, Place, PreparedMap, Sides, TravelTimes, dijkstra};
use mukae_units::TravelTime;

use super::support::{build, bundled};

const PAIRS: u64 = 150;

#[test]
fn random_pairs_on_real_roads_equal_dijkstra_and_paths_add_up() {
    let mut extracts = vec![bundled("niue.osm.pbf"), bundled("isle-of-man.osm.pbf")];
    if let Some(directory) = std::env::var_os("MUKAE_EXTRACTS") {
        let listed = std::fs::read_dir(&directory).expect("MUKAE_EXTRACTS is a directory");
        let mut more: Vec<PathBuf> = listed.map(|entry| entry.expect("it can be listed").path()).collect();
        more.retain(|path| path.extension().is_some_and(|ending| ending == "pbf"));
        more.sort();
        extracts.extend(more);
    }
    for extract in extracts {
        let (map, report) = build(&extract, &BuildOptions::default()).expect("a good extract");
        let reached = compare(&map, 20_261_122);
        println!(
            "{}: {} junctions, {reached} of {PAIRS} pairs connected, no difference",
            map.meta().source,
            report.nodes
        );
        assert!(0 < reached, "{}: no pair is connected", map.meta().source);
    }
}

/// How many of the pairs are connected.
fn compare(map: &PreparedMap, seed: u64) -> u64 {
    let (graph, mut query) = (map.graph(), map.query());
    let mut state = seed;
    let mut place = || {
        // An ordinary linear congruence is dice enough for picking places.
        let mut draw = |n: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % n
        };
        let edge = EdgeId(draw(graph.edge_count() as u64) as u32);
        let sides = if draw(2) == 0 { Sides::This } else { Sides::Both };
        Place { edge, fraction: Fraction::from_steps(draw(65_536) as u16), sides }
    };
    let mut reached = 0;
    for pair in 0..PAIRS {
        let (from, to) = (place(), place());
        let at = format!("{}, seed {seed}, pair {pair}: {from:?} -> {to:?}", map.meta().source);
        let truth = dijkstra::travel_time(graph, graph.weights(), from, to);
        assert_eq!(query.travel_time(from, to), truth, "{at}");
        let path = query.path(from, to);
        assert_eq!(path.as_ref().map(|path| path.travel_time()), truth, "{at}");
        let Some(path) = path else { continue };
        reached += 1;
        let edges = path.edges();
        let sum = (0..edges.len()).fold(TravelTime::ZERO, |sum, index| sum + path.time_on(index));
        assert_eq!(Some(sum), truth, "{at}");
        for (index, both) in edges.windows(2).enumerate() {
            assert_eq!(graph.head(both[0]), graph.tail(both[1]), "{at}, edge {index}");
        }
        for (index, &edge) in edges.iter().enumerate().skip(1).take(edges.len().saturating_sub(2)) {
            // The price of passing through destination-only roads counts where they are left.
            let time = path.time_on(index);
            let is_right = [graph.weight(edge), graph.weight(edge) + graph.through_price()].contains(&time);
            assert!(is_right, "{at}, edge {index} takes {time:?}");
        }
    }
    reached
}

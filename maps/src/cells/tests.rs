//! The bound held against Dijkstra between all kinds of places, and the table against the least of all times.

use super::*;
use crate::dijkstra;
use crate::hierarchy::{Hierarchy, TOO_FAR};
use crate::place::{Fraction, Sides};
use crate::test_roads::{Lots, at, described, drawn, grid_town, place, ruled, scattered, scattered_rules};

fn customized(graph: &RoadGraph, weights: &[TravelTime]) -> Arc<Customized> {
    Arc::new(Arc::new(Hierarchy::build(graph)).customize(weights, MetricId(0)))
}

fn cells(graph: &RoadGraph, weights: &[TravelTime], count: usize) -> Cells {
    Cells::build(&Arc::new(graph.clone()), &customized(graph, weights), count)
}

/// Under the weights that the cells are of, or slower ones. Returns how many pairs in different cells were connected.
#[track_caller]
fn bounds_hold(cells: &Cells, graph: &RoadGraph, weights: &[TravelTime], places: &[Place], town: &str) -> usize {
    assert!(cells.holds_for(weights), "{town}");
    let mut connected = 0;
    for &from in places {
        let entries = dijkstra::one_to_all(graph, weights, from);
        for &to in places {
            let time = entries.time_to(graph, weights, to);
            let (leaving, reaching) = (cells.leaving(from), cells.reaching(to));
            let bound = cells.bound(leaving, reaching);
            let context = || format!("{town}: {from:?} to {to:?}, {leaving:?}, {reaching:?}\n{}", described(graph));
            match (bound, time) {
                (Some(bound), Some(time)) => assert!(bound <= time, "{bound:?} is above {time:?}, {}", context()),
                (None, Some(time)) => panic!("no bound, but {time:?}, {}", context()),
                (_, None) => {}
            }
            connected += usize::from(time.is_some() && leaving.cell != reaching.cell);
        }
    }
    connected
}

/// Some roads slower, some closed.
fn slowed(weights: &[TravelTime], percent: usize, lots: &mut Lots) -> Vec<TravelTime> {
    let slower = |lots: &mut Lots, weight: TravelTime| {
        if lots.chance(50) { TOO_FAR } else { (weight + TravelTime::from_millis(lots.below(5000) as u32)).min(TOO_FAR) }
    };
    weights.iter().map(|&weight| if lots.chance(percent) { slower(lots, weight) } else { weight }).collect()
}

#[test]
fn bounds_hold_on_scattered_roads() {
    let mut connected = 0;
    for seed in 0..400 {
        let lots = &mut Lots::new(seed);
        let graph = if lots.chance(50) { scattered_rules(seed) } else { scattered(seed) };
        let percent = [0, 0, 20][lots.below(3)];
        let base = slowed(graph.weights(), percent, lots);
        let cells = cells(&graph, &base, 1 + lots.below(12));
        let places = lots.places(&graph, 24);
        connected += bounds_hold(&cells, &graph, &base, &places, &format!("seed {seed}"));
        let percent = [5, 50][lots.below(2)];
        let slower = slowed(&base, percent, lots);
        bounds_hold(&cells, &graph, &slower, &places, &format!("seed {seed}, slower"));
    }
    assert!(20_000 < connected, "{connected} pairs in different cells were connected");
}

#[test]
fn bounds_hold_in_a_town_with_rules_and_lanes() {
    for seed in 0..4 {
        let lots = &mut Lots::new(seed);
        let graph = ruled(grid_town(14, seed, at(50.0, 8.0)), 30, lots);
        let lanes: Vec<EdgeId> = graph.edges().filter(|_| lots.chance(10)).collect();
        let graph = graph.with_destination_only(&lanes).with_through_price(TravelTime::from_secs(20));
        let cells = cells(&graph, graph.weights(), 20);
        bounds_hold(&cells, &graph, graph.weights(), &lots.places(&graph, 60), &format!("seed {seed}"));
    }
}

/// The least time between two cells, from the head of any road of one to the tail of any of the other.
fn least_times(graph: &RoadGraph, weights: &[TravelTime], cells: &Cells) -> Vec<u32> {
    let mut times = vec![TOO_FAR.as_millis(); cells.count() * cells.count()];
    for from in graph.edges() {
        let entries = dijkstra::one_to_all(graph, weights, Place::head_of(from));
        let row = cells.cell_of(from).0 as usize * cells.count();
        for to in graph.edges() {
            let tail = Place { edge: to, fraction: Fraction::TAIL, sides: Sides::This };
            let time = entries.time_to(graph, weights, tail).map_or(TOO_FAR, |time| time).as_millis();
            let least = &mut times[row + cells.cell_of(to).0 as usize];
            *least = time.min(*least);
        }
    }
    times
}

/// Where no junction is split, the bound could not be better for all places of two cells at once.
#[track_caller]
fn times_are_least(graph: &RoadGraph, weights: &[TravelTime], count: usize, town: &str) {
    let cells = cells(graph, weights, count);
    let least = least_times(graph, weights, &cells);
    for from in cells.cells() {
        for to in cells.cells().filter(|&to| to != from) {
            let slow = least[from.0 as usize * cells.count() + to.0 as usize];
            let expected =
                if slow == TOO_FAR.as_millis() { Cells::NO_ROAD } else { (slow >> cells.unit_bits()) as u16 };
            let context = || format!("{town}: {from:?} to {to:?}\n{}", described(graph));
            assert_eq!(cells.times_from(from)[to.0 as usize], expected, "{}", context());
            assert_eq!(cells.times_to(to)[from.0 as usize], expected, "{}", context());
        }
        assert_eq!((cells.times_from(from)[from.0 as usize], cells.times_to(from)[from.0 as usize]), (0, 0), "{town}");
    }
}

#[test]
fn times_are_the_least_there_are() {
    for seed in 0..200 {
        let (graph, lots) = (scattered(seed), &mut Lots::new(seed));
        let percent = [0, 20][lots.below(2)];
        let weights = slowed(graph.weights(), percent, lots);
        times_are_least(&graph, &weights, 1 + lots.below(12), &format!("seed {seed}"));
    }
    // More cells than share a sweep.
    let town = grid_town(13, 1, at(50.0, 8.0));
    times_are_least(&town, town.weights(), 150, "a town");
}

#[test]
fn every_road_has_one_cell_and_every_cell_a_road() {
    for seed in 0..200 {
        let (graph, lots) = (scattered(seed), &mut Lots::new(seed));
        let cells = cells(&graph, graph.weights(), 1 + lots.below(50));
        let mut roads = vec![0; cells.count()];
        for edge in graph.edges() {
            roads[cells.cell_of(edge).0 as usize] += 1;
            let twin = graph.twin(edge).unwrap_or(edge);
            assert_eq!(cells.cell_of(twin), cells.cell_of(edge), "seed {seed}: {edge:?}");
        }
        assert!(roads.iter().all(|&roads| 0 < roads), "seed {seed}: {roads:?}");
    }
}

#[test]
fn all_cells_by_nearness() {
    let graph = grid_town(12, 3, at(50.0, 8.0));
    let cells = cells(&graph, graph.weights(), 40);
    for cell in cells.cells() {
        for (nearest, times) in
            [(cells.nearest_from(cell), cells.times_from(cell)), (cells.nearest_to(cell), cells.times_to(cell))]
        {
            assert_eq!(nearest[0], cell);
            let keys = nearest[1..].iter().map(|other| (times[other.0 as usize], other));
            assert!(keys.is_sorted(), "{cell:?}: {nearest:?}");
            let mut all = nearest.to_vec();
            all.sort_unstable();
            assert!(all.into_iter().eq(cells.cells()), "{cell:?}");
        }
    }
}

/// Cells of one road each on a lane: the bound is the time, down to the unit.
#[test]
fn a_lane_of_single_roads() {
    let graph = drawn("A-B 60, B-C 60, C-D 60, D-E 60");
    let cells = cells(&graph, graph.weights(), 4);
    let bound = |from, to| {
        let ends = (cells.leaving(place(&graph, from)), cells.reaching(place(&graph, to)));
        cells.bound(ends.0, ends.1).map(|bound| bound.as_millis() / 1000)
    };
    assert_eq!((cells.count(), cells.unit_bits()), (4, 1));
    assert_eq!(bound("A>B@50", "D>E@50"), Some(179), "rounded down");
    assert_eq!(bound("A-B@50", "B-C@0"), Some(30));
    assert_eq!(bound("A>B@50", "A>B@0"), Some(0), "a cell says nothing of itself");
    assert_eq!(bound("D>E@0", "C>D@50"), Some(149), "by way of E; not that C comes after D");
}

#[test]
fn a_faster_road_ends_the_bound() {
    let graph = drawn("A-B 60, B-C 60");
    let cells = cells(&graph, graph.weights(), 2);
    let mut weights = graph.weights().to_vec();
    assert!(cells.holds_for(&weights));
    weights[1] = TOO_FAR;
    assert!(cells.holds_for(&weights));
    weights[0] = TravelTime::from_secs(59);
    assert!(!cells.holds_for(&weights));
}

#[test]
fn no_roads_no_cells() {
    let graph = Arc::new(drawn(""));
    let cells = Cells::build(&graph, &customized(&graph, &[]), 3);
    assert_eq!((cells.count(), cells.cells().len()), (0, 0));
}

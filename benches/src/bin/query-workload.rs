//! A fixed workload for counting instructions: `cargo xtask instructions` runs it under callgrind and collects inside
//! the functions named `workload_*` alone. Prints how many questions each asks.
#![forbid(unsafe_code)]

use std::hint::black_box;

use mukae_benches::{Dice, isle_of_man};
use mukae_maps::{HierarchyQuery, Place, RoadQuery, TravelTimes};

const PAIRS: usize = 2_000;

fn main() {
    let map = isle_of_man();
    let mut dice = Dice(1);
    let places: Vec<Place> = (0..=PAIRS).map(|_| dice.place(map.graph())).collect();
    let (mut query, mut search) = (map.query(), map.search());
    match std::env::args().nth(1).as_deref() {
        Some("travel_time") => workload_travel_time(&mut query, &places),
        Some("travel_time_by_search") => workload_travel_time_by_search(&mut search, &places),
        Some("path") => workload_path(&mut query, &places),
        Some("one_to_many") => workload_one_to_many(&mut query, &places),
        _ => panic!("a workload is travel_time, travel_time_by_search, path or one_to_many"),
    }
    println!("{PAIRS}");
}

#[inline(never)]
fn workload_travel_time(query: &mut RoadQuery, places: &[Place]) {
    for pair in places.windows(2) {
        black_box(query.travel_time(pair[0], pair[1]));
    }
}

#[inline(never)]
fn workload_travel_time_by_search(search: &mut HierarchyQuery, places: &[Place]) {
    for pair in places.windows(2) {
        black_box(search.travel_time(pair[0], pair[1]));
    }
}

#[inline(never)]
fn workload_path(query: &mut RoadQuery, places: &[Place]) {
    for pair in places.windows(2) {
        black_box(query.path(pair[0], pair[1]));
    }
}

/// One question for each place asked for.
#[inline(never)]
fn workload_one_to_many(query: &mut RoadQuery, places: &[Place]) {
    let mut times = Vec::new();
    query.one_to_many(places[0], &places[1..], &mut times);
    black_box(times);
}

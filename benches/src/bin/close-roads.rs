//! How long from knowing that a road is closed until its travel times are in service? Prints a Markdown table:
//!
//!     cargo run --release -p mukae-benches --bin close-roads -- [EXTRACT.osm.pbf | DIRECTORY]...
//!
//! The Isle of Man if nothing is named; a directory holds two tables, see `mukae_maps::neutral`. Each
//! change is made to the roads as the map has them. Wall time, one thread.
#![forbid(unsafe_code)]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::Parser;
use mukae_benches::{Dice, Roads, isle_of_man};
use mukae_maps::hierarchy::TOO_FAR;
use mukae_maps::{EdgeId, LiveRoads, RoadGraph, TravelTimes};
use mukae_units::TravelTime;

const CLOSURES: usize = 60;
const CUTS: usize = 10;
const ARTERIES: usize = 5;
/// Drives asked for to learn which roads are arteries.
const DRIVES: usize = 2_000;
const REWEIGHTINGS: u32 = 10;

#[derive(Parser)]
struct Arguments {
    /// OpenStreetMap extracts, or directories of vertices.csv and edges.csv
    roads: Vec<PathBuf>,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    println!("| roads | change | times | median | most | labels changed, median |");
    println!("|---|---|---:|---:|---:|---:|");
    if arguments.roads.is_empty() {
        report(&Roads::of("isle of man", &isle_of_man()));
    }
    for path in &arguments.roads {
        report(&Roads::read(path)?);
    }
    Ok(())
}

fn report(roads: &Roads) {
    let dice = &mut Dice(1);
    let base = roads.graph.weights();
    let closing = |closed: &[EdgeId]| {
        let mut weights = base.to_vec();
        for &edge in closed {
            weights[edge.0 as usize] = TOO_FAR;
            opposite(&roads.graph, edge).for_each(|edge| weights[edge.0 as usize] = TOO_FAR);
        }
        weights
    };
    let closures: Vec<_> = (0..CLOSURES).map(|_| closing(&[dice.place(&roads.graph).edge])).collect();
    row(roads, "one road closed both ways", &closures);
    let busy = busiest(roads, dice, ARTERIES * CUTS);
    // Every tenth, so that a cut is not five stretches of one street.
    let cuts: Vec<_> =
        (0..CUTS).map(|first| closing(&busy.iter().copied().skip(first).step_by(CUTS).collect::<Vec<_>>())).collect();
    row(roads, "five arteries closed both ways", &cuts);
    let slower = |percent: u32| {
        let slowed = |weight: &TravelTime| TravelTime::from_millis(weight.as_millis() * percent / 100 + 1);
        base.iter().map(slowed).collect::<Vec<_>>()
    };
    let everywhere: Vec<_> = (1..=REWEIGHTINGS).map(|times| slower(100 + 7 * times)).collect();
    row(roads, "every weight changed", &everywhere);
}

/// Publishes each of `changes` to the roads as they were made.
fn row(roads: &Roads, what: &str, changes: &[Vec<TravelTime>]) {
    let mut took: Vec<Duration> = Vec::new();
    let mut counts: Vec<usize> = Vec::new();
    for weights in changes {
        let live = LiveRoads::beginning_with(roads.graph.clone(), roads.base.clone());
        let begun = Instant::now();
        let changed = live.publish(weights);
        took.push(begun.elapsed());
        counts.push(changed.label_count().unwrap_or(0));
    }
    took.sort_unstable();
    counts.sort_unstable();
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    println!(
        "| {} | {what} | {} | {:.1} ms | {:.1} ms | {} |",
        roads.name,
        took.len(),
        ms(took[took.len() / 2]),
        ms(took[took.len() - 1]),
        counts[counts.len() / 2]
    );
}

/// The roads that most of some random drives use, the busiest first.
fn busiest(roads: &Roads, dice: &mut Dice, count: usize) -> Vec<EdgeId> {
    let mut query = roads.query();
    let mut uses = vec![0u32; roads.graph.edge_count()];
    for _ in 0..DRIVES {
        let (from, to) = (dice.place(&roads.graph), dice.place(&roads.graph));
        if query.travel_time(from, to).is_some() {
            let path = query.path(from, to).expect("what takes a time has a path");
            path.edges().iter().for_each(|edge| uses[edge.0 as usize] += 1);
        }
    }
    let mut edges: Vec<EdgeId> = roads.graph.edges().collect();
    edges.sort_by_key(|&edge| (std::cmp::Reverse(uses[edge.0 as usize]), edge));
    edges.truncate(count);
    edges
}

/// The twin; in two tables, which know no twins, every edge back.
fn opposite(graph: &RoadGraph, edge: EdgeId) -> impl Iterator<Item = EdgeId> {
    let (tail, head) = (graph.tail(edge), graph.head(edge));
    let twin = graph.twin(edge);
    let is_back = move |&other: &EdgeId| match twin {
        Some(twin) => other == twin,
        None => graph.twin(other).is_none() && graph.head(other) == tail,
    };
    graph.out_edges(head).filter(is_back)
}

//! What do labels cost and what do they buy? One thread; the Isle of Man and, if `MUKAE_EXTRACT`
//! names an OpenStreetMap extract, that too. Times are for ten thousand questions at once, no two
//! rounds the same until a million have been asked, so that the cache is as cold as in service.

use std::sync::Arc;
use std::time::Instant;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use mukae_benches::{Dice, extract_from_environment, isle_of_man};
use mukae_maps::hierarchy::{FixedEnd, FixedStart, Labels, Rank, TOO_FAR, Tree};
use mukae_maps::{BASE_METRIC, Customized, EdgeId, MetricId, PreparedMap};
use mukae_units::TravelTime;

const AT_ONCE: usize = 10_000;
const PAIRS: usize = 1_000_000;

fn labels(criterion: &mut Criterion) {
    ask(criterion, "isle of man", &isle_of_man());
    if let Some(map) = extract_from_environment() {
        ask(criterion, "extract", &map);
    }
}

fn ask(criterion: &mut Criterion, name: &str, map: &PreparedMap) {
    let base = map.base_metric().customized();
    let tree = Arc::new(Tree::new(map.hierarchy()));
    let labels = Labels::build(base, &tree);
    let (mean_depth, deepest) = tree.depths();
    println!("{name}: {} nodes, {} up-edges kept", tree.rank_count(), base.search_edge_count());
    println!("{name}: depth {mean_depth:.1} on average, {deepest} at most");
    println!("{name}: labels of {} bytes, tree of {} bytes", labels.bytes(), tree.bytes());
    let mut dice = Dice(1);
    let mut rank = || Rank(dice.below(tree.rank_count() as u64) as u32);
    let pairs: Vec<(Rank, Rank)> = (0..PAIRS).map(|_| (rank(), rank())).collect();
    let mut rounds = pairs.chunks(AT_ONCE).cycle();
    let mut round = || rounds.next().expect("pairs go round");

    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Elements(AT_ONCE as u64));
    group.bench_function("10,000 random pairs", |bencher| {
        bencher.iter(|| round().iter().filter_map(|&(from, to)| labels.travel_time(from, to)).max());
    });
    // Each question waits for the answer to the one before.
    group.bench_function("10,000 random pairs, one by one", |bencher| {
        bencher.iter(|| {
            round().iter().fold(0, |last, &(from, to)| {
                labels.travel_time(Rank(from.0 ^ (last >> 31)), to).map_or(0, TravelTime::as_millis)
            })
        });
    });
    // As a place between two crossings has them: neighbours, each a little away.
    let both_ends = |rank| {
        let above = map.hierarchy().parent(rank).unwrap_or(rank);
        [(rank, TravelTime::from_secs(5)), (above, TravelTime::from_secs(9))]
    };
    let four: Vec<_> = pairs.iter().map(|&(from, to)| (both_ends(from), both_ends(to))).collect();
    let mut fours = four.chunks(AT_ONCE).cycle();
    group.bench_function("10,000 random pairs, two starts and two ends each", |bencher| {
        bencher.iter(|| {
            let round = fours.next().expect("pairs go round").iter();
            round.filter_map(|&(starts, ends)| labels.travel_time_between(starts, ends)).max()
        });
    });
    let ranks: Vec<Rank> = pairs.iter().map(|&(from, _)| from).collect();
    let mut rounds = ranks.chunks(AT_ONCE).cycle();
    let mut round = || rounds.next().expect("ranks go round");
    let mut times = Vec::new();
    let mut start = FixedStart::default();
    group.bench_function("one to 10,000", |bencher| {
        bencher.iter(|| {
            let ends = round();
            labels.fix_start(&[(ends[0], TravelTime::ZERO)], &mut start);
            labels.travel_times_from(&start, ends, &mut times);
        });
    });
    let mut end = FixedEnd::default();
    group.bench_function("10,000 to one", |bencher| {
        bencher.iter(|| {
            let starts = round();
            labels.fix_end(&[(starts[0], TravelTime::ZERO)], &mut end);
            labels.travel_times_to(starts, &end, &mut times);
        });
    });
    group.finish();

    let mut group = criterion.benchmark_group(name);
    group.sample_size(10);
    group.bench_function("tree", |bencher| bencher.iter(|| Tree::new(map.hierarchy())));
    group.bench_function("build", |bencher| bencher.iter(|| Labels::build(base, &tree)));
    group.bench_function("customise", |bencher| {
        bencher.iter(|| map.hierarchy().customize(base.weights(), BASE_METRIC));
    });
    let slower: Vec<TravelTime> =
        map.graph().weights().iter().map(|weight| TravelTime::from_millis(weight.as_millis() * 11 / 10 + 1)).collect();
    let slower = map.hierarchy().customize(&slower, MetricId(1));
    group.bench_function("relabel after snow everywhere", |bencher| bencher.iter(|| labels.relabel(base, &slower)));
    let closures: Vec<Customized> = (0..20).map(|_| with_one_road_closed(map, dice.place(map).edge)).collect();
    let mut closed = closures.iter().cycle();
    group.bench_function("relabel after one closure", |bencher| {
        bencher.iter(|| labels.relabel(base, closed.next().expect("closures go round")));
    });
    group.finish();
    for customized in &closures {
        let begun = Instant::now();
        let (relabelled, changes) = labels.relabel(base, customized);
        let took = begun.elapsed().as_secs_f64() * 1e3;
        println!(
            "{name}: a closure changed {} labels in {took:.1} ms, {} bytes not shared",
            changes.count(),
            relabelled.own_bytes(&labels)
        );
    }
}

/// Closed in both directions.
fn with_one_road_closed(map: &PreparedMap, edge: EdgeId) -> Customized {
    let mut weights = map.graph().weights().to_vec();
    for edge in [Some(edge), map.graph().twin(edge)].into_iter().flatten() {
        weights[edge.0 as usize] = TOO_FAR;
    }
    map.hierarchy().customize(&weights, MetricId(1))
}

criterion_group!(benches, labels);
criterion_main!(benches);

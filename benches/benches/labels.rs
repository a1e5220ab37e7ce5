//! What do labels cost and what do they buy, between nodes and between places on roads? One thread; the
//! Isle of Man and, if `MUKAE_ROADS` names an extract or a directory of two tables, that too. Times
//! are for ten thousand questions at once, no two rounds the same until a million have been asked, so
//! that the cache is as cold as in service.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use mukae_benches::{Dice, Roads};
use mukae_maps::hierarchy::{FixedEnd, FixedStart, Labels, Rank, TOO_FAR, Tree};
use mukae_maps::{BASE_METRIC, Customized, EdgeId, MetricId, Place, TravelTimes};
use mukae_units::TravelTime;

const AT_ONCE: usize = 10_000;
const PAIRS: usize = 1_000_000;

fn labels(criterion: &mut Criterion) {
    for roads in Roads::from_environment() {
        between_nodes(criterion, &roads);
        between_places(criterion, &roads);
        make(criterion, &roads);
    }
}

fn between_nodes(criterion: &mut Criterion, roads: &Roads) {
    let name = &roads.name;
    let labels = roads.base.labels().expect("labels fit");
    let tree = labels.tree();
    let (mean_depth, deepest) = tree.depths();
    println!("{name}: {} nodes, {} up-edges kept", tree.rank_count(), roads.base.customized().search_edge_count());
    println!("{name}: depth {mean_depth:.1} on average, {deepest} at most");
    println!("{name}: labels of {} bytes, tree of {} bytes", labels.bytes(), tree.bytes());
    let mut dice = Dice(1);
    let mut rank = || Rank(dice.below(tree.rank_count() as u64) as u32);
    let pairs: Vec<(Rank, Rank)> = (0..PAIRS).map(|_| (rank(), rank())).collect();
    let mut rounds = pairs.chunks(AT_ONCE).cycle();
    let mut round = || rounds.next().expect("pairs go round");

    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Elements(AT_ONCE as u64));
    group.bench_function("10,000 pairs of nodes", |bencher| {
        bencher.iter(|| round().iter().filter_map(|&(from, to)| labels.travel_time(from, to)).max());
    });
    // Each question waits for the answer to the one before.
    group.bench_function("10,000 pairs of nodes, one by one", |bencher| {
        bencher.iter(|| {
            round().iter().fold(0, |last, &(from, to)| {
                labels.travel_time(Rank(from.0 ^ (last >> 31)), to).map_or(0, TravelTime::as_millis)
            })
        });
    });
    let ranks: Vec<Rank> = pairs.iter().map(|&(from, _)| from).collect();
    let mut rounds = ranks.chunks(AT_ONCE).cycle();
    let mut round = || rounds.next().expect("ranks go round");
    let mut times = Vec::new();
    let mut start = FixedStart::default();
    group.bench_function("one node to 10,000", |bencher| {
        bencher.iter(|| {
            let ends = round();
            labels.fix_start(&[(ends[0], TravelTime::ZERO)], &mut start);
            labels.travel_times_from(&start, ends, &mut times);
        });
    });
    let mut end = FixedEnd::default();
    group.bench_function("10,000 nodes to one", |bencher| {
        bencher.iter(|| {
            let starts = round();
            labels.fix_end(&[(starts[0], TravelTime::ZERO)], &mut end);
            labels.travel_times_to(starts, &end, &mut times);
        });
    });
    group.finish();
}

/// Anywhere on a road, either side where there are two: what a dispatcher asks.
fn between_places(criterion: &mut Criterion, roads: &Roads) {
    let mut dice = Dice(1);
    let places: Vec<Place> = (0..PAIRS).map(|_| dice.place(&roads.graph)).collect();
    let mut rounds = places.chunks(AT_ONCE).cycle();
    let mut round = || rounds.next().expect("places go round");
    let mut query = roads.query();

    let mut group = criterion.benchmark_group(&roads.name);
    group.throughput(Throughput::Elements(AT_ONCE as u64));
    group.bench_function("10,000 pairs of places", |bencher| {
        bencher.iter(|| {
            let (from, to) = (round(), round());
            from.iter().zip(to).filter_map(|(&from, &to)| query.travel_time(from, to)).max()
        });
    });
    group.bench_function("10,000 pairs of places, one by one", |bencher| {
        bencher.iter(|| {
            let (from, to) = (round(), round());
            from.iter().zip(to).fold(0, |last, (&from, &to)| {
                let from = Place { edge: EdgeId(from.edge.0 ^ (last >> 31)), ..from };
                query.travel_time(from, to).map_or(0, TravelTime::as_millis)
            })
        });
    });
    let mut times = Vec::new();
    group.bench_function("one place to 10,000", |bencher| {
        bencher.iter(|| {
            let to = round();
            query.one_to_many(to[0], to, &mut times);
        });
    });
    group.bench_function("10,000 places to one", |bencher| {
        bencher.iter(|| {
            let from = round();
            query.many_to_one(from, from[0], &mut times);
        });
    });
    group.finish();
}

fn make(criterion: &mut Criterion, roads: &Roads) {
    let (name, base) = (&roads.name, roads.base.customized());
    let labels = roads.base.labels().expect("labels fit");
    let tree = labels.tree();
    let mut group = criterion.benchmark_group(name);
    group.sample_size(10);
    group.bench_function("tree", |bencher| bencher.iter(|| Tree::new(roads.hierarchy())));
    group.bench_function("build", |bencher| bencher.iter(|| Labels::build(base, tree)));
    group.bench_function("customise", |bencher| {
        bencher.iter(|| roads.hierarchy().customize(base.weights(), BASE_METRIC));
    });
    let slower: Vec<TravelTime> =
        base.weights().iter().map(|weight| TravelTime::from_millis(weight.as_millis() * 11 / 10 + 1)).collect();
    let slower = roads.hierarchy().customize(&slower, MetricId(1));
    group.bench_function("relabel after snow everywhere", |bencher| bencher.iter(|| labels.relabel(base, &slower)));
    let mut dice = Dice(1);
    let closures: Vec<Customized> =
        (0..20).map(|_| with_one_road_closed(roads, dice.place(&roads.graph).edge)).collect();
    let mut closed = closures.iter().cycle();
    group.bench_function("relabel after one closure", |bencher| {
        bencher.iter(|| labels.relabel(base, closed.next().expect("closures go round")));
    });
    group.finish();
    let mut counts: Vec<usize> = Vec::new();
    let mut own_bytes: Vec<u64> = Vec::new();
    for customized in &closures {
        let (relabelled, changes) = labels.relabel(base, customized);
        counts.push(changes.count());
        own_bytes.push(relabelled.own_bytes(labels));
    }
    counts.sort_unstable();
    own_bytes.sort_unstable();
    println!(
        "{name}: of 20 closures the median changed {} labels, the greatest {}; {} and {} bytes not shared",
        counts[10], counts[19], own_bytes[10], own_bytes[19]
    );
}

/// Closed in both directions.
fn with_one_road_closed(roads: &Roads, edge: EdgeId) -> Customized {
    let mut weights = roads.graph.weights().to_vec();
    for edge in [Some(edge), roads.graph.twin(edge)].into_iter().flatten() {
        weights[edge.0 as usize] = TOO_FAR;
    }
    roads.hierarchy().customize(&weights, MetricId(1))
}

criterion_group!(benches, labels);
criterion_main!(benches);

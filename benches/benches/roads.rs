//! How long does it take to know how long it takes? Isle of Man, one thread.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use mukae_benches::{Dice, isle_of_man};
use mukae_maps::{Cells, Hierarchy, MetricId, Place, SnapOptions, TravelTimes, dijkstra};
use mukae_units::Span;

fn roads(criterion: &mut Criterion) {
    let map = isle_of_man();
    let mut dice = Dice(1);
    let places: Vec<Place> = (0..10_000).map(|_| dice.place(map.graph())).collect();
    let mut pairs = places.iter().zip(places.iter().skip(1)).cycle();
    let mut query = map.query();

    let mut group = criterion.benchmark_group("isle of man");
    group.bench_function("travel time, random pair", |bencher| {
        bencher.iter_batched(
            || pairs.next().expect("pairs go round"),
            |(&from, &to)| query.travel_time(from, to),
            BatchSize::SmallInput,
        );
    });
    let mut search = map.search();
    group.bench_function("travel time by search, random pair", |bencher| {
        bencher.iter_batched(
            || pairs.next().expect("pairs go round"),
            |(&from, &to)| search.travel_time(from, to),
            BatchSize::SmallInput,
        );
    });
    let mut times = Vec::new();
    group.bench_function("one to 1,000 places", |bencher| {
        bencher.iter(|| query.one_to_many(places[0], black_box(&places[1..1001]), &mut times));
    });
    group.bench_function("path, random pair", |bencher| {
        bencher.iter_batched(
            || pairs.next().expect("pairs go round"),
            |(&from, &to)| query.path(from, to),
            BatchSize::SmallInput,
        );
    });
    group.bench_function("where a vehicle can choose, on a leg asked about before", |bencher| {
        let mut elapsed = 0;
        bencher.iter(|| {
            elapsed = (elapsed + 7_919) % 1_200_000;
            query.decision_point(places[3], places[4], Span::from_millis(elapsed))
        });
    });
    group.bench_function("bound of a travel time, random pair", |bencher| {
        let cells = map.cells();
        bencher.iter_batched(
            || pairs.next().expect("pairs go round"),
            |(&from, &to)| cells.bound(cells.leaving(from), cells.reaching(to)),
            BatchSize::SmallInput,
        );
    });
    group.bench_function("customise", |bencher| {
        bencher.iter(|| map.hierarchy().customize(map.graph().weights(), MetricId(1)));
    });
    group.sample_size(10);
    group.bench_function("cells", |bencher| {
        bencher.iter(|| Cells::build(map.graph(), map.base_metric().customized(), Cells::count_for(map.graph())));
    });
    group.bench_function("order and contract", |bencher| bencher.iter(|| Hierarchy::build(map.graph())));
    group.bench_function("travel time by Dijkstra, random pair", |bencher| {
        bencher.iter_batched(
            || pairs.next().expect("pairs go round"),
            |(&from, &to)| dijkstra::travel_time(map.graph(), map.graph().weights(), from, to),
            BatchSize::SmallInput,
        );
    });
    group.bench_function("snap a coordinate", |bencher| {
        let at = map.position(places[7]);
        bencher.iter(|| map.snap(black_box(at), mukae_units::Metres::from_metres(400)));
    });
    group.bench_function("places a coordinate may mean", |bencher| {
        let at = map.position(places[7]);
        let options = SnapOptions::door(mukae_units::Metres::from_metres(400));
        bencher.iter(|| map.candidates(black_box(at), &options));
    });
    group.bench_function("manoeuvres of a path", |bencher| {
        let path = query.path(places[3], places[4]).expect("the island is one network");
        bencher.iter(|| black_box(&path).manoeuvres(map.graph(), None));
    });
    group.finish();
}

criterion_group!(benches, roads);
criterion_main!(benches);

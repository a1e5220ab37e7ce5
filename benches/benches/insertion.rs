//! How long does a rider wait for an answer? A quote decided, Isle of Man, one thread.

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use mukae_benches::{Dice, Fleet, isle_of_man};
use mukae_engine::{Command, Work};

fn quote(criterion: &mut Criterion) {
    let map = isle_of_man();
    let mut group = criterion.benchmark_group("quote");
    for (vehicles, bookings) in [(1, 4), (8, 40), (30, 150)] {
        let mut roads = map.query();
        let fleet = Fleet::new(&map, &mut roads, vehicles, bookings);
        let mut dice = Dice(99);
        let mut work = Work::new(&mut roads);
        group.bench_function(BenchmarkId::new("vehicles", vehicles), |bencher| {
            bencher.iter_batched(
                || Command::Quote(fleet.request(&mut dice, &map).into()),
                |command| fleet.dispatcher.decide(fleet.now, &command, &mut work),
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

criterion_group!(benches, quote);
criterion_main!(benches);

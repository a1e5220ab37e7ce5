//! What does it cost to know what is due next, and to look at it, in a fleet of many vehicles with many bookings?
//!
//! Fifteen bookings a vehicle, an hour apart, on a table of four places.

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use mukae_benches::day_of_bookings;
use mukae_engine::{Command, Work};
use mukae_units::Span;

const BOOKINGS_PER_VEHICLE: u32 = 15;

fn wakeup(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("wakeup");
    for vehicles in [10, 100, 1_000, 10_000] {
        let (dispatcher, mut roads, now) = day_of_bookings(vehicles, BOOKINGS_PER_VEHICLE);
        let (bookings, due) = (dispatcher.state().bookings.len(), dispatcher.wakeup());
        assert_eq!(bookings as u32, vehicles * BOOKINGS_PER_VEHICLE);
        assert_eq!(due, dispatcher.wakeup_from_scratch());
        group.bench_function(BenchmarkId::new("filed", bookings), |bencher| bencher.iter(|| dispatcher.wakeup()));
        group.bench_function(BenchmarkId::new("by looking at everything", bookings), |bencher| {
            bencher.iter(|| dispatcher.wakeup_from_scratch());
        });
        let mut work = Work::new(&mut roads);
        group.bench_function(BenchmarkId::new("the clock, nothing due", bookings), |bencher| {
            bencher.iter(|| dispatcher.decide(now, &Command::AdvanceClock, &mut work));
        });
        let due = due.expect("somebody is to be fetched");
        assert!(now + Span::MINUTE < due);
        group.bench_function(BenchmarkId::new("the clock, all late", bookings), |bencher| {
            bencher.iter(|| dispatcher.decide(due, &Command::AdvanceClock, &mut work));
        });
    }
    group.finish();
}

criterion_group!(benches, wakeup);
criterion_main!(benches);

//! How does what a decision costs grow with the fleet?
//!
//! The Isle of Man, 1 to 10,000 vehicles that all work, each with two rides of the next two hours planned, as far as they
//! fit. `find` decides a booking, `update` applies it, `reverify` looks at every promise (ten a vehicle) after a busy road
//! was closed. One thread; some two minutes in all.

use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use mukae_benches::closed_road::ClosedRoad;
use mukae_benches::{Dice, Fleet, Roads, isle_of_man};
use mukae_engine::model::CancelReason;
use mukae_engine::{Answer, Command, Work};

const FLEETS: [u32; 9] = [1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000];
const REVERIFY_MAX: u32 = 300;
const RIDES_PER_VEHICLE: usize = 2;
const PROMISES_PER_VEHICLE: usize = 10;
const REQUESTS: usize = 256;

fn fleet_size(criterion: &mut Criterion) {
    let map = isle_of_man();
    let roads = Roads::of("isle of man", &map);
    let mut group = criterion.benchmark_group("fleet size");
    group.sample_size(10).warm_up_time(Duration::from_millis(300));
    for vehicles in FLEETS {
        let mut fleet = Fleet::on(&roads, vehicles, RIDES_PER_VEHICLE * vehicles as usize);
        let mut dice = Dice(99);
        let commands: Vec<Command> = (0..REQUESTS)
            .map(|_| Command::Book { request: fleet.request(&mut dice, &map).into(), by_hand: None })
            .collect();
        let mut query = roads.query();
        let mut work = Work::new(&mut query);
        let refused = commands
            .iter()
            .filter(|command| {
                !matches!(fleet.dispatcher.decide(fleet.now, command, &mut work).answer, Answer::Confirmed(_))
            })
            .count();
        assert!(refused < REQUESTS, "somebody fits, or there is nothing to apply");
        let rides = fleet.dispatcher.state().bookings.len();
        println!("{vehicles} vehicles, {rides} rides: {refused} of {REQUESTS} requests refused");

        group.measurement_time(Duration::from_secs(1));
        let mut next = 0;
        group.bench_function(BenchmarkId::new("find", vehicles), |bencher| {
            bencher.iter(|| {
                next = (next + 1) % commands.len();
                fleet.dispatcher.decide(fleet.now, &commands[next], &mut work)
            });
        });
        // deciding takes far longer and is not counted
        group.measurement_time(Duration::from_millis(20)).warm_up_time(Duration::from_millis(1));
        group.bench_function(BenchmarkId::new("update", vehicles), |bencher| {
            bencher.iter_custom(|count| {
                let (mut took, mut booked) = (Duration::ZERO, 0);
                while booked < count {
                    next = (next + 1) % commands.len();
                    let decision = fleet.dispatcher.decide(fleet.now, &commands[next], &mut work);
                    let Answer::Confirmed(booking) = &decision.answer else { continue };
                    let since = Instant::now();
                    decision.events.iter().for_each(|event| fleet.dispatcher.apply(event));
                    took += since.elapsed();
                    booked += 1;
                    let cancel = Command::CancelBooking { booking: booking.id, reason: CancelReason::Rider };
                    fleet.tell(cancel, &mut work);
                }
                took
            });
        });
        group.warm_up_time(Duration::from_millis(300));
        if vehicles <= REVERIFY_MAX {
            let fleet = Fleet::on(&roads, vehicles, PROMISES_PER_VEHICLE * vehicles as usize);
            let mut closed = ClosedRoad::under(&fleet, &roads);
            group.measurement_time(Duration::from_secs(1));
            group.bench_function(BenchmarkId::new("reverify", vehicles), |bencher| {
                bencher.iter(|| closed.decide(&fleet.dispatcher, fleet.now, true));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, fleet_size);
criterion_main!(benches);

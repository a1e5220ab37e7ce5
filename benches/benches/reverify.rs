//! A road closes: how long until every promise is looked at under the new travel times, and what can be mended is?
//!
//! The new travel times are in service already (`roads.rs` asks how long that takes). Isle of Man, and the
//! roads `MUKAE_ROADS` names; fleets of 10 to 200 vehicles with ten promises each. One thread.

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use mukae_benches::closed_road::ClosedRoad;
use mukae_benches::{Fleet, Roads};
use mukae_engine::{Endogenous, Event};

const FLEETS: [u32; 3] = [10, 50, 200];
const PROMISES_PER_VEHICLE: usize = 10;

fn reverify(criterion: &mut Criterion) {
    for roads in Roads::from_environment() {
        let mut group = criterion.benchmark_group(format!("reverify, {}", roads.name));
        group.sample_size(20);
        for vehicles in FLEETS {
            let fleet = Fleet::on(&roads, vehicles, PROMISES_PER_VEHICLE * vehicles as usize);
            let mut closed = ClosedRoad::under(&fleet, &roads);
            let decision = closed.decide(&fleet.dispatcher, fleet.now, true);
            let count = |is: fn(&Endogenous) -> bool| {
                decision.events.iter().filter(|event| matches!(event, Event::Endogenous(event) if is(event))).count()
            };
            let stops: usize = fleet.dispatcher.state().schedules.values().map(|schedule| schedule.stops().len()).sum();
            println!(
                "{vehicles} vehicles, {} promises: {} plans changed, {} at risk, {} unassigned",
                stops / 2,
                count(|event| matches!(event, Endogenous::PlanChanged { .. })),
                count(|event| matches!(event, Endogenous::PromiseAtRisk { .. })),
                count(|event| matches!(event, Endogenous::BookingUnassigned { .. })),
            );
            for (name, is_told) in [("told which legs may differ", true), ("all legs", false)] {
                group.bench_function(BenchmarkId::new(name, vehicles), |bencher| {
                    bencher.iter(|| closed.decide(&fleet.dispatcher, fleet.now, is_told));
                });
            }
        }
        group.finish();
    }
}

criterion_group!(benches, reverify);
criterion_main!(benches);

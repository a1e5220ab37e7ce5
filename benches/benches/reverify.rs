//! A road closes: how long until every promise is looked at under the new travel times, and what can be mended is?
//!
//! The new travel times are in service already (`roads.rs` asks how long that takes). Isle of Man, and the
//! roads `MUKAE_ROADS` names; fleets of 10 to 200 vehicles with ten promises each. One thread.

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use mukae_benches::{Dice, Fleet, Roads};
use mukae_engine::{Command, Endogenous, Event, RoadsBefore, Work};
use mukae_maps::hierarchy::TOO_FAR;
use mukae_maps::{EdgeId, LiveRoads, Place, TravelTimes};

const FLEETS: [u32; 3] = [10, 50, 200];
const PROMISES_PER_VEHICLE: usize = 10;

fn reverify(criterion: &mut Criterion) {
    for roads in Roads::from_environment() {
        let mut group = criterion.benchmark_group(format!("reverify, {}", roads.name));
        group.sample_size(20);
        for vehicles in FLEETS {
            let fleet = Fleet::on(&roads, vehicles, PROMISES_PER_VEHICLE * vehicles as usize);
            let live = LiveRoads::beginning_with(roads.graph.clone(), roads.base.clone());
            let mut before = live.query();
            let mut weights = roads.graph.weights().to_vec();
            let closed = busy_edge(&roads, &fleet);
            for edge in std::iter::once(closed).chain(roads.graph.twin(closed)) {
                weights[edge.0 as usize] = TOO_FAR;
            }
            let changes = live.publish(&weights);
            let mut after = live.query();
            let command = Command::RoadsChanged { metric: after.metric() };
            let may_differ = |from: Place, to: Place| changes.may_differ(from, to);

            let mut decide = |is_filtered: bool| {
                let lent = RoadsBefore { roads: &mut before, may_differ: &may_differ };
                let mut work = match is_filtered {
                    true => Work::after_change(&mut after, lent),
                    false => Work::new(&mut after),
                };
                fleet.dispatcher.decide(fleet.now, &command, &mut work)
            };
            let decision = decide(true);
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
            for (name, is_filtered) in [("told which legs may differ", true), ("all legs", false)] {
                group.bench_function(BenchmarkId::new(name, vehicles), |bencher| bencher.iter(|| decide(is_filtered)));
            }
        }
        group.finish();
    }
}

/// Of some edges the one whose closure touches most legs: a bridge everybody drives over.
fn busy_edge(roads: &Roads, fleet: &Fleet) -> EdgeId {
    let mut query = roads.query();
    let mut dice = Dice(7);
    let legs: Vec<(Place, Place)> = fleet
        .dispatcher
        .state()
        .schedules
        .values()
        .flat_map(|schedule| schedule.stops().windows(2).map(|pair| (pair[0].place, pair[1].place)))
        .collect();
    let mut driven = std::collections::BTreeMap::<EdgeId, usize>::new();
    for _ in 0..legs.len().min(500) {
        let (from, to) = legs[dice.below(legs.len() as u64) as usize];
        for edge in query.path(from, to).into_iter().flat_map(|path| path.edges().to_vec()) {
            *driven.entry(edge).or_default() += 1;
        }
    }
    driven.into_iter().max_by_key(|(edge, count)| (*count, std::cmp::Reverse(*edge))).expect("somebody drives").0
}

criterion_group!(benches, reverify);
criterion_main!(benches);

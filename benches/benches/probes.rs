//! How many rides can a journey planner ask about in a second? Probes answered on one thread: a town of
//! 300 meeting points, 12 vehicles, schedules half full.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use mukae_benches::{Dice, Fleet, SERVICE, isle_of_man};
use mukae_engine::model::Wish;
use mukae_engine::{Probe, ProbeAnswer, Work};
use mukae_maps::{Place, Remembered};
use mukae_units::{Features, Seats, Span, TimeWindow, Zones};

const POINTS: usize = 300;
const VEHICLES: u32 = 12;
/// About as many as are refused for want of room when twice as many are asked for.
const BOOKINGS: usize = 60;
const PROBES: usize = 4096;
/// 131,072 pairs of places, 3 MB.
const REMEMBERED_BITS: u32 = 17;

fn probes(criterion: &mut Criterion) {
    let map = isle_of_man();
    let mut roads = map.query();
    let fleet = Fleet::new(&map, &mut roads, VEHICLES, BOOKINGS);
    let mut dice = Dice(7);
    let points: Vec<Place> = (0..POINTS).map(|_| dice.place(map.graph())).collect();
    let mut any = |origin: Option<Place>| {
        let earliest = fleet.now + Span::from_secs(dice.below(7200) as i64);
        let window = TimeWindow::new(earliest, earliest + Span::from_mins(15)).expect("in order");
        let mut point = || points[dice.below(POINTS as u64) as usize];
        let (origin, destination) = (origin.unwrap_or_else(&mut point), point());
        Probe {
            service: SERVICE,
            origin,
            destination,
            wish: Wish::DepartAfter(window),
            party: Seats::new(1, 0),
            needs: Features::EMPTY,
            zones: (Zones::EMPTY, Zones::EMPTY),
        }
    };
    let anywhere: Vec<Probe> = (0..PROBES).map(|_| any(None)).collect();
    let from_one: Vec<Probe> = (0..PROBES).map(|_| any(Some(points[0]))).collect();

    let mut remembered = Remembered::new(roads, REMEMBERED_BITS);
    let mut work = Work::new(&mut remembered);
    let answers = fleet.dispatcher.probe(fleet.now, &anywhere, &mut work);
    let possible = answers.iter().filter(|answer| matches!(answer, ProbeAnswer::Possible { .. })).count();
    let stops: usize = fleet.dispatcher.state().schedules.values().map(|schedule| schedule.stops().len()).sum();
    println!("{possible} of {PROBES} rides are possible, {stops} stops planned");

    let mut group = criterion.benchmark_group("probes");
    group.sample_size(10).throughput(Throughput::Elements(PROBES as u64));
    for (name, probes) in [("anywhere", &anywhere), ("from one place", &from_one)] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| fleet.dispatcher.probe(fleet.now, probes, &mut work));
        });
    }
    group.finish();
}

criterion_group!(benches, probes);
criterion_main!(benches);

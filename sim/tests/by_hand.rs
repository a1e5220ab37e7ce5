//! A day small enough to work out on paper, and what every figure of it must be.

mod city;

use city::{City, at, rules, vehicle, window};
use mukae_engine::model::{Constraint, Wish};
use mukae_sim::{Kpis, Outcome, Setup, Simulation};
use mukae_units::{Metres, Seats, Span};

fn run(city: &City, settings: Vec<mukae_engine::Command>, asks: Vec<mukae_sim::Ask>) -> Outcome {
    let (mut roads, mut lengths) = (city.roads(), city.lengths());
    let keep = &mut |_: &[u8]| {};
    let simulation = Simulation::new(Setup::new(settings, asks), &mut roads, &mut lengths, keep).unwrap();
    simulation.run(&mut |_| {})
}

fn mins(mins: i64) -> i64 {
    Span::from_mins(mins).as_millis()
}

/// `A --5 min-- B --10 min-- C --5 min-- D`, one car that works 08:00 to 10:00 from and to A.
///
/// r1 asks at 08:00 for B -> D at once; r2 at 08:01 for C -> D from 08:40 on.
/// 08:00 leave A, 08:05 at B, r1 boards until 08:06. 08:16 at C. r2 is promised 08:40..08:50, so the
/// car would stand at C with r1 on board for 24 minutes. The policy allows 2, and r1 can not be held back for the rest
/// inside the promise: r1 first. 08:21 at D, r1 leaves until 08:22. The car waits at D, for C is 5 minutes away: it leaves
/// at 08:35, r2 boards from 08:40 until 08:41, 08:46 at D, out until 08:47. Home is 20 minutes: it leaves at 09:40 and
/// signs off at 10:00.
#[test]
fn two_riders_one_after_the_other() {
    let city = City::new("A-300-B-600-C-300-D");
    let mut settings = rules();
    settings.push(vehicle(1, Seats::new(4, 0)));
    settings.push(city.shift(1, 1, ("08:00", "10:00"), ("A", "A")));
    let asks = vec![
        city.ask("r1", "08:00", ("B", "D"), Wish::DepartAfter(window("08:00", "08:30"))),
        city.ask("r2", "08:01", ("C", "D"), Wish::DepartAfter(window("08:40", "09:10"))),
        city.ask("r3", "08:02", ("A", "D"), Wish::DepartAfter(window("11:00", "11:30"))),
    ];
    let outcome = run(&city, settings, asks);
    assert_eq!(outcome.faults, []);
    assert_eq!(outcome.ended_at, at("10:00"));
    let kpis = outcome.kpis;
    assert_eq!((kpis.requests, kpis.offered, kpis.confirmed, kpis.served, kpis.refused), (3, 2, 2, 2, 1));
    assert_eq!(kpis.refused_by.into_iter().collect::<Vec<_>>(), [(Constraint::NoShift, 1)]);
    assert_eq!((kpis.wait_from_request.count, kpis.wait_from_request.sum), (2, mins(5)));
    assert_eq!((kpis.ride_time.sum, kpis.ride_time.max), (mins(15) + mins(5), mins(15)));
    assert_eq!((kpis.ride_ratio.sum, kpis.pooled, kpis.pickups_on_time), (2000, 0, 2));
    // A-B empty, B-C-D with r1, D-C empty, C-D with r2, home D-C-B-A: 5 + 15 + 5 + 5 + 20 minutes at 600 m.
    let km = |minutes: u64| Metres::from_metres(minutes * 600);
    assert_eq!((kpis.driven, kpis.driven_empty), (km(50), km(30)));
    assert_eq!((kpis.empty_to_pickup, kpis.empty_home), (km(10), km(20)));
    assert_eq!(kpis.rider_millimetres, km(20).as_millimetres());
    assert_eq!((kpis.shifts_closed, kpis.shift_time), (1, Span::from_mins(120)));
}

/// The same road; r2 wants to go from 08:10 on, so boards on the way: the car is at C at 08:16.
///
/// r1 on board B-C-D; r2, a party of two, C-D. Both leave at D: r1 first (08:22), then r2: or the
/// other way round. They share C -> D.
#[test]
fn two_riders_share_a_leg() {
    let city = City::new("A-300-B-600-C-300-D");
    let mut settings = rules();
    settings.push(vehicle(1, Seats::new(4, 0)));
    settings.push(city.shift(1, 1, ("08:00", "09:00"), ("A", "D")));
    let mut r2 = city.ask("r2", "08:01", ("C", "D"), Wish::DepartAfter(window("08:10", "08:40")));
    r2.request_mut().party = Seats::new(2, 0);
    let asks = vec![city.ask("r1", "08:00", ("B", "D"), Wish::DepartAfter(window("08:00", "08:30"))), r2];
    let outcome = run(&city, settings, asks);
    assert_eq!(outcome.faults, []);
    let kpis = outcome.kpis;
    assert_eq!((kpis.served, kpis.riders_served, kpis.pooled), (2, 3, 2));
    assert_eq!((kpis.wait_from_request.sum, kpis.wait_from_request.max), (mins(5) + mins(6), mins(6)));
    // r1: end of boarding 08:06, at D 08:22 (a minute for r2 at C). r2: 08:17 to 08:22, plus r1's minute.
    assert_eq!(kpis.ride_time.sum, mins(16) + mins(6));
    let km = |minutes: u64| Metres::from_metres(minutes * 600).as_millimetres();
    assert_eq!(kpis.driven.as_millimetres(), km(20));
    assert_eq!(kpis.driven_empty.as_millimetres(), km(5));
    assert_eq!(kpis.rider_millimetres, km(10) + 3 * km(5));
    assert_eq!(kpis.empty_home, Metres::ZERO);
}

#[test]
fn a_rider_with_a_time_to_arrive_waits_for_nothing() {
    let city = City::new("A-300-B-600-C");
    let mut settings = rules();
    settings.push(vehicle(1, Seats::new(2, 1)));
    settings.push(city.shift(1, 1, ("08:00", "12:00"), ("A", "A")));
    let mut ask = city.ask("r1", "08:00", ("B", "C"), Wish::ArriveBy(window("10:00", "10:30")));
    ask.request_mut().party = Seats::new(0, 1);
    let outcome = run(&city, settings, vec![ask]);
    assert_eq!(outcome.faults, []);
    assert_eq!((outcome.kpis.served, outcome.kpis.wait_from_request.count), (1, 0));
    assert_eq!((outcome.kpis.wait_from_promise.count, outcome.kpis.wait_from_promise.sum), (1, 0));
    assert_eq!(outcome.kpis.ride_time.sum, mins(10));
}

#[test]
fn nobody_and_nothing() {
    let city = City::new("A-60-B");
    let outcome = run(&city, rules(), Vec::new());
    assert_eq!((outcome.faults.len(), outcome.records), (0, 3));
    let mut settings = rules();
    settings.push(vehicle(1, Seats::new(4, 0)));
    settings.push(city.shift(1, 1, ("08:00", "09:00"), ("A", "B")));
    let outcome = run(&city, settings, Vec::new());
    assert_eq!((outcome.faults.len(), outcome.kpis.driven), (0, Metres::from_metres(600)));
    let without_cars = vec![city.ask("r1", "08:00", ("A", "B"), Wish::DepartAfter(window("08:00", "08:30")))];
    let Outcome { faults, kpis, .. } = run(&city, rules(), without_cars);
    assert_eq!((faults.len(), kpis.refused, kpis.unaccounted()), (0, 1, 0));
    let figures: Kpis = kpis;
    assert_eq!(figures.refused_by.into_iter().collect::<Vec<_>>(), [(Constraint::PartySize, 1)]);
}

//! Days on which some drivers come only if they are called.

mod city;
mod drawn;

use std::sync::Arc;

use city::City;
use drawn::{drawn_day, run};
use mukae_engine::Command;
use mukae_engine::model::{OnCall, Shift};
use mukae_record::{Record, Scribe};
use mukae_sim::{Outcome, Setup};
use mukae_units::{Seats, ShiftId, Span, VehicleId};

const NOTICE: Span = Span::from_mins(20);
const ON_CALL: [u32; 2] = [11, 12];

/// A drawn day with two more vehicles, whose drivers are on call all day at this price; `None`: without them.
fn day(seed: u64, cost: Option<i64>) -> (City, Setup) {
    let (city, mut setup) = drawn_day(seed, 250);
    for number in ON_CALL {
        let Some(cost) = cost else { break };
        setup.settings.push(city::vehicle(number, Seats::new(4, 1)));
        let planned = city.shift(number, number, ("08:00", "20:00"), ("14", "14"));
        let Command::PlanShift(shift) = planned else { panic!("a shift is planned by {planned:?}") };
        let on_call = Some(OnCall { cost, notice: NOTICE });
        let shift = Shift { on_call, id: ShiftId(number), vehicle: VehicleId(number), ..Shift::clone(&shift) };
        setup.settings.push(Command::PlanShift(Arc::new(shift)));
    }
    (city, setup)
}

fn faultless(outcome: &Outcome, seed: u64) {
    let found = &outcome.faults[..outcome.faults.len().min(5)];
    assert!(found.is_empty(), "seed {seed}, {} faults: {found:#?}", outcome.faults.len());
}

#[test]
fn drivers_on_call_raise_the_share_that_is_served() {
    let (mut without, mut with, mut hours_spared) = (0, 0, Span::ZERO);
    for seed in 0..5 {
        let (alone, _) = run(day(seed, None));
        let (outcome, records) = run(day(seed, Some(2_000)));
        faultless(&outcome, seed);
        let kpis = &outcome.kpis;
        assert_eq!((kpis.pickups_on_time, kpis.shifts_open), (kpis.served, 0), "seed {seed}");
        assert_eq!((kpis.shifts_called, kpis.shifts_closed), (2, 7), "seed {seed}: on such a day both are needed");
        assert_eq!(alone.kpis.shifts_called, 0);
        hours_spared += alone.kpis.shift_time + Span::HOUR * 24 - kpis.shift_time;
        (without, with) = (without + alone.kpis.served, with + kpis.served);
        let again = run(day(seed, Some(2_000)));
        assert_eq!((again.0, again.1), (outcome, records), "seed {seed}: the same seed, the same journal");
    }
    assert!(Span::HOUR < hours_spared, "they come when they have to: {hours_spared:?}");
    assert!(without * 21 < with * 20, "{without} were served without them, {with} with them");
}

/// Nobody asks: nobody is called, and whoever is not called costs nothing.
#[test]
fn whoever_is_not_called_does_not_come() {
    let (city, mut setup) = day(1, Some(0));
    setup.asks.clear();
    let (outcome, records) = run((city, setup));
    faultless(&outcome, 1);
    let kpis = &outcome.kpis;
    assert_eq!((kpis.shifts_called, kpis.shifts_closed, kpis.shifts_open), (0, 5, 0));
    assert_eq!(kpis.shift_hours(), 3.0 * 12.0 + 5.0 + 7.0, "those of the others");
    let mut scribe = Scribe::new();
    for record in &records {
        let Record { exogenous, .. } = scribe.replay(record).unwrap();
        let is_theirs = |shift: ShiftId| ON_CALL.contains(&shift.0);
        assert!(!matches!(exogenous.command, Command::OpenShift { shift, .. } if is_theirs(shift)));
    }
    assert!(scribe.state().schedules.is_empty(), "their shifts have ended too");
}

/// A driver who signs on has been called, and the notice is over.
#[test]
fn drivers_sign_on_when_they_are_needed() {
    let (mut scribe, mut signed_on) = (Scribe::new(), 0);
    for record in &run(day(2, Some(500))).1 {
        let Record { exogenous, .. } = Record::from_bytes(record).unwrap();
        if let Command::OpenShift { shift, at } = exogenous.command
            && ON_CALL.contains(&shift.0)
        {
            let schedule = &scribe.state().schedules[&shift];
            assert_eq!(schedule.needed_from(), Some(at));
            signed_on += 1;
        }
        scribe.replay(record).unwrap();
    }
    assert_eq!(signed_on, 2);
}

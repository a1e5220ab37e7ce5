//! The auditor itself, fed with days in which something went wrong.

mod city;

use city::{City, rules, vehicle, window};
use mukae_engine::model::Wish;
use mukae_engine::{Command, Endogenous, Exogenous};
use mukae_record::Scribe;
use mukae_sim::audit::{Auditor, Fault, Wrong};
use mukae_sim::{Setup, Simulation};
use mukae_units::{BookingId, Seats, Span};

/// One rider of a sound day, its records bent by `bend` before the auditor sees them.
fn faults_of(bend: impl Fn(&mut Exogenous, &mut Vec<Endogenous>)) -> Vec<Wrong> {
    let city = City::new("A-300-B-600-C");
    let mut settings = rules();
    settings.push(vehicle(1, Seats::new(4, 0)));
    settings.push(city.shift(1, 1, ("08:00", "10:00"), ("A", "A")));
    let asks = vec![city.ask("r1", "08:00", ("B", "C"), Wish::DepartAfter(window("08:00", "08:30")))];
    let (mut roads, mut lengths) = (city.roads(), city.lengths());
    let mut records: Vec<Vec<u8>> = Vec::new();
    let keep = &mut |record: &[u8]| records.push(record.to_vec());
    Simulation::new(Setup::new(settings, asks), &mut roads, &mut lengths, keep).unwrap().run(&mut |_| {});

    let (mut auditor, mut faults) = (Auditor::new(), Vec::new());
    let scribe = Scribe::new();
    for bytes in &records {
        let mut record = mukae_record::Record::from_bytes(bytes).unwrap();
        bend(&mut record.exogenous, &mut record.endogenous);
        let seen = (scribe.state(), [].as_slice());
        auditor.observe(&record.exogenous, record.endogenous.iter(), seen, &mut city.roads(), &mut faults);
    }
    faults.into_iter().map(|Fault { what, .. }| what).collect()
}

const RIDER: BookingId = BookingId(1);

#[test]
fn a_sound_day_has_no_faults() {
    assert_eq!(faults_of(|_, _| {}), []);
}

#[test]
fn late_cars_are_found() {
    let late = |command: &mut Command, by: Span| match command {
        Command::Depart { at, .. } | Command::Arrive { at, .. } => *at += by,
        Command::Board { at, .. } | Command::Alight { at, .. } => *at += by,
        _ => {}
    };
    // Everything half an hour later: outside the window, after the latest dropoff, as long a ride.
    let faults = faults_of(|told, _| {
        late(&mut told.command, Span::from_mins(30));
        told.at += Span::from_mins(30);
    });
    assert!(matches!(faults[..], [Wrong::PickupOutsideWindow { .. }, Wrong::DropoffLate { .. }]), "{faults:?}");
    // Only what comes after boarding: a ride that is too long as well.
    let faults = faults_of(|told, _| {
        if matches!(told.command, Command::Alight { .. }) || told.at > city::at("08:07") {
            late(&mut told.command, Span::from_mins(40));
            told.at += Span::from_mins(40);
        }
    });
    assert!(matches!(faults[..], [Wrong::DropoffLate { .. }, Wrong::RideTooLong { .. }]), "{faults:?}");
}

#[test]
fn full_cars_wrong_places_and_strangers_are_found() {
    let faults = faults_of(|_, decided| {
        for event in decided {
            if let Endogenous::ShiftPlanned { capacity, .. } = event {
                *capacity = Seats::new(0, 1).into();
            }
        }
    });
    assert_eq!(faults, [Wrong::OverCapacity { booking: RIDER }]);
    let elsewhere = City::new("A-300-B-600-C").spot("A").place;
    let faults = faults_of(|_, decided| {
        for event in decided {
            if let Endogenous::PlanChanged { plan, .. } = event {
                plan.stops.iter_mut().for_each(|stop| stop.place = elsewhere);
            }
        }
    });
    let wrong = Wrong::AnotherPlace { booking: RIDER, place: elsewhere };
    assert_eq!(faults, [wrong.clone(), wrong]);
    let faults = faults_of(|_, decided| decided.retain(|event| !matches!(event, Endogenous::BookingConfirmed { .. })));
    let stranger = Wrong::Stranger { booking: RIDER };
    assert_eq!(faults, [stranger.clone(), stranger]);
}

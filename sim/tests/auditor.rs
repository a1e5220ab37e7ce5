//! The auditor itself, fed with days in which something went wrong.

mod city;

use std::collections::BTreeSet;
use std::sync::Arc;

use city::{City, rules, vehicle, window};
use mukae_engine::model::{Serves, Service, ServiceDay, Terms, Wish, ZonePair};
use mukae_engine::{Command, Endogenous, Exogenous, State};
use mukae_record::Scribe;
use mukae_sim::audit::{Auditor, Fault, Wrong};
use mukae_sim::{Setup, Simulation};
use mukae_units::{BookingId, FeatureId, Features, Seats, ShiftId, Span, ZoneId, Zones};

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

    let (mut auditor, mut faults) = (Auditor::new(false), Vec::new());
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
                Arc::make_mut(plan).stops.iter_mut().for_each(|stop| stop.place = elsewhere);
            }
        }
    });
    let wrong = Wrong::AnotherPlace { booking: RIDER, place: elsewhere };
    assert_eq!(faults, [wrong.clone(), wrong]);
    let faults = faults_of(|_, decided| decided.retain(|event| !matches!(event, Endogenous::BookingConfirmed { .. })));
    let stranger = Wrong::Stranger { booking: RIDER };
    assert_eq!(faults, [stranger.clone(), stranger]);
}

/// A sound day against settings that it does not keep to.
fn faults_under(bend: impl Fn(&mut State)) -> BTreeSet<&'static str> {
    let city = City::new("A-300-B-600-C");
    let mut settings = rules();
    settings.push(vehicle(1, Seats::new(4, 0)));
    settings.push(city.shift(1, 1, ("08:00", "10:00"), ("A", "A")));
    let asks = vec![city.ask("r1", "08:00", ("B", "C"), Wish::DepartAfter(window("08:00", "08:30")))];
    let (mut roads, mut lengths) = (city.roads(), city.lengths());
    let mut records: Vec<Vec<u8>> = Vec::new();
    let keep = &mut |record: &[u8]| records.push(record.to_vec());
    Simulation::new(Setup::new(settings, asks), &mut roads, &mut lengths, keep).unwrap().run(&mut |_| {});

    let (mut auditor, mut scribe, mut faults) = (Auditor::new(false), Scribe::new(), Vec::new());
    for bytes in &records {
        let record = mukae_record::Record::from_bytes(bytes).unwrap();
        scribe.replay(bytes).unwrap();
        let mut state = scribe.state().clone();
        bend(&mut state);
        let shifts: Vec<ShiftId> = state.schedules.keys().copied().collect();
        auditor.observe(&record.exogenous, record.endogenous.iter(), (&state, &shifts), &mut city.roads(), &mut faults);
    }
    let name = |fault: &Fault| match fault.what {
        Wrong::NotEligible { shift: ShiftId(1), booking: RIDER } => "not eligible",
        Wrong::NotOpen { .. } => "not open",
        Wrong::NotCarried { .. } => "not carried",
        _ => "something else",
    };
    faults.iter().map(name).collect()
}

#[test]
fn riders_whom_the_terms_forbid_are_found() {
    assert_eq!(faults_under(|_| {}), BTreeSet::new());
    let of_vehicles = |change: fn(&mut Terms)| {
        faults_under(move |state| state.vehicles.values_mut().for_each(|vehicle| change(&mut vehicle.terms)))
    };
    let of_services =
        |change: &dyn Fn(&mut Service)| faults_under(|state| state.services.values_mut().for_each(change));
    let zone = |number| Zones::of(&[ZoneId(number)]).unwrap();
    assert_eq!(of_vehicles(|terms| terms.serves = Serves::Only(BTreeSet::new())), ["not eligible"].into());
    assert_eq!(of_vehicles(|terms| terms.zones = Zones::of(&[ZoneId(1)]).unwrap()), ["not eligible"].into());
    let needs = Features::of(&[FeatureId(0)]).unwrap();
    let of_requests = faults_under(|state| {
        state.bookings.values_mut().for_each(|booking| Arc::make_mut(&mut booking.request).needs = needs);
    });
    assert_eq!(of_requests, ["not eligible"].into());
    let pair = ZonePair { from: zone(1), to: Zones::EMPTY };
    assert_eq!(of_services(&|service| service.zones = vec![pair]), ["not carried"].into());
    let day = |hours: (&str, &str), asked: (&str, &str)| ServiceDay {
        pickups: window(hours.0, hours.1),
        bookable_from: city::at(asked.0),
        bookable_until: city::at(asked.1),
    };
    for (hours, asked, is_open) in [
        (("08:00", "09:00"), ("07:00", "08:00"), true),
        (("08:10", "09:00"), ("07:00", "08:00"), false),
        (("08:00", "08:10"), ("07:00", "08:00"), false),
        (("08:00", "09:00"), ("07:00", "07:59"), false),
        (("08:00", "09:00"), ("08:01", "09:00"), false),
    ] {
        let found = of_services(&|service| service.days = vec![day(hours, asked)]);
        assert_eq!(found, if is_open { [].into() } else { ["not open"].into() }, "{hours:?}, asked {asked:?}");
    }
}

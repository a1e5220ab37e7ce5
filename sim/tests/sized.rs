//! Fleets and hours of work that a scenario changes: counted by hand on settings of a small town.

mod city;

use jiff::civil::date;
use jiff::tz::TimeZone;
use mukae_engine::Command;
use mukae_engine::model::{Break, DeclaredTrip, Driver, DriverKind, Shift, Tier};
use mukae_sim::scenario::{Knob, Rules, Scenario};
use mukae_units::{BreakId, DriverId, Metres, Seats, ShiftId, Span, Time, TimeWindow, VehicleId};

const ZONE: TimeZone = TimeZone::UTC;

fn hour(day: i64, hour: i64) -> Time {
    let midnight = date(2026, 11, 24).to_zoned(ZONE).unwrap().timestamp().as_millisecond();
    Time::from_unix_millis(midnight) + Span::DAY * day + Span::HOUR * hour
}

/// Two cars of the town, the second driven by a driver, and a neighbour's; each on two days.
fn town() -> Vec<Command> {
    let city = city::City::new("A-300-B");
    let mut settings = city::rules();
    settings.extend((1..=3).map(|car| city::vehicle(car, Seats::new(4, 0))));
    settings.push(Command::RegisterDriver(Driver {
        id: DriverId(1),
        name: "Mori".to_owned(),
        kind: DriverKind::Employed,
        cooldown: Span::ZERO,
        asks_per_week_max: 0,
        tier: Tier::T3,
    }));
    settings.push(Command::RegisterDriver(Driver {
        id: DriverId(2),
        name: "Sato".to_owned(),
        kind: DriverKind::Volunteer,
        cooldown: Span::ZERO,
        asks_per_week_max: 3,
        tier: Tier::T1,
    }));
    let mut number = 0;
    for day in 0..2 {
        for car in 1..=3_u32 {
            number += 1;
            let Command::PlanShift(shift) = city.shift(number, car, ("08:00", "12:00"), ("A", "A")) else { panic!() };
            let mut shift = Shift::clone(&shift);
            shift.window = TimeWindow::new(hour(day, 8), hour(day, 18)).unwrap();
            shift.driver = [None, None, Some(DriverId(1)), Some(DriverId(2))][car as usize];
            if car == 1 {
                let window = TimeWindow::new(hour(day, 11), hour(day, 12)).unwrap();
                let place = shift.start.clone();
                shift.breaks = vec![Break { id: BreakId(1), place, window, length: Span::from_mins(30) }];
            }
            if car == 3 {
                let tier = Tier::T1;
                let (detour_max, detour_length_max) = (Span::from_mins(10), Metres::from_metres(5000));
                shift.declared = Some(DeclaredTrip { seats: Seats::new(1, 0), detour_max, detour_length_max, tier });
            }
            settings.push(Command::PlanShift(shift.into()));
        }
    }
    settings
}

fn shifts(settings: &[Command]) -> Vec<&Shift> {
    settings
        .iter()
        .filter_map(|command| if let Command::PlanShift(shift) = command { Some(&**shift) } else { None })
        .collect()
}

fn ids_ascend(settings: &[Command]) {
    assert!(shifts(settings).is_sorted_by(|a, b| a.id < b.id));
}

#[test]
fn a_larger_fleet_has_drivers_of_its_own() {
    let rules = Rules::default().with(Knob::Vehicles, 5).with(Knob::Volunteers, 2);
    let settings = rules.settings(&town(), &ZONE);
    ids_ascend(&settings);
    let shifts = shifts(&settings);
    let on_first: Vec<&&Shift> = shifts.iter().filter(|shift| shift.window.earliest() == hour(0, 8)).collect();
    let private = on_first.iter().filter(|shift| shift.declared.is_some()).count();
    assert_eq!((on_first.len(), private), (7, 2));
    let mut drivers: Vec<DriverId> = on_first.iter().filter_map(|shift| shift.driver).collect();
    let count = drivers.len();
    drivers.sort();
    drivers.dedup();
    assert_eq!((count, drivers.len()), (4, 4), "nobody drives two cars at a time");
    let registered = |id: DriverId| {
        settings.iter().any(|command| matches!(command, Command::RegisterDriver(driver) if driver.id == id))
    };
    assert!(drivers.into_iter().all(registered));
    let position = |wanted: &dyn Fn(&Command) -> bool| settings.iter().position(wanted).unwrap();
    let last_driver = settings.iter().rposition(|command| matches!(command, Command::RegisterDriver(_))).unwrap();
    assert!(last_driver < position(&|command| matches!(command, Command::PlanShift(_))), "hired before they work");
}

#[test]
fn fewer_volunteers_are_fewer_and_none_is_none() {
    let settings = Rules::default().with(Knob::Volunteers, 0).settings(&town(), &ZONE);
    assert!(shifts(&settings).iter().all(|shift| shift.declared.is_none()));
    assert_eq!(shifts(&settings).len(), 4);
    let same = Rules::default().settings(&town(), &ZONE);
    assert_eq!(same, town());
}

#[test]
fn vehicles_work_by_their_lines() {
    let text = "name = \"x\"\n[supply]\nvolunteers = 1\nshifts = [\"07:00-11:30 13:00-19:00\", \"22:00-26:00\"]\n";
    let scenario = Scenario::parse(text, std::path::Path::new("")).unwrap();
    let rules = &scenario.policies[0].rules;
    assert_eq!(rules.text(), "volunteers = 1, shifts = [07:00-11:30 13:00-19:00, 22:00-26:00]");
    let settings = rules.settings(&town(), &ZONE);
    ids_ascend(&settings);
    let windows = |car: u32| -> Vec<TimeWindow> {
        shifts(&settings).iter().filter(|shift| shift.vehicle == VehicleId(car)).map(|shift| shift.window).collect()
    };
    let window = |day, from, until: Time| TimeWindow::new(hour(day, from), until).unwrap();
    let half = Span::from_mins(30);
    let first = [0, 1].map(|day| [window(day, 7, hour(day, 11) + half), window(day, 13, hour(day, 19))]);
    assert_eq!(windows(1), first.concat());
    assert_eq!(windows(2), [window(0, 22, hour(1, 2)), window(1, 22, hour(2, 2))]);
    assert_eq!(windows(3), [window(0, 8, hour(0, 18)), window(1, 8, hour(1, 18))], "a neighbour's drive stays");
    let breaks = |id: u32| shifts(&settings).iter().find(|shift| shift.id == ShiftId(id)).unwrap().breaks.len();
    // half an hour from twelve at the latest does not end by half past eleven
    assert_eq!((breaks(1), breaks(2)), (0, 0));
    assert_eq!(shifts(&settings).iter().filter(|shift| shift.driver == Some(DriverId(1))).count(), 2);
}

#[test]
fn hours_that_can_not_be_are_told() {
    for (wrong, at_fault) in [
        ("[]", "has no line"),
        ("[\"7-12\"]", "\"7-12\""),
        ("[\"07:00-06:00\"]", "07:00-06:00"),
        ("[\"07:00-12:00 11:00-13:00\"]", "in order"),
        ("[\"07:00-12:60\"]", "12:60"),
        ("[\"07:00-37:00\"]", "37:00"),
        ("[\"\"]", "has \"\""),
    ] {
        let text = format!("name = \"x\"\n[policy.a]\nshifts = {wrong}\n");
        let problems = Scenario::parse(&text, std::path::Path::new("")).unwrap_err();
        assert!(problems[0].to_string().contains(at_fault), "{wrong}: {problems:?}");
        assert_eq!(problems.len(), 1, "{wrong}: {problems:?}");
    }
}

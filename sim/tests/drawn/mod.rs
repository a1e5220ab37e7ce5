//! Days on a grid of crossings, drawn by a seed.

#![allow(dead_code, reason = "each test file uses its part")]

use std::sync::Arc;

use mukae_engine::Command;
use mukae_engine::model::{Break, DeclaredTrip, Driver, DriverKind, Tier, Wish};
use mukae_sim::random::Purpose;
use mukae_sim::{Ask, Luck, Outcome, Setup, Simulation};
use mukae_units::{BreakId, DriverId, Metres, Seats, ShiftId, Span, Time, TimeWindow};

use crate::city::{City, rules, vehicle, window};

const SIDE: usize = 6;

/// Four cars and `count` riders over twelve hours on a grid of crossings two minutes apart.
pub fn drawn_day(seed: u64, count: u64) -> (City, Setup) {
    let city = City::grid(SIDE, 120);
    let mut settings = rules();
    for car in 1..=4 {
        settings.push(vehicle(car, Seats::new(4, u8::from(car % 2 == 0))));
    }
    for car in 1..=4 {
        let home = (car * 7).to_string();
        settings.push(city.shift(car, car, ("08:00", if car == 3 { "13:00" } else { "20:00" }), (&home, &home)));
    }
    settings.push(city.shift(5, 3, ("13:00", "20:00"), ("21", "0")));
    let luck = Luck::new(seed);
    let asks = (0..count).map(|rider| ask(&city, luck, rider)).collect();
    (city, Setup::new(settings, asks))
}

fn ask(city: &City, luck: Luck, rider: u64) -> Ask {
    let draw = |purpose, bound| luck.draw(rider, purpose, 0).below(bound);
    let crossings = (SIDE * SIDE) as u64;
    let from = draw(Purpose::Origin, crossings);
    let to = (from + 1 + draw(Purpose::Destination, crossings - 1)) % crossings;
    let made = Time::from_unix_secs(7 * 3600 + draw(Purpose::Minute, 12 * 3600) as i64);
    let lead = Span::from_mins(draw(Purpose::Lead, 120) as i64);
    let window = TimeWindow::new(made + lead, made + lead + Span::from_mins(25)).unwrap();
    let wish = if draw(Purpose::WishKind, 3) == 0 { Wish::ArriveBy(window) } else { Wish::DepartAfter(window) };
    let mut ask = city.ask(&format!("r{rider}"), "00:00", (&from.to_string(), &to.to_string()), wish);
    ask.at = made;
    let size = draw(Purpose::Party, 8);
    ask.request_mut().party = if size == 7 { Seats::new(1, 1) } else { Seats::new((size / 4 + 1) as u8, 0) };
    ask
}

pub fn run((city, setup): (City, Setup)) -> (Outcome, Vec<Vec<u8>>) {
    let (mut roads, mut lengths) = (city.roads(), city.lengths());
    let mut records = Vec::new();
    let keep = &mut |record: &[u8]| records.push(record.to_vec());
    let outcome = Simulation::new(setup, &mut roads, &mut lengths, keep).unwrap().run(&mut |_| {});
    (outcome, records)
}

/// The same day with breaks at noon for two drivers, and a neighbour who drives to town and back
/// anyway, takes riders along, and is asked for each.
pub fn rested_day(seed: u64, count: u64) -> (City, Setup) {
    let (city, mut setup) = drawn_day(seed, count);
    let anna = Driver {
        id: DriverId(1),
        name: "anna".to_owned(),
        kind: DriverKind::Volunteer,
        cooldown: Span::from_mins(10),
        asks_per_week_max: 4,
        tier: Tier::T1,
    };
    let mut trips = vec![(6, ("09:00", "10:30"), ("0", "35")), (7, ("16:00", "17:30"), ("35", "0"))];
    for setting in &mut setup.settings {
        if let Command::PlanShift(shift) = setting
            && [ShiftId(1), ShiftId(2)].contains(&shift.id)
        {
            let noon = window("11:45", "12:45");
            let rest =
                |id, window| Break { id: BreakId(id), place: city.spot("14"), window, length: Span::from_mins(40) };
            Arc::make_mut(shift).breaks = vec![rest(1, noon), rest(2, window("16:00", "16:40"))];
        }
    }
    setup.settings.extend([vehicle(5, Seats::new(3, 0)), Command::RegisterDriver(anna)]);
    for (id, hours, ends) in trips.drain(..) {
        let Command::PlanShift(mut shift) = city.shift(id, 5, hours, ends) else { unreachable!("it plans a shift") };
        let declared = Arc::make_mut(&mut shift);
        declared.driver = Some(DriverId(1));
        declared.declared = Some(DeclaredTrip {
            seats: Seats::new(2, 0),
            detour_max: Span::from_mins(15),
            detour_length_max: Metres::from_metres(9_000),
            tier: Tier::T3,
        });
        setup.settings.push(Command::PlanShift(shift));
    }
    (city, setup)
}

//! A year of a town: so many cars on duty every day, so many requests on each.

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use mukae_engine::Command;
use mukae_engine::model::{MapId, Terms, Vehicle};
use mukae_maps::PreparedMap;
use mukae_sim::demand::synthetic::{Amount, Day, Model, Parameters, Town};
use mukae_sim::demand::to_asks;
use mukae_sim::{Ask, Setup};
use mukae_units::{Metres, Seats, ShiftId, Span, Time, TimeWindow, VehicleId, Zones};

use crate::{Dice, SERVICE, open_service, plain_shift, policy, service, spot};

/// What a year is made of.
#[derive(Clone, Copy, Debug)]
pub struct Year {
    pub days: u32,
    pub requests_per_day: usize,
    pub vehicles: u32,
    pub seed: u64,
}

/// Rides are asked for up to this long ahead, and shifts are announced as early.
const AHEAD: Span = Span::from_mins(8 * 24 * 60);
const FIRST: Date = date(2026, 4, 1);

impl Year {
    pub fn setup(&self, map: &PreparedMap) -> Setup {
        let mut setup = Setup::new(self.settings(map), self.asks(map, 0..i64::from(self.days)));
        setup.announce_ahead = AHEAD;
        setup.is_audited = false;
        setup
    }

    /// Cars from seven to nineteen, each from a garage of its own.
    fn settings(&self, map: &PreparedMap) -> Vec<Command> {
        let mut dice = Dice(self.seed);
        let mut rules = policy();
        rules.retention = Span::DAY;
        let mut service = service();
        service.horizon = AHEAD;
        let mut settings = vec![
            Command::UseMap(MapId(map.checksum())),
            Command::SetPolicy(rules),
            Command::SetService(open_service(service).into()),
        ];
        let garages: Vec<_> = (0..self.vehicles).map(|_| spot(dice.place(map.graph()), map.graph())).collect();
        settings.extend((1..=self.vehicles).map(|number| {
            let capacity = Seats::new(6, 1).into();
            let name = format!("v{number}");
            Command::RegisterVehicle(Vehicle { id: VehicleId(number), name, capacity, terms: Terms::OPEN })
        }));
        for day in 0..self.days {
            let midnight = midnight(self.date(i64::from(day)));
            for (garage, vehicle) in garages.iter().zip(1..) {
                let window = TimeWindow::new(midnight + Span::HOUR * 7, midnight + Span::HOUR * 19).expect("in order");
                let id = ShiftId(day * self.vehicles + vehicle);
                let shift = plain_shift(id, VehicleId(vehicle), window, garage.clone());
                settings.push(Command::PlanShift(shift.into()));
            }
        }
        settings
    }

    /// Of so many days before it.
    pub fn history(&self, map: &PreparedMap, days: u32) -> Vec<Ask> {
        self.asks(map, -i64::from(days)..0)
    }

    fn asks(&self, map: &PreparedMap, days: std::ops::Range<i64>) -> Vec<Ask> {
        let limit = Metres::from_metres(500);
        let model = Model::new(Town::from_roads(map.graph()), Parameters::default(), map, limit);
        let amount = Amount::Requests(self.requests_per_day);
        let asks_of = |number: i64| {
            let (date, seed) = (self.date(number), self.seed << 16 ^ number as u64);
            let mut rows = model.day(&Day { date, zone: &TimeZone::UTC, amount, scale: 1000, seed });
            rows.iter_mut().for_each(|row| row.id = format!("{number}-{}", row.id));
            to_asks(&rows, map, SERVICE, limit, &|_| Zones::EMPTY).0
        };
        days.flat_map(asks_of).collect()
    }

    fn date(&self, day: i64) -> Date {
        FIRST.checked_add(jiff::Span::new().days(day)).expect("a year or so")
    }
}

fn midnight(date: Date) -> Time {
    let zoned = date.to_zoned(TimeZone::UTC).expect("every day has a midnight in UTC");
    Time::from_unix_millis(zoned.timestamp().as_millisecond())
}

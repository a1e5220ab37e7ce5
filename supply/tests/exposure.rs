//! When a ride could be booked, against a walk over every time and every time of asking for it.

mod support;

use std::sync::Arc;

use mukae_engine::model::{
    Crew, Crews, DeclaredTrip, OnCall, Serves, Service, ServiceDay, Shift, Terms, Tier, Vehicle, ZonePair,
};
use mukae_engine::{Command, Endogenous};
use mukae_maps::geometry::distance;
use mukae_record::Record;
use mukae_supply::exposure::HALF_HOUR;
use mukae_supply::{Exposure, PickupPoint};
use mukae_units::{
    Capacity, Metres, Seats, ServiceId, ShiftId, Span, Time, TimeWindow, TravelTime, VehicleId, ZoneId, Zones,
};
use support::*;

const DAY: i64 = 24 * 60;

fn planned(at: i64, shift: Shift, terms: Terms) -> Record {
    let (shift, to_end) = (Arc::new(shift), TravelTime::ZERO);
    let capacity = Capacity::from(Seats::new(4, 0));
    let events = vec![Endogenous::ShiftPlanned { shift: Arc::clone(&shift), capacity, to_end, terms }];
    record(at, Command::PlanShift(shift), events)
}

fn ended(at: i64, shift: u32) -> Record {
    let shift = ShiftId(shift);
    record(at, Command::CloseShift { shift }, vec![Endogenous::ShiftEnded { shift }])
}

fn changed(at: i64, to: Shift) -> Record {
    let (shift, start) = (to.id, to.window.earliest());
    record(at, Command::DelayShift { shift, start }, vec![Endogenous::ShiftChanged { shift: Arc::new(to) }])
}

fn set(at: i64, service: Service) -> Record {
    record(at, Command::SetService(Arc::new(service)), Vec::new())
}

fn equipped(at: i64, vehicle: u32, terms: Terms) -> Record {
    let vehicle =
        Vehicle { id: VehicleId(vehicle), name: String::new(), capacity: Capacity::from(Seats::new(4, 0)), terms };
    record(at, Command::RegisterVehicle(vehicle), Vec::new())
}

fn of(records: &[Record]) -> Exposure {
    let mut exposure = Exposure::default();
    records.iter().for_each(|record| exposure.take(record));
    exposure
}

fn here(number: i32) -> PickupPoint {
    PickupPoint { point: point(number), zones: Zones::EMPTY }
}

/// Minutes of a window.
fn exposed(records: &[Record], place: PickupPoint, (from, until): (i64, i64)) -> i64 {
    of(records).exposed(&place, window(from, until)).as_millis() / 60_000
}

fn day(from: i64, until: i64, bookable: (i64, i64)) -> ServiceDay {
    ServiceDay { pickups: window(from, until), bookable_from: mins(bookable.0), bookable_until: mins(bookable.1) }
}

#[test]
fn it_takes_a_service_and_a_shift() {
    let town = || set(0, service());
    let car = || planned(0, shift(1, window(60, 180)), Terms::OPEN);
    let all = (0, 240);
    assert_eq!(exposed(&[town()], here(0), all), 0, "no shift");
    assert_eq!(exposed(&[car()], here(0), all), 0, "no service");
    assert_eq!(exposed(&[town(), car()], here(0), all), 120);
    let two = planned(0, shift(2, window(150, 200)), Terms::OPEN);
    assert_eq!(exposed(&[town(), car(), two], here(0), all), 140, "nothing counts twice");
    assert_eq!(exposed(&[town(), car(), ended(90, 1)], here(0), all), 30, "until it was closed");
    assert_eq!(exposed(&[town(), car(), ended(30, 1)], here(0), all), 0, "and not at all if it was before");
    assert_eq!(exposed(&[town(), planned(100, shift(1, window(60, 180)), Terms::OPEN)], here(0), all), 80);
    assert_eq!(exposed(&[town(), car(), changed(50, shift(1, window(90, 180)))], here(0), all), 90);
}

#[test]
fn half_hours_of_a_day() {
    let exposure = of(&[set(0, service()), planned(0, shift(1, window(60, 100)), Terms::OPEN)]);
    let bins = exposure.bins(&here(0), mins(0), HALF_HOUR, 48);
    let minutes: Vec<i64> = bins.iter().map(|bin| bin.as_millis() / 60_000).collect();
    assert_eq!((minutes.len(), &minutes[..5], minutes[5..].iter().sum()), (48, &[0, 0, 30, 10, 0][..], 0));
    assert_eq!(exposure.bins(&here(0), mins(0), HALF_HOUR, 0), []);
}

#[test]
fn hours_and_deadlines_are_those_of_the_service() {
    let car = || planned(0, shift(1, window(0, 2 * DAY)), Terms::OPEN);
    let with = |days: Vec<ServiceDay>| set(0, Service { days, ..service() });
    let second = (DAY, 2 * DAY);
    let morning = || day(DAY + 540, DAY + 720, (0, DAY - 420));
    assert_eq!(exposed(&[with(vec![morning()]), car()], here(0), second), 180);
    let late = planned(DAY, shift(1, window(DAY, 2 * DAY)), Terms::OPEN);
    assert_eq!(exposed(&[with(vec![morning()]), late], here(0), second), 0, "planned after the deadline");
    let told_late = set(DAY, Service { days: vec![morning()], ..service() });
    assert_eq!(exposed(&[told_late, car()], here(0), second), 0);
    // told again every night, it is the same day
    let again = set(60, Service { days: vec![morning(), day(2 * DAY, 3 * DAY, (0, DAY))], ..service() });
    assert_eq!(exposed(&[with(vec![morning()]), car(), again], here(0), second), 180);
    let mut hasty = service();
    hasty.policy.horizon = Span::from_mins(60);
    hasty.policy.notice_min = Span::from_mins(30);
    let car = planned(100, shift(1, window(100, 400)), Terms::OPEN);
    assert_eq!(exposed(&[set(0, hasty.clone()), car.clone()], here(0), (0, 500)), 270, "notice of the first to ask");
    hasty.days = vec![day(0, 500, (0, 200))];
    assert_eq!(exposed(&[set(0, hasty), car], here(0), (0, 500)), 130, "an hour ahead of the last to ask");
}

#[test]
fn vehicles_carry_whom_and_where_their_terms_say() {
    let zone = |number| Zones::of(&[ZoneId(number)]).unwrap();
    let all = (0, 100);
    let with = |terms: Terms, service: Service, zones: Zones| {
        let place = PickupPoint { zones, ..here(0) };
        exposed(&[set(0, service), planned(0, shift(1, window(0, 100)), terms)], place, all)
    };
    let only = |id| Terms { serves: Serves::Only([ServiceId(id)].into()), ..Terms::OPEN };
    assert_eq!((with(only(1), service(), zone(1)), with(only(2), service(), zone(1))), (100, 0));
    let zoned = Terms { zones: zone(1), ..Terms::OPEN };
    assert_eq!((with(zoned.clone(), service(), zone(1)), with(zoned, service(), zone(2))), (100, 0));
    let taxi = Terms { crew: Crew::Taxi, ..Terms::OPEN };
    let mut town = service();
    town.policy.crews = Crews::NONE.and(Crew::Staff);
    assert_eq!((with(Terms::OPEN, town.clone(), zone(1)), with(taxi, town, zone(1))), (100, 0));
    let pair = ZonePair { from: zone(1), to: zone(2) };
    let carrying = Service { zones: vec![pair], ..service() };
    assert_eq!((with(Terms::OPEN, carrying.clone(), zone(1)), with(Terms::OPEN, carrying, zone(2))), (100, 0));
    let another = equipped(40, 1, only(2));
    let records = [set(0, service()), planned(0, shift(1, window(0, 100)), Terms::OPEN), another];
    assert_eq!(exposed(&records, here(0), all), 40, "a vehicle's terms change");
}

#[test]
fn a_declared_trip_exposes_what_lies_near_its_line() {
    let mut trip = shift(1, window(60, 120));
    trip.end = Some(spot(10));
    let (seats, detour_max, tier) = (Seats::new(1, 0), Span::from_mins(10), Tier::T1);
    trip.declared = Some(DeclaredTrip { seats, detour_max, detour_length_max: Metres::from_metres(2_500), tier });
    let records = [set(0, service()), planned(0, trip, Terms::OPEN)];
    let at = |number| exposed(&records, here(number), (0, DAY));
    assert_eq!([at(0), at(5), at(10)], [60; 3], "on the line, and in its own window alone");
    assert_eq!([at(11), at(-1)], [60; 2], "one kilometre on, and back");
    assert_eq!([at(12), at(-2)], [0; 2]);
}

#[test]
fn a_driver_on_call_needs_notice() {
    let mut called = shift(1, window(0, 240));
    called.on_call = Some(OnCall { cost: 1, notice: Span::from_mins(45) });
    assert_eq!(exposed(&[set(0, service()), planned(0, called, Terms::OPEN)], here(0), (0, 240)), 195);
}

/// xorshift
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: i64) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as i64
    }

    /// A multiple of ten minutes.
    fn ten(&mut self, limit: i64) -> i64 {
        self.below(limit / 10) * 10
    }

    fn window(&mut self) -> TimeWindow {
        let from = self.ten(600);
        window(from, from + 10 + self.ten(300))
    }

    fn zones(&mut self) -> Zones {
        match self.below(3) {
            0 => Zones::of(&[ZoneId(self.below(2) as u32)]).unwrap(),
            _ => Zones::EMPTY,
        }
    }

    fn service(&mut self) -> Service {
        let mut told = Service { id: ServiceId(1 + self.below(2) as u32), ..service() };
        told.policy.notice_min = Span::from_mins(self.ten(60));
        told.policy.horizon = Span::from_mins(self.ten(600));
        for _ in 0..self.below(4) {
            let bookable = self.ten(300);
            let pickups = self.window();
            let (bookable_from, bookable_until) = (mins(bookable), mins(bookable + self.ten(300)));
            told.days.push(ServiceDay { pickups, bookable_from, bookable_until });
        }
        if self.below(3) == 0 {
            told.zones.push(ZonePair { from: self.zones(), to: self.zones() });
        }
        told
    }

    fn terms(&mut self) -> Terms {
        let serves = match self.below(3) {
            0 => Serves::Only([ServiceId(1)].into()),
            _ => Serves::All,
        };
        Terms { serves, zones: self.zones(), ..Terms::OPEN }
    }

    fn shift(&mut self, id: u32) -> Shift {
        let mut told = shift(id, self.window());
        if self.below(3) == 0 {
            told.end = Some(spot(self.below(6) as i32));
            let detour_length_max = Metres::from_metres(self.below(3000) as u64);
            let (seats, detour_max, tier) = (Seats::new(1, 0), Span::ZERO, Tier::T1);
            told.declared = Some(DeclaredTrip { seats, detour_max, detour_length_max, tier });
        }
        if self.below(4) == 0 {
            told.on_call = Some(OnCall { cost: 0, notice: Span::from_mins(self.ten(60)) });
        }
        told
    }
}

/// When a shift became this, or ended.
type ShiftNews = (Time, ShiftId, Option<(Shift, Terms)>);

/// What a list of records says, looked up anew for every question.
#[derive(Default)]
struct Facts {
    /// When said, and what: from then on it holds until the next of its number.
    services: Vec<(Time, Service)>,
    /// `None`: it has ended.
    shifts: Vec<ShiftNews>,
}

impl Facts {
    fn shift_at(&self, at: Time, id: ShiftId) -> Option<&(Shift, Terms)> {
        self.shifts.iter().rfind(|(said, shift, _)| *said <= at && *shift == id)?.2.as_ref()
    }

    fn rules_at(&self, at: Time, id: ServiceId) -> Option<&Service> {
        self.services.iter().rfind(|(said, service)| *said <= at && service.id == id).map(|(_, service)| service)
    }

    /// True if somebody could have asked, at some time before, to be fetched there now.
    fn is_exposed(&self, now: Time, place: &PickupPoint) -> bool {
        let step = Span::from_mins(5);
        (1..=3).map(ShiftId).any(|id| {
            let Some((shift, terms)) = self.shift_at(now, id) else { return false };
            let is_near = shift.declared.is_none_or(|trip| {
                let (start, end) = (shift.start.asked, shift.end.as_ref().unwrap().asked);
                let way = distance(start, place.point) + distance(place.point, end);
                way <= distance(start, end) + trip.detour_length_max
            });
            let notice = shift.on_call.map_or(Span::ZERO, |on_call| on_call.notice);
            let asked = (0..=240).map(|steps| now - step * steps).take_while(|&asked| Time::EPOCH <= asked);
            let is_there = |asked: &Time| self.shift_at(*asked, id).is_some();
            // since it was announced: a number that was used before is another shift
            let mut asks = asked.take_while(is_there);
            shift.window.contains(now)
                && is_near
                && asks.any(|asked| {
                    (1..=2).map(ServiceId).any(|service| {
                        let Some(rules) = self.rules_at(asked, service) else { return false };
                        let policy = &rules.policy;
                        let picks_up = |day: &ServiceDay| {
                            day.pickups.contains(now) && day.bookable_from <= asked && asked <= day.bookable_until
                        };
                        let (from, any) = (place.zones, Zones::from_bits(u128::MAX));
                        let is_in_zones = rules.zones.is_empty() || rules.carries(from, any);
                        (rules.days.is_empty() || rules.days.iter().any(picks_up))
                            && policy.notice_min.max(notice) <= now - asked
                            && now - asked <= policy.horizon
                            && terms.carries(rules.id, policy.crews)
                            && terms.reaches(place.zones, any)
                            && is_in_zones
                    })
                })
        })
    }
}

fn drawn(dice: &mut Dice) -> (Vec<Record>, Facts) {
    let (mut records, mut facts, mut at) = (Vec::new(), Facts::default(), 0);
    for _ in 0..4 + dice.below(16) {
        at += dice.ten(60);
        let id = 1 + dice.below(3) as u32;
        let now = mins(at);
        let standing = facts.shift_at(now, ShiftId(id)).cloned();
        let (record, shift) = match (dice.below(5), standing) {
            (0 | 1, _) => {
                let told = dice.service();
                facts.services.push((now, told.clone()));
                records.push(set(at, told));
                continue;
            }
            (_, None) => {
                let (told, terms) = (dice.shift(id), dice.terms());
                (planned(at, told.clone(), terms.clone()), Some((told, terms)))
            }
            (2, Some((told, terms))) => {
                let told = Shift { window: dice.window(), ..told };
                (changed(at, told.clone()), Some((told, terms)))
            }
            (3, Some((told, _))) => {
                let terms = dice.terms();
                (equipped(at, id, terms.clone()), Some((told, terms)))
            }
            (_, Some(_)) => (ended(at, id), None),
        };
        // what is planned at the instant at which another of its number ends could be taken for it
        at += if shift.is_none() { 10 } else { 0 };
        records.push(record);
        facts.shifts.push((now, ShiftId(id), shift));
    }
    (records, facts)
}

#[test]
fn what_is_exposed_is_what_somebody_could_have_asked_for() {
    let mut minutes = 0;
    for seed in 1..=150_u64 {
        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let (records, facts) = drawn(&mut dice);
        let exposure = of(&records);
        for _ in 0..3 {
            let place = PickupPoint { point: point(dice.below(6) as i32), zones: dice.zones() };
            // everything happens at whole tens of minutes: what holds between two of them holds all the time between
            let bins = exposure.bins(&place, mins(0), Span::from_mins(10), 100);
            for (number, bin) in (0..).zip(&bins) {
                let middle = mins(number * 10 + 5);
                let slow = if facts.is_exposed(middle, &place) { Span::from_mins(10) } else { Span::ZERO };
                assert_eq!(*bin, slow, "seed {seed}, minute {}, {place:?}: {records:#?}", number * 10);
            }
            let whole = exposure.exposed(&place, window(0, 1000));
            assert_eq!(whole, bins.into_iter().sum(), "seed {seed}: bins add up");
            minutes += whole.as_millis() / 60_000;
        }
    }
    assert!(10_000 < minutes, "only {minutes} minutes were exposed");
}

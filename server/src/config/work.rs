//! Who works when, as the file says it: shifts with their breaks, drivers, and the private drives that take riders along.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use jiff::civil;
use jiff::civil::Date;
use mukae_engine::answer::CAPACITY_MAX;
use mukae_engine::model::{Crew, Crews, DriverKind, NOTICE_MAX, OnCall, Tier, WEIGHT_MAX};
use mukae_units::{Metres, SeatKind, Seats, Span};
use toml::{Spanned, Value};

use super::check::{Check, MANAGED};
use super::raw::{RawBreak, RawDeclaredTrip, RawDriver, RawOnCall, RawShift, RawShifted, Text};
use super::{DayRule, Managed, NamedPoint, TripDays, VehicleConfig};
use crate::names::VehicleName;

/// A vehicle's regular work, in civil time of the area.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ShiftConfig {
    pub vehicle: VehicleName,
    pub days: DayRule,
    pub start: civil::Time,
    /// On the next day if it is not after `start`.
    pub end: civil::Time,
    pub start_place: NamedPoint,
    pub end_place: NamedPoint,
    /// What the driver can do.
    pub features: BTreeSet<String>,
    /// Where riders are taken, instead of the vehicle's zones; empty: as the vehicle says.
    pub zones: Vec<String>,
    /// Who drives, where that is not whom the vehicle stands for.
    pub crew: Option<Crew>,
    pub breaks: Vec<BreakConfig>,
    /// Set where the driver comes only if a rider needs the shift.
    pub on_call: Option<OnCall>,
    /// The driver, by the name the dispatcher knows: `tenants/{tenant}/drivers/{driver}`. `None`: nobody need be asked.
    pub driver: Option<String>,
    /// Set for a private drive that takes riders along.
    pub declared: Option<DeclaredConfig>,
    /// Set for such a drive, too.
    pub trip: Option<TripDays>,
}

/// A rest that begins between two times.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BreakConfig {
    pub from: civil::Time,
    pub to: civil::Time,
    pub length: Span,
    pub place: NamedPoint,
}

/// What the driver of a private drive does for riders.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DeclaredConfig {
    pub seats: Seats,
    pub detour_max: Span,
    pub detour_length_max: Metres,
    pub tier: Tier,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DriverConfig {
    /// `tenants/{tenant}/drivers/{driver}`.
    pub name: String,
    pub display_name: String,
    pub kind: DriverKind,
    pub tier: Tier,
    pub asks_per_week_max: u32,
    pub cooldown: Span,
    pub managed: Managed,
}

impl Check<'_> {
    pub(super) fn driver(&mut self, raw: Spanned<RawDriver>) -> DriverConfig {
        let line = self.line(raw.span().start);
        let raw = raw.into_inner();
        let tenant = self.id("driver", "tenant", line, raw.tenant);
        let id = self.id("driver", "id", line, raw.id);
        let kinds = [("volunteer", DriverKind::Volunteer), ("employed", DriverKind::Employed)];
        DriverConfig {
            display_name: self.display_name(raw.display_name, &id),
            name: format!("tenants/{tenant}/drivers/{id}"),
            kind: self.one_of("kind", raw.kind, &kinds).unwrap_or(DriverKind::Volunteer),
            tier: self.tier(raw.tier, Tier::T1),
            asks_per_week_max: self.number("asks_per_week", raw.asks_per_week, 0, 1_000, 10) as u32,
            cooldown: self.span("cooldown", raw.cooldown, Span::ZERO, Span::DAY * 7, Span::ZERO),
            managed: self.one_of("managed", raw.managed, &MANAGED).unwrap_or(Managed::ByFile),
        }
    }

    pub(super) fn shift(
        &mut self,
        raw: Spanned<RawShift>,
        vehicles: &[VehicleConfig],
        drivers: &[DriverConfig],
        zones: &[String],
    ) -> Option<ShiftConfig> {
        let line = self.line(raw.span().start);
        let raw = raw.into_inner();
        let vehicle = self.required("shift", "vehicle", line, raw.vehicle);
        let vehicle = vehicle.and_then(|vehicle| self.vehicle_named(&vehicle, vehicles));
        let days = self.day_rule(raw.days, &raw.not_on, &raw.also_on);
        let start = self.required("shift", "start", line, raw.start).and_then(|time| self.civil_time("start", &time));
        let end = self.required("shift", "end", line, raw.end).and_then(|time| self.civil_time("end", &time));
        let start_place = self.place_of("shift", "start_place", line, raw.start_place);
        let label = self.label("label", raw.label);
        let end_label = self.label("end_label", raw.end_label);
        let features = self.features(raw.features);
        let zones = self.zones_named("zones", raw.zones, zones);
        let crew = self.crew(raw.driven_by);
        let driver = raw.driver.map(|driver| self.driver_named(&driver, drivers));
        let end_place = match raw.end_place {
            Some(place) => NamedPoint::new(self.point("end_place", place)?, end_label),
            None => NamedPoint::new(start_place?, label.clone()),
        };
        let start_place = NamedPoint::new(start_place?, label);
        if let (Some(on_call), false) = (&raw.on_call, raw.breaks.is_empty()) {
            let what = "a shift that is `on_call` has no `breaks`; write two shifts, with the break between them";
            self.wrong(on_call, what.to_owned());
        }
        let on_call = raw.on_call.map(|raw| self.on_call(raw));
        let breaks = raw.breaks.into_iter().filter_map(|rest| self.rest(rest, &start_place)).collect();
        Some(ShiftConfig {
            vehicle: vehicle?,
            days: days?,
            start: start?,
            end: end?,
            start_place,
            end_place,
            features,
            zones,
            crew,
            breaks,
            on_call,
            driver: driver.flatten(),
            declared: None,
            trip: None,
        })
    }

    /// A shift from one end of the drive to the other, with a tolerance.
    pub(super) fn declared_trip(
        &mut self,
        raw: Spanned<RawDeclaredTrip>,
        vehicles: &[VehicleConfig],
        drivers: &[DriverConfig],
        zones: &[String],
    ) -> Option<ShiftConfig> {
        let line = self.line(raw.span().start);
        let raw = raw.into_inner();
        let table = "declared_trip";
        let vehicle = self.required(table, "vehicle", line, raw.vehicle);
        let vehicle = vehicle.and_then(|vehicle| self.vehicle_named(&vehicle, vehicles));
        let driver = self.required(table, "driver", line, raw.driver);
        let driver = driver.and_then(|driver| self.driver_named(&driver, drivers));
        let days = self.day_rule(raw.days, &raw.not_on, &raw.also_on);
        let within = self.first_to_last(raw.first, raw.last);
        let shifted = raw.shifted.into_iter().filter_map(|day| self.shifted(day)).collect();
        let leave = self.required(table, "leave", line, raw.leave).and_then(|time| self.civil_time("leave", &time));
        let arrive = self.required(table, "arrive", line, raw.arrive).and_then(|time| self.civil_time("arrive", &time));
        let from = self.place_of(table, "from", line, raw.from);
        let to = self.place_of(table, "to", line, raw.to);
        let (from_label, to_label) = (self.label("from_label", raw.from_label), self.label("to_label", raw.to_label));
        let zones = self.zones_named("zones", raw.zones, zones);
        let seats = self.number("seats", raw.seats, 1, i64::from(CAPACITY_MAX), 1) as u8;
        let capacity = vehicle.as_ref().and_then(|name| vehicles.iter().find(|vehicle| vehicle.name == *name));
        if capacity.is_some_and(|vehicle| vehicle.capacity.most(SeatKind::Seat) < u32::from(seats)) {
            self.note(line, format!("the trip offers {seats} `seats`, more than its vehicle has"));
        }
        let declared = DeclaredConfig {
            seats: Seats::new(seats, 0),
            detour_max: self.span("detour_max", raw.detour_max, Span::ZERO, Span::HOUR * 4, Span::from_mins(10)),
            detour_length_max: Metres::from_metres(
                self.number("detour_max_m", raw.detour_max_m, 0, 200_000, 5_000) as u64
            ),
            tier: self.tier(raw.tier, Tier::T3),
        };
        Some(ShiftConfig {
            vehicle: vehicle?,
            days: DayRule { within, ..days? },
            start: leave?,
            end: arrive?,
            start_place: NamedPoint::new(from?, from_label),
            end_place: NamedPoint::new(to?, to_label),
            features: BTreeSet::new(),
            zones,
            crew: Some(Crew::Volunteer),
            breaks: Vec::new(),
            on_call: None,
            driver: Some(driver?),
            declared: Some(declared),
            trip: Some(TripDays { id: None, shifted, replanned: BTreeMap::new(), days_ahead: None }),
        })
    }

    /// Where nobody says, it is taken where the shift begins.
    fn on_call(&mut self, raw: Spanned<RawOnCall>) -> OnCall {
        let line = self.line(raw.span().start);
        let raw = raw.into_inner();
        for (key, is_missing) in [("cost", raw.cost.is_none()), ("notice", raw.notice.is_none())] {
            if is_missing {
                self.note(line, format!("`on_call` has no `{key}`; it is required"));
            }
        }
        OnCall {
            cost: self.number("cost", raw.cost, 0, WEIGHT_MAX, 0),
            notice: self.span("notice", raw.notice, Span::ZERO, NOTICE_MAX, Span::ZERO),
        }
    }

    fn rest(&mut self, raw: Spanned<RawBreak>, usual: &NamedPoint) -> Option<BreakConfig> {
        let line = self.line(raw.span().start);
        let raw = raw.into_inner();
        let from = self.required("breaks", "from", line, raw.from).and_then(|time| self.civil_time("from", &time));
        let to = self.required("breaks", "to", line, raw.to).and_then(|time| self.civil_time("to", &time));
        let length = self.required("breaks", "length", line, raw.length);
        let length = self.span("length", length, Span::MINUTE, Span::HOUR * 12, Span::HOUR);
        let label = self.label("label", raw.label);
        let place = match raw.place {
            Some(place) => NamedPoint::new(self.point("place", place)?, label),
            None => usual.clone(),
        };
        Some(BreakConfig { from: from?, to: to?, length, place })
    }

    fn place_of(
        &mut self,
        table: &str,
        key: &str,
        line: usize,
        raw: Option<Spanned<Vec<Value>>>,
    ) -> Option<mukae_units::LatLon> {
        let Some(place) = raw else {
            self.note(line, format!("a {table} needs `{key}`, written as [latitude, longitude]"));
            return None;
        };
        self.point(key, place)
    }

    /// The dispatcher's name of a driver.
    fn driver_named(&mut self, raw: &Spanned<String>, drivers: &[DriverConfig]) -> Option<String> {
        let parts = |driver: &DriverConfig| {
            let rest = driver.name.strip_prefix("tenants/")?;
            rest.split_once("/drivers/").map(|(tenant, id)| (tenant.to_owned(), id.to_owned()))
        };
        let parts: Vec<(String, String)> = drivers.iter().filter_map(parts).collect();
        let ids = parts.iter().map(|(tenant, id)| (tenant.as_str(), id.as_str())).collect();
        self.named("driver", raw, ids).map(|index| drivers[index].name.clone())
    }

    pub(super) fn crew(&mut self, raw: Text) -> Option<Crew> {
        self.one_of("driven_by", raw, &CREWS)
    }

    /// All of them where nobody says.
    pub(super) fn crews(&mut self, raw: Option<Vec<Spanned<String>>>) -> Crews {
        let Some(raw) = raw else { return Crews::ALL };
        let crews = raw.into_iter().filter_map(|crew| self.one_of("driven_by", Some(crew), &CREWS));
        crews.fold(Crews::NONE, Crews::and)
    }

    pub(super) fn tier(&mut self, raw: Text, shipped: Tier) -> Tier {
        let tiers = [("T0", Tier::T0), ("T1", Tier::T1), ("T2", Tier::T2), ("T3", Tier::T3)];
        self.one_of("tier", raw, &tiers).unwrap_or(shipped)
    }

    /// One of some words; `None` where nothing is said, or something else, which is noted.
    pub(super) fn one_of<T: Copy>(&mut self, key: &str, raw: Text, known: &[(&str, T)]) -> Option<T> {
        let raw = raw?;
        let found = known.iter().find(|(word, _)| *word == raw.as_ref()).map(|&(_, meant)| meant);
        if found.is_none() {
            let words: Vec<String> = known.iter().map(|(word, _)| format!("{word:?}")).collect();
            self.wrong(&raw, format!("`{key}` is {:?}; write {}", raw.as_ref(), words.join(" or ")));
        }
        found
    }

    /// On which dates something happens.
    pub(super) fn day_rule(
        &mut self,
        days: Option<Spanned<Value>>,
        not_on: &[Spanned<String>],
        also_on: &[Spanned<String>],
    ) -> Option<DayRule> {
        let days = self.days(days);
        let not_on: Vec<RangeInclusive<Date>> = not_on.iter().filter_map(|raw| self.dates("not_on", raw)).collect();
        let also_on = also_on.iter().filter_map(|raw| self.dates("also_on", raw)).collect();
        Some(DayRule { days: days?, not_on, also_on, within: Date::MIN..=Date::MAX })
    }

    fn first_to_last(&mut self, first: Text, last: Text) -> RangeInclusive<Date> {
        let from = first.and_then(|raw| self.date("first", &raw)).unwrap_or(Date::MIN);
        let Some(raw) = last else { return from..=Date::MAX };
        let until = self.date("last", &raw).unwrap_or(Date::MAX);
        if until < from {
            self.wrong(&raw, format!("`last` is {:?}, before `first`", raw.as_ref()));
        }
        from..=until
    }

    fn shifted(&mut self, raw: Spanned<RawShifted>) -> Option<(Date, civil::Time, civil::Time)> {
        let line = self.line(raw.span().start);
        let raw = raw.into_inner();
        let date = self.required("shifted", "date", line, raw.date).and_then(|date| self.date("date", &date));
        let leave = self.required("shifted", "leave", line, raw.leave).and_then(|time| self.civil_time("leave", &time));
        let arrive = self.required("shifted", "arrive", line, raw.arrive);
        let arrive = arrive.and_then(|time| self.civil_time("arrive", &time));
        Some((date?, leave?, arrive?))
    }

    fn date(&mut self, key: &str, raw: &Spanned<String>) -> Option<Date> {
        let date = raw.as_ref().parse::<Date>().ok();
        if date.is_none() {
            self.wrong(raw, format!("`{key}` is {:?}; write a date like \"2026-12-31\"", raw.as_ref()));
        }
        date
    }
}

const CREWS: [(&str, Crew); 3] = [("staff", Crew::Staff), ("volunteer", Crew::Volunteer), ("taxi", Crew::Taxi)];

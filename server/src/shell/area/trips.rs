//! Trips that are declared for many days: told once, planned day by day.
//!
//! What was told is a fact. Each day of it is a shift, by the expansion that the file's declared trips have, too
//! ([`shift_on`]); it is called after the trip and the date, and so planned once, however often it is tried. A day that
//! is told otherwise is counted in the same fact: what was planned under a lower count is closed, and the day planned anew
//! under the next one. So a crash anywhere in between is mended when the area is next configured.

use std::ops::RangeInclusive;

use jiff::ToSpan;
use jiff::civil::Date;
use mukae_engine::model::{Serves, ShiftState};
use mukae_engine::{Answer, Command, State};
use mukae_maps::PreparedMap;
use mukae_office::{Fact, Setup, Trip, TripPart, TripSet};
use mukae_proto::transit::fleet::v1 as pb;
use mukae_proto::transit::units::v1::ErrorReason;
use mukae_record::Origin;
use mukae_units::{Metres, ShiftId, Span};
use prost::Message;

use super::{Area, ours};
use crate::config::{Config, DriverConfig, Managed, NamedPoint, ShiftConfig, VehicleConfig, civil_date, shift_on};
use crate::errors::Fault;
use crate::names::{ShiftName, TenantName, TripName, VehicleName, unlabel};
use crate::shell::input::{CancelledTrip, ChangedTrip, List, NewTrip, Signed, TripScope};
use crate::wire::from_proto::{TripGround, merge_trip, trip_config};
use crate::wire::listed;
use crate::wire::to_proto;

/// Shifts are planned no farther ahead, whatever the horizon.
const DAYS_AHEAD_MAX: u32 = 60;

/// The regular shifts that declared trips are: one for each part of a trip.
pub(super) fn shifts_of(config: &Config, setup: &Setup, state: &State, map: &PreparedMap) -> Vec<ShiftConfig> {
    let mut trips: Vec<(&String, &Trip)> = setup.trips().iter().collect();
    trips.sort_by_key(|(_, trip)| trip.number);
    let people = People::of(state);
    trips.iter().flat_map(|(name, trip)| parts_of(name, trip, config, state, &people.ground(config, map))).collect()
}

fn parts_of(name: &str, trip: &Trip, config: &Config, state: &State, ground: &TripGround<'_>) -> Vec<ShiftConfig> {
    let Ok(TripName { trip: id, .. }) = name.parse() else {
        tracing::error!("{name} is no name of a trip");
        return Vec::new();
    };
    let mut shifts = Vec::new();
    for (index, part) in trip.parts.iter().enumerate().filter(|(_, part)| !part.content.is_empty()) {
        let told = pb::TripDeclaration::decode(part.content.as_slice()).map_err(Fault::bug);
        let shift = told.and_then(|told| trip_config(&told, *ground));
        let mut shift = match shift {
            Ok(shift) => shift,
            Err(fault) => {
                tracing::error!("{name}: it can not be planned any more: {fault:?}");
                continue;
            }
        };
        let until = trip.parts.get(index + 1).and_then(|next| date_of(next.from).yesterday().ok());
        let within = &shift.days.within;
        let first = *within.start().max(&date_of(part.from));
        let last = until.map_or(*within.end(), |until| until.min(*within.end()));
        shift.days.within = first..=last;
        let days_ahead = days_ahead(config, state, &shift.vehicle);
        if let Some(days) = &mut shift.trip {
            days.id = Some(id.clone());
            days.replanned = trip.replanned.iter().map(|(&day, &times)| (date_of(day), times)).collect();
            days.days_ahead = Some(days_ahead);
        }
        shifts.push(shift);
    }
    shifts
}

/// As far as riders can book with the vehicle.
fn days_ahead(config: &Config, state: &State, vehicle: &VehicleName) -> u32 {
    let vehicle = vehicle.to_string();
    let vehicle = state.vehicles.values().find(|known| unlabel(&known.name).0 == vehicle);
    let Some(vehicle) = vehicle else { return 0 };
    let carries = |name: &str| match &vehicle.terms.serves {
        Serves::All => true,
        Serves::Only(ids) => ids.iter().any(|id| state.services.get(id).is_some_and(|it| unlabel(&it.name).0 == name)),
    };
    let carried = config.services.iter().filter(|service| carries(&service.name.to_string()));
    let horizon = carried.map(|service| service.policy.horizon).max().unwrap_or(Span::ZERO);
    let days = horizon.as_millis().div_euclid(Span::DAY.as_millis()) + 1;
    u32::try_from(days).unwrap_or(DAYS_AHEAD_MAX).min(DAYS_AHEAD_MAX)
}

/// Vehicles and drivers that trips may name, as the dispatcher knows them.
#[derive(Debug)]
struct People {
    vehicles: Vec<VehicleConfig>,
    drivers: Vec<DriverConfig>,
}

impl People {
    fn of(state: &State) -> People {
        let vehicles = state.vehicles.values().filter_map(|vehicle| {
            let (name, display_name) = unlabel(&vehicle.name);
            Some(VehicleConfig {
                name: name.parse().ok()?,
                display_name: display_name.to_owned(),
                capacity: vehicle.capacity.clone(),
                features: std::collections::BTreeSet::new(),
                services: None,
                zones: Vec::new(),
                crew: vehicle.terms.crew,
                managed: Managed::ByInterface,
            })
        });
        let drivers = state.drivers.values().map(|driver| {
            let (name, display_name) = unlabel(&driver.name);
            DriverConfig {
                name: name.to_owned(),
                display_name: display_name.to_owned(),
                kind: driver.kind,
                tier: driver.tier,
                asks_per_week_max: driver.asks_per_week_max,
                cooldown: driver.cooldown,
                managed: Managed::ByInterface,
            }
        });
        People { vehicles: vehicles.collect(), drivers: drivers.collect() }
    }

    fn ground<'a>(&'a self, config: &'a Config, map: &'a PreparedMap) -> TripGround<'a> {
        let People { vehicles, drivers } = self;
        TripGround { area: &config.area, vehicles, drivers, zones: &config.zones, map }
    }
}

/// Of what a day of a trip is: whatever differs here is planned anew.
type Occurrence = (mukae_units::TimeWindow, VehicleName, Option<String>, [NamedPoint; 2], Vec<String>, Tolerance);
type Tolerance = Option<(mukae_units::Seats, Span, Metres, mukae_engine::model::Tier)>;

fn occurrence(config: &Config, name: &TripName, date: Date) -> Option<Occurrence> {
    let is_its = |shift: &&ShiftConfig| {
        let id = shift.trip.as_ref().and_then(|trip| trip.id.as_ref());
        id == Some(&name.trip) && shift.vehicle.tenant == name.tenant
    };
    let planned = config.shifts.iter().filter(is_its).find_map(|shift| shift_on(&config.area, shift, date))?;
    let shift = planned.config;
    let ends = [shift.start_place.clone(), shift.end_place.clone()];
    let tolerance = shift.declared.map(|it| (it.seats, it.detour_max, it.detour_length_max, it.tier));
    Some((planned.window, shift.vehicle.clone(), shift.driver.clone(), ends, shift.zones.clone(), tolerance))
}

/// A shift that a day of a trip became: its date, and how often that was planned before.
fn planned_as(name: &TripName, shift: &str) -> Option<(Date, u32)> {
    let shift: ShiftName = shift.parse().ok()?;
    let rest = shift.shift.strip_prefix(&name.trip)?.strip_prefix('-')?;
    let (day, number) = rest.split_once('-').unwrap_or((rest, "1"));
    let is_day = day.len() == 8 && day.bytes().all(|byte| byte.is_ascii_digit());
    let number: u32 = number.parse().ok().filter(|number| 1 <= *number)?;
    let date = Date::strptime("%Y%m%d", day).ok().filter(|_| is_day && shift.vehicle.tenant == name.tenant)?;
    Some((date, number - 1))
}

impl Area {
    pub(super) fn create_declaration(&mut self, signed: Signed<NewTrip>) -> Result<pb::TripDeclaration, Fault> {
        let Signed { origin, wish: NewTrip { name, told }, .. } = signed;
        if self.recalled_note(&origin)?.is_none() {
            if self.annals.office().setup().trips().contains_key(&name.to_string()) {
                return Err(Fault::exists(&name));
            }
            let content = self.judged(&told)?;
            let from = day_of(self.civil_today()).saturating_sub(1); // a night's drive may have begun yesterday
            self.set_trip(&origin, &name, vec![TripPart { from, content }])?;
        }
        self.get_declaration(name)
    }

    pub(super) fn get_declaration(&mut self, name: TripName) -> Result<pb::TripDeclaration, Fault> {
        let trip = self.trip(&name)?;
        Ok(self.draw_trip(&name, trip))
    }

    pub(super) fn list_declarations(
        &mut self,
        list: List<TenantName>,
    ) -> Result<pb::ListTripDeclarationsResponse, Fault> {
        let named = self.annals.office().setup().trips().iter();
        let named = named.filter_map(|(name, trip)| Some((name.parse::<TripName>().ok()?, trip)));
        let mut found: Vec<(TripName, &Trip)> = named.filter(|(name, _)| name.tenant == list.parent.0).collect();
        found.sort_by_key(|(_, trip)| trip.number);
        let drawn = found.iter().filter(|(_, trip)| list.page.range_start() <= trip.number);
        let drawn = drawn.map(|(name, trip)| (trip.number, self.draw_trip(name, trip)));
        let (trip_declarations, next_page_token) = list.sieve.cut(&list.page, listed::TRIPS, drawn);
        Ok(pb::ListTripDeclarationsResponse { trip_declarations, next_page_token })
    }

    pub(super) fn update_declaration(&mut self, signed: Signed<ChangedTrip>) -> Result<pb::TripDeclaration, Fault> {
        let Signed { origin, wish: ChangedTrip { name, etag, mask, from, told }, .. } = signed;
        if self.recalled_note(&origin)?.is_none() {
            let from = self.date_ahead("effective_date", from)?;
            let trip = self.live_trip(&name, &etag)?;
            let mut changed = newest(trip)?;
            merge_trip(&mut changed, told, &mask);
            let content = self.judged(&changed)?;
            let mut parts = parts_before(&self.trip(&name)?.parts, from);
            parts.push(TripPart { from: day_of(from), content });
            self.set_trip(&origin, &name, parts)?;
        }
        self.get_declaration(name)
    }

    pub(super) fn cancel_declaration(&mut self, signed: Signed<CancelledTrip>) -> Result<pb::TripDeclaration, Fault> {
        let Signed { origin, wish: CancelledTrip { name, etag, scope }, .. } = signed;
        if self.recalled_note(&origin)?.is_none() {
            let parts = match scope {
                TripScope::From(from) => {
                    let from = self.date_ahead("from_date", from)?;
                    let trip = self.live_trip(&name, &etag)?;
                    let mut parts = parts_before(&trip.parts, from);
                    parts.push(TripPart { from: day_of(from), content: Vec::new() });
                    parts
                }
                TripScope::Day(day) => {
                    let day = self.date_ahead("date", Some(day))?;
                    let trip = self.live_trip(&name, &etag)?;
                    if occurrence(&self.config, &name, day).is_none() {
                        let message = format!("{name} does not happen on {day}");
                        return Err(Fault::new(ErrorReason::AlreadySo, message).with("name", &name));
                    }
                    without(&trip.parts, day)?
                }
            };
            self.set_trip(&origin, &name, parts)?;
        }
        self.get_declaration(name)
    }

    /// Shifts of days that were told otherwise since they were planned.
    pub(super) fn close_replanned(&mut self) {
        let trips = self.annals.office().setup().trips();
        let replanned = trips.iter().filter(|(_, trip)| !trip.replanned.is_empty());
        let replanned = replanned.filter_map(|(name, trip)| Some((name.parse::<TripName>().ok()?, trip)));
        let mut stale: Vec<ShiftId> = Vec::new();
        for (name, trip) in replanned {
            for (shift, date, times) in self.planned_of(&name) {
                if trip.replanned.get(&day_of(date)).is_some_and(|now| times < *now) {
                    stale.push(shift);
                }
            }
        }
        for shift in stale {
            match self.take(&ours("setup"), Command::CloseShift { shift }).map(|written| written.answer) {
                Ok(Answer::Noted) => {}
                other => tracing::error!("{shift} could not be closed to be planned anew: {other:?}"),
            }
        }
    }

    /// The shifts of a trip that are planned and not open yet.
    fn planned_of(&self, name: &TripName) -> Vec<(ShiftId, Date, u32)> {
        let schedules = self.scribe.state().schedules.values();
        let planned = schedules
            .filter(|schedule| schedule.state == ShiftState::Planned && schedule.shift.declared.is_some())
            .filter_map(|schedule| {
                let (date, times) = planned_as(name, &schedule.shift.name)?;
                Some((schedule.shift.id, date, times))
            });
        planned.collect()
    }

    /// Writes a trip down, with the days that are otherwise by it, and plans it.
    fn set_trip(&mut self, origin: &Origin, name: &TripName, parts: Vec<TripPart>) -> Result<(), Fault> {
        let told = TripSet { trip: name.to_string(), parts, replanned: Vec::new() };
        let mut office = self.annals.office().clone();
        office.apply(self.now(), &Fact::TripSet(told.clone()));
        let later = super::setup::taken_together(&self.file, office.setup(), self.scribe.state(), &self.map);
        let planned = self.planned_of(name);
        let differs = planned.iter().map(|(_, date, _)| *date);
        let differs = differs.filter(|&date| occurrence(&self.config, name, date) != occurrence(&later, name, date));
        let replanned = differs.map(day_of).collect();
        self.take_fact(origin, Fact::TripSet(TripSet { replanned, ..told }), (&name.to_string(), "trip_declaration"))?;
        self.take_up_setup();
        Ok(())
    }

    /// As it is written down.
    fn judged(&self, told: &pb::TripDeclaration) -> Result<Vec<u8>, Fault> {
        let people = People::of(self.scribe.state());
        let trip = trip_config(told, people.ground(&self.file, &self.map))?;
        if let Some(vehicle) = self.annals.vehicle(&trip.vehicle) {
            self.expect_in_service(vehicle, &trip.vehicle)?;
        }
        Ok(to_proto::declaration(told, &trip).encode_to_vec())
    }

    fn civil_today(&self) -> Date {
        civil_date(&self.config.area.time_zone, self.now())
    }

    /// What is over is not changed.
    fn date_ahead(&self, field: &str, date: Option<Date>) -> Result<Date, Fault> {
        let today = self.civil_today();
        match date.unwrap_or(today) {
            date if date < today => Err(Fault::invalid_field(field, format!("{date} is over; {today} or later"))),
            date => Ok(date),
        }
    }

    fn trip(&self, name: &TripName) -> Result<&Trip, Fault> {
        self.annals.office().setup().trips().get(&name.to_string()).ok_or_else(|| Fault::not_found(name))
    }

    /// One that is not cancelled, and as the caller read it.
    fn live_trip(&self, name: &TripName, etag: &str) -> Result<&Trip, Fault> {
        let trip = self.trip(name)?;
        let drawn = self.draw_trip(name, trip);
        if drawn.state() == pb::trip_declaration::State::Cancelled {
            let message = format!("{name} was cancelled; declare another one");
            return Err(Fault::new(ErrorReason::OutOfService, message).with("name", name));
        }
        if !etag.is_empty() && etag != drawn.etag {
            let message = format!("{name} has changed since etag {etag}; read it again");
            return Err(Fault::new(ErrorReason::EtagMismatch, message).with("etag", drawn.etag));
        }
        Ok(trip)
    }

    fn draw_trip(&self, name: &TripName, trip: &Trip) -> pb::TripDeclaration {
        let today = day_of(self.civil_today());
        let last = trip.parts.last();
        let is_over = last.is_some_and(|part| part.content.is_empty() && part.from <= today);
        let mut drawn = newest(trip).unwrap_or_default();
        drawn.name = name.to_string();
        let state = if is_over { pb::trip_declaration::State::Cancelled } else { pb::trip_declaration::State::Active };
        drawn.state = state as i32;
        let begins = last.filter(|part| today < part.from && 1 < trip.parts.len());
        drawn.effective_date = begins.map(|part| date_of(part.from).to_string()).unwrap_or_default();
        drawn.version = i64::try_from(trip.version).unwrap_or(i64::MAX);
        drawn.etag = blake3::hash(&drawn.encode_to_vec()).to_hex()[..16].to_owned();
        drawn.create_time = Some(to_proto::timestamp(trip.declared));
        drawn.update_time = Some(to_proto::timestamp(trip.changed));
        let schedules = self.scribe.state().schedules.values();
        let of_trip = schedules.filter(|schedule| schedule.shift.declared.is_some());
        let mut shifts: Vec<_> = of_trip
            .filter(|schedule| planned_as(name, &schedule.shift.name).is_some())
            .map(|schedule| (schedule.shift.window.earliest(), schedule.shift.name.clone()))
            .collect();
        shifts.sort();
        drawn.shifts = shifts.into_iter().map(|(_, shift)| shift).collect();
        drawn.problems = self.problems_of(name);
        drawn
    }

    /// Days that should be planned by now and are not.
    fn problems_of(&self, name: &TripName) -> Vec<String> {
        let (now, today) = (self.now(), self.civil_today());
        let mut problems = Vec::new();
        for shift in &self.config.shifts {
            let Some(days) = shift.trip.as_ref().filter(|days| days.id.as_ref() == Some(&name.trip)) else { continue };
            if shift.vehicle.tenant != name.tenant {
                continue;
            }
            for ahead in 0..=days.days_ahead.unwrap_or(0) {
                let Ok(date) = today.checked_add(i64::from(ahead).days()) else { break };
                let Some(planned) = shift_on(&self.config.area, shift, date) else { continue };
                if planned.window.latest() <= now || self.annals.shift(&planned.name).is_some() {
                    continue;
                }
                let schedules = self.scribe.state().schedules.values();
                let vehicle = self.annals.vehicle(&shift.vehicle);
                let mut at_that_time = schedules.filter(|other| other.shift.window.overlaps(&planned.window));
                let why = match at_that_time.find(|other| Some(other.shift.vehicle) == vehicle) {
                    Some(other) => format!("{} is at that time", other.shift.name),
                    None => "the way takes longer, or the vehicle or its driver can not be there in time".to_owned(),
                };
                problems.push(format!("{date}: {why}"));
            }
        }
        problems
    }
}

/// What was told last, whenever it begins.
fn newest(trip: &Trip) -> Result<pb::TripDeclaration, Fault> {
    let told = trip.parts.iter().rev().find(|part| !part.content.is_empty());
    let content = told.map(|part| part.content.as_slice()).unwrap_or_default();
    pb::TripDeclaration::decode(content).map_err(Fault::bug)
}

fn parts_before(parts: &[TripPart], from: Date) -> Vec<TripPart> {
    parts.iter().filter(|part| part.from < day_of(from)).cloned().collect()
}

/// The same without one day, in whichever part it lies; a date that was added by itself is taken away again.
fn without(parts: &[TripPart], day: Date) -> Result<Vec<TripPart>, Fault> {
    let mut parts = parts.to_vec();
    let Some(part) = parts.iter_mut().rev().find(|part| part.from <= day_of(day)) else { return Ok(parts) };
    let mut told = pb::TripDeclaration::decode(part.content.as_slice()).map_err(Fault::bug)?;
    let mut also_on = Vec::new();
    for text in &told.also_on {
        let ends = text.split_once(" to ").unwrap_or((text, text));
        let date = |text: &str| text.trim().parse::<Date>().map_err(Fault::bug);
        let (first, last) = (date(ends.0)?, date(ends.1)?);
        if !(first..=last).contains(&day) {
            also_on.push(text.clone());
            continue;
        }
        let rests: [Option<RangeInclusive<Date>>; 2] = [
            day.yesterday().ok().filter(|before| first <= *before).map(|before| first..=before),
            day.tomorrow().ok().filter(|after| *after <= last).map(|after| after..=last),
        ];
        also_on.extend(rests.iter().flatten().map(to_proto::dates));
    }
    told.also_on = also_on;
    told.not_on.push(day.to_string());
    told.shifted.retain(|shifted| shifted.date != day.to_string());
    part.content = told.encode_to_vec();
    Ok(parts)
}

/// Days since the beginning of 1970.
fn day_of(date: Date) -> u32 {
    let days = Date::constant(1970, 1, 1).until(date).map_or(0, |span| span.get_days());
    u32::try_from(days).unwrap_or(0)
}

fn date_of(day: u32) -> Date {
    Date::constant(1970, 1, 1).checked_add(i64::from(day).days()).unwrap_or(Date::MAX)
}

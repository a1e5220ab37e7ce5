//! The configuration as commands: pure, the same for the server and the simulator.
//!
//! Only what differs from the state is asked for, so that a restart writes nothing into the journal.
//! What the configuration no longer names stays, with a note.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use jiff::civil::Date;
use mukae_engine::model::{MapId, Serves, Service, Shift, Spot, Terms, Vehicle};
use mukae_engine::{Command, State};
use mukae_maps::{NoRoadNear, PreparedMap};
use mukae_units::{FeatureId, Features, ServiceId, ShiftId, Span, Time, VehicleId, Zones};

use super::{Config, NamedPoint, PlannedShift, civil_date, service_days, shifts_on};
use crate::names::{ServiceName, ShiftName, label, unlabel};

/// What a dispatcher knows already.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    pub state: &'a State,
    /// All shifts planned before, the ended ones too.
    pub shifts: &'a BTreeSet<ShiftName>,
}

/// What has to be said to a dispatcher, and what an operator should know.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Changes {
    /// In this order.
    pub commands: Vec<Command>,
    pub notes: Vec<String>,
}

/// A part of the configuration that the map contradicts.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{place} of a shift of {vehicle} at {position} is off the map: {source}")]
pub struct BadSetting {
    pub place: &'static str,
    pub vehicle: String,
    pub position: String,
    pub source: NoRoadNear,
}

/// All that the configuration says, with the shifts of these civil days, to a dispatcher that knows
/// nothing yet. `now` leaves out shifts that are over.
pub fn settings(
    config: &Config,
    map: &PreparedMap,
    days: RangeInclusive<Date>,
    now: Time,
) -> Result<Vec<Command>, BadSetting> {
    let nothing = Known { state: &State::new(), shifts: &BTreeSet::new() };
    settings_missing_in(nothing, config, map, days, now).map(|changes| changes.commands)
}

/// The part of [`settings`] that is not known yet.
pub fn settings_missing_in(
    known: Known<'_>,
    config: &Config,
    map: &PreparedMap,
    days: RangeInclusive<Date>,
    now: Time,
) -> Result<Changes, BadSetting> {
    let state = known.state;
    let mut changes = Changes::default();
    let map_id = MapId(map.checksum());
    if state.map != Some(map_id) {
        changes.commands.push(Command::UseMap(map_id));
    }
    if state.policy != Some(config.area.policy) {
        changes.commands.push(Command::SetPolicy(config.area.policy));
    }
    let services = services(state, config, &days, now, &mut changes);
    let features = features(state, config, &mut changes);
    let vehicles = vehicles(state, config, &services, &features, &mut changes);
    plan_shifts(known, config, map, days, now, (&vehicles, &features), &mut changes)?;
    Ok(changes)
}

/// The ids of all services of the configuration. Their days reach as far as anybody can book.
fn services(
    state: &State,
    config: &Config,
    days: &RangeInclusive<Date>,
    now: Time,
    changes: &mut Changes,
) -> BTreeMap<ServiceName, ServiceId> {
    let zone = &config.area.time_zone;
    let mut ids = BTreeMap::new();
    let mut next = state.services.keys().last().map_or(1, |id| id.0 + 1);
    for wanted in &config.services {
        let name = wanted.name.to_string();
        let label = label(&wanted.name, &wanted.display_name);
        let known = state.services.values().find(|service| unlabel(&service.name).0 == name);
        let id = known.map_or(ServiceId(next), |service| service.id);
        ids.insert(wanted.name.clone(), id);
        let planned_to = civil_date(zone, now).max(*days.end());
        let horizon = wanted.policy.horizon.as_millis() / Span::DAY.as_millis() + 1;
        let last = planned_to.checked_add(jiff::Span::new().days(horizon)).unwrap_or(planned_to);
        let service_days = service_days(zone, wanted, days_of(*days.start()..=last));
        // zones are drawn nowhere yet
        let service = Service {
            id,
            name: label,
            policy: wanted.policy,
            days: service_days,
            zones: Vec::new(),
            tariff: None,
            suspension: None,
        };
        match known {
            Some(known) if *known == service => continue,
            Some(_) => {}
            None => next += 1,
        }
        changes.commands.push(Command::SetService(service.into()));
    }
    let is_configured = |name: &str| config.services.iter().any(|service| service.name.to_string() == name);
    for service in state.services.values().map(|service| unlabel(&service.name).0).filter(|name| !is_configured(name)) {
        changes.notes.push(format!("{service} is no longer in the configuration; it stays as it was"));
    }
    ids
}

/// The numbers of all features, those to be named included.
fn features(state: &State, config: &Config, changes: &mut Changes) -> BTreeMap<String, FeatureId> {
    let mut ids: BTreeMap<String, FeatureId> =
        state.features.iter().map(|(&feature, name)| (name.clone(), feature)).collect();
    let mut free_ids = (state.features.keys().last().map_or(0, |id| id.0 + 1)..).map(FeatureId);
    let of_vehicles = config.vehicles.iter().flat_map(|vehicle| &vehicle.features);
    for name in of_vehicles.chain(config.shifts.iter().flat_map(|shift| &shift.features)) {
        if !ids.contains_key(name) {
            let feature = free_ids.next().expect("four thousand million features were not named yet");
            changes.commands.push(Command::NameFeature { feature, name: name.clone() });
            ids.insert(name.clone(), feature);
        }
    }
    ids
}

/// What is numbered beyond the limit is told once, and offered by nobody.
fn features_of(names: &BTreeSet<String>, ids: &BTreeMap<String, FeatureId>, changes: &mut Changes) -> Features {
    let mut features = Features::EMPTY;
    for name in names {
        match features.and(ids[name]) {
            Ok(more) => features = more,
            Err(_) => changes.notes.push(format!("{name} can not be offered: too many features were named before")),
        }
    }
    features
}

/// The ids of all vehicles, those to be registered included.
fn vehicles(
    state: &State,
    config: &Config,
    services: &BTreeMap<ServiceName, ServiceId>,
    features: &BTreeMap<String, FeatureId>,
    changes: &mut Changes,
) -> BTreeMap<String, VehicleId> {
    let mut ids: BTreeMap<String, VehicleId> =
        state.vehicles.values().map(|vehicle| (unlabel(&vehicle.name).0.to_owned(), vehicle.id)).collect();
    let mut free_ids = (state.vehicles.keys().last().map_or(1, |id| id.0 + 1)..).map(VehicleId);
    for wanted in &config.vehicles {
        let name = wanted.name.to_string();
        let serves = match &wanted.services {
            None => Serves::All,
            Some(names) => Serves::Only(names.iter().map(|name| services[name]).collect()),
        };
        let terms = Terms {
            features: features_of(&wanted.features, features, changes),
            serves,
            zones: Zones::EMPTY,
            crew: mukae_engine::model::Crew::Staff,
        };
        let id = ids.get(&name).copied();
        let id = id.or_else(|| free_ids.next()).expect("four thousand million vehicles were not registered yet");
        let name_and_title = label(&wanted.name, &wanted.display_name);
        let vehicle = Vehicle { id, name: name_and_title, capacity: wanted.capacity.clone(), terms };
        if state.vehicles.get(&id) != Some(&vehicle) {
            changes.commands.push(Command::RegisterVehicle(vehicle));
        }
        ids.insert(name, id);
    }
    let is_configured = |name: &&str| config.vehicles.iter().any(|vehicle| vehicle.name.to_string() == **name);
    for vehicle in state.vehicles.values().map(|vehicle| unlabel(&vehicle.name).0).filter(|name| !is_configured(name)) {
        changes.notes.push(format!("{vehicle} is not in the configuration; it stays"));
    }
    ids
}

fn plan_shifts(
    known: Known<'_>,
    config: &Config,
    map: &PreparedMap,
    days: RangeInclusive<Date>,
    now: Time,
    (vehicles, features): (&BTreeMap<String, VehicleId>, &BTreeMap<String, FeatureId>),
    changes: &mut Changes,
) -> Result<(), BadSetting> {
    let Known { state, shifts } = known;
    let mut ids = (state.last_shift + 1..).map(ShiftId);
    let wanted = days_of(days).flat_map(|date| shifts_on(config, date));
    for planned in wanted.filter(|planned| now < planned.window.latest() && !shifts.contains(&planned.name)) {
        let vehicle = vehicles[&planned.config.vehicle.to_string()];
        let clash = state
            .schedules
            .values()
            .find(|schedule| schedule.shift.vehicle == vehicle && schedule.shift.window.overlaps(&planned.window));
        if let Some(clash) = clash {
            changes.notes.push(format!("{} is not planned: {} is at that time", planned.name, clash.shift.name));
            continue;
        }
        let id = ids.next().expect("four thousand million shifts were not planned yet");
        let mut shift = shift(config, map, &planned, vehicle, id)?;
        shift.features = features_of(&planned.config.features, features, changes);
        changes.commands.push(Command::PlanShift(shift.into()));
    }
    Ok(())
}

fn days_of(days: RangeInclusive<Date>) -> impl Iterator<Item = Date> {
    let (first, last) = days.into_inner();
    std::iter::successors(Some(first), |date| date.tomorrow().ok()).take_while(move |date| *date <= last)
}

fn shift(
    config: &Config,
    map: &PreparedMap,
    planned: &PlannedShift<'_>,
    vehicle: VehicleId,
    id: ShiftId,
) -> Result<Shift, BadSetting> {
    let spot = |place: &'static str, point: &NamedPoint| match map.snap(point.position, config.area.snap_limit) {
        Ok(snapped) => Ok(Spot {
            asked: point.position,
            label: point.label.clone(),
            kana: String::new(),
            place: snapped.place,
            zones: Zones::EMPTY,
        }),
        Err(source) => Err(BadSetting {
            place,
            vehicle: planned.config.vehicle.to_string(),
            position: point.position.to_string(),
            source,
        }),
    };
    Ok(Shift {
        id,
        name: planned.name.to_string(),
        vehicle,
        window: planned.window,
        start: spot("the start place", &planned.config.start_place)?,
        end: Some(spot("the end place", &planned.config.end_place)?),
        features: Features::EMPTY,
        zones: Zones::EMPTY,
        crew: None,
        breaks: Vec::new(),
        driver: None,
        declared: None,
    })
}

//! The configuration as commands: pure, the same for the server and the simulator.
//!
//! Only what differs from the state is asked for, so that a restart writes nothing into the journal.
//! What the configuration no longer names stays, with a note.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use jiff::civil::Date;
use mukae_engine::model::{
    Break, DeclaredTrip, DistanceFare, Driver, FareTable, MapId, Policy, Serves, Service, ServiceDay, Shift, Spot,
    Tariff, Terms, Vehicle, ZoneFare, ZonePair,
};
use mukae_engine::{Command, State};
use mukae_maps::{NoRoadNear, PreparedMap};
use mukae_units::{
    BreakId, DriverId, FeatureId, Features, ID_SET_MAX, ServiceId, ShiftId, Span, Time, VehicleId, ZoneId, Zones,
};

use super::calendar::break_window;
use super::{
    Config, Managed, NamedPoint, PlannedShift, ServiceConfig, TableConfig, ZoneFareConfig, civil_date, service_days,
    shifts_on,
};
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
    settings_missing_in(nothing, config, config.area.policy, map, days, now).map(|changes| changes.commands)
}

/// The part of [`settings`] that is not known yet, under this policy.
pub fn settings_missing_in(
    known: Known<'_>,
    config: &Config,
    policy: Policy,
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
    if state.policy != Some(policy) {
        changes.commands.push(Command::SetPolicy(policy));
    }
    let zones = zones(state, config, &mut changes);
    let services = services(state, config, &days, now, &zones, &mut changes);
    let features = features(state, config, &mut changes);
    let vehicles = vehicles(state, config, (&services, &zones), &features, &mut changes);
    let drivers = drivers(state, config, &mut changes);
    let ids = Ids { vehicles, features, drivers, zones };
    plan_shifts(known, config, map, days, now, &ids, &mut changes)?;
    Ok(changes)
}

/// The numbers of all zones, by their names.
pub type ZoneIds = BTreeMap<String, ZoneId>;

/// What the dispatcher calls the things of the configuration.
struct Ids {
    vehicles: BTreeMap<String, VehicleId>,
    features: BTreeMap<String, FeatureId>,
    drivers: BTreeMap<String, DriverId>,
    zones: ZoneIds,
}

/// A service as the dispatcher knows it, under its number and label; the one way from what is configured to that.
pub fn service(
    (id, name): (ServiceId, String),
    wanted: &ServiceConfig,
    days: Vec<ServiceDay>,
    zones: &ZoneIds,
) -> Service {
    let set = |names: &[String]| zone_set(names, zones);
    let pairs = wanted.zones.iter().map(|(from, to)| ZonePair { from: set(from), to: set(to) });
    let tariff = wanted.tariff.as_ref().map(|tariff| Tariff {
        table: match &tariff.table {
            TableConfig::Flat(yen) => FareTable::Flat(*yen),
            TableConfig::ByZones { rows, other } => {
                let row = |row: &ZoneFareConfig| ZoneFare { from: set(&row.from), to: set(&row.to), yen: row.yen };
                FareTable::ByZones { rows: rows.iter().map(row).collect(), other: *other }
            }
            TableConfig::ByDistance { rows, beyond } => {
                let rows = rows.iter().map(|&(up_to, yen)| DistanceFare { up_to, yen });
                FareTable::ByDistance { rows: rows.collect(), beyond: *beyond }
            }
            TableConfig::ByParty(yen) => FareTable::ByParty(yen.clone()),
        },
        shared: tariff.shared,
        rates: tariff.rates,
        payment: tariff.payment,
        fees: tariff.fees,
    });
    Service { id, name, policy: wanted.policy, days, zones: pairs.collect(), tariff, suspension: wanted.suspension }
}

/// Names that were checked, but for those the dispatcher has no number for.
fn zone_set(names: &[String], zones: &ZoneIds) -> Zones {
    let ids = names.iter().filter_map(|name| zones.get(name));
    ids.fold(Zones::EMPTY, |set, id| set.and(*id).unwrap_or(set))
}

/// The numbers of all zones, those to be named included. What is numbered beyond the limit is told, and is nowhere.
fn zones(state: &State, config: &Config, changes: &mut Changes) -> ZoneIds {
    let mut ids: ZoneIds = state.zones.iter().map(|(&zone, name)| (name.clone(), zone)).collect();
    let mut free_ids = (state.zones.keys().last().map_or(0, |id| id.0 + 1)..ID_SET_MAX).map(ZoneId);
    for zone in &config.zones {
        if ids.contains_key(&zone.id) {
            continue;
        }
        let Some(id) = free_ids.next() else {
            changes.notes.push(format!("zone {} is nowhere: too many zones were named before", zone.id));
            continue;
        };
        changes.commands.push(Command::NameZone { zone: id, name: zone.id.clone() });
        ids.insert(zone.id.clone(), id);
    }
    ids
}

/// The ids of all drivers, those to be registered included.
fn drivers(state: &State, config: &Config, changes: &mut Changes) -> BTreeMap<String, DriverId> {
    let mut ids: BTreeMap<String, DriverId> =
        state.drivers.values().map(|driver| (unlabel(&driver.name).0.to_owned(), driver.id)).collect();
    let mut free_ids = (state.drivers.keys().last().map_or(1, |id| id.0 + 1)..).map(DriverId);
    for wanted in &config.drivers {
        let id = ids.get(&wanted.name).copied();
        let id = id.or_else(|| free_ids.next()).expect("four thousand million drivers were not registered yet");
        let driver = Driver {
            id,
            name: label(&wanted.name, &wanted.display_name),
            kind: wanted.kind,
            cooldown: wanted.cooldown,
            asks_per_week_max: wanted.asks_per_week_max,
            tier: wanted.tier,
        };
        let is_theirs = wanted.managed == Managed::ByInterface && state.drivers.contains_key(&id);
        if !is_theirs && state.drivers.get(&id) != Some(&driver) {
            changes.commands.push(Command::RegisterDriver(driver));
        }
        ids.insert(wanted.name.clone(), id);
    }
    let is_configured = |name: &&str| config.drivers.iter().any(|driver| driver.name == **name);
    for driver in state.drivers.values().map(|driver| unlabel(&driver.name).0).filter(|name| !is_configured(name)) {
        changes.notes.push(format!("{driver} is not in the configuration; stays"));
    }
    ids
}

/// The ids of all services of the configuration. Their days reach as far as anybody can book.
fn services(
    state: &State,
    config: &Config,
    days: &RangeInclusive<Date>,
    now: Time,
    zones: &ZoneIds,
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
        let service_days = service_days(&config.area, wanted, days_of(*days.start()..=last));
        let service = service((id, label), wanted, service_days, zones);
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
    (services, zones): (&BTreeMap<ServiceName, ServiceId>, &ZoneIds),
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
            zones: zone_set(&wanted.zones, zones),
            crew: wanted.crew,
        };
        let id = ids.get(&name).copied();
        let id = id.or_else(|| free_ids.next()).expect("four thousand million vehicles were not registered yet");
        let name_and_title = label(&wanted.name, &wanted.display_name);
        let vehicle = Vehicle { id, name: name_and_title, capacity: wanted.capacity.clone(), terms };
        // where the interface looks after it, the file has said how it began
        let is_theirs = wanted.managed == Managed::ByInterface && state.vehicles.contains_key(&id);
        if !is_theirs && state.vehicles.get(&id) != Some(&vehicle) {
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
    named: &Ids,
    changes: &mut Changes,
) -> Result<(), BadSetting> {
    let Known { state, shifts } = known;
    let mut ids = (state.last_shift + 1..).map(ShiftId);
    for planned in planned_shifts(config, days, now)
        .filter(|planned| now < planned.window.latest() && !shifts.contains(&planned.name))
    {
        let vehicle = named.vehicles[&planned.config.vehicle.to_string()];
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
        shift.features = features_of(&planned.config.features, &named.features, changes);
        shift.zones = zone_set(&planned.config.zones, &named.zones);
        shift.driver = planned.config.driver.as_ref().and_then(|driver| named.drivers.get(driver)).copied();
        changes.commands.push(Command::PlanShift(shift.into()));
    }
    Ok(())
}

/// The shifts of these days; of trips that reach farther, those of their days.
fn planned_shifts(config: &Config, days: RangeInclusive<Date>, now: Time) -> impl Iterator<Item = PlannedShift<'_>> {
    let farther = config.shifts.iter().filter_map(|shift| shift.trip.as_ref()?.days_ahead).max();
    let today = civil_date(&config.area.time_zone, now);
    let reach = move |ahead: u32| today.checked_add(jiff::Span::new().days(i64::from(ahead))).unwrap_or(today);
    let last = *days.end();
    let until = farther.map_or(last, |ahead| last.max(reach(ahead)));
    let reaches = move |planned: &PlannedShift<'_>| {
        let ahead = planned.config.trip.as_ref().and_then(|trip| trip.days_ahead);
        planned.date <= ahead.map_or(last, |ahead| last.max(reach(ahead)))
    };
    days_of(*days.start()..=until).flat_map(|date| shifts_on(config, date)).filter(reaches)
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
    let mut breaks = Vec::new();
    for (number, rest) in (0..).zip(&planned.config.breaks) {
        // a time of day that the clocks of that day turn round has no window
        let Some(window) = break_window(&config.area.time_zone, planned.config, rest, planned.date) else { continue };
        let place = spot("the place of a break", &rest.place)?;
        breaks.push(Break { id: BreakId(number), place, window, length: rest.length });
    }
    let declared = planned.config.declared.map(|declared| DeclaredTrip {
        seats: declared.seats,
        detour_max: declared.detour_max,
        detour_length_max: declared.detour_length_max,
        tier: declared.tier,
    });
    Ok(Shift {
        id,
        name: planned.name.to_string(),
        vehicle,
        window: planned.window,
        start: spot("the start place", &planned.config.start_place)?,
        end: Some(spot("the end place", &planned.config.end_place)?),
        features: Features::EMPTY,
        zones: Zones::EMPTY,
        crew: planned.config.crew,
        breaks,
        driver: None,
        declared,
        on_call: planned.config.on_call,
    })
}

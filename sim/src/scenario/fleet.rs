//! The town's fleet at another size: fewer vehicles, or the same ones again.
//!
//! Vehicles count in the order of the town's configuration, each with its own shifts. A fleet that is larger than the
//! town's begins again with the first vehicle, which then stands there twice. Private drives that take riders along
//! stay as they are: they are not bought.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use mukae_engine::Command;
use mukae_engine::model::{Shift, Vehicle};
use mukae_units::{ShiftId, Time, VehicleId};

/// Settings carry a tag each, which a copy gets from what it is a copy of.
pub(super) fn of<T: Clone>(town: Vec<(T, Command)>, count: usize, copied: fn(&T) -> T) -> Vec<(T, Command)> {
    let shifts: Vec<(&T, &Arc<Shift>)> =
        town.iter().filter_map(|(tag, command)| Some((tag, shift(command)?))).collect();
    let private: BTreeSet<VehicleId> =
        shifts.iter().filter(|(_, shift)| shift.declared.is_some()).map(|(_, shift)| shift.vehicle).collect();
    let mut known: BTreeSet<VehicleId> = BTreeSet::new();
    // one that is told of again has changed, and is no other
    let is_first = |(_, vehicle): &(&T, &Vehicle)| known.insert(vehicle.id);
    let vehicles: Vec<(&T, &Vehicle)> =
        town.iter().filter_map(|(tag, command)| Some((tag, vehicle(command)?))).filter(is_first).collect();
    let owned: Vec<(&T, &Vehicle)> =
        vehicles.iter().filter(|(_, vehicle)| !private.contains(&vehicle.id)).copied().collect();
    let mut next = vehicles.iter().map(|(_, vehicle)| vehicle.id.0).max().unwrap_or(0) + 1;
    // Of every vehicle those that stand for it: itself first.
    let mut standing: BTreeMap<VehicleId, Vec<VehicleId>> = private.iter().map(|&id| (id, vec![id])).collect();
    let mut more = Vec::new();
    for (n, (tag, vehicle)) in owned.iter().cycle().take(if owned.is_empty() { 0 } else { count }).enumerate() {
        let round = n / owned.len();
        let id = if round == 0 { vehicle.id } else { VehicleId(next) };
        if 0 < round {
            next += 1;
            let name = format!("{} ({})", vehicle.name, round + 1);
            more.push((copied(tag), Command::RegisterVehicle(Vehicle { id, name, ..(*vehicle).clone() })));
        }
        standing.entry(vehicle.id).or_default().push(id);
    }
    let is_kept = |vehicle: VehicleId| standing.get(&vehicle).is_some_and(|ids| ids.contains(&vehicle));
    let mut settings: Vec<(T, Command)> = town
        .iter()
        .filter(|(_, command)| match command {
            Command::RegisterVehicle(vehicle) => is_kept(vehicle.id),
            Command::PlanShift(_) => false,
            _ => true,
        })
        .cloned()
        .collect();
    settings.extend(more);
    let mut ids = (1..).map(ShiftId);
    for (tag, shift) in shifts {
        for (round, &vehicle) in standing.get(&shift.vehicle).into_iter().flatten().enumerate() {
            let id = ids.next().expect("shifts are fewer than numbers");
            let (name, tag) = match round {
                0 => (shift.name.clone(), tag.clone()),
                _ => (format!("{} ({})", shift.name, round + 1), copied(tag)),
            };
            settings.push((tag, Command::PlanShift(Shift { id, name, vehicle, ..Shift::clone(shift) }.into())));
        }
    }
    settings
}

fn shift(command: &Command) -> Option<&Arc<Shift>> {
    match command {
        Command::PlanShift(shift) => Some(shift),
        _ => None,
    }
}

fn vehicle(command: &Command) -> Option<&Vehicle> {
    match command {
        Command::RegisterVehicle(vehicle) => Some(vehicle),
        _ => None,
    }
}

/// How many vehicles work on each date: those with a shift of the town's own that begins on it.
pub fn vehicle_days<'a>(settings: impl IntoIterator<Item = &'a Command>, zone: &TimeZone) -> BTreeMap<Date, u64> {
    let mut seen: BTreeSet<(Date, VehicleId)> = BTreeSet::new();
    for shift in settings.into_iter().filter_map(shift).filter(|shift| shift.declared.is_none()) {
        seen.insert((date_of(zone, shift.window.earliest()), shift.vehicle));
    }
    let mut days = BTreeMap::new();
    seen.iter().for_each(|(date, _)| *days.entry(*date).or_default() += 1);
    days
}

/// The date in the zone. Times of a simulation lie in the years that the calendar knows.
pub(crate) fn date_of(zone: &TimeZone, at: Time) -> Date {
    let timestamp = Timestamp::from_millisecond(at.as_unix_millis()).unwrap_or(Timestamp::UNIX_EPOCH);
    timestamp.to_zoned(zone.clone()).date()
}

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

pub(super) fn of(town: &[Command], count: usize) -> Vec<Command> {
    let shifts: Vec<&Arc<Shift>> = town.iter().filter_map(shift).collect();
    let private: BTreeSet<VehicleId> =
        shifts.iter().filter(|shift| shift.declared.is_some()).map(|shift| shift.vehicle).collect();
    let vehicles: Vec<&Vehicle> = town.iter().filter_map(vehicle).collect();
    let owned: Vec<&Vehicle> = vehicles.iter().filter(|vehicle| !private.contains(&vehicle.id)).copied().collect();
    let mut next = vehicles.iter().map(|vehicle| vehicle.id.0).max().unwrap_or(0) + 1;
    // Of every vehicle those that stand for it: itself first.
    let mut standing: BTreeMap<VehicleId, Vec<VehicleId>> = private.iter().map(|&id| (id, vec![id])).collect();
    let mut more = Vec::new();
    for (n, vehicle) in owned.iter().cycle().take(if owned.is_empty() { 0 } else { count }).enumerate() {
        let round = n / owned.len();
        let id = if round == 0 { vehicle.id } else { VehicleId(next) };
        if 0 < round {
            next += 1;
            let name = format!("{} ({})", vehicle.name, round + 1);
            more.push(Command::RegisterVehicle(Vehicle { id, name, ..(*vehicle).clone() }));
        }
        standing.entry(vehicle.id).or_default().push(id);
    }
    let is_kept = |vehicle: VehicleId| standing.get(&vehicle).is_some_and(|ids| ids.contains(&vehicle));
    let mut settings: Vec<Command> = town
        .iter()
        .filter(|command| match command {
            Command::RegisterVehicle(vehicle) => is_kept(vehicle.id),
            Command::PlanShift(_) => false,
            _ => true,
        })
        .cloned()
        .collect();
    settings.extend(more);
    let mut ids = (1..).map(ShiftId);
    for shift in shifts {
        for (round, &vehicle) in standing.get(&shift.vehicle).into_iter().flatten().enumerate() {
            let id = ids.next().expect("shifts are fewer than numbers");
            let name = if round == 0 { shift.name.clone() } else { format!("{} ({})", shift.name, round + 1) };
            settings.push(Command::PlanShift(Shift { id, name, vehicle, ..Shift::clone(shift) }.into()));
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
pub fn vehicle_days(settings: &[Command], zone: &TimeZone) -> BTreeMap<Date, u64> {
    let mut seen: BTreeSet<(Date, VehicleId)> = BTreeSet::new();
    for shift in settings.iter().filter_map(shift).filter(|shift| shift.declared.is_none()) {
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

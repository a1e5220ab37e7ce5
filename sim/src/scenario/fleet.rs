//! The town's fleet at another size: fewer vehicles, or the same ones again.
//!
//! Vehicles count in the order of the town's configuration, each with its own shifts. A fleet that is larger than the
//! town's begins again with the first vehicle, which then stands there twice, as does whoever drives it. Private cars
//! that take riders along on declared drives are volunteers, and counted apart: they are not bought.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use mukae_engine::Command;
use mukae_engine::model::{Driver, Shift, Vehicle};
use mukae_units::{DriverId, ShiftId, Time, VehicleId};

/// How many there shall be; `None`: as the town has them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Size {
    pub vehicles: Option<usize>,
    pub volunteers: Option<usize>,
}

/// Settings carry a tag each, which a copy gets from what it is a copy of.
pub(super) fn of<T: Clone>(town: Vec<(T, Command)>, size: Size, copied: fn(&T) -> T) -> Vec<(T, Command)> {
    let shifts: Vec<(&T, &Arc<Shift>)> =
        town.iter().filter_map(|(tag, command)| Some((tag, shift(command)?))).collect();
    let private = private(shifts.iter().map(|(_, shift)| *shift));
    let mut known: BTreeSet<VehicleId> = BTreeSet::new();
    // one that is told of again has changed, and is no other
    let is_first = |(_, vehicle): &(&T, &Vehicle)| known.insert(vehicle.id);
    let vehicles: Vec<(&T, &Vehicle)> =
        town.iter().filter_map(|(tag, command)| Some((tag, vehicle(command)?))).filter(is_first).collect();
    let mut next = vehicles.iter().map(|(_, vehicle)| vehicle.id.0).max().unwrap_or(0) + 1;
    // Of every vehicle those that stand for it: itself first.
    let mut standing: BTreeMap<VehicleId, Vec<VehicleId>> = BTreeMap::new();
    let mut more = Vec::new();
    for (count, is_private) in [(size.vehicles, false), (size.volunteers, true)] {
        let of_kind: Vec<_> =
            vehicles.iter().filter(|(_, vehicle)| private.contains(&vehicle.id) == is_private).collect();
        let count = if of_kind.is_empty() { 0 } else { count.unwrap_or(of_kind.len()) };
        for (n, (tag, vehicle)) in of_kind.iter().cycle().take(count).enumerate() {
            let round = n / of_kind.len();
            let id = if round == 0 { vehicle.id } else { VehicleId(next) };
            if 0 < round {
                next += 1;
                let name = again(&vehicle.name, round);
                more.push((copied(tag), Command::RegisterVehicle(Vehicle { id, name, ..(*vehicle).clone() })));
            }
            standing.entry(vehicle.id).or_default().push(id);
        }
    }
    let mut crews = Crews::of(&town);
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
    let (mut ids, mut planned) = ((1..).map(ShiftId), Vec::new());
    for (tag, shift) in shifts {
        for (round, &vehicle) in standing.get(&shift.vehicle).into_iter().flatten().enumerate() {
            let id = ids.next().expect("shifts are fewer than numbers");
            let (name, tag) = match round {
                0 => (shift.name.clone(), tag.clone()),
                _ => (again(&shift.name, round), copied(tag)),
            };
            let driver = shift.driver.map(|driver| crews.standing_for(driver, round));
            let shift = Shift { id, name, vehicle, driver, ..Shift::clone(shift) };
            planned.push((tag, Command::PlanShift(shift.into())));
        }
    }
    let first = town.first().map(|(tag, _)| copied(tag));
    settings.extend(crews.hired.into_iter().zip(first.into_iter().cycle()).map(|(driver, tag)| (tag, driver)));
    settings.extend(planned);
    settings
}

/// Vehicles that drive for themselves and take riders along.
pub(super) fn private<'s>(shifts: impl Iterator<Item = &'s Arc<Shift>>) -> BTreeSet<VehicleId> {
    shifts.filter(|shift| shift.declared.is_some()).map(|shift| shift.vehicle).collect()
}

fn again(name: &str, round: usize) -> String {
    format!("{name} ({})", round + 1)
}

/// Drivers, and those who stand for them in a vehicle that is there twice: nobody drives two at a time.
struct Crews {
    drivers: BTreeMap<DriverId, Driver>,
    next: u32,
    standing: BTreeMap<(DriverId, usize), DriverId>,
    hired: Vec<Command>,
}

impl Crews {
    fn of<T>(town: &[(T, Command)]) -> Crews {
        let drivers: BTreeMap<DriverId, Driver> = town
            .iter()
            .filter_map(|(_, command)| match command {
                Command::RegisterDriver(driver) => Some((driver.id, driver.clone())),
                _ => None,
            })
            .collect();
        let next = drivers.keys().map(|driver| driver.0).max().unwrap_or(0) + 1;
        Crews { drivers, next, standing: BTreeMap::new(), hired: Vec::new() }
    }

    fn standing_for(&mut self, driver: DriverId, round: usize) -> DriverId {
        let Some(known) = self.drivers.get(&driver).filter(|_| 0 < round) else { return driver };
        *self.standing.entry((driver, round)).or_insert_with(|| {
            let id = DriverId(self.next);
            self.next += 1;
            let name = again(&known.name, round);
            self.hired.push(Command::RegisterDriver(Driver { id, name, ..known.clone() }));
            id
        })
    }
}

pub(super) fn shift(command: &Command) -> Option<&Arc<Shift>> {
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

/// How many vehicles work on each date, whatever is asked for: those with a shift of the town's own that begins on it and is
/// not on call.
pub fn vehicle_days<'a>(shifts: impl Iterator<Item = &'a Arc<Shift>>, zone: &TimeZone) -> BTreeMap<Date, u64> {
    let mut seen: BTreeSet<(Date, VehicleId)> = BTreeSet::new();
    for shift in shifts.filter(|shift| shift.declared.is_none() && shift.on_call.is_none()) {
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

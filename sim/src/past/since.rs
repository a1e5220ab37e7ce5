//! What is told in a run that begins in the middle of a journal: from then on, as the rules of a scenario have it.
//!
//! What was told before stays as it was told. Where the rules say otherwise, they are told at that moment: other numbers,
//! further vehicles with the rest of their shifts. Vehicles that are too many go home as soon as nobody is on board.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::tz::TimeZone;
use mukae_engine::Command;
use mukae_engine::model::Shift;
use mukae_units::{DriverId, ServiceId, ShiftId, Time, TimeWindow, VehicleId};

use super::fleet::{renumbered, tagged};
use super::{Doings, Told};
use crate::scenario::Rules;

/// What a setting is about; the last one about it holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Subject {
    Policy,
    Service(ServiceId),
    Vehicle(VehicleId),
    Driver(DriverId),
}

impl Subject {
    fn of(command: &Command) -> Option<Subject> {
        match command {
            Command::SetPolicy(_) => Some(Subject::Policy),
            Command::SetService(service) => Some(Subject::Service(service.id)),
            Command::RegisterVehicle(vehicle) => Some(Subject::Vehicle(vehicle.id)),
            Command::RegisterDriver(driver) => Some(Subject::Driver(driver.id)),
            _ => None,
        }
    }
}

/// What is told from `at` on, what crews do, and the shifts that are too many.
pub(super) fn under(
    rules: &Rules,
    told: Vec<Told>,
    doings: &Doings,
    zone: &TimeZone,
    at: Time,
) -> (Vec<Told>, Doings, Vec<ShiftId>) {
    let before: Vec<Command> = told.iter().filter(|told| told.at < at).map(|told| told.command.clone()).collect();
    let (earlier, later): (Vec<_>, Vec<_>) =
        tagged(rules, told, zone).into_iter().partition(|((told_at, _), _)| *told_at < at);

    let mut new: Vec<(Option<ShiftId>, Told)> = changed(&before, earlier.iter().map(|(_, command)| command))
        .into_iter()
        .map(|command| (None, Told { at, command }))
        .collect();
    let mut kept: BTreeSet<ShiftId> = BTreeSet::new();
    for ((_, recorded), command) in earlier {
        let Command::PlanShift(shift) = command else { continue };
        match recorded {
            Some(id) => _ = kept.insert(id),
            None => new.extend(rest_of(&shift, at).map(|command| (None, Told { at, command }))),
        }
    }
    new.extend(later.into_iter().map(|((at, recorded), command)| (recorded, Told { at, command })));

    let planned: BTreeSet<ShiftId> = before.iter().filter_map(shift_of).collect();
    if rules.has_fleet() {
        // numbers go on from those that were given
        let mut ids = (planned.last().map_or(0, |last| last.0) + 1..).map(ShiftId);
        for (_, told) in &mut new {
            if let Command::PlanShift(shift) = &mut told.command {
                Arc::make_mut(shift).id = ids.next().expect("shifts are fewer than numbers");
            }
        }
    }
    let numbered = |(recorded, told): &(Option<ShiftId>, Told)| Some(((*recorded)?, shift_of(&told.command)?));
    let mut number: BTreeMap<ShiftId, ShiftId> = new.iter().filter_map(numbered).collect();
    let crew_of = |shift: &ShiftId| number.get(shift).copied().or(planned.get(shift).copied());
    let crews = doings.crews.iter().filter_map(|(shift, crew)| Some((crew_of(shift)?, *crew))).collect();
    number.extend(kept.iter().map(|&shift| (shift, shift)));
    let told = new.into_iter().filter_map(|(_, told)| renumbered(told.at, told.command, &number)).collect();
    (told, Doings { riders: doings.riders.clone(), crews }, planned.difference(&kept).copied().collect())
}

/// The settings that hold by the rules and were not told so.
fn changed<'c>(before: &'c [Command], by_rules: impl Iterator<Item = &'c Command>) -> Vec<Command> {
    let holding = |commands: &mut dyn Iterator<Item = &'c Command>| -> BTreeMap<Subject, &'c Command> {
        commands.filter_map(|command| Some((Subject::of(command)?, command))).collect()
    };
    let (recorded, holding) = (holding(&mut before.iter()), holding(&mut by_rules.into_iter()));
    let is_new = |(subject, command): &(Subject, &Command)| recorded.get(subject) != Some(command);
    holding.into_iter().filter(is_new).map(|(_, command)| command.clone()).collect()
}

fn shift_of(command: &Command) -> Option<ShiftId> {
    match command {
        Command::PlanShift(shift) => Some(shift.id),
        _ => None,
    }
}

/// What is left of a further vehicle's shift; of a private drive that has begun, nothing.
fn rest_of(shift: &Shift, at: Time) -> Option<Command> {
    if at <= shift.window.earliest() {
        return Some(Command::PlanShift(Arc::new(shift.clone())));
    }
    let window = TimeWindow::new(at, shift.window.latest()).ok().filter(|window| at < window.latest())?;
    let breaks = shift.breaks.iter().filter(|rest| at <= rest.window.earliest()).cloned().collect();
    let rest = Shift { window, breaks, ..shift.clone() };
    shift.declared.is_none().then(|| Command::PlanShift(Arc::new(rest)))
}

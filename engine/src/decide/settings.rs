//! The map, vehicles and shifts.

use mukae_units::{FeatureId, ID_SET_MAX, SeatKind, ShiftId, Time, TravelTime};

use super::{Draft, Outcome, booking, handover};
use crate::answer::{Answer, CAPACITY_MAX, Rejection};
use crate::model::{MapId, Serves, Service, Shift, ShiftState, Vehicle};
use crate::schedule::Schedule;

pub(super) fn use_map(draft: &Draft<'_, '_>, map: MapId) -> Outcome {
    match draft.state.map {
        Some(current) if current != map => Err(Rejection::OtherMap { current }),
        _ => Ok(Answer::Noted),
    }
}

pub(super) fn set_service(draft: &Draft<'_, '_>, service: &Service) -> Outcome {
    let is_taken = |other: &&Service| other.id != service.id && other.name == service.name;
    match draft.state.services.values().find(is_taken) {
        Some(other) => Err(Rejection::ServiceExists(other.id)),
        None => Ok(Answer::Noted),
    }
}

pub(super) fn register_vehicle(draft: &Draft<'_, '_>, vehicle: &Vehicle) -> Outcome {
    let is_taken = |other: &&Vehicle| other.id == vehicle.id || other.name == vehicle.name;
    if let Some(other) = draft.state.vehicles.values().find(is_taken) {
        return Err(Rejection::VehicleExists(other.id));
    }
    if SeatKind::ALL.iter().any(|&kind| vehicle.capacity.most(kind) > u32::from(CAPACITY_MAX)) {
        return Err(Rejection::CapacityTooLarge);
    }
    draft.expect_known(vehicle.terms.features)?;
    if let Serves::Only(services) = &vehicle.terms.serves {
        services.iter().try_for_each(|&service| draft.service(service).map(|_| ()))?;
    }
    Ok(Answer::Noted)
}

pub(super) fn name_feature(draft: &Draft<'_, '_>, feature: FeatureId, name: &str) -> Outcome {
    let is_taken = |&(&other, called): &(&FeatureId, &String)| other == feature || called == name;
    if let Some((&other, _)) = draft.state.features.iter().find(is_taken) {
        return Err(Rejection::FeatureExists(other));
    }
    if ID_SET_MAX <= feature.0 { Err(Rejection::TooManyFeatures) } else { Ok(Answer::Noted) }
}

pub(super) fn plan_shift(draft: &mut Draft<'_, '_>, shift: &Shift) -> Outcome {
    let vehicle = draft.state.vehicles.get(&shift.vehicle).ok_or(Rejection::UnknownVehicle(shift.vehicle))?;
    draft.expect_known(shift.features)?;
    if shift.id.0 <= draft.state.last_shift {
        return Err(Rejection::ShiftExists(shift.id));
    }
    if shift.window.latest() <= draft.now {
        return Err(Rejection::ShiftOver(shift.id));
    }
    for other in draft.agenda.shifts_of(shift.vehicle).map(|other| &draft.state.schedules[&other].shift) {
        let (first, second) =
            if other.window.earliest() < shift.window.earliest() { (other, shift) } else { (shift, other) };
        let between = match &first.end {
            Some(end) => draft.work.roads.travel_time(end.place, second.start.place),
            None => Some(TravelTime::ZERO), // who ends anywhere sees to being there for the next
        };
        let gap = second.window.earliest() - first.window.latest();
        if between.is_none_or(|between| gap < between.span()) {
            return Err(Rejection::ShiftOverlaps(other.id));
        }
    }
    let to_end = match &shift.end {
        Some(end) => draft.work.roads.travel_time(shift.start.place, end.place).ok_or(Rejection::ShiftTooShort)?,
        None => TravelTime::ZERO,
    };
    if shift.window.width() < to_end.span() {
        return Err(Rejection::ShiftTooShort);
    }
    draft.add_schedule(Schedule::new(shift.clone(), vehicle.capacity.clone(), vehicle.terms.on(shift), to_end));
    handover::follow_vehicle(draft, shift.vehicle)?; // it may begin late; only then is it offered
    booking::adopt_unassigned(draft)?;
    Ok(Answer::Noted)
}

pub(super) fn open_shift(draft: &mut Draft<'_, '_>, shift: ShiftId, at: Time) -> Outcome {
    let now = draft.now;
    let schedule = draft.schedule(shift)?;
    let vehicle = schedule.shift.vehicle;
    if schedule.state == ShiftState::Open {
        return Err(Rejection::ShiftAlreadyOpen(shift));
    }
    if schedule.shift.window.latest() <= now {
        return Err(Rejection::ShiftOver(shift));
    }
    if let Some(open) = draft.agenda.open_shift_of(vehicle) {
        return Err(Rejection::ShiftAlreadyOpen(open));
    }
    draft.foresee(shift, |schedule| schedule.open(schedule.report_time(at, now)))?;
    Ok(Answer::Noted)
}

pub(super) fn close_shift(draft: &mut Draft<'_, '_>, shift: ShiftId) -> Outcome {
    if !draft.schedule(shift)?.load().is_empty() {
        return Err(Rejection::RidersOnBoard(shift));
    }
    end_shift(draft, shift)?;
    Ok(Answer::Noted)
}

/// Ends a shift with nobody on board. Parties still to be picked up move to other shifts that can
/// keep their promises; who finds none is left to staff.
pub(super) fn end_shift(draft: &mut Draft<'_, '_>, shift: ShiftId) -> Result<(), Rejection> {
    let stops = draft.schedule(shift)?.stops();
    let mut stranded: Vec<_> = stops.iter().filter(|stop| stop.is_pickup()).map(|stop| stop.booking).collect();
    stranded.sort_unstable();
    draft.end_schedule(shift);
    stranded.into_iter().try_for_each(|booking| booking::reassign(draft, booking))
}

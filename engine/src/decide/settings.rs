//! The map, services, drivers and shifts.

use std::collections::BTreeSet;
use std::sync::Arc;

use mukae_units::{FeatureId, ID_SET_MAX, Metres, ShiftId, Span, StopId, Time, TravelTime, ZoneId};

use super::{Draft, Outcome, booking, handover};
use crate::answer::{Answer, Rejection};
use crate::insertion::measure;
use crate::model::{Driver, MapId, Policy, Service, Shift, ShiftState, Tariff};
use crate::schedule::{Plan, Route, Schedule, Stop, Task};

pub(super) fn use_map(draft: &Draft<'_, '_>, map: MapId) -> Outcome {
    match draft.state.map {
        Some(current) if current != map => Err(Rejection::OtherMap { current }),
        _ => Ok(Answer::Noted),
    }
}

pub(super) fn set_policy(policy: &Policy) -> Outcome {
    if policy.is_sound() { Ok(Answer::Noted) } else { Err(Rejection::BadWeights) }
}

pub(super) fn set_service(draft: &Draft<'_, '_>, service: &Service) -> Outcome {
    if !service.policy.limits.are_sound() {
        return Err(Rejection::BadWeights);
    }
    let has_sound_tariff = service.tariff.as_ref().is_none_or(Tariff::is_sound);
    if !has_sound_tariff || service.suspension.is_some_and(|rule| !rule.is_sound()) {
        return Err(Rejection::BadTariff);
    }
    let is_taken = |other: &&Service| other.id != service.id && other.name == service.name;
    match draft.state.services.values().find(is_taken) {
        Some(other) => Err(Rejection::ServiceExists(other.id)),
        None => Ok(Answer::Noted),
    }
}

pub(super) fn name_feature(draft: &Draft<'_, '_>, feature: FeatureId, name: &str) -> Outcome {
    let is_taken = |&(&other, called): &(&FeatureId, &String)| other == feature || called == name;
    if let Some((&other, _)) = draft.state.features.iter().find(is_taken) {
        return Err(Rejection::FeatureExists(other));
    }
    if ID_SET_MAX <= feature.0 { Err(Rejection::TooManyFeatures) } else { Ok(Answer::Noted) }
}

pub(super) fn name_zone(draft: &Draft<'_, '_>, zone: ZoneId, name: &str) -> Outcome {
    let is_taken = |&(&other, called): &(&ZoneId, &String)| other == zone || called == name;
    match draft.state.zones.iter().find(is_taken) {
        Some((&other, _)) => Err(Rejection::ZoneExists(other)),
        None if ID_SET_MAX <= zone.0 => Err(Rejection::ZoneExists(zone)),
        None => Ok(Answer::Noted),
    }
}

pub(super) fn plan_shift(draft: &mut Draft<'_, '_>, shift: &Arc<Shift>) -> Outcome {
    let vehicle = draft.state.vehicles.get(&shift.vehicle).ok_or(Rejection::UnknownVehicle(shift.vehicle))?;
    draft.expect_known(shift.features)?;
    if shift.id.0 <= draft.state.last_shift {
        return Err(Rejection::ShiftExists(shift.id));
    }
    if shift.window.latest() <= draft.now {
        return Err(Rejection::ShiftOver(shift.id));
    }
    if let Some(driver) = shift.driver.filter(|driver| !draft.state.drivers.contains_key(driver)) {
        return Err(Rejection::UnknownDriver(driver));
    }
    if shift.declared.is_some_and(|declared| !vehicle.capacity.fits(declared.seats)) {
        return Err(Rejection::CapacityTooLarge);
    }
    let may_be_called = shift.breaks.is_empty() && shift.declared.is_none();
    if shift.on_call.is_some_and(|on_call| !on_call.is_sound() || !may_be_called) {
        return Err(Rejection::BadOnCall(shift.id));
    }
    expect_apart(draft, shift)?;
    let to_end = match &shift.end {
        Some(end) => draft.work.roads.travel_time(shift.start.place, end.place).ok_or(Rejection::ShiftTooShort)?,
        None => TravelTime::ZERO,
    };
    if shift.window.width() < to_end.span() {
        return Err(Rejection::ShiftTooShort);
    }
    let schedule = Schedule::new(Arc::clone(shift), vehicle.capacity_on(shift), vehicle.terms.on(shift), to_end);
    let plan = first_plan(draft, &schedule)?;
    draft.add_schedule(schedule);
    if let Some(plan) = plan {
        draft.change_plan(shift.id, plan)?;
    }
    handover::follow_vehicle(draft, shift.vehicle)?; // it may begin late; only then is it offered
    booking::adopt_unassigned(draft)?;
    Ok(Answer::Noted)
}

/// Neither the vehicle nor the driver works elsewhere in that time, and both can get from one shift to the other.
pub(super) fn expect_apart(draft: &mut Draft<'_, '_>, shift: &Shift) -> Result<(), Rejection> {
    let is_other = |other: &&Arc<Shift>| other.id != shift.id;
    let is_drivers = |other: &&Arc<Shift>| shift.driver.is_some() && other.driver == shift.driver;
    let of_driver = draft.state.schedules.values().map(|other| &other.shift).filter(is_drivers);
    let of_vehicle = draft.agenda.shifts_of(shift.vehicle).map(|(_, other)| &draft.state.schedules[&other].shift);
    for other in of_vehicle.chain(of_driver).filter(is_other) {
        let (first, second) =
            if other.window.earliest() < shift.window.earliest() { (&**other, shift) } else { (shift, &**other) };
        let between = match &first.end {
            Some(end) => draft.work.roads.travel_time(end.place, second.start.place),
            None => Some(TravelTime::ZERO), // who ends anywhere sees to being there for the next
        };
        let gap = second.window.earliest() - first.window.latest();
        if between.is_none_or(|between| gap < between.span()) {
            return Err(Rejection::ShiftOverlaps(other.id));
        }
    }
    Ok(())
}

/// The plan of a new shift, if there is something in it: its breaks, and what a declared trip may drive.
fn first_plan(draft: &mut Draft<'_, '_>, empty: &Schedule) -> Result<Option<Arc<Plan>>, Rejection> {
    let shift = &empty.shift;
    if shift.breaks.is_empty() && shift.declared.is_none() {
        return Ok(None);
    }
    let do_not_fit = Rejection::BreaksDoNotFit(shift.id);
    let mut plan = Plan::clone(&empty.plan);
    plan.stops = break_stops(draft, shift)?;
    if let (Some(last), Some(end)) = (shift.breaks.last(), &shift.end) {
        plan.to_end = draft.work.roads.travel_time(last.place.place, end.place).ok_or(do_not_fit.clone())?;
    }
    plan.route = direct_route(draft, empty)?;
    measure(&empty.shift, &mut plan, draft.work.roads);

    let planned = Schedule { plan: plan.into(), ..empty.clone() };
    let timeline = planned.timeline(draft.now);
    let in_time = planned.stops().iter().zip(&timeline.stops).all(|(stop, times)| times.start <= stop.latest());
    let is_back = shift.breaks.is_empty() || timeline.finish <= shift.window.latest();
    match in_time && is_back && planned.plan.detour_over().is_none() {
        true => Ok(Some(planned.plan)),
        false => Err(do_not_fit),
    }
}

fn break_stops(draft: &mut Draft<'_, '_>, shift: &Shift) -> Result<Vec<Stop>, Rejection> {
    let do_not_fit = Rejection::BreaksDoNotFit(shift.id);
    let first = draft.new_stops(shift.breaks.len()).0;
    let (mut from, mut ids) = (shift.start.place, BTreeSet::new());
    let mut stops = Vec::with_capacity(shift.breaks.len());
    for (rest, number) in shift.breaks.iter().zip(first..) {
        let place = rest.place.place;
        let leg = draft.work.roads.travel_time(from, place).ok_or(do_not_fit.clone())?;
        let is_sound = Span::ZERO < rest.length && rest.length <= shift.window.width() && ids.insert(rest.id);
        if !is_sound {
            return Err(do_not_fit);
        }
        stops.push(Stop {
            id: StopId(number),
            booking: None,
            place,
            leg,
            dwell: rest.length,
            stop_dwell: Span::ZERO,
            joins: false,
            party: mukae_units::Seats::NONE,
            task: Task::Break { id: rest.id, window: rest.window, is_at_risk: false },
        });
        from = place;
    }
    Ok(stops)
}

/// What a declared trip may drive: the direct way and the tolerance.
fn direct_route(draft: &mut Draft<'_, '_>, empty: &Schedule) -> Result<Option<Route>, Rejection> {
    let shift = &empty.shift;
    let Some(declared) = shift.declared else { return Ok(None) };
    let end = shift.end.as_ref().ok_or(Rejection::TripWithoutEnd(shift.id))?;
    let direct = draft.work.roads.length(shift.start.place, end.place).ok_or(Rejection::ShiftTooShort)?;
    let length_max = direct.as_millimetres().saturating_add(declared.detour_length_max.as_millimetres());
    Ok(Some(Route {
        time_max: empty.plan.to_end.span() + declared.detour_max.positive_part(),
        length_max: Metres::from_millimetres(length_max),
        driven: Span::ZERO,
        driven_length: Metres::ZERO,
        lengths: Vec::new(),
        is_exceeded: false,
    }))
}

pub(super) fn register_driver(draft: &Draft<'_, '_>, driver: &Driver) -> Outcome {
    let is_taken = |other: &&Driver| other.id != driver.id && other.name == driver.name;
    match draft.state.drivers.values().find(is_taken) {
        Some(other) => Err(Rejection::DriverExists(other.id)),
        None => Ok(Answer::Noted),
    }
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
    draft.foresee(shift, |schedule| schedule.open(at.min(now)))?;
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
    let mut stranded: Vec<_> = stops.iter().filter(|stop| stop.is_pickup()).filter_map(|stop| stop.booking).collect();
    stranded.sort_unstable();
    draft.end_schedule(shift);
    stranded.into_iter().try_for_each(|booking| booking::reassign(draft, booking))
}

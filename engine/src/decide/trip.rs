//! What vehicles and drivers report.

use std::sync::Arc;

use mukae_maps::Place;
use mukae_units::{BookingId, Metres, ShiftId, Span, StopId, Time, TravelTime, VehicleId};

use super::booking::take_out;
use super::roads::settle;
use super::{Draft, Outcome};
use crate::answer::{Answer, Rejection};
use crate::insertion::relink;
use crate::model::{BookingState, ShiftState};
use crate::schedule::timeline::load_after;
use crate::schedule::{Plan, Schedule, Stop, Whereabouts};

pub(super) fn depart(draft: &mut Draft<'_, '_>, shift: ShiftId, stop: StopId, at: Time) -> Outcome {
    let now = draft.now;
    let schedule = open_schedule(draft, shift)?;
    expect_next(schedule, Some(stop))?;
    expect_bound(draft, schedule)?;
    match schedule.plan.whereabouts {
        // who was on the way to no stop may set out for one from there
        Whereabouts::Waiting { .. } | Whereabouts::Repositioning { .. } => {
            draft.foresee(shift, |schedule| schedule.depart(schedule.report_time(at, now)))?
        }
        _ => return Err(Rejection::AlreadyUnderWay { shift }),
    }
    Ok(Answer::Noted)
}

/// A driver who forgot to report the departure may still report the arrival; one who chose another order is
/// believed, and the others follow after.
pub(super) fn arrive(draft: &mut Draft<'_, '_>, shift: ShiftId, stop: StopId, at: Time) -> Outcome {
    let now = draft.now;
    let schedule = open_schedule(draft, shift)?;
    if let Some((plan, group)) = another_order(schedule, stop) {
        let arrived = schedule.report_time(at, now);
        let (from, mut schedule) = (schedule.place(), Schedule { plan, ..schedule.clone() });
        expect_bound(draft, &schedule)?;
        let new = Arc::make_mut(&mut schedule.plan);
        if let (Some(route), Some(stop)) = (&mut new.route, new.stops.first()) {
            let roads = &mut *draft.work.roads;
            let (time, length) = (roads.travel_time(from, stop.place), roads.length(from, stop.place));
            route.drive(time.unwrap_or(TravelTime::ZERO), length.unwrap_or(Metres::ZERO));
        }
        new.whereabouts = Whereabouts::Serving { arrived };
        relink(&mut schedule, group, draft.work.roads);
        settle(draft, shift, schedule.plan)?;
        return Ok(Answer::Noted);
    }
    if !schedule.is_in_next_group(stop) {
        expect_next(schedule, Some(stop))?;
    }
    expect_bound(draft, schedule)?;
    match schedule.plan.whereabouts {
        Whereabouts::Serving { .. } => return Err(Rejection::AlreadyUnderWay { shift }),
        _ => draft.foresee(shift, |schedule| schedule.arrive(schedule.report_time(at, now)))?,
    }
    Ok(Answer::Noted)
}

pub(super) fn board(draft: &mut Draft<'_, '_>, booking: BookingId, at: Time) -> Outcome {
    let now = draft.now;
    let (shift, _) = served_stop(draft, booking, true)?;
    let before = draft.booking(booking)?.boarded_at;
    draft.foresee(shift, |schedule| schedule.board(booking, again(before, schedule.report_time(at, now))))?;
    Ok(Answer::Noted)
}

/// Who boards again, after a breakdown, does so after the first time, whatever another device says.
pub(crate) fn again(first: Option<Time>, at: Time) -> Time {
    first.map_or(at, |first| at.max(first))
}

pub(super) fn alight(draft: &mut Draft<'_, '_>, booking: BookingId, at: Time) -> Outcome {
    let now = draft.now;
    let (shift, _) = served_stop(draft, booking, false)?;
    draft.foresee(shift, |schedule| schedule.alight(booking, schedule.report_time(at, now)))?;
    Ok(Answer::Noted)
}

pub(super) fn end_break(draft: &mut Draft<'_, '_>, shift: ShiftId, stop: StopId, at: Time) -> Outcome {
    let now = draft.now;
    let schedule = open_schedule(draft, shift)?;
    expect_next(schedule, Some(stop))?;
    if !schedule.next_stop().is_some_and(Stop::is_break) {
        return Err(Rejection::NotABreak { shift, stop });
    }
    if !matches!(schedule.plan.whereabouts, Whereabouts::Serving { .. }) {
        return Err(Rejection::NotArrived { shift, stop });
    }
    draft.foresee(shift, |schedule| schedule.end_break(schedule.report_time(at, now)))?;
    Ok(Answer::Noted)
}

pub(super) fn freeze(draft: &mut Draft<'_, '_>, shift: ShiftId, through: Option<StopId>) -> Outcome {
    let schedule = draft.schedule(shift)?;
    if let Some(stop) = through.filter(|&through| schedule.stops().iter().all(|stop| stop.id != through)) {
        return Err(Rejection::UnknownStop { shift, stop });
    }
    Ok(Answer::Noted)
}

pub(super) fn no_show(draft: &mut Draft<'_, '_>, booking: BookingId, at: Time) -> Outcome {
    let (shift, arrived) = served_stop(draft, booking, true)?;
    let schedule = draft.schedule(shift)?;
    let at = schedule.report_time(at, draft.now);
    let pickup_idx = schedule.position_of(booking, true).expect("the vehicle stands at it");
    let begins = schedule.stops()[pickup_idx].begin(arrived);
    let found = draft.booking(booking)?;
    let patience = draft.service(found.request.service)?.no_show_after;
    let from = begins.max(found.promise.pickup.earliest()) + patience;
    if at < from {
        return Err(Rejection::TooEarlyForNoShow { from });
    }
    take_out(draft, found)?;
    Ok(Answer::Noted)
}

/// A position matters if it moves the predicted arrival by more than the tolerance, or shows the
/// vehicle so far off the path, or off the place it stood at. What is older than the last thing known
/// of the vehicle is let go.
pub(super) fn position(draft: &mut Draft<'_, '_>, vehicle: VehicleId, place: Place, observed_at: Time) -> Outcome {
    if !draft.state.vehicles.contains_key(&vehicle) {
        return Err(Rejection::UnknownVehicle(vehicle));
    }
    let tolerance = draft.policy()?.position_tolerance;
    let Some(shift) = draft.agenda.open_shift_of(vehicle) else { return Ok(Answer::Noted) };
    let schedule = &draft.state.schedules[&shift];
    let (now, observed_at) = (draft.now, observed_at.min(draft.now));
    if schedule.plan.is_repositioning() {
        return moving_position(draft, schedule, place, observed_at, tolerance);
    }
    let home = schedule.shift.end.as_ref().map_or(place, |end| end.place);
    let next = schedule.next_stop().map_or(home, |stop| stop.place);
    let planned = schedule.next_stop().map_or(schedule.plan.to_end, |stop| stop.leg);
    let leg = draft.work.roads.travel_time(place, next).ok_or(Rejection::OffRoad)?;
    let mut plan = Plan::clone(&schedule.plan);
    if let Some(route) = &mut plan.route {
        let roads = &mut *draft.work.roads;
        let from = schedule.place();
        let (time, length) = (roads.travel_time(from, place), roads.length(from, place));
        route.drive(time.unwrap_or(TravelTime::ZERO), length.unwrap_or(Metres::ZERO));
        route.lengths[0] = roads.length(place, next).ok_or(Rejection::OffRoad)?;
    }
    let (whereabouts, is_off_path) = match schedule.plan.whereabouts {
        Whereabouts::Driving { from, departed } if departed < observed_at => {
            let driven = draft.work.roads.travel_time(from, place);
            let is_off_path = driven.is_none_or(|driven| (driven + leg).span() - planned.span() > tolerance);
            (Whereabouts::Driving { from: place, departed: observed_at }, is_off_path)
        }
        Whereabouts::Waiting { since, place: stands } if since < observed_at => {
            let moved = draft.work.roads.travel_time(stands, place).ok_or(Rejection::OffRoad)?;
            (Whereabouts::Waiting { place, since: observed_at }, moved.span() > tolerance)
        }
        _ => return Ok(Answer::Noted),
    };
    plan.whereabouts = whereabouts;
    *plan.stops.first_mut().map_or(&mut plan.to_end, |stop| &mut stop.leg) = leg;

    let is_driving = matches!(whereabouts, Whereabouts::Driving { .. });
    let plan = Arc::new(plan);
    let seen = Schedule { plan: Arc::clone(&plan), ..Schedule::clone(schedule) };
    let arrival = |schedule: &Schedule| schedule.timeline(now).stops.first().map_or(now, |stop| stop.ready);
    let (before, after) = (arrival(schedule), arrival(&seen));
    let is_moved = is_driving && tolerance < (after - before).max(before - after);
    if is_off_path || is_moved {
        draft.change_plan(schedule.shift.id, plan)?;
    }
    Ok(Answer::Noted)
}

/// The same of a vehicle on the way to where it is likely to be wanted.
fn moving_position(
    draft: &mut Draft<'_, '_>,
    schedule: &Schedule,
    place: Place,
    observed_at: Time,
    tolerance: Span,
) -> Outcome {
    let Whereabouts::Repositioning { from, departed, to, leg: planned } = schedule.plan.whereabouts else {
        unreachable!("it is being repositioned")
    };
    if observed_at <= departed {
        return Ok(Answer::Noted);
    }
    let leg = draft.work.roads.travel_time(place, to).ok_or(Rejection::OffRoad)?;
    let driven = draft.work.roads.travel_time(from, place);
    let is_off_path = driven.is_none_or(|driven| (driven + leg).span() - planned.span() > tolerance);
    let plan = Plan {
        whereabouts: Whereabouts::Repositioning { from: place, departed: observed_at, to, leg },
        ..Plan::clone(&schedule.plan)
    };
    let (before, after) = (schedule.free_at(draft.now), schedule.adopting(plan.clone()).free_at(draft.now));
    if is_off_path || tolerance < (after - before).max(before - after) {
        draft.change_plan(schedule.shift.id, plan)?;
    }
    Ok(Answer::Noted)
}

fn open_schedule<'d>(draft: &'d Draft<'_, '_>, shift: ShiftId) -> Result<&'d Schedule, Rejection> {
    let schedule = draft.schedule(shift)?;
    match schedule.state {
        ShiftState::Open => Ok(schedule),
        ShiftState::Planned => Err(Rejection::ShiftNotOpen(shift)),
    }
}

fn expect_next(schedule: &Schedule, stop: Option<StopId>) -> Result<(), Rejection> {
    let next = schedule.next_stop().map(|stop| stop.id);
    if next.is_some() && next == stop { Ok(()) } else { Err(Rejection::NotNext { shift: schedule.shift.id, next }) }
}

/// True for a party at the place where the vehicle stands, if there is room for it before the others.
fn may_go_first(schedule: &Schedule, booking: BookingId, is_pickup: bool, stop_idx: usize) -> bool {
    if schedule.plan.next_group() <= stop_idx || !matches!(schedule.plan.whereabouts, Whereabouts::Serving { .. }) {
        return false;
    }
    let mut turned = schedule.clone();
    turned.take_turn(booking, is_pickup);
    is_sound(&turned)
}

/// The plan of a driver who came to a later stop before the next one, and how many of its stops are made
/// there. `None` if it is the next one, or there is none such, or a party would alight before it boards, or
/// not all would fit.
fn another_order(schedule: &Schedule, stop: StopId) -> Option<(Arc<Plan>, usize)> {
    let stops = schedule.stops();
    let stop_idx = stops.iter().position(|other| other.id == stop).filter(|stop_idx| *stop_idx > 0)?;
    if matches!(schedule.plan.whereabouts, Whereabouts::Serving { .. }) {
        return None;
    }
    let first = (0..=stop_idx).rev().find(|&idx| idx == 0 || !stops[idx].joins)?;
    let group = 1 + stops[first + 1..].iter().take_while(|stop| stop.joins).count();
    if first == 0 {
        return None;
    }
    let mut turned = schedule.clone();
    Arc::make_mut(&mut turned.plan).stops[..first + group].rotate_right(group);
    is_sound(&turned).then_some((turned.plan, group))
}

/// True if everybody boards before alighting, and fits.
fn is_sound(schedule: &Schedule) -> bool {
    let mut load = schedule.load();
    schedule.stops().iter().enumerate().all(|(stop_idx, stop)| {
        let pickup_idx = stop.booking.and_then(|booking| schedule.position_of(booking, true));
        if pickup_idx.is_some_and(|pickup_idx| stop_idx < pickup_idx) || (stop.is_break() && !load.is_empty()) {
            return false;
        }
        load = load_after(load, stop);
        schedule.capacity.fits(load)
    })
}

/// Nobody leaves for a rider, or waits for one, before saying yes to that rider.
fn expect_bound(draft: &Draft<'_, '_>, schedule: &Schedule) -> Result<(), Rejection> {
    let pickup = schedule.next_stop().filter(|stop| stop.is_pickup()).and_then(|stop| stop.booking);
    match pickup.and_then(|booking| draft.state.bookings.get(&booking)).filter(|booking| booking.ask.is_some()) {
        Some(booking) => Err(Rejection::WrongState { booking: booking.id, state: booking.state }),
        None => Ok(()),
    }
}

/// The shift that stands at this booking's pickup (or dropoff), and since when.
fn served_stop(draft: &Draft<'_, '_>, booking: BookingId, is_pickup: bool) -> Result<(ShiftId, Time), Rejection> {
    let found = draft.booking(booking)?;
    let wrong_state = Rejection::WrongState { booking, state: found.state };
    let is_on_board = found.state == BookingState::Boarded;
    let is_to_come = found.state != BookingState::Held && found.ask.is_none(); // before it is confirmed nobody comes
    let is_its_turn = !found.state.is_final() && is_to_come && is_on_board != is_pickup;
    let Some(shift) = found.shift.filter(|_| is_its_turn) else {
        return Err(wrong_state);
    };
    let schedule = open_schedule(draft, shift)?;
    let stop_idx = schedule.position_of(booking, is_pickup).expect("a live booking's stops are in its shift");
    if !may_go_first(schedule, booking, is_pickup, stop_idx) {
        expect_next(schedule, Some(schedule.stops()[stop_idx].id))?;
    }
    match schedule.plan.whereabouts {
        Whereabouts::Serving { arrived } => Ok((shift, arrived)),
        _ => Err(Rejection::NotArrived { shift, stop: schedule.stops()[stop_idx].id }),
    }
}

//! Vehicles, and what becomes of their riders when they change.
//!
//! A vehicle may get other places, features, services or zones at any time: a wheelchair lift breaks, a tenant leaves the
//! pool. Its planned shifts change with it. Whoever may not ride in it any more, or has no place, moves elsewhere under
//! the promise, or is left to staff; with such a party on board the change is not accepted.

use mukae_units::{BookingId, SeatKind, Seats, ShiftId};

use super::booking::{adopt_unassigned, reassign};
use super::roads::settle;
use super::{Draft, Outcome};
use crate::answer::{Answer, CAPACITY_MAX, Rejection};
use crate::insertion::plan_without;
use crate::model::{Serves, Vehicle};
use crate::schedule::Schedule;
use crate::schedule::timeline::load_after;

pub(super) fn register(draft: &mut Draft<'_, '_>, vehicle: &Vehicle) -> Outcome {
    let is_taken = |other: &&Vehicle| (other.id != vehicle.id && other.name == vehicle.name) || *other == vehicle;
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
    let agenda = draft.agenda;
    let mut shifts: Vec<ShiftId> = agenda.shifts_of(vehicle.id).map(|(_, shift)| shift).collect();
    shifts.sort_unstable();
    for &shift in &shifts {
        let is_too_small = |seats: Seats| !vehicle.capacity.fits(seats);
        if draft.schedule(shift)?.shift.declared.is_some_and(|declared| is_too_small(declared.seats)) {
            return Err(Rejection::CapacityTooLarge);
        }
        draft.foresee(shift, |schedule| schedule.equip(vehicle))?;
    }
    let mut put_out = Vec::new();
    for shift in shifts {
        while let Some(booking) = find_misfit(draft, shift)? {
            let (now, schedule) = (draft.now, draft.schedule(shift)?.clone());
            let plan = plan_without(&schedule, booking, now, draft.work.roads);
            settle(draft, shift, plan)?;
            put_out.push(booking);
        }
    }
    put_out.sort_unstable();
    put_out.into_iter().try_for_each(|booking| reassign(draft, booking))?;
    adopt_unassigned(draft)?;
    Ok(Answer::Noted)
}

/// A party that may not ride in this vehicle, or of those who have no place together the last that booked.
fn find_misfit(draft: &Draft<'_, '_>, shift: ShiftId) -> Result<Option<BookingId>, Rejection> {
    let schedule = draft.schedule(shift)?;
    let may_leave = |booking: BookingId| schedule.position_of(booking, true).is_some();
    let mut with_them: Vec<BookingId> = Vec::new();
    let (mut load, mut on_board) = (schedule.load(), on_board(schedule));
    for booking in schedule.stops().iter().filter_map(|stop| stop.booking) {
        let found = draft.booking(booking)?;
        let zones = (found.pickup_spot().zones, found.dropoff_spot().zones);
        let service = (found.request.service, draft.service(found.request.service)?.crews);
        if schedule.unwelcome(found.request.needs, service, zones).is_some() {
            with_them.push(booking);
        }
    }
    if with_them.is_empty() {
        if !schedule.capacity.fits(load) {
            return Err(Rejection::RidersOnBoard(shift));
        }
        for stop in schedule.stops() {
            load = load_after(load, stop);
            match stop.booking {
                Some(booking) if stop.is_pickup() => on_board.push(booking),
                Some(booking) => on_board.retain(|other| *other != booking),
                None => {}
            }
            if !schedule.capacity.fits(load) {
                with_them = on_board;
                break;
            }
        }
    }
    let last = with_them.iter().copied().filter(|&booking| may_leave(booking)).max();
    match (with_them.is_empty(), last) {
        (false, None) => Err(Rejection::RidersOnBoard(shift)),
        (_, last) => Ok(last),
    }
}

fn on_board(schedule: &Schedule) -> Vec<BookingId> {
    let is_on_board = |booking: &BookingId| schedule.position_of(*booking, true).is_none();
    schedule.stops().iter().filter_map(|stop| stop.booking).filter(is_on_board).collect()
}

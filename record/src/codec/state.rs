//! All the dispatcher remembers, for snapshots and state hashes.
//!
//! A state from outside is believed once its parts refer to each other as `apply` left them; what
//! the engine `expect`s of a state is checked here, where it can still be an error.

use mukae_engine::State;
use mukae_engine::model::{Asking, Booking, BookingState, Hold};

use super::codec;

codec! {
    struct State {
        clock, map, policy, services, vehicles, schedules, offers, bookings,
        next_offer, next_booking, next_stop, vehicles_sought, last_shift, features, drivers, asks, holds,
        no_shows, zones, supply, standbys,
    } check state_is_sound
}

fn state_is_sound(state: &State) -> Result<(), String> {
    ids_are_sound(state)?;
    for (shift, schedule) in &state.schedules {
        for stop in schedule.stops() {
            let Some(booking) = stop.booking else { continue };
            let held_by = state.bookings.get(&booking).map(|booking| booking.shift);
            if held_by != Some(Some(*shift)) {
                return Err(format!("{shift} visits {} for {booking}, which is not its own", stop.id));
            }
        }
    }
    if let Some(hold) = state.holds.values().find(|hold| !hold_is_kept(state, hold)) {
        return Err(format!("{} is held by no booking", hold.offer));
    }
    asks_are_sound(state)?;
    match state.bookings.values().find(|booking| !booking_is_planned(state, booking)) {
        Some(booking) => Err(format!("{} is {:?} and has no stops", booking.id, booking.state)),
        None => Ok(()),
    }
}

/// Who must be asked is known, and asks are open exactly where a driver is awaited.
fn asks_are_sound(state: &State) -> Result<(), String> {
    for schedule in state.schedules.values() {
        let is_known = schedule.shift.driver.is_some_and(|driver| state.drivers.contains_key(&driver));
        if schedule.asking != Asking::Unneeded && !is_known {
            return Err(format!("{} has nobody to ask", schedule.shift.id));
        }
    }
    if let Some(shift) = state.standbys.keys().find(|shift| !state.schedules.contains_key(shift)) {
        return Err(format!("somebody stands by on {shift}, which is not planned"));
    }
    let is_sound = |booking: &Booking| booking.ask.is_some() == (booking.state == BookingState::AwaitingDriver);
    match state.bookings.values().find(|booking| !is_sound(booking)) {
        Some(booking) => Err(format!("{} is {:?} and asked of {:?}", booking.id, booking.state, booking.ask)),
        None => Ok(()),
    }
}

/// Every value stands under its own id, and the next ids are unused.
fn ids_are_sound(state: &State) -> Result<(), String> {
    let is_filed = state.vehicles.iter().all(|(id, vehicle)| vehicle.id == *id)
        && state.services.iter().all(|(id, service)| service.id == *id)
        && state.schedules.iter().all(|(id, schedule)| schedule.shift.id == *id)
        && state.offers.iter().all(|(id, offer)| offer.id == *id)
        && state.bookings.iter().all(|(id, booking)| booking.id == *id)
        && state.drivers.iter().all(|(id, driver)| driver.id == *id)
        && state.holds.iter().all(|(id, hold)| hold.offer == *id);
    if !is_filed {
        return Err("something is filed under another id".to_owned());
    }
    let stops = state.schedules.values().flat_map(|schedule| schedule.stops());
    let is_fresh = state.offers.last_key_value().is_none_or(|(id, _)| id.0 < state.next_offer)
        && state.bookings.last_key_value().is_none_or(|(id, _)| id.0 < state.next_booking)
        && state.schedules.last_key_value().is_none_or(|(id, _)| id.0 <= state.last_shift)
        && stops.map(|stop| stop.id.0).max().is_none_or(|id| id < state.next_stop);
    if is_fresh { Ok(()) } else { Err("an id that comes next is already used".to_owned()) }
}

/// A held offer is there to be confirmed, and its place is kept for it.
fn hold_is_kept(state: &State, hold: &Hold) -> bool {
    let held = state.bookings.get(&hold.booking);
    state.offers.contains_key(&hold.offer)
        && held.is_some_and(|held| held.state == BookingState::Held && held.offer == hold.offer)
}

/// A live booking with a vehicle has its dropoff in the schedule, and its pickup until it boards.
fn booking_is_planned(state: &State, booking: &Booking) -> bool {
    if booking.state.is_final() || matches!(booking.state, BookingState::Unassigned | BookingState::Stranded) {
        return true;
    }
    let Some(schedule) = booking.shift.and_then(|shift| state.schedules.get(&shift)) else { return false };
    let is_boarded = booking.state == BookingState::Boarded;
    schedule.position_of(booking.id, false).is_some() && schedule.position_of(booking.id, true).is_some() != is_boarded
}

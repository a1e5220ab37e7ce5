//! How much later than was due somebody had boarded or alighted, or had not yet.

use mukae_engine::State;
use mukae_engine::model::BookingState;
use mukae_units::{BookingId, ShiftId, Span, Time};

/// `done` is when it was done, by a report that came at `now`.
pub(super) fn late_by(state: &State, booking: BookingId, is_pickup: bool, now: Time, done: Time) -> Option<Span> {
    let schedule = state.schedules.get(&state.bookings.get(&booking)?.shift?)?;
    let stop_idx = schedule.position_of(booking, is_pickup)?;
    let (stop, times) = (&schedule.stops()[stop_idx], schedule.timeline(now).stops[stop_idx]);
    Some(done - (times.start + stop.dwell + stop.stop_dwell))
}

/// Who is being waited for at their pickups, of one booking or of all of a shift, and for how long past due at `now`. As
/// the vehicle goes away without them, they have not boarded by then.
pub(super) fn waited_for(state: &State, whose: Whose, now: Time) -> Vec<(BookingId, Span)> {
    let is_of = |booking: BookingId, shift: Option<ShiftId>| match whose {
        Whose::Booking(one) => one == booking,
        Whose::Shift(one) => Some(one) == shift,
    };
    let arrived = state.bookings.values().filter(|booking| booking.state == BookingState::Arrived);
    let meant = arrived.filter(|booking| is_of(booking.id, booking.shift));
    let late = meant.filter_map(|booking| Some((booking.id, late_by(state, booking.id, true, now, now)?)));
    late.filter(|(_, late)| Span::ZERO < *late).collect()
}

#[derive(Clone, Copy)]
pub(super) enum Whose {
    Booking(BookingId),
    Shift(ShiftId),
}

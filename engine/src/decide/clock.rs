//! What follows from time alone.

use mukae_units::{Span, Time};

use super::booking::adopt_unassigned;
use super::settings::end_shift;
use super::{Draft, Outcome, consent, risk};
use crate::State;
use crate::answer::Answer;
use crate::event::Endogenous;
use crate::model::{BookingState, ShiftState};
use crate::schedule::Schedule;

/// While a booking has no vehicle, one is looked for this often.
const RECHECK: Span = Span::MINUTE;

pub(super) fn advance(draft: &mut Draft<'_, '_>) -> Outcome {
    let (state, now) = (draft.state, draft.now);
    for offer in state.offers.values().filter(|offer| offer.expires < now) {
        draft.push(Endogenous::OfferExpired { offer: offer.id });
    }
    consent::expire(draft)?;
    for schedule in state.schedules.values().filter(|schedule| is_stale(schedule, now)) {
        end_shift(draft, schedule.shift.id)?;
    }
    adopt_unassigned(draft)?;
    if let Some(policy) = state.policy {
        let is_old = |finished: Option<Time>| finished.is_some_and(|finished| finished + policy.retention <= now);
        for booking in state.bookings.values().filter(|booking| is_old(booking.finished_at)) {
            draft.push(Endogenous::BookingForgotten { booking: booking.id });
        }
    }
    Ok(Answer::Noted)
}

/// A shift nobody came to ends with its window; who is still booked on it is looked after elsewhere.
fn is_stale(schedule: &Schedule, now: Time) -> bool {
    schedule.state == ShiftState::Planned && schedule.shift.window.latest() < now
}

/// When [`advance`] next has something to record, if nothing happens first.
pub(crate) fn wakeup(state: &State) -> Option<Time> {
    let tick = Span::from_millis(1);
    let offers = state.offers.values().map(|offer| offer.expires + tick);
    let breaches = state.schedules.values().filter_map(|schedule| risk::next_breach(state, schedule));
    let stale = state
        .schedules
        .values()
        .filter(|schedule| schedule.state == ShiftState::Planned)
        .map(|schedule| schedule.shift.window.latest() + tick);
    let recheck = state.vehicles_sought + RECHECK;
    let bookings = state.bookings.values().filter_map(|booking| match booking.state {
        BookingState::Unassigned => Some(recheck.min(booking.promise.pickup.latest() + tick)),
        _ => Some(booking.finished_at? + state.policy?.retention),
    });
    let asks = state.bookings.values().filter_map(|booking| consent::over_from(state, booking));
    offers.chain(asks).chain(breaches).chain(stale).chain(bookings).min()
}

//! What follows from time alone.

use mukae_units::{Span, Time};

use super::booking::adopt_unassigned;
use super::{Draft, Outcome};
use crate::State;
use crate::answer::Answer;
use crate::event::Endogenous;
use crate::model::{BookingState, ShiftState};
use crate::schedule::{Schedule, Whereabouts};

/// While something is overdue the clock asks this often.
const RECHECK: Span = Span::MINUTE;

pub(super) fn advance(draft: &mut Draft<'_, '_>) -> Outcome {
    let (state, now) = (draft.state, draft.now);
    for offer in state.offers.values().filter(|offer| offer.expires < now) {
        draft.push(Endogenous::OfferExpired { offer: offer.id });
    }
    for schedule in state.schedules.values().filter(|schedule| is_stale(schedule, now)) {
        draft.end_schedule(schedule.shift.id);
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

/// A shift nobody came to and nobody is booked on ends with its window.
fn is_stale(schedule: &Schedule, now: Time) -> bool {
    schedule.state == ShiftState::Planned && schedule.stops().is_empty() && schedule.shift.window.latest() < now
}

/// When [`advance`] may next have something to say.
pub(crate) fn wakeup(state: &State) -> Option<Time> {
    let tick = Span::from_millis(1);
    let recheck = state.clock + RECHECK;
    let offers = state.offers.values().map(|offer| offer.expires + tick);
    let grace = state.policy.map_or(Span::ZERO, |policy| policy.report_grace);
    let schedules = state.schedules.values().filter_map(|schedule| {
        let due = report_due(schedule, state.clock);
        due.map(|due| due + grace)
            .or_else(|| (schedule.state == ShiftState::Planned).then(|| schedule.shift.window.latest() + tick))
    });
    let retention = state.policy.map(|policy| policy.retention);
    let bookings = state.bookings.values().filter_map(|booking| match booking.state {
        BookingState::Unassigned => Some(recheck),
        _ => Some(booking.finished_at? + retention?),
    });
    offers.chain(schedules).chain(bookings).min().map(|due| if due <= state.clock { recheck } else { due })
}

/// When the driver should next report something.
fn report_due(schedule: &Schedule, now: Time) -> Option<Time> {
    let first = *schedule.timeline(now).stops.first()?;
    Some(match schedule.plan.whereabouts {
        Whereabouts::Waiting { .. } => first.departure,
        Whereabouts::Driving { .. } => first.ready,
        Whereabouts::Serving { .. } => first.end,
    })
}

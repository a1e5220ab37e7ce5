//! What follows from time alone.

use std::collections::BTreeMap;

use mukae_units::{Span, Time, VehicleId};

use super::booking::adopt_unassigned;
use super::settings::end_shift;
use super::{Draft, Outcome, consent, holds, next_handover, risk, standby};
use crate::State;
use crate::answer::Answer;
use crate::event::Endogenous;
use crate::model::{BookingState, ShiftState};
use crate::schedule::Schedule;

/// While a booking has no vehicle, one is looked for this often.
pub(crate) const RECHECK: Span = Span::MINUTE;

pub(super) fn advance(draft: &mut Draft<'_, '_>) -> Outcome {
    let (state, now) = (draft.state, draft.now);
    holds::release_overdue(draft)?;
    for offer in draft.agenda.expired_offers(now) {
        draft.push(Endogenous::OfferExpired { offer });
    }
    consent::expire(draft)?;
    standby::expire(draft);
    // a shift nobody came to ends with its window; who is still booked on it is looked after elsewhere
    for shift in draft.agenda.stale_shifts(now) {
        end_shift(draft, shift)?;
    }
    adopt_unassigned(draft)?;
    if let Some(policy) = state.policy {
        for booking in draft.agenda.ended_by(now - policy.retention) {
            draft.push(Endogenous::BookingForgotten { booking });
        }
    }
    Ok(Answer::Noted)
}

/// When [`advance`] next has something to record, if nothing happens first; by looking at everything.
pub(crate) fn wakeup(state: &State) -> Option<Time> {
    let tick = Span::from_millis(1);
    let open = state.offers.values().filter(|offer| !state.holds.contains_key(&offer.id));
    let offers = open.map(|offer| offer.expires + tick);
    let holds = state.holds.values().map(|hold| hold.until + tick);
    let breaches = state.schedules.values().filter_map(|schedule| risk::next_breach(state, schedule));
    let stale = state
        .schedules
        .values()
        .filter(|schedule| schedule.state == ShiftState::Planned)
        .map(|schedule| schedule.shift.window.latest() + tick);
    let recheck = state.vehicles_sought + RECHECK;
    let bookings = state.bookings.values().filter_map(|booking| match booking.state {
        BookingState::Unassigned => Some(recheck.min(booking.promise.pickup.latest() + tick)),
        BookingState::Stranded => Some(recheck),
        _ => Some(booking.finished_at? + state.policy?.retention),
    });
    let asks = state.bookings.values().filter_map(|booking| consent::over_from(state, booking));
    let mut shifts_of: BTreeMap<VehicleId, Vec<&Schedule>> = BTreeMap::new();
    for schedule in state.schedules.values() {
        shifts_of.entry(schedule.shift.vehicle).or_default().push(schedule);
    }
    let handovers = shifts_of.values_mut().flat_map(|shifts| {
        shifts.sort_by_key(|schedule| (schedule.shift.window.earliest(), schedule.shift.id));
        shifts.windows(2).filter_map(|pair| next_handover(pair[0], pair[1])).min()
    });
    let standbys = standby::lapses(state);
    offers.chain(holds).chain(asks).chain(standbys).chain(breaches).chain(stale).chain(bookings).chain(handovers).min()
}

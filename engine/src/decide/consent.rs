//! Asking drivers who have not consented in advance, and what follows from their answers.
//!
//! A booking that lands on a shift whose driver must be asked keeps its stops there until the answer;
//! it is confirmed to the rider by a yes alone. A no, or silence, moves it to the next best shift that
//! keeps its promise, or leaves it to staff. Nobody else is moved for it.

use std::sync::Arc;

use mukae_units::{BookingId, DriverId, ShiftId, Span, Time};

use super::booking::{Kept, keep_promise, take_out};
use super::risk::first_breach_or_late_end;
use super::{Draft, Outcome};
use crate::State;
use crate::answer::{Answer, Rejection};
use crate::event::Endogenous;
use crate::insertion::Among;
use crate::model::{Ask, AskOutcome, Asking, Booking};
use crate::schedule::Schedule;

pub(super) fn answer(draft: &mut Draft<'_, '_>, booking: BookingId, driver: DriverId, accepted: bool) -> Outcome {
    let found = draft.booking(booking)?;
    let ask = found.ask.filter(|ask| ask.driver == driver).ok_or(Rejection::NotAsked { booking, driver })?;
    if ask.deadline < draft.now {
        return Err(Rejection::AskExpired { booking });
    }
    match accepted {
        true => draft.end_ask(booking, driver, AskOutcome::Accepted),
        false => fall_back(draft, found, ask, AskOutcome::Declined)?,
    }
    Ok(Answer::Noted)
}

/// From when on an open ask is over if nobody answers: after its deadline, or sooner if the vehicle
/// stands still for the answer and somebody who is bound to it would pay for that.
pub(crate) fn over_from(state: &State, booking: &Booking) -> Option<Time> {
    let tick = Span::from_millis(1);
    let ask = booking.ask?;
    let schedule = booking.shift.and_then(|shift| state.schedules.get(&shift));
    let is_next = |schedule: &&Arc<Schedule>| schedule.next_stop().is_some_and(|stop| stop.booking == Some(booking.id));
    let held_up = schedule.filter(is_next);
    let too_long = held_up.and_then(|schedule| match schedule.load().is_empty() {
        true => first_breach_or_late_end(schedule, None, ask.asked_at).map(|breach| breach - tick), // the last moment to leave without it
        false => Some(state.clock), // nobody stands still with riders on board for an answer
    });
    Some(too_long.map_or(ask.deadline + tick, |too_long| too_long.min(ask.deadline + tick)))
}

/// Gives up the asks nobody answered in time.
pub(super) fn expire(draft: &mut Draft<'_, '_>) -> Result<(), Rejection> {
    let (state, now) = (draft.state, draft.now);
    for booking in draft.agenda.asks_over(state, now) {
        let booking = &state.bookings[&booking];
        fall_back(draft, booking, booking.ask.expect("what is over was asked"), AskOutcome::Expired)?;
    }
    Ok(())
}

/// Nobody comes for this party by this ask: the next best shift that keeps the promise takes it, else staff.
fn fall_back(draft: &mut Draft<'_, '_>, found: &Booking, ask: Ask, outcome: AskOutcome) -> Result<(), Rejection> {
    let booking = found.id;
    take_out(draft, found)?;
    draft.end_ask(booking, ask.driver, outcome);
    let mut asked = found.asked.clone();
    asked.push(ask.driver);
    let kept = Kept::of_booking(found);
    let elsewhere = match found.is_pinned {
        true => None,
        false => keep_promise(draft, &kept, Among { not_driven_by: &asked, ..Among::ALL })?,
    };
    let Some((demand, insertion)) = elsewhere else {
        draft.push(Endogenous::BookingUnassigned { booking });
        return Ok(());
    };
    draft.insert(booking, &insertion, &demand, &found.promise)?;
    bind(draft, booking, insertion.shift, &kept, &asked)?;
    Ok(())
}

/// Asks the driver of the shift a booking was just put on, if that driver must be asked.
pub(super) fn bind(
    draft: &mut Draft<'_, '_>,
    booking: BookingId,
    shift: ShiftId,
    kept: &Kept<'_>,
    asked: &[DriverId],
) -> Result<Option<Ask>, Rejection> {
    let schedule = draft.schedule(shift)?;
    if schedule.asking == Asking::Unneeded {
        return Ok(None);
    }
    let driver = schedule.shift.driver.expect("who must be asked is somebody");
    let now = draft.now;
    let mut deadline = (now + draft.policy()?.ask_timeout).min(kept.promise.pickup.latest());
    // silence makes nobody late either, nor the driver at home: it is noticed when the vehicle can still leave. Who is known to be late is made
    // later only where the vehicle itself would wait for the answer.
    let is_next = schedule.next_stop().is_some_and(|stop| stop.booking == Some(booking));
    if let Some(breach) = first_breach_or_late_end(schedule, Some(draft.state).filter(|_| !is_next), now) {
        deadline = deadline.min(breach - Span::from_millis(2));
    }
    let deadline = deadline.max(now);
    draft.note_ask(driver)?;
    let mut without = asked.to_vec();
    without.push(driver);
    let fallback = keep_promise(draft, kept, Among { not: &[shift], not_driven_by: &without, ..Among::ALL })?;
    let fallback = fallback.map(|(_, insertion)| insertion.shift);
    draft.push(Endogenous::DriverAsked { booking, driver, deadline, fallback });
    Ok(Some(Ask { driver, asked_at: now, deadline }))
}

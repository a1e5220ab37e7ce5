//! Holds: an offer's place in the plan, kept for a short while.

use mukae_units::{BookingId, OfferId, Span, Time};

use super::booking::{Kept, found_offer, keep_promise, take_out};
use super::{Draft, Outcome, booking};
use crate::answer::{Answer, Rejection};
use crate::event::Endogenous;
use crate::insertion::Among;
use crate::model::{Asking, Booking, Hold, Offer};

pub(super) fn hold(draft: &mut Draft<'_, '_>, offer: OfferId, until: Time) -> Outcome {
    release_overdue(draft)?;
    let found = found_offer(draft, offer)?;
    let hold_max = draft.service(found.request.service)?.hold_max;
    let held = draft.hold_of(offer);
    let (from, to) = (draft.now, held.map_or(draft.now, |held| held.since) + hold_max);
    if until < from || to < until || hold_max == Span::ZERO {
        return Err(Rejection::HoldOutside { from, to });
    }
    if let Some(held) = held {
        let shift = draft.booking(held.booking)?.shift.expect("what is held is in a schedule");
        draft.push(Endogenous::OfferHeld { offer, booking: held.booking, shift, until });
        return Ok(Answer::Held(Hold { until, ..held }));
    }
    let of_quote = draft.state.holds.values().filter(|hold| draft.state.offers[&hold.offer].quote == found.quote);
    for other in of_quote.copied().collect::<Vec<Hold>>() {
        if draft.hold_of(other.offer).is_some() {
            end(draft, other)?; // one at a time
        }
    }
    // a place is held where nobody has to be asked first: what hangs on a driver's yes is not sure
    let Some((demand, insertion)) = keep_promise(draft, &Kept::of_offer(found), Among { bound: true, ..Among::ALL })?
    else {
        if keep_promise(draft, &Kept::of_offer(found), Among::ALL)?.is_some() {
            return Err(Rejection::DriverToBeAsked(offer));
        }
        end_quote(draft, found)?;
        return booking::plan_changed(draft, found);
    };
    let booking = BookingId(draft.state.next_booking);
    draft.push(Endogenous::OfferHeld { offer, booking, shift: insertion.shift, until });
    draft.insert(booking, &insertion, &demand, &found.promise)?;
    Ok(Answer::Held(Hold { offer, booking, since: draft.now, until }))
}

pub(super) fn release(draft: &mut Draft<'_, '_>, offer: OfferId) -> Outcome {
    release_overdue(draft)?;
    let held = draft.hold_of(offer).ok_or(Rejection::NotHeld(offer))?;
    end(draft, held)?;
    Ok(Answer::Noted)
}

/// Ends the holds whose time is up. Done first by whatever sells places: expiry is a matter of the
/// time, not of when the clock was last told.
pub(super) fn release_overdue(draft: &mut Draft<'_, '_>) -> Result<(), Rejection> {
    let (state, overdue) = (draft.state, draft.agenda.overdue_holds(draft.now));
    overdue.into_iter().try_for_each(|offer| end(draft, state.holds[&offer]))
}

/// Gives a held place back.
pub(super) fn end(draft: &mut Draft<'_, '_>, hold: Hold) -> Result<(), Rejection> {
    let Hold { offer, booking, .. } = hold;
    take_out(draft, draft.booking(booking)?)?;
    lose(draft, offer, booking);
    Ok(())
}

/// The held place is gone already.
pub(super) fn lose(draft: &mut Draft<'_, '_>, offer: OfferId, booking: BookingId) {
    draft.released.insert(offer);
    draft.push(Endogenous::HoldReleased { offer, booking });
}

/// The other offers of a quote go, held ones with their places.
pub(super) fn end_quote(draft: &mut Draft<'_, '_>, of: &Offer) -> Result<(), Rejection> {
    let of_quote = |offer: &&Offer| offer.quote == of.quote && offer.id != of.id;
    let others: Vec<OfferId> = draft.state.offers.values().filter(of_quote).map(|offer| offer.id).collect();
    for offer in others {
        if let Some(hold) = draft.hold_of(offer) {
            end(draft, hold)?;
        }
        if draft.hold_of(offer).is_none() {
            draft.push(Endogenous::OfferExpired { offer });
        }
    }
    Ok(())
}

/// A held offer becomes a booking where it is; `None` if its driver must be asked by now.
pub(super) fn confirm(draft: &mut Draft<'_, '_>, hold: Hold, offer: &Offer) -> Result<Option<Answer>, Rejection> {
    let held = draft.booking(hold.booking)?;
    let shift = held.shift.expect("what is held is in a schedule");
    if draft.schedule(shift)?.asking != Asking::Unneeded {
        return Ok(None);
    }
    draft.push(Endogenous::BookingConfirmed { booking: hold.booking, offer: offer.id, shift });
    end_quote(draft, offer)?;
    let state = draft.schedule(shift)?.pickup_state(hold.booking);
    Ok(Some(Answer::Confirmed(Booking { state, confirmed_at: draft.now, ..held.clone() })))
}

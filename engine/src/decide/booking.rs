//! Confirmations and cancellations.

use mukae_units::{BookingId, OfferId};

use super::draft::Among;
use super::offers::{Asked, Found};
use super::{Draft, Outcome, holds, offers};
use crate::Placement;
use crate::answer::{Answer, Rejection};
use crate::event::Endogenous;
use crate::insertion::{Demand, Insertion, plan_without, ways};
use crate::model::{AccessPair, Alternative, AtRisk, Booking, BookingState, CancelReason, Offer, Promise, Request};
use crate::schedule::Whereabouts;

pub(super) fn book(draft: &mut Draft<'_, '_>, request: &Request, by_hand: Option<Placement>) -> Outcome {
    holds::release_overdue(draft)?;
    let service = offers::check(draft, request)?;
    let ways = match ways(draft.now, request, service, draft.work.roads) {
        Ok(ways) => ways,
        Err(binding) => return Ok(Answer::Refused(offers::refuse(draft, request, binding)?)),
    };
    let found = match by_hand {
        Some(placement) => offers::place_by_hand(draft, &ways, placement)?,
        None => match offers::best_for_rider(draft, &ways, service, Among::All)? {
            Some(found) => Ok(found),
            None => Err(offers::binding(draft, request, &ways)?),
        },
    };
    let found = match found {
        Ok(found) => found,
        Err(binding) => return Ok(Answer::Refused(offers::refuse(draft, request, binding)?)),
    };
    let offer = Asked { request, service, ways: &ways }.offer(draft, &found, Alternative::Best);
    let Found { way, insertion } = found;
    let booking = BookingId(draft.state.next_booking);
    let mut confirmed = Booking::confirmed(booking, offer.clone(), insertion.shift, draft.now);
    let promise = offer.promise;
    draft.push(Endogenous::Booked { booking, offer });
    draft.insert(booking, &insertion, &way.demand, &promise)?;
    note_at_once(draft, &insertion, &mut confirmed)?;
    Ok(Answer::Confirmed(confirmed))
}

/// What a booking is as soon as its insertion is applied: its vehicle may be turned towards it at
/// once, or stand there.
fn note_at_once(draft: &Draft<'_, '_>, insertion: &Insertion, booking: &mut Booking) -> Result<(), Rejection> {
    let schedule = draft.schedule(insertion.shift)?;
    let is_here = matches!(schedule.plan.whereabouts, Whereabouts::Serving { .. })
        && insertion.pickup_idx < schedule.next_group();
    if is_here {
        booking.state = BookingState::Arrived;
        booking.arrived_at = Some(draft.now);
    } else if insertion.turned_at.is_some() {
        booking.state = BookingState::EnRoute;
    }
    Ok(())
}

/// An offer that may be confirmed now.
pub(super) fn found_offer<'a>(draft: &Draft<'a, '_>, offer: OfferId) -> Result<&'a Offer, Rejection> {
    let Some(found) = draft.state.offers.get(&offer) else {
        let booking = draft.state.bookings.values().find(|booking| booking.offer == offer);
        let was_made = offer.0 < draft.state.next_offer;
        return Err(match booking {
            Some(booking) => Rejection::OfferUsed { offer, booking: booking.id },
            None if was_made => Rejection::OfferExpired(offer),
            None => Rejection::UnknownOffer(offer),
        });
    };
    if found.expires < draft.now && draft.hold_of(offer).is_none() {
        return Err(Rejection::OfferExpired(offer));
    }
    Ok(found)
}

/// Decides again, under the promise the offer made, unless its place is held. Other riders may have
/// come between: then the same promise is kept by another plan, or the request is asked afresh.
pub(super) fn confirm(draft: &mut Draft<'_, '_>, offer: OfferId) -> Outcome {
    holds::release_overdue(draft)?;
    let found = found_offer(draft, offer)?;
    if let Some(hold) = draft.hold_of(offer) {
        return holds::confirm(draft, hold, found);
    }
    // what the rider held of the same quote makes room
    holds::end_quote(draft, found)?;
    let Some((demand, insertion)) = keep_promise(draft, found)? else { return plan_changed(draft, found) };
    let booking = BookingId(draft.state.next_booking);
    draft.push(Endogenous::BookingConfirmed { booking, offer, shift: insertion.shift });
    draft.insert(booking, &insertion, &demand, &found.promise)?;
    let mut confirmed = Booking::confirmed(booking, found.clone(), insertion.shift, draft.now);
    note_at_once(draft, &insertion, &mut confirmed)?;
    Ok(Answer::Confirmed(confirmed))
}

/// The offer is lost, the last of its quote: the request is asked again.
pub(super) fn plan_changed(draft: &mut Draft<'_, '_>, lost: &Offer) -> Outcome {
    draft.push(Endogenous::OfferExpired { offer: lost.id });
    let fresh = offers::offer_or_refuse(draft, &lost.request)?;
    Ok(Answer::PlanChanged { fresh })
}

pub(super) fn cancel(draft: &mut Draft<'_, '_>, booking: BookingId, reason: CancelReason) -> Outcome {
    let found = draft.booking(booking)?;
    if matches!(found.state, BookingState::Held | BookingState::Boarded) || found.state.is_final() {
        return Err(Rejection::WrongState { booking, state: found.state });
    }
    draft.push(Endogenous::BookingCancelled { booking, reason });
    take_out(draft, found)?;
    let mut cancelled = found.clone();
    cancelled.state = BookingState::Cancelled;
    cancelled.cancel_reason = Some(reason);
    cancelled.finished_at = Some(draft.now);
    cancelled.at_risk = AtRisk::NONE;
    Ok(Answer::Cancelled(cancelled))
}

/// Removes a booking's stops from the schedule that holds it, if one does.
pub(super) fn take_out(draft: &mut Draft<'_, '_>, booking: &Booking) -> Result<(), Rejection> {
    let Some(shift) = booking.shift else { return Ok(()) };
    let now = draft.now;
    let schedule = draft.schedule(shift)?.clone();
    let plan = plan_without(&schedule, booking.id, now, draft.work.roads).ok_or(Rejection::OffRoad)?;
    draft.change_plan(shift, plan)
}

/// The best way to keep an offer's promise as things stand, if there is one; who chose another vehicle
/// gets that one if it can.
pub(super) fn keep_promise(draft: &mut Draft<'_, '_>, offer: &Offer) -> Result<Option<(Demand, Insertion)>, Rejection> {
    let Offer { request, access, promise, shift, .. } = offer;
    if offer.alternative == Alternative::OtherVehicle {
        let kept = keep(draft, request, *access, promise, Among::Only(*shift))?;
        if kept.is_some() {
            return Ok(kept);
        }
    }
    keep(draft, request, *access, promise, Among::All)
}

fn keep(
    draft: &mut Draft<'_, '_>,
    request: &Request,
    access: AccessPair,
    promise: &Promise,
    among: Among<'_>,
) -> Result<Option<(Demand, Insertion)>, Rejection> {
    let service = draft.service(request.service)?;
    let Some(demand) = Demand::of_promise(draft.now, request, access, promise, service, draft.work.roads) else {
        return Ok(None);
    };
    Ok(draft.best_insertion(&demand, None, among)?.map(|insertion| (demand, insertion)))
}

/// Finds a booking without a vehicle another one that keeps its promise.
pub(super) fn reassign(draft: &mut Draft<'_, '_>, booking: BookingId) -> Result<(), Rejection> {
    let found = draft.booking(booking)?;
    match keep(draft, &found.request, found.access, &found.promise, Among::All)? {
        Some((demand, insertion)) => draft.insert(booking, &insertion, &demand, &found.promise),
        None if found.state == BookingState::Held => {
            holds::lose(draft, found.offer, booking);
            Ok(())
        }
        None if found.promise.pickup.latest() < draft.now => {
            draft.push(Endogenous::BookingFailed { booking });
            Ok(())
        }
        None if found.state == BookingState::Unassigned => Ok(()),
        None => {
            draft.push(Endogenous::BookingUnassigned { booking });
            Ok(())
        }
    }
}

/// Tries again for every booking that has no vehicle.
pub(super) fn adopt_unassigned(draft: &mut Draft<'_, '_>) -> Result<(), Rejection> {
    let unassigned: Vec<BookingId> = draft
        .state
        .bookings
        .values()
        .filter(|booking| booking.state == BookingState::Unassigned)
        .map(|booking| booking.id)
        .collect();
    unassigned.into_iter().try_for_each(|booking| reassign(draft, booking))
}

//! Confirmations and cancellations.

use std::sync::Arc;

use mukae_maps::Place;
use mukae_units::{BookingId, OfferId};

use super::adopt::make_room;
use super::offers::Asked;
use super::roads::settle;
use super::{Draft, Outcome, consent, holds, offers};
use crate::Placement;
use crate::answer::{Answer, Rejection};
use crate::event::Endogenous;
use crate::fare::charge;
use crate::insertion::{self, Among, Demand, Insertion, plan_without, ways};
use crate::model::{
    AccessPair, Alternative, Ask, AskOutcome, AtRisk, Binding, Booking, BookingState, CancelReason, Offer, Promise,
    Refusal, Request, Service,
};
use crate::schedule::Whereabouts;

pub(super) fn book(draft: &mut Draft<'_, '_>, request: &Arc<Request>, by_hand: Option<Placement>) -> Outcome {
    holds::release_overdue(draft)?;
    match book_or_refuse(draft, request, by_hand)? {
        Ok(booking) => Ok(answer_of(booking)),
        Err(refusal) => Ok(Answer::Refused(refusal)),
    }
}

pub(super) fn book_or_refuse(
    draft: &mut Draft<'_, '_>,
    request: &Arc<Request>,
    by_hand: Option<Placement>,
) -> Result<Result<Booking, Refusal>, Rejection> {
    let service = offers::check(draft, request)?;
    if let Some(binding) = offers::barred(draft, request, service) {
        return Ok(Err(offers::turn_away(draft, binding)));
    }
    let Found { offer, demand, insertion } = match offer_for(draft, request, service, by_hand)? {
        Ok(found) => found,
        Err(binding) => return offers::refuse(draft, request, binding).map(Err),
    };
    let booking = BookingId(draft.next_booking);
    draft.next_booking += 1;
    draft.next_offer += 1;
    let by_hand = by_hand.map(|placement| placement.shift);
    let confirmed = Booking { by_hand, ..Booking::confirmed(booking, offer.clone(), insertion.shift, draft.now) };
    let kept = Kept { request, access: offer.access, promise: &offer.promise };
    draft.push(Endogenous::Booked { booking, offer: offer.clone(), by_hand: by_hand.is_some() });
    put_in(draft, confirmed, &kept, &demand, &insertion).map(Ok)
}

/// What could be promised, and where it would stand in the plan.
pub(super) struct Found {
    pub offer: Offer,
    pub demand: Demand,
    pub insertion: Insertion,
}

/// The best offer for a request, or the one at a place chosen by hand; or what binds.
pub(super) fn offer_for(
    draft: &mut Draft<'_, '_>,
    request: &Arc<Request>,
    service: &Service,
    by_hand: Option<Placement>,
) -> Result<Result<Found, Vec<Binding>>, Rejection> {
    offers::expect(draft, request);
    let ways = match ways(draft.now, request, service, draft.work.roads) {
        Ok(ways) => ways,
        Err(binding) => return Ok(Err(binding)),
    };
    let found = match by_hand {
        Some(placement) => offers::place_by_hand(draft, &ways, placement)?,
        None => match offers::best_or_room(draft, &ways, service)? {
            Some(found) => Ok(found),
            None => Err(offers::binding(draft, &ways)?),
        },
    };
    Ok(found.map(|found| {
        let offer = Asked { request, service, ways: &ways }.offer(draft, &found, Alternative::Best);
        let insertion::Found { way, insertion } = found;
        Found { offer, demand: way.part.demand, insertion }
    }))
}

/// Puts a booking that was just made, or made anew, into its schedule; its driver is asked if that has to be.
pub(super) fn put_in(
    draft: &mut Draft<'_, '_>,
    mut booking: Booking,
    kept: &Kept<'_>,
    demand: &Demand,
    insertion: &Insertion,
) -> Result<Booking, Rejection> {
    draft.insert(booking.id, insertion, demand, kept.promise)?;
    let ask = consent::bind(draft, booking.id, insertion.shift, kept, &[])?;
    note_at_once(draft, insertion, ask, &mut booking)?;
    Ok(booking)
}

/// Nobody is told of a confirmation before a driver is bound.
pub(super) fn answer_of(booking: Booking) -> Answer {
    match booking.ask {
        None => Answer::Confirmed(booking),
        Some(_) => Answer::AwaitingDriver(booking),
    }
}

/// What a booking is as soon as its insertion is applied: its vehicle may be turned towards it at
/// once, or stand there.
fn note_at_once(
    draft: &Draft<'_, '_>,
    insertion: &Insertion,
    ask: Option<Ask>,
    booking: &mut Booking,
) -> Result<(), Rejection> {
    if ask.is_some() {
        booking.ask = ask;
        booking.state = BookingState::AwaitingDriver;
        return Ok(());
    }
    let schedule = draft.schedule(insertion.shift)?;
    let is_here = matches!(schedule.plan.whereabouts, Whereabouts::Serving { .. })
        && insertion.pickup_idx < schedule.plan.next_group();
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
        if let Some(answer) = holds::confirm(draft, hold, found)? {
            return Ok(answer);
        }
        holds::end(draft, hold)?;
    }
    // what the rider held of the same quote makes room
    holds::end_quote(draft, found)?;
    let Some((demand, insertion)) = keep_offer(draft, found)? else { return plan_changed(draft, found) };
    let booking = BookingId(draft.state.next_booking);
    draft.push(Endogenous::BookingConfirmed { booking, offer, shift: insertion.shift });
    let confirmed = Booking::confirmed(booking, found.clone(), insertion.shift, draft.now);
    put_in(draft, confirmed, &Kept::of_offer(found), &demand, &insertion).map(answer_of)
}

/// The offer is lost, the last of its quote: the request is asked again.
pub(super) fn plan_changed(draft: &mut Draft<'_, '_>, lost: &Offer) -> Outcome {
    draft.push(Endogenous::OfferExpired { offer: lost.id });
    let fresh = offers::offer_or_refuse(draft, &lost.request)?;
    Ok(Answer::PlanChanged { fresh })
}

/// Whether a booking can still be called off by its rider or by staff.
pub(super) fn is_cancellable(booking: &Booking) -> bool {
    !matches!(booking.state, BookingState::Held | BookingState::Boarded) && !booking.state.is_final()
}

pub(super) fn cancel(draft: &mut Draft<'_, '_>, booking: BookingId, reason: CancelReason) -> Outcome {
    let found = draft.booking(booking)?;
    if !is_cancellable(found) {
        return Err(Rejection::WrongState { booking, state: found.state });
    }
    draft.push(Endogenous::BookingCancelled { booking, reason });
    take_out(draft, found)?;
    let mut cancelled = found.clone();
    cancelled.state = BookingState::Cancelled;
    cancelled.cancel_reason = Some(reason);
    cancelled.charge = charge(found, BookingState::Cancelled, Some(reason), draft.now);
    cancelled.finished_at = Some(draft.now);
    cancelled.at_risk = AtRisk::NONE;
    cancelled.ask = None;
    Ok(Answer::Cancelled(cancelled))
}

/// A booking in no vehicle has nothing to be kept on; it may still be let go.
pub(super) fn pin(draft: &Draft<'_, '_>, booking: BookingId, pinned: bool) -> Outcome {
    let found = draft.booking(booking)?;
    if found.state == BookingState::Held || found.state.is_final() || (pinned && found.shift.is_none()) {
        return Err(Rejection::WrongState { booking, state: found.state });
    }
    Ok(Answer::Noted)
}

/// Removes a booking's stops from the schedule that holds it, if one does.
pub(super) fn take_out(draft: &mut Draft<'_, '_>, booking: &Booking) -> Result<(), Rejection> {
    let Some(shift) = booking.shift else { return Ok(()) };
    let now = draft.now;
    let schedule = draft.schedule(shift)?.clone();
    let plan = plan_without(&schedule, booking.id, now, draft.work.roads);
    settle(draft, shift, plan)
}

/// A promise somebody was given, and by which of the request's ways.
#[derive(Clone, Copy)]
pub(super) struct Kept<'k> {
    pub request: &'k Request,
    pub access: AccessPair,
    pub promise: &'k Promise,
}

impl<'k> Kept<'k> {
    pub fn of_offer(offer: &'k Offer) -> Kept<'k> {
        Kept { request: &offer.request, access: offer.access, promise: &offer.promise }
    }

    pub fn of_booking(booking: &'k Booking) -> Kept<'k> {
        Kept { request: &booking.request, access: booking.access, promise: &booking.promise }
    }
}

/// The best way to keep an offer's promise; who chose another vehicle gets that one if it can.
fn keep_offer(draft: &mut Draft<'_, '_>, offer: &Offer) -> Result<Option<(Demand, Insertion)>, Rejection> {
    let kept = Kept::of_offer(offer);
    if offer.alternative == Alternative::OtherVehicle {
        let chosen = keep_promise(draft, &kept, Among { only: Some(offer.shift), ..Among::ALL })?;
        if chosen.is_some() {
            return Ok(chosen);
        }
    }
    // room that was made for the offer may be gone: nobody held it, and better plans do not know of it
    keep_promise_somehow(draft, &kept, Among::ALL)
}

/// The best way to keep a promise as things stand, if there is one.
pub(super) fn keep_promise(
    draft: &mut Draft<'_, '_>,
    kept: &Kept<'_>,
    among: Among<'_>,
) -> Result<Option<(Demand, Insertion)>, Rejection> {
    let Kept { request, access, promise } = *kept;
    let service = draft.service(request.service)?;
    let Some(demand) = Demand::of_promise(draft.now, request, access, promise, service, draft.work.roads) else {
        return Ok(None);
    };
    Ok(draft.best_insertion(&demand, among, None)?.map(|insertion| (demand, insertion)))
}

/// The same, if need be in room that is made for it.
fn keep_promise_somehow(
    draft: &mut Draft<'_, '_>,
    kept: &Kept<'_>,
    among: Among<'_>,
) -> Result<Option<(Demand, Insertion)>, Rejection> {
    if let Some(found) = keep_promise(draft, kept, among)? {
        return Ok(Some(found));
    }
    let Kept { request, access, promise } = *kept;
    let service = draft.service(request.service)?;
    let demand = Demand::of_promise(draft.now, request, access, promise, service, draft.work.roads);
    match demand {
        Some(demand) if make_room(draft, &demand)? => keep_promise(draft, kept, among),
        _ => Ok(None),
    }
}

/// Finds a booking without a vehicle another one that keeps its promise.
pub(super) fn reassign(draft: &mut Draft<'_, '_>, booking: BookingId) -> Result<(), Rejection> {
    let found = draft.booking(booking)?;
    if let Some(ask) = draft.open_ask(found) {
        draft.end_ask(booking, ask.driver, AskOutcome::Withdrawn);
    }
    if let Some(place) = found.stranded_at {
        let is_without = found.state == BookingState::Stranded;
        if !rescue(draft, booking, place)? && !is_without {
            draft.push(Endogenous::BookingUnassigned { booking });
        }
        return Ok(());
    }
    let is_held = found.state == BookingState::Held;
    let kept = Kept::of_booking(found);
    let among = Among { not_driven_by: &found.asked, bound: is_held, ..Among::ALL };
    let elsewhere = match found.is_pinned {
        true => None,
        false => keep_promise_somehow(draft, &kept, among)?,
    };
    match elsewhere {
        Some((demand, insertion)) => {
            draft.insert(booking, &insertion, &demand, kept.promise)?;
            consent::bind(draft, booking, insertion.shift, &kept, &found.asked)?;
            Ok(())
        }
        None if is_held => {
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

/// Sends the vehicle that brings a party put down under way where it wants to go soonest, if there is one; not one
/// whose driver would have to be asked first.
pub(super) fn rescue(draft: &mut Draft<'_, '_>, booking: BookingId, place: Place) -> Result<bool, Rejection> {
    let found = draft.booking(booking)?;
    let service = draft.service(found.request.service)?;
    let Some((demand, promise)) = Demand::of_stranded(draft.now, found, place, service, draft.work.roads) else {
        return Ok(false);
    };
    let among = Among { bound: true, ..Among::ALL };
    let Some(insertion) = draft.best_insertion(&demand, among, None)? else { return Ok(false) };
    draft.insert(booking, &insertion, &demand, &promise)?;
    Ok(true)
}

/// Tries again for every booking that has no vehicle.
pub(super) fn adopt_unassigned(draft: &mut Draft<'_, '_>) -> Result<(), Rejection> {
    let agenda = draft.agenda;
    agenda.without_vehicle().into_iter().try_for_each(|booking| reassign(draft, booking))
}

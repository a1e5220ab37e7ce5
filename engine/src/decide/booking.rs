//! Quotes, confirmations and cancellations.

use mukae_units::{BookingId, OfferId};

use super::{Draft, Outcome};
use crate::answer::{Answer, Rejection};
use crate::event::Endogenous;
use crate::insertion::{Demand, Insertion, nearest_miss, plan_without};
use crate::model::{
    AtRisk, Binding, Booking, BookingState, CancelReason, Constraint, Offer, Promise, Refusal, Request, ServicePolicy,
};

pub(super) fn quote(draft: &mut Draft<'_, '_>, request: &Request) -> Outcome {
    match offer_or_refuse(draft, request)? {
        Ok(offer) => Ok(Answer::Offered(offer)),
        Err(refusal) => Ok(Answer::Refused(refusal)),
    }
}

fn offer_or_refuse(draft: &mut Draft<'_, '_>, request: &Request) -> Result<Result<Offer, Refusal>, Rejection> {
    if request.party.is_empty() {
        return Err(Rejection::EmptyParty);
    }
    let service = draft.service(request.service)?;
    let now = draft.now;
    let found = match Demand::of_request(now, request, service, draft.work.roads) {
        Err(binding) => Err(vec![binding]),
        Ok(demand) => match best_for_rider(draft, &demand, service)? {
            Some(found) => Ok(found),
            None => Err(binding(draft, &demand)?),
        },
    };
    match found {
        Ok((demand, insertion)) => {
            let offer = Offer {
                id: OfferId(draft.state.next_offer),
                request: request.clone(),
                promise: demand.promise(insertion.pickup, service),
                shift: insertion.shift,
                pickup: insertion.pickup,
                dropoff: insertion.dropoff,
                direct: demand.direct,
                expires: now + service.offer_ttl,
            };
            draft.push(Endogenous::OfferMade(offer.clone()));
            Ok(Ok(offer))
        }
        Err(binding) => {
            let refusal = Refusal { binding };
            draft.push(Endogenous::RequestRefused(refusal.clone()));
            Ok(Err(refusal))
        }
    }
}

/// The best insertion close to the rider's deadline, if there is one, else the best of all.
fn best_for_rider(
    draft: &mut Draft<'_, '_>,
    demand: &Demand,
    service: &ServicePolicy,
) -> Result<Option<(Demand, Insertion)>, Rejection> {
    for demand in demand.close_to_deadline(service).into_iter().chain([*demand]) {
        if let Some(insertion) = draft.best_insertion(&demand)? {
            return Ok(Some((demand, insertion)));
        }
    }
    Ok(None)
}

fn binding(draft: &mut Draft<'_, '_>, demand: &Demand) -> Result<Vec<Binding>, Rejection> {
    let (now, policy) = (draft.now, draft.policy()?);
    if !draft.state.vehicles.values().any(|vehicle| demand.party.fits(&vehicle.capacity)) {
        return Ok(vec![Constraint::PartySize.into()]);
    }
    Ok(draft.with_schedules(|schedules, work| nearest_miss(now, demand, policy, schedules, work)))
}

/// Decides again, under the promise the offer made. Other riders may have come between: then the
/// same promise is kept by another plan, or the request is asked afresh.
pub(super) fn confirm(draft: &mut Draft<'_, '_>, offer: OfferId) -> Outcome {
    let Some(found) = draft.state.offers.get(&offer) else {
        let booking = draft.state.bookings.values().find(|booking| booking.offer == offer);
        let was_made = offer.0 < draft.state.next_offer;
        return Err(match booking {
            Some(booking) => Rejection::OfferUsed { offer, booking: booking.id },
            None if was_made => Rejection::OfferExpired(offer),
            None => Rejection::UnknownOffer(offer),
        });
    };
    if found.expires < draft.now {
        return Err(Rejection::OfferExpired(offer));
    }
    let Some((demand, insertion)) = keep_promise(draft, &found.request, &found.promise)? else {
        draft.push(Endogenous::OfferExpired { offer });
        let fresh = offer_or_refuse(draft, &found.request)?;
        return Ok(Answer::PlanChanged { fresh });
    };
    let booking = BookingId(draft.state.next_booking);
    draft.push(Endogenous::BookingConfirmed { booking, offer, shift: insertion.shift });
    draft.insert(booking, &insertion, &demand, &found.promise)?;
    let mut confirmed = Booking::confirmed(booking, found.clone(), insertion.shift, draft.now);
    if insertion.turned_at.is_some() {
        confirmed.state = BookingState::EnRoute; // the vehicle is turned towards it at once
    }
    Ok(Answer::Confirmed(confirmed))
}

pub(super) fn cancel(draft: &mut Draft<'_, '_>, booking: BookingId, reason: CancelReason) -> Outcome {
    let found = draft.booking(booking)?;
    if found.state == BookingState::Boarded || found.state.is_final() {
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

/// The best way to keep a promise as things stand, if there is one.
fn keep_promise(
    draft: &mut Draft<'_, '_>,
    request: &Request,
    promise: &Promise,
) -> Result<Option<(Demand, Insertion)>, Rejection> {
    let service = draft.service(request.service)?;
    let Some(demand) = Demand::of_promise(draft.now, request, promise, service, draft.work.roads) else {
        return Ok(None);
    };
    Ok(draft.best_insertion(&demand)?.map(|insertion| (demand, insertion)))
}

/// Finds a booking without a vehicle another one that keeps its promise.
pub(super) fn reassign(draft: &mut Draft<'_, '_>, booking: BookingId) -> Result<(), Rejection> {
    let found = draft.booking(booking)?;
    match keep_promise(draft, &found.request, &found.promise)? {
        Some((demand, insertion)) => draft.insert(booking, &insertion, &demand, &found.promise),
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

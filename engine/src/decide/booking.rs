//! Quotes, confirmations and cancellations.

use mukae_units::{BookingId, DriverId, OfferId, ShiftId, TimeWindow};

use super::{Draft, Outcome, consent};
use crate::Placement;
use crate::answer::{Answer, Rejection};
use crate::event::Endogenous;
use crate::insertion::{Demand, Insertion, nearest_miss, plan_without};
use crate::model::{
    Ask, AskOutcome, AtRisk, Binding, Booking, BookingState, CancelReason, Constraint, Offer, Promise, Refusal,
    Request, ServicePolicy,
};
use crate::schedule::Whereabouts;

pub(super) fn quote(draft: &mut Draft<'_, '_>, request: &Request) -> Outcome {
    match offer_or_refuse(draft, request)? {
        Ok(offer) => Ok(Answer::Offered(offer)),
        Err(refusal) => Ok(Answer::Refused(refusal)),
    }
}

fn offer_or_refuse(draft: &mut Draft<'_, '_>, request: &Request) -> Result<Result<Offer, Refusal>, Rejection> {
    match search(draft, request, None)? {
        Ok(found) => {
            let offer = found.offer(draft, request);
            draft.push(Endogenous::OfferMade(offer.clone()));
            Ok(Ok(offer))
        }
        Err(refusal) => {
            draft.push(Endogenous::RequestRefused(refusal.clone()));
            Ok(Err(refusal))
        }
    }
}

pub(super) fn book(draft: &mut Draft<'_, '_>, request: &Request, by_hand: Option<Placement>) -> Outcome {
    let found = match search(draft, request, by_hand)? {
        Ok(found) => found,
        Err(refusal) => {
            draft.push(Endogenous::RequestRefused(refusal.clone()));
            return Ok(Answer::Refused(refusal));
        }
    };
    let (offer, booking) = (found.offer(draft, request), BookingId(draft.state.next_booking));
    let Found { demand, insertion, .. } = found;
    let mut confirmed = Booking::confirmed(booking, offer.clone(), insertion.shift, draft.now);
    let promise = offer.promise;
    draft.push(Endogenous::Booked { booking, offer });
    draft.insert(booking, &insertion, &demand, &promise)?;
    let ask = consent::bind(draft, booking, insertion.shift, request, &promise, &[])?;
    note_at_once(draft, &insertion, ask, &mut confirmed)?;
    Ok(answer_of(confirmed))
}

/// A request that fits, and where.
struct Found<'s> {
    service: &'s ServicePolicy,
    demand: Demand,
    insertion: Insertion,
}

impl Found<'_> {
    fn offer(&self, draft: &Draft<'_, '_>, request: &Request) -> Offer {
        let Found { service, demand, insertion } = self;
        let mut promise = demand.promise(insertion, service);
        // who joins a stop that is being made boards in the past; a promise that is over can not be confirmed
        let (earliest, latest) = (promise.pickup.earliest(), promise.pickup.latest().max(draft.now));
        promise.pickup = TimeWindow::new(earliest, latest).expect("it only grows");
        Offer {
            id: OfferId(draft.state.next_offer),
            request: request.clone(),
            promise,
            shift: insertion.shift,
            pickup: insertion.pickup,
            dropoff: insertion.dropoff,
            direct: demand.direct,
            cost: insertion.cost,
            expires: draft.now + service.offer_ttl,
        }
    }
}

/// The best place for a request, or the one chosen by hand.
fn search<'a>(
    draft: &mut Draft<'a, '_>,
    request: &Request,
    by_hand: Option<Placement>,
) -> Result<Result<Found<'a>, Refusal>, Rejection> {
    if request.party.is_empty() {
        return Err(Rejection::EmptyParty);
    }
    let service = draft.service(request.service)?;
    let demand = match Demand::of_request(draft.now, request, service, draft.work.roads) {
        Ok(demand) => demand,
        Err(binding) => return Ok(Err(Refusal { binding: vec![binding] })),
    };
    if let Some(placement) = by_hand {
        let placed = draft.insertion_at(&demand, placement)?;
        let found = placed.map(|insertion| Found { service, demand, insertion });
        return Ok(found.map_err(|binding| Refusal { binding }));
    }
    match best_for_rider(draft, &demand, service)? {
        Some((demand, insertion)) => Ok(Ok(Found { service, demand, insertion })),
        None => Ok(Err(Refusal { binding: binding(draft, &demand)? })),
    }
}

/// Nobody is told of a confirmation before a driver is bound.
fn answer_of(booking: Booking) -> Answer {
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
        && insertion.pickup_idx < schedule.next_group();
    if is_here {
        booking.state = BookingState::Arrived;
        booking.arrived_at = Some(draft.now);
    } else if insertion.turned_at.is_some() {
        booking.state = BookingState::EnRoute;
    }
    Ok(())
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
    let Some((demand, insertion)) = keep_promise(draft, &found.request, &found.promise, &[], None)? else {
        draft.push(Endogenous::OfferExpired { offer });
        let fresh = offer_or_refuse(draft, &found.request)?;
        return Ok(Answer::PlanChanged { fresh });
    };
    let booking = BookingId(draft.state.next_booking);
    draft.push(Endogenous::BookingConfirmed { booking, offer, shift: insertion.shift });
    draft.insert(booking, &insertion, &demand, &found.promise)?;
    let ask = consent::bind(draft, booking, insertion.shift, &found.request, &found.promise, &[])?;
    let mut confirmed = Booking::confirmed(booking, found.clone(), insertion.shift, draft.now);
    note_at_once(draft, &insertion, ask, &mut confirmed)?;
    Ok(answer_of(confirmed))
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
    cancelled.ask = None;
    Ok(Answer::Cancelled(cancelled))
}

/// A booking in no vehicle has nothing to be kept on; it may still be let go.
pub(super) fn pin(draft: &Draft<'_, '_>, booking: BookingId, pinned: bool) -> Outcome {
    let found = draft.booking(booking)?;
    if found.state.is_final() || (pinned && found.shift.is_none()) {
        return Err(Rejection::WrongState { booking, state: found.state });
    }
    Ok(Answer::Noted)
}

/// Removes a booking's stops from the schedule that holds it, if one does.
pub(super) fn take_out(draft: &mut Draft<'_, '_>, booking: &Booking) -> Result<(), Rejection> {
    let Some(shift) = booking.shift else { return Ok(()) };
    let now = draft.now;
    let schedule = draft.schedule(shift)?.clone();
    let plan = plan_without(&schedule, booking.id, now, draft.work.roads).ok_or(Rejection::OffRoad)?;
    draft.change_plan(shift, plan)
}

/// The best way to keep a promise as things stand, if there is one; not by these drivers, nor by that shift.
pub(super) fn keep_promise(
    draft: &mut Draft<'_, '_>,
    request: &Request,
    promise: &Promise,
    without: &[DriverId],
    not_by: Option<ShiftId>,
) -> Result<Option<(Demand, Insertion)>, Rejection> {
    let service = draft.service(request.service)?;
    let Some(demand) = Demand::of_promise(draft.now, request, promise, service, draft.work.roads) else {
        return Ok(None);
    };
    Ok(draft.best_insertion_without(&demand, without, not_by)?.map(|insertion| (demand, insertion)))
}

/// Finds a booking without a vehicle another one that keeps its promise.
pub(super) fn reassign(draft: &mut Draft<'_, '_>, booking: BookingId) -> Result<(), Rejection> {
    let found = draft.booking(booking)?;
    if let Some(ask) = draft.open_ask(found) {
        draft.end_ask(booking, ask.driver, AskOutcome::Withdrawn);
    }
    let elsewhere = match found.is_pinned {
        true => None,
        false => keep_promise(draft, &found.request, &found.promise, &found.asked, None)?,
    };
    match elsewhere {
        Some((demand, insertion)) => {
            draft.insert(booking, &insertion, &demand, &found.promise)?;
            consent::bind(draft, booking, insertion.shift, &found.request, &found.promise, &found.asked)?;
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

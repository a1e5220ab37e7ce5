//! Quotes, confirmations and cancellations.

use mukae_maps::Place;
use mukae_units::{BookingId, DriverId, OfferId, ShiftId, Span, Time, TimeWindow};

use super::roads::settle;
use super::{Draft, Outcome, consent};
use crate::Placement;
use crate::answer::{Answer, Rejection};
use crate::event::Endogenous;
use crate::insertion::{Demand, Except, Insertion, nearest_miss, plan_without};
use crate::model::{
    Ask, AskOutcome, AtRisk, Binding, Booking, BookingState, CancelReason, Constraint, Offer, Promise, Refusal,
    Request, ServicePolicy, Terms,
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
    /// The service takes no bookings for that day after this.
    bookable_until: Option<Time>,
}

impl Found<'_> {
    fn offer(&self, draft: &Draft<'_, '_>, request: &Request) -> Offer {
        let Found { service, demand, insertion, bookable_until } = self;
        let expires = draft.now + service.offer_ttl;
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
            expires: bookable_until.map_or(expires, |until| expires.min(until)),
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
    draft.expect_known(request.needs)?;
    let parts = match parts_of(draft, request)? {
        Ok(parts) => parts,
        Err(binding) => return Ok(Err(Refusal { binding: vec![binding] })),
    };
    let mut misses = Vec::new();
    for Part { demand, bookable_until } in parts {
        let found = |(demand, insertion)| Found { service, demand, insertion, bookable_until };
        match by_hand {
            Some(placement) => match draft.insertion_at(&demand, placement)? {
                Ok(insertion) => return Ok(Ok(found((demand, insertion)))),
                Err(binding) => misses.push(binding),
            },
            None => match best_for_rider(draft, &demand, service)? {
                Some(best) => return Ok(Ok(found(best))),
                None => misses.push(binding(draft, &demand)?),
            },
        }
    }
    let missed_by = |binding: &Vec<Binding>| binding.iter().filter_map(|binding| binding.shortfall).sum::<Span>();
    let nearest = misses.into_iter().min_by_key(|binding| (binding.len(), missed_by(binding)));
    Ok(Err(Refusal { binding: nearest.expect("a request has a part, or a rule forbids it") }))
}

/// What a request asks for inside one of the service's hours.
struct Part {
    demand: Demand,
    bookable_until: Option<Time>,
}

/// What the request asks of the fleet, part by part as the service's hours cut it; or the rule that
/// forbids it whatever the fleet does. Who wants to leave is taken in the first part that fits, who
/// wants to arrive in the last.
fn parts_of(draft: &mut Draft<'_, '_>, request: &Request) -> Result<Result<Vec<Part>, Binding>, Rejection> {
    let (now, service) = (draft.now, draft.whole_service(request.service)?);
    if !service.carries(request.origin.zones, request.destination.zones) {
        return Ok(Err(Constraint::ServiceZones.into()));
    }
    let whole = match Demand::of_request(now, request, &service.policy, draft.work.roads) {
        Ok(whole) => whole,
        Err(binding) => return Ok(Err(binding)),
    };
    Ok(service.open_hours(now, whole.pickup).map(|hours| {
        let mut parts: Vec<_> = hours
            .iter()
            .map(|hours| Part { demand: whole.within(hours), bookable_until: hours.bookable_until })
            .collect();
        if whole.waits_from.is_none() {
            parts.reverse();
        }
        parts
    }))
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
        && insertion.pickup_idx < schedule.plan.next_group();
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
    if let Some(constraint) = no_vehicle(draft, demand) {
        return Ok(vec![constraint.into()]);
    }
    Ok(draft.with_schedules(|schedules, work| nearest_miss(now, demand, policy, schedules, work)))
}

/// Why no vehicle could take the demand at any time: those that hold the party, of these those that
/// may carry riders of the service, and so on, until none is left.
fn no_vehicle(draft: &Draft<'_, '_>, demand: &Demand) -> Option<Constraint> {
    let state = draft.state;
    let parked = state.vehicles.values().map(|vehicle| (&vehicle.capacity, &vehicle.terms));
    let on_shift = state.schedules.values().map(|schedule| (&schedule.capacity, &schedule.terms));
    let holds_party = parked.chain(on_shift).filter(|(capacity, _)| capacity.fits(demand.party));
    let mut left: Vec<&Terms> = holds_party.map(|(_, terms)| terms).collect();
    if left.is_empty() {
        return Some(Constraint::PartySize);
    }
    left.retain(|terms| terms.serves.contains(demand.service));
    if left.is_empty() {
        return Some(Constraint::NoVehicleForService);
    }
    left.retain(|terms| terms.features.contains_all(demand.needs));
    if left.is_empty() {
        return Some(Constraint::Requirements);
    }
    left.retain(|terms| terms.reaches(demand.zones.0, demand.zones.1));
    left.is_empty().then_some(Constraint::VehicleZones)
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
    let plan = plan_without(&schedule, booking.id, now, draft.work.roads);
    settle(draft, shift, plan)
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
    let except = Except { drivers: without, shift: not_by, ..Except::NOBODY };
    Ok(draft.best_insertion_except(&demand, except)?.map(|insertion| (demand, insertion)))
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

/// Sends the vehicle that brings a party put down under way where it wants to go soonest, if there is one; not one
/// whose driver would have to be asked first.
pub(super) fn rescue(draft: &mut Draft<'_, '_>, booking: BookingId, place: Place) -> Result<bool, Rejection> {
    let found = draft.booking(booking)?;
    let service = draft.service(found.request.service)?;
    let Some((demand, promise)) = Demand::of_stranded(draft.now, found, place, service, draft.work.roads) else {
        return Ok(false);
    };
    let except = Except { who_is_asked: true, ..Except::NOBODY };
    let Some(insertion) = draft.best_insertion_except(&demand, except)? else { return Ok(false) };
    draft.insert(booking, &insertion, &demand, &promise)?;
    Ok(true)
}

/// Tries again for every booking that has no vehicle.
pub(super) fn adopt_unassigned(draft: &mut Draft<'_, '_>) -> Result<(), Rejection> {
    let agenda = draft.agenda;
    agenda.without_vehicle().into_iter().try_for_each(|booking| reassign(draft, booking))
}

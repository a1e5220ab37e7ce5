//! Quotes: the best way to serve a request, alternatives to it, or why there is none.

use std::sync::Arc;

use mukae_units::{OfferId, Span, Time, TimeWindow};

use super::adopt::make_room;
use super::{Draft, Outcome, holds, relax};
use crate::Placement;
use crate::answer::{Answer, Rejection};
use crate::event::Endogenous;
use crate::fare::{self, Fared, suspended_for};
use crate::insertion::{Among, Demand, Found, Part, Way, best_of_ways, ways};
use crate::model::refusal::nearest;
use crate::model::{Alternative, Binding, Constraint, Offer, Refusal, Request, Service, Terms};

/// The order in which alternatives to the best offer are looked for, again and again.
const TURNS: [Alternative; 4] =
    [Alternative::Later, Alternative::Earlier, Alternative::OtherPlaces, Alternative::OtherVehicle];

/// Room is looked for by so many of a request's ways, the shortest walks first.
const ROOM_WAYS_MAX: usize = 2;

pub(super) fn quote(draft: &mut Draft<'_, '_>, request: &Arc<Request>) -> Outcome {
    holds::release_overdue(draft)?;
    match offer_or_refuse(draft, request)? {
        Ok(offers) => Ok(Answer::Offered(offers)),
        Err(refusal) => Ok(Answer::Refused(refusal)),
    }
}

pub(super) fn offer_or_refuse(
    draft: &mut Draft<'_, '_>,
    request: &Arc<Request>,
) -> Result<Result<Vec<Offer>, Refusal>, Rejection> {
    let service = check(draft, request)?;
    expect(draft, request);
    if let Some(binding) = barred(draft, request, service) {
        return Ok(Err(turn_away(draft, binding)));
    }
    let ways = match ways(draft.now, request, service, draft.work.roads) {
        Ok(ways) => ways,
        Err(binding) => return refuse(draft, request, binding).map(Err),
    };
    let Some(best) = best_or_room(draft, &ways, service)? else {
        let binding = binding(draft, &ways)?;
        return refuse(draft, request, binding).map(Err);
    };
    let asked = Asked { request, service, ways: &ways };
    let mut offers = vec![asked.offer(draft, &best, Alternative::Best)];
    let mut turns = TURNS.to_vec();
    while !turns.is_empty() && offers.len() < usize::from(request.choice.offers_max) {
        let mut rest = Vec::with_capacity(turns.len());
        for alternative in turns {
            if offers.len() == usize::from(request.choice.offers_max) {
                break;
            }
            // what has been offered only ever leaves less: who has no other one now has none later
            if let Some(found) = asked.next(draft, alternative, &offers)? {
                let mut offer = asked.offer(draft, &found, alternative);
                offer.quote = offers[0].id;
                offers.push(offer);
                rest.push(alternative);
            }
        }
        turns = rest;
    }
    for (number, offer) in offers.iter_mut().enumerate() {
        offer.id.0 += number as u64;
        draft.push(Endogenous::OfferMade(offer.clone()));
    }
    draft.next_offer += offers.len() as u64;
    Ok(Ok(offers))
}

pub(super) fn refuse(
    draft: &mut Draft<'_, '_>,
    request: &Request,
    binding: Vec<Binding>,
) -> Result<Refusal, Rejection> {
    let relaxations = relax::relaxations(draft, request)?;
    let refusal = Refusal { binding, relaxations };
    draft.push(Endogenous::RequestRefused(refusal.clone()));
    Ok(refusal)
}

/// What can not be asked at all is rejected; else the rules of the service.
pub(super) fn check<'a>(draft: &Draft<'a, '_>, request: &Request) -> Result<&'a Service, Rejection> {
    if request.party.is_empty() {
        return Err(Rejection::EmptyParty);
    }
    if !request.has_sound_access() {
        return Err(Rejection::BadAccess);
    }
    if !request.has_sound_choice() {
        return Err(Rejection::BadChoice);
    }
    if request.party.persons() < request.concessions.count() {
        return Err(Rejection::BadConcessions);
    }
    draft.expect_known(request.needs)?;
    draft.whole_service(request.service)
}

/// What forbids the rider to ask at all, for now.
pub(super) fn barred(draft: &Draft<'_, '_>, request: &Request, service: &Service) -> Option<Binding> {
    let shortfall = suspended_for(draft.state, service, request.rider, draft.now)?;
    Some(Binding { constraint: Constraint::Suspended, shortfall: Some(shortfall) })
}

/// A refusal to which no other wish would be an answer.
pub(super) fn turn_away(draft: &mut Draft<'_, '_>, binding: Binding) -> Refusal {
    let refusal = Refusal::of(vec![binding]);
    draft.push(Endogenous::RequestRefused(refusal.clone()));
    refusal
}

/// Asks the memory early for what the search will read first.
pub(super) fn expect(draft: &Draft<'_, '_>, request: &Request) {
    draft.work.roads.expect_ride(request.origin[0].spot.place, request.destination[0].spot.place);
}

/// A request under the rules of its service.
pub(super) struct Asked<'q> {
    pub request: &'q Arc<Request>,
    pub service: &'q Service,
    pub ways: &'q [Way],
}

impl Asked<'_> {
    /// An offer under the next free number.
    pub fn offer(&self, draft: &mut Draft<'_, '_>, found: &Found, alternative: Alternative) -> Offer {
        let Found { way, insertion } = found;
        let Part { demand, bookable_until, .. } = &way.part;
        let (id, policy) = (OfferId(draft.next_offer), &self.service.policy);
        let mut promise = demand.promise(insertion, policy);
        // who joins a stop that is being made boards in the past; a promise that is over can not be confirmed
        let (earliest, latest) = (promise.pickup.earliest(), promise.pickup.latest().max(draft.now));
        promise.pickup = TimeWindow::new(earliest, latest).expect("it only grows");
        let expires = draft.now + policy.offer_ttl;
        let fared = Fared { party: demand.party, concessions: self.request.concessions, zones: demand.zones };
        let (origin, destination) = (demand.origin, demand.destination);
        let tariff = self.service.tariff.as_ref();
        let fare = tariff.map(|tariff| fare::quote(tariff, &fared, || draft.work.roads.length(origin, destination)));
        Offer {
            id,
            quote: id,
            alternative,
            request: Arc::clone(self.request),
            access: way.access,
            promise,
            shift: insertion.shift,
            pickup: insertion.pickup,
            dropoff: insertion.dropoff,
            direct: demand.direct,
            cost: insertion.cost,
            fare,
            expires: bookable_until.map_or(expires, |until| expires.min(until)),
        }
    }

    /// The next alternative of a kind; see [`Alternative`].
    fn next(
        &self,
        draft: &mut Draft<'_, '_>,
        alternative: Alternative,
        offers: &[Offer],
    ) -> Result<Option<Found>, Rejection> {
        let begins = || offers.iter().map(|offer| offer.promise.pickup.earliest());
        let width = self.service.policy.promise_width;
        let mut left: Vec<Way> = self.ways.to_vec();
        let mut shifts = Vec::new();
        match alternative {
            Alternative::Best => return Ok(None),
            Alternative::Later => {
                let from = begins().max().expect("the best comes first") + width;
                left.retain_mut(|way| begin_from(way, from));
            }
            Alternative::Earlier => {
                let until = begins().min().expect("the best comes first") - width;
                left.retain_mut(|way| begin_until(way, until));
            }
            Alternative::OtherPlaces => left.retain(|way| offers.iter().all(|offer| offer.access != way.access)),
            Alternative::OtherVehicle => shifts = offers.iter().map(|offer| offer.shift).collect(),
        }
        let found = best_for_rider(draft, &left, self.service, Among { not: &shifts, ..Among::ALL })?;
        // the promise is that of all that was asked for, not of what was searched
        Ok(found.map(|Found { way, insertion }| {
            let is_it = |whole: &&Way| whole.access == way.access && whole.part.turn == way.part.turn;
            Found { way: *self.ways.iter().find(is_it).expect("it is one of these"), insertion }
        }))
    }
}

/// Narrows a way to promises that begin at `from` or later; false if there are none.
fn begin_from(way: &mut Way, from: Time) -> bool {
    let pickup = way.part.demand.pickup;
    if pickup.earliest() < from {
        // a promise begins on the whole minute before boarding
        let minute = (from + Span::MINUTE - Span::from_millis(1)).floor_to(Span::MINUTE);
        match TimeWindow::new(minute, pickup.latest()) {
            Ok(window) => way.part.demand.pickup = window,
            Err(_) => return false,
        }
    }
    true
}

/// Narrows a way to promises that begin at `until` or sooner; false if there are none. One that is only
/// as early as asked if it is late, is not early.
fn begin_until(way: &mut Way, until: Time) -> bool {
    let pickup = way.part.demand.pickup;
    let last = until.floor_to(Span::MINUTE) + Span::MINUTE - Span::from_millis(1);
    if until < pickup.earliest() {
        return false;
    }
    let window = TimeWindow::new(pickup.earliest(), pickup.latest().min(last));
    way.part.demand.pickup = window.expect("it begins no later than it may");
    way.part.demand.soft = None;
    true
}

/// The best insertion over all ways, as things stand in the draft.
pub(super) fn best_for_rider(
    draft: &mut Draft<'_, '_>,
    ways: &[Way],
    service: &Service,
    among: Among<'_>,
) -> Result<Option<Found>, Rejection> {
    best_of_ways(ways, &service.policy, |demand, limit| draft.best_insertion(demand, among, limit))
}

/// The same among all, in room that is made for it if there is none.
pub(super) fn best_or_room(
    draft: &mut Draft<'_, '_>,
    ways: &[Way],
    service: &Service,
) -> Result<Option<Found>, Rejection> {
    if let Some(found) = best_for_rider(draft, ways, service, Among::ALL)? {
        return Ok(Some(found));
    }
    for way in ways.iter().take(ROOM_WAYS_MAX) {
        if make_room(draft, &way.part.demand)? {
            return best_for_rider(draft, ways, service, Among::ALL);
        }
    }
    Ok(None)
}

/// The place chosen by hand, by the first way that fits there, or what it breaks.
pub(super) fn place_by_hand(
    draft: &mut Draft<'_, '_>,
    ways: &[Way],
    placement: Placement,
) -> Result<Result<Found, Vec<Binding>>, Rejection> {
    let mut missed = Vec::new();
    for way in ways {
        match draft.insertion_at(&way.part.demand, placement)? {
            Ok(insertion) => return Ok(Ok(Found { way: *way, insertion })),
            Err(binding) => missed.push(binding),
        }
    }
    Ok(Err(nearest(missed)))
}

/// What binds at the nearest of the ways.
pub(super) fn binding(draft: &mut Draft<'_, '_>, ways: &[Way]) -> Result<Vec<Binding>, Rejection> {
    let missed = ways.iter().map(|way| match no_vehicle(draft, &way.part.demand) {
        Some(constraint) => Ok(vec![constraint.into()]),
        None => draft.nearest_miss(&way.part.demand),
    });
    missed.collect::<Result<_, _>>().map(nearest)
}

/// Why no vehicle could take the demand at any time: those that hold the party, of these those that
/// may carry riders of the service, and so on, until none is left.
pub(super) fn no_vehicle(draft: &Draft<'_, '_>, demand: &Demand) -> Option<Constraint> {
    let state = draft.state;
    let parked = state.vehicles.values().map(|vehicle| (&vehicle.capacity, &vehicle.terms));
    let on_shift = state.schedules.values().map(|schedule| (&schedule.capacity, &schedule.terms));
    let holds_party = parked.chain(on_shift).filter(|(capacity, _)| capacity.fits(demand.party));
    let mut left: Vec<&Terms> = holds_party.map(|(_, terms)| terms).collect();
    if left.is_empty() {
        return Some(Constraint::PartySize);
    }
    left.retain(|terms| terms.carries(demand.service, demand.crews));
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

/// True if the request would get an offer as things stand.
pub(super) fn is_possible(draft: &mut Draft<'_, '_>, request: &Request) -> Result<bool, Rejection> {
    let service = check(draft, request)?;
    if barred(draft, request, service).is_some() {
        return Ok(false);
    }
    let Ok(ways) = ways(draft.now, request, service, draft.work.roads) else { return Ok(false) };
    // who boards later rides for less long: what fits close to a deadline may not fit in the whole window
    Ok(best_for_rider(draft, &ways, service, Among::ALL)?.is_some())
}

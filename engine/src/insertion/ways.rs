//! The ways of a request: one demand for each pair of meeting points its rider can walk to, cut by the hours of its
//! service.

use mukae_maps::TravelTimes;
use mukae_units::{Span, Time, TravelTime};
use smallvec::SmallVec;

use super::{Ask, Demand, Insertion};
use crate::model::refusal::nearest;
use crate::model::{Access, AccessPair, Binding, Constraint, Request, Service, ServicePolicy};

/// One pair of a request's ways in one of the service's hours, and what it asks of the fleet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Way {
    pub access: AccessPair,
    pub part: Part,
}

/// What is asked for inside one of the service's hours.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Part {
    pub demand: Demand,
    /// The service takes no bookings for that day after this.
    pub bookable_until: Option<Time>,
    /// Parts are tried in the order of this: who wants to leave is taken in the first hours that fit, who wants to
    /// arrive in the last.
    pub turn: i64,
}

/// A request that fits: one of its ways, and where.
#[derive(Clone, Copy)]
pub(crate) struct Found {
    pub way: Way,
    pub insertion: Insertion,
}

/// The ways of `request` that no rule forbids whatever the fleet does, the shortest walks first; or
/// what binds at the nearest of them. Never empty.
///
/// Left out are ways that riders of the service do not walk, and of several pairs those that end where
/// they began: that is a walk and no ride.
pub fn ways(
    now: Time,
    request: &Request,
    service: &Service,
    roads: &mut dyn TravelTimes,
) -> Result<SmallVec<[Way; 1]>, Vec<Binding>> {
    let walk_max = service.policy.walk_max;
    let over = |access: &Access, walk_max: Span| access.walk - (walk_max + request.beyond.walk);
    let (mut ways, mut missed) = (SmallVec::new(), Vec::new());
    let pairs = request.access_pairs();
    let is_only = pairs.len() == 1;
    for access in pairs {
        let (from, to) = (request.origin_of(access), request.destination_of(access));
        if !is_only && from.spot.place == to.spot.place {
            missed.push(vec![Constraint::NoRoad.into()]);
            continue;
        }
        let too_far = over(from, walk_max.to_pickup).max(over(to, walk_max.from_dropoff));
        if too_far > Span::ZERO {
            missed.push(vec![Binding { constraint: Constraint::Walk, shortfall: Some(too_far) }]);
            continue;
        }
        let ask = Ask::of_request(request, access);
        match parts(now, &ask, service, || roads.travel_time(ask.origin, ask.destination)) {
            Ok(parts) => ways.extend(parts.into_iter().map(|part| Way { access, part })),
            Err(binding) => missed.push(vec![binding]),
        }
    }
    if ways.is_empty() { Err(nearest(missed)) } else { Ok(ways) }
}

/// What is asked of the fleet, part by part as the service's hours cut it; or the rule that forbids it whatever
/// the fleet does. `direct` is asked for the time from origin to destination alone. Never empty.
pub(crate) fn parts(
    now: Time,
    ask: &Ask,
    service: &Service,
    direct: impl FnOnce() -> Option<TravelTime>,
) -> Result<SmallVec<[Part; 1]>, Binding> {
    if !service.carries(ask.zones.0, ask.zones.1) {
        return Err(Constraint::ServiceZones.into());
    }
    if service.policy.party_max.is_some_and(|most| most < ask.party.persons()) {
        return Err(Constraint::PartyLimit.into());
    }
    let whole = Demand::of_ask(now, ask, &service.policy, direct)?;
    let hours = service.open_hours(now, whole.pickup)?;
    let sign = if whole.waits_from.is_some() { 1 } else { -1 };
    let parts = hours.iter().map(|hours| Part {
        demand: whole.within(hours),
        bookable_until: hours.bookable_until,
        turn: sign * hours.pickup_max.map_or(0, Time::as_unix_millis),
    });
    Ok(parts.collect())
}

/// The best insertion over all ways: in the first of the service's hours that has one, and there close to the rider's
/// deadline if that is possible. Of equal ones that with the shorter walk is taken, then the first one given.
/// `best` finds the cheapest insertion of a demand, if it costs less than the limit.
pub(crate) fn best_of_ways<E>(
    ways: &[Way],
    service: &ServicePolicy,
    mut best: impl FnMut(&Demand, Option<i64>) -> Result<Option<Insertion>, E>,
) -> Result<Option<Found>, E> {
    let next = |after: Option<i64>| ways.iter().map(|way| way.part.turn).filter(|&turn| after < Some(turn)).min();
    for turn in std::iter::successors(next(None), |&turn| next(Some(turn))) {
        let whole = || ways.iter().filter(|way| way.part.turn == turn).map(|way| (way, way.part.demand));
        let close = whole().filter_map(|(way, demand)| Some((way, demand.close_to_deadline(service)?)));
        let found = match best_in_turn(close, &mut best)? {
            Some(found) => Some(found),
            None => best_in_turn(whole(), &mut best)?,
        };
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

fn best_in_turn<'w, E>(
    ways: impl Iterator<Item = (&'w Way, Demand)>,
    best: &mut impl FnMut(&Demand, Option<i64>) -> Result<Option<Insertion>, E>,
) -> Result<Option<Found>, E> {
    let mut found: Option<Found> = None;
    for (way, demand) in ways {
        let limit = found.map(|found| found.insertion.price());
        if let Some(insertion) = best(&demand, limit)? {
            found = Some(Found { way: Way { part: Part { demand, ..way.part }, ..*way }, insertion });
        }
    }
    Ok(found)
}

//! Could this ride be made? Asked by the thousand, and nothing remembered.
//!
//! A probe is answered by the search that answers a quote, under the same rules: possible if and only if
//! a quote would be an offer at that moment, with the same times and cost. Nothing is recorded, reserved or
//! relaxed. A thread needs a shared reference to the dispatcher or to a [`Prober`], and a [`Work`] with a road
//! query of its own.

use std::convert::Infallible;

use mukae_maps::Place;
use mukae_units::{Features, Seats, ServiceId, ShiftId, Span, Time, TravelTime, Zones};
use smallvec::SmallVec;

use crate::fleet::Changes;
use crate::insertion::{Ask, FleetView, Found, Way, best_insertion, best_of_ways, parts, ways};
use crate::model::{AccessPair, Policy, Request, Service, Wish};
use crate::work::Work;
use crate::{Rejection, State};

/// A ride somebody might ask for, from door to door; with meeting points, ask by [`Prober::probe_request`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Probe {
    pub service: ServiceId,
    pub origin: Place,
    pub destination: Place,
    pub wish: Wish,
    pub party: Seats,
    /// What the vehicle or its driver must offer.
    pub needs: Features,
    /// In which zones the two places lie.
    pub zones: (Zones, Zones),
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ProbeAnswer {
    /// By the best insertion.
    Possible {
        shift: ShiftId,
        /// Start of boarding.
        pickup: Time,
        /// Start of alighting.
        dropoff: Time,
        /// As in [`Offer`](crate::model::Offer).
        cost: i64,
        /// By which of the request's ways; the doors where there are no others.
        access: AccessPair,
    },
    Impossible,
    /// It can not be asked at all.
    Rejected(Rejection),
}

/// A dispatcher as it stands at an instant, for probes and nothing else: owned, so that one can ask away from whoever
/// owns the dispatcher, and cheap, since the schedules are shared with it.
#[derive(Debug)]
pub struct Prober {
    now: Time,
    /// Only what probes read.
    state: State,
    changes: Changes,
}

impl Prober {
    pub(crate) fn of(state: &State, changes: &Changes, now: Time) -> Prober {
        let read = State {
            clock: state.clock,
            map: state.map,
            policy: state.policy,
            services: state.services.clone(),
            schedules: state.schedules.clone(),
            features: state.features.clone(),
            ..State::new()
        };
        Prober { now, state: read, changes: changes.clone() }
    }

    /// The instant at which it stands.
    pub fn now(&self) -> Time {
        self.now
    }

    /// Answers rides from door to door, in the order given.
    pub fn probe(&self, probes: &[Probe], work: &mut Work<'_>) -> Vec<ProbeAnswer> {
        probe(&self.state, &self.changes, self.now, probes, work)
    }

    /// Answers a request by the best of its ways, as a quote would begin with; the rider and what there is to choose
    /// from do not matter.
    pub fn probe_request(&self, request: &Request, work: &mut Work<'_>) -> ProbeAnswer {
        probe_request(&self.state, &self.changes, self.now, request, work)
    }
}

/// Answers every probe, in the order given.
///
/// Held places count until the clock was told that their time is up.
pub(crate) fn probe(
    state: &State,
    changes: &Changes,
    now: Time,
    probes: &[Probe],
    work: &mut Work<'_>,
) -> Vec<ProbeAnswer> {
    let fleet = FleetView::unchanged(state, changes);
    let mut answers = vec![ProbeAnswer::Impossible; probes.len()];
    // probes from one place share their sweep for direct times
    let mut order: Vec<usize> = (0..probes.len()).collect();
    order.sort_by_key(|&index| probes[index].origin);
    let (mut destinations, mut directs) = (Vec::new(), Vec::new());
    for group in order.chunk_by(|&a, &b| probes[a].origin == probes[b].origin) {
        destinations.clear();
        destinations.extend(group.iter().map(|&index| probes[index].destination));
        work.roads.one_to_many(probes[group[0]].origin, &destinations, &mut directs);
        for (&index, &direct) in group.iter().zip(&directs) {
            answers[index] = answer(fleet, now, &probes[index], direct, work);
        }
    }
    answers
}

fn answer(
    fleet: FleetView<'_>,
    now: Time,
    probe: &Probe,
    direct: Option<TravelTime>,
    work: &mut Work<'_>,
) -> ProbeAnswer {
    let (policy, service) = match rules(fleet.state, probe.service, probe.party, probe.needs) {
        Ok(rules) => rules,
        Err(rejection) => return ProbeAnswer::Rejected(rejection),
    };
    let Probe { service: id, origin, destination, wish, party, needs, zones } = *probe;
    let ask = Ask {
        service: id,
        origin,
        destination,
        zones,
        walk_to_pickup: Span::ZERO,
        walk_from_dropoff: Span::ZERO,
        party,
        needs,
        wish,
        arrive_latest: None,
        ride_beyond: Span::ZERO,
    };
    let Ok(parts) = parts(now, &ask, service, || direct) else { return ProbeAnswer::Impossible };
    let ways: SmallVec<[Way; 1]> = parts.into_iter().map(|part| Way { access: AccessPair::FIRST, part }).collect();
    best(fleet, now, &ways, (policy, service), work)
}

fn probe_request(state: &State, changes: &Changes, now: Time, request: &Request, work: &mut Work<'_>) -> ProbeAnswer {
    let (policy, service) = match rules(state, request.service, request.party, request.needs) {
        Ok(_) if !request.has_sound_access() => return ProbeAnswer::Rejected(Rejection::BadAccess),
        Ok(rules) => rules,
        Err(rejection) => return ProbeAnswer::Rejected(rejection),
    };
    match ways(now, request, service, work.roads) {
        Ok(ways) => best(FleetView::unchanged(state, changes), now, &ways, (policy, service), work),
        Err(_) => ProbeAnswer::Impossible,
    }
}

/// The rules under which somebody asks, or why it can not be asked at all.
fn rules(state: &State, service: ServiceId, party: Seats, needs: Features) -> Result<(&Policy, &Service), Rejection> {
    let policy = state.policy.as_ref().ok_or(Rejection::NoPolicy)?;
    let service = state.services.get(&service).ok_or(Rejection::UnknownService(service))?;
    if party.is_empty() {
        return Err(Rejection::EmptyParty);
    }
    match needs.iter().find(|feature| !state.features.contains_key(feature)) {
        Some(unknown) => Err(Rejection::UnknownFeature(unknown)),
        None => Ok((policy, service)),
    }
}

fn best(
    fleet: FleetView<'_>,
    now: Time,
    ways: &[Way],
    (policy, service): (&Policy, &Service),
    work: &mut Work<'_>,
) -> ProbeAnswer {
    let find = |demand: &_, cost_limit| {
        Ok::<_, Infallible>(best_insertion(now, demand, policy, FleetView { cost_limit, ..fleet }, work))
    };
    match best_of_ways(ways, &service.policy, find) {
        Ok(Some(Found { way, insertion })) => ProbeAnswer::Possible {
            shift: insertion.shift,
            pickup: insertion.pickup,
            dropoff: insertion.dropoff,
            cost: insertion.cost,
            access: way.access,
        },
        Ok(None) => ProbeAnswer::Impossible,
    }
}

//! Could this ride be made? Asked by the thousand, and nothing remembered.
//!
//! A probe is answered by the search that answers a quote, under the same rules: possible if and only if
//! a quote from door to door would be an offer at that moment, with the same times and cost. Nothing is
//! recorded, reserved or relaxed. A thread needs a shared reference to the dispatcher, or to a copy of it
//! (schedules are shared by copies), and a [`Work`] with a road query of its own.

use mukae_maps::Place;
use mukae_units::{Features, Seats, ServiceId, ShiftId, Span, Time, TravelTime, Zones};

use crate::fleet::Changes;
use crate::insertion::{Ask, FleetView, Part, best_insertion, parts};
use crate::model::{Policy, Service, Wish};
use crate::work::Work;
use crate::{Rejection, State};

/// A ride somebody might ask for, from door to door.
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
    },
    Impossible,
    /// It can not be asked at all.
    Rejected(Rejection),
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
    let state = fleet.state;
    let Some(policy) = &state.policy else { return ProbeAnswer::Rejected(Rejection::NoPolicy) };
    let Some(service) = state.services.get(&probe.service) else {
        return ProbeAnswer::Rejected(Rejection::UnknownService(probe.service));
    };
    if probe.party.is_empty() {
        return ProbeAnswer::Rejected(Rejection::EmptyParty);
    }
    if let Some(unknown) = probe.needs.iter().find(|feature| !state.features.contains_key(feature)) {
        return ProbeAnswer::Rejected(Rejection::UnknownFeature(unknown));
    }
    best(fleet, now, (probe, direct), (policy, service), work).unwrap_or(ProbeAnswer::Impossible)
}

fn best(
    fleet: FleetView<'_>,
    now: Time,
    (probe, direct): (&Probe, Option<TravelTime>),
    (policy, service): (&Policy, &Service),
    work: &mut Work<'_>,
) -> Option<ProbeAnswer> {
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
    let mut parts = parts(now, &ask, service, || direct).ok()?;
    parts.sort_by_key(|part| part.turn);
    for Part { demand, .. } in parts {
        for demand in demand.close_to_deadline(&service.policy).into_iter().chain([demand]) {
            if let Some(found) = best_insertion(now, &demand, policy, fleet, work) {
                let (shift, pickup, dropoff, cost) = (found.shift, found.pickup, found.dropoff, found.cost);
                return Some(ProbeAnswer::Possible { shift, pickup, dropoff, cost });
            }
        }
    }
    None
}

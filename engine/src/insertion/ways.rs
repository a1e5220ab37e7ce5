//! The ways of a request: one demand for each pair of meeting points its rider can walk to.

use mukae_maps::TravelTimes;
use mukae_units::{Span, Time};

use super::Demand;
use crate::model::refusal::nearest;
use crate::model::{Access, AccessPair, Binding, Constraint, Request, ServicePolicy};

/// One pair of a request's ways, and what it asks of the fleet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Way {
    pub access: AccessPair,
    pub demand: Demand,
}

/// The ways of `request` that no rule forbids whatever the fleet does, the shortest walks first; or
/// what binds at the nearest of them. Never empty.
///
/// Left out are ways that riders of the service do not walk, and of several pairs those that end where
/// they began: that is a walk and no ride.
pub fn ways(
    now: Time,
    request: &Request,
    service: &ServicePolicy,
    roads: &mut dyn TravelTimes,
) -> Result<Vec<Way>, Vec<Binding>> {
    let over = |access: &Access, walk_max: Span| access.walk - (walk_max + request.beyond.walk);
    let (mut ways, mut missed) = (Vec::new(), Vec::new());
    let pairs = request.access_pairs();
    let is_only = pairs.len() == 1;
    for access in pairs {
        let (from, to) = (request.origin_of(access), request.destination_of(access));
        if !is_only && from.spot.place == to.spot.place {
            missed.push(vec![Constraint::NoRoad.into()]);
            continue;
        }
        let too_far = over(from, service.walk_max.to_pickup).max(over(to, service.walk_max.from_dropoff));
        if too_far > Span::ZERO {
            missed.push(vec![Binding { constraint: Constraint::Walk, shortfall: Some(too_far) }]);
            continue;
        }
        match Demand::of_request(now, request, access, service, roads) {
            Ok(demand) => ways.push(Way { access, demand }),
            Err(binding) => missed.push(vec![binding]),
        }
    }
    if ways.is_empty() { Err(nearest(missed)) } else { Ok(ways) }
}

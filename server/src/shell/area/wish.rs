//! From a rider's wish to the dispatcher's request: places, ways, windows, what is required.

use mukae_engine::model::{Choice, Request, Spot, WalkLimit, Wish};
use mukae_proto::transit::booking::v1::binding_constraint::Kind;
use mukae_units::{Features, Span};

use super::Area;
use crate::errors::Fault;
use crate::names::ServiceName;
use crate::shell::input::{RideWish, When};

/// How wide a half-given window is in a service that the configuration no longer names.
const WAIT_MAX_SHIPPED: Span = Span::HOUR;
/// Ways out of a refusal that one answer lists.
pub(super) const RELAXATIONS_SHOWN: u8 = 5;

impl Area {
    /// What to ask the dispatcher, or why there is nothing to ask, whatever the fleet does.
    pub(super) fn request_of(&self, wish: &RideWish) -> Result<Result<Request, Vec<Kind>>, Fault> {
        let service = self.service(&wish.service)?;
        let needs = self.features(&wish.requirements)?;
        let (from, to) = match self.ends(wish) {
            Ok(ends) => ends,
            Err(kinds) => return Ok(Err(kinds)),
        };
        let rules = self.config.service(&wish.service);
        let walk_max = rules.map(|rules| rules.policy.walk_max);
        let reach = |limit: fn(WalkLimit) -> Span| walk_max.map_or(Span::ZERO, limit) + wish.beyond.walk;
        let offers_max = match (wish.offers_max, rules.map_or(1, |rules| rules.offers_max)) {
            (0, shown) => shown,
            (wanted, shown) => wanted.min(shown),
        };
        Ok(Ok(Request {
            service,
            rider: wish.rider,
            channel: wish.channel,
            origin: self.ways(rules, &from, reach(|limit| limit.to_pickup)),
            destination: self.ways(rules, &to, reach(|limit| limit.from_dropoff)),
            party: wish.party,
            concessions: wish.concessions,
            wish: self.window(&wish.service, wish.when),
            arrive_latest: None,
            needs,
            beyond: wish.beyond,
            choice: Choice { offers_max, relaxations_max: RELAXATIONS_SHOWN },
        }))
    }

    /// Both ends of the ride on the road, or why there is none, whatever the fleet does.
    fn ends(&self, wish: &RideWish) -> Result<(Spot, Spot), Vec<Kind>> {
        let kinds = match (&wish.origin, &wish.destination) {
            (Ok(from), Ok(to)) if from.place != to.place => return Ok((self.in_zones(from), self.in_zones(to))),
            (Ok(_), Ok(_)) => vec![Kind::SamePlace],
            (Err(_), Ok(_)) => vec![Kind::OriginOffArea],
            (Ok(_), Err(_)) => vec![Kind::DestinationOffArea],
            (Err(_), Err(_)) => vec![Kind::OriginOffArea, Kind::DestinationOffArea],
        };
        Err(kinds)
    }

    /// A place with the zones it lies in now.
    pub(super) fn in_zones(&self, spot: &Spot) -> Spot {
        Spot { zones: self.zones.zones_of(spot.asked), ..spot.clone() }
    }

    /// The wished window, with its defaults filled in.
    pub(super) fn window(&self, service: &ServiceName, when: When) -> Wish {
        when.wish(self.now(), self.wait_max(service))
    }

    /// How wide a half-given window is.
    pub(super) fn wait_max(&self, service: &ServiceName) -> Span {
        self.config.service(service).map_or(WAIT_MAX_SHIPPED, |service| service.wait_max)
    }

    /// The features of these names.
    pub(super) fn features(&self, names: &[String]) -> Result<Features, Fault> {
        let known = &self.scribe.state().features;
        let number = |name: &String| {
            let found = known.iter().find(|(_, called)| *called == name).map(|(&feature, _)| feature);
            found.ok_or_else(|| Fault::invalid_field("requirements", format!("{name:?} is not known in this area")))
        };
        names.iter().try_fold(Features::EMPTY, |features, name| features.and(number(name)?).map_err(Fault::bug))
    }
}

//! Ways out of a refusal: the smallest change of each kind under which the request is accepted, each
//! tried as it would be asked.

use mukae_units::{SeatKind, Seats, Span};

use super::Draft;
use super::offers::is_possible;
use crate::answer::Rejection;
use crate::model::{Access, Relaxation, Request};

/// Requests tried for one refusal, at most; what has been found until then is offered.
const TRIES_MAX: u32 = 160;
/// Nobody wants to hear of more than this; each in minutes.
const LATER_MAX: i64 = 180;
const EARLIER_MAX: i64 = 60;
const RIDE_MAX: i64 = 60;
/// Days that are tried, as far as the service looks ahead.
const DAYS_MAX: u8 = 7;
/// Sizes of a party that are tried for each kind of seat.
const PARTY_MAX: u32 = 8;

/// The relaxations of a request that was just refused, best first.
pub(super) fn relaxations(draft: &mut Draft<'_, '_>, request: &Request) -> Result<Vec<Relaxation>, Rejection> {
    if request.choice.relaxations_max == 0 {
        return Ok(Vec::new());
    }
    let mut tries = Tries { draft, request, left: TRIES_MAX };
    let by = Span::from_mins;
    let mut found = Vec::new();
    if tries.fits_a_vehicle(request.party) {
        found.extend(tries.bisect(LATER_MAX, |mins| Relaxation::Later { by: by(mins) })?);
        if request.arrive_latest.is_some() {
            found.extend(tries.bisect(LATER_MAX, |mins| Relaxation::ArriveLater { by: by(mins) })?);
        }
        found.extend(tries.bisect(RIDE_MAX, |mins| Relaxation::LongerRide { by: by(mins) })?);
        found.extend(tries.longer_walk()?);
        found.extend(tries.days_later()?);
        found.extend(tries.earlier()?);
    }
    for kind in SeatKind::ALL {
        found.extend(tries.smaller_party(kind)?);
    }
    found.sort_by_key(Relaxation::rank);
    found.truncate(usize::from(request.choice.relaxations_max));
    Ok(found)
}

struct Tries<'d, 'a, 'r> {
    draft: &'d mut Draft<'a, 'r>,
    request: &'d Request,
    left: u32,
}

type Found = Result<Option<Relaxation>, Rejection>;

impl Tries<'_, '_, '_> {
    fn accepts(&mut self, relaxation: Relaxation) -> Result<bool, Rejection> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(false) };
        self.left = left;
        is_possible(self.draft, &relaxation.applied(self.request))
    }

    fn first(&mut self, relaxations: impl Iterator<Item = Relaxation>) -> Found {
        for relaxation in relaxations {
            if self.accepts(relaxation)? {
                return Ok(Some(relaxation));
            }
        }
        Ok(None)
    }

    /// The smallest of 1 to `max`, for a kind in which more is never worse.
    fn bisect(&mut self, max: i64, relaxation: impl Fn(i64) -> Relaxation) -> Found {
        let (mut refused, mut accepted) = (0, max);
        if !self.accepts(relaxation(max))? {
            return Ok(None);
        }
        while 1 < accepted - refused {
            let middle = (refused + accepted) / 2;
            match self.accepts(relaxation(middle))? {
                true => accepted = middle,
                false => refused = middle,
            }
        }
        Ok(Some(relaxation(accepted)))
    }

    /// Nothing happens before now, however early one asks.
    fn earlier(&mut self) -> Found {
        let ahead = self.request.wish.window().earliest() - self.draft.now;
        let mins = (ahead.positive_part().as_secs() / 60 + 1).min(EARLIER_MAX);
        self.first((1..=mins).map(|mins| Relaxation::Earlier { by: Span::from_mins(mins) }))
    }

    /// Only as much further as one of the meeting points is.
    fn longer_walk(&mut self) -> Found {
        let Request { service, origin, destination, beyond, .. } = self.request;
        let walk_max = self.draft.service(*service)?.walk_max;
        let over = |access: &Access, walk_max: Span| access.walk - (walk_max + beyond.walk);
        let mut mins: Vec<i64> = (origin.iter().map(|access| over(access, walk_max.to_pickup)))
            .chain(destination.iter().map(|access| over(access, walk_max.from_dropoff)))
            .filter(|&over| over > Span::ZERO)
            .map(|over| (over.as_millis() + 59_999) / 60_000)
            .collect();
        mins.sort_unstable();
        mins.dedup();
        self.first(mins.into_iter().map(|mins| Relaxation::LongerWalk { by: Span::from_mins(mins) }))
    }

    fn days_later(&mut self) -> Found {
        self.first((1..=DAYS_MAX).map(|days| Relaxation::DaysLater { days }))
    }

    fn smaller_party(&mut self, kind: SeatKind) -> Found {
        let party = self.request.party;
        let mut sizes = 0;
        for fewer in 1..=party.of(kind) {
            let rest = party.with(kind, party.of(kind) - fewer);
            if rest.is_empty() || sizes == PARTY_MAX {
                break;
            }
            if !self.fits_a_vehicle(rest) {
                continue;
            }
            sizes += 1;
            let relaxation = Relaxation::SmallerParty { kind, fewer };
            if self.accepts(relaxation)? {
                return Ok(Some(relaxation));
            }
        }
        Ok(None)
    }

    fn fits_a_vehicle(&self, party: Seats) -> bool {
        let state = self.draft.state;
        let service = state.services.get(&self.request.service);
        let party_max = service.and_then(|service| service.policy.party_max);
        if party_max.is_some_and(|most| most < party.persons()) {
            return false;
        }
        let parked = state.vehicles.values().map(|vehicle| &vehicle.capacity);
        parked.chain(state.schedules.values().map(|schedule| &schedule.capacity)).any(|capacity| capacity.fits(party))
    }
}

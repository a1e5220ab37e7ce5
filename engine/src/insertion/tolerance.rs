//! How far a declared trip would drive with a newcomer: lengths of the new legs, and the limits.
//!
//! Only shifts whose driver set a tolerance pay for this, and only for insertions that keep all else and may win: lengths
//! are asked of the roads one by one.

use mukae_maps::{Place, TravelTimes};
use mukae_units::{Metres, Span, TravelTime};

use super::{Demand, Legs};
use crate::schedule::Schedule;

/// The lengths of the new legs of an insertion.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct LegLengths {
    /// What is driven before the vehicle is turned, if it is.
    pub turn: Option<(TravelTime, Metres)>,
    pub to_pickup: Metres,
    pub from_pickup: Metres,
    pub to_dropoff: Metres,
    pub from_dropoff: Metres,
}

impl LegLengths {
    /// For a pickup before stop `i` and a dropoff before stop `j`; `None` if a leg has no road. A vehicle that is turned
    /// before its first stop, after so much driving, leaves from `origin`.
    pub(super) fn of(
        schedule: &Schedule,
        demand: &Demand,
        (origin, turn): (Place, Option<TravelTime>),
        (i, j): (usize, usize),
        roads: &mut dyn TravelTimes,
    ) -> Option<LegLengths> {
        let before = |position: usize| match position.checked_sub(1) {
            Some(before) => schedule.stops()[before].place,
            None => origin,
        };
        let end = schedule.shift.end.as_ref().map(|end| end.place);
        let after = |position: usize| schedule.stops().get(position).map(|stop| stop.place).or(end);
        let to_pickup = roads.length(before(i), demand.origin)?;
        let from_dropoff = match after(j) {
            Some(next) => roads.length(demand.destination, next)?,
            None => Metres::ZERO,
        };
        let (from_pickup, to_dropoff) = match after(i).filter(|_| i < j) {
            None => {
                let direct = roads.length(demand.origin, demand.destination)?;
                (direct, direct)
            }
            Some(next) => (roads.length(demand.origin, next)?, roads.length(before(j), demand.destination)?),
        };
        let turn = turn.map(|turn| (turn, roads.length(schedule.place(), origin).unwrap_or(Metres::ZERO)));
        Some(LegLengths { turn, to_pickup, from_pickup, to_dropoff, from_dropoff })
    }
}

/// By how much the whole route would take longer than its driver agreed to (or does already, if that is more). A vehicle
/// under way has driven for `turn` when it is turned.
pub(super) fn time_over(schedule: &Schedule, legs: Legs, turn: Option<TravelTime>, (i, j): (usize, usize)) -> Span {
    let route = schedule.plan.route.as_ref().expect("only routes with a tolerance are asked");
    let before = schedule.plan.route_time().expect("it has a route");
    let leg = |position: usize| schedule.stops().get(position).map_or(schedule.plan.to_end, |stop| stop.leg).span();
    let mut time = before + turn.map_or(Span::ZERO, TravelTime::span) + legs.to_pickup.span() + legs.from_pickup.span();
    time = time + legs.from_dropoff.span() - leg(i);
    if i != j {
        time += legs.to_dropoff.span() - leg(j);
    }
    time - route.time_max.max(before)
}

/// By how much it would be longer, likewise.
pub(super) fn length_over(schedule: &Schedule, lengths: LegLengths, (i, j): (usize, usize)) -> Metres {
    let route = schedule.plan.route.as_ref().expect("only routes with a tolerance are asked");
    let before = route.length();
    let turn = lengths.turn.map_or(Metres::ZERO, |(_, length)| length);
    let mut length = before + turn + lengths.to_pickup + lengths.from_pickup + lengths.from_dropoff;
    let mut replaced = route.lengths[i];
    if i != j {
        length += lengths.to_dropoff;
        replaced += route.lengths[j];
    }
    let limit = route.length_max.max(before).as_millimetres() + replaced.as_millimetres();
    Metres::from_millimetres(length.as_millimetres().saturating_sub(limit))
}

//! How far a declared trip would drive with a newcomer: lengths of the new legs, and the limits.
//!
//! Only shifts whose driver set a tolerance pay for this: lengths are asked of the roads one by one.

use mukae_maps::{Place, TravelTimes};
use mukae_units::{Metres, Span, Time, TravelTime};

use super::{Demand, Legs};
use crate::schedule::{Schedule, Whereabouts};

/// The lengths of a candidate's roads; entry `k` belongs to the gap before stop `k`, the last one to the end.
#[derive(Debug)]
pub(super) struct Lengths {
    to_pickup: Vec<Option<Metres>>,
    from_pickup: Vec<Option<Metres>>,
    to_dropoff: Vec<Option<Metres>>,
    from_dropoff: Vec<Option<Metres>>,
    direct: Option<Metres>,
    /// What a vehicle under way will have driven when it is turned before its first stop.
    turn: (TravelTime, Metres),
}

impl Lengths {
    /// Of a schedule whose vehicle leaves from `origin` before its first stop; `None` unless it has a tolerance.
    pub fn of(
        schedule: &Schedule,
        demand: &Demand,
        origin: Place,
        now: Time,
        roads: &mut dyn TravelTimes,
    ) -> Option<Lengths> {
        schedule.plan.route.as_ref()?;
        let stops = || schedule.stops().iter().map(|stop| stop.place);
        let before: Vec<Place> = std::iter::once(origin).chain(stops()).collect();
        let after: Vec<Place> = stops().chain(schedule.shift.end.as_ref().map(|end| end.place)).collect();
        let turn = match schedule.plan.whereabouts {
            Whereabouts::Driving { from, departed } => {
                let next = schedule.next_stop().expect("driving means to a stop").place;
                let after = roads.decision_point(from, next, now - departed).map(|point| point.after);
                (after.unwrap_or(TravelTime::ZERO), roads.length(from, origin).unwrap_or(Metres::ZERO))
            }
            _ => (TravelTime::ZERO, Metres::ZERO),
        };
        let mut from_all = |to: Place| before.iter().map(|&from| roads.length(from, to)).collect();
        let (to_pickup, to_dropoff) = (from_all(demand.origin), from_all(demand.destination));
        let mut to_all = |from: Place| after.iter().map(|&to| roads.length(from, to)).collect();
        let (from_pickup, from_dropoff) = (to_all(demand.origin), to_all(demand.destination));
        let direct = roads.length(demand.origin, demand.destination);
        Some(Lengths { to_pickup, from_pickup, to_dropoff, from_dropoff, direct, turn })
    }

    /// The lengths of an insertion's new legs; `None` if one of them has no road.
    pub fn legs(&self, schedule: &Schedule, (i, j): (usize, usize)) -> Option<LegLengths> {
        let is_direct = i == j;
        let is_turned = i == 0 && matches!(schedule.plan.whereabouts, Whereabouts::Driving { .. });
        Some(LegLengths {
            turn: is_turned.then_some(self.turn),
            to_pickup: self.to_pickup[i]?,
            from_pickup: if is_direct { self.direct } else { self.from_pickup[i] }?,
            to_dropoff: if is_direct { self.direct } else { self.to_dropoff[j] }?,
            from_dropoff: self.from_dropoff[j]?,
        })
    }
}

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

/// By how much the whole route would pass what its driver agreed to (or drives already, if that is
/// more): driving time, and whether the length does.
pub(super) fn detour_over(
    schedule: &Schedule,
    legs: Legs,
    lengths: LegLengths,
    (i, j): (usize, usize),
) -> (Span, Metres) {
    let route = schedule.plan.route.as_ref().expect("only routes with a tolerance have lengths");
    let before = (schedule.plan.route_time().expect("it has a route"), route.length());
    let leg = |position: usize| schedule.stops().get(position).map_or(schedule.plan.to_end, |stop| stop.leg).span();
    let turn = lengths.turn.unwrap_or((TravelTime::ZERO, Metres::ZERO));
    let mut time = before.0 + turn.0.span() + legs.to_pickup.span() + legs.from_pickup.span() - leg(i);
    let mut length = before.1 + turn.1 + lengths.to_pickup + lengths.from_pickup;
    let mut replaced = route.lengths[i];
    time += legs.from_dropoff.span();
    length += lengths.from_dropoff;
    if i != j {
        time += legs.to_dropoff.span() - leg(j);
        length += lengths.to_dropoff;
        replaced += route.lengths[j];
    }
    let limit = route.length_max.max(before.1).as_millimetres() + replaced.as_millimetres();
    let over = Metres::from_millimetres(length.as_millimetres().saturating_sub(limit));
    (time - route.time_max.max(before.0), over)
}

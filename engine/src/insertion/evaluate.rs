//! One insertion into one schedule: is it allowed, and what does it cost?
//!
//! The walk starts where the schedule first changes; what lies before keeps its times. A promise
//! that is already predicted to break limits at its predicted time: nothing may worsen it, and its
//! vehicle stays usable.

use mukae_maps::Place;
use mukae_units::{Seats, Span, Time, TravelTime};

use super::{Demand, Legs};
use crate::model::refusal::Misses;
use crate::model::{Constraint, Policy};
use crate::schedule::timeline::{Step, load_after};
use crate::schedule::{Schedule, Task, Timeline};

/// A schedule that could take the demand, and its roads to and from the two places. Slices run over
/// positions: entry `k` belongs to the gap before stop `k`, the last one to the end.
#[derive(Debug)]
pub(super) struct Candidate<'s> {
    pub schedule: &'s Schedule,
    pub base: Timeline,
    /// The first position that may change: 1 while the vehicle stands at its first stop.
    pub first: usize,
    /// Where and when the vehicle is free before its first stop.
    pub origin: (Place, Time),
    pub offset: usize,
}

/// The candidate's roads; see [`Candidate`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Roads<'a> {
    pub to_pickup: &'a [Option<TravelTime>],
    pub from_pickup: &'a [Option<TravelTime>],
    pub to_dropoff: &'a [Option<TravelTime>],
    pub from_dropoff: &'a [Option<TravelTime>],
}

/// An allowed insertion.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outcome {
    pub cost: i64,
    pub pickup: Time,
    pub dropoff: Time,
    pub legs: Legs,
}

/// The state of a walk along the changed schedule.
struct Walk<'a, 's> {
    candidate: &'a Candidate<'s>,
    policy: &'a Policy,
    /// New end of service by stop index, for ride times.
    ends: &'a mut [Time],
    free: Time,
    load: Seats,
    cost: i64,
    broken: Misses,
}

impl Walk<'_, '_> {
    /// Breaks `constraint` if `over`, what lies beyond its limit, is positive.
    fn limit(&mut self, over: Span, constraint: Constraint) {
        if over > Span::ZERO {
            self.broken.add(constraint, over);
        }
    }

    fn limit_load(&mut self) {
        if !self.load.fits(&self.candidate.schedule.capacity) {
            self.broken.add(Constraint::Capacity, Span::ZERO);
        }
    }

    fn visit(&mut self, stop_idx: usize, leg: TravelTime) {
        let Candidate { schedule, base, .. } = self.candidate;
        let (stop, before) = (&schedule.stops()[stop_idx], &base.stops[stop_idx]);
        let step = Step::new(self.free + leg, stop.earliest(), self.load);
        self.limit(step.start - stop.latest().max(before.start), Constraint::OthersPromise);
        let wait_max = self.policy.wait_on_board_max.max(before.wait_on_board);
        self.limit(step.wait_on_board - wait_max, Constraint::WaitOnBoard);
        match stop.task {
            Task::Pickup { is_awaited: true, .. } => {
                self.cost += self.policy.cost.rider_wait * (step.start - before.start).as_millis();
            }
            Task::Pickup { is_awaited: false, .. } => {}
            Task::Dropoff { ride_max, boarded_at, .. } => {
                let boarded = boarded_at.unwrap_or_else(|| {
                    self.ends[schedule.position_of(stop.booking, true).expect("its pickup is ahead")]
                });
                let (ride, ride_before) = (step.start - boarded, before.ride.expect("a dropoff ends a ride"));
                self.limit(ride - ride_max.max(ride_before), Constraint::OthersPromise);
                self.cost += self.policy.cost.excess_ride * (ride - ride_before).as_millis();
            }
        }
        self.load = load_after(self.load, stop);
        self.limit_load();
        self.free = step.start + stop.dwell;
        self.ends[stop_idx] = self.free;
    }

    fn is_lost(&self, stop_early: bool) -> bool {
        stop_early && !self.broken.is_empty()
    }
}

/// Tries the pickup before stop `i` and the dropoff before stop `j`. With `stop_early` the walk ends at the first
/// broken rule, else all of them are collected.
pub(super) fn evaluate(
    candidate: &Candidate<'_>,
    demand: &Demand,
    policy: &Policy,
    roads: Roads<'_>,
    (i, j): (usize, usize),
    ends: &mut Vec<Time>,
    stop_early: bool,
) -> Result<Outcome, Misses> {
    let Candidate { schedule, base, .. } = candidate;
    let stops = schedule.stops();
    let Some(legs) = legs(roads, demand, i, j) else {
        let mut broken = Misses::NONE;
        broken.add(Constraint::NoRoad, Span::ZERO);
        return Err(broken);
    };
    ends.clear();
    ends.extend(base.stops.iter().map(|stop| stop.end));
    let (free, load) =
        if i == 0 { (candidate.origin.1, schedule.load()) } else { (base.stops[i - 1].end, base.stops[i - 1].load) };
    let mut walk = Walk { candidate, policy, ends, free, load, cost: 0, broken: Misses::NONE };

    let step = Step::new(walk.free + legs.to_pickup, Some(demand.pickup.earliest()), walk.load);
    let pickup = step.start;
    walk.limit(pickup - demand.pickup.latest(), Constraint::PickupWindow);
    walk.limit(pickup - schedule.shift.window.latest(), Constraint::ShiftEnd);
    walk.limit(step.wait_on_board - policy.wait_on_board_max, Constraint::WaitOnBoard);
    walk.load = walk.load + demand.party;
    walk.limit_load();
    if walk.is_lost(stop_early) {
        return Err(walk.broken);
    }
    walk.free = pickup + demand.dwell;
    let boarded = walk.free;

    for (stop_idx, stop) in stops.iter().enumerate().take(j).skip(i) {
        walk.visit(stop_idx, if stop_idx == i { legs.from_pickup } else { stop.leg });
        if walk.is_lost(stop_early) {
            return Err(walk.broken);
        }
    }

    let dropoff = walk.free + legs.to_dropoff;
    walk.limit(dropoff - demand.dropoff_latest, Constraint::DropoffWindow);
    walk.limit(dropoff - boarded - demand.ride_max, Constraint::RideTime);
    walk.load = walk.load - demand.party;
    walk.free = dropoff + demand.dwell;

    for (stop_idx, stop) in stops.iter().enumerate().skip(j) {
        if walk.is_lost(stop_early) {
            return Err(walk.broken);
        }
        walk.visit(stop_idx, if stop_idx == j { legs.from_dropoff } else { stop.leg });
    }
    let to_end = if j == stops.len() { legs.from_dropoff } else { schedule.plan.to_end };
    let shift_end = schedule.shift.window.latest();
    let finish_max = if stops.is_empty() { shift_end } else { shift_end.max(base.finish) };
    walk.limit(walk.free + to_end - finish_max, Constraint::ShiftEnd);
    if !walk.broken.is_empty() {
        return Err(walk.broken);
    }

    let waited = demand.waits_from.map_or(Span::ZERO, |from| pickup - from);
    let excess = (dropoff - boarded) - demand.direct.span();
    let driving = detour(candidate, legs, i, j);
    let cost = walk.cost
        + policy.cost.driving * driving.as_millis()
        + policy.cost.rider_wait * waited.as_millis()
        + policy.cost.excess_ride * excess.as_millis();
    Ok(Outcome { cost, pickup, dropoff, legs })
}

fn legs(roads: Roads<'_>, demand: &Demand, i: usize, j: usize) -> Option<Legs> {
    let is_direct = i == j;
    Some(Legs {
        to_pickup: roads.to_pickup[i]?,
        from_pickup: if is_direct { demand.direct } else { roads.from_pickup[i]? },
        to_dropoff: if is_direct { demand.direct } else { roads.to_dropoff[j]? },
        from_dropoff: roads.from_dropoff[j]?,
    })
}

/// Driving time the insertion adds.
fn detour(candidate: &Candidate<'_>, legs: Legs, i: usize, j: usize) -> Span {
    let replaced = |position: usize| match candidate.schedule.stops().get(position) {
        None => candidate.schedule.plan.to_end.span(),
        // from where the vehicle is, or is turned, which may be well into the leg
        Some(_) if position == 0 => candidate.base.stops[0].ready - candidate.origin.1,
        Some(stop) => stop.leg.span(),
    };
    let around_pickup = legs.to_pickup.span() + legs.from_pickup.span();
    if i == j {
        around_pickup + legs.from_dropoff.span() - replaced(i)
    } else {
        around_pickup + legs.to_dropoff.span() + legs.from_dropoff.span() - replaced(i) - replaced(j)
    }
}

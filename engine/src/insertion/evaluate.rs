//! One insertion into one schedule: is it allowed, and what does it cost?
//!
//! The walk starts where the schedule first changes; what lies before keeps its times. A promise
//! that is already predicted to break limits at its predicted time: nothing may worsen it, and its
//! vehicle stays usable.

use mukae_maps::Place;
use mukae_units::{Metres, Seats, Span, Time, TravelTime};

use super::tolerance::{Lengths, detour_over};
use super::{Demand, LegLengths, Legs};
use crate::model::refusal::Misses;
use crate::model::{Asking, Constraint, Policy};
use crate::schedule::timeline::{Pace, Service, Step, load_after};
use crate::schedule::{Schedule, Task, Timeline, Whereabouts};

/// A schedule that could take the demand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate<'s> {
    pub schedule: &'s Schedule,
    /// Its times as they are planned.
    pub base: &'s Timeline,
    /// Set for a declared trip.
    pub lengths: Option<&'s Lengths>,
    /// Where and when the vehicle is free before its first stop; of no account for positions after it.
    pub origin: (Place, Time),
    pub now: Time,
}

/// What becomes of a rule that is broken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Strictness {
    /// The first one ends the walk.
    StopEarly,
    /// All of them are collected.
    TellAll,
    /// Those that somebody may overrule are.
    Overrule,
}

/// An allowed insertion.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outcome {
    pub cost: i64,
    pub pickup: Time,
    pub boarded: Time,
    pub dropoff: Time,
    pub legs: Legs,
    pub joins: Joins,
    pub lengths: Option<LegLengths>,
}

/// The state of a walk along the changed schedule.
struct Walk<'a, 's> {
    candidate: &'a Candidate<'s>,
    policy: &'a Policy,
    /// New ends of service of the stops from `ends_from` on, for ride times.
    ends: &'a mut Vec<Time>,
    ends_from: usize,
    pace: Pace,
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

    /// A limit of the newcomer: where the service only prices it, it is paid for instead.
    fn limit_newcomer(&mut self, over: Span, constraint: Constraint, price: Option<i64>) {
        match price {
            None => self.limit(over, constraint),
            Some(price) => self.cost += price * over.positive_part().as_millis(),
        }
    }

    fn limit_load(&mut self) {
        if !self.candidate.schedule.capacity.fits(self.pace.load) {
            self.broken.add(Constraint::Capacity, Span::ZERO);
        }
    }

    /// Goes on to a stop of the newcomer.
    fn call(&mut self, leg: TravelTime, service: Service, load: Seats) -> Step {
        let step = self.pace.step(leg, service);
        self.limit(step.wait_on_board - self.policy.wait_on_board_max, Constraint::WaitOnBoard);
        self.cost += self.policy.cost.wait_on_board * step.wait_on_board.as_millis();
        self.pace.pass(step, load);
        self.limit_load();
        step
    }

    /// Goes on to a stop that is planned already.
    fn visit(&mut self, stop_idx: usize, leg: TravelTime, joins: bool) {
        let Candidate { schedule, base, .. } = self.candidate;
        let (stop, before) = (&schedule.stops()[stop_idx], &base.stops[stop_idx]);
        let service = Service { joins, ..stop.service() };
        let step = self.pace.step(leg, service);
        let promise = if stop.is_break() { Constraint::BreakWindow } else { Constraint::OthersPromise };
        self.limit(step.start - stop.latest().max(before.start), promise);
        let wait_max = self.policy.wait_on_board_max.max(before.wait_on_board);
        self.limit(step.wait_on_board - wait_max, Constraint::WaitOnBoard);
        let weights = &self.policy.cost;
        self.cost += weights.wait_on_board * (step.wait_on_board - before.wait_on_board).as_millis();
        match stop.task {
            Task::Pickup { is_awaited: true, .. } => {
                self.cost += weights.rider_wait * (step.end - before.end).as_millis();
            }
            Task::Pickup { is_awaited: false, .. } => {}
            Task::Dropoff { ride_max, boarded_at, .. } => {
                let boarded = boarded_at.unwrap_or_else(|| {
                    let pickup_idx = before.pickup_idx.expect("who is not on board has a pickup ahead");
                    match pickup_idx.checked_sub(self.ends_from) {
                        Some(since) => self.ends[since],
                        None => base.stops[pickup_idx].end,
                    }
                });
                let (ride, ride_before) =
                    ((step.start - boarded).positive_part(), before.ride.expect("a dropoff ends a ride"));
                self.limit(ride - ride_max.max(ride_before), Constraint::OthersPromise);
                self.cost += weights.excess_ride * (ride - ride_before).as_millis();
            }
            Task::Break { .. } => {
                if !self.pace.load.is_empty() {
                    self.broken.add(Constraint::BreakOnBoard, Span::ZERO);
                }
            }
        }
        self.pace.pass(step, load_after(self.pace.load, stop));
        self.limit_load();
        self.ends.push(step.end);
    }

    /// What staff and the driver have said about the schedule itself.
    fn limit_start(&mut self, i: usize) {
        let Candidate { schedule, base, now, .. } = *self.candidate;
        if schedule.is_frozen(i, base, now, self.policy.freeze_horizon) {
            self.broken.add(Constraint::Frozen, Span::ZERO);
        }
        // who must be asked is not turned on the way before saying yes
        let is_turned = i == 0 && matches!(schedule.plan.whereabouts, Whereabouts::Driving { .. });
        match schedule.asking {
            Asking::Unneeded => {}
            Asking::From(from) if !is_turned => self.limit(from - now, Constraint::DriverAsks),
            Asking::From(_) | Asking::Never => self.broken.add(Constraint::DriverAsks, Span::ZERO),
        }
    }

    /// What the driver of a declared trip agreed to.
    fn limit_detour(&mut self, legs: Legs, pair: (usize, usize)) -> Option<LegLengths> {
        let lengths = self.candidate.lengths?;
        let Some(lengths) = lengths.legs(self.candidate.schedule, pair) else {
            self.broken.add(Constraint::NoRoad, Span::ZERO);
            return None;
        };
        let (time_over, length_over) = detour_over(self.candidate.schedule, legs, lengths, pair);
        self.limit(time_over, Constraint::DetourTime);
        if Metres::ZERO < length_over {
            self.broken.add(Constraint::DetourLength, Span::ZERO);
        }
        Some(lengths)
    }

    fn is_lost(&self, strictness: Strictness) -> bool {
        strictness == Strictness::StopEarly && !self.broken.is_empty()
    }
}

/// Tries the pickup before stop `i` and the dropoff before stop `j`. See [`Strictness`] for
/// rules that it breaks.
#[allow(clippy::result_large_err)] // what is broken goes up one frame and is dropped or kept there; a box would allocate
pub(super) fn evaluate(
    candidate: &Candidate<'_>,
    demand: &Demand,
    policy: &Policy,
    legs: Legs,
    (i, j): (usize, usize),
    ends: &mut Vec<Time>,
    strictness: Strictness,
) -> Result<Outcome, Misses> {
    let Candidate { schedule, base, .. } = candidate;
    let stops = schedule.stops();
    let joins = Joins::new(candidate, demand, (i, j));
    ends.clear();
    let pace = match i.checked_sub(1) {
        None => Pace::new(candidate.origin.1, schedule.load()),
        Some(before) => Pace::after(&base.stops[before]),
    };
    let mut walk = Walk { candidate, policy, ends, ends_from: i, pace, cost: 0, broken: Misses::NONE };

    walk.limit_start(i);
    let lengths = walk.limit_detour(legs, (i, j));
    if walk.is_lost(strictness) {
        return Err(walk.broken);
    }
    let (dwell, stop_dwell) = (demand.dwell, demand.stop_dwell);
    let boarding = Service { earliest: Some(demand.pickup.earliest()), dwell, stop_dwell, joins: joins.pickup };
    let step = walk.call(legs.to_pickup, boarding, walk.pace.load + demand.party);
    let (pickup, boarded) = (step.start, step.end);
    let is_cut = demand.pickup_max.is_some_and(|hours_end| hours_end <= demand.pickup.latest());
    if !is_cut {
        let price = demand.soft.map(|soft| soft.pickup_late);
        walk.limit_newcomer(pickup - demand.pickup.latest(), Constraint::PickupWindow, price);
    }
    if let Some(hours_end) = demand.pickup_max {
        walk.limit(pickup - hours_end, Constraint::OutsideHours);
    }
    walk.limit(pickup - schedule.shift.window.latest(), Constraint::ShiftEnd);
    if walk.is_lost(strictness) {
        return Err(walk.broken);
    }

    for (stop_idx, stop) in stops.iter().enumerate().take(j).skip(i) {
        if stop_idx == i {
            walk.visit(stop_idx, legs.from_pickup, joins.after_pickup);
        } else {
            walk.visit(stop_idx, stop.leg, stop.joins);
        }
        if walk.is_lost(strictness) {
            return Err(walk.broken);
        }
    }

    let alighting = Service { earliest: None, dwell, stop_dwell, joins: joins.dropoff };
    let dropoff = walk.call(legs.to_dropoff, alighting, walk.pace.load - demand.party).start;
    let soft = demand.soft;
    walk.limit_newcomer(dropoff - demand.dropoff_latest, Constraint::DropoffWindow, soft.map(|soft| soft.dropoff_late));
    walk.limit_newcomer(dropoff - boarded - demand.ride_max, Constraint::RideTime, soft.map(|soft| soft.ride_over));

    for (stop_idx, stop) in stops.iter().enumerate().skip(j) {
        if walk.is_lost(strictness) {
            return Err(walk.broken);
        }
        if stop_idx == j {
            walk.visit(stop_idx, legs.from_dropoff, joins.after_dropoff);
        } else {
            walk.visit(stop_idx, stop.leg, stop.joins);
        }
    }
    let to_end = if j == stops.len() { legs.from_dropoff } else { schedule.plan.to_end };
    let shift_end = schedule.shift.window.latest();
    // a vehicle without stops could be home at any time, and is taken to leave now
    let (finish_before, finish_max) = match stops.is_empty() {
        true => (candidate.origin.1 + schedule.plan.to_end, shift_end),
        false => (base.finish, shift_end.max(base.finish)),
    };
    let finish = walk.pace.free + to_end;
    walk.limit(finish - finish_max, Constraint::ShiftEnd);
    let is_overruled = strictness == Strictness::Overrule && walk.broken.can_be_overruled();
    if !walk.broken.is_empty() && !is_overruled {
        return Err(walk.broken);
    }

    let waited = demand.waits_from.map_or(Span::ZERO, |from| boarded - from);
    let excess = (dropoff - boarded - demand.direct.span()).positive_part();
    let driving = detour(candidate, legs, i, j);
    let cost = walk.cost
        + policy.cost.driving * driving.as_millis()
        + policy.cost.driver_time * (finish - finish_before).as_millis()
        + policy.cost.rider_wait * waited.as_millis()
        + policy.cost.excess_ride * excess.as_millis();
    Ok(Outcome { cost, pickup, boarded, dropoff, legs, joins, lengths })
}

/// Which stops of an insertion find the vehicle standing at their place already.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Joins {
    pub pickup: bool,
    pub after_pickup: bool,
    pub dropoff: bool,
    pub after_dropoff: bool,
}

impl Joins {
    fn new(candidate: &Candidate<'_>, demand: &Demand, (i, j): (usize, usize)) -> Joins {
        let stops = candidate.schedule.stops();
        // A stop whose service should be over by now is being left: nobody can join it any more.
        let is_left = |stop_idx: usize| {
            stop_idx == 0
                && matches!(candidate.schedule.plan.whereabouts, Whereabouts::Serving { .. })
                && candidate.base.stops[0].end <= candidate.now
        };
        let joins_before = |gap: usize, place: Place| {
            let can_join =
                |before: usize| stops[before].place == place && !stops[before].is_break() && !is_left(before);
            gap.checked_sub(1).is_some_and(can_join)
        };
        let is_next =
            |gap: usize, place: Place| stops.get(gap).is_some_and(|stop| stop.place == place && !stop.is_break());
        let is_direct = i == j;
        Joins {
            pickup: joins_before(i, demand.origin),
            after_pickup: !is_direct && is_next(i, demand.origin),
            dropoff: if is_direct { demand.origin == demand.destination } else { joins_before(j, demand.destination) },
            after_dropoff: is_next(j, demand.destination),
        }
    }
}

/// Driving time the insertion adds.
fn detour(candidate: &Candidate<'_>, legs: Legs, i: usize, j: usize) -> Span {
    let is_driving = matches!(candidate.schedule.plan.whereabouts, Whereabouts::Driving { .. });
    let replaced = |position: usize| match candidate.schedule.stops().get(position) {
        None => candidate.schedule.plan.to_end.span(),
        // from where the vehicle is, or is turned, which may be well into the leg
        Some(_) if position == 0 && is_driving => candidate.base.stops[0].ready - candidate.origin.1,
        Some(stop) => stop.leg.span(),
    };
    let around_pickup = legs.to_pickup.span() + legs.from_pickup.span();
    if i == j {
        around_pickup + legs.from_dropoff.span() - replaced(i)
    } else {
        around_pickup + legs.to_dropoff.span() + legs.from_dropoff.span() - replaced(i) - replaced(j)
    }
}

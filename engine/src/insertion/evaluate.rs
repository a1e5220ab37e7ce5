//! One insertion into one schedule: is it allowed, and what does it cost?
//!
//! A [`Walk`] goes along the changed schedule, from where it first changes; what lies before keeps its times. It boards
//! the newcomer, passes planned stops, and [alights](Walk::alight) them: up to there it is the same for every later place of
//! the dropoff. A promise that is already predicted to break limits at its predicted time: nothing may worsen it, and its
//! vehicle stays usable.

use mukae_maps::{Place, TravelTimes};
use mukae_units::{Metres, Seats, Span, Time, TravelTime};

use super::hold;
use super::tolerance::{self, LegLengths};
use super::{Demand, Joins, Legs};
use crate::model::refusal::{Distance, Misses};
use crate::model::{Asking, Constraint, Policy};
use crate::schedule::timeline::{Pace, Service, Step, load_after};
use crate::schedule::{Schedule, Stop, Task, Timeline, Whereabouts};

/// A schedule that could take the demand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate<'s> {
    pub schedule: &'s Schedule,
    /// Its times as they are planned.
    pub base: &'s Timeline,
    /// Where and when the vehicle is free before its first stop; of no account for positions after it.
    pub origin: (Place, Time),
    pub now: Time,
    /// Without them it could be sooner.
    pub has_holds: bool,
}

/// What is asked of every candidate.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trial<'a> {
    pub demand: &'a Demand,
    pub policy: &'a Policy,
    pub strictness: Strictness,
}

/// What becomes of a rule that is broken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Strictness {
    /// The first one ends the walk. So does a cost above this, in the end.
    StopEarly { cost_max: i64 },
    /// All of them are collected, until they are as far from being kept as this.
    TellNearer { than: Option<Distance> },
    /// Those that somebody may overrule are.
    Overrule,
}

impl Strictness {
    pub const TELL_ALL: Strictness = Strictness::TellNearer { than: None };
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
    pub is_held: bool,
}

/// The way along the changed schedule, as far as it has come.
#[derive(Clone, Copy, Debug)]
pub(super) struct Walk<'a> {
    trial: Trial<'a>,
    candidate: &'a Candidate<'a>,
    /// The pickup comes before this stop.
    i: usize,
    /// Ends of service are kept from this stop on.
    from: usize,
    /// When boardings begin from here on, if they are held.
    held: Option<&'a [Time]>,
    pace: Pace,
    cost: i64,
    broken: Misses,
    /// Something is broken that holding boardings back can not mend.
    is_past_mending: bool,
    /// Standing still so far.
    waited: Span,
    to_pickup: TravelTime,
    from_pickup: TravelTime,
    pickup: Time,
    boarded: Time,
}

impl<'a> Walk<'a> {
    /// Comes from stop `i - 1` and boards the newcomer. `ends` is for new ends of service from stop `i` on.
    pub(super) fn board(
        trial: Trial<'a>,
        candidate: &'a Candidate<'a>,
        i: usize,
        to_pickup: TravelTime,
        ends: &mut Vec<Time>,
    ) -> Walk<'a> {
        let pace = match i.checked_sub(1) {
            None => Pace::new(candidate.origin.1, candidate.schedule.load()),
            Some(before) => Pace::after(&candidate.base.stops[before]),
        };
        let mut walk = Walk::new(trial, candidate, (i, i), pace, ends);
        walk.limit_start();
        if !walk.is_lost() {
            walk.board_newcomer(to_pickup);
        }
        walk
    }

    /// The same from stop `from` on, boardings beginning when they are held to.
    pub(super) fn board_held(
        trial: Trial<'a>,
        candidate: &'a Candidate<'a>,
        i: usize,
        to_pickup: TravelTime,
        (from, starts): (usize, &'a [Time]),
        ends: &mut Vec<Time>,
    ) -> Walk<'a> {
        let (pace, is_there) = candidate.begin(from, Some(i));
        let mut walk = Walk { held: Some(starts), ..Walk::new(trial, candidate, (i, from), pace, ends) };
        walk.limit_start();
        for (stop_idx, stop) in candidate.schedule.stops().iter().enumerate().take(i).skip(from) {
            let leg = if is_there && stop_idx == 0 { TravelTime::ZERO } else { stop.leg };
            walk.visit(stop_idx, leg, stop.joins, ends);
        }
        walk.board_newcomer(to_pickup);
        walk
    }

    #[inline]
    fn new(
        trial: Trial<'a>,
        candidate: &'a Candidate<'a>,
        (i, from): (usize, usize),
        pace: Pace,
        ends: &mut Vec<Time>,
    ) -> Walk<'a> {
        ends.clear();
        Walk {
            trial,
            candidate,
            i,
            from,
            held: None,
            pace,
            cost: 0,
            broken: Misses::NONE,
            is_past_mending: false,
            waited: Span::ZERO,
            to_pickup: TravelTime::ZERO,
            from_pickup: trial.demand.direct,
            pickup: pace.free,
            boarded: pace.free,
        }
    }

    #[inline]
    fn board_newcomer(&mut self, to_pickup: TravelTime) {
        let Walk { trial: Trial { demand, .. }, candidate: Candidate { schedule, .. }, i, .. } = *self;
        let joins = self.candidate.joins_before(i, demand.origin);
        let (dwell, stop_dwell) = (demand.dwell, demand.stop_dwell);
        let boarding = Service { earliest: Some(demand.pickup.earliest()), dwell, stop_dwell, joins };
        let step = self.call(to_pickup, boarding, self.pace.load + demand.party);
        (self.to_pickup, self.pickup, self.boarded) = (to_pickup, step.start, step.end);
        let is_cut = demand.pickup_max.is_some_and(|hours_end| hours_end <= demand.pickup.latest());
        if !is_cut {
            let price = demand.soft.map(|soft| soft.pickup_late);
            self.limit_newcomer(step.start - demand.pickup.latest(), Constraint::PickupWindow, price);
        }
        if let Some(hours_end) = demand.pickup_max {
            self.limit(step.start - hours_end, Constraint::OutsideHours);
        }
        self.limit(step.start - schedule.shift.window.latest(), Constraint::ShiftEnd);
    }

    /// Passes the next planned stop, the newcomer on board. `from_pickup` leads to the first of them.
    pub(super) fn pass(&mut self, stop_idx: usize, from_pickup: TravelTime, ends: &mut Vec<Time>) {
        let stop = &self.candidate.schedule.stops()[stop_idx];
        if stop_idx == self.i {
            self.from_pickup = from_pickup;
            self.visit(stop_idx, from_pickup, self.candidate.joins_after(stop_idx, self.trial.demand.origin), ends);
        } else {
            self.visit(stop_idx, stop.leg, stop.joins, ends);
        }
    }

    /// Alights the newcomer before stop `j`, the next one, and goes on to the end. `roads` are asked for lengths alone.
    #[allow(clippy::result_large_err)] // what is broken goes up one frame and is dropped or kept there; a box would allocate
    pub(super) fn alight(
        &mut self,
        j: usize,
        [to_dropoff, from_dropoff]: [TravelTime; 2],
        ends: &mut Vec<Time>,
        roads: &mut dyn TravelTimes,
    ) -> Result<Outcome, Misses> {
        let Walk { trial: Trial { demand, policy, .. }, candidate, i, to_pickup, from_pickup, pickup, boarded, .. } =
            *self;
        let Candidate { schedule, base, .. } = *candidate;
        let stops = schedule.stops();
        let legs = Legs { to_pickup, from_pickup, to_dropoff, from_dropoff };
        let joins = Joins::new(candidate, demand, (i, j));
        let turn = self.limit_detour_time(legs, j, roads);
        if self.is_lost() {
            return Err(self.broken);
        }

        let (dwell, stop_dwell) = (demand.dwell, demand.stop_dwell);
        let alighting = Service { earliest: None, dwell, stop_dwell, joins: joins.dropoff };
        let dropoff = self.call(to_dropoff, alighting, self.pace.load - demand.party).start;
        let soft = demand.soft;
        let (late_price, ride_price) = (soft.map(|soft| soft.dropoff_late), soft.map(|soft| soft.ride_over));
        self.limit_newcomer(dropoff - demand.dropoff_latest, Constraint::DropoffWindow, late_price);
        match ride_price {
            None => {
                let over = dropoff - boarded - demand.ride_max;
                let can_mend = over <= self.waited;
                self.limit_wait(over, Constraint::RideTime, can_mend);
            }
            Some(price) => self.cost += price * (dropoff - boarded - demand.ride_max).positive_part().as_millis(),
        }

        for (stop_idx, stop) in stops.iter().enumerate().skip(j) {
            if self.is_lost() {
                return Err(self.broken);
            }
            if stop_idx == j {
                self.visit(stop_idx, from_dropoff, joins.after_dropoff, ends);
            } else {
                self.visit(stop_idx, stop.leg, stop.joins, ends);
            }
        }
        let to_end = if j == stops.len() { from_dropoff } else { schedule.plan.to_end };
        let shift_end = schedule.shift.window.latest();
        // a vehicle without stops could be home at any time, and is taken to leave now
        let (finish_before, finish_max) = match stops.is_empty() {
            true => (schedule.free_at(candidate.now) + schedule.plan.to_end, shift_end),
            false => (base.finish, shift_end.max(base.finish)),
        };
        let finish = self.pace.free + to_end;
        self.limit(finish - finish_max, Constraint::ShiftEnd);
        if self.is_lost() {
            return Err(self.broken);
        }

        let waited = demand.waits_from.map_or(Span::ZERO, |from| boarded - from);
        let excess = (dropoff - boarded - demand.direct.span()).positive_part();
        let cost = self.cost
            + schedule.price_to_call()
            + policy.cost.driving * detour(candidate, legs, i, j).as_millis()
            + policy.cost.driver_time * (finish - finish_before).as_millis()
            + policy.cost.rider_wait * waited.as_millis()
            + policy.cost.excess_ride * excess.as_millis()
            + policy.cost.walking * demand.walk.as_millis();
        if let Strictness::StopEarly { cost_max } = self.trial.strictness
            && (cost_max < cost || !self.broken.is_empty())
        {
            return Err(self.broken);
        }
        let lengths = self.limit_detour_length(turn, j, roads);
        let is_overruled = self.trial.strictness == Strictness::Overrule && self.broken.can_be_overruled();
        if !self.broken.is_empty() && !is_overruled {
            return Err(self.broken);
        }
        Ok(Outcome { cost, pickup, boarded, dropoff, legs, joins, lengths, is_held: false })
    }

    /// True if what is broken by now decides: nothing that comes can mend it.
    pub(super) fn is_lost(&self) -> bool {
        match self.trial.strictness {
            Strictness::StopEarly { .. } => self.is_past_mending,
            Strictness::TellNearer { than } => than.is_some_and(|than| than <= self.broken.distance()),
            Strictness::Overrule => false,
        }
    }

    /// True if something is broken that may not be if boardings are held back.
    pub(super) fn can_be_mended(&self) -> bool {
        !self.broken.is_empty() && !self.is_past_mending && self.held.is_none()
    }

    /// The new legs, those of the dropoff included.
    pub(super) fn legs(&self, [to_dropoff, from_dropoff]: [TravelTime; 2]) -> Legs {
        Legs { to_pickup: self.to_pickup, from_pickup: self.from_pickup, to_dropoff, from_dropoff }
    }

    /// From now on, only what is nearer counts.
    pub(super) fn set_strictness(&mut self, strictness: Strictness) {
        self.trial.strictness = strictness;
    }

    /// Breaks `constraint` if `over`, what lies beyond its limit, is positive.
    fn limit(&mut self, over: Span, constraint: Constraint) {
        if over > Span::ZERO {
            self.broken.add(constraint, over);
            self.is_past_mending |= !self.candidate.has_holds; // holding back makes nobody sooner
        }
    }

    /// The same for what standing still on board adds to; `can_mend` if boarding later could take so much away.
    fn limit_wait(&mut self, over: Span, constraint: Constraint, can_mend: bool) {
        if over > Span::ZERO {
            self.broken.add(constraint, over);
            self.is_past_mending |= !(self.candidate.has_holds || can_mend);
        }
    }

    /// Breaks `constraint`, whatever the times.
    fn forbid(&mut self, constraint: Constraint) {
        self.broken.add(constraint, Span::ZERO);
        self.is_past_mending = true;
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
            self.forbid(Constraint::Capacity);
        }
    }

    /// Goes on to a stop of the newcomer.
    fn call(&mut self, leg: TravelTime, service: Service, load: Seats) -> Step {
        let policy = self.trial.policy;
        let step = self.step(leg, service);
        let over = step.wait_on_board - policy.wait_on_board_max;
        let can_mend = over > Span::ZERO && self.candidate.schedule.stops()[..self.i].iter().any(Stop::is_pickup);
        self.limit_wait(over, Constraint::WaitOnBoard, can_mend);
        self.cost += policy.cost.wait_on_board * step.wait_on_board.as_millis();
        self.pace.pass(step, load);
        self.limit_load();
        step
    }

    /// One step of the rule, a boarding beginning when it is held to.
    #[inline(always)]
    fn step(&mut self, leg: TravelTime, service: Service) -> Step {
        let mut service = service;
        if let Some((&start, rest)) = self.held.and_then(<[Time]>::split_first) {
            self.held = Some(rest);
            service.earliest = service.earliest.map(|_| start);
        }
        let step = self.pace.step(leg, service);
        self.waited += stood([step.ready, step.start, step.served, step.end], service.stop_dwell);
        step
    }

    /// Goes on to a stop that is planned already.
    fn visit(&mut self, stop_idx: usize, leg: TravelTime, joins: bool, ends: &mut Vec<Time>) {
        let Candidate { schedule, base, .. } = self.candidate;
        let policy = self.trial.policy;
        let (stop, before) = (&schedule.stops()[stop_idx], &base.stops[stop_idx]);
        let service = Service { joins, ..stop.service() };
        let step = self.step(leg, service);
        let promise = if stop.is_break() { Constraint::BreakWindow } else { Constraint::OthersPromise };
        self.limit(step.start - stop.latest().max(before.start), promise);
        let wait_max = policy.wait_on_board_max.max(before.wait_on_board);
        self.limit_wait(step.wait_on_board - wait_max, Constraint::WaitOnBoard, true);
        let weights = &policy.cost;
        self.cost += weights.wait_on_board * (step.wait_on_board - before.wait_on_board).as_millis();
        match stop.task {
            Task::Pickup { is_awaited: true, .. } => {
                self.cost += weights.rider_wait * (step.end - before.end).as_millis();
            }
            Task::Pickup { is_awaited: false, .. } => {}
            Task::Dropoff { ride_max, boarded_at, .. } => {
                let boarded = boarded_at.unwrap_or_else(|| {
                    let pickup_idx = before.pickup_idx.expect("who is not on board has a pickup ahead");
                    match pickup_idx.checked_sub(self.from) {
                        Some(since) => ends[since],
                        None => base.stops[pickup_idx].end,
                    }
                });
                let (ride, ride_before) =
                    ((step.start - boarded).positive_part(), before.ride.expect("a dropoff ends a ride"));
                let over = ride - ride_max.max(ride_before);
                let can_mend = over > Span::ZERO && over <= self.waited + self.waited_before(before.pickup_idx);
                self.limit_wait(over, Constraint::OthersPromise, can_mend && boarded_at.is_none());
                self.cost += weights.excess_ride * (ride - ride_before).as_millis();
            }
            Task::Break { .. } => {
                if !self.pace.load.is_empty() {
                    self.forbid(Constraint::BreakOnBoard);
                }
            }
        }
        self.pace.pass(step, load_after(self.pace.load, stop));
        self.limit_load();
        ends.push(step.end);
    }

    /// Standing still from a boarding to where the walk begins.
    fn waited_before(&self, pickup_idx: Option<usize>) -> Span {
        let Candidate { schedule, base, .. } = self.candidate;
        let Some(since) = pickup_idx.filter(|&pickup_idx| pickup_idx < self.from) else { return Span::ZERO };
        let ahead = since + 1..self.from;
        let stops = schedule.stops()[ahead.clone()].iter().zip(&base.stops[ahead]);
        stops.map(|(stop, at)| stood([at.ready, at.start, at.served, at.end], stop.stop_dwell)).sum()
    }

    /// What the driver has agreed to, whenever things happen.
    fn limit_agreed(&mut self, over: Span, constraint: Constraint) {
        if over > Span::ZERO {
            self.broken.add(constraint, over);
            self.is_past_mending = true;
        }
    }

    /// What staff and the driver have said about the schedule itself.
    fn limit_start(&mut self) {
        let Candidate { schedule, base, now, .. } = *self.candidate;
        if schedule.is_frozen(self.i, base, now, self.trial.policy.freeze_horizon) {
            self.forbid(Constraint::Frozen);
        }
        // who must be asked is not turned on the way before saying yes
        let is_turned = self.i == 0 && matches!(schedule.plan.whereabouts, Whereabouts::Driving { .. });
        match schedule.asking {
            Asking::Unneeded => {}
            Asking::From(from) if !is_turned => self.limit_agreed(from - now, Constraint::DriverAsks),
            Asking::From(_) | Asking::Never => self.forbid(Constraint::DriverAsks),
        }
    }

    /// For how long the driver of a declared trip agreed to drive. Returns what is driven before a vehicle under way is
    /// turned, where it is.
    fn limit_detour_time(&mut self, legs: Legs, j: usize, roads: &mut dyn TravelTimes) -> Option<TravelTime> {
        let Candidate { schedule, now, .. } = *self.candidate;
        schedule.plan.route.as_ref()?;
        let turn = match schedule.plan.whereabouts {
            Whereabouts::Driving { from, departed } if self.i == 0 => {
                let next = schedule.next_stop().expect("driving means to a stop").place;
                let point = roads.decision_point(from, next, now - departed);
                Some(point.map_or(TravelTime::ZERO, |point| point.after))
            }
            _ => None,
        };
        self.limit_agreed(tolerance::time_over(schedule, legs, turn, (self.i, j)), Constraint::DetourTime);
        turn
    }

    /// And how far: asked last, as lengths are of roads one by one.
    fn limit_detour_length(
        &mut self,
        turn: Option<TravelTime>,
        j: usize,
        roads: &mut dyn TravelTimes,
    ) -> Option<LegLengths> {
        let Candidate { schedule, origin, .. } = *self.candidate;
        schedule.plan.route.as_ref()?;
        let Some(lengths) = LegLengths::of(schedule, self.trial.demand, (origin.0, turn), (self.i, j), roads) else {
            self.forbid(Constraint::NoRoad);
            return None;
        };
        if Metres::ZERO < tolerance::length_over(schedule, lengths, (self.i, j)) {
            self.forbid(Constraint::DetourLength);
        }
        Some(lengths)
    }
}

/// Tries the pickup before stop `i` and the dropoff before stop `j`. See [`Strictness`] for
/// rules that it breaks.
#[allow(clippy::result_large_err)] // as above
pub(super) fn evaluate(
    trial: Trial<'_>,
    candidate: &Candidate<'_>,
    legs: Legs,
    (i, j): (usize, usize),
    ends: &mut Vec<Time>,
    roads: &mut dyn TravelTimes,
) -> Result<Outcome, Misses> {
    let mut walk = Walk::board(trial, candidate, i, legs.to_pickup, ends);
    for stop_idx in i..j {
        if walk.is_lost() {
            return Err(walk.broken);
        }
        walk.pass(stop_idx, legs.from_pickup, ends);
    }
    if walk.is_lost() {
        return Err(walk.broken);
    }
    let judged = walk.alight(j, [legs.to_dropoff, legs.from_dropoff], ends, roads);
    match judged {
        Err(broken) if walk.can_be_mended() => hold::mended(trial, candidate, legs, (i, j), ends, roads).ok_or(broken),
        judged => judged,
    }
}

/// Waiting for service to begin, and for a stop of several parties to be over.
fn stood([ready, start, served, end]: [Time; 4], stop_dwell: Span) -> Span {
    (start - ready) + (end - (served + stop_dwell)).positive_part()
}

impl Candidate<'_> {
    /// The first stop that may change: not frozen, and the vehicle does not stand there yet.
    pub(super) fn first_free(&self, policy: &Policy) -> usize {
        let Candidate { schedule, base, now, .. } = *self;
        let is_frozen = |stop_idx: usize| schedule.is_frozen(stop_idx, base, now, policy.freeze_horizon);
        let frozen = (0..schedule.stops().len()).take_while(|&stop_idx| is_frozen(stop_idx)).count();
        frozen.max(usize::from(matches!(schedule.plan.whereabouts, Whereabouts::Serving { .. })))
    }

    /// When the vehicle is free before stop `from`, and whether it is at the first stop then: on its way, and not turned
    /// for a pickup before stop `i`.
    pub(super) fn begin(&self, from: usize, i: Option<usize>) -> (Pace, bool) {
        let Candidate { schedule, base, origin, now, .. } = *self;
        match (from.checked_sub(1), schedule.plan.whereabouts) {
            (Some(before), _) => (Pace::after(&base.stops[before]), false),
            (None, _) if i == Some(0) => (Pace::new(origin.1, schedule.load()), false),
            (None, Whereabouts::Driving { departed, .. }) => {
                let there = now.max(departed + schedule.stops()[0].leg);
                (Pace::new(there, schedule.load()), true)
            }
            (None, _) => (Pace::new(schedule.free_at(now), schedule.load()), false),
        }
    }
}

/// Driving time the insertion adds.
fn detour(candidate: &Candidate<'_>, legs: Legs, i: usize, j: usize) -> Span {
    let Candidate { schedule, base, origin, now, .. } = *candidate;
    let is_driving = matches!(schedule.plan.whereabouts, Whereabouts::Driving { .. });
    let replaced = |position: usize| match schedule.stops().get(position) {
        // from where the vehicle is, or is turned, which may be well into the leg
        Some(_) if position == 0 && is_driving => base.stops[0].ready - origin.1,
        next => {
            // and one that is turned on the way to where it was sent is spared the rest of that
            let is_first = position == 0 && schedule.plan.is_repositioning();
            let rest = if is_first { schedule.free_at(now) - origin.1 } else { Span::ZERO };
            rest + next.map_or(schedule.plan.to_end, |stop| stop.leg).span()
        }
    };
    let around_pickup = legs.to_pickup.span() + legs.from_pickup.span();
    if i == j {
        around_pickup + legs.from_dropoff.span() - replaced(i)
    } else {
        around_pickup + legs.to_dropoff.span() + legs.from_dropoff.span() - replaced(i) - replaced(j)
    }
}

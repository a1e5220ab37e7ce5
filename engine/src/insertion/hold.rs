//! Boardings held back, where an insertion is allowed only by that.
//!
//! Schedules begin service as soon as they can. Who boards early may then sit in a standing vehicle for too long, though
//! boarding later, inside the same window, would do. Whether it would is the exact question of
//! [`times`](crate::schedule::times), asked of the whole rest of the schedule, all its holds dropped: the earliest schedule
//! that keeps every limit says which boardings wait for what. It is asked only where waiting is what stands in the way, and
//! what it finds is judged and priced by the same walk as everything else.

use mukae_maps::TravelTimes;
use mukae_units::{Seats, Span, Time, TravelTime};

use super::evaluate::{Candidate, Outcome, Strictness, Trial, Walk};
use super::{Demand, Insertion, Joins, Legs};
use crate::model::Policy;
use crate::schedule::timeline::{Pace, Service, load_after};
use crate::schedule::times::{self, Ends, Visit};
use crate::schedule::{Plan, Schedule, Task, Timeline, Whereabouts};

/// Who is put in where.
#[derive(Clone, Copy, Debug)]
struct Newcomer<'a> {
    demand: &'a Demand,
    legs: Legs,
    joins: Joins,
    positions: (usize, usize),
}

/// A stop, as far as times go.
#[derive(Clone, Copy, Debug)]
struct Call {
    leg: TravelTime,
    service: Service,
    earliest: Time,
    latest: Time,
    /// A hold ends by then.
    closes: Time,
    boards_at: Option<u32>,
    ride_max: Span,
    /// Standing still for it with riders on board; `None` if nobody is.
    wait_max: Option<Span>,
}

impl Visit for Call {
    fn leg(&self) -> TravelTime {
        self.leg
    }

    fn earliest(&self) -> Time {
        self.earliest
    }

    fn latest(&self) -> Time {
        self.latest
    }

    fn dwell(&self) -> Span {
        self.service.dwell
    }

    fn service(&self) -> Span {
        self.service.dwell + self.service.stop_dwell
    }

    fn joins(&self) -> bool {
        self.service.joins
    }

    fn is_prompt(&self) -> bool {
        self.service.earliest.is_none()
    }

    fn boards_at(&self) -> Option<u32> {
        self.boards_at
    }

    fn ride_max(&self) -> Span {
        self.ride_max
    }

    fn wait_max(&self, _: &Ends) -> Option<Span> {
        self.wait_max
    }
}

/// The rest of a schedule from the first stop on that may change.
#[derive(Debug)]
struct Rest<'a> {
    candidate: &'a Candidate<'a>,
    from: usize,
    wait_on_board_max: Span,
    newcomer: Option<Newcomer<'a>>,
    calls: Vec<Call>,
    load: Seats,
    /// Before the first call.
    pace: Pace,
    ends: Ends,
}

/// Where lateness is only priced.
const NEVER: Time = Time::from_unix_millis(i64::MAX / 4);
const FOR_EVER: Span = Span::from_millis(i64::MAX / 4);

impl<'a> Rest<'a> {
    fn new(
        candidate: &'a Candidate<'a>,
        from: usize,
        wait_on_board_max: Span,
        newcomer: Option<Newcomer<'a>>,
    ) -> Rest<'a> {
        let Candidate { schedule, base, .. } = *candidate;
        let stops = schedule.stops();
        let (pace, is_there) = candidate.begin(from, newcomer.map(|newcomer| newcomer.positions.0));
        let shift_end = schedule.shift.window.latest();
        let end_latest = if stops.is_empty() { shift_end } else { shift_end.max(base.finish) };
        let is_last = newcomer.is_some_and(|newcomer| newcomer.positions.1 == stops.len());
        let to_end = match newcomer {
            Some(newcomer) if is_last => newcomer.legs.from_dropoff,
            _ => schedule.plan.to_end,
        };
        let ends = Ends { free_from: pace.free, to_end, end_latest, out_max: None, wait_max: None };
        let calls = Vec::with_capacity(stops.len() + 2 - from);
        let mut rest = Rest { candidate, from, wait_on_board_max, newcomer, calls, load: pace.load, pace, ends };
        for stop_idx in from..=stops.len() {
            if let Some(newcomer) = newcomer {
                rest.call_newcomer(newcomer, stop_idx);
            }
            if stop_idx < stops.len() {
                rest.call_planned(stop_idx, is_there);
            }
        }
        rest
    }

    fn call_newcomer(&mut self, Newcomer { demand, legs, joins, positions }: Newcomer<'a>, stop_idx: usize) {
        let (dwell, stop_dwell) = (demand.dwell, demand.stop_dwell);
        let is_hard = demand.soft.is_none();
        if positions.0 == stop_idx {
            let closes = demand.pickup_max.unwrap_or(NEVER);
            let latest = if is_hard { closes.min(demand.pickup.latest()) } else { closes };
            let latest = latest.min(self.candidate.schedule.shift.window.latest());
            let service = Service { earliest: Some(demand.pickup.earliest()), dwell, stop_dwell, joins: joins.pickup };
            self.call(legs.to_pickup, service, [latest; 2], (None, Span::ZERO), Span::ZERO);
            self.load = self.load + demand.party;
        }
        if positions.1 == stop_idx {
            let latest = if is_hard { demand.dropoff_latest } else { NEVER };
            let ride_max = if is_hard { demand.ride_max } else { FOR_EVER };
            let boards_at = self.index_of(None, positions.0);
            let service = Service { earliest: None, dwell, stop_dwell, joins: joins.dropoff };
            self.call(legs.to_dropoff, service, [latest; 2], (Some(boards_at), ride_max), Span::ZERO);
            self.load = self.load - demand.party;
        }
    }

    fn call_planned(&mut self, stop_idx: usize, is_there: bool) {
        let Candidate { schedule, base, .. } = *self.candidate;
        let (stop, before) = (&schedule.stops()[stop_idx], &base.stops[stop_idx]);
        let (leg, joins) = match self.newcomer {
            Some(newcomer) if newcomer.positions.1 == stop_idx => {
                (newcomer.legs.from_dropoff, newcomer.joins.after_dropoff)
            }
            Some(newcomer) if newcomer.positions.0 == stop_idx => {
                (newcomer.legs.from_pickup, newcomer.joins.after_pickup)
            }
            _ if is_there && stop_idx == 0 => (TravelTime::ZERO, stop.joins),
            _ => (stop.leg, stop.joins),
        };
        let mut latest = stop.latest().max(before.start);
        let mut ride = (None, Span::ZERO);
        let opens = match stop.task {
            Task::Pickup { window, .. } | Task::Break { window, .. } => Some(window.earliest()),
            Task::Dropoff { ride_max, boarded_at, .. } => {
                let ride_max = ride_max.max(before.ride.expect("a dropoff ends a ride"));
                match (boarded_at, before.pickup_idx) {
                    (Some(boarded), _) => latest = latest.min(boarded + ride_max),
                    (None, Some(pickup_idx)) if pickup_idx < self.from => {
                        latest = latest.min(base.stops[pickup_idx].end + ride_max);
                    }
                    (None, pickup_idx) => {
                        let pickup_idx = pickup_idx.expect("who is not on board has a pickup ahead");
                        ride = (Some(self.index_of(Some(stop_idx), pickup_idx)), ride_max);
                    }
                }
                None
            }
        };
        let service = Service { earliest: opens, dwell: stop.dwell, stop_dwell: stop.stop_dwell, joins };
        self.call(leg, service, [stop.latest(), latest], ride, before.wait_on_board);
        self.load = load_after(self.load, stop);
    }

    /// Where the pickup before which `pickup_idx` stops are planned is among the calls: that of the newcomer, or the planned
    /// one itself, of whose dropoff that is.
    fn index_of(&self, dropoff_idx: Option<usize>, pickup_idx: usize) -> u32 {
        let newcomers = match (self.newcomer, dropoff_idx) {
            (Some(newcomer), Some(_)) => {
                usize::from(newcomer.positions.0 <= pickup_idx) + usize::from(newcomer.positions.1 <= pickup_idx)
            }
            _ => 0,
        };
        (pickup_idx - self.from + newcomers) as u32
    }

    fn call(
        &mut self,
        leg: TravelTime,
        service: Service,
        [closes, latest]: [Time; 2],
        (boards_at, ride_max): (Option<u32>, Span),
        waits_already: Span,
    ) {
        let is_first = self.calls.is_empty();
        let ready = if service.joins { self.pace.served } else { self.pace.free + leg };
        let wait_max = match service.earliest {
            None => Some(Span::ZERO),
            Some(_) if self.load.is_empty() => None,
            Some(_) => Some(self.wait_on_board_max.max(waits_already)),
        };
        // for the first one, what comes before is known
        let (mut latest, mut earliest) = (latest, service.earliest.unwrap_or(self.pace.free.min(ready)));
        if is_first {
            earliest = earliest.max(ready);
            if let Some(wait_max) = wait_max {
                let stands_since = if service.joins && service.earliest.is_some() { self.pace.free } else { ready };
                latest = latest.min(stands_since.max(ready) + wait_max);
            }
        }
        self.calls.push(Call { leg, service, earliest, latest, closes, boards_at, ride_max, wait_max });
    }

    /// The earliest schedule that keeps all limits, call by call.
    fn schedule(&self) -> Option<Starts> {
        let mut starts = Vec::new();
        times::earliest(&self.calls, &self.ends, &mut starts)?;
        let mut pace = self.pace;
        let mut holds = Vec::with_capacity(starts.len());
        for (call, &start) in self.calls.iter().zip(&starts) {
            let by_itself = pace.step(call.leg, call.service).start;
            let is_held = by_itself < start;
            if is_held && (call.is_prompt() || call.closes < start) {
                return None; // it is late as it is
            }
            holds.push(is_held.then_some(start));
            let step = pace.step(call.leg, Service { earliest: Some(start), ..call.service });
            pace.pass(step, Seats::NONE);
        }
        Some(Starts { starts, holds })
    }
}

/// When calls begin, and until when they are held if they would begin sooner by themselves.
#[derive(Debug)]
struct Starts {
    starts: Vec<Time>,
    holds: Vec<Option<Time>>,
}

/// The insertion with boardings held back as it needs; `None` if that does not help either.
pub(super) fn mended(
    trial: Trial<'_>,
    candidate: &Candidate<'_>,
    legs: Legs,
    (i, j): (usize, usize),
    ends: &mut Vec<Time>,
    roads: &mut dyn TravelTimes,
) -> Option<Outcome> {
    let from = candidate.first_free(trial.policy);
    if i < from || trial.demand.is_rescue() {
        return None; // who stands at the roadside waits for nobody's window
    }
    let strictness = match trial.strictness {
        Strictness::StopEarly { .. } => trial.strictness,
        Strictness::TellNearer { .. } | Strictness::Overrule => Strictness::StopEarly { cost_max: i64::MAX },
    };
    let Trial { demand, policy, .. } = trial;
    let newcomer = Newcomer { demand, legs, joins: Joins::new(candidate, demand, (i, j)), positions: (i, j) };
    let starts = Rest::new(candidate, from, policy.wait_on_board_max, Some(newcomer)).schedule()?.starts;
    let mut walk = Walk::board_held(Trial { strictness, ..trial }, candidate, i, legs.to_pickup, (from, &starts), ends);
    for stop_idx in i..j {
        walk.pass(stop_idx, legs.from_pickup, ends);
    }
    let outcome = walk.alight(j, [legs.to_dropoff, legs.from_dropoff], ends, roads).ok()?;
    Some(Outcome { is_held: true, ..outcome })
}

/// Holds what has to be held of the plan that was made of an insertion.
pub(super) fn hold_with(
    (now, policy): (Time, &Policy),
    schedule: &Schedule,
    insertion: &Insertion,
    demand: &Demand,
    plan: &mut Plan,
) {
    let Insertion { legs, joins, turned_at, .. } = *insertion;
    let base = schedule.timeline(now);
    let origin = turned_at.unwrap_or((schedule.place(), schedule.free_at(now)));
    let candidate = Candidate { schedule, base: &base, origin, now, has_holds: false };
    let (positions, from) = ((insertion.pickup_idx, insertion.dropoff_idx), candidate.first_free(policy));
    let newcomer = Newcomer { demand, legs, joins, positions };
    let rest = Rest::new(&candidate, from, policy.wait_on_board_max, Some(newcomer));
    set(plan, from, &rest.schedule().expect("it was found by it").holds);
}

/// The plan of a schedule, held anew where it has to be for nothing to become worse than `limits` say it was: least, and often
/// nowhere. `None` if no holds will do.
pub(super) fn reheld(schedule: &Schedule, limits: &Timeline, now: Time) -> Option<Plan> {
    let origin = (schedule.place(), schedule.free_at(now));
    let candidate = Candidate { schedule, base: limits, origin, now, has_holds: true };
    let from = usize::from(matches!(schedule.plan.whereabouts, Whereabouts::Serving { .. }));
    let found = Rest::new(&candidate, from, Span::ZERO, None).schedule()?;
    let mut plan = Plan::clone(&schedule.plan);
    set(&mut plan, from, &found.holds);
    Some(plan)
}

/// The plan of a schedule with the least holds that keep every stop from `from` on within limits: those of the stop, or what
/// `limits` says where that is worse. `None` if no schedule does.
pub(crate) fn held_within(
    schedule: &Schedule,
    limits: &Timeline,
    now: Time,
    from: usize,
    wait_on_board_max: Span,
) -> Option<Plan> {
    let mut plan = Plan::clone(&schedule.plan);
    let origin = (schedule.place(), schedule.free_at(now));
    let candidate = Candidate { schedule, base: limits, origin, now, has_holds: false };
    let found = Rest::new(&candidate, from, wait_on_board_max, None).schedule()?;
    set(&mut plan, from, &found.holds);
    Some(plan)
}

fn set(plan: &mut Plan, from: usize, holds: &[Option<Time>]) {
    for (stop, &start) in plan.stops[from..].iter_mut().zip(holds) {
        if let Task::Pickup { window, hold, .. } = &mut stop.task {
            *hold = start.filter(|&start| window.earliest() < start);
        }
    }
}

//! Every pair of positions, one after the other: for what is asked seldom, and only of some schedules.

use mukae_maps::Place;
use mukae_units::{Span, Time, TravelTime};

use super::evaluate::{Candidate, Outcome, Strictness, evaluate};
use super::tolerance::Lengths;
use super::{Demand, Insertion, Legs, turning_point};
use crate::model::refusal::Misses;
use crate::model::{Binding, Constraint, Policy};
use crate::schedule::{Schedule, Timeline, Whereabouts};
use crate::work::Work;

/// The cheapest allowed insertion into any of `schedules`, which come in the order of their shifts.
pub(crate) fn best_of<'s>(
    now: Time,
    demand: &Demand,
    policy: &Policy,
    schedules: impl Iterator<Item = &'s Schedule>,
    work: &mut Work<'_>,
) -> Option<Insertion> {
    let mut best: Option<Insertion> = None;
    for schedule in schedules {
        for_each_pair(now, demand, policy, schedule, Strictness::StopEarly, work, |insertion| {
            if let Ok(insertion) = insertion
                && best.is_none_or(|best| insertion.cost < best.cost)
            {
                best = Some(insertion);
            }
        });
    }
    best
}

/// The rules broken by the insertion that breaks the fewest kinds; asked only when nothing fits.
pub(crate) fn nearest_miss<'s>(
    now: Time,
    demand: &Demand,
    policy: &Policy,
    schedules: impl Iterator<Item = &'s Schedule>,
    work: &mut Work<'_>,
) -> Vec<Binding> {
    let mut nearest: Option<Misses> = None;
    for schedule in schedules {
        for_each_pair(now, demand, policy, schedule, Strictness::TellAll, work, |insertion| {
            if let Err(broken) = insertion
                && nearest.is_none_or(|nearest| broken.distance() < nearest.distance())
            {
                nearest = Some(broken);
            }
        });
    }
    nearest.map_or_else(|| vec![Constraint::NoShift.into()], |nearest| nearest.binding())
}

/// One insertion, at positions chosen by hand, or what it breaks; `None` if the schedule has no such positions.
pub(crate) fn insertion_at(
    now: Time,
    demand: &Demand,
    policy: &Policy,
    schedule: &Schedule,
    (positions, overrules): ((usize, usize), bool),
    work: &mut Work<'_>,
) -> Option<Result<Insertion, Vec<Binding>>> {
    let strictness = if overrules { Strictness::Overrule } else { Strictness::TellAll };
    if positions.1 < positions.0 || schedule.stops().len() < positions.1 {
        return None;
    }
    if !schedule.may_take(demand) {
        return Some(Err(vec![Constraint::NoShift.into()]));
    }
    let base = schedule.timeline(now);
    let (first, origin) = start(schedule, now, work);
    let lengths = Lengths::of(schedule, demand, origin.0, now, work.roads);
    let candidate = Candidate { schedule, base: &base, lengths: lengths.as_ref(), origin, now };
    if positions.0 < first {
        return None;
    }
    let outcome = match legs(&candidate, demand, positions, work) {
        Some(legs) => evaluate(&candidate, demand, policy, legs, positions, &mut work.scratch.ends, strictness),
        None => Err(no_road()),
    };
    let insertion = outcome.map(|outcome| outcome.insertion(&candidate, positions));
    Some(insertion.map_err(|broken| broken.binding()))
}

fn for_each_pair(
    now: Time,
    demand: &Demand,
    policy: &Policy,
    schedule: &Schedule,
    strictness: Strictness,
    work: &mut Work<'_>,
    mut visit: impl FnMut(Result<Insertion, Misses>),
) {
    if !schedule.may_take(demand) {
        return;
    }
    let base: Timeline = schedule.timeline(now);
    let (first, origin) = start(schedule, now, work);
    let lengths = Lengths::of(schedule, demand, origin.0, now, work.roads);
    let candidate = Candidate { schedule, base: &base, lengths: lengths.as_ref(), origin, now };
    let stop_count = schedule.stops().len();
    for i in first..=stop_count {
        for j in i..=stop_count {
            let outcome = match legs(&candidate, demand, (i, j), work) {
                Some(legs) => evaluate(&candidate, demand, policy, legs, (i, j), &mut work.scratch.ends, strictness),
                None => Err(no_road()),
            };
            visit(outcome.map(|outcome| outcome.insertion(&candidate, (i, j))));
        }
    }
}

fn no_road() -> Misses {
    let mut broken = Misses::NONE;
    broken.add(Constraint::NoRoad, Span::ZERO);
    broken
}

/// The first position that may change, and where and when the vehicle is free before it.
fn start(schedule: &Schedule, now: Time, work: &mut Work<'_>) -> (usize, (Place, Time)) {
    match schedule.plan.whereabouts {
        Whereabouts::Waiting { place, .. } => (0, (place, schedule.free_at(now))),
        Whereabouts::Serving { .. } => (1, (schedule.place(), schedule.free_at(now))),
        Whereabouts::Driving { from, departed } => {
            let next = schedule.next_stop().expect("driving means to a stop").place;
            match work.roads.decision_point(from, next, now - departed) {
                Some(point) => (0, turning_point(point, departed, now)),
                None => (1, (from, schedule.free_at(now))), // the road is gone: it can not be turned
            }
        }
    }
}

/// The roads of one pair of positions.
fn legs(candidate: &Candidate<'_>, demand: &Demand, (i, j): (usize, usize), work: &mut Work<'_>) -> Option<Legs> {
    let stops = candidate.schedule.stops();
    let before = |position: usize| match position.checked_sub(1) {
        Some(before) => stops[before].place,
        None => candidate.origin.0,
    };
    let mut time = |from: Place, to: Place| work.roads.travel_time(from, to);
    let (origin, destination) = (demand.origin, demand.destination);
    let is_direct = i == j;
    Some(Legs {
        to_pickup: time(before(i), origin)?,
        from_pickup: if is_direct { demand.direct } else { time(origin, stops[i].place)? },
        to_dropoff: if is_direct { demand.direct } else { time(before(j), destination)? },
        from_dropoff: match (stops.get(j), &candidate.schedule.shift.end) {
            (Some(next), _) => time(destination, next.place)?,
            (None, Some(end)) => time(destination, end.place)?,
            (None, None) => TravelTime::ZERO,
        },
    })
}

impl Outcome {
    pub(super) fn insertion(&self, candidate: &Candidate<'_>, (pickup_idx, dropoff_idx): (usize, usize)) -> Insertion {
        let Outcome { cost, pickup, boarded, dropoff, legs, joins, lengths } = *self;
        let is_turned = pickup_idx == 0 && matches!(candidate.schedule.plan.whereabouts, Whereabouts::Driving { .. });
        let turned_at = is_turned.then_some(candidate.origin);
        let shift = candidate.schedule.shift.id;
        Insertion { shift, pickup_idx, dropoff_idx, cost, pickup, boarded, dropoff, legs, joins, lengths, turned_at }
    }
}

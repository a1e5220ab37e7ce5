//! The search over all schedules and all pairs of positions.
//!
//! All roads the search needs are asked for in four sweeps, one for each end of a new leg, over
//! every gap of every candidate at once. Ties in cost go to the smaller shift, then the earlier
//! pickup, then the earlier dropoff.

use mukae_units::Time;

use super::evaluate::{Candidate, Outcome, Roads, evaluate};
use super::tolerance::Lengths;
use super::{Demand, Insertion, turning_point};
use crate::model::refusal::Misses;
use crate::model::{Binding, Constraint, Policy};
use crate::schedule::{Schedule, Whereabouts};
use crate::work::{Scratch, Work};

/// The cheapest allowed insertion of `demand` into any of `schedules`, which come in the order of
/// their shifts; `None` if there is none. Exact: nothing is skipped that could have won.
pub fn best_insertion<'s>(
    now: Time,
    demand: &Demand,
    policy: &Policy,
    schedules: impl Iterator<Item = &'s Schedule>,
    work: &mut Work<'_>,
) -> Option<Insertion> {
    let candidates = candidates(now, demand, schedules, work);
    let mut best: Option<Insertion> = None;
    for_each_pair(&candidates, &mut work.scratch, |candidate, roads, pair, ends| {
        let Ok(outcome) = evaluate(candidate, demand, policy, roads, pair, ends, true) else { return };
        if best.is_none_or(|best| outcome.cost < best.cost) {
            best = Some(outcome.insertion(candidate, pair));
        }
    });
    best
}

/// One insertion, at positions chosen by hand, or what it breaks; `None` if the schedule has no such positions.
pub(crate) fn insertion_at(
    now: Time,
    demand: &Demand,
    policy: &Policy,
    schedule: &Schedule,
    positions: (usize, usize),
    work: &mut Work<'_>,
) -> Option<Result<Insertion, Vec<Binding>>> {
    let candidates = candidates(now, demand, std::iter::once(schedule), work);
    if positions.1 < positions.0 || schedule.stops().len() < positions.1 {
        return None;
    }
    if candidates.is_empty() {
        return Some(Err(vec![Constraint::NoShift.into()]));
    }
    let mut found = None;
    for_each_pair(&candidates, &mut work.scratch, |candidate, roads, pair, ends| {
        if pair == positions {
            let outcome = evaluate(candidate, demand, policy, roads, pair, ends, false);
            found = Some(outcome.map(|outcome| outcome.insertion(candidate, pair)).map_err(|broken| broken.binding()));
        }
    });
    found
}

impl Outcome {
    fn insertion(&self, candidate: &Candidate<'_>, (pickup_idx, dropoff_idx): (usize, usize)) -> Insertion {
        let Outcome { cost, pickup, boarded, dropoff, legs, joins, lengths } = *self;
        let is_turned = pickup_idx == 0 && matches!(candidate.schedule.plan.whereabouts, Whereabouts::Driving { .. });
        let turned_at = is_turned.then_some(candidate.origin);
        let shift = candidate.schedule.shift.id;
        Insertion { shift, pickup_idx, dropoff_idx, cost, pickup, boarded, dropoff, legs, joins, lengths, turned_at }
    }
}

/// The rules broken by the insertion that breaks the fewest kinds; asked only when nothing fits.
pub(crate) fn nearest_miss<'s>(
    now: Time,
    demand: &Demand,
    policy: &Policy,
    schedules: impl Iterator<Item = &'s Schedule>,
    work: &mut Work<'_>,
) -> Vec<Binding> {
    let candidates = candidates(now, demand, schedules, work);
    let mut nearest: Option<Misses> = None;
    for_each_pair(&candidates, &mut work.scratch, |candidate, roads, pair, ends| {
        let Err(broken) = evaluate(candidate, demand, policy, roads, pair, ends, false) else { return };
        if nearest.is_none_or(|nearest| broken.distance() < nearest.distance()) {
            nearest = Some(broken);
        }
    });
    nearest.map_or_else(|| vec![Constraint::NoShift.into()], |nearest| nearest.binding())
}

/// The schedules that could take the demand at all, with the roads of all their gaps in `scratch`.
fn candidates<'s>(
    now: Time,
    demand: &Demand,
    schedules: impl Iterator<Item = &'s Schedule>,
    work: &mut Work<'_>,
) -> Vec<Candidate<'s>> {
    let Work { roads, scratch } = work;
    scratch.before.clear();
    scratch.after.clear();
    let mut candidates = Vec::new();
    for schedule in schedules {
        let window = schedule.shift.window;
        let is_working = demand.pickup.earliest() <= window.latest() && window.earliest() <= demand.pickup.latest();
        if !is_working || !demand.party.fits(&schedule.capacity) {
            continue;
        }
        let (first, origin) = match schedule.plan.whereabouts {
            Whereabouts::Waiting { place, .. } => (0, (place, schedule.free_at(now))),
            Whereabouts::Serving { .. } => (1, (schedule.place(), schedule.free_at(now))),
            Whereabouts::Driving { from, departed } => {
                let next = schedule.next_stop().expect("driving means to a stop").place;
                match roads.decision_point(from, next, now - departed) {
                    Some(point) => (0, turning_point(point, departed, now)),
                    None => (1, (from, schedule.free_at(now))), // the road is gone: it can not be turned
                }
            }
        };
        candidates.push(Candidate {
            schedule,
            base: schedule.timeline(now),
            lengths: Lengths::of(schedule, demand, origin.0, now, *roads),
            first,
            origin,
            now,
            offset: scratch.before.len(),
        });
        scratch.before.push(origin.0);
        scratch.before.extend(schedule.stops().iter().map(|stop| stop.place));
        scratch.after.extend(schedule.stops().iter().map(|stop| stop.place));
        // a shift that ends anywhere has no way home, whatever the road there
        scratch.after.push(schedule.shift.end.as_ref().map_or(origin.0, |end| end.place));
    }
    roads.many_to_one(&scratch.before, demand.origin, &mut scratch.to_pickup);
    roads.one_to_many(demand.origin, &scratch.after, &mut scratch.from_pickup);
    roads.many_to_one(&scratch.before, demand.destination, &mut scratch.to_dropoff);
    roads.one_to_many(demand.destination, &scratch.after, &mut scratch.from_dropoff);
    candidates
}

fn for_each_pair<'s>(
    candidates: &[Candidate<'s>],
    scratch: &mut Scratch,
    mut visit: impl FnMut(&Candidate<'s>, Roads<'_>, (usize, usize), &mut Vec<Time>),
) {
    let Scratch { to_pickup, from_pickup, to_dropoff, from_dropoff, ends, .. } = scratch;
    for candidate in candidates {
        let stop_count = candidate.schedule.stops().len();
        let gaps = candidate.offset..=candidate.offset + stop_count;
        let roads = Roads {
            to_pickup: &to_pickup[gaps.clone()],
            from_pickup: &from_pickup[gaps.clone()],
            to_dropoff: &to_dropoff[gaps.clone()],
            from_dropoff: &from_dropoff[gaps],
        };
        for i in candidate.first..=stop_count {
            for j in i..=stop_count {
                visit(candidate, roads, (i, j), ends);
            }
        }
    }
}

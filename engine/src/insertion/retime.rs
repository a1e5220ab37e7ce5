//! A plan under roads that changed: the same stops with the new legs, and what has no road taken out.

use std::sync::Arc;

use mukae_maps::{Place, TravelTimes};
use mukae_units::{BookingId, Metres, Time, TravelTime};

use super::hold::reheld;
use super::plan::measure;
use super::{plan_without, turning_point};
use crate::schedule::{NO_ROAD, Plan, Schedule, Stop, Task, Whereabouts};
use crate::work::Work;

/// The driving time, or the one that stands for "no road".
pub(crate) fn leg(roads: &mut dyn TravelTimes, from: Place, to: Place) -> TravelTime {
    roads.travel_time(from, to).unwrap_or(NO_ROAD)
}

/// The plan of `schedule` under the roads of `work`. A vehicle under way goes on from the next decision
/// point of the way it was on. Equal to the plan as it is if nothing about it changes.
pub(crate) fn retimed(schedule: &Schedule, now: Time, work: &mut Work<'_>) -> Plan {
    let mut plan = Plan::clone(&schedule.plan);
    plan.whereabouts = moved_on(plan.whereabouts, now, work);
    let mut from = plan.whereabouts.free().map_or(schedule.place(), |(place, _)| place);
    let is_stopped = from != schedule.place();
    for stop_idx in 0..plan.stops.len() {
        let (to, old) = (plan.stops[stop_idx].place, plan.stops[stop_idx].leg);
        let is_done = stop_idx == 0 && matches!(plan.whereabouts, Whereabouts::Serving { .. });
        let is_first = stop_idx == 0 && is_stopped;
        if !is_done && (is_first || work.may_differ(from, to, old)) {
            let new = leg(work.roads, from, to);
            plan.stops[stop_idx].leg = new;
            if let (0, Whereabouts::Driving { from, departed }) = (stop_idx, plan.whereabouts)
                && new != old
            {
                let point = work.decision_point_before(from, to, now - departed);
                if let (Some(route), Some(point)) = (&mut plan.route, point) {
                    route.drive(point.after, work.roads.length(from, point.place).unwrap_or(Metres::ZERO));
                }
                let (place, at) = point.map_or((from, now), |point| turning_point(point, departed, now));
                plan.whereabouts = Whereabouts::Driving { from: place, departed: at };
                plan.stops[0].leg = leg(work.roads, place, to);
            }
        }
        from = to;
    }
    if let Some(end) = &schedule.shift.end
        && ((plan.stops.is_empty() && is_stopped) || work.may_differ(from, end.place, plan.to_end))
    {
        plan.to_end = leg(work.roads, from, end.place);
    }
    measure(&schedule.shift, &mut plan, work.roads); // a way as quick as before may be a longer one
    if plan != *schedule.plan && plan.has_holds() && !plan.lacks_road() {
        let timed = Schedule { plan: Arc::new(plan.clone()), ..schedule.clone() };
        plan = reheld(&timed, &timed.timeline(now), now).unwrap_or(plan);
    }
    plan
}

/// Where a vehicle that is repositioned goes on by the new roads: from the next decision point of its way. It stays there if
/// no road leads to where it was sent.
fn moved_on(whereabouts: Whereabouts, now: Time, work: &mut Work<'_>) -> Whereabouts {
    let Whereabouts::Repositioning { from, departed, to, leg: old } = whereabouts else { return whereabouts };
    if !work.may_differ(from, to, old) || work.roads.travel_time(from, to) == Some(old) {
        return whereabouts;
    }
    let point = work.decision_point_before(from, to, now - departed);
    let (place, at) = point.map_or((from, now), |point| turning_point(point, departed, now));
    match work.roads.travel_time(place, to) {
        Some(leg) => Whereabouts::Repositioning { from: place, departed: at, to, leg },
        None => Whereabouts::Waiting { place, since: at },
    }
}

/// The plan of `schedule` without those whom no road serves any more, and who they are, in the order of
/// their bookings.
///
/// Who is on board stays on board. If there is no road to where they want to go, nobody else boards, the
/// others are brought first, and their leg counts as [`NO_ROAD`] until roads change again.
pub(crate) fn mended(mut schedule: Schedule, now: Time, roads: &mut dyn TravelTimes) -> (Arc<Plan>, Vec<BookingId>) {
    let mut cut_off = Vec::new();
    while let Some(at_fault) = find_cut_off(&schedule, roads) {
        let victims: Vec<BookingId> = match at_fault {
            Fault::Party(booking) => vec![booking],
            Fault::OnBoard => {
                schedule.stops().iter().filter(|stop| stop.is_pickup()).filter_map(|stop| stop.booking).collect()
            }
        };
        for &booking in &victims {
            let plan = plan_without(&schedule, booking, now, roads);
            schedule.adopt(plan);
        }
        cut_off.extend(victims);
        if at_fault == Fault::OnBoard {
            bring_reachable_first(&mut schedule, roads);
            break;
        }
    }
    cut_off.sort_unstable();
    (schedule.plan, cut_off)
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fault {
    /// Still to board, and to be taken out.
    Party(BookingId),
    /// A rider on board who can not be brought, or is brought where no road leads on.
    OnBoard,
}

/// Who is to blame for the first leg without a road; `None` once there is none, or nobody to blame.
fn find_cut_off(schedule: &Schedule, roads: &mut dyn TravelTimes) -> Option<Fault> {
    let (plan, here) = (&schedule.plan, schedule.place());
    // a break is nobody's fault: it stays
    let party = |stop_idx: usize| {
        let booking = plan.stops[stop_idx].booking?;
        let is_boarding = schedule.position_of(booking, true).is_some();
        Some(if is_boarding { Fault::Party(booking) } else { Fault::OnBoard })
    };
    let is_cut =
        |stop: &Stop| stop.leg == NO_ROAD && !(stop.is_break() && roads.travel_time(here, stop.place).is_none());
    let Some(stop_idx) = plan.stops.iter().position(is_cut) else {
        // only the way home is missing: the last stop is a trap if there is a way from here
        let end = schedule.shift.end.as_ref().filter(|_| plan.to_end == NO_ROAD)?;
        let last_idx = plan.stops.len().checked_sub(1)?;
        return party(last_idx)
            .filter(|fault| *fault != Fault::OnBoard && roads.travel_time(here, end.place).is_some());
    };
    let is_reachable = roads.travel_time(here, plan.stops[stop_idx].place).is_some();
    // where one could go from here but not from the stop before, that stop is the trap
    let before = if is_reachable && stop_idx > 0 { party(stop_idx - 1) } else { None };
    match (before.or_else(|| party(stop_idx)), party(stop_idx)) {
        (Some(Fault::OnBoard), Some(Fault::Party(booking))) => Some(Fault::Party(booking)),
        (at_fault, _) => at_fault,
    }
}

/// Only riders on board are left, and breaks: first whom a road serves, in the order planned, then the others, and
/// breaks when nobody is on board any more.
fn bring_reachable_first(schedule: &mut Schedule, roads: &mut dyn TravelTimes) {
    let is_serving = matches!(schedule.plan.whereabouts, Whereabouts::Serving { .. });
    let here = schedule.place();
    let done = if is_serving { schedule.plan.next_group() } else { 0 };
    let stops = &mut Arc::make_mut(&mut schedule.plan).stops;
    debug_assert!(
        stops.iter().all(|stop| matches!(stop.task, Task::Dropoff { boarded_at: Some(_), .. } | Task::Break { .. }))
    );
    let rest = stops.split_off(done);
    let (breaks, rest): (Vec<_>, Vec<_>) = rest.into_iter().partition(Stop::is_break);
    let (served, lost): (Vec<_>, Vec<_>) =
        rest.into_iter().partition(|stop| roads.travel_time(here, stop.place).is_some());
    stops.extend(served.into_iter().chain(lost).chain(breaks));
    relink(schedule, done, roads);
}

/// Links the stops from `first` on to those before, by road.
pub(crate) fn relink(schedule: &mut Schedule, first: usize, roads: &mut dyn TravelTimes) {
    let start = schedule.place();
    let Schedule { shift, plan, .. } = schedule;
    let plan = Arc::make_mut(plan);
    let Plan { stops, to_end, whereabouts, .. } = plan;
    let is_serving = matches!(whereabouts, Whereabouts::Serving { .. });
    for stop_idx in first..stops.len() {
        let before = stop_idx.checked_sub(1).map(|before| stops[before].place);
        let is_after_break = stop_idx.checked_sub(1).is_some_and(|before| stops[before].is_break());
        let stop = &mut stops[stop_idx];
        stop.joins = before == Some(stop.place) && !is_after_break && !stop.is_break();
        if stop_idx > 0 || !is_serving {
            stop.leg = leg(roads, before.unwrap_or(start), stop.place);
        }
    }
    if let Some(end) = &shift.end {
        *to_end = leg(roads, stops.last().map_or(start, |stop| stop.place), end.place);
    }
    measure(shift, plan, roads);
}

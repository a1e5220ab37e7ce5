//! From a proposal to the plan an event carries; and the plan that remains when a party is taken out.

use std::sync::Arc;

use mukae_maps::TravelTimes;
use mukae_units::{BookingId, Metres, StopId, Time, TravelTime};

use super::hold::{hold_with, reheld};
use super::retime::leg;
use super::{Demand, Insertion, turning_point};
use crate::model::{Policy, Promise, Shift};
use crate::schedule::{Plan, Schedule, Stop, StopTimes, Task, Whereabouts};

/// The plan of `schedule` with `booking` inserted; its two stops get the ids `stop` and the one after. It is as the insertion was found
/// if now and the policy are.
pub(crate) fn plan_with(
    now_and_policy: (Time, &Policy),
    schedule: &Schedule,
    insertion: &Insertion,
    demand: &Demand,
    promise: &Promise,
    (booking, stop): (BookingId, StopId),
) -> Plan {
    let Insertion { pickup_idx, dropoff_idx, legs, .. } = *insertion;
    let mut stops = Vec::with_capacity(schedule.stops().len() + 2);
    stops.extend_from_slice(schedule.stops());
    let Plan { to_end, ref route, .. } = *schedule.plan;
    let whereabouts = schedule.whereabouts_with_riders(now_and_policy.0);
    let mut plan = Plan { whereabouts, stops, to_end, route: route.clone() };
    if let Some((place, at)) = insertion.turned_at {
        plan.whereabouts = match plan.whereabouts {
            Whereabouts::Repositioning { .. } => Whereabouts::Waiting { place, since: at },
            _ => Whereabouts::Driving { from: place, departed: at },
        };
    }
    let Demand { dwell, stop_dwell, party, .. } = *demand;
    let joins = insertion.joins;
    let booking = Some(booking);
    let visit = |id, place, leg, joins, task| Stop { id, booking, place, leg, dwell, stop_dwell, joins, party, task };
    let dropoff_task = Task::Dropoff { latest: promise.dropoff_latest, ride_max: promise.ride_max, boarded_at: None };
    let dropoff = visit(StopId(stop.0 + 1), demand.destination, legs.to_dropoff, joins.dropoff, dropoff_task);
    let pickup = visit(
        stop,
        demand.origin,
        legs.to_pickup,
        joins.pickup,
        Task::Pickup { window: promise.pickup, is_awaited: demand.waits_from.is_some(), hold: None },
    );

    if let (Some(route), Some(new)) = (&mut plan.route, insertion.lengths) {
        if let Some((time, length)) = new.turn {
            route.drive(time, length);
        }
        route.lengths[dropoff_idx] = new.from_dropoff;
        route.lengths.insert(dropoff_idx, new.to_dropoff);
        if pickup_idx < dropoff_idx {
            route.lengths[pickup_idx] = new.from_pickup;
        }
        route.lengths.insert(pickup_idx, new.to_pickup);
    }
    match plan.stops.get_mut(dropoff_idx) {
        Some(next) => (next.leg, next.joins) = (legs.from_dropoff, joins.after_dropoff),
        None => plan.to_end = legs.from_dropoff,
    }
    plan.stops.insert(dropoff_idx, dropoff);
    if pickup_idx < dropoff_idx {
        let next = &mut plan.stops[pickup_idx];
        (next.leg, next.joins) = (legs.from_pickup, joins.after_pickup);
    }
    plan.stops.insert(pickup_idx, pickup);
    if insertion.is_held {
        hold_with(now_and_policy, schedule, insertion, demand, &mut plan);
    }
    plan
}

/// The plan of `schedule` without `booking`, the gaps closed by road. A vehicle on its way to a
/// stop that goes is turned at its next decision point.
///
/// A gap without a road counts as [`NO_ROAD`](crate::schedule::NO_ROAD); who changes a plan looks for those and mends it.
pub(crate) fn plan_without(schedule: &Schedule, booking: BookingId, now: Time, roads: &mut dyn TravelTimes) -> Plan {
    let mut plan = Plan::clone(&schedule.plan);
    let is_first = plan.stops.first().is_some_and(|stop| stop.booking == Some(booking));
    plan.stops.retain(|stop| stop.booking != Some(booking));
    if is_first {
        plan.whereabouts = match plan.whereabouts {
            Whereabouts::Waiting { .. } | Whereabouts::Repositioning { .. } => plan.whereabouts,
            Whereabouts::Serving { arrived } => match (schedule.stops(), plan.stops.first_mut()) {
                // it stands for the next party too, which now is the first of the stop
                ([first, ..], Some(next)) if schedule.is_in_next_group(next.id) => {
                    next.joins = first.joins;
                    Whereabouts::Serving { arrived }
                }
                _ => Whereabouts::Waiting { place: schedule.place(), since: now },
            },
            Whereabouts::Driving { from, departed } => {
                let next = schedule.next_stop().expect("driving means to a stop").place;
                // without a road to go on by it is where it was last known to be
                let point = roads.decision_point(from, next, now - departed);
                if let (Some(route), Some(point)) = (&mut plan.route, point) {
                    route.drive(point.after, roads.length(from, point.place).unwrap_or(Metres::ZERO));
                }
                let (place, at) = point.map_or((from, departed.max(now)), |point| turning_point(point, departed, now));
                if plan.stops.is_empty() {
                    Whereabouts::Waiting { place, since: at }
                } else {
                    Whereabouts::Driving { from: place, departed: at }
                }
            }
        };
    }
    let mut from = match plan.whereabouts {
        Whereabouts::Waiting { place, .. }
        | Whereabouts::Driving { from: place, .. }
        | Whereabouts::Repositioning { to: place, .. } => place,
        Whereabouts::Serving { .. } => schedule.place(),
    };
    let is_serving = matches!(plan.whereabouts, Whereabouts::Serving { .. });
    let mut before: Option<&Stop> = None;
    for stop in &mut plan.stops {
        // who keeps the neighbour keeps the leg; the first stop of a vehicle that serves it was driven to
        if before.is_some() || !is_serving {
            stop.joins = match old_neighbour(schedule, stop.id) {
                neighbour if neighbour == before.map(|before| before.id) => stop.joins && before.is_some(),
                _ => before.is_some_and(|before| !before.is_break()) && from == stop.place && !stop.is_break(),
            };
            stop.leg = leg(roads, from, stop.place);
        }
        (from, before) = (stop.place, Some(&*stop));
    }
    plan.to_end = match &schedule.shift.end {
        Some(end) => leg(roads, from, end.place),
        None => TravelTime::ZERO,
    };
    measure(&schedule.shift, &mut plan, roads);
    if !schedule.plan.lacks_road() {
        keep_pace(schedule, &mut plan, now);
    }
    plan
}

/// The lengths of a declared trip's legs, anew. One without a road has none: its time tells.
pub(crate) fn measure(shift: &Shift, plan: &mut Plan, roads: &mut dyn TravelTimes) {
    let Some(route) = &mut plan.route else { return };
    let mut from = match plan.whereabouts {
        Whereabouts::Waiting { place, .. }
        | Whereabouts::Driving { from: place, .. }
        | Whereabouts::Repositioning { to: place, .. } => Some(place),
        Whereabouts::Serving { .. } => None,
    };
    route.lengths.clear();
    let end = shift.end.as_ref().map(|end| end.place);
    for place in plan.stops.iter().map(|stop| stop.place).chain(end) {
        let length = match from {
            Some(from) => roads.length(from, place).unwrap_or(Metres::ZERO),
            None => Metres::ZERO, // it stands there
        };
        route.lengths.push(length);
        from = Some(place);
    }
}

/// The stop that comes before this one in the schedule.
fn old_neighbour(schedule: &Schedule, stop: StopId) -> Option<StopId> {
    let stop_idx = schedule.stops().iter().position(|old| old.id == stop)?;
    stop_idx.checked_sub(1).map(|before| schedule.stops()[before].id)
}

/// Without a stop the next riders could board sooner, and then ride longer or stand still before a later pickup's window. If
/// any would, those who are still to board are held for as long as that needs; if nothing else helps, until they would have
/// boarded. Holds that nobody needs any more go.
fn keep_pace(before: &Schedule, plan: &mut Plan, now: Time) {
    let from = usize::from(matches!(plan.whereabouts, Whereabouts::Serving { .. }));
    for stop in &mut plan.stops[from..] {
        if let Task::Pickup { hold, .. } = &mut stop.task {
            *hold = None;
        }
    }
    let old = before.timeline(now);
    let mut after = before.clone();
    after.plan = Arc::new(plan.clone());
    let mut new = after.timeline(now);
    let old_of = |id| before.stops().iter().zip(&old.stops).find(|(stop, _)| stop.id == id).map(|(_, times)| *times);
    let is_worse = plan.stops.iter().zip(&new.stops).any(|(stop, times)| {
        old_of(stop.id).is_some_and(|old| {
            let is_long =
                matches!(stop.task, Task::Dropoff { ride_max, .. } if times.ride > old.ride.max(Some(ride_max)));
            is_long || old.wait_on_board < times.wait_on_board
        })
    });
    if !is_worse {
        return;
    }
    for (stop, times) in plan.stops.iter().zip(&mut new.stops) {
        if let Some(old) = old_of(stop.id) {
            *times = StopTimes { start: old.start, wait_on_board: old.wait_on_board, ride: old.ride, ..*times };
        }
    }
    new.finish = old.finish;
    if let Some(held) = reheld(&after, &new, now) {
        *plan = held;
        return;
    }
    // where roads or shared stops make that impossible
    for stop in &mut plan.stops[from..] {
        if let Task::Pickup { window, hold, .. } = &mut stop.task
            && let Some(old) = old_of(stop.id)
        {
            *hold = Some(old.start.min(window.latest()).max(window.earliest()));
            if old.start <= window.latest() {
                // who shared a stop that took longer boards no sooner without it
                stop.stop_dwell = stop.stop_dwell.max(old.end - old.start - stop.dwell);
            }
        }
    }
}

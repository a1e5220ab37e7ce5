//! Whether other orders keep all that was promised, and what they save.

use std::collections::BTreeMap;
use std::sync::Arc;

use mukae_maps::TravelTimes;
use mukae_units::{BookingId, ShiftId, StopId, Time};

use super::Order;
use super::drawing::may_serve;
use crate::State;
use crate::insertion::{held_within, relink};
use crate::model::Policy;
use crate::schedule::timeline::load_after;
use crate::schedule::{Plan, Schedule, Stop, StopTimes, Task, Timeline};

/// Orders that hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Judged {
    pub plans: Vec<(ShiftId, Arc<Plan>)>,
    /// By the area's weights, in yen/60,000; may be negative.
    pub saved: i64,
}

/// Why orders do not hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Wrong {
    /// A schedule has changed since.
    Stale,
    /// They are not the stops that are there, each once; or a shift has no part in reordering.
    OtherStops,
    /// A promise, a rule or a stop that stays would be broken.
    Broken,
}

/// A stop as it is planned now.
struct Planned<'s> {
    stop: &'s Stop,
    times: StopTimes,
    shift: ShiftId,
}

/// Tests orders against schedules as they are: every limit is the promise, or what is already predicted where that is worse.
pub(crate) fn judge(
    state: &State,
    policy: &Policy,
    schedules: &[&Schedule],
    orders: &[Order],
    now: Time,
    roads: &mut dyn TravelTimes,
) -> Result<Judged, Wrong> {
    let bases: Vec<Timeline> = schedules.iter().map(|schedule| schedule.timeline(now)).collect();
    let mut planned: BTreeMap<StopId, Planned<'_>> = BTreeMap::new();
    for (schedule, base) in schedules.iter().zip(&bases) {
        for (stop, &times) in schedule.stops().iter().zip(&base.stops) {
            planned.insert(stop.id, Planned { stop, times, shift: schedule.shift.id });
        }
    }
    let named: usize = orders.iter().map(|order| order.stops.len()).sum();
    let distinct: std::collections::BTreeSet<StopId> =
        orders.iter().flat_map(|order| order.stops.iter().copied()).collect();
    let are_those = distinct.len() == named && named == planned.len() && distinct.iter().eq(planned.keys());
    let are_open = schedules.iter().all(|schedule| schedule.may_be_reordered());
    if schedules.len() != orders.len() || !are_those || !are_open {
        return Err(Wrong::OtherStops);
    }
    let (mut plans, mut saved) = (Vec::new(), 0);
    for ((schedule, base), order) in schedules.iter().zip(&bases).zip(orders) {
        if schedule.shift.id != order.shift {
            return Err(Wrong::OtherStops);
        }
        if schedule.revision != order.revision {
            return Err(Wrong::Stale);
        }
        let fixed = schedule.fixed_stops(base, now, policy.freeze_horizon);
        let stays = schedule.stops()[..fixed].iter().map(|stop| stop.id);
        if !order.stops.iter().copied().take(fixed).eq(stays) {
            return Err(Wrong::Broken);
        }
        let stops: Vec<&Planned<'_>> = order.stops.iter().map(|stop| &planned[stop]).collect();
        if !may_all_ride(state, schedule, &stops) {
            return Err(Wrong::Broken);
        }
        let with = arranged(schedule, &stops, fixed, now, roads);
        let limits = limits(&stops, base).ok_or(Wrong::Broken)?;
        if with.plan.lacks_road() || !is_room(&with) {
            return Err(Wrong::Broken);
        }
        let plan = held_within(&with, &limits, now, fixed, policy.wait_on_board_max).ok_or(Wrong::Broken)?;
        let with = with.adopting(Arc::new(plan));
        saved += schedule.worth(base, policy, now)
            - with.worth(&with.timeline(now), policy, now)
            - schedule.price_of_calls(&with, now);
        plans.push((order.shift, with.plan));
    }
    Ok(Judged { plans, saved })
}

/// Whoever comes from another shift may be carried by this one, both of the stops with the other.
fn may_all_ride(state: &State, schedule: &Schedule, stops: &[&Planned<'_>]) -> bool {
    let comes = |planned: &&&Planned<'_>| planned.shift != schedule.shift.id;
    stops.iter().filter(comes).all(|planned| {
        let Some(booking) = planned.stop.booking else { return false };
        let both = stops.iter().filter(|other| other.stop.booking == Some(booking)).count() == 2;
        both && state.bookings.get(&booking).is_some_and(|found| may_serve(state, found, schedule))
    })
}

/// The schedule with these stops, nobody held back.
fn arranged(
    schedule: &Schedule,
    stops: &[&Planned<'_>],
    fixed: usize,
    now: Time,
    roads: &mut dyn TravelTimes,
) -> Schedule {
    let mut with = schedule.clone();
    let plan = Arc::make_mut(&mut with.plan);
    if !stops.is_empty() {
        plan.whereabouts = schedule.whereabouts_with_riders(now);
    }
    plan.stops = stops.iter().map(|planned| *planned.stop).collect();
    for stop in &mut plan.stops[fixed..] {
        if let Task::Pickup { hold, .. } = &mut stop.task {
            *hold = None;
        }
    }
    relink(&mut with, fixed, roads);
    with
}

/// What each stop may not be worse than, in the new order; `None` if somebody alights who does not board before.
fn limits(stops: &[&Planned<'_>], base: &Timeline) -> Option<Timeline> {
    let mut boards: BTreeMap<BookingId, usize> = BTreeMap::new();
    let mut limits = Timeline { stops: Vec::with_capacity(stops.len()), finish: base.finish };
    for (stop_idx, planned) in stops.iter().enumerate() {
        let mut times = planned.times;
        match (planned.stop.task, planned.stop.booking) {
            (Task::Pickup { .. }, Some(booking)) => _ = boards.insert(booking, stop_idx),
            (Task::Dropoff { boarded_at: None, .. }, Some(booking)) => {
                times.pickup_idx = Some(boards.remove(&booking)?)
            }
            _ => {}
        }
        limits.stops.push(times);
    }
    boards.is_empty().then_some(limits)
}

/// Everybody has a place, and nobody sits in a vehicle that rests.
fn is_room(schedule: &Schedule) -> bool {
    let mut load = schedule.load();
    schedule.stops().iter().all(|stop| {
        load = load_after(load, stop);
        schedule.capacity.fits(load) && (!stop.is_break() || load.is_empty())
    })
}

//! Promises that a prediction breaks: said the moment it is known, taken back when it has gone.

use mukae_units::{ShiftId, Span, Time, TravelTime};

use crate::State;
use crate::agenda::Agenda;
use crate::event::{Breach, Endogenous};
use crate::model::{Limit, Policy};
use crate::schedule::{Schedule, Stop, StopTimes, Task, Timeline, Whereabouts};

/// Compares the predictions of a schedule with the promises in it, limit by limit. What broke when a
/// rider boarded late stays broken: its stop is in no schedule any more.
pub(super) fn compare(
    (state, agenda): (&State, &Agenda),
    schedule: &Schedule,
    timeline: &Timeline,
    decided: &mut Vec<Endogenous>,
) {
    let shift = schedule.shift.id;
    for (stop, times) in schedule.stops().iter().zip(&timeline.stops) {
        let Some(booking) = stop.booking else {
            compare_break(state, stop, times, shift, decided);
            continue;
        };
        if !agenda.is_at_risk(booking) && lateness(stop, times).all(|(late_by, _)| late_by <= Span::ZERO) {
            continue;
        }
        let known = state.bookings.get(&booking);
        let is_moved = known.is_some_and(|known| known.shift != Some(shift));
        if stop.is_pickup() && known.is_some_and(|known| known.boarded_at.is_some()) {
            continue; // put down under way: it boarded once, as promised or not
        }
        for (late_by, breach) in lateness(stop, times) {
            let was_at_risk = known.is_some_and(|known| known.at_risk.of(breach.limit()));
            if late_by > Span::ZERO {
                if !was_at_risk || is_moved {
                    decided.push(Endogenous::PromiseAtRisk { booking, breach });
                }
            } else if was_at_risk && (is_moved || late_by <= -margin(state.policy.as_ref(), stop)) {
                decided.push(Endogenous::PromiseRestored { booking, limit: breach.limit() });
            }
        }
    }
    compare_detour(schedule, shift, decided);
}

/// A break that would begin too late; it is not moved.
fn compare_break(state: &State, stop: &Stop, times: &StopTimes, shift: ShiftId, decided: &mut Vec<Endogenous>) {
    let Task::Break { id, window, is_at_risk } = stop.task else { return };
    let (predicted, latest) = (times.start, window.latest());
    if latest < predicted && !is_at_risk {
        decided.push(Endogenous::BreakAtRisk { shift, id, predicted, latest });
    } else if is_at_risk && predicted <= latest - margin(state.policy.as_ref(), stop) {
        decided.push(Endogenous::BreakRestored { shift, id });
    }
}

/// A declared trip that drives more than was agreed to.
fn compare_detour(schedule: &Schedule, shift: ShiftId, decided: &mut Vec<Endogenous>) {
    let Some(route) = &schedule.plan.route else { return };
    match schedule.plan.detour_over() {
        Some((time, length)) if !route.is_exceeded => {
            decided.push(Endogenous::DetourExceeded { shift, time, length });
        }
        None if route.is_exceeded => decided.push(Endogenous::DetourRestored { shift }),
        _ => {}
    }
}

/// A pickup at risk is restored only when it is inside its window by the position tolerance, so that
/// a vehicle at the edge does not flap; a window narrower than that by all of it.
fn margin(policy: Option<&Policy>, stop: &Stop) -> Span {
    match stop.task {
        Task::Pickup { window, .. } | Task::Break { window, .. } => {
            policy.map_or(Span::ZERO, |policy| policy.position_tolerance).min(window.width())
        }
        Task::Dropoff { .. } => Span::ZERO,
    }
}

/// By how much each limit of a stop is passed (negative: kept), and what to call it.
pub(super) fn lateness(stop: &Stop, times: &StopTimes) -> impl Iterator<Item = (Span, Breach)> {
    let start = times.start;
    let (first, second) = match stop.task {
        Task::Pickup { window, .. } => {
            let promised = window.latest();
            ((start - promised, Breach::PickupLate { predicted: start, promised }), None)
        }
        Task::Dropoff { latest, ride_max, .. } => {
            let ride = times.ride.expect("a dropoff ends a ride");
            (
                (start - latest, Breach::DropoffLate { predicted: start, promised: latest }),
                Some((ride - ride_max, Breach::RideTooLong { predicted: ride, promised: ride_max })),
            )
        }
        Task::Break { .. } => unreachable!("a break is no promise to a rider"),
    };
    std::iter::once(first).chain(second)
}

/// The first instant at which, if nothing more is reported, a promise that is not known to be at
/// risk is predicted to break.
///
/// Until a report comes the first stop slides with the clock, and waits on the way take up some of
/// that: every time of the schedule is a [`Course`].
pub(crate) fn next_breach(state: &State, schedule: &Schedule) -> Option<Time> {
    walk(Some(state), schedule).0
}

/// The same, and when the schedule is over.
pub(crate) fn next_breach_and_finish(state: &State, schedule: &Schedule) -> (Option<Time>, Finish) {
    let (breach, free) = walk(Some(state), schedule);
    (breach, Finish(free.later(schedule.plan.to_end.span())))
}

/// When a schedule is over if nothing more is reported.
#[derive(Clone, Copy)]
pub(crate) struct Finish(Course);

impl Finish {
    pub fn of(schedule: &Schedule) -> Finish {
        Finish(walk(None, schedule).1.later(schedule.plan.to_end.span()))
    }

    /// The first instant at which it lies after `limit`.
    pub fn passes(self, limit: Time) -> Option<Time> {
        self.0.passes(limit)
    }
}

/// The same for every limit, those that are known to be at risk included; without `state` nothing is known.
pub(super) fn first_breach(schedule: &Schedule, state: Option<&State>) -> Option<Time> {
    walk(state, schedule).0
}

/// The same for every limit of riders and for the end of the shift, where it still lies ahead at `now`.
pub(super) fn first_breach_or_late_end(schedule: &Schedule, state: Option<&State>, now: Time) -> Option<Time> {
    let late_end = Finish::of(schedule).passes(schedule.shift.window.latest()).filter(|&late_end| now < late_end);
    first_breach(schedule, state).into_iter().chain(late_end).min()
}

/// The next breach, and when the vehicle is free after its last stop.
fn walk(state: Option<&State>, schedule: &Schedule) -> (Option<Time>, Course) {
    let free = match schedule.plan.whereabouts {
        Whereabouts::Waiting { since, .. } => Course::sliding(since.max(schedule.shift.window.earliest())),
        Whereabouts::Repositioning { .. } => Course::sliding(schedule.free_since()),
        Whereabouts::Driving { departed, .. } => {
            let leg = schedule.next_stop().map_or(TravelTime::ZERO, |stop| stop.leg);
            Course::sliding(departed + leg)
        }
        Whereabouts::Serving { arrived } => Course::fixed(arrived),
    };
    let (mut free, mut served) = (free, free);
    let mut first: Option<Time> = None;
    for (stop_idx, stop) in schedule.stops().iter().enumerate() {
        let is_there = stop_idx == 0 && schedule.plan.whereabouts.free().is_none();
        let ready = match stop.joins || is_there {
            true => served,
            false => free.later(stop.leg.span()),
        };
        let start = stop.earliest().map_or(ready, |earliest| ready.max(Course::fixed(earliest)));
        if let Some(slide) = start.slide {
            let breach = |limit: Time| limit - slide + Span::from_millis(1);
            let is_sooner = |limit: Time| first.is_none_or(|first| breach(limit) < first);
            first = open_limits(state, stop, is_sooner).map(breach).min().or(first);
        }
        let alone = start.later(stop.dwell + stop.stop_dwell);
        let end = if stop.joins { alone.max(free) } else { alone };
        let is_served = stop_idx == 0 && matches!(schedule.plan.whereabouts, Whereabouts::Serving { .. });
        if is_served {
            // its end slides once it is overdue, and the turn of the next party with it
            let rest = end.at - (start.at + stop.dwell);
            (free, served) = (Course::sliding(end.at), Course { at: start.at + stop.dwell, slide: Some(-rest) });
        } else {
            (free, served) = (end, start.later(stop.dwell));
        }
    }
    (first, free)
}

/// The latest starts of service of a stop that are promised and not known to be at risk, of those that matter. Who
/// boards later rides no longer for it; who is on board does.
fn open_limits<'a>(
    state: Option<&'a State>,
    stop: &'a Stop,
    matters: impl Fn(Time) -> bool + 'a,
) -> impl Iterator<Item = Time> + 'a {
    let (limit, ride) = match stop.task {
        Task::Break { window, .. } => ((Limit::Pickup, window.latest()), None),
        Task::Pickup { window, .. } => ((Limit::Pickup, window.latest()), None),
        Task::Dropoff { latest, ride_max, boarded_at } => {
            ((Limit::Dropoff, latest), boarded_at.map(|boarded| (Limit::Ride, boarded + ride_max)))
        }
    };
    let is_known_late = state.is_some() && matches!(stop.task, Task::Break { is_at_risk: true, .. });
    // looked up last: in a large area that costs more than all the rest
    let is_open = move |limit| {
        let known = stop.booking.zip(state).and_then(|(booking, state)| state.bookings.get(&booking));
        let has_boarded = stop.is_pickup() && known.is_some_and(|known| known.boarded_at.is_some());
        !has_boarded && !known.is_some_and(|known| known.at_risk.of(limit))
    };
    std::iter::once(limit)
        .chain(ride)
        .filter(move |(limit, latest)| !is_known_late && matters(*latest) && is_open(*limit))
        .map(|(_, latest)| latest)
}

/// A time that depends on the clock: at least `at`, and at least so much after the clock.
#[derive(Clone, Copy)]
struct Course {
    at: Time,
    slide: Option<Span>,
}

impl Course {
    fn fixed(at: Time) -> Course {
        Course { at, slide: None }
    }

    /// No sooner than the clock.
    fn sliding(at: Time) -> Course {
        Course { at, slide: Some(Span::ZERO) }
    }

    fn later(self, by: Span) -> Course {
        Course { at: self.at + by, slide: self.slide.map(|slide| slide + by) }
    }

    fn max(self, other: Course) -> Course {
        Course { at: self.at.max(other.at), slide: self.slide.max(other.slide) }
    }

    /// The first clock at which it lies after `limit`, if it ever does.
    fn passes(self, limit: Time) -> Option<Time> {
        Some(limit - self.slide? + Span::from_millis(1))
    }
}

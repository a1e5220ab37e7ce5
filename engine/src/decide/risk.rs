//! Promises that a prediction breaks: said the moment it is known, taken back when it has gone.

use mukae_units::{ShiftId, Span, Time};

use crate::State;
use crate::event::{Breach, Endogenous};
use crate::model::BookingState;
use crate::schedule::{Schedule, Task, Whereabouts};

/// Compares the predictions of a schedule with the promises in it.
///
/// A risk is raised as soon as a limit is passed and cleared only when the prediction is inside it by
/// the position tolerance, so that a vehicle at the edge does not flap.
pub(super) fn compare(state: &State, schedule: &Schedule, now: Time, shift: ShiftId, decided: &mut Vec<Endogenous>) {
    let margin = state.policy.map_or(Span::ZERO, |policy| policy.position_tolerance);
    let timeline = schedule.timeline(now);
    let mut worst: Vec<(mukae_units::BookingId, Option<Breach>, bool)> = Vec::new();
    for (stop, times) in schedule.stops().iter().zip(&timeline.stops) {
        let (late_by, breach) = lateness(&stop.task, times.start, times.ride);
        let entry = match worst.iter_mut().find(|entry| entry.0 == stop.booking) {
            Some(entry) => entry,
            None => {
                worst.push((stop.booking, None, true));
                worst.last_mut().expect("just pushed")
            }
        };
        if late_by > Span::ZERO && entry.1.is_none() {
            entry.1 = Some(breach);
        }
        entry.2 &= late_by <= -margin;
    }
    for (booking, breach, is_clear) in worst {
        let is_at_risk = state.bookings.get(&booking).is_some_and(|booking| {
            booking.is_at_risk && booking.shift == Some(shift) && booking.state != BookingState::Unassigned
        });
        match breach {
            Some(breach) if !is_at_risk => decided.push(Endogenous::PromiseAtRisk { booking, breach }),
            None if is_at_risk && is_clear => decided.push(Endogenous::PromiseRestored { booking }),
            _ => {}
        }
    }
}

/// By how much the tighter limit of a stop is passed (negative: kept), and what to call it.
fn lateness(task: &Task, start: Time, ride: Option<Span>) -> (Span, Breach) {
    match *task {
        Task::Pickup { window } => {
            let promised = window.latest();
            (start - promised, Breach::PickupLate { predicted: start, promised })
        }
        Task::Dropoff { latest, ride_max, .. } => {
            let ride = ride.expect("a dropoff ends a ride");
            let (late, long) = (start - latest, ride - ride_max);
            if late >= long {
                (late, Breach::DropoffLate { predicted: start, promised: latest })
            } else {
                (long, Breach::RideTooLong { predicted: ride, promised: ride_max })
            }
        }
    }
}

/// The first instant at which, if nothing more is reported, a promise that is not known to be at
/// risk is predicted to break.
///
/// Until a report comes the first stop slides with the clock, and every wait on the way takes up some
/// of that. What may still slide is carried back from the last stop to the first.
pub(super) fn next_breach(state: &State, schedule: &Schedule) -> Option<Time> {
    let now = state.clock;
    let timeline = schedule.timeline(now);
    let mut room: Option<Span> = None; // how much later the service before may end
    let mut first = None;
    for (stop, times) in schedule.stops().iter().zip(&timeline.stops).rev() {
        first = room;
        let own = (!state.bookings.get(&stop.booking).is_some_and(|booking| booking.is_at_risk)).then(|| {
            let late = stop.latest() - times.start;
            match stop.task {
                // who boards later rides no longer for it
                Task::Dropoff { ride_max, boarded_at: Some(boarded), .. } => late.min(boarded + ride_max - times.start),
                _ => late,
            }
        });
        room = own.into_iter().chain(room).min().map(|room| room + (times.start - times.ready));
    }
    let (starts_sliding, room) = match schedule.plan.whereabouts {
        Whereabouts::Waiting { .. } => (schedule.free_at(now), room?),
        Whereabouts::Driving { .. } => (timeline.stops.first()?.ready, room?),
        Whereabouts::Serving { .. } => (timeline.stops.first()?.end, first?),
    };
    Some(starts_sliding + room + Span::from_millis(1))
}

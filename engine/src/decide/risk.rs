//! Promises that a prediction breaks: said the moment it is known, taken back when it has gone.

use mukae_units::{ShiftId, Span, Time};

use crate::State;
use crate::event::{Breach, Endogenous};
use crate::model::{Limit, Policy};
use crate::schedule::{Schedule, Stop, StopTimes, Task, Whereabouts};

/// Compares the predictions of a schedule with the promises in it, limit by limit. What broke when a
/// rider boarded late stays broken: its stop is in no schedule any more.
pub(super) fn compare(state: &State, schedule: &Schedule, now: Time, shift: ShiftId, decided: &mut Vec<Endogenous>) {
    let timeline = schedule.timeline(now);
    for (stop, times) in schedule.stops().iter().zip(&timeline.stops) {
        let known = state.bookings.get(&stop.booking);
        let is_moved = known.is_some_and(|known| known.shift != Some(shift));
        for (late_by, breach) in lateness(stop, times) {
            let was_at_risk = known.is_some_and(|known| known.at_risk.of(breach.limit()));
            if late_by > Span::ZERO {
                if !was_at_risk || is_moved {
                    decided.push(Endogenous::PromiseAtRisk { booking: stop.booking, breach });
                }
            } else if was_at_risk && (is_moved || late_by <= -margin(state.policy.as_ref(), stop)) {
                decided.push(Endogenous::PromiseRestored { booking: stop.booking, limit: breach.limit() });
            }
        }
    }
}

/// A pickup at risk is restored only when it is inside its window by the position tolerance, so that
/// a vehicle at the edge does not flap; a window narrower than that by all of it.
fn margin(policy: Option<&Policy>, stop: &Stop) -> Span {
    match stop.task {
        Task::Pickup { window, .. } => {
            policy.map_or(Span::ZERO, |policy| policy.position_tolerance).min(window.width())
        }
        Task::Dropoff { .. } => Span::ZERO,
    }
}

/// By how much each limit of a stop is passed (negative: kept), and what to call it.
fn lateness(stop: &Stop, times: &StopTimes) -> impl Iterator<Item = (Span, Breach)> {
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
    };
    std::iter::once(first).chain(second)
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
        let known = state.bookings.get(&stop.booking);
        let own = lateness(stop, times).filter(|(_, breach)| {
            // who boards later rides no longer for it
            let slides = !matches!(breach.limit(), Limit::Ride) || is_on_board(stop);
            slides && !known.is_some_and(|known| known.at_risk.of(breach.limit()))
        });
        room = own.map(|(late_by, _)| -late_by).chain(room).min().map(|room| room + (times.start - times.ready));
    }
    let (starts_sliding, room) = match schedule.plan.whereabouts {
        Whereabouts::Waiting { .. } => (schedule.free_at(now), room?),
        Whereabouts::Driving { .. } => (timeline.stops.first()?.ready, room?),
        Whereabouts::Serving { .. } => (timeline.stops.first()?.end, first?),
    };
    Some(starts_sliding + room + Span::from_millis(1))
}

fn is_on_board(stop: &Stop) -> bool {
    matches!(stop.task, Task::Dropoff { boarded_at: Some(_), .. })
}

//! Whether a decision of ours made somebody later.

use std::collections::BTreeMap;

use mukae_engine::model::{BookingState, Limit, ShiftState};
use mukae_engine::schedule::{Task, Whereabouts};
use mukae_engine::{Command, Move, MoveTo, Placement, State};
use mukae_units::{BookingId, Span, Time};

/// By how much each limit of each booking that has a vehicle is predicted to be missed; negative if it is kept.
pub fn predictions(state: &State, now: Time) -> BTreeMap<(BookingId, Limit), Span> {
    let mut predicted = BTreeMap::new();
    for schedule in state.schedules.values() {
        let timeline = schedule.timeline(now);
        for (stop, times) in schedule.stops().iter().zip(&timeline.stops) {
            let Some(booking) = stop.booking else { continue };
            let mut late = |limit, by| predicted.insert((booking, limit), by);
            match stop.task {
                Task::Pickup { window, .. } => late(Limit::Pickup, times.start - window.latest()),
                Task::Dropoff { latest, ride_max, .. } => {
                    late(Limit::Dropoff, times.start - latest);
                    late(Limit::Ride, times.ride.expect("a dropoff ends a ride") - ride_max)
                }
                Task::Break { .. } => continue,
            };
        }
    }
    predicted
}

/// What we choose makes nobody later. What the world does is told, and `Day::check_schedules` sees to that.
pub fn check_worsened(before: &State, after: &State, now: Time, command: &Command) {
    // whose own vehicle is late, gone or elsewhere
    let is_world = matches!(
        command,
        Command::OpenShift { .. }
            | Command::ReportPosition { .. }
            | Command::Depart { .. }
            | Command::Arrive { .. }
            | Command::Board { .. }
            | Command::Alight { .. }
            | Command::EndBreak { .. }
            | Command::RoadsChanged { .. }
            // somebody wants it so
            | Command::Book { by_hand: Some(Placement { overrules: true, .. }), .. }
            // a driver who rests, or comes later
            | Command::InterruptShift { .. }
            | Command::DelayShift { .. }
    );
    let overrules = |one: &Move| matches!(one.to, MoveTo::At { overrules: true, .. });
    let is_world = is_world || matches!(command, Command::Assign { moves } if moves.iter().any(overrules));
    // whose time is up ends with whatever command comes next
    let ends_a_hold = before.holds.keys().any(|offer| !after.holds.contains_key(offer));
    use Command::{Amend, Assign, CancelAll, CancelBooking, ReportNoShow};
    let calls_off =
        matches!(command, CancelBooking { .. } | CancelAll { .. } | Amend { .. } | Assign { .. } | ReportNoShow { .. });
    let takes_out = calls_off || ends_a_hold;
    let (old, new) = (predictions(before, now), predictions(after, now));
    if matches!(command, Command::RoadsChanged { .. }) {
        for (&(booking, limit), &by) in &new {
            let (was, is) = (&before.bookings[&booking], &after.bookings[&booking]);
            let is_moved = was.shift.is_some() && was.shift != is.shift && is.stranded_at.is_none();
            assert!(!is_moved || by <= Span::ZERO, "{booking} was moved, and is late by {limit:?}: {by:?}");
        }
    }
    if is_world {
        return;
    }
    for (&(booking, limit), &by) in &new {
        let was_stranded = before.bookings.get(&booking).is_some_and(|before| {
            before.state == BookingState::Stranded
                || (before.stranded_at.is_some()
                    && (before.shift != after.bookings[&booking].shift
                        // put out and fetched anew, perhaps by the same vehicle
                        || matches!(command, Command::Assign { .. } | Command::RegisterVehicle(_))))
        });
        let is_put_down = after.bookings[&booking].stranded_at.is_some()
            && before.bookings.get(&booking).is_some_and(|before| before.stranded_at.is_none());
        if was_stranded || is_put_down {
            continue; // nobody could be in time for it
        }
        // A shift that nobody has opened begins when the one before it ends, and that slides with the clock.
        let shift = &after.schedules[&after.bookings[&booking].shift.expect("it is planned")];
        let of_vehicle = before.schedules.values().filter(|other| other.shift.vehicle == shift.shift.vehicle);
        if shift.state == ShiftState::Planned && of_vehicle.count() > 1 {
            continue;
        }
        let limit_before = old.get(&(booking, limit)).copied().unwrap_or(Span::ZERO).max(Span::ZERO);
        if by <= limit_before {
            continue;
        }
        // Who is late already may be fetched sooner once a stop goes, which is right, and may then ride too
        // long because of a later pickup's window.
        let is_cured = takes_out && limit == Limit::Ride && before.bookings[&booking].at_risk.pickup;
        // Where a vehicle stands longer than predicted, turns of parties there count as if taken in time. When
        // the first of them goes the next one's begins now; told in docs/decisions/0008.
        let standing =
            before.bookings.get(&booking).and_then(|before| before.shift).map(|shift| &before.schedules[&shift]);
        let turns = standing.filter(|schedule| matches!(schedule.plan.whereabouts, Whereabouts::Serving { .. }));
        let turns = turns.map_or(Span::ZERO, |schedule| {
            let joined = schedule.stops().iter().skip(1).take_while(|stop| stop.joins);
            schedule.next_stop().into_iter().chain(joined).map(|stop| stop.dwell + stop.stop_dwell).sum()
        });
        let is_turn = takes_out && by - limit_before <= turns;
        if is_turn {
            continue;
        }
        assert!(is_cured, "{command:?} made {booking} later by {limit:?}: {limit_before:?} -> {by:?}");
    }
}

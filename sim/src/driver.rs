//! What a driver reports next, and when, if nothing goes wrong.
//!
//! Times come from the schedule's own timeline, which is the engine's: leave when it says so, arrive
//! after the leg, finish when service ends. Trouble (late starts, slow roads, silence) will be a
//! delay between the time planned here and the time it happens, drawn from [`crate::Luck`].

use mukae_engine::Command;
use mukae_engine::model::ShiftState;
use mukae_engine::schedule::{Schedule, Whereabouts};
use mukae_units::Time;

/// The next report of one shift's driver.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    /// Never before the `now` it was planned at.
    pub at: Time,
    pub command: Command,
}

/// The report that follows from this schedule. It is void once the schedule has changed.
pub fn next_report(schedule: &Schedule, now: Time) -> Report {
    let shift = schedule.shift.id;
    if schedule.state == ShiftState::Planned {
        return Report { at: now.max(schedule.shift.window.earliest()), command: Command::OpenShift { shift } };
    }
    let timeline = schedule.timeline(now);
    let (Some(stop), Some(times)) = (schedule.next_stop(), timeline.stops.first()) else {
        // Nothing left to do: home just in time, or as soon as can be.
        let at = now.max(schedule.shift.window.latest()).max(timeline.finish);
        return Report { at, command: Command::CloseShift { shift } };
    };
    let (at, command) = match schedule.plan.whereabouts {
        Whereabouts::Waiting { .. } => (times.departure, Command::Depart { shift, stop: stop.id }),
        Whereabouts::Driving { .. } => (times.ready, Command::Arrive { shift, stop: stop.id }),
        Whereabouts::Serving { .. } if stop.is_pickup() => (times.end, Command::Board { booking: stop.booking }),
        Whereabouts::Serving { .. } => (times.end, Command::Alight { booking: stop.booking }),
    };
    Report { at: now.max(at), command }
}

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
        let at = now.max(schedule.shift.window.earliest());
        return Report { at, command: Command::OpenShift { shift, at } };
    }
    let timeline = schedule.timeline(now);
    let (Some(stop), Some(times)) = (schedule.next_stop(), timeline.stops.first()) else {
        // Nothing left to do: home just in time, or as soon as can be.
        let at = now.max(schedule.shift.window.latest()).max(timeline.finish);
        return Report { at, command: Command::CloseShift { shift } };
    };
    let (stop, booking, is_pickup) = (stop.id, stop.booking, stop.is_pickup());
    let (at, command) = match schedule.plan.whereabouts {
        Whereabouts::Waiting { .. } => {
            let at = now.max(times.departure);
            (at, Command::Depart { shift, stop, at })
        }
        Whereabouts::Driving { .. } => {
            let at = now.max(times.ready);
            (at, Command::Arrive { shift, stop, at })
        }
        Whereabouts::Serving { .. } => {
            let at = now.max(times.end);
            let command = match booking {
                Some(booking) if is_pickup => Command::Board { booking, at },
                Some(booking) => Command::Alight { booking, at },
                None => Command::EndBreak { shift, stop, at },
            };
            (at, command)
        }
    };
    Report { at, command }
}

//! What a driver reports next, and when.
//!
//! Times come from the schedule's own timeline, which is the engine's: leave when it says so, arrive after the leg, be
//! done when service ends. How the world differs from that is drawn in [`Behaviour`]: legs that take longer, riders
//! who are slow or stay away, drivers who sign on late.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use mukae_engine::model::ShiftState;
use mukae_engine::schedule::{Schedule, Whereabouts};
use mukae_engine::{Command, State};
use mukae_units::{BookingId, Span, Time};

use crate::behaviour::Behaviour;
use crate::past::Habits;

/// The next report of one shift's driver.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    /// Never before the `now` it was planned at.
    pub at: Time,
    pub command: Command,
}

/// Who has booked, for the draws about them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Passenger {
    /// The same under every policy.
    pub rider: u64,
    pub has_wheelchair: bool,
}

/// What drivers meet with.
#[derive(Clone, Copy, Debug)]
pub struct World<'w> {
    pub habits: Habits<'w>,
    pub passengers: &'w BTreeMap<BookingId, Passenger>,
}

impl World<'static> {
    /// Everything goes as planned.
    pub fn as_planned() -> World<'static> {
        static PLANNED: LazyLock<(Behaviour, BTreeMap<BookingId, Passenger>)> = LazyLock::new(Default::default);
        World { habits: Habits { drawn: &PLANNED.0, past: None }, passengers: &PLANNED.1 }
    }
}

impl World<'_> {
    fn passenger(&self, booking: BookingId) -> Passenger {
        // one that was not booked here is known by its number
        let unknown = Passenger { rider: booking.0, has_wheelchair: false };
        self.passengers.get(&booking).copied().unwrap_or(unknown)
    }
}

/// The report that follows from this schedule. It is void once the schedule has changed.
pub fn next_report(state: &State, schedule: &Schedule, now: Time, world: World<'_>) -> Report {
    let shift = schedule.shift.id;
    let habits = world.habits;
    if schedule.state == ShiftState::Planned {
        let late = habits.starts_late(shift);
        // one who was not called comes when the shift begins, if at all
        let needed_from = schedule.needed_from().unwrap_or(schedule.shift.window.earliest());
        let at = now.max(needed_from + late);
        return Report { at, command: Command::OpenShift { shift, at } };
    }
    if let Whereabouts::Repositioning { departed, leg, .. } = schedule.plan.whereabouts {
        let day = departed.floor_to(Span::DAY).as_unix_millis() as u64;
        let whose = u64::from(shift.0) << 1 | 1;
        let at = now.max(departed + habits.drawn.drives(leg.span(), day, whose));
        return Report { at, command: Command::EndRepositioning { shift, at } };
    }
    let (Some(stop), Some(times)) = (schedule.next_stop(), schedule.next_times(now)) else {
        // Nothing left to do: home just in time, or as soon as can be.
        let at = now.max(schedule.shift.window.latest()).max(schedule.timeline(now).finish);
        return Report { at, command: Command::CloseShift { shift } };
    };
    let (id, booking, is_pickup) = (stop.id, stop.booking, stop.is_pickup());
    match schedule.plan.whereabouts {
        Whereabouts::Waiting { .. } | Whereabouts::Repositioning { .. } => {
            let at = state.sets_out(schedule, now).unwrap_or(times.departure).max(now);
            Report { at, command: Command::Depart { shift, stop: id, at } }
        }
        Whereabouts::Driving { departed, .. } => {
            let day = departed.floor_to(Span::DAY).as_unix_millis() as u64;
            let whose = booking.map_or(u64::from(shift.0), |booking| world.passenger(booking).rider);
            let leg = whose << 1 | u64::from(is_pickup);
            let at = now.max(departed + habits.drawn.drives(stop.leg.span(), day, leg));
            Report { at, command: Command::Arrive { shift, stop: id, at } }
        }
        Whereabouts::Serving { .. } => {
            let Some(booking) = booking else {
                let at = now.max(times.end);
                return Report { at, command: Command::EndBreak { shift, stop: id, at } };
            };
            let Passenger { rider, has_wheelchair } = world.passenger(booking);
            if is_pickup && habits.stays_away(rider) {
                let at = now.max(times.start);
                return Report { at, command: Command::ReportNoShow { booking, at } };
            }
            let late = match is_pickup {
                true => habits.boards_late(rider, has_wheelchair),
                false => habits.alights_late(rider, has_wheelchair),
            };
            // what is overdue slides with the clock; lateness counts from when it was due
            let due = times.start + stop.dwell + stop.stop_dwell;
            let at = now.max(if late == Span::ZERO { times.end } else { due + late });
            let command = match is_pickup {
                true => Command::Board { booking, at },
                false => Command::Alight { booking, at },
            };
            Report { at, command }
        }
    }
}

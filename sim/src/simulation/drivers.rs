//! What drivers report and when, and what they say to a question.

use mukae_engine::model::{ASK_WEEK, BookingState, ShiftState};
use mukae_engine::{Answer, Command, Rejection};
use mukae_units::{BookingId, DriverId, ShiftId, Span};

use super::{Occurrence, RETRY, Simulation};
use crate::agenda::Class;
use crate::audit::{Fault, Wrong};
use crate::behaviour::Errand;
use crate::driver::{self, Report, World};

/// After so many reports that were not accepted a driver is given up: the shift stays open and the audit says so.
const REPORTS_REJECTED_MAX: u32 = 60;

impl Simulation<'_> {
    pub(super) fn report(&mut self, shift: ShiftId, command: Command, rejected: u32) {
        let answer = self.take(self.now, command.clone());
        let Answer::Rejected(rejection) = answer else { return };
        let again = |at, command| {
            let revision = self.scribe.state().schedules[&shift].revision;
            (at, Occurrence::Report { shift, revision, command: Box::new(command), rejected: rejected + 1 })
        };
        let (at, again) = match (rejection, command) {
            // who does not come is waited for, as long as the rules say
            (Rejection::TooEarlyForNoShow { from }, Command::ReportNoShow { booking, .. }) if rejected == 0 => {
                again(from, Command::ReportNoShow { booking, at: from })
            }
            // nobody sets out for a rider before saying yes to them
            (
                Rejection::WrongState { state: BookingState::AwaitingDriver, .. },
                Command::Depart { shift, stop, .. },
            ) => {
                let at = self.now + RETRY;
                again(at, Command::Depart { shift, stop, at })
            }
            // nor signs on before the vehicle is back from the shift before
            (Rejection::ShiftAlreadyOpen(other), Command::OpenShift { .. }) if other != shift && self.has_delays => {
                let at = self.now + RETRY;
                again(at, Command::OpenShift { shift, at })
            }
            (rejection, command) => {
                let what = Wrong::Rejected { command: Box::new(command.clone()), rejection };
                self.faults.push(Fault { at: self.now, what });
                if REPORTS_REJECTED_MAX <= rejected {
                    return;
                }
                again(self.now + RETRY, command)
            }
        };
        self.agenda.insert(at, Class::Vehicle, u64::from(shift.0), again);
    }

    pub(super) fn ask_driver(&mut self, booking: BookingId, driver: DriverId) {
        let booked = self.passengers.get(&booking).map(|passenger| passenger.rider);
        let rider = booked.or(self.rider_at_hand).unwrap_or(booking.0);
        let now = self.now;
        let asked = self.asked_at.entry(driver).or_default();
        let before = asked.last().copied();
        asked.retain(|&at| now - at < ASK_WEEK);
        let count = asked.len() as u32;
        asked.push(now);
        let errand = self.errand(booking, count);
        if let Some((at, accepted)) = self.habits().answers(driver, rider, (now, before), &errand) {
            let answer = Occurrence::Answer { booking, driver, accepted };
            self.agenda.insert(at, Class::Request, booking.0, answer);
        }
    }

    /// What a driver is asked to do for a booking.
    fn errand(&self, booking: BookingId, asked: u32) -> Errand {
        let state = self.scribe.state();
        let booked = &state.bookings[&booking];
        let planned = || {
            let schedule = state.schedules.get(&booked.shift?)?;
            let [pickup, dropoff] = [true, false].map(|is_pickup| schedule.position_of(booking, is_pickup));
            let times = schedule.timeline(self.now).stops;
            let ride = times[dropoff?].start - times[pickup?].served;
            Some((schedule.stops()[pickup?].leg.span(), ride))
        };
        let (approach, ride) = planned().unwrap_or((Span::ZERO, Span::ZERO));
        let notice = booked.promise.pickup.earliest() - self.now;
        Errand { approach, ride, notice, asked }
    }

    pub(super) fn changed_by_report(&self, command: &Command) -> Option<ShiftId> {
        match *command {
            Command::OpenShift { shift, .. }
            | Command::Depart { shift, .. }
            | Command::Arrive { shift, .. }
            | Command::EndBreak { shift, .. }
            | Command::EndRepositioning { shift, .. } => Some(shift),
            Command::Board { booking, .. } | Command::Alight { booking, .. } => {
                self.scribe.state().bookings.get(&booking)?.shift
            }
            _ => None,
        }
    }

    /// Puts the next report of a shift's driver on the agenda; the one before it is void.
    pub(super) fn plan_report(&mut self, shift: ShiftId) {
        let Some(schedule) = self.scribe.state().schedules.get(&shift) else { return };
        if schedule.is_uncalled() || (schedule.state == ShiftState::Planned && self.is_absent(shift)) {
            return;
        }
        let world = World { habits: self.habits(), passengers: &self.passengers };
        let report = self.as_recorded(schedule, driver::next_report(self.scribe.state(), schedule, self.now, world));
        let report = self.as_driven(schedule, report);
        let leg = self.leg_to_tell(schedule, &report);
        let Report { at, command } = report;
        let (revision, command) = (schedule.revision, Box::new(command));
        let report = Occurrence::Report { shift, revision, command, rejected: 0 };
        self.agenda.insert(at, Class::Vehicle, u64::from(shift.0), report);
        if let Some(leg) = leg {
            self.plan_position(leg);
        }
    }
}

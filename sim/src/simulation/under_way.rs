//! Vehicles under way that tell where they are, through the command that a driver's device has.
//!
//! A position is told at the first junction of the path that is passed when it is due, so the dispatcher sees the same path
//! and another time. A leg that takes longer than planned is driven slower by the same factor from end to end. What is told
//! never changes when the vehicle arrives.

use mukae_engine::Command;
use mukae_engine::schedule::{Schedule, Whereabouts};
use mukae_maps::Place;
use mukae_units::{ShiftId, Span, StopId, Time, VehicleId};

use super::{Occurrence, Simulation};
use crate::agenda::Class;
use crate::driver::Report;

/// A leg as it is really driven.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct UnderWay {
    shift: ShiftId,
    vehicle: VehicleId,
    revision: u64,
    stop: StopId,
    from: Place,
    to: Place,
    departed: Time,
    planned: Span,
    arrives: Time,
}

impl UnderWay {
    /// Where the plan is after so much of the time that the drive really takes.
    fn planned_after(&self, elapsed: Span) -> Span {
        Span::from_millis(scaled(elapsed, self.planned, self.arrives - self.departed))
    }

    /// When the vehicle really is where the plan is after so much time.
    fn passes(&self, planned: Span) -> Time {
        self.departed + Span::from_millis(scaled(planned, self.arrives - self.departed, self.planned))
    }
}

/// `part * whole / of`, rounded up.
fn scaled(part: Span, whole: Span, of: Span) -> i64 {
    let [part, whole, of] = [part, whole, of].map(|span| i128::from(span.as_millis()));
    let of = of.max(1);
    ((part * whole + of - 1) / of) as i64
}

impl Simulation<'_> {
    /// The leg that a vehicle drives, if positions are told.
    pub(super) fn leg_to_tell(&self, schedule: &Schedule, report: &Report) -> Option<UnderWay> {
        self.setup.behaviour.vehicles.positions?;
        let Whereabouts::Driving { from, departed } = schedule.plan.whereabouts else { return None };
        let stop = schedule.next_stop()?;
        Some(UnderWay {
            shift: schedule.shift.id,
            vehicle: schedule.shift.vehicle,
            revision: schedule.revision,
            stop: stop.id,
            from,
            to: stop.place,
            departed,
            planned: stop.leg.span(),
            arrives: report.at,
        })
    }

    /// Who told where it was still arrives when it would have.
    pub(super) fn as_driven(&self, schedule: &Schedule, report: Report) -> Report {
        let (Whereabouts::Driving { departed, .. }, Some(next)) = (schedule.plan.whereabouts, schedule.next_stop())
        else {
            return report;
        };
        let shift = schedule.shift.id;
        match self.told_legs.get(&shift) {
            Some(told) if (told.stop, told.departed) == (next.id, departed) => {
                let at = told.arrives.max(self.now);
                Report { at, command: Command::Arrive { shift, stop: next.id, at } }
            }
            _ => report,
        }
    }

    /// Puts the next position of a leg that is heard on the agenda.
    pub(super) fn plan_position(&mut self, leg: UnderWay) {
        let behaviour = &self.setup.behaviour;
        let Some(positions) = behaviour.vehicles.positions else { return };
        let every = positions.every.as_millis();
        let told = (self.now - leg.departed).as_millis().max(0) / every;
        let dues = (told + 1..).map(|number| leg.departed + Span::from_millis(number * every));
        for due in dues.take_while(|due| *due < leg.arrives) {
            let elapsed = leg.planned_after(due - leg.departed);
            let Some(point) = self.work.roads.decision_point(leg.from, leg.to, elapsed) else { return };
            let at = leg.passes(point.after.span());
            if leg.arrives <= at {
                return;
            }
            if self.now < at && !behaviour.is_lost(leg.vehicle.0, at) {
                let position = Occurrence::Position { leg, place: point.place };
                return self.agenda.insert(at, Class::Vehicle, u64::from(leg.shift.0), position);
            }
        }
    }

    pub(super) fn tell_position(&mut self, leg: UnderWay, place: Place) {
        let plan = |simulation: &Self| {
            let schedule = simulation.scribe.state().schedules.get(&leg.shift)?;
            Some((schedule.revision, schedule.plan.whereabouts))
        };
        if plan(self).is_none_or(|(revision, _)| revision != leg.revision) {
            return;
        }
        let told = UnderWay { departed: self.now, ..leg };
        let before = self.told_legs.insert(leg.shift, told);
        let (vehicle, observed_at) = (leg.vehicle, self.now);
        self.take_or_fault(Command::ReportPosition { vehicle, place, observed_at });
        match plan(self) {
            // the plan goes on from there, and the next position of it is planned
            Some((_, Whereabouts::Driving { departed, .. })) if departed == self.now => {}
            found => {
                _ = match before {
                    Some(before) => self.told_legs.insert(leg.shift, before),
                    None => self.told_legs.remove(&leg.shift),
                };
                if found.is_some_and(|(revision, _)| revision == leg.revision) {
                    self.plan_position(leg);
                }
            }
        }
    }
}

//! A decision in the making: events so far, and the schedules as those events will leave them.

use std::collections::BTreeMap;

use mukae_units::{BookingId, Features, ServiceId, ShiftId, StopId, Time};

use super::{Decision, risk};
use crate::event::{Endogenous, Event, Exogenous};
use crate::fleet::Changes;
use crate::insertion::{Demand, FleetView, Insertion, best_insertion, insertion_at, plan_with};
use crate::model::{Binding, Booking, BookingState, Policy, Promise, Service, ServicePolicy};
use crate::schedule::{Plan, Schedule};
use crate::work::Work;
use crate::{Answer, Command, Placement, Rejection, State};

pub(super) struct Draft<'a, 'r> {
    pub state: &'a State,
    changes: &'a Changes,
    pub now: Time,
    pub work: &'a mut Work<'r>,
    command: &'a Command,
    /// True once something happened that must be remembered even if no endogenous event follows.
    is_fact: bool,
    decided: Vec<Endogenous>,
    /// Schedules that the events so far change; `None` for one that ends.
    changed: BTreeMap<ShiftId, Option<Schedule>>,
    next_stop: u64,
}

impl<'a, 'r> Draft<'a, 'r> {
    pub fn new(
        state: &'a State,
        changes: &'a Changes,
        now: Time,
        command: &'a Command,
        work: &'a mut Work<'r>,
    ) -> Self {
        let is_fact = match command {
            Command::ReportPosition { .. } => false,
            // that a vehicle was looked for in vain is worth remembering: the next look is due later
            Command::AdvanceClock => state.bookings.values().any(|booking| booking.state == BookingState::Unassigned),
            _ => true,
        };
        let (decided, changed) = (Vec::new(), BTreeMap::new());
        Draft { state, changes, now, work, command, is_fact, decided, changed, next_stop: state.next_stop }
    }

    pub fn push(&mut self, event: Endogenous) {
        self.decided.push(event);
    }

    pub fn policy(&self) -> Result<&'a Policy, Rejection> {
        self.state.policy.as_ref().ok_or(Rejection::NoPolicy)
    }

    pub fn service(&self, service: ServiceId) -> Result<&'a ServicePolicy, Rejection> {
        self.whole_service(service).map(|service| &service.policy)
    }

    pub fn whole_service(&self, service: ServiceId) -> Result<&'a Service, Rejection> {
        self.state.services.get(&service).ok_or(Rejection::UnknownService(service))
    }

    /// Everything in the set has been named.
    pub fn expect_known(&self, features: Features) -> Result<(), Rejection> {
        match features.iter().find(|feature| !self.state.features.contains_key(feature)) {
            Some(unknown) => Err(Rejection::UnknownFeature(unknown)),
            None => Ok(()),
        }
    }

    pub fn booking(&self, booking: BookingId) -> Result<&'a Booking, Rejection> {
        self.state.bookings.get(&booking).ok_or(Rejection::UnknownBooking(booking))
    }

    /// The schedule as the events so far leave it.
    pub fn schedule(&self, shift: ShiftId) -> Result<&Schedule, Rejection> {
        match self.changed.get(&shift) {
            Some(changed) => changed.as_ref(),
            None => self.state.schedules.get(&shift).map(AsRef::as_ref),
        }
        .ok_or(Rejection::UnknownShift(shift))
    }

    /// Looks ahead: what `apply` will do to a schedule when it meets an event already drafted, or the command.
    pub fn foresee(&mut self, shift: ShiftId, change: impl FnOnce(&mut Schedule)) -> Result<(), Rejection> {
        let mut schedule = self.schedule(shift)?.clone();
        change(&mut schedule);
        self.changed.insert(shift, Some(schedule));
        Ok(())
    }

    pub fn change_plan(&mut self, shift: ShiftId, plan: Plan) -> Result<(), Rejection> {
        self.foresee(shift, |schedule| schedule.adopt(plan.clone()))?;
        self.push(Endogenous::PlanChanged { shift, plan });
        Ok(())
    }

    pub fn add_schedule(&mut self, schedule: Schedule) {
        let (shift, capacity, to_end) = (schedule.shift.clone(), schedule.capacity.clone(), schedule.plan.to_end);
        let terms = schedule.terms.clone();
        self.changed.insert(shift.id, Some(schedule));
        self.push(Endogenous::ShiftPlanned { shift, capacity, to_end, terms });
    }

    pub fn end_schedule(&mut self, shift: ShiftId) {
        self.push(Endogenous::ShiftEnded { shift });
        self.changed.insert(shift, None);
    }

    /// Runs `ask` over the schedules as the events so far leave them, in the order of their shifts.
    pub fn with_schedules<T>(
        &mut self,
        ask: impl FnOnce(&mut dyn Iterator<Item = &Schedule>, &mut Work<'r>) -> T,
    ) -> T {
        let mut merged: BTreeMap<ShiftId, &Schedule> = BTreeMap::new();
        if !self.changed.is_empty() {
            merged.extend(self.state.schedules.iter().map(|(&shift, schedule)| (shift, schedule.as_ref())));
            for (&shift, schedule) in &self.changed {
                match schedule {
                    Some(schedule) => merged.insert(shift, schedule),
                    None => merged.remove(&shift),
                };
            }
            return ask(&mut merged.into_values(), self.work);
        }
        ask(&mut self.state.schedules.values().map(AsRef::as_ref), self.work)
    }

    pub fn best_insertion(&mut self, demand: &Demand) -> Result<Option<Insertion>, Rejection> {
        let (now, policy) = (self.now, self.policy()?);
        let fleet = FleetView { state: self.state, changes: self.changes, changed: &self.changed };
        Ok(best_insertion(now, demand, policy, fleet, self.work))
    }

    /// The insertion at a place chosen by hand, or what it breaks.
    pub fn insertion_at(
        &mut self,
        demand: &Demand,
        placement: Placement,
    ) -> Result<Result<Insertion, Vec<Binding>>, Rejection> {
        let (now, policy) = (self.now, self.policy()?);
        let schedule = self.schedule(placement.shift)?.clone();
        if let Some(constraint) = schedule.unfit_for(demand) {
            return Ok(Err(vec![constraint.into()]));
        }
        let positions = (placement.pickup_idx as usize, placement.dropoff_idx as usize);
        insertion_at(now, demand, policy, &schedule, (positions, placement.overrules), self.work)
            .ok_or(Rejection::NoSuchPosition(placement.shift))
    }

    /// Puts `booking` where `insertion` says.
    pub fn insert(
        &mut self,
        booking: BookingId,
        insertion: &Insertion,
        demand: &Demand,
        promise: &Promise,
    ) -> Result<(), Rejection> {
        let schedule = self.schedule(insertion.shift)?;
        let plan = plan_with(schedule, insertion, demand, promise, booking, StopId(self.next_stop));
        self.next_stop += 2;
        self.change_plan(insertion.shift, plan)
    }

    /// Closes the draft: what it does to promises is decided last.
    pub fn finish(mut self, answer: Answer) -> Decision {
        let changed = std::mem::take(&mut self.changed);
        let is_clock = matches!(self.command, Command::AdvanceClock);
        for (shift, schedule) in &changed {
            if let Some(schedule) = schedule {
                risk::compare(self.state, schedule, self.now, *shift, &mut self.decided);
            }
        }
        if is_clock {
            for (shift, schedule) in self.state.schedules.iter().filter(|(shift, _)| !changed.contains_key(shift)) {
                risk::compare(self.state, schedule, self.now, *shift, &mut self.decided);
            }
        }
        let mut events = Vec::with_capacity(self.decided.len() + 1);
        if self.is_fact || !self.decided.is_empty() {
            events.push(Event::Exogenous(Exogenous { at: self.now, command: self.command.clone() }));
            events.extend(self.decided.into_iter().map(Event::Endogenous));
        }
        Decision { events, answer }
    }
}

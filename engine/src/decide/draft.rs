//! A decision in the making: events so far, and the schedules as those events will leave them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use mukae_units::{BookingId, DriverId, Features, OfferId, ServiceId, ShiftId, Span, StopId, Time, VehicleId};
use smallvec::SmallVec;

use super::{Decision, consequences, risk};
use crate::agenda::Agenda;
use crate::dispatcher::Beside;
use crate::event::{Endogenous, Event, Exogenous};
use crate::fleet::{Changes, DraftSeen, Drafted};
use crate::insertion::{Among, Demand, FleetView, Insertion, best_insertion, insertion_at, nearest_miss, plan_with};
use crate::model::{Ask, AskOutcome, Binding, Booking, Hold, Policy, Promise, Service, ServicePolicy, Shift};
use crate::schedule::{Plan, Schedule};
use crate::work::Work;
use crate::{Answer, Command, Placement, Rejection, State};

pub(super) struct Draft<'a, 'r> {
    pub state: &'a State,
    changes: &'a Changes,
    pub agenda: &'a Agenda,
    pub now: Time,
    pub work: &'a mut Work<'r>,
    pub command: &'a Command,
    /// True once something happened that must be remembered even if no endogenous event follows.
    is_fact: bool,
    /// In the order to apply them; what came in is the first of them.
    events: Vec<Event>,
    /// Schedules that the events so far change.
    drafted: Drafted,
    /// One of them begins.
    has_new_shift: bool,
    next_stop: u64,
    pub next_offer: u64,
    pub next_booking: u64,
    /// Offers that the events so far do not hold any more.
    pub released: BTreeSet<OfferId>,
    /// Asks made by the events so far.
    asks: BTreeMap<DriverId, Vec<Time>>,
    /// Bookings whose ask the events so far end.
    ended_asks: Vec<BookingId>,
    /// Whose times the scratch timeline has, as the draft was then.
    timed: Option<(ShiftId, DraftSeen)>,
}

/// A point of a draft; see [`Draft::mark`].
pub(super) struct Mark {
    events: usize,
    schedules: Vec<(ShiftId, Option<Schedule>)>,
    has_new_shift: bool,
    next: (u64, u64, u64),
    released: BTreeSet<OfferId>,
    asks: BTreeMap<DriverId, Vec<Time>>,
    ended_asks: usize,
}

impl<'a, 'r> Draft<'a, 'r> {
    pub fn new(state: &'a State, beside: &'a Beside, now: Time, command: &'a Command, work: &'a mut Work<'r>) -> Self {
        let Beside { changes, agenda } = beside;
        let drafted = work.new_draft();
        let is_fact = match command {
            Command::ReportPosition { .. } => false,
            // that a vehicle was looked for in vain is worth remembering: the next look is due later
            Command::AdvanceClock => agenda.is_any_without_vehicle(),
            _ => true,
        };
        Draft {
            state,
            changes,
            agenda,
            now,
            work,
            command,
            is_fact,
            events: Vec::new(),
            drafted,
            has_new_shift: false,
            next_stop: state.next_stop,
            next_offer: state.next_offer,
            next_booking: state.next_booking,
            released: BTreeSet::new(),
            asks: BTreeMap::new(),
            ended_asks: Vec::new(),
            timed: None,
        }
    }

    pub fn push(&mut self, event: Endogenous) {
        if self.events.is_empty() {
            self.push_command();
        }
        self.events.push(Event::Endogenous(event));
    }

    fn push_command(&mut self) {
        self.events.push(Event::Exogenous(Exogenous { at: self.now, command: self.command.clone() }));
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
        self.drafted.schedule(self.state, shift).ok_or(Rejection::UnknownShift(shift))
    }

    /// Looks ahead: what `apply` will do to a schedule when it meets an event already drafted, or the command.
    pub fn foresee(&mut self, shift: ShiftId, change: impl FnOnce(&mut Schedule)) -> Result<(), Rejection> {
        let mut schedule = self.schedule(shift)?.clone();
        change(&mut schedule);
        self.drafted.put(shift, Some(schedule));
        Ok(())
    }

    pub fn change_plan(&mut self, shift: ShiftId, plan: impl Into<Arc<Plan>>) -> Result<(), Rejection> {
        let plan = plan.into();
        let before = self.schedule(shift)?;
        assert!(before.keeps_notice(&plan, self.now), "{shift} is called without its notice: {plan:?}");
        let schedule = before.adopting(Arc::clone(&plan));
        self.drafted.put(shift, Some(schedule));
        self.push(Endogenous::PlanChanged { shift, plan });
        Ok(())
    }

    pub fn change_shift(&mut self, shift: Shift) -> Result<(), Rejection> {
        let shift = Arc::new(shift);
        self.foresee(shift.id, |schedule| schedule.work_as(Arc::clone(&shift)))?;
        self.push(Endogenous::ShiftChanged { shift });
        Ok(())
    }

    /// The shifts whose schedules the events so far change, by vehicle, if any vehicle has more than one.
    pub fn touched_of_several_shifts(&self) -> SmallVec<[(VehicleId, ShiftId); 4]> {
        if !self.has_new_shift && !self.agenda.has_any_several_shifts() {
            return SmallVec::new();
        }
        let vehicle_of = |(shift, schedule): (ShiftId, Option<&Schedule>)| {
            let shift_plan = schedule.map_or_else(|| &self.state.schedules[&shift].shift, |schedule| &schedule.shift);
            (shift_plan.vehicle, shift)
        };
        let mut touched: SmallVec<_> = self.drafted.iter().map(vehicle_of).collect();
        touched.sort_unstable();
        touched
    }

    /// True if the shift is as it was before the decision, however its plan has changed.
    pub fn has_known_terms(&self, shift: ShiftId) -> bool {
        let before = self.state.schedules.get(&shift);
        let drafted = self.drafted.schedule(self.state, shift);
        before.zip(drafted).is_some_and(|(before, drafted)| Arc::ptr_eq(&before.shift, &drafted.shift))
    }

    /// The shifts of a vehicle, those included that begin or end with the events so far, in the order in which they open;
    /// no more of those before the `touched` than the last, which alone leads to them.
    pub fn shifts_of(&self, vehicle: VehicleId, touched: Option<&[(VehicleId, ShiftId)]>) -> SmallVec<[ShiftId; 8]> {
        let known = self.agenda.shifts_of(vehicle);
        if !self.has_new_shift {
            let is_touched = |shift: &ShiftId| touched.is_none_or(|touched| touched.contains(&(vehicle, *shift)));
            let mut shifts: SmallVec<[ShiftId; 8]> = known.map(|(_, shift)| shift).collect();
            let first = shifts.iter().position(is_touched).unwrap_or(0);
            shifts.drain(..first.saturating_sub(1));
            return shifts;
        }
        let drafted = self.drafted.iter().filter_map(|(_, schedule)| schedule).filter(|schedule| {
            schedule.shift.vehicle == vehicle && !self.state.schedules.contains_key(&schedule.shift.id)
        });
        let drafted = drafted.map(|schedule| (schedule.shift.window.earliest(), schedule.shift.id));
        let mut shifts: Vec<_> = known.chain(drafted).collect();
        shifts.sort_unstable();
        shifts.into_iter().map(|(_, shift)| shift).collect()
    }

    /// Shifts whose vehicle the events so far leave standing with nothing to set out for in so long, and that did not stand so.
    pub fn came_free(&self, gap_min: Span) -> Vec<ShiftId> {
        let stands = |schedule: &Schedule| schedule.is_idle(Span::ZERO, gap_min, self.now);
        let came_free = |(shift, schedule): (ShiftId, Option<&Schedule>)| {
            let stood = self.state.schedules.get(&shift).is_some_and(|before| stands(before));
            (schedule.is_some_and(stands) && !stood).then_some(shift)
        };
        self.drafted.iter().filter_map(came_free).collect()
    }

    /// When a shift that is planned and has not ended is over, as predicted.
    pub fn finish_of(&mut self, shift: ShiftId) -> Time {
        let schedule = self.drafted.schedule(self.state, shift).unwrap_or_else(|| panic!("{shift} is not planned"));
        let timeline = &mut self.work.memory.scratch.timeline;
        schedule.timeline_into(self.now, timeline);
        self.timed = Some((shift, self.drafted.seen()));
        timeline.finish
    }

    /// True if the events so far end it.
    pub fn has_ended(&self, shift: ShiftId) -> bool {
        self.drafted.get(shift).is_some_and(|drafted| drafted.is_none())
    }

    /// The ids of this many new stops, the first of them.
    pub fn new_stops(&mut self, count: usize) -> StopId {
        let first = self.next_stop;
        self.next_stop += count as u64;
        StopId(first)
    }

    /// The ask about a booking that is open after the events so far; for bookings that had one before.
    pub fn open_ask(&self, booking: &Booking) -> Option<Ask> {
        booking.ask.filter(|_| !self.ended_asks.contains(&booking.id))
    }

    pub fn end_ask(&mut self, booking: BookingId, driver: DriverId, outcome: AskOutcome) {
        self.ended_asks.push(booking);
        self.push(Endogenous::AskEnded { booking, driver, outcome });
    }

    /// Looks ahead: an ask counts for all shifts of its driver.
    pub fn note_ask(&mut self, driver: DriverId) -> Result<(), Rejection> {
        self.asks.entry(driver).or_default().push(self.now);
        let is_theirs = |schedule: &Schedule| schedule.shift.driver == Some(driver);
        let theirs: Vec<ShiftId> = self
            .with_schedules(|schedules, _| schedules.filter(|one| is_theirs(one)).map(|one| one.shift.id).collect());
        for shift in theirs {
            let asking = self.state.asking(&self.schedule(shift)?.shift, &self.asks[&driver]);
            self.foresee(shift, |schedule| schedule.asking = asking)?;
        }
        Ok(())
    }

    pub fn add_schedule(&mut self, mut schedule: Schedule) {
        let fresh = schedule.shift.driver.and_then(|driver| self.asks.get(&driver)).map_or(&[][..], Vec::as_slice);
        schedule.asking = self.state.asking(&schedule.shift, fresh);
        let (shift, capacity, to_end) = (Arc::clone(&schedule.shift), schedule.capacity.clone(), schedule.plan.to_end);
        let terms = schedule.terms.clone();
        self.drafted.put(shift.id, Some(schedule));
        self.has_new_shift = true;
        self.push(Endogenous::ShiftPlanned { shift, capacity, to_end, terms });
    }

    pub fn end_schedule(&mut self, shift: ShiftId) {
        self.push(Endogenous::ShiftEnded { shift });
        self.drafted.put(shift, None);
    }

    /// Runs `ask` over the schedules as the events so far leave them, in the order of their shifts.
    pub fn with_schedules<T>(
        &mut self,
        ask: impl FnOnce(&mut dyn Iterator<Item = &Schedule>, &mut Work<'r>) -> T,
    ) -> T {
        let mut merged: BTreeMap<ShiftId, &Schedule> = BTreeMap::new();
        if !self.drafted.is_empty() {
            merged.extend(self.state.schedules.iter().map(|(&shift, schedule)| (shift, schedule.as_ref())));
            for (shift, schedule) in self.drafted.iter() {
                match schedule {
                    Some(schedule) => merged.insert(shift, schedule),
                    None => merged.remove(&shift),
                };
            }
            return ask(&mut merged.into_values(), self.work);
        }
        ask(&mut self.state.schedules.values().map(AsRef::as_ref), self.work)
    }

    /// What binds where a demand fits nowhere.
    pub fn nearest_miss(&mut self, demand: &Demand) -> Result<Vec<Binding>, Rejection> {
        let (now, policy) = (self.now, self.policy()?);
        Ok(self.with_schedules(|schedules, work| nearest_miss(now, demand, policy, schedules, work)))
    }

    /// The hold of an offer, if the events so far leave it one.
    pub fn hold_of(&self, offer: OfferId) -> Option<Hold> {
        self.state.holds.get(&offer).filter(|_| !self.released.contains(&offer)).copied()
    }

    /// Where to come back to if what is tried next does not work out.
    pub fn mark(&self) -> Mark {
        Mark {
            events: self.events.len(),
            schedules: self.drafted.iter().map(|(shift, schedule)| (shift, schedule.cloned())).collect(),
            has_new_shift: self.has_new_shift,
            next: (self.next_stop, self.next_offer, self.next_booking),
            released: self.released.clone(),
            asks: self.asks.clone(),
            ended_asks: self.ended_asks.len(),
        }
    }

    /// Takes back everything since.
    pub fn back_to(&mut self, mark: Mark) {
        self.events.truncate(mark.events);
        self.drafted.reset(mark.schedules);
        self.has_new_shift = mark.has_new_shift;
        (self.next_stop, self.next_offer, self.next_booking) = mark.next;
        (self.released, self.asks) = (mark.released, mark.asks);
        self.ended_asks.truncate(mark.ended_asks);
    }

    /// Asks as if a schedule were already as given.
    pub fn supposing<T>(&mut self, schedule: Schedule, ask: impl FnOnce(&mut Self) -> T) -> T {
        let shift = schedule.shift.id;
        let before = self.drafted.put(shift, Some(schedule));
        let answer = ask(self);
        self.drafted.put_back(shift, before);
        answer
    }

    /// The best insertion among these schedules, if there is one strictly cheaper than the limit.
    pub fn best_insertion(
        &mut self,
        demand: &Demand,
        among: Among<'_>,
        cost_limit: Option<i64>,
    ) -> Result<Option<Insertion>, Rejection> {
        let (now, policy) = (self.now, self.policy()?);
        let fleet = FleetView { among, cost_limit, ..FleetView::of(self.state, self.changes, &self.drafted) };
        Ok(best_insertion(now, demand, policy, fleet, self.work))
    }

    /// The insertion at a place chosen by hand, or what it breaks.
    pub fn insertion_at(
        &mut self,
        demand: &Demand,
        placement: Placement,
    ) -> Result<Result<Insertion, Vec<Binding>>, Rejection> {
        let policy = self.policy()?;
        self.insertion_under(demand, policy, placement)
    }

    /// The same under another policy.
    pub fn insertion_under(
        &mut self,
        demand: &Demand,
        policy: &Policy,
        placement: Placement,
    ) -> Result<Result<Insertion, Vec<Binding>>, Rejection> {
        let now = self.now;
        let schedule = self.schedule(placement.shift)?.clone();
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
        let named = (booking, StopId(self.next_stop));
        let plan = plan_with((self.now, self.policy()?), schedule, insertion, demand, promise, named);
        self.new_stops(2);
        self.change_plan(insertion.shift, plan)
    }

    /// Closes the draft: what it does to promises is decided last.
    pub fn finish(mut self, mut answer: Answer) -> Decision {
        let (state, now) = (self.state, self.now);
        let (drafted, mut decided) = (std::mem::take(&mut self.drafted), Vec::new());
        let timeline = &mut self.work.memory.scratch.timeline;
        let mut timed = self.timed.filter(|(_, seen)| *seen == drafted.seen()).map(|(shift, _)| shift);
        let mut compare = |schedule: &Schedule| {
            if timed.take() != Some(schedule.shift.id) {
                schedule.timeline_into(now, timeline);
            }
            risk::compare((state, self.agenda), schedule, timeline, &mut decided);
        };
        drafted.iter().filter_map(|(_, schedule)| schedule).for_each(&mut compare);
        if matches!(self.command, Command::AdvanceClock) {
            // what else the clock alone breaks is filed by when it breaks
            let due = self.agenda.due_breaches(now).into_iter();
            due.filter(|&shift| drafted.get(shift).is_none()).for_each(|shift| compare(&state.schedules[&shift]));
        }
        decided.into_iter().for_each(|event| self.push(event));
        // where the shift before turns out to end later than was filed, who books may be late at once
        let confirmed = match &mut answer {
            Answer::Confirmed(confirmed) | Answer::AwaitingDriver(confirmed) => {
                std::slice::from_mut(confirmed).iter_mut().collect()
            }
            Answer::BookedEach(each) => each.iter_mut().filter_map(|booked| booked.as_mut().ok()).collect(),
            _ => Vec::new(),
        };
        for confirmed in confirmed {
            for event in &self.events {
                match event {
                    Event::Endogenous(Endogenous::PromiseAtRisk { booking, breach }) if *booking == confirmed.id => {
                        confirmed.at_risk.set(breach.limit(), true);
                    }
                    Event::Endogenous(Endogenous::PromiseRestored { booking, limit }) if *booking == confirmed.id => {
                        confirmed.at_risk.set(*limit, false);
                    }
                    _ => {}
                }
            }
        }
        if let Answer::Changed(changed) = &mut answer {
            *changed = consequences::gather(state, now, &self.events, &drafted);
        }
        if self.is_fact && self.events.is_empty() {
            self.push_command();
        }
        Decision { events: self.events, answer }
    }
}

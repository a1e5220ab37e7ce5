//! What becomes due when, filed by time: so that knowing when to wake, and what to look at then, costs
//! no walk over every offer, booking and schedule.
//!
//! It follows from the state alone, is kept by `apply` beside it, and belongs neither to equality nor to
//! any record; [`Agenda::of`] files a whole state, which is also the slow twin of keeping it.

mod by_time;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound::{Excluded, Unbounded};
use std::sync::Arc;

use mukae_units::{BookingId, OfferId, ShiftId, Span, Time, VehicleId};

use by_time::ByTime;

use crate::State;
use crate::decide::{
    Finish, ask_over_from, next_breach, next_breach_and_finish, next_handover, next_handover_of, standby_lapses,
};
use crate::event::{Endogenous, Event, Exogenous};
use crate::fleet::Changes;
use crate::model::{AtRisk, Booking, BookingState, Shift, ShiftState};
use crate::schedule::Schedule;
use crate::{Command, decide};

const TICK: Span = Span::from_millis(1);
/// A rider put down under way is never given up, however long it takes.
const NEVER: Time = Time::from_unix_millis(i64::MAX / 4);

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Agenda {
    /// Those that are not held.
    offers: BTreeSet<(Time, OfferId)>,
    /// Those that are, by when the hold ends.
    holds: BTreeSet<(Time, OfferId)>,
    /// The first moment at which a promise in the schedule breaks that is not known to be at risk.
    breaches: ByTime<ShiftId>,
    /// Shifts nobody has opened, by the end of their windows.
    planned: BTreeSet<(Time, ShiftId)>,
    /// Bookings without a vehicle, by when they are given up.
    without_vehicle: BTreeSet<(Time, BookingId)>,
    ended: BTreeSet<(Time, BookingId)>,
    /// By when their windows open.
    shifts_of: BTreeMap<VehicleId, BTreeSet<(Time, ShiftId)>>,
    /// Vehicles with more than one shift: few, and only they hand over.
    several: BTreeSet<VehicleId>,
    /// When a shift that goes on and on next moves the start of the one after it.
    handovers: ByTime<ShiftId>,
    open_of: BTreeMap<VehicleId, ShiftId>,
    /// Bookings that wait for a driver's answer: few, and when an ask is over hangs on more than on them.
    asks: BTreeSet<BookingId>,
    /// Bookings of whose promise a limit is known to be at risk.
    at_risk: BTreeSet<BookingId>,
}

impl Agenda {
    /// Files everything anew.
    pub fn of(state: &State) -> Agenda {
        let mut agenda = Agenda::default();
        for offer in state.offers.keys() {
            agenda.file_offer(state, *offer);
        }
        for booking in state.bookings.values() {
            agenda.file_booking(booking);
        }
        for schedule in state.schedules.values() {
            agenda.file_shift(schedule);
            agenda.breaches.file(schedule.shift.id, next_breach(state, schedule));
        }
        for &vehicle in &agenda.several {
            let shifts = agenda.shifts_of[&vehicle].iter();
            for (before, after) in shifts.clone().zip(shifts.skip(1)) {
                agenda.handovers.file(before.1, handover(state, before.1, after.1));
            }
        }
        agenda
    }

    /// Applies an event to the state, and follows it.
    pub fn apply(&mut self, state: &mut State, event: &Event, changes: &mut Changes) {
        let touched = Touched::by(event, self, state);
        let bookings = || touched.booking.iter().chain(&touched.adopted);
        let mut before = None;
        for booking in bookings().filter_map(|booking| state.bookings.get(booking)) {
            self.strike_booking(booking);
        }
        if let Some(offer) = touched.offer {
            self.strike_offer(state, offer);
        }
        if touched.begins_or_ends
            && let Some(schedule) = touched.shift.and_then(|shift| state.schedules.get(&shift))
        {
            before = Some(Arc::clone(&schedule.shift));
            self.strike_shift(schedule);
        }

        crate::apply::apply(state, event, changes);

        for booking in bookings().filter_map(|booking| state.bookings.get(booking)) {
            self.file_booking(booking);
        }
        if let Some(offer) = touched.offer {
            self.file_offer(state, offer);
        }
        let Some(shift) = touched.shift else { return };
        let schedule = state.schedules.get(&shift);
        if let Some(schedule) = schedule.filter(|_| touched.begins_or_ends) {
            self.file_shift(schedule);
        }
        let followed = schedule.map(|schedule| (schedule, next_breach_and_finish(state, schedule)));
        self.breaches.file(shift, followed.and_then(|(_, (breach, _))| breach));
        if touched.begins_or_ends || !self.several.is_empty() {
            before.iter().for_each(|before| self.refile_handovers(state, before, None));
            if let Some((schedule, (_, finish))) = followed {
                self.refile_handovers(state, &schedule.shift, Some(finish));
            }
        }
    }

    pub fn wakeup(&self, state: &State) -> Option<Time> {
        let offer = self.offers.first().map(|(expires, _)| *expires + TICK);
        let hold = self.holds.first().map(|(until, _)| *until + TICK);
        let planned = self.planned.first().map(|(latest, _)| *latest + TICK);
        let recheck = state.vehicles_sought + decide::RECHECK;
        let without_vehicle = self.without_vehicle.first().map(|(latest, _)| recheck.min(*latest + TICK));
        let ended = self.ended.first().and_then(|(finished, _)| Some(*finished + state.policy?.retention));
        let handover = self.handovers.first();
        let ask = self.asks.iter().filter_map(|booking| ask_over_from(state, &state.bookings[booking])).min();
        let standby = standby_lapses(state);
        let due = [offer, hold, self.breaches.first(), planned, without_vehicle, ended, handover, ask, standby];
        due.into_iter().flatten().min()
    }

    /// In the order of their ids, as all that follows.
    pub fn expired_offers(&self, now: Time) -> Vec<OfferId> {
        sorted(self.offers.iter().take_while(|(expires, _)| *expires < now))
    }

    pub fn overdue_holds(&self, now: Time) -> Vec<OfferId> {
        sorted(self.holds.iter().take_while(|(until, _)| *until < now))
    }

    pub fn stale_shifts(&self, now: Time) -> Vec<ShiftId> {
        sorted(self.planned.iter().take_while(|(latest, _)| *latest < now))
    }

    /// Schedules in which a promise breaks by now that is not known to be at risk.
    pub fn due_breaches(&self, now: Time) -> Vec<ShiftId> {
        self.breaches.due(now)
    }

    /// Shifts whose going on moves the start of the next one.
    pub fn due_handovers(&self, now: Time) -> Vec<ShiftId> {
        self.handovers.due(now)
    }

    pub fn vehicles_with_several_shifts(&self) -> impl Iterator<Item = VehicleId> {
        self.several.iter().copied()
    }

    pub fn has_any_several_shifts(&self) -> bool {
        !self.several.is_empty()
    }

    pub fn without_vehicle(&self) -> Vec<BookingId> {
        sorted(self.without_vehicle.iter())
    }

    pub fn is_at_risk(&self, booking: BookingId) -> bool {
        self.at_risk.contains(&booking)
    }

    pub fn is_any_without_vehicle(&self) -> bool {
        !self.without_vehicle.is_empty()
    }

    /// Bookings that ended then or before.
    pub fn ended_by(&self, then: Time) -> Vec<BookingId> {
        sorted(self.ended.iter().take_while(|(finished, _)| *finished <= then))
    }

    /// Bookings whose ask is over, in order.
    pub fn asks_over(&self, state: &State, now: Time) -> Vec<BookingId> {
        let is_over =
            |booking: &&BookingId| ask_over_from(state, &state.bookings[booking]).is_some_and(|over| over <= now);
        self.asks.iter().filter(is_over).copied().collect()
    }

    /// The shifts of a vehicle, and when each opens, in that order.
    pub fn shifts_of(&self, vehicle: VehicleId) -> impl DoubleEndedIterator<Item = (Time, ShiftId)> {
        self.shifts_of.get(&vehicle).into_iter().flatten().copied()
    }

    pub fn open_shift_of(&self, vehicle: VehicleId) -> Option<ShiftId> {
        self.open_of.get(&vehicle).copied()
    }

    fn file_offer(&mut self, state: &State, offer: OfferId) {
        if let Some(hold) = state.holds.get(&offer) {
            self.holds.insert((hold.until, offer));
        } else if let Some(offer) = state.offers.get(&offer) {
            self.offers.insert((offer.expires, offer.id));
        }
    }

    fn strike_offer(&mut self, state: &State, offer: OfferId) {
        if let Some(hold) = state.holds.get(&offer) {
            self.holds.remove(&(hold.until, offer));
        } else if let Some(offer) = state.offers.get(&offer) {
            self.offers.remove(&(offer.expires, offer.id));
        }
    }

    fn file_booking(&mut self, booking: &Booking) {
        if let Some(given_up) = given_up_after(booking) {
            self.without_vehicle.insert((given_up, booking.id));
        }
        if booking.ask.is_some() {
            self.asks.insert(booking.id);
        }
        if booking.at_risk != AtRisk::NONE {
            self.at_risk.insert(booking.id);
        }
        if let Some(finished) = booking.finished_at {
            self.ended.insert((finished, booking.id));
        }
    }

    fn strike_booking(&mut self, booking: &Booking) {
        if let Some(given_up) = given_up_after(booking) {
            self.without_vehicle.remove(&(given_up, booking.id));
        }
        if booking.ask.is_some() {
            self.asks.remove(&booking.id);
        }
        if booking.at_risk != AtRisk::NONE {
            self.at_risk.remove(&booking.id);
        }
        if let Some(finished) = booking.finished_at {
            self.ended.remove(&(finished, booking.id));
        }
    }

    fn file_shift(&mut self, schedule: &Schedule) {
        let shift = &schedule.shift;
        match schedule.state {
            ShiftState::Planned => self.planned.insert((shift.window.latest(), shift.id)),
            ShiftState::Open => self.open_of.insert(shift.vehicle, shift.id).is_none(),
        };
        let shifts = self.shifts_of.entry(shift.vehicle).or_default();
        shifts.insert(opening(shift));
        if shifts.len() > 1 {
            self.several.insert(shift.vehicle);
        }
    }

    fn strike_shift(&mut self, schedule: &Schedule) {
        let shift = &schedule.shift;
        self.planned.remove(&(shift.window.latest(), shift.id));
        if self.open_of.get(&shift.vehicle) == Some(&shift.id) {
            self.open_of.remove(&shift.vehicle);
        }
        if let Some(shifts) = self.shifts_of.get_mut(&shift.vehicle) {
            shifts.remove(&opening(shift));
            if shifts.len() < 2 {
                self.several.remove(&shift.vehicle);
            }
            if shifts.is_empty() {
                self.shifts_of.remove(&shift.vehicle);
            }
        }
    }

    /// From the shift before this one and from this one, as they stand; `shift` may have ended, or it is known when it
    /// is over.
    fn refile_handovers(&mut self, state: &State, shift: &Shift, finish: Option<Finish>) {
        let Some(shifts) = self.shifts_of.get(&shift.vehicle) else {
            return self.handovers.file(shift.id, None);
        };
        let here = opening(shift);
        let before = shifts.range(..here).next_back().copied();
        let after = shifts.range((Excluded(here), Unbounded)).next().copied();
        let is_there = shifts.contains(&here);
        if let Some((_, before)) = before {
            let next = if is_there { Some(here) } else { after };
            self.handovers.file(before, next.and_then(|(_, next)| handover(state, before, next)));
        }
        let next = after.filter(|_| is_there).and_then(|(_, after)| match finish {
            None => handover(state, shift.id, after),
            Some(finish) => next_handover_of((&state.schedules[&shift.id], || finish), &state.schedules[&after]),
        });
        self.handovers.file(shift.id, next);
    }
}

/// By which the shifts of a vehicle stand in order.
fn opening(shift: &Shift) -> (Time, ShiftId) {
    (shift.window.earliest(), shift.id)
}

fn handover(state: &State, before: ShiftId, after: ShiftId) -> Option<Time> {
    next_handover(&state.schedules[&before], &state.schedules[&after])
}

/// The last moment at which a booking without a vehicle is looked after.
fn given_up_after(booking: &Booking) -> Option<Time> {
    match booking.state {
        BookingState::Unassigned => Some(booking.promise.pickup.latest()),
        BookingState::Stranded => Some(NEVER),
        _ => None,
    }
}

fn sorted<'a, Id: Copy + Ord + 'a>(due: impl Iterator<Item = &'a (Time, Id)>) -> Vec<Id> {
    let mut ids: Vec<Id> = due.map(|(_, id)| *id).collect();
    ids.sort_unstable();
    ids
}

/// What an event changes, of all that is filed here.
#[derive(Default)]
struct Touched {
    offer: Option<OfferId>,
    shift: Option<ShiftId>,
    /// The shift is planned, opened or ended by it; else its schedule is another one.
    begins_or_ends: bool,
    booking: Option<BookingId>,
    /// Bookings that get a vehicle by it and had none.
    adopted: Vec<BookingId>,
}

impl Touched {
    /// `agenda` and `state` are those before the event.
    fn by(event: &Event, agenda: &Agenda, state: &State) -> Touched {
        match event {
            Event::Exogenous(Exogenous { command, .. }) => Touched::by_command(command, state),
            Event::Endogenous(event) => Touched::by_decided(event, agenda, state),
        }
    }

    fn shift(shift: ShiftId) -> Touched {
        Touched { shift: Some(shift), ..Touched::default() }
    }

    fn begins_or_ends(shift: ShiftId) -> Touched {
        Touched { shift: Some(shift), begins_or_ends: true, ..Touched::default() }
    }

    fn offer(offer: OfferId) -> Touched {
        Touched { offer: Some(offer), ..Touched::default() }
    }

    /// A booking, and the schedule in which its promise counts.
    fn booking(booking: BookingId, state: &State) -> Touched {
        let shift = state.bookings.get(&booking).and_then(|booking| booking.shift);
        Touched { shift, booking: Some(booking), ..Touched::default() }
    }

    fn by_command(command: &Command, state: &State) -> Touched {
        match command {
            Command::OpenShift { shift, .. } => Touched::begins_or_ends(*shift),
            Command::Depart { shift, .. }
            | Command::Arrive { shift, .. }
            | Command::EndBreak { shift, .. }
            | Command::EndRepositioning { shift, .. } => Touched::shift(*shift),
            Command::Board { booking, .. }
            | Command::Alight { booking, .. }
            | Command::ReportNoShow { booking, .. } => Touched::booking(*booking, state),
            _ => Touched::default(),
        }
    }

    fn by_decided(event: &Endogenous, agenda: &Agenda, state: &State) -> Touched {
        match event {
            Endogenous::ShiftPlanned { shift, .. } => Touched::begins_or_ends(shift.id),
            Endogenous::ShiftEnded { shift } => Touched::begins_or_ends(*shift),
            Endogenous::ShiftChanged { shift } => Touched::begins_or_ends(shift.id),
            Endogenous::BreakAtRisk { shift, .. }
            | Endogenous::BreakRestored { shift, .. }
            | Endogenous::DetourExceeded { shift, .. }
            | Endogenous::DetourRestored { shift }
            | Endogenous::RepositioningOrdered { shift, .. }
            | Endogenous::StandbyAsked { shift, .. }
            | Endogenous::StandbyLapsed { shift }
            | Endogenous::WayOnChanged { shift, .. } => Touched::shift(*shift),
            Endogenous::PlanChanged { shift, plan } => {
                let mut touched = Touched::shift(*shift);
                if agenda.is_any_without_vehicle() {
                    let is_without = |booking: &BookingId| {
                        state.bookings.get(booking).is_some_and(|booking| given_up_after(booking).is_some())
                    };
                    touched.adopted.extend(plan.stops.iter().filter_map(|stop| stop.booking).filter(is_without));
                }
                touched
            }
            Endogenous::OfferMade(offer) => Touched::offer(offer.id),
            Endogenous::OfferExpired { offer } => Touched::offer(*offer),
            // a booking that was just made has a vehicle and no ask, and its plan follows
            Endogenous::BookingConfirmed { offer, .. } => Touched::offer(*offer),
            // a held booking has neither, and may be at risk
            Endogenous::OfferHeld { offer, booking, .. } | Endogenous::HoldReleased { offer, booking } => {
                Touched { offer: Some(*offer), ..Touched::booking(*booking, state) }
            }
            Endogenous::Booked { .. } | Endogenous::RequestRefused(_) => Touched::default(),
            Endogenous::BookingAmended { booking, .. }
            | Endogenous::BookingCancelled { booking, .. }
            | Endogenous::BookingUnassigned { booking }
            | Endogenous::BookingFailed { booking }
            | Endogenous::BookingStranded { booking, .. }
            | Endogenous::PromiseAtRisk { booking, .. }
            | Endogenous::PromiseRestored { booking, .. }
            | Endogenous::DriverAsked { booking, .. }
            | Endogenous::AskEnded { booking, .. }
            | Endogenous::BookingForgotten { booking } => Touched::booking(*booking, state),
        }
    }
}

//! What becomes due when, filed by time: so that knowing when to wake, and what to look at then, costs
//! no walk over every offer, booking and schedule.
//!
//! It follows from the state alone, is kept by `apply` beside it, and belongs neither to equality nor to
//! any record; [`Agenda::of`] files a whole state, which is also the slow twin of keeping it.

use std::collections::{BTreeMap, BTreeSet};

use mukae_units::{BookingId, OfferId, ShiftId, Span, Time, VehicleId};

use crate::State;
use crate::decide::{ask_over_from, next_breach, next_handover};
use crate::event::{Endogenous, Event, Exogenous};
use crate::fleet::Changes;
use crate::model::{Booking, BookingState, ShiftState};
use crate::schedule::Schedule;
use crate::{Command, decide};

const TICK: Span = Span::from_millis(1);
/// A rider put down under way is never given up, however long it takes.
const NEVER: Time = Time::from_unix_millis(i64::MAX / 4);

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Agenda {
    offers: BTreeSet<(Time, OfferId)>,
    /// The first moment at which a promise in the schedule breaks that is not known to be at risk.
    breaches: BTreeSet<(Time, ShiftId)>,
    /// The same by shift, to find it again.
    breach_of: BTreeMap<ShiftId, Time>,
    /// Shifts nobody has opened, by the end of their windows.
    planned: BTreeSet<(Time, ShiftId)>,
    /// Bookings without a vehicle, by when they are given up.
    without_vehicle: BTreeSet<(Time, BookingId)>,
    ended: BTreeSet<(Time, BookingId)>,
    shifts_of: BTreeMap<VehicleId, BTreeSet<ShiftId>>,
    /// When a shift that goes on and on next moves the start of the one after it.
    handovers: BTreeSet<(Time, VehicleId)>,
    /// The same by vehicle, to find it again.
    handover_of: BTreeMap<VehicleId, Time>,
    open_of: BTreeMap<VehicleId, ShiftId>,
    /// Bookings that wait for a driver's answer: few, and when an ask is over hangs on more than on them.
    asks: BTreeSet<BookingId>,
}

impl Agenda {
    /// Files everything anew.
    pub fn of(state: &State) -> Agenda {
        let mut agenda = Agenda::default();
        agenda.offers.extend(state.offers.values().map(|offer| (offer.expires, offer.id)));
        for booking in state.bookings.values() {
            agenda.file_booking(booking);
        }
        for schedule in state.schedules.values() {
            agenda.file_shift(schedule);
            agenda.file_breach(state, schedule);
        }
        for vehicle in agenda.shifts_of.keys().copied().collect::<Vec<_>>() {
            agenda.refile_handover(state, vehicle);
        }
        agenda
    }

    /// Applies an event to the state, and follows it.
    pub fn apply(&mut self, state: &mut State, event: &Event, changes: &mut Changes) {
        let touched = Touched::by(event, state);
        let vehicle_of = |state: &State, shift: Option<ShiftId>| {
            shift.and_then(|shift| state.schedules.get(&shift)).map(|schedule| schedule.shift.vehicle)
        };
        let vehicle = vehicle_of(state, touched.shift);
        for booking in touched.bookings.iter().filter_map(|booking| state.bookings.get(booking)) {
            self.strike_booking(booking);
        }
        if let Some(offer) = touched.offer.and_then(|offer| state.offers.get(&offer)) {
            self.offers.remove(&(offer.expires, offer.id));
        }
        if let Some(schedule) = touched.shift.and_then(|shift| state.schedules.get(&shift)) {
            self.strike_shift(schedule);
        }

        crate::apply::apply(state, event, changes);

        for booking in touched.bookings.iter().filter_map(|booking| state.bookings.get(booking)) {
            self.file_booking(booking);
        }
        if let Some(offer) = touched.offer.and_then(|offer| state.offers.get(&offer)) {
            self.offers.insert((offer.expires, offer.id));
        }
        if let Some(schedule) = touched.shift.and_then(|shift| state.schedules.get(&shift)) {
            self.file_shift(schedule);
            self.file_breach(state, schedule);
        }
        if let Some(vehicle) = vehicle.or_else(|| vehicle_of(state, touched.shift)) {
            self.refile_handover(state, vehicle);
        }
    }

    pub fn wakeup(&self, state: &State) -> Option<Time> {
        let first = |filed: &BTreeSet<(Time, ShiftId)>| filed.first().map(|(at, _)| *at);
        let offer = self.offers.first().map(|(expires, _)| *expires + TICK);
        let planned = first(&self.planned).map(|latest| latest + TICK);
        let recheck = state.vehicles_sought + decide::RECHECK;
        let without_vehicle = self.without_vehicle.first().map(|(latest, _)| recheck.min(*latest + TICK));
        let ended = self.ended.first().and_then(|(finished, _)| Some(*finished + state.policy?.retention));
        let handover = self.handovers.first().map(|(at, _)| *at);
        let ask = self.asks.iter().filter_map(|booking| ask_over_from(state, &state.bookings[booking])).min();
        [offer, first(&self.breaches), planned, without_vehicle, ended, handover, ask].into_iter().flatten().min()
    }

    /// In the order of their ids, as all that follows.
    pub fn expired_offers(&self, now: Time) -> Vec<OfferId> {
        sorted(self.offers.iter().take_while(|(expires, _)| *expires < now))
    }

    pub fn stale_shifts(&self, now: Time) -> Vec<ShiftId> {
        sorted(self.planned.iter().take_while(|(latest, _)| *latest < now))
    }

    /// Schedules in which a promise breaks by now that is not known to be at risk.
    pub fn due_breaches(&self, now: Time) -> Vec<ShiftId> {
        sorted(self.breaches.iter().take_while(|(at, _)| *at <= now))
    }

    pub fn due_handovers(&self, now: Time) -> Vec<VehicleId> {
        sorted(self.handovers.iter().take_while(|(at, _)| *at <= now))
    }

    pub fn vehicles_with_several_shifts(&self) -> impl Iterator<Item = VehicleId> {
        self.shifts_of.iter().filter(|(_, shifts)| shifts.len() > 1).map(|(vehicle, _)| *vehicle)
    }

    pub fn without_vehicle(&self) -> Vec<BookingId> {
        sorted(self.without_vehicle.iter())
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

    pub fn shifts_of(&self, vehicle: VehicleId) -> impl Iterator<Item = ShiftId> {
        self.shifts_of.get(&vehicle).into_iter().flatten().copied()
    }

    pub fn open_shift_of(&self, vehicle: VehicleId) -> Option<ShiftId> {
        self.open_of.get(&vehicle).copied()
    }

    fn file_booking(&mut self, booking: &Booking) {
        if let Some(given_up) = given_up_after(booking) {
            self.without_vehicle.insert((given_up, booking.id));
        }
        if booking.ask.is_some() {
            self.asks.insert(booking.id);
        }
        if let Some(finished) = booking.finished_at {
            self.ended.insert((finished, booking.id));
        }
    }

    fn strike_booking(&mut self, booking: &Booking) {
        if let Some(given_up) = given_up_after(booking) {
            self.without_vehicle.remove(&(given_up, booking.id));
        }
        self.asks.remove(&booking.id);
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
        self.shifts_of.entry(shift.vehicle).or_default().insert(shift.id);
    }

    fn strike_shift(&mut self, schedule: &Schedule) {
        let shift = &schedule.shift;
        self.planned.remove(&(shift.window.latest(), shift.id));
        if self.open_of.get(&shift.vehicle) == Some(&shift.id) {
            self.open_of.remove(&shift.vehicle);
        }
        if let Some(shifts) = self.shifts_of.get_mut(&shift.vehicle) {
            shifts.remove(&shift.id);
            if shifts.is_empty() {
                self.shifts_of.remove(&shift.vehicle);
            }
        }
        if let Some(at) = self.breach_of.remove(&shift.id) {
            self.breaches.remove(&(at, shift.id));
        }
    }

    fn refile_handover(&mut self, state: &State, vehicle: VehicleId) {
        if let Some(at) = self.handover_of.remove(&vehicle) {
            self.handovers.remove(&(at, vehicle));
        }
        let Some(shifts) = self.shifts_of.get(&vehicle).filter(|shifts| shifts.len() > 1) else { return };
        let mut shifts: Vec<&Schedule> = shifts.iter().map(|shift| state.schedules[shift].as_ref()).collect();
        shifts.sort_by_key(|schedule| (schedule.shift.window.earliest(), schedule.shift.id));
        if let Some(at) = shifts.windows(2).filter_map(|pair| next_handover(state, pair[0], pair[1])).min() {
            self.handovers.insert((at, vehicle));
            self.handover_of.insert(vehicle, at);
        }
    }

    fn file_breach(&mut self, state: &State, schedule: &Schedule) {
        if let Some(at) = next_breach(state, schedule) {
            self.breaches.insert((at, schedule.shift.id));
            self.breach_of.insert(schedule.shift.id, at);
        }
    }
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
    bookings: Vec<BookingId>,
}

impl Touched {
    /// `state` is the one before the event.
    fn by(event: &Event, state: &State) -> Touched {
        match event {
            Event::Exogenous(Exogenous { command, .. }) => Touched::by_command(command, state),
            Event::Endogenous(event) => Touched::by_decided(event, state),
        }
    }

    fn shift(shift: ShiftId) -> Touched {
        Touched { shift: Some(shift), ..Touched::default() }
    }

    fn offer(offer: OfferId) -> Touched {
        Touched { offer: Some(offer), ..Touched::default() }
    }

    /// A booking, and the schedule in which its promise counts.
    fn booking(booking: BookingId, state: &State) -> Touched {
        let shift = state.bookings.get(&booking).and_then(|booking| booking.shift);
        Touched { offer: None, shift, bookings: vec![booking] }
    }

    fn by_command(command: &Command, state: &State) -> Touched {
        match command {
            Command::OpenShift { shift, .. }
            | Command::Depart { shift, .. }
            | Command::Arrive { shift, .. }
            | Command::EndBreak { shift, .. } => Touched::shift(*shift),
            Command::Board { booking, .. }
            | Command::Alight { booking, .. }
            | Command::ReportNoShow { booking, .. } => Touched::booking(*booking, state),
            _ => Touched::default(),
        }
    }

    fn by_decided(event: &Endogenous, state: &State) -> Touched {
        match event {
            Endogenous::ShiftPlanned { shift, .. } => Touched::shift(shift.id),
            Endogenous::ShiftEnded { shift }
            | Endogenous::BreakAtRisk { shift, .. }
            | Endogenous::BreakRestored { shift, .. }
            | Endogenous::DetourExceeded { shift, .. }
            | Endogenous::DetourRestored { shift }
            | Endogenous::WayOnChanged { shift, .. } => Touched::shift(*shift),
            Endogenous::PlanChanged { shift, plan } => {
                // who gets a vehicle is no longer without one
                let is_without = |booking: &BookingId| {
                    state.bookings.get(booking).is_some_and(|booking| given_up_after(booking).is_some())
                };
                let bookings = plan.stops.iter().filter_map(|stop| stop.booking).filter(is_without);
                Touched { offer: None, shift: Some(*shift), bookings: bookings.collect() }
            }
            Endogenous::OfferMade(offer) => Touched::offer(offer.id),
            Endogenous::OfferExpired { offer } => Touched::offer(*offer),
            Endogenous::BookingConfirmed { booking, offer, shift } => {
                Touched { offer: Some(*offer), shift: Some(*shift), bookings: vec![*booking] }
            }
            Endogenous::Booked { booking, .. }
            | Endogenous::BookingCancelled { booking, .. }
            | Endogenous::BookingUnassigned { booking }
            | Endogenous::BookingFailed { booking }
            | Endogenous::BookingStranded { booking, .. }
            | Endogenous::PromiseAtRisk { booking, .. }
            | Endogenous::PromiseRestored { booking, .. }
            | Endogenous::DriverAsked { booking, .. }
            | Endogenous::AskEnded { booking, .. }
            | Endogenous::BookingForgotten { booking } => Touched::booking(*booking, state),
            Endogenous::RequestRefused(_) => Touched::default(),
        }
    }
}

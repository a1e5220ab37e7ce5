//! One run: the agenda, the scribe, and everyone who reports to it.
//!
//! Time jumps from occurrence to occurrence. Each becomes a command for the same [`Scribe`] that a
//! live area has; what the dispatcher wants to be woken for becomes [`Command::AdvanceClock`]. A run
//! ends when nothing is left to happen: all shifts over, all requests ended.

mod outcome;
mod setup;

use std::collections::BTreeMap;
use std::fmt;

use mukae_engine::model::{Ask, Booking, BookingState, CancelReason, Channel, ShiftState};
use mukae_engine::{Answer, Command, Endogenous, Event, Exogenous, Rejection, Work};
use mukae_maps::TravelTimes;
use mukae_record::{Origin, Principal, Scribe, Written};
use mukae_units::{BookingId, DriverId, OfferId, SeatKind, ShiftId, Span, Time};

use crate::agenda::{Agenda, Class};
use crate::audit::{Auditor, Fault, Wrong};
use crate::driver::{self, Passenger, Report, World};
use crate::kpi::{Ledger, RoadLengths};

pub use outcome::{Outcome, Progress};
pub use setup::{Setup, SetupError};

/// A driver whose report was not accepted reports again after this.
const RETRY: Span = Span::MINUTE;
/// Then the driver is given up: the shift stays open and the audit says so.
const REPORTS_REJECTED_MAX: u32 = 60;

/// Offers one rider looks at before giving up.
const OFFERS_MAX: u32 = 3;

/// Who speaks in the records of a simulation.
pub(crate) const PRINCIPAL: &str = "sim";

#[derive(Clone, Debug)]
enum Occurrence {
    PlanShift(Box<Command>),
    /// A rider asks: an index into the asks.
    Ask(usize),
    Take {
        ask: usize,
        offer: OfferId,
        seen: u32,
    },
    Answer {
        booking: BookingId,
        driver: DriverId,
        accepted: bool,
    },
    Cancel(BookingId),
    BreakDown(ShiftId),
    /// Void if the schedule has been changed since.
    Report {
        shift: ShiftId,
        revision: u64,
        command: Box<Command>,
        rejected: u32,
    },
}

/// A run in the making. It owns no roads, no files and no threads.
pub struct Simulation<'r> {
    setup: Setup,
    scribe: Scribe,
    work: Work<'r>,
    lengths: &'r mut dyn RoadLengths,
    /// Every record, in order, as it is written.
    keep: &'r mut dyn FnMut(&[u8]),
    origin: Origin,
    agenda: Agenda<Occurrence>,
    now: Time,
    /// What the dispatcher asked for after the last record.
    wakeup: Option<Time>,
    ledger: Ledger,
    auditor: Option<Auditor>,
    faults: Vec<Fault>,
    asked: usize,
    asks_outside: usize,
    /// Who has booked, until the ride ends.
    passengers: BTreeMap<BookingId, Passenger>,
    /// Who is being answered.
    rider_at_hand: Option<u64>,
    last_asked: BTreeMap<DriverId, Time>,
    /// Shifts the last record changed; kept to be used again.
    changed: Vec<ShiftId>,
}

impl fmt::Debug for Simulation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulation").field("now", &self.now).field("asked", &self.asked).finish_non_exhaustive()
    }
}

impl<'r> Simulation<'r> {
    /// Applies the settings and fills the agenda. `roads` and `lengths` are queries over the same map.
    pub fn new(
        setup: Setup,
        roads: &'r mut dyn TravelTimes,
        lengths: &'r mut dyn RoadLengths,
        keep: &'r mut dyn FnMut(&[u8]),
    ) -> Result<Simulation<'r>, SetupError> {
        let (setup, asks_outside) = setup.checked()?;
        let mut simulation = Simulation {
            scribe: Scribe::new(),
            work: Work::new(roads),
            lengths,
            keep,
            origin: Origin::of(Principal::new(PRINCIPAL).expect("a short name is a principal")),
            agenda: Agenda::new(),
            now: setup.start,
            wakeup: None,
            ledger: Ledger::by(setup.calendar.clone()),
            auditor: setup.is_audited.then(|| Auditor::new(setup.behaviour.is_any_delay())),
            faults: Vec::new(),
            asked: 0,
            asks_outside,
            passengers: BTreeMap::new(),
            rider_at_hand: None,
            last_asked: BTreeMap::new(),
            changed: Vec::new(),
            setup,
        };
        simulation.settle()?;
        Ok(simulation)
    }

    /// Rules and vehicles now, shifts as they are announced, asks as they come.
    fn settle(&mut self) -> Result<(), SetupError> {
        let mut announced = self.setup.start;
        for command in std::mem::take(&mut self.setup.settings) {
            if let Command::PlanShift(shift) = &command {
                // Shift ids only grow, so a later one is not announced before an earlier one.
                announced = announced.max(shift.window.earliest() - self.setup.announce_ahead);
                let entity = u64::from(shift.id.0);
                let window = shift.window;
                if let Some(at) = self.setup.behaviour.breaks_down(entity, window.earliest(), window.latest()) {
                    self.agenda.insert(at, Class::Vehicle, entity, Occurrence::BreakDown(shift.id));
                }
                self.agenda.insert(announced, Class::Setting, entity, Occurrence::PlanShift(Box::new(command)));
            } else if let Answer::Rejected(rejection) = self.take(self.setup.start, command.clone()) {
                return Err(SetupError::Rejected { command: Box::new(command), rejection });
            }
        }
        for (index, ask) in self.setup.asks.iter().enumerate() {
            let is_phoned = ask.request.channel == Channel::Phone;
            let delay = if is_phoned { self.setup.behaviour.desk_delay(ask.rider()) } else { Span::ZERO };
            self.agenda.insert(ask.at + delay, Class::Request, index as u64, Occurrence::Ask(index));
        }
        Ok(())
    }

    /// Runs to the end; `progress` is told once for every hour of the simulated clock in which
    /// something happens.
    pub fn run(mut self, progress: &mut dyn FnMut(Progress)) -> Outcome {
        let mut told = self.now.floor_to(Span::HOUR);
        while self.step() {
            let hour = self.now.floor_to(Span::HOUR);
            if told < hour {
                told = hour;
                progress(self.progress());
            }
        }
        progress(self.progress());
        self.finish()
    }

    fn progress(&self) -> Progress {
        Progress {
            now: self.now,
            start: self.setup.start,
            end: self.setup.end,
            asked: self.asked,
            asks: self.setup.asks.len(),
            records: self.scribe.next_sequence(),
        }
    }

    /// Lets the next thing happen; false if nothing is left.
    fn step(&mut self) -> bool {
        let next_at = self.agenda.next_at();
        let wakeup = self.wakeup.map(|wakeup| wakeup.max(self.now));
        match (next_at, wakeup) {
            (Some(at), wakeup) if wakeup.is_none_or(|wakeup| at <= wakeup) => {
                let (at, occurrence) = self.agenda.take_next().expect("it has a next time");
                self.now = self.now.max(at);
                self.happen(occurrence);
            }
            (next_at, Some(wakeup)) if next_at.is_some() || self.is_waited_for() => {
                self.now = wakeup;
                let sequence = self.scribe.next_sequence();
                self.take(wakeup, Command::AdvanceClock);
                // Otherwise the state, and with it the wakeup, would be the same for ever.
                let written = self.scribe.next_sequence();
                assert!(sequence < written, "woken at {wakeup:?} for nothing, after record {sequence}");
            }
            _ => return false,
        }
        true
    }

    /// True while a rider waits for an answer that only time can bring. Who is stranded waits for a vehicle, and
    /// for ever where none is left.
    fn is_waited_for(&self) -> bool {
        let state = self.scribe.state();
        let is_open = |booking: &Booking| match booking.state {
            BookingState::Stranded => !state.schedules.is_empty(),
            _ => !booking.state.is_final() && booking.shift.is_none(),
        };
        !state.offers.is_empty() || state.bookings.values().any(is_open)
    }

    fn happen(&mut self, occurrence: Occurrence) {
        match occurrence {
            Occurrence::PlanShift(command) => _ = self.take_or_fault(*command),
            Occurrence::Ask(ask) => {
                self.asked += 1;
                let request = self.setup.asks[ask].request.clone();
                let answer = self.take_or_fault(Command::Quote(request.into()));
                self.consider(ask, answer, 1);
            }
            Occurrence::Take { ask, offer, seen } => {
                self.rider_at_hand = Some(self.setup.asks[ask].rider());
                let answer = self.take_or_fault(Command::ConfirmOffer { offer });
                self.rider_at_hand = None;
                self.consider(ask, answer, seen + 1);
            }
            Occurrence::Answer { booking, driver, accepted } => {
                let found = self.scribe.state().bookings.get(&booking);
                let is_open = |ask: Ask| ask.driver == driver && self.now <= ask.deadline;
                if found.and_then(|found| found.ask).is_some_and(is_open) {
                    self.take_or_fault(Command::AnswerAsk { booking, driver, accepted });
                }
            }
            Occurrence::Cancel(booking) => {
                let found = self.scribe.state().bookings.get(&booking);
                let is_waiting = |state| state != BookingState::Boarded && !BookingState::is_final(state);
                if found.is_some_and(|found| is_waiting(found.state)) {
                    self.take_or_fault(Command::CancelBooking { booking, reason: CancelReason::Rider });
                }
            }
            Occurrence::BreakDown(shift) => {
                let schedule = self.scribe.state().schedules.get(&shift);
                if schedule.is_some_and(|schedule| schedule.state == ShiftState::Open) {
                    self.take_or_fault(Command::BreakDown { shift, place: None, at: self.now });
                }
            }
            Occurrence::Report { shift, revision, command, rejected } => {
                let schedule = self.scribe.state().schedules.get(&shift);
                if schedule.is_some_and(|schedule| schedule.revision == revision) {
                    self.report(shift, *command, rejected);
                }
            }
        }
    }

    /// The rider looks at an answer, the `seen`-th.
    fn consider(&mut self, ask: usize, answer: Answer, seen: u32) {
        let rider = self.setup.asks[ask].rider();
        let offers = match answer {
            Answer::Offered(offers) | Answer::PlanChanged { fresh: Ok(offers) } => offers,
            Answer::Confirmed(booking) | Answer::AwaitingDriver(booking) => return self.board(rider, &booking),
            _ => return,
        };
        let offer = &offers[0]; // these riders want the best one, and asked for no other
        let Some(after) = self.setup.behaviour.takes(rider, offer, seen).filter(|_| seen <= OFFERS_MAX) else { return };
        let at = self.now + after;
        if at <= offer.expires {
            let take = Occurrence::Take { ask, offer: offer.id, seen };
            self.agenda.insert(at, Class::Request, ask as u64, take);
        }
    }

    /// Notes who has booked, and when they will change their mind.
    fn board(&mut self, rider: u64, booking: &Booking) {
        let has_wheelchair = 0 < booking.request.party.of(SeatKind::Wheelchair);
        self.passengers.insert(booking.id, Passenger { rider, has_wheelchair });
        if let Some(at) = self.setup.behaviour.cancels(rider, self.now, booking.promise.pickup.earliest()) {
            self.agenda.insert(at, Class::Request, booking.id.0, Occurrence::Cancel(booking.id));
        }
    }

    fn report(&mut self, shift: ShiftId, command: Command, rejected: u32) {
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

    /// What riders and drivers say is meant to be accepted.
    fn take_or_fault(&mut self, command: Command) -> Answer {
        let said = command.clone();
        let answer = self.take(self.now, command);
        if let Answer::Rejected(rejection) = &answer {
            let what = Wrong::Rejected { command: Box::new(said), rejection: rejection.clone() };
            self.faults.push(Fault { at: self.now, what });
        }
        answer
    }

    /// Hands a command to the scribe, and what came of it to everyone who watches.
    fn take(&mut self, at: Time, command: Command) -> Answer {
        let taken = self.scribe.take(at, &self.origin, command, &mut self.work);
        let Written { answer, events, record, .. } = taken.expect("without request ids none is used twice");
        if let Some(record) = &record {
            (self.keep)(record);
        }
        if let Some((told, decided)) = split(&events) {
            self.watch(told, decided);
        }
        answer
    }

    fn watch<'a>(&mut self, told: &Exogenous, decided: impl Iterator<Item = &'a Endogenous> + Clone) {
        self.wakeup = self.scribe.wakeup();
        self.ledger.observe(told, decided.clone(), self.lengths);
        for event in decided.clone() {
            match *event {
                Endogenous::DriverAsked { booking, driver, .. } => self.ask_driver(booking, driver),
                Endogenous::BookingForgotten { booking } => _ = self.passengers.remove(&booking),
                _ => {}
            }
        }
        let mut changed = std::mem::take(&mut self.changed);
        changed.clear();
        changed.extend(decided.clone().filter_map(changed_by_decision));
        changed.extend(self.changed_by_report(&told.command));
        changed.sort_unstable();
        changed.dedup();
        if let Some(auditor) = &mut self.auditor {
            let seen = (self.scribe.state(), changed.as_slice());
            auditor.observe(told, decided, seen, self.work.roads, &mut self.faults);
        }
        for &shift in &changed {
            self.plan_report(shift);
        }
        self.changed = changed;
    }

    fn ask_driver(&mut self, booking: BookingId, driver: DriverId) {
        let booked = self.passengers.get(&booking).map(|passenger| passenger.rider);
        let rider = booked.or(self.rider_at_hand).unwrap_or(booking.0);
        let before = self.last_asked.insert(driver, self.now);
        if let Some((at, accepted)) = self.setup.behaviour.answers(u64::from(driver.0), rider, self.now, before) {
            let answer = Occurrence::Answer { booking, driver, accepted };
            self.agenda.insert(at, Class::Request, booking.0, answer);
        }
    }

    fn changed_by_report(&self, command: &Command) -> Option<ShiftId> {
        match *command {
            Command::OpenShift { shift, .. }
            | Command::Depart { shift, .. }
            | Command::Arrive { shift, .. }
            | Command::EndBreak { shift, .. } => Some(shift),
            Command::Board { booking, .. } | Command::Alight { booking, .. } => {
                self.scribe.state().bookings.get(&booking)?.shift
            }
            _ => None,
        }
    }

    /// Puts the next report of a shift's driver on the agenda; the one before it is void.
    fn plan_report(&mut self, shift: ShiftId) {
        let Some(schedule) = self.scribe.state().schedules.get(&shift) else { return };
        let world = World { behaviour: &self.setup.behaviour, passengers: &self.passengers };
        let Report { at, command } = driver::next_report(schedule, self.now, world);
        let (revision, command) = (schedule.revision, Box::new(command));
        let report = Occurrence::Report { shift, revision, command, rejected: 0 };
        self.agenda.insert(at, Class::Vehicle, u64::from(shift.0), report);
    }

    fn finish(mut self) -> Outcome {
        let kpis = self.ledger.kpis();
        let at = self.now;
        let mut found = |what| self.faults.push(Fault { at, what });
        let is_lost = |booking: &&Booking| !booking.state.is_final() && booking.state != BookingState::Stranded;
        for booking in self.scribe.state().bookings.values().filter(is_lost) {
            found(Wrong::BookingLeftOpen { booking: booking.id });
        }
        for &shift in self.scribe.state().schedules.keys() {
            found(Wrong::ShiftLeftOpen { shift });
        }
        if kpis.unaccounted() != 0 || kpis.requests != self.asked as u64 {
            found(Wrong::Unaccounted { requests: kpis.unaccounted() + self.asked as i64 - kpis.requests as i64 });
        }
        Outcome {
            kpis,
            ledger: self.ledger,
            journal_hash: self.scribe.journal_hash(),
            state_hash: self.scribe.state_hash(),
            records: self.scribe.next_sequence(),
            ended_at: self.now,
            asks_outside: self.asks_outside,
            faults: self.faults,
        }
    }
}

/// What was told, and what was decided on it.
fn split(events: &[Event]) -> Option<(&Exogenous, impl Iterator<Item = &Endogenous> + Clone)> {
    let (first, rest) = events.split_first()?;
    let Event::Exogenous(told) = first else { panic!("{first:?} was decided on nothing") };
    let decided = rest.iter().map(|event| match event {
        Event::Endogenous(decided) => decided,
        Event::Exogenous(second) => panic!("{second:?} is a second command in one decision"),
    });
    Some((told, decided))
}

fn changed_by_decision(event: &Endogenous) -> Option<ShiftId> {
    match event {
        Endogenous::ShiftPlanned { shift, .. } => Some(shift.id),
        Endogenous::PlanChanged { shift, .. } => Some(*shift),
        _ => None,
    }
}

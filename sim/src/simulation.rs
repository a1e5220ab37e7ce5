//! One run: the agenda, the scribe, and everyone who reports to it.
//!
//! Time jumps from occurrence to occurrence. Each becomes a command for the same [`Scribe`] that a
//! live area has; what the dispatcher wants to be woken for becomes [`Command::AdvanceClock`]. A run
//! ends when nothing is left to happen: all shifts over, all requests ended.

mod ahead;
mod begun;
mod drivers;
mod improve;
mod outcome;
mod recorded;
mod riders;
mod setup;
mod under_way;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use mukae_engine::model::{Ask, Booking, BookingState, CancelReason, Channel, ShiftState};
use mukae_engine::{Answer, Command, Endogenous, Event, Exogenous, Work};
use mukae_maps::{Place, TravelTimes};
use mukae_record::{Origin, Principal, Scribe, Written};
use mukae_supply::Follower;
use mukae_units::{BookingId, DriverId, OfferId, ShiftId, Span, Time};

use crate::agenda::{Agenda, Class};
use crate::audit::{Auditor, Fault, Wrong};
use crate::driver::Passenger;
use crate::kpi::{Ledger, RoadLengths};
use crate::past::{FollowingRoads, Habits, Works};
use recorded::Deed;
use under_way::UnderWay;

pub(crate) use improve::better_orders;
pub use outcome::{Outcome, Progress};
pub use setup::{Ahead, Effort, Setup, SetupError};

/// A driver whose report was not accepted reports again after this.
const RETRY: Span = Span::MINUTE;

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
    Cancel {
        booking: BookingId,
        reason: CancelReason,
    },
    BreakDown(ShiftId),
    /// The model says what it expects.
    Foresee,
    /// Something that a journal has and the simulator does not think of by itself.
    Recorded(Deed),
    /// A vehicle tells where it is. Void if the schedule has been changed since.
    Position {
        leg: UnderWay,
        place: Place,
    },
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
    /// When each driver was asked, those of the last seven days.
    asked_at: BTreeMap<DriverId, Vec<Time>>,
    /// The legs whose plans say what was told on the way.
    told_legs: BTreeMap<ShiftId, UnderWay>,
    /// Vehicles may come late for a reason outside the plan.
    has_delays: bool,
    /// The office's measures on roads, if there are any.
    works: Option<Works>,
    /// Of what a journal has: what had no place here.
    unmet: BTreeMap<&'static str, u64>,
    assumed: BTreeMap<&'static str, u64>,
    /// A shift whose plan a decision changed, since this was last looked at.
    improve_from: Option<ShiftId>,
    /// Shifts the last record changed; kept to be used again.
    changed: Vec<ShiftId>,
    /// The supply model at work, if it is.
    follower: Option<Follower>,
    /// It is on the agenda.
    is_foreseeing: bool,
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
        Simulation::on(setup, None, roads, lengths, keep)
    }

    /// The same on roads that change: `roads` are those of the works.
    pub fn with_works(
        setup: Setup,
        works: Works,
        roads: &'r mut FollowingRoads,
        lengths: &'r mut dyn RoadLengths,
        keep: &'r mut dyn FnMut(&[u8]),
    ) -> Result<Simulation<'r>, SetupError> {
        Simulation::on(setup, Some(works), roads, lengths, keep)
    }

    fn on(
        setup: Setup,
        works: Option<Works>,
        roads: &'r mut dyn TravelTimes,
        lengths: &'r mut dyn RoadLengths,
        keep: &'r mut dyn FnMut(&[u8]),
    ) -> Result<Simulation<'r>, SetupError> {
        let (setup, asks_outside) = setup.checked()?;
        let has_delays = setup.is_any_delay();
        let mut simulation = Simulation {
            scribe: if setup.is_audited { Scribe::new() } else { Scribe::new().without_reading_back() },
            work: Work::new(roads),
            lengths,
            keep,
            origin: Origin::of(Principal::new(PRINCIPAL).expect("a short name is a principal")),
            agenda: Agenda::new(),
            now: setup.start,
            wakeup: None,
            ledger: Ledger::by(setup.calendar.clone()),
            auditor: setup.is_audited.then(|| Auditor::new(has_delays)),
            has_delays,
            faults: Vec::new(),
            asked: 0,
            asks_outside,
            passengers: BTreeMap::new(),
            rider_at_hand: None,
            asked_at: BTreeMap::new(),
            told_legs: BTreeMap::new(),
            works,
            unmet: BTreeMap::new(),
            assumed: BTreeMap::new(),
            improve_from: None,
            changed: Vec::new(),
            follower: setup.follower(),
            is_foreseeing: false,
            setup,
        };
        simulation.work.room_steps = simulation.setup.effort.room_steps;
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
                self.settle_crew(shift);
                self.agenda.insert(announced, Class::Setting, entity, Occurrence::PlanShift(Box::new(command)));
            } else if let Answer::Rejected(rejection) = self.take(self.setup.start, command.clone()) {
                return Err(SetupError::Rejected { command: Box::new(command), rejection });
            }
        }
        let before = self.setup.begun.as_ref().map_or(0, |begun| begun.asks.len());
        for (index, ask) in self.setup.asks.iter().enumerate().skip(before) {
            let is_phoned = ask.request.channel == Channel::Phone && self.setup.past.is_none();
            let delay = if is_phoned { self.setup.behaviour.desk_delay(ask.rider()) } else { Span::ZERO };
            self.agenda.insert(ask.at + delay, Class::Request, index as u64, Occurrence::Ask(index));
        }
        self.settle_ahead();
        self.settle_recorded()?;
        self.take_up()
    }

    fn habits(&self) -> Habits<'_> {
        Habits { drawn: &self.setup.behaviour, past: self.setup.past.as_deref() }
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
                self.improve_from = None;
                self.happen(occurrence);
                if let Some(anchor) = self.improve_from.filter(|_| 0 < self.setup.effort.improve_steps) {
                    self.improve(anchor);
                }
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
            Occurrence::Ask(ask) if self.asks_in_one_step(ask) => {}
            Occurrence::Ask(ask) => {
                self.asked += 1;
                let request = Arc::clone(&self.setup.asks[ask].request);
                let answer = self.take_or_fault(Command::Quote(request));
                self.consider(ask, answer, 1);
            }
            Occurrence::Take { ask, offer, .. } if self.was_answered(ask, offer) => {}
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
            Occurrence::Cancel { booking, reason } => {
                let found = self.scribe.state().bookings.get(&booking);
                let is_waiting = |state| state != BookingState::Boarded && !BookingState::is_final(state);
                if found.is_some_and(|found| is_waiting(found.state)) {
                    self.take_or_fault(Command::CancelBooking { booking, reason });
                }
            }
            Occurrence::BreakDown(shift) => {
                let schedule = self.scribe.state().schedules.get(&shift);
                if schedule.is_some_and(|schedule| schedule.state == ShiftState::Open) {
                    self.take_or_fault(Command::BreakDown { shift, place: None, at: self.now });
                }
            }
            Occurrence::Foresee => self.foresee(),
            Occurrence::Recorded(deed) => self.do_recorded(deed),
            Occurrence::Position { leg, place } => self.tell_position(leg, place),
            Occurrence::Report { shift, revision, command, rejected } => {
                let schedule = self.scribe.state().schedules.get(&shift);
                if schedule.is_some_and(|schedule| schedule.revision == revision) {
                    self.report(shift, *command, rejected);
                }
            }
        }
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
        let taken = match command {
            Command::RoadsChanged { .. } => self.take_roads(at, command),
            command => self.scribe.take(at, &self.origin, command, &mut self.work),
        };
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
        self.follow(told, decided.clone());
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
        self.improve_from = changed.first().copied().or(self.improve_from);
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
            unmet: self.unmet,
            assumed: self.assumed,
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

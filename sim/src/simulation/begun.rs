//! A run that begins in the middle of a journal: the records before are lived through as they were, and what was under way
//! goes on from there.
//!
//! Whoever watches a run watches these records, too, so that all that was going to happen gets onto the agenda as in a
//! run from the beginning. What was due before the run begins has happened, or has not, as the records say; of the rest
//! only reports and answers that are still owed stay.

use std::collections::BTreeMap;

use mukae_engine::model::{Ask, Offer};
use mukae_engine::schedule::{Schedule, Whereabouts};
use mukae_engine::{Answer, Command, Rejection};
use mukae_units::{OfferId, ShiftId, Time};

use super::recorded::{ANYWHERE, Deed};
use super::{Occurrence, RETRY, SetupError, Simulation, split};
use crate::agenda::Class;
use crate::driver::Report;
use crate::past::{Begun, How};

const OVERDUE: &str = "reports of drivers that were overdue where the run begins come within a minute";
const REMODELLED: &str =
    "drives under way where the run begins take what the map says: the journal does not tell their end";
const UNANSWERED: &str =
    "drivers who were asked before the run begins answer as it begins: nobody knows when they would have";

const OBJECTED: &str =
    "things in the records before the run begins that the audit objects to, and that are taken as they were";

/// Whom the records are about.
#[derive(Default)]
struct Riders {
    /// Asks so far; each has its own record, in their order.
    asked: usize,
    /// By whom an offer was seen, and the how manieth they were shown.
    shown: BTreeMap<OfferId, (usize, u32)>,
}

impl Simulation<'_> {
    pub(super) fn take_up(&mut self) -> Result<(), SetupError> {
        let Some(begun) = self.setup.begun.clone() else { return Ok(()) };
        let mut riders = Riders::default();
        for bytes in &begun.records {
            self.relive(bytes, &mut riders)?;
        }
        self.now = begun.at;
        self.rider_at_hand = None;
        self.asked = self.ledger.begin(begun.at);
        self.begin_audit();
        self.count_remodelled(&begun);
        for (at, occurrence) in self.agenda.take_before(begun.at) {
            self.catch_up(at, occurrence);
        }
        for &shift in &self.setup.leaves {
            let leave = Occurrence::Recorded(Deed::Leave(shift));
            self.agenda.insert(begun.at, Class::Setting, u64::from(shift.0), leave);
        }
        Ok(())
    }

    fn relive(&mut self, bytes: &[u8], riders: &mut Riders) -> Result<(), SetupError> {
        let record = self.scribe.replay(bytes).map_err(|source| SetupError::Begun(Box::new(source)))?;
        let (at, command, answer) = (record.at(), record.command().clone(), record.answer.clone());
        self.now = at;
        self.relive_roads(at, &command)?;
        if let Command::PlanShift(shift) = &command {
            self.settle_crew(shift);
        }
        let whose = riders.of(&command);
        let is_at_hand = matches!(command, Command::ConfirmOffer { .. } | Command::Book { .. });
        self.rider_at_hand = whose.filter(|_| is_at_hand).map(|(ask, _)| self.setup.asks[ask].rider());
        (self.keep)(bytes);
        let events = record.into_events();
        if let Some((told, decided)) = split(&events) {
            self.watch(told, decided);
        }
        self.rider_at_hand = None;
        if let Some((ask, seen)) = whose {
            riders.see(ask, seen + 1, &answer);
            self.relive_rider(ask, seen + 1, &command, answer);
        }
        Ok(())
    }

    /// Roads are as the office's measures had left them.
    fn relive_roads(&mut self, at: Time, command: &Command) -> Result<(), SetupError> {
        let is_change = matches!(command, Command::RoadsChanged { .. });
        match &mut self.works {
            Some(works) => {
                if is_change {
                    works.change(at);
                    self.work.roads.one_to_many(ANYWHERE, &[], &mut Vec::new());
                }
                works.note(at, command);
                Ok(())
            }
            None if is_change => Err(SetupError::NoWorks),
            None => Ok(()),
        }
    }

    fn relive_rider(&mut self, ask: usize, seen: u32, command: &Command, answer: Answer) {
        let rider = self.setup.asks[ask].rider();
        match (command, answer) {
            (Command::BookAll { .. }, Answer::BookedEach(each)) => {
                let How::Together { rides, .. } = self.how(rider) else { return };
                self.board_each(&rides, &each);
            }
            (Command::HoldOffer { .. }, Answer::Held(hold)) => self.welcome(hold.booking, rider),
            (_, answer) => self.consider(ask, answer, seen),
        }
    }

    /// By a rider who answered before the run begins, whatever a scenario draws for them.
    pub(super) fn was_answered(&self, ask: usize, offer: OfferId) -> bool {
        let is_before = self.setup.begun.as_ref().is_some_and(|begun| ask < begun.asks.len());
        is_before && !self.scribe.state().offers.contains_key(&offer)
    }

    /// What was due at `at`, before the run begins, and is still owed.
    fn catch_up(&mut self, at: Time, occurrence: Occurrence) {
        let state = self.scribe.state();
        let is_as_planned = |shift, revision| {
            let schedule = state.schedules.get(shift);
            schedule.is_some_and(|schedule| schedule.revision == revision)
        };
        match occurrence {
            Occurrence::Report { shift, revision, command, rejected } if is_as_planned(&shift, revision) => {
                self.report_late(shift, revision, (at, *command), rejected);
            }
            Occurrence::Answer { booking, driver, accepted } => {
                let is_asked = |ask: Ask| ask.driver == driver && ask.asked_at <= at && self.now <= ask.deadline;
                if state.bookings.get(&booking).and_then(|found| found.ask).is_some_and(is_asked) {
                    self.count_assumed(UNANSWERED);
                    let answer = Occurrence::Answer { booking, driver, accepted };
                    self.agenda.insert(self.now, Class::Request, booking.0, answer);
                }
            }
            Occurrence::Recorded(Deed::Leave(shift)) if state.schedules.contains_key(&shift) => {
                let again = Occurrence::Recorded(Deed::Leave(shift));
                let (at, _) = self.next_try(at);
                self.agenda.insert(at, Class::Vehicle, u64::from(shift.0), again);
            }
            _ => {}
        }
    }

    /// A report that was not accepted is made again at the same times as in a run from the beginning; one that would
    /// have been is simply late.
    fn report_late(&mut self, shift: ShiftId, revision: u64, (at, command): (Time, Command), rejected: u32) {
        let decided = self.scribe.dispatcher().decide(self.now, &command, &mut self.work);
        let (at, tries) = match decided.answer {
            Answer::Rejected(Rejection::TooEarlyForNoShow { from }) => (from, 1),
            Answer::Rejected(_) => self.next_try(at),
            _ => {
                self.count_assumed(OVERDUE);
                self.next_try(at)
            }
        };
        let command = Box::new(reported_at(command, at));
        let report = Occurrence::Report { shift, revision, command, rejected: rejected + tries };
        self.agenda.insert(at, Class::Vehicle, u64::from(shift.0), report);
    }

    /// When something that was tried at `at` and ever again since is tried next, and how many times it was.
    fn next_try(&self, at: Time) -> (Time, u32) {
        let tries = ((self.now - at).as_millis() + RETRY.as_millis() - 1) / RETRY.as_millis();
        (at + RETRY * tries, u32::try_from(tries).unwrap_or(u32::MAX / 2))
    }

    fn count_assumed(&mut self, what: &'static str) {
        *self.assumed.entry(what).or_default() += 1;
    }

    fn count_remodelled(&mut self, begun: &Begun) {
        let known = begun.arrivals.len();
        if let Some(unknown) = begun.under_way.driving.checked_sub(known).filter(|unknown| 0 < *unknown) {
            self.assumed.insert(REMODELLED, unknown as u64);
        }
    }

    /// Lateness that is there already, and all that follows from it, is for the key figures.
    fn begin_audit(&mut self) {
        let mut found = std::mem::take(&mut self.faults);
        let Some(auditor) = &mut self.auditor else { return };
        let state = self.scribe.state();
        let shifts: Vec<ShiftId> = state.schedules.keys().copied().collect();
        auditor.check_schedules(self.now, (state, &shifts), self.work.roads, &mut found);
        let is_late = found.iter().any(|fault| fault.what.is_lateness());
        let others = found.iter().filter(|fault| !fault.what.is_lateness()).count();
        auditor.begin(is_late);
        self.has_delays |= is_late;
        if 0 < others {
            self.assumed.insert(OBJECTED, others as u64);
        }
    }

    /// A drive that was under way ends when it did, as long as the vehicle is not sent elsewhere.
    pub(super) fn as_recorded(&self, schedule: &Schedule, report: Report) -> Report {
        let Some(begun) = &self.setup.begun else { return report };
        let Some(arrival) = begun.arrivals.get(&schedule.shift.id) else { return report };
        match (report.command, schedule.plan.whereabouts) {
            (Command::Arrive { shift, stop, .. }, Whereabouts::Driving { departed, .. })
                if (stop, departed) == (arrival.stop, arrival.departed) =>
            {
                let at = arrival.at.max(self.now);
                Report { at, command: Command::Arrive { shift, stop, at } }
            }
            (command, _) => Report { command, ..report },
        }
    }
}

impl Riders {
    /// Which ask a command is about, and how many times its rider has seen offers.
    fn of(&mut self, command: &Command) -> Option<(usize, u32)> {
        match command {
            Command::BookAll { requests, .. } if requests.is_empty() => None,
            Command::Quote(_) | Command::Book { .. } | Command::BookAll { .. } => {
                self.asked += 1;
                Some((self.asked - 1, 0))
            }
            Command::ConfirmOffer { offer } | Command::HoldOffer { offer, .. } => self.shown.get(offer).copied(),
            _ => None,
        }
    }

    fn see(&mut self, ask: usize, seen: u32, answer: &Answer) {
        let offers: &[Offer] = match answer {
            Answer::Offered(offers) | Answer::PlanChanged { fresh: Ok(offers) } => offers,
            _ => &[],
        };
        self.shown.extend(offers.iter().map(|offer| (offer.id, (ask, seen))));
    }
}

/// The same at another time.
fn reported_at(command: Command, at: Time) -> Command {
    match command {
        Command::OpenShift { shift, .. } => Command::OpenShift { shift, at },
        Command::Depart { shift, stop, .. } => Command::Depart { shift, stop, at },
        Command::Arrive { shift, stop, .. } => Command::Arrive { shift, stop, at },
        Command::EndBreak { shift, stop, .. } => Command::EndBreak { shift, stop, at },
        Command::EndRepositioning { shift, .. } => Command::EndRepositioning { shift, at },
        Command::Board { booking, .. } => Command::Board { booking, at },
        Command::Alight { booking, .. } => Command::Alight { booking, at },
        Command::ReportNoShow { booking, .. } => Command::ReportNoShow { booking, at },
        other => other,
    }
}

//! Reads what riders, drivers and offices meant out of records, one after the other.

use std::collections::BTreeMap;
use std::sync::Arc;

use mukae_engine::model::{AskOutcome, Booking, CancelReason, Offer, Request, ShiftState};
use mukae_engine::schedule::Schedule;
use mukae_engine::{Answer, Command, Endogenous, State};
use mukae_office::Fact;
use mukae_record::{Record, Scribe};
use mukae_units::{BookingId, OfferId, RiderId, ShiftId, Span, Time};

use super::begun::Notes;
use super::doings::{Act, Conduct, Crew, Deed, Doings, How, Pick};
use super::lateness::{Whose, late_by, waited_for};
use super::repeats::{Asked, Repeats, repeated};
use super::{Counts, Past, Told};
use crate::demand::Ask;

const BY_STAFF: &str = "moves, pins and frozen stops by staff";
const BY_SERVICE: &str = "cancellations by the service";
const PLACED: &str = "places chosen by hand";
const STANDBY: &str = "what drivers said who were asked to stand by";
const MISSED: &str = "rides that were missed before anybody asked the dispatcher";
const NOTES: &str = "notes of the office";

/// Takes records in their order, each with the state before it.
#[derive(Debug, Default)]
pub struct Reader {
    told: Vec<Told>,
    people: Vec<Person>,
    /// Offers that are open.
    shown: BTreeMap<OfferId, Shown>,
    /// An index into the people.
    booked: BTreeMap<BookingId, usize>,
    rides_of: BTreeMap<RiderId, u32>,
    crews: BTreeMap<ShiftId, Crew>,
    left_out: BTreeMap<&'static str, u64>,
    first: Option<Time>,
    last: Option<Time>,
    records: u64,
    /// For a run that begins on the way.
    notes: Option<Notes>,
}

/// One ride that somebody wanted.
#[derive(Debug)]
struct Person {
    /// `None` for one of several rides that were asked for in one step, of which the first asks for all.
    ask: Option<Ask>,
    rider: u64,
    asked: Time,
    booked: Option<Time>,
    /// Past due, at a pickup from which the vehicle then went without them.
    waited: Option<Span>,
    conduct: Conduct,
}

/// An offer, and when it was shown: the `index`-th of the `seen`-th that this person was shown.
#[derive(Clone, Copy, Debug)]
struct Shown {
    person: usize,
    seen: usize,
    pick: Pick,
    at: Time,
}

impl Reader {
    /// For a run that begins at this moment of the journal.
    pub fn begun_at(at: Time) -> Reader {
        Reader { notes: Some(Notes::new(at)), ..Reader::default() }
    }

    /// `bytes` are those of the record.
    pub fn read(&mut self, record: &Record, bytes: &[u8], before: &State) {
        if let Some(notes) = &mut self.notes {
            notes.read(record, bytes, before);
        }
        self.first.get_or_insert(record.at());
        self.last = Some(record.at());
        self.command(record, before);
        for event in &record.endogenous {
            self.event(event, before);
        }
        self.records += 1;
    }

    fn command(&mut self, record: &Record, before: &State) {
        let at = record.at();
        match record.command() {
            Command::UseMap(_)
            | Command::SetPolicy(_)
            | Command::SetService(_)
            | Command::RegisterVehicle(_)
            | Command::RegisterDriver(_)
            | Command::NameFeature { .. }
            | Command::NameZone { .. }
            | Command::PlanShift(_)
            | Command::InterruptShift { .. }
            | Command::DelayShift { .. }
            | Command::SetSupply(_)
            | Command::Foresee(_)
            | Command::AskStandby { .. }
            | Command::EndStandby { .. }
            | Command::RoadsChanged { .. } => self.tell(record),
            Command::Note { content, .. } => match Fact::from_note(content) {
                Ok(Fact::MeasureOrdered(_) | Fact::MeasureLifted { .. }) => self.tell(record),
                Ok(Fact::RideMissed(_)) => self.leave_out(MISSED),
                _ => self.leave_out(NOTES),
            },
            Command::Quote(request) => {
                let person = self.ask(at, request, How::Quote);
                self.answered(person, at, &record.answer);
            }
            Command::Book { request, by_hand } => {
                if by_hand.is_some() {
                    self.leave_out(PLACED);
                }
                let person = self.ask(at, request, How::Book);
                self.answered(person, at, &record.answer);
            }
            Command::BookAll { requests, stands_together, note } => {
                self.ask_together(record, requests, *stands_together, note);
            }
            Command::ConfirmOffer { offer } => self.act(*offer, record, Deed::Take),
            Command::HoldOffer { offer, until } => self.act(*offer, record, Deed::Hold(*until - at)),
            Command::ReleaseHold { offer } => self.act(*offer, record, Deed::Release),
            Command::CancelBooking { booking, reason } => self.cancel(*booking, at, *reason, before),
            Command::CancelAll { booking, along, reason } => {
                [booking].into_iter().chain(along).for_each(|&booking| self.cancel(booking, at, *reason, before));
            }
            Command::Amend { booking, request } => {
                if let Some(conduct) = self.conduct(*booking) {
                    conduct.amends.push((at, Arc::clone(request)));
                }
            }
            Command::ReportNoShow { booking, .. } => {
                if let Some(conduct) = self.conduct(*booking) {
                    conduct.stays_away = true;
                }
            }
            Command::Board { booking, at: done } => self.served(*booking, *done, record, before),
            Command::Alight { booking, at: done } => self.served(*booking, *done, record, before),
            Command::AnswerAsk { booking, driver, accepted } => {
                let asked = before.bookings.get(booking).and_then(|found| found.ask);
                if let (Some(asked), Some(conduct)) = (asked, self.conduct(*booking)) {
                    conduct.answers.insert(*driver, Some((at - asked.asked_at, *accepted)));
                }
            }
            Command::AnswerStandby { .. } => self.leave_out(STANDBY),
            Command::OpenShift { shift, at: opened } => {
                if let Some(needed_from) = before.schedules.get(shift).and_then(|schedule| schedule.needed_from()) {
                    let late = (*opened).min(at) - needed_from;
                    self.crews.entry(*shift).or_default().starts_late = Some(late);
                }
            }
            Command::CloseShift { shift } => {
                self.wait(Whose::Shift(*shift), at, before);
                let is_early = |schedule: &&Arc<Schedule>| at < schedule.shift.window.latest();
                if before.schedules.get(shift).filter(is_early).is_some() {
                    self.crews.entry(*shift).or_default().leaves = Some(at);
                }
            }
            Command::BreakDown { shift, .. } => {
                self.wait(Whose::Shift(*shift), at, before);
                self.crews.entry(*shift).or_default().breaks_down = Some(at);
            }
            Command::Assign { .. } | Command::PinBooking { .. } | Command::FreezeStops { .. } => {
                self.leave_out(BY_STAFF);
            }
            // where vehicles are and when the clock is told follows from the run's own course
            Command::ReportPosition { .. }
            | Command::Depart { .. }
            | Command::Arrive { .. }
            | Command::EndBreak { .. }
            | Command::EndRepositioning { .. }
            | Command::AdvanceClock
            | Command::AdoptPlan { .. } => {}
        }
    }

    fn event(&mut self, event: &Endogenous, before: &State) {
        match *event {
            Endogenous::OfferExpired { offer } | Endogenous::BookingConfirmed { offer, .. } => {
                self.shown.remove(&offer);
            }
            Endogenous::AskEnded { booking, driver, outcome: AskOutcome::Expired | AskOutcome::Withdrawn } => {
                if let Some(conduct) = self.conduct(booking) {
                    conduct.answers.insert(driver, None);
                }
            }
            Endogenous::ShiftEnded { shift } => {
                let never_opened =
                    |schedule: &&Arc<Schedule>| schedule.state == ShiftState::Planned && !schedule.is_uncalled();
                if before.schedules.get(&shift).filter(never_opened).is_some() {
                    let crew = self.crews.entry(shift).or_default();
                    crew.is_absent = crew.leaves.is_none();
                }
            }
            _ => {}
        }
    }

    fn tell(&mut self, record: &Record) {
        self.told.push(Told { at: record.at(), command: record.command().clone() });
    }

    fn leave_out(&mut self, what: &'static str) {
        *self.left_out.entry(what).or_default() += 1;
    }

    fn conduct(&mut self, booking: BookingId) -> Option<&mut Conduct> {
        let person = *self.booked.get(&booking)?;
        Some(&mut self.people[person].conduct)
    }

    fn ask(&mut self, at: Time, request: &Arc<Request>, how: How) -> usize {
        // who is known by a number keeps it, and with it the luck of a scenario, whatever others do
        let id = match request.rider {
            Some(rider) => {
                let count = self.rides_of.entry(rider).or_default();
                *count += 1;
                format!("r{}/{count}", rider.0)
            }
            None => format!("q{:09}", self.records),
        };
        let ask = Ask { id, at, request: Arc::clone(request) };
        let conduct = Conduct { how, ..Conduct::default() };
        self.people.push(Person { rider: ask.rider(), asked: at, ask: Some(ask), booked: None, waited: None, conduct });
        self.people.len() - 1
    }

    fn ask_together(&mut self, record: &Record, requests: &[Arc<Request>], stands_together: bool, note: &Arc<[u8]>) {
        let Some(first) = requests.first() else { return };
        let leader = self.ask(record.at(), first, How::Quote);
        let id = self.people[leader].ask.as_ref().map_or_else(String::new, |ask| ask.id.clone());
        let mut rides = Vec::with_capacity(requests.len());
        for (number, request) in requests.iter().enumerate() {
            let ask = Ask { id: format!("{id}/{number}"), at: record.at(), request: Arc::clone(request) };
            rides.push((ask.rider(), Arc::clone(request)));
            let (rider, asked, conduct) = (ask.rider(), record.at(), Conduct::default());
            self.people.push(Person { ask: None, rider, asked, booked: None, waited: None, conduct });
            if let Answer::BookedEach(each) = &record.answer
                && let Some(Ok(booking)) = each.get(number)
            {
                self.books(self.people.len() - 1, booking, record.at());
            }
        }
        self.people[leader].conduct.how = How::Together { rides, stands_together, note: Arc::clone(note) };
    }

    /// What a person was told, the offers that were shown or the booking that was made.
    fn answered(&mut self, person: usize, at: Time, answer: &Answer) {
        match answer {
            Answer::Offered(offers) | Answer::PlanChanged { fresh: Ok(offers) } => self.show(person, at, offers),
            Answer::Confirmed(booking) | Answer::AwaitingDriver(booking) => self.books(person, booking, at),
            Answer::Held(hold) => _ = self.booked.insert(hold.booking, person),
            _ => {}
        }
    }

    fn books(&mut self, person: usize, booking: &Booking, at: Time) {
        self.people[person].booked.get_or_insert(at);
        self.booked.insert(booking.id, person);
    }

    fn show(&mut self, person: usize, at: Time, offers: &[Offer]) {
        let replies = &mut self.people[person].conduct.replies;
        replies.push(Vec::new());
        for (index, offer) in offers.iter().enumerate() {
            let pick = Pick { index, alternative: offer.alternative };
            self.shown.insert(offer.id, Shown { person, seen: replies.len() - 1, pick, at });
        }
    }

    fn act(&mut self, offer: OfferId, record: &Record, deed: Deed) {
        // an offer that was confirmed or fell with its quote is not shown any more: its own record tells what follows
        let Some(shown) = self.shown.get(&offer).copied() else { return };
        let act = Act { after: record.at() - shown.at, pick: shown.pick, deed };
        self.people[shown.person].conduct.replies[shown.seen].push(act);
        self.answered(shown.person, record.at(), &record.answer);
    }

    /// A vehicle goes without those who had not boarded yet.
    fn wait(&mut self, whose: Whose, at: Time, before: &State) {
        for (booking, late) in waited_for(before, whose, at) {
            if let Some(&person) = self.booked.get(&booking) {
                let waited = &mut self.people[person].waited;
                *waited = (*waited).max(Some(late));
            }
        }
    }

    fn cancel(&mut self, booking: BookingId, at: Time, reason: CancelReason, before: &State) {
        self.wait(Whose::Booking(booking), at, before);
        let asked = before.bookings.get(&booking).and_then(|found| found.ask);
        if let (Some(asked), Some(conduct)) = (asked, self.conduct(booking)) {
            // the ask goes with the booking, and its driver had said nothing until then
            conduct.answers.entry(asked.driver).or_insert(None);
        }
        if reason == CancelReason::Service {
            return self.leave_out(BY_SERVICE);
        }
        if let Some(conduct) = self.conduct(booking) {
            conduct.cancels = Some((at, reason));
        }
    }

    /// How much later than due somebody had boarded or alighted.
    fn served(&mut self, booking: BookingId, done: Time, record: &Record, before: &State) {
        let is_pickup = matches!(record.command(), Command::Board { .. });
        let late = late_by(before, booking, is_pickup, record.at(), done);
        let Some(&person) = self.booked.get(&booking) else { return };
        let Person { waited, conduct, .. } = &mut self.people[person];
        // who boards again, after a breakdown, was late the first time
        match is_pickup {
            true => conduct.boards = conduct.boards.or(late.max(*waited)),
            false => conduct.alights = conduct.alights.or(late),
        }
    }

    /// All of it; `None` if nothing was ever recorded.
    pub fn finish(mut self, scribe: &Scribe, repeats: Repeats) -> Option<Past> {
        let (first, last) = (self.first?, self.last?);
        // what is open where the journal ends was neither taken nor let go
        for shown in self.shown.values() {
            let replies = &mut self.people[shown.person].conduct.replies;
            if replies.get(shown.seen).is_some_and(Vec::is_empty) {
                replies.truncate(shown.seen);
            }
        }
        let repeated = match repeats {
            Repeats::Kept => vec![false; self.people.len()],
            Repeats::Merged => self.repeated(),
        };
        let wishes = self.people.iter().filter(|person| person.is_wish()).count();
        let mut counts = Counts {
            records: self.records,
            wishes,
            repeats: repeated.iter().filter(|repeated| **repeated).count(),
            left_out: self.left_out,
            is_cut: false,
        };
        counts.left_out.retain(|_, count| 0 < *count);
        let mut past = Past {
            told: self.told,
            asks: Vec::new(),
            doings: Doings { riders: BTreeMap::new(), crews: self.crews },
            counts,
            first,
            last,
            begun: None,
            journal_hash: scribe.journal_hash(),
            state_hash: scribe.state_hash(),
        };
        let (mut asks_before, begins) = (Vec::new(), self.notes.as_ref().map(Notes::at));
        for (person, is_repeated) in self.people.into_iter().zip(repeated) {
            let is_before = begins.is_some_and(|begins| person.asked < begins);
            if is_repeated && !is_before {
                continue;
            }
            if is_before {
                asks_before.extend(person.ask)
            } else {
                past.asks.extend(person.ask)
            }
            let boards = person.conduct.boards.or(person.waited);
            past.doings.riders.insert(person.rider, Conduct { boards, ..person.conduct });
        }
        past.begun = self.notes.map(|notes| Arc::new(notes.finish(asks_before, scribe.state())));
        Some(past)
    }

    fn repeated(&self) -> Vec<bool> {
        let asks: Vec<(usize, &Person, &Ask)> = self
            .people
            .iter()
            .enumerate()
            .filter_map(|(index, person)| Some((index, person, person.ask.as_ref()?)))
            .collect();
        let asked: Vec<Asked<'_>> = asks
            .iter()
            .map(|(_, person, ask)| Asked {
                at: ask.at,
                is_quote: person.conduct.how == How::Quote,
                booked: person.booked,
                request: &ask.request,
            })
            .collect();
        let mut of_people = vec![false; self.people.len()];
        for ((index, ..), is_repeated) in asks.iter().zip(repeated(&asked)) {
            of_people[*index] = is_repeated;
        }
        of_people
    }
}

impl Person {
    /// Of several rides in one step each is a wish, and the one who asks for all of them is none besides.
    fn is_wish(&self) -> bool {
        !matches!(self.conduct.how, How::Together { .. })
    }
}

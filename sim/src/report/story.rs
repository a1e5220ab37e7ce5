//! Reads records, one after the other, into the stories of requests and shifts.
//!
//! It knows facts alone and asks nobody: no roads, no dispatcher. What a day looked like on the map
//! is drawn later, for the one day that is wanted ([`super::day`]).

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use mukae_engine::model::{Offer, Refusal, Request, Shift};
use mukae_engine::schedule::{Plan, Task};
use mukae_engine::{Command, Endogenous, Exogenous};
use mukae_maps::Place;
use mukae_record::Record;
use mukae_record::tour::{Errand, Happening, Tours};
use mukae_units::{BookingId, OfferId, ShiftId, Time, VehicleId};

use super::life::{Boarding, Ending, Life, Moment, Proposal};

/// All that records tell of requests and vehicles.
#[derive(Clone, Debug, Default)]
pub struct Story {
    tours: Tours,
    /// In the order they were asked.
    pub(super) lives: Vec<Life>,
    /// Open offers: that of their quote, and whose they are.
    offers: BTreeMap<OfferId, (OfferId, usize)>,
    bookings: BTreeMap<BookingId, usize>,
    pub(super) vehicles: BTreeMap<VehicleId, String>,
    pub(super) shifts: BTreeMap<ShiftId, Work>,
    pub(super) records: u64,
    /// Records that no simulator wrote.
    pub(super) records_of_people: u64,
}

/// What a vehicle did in a shift.
#[derive(Clone, Debug)]
pub(super) struct Work {
    pub shift: Arc<Shift>,
    pub seats: u64,
    pub opened: Option<Time>,
    pub closed: Option<Time>,
    pub drives: Vec<Drive>,
}

/// A drive as it was told; of its way only the ends are known.
#[derive(Clone, Debug)]
pub(super) struct Drive {
    pub from: Place,
    pub to: Place,
    pub errand: Errand,
    /// Numbers of their requests.
    pub on_board: Vec<usize>,
    pub since: Time,
    pub is_since_departure: bool,
    pub until: Time,
}

impl Story {
    pub fn new() -> Story {
        Story::default()
    }

    /// Reads the next record; from the first one on, and each once.
    pub fn read(&mut self, record: &Record) {
        self.records += 1;
        self.records_of_people += u64::from(record.origin.principal.as_str() != crate::simulation::PRINCIPAL);
        self.observe(&record.exogenous, &record.endogenous);
    }

    /// How many requests wanted to ride on which day, and days on which vehicles worked.
    pub fn days(&self, zone: &TimeZone) -> BTreeMap<Date, u64> {
        let mut days = BTreeMap::new();
        for life in &self.lives {
            *days.entry(super::day::date_of(zone, life.wanted_from())).or_default() += 1;
        }
        for work in self.shifts.values().filter(|work| work.opened.is_some()) {
            days.entry(super::day::date_of(zone, work.shift.window.earliest())).or_default();
        }
        days
    }

    fn observe(&mut self, told: &Exogenous, decided: &[Endogenous]) {
        let (at, asked) = (told.at, self.lives.len());
        let about = self.hear(at, &told.command);
        for event in decided {
            self.adopt(at, &told.command, about, event);
        }
        if matches!(told.command, Command::BookAll { .. }) {
            // of those that stand together and fall, some could have been done
            let without_answer = |life: &&mut Life| life.proposal.is_none() && life.ending.is_none();
            self.lives[asked..].iter_mut().filter(without_answer).for_each(|life| life.end(at, Ending::Refused));
        }
        let Story { tours, lives, bookings, shifts, .. } = self;
        tours.follow(told, decided.iter(), &mut |happening| happen(happening, at, lives, bookings, shifts));
    }

    /// The request that the command is about, if that is one.
    fn hear(&mut self, at: Time, command: &Command) -> Option<usize> {
        match command {
            Command::Quote(request) | Command::Book { request, .. } => Some(self.ask(at, request)),
            Command::BookAll { requests, .. } => {
                requests.iter().for_each(|request| _ = self.ask(at, request));
                None
            }
            Command::ConfirmOffer { offer } | Command::HoldOffer { offer, .. } => {
                self.offers.get(offer).map(|&(_, life)| life)
            }
            Command::RegisterVehicle(vehicle) => {
                self.vehicles.insert(vehicle.id, vehicle.name.clone());
                None
            }
            Command::ReportNoShow { booking, .. } => {
                self.end(at, *booking, Ending::NoShow);
                None
            }
            _ => None,
        }
    }

    fn ask(&mut self, at: Time, request: &Arc<Request>) -> usize {
        self.lives.push(Life::asked(at, request.clone()));
        self.lives.len() - 1
    }

    fn adopt(&mut self, at: Time, command: &Command, about: Option<usize>, decided: &Endogenous) {
        match decided {
            Endogenous::ShiftPlanned { shift, capacity, .. } => {
                let most = capacity.configurations().iter().map(|seats| u64::from(seats.persons())).max();
                let seats = most.expect("a vehicle has a configuration");
                let work = Work { shift: shift.clone(), seats, opened: None, closed: None, drives: Vec::new() };
                self.shifts.insert(shift.id, work);
            }
            Endogenous::ShiftChanged { shift } => {
                if let Some(work) = self.shifts.get_mut(&shift.id) {
                    work.shift = shift.clone();
                }
            }
            Endogenous::OfferMade(offer) => {
                if let Some(life) = about {
                    self.offers.insert(offer.id, (offer.quote, life));
                    self.lives[life].offer(at, offer, matches!(command, Command::Quote(_)));
                }
            }
            Endogenous::Booked { booking, offer, .. } => {
                if let Some(life) = about.or_else(|| self.unanswered(|life| life.request == offer.request)) {
                    self.lives[life].offer(at, offer, true);
                    self.confirm(at, life, *booking, offer.shift);
                }
            }
            Endogenous::BookingConfirmed { booking, offer, shift } => {
                if let Some((_, life)) = self.offers.remove(offer) {
                    self.lives[life].take(*offer);
                    self.confirm(at, life, *booking, *shift);
                }
            }
            Endogenous::BookingAmended { booking, offer } => self.amend(at, *booking, offer),
            Endogenous::RequestRefused(refusal) => self.refuse(at, command, about, refusal),
            Endogenous::OfferExpired { offer } => self.expire(at, command, *offer),
            Endogenous::PlanChanged { shift, plan } => self.replan(at, *shift, plan),
            Endogenous::BookingCancelled { booking, reason } => self.end(at, *booking, Ending::Cancelled(*reason)),
            Endogenous::BookingFailed { booking } => self.end(at, *booking, Ending::Failed),
            Endogenous::BookingUnassigned { booking } => self.note(*booking, Moment::Unassigned(at)),
            Endogenous::BookingStranded { booking, .. } => self.note(*booking, Moment::Stranded(at)),
            Endogenous::PromiseAtRisk { booking, .. } => self.note(*booking, Moment::AtRisk(at)),
            Endogenous::PromiseRestored { booking, .. } => self.note(*booking, Moment::Restored(at)),
            Endogenous::DriverAsked { booking, .. } => self.note(*booking, Moment::DriverAsked(at)),
            Endogenous::AskEnded { booking, .. } => self.note(*booking, Moment::DriverAnswered(at)),
            Endogenous::ShiftEnded { .. }
            | Endogenous::BookingForgotten { .. }
            | Endogenous::BreakAtRisk { .. }
            | Endogenous::BreakRestored { .. }
            | Endogenous::DetourExceeded { .. }
            | Endogenous::DetourRestored { .. }
            | Endogenous::OfferHeld { .. }
            | Endogenous::HoldReleased { .. }
            | Endogenous::RepositioningOrdered { .. }
            | Endogenous::StandbyAsked { .. }
            | Endogenous::StandbyLapsed { .. }
            | Endogenous::WayOnChanged { .. } => {}
        }
    }

    /// The first request of this record that has no answer yet, and is like that.
    fn unanswered(&self, is_it: impl Fn(&Life) -> bool) -> Option<usize> {
        let last_at = self.lives.last()?.asked_at;
        let is_open = |life: &Life| life.asked_at == last_at && life.proposal.is_none() && life.ending.is_none();
        self.lives.iter().position(|life| is_open(life) && is_it(life))
    }

    fn confirm(&mut self, at: Time, life: usize, booking: BookingId, shift: ShiftId) {
        self.bookings.insert(booking, life);
        let life = &mut self.lives[life];
        life.shift = Some(shift);
        life.moments.push(Moment::Confirmed(at, shift));
    }

    fn amend(&mut self, at: Time, booking: BookingId, offer: &Offer) {
        let Some(&life) = self.bookings.get(&booking) else { return };
        let life = &mut self.lives[life];
        life.request = offer.request.clone();
        life.proposal = Some(Proposal::of(offer));
        life.shift = Some(offer.shift);
        life.moments.push(Moment::Amended(at));
    }

    fn refuse(&mut self, at: Time, command: &Command, about: Option<usize>, refusal: &Refusal) {
        // who wanted another ride and keeps the one they have was not turned away
        if matches!(command, Command::Amend { .. }) {
            return;
        }
        if let Some(life) = about.or_else(|| self.unanswered(|_| true)) {
            self.lives[life].refusal = Some(refusal.clone());
            self.lives[life].end(at, Ending::Refused);
        }
    }

    fn expire(&mut self, at: Time, command: &Command, offer: OfferId) {
        let Some((quote, life)) = self.offers.remove(&offer) else { return };
        let is_last = self.offers.values().all(|(other, _)| *other != quote);
        // expired by somebody's choice: the request goes on with a booking, fresh offers or a refusal
        let goes_on = matches!(command, Command::ConfirmOffer { .. } | Command::HoldOffer { .. });
        if is_last && !goes_on {
            self.lives[life].end(at, Ending::NotTaken);
        }
    }

    /// Bookings can change vehicles until they have boarded.
    fn replan(&mut self, at: Time, shift: ShiftId, plan: &Plan) {
        for stop in plan.stops.iter().filter(|stop| matches!(stop.task, Task::Pickup { .. })) {
            let Some(&life) = stop.booking.and_then(|booking| self.bookings.get(&booking)) else { continue };
            let life = &mut self.lives[life];
            if life.shift != Some(shift) {
                life.shift = Some(shift);
                life.moments.push(Moment::Moved(at, shift));
            }
        }
    }

    fn end(&mut self, at: Time, booking: BookingId, ending: Ending) {
        if let Some(life) = self.bookings.remove(&booking) {
            self.lives[life].end(at, ending);
        }
    }

    fn note(&mut self, booking: BookingId, moment: Moment) {
        if let Some(&life) = self.bookings.get(&booking) {
            self.lives[life].moments.push(moment);
        }
    }
}

fn happen(
    happening: Happening<'_>,
    now: Time,
    lives: &mut [Life],
    bookings: &mut BTreeMap<BookingId, usize>,
    shifts: &mut BTreeMap<ShiftId, Work>,
) {
    match happening {
        Happening::ShiftOpened { shift, at } => {
            if let Some(work) = shifts.get_mut(&shift) {
                work.opened = Some(at);
            }
        }
        Happening::ShiftClosed { shift, at } => {
            if let Some(work) = shifts.get_mut(&shift) {
                work.closed = Some(at);
            }
        }
        Happening::Drove { shift, from, to, errand, on_board, since, is_since_departure, until, .. } => {
            if let Some(work) = shifts.get_mut(&shift) {
                let on_board = on_board.iter().filter_map(|aboard| bookings.get(&aboard.booking).copied()).collect();
                work.drives.push(Drive { from, to, errand, on_board, since, is_since_departure, until });
            }
        }
        Happening::Boarded { shift, booking, began, ended, .. } => {
            if let Some(&life) = bookings.get(&booking) {
                let life = &mut lives[life];
                life.shift = Some(shift);
                life.boardings.push(Boarding { shift, began, ended });
            }
        }
        Happening::Alighted { booking, began, ended, .. } => {
            if let Some(life) = bookings.remove(&booking) {
                lives[life].alighted = Some((began, ended));
                lives[life].end(now, Ending::Served);
            }
        }
        Happening::Rested { .. } | Happening::Missed { .. } => {}
    }
}

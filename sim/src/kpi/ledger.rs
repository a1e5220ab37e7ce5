//! Counts records as they come: a simulated day, a live one, or a replay.
//!
//! It reads facts alone, from the first record on; a record is counted once. Memory grows with the
//! number of rides, by a few words each.
//!
//! What becomes of a request counts on the day and hour at which it wanted to ride and in the hamlet where it wanted to be
//! fetched, whenever it happens. A drive counts on its shift's day, in the hour in which it ended, and in the hamlet of the
//! rider for whom it was driven.

mod begin;
mod cells;
mod happen;
mod latent;
mod ride;
mod sums;
mod tally;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use mukae_engine::model::{AskOutcome, CancelReason, Refusal, Request};
use mukae_engine::{Command, Endogenous, Exogenous};
use mukae_record::tour::Tours;
use mukae_supply::clock::{Clock, Day};
use mukae_supply::{Commitment, KeptWaiting};
use mukae_units::{BookingId, DriverId, OfferId, ShiftId, Time};

use self::cells::{Belongs, Cells};
use self::latent::LatentCounts;
use self::ride::{Asked, Ride};
use super::hamlets::Hamlet;
use super::{Calendar, Hamlets, RoadLengths};

#[derive(Clone, Debug)]
pub struct Ledger {
    tours: Tours,
    books: Books,
}

#[derive(Clone, Debug)]
struct Books {
    clock: Clock,
    hamlets: Hamlets,
    cells: Cells,
    latents: LatentCounts,
    /// By its number, with that of its quote.
    offers: BTreeMap<OfferId, (OfferId, Ride)>,
    /// Until they end.
    bookings: BTreeMap<BookingId, Ride>,
    kept_waiting: KeptWaiting,
    /// Confirmed in this record or waiting for a driver: nobody told the rider yes yet.
    unsettled: Vec<BookingId>,
    /// Days of shifts that have not ended.
    shifts: BTreeMap<ShiftId, Day>,
    /// Those of them whose driver has to be called.
    on_call: BTreeSet<ShiftId>,
    shifts_open: BTreeMap<ShiftId, (Time, Belongs)>,
    /// How often each driver was asked in the week of the last ask.
    week: i64,
    asks_of_week: BTreeMap<DriverId, u64>,
    /// Whom the record at hand is about.
    at_hand: Vec<AtHand>,
}

#[derive(Clone, Debug)]
struct AtHand {
    request: Option<Arc<Request>>,
    asked: Asked,
    is_answered: bool,
}

impl Default for Ledger {
    fn default() -> Ledger {
        Ledger::new()
    }
}

impl Ledger {
    /// Days by UTC, and no hamlets.
    pub fn new() -> Ledger {
        Ledger::by(Calendar::default())
    }

    pub fn by(calendar: Calendar) -> Ledger {
        let books = Books {
            clock: Clock::new(calendar.zone),
            hamlets: calendar.hamlets,
            cells: Cells::default(),
            latents: LatentCounts::default(),
            offers: BTreeMap::new(),
            bookings: BTreeMap::new(),
            kept_waiting: KeptWaiting::default(),
            unsettled: Vec::new(),
            shifts: BTreeMap::new(),
            on_call: BTreeSet::new(),
            shifts_open: BTreeMap::new(),
            week: i64::MIN,
            asks_of_week: BTreeMap::new(),
            at_hand: Vec::new(),
        };
        Ledger { tours: Tours::default(), books }
    }

    /// Counts one record: what came from outside, and all that was decided on it.
    pub fn observe<'a>(
        &mut self,
        told: &Exogenous,
        decided: impl Iterator<Item = &'a Endogenous> + Clone,
        roads: &mut dyn RoadLengths,
    ) {
        let Ledger { tours, books } = self;
        books.at_hand.clear();
        books.hear(told.at, &told.command);
        for event in decided.clone() {
            books.adopt(told.at, &told.command, event);
        }
        if matches!(told.command, Command::BookAll { .. }) {
            // of those that stand together and fall, some could have been done
            while let Some(asked) = books.answer(|_| true) {
                books.turn_away(asked);
            }
        }
        books.settle(told.at);
        tours.follow(told, decided, &mut |happening| books.happen(happening, roads));
    }
}

impl Books {
    fn hear(&mut self, at: Time, command: &Command) {
        match command {
            Command::Quote(request) | Command::Book { request, .. } => self.ask(at, request),
            Command::BookAll { requests, .. } => requests.iter().for_each(|request| self.ask(at, request)),
            Command::ConfirmOffer { offer } | Command::HoldOffer { offer, .. } => {
                if let Some((_, Ride { asked, .. })) = self.offers.get(offer) {
                    self.at_hand.push(AtHand { request: None, asked: *asked, is_answered: false });
                }
            }
            Command::ReportNoShow { booking, .. } => {
                if let Some(ride) = self.end(*booking, Commitment::NoShow) {
                    self.cells.count(ride.asked.belongs, |tally| tally.no_shows += 1);
                }
            }
            _ => {}
        }
    }

    fn ask(&mut self, at: Time, request: &Arc<Request>) {
        let asked = self.known(at, request);
        self.cells.count(asked.belongs, |tally| {
            tally.requests += 1;
            *tally.requests_by_channel.entry(request.channel).or_default() += 1;
        });
        self.at_hand.push(AtHand { request: Some(request.clone()), asked, is_answered: false });
    }

    fn known(&mut self, at: Time, request: &Request) -> Asked {
        let wished = request.wish.window().earliest();
        let (day, hour) = (self.clock.day(wished), self.clock.hour(wished));
        let belongs = self.cells.find(day, hour, self.hamlets.of(request));
        let latent = self.latents.of(request, belongs, &mut self.cells);
        Asked { at, belongs, latent, channel: request.channel }
    }

    /// The first request at hand that has no answer yet, and is like that.
    fn answer(&mut self, is_it: impl Fn(&AtHand) -> bool) -> Option<Asked> {
        let found = self.at_hand.iter_mut().find(|at_hand| !at_hand.is_answered && is_it(at_hand))?;
        found.is_answered = true;
        Some(found.asked)
    }

    fn adopt(&mut self, at: Time, command: &Command, decided: &Endogenous) {
        match decided {
            Endogenous::OfferMade(offer) => {
                let at_hand = self.at_hand.first().map(|at_hand| at_hand.asked);
                let asked = at_hand.unwrap_or_else(|| self.known(at, &offer.request));
                if offer.id == offer.quote && matches!(command, Command::Quote(_)) {
                    self.cells.count(asked.belongs, |tally| tally.offered += 1);
                }
                self.offers.insert(offer.id, (offer.quote, Ride::of_offer(offer, asked)));
            }
            // who wanted another ride and keeps the one they have was not turned away
            Endogenous::RequestRefused(_) if matches!(command, Command::Amend { .. }) => {}
            Endogenous::RequestRefused(refusal) => self.refuse(refusal),
            Endogenous::OfferExpired { offer } => self.expire(command, *offer),
            Endogenous::BookingConfirmed { booking, offer, .. } => {
                if let Some((_, ride)) = self.offers.remove(offer) {
                    self.confirm(*booking, ride);
                }
            }
            Endogenous::Booked { booking, offer, .. } => {
                let is_it = |at_hand: &AtHand| at_hand.request.as_ref() == Some(&offer.request);
                let asked = self.answer(is_it).unwrap_or_else(|| self.known(at, &offer.request));
                self.cells.count(asked.belongs, |tally| tally.offered += 1);
                self.confirm(*booking, Ride::of_offer(offer, asked));
            }
            Endogenous::BookingAmended { booking, offer } => {
                if let Some(ride) = self.bookings.get_mut(booking) {
                    *ride = Ride::of_offer(offer, ride.asked);
                }
            }
            Endogenous::BookingCancelled { booking, reason } => self.cancel(*booking, *reason),
            Endogenous::BookingFailed { booking } => {
                if let Some(ride) = self.end(*booking, Commitment::Failed) {
                    self.cells.count(ride.asked.belongs, |tally| {
                        tally.failed += 1;
                        tally.promises_broken += 1;
                    });
                }
            }
            Endogenous::PromiseAtRisk { booking, .. } => {
                if let Some(ride) = self.bookings.get(booking) {
                    self.cells.count(ride.asked.belongs, |tally| tally.promises_at_risk += 1);
                }
            }
            Endogenous::DriverAsked { booking, driver, .. } => self.ask_driver(at, *booking, *driver),
            Endogenous::AskEnded { booking, outcome, .. } => self.end_ask(*booking, *outcome),
            Endogenous::StandbyAsked { driver, .. } => {
                let belongs = self.cells.find(self.clock.day(at), self.clock.hour(at), Hamlet::NOBODYS);
                self.count_ask(at, *driver, belongs);
            }
            Endogenous::ShiftPlanned { shift, .. } => {
                let day = self.clock.day(shift.window.earliest());
                self.shifts.insert(shift.id, day);
                if shift.on_call.is_some() {
                    self.on_call.insert(shift.id);
                }
            }
            Endogenous::ShiftEnded { .. }
            | Endogenous::PlanChanged { .. }
            | Endogenous::BookingUnassigned { .. }
            | Endogenous::PromiseRestored { .. }
            | Endogenous::BookingStranded { .. }
            | Endogenous::BreakAtRisk { .. }
            | Endogenous::BreakRestored { .. }
            | Endogenous::DetourExceeded { .. }
            | Endogenous::DetourRestored { .. }
            | Endogenous::OfferHeld { .. }
            | Endogenous::HoldReleased { .. }
            | Endogenous::RepositioningOrdered { .. }
            | Endogenous::WayOnChanged { .. }
            | Endogenous::ShiftChanged { .. }
            | Endogenous::StandbyLapsed { .. }
            | Endogenous::BookingForgotten { .. } => {}
        }
        self.kept_waiting.follow(decided);
    }

    fn refuse(&mut self, refusal: &Refusal) {
        let Some(asked) = self.answer(|_| true) else { return };
        self.turn_away(asked);
        self.cells.count(asked.belongs, |tally| {
            for binding in &refusal.binding {
                *tally.refused_by.entry(binding.constraint).or_default() += 1;
            }
        });
    }

    fn turn_away(&mut self, asked: Asked) {
        self.latents.end(asked.latent, Commitment::Refused, &mut self.cells);
        self.cells.count(asked.belongs, |tally| tally.refused += 1);
    }

    fn expire(&mut self, command: &Command, offer: OfferId) {
        let Some((quote, Ride { asked, .. })) = self.offers.remove(&offer) else { return };
        let is_last = self.offers.values().all(|(other, _)| *other != quote);
        // Expired by somebody's choice: the request goes on with a booking, fresh offers or a refusal.
        let goes_on = matches!(command, Command::ConfirmOffer { .. } | Command::HoldOffer { .. });
        if is_last && !goes_on {
            self.latents.end(asked.latent, Commitment::Abandoned, &mut self.cells);
            self.cells.count(asked.belongs, |tally| tally.not_taken += 1);
        }
    }

    fn confirm(&mut self, booking: BookingId, ride: Ride) {
        self.cells.count(ride.asked.belongs, |tally| tally.confirmed += 1);
        self.bookings.insert(booking, ride);
        self.unsettled.push(booking);
    }

    /// Whoever has a vehicle and a driver by now has been told yes.
    fn settle(&mut self, at: Time) {
        let Books { unsettled, bookings, kept_waiting, cells, .. } = self;
        unsettled.retain(|booking| {
            let Some(ride) = bookings.get(booking) else { return false };
            let waits = kept_waiting.is_unsettled(*booking);
            if !waits {
                let took = (at - ride.asked.at).as_millis();
                cells.count(ride.asked.belongs, |tally| tally.time_to_confirm.push(took));
            }
            waits
        });
    }

    fn cancel(&mut self, booking: BookingId, reason: CancelReason) {
        let is_lost = self.kept_waiting.is_lost_to_delay(booking, reason);
        let commitment = if is_lost { Commitment::LostToDelay } else { Commitment::Cancelled };
        let Some(ride) = self.end(booking, commitment) else { return };
        self.cells.count(ride.asked.belongs, |tally| {
            tally.cancelled += 1;
            tally.lost_to_delay += u64::from(is_lost);
            tally.promises_broken += u64::from(reason == CancelReason::Service);
        });
    }

    fn ask_driver(&mut self, at: Time, booking: BookingId, driver: DriverId) {
        let Some(ride) = self.bookings.get(&booking) else { return };
        if self.kept_waiting.asked(booking) == Some(driver) {
            return; // until another time
        }
        self.count_ask(at, driver, ride.asked.belongs);
    }

    fn count_ask(&mut self, at: Time, driver: DriverId, belongs: Belongs) {
        let week = self.clock.day(at).week();
        if self.week != week {
            self.week = week;
            self.asks_of_week.clear();
        }
        let asks = self.asks_of_week.entry(driver).or_default();
        *asks += 1;
        let asks_of_driver = *asks;
        self.cells.count(belongs, |tally| {
            tally.asks += 1;
            tally.asks_week_max = tally.asks_week_max.max(asks_of_driver);
        });
    }

    fn end_ask(&mut self, booking: BookingId, outcome: AskOutcome) {
        let Some(ride) = self.bookings.get(&booking) else { return };
        self.cells.count(ride.asked.belongs, |tally| {
            tally.asks_ended += u64::from(outcome != AskOutcome::Withdrawn);
            tally.asks_accepted += u64::from(outcome == AskOutcome::Accepted);
        });
    }

    fn end(&mut self, booking: BookingId, commitment: Commitment) -> Option<Ride> {
        self.kept_waiting.forget(booking);
        let ride = self.bookings.remove(&booking)?;
        self.latents.end(ride.asked.latent, commitment, &mut self.cells);
        Some(ride)
    }
}

//! Demand as an area's records tell it: who asked for what, and what became of it. The one reader of it.
//!
//! A record has a request and its first answer; what came of it later is in later records, so a log follows records from
//! the first one on. One ride that somebody wanted is one entry, whatever is tried for it: a date of a standing booking
//! that is tried every night, or a wish that waits, was asked for once. People who ask again are two entries of one
//! demand ([`crate::latent`]).
//!
//! Nobody can know of a rider who never asks. Probes of journey planners leave no record, by design: only what they go on
//! to quote is seen. Calls that nobody took are as complete as whoever tells them.

mod asked;
mod together;
mod waiting;

use std::collections::BTreeMap;

use mukae_engine::model::{Offer, Refusal, Request};
use mukae_engine::{Answer, Command, Endogenous, Exogenous};
use mukae_office::{Day, Fact, Leg, MissedRide, StandingId, WAITING_PRINCIPAL, WaitingId};
use mukae_record::{Principal, Record};
use mukae_units::{BookingId, OfferId, ServiceId, Time};

use crate::kept_waiting::KeptWaiting;
use crate::latent::{Commitment, Latents};

pub use asked::{Asked, Manner, Outcome, Quality, Why};

/// Which requests are kept; what becomes of others is not followed, and they are nobody's first ask.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Scope {
    /// `None`: of all services.
    pub service: Option<ServiceId>,
    /// Asked for from this on,
    pub from: Time,
    /// and before this.
    pub until: Time,
}

/// A demand: all asks that are one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Latent {
    /// The first ask.
    pub first: usize,
    /// The outcome in which its rider was committed the most.
    pub commitment: Commitment,
}

/// Requests and what became of them. Memory grows with the requests of the scope, by some 300 bytes each.
#[derive(Clone, Debug)]
pub struct DemandLog {
    scope: Scope,
    asked: Vec<Asked>,
    latents: Latents,
    /// Of each latent, its first ask.
    first: Vec<usize>,
    /// Open ones, by their numbers, which are given again if a record was lost in a crash: the last one counts.
    offers: BTreeMap<OfferId, usize>,
    bookings: BTreeMap<BookingId, usize>,
    /// Rides of standing bookings: one that is tried every day was asked for once.
    standing: BTreeMap<(StandingId, Day, Leg), usize>,
    /// Wishes that wait, as they were asked for before they did.
    waiting: BTreeMap<WaitingId, usize>,
    kept_waiting: KeptWaiting,
}

/// What the events of a record are about.
#[derive(Clone, Copy, Debug)]
struct AtHand {
    at: Time,
    asked: Option<usize>,
    /// The offers of its quote go because of what somebody chose: the request goes on.
    goes_on: bool,
}

impl Scope {
    pub const ALL: Scope =
        Scope { service: None, from: Time::from_unix_millis(i64::MIN), until: Time::from_unix_millis(i64::MAX) };

    fn contains(&self, at: Time, service: ServiceId) -> bool {
        self.service.is_none_or(|wanted| wanted == service) && self.from <= at && at < self.until
    }
}

impl Default for DemandLog {
    fn default() -> DemandLog {
        DemandLog::within(Scope::ALL)
    }
}

impl DemandLog {
    pub fn within(scope: Scope) -> DemandLog {
        DemandLog {
            scope,
            asked: Vec::new(),
            latents: Latents::default(),
            first: Vec::new(),
            offers: BTreeMap::new(),
            bookings: BTreeMap::new(),
            standing: BTreeMap::new(),
            waiting: BTreeMap::new(),
            kept_waiting: KeptWaiting::default(),
        }
    }

    /// In the order in which they came to be known.
    pub fn asked(&self) -> &[Asked] {
        &self.asked
    }

    pub fn into_asked(self) -> Vec<Asked> {
        self.asked
    }

    /// By the numbers that asks say; in the order of their first asks.
    pub fn latents(&self) -> impl ExactSizeIterator<Item = Latent> + '_ {
        let of = move |(latent, &first): (usize, &usize)| Latent { first, commitment: self.latents.commitment(latent) };
        self.first.iter().enumerate().map(of)
    }

    /// Follows a record that was read back.
    pub fn take(&mut self, record: &Record) {
        let Record { origin, exogenous, endogenous, answer, .. } = record;
        self.observe(&origin.principal, exogenous, endogenous.iter(), answer);
    }

    /// Follows a record where it is made: who asked, what came from outside, what was decided on it and answered.
    pub fn observe<'a>(
        &mut self,
        principal: &Principal,
        told: &Exogenous,
        decided: impl Iterator<Item = &'a Endogenous>,
        answer: &Answer,
    ) {
        let at_hand = self.hear(principal, told, answer);
        for event in decided {
            self.adopt(at_hand, event);
            self.kept_waiting.follow(event);
        }
    }

    fn hear(&mut self, principal: &Principal, told: &Exogenous, answer: &Answer) -> AtHand {
        let at = told.at;
        let (mut asked, mut goes_on) = (None, false);
        match &told.command {
            // for somebody who waits, and asked long ago
            Command::Quote(_) if principal.as_str() == WAITING_PRINCIPAL => {}
            Command::Quote(request) => asked = self.ask(at, request, Manner::Quoted),
            Command::Book { request, .. } => asked = self.ask(at, request, Manner::Booked),
            Command::BookAll { requests, note, .. } => self.ask_together(at, requests, note, answer),
            Command::Note { content, .. } => {
                if let Ok(fact) = Fact::from_note(content) {
                    self.note_fact(at, &fact);
                }
            }
            // fresh offers, if there are any, are for the same wish
            Command::ConfirmOffer { offer } | Command::HoldOffer { offer, .. } => {
                (asked, goes_on) = (self.offers.get(offer).copied(), true);
            }
            Command::Alight { booking, .. } => self.end(at, *booking, Outcome::Completed),
            Command::ReportNoShow { booking, .. } => self.end(at, *booking, Outcome::NoShow),
            _ => {}
        }
        AtHand { at, asked, goes_on }
    }

    fn adopt(&mut self, at_hand: AtHand, event: &Endogenous) {
        let AtHand { at, asked, goes_on } = at_hand;
        match event {
            Endogenous::OfferMade(offer) => {
                if let Some(asked) = asked {
                    self.show(asked, offer);
                }
            }
            Endogenous::RequestRefused(refusal) => {
                if let Some(asked) = asked {
                    self.refuse(at, asked, refusal);
                }
            }
            Endogenous::OfferExpired { offer } => self.expire(at, *offer, goes_on),
            Endogenous::BookingConfirmed { booking, offer, .. } => {
                if let Some(asked) = self.offers.remove(offer) {
                    self.begin(*booking, asked);
                }
            }
            Endogenous::Booked { booking, offer, .. } => {
                if let Some(asked) = asked {
                    self.asked[asked].quality = Some(Quality::of(offer));
                    self.begin(*booking, asked);
                }
            }
            Endogenous::BookingAmended { booking, .. } => {
                if let Some(&asked) = self.bookings.get(booking) {
                    self.asked[asked].amended = Some(at);
                }
            }
            Endogenous::BookingCancelled { booking, reason } => {
                let is_lost = self.kept_waiting.is_lost_to_delay(*booking, *reason);
                if let Some(&asked) = self.bookings.get(booking) {
                    self.asked[asked].cancel_reason = Some(*reason);
                }
                self.end(at, *booking, if is_lost { Outcome::LostToDelay } else { Outcome::Cancelled });
            }
            Endogenous::BookingFailed { booking } => self.end(at, *booking, Outcome::Failed),
            _ => {}
        }
    }

    fn ask(&mut self, at: Time, request: &Request, manner: Manner) -> Option<usize> {
        self.scope.contains(at, request.service).then(|| self.file(Asked::of_request(at, request, manner)))
    }

    fn note_missed(&mut self, told: Time, ride: &MissedRide) {
        let missed = Asked::of_missed(told, ride);
        if self.scope.contains(missed.at, missed.service) {
            self.file(missed);
        }
    }

    fn file(&mut self, asked: Asked) -> usize {
        let found = self.latents.find(&asked.wanted());
        if found.is_new {
            self.first.push(self.asked.len());
        }
        self.latents.end(found.latent, asked.outcome.commitment());
        self.asked.push(Asked { latent: found.latent, ..asked });
        self.asked.len() - 1
    }

    fn show(&mut self, asked: usize, offer: &Offer) {
        self.offers.insert(offer.id, asked);
        let asked = &mut self.asked[asked];
        asked.offers += 1;
        asked.quality.get_or_insert_with(|| Quality::of(offer));
    }

    fn expire(&mut self, at: Time, offer: OfferId, goes_on: bool) {
        let Some(asked) = self.offers.remove(&offer) else { return };
        let is_last = self.offers.values().all(|&other| other != asked);
        if is_last && !goes_on {
            let lapsed = self.asked[asked].lapsed();
            self.stand(asked, lapsed, Some(at));
        }
    }

    fn refuse(&mut self, at: Time, asked: usize, refusal: &Refusal) {
        let why = refusal.binding.iter().map(|binding| Why::Constraint(binding.constraint)).collect();
        self.stand(asked, Outcome::Refused(why), Some(at));
    }

    fn begin(&mut self, booking: BookingId, asked: usize) {
        self.stand(asked, Outcome::Confirmed, None);
        self.bookings.insert(booking, asked);
    }

    fn end(&mut self, at: Time, booking: BookingId, outcome: Outcome) {
        self.kept_waiting.forget(booking);
        if let Some(asked) = self.bookings.remove(&booking) {
            self.stand(asked, outcome, Some(at));
        }
    }

    fn stand(&mut self, asked: usize, outcome: Outcome, ended: Option<Time>) {
        let asked = &mut self.asked[asked];
        self.latents.end(asked.latent, outcome.commitment());
        (asked.outcome, asked.ended) = (outcome, ended);
    }
}

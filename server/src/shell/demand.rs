//! The demand of a period, from the journal: who asked for what, and what became of it. For planners, who are told
//! nothing of it but what `demand/anonymous.rs` lets through.
//!
//! The log's reader is made for other threads: it sees durable records only and holds up nobody. A record has a request
//! and its first answer; what came of it later is in later records, so the log is read from the beginning to its end.

pub mod anonymous;
mod together;
mod waiting;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::tz::TimeZone;
use mukae_engine::Command;
use mukae_engine::Endogenous;
use mukae_engine::model::{Channel, Constraint, Request, Wish};
use mukae_journal::{LogReader, Sequence};
use mukae_office::{Day, Fact, Leg, MissCause, MissedRide, StandingId, WaitingId};
use mukae_record::Record;
use mukae_units::{BookingId, LatLon, OfferId, RiderId, Seats, ServiceId, Time};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::errors::Fault;

/// Requests of one export; more would take too much memory.
const REQUESTS_MAX: usize = 1_000_000;
/// Records between two looks whether anybody waits.
const RECORDS_AT_ONCE: u64 = 4096;

/// Where demand is read from.
pub struct Demand {
    pub journal: Arc<dyn LogReader>,
    pub time_zone: TimeZone,
    /// Where the grid's cells are square.
    pub centre: LatLon,
    turn: Arc<Semaphore>,
}

/// Of which service, and asked for from when on and before when.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Period {
    pub service: ServiceId,
    pub from: Time,
    pub until: Time,
}

/// A ride that was asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asked {
    pub at: Time,
    pub rider: Option<RiderId>,
    pub channel: Channel,
    pub party: Option<Seats>,
    pub wish: Option<Wish>,
    pub origin: Option<LatLon>,
    pub destination: Option<LatLon>,
    pub outcome: Outcome,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Outcome {
    Offered,
    Refused(Vec<Why>),
    Confirmed,
    Cancelled,
    NoShow,
    Completed,
    Failed,
    UnmetCall,
    DeadlineMissed,
}

/// What stood in the way.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Why {
    Constraint(Constraint),
    OriginOffArea,
    DestinationOffArea,
    SamePlace,
}

impl Demand {
    pub fn new(journal: Arc<dyn LogReader>, time_zone: TimeZone, centre: LatLon) -> Demand {
        Demand { journal, time_zone, centre, turn: Arc::new(Semaphore::new(1)) }
    }

    pub fn turn(&self) -> Result<OwnedSemaphorePermit, Fault> {
        let permit = Arc::clone(&self.turn).try_acquire_owned();
        permit.map_err(|_| Fault::overloaded("somebody else exports demand"))
    }

    /// The requests of a period in the order in which they came, as things stand at the end of the log. Blocks; `None` if
    /// nobody waits any more.
    pub fn read(&self, period: Period, is_awaited: impl Fn() -> bool) -> Option<Result<Vec<Asked>, Fault>> {
        let records = match self.journal.read(Sequence::START) {
            Ok(records) => records,
            Err(error) => return Some(Err(Fault::bug(error))),
        };
        let mut followed = Followed {
            period,
            asked: Vec::new(),
            offers: BTreeMap::new(),
            bookings: BTreeMap::new(),
            standing: BTreeMap::new(),
            waiting: BTreeMap::new(),
        };
        for (number, record) in (0..).zip(records) {
            if number % RECORDS_AT_ONCE == 0 && !is_awaited() {
                return None;
            }
            let record = match record {
                Ok(record) => Record::from_bytes(&record.bytes),
                Err(error) => return Some(Err(Fault::bug(error))),
            };
            match record {
                Ok(record) => followed.take(record),
                Err(error) => return Some(Err(Fault::bug(error))),
            }
            if REQUESTS_MAX < followed.asked.len() {
                let description = format!("more than {REQUESTS_MAX} requests in this period; choose a shorter one");
                return Some(Err(Fault::invalid_field("end_time", description)));
            }
        }
        Some(Ok(followed.asked))
    }
}

impl std::fmt::Debug for Demand {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Demand").field("centre", &self.centre).finish_non_exhaustive()
    }
}

/// Requests and what comes of them, while the log is read.
struct Followed {
    period: Period,
    asked: Vec<Asked>,
    /// By their numbers, which are given again if a record was lost in a crash: the last one counts.
    offers: BTreeMap<OfferId, usize>,
    bookings: BTreeMap<BookingId, usize>,
    /// Rides of standing bookings: one that is tried every day was asked for once.
    standing: BTreeMap<(StandingId, Day, Leg), usize>,
    /// Wishes that wait, as they were asked for before they did.
    waiting: BTreeMap<WaitingId, usize>,
}

impl Followed {
    fn take(&mut self, record: Record) {
        let at = record.at();
        let (mut asked, mut is_asked_now) = (None, false);
        match record.command() {
            // for somebody who waits, and asked long ago
            Command::Quote(_) if record.origin.principal.as_str() == crate::shell::area::waiting::PRINCIPAL => {}
            Command::Quote(request) | Command::Book { request, .. } => {
                asked = self.note(at, request);
                is_asked_now = true;
            }
            Command::BookAll { requests, note, .. } => return self.take_together(at, requests, note, &record.answer),
            Command::Note { content, .. } => {
                if let Ok(fact) = Fact::from_note(content) {
                    self.note_fact(at, &fact);
                }
            }
            // fresh offers, if there are any, are for the same wish
            Command::ConfirmOffer { offer } | Command::HoldOffer { offer, .. } => {
                asked = self.offers.get(offer).copied();
            }
            Command::Alight { booking, .. } => self.end(*booking, Outcome::Completed),
            Command::ReportNoShow { booking, .. } => self.end(*booking, Outcome::NoShow),
            _ => {}
        }
        for event in record.endogenous {
            match event {
                Endogenous::OfferMade(offer) => {
                    if let Some(asked) = asked {
                        self.offers.insert(offer.id, asked);
                    }
                }
                Endogenous::RequestRefused(refusal) if is_asked_now => {
                    if let Some(asked) = asked {
                        let why = refusal.binding.iter().map(|binding| Why::Constraint(binding.constraint)).collect();
                        self.asked[asked].outcome = Outcome::Refused(why);
                    }
                }
                Endogenous::BookingConfirmed { booking, offer, .. } => {
                    let asked = self.offers.get(&offer).copied();
                    self.begin(booking, asked);
                }
                Endogenous::Booked { booking, .. } => self.begin(booking, asked),
                Endogenous::BookingCancelled { booking, .. } => self.end(booking, Outcome::Cancelled),
                Endogenous::BookingFailed { booking } => self.end(booking, Outcome::Failed),
                _ => {}
            }
        }
    }

    fn is_of_period(&self, at: Time, service: ServiceId) -> bool {
        let Period { service: wanted, from, until } = self.period;
        service == wanted && from <= at && at < until
    }

    fn note(&mut self, at: Time, request: &Request) -> Option<usize> {
        let is_of_period = self.is_of_period(at, request.service);
        is_of_period.then(|| {
            // the first way is the door, or the nearest meeting point of a service that comes to none
            let point = |ways: &[mukae_engine::model::Access]| ways.first().map(|access| access.spot.asked);
            self.asked.push(Asked {
                at,
                rider: request.rider,
                channel: request.channel,
                party: Some(request.party),
                wish: Some(request.wish),
                origin: point(&request.origin),
                destination: point(&request.destination),
                outcome: Outcome::Offered,
            });
            self.asked.len() - 1
        })
    }

    fn note_missed(&mut self, at: Time, ride: &MissedRide) {
        let at = ride.missed.unwrap_or(at);
        if !self.is_of_period(at, ride.service) {
            return;
        }
        let outcome = match ride.cause {
            MissCause::OriginOffArea => Outcome::Refused(vec![Why::OriginOffArea]),
            MissCause::DestinationOffArea => Outcome::Refused(vec![Why::DestinationOffArea]),
            MissCause::BothOffArea => Outcome::Refused(vec![Why::OriginOffArea, Why::DestinationOffArea]),
            MissCause::SamePlace => Outcome::Refused(vec![Why::SamePlace]),
            MissCause::UnmetCall => Outcome::UnmetCall,
            MissCause::DeadlineMissed => Outcome::DeadlineMissed,
        };
        self.asked.push(Asked {
            at,
            rider: ride.rider,
            channel: ride.channel,
            party: ride.party,
            wish: ride.wish,
            origin: ride.origin,
            destination: ride.destination,
            outcome,
        });
    }

    fn begin(&mut self, booking: BookingId, asked: Option<usize>) {
        if let Some(asked) = asked {
            self.asked[asked].outcome = Outcome::Confirmed;
            self.bookings.insert(booking, asked);
        }
    }

    fn end(&mut self, booking: BookingId, outcome: Outcome) {
        if let Some(&asked) = self.bookings.get(&booking) {
            self.asked[asked].outcome = outcome;
        }
    }
}

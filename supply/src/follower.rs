//! The model at work: it watches the records of a day and tells the dispatcher what to expect.
//!
//! It decides nothing. What it says is a table of whole numbers that goes through the same `decide` as everything else; the
//! same records and the same fit say the same. Live areas and simulated ones are followed by the same code.

use std::collections::BTreeMap;
use std::sync::Arc;

use mukae_engine::model::{Anticipation, CoverageRule, EXPECTED_MAX, Outlook, Reposition, Request, SupplyRules};
use mukae_engine::{Command, Endogenous, Exogenous};
use mukae_forecast::DayClass;
use mukae_units::{BookingId, LatLon, OfferId, Span, Time};

use crate::clock::{Clock, Day, HALF_HOUR};
use crate::lesson::goes_back;
use crate::model::Model;

/// How the dispatcher is told, and what it makes of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Following {
    pub coverage: CoverageRule,
    pub reposition: Reposition,
    pub anticipation: Anticipation,
    /// So far ahead requests are counted.
    pub horizon: Span,
    /// So often.
    pub every: Span,
}

impl Following {
    /// Nothing would ever be done by these rules.
    pub fn is_off(&self) -> bool {
        self.reposition.is_off() && self.anticipation.is_off()
    }
}

/// Somebody who was taken somewhere and has not asked for the way back.
#[derive(Clone, Copy, Debug)]
struct Open {
    way: (LatLon, LatLon),
    since: Time,
    zone: u16,
}

/// Follows one area.
#[derive(Clone, Debug)]
pub struct Follower {
    model: Arc<Model>,
    following: Following,
    clock: Clock,
    today: Option<Day>,
    /// Requests so far today that nobody knew of before.
    counted: f64,
    /// Ways that were asked for today.
    asked: Vec<(LatLon, LatLon)>,
    visits: Vec<Open>,
    offers: BTreeMap<OfferId, (LatLon, LatLon)>,
    bookings: BTreeMap<BookingId, (LatLon, LatLon)>,
}

impl Follower {
    pub fn new(model: Arc<Model>, following: Following, clock: Clock) -> Follower {
        let (offers, bookings) = (BTreeMap::new(), BTreeMap::new());
        Follower {
            model,
            following,
            clock,
            today: None,
            counted: 0.0,
            asked: Vec::new(),
            visits: Vec::new(),
            offers,
            bookings,
        }
    }

    /// What the dispatcher is told before anything is expected.
    pub fn rules(&self) -> Command {
        let Following { coverage, reposition, anticipation, .. } = self.following;
        let rules = SupplyRules {
            posts: self.model.posts.places(),
            coverage,
            reposition,
            anticipation,
            standby_max: Span::ZERO,
        };
        Command::SetSupply(Some(rules.into()))
    }

    /// How long until it is told again.
    pub fn every(&self) -> Span {
        self.following.every
    }

    /// What is expected as things stand.
    pub fn foresee(&mut self, now: Time) -> Command {
        self.turn_to(now);
        let model = Arc::clone(&self.model);
        let level = self.level(now);
        let mut expected = vec![0.0; usize::from(model.posts.count())];
        let (mut from, until) = (now, now + self.following.horizon);
        while from < until {
            let (day, bin) = (self.clock.day(from), self.clock.half_hour(from));
            let next = self.clock.next_half_hour(from).min(until);
            let share = (next - from).as_millis() as f64 / HALF_HOUR.as_millis() as f64 * self.open(day, bin);
            // what today has shown says nothing of tomorrow
            let level = if Some(day) == self.today { level } else { 1.0 };
            for (post, expected) in (0..).zip(&mut expected) {
                *expected += model.rates.rate(class(day), post, bin).mean() * share * level;
            }
            from = next;
        }
        if let Some(returns) = &model.returns {
            let minutes = |span: Span| span.as_millis() as f64 / 60_000.0;
            for visit in &self.visits {
                let (since, within) = (minutes(now - visit.since), minutes(self.following.horizon));
                expected[usize::from(visit.zone)] += returns.chance(visit.zone, since.max(0.0), within);
            }
        }
        let expected = expected.into_iter().map(permille).collect();
        // one that is missed is not the end of it
        let until = now + self.following.every * 2;
        Command::Foresee(Outlook { expected, within: self.following.horizon, until }.into())
    }

    /// By how much today differs from what was expected of it so far.
    fn level(&mut self, now: Time) -> f64 {
        let Some(today) = self.today else { return 1.0 };
        let mut expected = 0.0;
        let bin_now = self.clock.half_hour(now);
        let rates = &self.model.rates;
        for bin in 0..=bin_now {
            let of_all: f64 = (0..rates.zones()).map(|zone| rates.rate(class(today), zone, bin).mean()).sum();
            let share = match bin == bin_now {
                true => 1.0 - (self.clock.next_half_hour(now) - now).as_millis() as f64 / HALF_HOUR.as_millis() as f64,
                false => 1.0,
            };
            expected += of_all * share * self.model.open[weekday(today)][usize::from(bin)];
        }
        rates.day_level().level(self.counted, expected)
    }

    fn open(&self, day: Day, bin: u8) -> f64 {
        self.model.open[weekday(day)][usize::from(bin)]
    }

    /// A new day begins with nothing counted and nobody away from home.
    fn turn_to(&mut self, now: Time) {
        let day = self.clock.day(now);
        if self.today.is_none_or(|today| today < day) {
            (self.today, self.counted) = (Some(day), 0.0);
            self.asked.clear();
            self.visits.clear();
        }
    }

    /// Watches one record.
    pub fn observe<'a>(&mut self, told: &Exogenous, decided: impl Iterator<Item = &'a Endogenous>) {
        self.turn_to(told.at);
        match &told.command {
            Command::Quote(request) | Command::Book { request, .. } => self.hear(told.at, request),
            Command::BookAll { requests, .. } => requests.iter().for_each(|request| self.hear(told.at, request)),
            Command::Alight { booking, at } => self.put_down(*booking, *at),
            _ => {}
        }
        for event in decided {
            match event {
                Endogenous::OfferMade(offer) => {
                    self.offers.extend(way_of(&offer.request).map(|way| (offer.id, way)));
                }
                Endogenous::OfferExpired { offer } => _ = self.offers.remove(offer),
                Endogenous::BookingConfirmed { booking, offer, .. } | Endogenous::OfferHeld { booking, offer, .. } => {
                    self.bookings.extend(self.offers.get(offer).map(|&way| (*booking, way)));
                }
                Endogenous::Booked { booking, offer, .. } | Endogenous::BookingAmended { booking, offer } => {
                    self.bookings.extend(way_of(&offer.request).map(|way| (*booking, way)));
                }
                Endogenous::BookingForgotten { booking } | Endogenous::HoldReleased { booking, .. } => {
                    self.bookings.remove(booking);
                }
                _ => {}
            }
        }
    }

    fn hear(&mut self, at: Time, request: &Request) {
        let Some(way) = way_of(request) else { return };
        let wished = request.wish.window().earliest();
        let back = self.visits.iter().position(|visit| goes_back(visit.way, way));
        match back {
            Some(back) => _ = self.visits.remove(back),
            None if wished - at <= self.model.lead_max => self.counted += 1.0,
            None => {}
        }
        if Some(self.clock.day(wished)) == self.today {
            self.asked.push(way);
        }
    }

    fn put_down(&mut self, booking: BookingId, at: Time) {
        let Some(way) = self.bookings.remove(&booking) else { return };
        self.visit(way, at);
    }

    /// Somebody was taken this way, and is there since then; expected to come back unless that was asked for already.
    pub fn visit(&mut self, way: (LatLon, LatLon), since: Time) {
        let is_back = self.asked.iter().any(|&other| other != way && goes_back(way, other));
        if !is_back {
            let zone = self.model.posts.nearest(way.1);
            self.visits.push(Open { way, since, zone });
        }
    }
}

/// What kind of day it is, to the rates.
pub fn class(day: Day) -> DayClass {
    DayClass(weekday(day) as u8)
}

/// 0 is Monday.
fn weekday(day: Day) -> usize {
    (day.0 + 3).rem_euclid(7) as usize
}

fn permille(requests: f64) -> u32 {
    (requests * 1000.0).round().clamp(0.0, f64::from(EXPECTED_MAX)) as u32
}

fn way_of(request: &Request) -> Option<(LatLon, LatLon)> {
    Some((request.origin.first()?.spot.asked, request.destination.first()?.spot.asked))
}

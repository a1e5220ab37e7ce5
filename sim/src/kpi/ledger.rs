//! Counts records as they come: a simulated day, a live one, or a replay.
//!
//! It reads facts alone, from the first record on; a record is counted once. Memory grows with the
//! number of rides, by a few words each.

mod page;

use std::collections::{BTreeMap, BTreeSet};

use mukae_engine::model::{Channel, Constraint, Offer, Promise, Wish};
use mukae_engine::{Command, Endogenous, Exogenous};
use mukae_record::tour::{Aboard, Errand, Happening, Tours};
use mukae_units::{BookingId, Metres, OfferId, SeatKind, Seats, ShiftId, Span, Time, TravelTime};

use super::spread::Values;
use super::{Kpis, RoadLengths};

#[derive(Clone, Debug, Default)]
pub struct Ledger {
    tours: Tours,
    /// By its number, with that of its quote.
    offers: BTreeMap<OfferId, (OfferId, Ride)>,
    /// Until they end.
    bookings: BTreeMap<BookingId, Ride>,
    unassigned: BTreeSet<BookingId>,
    shifts_open: BTreeMap<ShiftId, Time>,
    tally: Tally,
    /// Of the pages that were turned.
    past: Tally,
}

/// What is kept of an offer or a booking while it is open.
#[derive(Clone, Copy, Debug)]
struct Ride {
    party: Seats,
    /// Start of the wished window, if it is a departure.
    departs_from: Option<Time>,
    promise: Promise,
    direct: TravelTime,
    boarded: Option<Time>,
    is_pooled: bool,
}

#[derive(Clone, Debug, Default)]
struct Tally {
    requests: u64,
    requests_by_channel: BTreeMap<Channel, u64>,
    offered: u64,
    refused: u64,
    refused_by: BTreeMap<Constraint, u64>,
    not_taken: u64,
    confirmed: u64,
    cancelled: u64,
    no_shows: u64,
    failed: u64,
    served: u64,
    riders_served: u64,
    promises_at_risk: u64,
    wait_from_request: Values,
    wait_from_promise: Values,
    ride_time: Values,
    ride_ratio: Values,
    pickups: u64,
    pickups_on_time: u64,
    pooled: u64,
    driven: Metres,
    driven_empty: Metres,
    empty_to_pickup: Metres,
    empty_home: Metres,
    rider_millimetres: u64,
    unmeasured_drives: u64,
    shifts_closed: u64,
    shift_time: Span,
}

impl Ride {
    fn of_offer(offer: &Offer) -> Ride {
        Ride {
            party: offer.request.party,
            departs_from: match offer.request.wish {
                Wish::DepartAfter(window) => Some(window.earliest()),
                Wish::ArriveBy(_) => None,
            },
            promise: offer.promise,
            direct: offer.direct,
            boarded: None,
            is_pooled: false,
        }
    }
}

/// Persons, in seats or wheelchairs.
fn persons(party: Seats) -> u64 {
    let are_people = |kind: &&SeatKind| **kind != SeatKind::Luggage;
    SeatKind::ALL.iter().filter(are_people).map(|&kind| u64::from(party.of(kind))).sum()
}

impl Ledger {
    pub fn new() -> Ledger {
        Ledger::default()
    }

    /// Counts one record: what came from outside, and all that was decided on it.
    pub fn observe<'a>(
        &mut self,
        told: &Exogenous,
        decided: impl Iterator<Item = &'a Endogenous> + Clone,
        roads: &mut dyn RoadLengths,
    ) {
        self.hear(&told.command);
        if let Command::BookAll { requests, .. } = &told.command {
            // of those that stand together and fall, some could have been done
            let outcomes = decided
                .clone()
                .filter(|event| matches!(event, Endogenous::Booked { .. } | Endogenous::RequestRefused(_)));
            self.tally.refused += (requests.len() - outcomes.count()) as u64;
        }
        for event in decided.clone() {
            self.adopt(&told.command, event);
        }
        let Ledger { tours, bookings, shifts_open, tally, .. } = self;
        tours.follow(told, decided, &mut |happening| tally.count(happening, bookings, shifts_open, roads));
    }

    fn hear(&mut self, command: &Command) {
        match command {
            Command::Quote(request) | Command::Book { request, .. } => {
                self.tally.requests += 1;
                *self.tally.requests_by_channel.entry(request.channel).or_default() += 1;
            }
            Command::BookAll { requests, .. } => {
                for request in requests {
                    self.tally.requests += 1;
                    *self.tally.requests_by_channel.entry(request.channel).or_default() += 1;
                }
            }
            Command::ReportNoShow { booking, .. } => {
                self.tally.no_shows += u64::from(self.end(*booking).is_some());
            }
            _ => {}
        }
    }

    fn adopt(&mut self, command: &Command, decided: &Endogenous) {
        match decided {
            Endogenous::OfferMade(offer) => {
                let is_first = offer.id == offer.quote;
                self.tally.offered += u64::from(is_first && matches!(command, Command::Quote(_)));
                self.offers.insert(offer.id, (offer.quote, Ride::of_offer(offer)));
            }
            // who wanted another ride and keeps the one they have was not turned away
            Endogenous::RequestRefused(_) if matches!(command, Command::Amend { .. }) => {}
            Endogenous::RequestRefused(refusal) => {
                self.tally.refused += 1;
                for binding in &refusal.binding {
                    *self.tally.refused_by.entry(binding.constraint).or_default() += 1;
                }
            }
            Endogenous::OfferExpired { offer } => {
                let Some((quote, _)) = self.offers.remove(offer) else { return };
                let is_last = self.offers.values().all(|(other, _)| *other != quote);
                // Expired by somebody's choice: the request goes on with a booking, fresh offers or a refusal.
                let goes_on = matches!(command, Command::ConfirmOffer { .. } | Command::HoldOffer { .. });
                self.tally.not_taken += u64::from(is_last && !goes_on);
            }
            Endogenous::BookingConfirmed { booking, offer, .. } => {
                if let Some((_, ride)) = self.offers.remove(offer) {
                    self.tally.confirmed += 1;
                    self.bookings.insert(*booking, ride);
                }
            }
            Endogenous::Booked { booking, offer } => {
                self.tally.offered += 1;
                self.tally.confirmed += 1;
                self.bookings.insert(*booking, Ride::of_offer(offer));
            }
            Endogenous::BookingAmended { booking, offer } => {
                self.unassigned.remove(booking);
                self.bookings.insert(*booking, Ride::of_offer(offer));
            }
            Endogenous::BookingCancelled { booking, .. } => {
                self.tally.cancelled += u64::from(self.end(*booking).is_some());
            }
            Endogenous::BookingFailed { booking } => {
                self.tally.failed += u64::from(self.end(*booking).is_some());
            }
            Endogenous::BookingUnassigned { booking } => {
                self.unassigned.insert(*booking);
            }
            Endogenous::PlanChanged { plan, .. } => {
                if !self.unassigned.is_empty() {
                    let bookings = plan.stops.iter().filter_map(|stop| stop.booking);
                    bookings.for_each(|booking| _ = self.unassigned.remove(&booking));
                }
            }
            Endogenous::PromiseAtRisk { .. } => self.tally.promises_at_risk += 1,
            Endogenous::ShiftPlanned { .. }
            | Endogenous::ShiftEnded { .. }
            | Endogenous::PromiseRestored { .. }
            | Endogenous::BookingStranded { .. }
            | Endogenous::DriverAsked { .. }
            | Endogenous::AskEnded { .. }
            | Endogenous::BreakAtRisk { .. }
            | Endogenous::BreakRestored { .. }
            | Endogenous::DetourExceeded { .. }
            | Endogenous::DetourRestored { .. }
            | Endogenous::OfferHeld { .. }
            | Endogenous::HoldReleased { .. }
            | Endogenous::WayOnChanged { .. }
            | Endogenous::ShiftChanged { .. }
            | Endogenous::BookingForgotten { .. } => {}
        }
    }

    fn end(&mut self, booking: BookingId) -> Option<Ride> {
        self.unassigned.remove(&booking);
        self.bookings.remove(&booking)
    }

    /// The figures so far.
    pub fn kpis(&self) -> Kpis {
        self.kpis_of(&self.past.clone().and(self.tally.clone()))
    }

    fn kpis_of(&self, tally: &Tally) -> Kpis {
        Kpis {
            requests: tally.requests,
            requests_by_channel: tally.requests_by_channel.clone(),
            offered: tally.offered,
            refused: tally.refused,
            refused_by: tally.refused_by.clone(),
            not_taken: tally.not_taken,
            confirmed: tally.confirmed,
            cancelled: tally.cancelled,
            no_shows: tally.no_shows,
            failed: tally.failed,
            served: tally.served,
            riders_served: tally.riders_served,
            offers_open: self.offers.values().map(|(quote, _)| quote).collect::<BTreeSet<_>>().len() as u64,
            bookings_open: self.bookings.len() as u64,
            unassigned: self.unassigned.len() as u64,
            promises_at_risk: tally.promises_at_risk,
            wait_from_request: tally.wait_from_request.spread(),
            wait_from_promise: tally.wait_from_promise.spread(),
            ride_time: tally.ride_time.spread(),
            ride_ratio: tally.ride_ratio.spread(),
            pickups: tally.pickups,
            pickups_on_time: tally.pickups_on_time,
            pooled: tally.pooled,
            driven: tally.driven,
            driven_empty: tally.driven_empty,
            empty_to_pickup: tally.empty_to_pickup,
            empty_home: tally.empty_home,
            rider_millimetres: tally.rider_millimetres,
            unmeasured_drives: tally.unmeasured_drives,
            shifts_open: self.shifts_open.len() as u64,
            shifts_closed: tally.shifts_closed,
            shift_time: tally.shift_time,
        }
    }
}

impl Tally {
    fn count(
        &mut self,
        happening: Happening<'_>,
        bookings: &mut BTreeMap<BookingId, Ride>,
        shifts_open: &mut BTreeMap<ShiftId, Time>,
        roads: &mut dyn RoadLengths,
    ) {
        match happening {
            Happening::ShiftOpened { shift, at } => _ = shifts_open.insert(shift, at),
            Happening::ShiftClosed { shift, at } => {
                if let Some(opened) = shifts_open.remove(&shift) {
                    self.shifts_closed += 1;
                    self.shift_time += at - opened;
                }
            }
            Happening::Drove { from, to, errand, on_board, .. } => match roads.length(from, to) {
                Some(length) => self.drive(length, errand, on_board, bookings),
                None => self.unmeasured_drives += 1,
            },
            Happening::Boarded { booking, began, ended, .. } => {
                if let Some(ride) = bookings.get_mut(&booking) {
                    ride.boarded = Some(ended);
                    self.pickup(ride, began);
                }
            }
            Happening::Rested { .. } | Happening::Missed { .. } => {}
            Happening::Alighted { booking, began, .. } => {
                if let Some(ride) = bookings.remove(&booking) {
                    self.ride(&ride, began);
                }
            }
        }
    }

    fn drive(&mut self, length: Metres, errand: Errand, on_board: &[Aboard], bookings: &mut BTreeMap<BookingId, Ride>) {
        self.driven += length;
        if on_board.is_empty() {
            self.driven_empty += length;
            match errand {
                Errand::ToPickup => self.empty_to_pickup += length,
                Errand::Home => self.empty_home += length,
                Errand::ToDropoff | Errand::ToBreak | Errand::Elsewhere => {}
            }
        }
        let riders: u64 = on_board.iter().map(|aboard| persons(aboard.party)).sum();
        self.rider_millimetres += length.as_millimetres() * riders;
        if 1 < on_board.len() && Metres::ZERO < length {
            for aboard in on_board {
                if let Some(ride) = bookings.get_mut(&aboard.booking) {
                    ride.is_pooled = true;
                }
            }
        }
    }

    fn pickup(&mut self, ride: &Ride, began: Time) {
        self.pickups += 1;
        self.pickups_on_time += u64::from(ride.promise.pickup.contains(began));
        self.wait_from_promise.push((began - ride.promise.pickup.earliest()).as_millis());
        if let Some(from) = ride.departs_from {
            self.wait_from_request.push((began - from).as_millis());
        }
    }

    fn ride(&mut self, ride: &Ride, began: Time) {
        self.served += 1;
        self.riders_served += persons(ride.party);
        self.pooled += u64::from(ride.is_pooled);
        let Some(boarded) = ride.boarded else { return };
        let time = began - boarded;
        self.ride_time.push(time.as_millis());
        if TravelTime::ZERO < ride.direct {
            self.ride_ratio.push(time.as_millis() * 1000 / ride.direct.span().as_millis());
        }
    }
}

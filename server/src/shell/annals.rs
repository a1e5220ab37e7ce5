//! What the dispatcher's state forgets and callers still ask: ended shifts, spent offers, times of
//! creation, revisions, and which id stands behind a name.
//!
//! A function of the records, like the state: it is written down in the shell's snapshot and goes on
//! with the replay. Offers and revisions are not in the snapshot. A revision is the number of records up
//! to the one that changed a thing; what was not touched since the snapshot has the snapshot's number,
//! so that no revision ever goes back.

mod touched;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use mukae_engine::model::{Offer, Shift};
use mukae_engine::{Command, Endogenous, Event, Exogenous, State};
use mukae_office::{Fact, Office};
use mukae_record::DecodeError;
use mukae_record::codec::{Decode, Encode, Reader, Writer};
use mukae_units::{BookingId, DriverId, OfferId, ServiceId, ShiftId, Span, Time, VehicleId};

use crate::names::{DriverName, ServiceName, ShiftName, VehicleName, unlabel};

pub use touched::Touched;

/// Offers that are remembered after they expired or became bookings.
const OFFERS_KEPT: usize = 4096;
/// How long an ended shift is remembered where no policy says how long bookings are.
const SHIFTS_KEPT: Span = Span::from_mins(2 * 24 * 60);

#[derive(Clone, Debug, Default)]
pub struct Annals {
    /// Live ones, and ended ones as long as bookings may name them.
    shifts: BTreeMap<ShiftId, ShiftNote>,
    created: BTreeMap<VehicleId, Time>,
    /// The newest [`OFFERS_KEPT`].
    offers: BTreeMap<OfferId, OfferNote>,
    services: BTreeMap<String, ServiceId>,
    vehicles: BTreeMap<String, VehicleId>,
    drivers: BTreeMap<String, DriverId>,
    shift_ids: BTreeMap<String, ShiftId>,
    /// What the office knows beside the dispatcher.
    office: Office,
    revisions: Revisions,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ShiftNote {
    pub shift: Arc<Shift>,
    pub created: Time,
    pub opened: Option<Time>,
    pub closed: Option<Time>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OfferNote {
    pub offer: Offer,
    pub made: Time,
    pub fate: OfferFate,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OfferFate {
    Open,
    Expired,
    Confirmed(BookingId),
}

#[derive(Clone, Debug, Default)]
struct Revisions {
    /// Of what was not touched since.
    floor: u64,
    area: u64,
    bookings: BTreeMap<BookingId, u64>,
    vehicles: BTreeMap<VehicleId, u64>,
    shifts: BTreeMap<ShiftId, u64>,
}

impl Annals {
    /// Continues from a snapshot taken after `sequence` records; `kept` is what [`Annals::encode_kept`] wrote.
    pub fn from_snapshot(kept: &[u8], version: u8, state: &State, sequence: u64) -> Result<Annals, DecodeError> {
        let mut reader = Reader::new(version, kept);
        let shifts: Vec<ShiftNote> = Decode::decode(&mut reader)?;
        let created: BTreeMap<VehicleId, Time> = Decode::decode(&mut reader)?;
        let office: Office = Decode::decode(&mut reader)?;
        reader.finish()?;
        let mut annals = Annals { created, office, ..Annals::default() };
        for note in shifts {
            annals.shift_ids.insert(note.shift.name.clone(), note.shift.id);
            annals.shifts.insert(note.shift.id, note);
        }
        let service = |service: &mukae_engine::model::Service| (unlabel(&service.name).0.to_owned(), service.id);
        annals.services = state.services.values().map(service).collect();
        let vehicle = |vehicle: &mukae_engine::model::Vehicle| (unlabel(&vehicle.name).0.to_owned(), vehicle.id);
        annals.vehicles = state.vehicles.values().map(vehicle).collect();
        let driver = |driver: &mukae_engine::model::Driver| (unlabel(&driver.name).0.to_owned(), driver.id);
        annals.drivers = state.drivers.values().map(driver).collect();
        annals.revisions.floor = sequence;
        annals.revisions.area = sequence;
        Ok(annals)
    }

    /// The part that a snapshot keeps, in the encoding of records.
    pub fn encode_kept(&self, writer: &mut Writer) {
        self.shifts.values().cloned().collect::<Vec<_>>().encode(writer);
        self.created.encode(writer);
        self.office.encode(writer);
    }

    /// Takes note of a record, the `sequence`-th; `state` is the one after it. Says what it touched.
    pub fn note(&mut self, sequence: u64, events: &[Event], state: &State) -> Touched {
        let at = state.clock;
        let mut touched_beside = Touched::default();
        for event in events {
            match event {
                Event::Exogenous(event) => self.note_command(&event.command, at, &mut touched_beside),
                Event::Endogenous(event) => self.note_decided(event, at, state),
            }
        }
        self.note_booked(events, at);
        let mut touched = Touched::by(events, self, state);
        touched.alerts = touched_beside.alerts;
        touched.measures = touched_beside.measures;
        touched.vehicles.extend(touched_beside.vehicles);
        self.revisions.note(sequence, &touched);
        touched
    }

    fn note_command(&mut self, command: &Command, at: Time, touched: &mut Touched) {
        match command {
            Command::SetService(service) => {
                self.services.insert(unlabel(&service.name).0.to_owned(), service.id);
            }
            Command::RegisterVehicle(vehicle) => {
                self.vehicles.insert(unlabel(&vehicle.name).0.to_owned(), vehicle.id);
                self.created.entry(vehicle.id).or_insert(at);
            }
            Command::RegisterDriver(driver) => {
                self.drivers.insert(unlabel(&driver.name).0.to_owned(), driver.id);
            }
            Command::OpenShift { shift, at: opened } => {
                if let Some(note) = self.shifts.get_mut(shift) {
                    note.opened = Some((*opened).min(at));
                }
            }
            Command::Note { content, .. } => match Fact::from_note(content) {
                Ok(fact) => {
                    touched.by_fact(&fact);
                    self.office.apply(at, &fact);
                }
                // a record is checked by its hash, so it was written by a later program
                Err(error) => panic!("a note of the journal can not be read: {error}"),
            },
            Command::RoadsChanged { .. } => {
                let before = self.office.in_force().clone();
                self.office.note_roads_changed(at);
                touched.measures.extend(before.symmetric_difference(self.office.in_force()));
            }
            _ => {}
        }
    }

    /// What was said with rides that were booked in one step, and what became of them.
    fn note_booked(&mut self, events: &[Event], at: Time) {
        let Some(Event::Exogenous(Exogenous { command: Command::BookAll { stands_together, note, .. }, .. })) =
            events.first()
        else {
            return;
        };
        let fact =
            Fact::from_note(note).unwrap_or_else(|error| panic!("a note of the journal can not be read: {error}"));
        let rides = events.iter().filter_map(|event| match event {
            Event::Endogenous(Endogenous::Booked { booking, .. }) => Some(Ok(*booking)),
            Event::Endogenous(Endogenous::RequestRefused(refusal)) => Some(Err(refusal.clone())),
            _ => None,
        });
        let rides: Vec<_> = rides.collect();
        debug_assert!(!stands_together || rides.iter().all(Result::is_ok) || rides.iter().all(Result::is_err));
        self.office.apply_booked(at, &fact, &rides);
    }

    fn note_decided(&mut self, event: &Endogenous, at: Time, state: &State) {
        match event {
            Endogenous::ShiftPlanned { shift, .. } => {
                self.shift_ids.insert(shift.name.clone(), shift.id);
                let note = ShiftNote { shift: Arc::clone(shift), created: at, opened: None, closed: None };
                self.shifts.insert(shift.id, note);
            }
            Endogenous::ShiftChanged { shift } => {
                if let Some(note) = self.shifts.get_mut(&shift.id) {
                    note.shift = Arc::clone(shift);
                }
            }
            Endogenous::ShiftEnded { shift } => {
                if let Some(note) = self.shifts.get_mut(shift) {
                    note.closed = Some(at);
                }
                let kept = state.policy.map_or(SHIFTS_KEPT, |policy| policy.retention.max(SHIFTS_KEPT));
                self.forget_shifts(at - kept);
            }
            Endogenous::OfferMade(offer) => {
                let note = OfferNote { offer: offer.clone(), made: at, fate: OfferFate::Open };
                self.offers.insert(offer.id, note);
                if OFFERS_KEPT < self.offers.len() {
                    self.offers.pop_first();
                }
            }
            Endogenous::OfferExpired { offer } => {
                self.office.note_let_pass(*offer, true);
                self.seal(*offer, OfferFate::Expired);
            }
            Endogenous::BookingConfirmed { booking, offer, .. } => {
                self.office.note_confirmed(at, *offer, *booking);
                self.seal(*offer, OfferFate::Confirmed(*booking));
            }
            Endogenous::BookingForgotten { booking } | Endogenous::HoldReleased { booking, .. } => {
                if let Endogenous::HoldReleased { offer, .. } = event {
                    self.office.note_let_pass(*offer, false);
                }
                self.office.forget_booking(*booking);
                self.revisions.bookings.remove(booking);
            }
            _ => {}
        }
    }

    fn seal(&mut self, offer: OfferId, fate: OfferFate) {
        if let Some(note) = self.offers.get_mut(&offer) {
            note.fate = fate;
        }
    }

    /// Ended shifts whose time was over before `limit`; a name is kept while its shift could still be planned.
    fn forget_shifts(&mut self, limit: Time) {
        let is_old =
            |note: &ShiftNote| note.closed.is_some_and(|closed| closed < limit) && note.shift.window.latest() < limit;
        let (ids, revisions) = (&mut self.shift_ids, &mut self.revisions.shifts);
        self.shifts.retain(|id, note| {
            let is_kept = !is_old(note);
            if !is_kept {
                ids.remove(&note.shift.name);
                revisions.remove(id);
            }
            is_kept
        });
    }

    pub fn office(&self) -> &Office {
        &self.office
    }

    pub fn service(&self, name: &ServiceName) -> Option<ServiceId> {
        self.services.get(&name.to_string()).copied()
    }

    pub fn vehicle(&self, name: &VehicleName) -> Option<VehicleId> {
        self.vehicles.get(&name.to_string()).copied()
    }

    pub fn driver(&self, name: &DriverName) -> Option<DriverId> {
        self.drivers.get(&name.to_string()).copied()
    }

    pub fn shift(&self, name: &ShiftName) -> Option<&ShiftNote> {
        self.shifts.get(self.shift_ids.get(&name.to_string())?)
    }

    pub fn shift_of_id(&self, shift: ShiftId) -> Option<&ShiftNote> {
        self.shifts.get(&shift)
    }

    /// All shifts that are remembered, from this id on.
    pub fn shifts_from(&self, first: ShiftId) -> impl Iterator<Item = &ShiftNote> {
        self.shifts.range(first..).map(|(_, note)| note)
    }

    /// The names of all shifts planned before, as far as they could be planned again.
    pub fn shift_names(&self) -> BTreeSet<ShiftName> {
        self.shift_ids.keys().filter_map(|name| name.parse().ok()).collect()
    }

    pub fn offer(&self, offer: OfferId) -> Option<&OfferNote> {
        self.offers.get(&offer)
    }

    pub fn created(&self, vehicle: VehicleId) -> Option<Time> {
        self.created.get(&vehicle).copied()
    }

    pub fn area_revision(&self) -> u64 {
        self.revisions.area
    }

    pub fn booking_revision(&self, booking: BookingId) -> u64 {
        *self.revisions.bookings.get(&booking).unwrap_or(&self.revisions.floor)
    }

    pub fn vehicle_revision(&self, vehicle: VehicleId) -> u64 {
        *self.revisions.vehicles.get(&vehicle).unwrap_or(&self.revisions.floor)
    }

    pub fn shift_revision(&self, shift: ShiftId) -> u64 {
        *self.revisions.shifts.get(&shift).unwrap_or(&self.revisions.floor)
    }
}

impl Revisions {
    fn note(&mut self, sequence: u64, touched: &Touched) {
        if !touched.is_empty() {
            self.area = sequence;
        }
        self.bookings.extend(touched.bookings.iter().map(|&booking| (booking, sequence)));
        self.vehicles.extend(touched.vehicles.iter().map(|&vehicle| (vehicle, sequence)));
        self.shifts.extend(touched.shifts.iter().map(|&shift| (shift, sequence)));
    }
}

impl Encode for ShiftNote {
    fn encode(&self, writer: &mut Writer) {
        let ShiftNote { shift, created, opened, closed } = self;
        shift.encode(writer);
        created.encode(writer);
        opened.encode(writer);
        closed.encode(writer);
    }
}

impl Decode for ShiftNote {
    fn decode(reader: &mut Reader<'_>) -> Result<ShiftNote, DecodeError> {
        let shift = Decode::decode(reader)?;
        let created = Decode::decode(reader)?;
        let opened = Decode::decode(reader)?;
        let closed = Decode::decode(reader)?;
        Ok(ShiftNote { shift, created, opened, closed })
    }
}

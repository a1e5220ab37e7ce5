//! What a record changes in the eyes of those who watch.

use std::collections::BTreeSet;
use std::sync::Arc;

use mukae_engine::schedule::Schedule;
use mukae_engine::{Command, Endogenous, Event, State};
use mukae_office::{AlertId, Fact, MeasureId};
use mukae_units::{BookingId, ShiftId, VehicleId};

use super::Annals;

/// The things that read differently after a record.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Touched {
    pub bookings: BTreeSet<BookingId>,
    /// With their manifests.
    pub vehicles: BTreeSet<VehicleId>,
    /// Planned, opened or closed; their plans are their vehicles' business.
    pub shifts: BTreeSet<ShiftId>,
    pub alerts: BTreeSet<AlertId>,
    pub measures: BTreeSet<MeasureId>,
}

impl Touched {
    /// `annals` and `state` are those after the events.
    pub(super) fn by(events: &[Event], annals: &Annals, state: &State) -> Touched {
        let mut touched = Touched::default();
        let mut plans = BTreeSet::new();
        for event in events {
            match event {
                Event::Exogenous(event) => touched.by_command(&event.command, state, &mut plans),
                Event::Endogenous(event) => touched.by_decided(event, &mut plans),
            }
        }
        // A plan that changed predicts other times for all that is in it.
        for shift in plans {
            touched.vehicles.extend(annals.shift_of_id(shift).map(|note| note.shift.vehicle));
            let stops = state.schedules.get(&shift).map_or(&[][..], |schedule| schedule.stops());
            touched.bookings.extend(stops.iter().filter_map(|stop| stop.booking));
            // whether somebody is called stands in the plan
            let is_on_call = |schedule: &&Arc<Schedule>| schedule.shift.on_call.is_some();
            if state.schedules.get(&shift).filter(is_on_call).is_some() {
                touched.shifts.insert(shift);
            }
        }
        // whoever looks at one of a pair sees how the other stands
        let paired = touched.bookings.iter().filter_map(|&booking| annals.office.pair_of(booking));
        let paired: Vec<BookingId> = paired.map(|pair| pair.other).collect();
        touched.bookings.extend(paired.into_iter().filter(|booking| state.bookings.contains_key(booking)));
        touched
    }

    pub fn is_empty(&self) -> bool {
        let office = self.alerts.is_empty() && self.measures.is_empty();
        office && self.bookings.is_empty() && self.vehicles.is_empty() && self.shifts.is_empty()
    }

    /// By what the office noted.
    pub(super) fn by_fact(&mut self, fact: &Fact) {
        match fact {
            Fact::MeasureOrdered(ordered) => {
                self.measures.insert(ordered.id);
            }
            Fact::MeasureLifted { measure } => {
                self.measures.insert(*measure);
            }
            Fact::AlertRaised { alert, .. }
            | Fact::AlertCleared { alert }
            | Fact::AlertAcknowledged { alert }
            | Fact::AlertNoted { alert, .. } => {
                self.alerts.insert(*alert);
            }
            Fact::VehicleRetired { vehicle } => {
                self.vehicles.insert(*vehicle);
            }
            Fact::MessageSent(_)
            | Fact::Overruled { .. }
            | Fact::CheckRecorded(_)
            | Fact::RideMissed(_)
            | Fact::Paired { .. }
            | Fact::StandingOrdered(_)
            | Fact::StandingTried { .. }
            | Fact::WaitingJoined(_)
            | Fact::WaitingOffered { .. }
            | Fact::WaitingTried { .. }
            | Fact::WaitingEnded { .. }
            | Fact::RulesSet(_)
            | Fact::TripSet(_)
            | Fact::SupplySuspended { .. }
            | Fact::SupplyResumed => {}
            // the manifest says so, and is a vehicle's business
            Fact::ManifestAcknowledged(acknowledged) => {
                self.vehicles.insert(acknowledged.vehicle);
            }
        }
    }

    fn by_command(&mut self, command: &Command, state: &State, plans: &mut BTreeSet<ShiftId>) {
        match command {
            Command::RegisterVehicle(vehicle) => {
                self.vehicles.insert(vehicle.id);
            }
            Command::OpenShift { shift, .. } => {
                self.shifts.insert(*shift);
                plans.insert(*shift);
            }
            Command::Depart { shift, .. }
            | Command::Arrive { shift, .. }
            | Command::EndBreak { shift, .. }
            | Command::EndRepositioning { shift, .. }
            | Command::AnswerStandby { shift, .. }
            | Command::EndStandby { shift }
            | Command::FreezeStops { shift, .. } => {
                plans.insert(*shift);
            }
            Command::AnswerAsk { booking, .. } | Command::PinBooking { booking, .. } => {
                self.bookings.insert(*booking);
            }
            Command::Board { booking, .. }
            | Command::Alight { booking, .. }
            | Command::ReportNoShow { booking, .. } => {
                self.bookings.insert(*booking);
                plans.extend(state.bookings.get(booking).and_then(|booking| booking.shift));
            }
            Command::UseMap(_)
            | Command::SetPolicy(_)
            | Command::SetService(_)
            | Command::PlanShift(_)
            | Command::CloseShift { .. }
            | Command::Quote(_)
            | Command::Book { .. }
            | Command::ConfirmOffer { .. }
            | Command::CancelBooking { .. }
            | Command::ReportPosition { .. }
            | Command::HoldOffer { .. }
            | Command::ReleaseHold { .. }
            | Command::AdvanceClock
            | Command::RegisterDriver(_)
            | Command::NameFeature { .. }
            | Command::NameZone { .. }
            | Command::BreakDown { .. }
            | Command::RoadsChanged { .. }
            | Command::Amend { .. }
            | Command::BookAll { .. }
            | Command::CancelAll { .. }
            | Command::Note { .. }
            | Command::InterruptShift { .. }
            | Command::DelayShift { .. }
            | Command::AdoptPlan { .. }
            | Command::SetSupply(_)
            | Command::Foresee(_)
            | Command::AskStandby { .. } => {}
            // who is left to staff is pinned, also where nothing else is decided
            Command::Assign { moves } => self.bookings.extend(moves.iter().map(|one| one.booking)),
        }
    }

    fn by_decided(&mut self, event: &Endogenous, plans: &mut BTreeSet<ShiftId>) {
        match event {
            Endogenous::ShiftPlanned { shift, .. } => {
                self.shifts.insert(shift.id);
                plans.insert(shift.id);
            }
            Endogenous::ShiftChanged { shift } => {
                self.shifts.insert(shift.id);
                plans.insert(shift.id);
            }
            Endogenous::ShiftEnded { shift } => {
                self.shifts.insert(*shift);
                plans.insert(*shift);
            }
            Endogenous::PlanChanged { shift, .. }
            | Endogenous::BreakAtRisk { shift, .. }
            | Endogenous::BreakRestored { shift, .. }
            | Endogenous::DetourExceeded { shift, .. }
            | Endogenous::DetourRestored { shift }
            | Endogenous::RepositioningOrdered { shift, .. }
            | Endogenous::StandbyAsked { shift, .. }
            | Endogenous::StandbyLapsed { shift }
            | Endogenous::WayOnChanged { shift, .. } => {
                plans.insert(*shift);
            }
            Endogenous::BookingConfirmed { booking, .. }
            | Endogenous::OfferHeld { booking, .. }
            | Endogenous::Booked { booking, .. }
            | Endogenous::BookingAmended { booking, .. }
            | Endogenous::BookingCancelled { booking, .. }
            | Endogenous::BookingUnassigned { booking }
            | Endogenous::BookingFailed { booking }
            | Endogenous::BookingStranded { booking, .. }
            | Endogenous::PromiseAtRisk { booking, .. }
            | Endogenous::PromiseRestored { booking, .. }
            | Endogenous::DriverAsked { booking, .. }
            | Endogenous::AskEnded { booking, .. } => {
                self.bookings.insert(*booking);
            }
            Endogenous::OfferMade(_)
            | Endogenous::HoldReleased { .. }
            | Endogenous::RequestRefused(_)
            | Endogenous::OfferExpired { .. }
            | Endogenous::BookingForgotten { .. } => {}
        }
    }
}

//! Who shared a ride and what was due, told again from the reports of a day alone: the slow twin of what the state keeps.

use std::collections::{BTreeMap, BTreeSet};

use mukae_engine::model::{Charge, ChargeReason, Fare};
use mukae_engine::{Command, Endogenous, Event, State};
use mukae_units::{BookingId, OfferId, ShiftId};

#[derive(Debug, Default)]
pub struct Told {
    on_board: BTreeMap<ShiftId, BTreeSet<BookingId>>,
    shared: BTreeSet<BookingId>,
    quoted: BTreeMap<OfferId, Option<Fare>>,
    /// Charges of each reason.
    pub charges: BTreeMap<&'static str, usize>,
    known: BTreeSet<BookingId>,
}

impl Told {
    /// What a command did that was accepted, with the state before it.
    pub fn note(&mut self, before: &State, command: &Command, events: &[Event]) {
        let shift_of = |booking: &BookingId| before.bookings[booking].shift.expect("it has a vehicle");
        match command {
            Command::Depart { shift, .. } | Command::Arrive { shift, .. } => {
                let together = self.on_board.entry(*shift).or_default();
                if 2 <= together.len() {
                    self.shared.extend(together.iter());
                }
            }
            Command::Board { booking, .. } => {
                self.on_board.entry(shift_of(booking)).or_default().insert(*booking);
            }
            Command::Alight { booking, .. } => {
                self.on_board.entry(shift_of(booking)).or_default().remove(booking);
            }
            Command::BreakDown { shift, .. } => {
                self.on_board.remove(shift);
            }
            _ => {}
        }
        for event in events {
            if let Event::Endogenous(
                Endogenous::OfferMade(offer)
                | Endogenous::Booked { offer, .. }
                | Endogenous::BookingAmended { offer, .. },
            ) = event
            {
                self.quoted.insert(offer.id, offer.fare);
            }
        }
    }

    /// The state knows the same, and nobody owes more than was quoted.
    pub fn check(&mut self, state: &State) {
        for booking in state.bookings.values() {
            assert_eq!(booking.is_shared, self.shared.contains(&booking.id), "{booking:?}");
            assert_eq!(booking.fare, self.quoted[&booking.offer], "{booking:?}");
            let Some(Charge { yen, reason }) = booking.charge else { continue };
            assert!(booking.state.is_final(), "{booking:?}");
            let fare = booking.fare.expect("without a fare nothing is due");
            let (name, quoted) = match reason {
                ChargeReason::Ride => ("ride", fare.full),
                ChargeReason::SharedRide => ("shared", fare.shared),
                ChargeReason::LateCancellation => ("late", fare.fees.late_cancellation),
                ChargeReason::NoShow => ("no-show", fare.fees.no_show),
            };
            assert_eq!(yen, quoted, "{booking:?}");
            assert!(fare.shared <= fare.full, "{booking:?}");
            let is_ride = matches!(reason, ChargeReason::Ride | ChargeReason::SharedRide);
            assert_eq!(reason == ChargeReason::SharedRide, booking.is_shared && is_ride, "{booking:?}");
            if self.known.insert(booking.id) {
                *self.charges.entry(name).or_default() += 1;
            }
        }
    }
}

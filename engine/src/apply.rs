//! Recording facts. No choice is made here and nobody is asked; replay is this and nothing else.

use std::sync::Arc;

use mukae_units::{BookingId, ShiftId, Time};

use crate::command::Command;
use crate::event::{Endogenous, Event, Exogenous};
use crate::model::{Booking, BookingState};
use crate::schedule::{Schedule, Whereabouts};
use crate::state::State;

pub(crate) fn apply(state: &mut State, event: &Event) {
    match event {
        Event::Exogenous(Exogenous { at, command }) => {
            assert!(state.clock <= *at, "an event of {at:?} after one of {:?}", state.clock);
            state.clock = *at;
            apply_command(state, *at, command);
        }
        Event::Endogenous(event) => apply_decided(state, event),
    }
}

fn apply_command(state: &mut State, at: Time, command: &Command) {
    match command {
        Command::UseMap(map) => state.map = Some(*map),
        Command::SetPolicy(policy) => state.policy = Some(*policy),
        Command::SetService { service, policy } => {
            state.services.insert(*service, *policy);
        }
        Command::RegisterVehicle(vehicle) => {
            state.vehicles.insert(vehicle.id, *vehicle);
        }
        Command::OpenShift { shift } => schedule_mut(state, *shift).open(at),
        Command::Depart { shift, .. } => {
            let booking = next_pickup(state, *shift);
            schedule_mut(state, *shift).depart(at);
            set_state(state, booking, BookingState::EnRoute);
        }
        Command::Arrive { shift, .. } => {
            let booking = next_pickup(state, *shift);
            schedule_mut(state, *shift).arrive(at);
            set_state(state, booking, BookingState::Arrived);
        }
        Command::Board { booking } => {
            schedule_mut(state, shift_of(state, *booking)).board(*booking, at);
            let booking = booking_mut(state, *booking);
            booking.state = BookingState::Boarded;
            booking.boarded_at = Some(at);
        }
        Command::Alight { booking } => {
            schedule_mut(state, shift_of(state, *booking)).alight(*booking, at);
            finish(state, *booking, BookingState::Alighted);
        }
        Command::ReportNoShow { booking } => finish(state, *booking, BookingState::NoShow),
        // These matter by what was decided on them.
        Command::PlanShift(_)
        | Command::CloseShift { .. }
        | Command::Quote(_)
        | Command::ConfirmOffer { .. }
        | Command::CancelBooking { .. }
        | Command::ReportPosition { .. }
        | Command::AdvanceClock => {}
    }
}

fn apply_decided(state: &mut State, event: &Endogenous) {
    match event {
        Endogenous::ShiftPlanned { shift, capacity, to_end } => {
            state.last_shift = state.last_shift.max(shift.id.0);
            state.schedules.insert(shift.id, Arc::new(Schedule::new(*shift, *capacity, *to_end)));
        }
        Endogenous::ShiftEnded { shift } => {
            state.schedules.remove(shift).unwrap_or_else(|| panic!("{shift} ends but is not planned"));
        }
        Endogenous::OfferMade(offer) => {
            state.next_offer = offer.id.0 + 1;
            state.offers.insert(offer.id, offer.clone());
        }
        Endogenous::RequestRefused(_) => {}
        Endogenous::OfferExpired { offer } => {
            state.offers.remove(offer);
        }
        Endogenous::BookingConfirmed { booking, offer, shift } => {
            let offer = state.offers.remove(offer).unwrap_or_else(|| panic!("{offer} was confirmed but never made"));
            state.next_booking = booking.0 + 1;
            state.bookings.insert(*booking, Booking::confirmed(*booking, offer, *shift, state.clock));
        }
        Endogenous::PlanChanged { shift, plan } => {
            for (stop_idx, stop) in plan.stops.iter().enumerate() {
                state.next_stop = state.next_stop.max(stop.id.0 + 1);
                let booking = booking_mut(state, stop.booking);
                booking.shift = Some(*shift);
                if stop.is_pickup() {
                    booking.state = match plan.whereabouts {
                        Whereabouts::Driving { .. } if stop_idx == 0 => BookingState::EnRoute,
                        Whereabouts::Serving { .. } if stop_idx == 0 => BookingState::Arrived,
                        _ => BookingState::Confirmed,
                    };
                }
            }
            schedule_mut(state, *shift).adopt(plan.clone());
        }
        Endogenous::BookingCancelled { booking, .. } => finish(state, *booking, BookingState::Cancelled),
        Endogenous::BookingUnassigned { booking } => {
            let booking = booking_mut(state, *booking);
            booking.state = BookingState::Unassigned;
            booking.shift = None;
        }
        Endogenous::BookingFailed { booking } => finish(state, *booking, BookingState::Failed),
        Endogenous::PromiseAtRisk { booking, .. } => booking_mut(state, *booking).is_at_risk = true,
        Endogenous::PromiseRestored { booking } => booking_mut(state, *booking).is_at_risk = false,
        Endogenous::BookingForgotten { booking } => {
            state.bookings.remove(booking);
        }
    }
}

fn schedule_mut(state: &mut State, shift: ShiftId) -> &mut Schedule {
    let schedule = state.schedules.get_mut(&shift).unwrap_or_else(|| panic!("{shift} is not planned"));
    Arc::make_mut(schedule)
}

fn booking_mut(state: &mut State, booking: BookingId) -> &mut Booking {
    state.bookings.get_mut(&booking).unwrap_or_else(|| panic!("{booking} was never confirmed"))
}

fn shift_of(state: &State, booking: BookingId) -> ShiftId {
    state.bookings[&booking].shift.unwrap_or_else(|| panic!("{booking} is in no schedule"))
}

/// The booking whose pickup is the shift's next stop.
fn next_pickup(state: &State, shift: ShiftId) -> Option<BookingId> {
    state.schedules[&shift].next_stop().filter(|stop| stop.is_pickup()).map(|stop| stop.booking)
}

fn set_state(state: &mut State, booking: Option<BookingId>, reached: BookingState) {
    if let Some(booking) = booking {
        booking_mut(state, booking).state = reached;
    }
}

fn finish(state: &mut State, booking: BookingId, reached: BookingState) {
    let clock = state.clock;
    let booking = booking_mut(state, booking);
    booking.state = reached;
    booking.finished_at = Some(clock);
    booking.is_at_risk = false;
}

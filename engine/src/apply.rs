//! Recording facts. No choice is made here and nobody is asked; replay is this and nothing else.

use std::sync::Arc;

use mukae_units::{BookingId, ShiftId, Time};

use crate::command::Command;
use crate::event::{Endogenous, Event, Exogenous};
use crate::fleet::Changes;
use crate::model::{AtRisk, Booking, BookingState};
use crate::schedule::{Schedule, Whereabouts};
use crate::state::State;

pub(crate) fn apply(state: &mut State, event: &Event, changes: &mut Changes) {
    match event {
        Event::Exogenous(Exogenous { at, command }) => {
            assert!(state.clock <= *at, "an event of {at:?} after one of {:?}", state.clock);
            state.clock = *at;
            apply_command(state, command, changes);
        }
        Event::Endogenous(event) => apply_decided(state, event, changes),
    }
}

fn apply_command(state: &mut State, command: &Command, changes: &mut Changes) {
    match command {
        Command::UseMap(map) => state.map = Some(*map),
        Command::SetPolicy(policy) => state.policy = Some(*policy),
        Command::SetService(service) => {
            state.services.insert(service.id, service.clone());
        }
        Command::NameFeature { feature, name } => {
            state.features.insert(*feature, name.clone());
        }
        Command::RegisterVehicle(vehicle) => {
            state.vehicles.insert(vehicle.id, vehicle.clone());
        }
        Command::OpenShift { shift, at } => {
            report(state, changes, *shift, *at, Schedule::open);
        }
        Command::Depart { shift, at, .. } => {
            let booking = next_pickup(state, *shift);
            report(state, changes, *shift, *at, Schedule::depart);
            if let Some(booking) = booking {
                booking_mut(state, booking).state = BookingState::EnRoute;
            }
        }
        Command::Arrive { shift, at, .. } => {
            let at = report(state, changes, *shift, *at, Schedule::arrive);
            let schedule = Arc::clone(&state.schedules[shift]);
            let here = &schedule.stops()[..schedule.plan.next_group()];
            for stop in here.iter().filter(|stop| stop.is_pickup()) {
                let booking = booking_mut(state, stop.booking);
                booking.state = BookingState::Arrived;
                booking.arrived_at = Some(at);
            }
        }
        Command::Board { booking, at } => {
            let shift = shift_of(state, *booking);
            let at = report(state, changes, shift, *at, |schedule, at| schedule.board(*booking, at));
            let booking = booking_mut(state, *booking);
            booking.state = BookingState::Boarded;
            booking.boarded_at = Some(at);
        }
        Command::Alight { booking, at } => {
            let shift = shift_of(state, *booking);
            let at = report(state, changes, shift, *at, |schedule, at| schedule.alight(*booking, at));
            finish(state, *booking, BookingState::Alighted, at);
        }
        Command::ReportNoShow { booking, at } => {
            let at = state.schedules[&shift_of(state, *booking)].report_time(*at, state.clock);
            finish(state, *booking, BookingState::NoShow, at);
        }
        Command::AdvanceClock => state.vehicles_sought = state.clock,
        // These matter by what was decided on them.
        Command::PlanShift(_)
        | Command::CloseShift { .. }
        | Command::Quote(_)
        | Command::Book { .. }
        | Command::ConfirmOffer { .. }
        | Command::CancelBooking { .. }
        | Command::ReportPosition { .. } => {}
    }
}

fn apply_decided(state: &mut State, event: &Endogenous, changes: &mut Changes) {
    match event {
        Endogenous::ShiftPlanned { shift, capacity, to_end, terms } => {
            changes.note(shift.id);
            state.last_shift = state.last_shift.max(shift.id.0);
            let schedule = Schedule::new(shift.clone(), capacity.clone(), terms.clone(), *to_end);
            state.schedules.insert(shift.id, Arc::new(schedule));
        }
        Endogenous::ShiftEnded { shift } => {
            changes.note(*shift);
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
        Endogenous::Booked { booking, offer } => {
            state.next_offer = offer.id.0 + 1;
            state.next_booking = booking.0 + 1;
            let shift = offer.shift;
            state.bookings.insert(*booking, Booking::confirmed(*booking, offer.clone(), shift, state.clock));
        }
        Endogenous::PlanChanged { shift, plan } => {
            let at = state.clock;
            let here = plan.next_group();
            for (stop_idx, stop) in plan.stops.iter().enumerate() {
                state.next_stop = state.next_stop.max(stop.id.0 + 1);
                let booking = booking_mut(state, stop.booking);
                if booking.shift != Some(*shift) {
                    booking.arrived_at = None; // that was another vehicle
                }
                booking.shift = Some(*shift);
                if stop.is_pickup() {
                    booking.state = match plan.whereabouts {
                        Whereabouts::Driving { .. } if stop_idx == 0 => BookingState::EnRoute,
                        Whereabouts::Serving { .. } if stop_idx < here => {
                            booking.arrived_at.get_or_insert(at);
                            BookingState::Arrived
                        }
                        _ => BookingState::Confirmed,
                    };
                }
            }
            schedule_mut(state, changes, *shift).adopt(plan.clone());
        }
        Endogenous::BookingCancelled { booking, reason } => {
            finish(state, *booking, BookingState::Cancelled, state.clock);
            booking_mut(state, *booking).cancel_reason = Some(*reason);
        }
        Endogenous::BookingUnassigned { booking } => {
            let booking = booking_mut(state, *booking);
            booking.state = BookingState::Unassigned;
            booking.shift = None;
        }
        Endogenous::BookingFailed { booking } => finish(state, *booking, BookingState::Failed, state.clock),
        Endogenous::PromiseAtRisk { booking, breach } => {
            booking_mut(state, *booking).at_risk.set(breach.limit(), true);
        }
        Endogenous::PromiseRestored { booking, limit } => booking_mut(state, *booking).at_risk.set(*limit, false),
        Endogenous::BookingForgotten { booking } => {
            state.bookings.remove(booking);
        }
    }
}

fn schedule_mut<'s>(state: &'s mut State, changes: &mut Changes, shift: ShiftId) -> &'s mut Schedule {
    changes.note(shift);
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

/// Records what a driver reported; returns the time it counts from.
fn report(
    state: &mut State,
    changes: &mut Changes,
    shift: ShiftId,
    at: Time,
    change: impl FnOnce(&mut Schedule, Time),
) -> Time {
    let clock = state.clock;
    let schedule = schedule_mut(state, changes, shift);
    let at = schedule.report_time(at, clock);
    change(schedule, at);
    at
}

fn finish(state: &mut State, booking: BookingId, reached: BookingState, at: Time) {
    let booking = booking_mut(state, booking);
    booking.state = reached;
    booking.finished_at = Some(at);
    booking.at_risk = AtRisk::NONE;
}

//! Recording facts. No choice is made here and nobody is asked; replay is this and nothing else.

use std::sync::Arc;

use mukae_units::{BookingId, BreakId, DriverId, ShiftId, Span, Time};

use crate::command::{Command, MoveTo};
use crate::decide::again;
use crate::event::{Endogenous, Event, Exogenous};
use crate::fare::{charge, is_riders_no_show};
use crate::fleet::Changes;
use crate::model::driver::ASK_WEEK;
use crate::model::{
    Ask, AskOutcome, AtRisk, Booking, BookingState, CancelReason, Hold, NO_SHOW_MEMORY, NoShow, Service, Standby,
    Supply,
};
use crate::schedule::{Plan, Schedule, Stop, Task, Whereabouts};
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
        Command::SetPolicy(policy) => {
            state.policy = Some(*policy);
            refresh_asking(state, changes);
        }
        Command::SetService(service) => {
            state.services.insert(service.id, Service::clone(service));
        }
        Command::NameZone { zone, name } => {
            state.zones.insert(*zone, name.clone());
        }
        Command::NameFeature { feature, name } => {
            state.features.insert(*feature, name.clone());
        }
        Command::RegisterVehicle(vehicle) => {
            state.vehicles.insert(vehicle.id, vehicle.clone());
            let is_its = |schedule: &&Arc<Schedule>| schedule.shift.vehicle == vehicle.id;
            let shifts: Vec<ShiftId> =
                state.schedules.values().filter(is_its).map(|schedule| schedule.shift.id).collect();
            for shift in shifts {
                schedule_mut(state, changes, shift).equip(vehicle);
            }
        }
        Command::OpenShift { shift, at } => {
            let at = (*at).min(state.clock);
            schedule_mut(state, changes, *shift).open(at);
        }
        Command::Depart { shift, at, .. } => {
            note_shared(state, *shift);
            let booking = next_pickup(state, *shift);
            report(state, changes, *shift, *at, Schedule::depart);
            if let Some(booking) = booking {
                note_state(booking_mut(state, booking), BookingState::EnRoute);
            }
        }
        // who came to a later stop first gets a new plan, which says so
        Command::Arrive { shift, stop, .. } if !state.schedules[shift].is_in_next_group(*stop) => {
            note_shared(state, *shift);
        }
        Command::Arrive { shift, at, .. } => {
            note_shared(state, *shift);
            let at = report(state, changes, *shift, *at, Schedule::arrive);
            let schedule = Arc::clone(&state.schedules[shift]);
            let here = &schedule.stops()[..schedule.plan.next_group()];
            let bookings = here.iter().filter(|stop| stop.is_pickup()).filter_map(|stop| stop.booking);
            for booking in bookings {
                let booking = booking_mut(state, booking);
                if booking.ask.is_some() {
                    continue;
                }
                note_state(booking, BookingState::Arrived);
                booking.arrived_at = Some(at);
            }
        }
        Command::Board { booking, at } => {
            let shift = shift_of(state, *booking);
            let at = again(state.bookings[booking].boarded_at, report_time_of(state, shift, *at));
            schedule_mut(state, changes, shift).board(*booking, at);
            let booking = booking_mut(state, *booking);
            booking.state = BookingState::Boarded;
            booking.boarded_at.get_or_insert(at);
            booking.stranded_at = None;
        }
        Command::Alight { booking, at } => {
            let shift = shift_of(state, *booking);
            let at = report(state, changes, shift, *at, |schedule, at| schedule.alight(*booking, at));
            finish(state, *booking, BookingState::Alighted, None, at);
        }
        Command::ReportNoShow { booking, at } => {
            let at = report_time_of(state, shift_of(state, *booking), *at);
            note_no_show(state, *booking, at);
            finish(state, *booking, BookingState::NoShow, None, at);
        }
        Command::AdvanceClock => state.vehicles_sought = state.clock,
        Command::EndBreak { shift, at, .. } => {
            report(state, changes, *shift, *at, Schedule::end_break);
        }
        Command::RegisterDriver(driver) => {
            state.drivers.insert(driver.id, driver.clone());
            refresh_asking(state, changes);
        }
        Command::SetSupply(rules) => {
            state.supply = rules.as_ref().map(|rules| Supply { rules: Arc::clone(rules), outlook: None });
            if rules.as_ref().is_none_or(|rules| rules.standby_max == Span::ZERO) && !state.standbys.is_empty() {
                state.standbys.clear();
                refresh_asking(state, changes);
            }
        }
        Command::Foresee(outlook) => {
            let supply = state.supply.as_mut().expect("who foresees has rules");
            supply.outlook = Some(Arc::clone(outlook));
        }
        Command::EndRepositioning { shift, at } => {
            report(state, changes, *shift, *at, Schedule::end_repositioning);
        }
        Command::AnswerStandby { shift, accepted, .. } => {
            match accepted {
                true => state.standbys.insert(*shift, Standby::Given),
                false => state.standbys.remove(shift),
            };
            refresh_asking(state, changes);
        }
        Command::EndStandby { shift } => {
            state.standbys.remove(shift);
            refresh_asking(state, changes);
        }
        Command::PinBooking { booking, pinned } => booking_mut(state, *booking).is_pinned = *pinned,
        Command::FreezeStops { shift, through } => schedule_mut(state, changes, *shift).freeze(*through),
        Command::Assign { moves } => {
            for moved in moves {
                let booking = booking_mut(state, moved.booking);
                match moved.to {
                    // who is left to staff by hand is left alone by us
                    MoveTo::Nowhere => booking.is_pinned = true,
                    MoveTo::At { shift, .. } | MoveTo::Into(shift) => booking.by_hand = Some(shift),
                }
            }
        }
        // These matter by what was decided on them.
        Command::PlanShift(_)
        | Command::CloseShift { .. }
        | Command::Quote(_)
        | Command::Book { .. }
        | Command::ConfirmOffer { .. }
        | Command::CancelBooking { .. }
        | Command::AnswerAsk { .. }
        | Command::ReportPosition { .. }
        | Command::BreakDown { .. }
        | Command::RoadsChanged { .. }
        | Command::HoldOffer { .. }
        | Command::ReleaseHold { .. }
        | Command::Amend { .. }
        | Command::BookAll { .. }
        | Command::CancelAll { .. }
        | Command::Note { .. }
        | Command::InterruptShift { .. }
        | Command::DelayShift { .. }
        | Command::AdoptPlan { .. }
        | Command::AskStandby { .. } => {}
    }
}

fn apply_decided(state: &mut State, event: &Endogenous, changes: &mut Changes) {
    match event {
        Endogenous::ShiftPlanned { shift, capacity, to_end, terms } => {
            changes.note(shift.id);
            state.last_shift = state.last_shift.max(shift.id.0);
            let mut schedule = Schedule::new(Arc::clone(shift), capacity.clone(), terms.clone(), *to_end);
            schedule.asking = state.asking(shift, &[]);
            state.schedules.insert(shift.id, Arc::new(schedule));
        }
        Endogenous::ShiftEnded { shift } => {
            changes.note(*shift);
            state.schedules.remove(shift).unwrap_or_else(|| panic!("{shift} ends but is not planned"));
            state.standbys.remove(shift);
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
            let made = state.offers.remove(offer).unwrap_or_else(|| panic!("{offer} was confirmed but never made"));
            if state.holds.remove(offer).is_some() {
                let reached = state.schedules[shift].pickup_state(*booking);
                let confirmed_at = state.clock;
                let held = booking_mut(state, *booking);
                (held.state, held.confirmed_at) = (reached, confirmed_at);
            } else {
                state.next_booking = booking.0 + 1;
                state.bookings.insert(*booking, Booking::confirmed(*booking, made, *shift, state.clock));
            }
        }
        Endogenous::Booked { booking, offer, by_hand } => {
            state.next_offer = offer.id.0 + 1;
            state.next_booking = booking.0 + 1;
            let shift = offer.shift;
            let by_hand = by_hand.then_some(shift);
            let booked = Booking { by_hand, ..Booking::confirmed(*booking, offer.clone(), shift, state.clock) };
            state.bookings.insert(*booking, booked);
        }
        Endogenous::BookingAmended { booking, offer } => {
            state.next_offer = offer.id.0 + 1;
            let shift = offer.shift;
            booking_mut(state, *booking).amend(offer.clone(), shift);
        }
        Endogenous::PlanChanged { shift, plan } => {
            for (stop_idx, stop) in plan.stops.iter().enumerate() {
                state.next_stop = state.next_stop.max(stop.id.0 + 1);
                let Some(booking) = stop.booking else { continue };
                let at = state.clock;
                let booking = booking_mut(state, booking);
                if booking.shift != Some(*shift) {
                    booking.arrived_at = None; // that was another vehicle
                }
                booking.shift = Some(*shift);
                if stop.is_pickup() && booking.ask.is_none() {
                    await_vehicle(booking, plan, stop_idx, at);
                }
            }
            schedule_mut(state, changes, *shift).adopt(Arc::clone(plan));
        }
        Endogenous::BookingCancelled { booking, reason } => {
            finish(state, *booking, BookingState::Cancelled, Some(*reason), state.clock);
        }
        Endogenous::BookingUnassigned { booking } => {
            let booking = booking_mut(state, *booking);
            booking.state = match booking.stranded_at {
                None => BookingState::Unassigned,
                Some(_) => BookingState::Stranded,
            };
            booking.shift = None;
        }
        Endogenous::BookingFailed { booking } => finish(state, *booking, BookingState::Failed, None, state.clock),
        Endogenous::PromiseAtRisk { booking, breach } => {
            booking_mut(state, *booking).at_risk.set(breach.limit(), true);
        }
        Endogenous::PromiseRestored { booking, limit } => booking_mut(state, *booking).at_risk.set(*limit, false),
        Endogenous::BookingForgotten { booking } => {
            state.bookings.remove(booking);
        }
        Endogenous::BookingStranded { booking, place } => {
            let booking = booking_mut(state, *booking);
            booking.state = BookingState::Stranded;
            booking.shift = None;
            booking.arrived_at = None;
            booking.stranded_at = Some(*place);
        }
        Endogenous::DriverAsked { booking, driver, deadline, fallback: _ } => {
            ask(state, changes, *booking, *driver, *deadline);
        }
        Endogenous::AskEnded { booking, driver, outcome } => end_ask(state, *booking, *driver, *outcome),
        Endogenous::BreakAtRisk { shift, id, .. } => set_break_at_risk(state, changes, *shift, *id, true),
        Endogenous::BreakRestored { shift, id } => set_break_at_risk(state, changes, *shift, *id, false),
        Endogenous::DetourExceeded { shift, .. } => set_detour_exceeded(state, changes, *shift, true),
        Endogenous::DetourRestored { shift } => set_detour_exceeded(state, changes, *shift, false),
        Endogenous::OfferHeld { offer, booking, shift, until } => {
            if let Some(hold) = state.holds.get_mut(offer) {
                hold.until = *until;
                return;
            }
            let hold = Hold { offer: *offer, booking: *booking, since: state.clock, until: *until };
            state.holds.insert(*offer, hold);
            state.next_booking = booking.0 + 1;
            let mut held = Booking::confirmed(*booking, state.offers[offer].clone(), *shift, state.clock);
            held.state = BookingState::Held;
            state.bookings.insert(*booking, held);
        }
        Endogenous::HoldReleased { offer, booking } => {
            state.holds.remove(offer).unwrap_or_else(|| panic!("{offer} is not held"));
            state.bookings.remove(booking);
        }
        Endogenous::RepositioningOrdered { shift, length, .. } => {
            schedule_mut(state, changes, *shift).repositioned += *length;
        }
        Endogenous::StandbyAsked { shift, driver, deadline } => {
            state.standbys.insert(*shift, Standby::Asked { deadline: *deadline });
            count_ask(state, changes, *driver);
        }
        Endogenous::StandbyLapsed { shift } => _ = state.standbys.remove(shift),
        Endogenous::WayOnChanged { shift, way } => schedule_mut(state, changes, *shift).way_on = *way,
        Endogenous::ShiftChanged { shift } => schedule_mut(state, changes, shift.id).work_as(Arc::clone(shift)),
    }
}

/// The state of a booking whose pickup is this stop of its vehicle's plan.
fn await_vehicle(booking: &mut Booking, plan: &Plan, stop_idx: usize, at: Time) {
    let reached = match plan.whereabouts {
        Whereabouts::Driving { .. } if stop_idx == 0 => BookingState::EnRoute,
        Whereabouts::Serving { .. } if stop_idx < plan.next_group() => {
            booking.arrived_at.get_or_insert(at);
            BookingState::Arrived
        }
        _ => BookingState::Confirmed,
    };
    note_state(booking, reached);
}

/// Opens an ask, which counts for the driver; or gives an open one more time, which does not.
fn ask(state: &mut State, changes: &mut Changes, booking: BookingId, driver: DriverId, deadline: Time) {
    let clock = state.clock;
    let booking = booking_mut(state, booking);
    let is_new = booking.ask.is_none();
    booking.state = BookingState::AwaitingDriver;
    let asked_at = booking.ask.map_or(clock, |ask| ask.asked_at);
    booking.ask = Some(Ask { driver, asked_at, deadline });
    booking.arrived_at = None;
    if is_new {
        count_ask(state, changes, driver);
    }
}

fn count_ask(state: &mut State, changes: &mut Changes, driver: DriverId) {
    let clock = state.clock;
    let asks = state.asks.entry(driver).or_default();
    let counting = asks.iter().position(|&asked| clock < asked + ASK_WEEK).unwrap_or(asks.len());
    asks.drain(..counting);
    asks.push(clock);
    refresh_asking(state, changes);
}

fn end_ask(state: &mut State, booking: BookingId, driver: DriverId, outcome: AskOutcome) {
    let clock = state.clock;
    let ended = booking_mut(state, booking);
    ended.ask = None;
    ended.state = BookingState::Confirmed;
    match outcome {
        AskOutcome::Declined | AskOutcome::Expired => ended.asked.push(driver),
        AskOutcome::Withdrawn => {}
        AskOutcome::Accepted => {
            let schedule = Arc::clone(&state.schedules[&shift_of(state, booking)]);
            let pickup_idx = schedule.position_of(booking, true).expect("who waits for a driver has a pickup ahead");
            await_vehicle(booking_mut(state, booking), &schedule.plan, pickup_idx, clock);
        }
    }
}

/// Tells every schedule whether its driver must be asked, after what that depends on has changed.
fn refresh_asking(state: &mut State, changes: &mut Changes) {
    let of = |schedule: &Arc<Schedule>| (schedule.shift.id, state.asking(&schedule.shift, &[]));
    let driven = state.schedules.values().filter(|schedule| schedule.shift.driver.is_some());
    let changed: Vec<_> = driven.filter(|schedule| of(schedule).1 != schedule.asking).map(of).collect();
    for (shift, asking) in changed {
        schedule_mut(state, changes, shift).asking = asking;
    }
}

fn set_break_at_risk(state: &mut State, changes: &mut Changes, shift: ShiftId, of: BreakId, is_so: bool) {
    let plan = Arc::make_mut(&mut schedule_mut(state, changes, shift).plan);
    for stop in &mut plan.stops {
        if let Task::Break { id, is_at_risk, .. } = &mut stop.task
            && *id == of
        {
            *is_at_risk = is_so;
        }
    }
}

fn set_detour_exceeded(state: &mut State, changes: &mut Changes, shift: ShiftId, is_so: bool) {
    let plan = Arc::make_mut(&mut schedule_mut(state, changes, shift).plan);
    let route = plan.route.as_mut();
    route.unwrap_or_else(|| panic!("{shift} has no tolerance")).is_exceeded = is_so;
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
    state.schedules[&shift].next_stop().filter(|stop| stop.is_pickup()).and_then(|stop| stop.booking)
}

fn report_time_of(state: &State, shift: ShiftId, at: Time) -> Time {
    state.schedules[&shift].report_time(at, state.clock)
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

/// What its vehicle does for a booking; one that only holds an offer stays that.
fn note_state(booking: &mut Booking, reached: BookingState) {
    if booking.state != BookingState::Held {
        booking.state = reached;
    }
}

/// Who is on board while the vehicle drives rides together.
fn note_shared(state: &mut State, shift: ShiftId) {
    let on_board = |stop: &&Stop| matches!(stop.task, Task::Dropoff { boarded_at: Some(_), .. });
    let stops = state.schedules[&shift].stops();
    let together: Vec<BookingId> = stops.iter().filter(on_board).filter_map(|stop| stop.booking).collect();
    if 1 < together.len() {
        together.into_iter().for_each(|booking| booking_mut(state, booking).is_shared = true);
    }
}

/// Remembers that a rider did not come, and forgets what is too long ago for any rule.
fn note_no_show(state: &mut State, booking: BookingId, at: Time) {
    let booking = &state.bookings[&booking];
    let Some(rider) = booking.request.rider.filter(|_| is_riders_no_show(booking)) else { return };
    let no_show = NoShow { service: booking.request.service, at };
    let of_rider = state.no_shows.entry(rider).or_default();
    let later = of_rider.iter().rev().take_while(|other| at < other.at).count();
    of_rider.insert(of_rider.len() - later, no_show);
    let oldest = state.clock - NO_SHOW_MEMORY;
    state.no_shows.retain(|_, of_rider| {
        of_rider.retain(|no_show| oldest <= no_show.at);
        !of_rider.is_empty()
    });
}

fn finish(state: &mut State, booking: BookingId, reached: BookingState, reason: Option<CancelReason>, at: Time) {
    let booking = booking_mut(state, booking);
    booking.charge = charge(booking, reached, reason, at);
    booking.cancel_reason = reason;
    booking.state = reached;
    booking.finished_at = Some(at);
    booking.at_risk = AtRisk::NONE;
    booking.ask = None;
}

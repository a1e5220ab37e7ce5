//! Checks that do not trust the engine: every schedule against its slow audit, every ride against
//! its promise, every request against its end.
//!
//! A run without trouble has no faults at all. With delays in the world, lateness is counted by the
//! key figures; here it stays a fault only where nothing outside explains it.

mod calls;

use std::collections::BTreeMap;
use std::fmt;

use calls::Calls;
use mukae_engine::model::{Booking, Crews, Offer, Promise, Serves, Shift, Spot, Vehicle};
use mukae_engine::schedule::Schedule;
use mukae_engine::schedule::audit::{self, audit, can_all_sit};
use mukae_engine::{Command, Endogenous, Exogenous, Rejection, State};
use mukae_maps::{Place, TravelTimes};
use mukae_record::tour::{Aboard, Happening, Tours};
use mukae_units::{BookingId, BreakId, Capacity, Metres, OfferId, ShiftId, Span, Time, Zones};

/// Something that must not be, and when it was found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    pub at: Time,
    pub what: Wrong,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Wrong {
    /// The engine's slow audit objects to a schedule it made.
    Schedule { shift: ShiftId, fault: audit::Fault },
    /// Boarding began outside the promised window.
    PickupOutsideWindow { booking: BookingId, began: Time },
    /// Alighting began after what was promised.
    DropoffLate { booking: BookingId, began: Time },
    /// The ride took longer than was promised.
    RideTooLong { booking: BookingId },
    /// The party was taken from, or brought to, a place it did not name.
    AnotherPlace { booking: BookingId, place: Place },
    /// Somebody boarded or alighted without a booking, or twice.
    Stranger { booking: BookingId },
    /// Not everyone on board has a place, in any configuration.
    OverCapacity { booking: BookingId },
    /// A shift has a party in its schedule that its vehicle and driver may not take.
    NotEligible { shift: ShiftId, booking: BookingId },
    /// A pickup was promised outside of the service's hours, or when it could not be asked for.
    NotOpen { offer: OfferId },
    /// The service does not carry between these places.
    NotCarried { offer: OfferId },
    /// What a driver or rider reported did not fit the state it met.
    Rejected { command: Box<Command>, rejection: Rejection },
    /// A break began outside its window.
    BreakOutsideWindow { shift: ShiftId, id: BreakId, began: Time },
    /// Somebody was on board while the driver rested.
    RestedWithRiders { shift: ShiftId, id: BreakId },
    /// A declared trip was driven for longer, or farther, than its driver agreed to.
    DetourTooLong { shift: ShiftId, time: Span, length: Metres },
    /// The driver of an on-call shift would leave before the notice of the call is over.
    NoticeTooShort { shift: ShiftId, departure: Time, called: Time },
    /// The run is over and this booking has not ended.
    BookingLeftOpen { booking: BookingId },
    /// The run is over and this shift is not.
    ShiftLeftOpen { shift: ShiftId },
    /// Requests that ended in no outcome, or (negative) in more than one.
    Unaccounted { requests: i64 },
}

impl Wrong {
    /// True if a delay in the world explains it.
    pub fn is_lateness(&self) -> bool {
        matches!(
            self,
            Wrong::PickupOutsideWindow { .. }
                | Wrong::DropoffLate { .. }
                | Wrong::RideTooLong { .. }
                | Wrong::BreakOutsideWindow { .. }
                | Wrong::Schedule {
                    fault: audit::Fault::PickupLate { .. }
                        | audit::Fault::DropoffLate { .. }
                        | audit::Fault::RideTooLong { .. }
                        | audit::Fault::WaitsWithRiders { .. }
                        | audit::Fault::EndsLate { .. }
                        | audit::Fault::BreakLate { .. }
                        | audit::Fault::DetourTime { .. },
                    ..
                }
        )
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {:?}", self.at, self.what)
    }
}

/// Watches records as they are written.
#[derive(Clone, Debug, Default)]
pub struct Auditor {
    tours: Tours,
    offers: BTreeMap<OfferId, Owed>,
    bookings: BTreeMap<BookingId, Owed>,
    trips: BTreeMap<ShiftId, Odometer>,
    calls: Calls,
    /// The world has delays: what comes late is for the key figures.
    has_delays: bool,
}

/// What is left of what the driver of a declared trip agreed to drive, in milliseconds and millimetres.
#[derive(Clone, Copy, Debug)]
struct Odometer {
    time: i64,
    length: i64,
}

impl Odometer {
    fn new(shift: &Shift, roads: &mut dyn TravelTimes) -> Option<Odometer> {
        let (declared, end) = (shift.declared?, shift.end.as_ref()?);
        let mut odometer = Odometer {
            time: declared.detour_max.as_millis(),
            length: i64::try_from(declared.detour_length_max.as_millimetres()).unwrap_or(i64::MAX / 2),
        };
        let Odometer { time, length } = drive(shift.start.place, end.place, roads);
        odometer.time += time;
        odometer.length += length;
        Some(odometer)
    }
}

fn drive(from: Place, to: Place, roads: &mut dyn TravelTimes) -> Odometer {
    Odometer {
        time: roads.travel_time(from, to).map_or(0, |time| time.span().as_millis()),
        length: roads.length(from, to).map_or(0, |length| length.as_millimetres() as i64),
    }
}

/// What one party was promised, in the auditor's own notes.
#[derive(Clone, Copy, Debug)]
struct Owed {
    promise: Promise,
    from: Place,
    to: Place,
    boarded: Option<Time>,
}

impl Owed {
    fn by(offer: &Offer) -> Owed {
        let (from, to) = (offer.pickup_spot().place, offer.dropoff_spot().place);
        Owed { promise: offer.promise, from, to, boarded: None }
    }
}

impl Auditor {
    pub fn new(has_delays: bool) -> Auditor {
        Auditor { has_delays, ..Auditor::default() }
    }

    /// Checks one record; `state` is the one after it, `changed` the shifts whose schedules it changed.
    pub fn observe<'a>(
        &mut self,
        told: &Exogenous,
        decided: impl Iterator<Item = &'a Endogenous> + Clone,
        (state, changed): (&State, &[ShiftId]),
        roads: &mut dyn TravelTimes,
        faults: &mut Vec<Fault>,
    ) {
        let at = told.at;
        for event in decided.clone() {
            self.note(event);
            if let Endogenous::OfferMade(offer)
            | Endogenous::Booked { offer, .. }
            | Endogenous::BookingAmended { offer, .. } = event
            {
                check_service(at, offer, state, &mut |what| faults.push(Fault { at, what }));
            }
            if let Endogenous::ShiftPlanned { shift, .. } = event
                && let Some(odometer) = Odometer::new(shift, roads)
            {
                self.trips.insert(shift.id, odometer);
            }
        }
        let Auditor { tours, bookings, trips, has_delays, .. } = self;
        tours.follow(told, decided, &mut |happening| {
            if let Happening::Drove { shift, from, to, .. } = happening
                && let Some(left) = trips.get_mut(&shift)
            {
                let driven = drive(from, to, roads);
                (left.time, left.length) = (left.time - driven.time, left.length - driven.length);
                if left.time < 0 || left.length < 0 {
                    let time = Span::from_millis((-left.time).max(0));
                    let length = Metres::from_millimetres((-left.length).max(0) as u64);
                    faults.push(Fault { at, what: Wrong::DetourTooLong { shift, time, length } });
                }
            }
            check(happening, bookings, &mut |what| {
                if !(*has_delays && what.is_lateness()) {
                    faults.push(Fault { at, what });
                }
            });
        });
        for schedule in changed.iter().filter_map(|shift| state.schedules.get(shift)) {
            faults.extend(self.calls.fault(schedule, at).map(|what| Fault { at, what }));
        }
        self.check_schedules(at, (state, changed), roads, faults);
    }

    /// What was recorded so far is not for this audit to judge; only what follows from it.
    pub fn begin(&mut self, has_delays: bool) {
        self.has_delays |= has_delays;
        self.trips.retain(|_, left| 0 <= left.time && 0 <= left.length);
    }

    pub fn check_schedules(
        &self,
        at: Time,
        (state, shifts): (&State, &[ShiftId]),
        roads: &mut dyn TravelTimes,
        faults: &mut Vec<Fault>,
    ) {
        let Some(policy) = &state.policy else { return };
        for &shift in shifts {
            if let Some(schedule) = state.schedules.get(&shift) {
                let found = audit(schedule, policy, at, roads);
                let found = found.into_iter().map(|fault| Wrong::Schedule { shift, fault });
                let unexplained = found.filter(|what| !(self.has_delays && what.is_lateness()));
                faults.extend(unexplained.map(|what| Fault { at, what }));
                let strangers = schedule.stops().iter().filter_map(|stop| stop.booking).filter(|booking| {
                    let booking = state.bookings.get(booking);
                    booking.is_some_and(|booking| {
                        let service = &state.services[&booking.request.service];
                        !may_ride(booking, service.policy.crews, &state.vehicles[&schedule.shift.vehicle], schedule)
                    })
                });
                faults.extend(strangers.map(|booking| Fault { at, what: Wrong::NotEligible { shift, booking } }));
            }
        }
    }

    fn note(&mut self, event: &Endogenous) {
        match event {
            Endogenous::OfferMade(offer) => _ = self.offers.insert(offer.id, Owed::by(offer)),
            Endogenous::OfferExpired { offer } => _ = self.offers.remove(offer),
            Endogenous::OfferHeld { booking, offer, .. } => {
                if let Some(&owed) = self.offers.get(offer) {
                    self.bookings.insert(*booking, owed);
                }
            }
            Endogenous::BookingConfirmed { booking, offer, .. } => {
                if let Some(owed) = self.offers.remove(offer) {
                    self.bookings.insert(*booking, owed);
                }
            }
            Endogenous::Booked { booking, offer, .. } | Endogenous::BookingAmended { booking, offer } => {
                _ = self.bookings.insert(*booking, Owed::by(offer))
            }
            // boards once more, where the vehicle stands that cannot go on
            Endogenous::BookingStranded { booking, place } => {
                if let Some(owed) = self.bookings.get_mut(booking) {
                    (owed.boarded, owed.from) = (None, *place);
                }
            }
            Endogenous::BookingForgotten { booking } => _ = self.bookings.remove(booking),
            _ => {}
        }
    }
}

fn check(happening: Happening<'_>, bookings: &mut BTreeMap<BookingId, Owed>, wrong: &mut dyn FnMut(Wrong)) {
    match happening {
        Happening::Boarded { booking, place, capacity, began, ended, on_board, .. } => {
            match bookings.get_mut(&booking) {
                Some(owed) if owed.boarded.is_none() => {
                    owed.boarded = Some(ended);
                    if !owed.promise.pickup.contains(began) {
                        wrong(Wrong::PickupOutsideWindow { booking, began });
                    }
                    if owed.from != place {
                        wrong(Wrong::AnotherPlace { booking, place });
                    }
                }
                _ => wrong(Wrong::Stranger { booking }),
            }
            check_load(booking, capacity, on_board, wrong);
        }
        Happening::Alighted { booking, place, began, .. } => {
            let Some(Owed { promise, to, boarded: Some(boarded), .. }) = bookings.remove(&booking) else {
                return wrong(Wrong::Stranger { booking });
            };
            if promise.dropoff_latest < began {
                wrong(Wrong::DropoffLate { booking, began });
            }
            if promise.ride_max < began - boarded {
                wrong(Wrong::RideTooLong { booking });
            }
            if to != place {
                wrong(Wrong::AnotherPlace { booking, place });
            }
        }
        Happening::Rested { shift, id, window, began, on_board } => {
            if !window.contains(began) {
                wrong(Wrong::BreakOutsideWindow { shift, id, began });
            }
            if !on_board.is_empty() {
                wrong(Wrong::RestedWithRiders { shift, id });
            }
        }
        Happening::ShiftOpened { .. }
        | Happening::ShiftClosed { .. }
        | Happening::Drove { .. }
        | Happening::Missed { .. } => {}
    }
}

/// Whether the offer's promise keeps to the rules of its service.
fn check_service(at: Time, offer: &Offer, state: &State, wrong: &mut dyn FnMut(Wrong)) {
    let Some(service) = state.services.get(&offer.request.service) else { return };
    let pickup = offer.promise.pickup;
    let is_open = service.days.iter().any(|day| {
        let is_bookable = day.bookable_from <= at && at <= day.bookable_until;
        is_bookable && day.pickups.contains(pickup.earliest()) && day.pickups.contains(pickup.latest())
    });
    if !service.days.is_empty() && !is_open {
        wrong(Wrong::NotOpen { offer: offer.id });
    }
    let lies_in = |zones: Zones, spot: &Spot| zones.is_empty() || spot.zones.iter().any(|zone| zones.contains(zone));
    let (from, to) = (offer.pickup_spot(), offer.dropoff_spot());
    let is_carried = service.zones.iter().any(|pair| lies_in(pair.from, from) && lies_in(pair.to, to));
    if !service.zones.is_empty() && !is_carried {
        wrong(Wrong::NotCarried { offer: offer.id });
    }
}

/// Whether vehicle and driver offer what is needed, carry the service's riders, and go to both places.
fn may_ride(booking: &Booking, crews: Crews, vehicle: &Vehicle, schedule: &Schedule) -> bool {
    let shift = &schedule.shift;
    let has = |feature| vehicle.terms.features.contains(feature) || shift.features.contains(feature);
    let zones = if shift.zones.is_empty() { vehicle.terms.zones } else { shift.zones };
    let goes = |spot: &Spot| zones.is_empty() || spot.zones.iter().any(|zone| zones.contains(zone));
    let serves = match &vehicle.terms.serves {
        Serves::All => true,
        Serves::Only(services) => services.contains(&booking.request.service),
    };
    let needs = booking.request.needs;
    let is_crew = crews.contains(shift.crew.unwrap_or(vehicle.terms.crew));
    needs.iter().all(has) && serves && is_crew && goes(booking.pickup_spot()) && goes(booking.dropoff_spot())
}

fn check_load(booking: BookingId, capacity: &Capacity, on_board: &[Aboard], wrong: &mut dyn FnMut(Wrong)) {
    if !can_all_sit(capacity, on_board.iter().map(|aboard| &aboard.party)) {
        wrong(Wrong::OverCapacity { booking });
    }
}

//! A booking as its rider follows it. Nothing of other riders goes in but how many stops there are before.

use mukae_engine::model::{Booking, ShiftState};
use mukae_engine::schedule::Schedule;
use mukae_proto::transit::booking::v1 as pb;
use mukae_units::{Span, Time, VehicleId};

use super::{View, booking as bookings, timestamp};
use crate::names::unlabel;

/// So long before the expected pickup the rider begins to see the car.
const CAR_SHOWN_BEFORE: Span = Span::from_mins(15);
/// A picture with the car in it is drawn anew after so long, whatever happens: times move by themselves.
const REDRAWN_AFTER: Span = Span::from_secs(30);
/// And one without.
const REDRAWN_FAR_AHEAD_AFTER: Span = Span::from_mins(15);

pub fn trip(view: &View<'_>, booking: &Booking) -> pb::Trip {
    let whole = bookings::booking(view, booking);
    let schedule = schedule_of(view, booking);
    let shown = schedule.filter(|_| shown_from(view, booking).is_some_and(|from| from <= view.now));
    let vehicle = vehicle_of(view, booking).and_then(|vehicle| view.state.vehicles.get(&vehicle));
    pb::Trip {
        booking: whole.name,
        state: whole.state,
        promise: whole.promise,
        prediction: whole.prediction,
        pickup_place: whole.pickup_place,
        dropoff_place: whole.dropoff_place,
        vehicle: vehicle.map(|vehicle| {
            let (name, display_name) = unlabel(&vehicle.name);
            pb::TripVehicle { name: name.to_owned(), display_name: display_name.to_owned() }
        }),
        position: shown.and_then(|schedule| position(view, booking, schedule)),
        stops_before: shown.and_then(|schedule| stops_before(booking, schedule)),
        is_at_risk: whole.is_at_risk,
        current_time: Some(timestamp(view.now)),
    }
}

/// When to draw it again if nothing happens first.
pub fn redraw_trip_at(view: &View<'_>, booking: &Booking) -> Time {
    match shown_from(view, booking) {
        Some(from) if from <= view.now => view.now + REDRAWN_AFTER,
        Some(from) => from.min(view.now + REDRAWN_FAR_AHEAD_AFTER),
        None => view.now + REDRAWN_FAR_AHEAD_AFTER,
    }
}

/// The vehicle whose reports may change the picture.
pub fn vehicle_of(view: &View<'_>, booking: &Booking) -> Option<VehicleId> {
    view.vehicle_of(booking.shift.filter(|_| !booking.state.is_final())?)
}

/// From when the car is shown, while it is at work for this rider.
fn shown_from(view: &View<'_>, booking: &Booking) -> Option<Time> {
    let schedule = schedule_of(view, booking)?;
    let timeline = view.state.forecast(schedule, view.now);
    let pickup = schedule.position_of(booking.id, true).map(|stop_idx| timeline.stops[stop_idx].start);
    Some(pickup.or(booking.boarded_at)? - CAR_SHOWN_BEFORE)
}

/// The open shift that carries it.
fn schedule_of<'a>(view: &View<'a>, booking: &Booking) -> Option<&'a Schedule> {
    let schedule = view.state.schedules.get(&booking.shift?)?;
    (schedule.state == ShiftState::Open && !booking.state.is_final()).then_some(schedule.as_ref())
}

/// Not where it was before the rider may know.
fn position(view: &View<'_>, booking: &Booking, schedule: &Schedule) -> Option<pb::TripPosition> {
    let vehicle = schedule.shift.vehicle;
    let (measured, from) = (view.positions.newest_time(vehicle)?, shown_from(view, booking)?);
    let reported = view.positions.of(vehicle).filter(|_| from <= measured)?;
    Some(pb::TripPosition {
        point: reported.point,
        position_time: reported.device_time,
        bearing_degrees: reported.bearing_degrees,
    })
}

/// Places, not stops: who boards at one door together with others waits once.
fn stops_before(booking: &Booking, schedule: &Schedule) -> Option<i32> {
    let of_rider = |is_pickup| schedule.position_of(booking.id, is_pickup);
    let stop_idx = of_rider(true).or(of_rider(false))?;
    let places = schedule.stops()[..=stop_idx].windows(2).filter(|pair| pair[0].place != pair[1].place).count();
    i32::try_from(places).ok()
}

//! Drivers and what they are asked.

use mukae_engine::model::{ASK_WEEK, Booking, BookingState, DeclaredTrip, Driver, DriverKind, Tier};
use mukae_office::PretripCheck;
use mukae_proto::transit::fleet::v1 as pb;
use mukae_units::DriverId;

use super::{View, booking, duration, etag, seats, timestamp};
use crate::names::unlabel;

pub fn driver(view: &View<'_>, driver: &Driver) -> pb::Driver {
    let (name, display_name) = unlabel(&driver.name);
    let kind = match driver.kind {
        DriverKind::Employed => pb::driver::Kind::Employed,
        DriverKind::Volunteer => pb::driver::Kind::Volunteer,
    };
    let mut drawn = pb::Driver {
        name: name.to_owned(),
        display_name: display_name.to_owned(),
        kind: kind as i32,
        tier: tier(driver.tier) as i32,
        cooldown_duration: Some(duration(driver.cooldown)),
        max_asks_per_week: i32::try_from(driver.asks_per_week_max).unwrap_or(i32::MAX),
        asks_in_week: 0,
        etag: String::new(),
    };
    drawn.etag = etag(&drawn);
    let asks = view.state.asks.get(&driver.id).map_or(&[][..], Vec::as_slice);
    let recent = asks.iter().filter(|&&asked| view.now < asked + ASK_WEEK).count();
    drawn.asks_in_week = i32::try_from(recent).unwrap_or(i32::MAX);
    drawn
}

pub fn tier(tier: Tier) -> pb::ConsentTier {
    match tier {
        Tier::T0 => pb::ConsentTier::T0,
        Tier::T1 => pb::ConsentTier::T1,
        Tier::T2 => pb::ConsentTier::T2,
        Tier::T3 => pb::ConsentTier::T3,
    }
}

pub fn declared_trip(trip: &DeclaredTrip) -> pb::DeclaredTrip {
    pb::DeclaredTrip {
        seats: Some(seats(trip.seats)),
        max_detour_duration: Some(duration(trip.detour_max)),
        max_detour_meters: i32::try_from(trip.detour_length_max.as_metres()).unwrap_or(i32::MAX),
        tier: tier(trip.tier) as i32,
    }
}

/// What a driver is asked now, by booking.
pub fn asks_of<'v>(view: &'v View<'_>, driver: DriverId) -> impl Iterator<Item = (u64, pb::Ask)> + 'v {
    let waiting = |found: &&Booking| found.state == BookingState::AwaitingDriver;
    let waiting = view.state.bookings.values().filter(waiting);
    waiting.filter_map(move |found| {
        let ask = found.ask.filter(|ask| ask.driver == driver)?;
        let drawn = booking(view, found);
        let shift = found.shift.and_then(|shift| view.annals.shift_of_id(shift));
        let prediction = drawn.prediction.unwrap_or_default();
        let asked = pb::Ask {
            driver: view.driver_name(driver).to_owned(),
            booking: drawn.name,
            shift: shift.map(|note| note.shift.name.clone()).unwrap_or_default(),
            ask_time: Some(timestamp(ask.asked_at)),
            deadline_time: Some(timestamp(ask.deadline)),
            pickup_place: drawn.pickup_place,
            dropoff_place: drawn.dropoff_place,
            pickup_time: prediction.pickup_time,
            dropoff_time: prediction.dropoff_time,
            party: drawn.party,
        };
        Some((found.id.0, asked))
    })
}

pub fn pretrip_check(view: &View<'_>, check: &PretripCheck) -> pb::PretripCheck {
    let shift = view.annals.shift_of_id(check.shift).map_or(String::new(), |note| note.shift.name.clone());
    pb::PretripCheck {
        name: format!("{shift}/pretripCheck"),
        check_time: Some(timestamp(check.checked)),
        alcohol_micrograms_per_litre: check.alcohol_ug_per_litre.and_then(|alcohol| i32::try_from(alcohol).ok()),
        is_sober: check.is_sober,
        is_well: check.is_well,
        is_vehicle_fit: check.is_vehicle_fit,
        note: check.note.clone(),
        is_passed: check.is_passed(),
    }
}

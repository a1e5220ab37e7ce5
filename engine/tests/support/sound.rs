//! What holds of every state, whatever was done to it: bookings and schedules tell the same story.

use mukae_engine::State;
use mukae_engine::model::{Booking, BookingState};
use mukae_engine::schedule::{Schedule, Stop, Task, Whereabouts};

/// Bookings and schedules tell the same story.
pub fn check_state(state: &State) {
    for booking in state.bookings.values() {
        let stops =
            || state.schedules.values().flat_map(|schedule| schedule.stops().iter().map(move |stop| (schedule, stop)));
        let stops: Vec<_> = stops().filter(|(_, stop)| stop.booking == Some(booking.id)).collect();
        let stop_count = match booking.state {
            BookingState::Boarded => 1,
            BookingState::Unassigned | BookingState::Stranded => 0,
            state if state.is_final() => 0,
            _ => 2,
        };
        assert_eq!(stops.len(), stop_count, "{booking:?}");
        assert!(booking.state != BookingState::Unassigned || booking.stranded_at.is_none(), "{booking:?}");
        assert!(booking.state != BookingState::Stranded || booking.stranded_at.is_some(), "{booking:?}");
        let is_without = matches!(booking.state, BookingState::Unassigned | BookingState::Stranded);
        assert!(!is_without || booking.shift.is_none(), "{booking:?}");
        assert_eq!(booking.ask.is_some(), booking.state == BookingState::AwaitingDriver, "{booking:?}");
        for (schedule, stop) in stops {
            check_terms(booking, schedule);
            check_stop(state, booking, schedule, stop);
        }
    }
    for schedule in state.schedules.values() {
        check_schedule(state, schedule);
    }
}

/// Whoever a schedule holds may ride in it, however they came there.
fn check_terms(booking: &Booking, schedule: &Schedule) {
    let (terms, request) = (&schedule.terms, &booking.request);
    assert!(request.needs.iter().all(|need| terms.features.contains(need)), "{booking:?} in {schedule:?}");
    assert!(terms.serves.contains(request.service), "{booking:?} in {schedule:?}");
    for spot in [booking.pickup_spot(), booking.dropoff_spot()] {
        assert!(terms.zones.is_empty() || terms.zones.meets(spot.zones), "{booking:?} in {schedule:?}");
    }
}

fn check_stop(state: &State, booking: &Booking, schedule: &Schedule, stop: &Stop) {
    assert_eq!(booking.shift, Some(schedule.shift.id));
    let promise = booking.promise;
    match stop.task {
        Task::Pickup { window, .. } => {
            if booking.stranded_at.is_none() {
                assert_eq!(promise.pickup, window, "{booking:?}: {stop:?}");
            }
            let is_first = schedule.stops()[0].id == stop.id;
            let here = schedule.plan.next_group();
            let is_here = schedule.stops()[..here].iter().any(|near| near.id == stop.id);
            let expected = match schedule.plan.whereabouts {
                _ if booking.ask.is_some() => BookingState::AwaitingDriver,
                _ if state.holds.values().any(|hold| hold.booking == booking.id) => BookingState::Held,
                Whereabouts::Driving { .. } if is_first => BookingState::EnRoute,
                Whereabouts::Serving { .. } if is_here => BookingState::Arrived,
                _ => BookingState::Confirmed,
            };
            assert_eq!(booking.state, expected, "{booking:?}");
        }
        Task::Dropoff { latest, ride_max, boarded_at } => {
            assert_eq!(ride_max, promise.ride_max);
            // whose vehicle broke down rides since the first boarding: there is a time by which it ends
            let by_ride = booking.boarded_at.map(|boarded| promise.dropoff_latest.min(boarded + ride_max));
            let is_first_ride = latest == promise.dropoff_latest && boarded_at == booking.boarded_at;
            let is_second_ride = Some(latest) == by_ride && boarded_at.is_none_or(|at| Some(at) >= booking.boarded_at);
            assert!(is_first_ride || is_second_ride, "{booking:?}: {stop:?}");
        }
        Task::Break { .. } => panic!("a break is nobody's"),
    }
}

fn check_schedule(state: &State, schedule: &Schedule) {
    for stop in schedule.stops() {
        assert!(stop.booking.is_none_or(|booking| state.bookings.contains_key(&booking)), "{stop:?}");
        assert!(stop.id.0 < state.next_stop, "{stop:?}");
    }
    if let Some(route) = &schedule.plan.route {
        assert_eq!(route.lengths.len(), schedule.stops().len() + 1, "{schedule:?}");
    }
    let is_waiting = schedule.plan.whereabouts.free().is_some();
    assert!(is_waiting || !schedule.stops().is_empty(), "{schedule:?}");
    for times in &schedule.timeline(state.clock).stops {
        assert!(schedule.capacity.fits(times.load), "{schedule:?}");
    }
}

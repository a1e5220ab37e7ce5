//! `BookRide` and `AmendBooking`: no choice among offers, and another ride instead.

use mukae_proto::transit::booking::v1 as pb;
use mukae_units::Span;
use pb::amend_booking_response::Result as Amended;
use pb::binding_constraint::Kind;
use pb::book_ride_response::Result as Booked;
use pb::booking::State;

use crate::support::*;

fn book(request_id: &str, ride: pb::RideWish) -> pb::BookRideRequest {
    let parent = SERVICE.to_owned();
    pb::BookRideRequest { parent, ride: Some(ride), request_id: request_id.to_owned(), validate_only: false }
}

fn amend(booking: &pb::Booking, request_id: &str, ride: pb::RideWish) -> pb::AmendBookingRequest {
    pb::AmendBookingRequest {
        name: booking.name.clone(),
        ride: Some(ride),
        etag: booking.etag.clone(),
        request_id: request_id.to_owned(),
        validate_only: false,
    }
}

async fn booked(house: &House, request: pb::BookRideRequest) -> pb::Booking {
    match house.bookings().book_ride(request).await.unwrap().into_inner().result {
        Some(Booked::Booking(booking)) => booking,
        other => panic!("not booked but {other:?}"),
    }
}

async fn get(house: &House, booking: &pb::Booking) -> pb::Booking {
    let request = pb::GetBookingRequest { name: booking.name.clone() };
    house.bookings().get_booking(request).await.unwrap().into_inner()
}

#[tokio::test]
async fn a_ride_is_booked_in_one_step_and_once() {
    let house = House::open().await;
    let request = book("b1", wish(Span::HOUR));
    let rehearsed = booked(&house, pb::BookRideRequest { validate_only: true, ..request.clone() }).await;
    let booking = booked(&house, request.clone()).await;
    assert_eq!(settled(booking.clone()), settled(rehearsed));
    assert_eq!((booking.state(), booking.channel()), (State::Confirmed, pb::Channel::Phone));
    assert_eq!(booked(&house, request.clone()).await.name, booking.name, "sent again, it is the same booking");
    let other = pb::BookRideRequest { ride: Some(wish(Span::HOUR * 2)), ..request };
    assert_eq!(reason(&house.bookings().book_ride(other).await.unwrap_err()), "REQUEST_ID_REUSED");

    let mut many = wish(Span::HOUR);
    many.party.as_mut().unwrap().seats = 3;
    let mut wide = book("b2", many);
    for (request_id, origin, kind) in [("b2", ALOFI, Kind::PartyTooLarge), ("b3", SEA, Kind::OriginOffArea)] {
        wide.request_id = request_id.to_owned();
        let ride = wide.ride.as_mut().unwrap();
        ride.origin = place(origin, "");
        ride.party.as_mut().unwrap().seats = 9;
        for _ in 0..2 {
            match house.bookings().book_ride(wide.clone()).await.unwrap().into_inner().result {
                Some(Booked::Refusal(refusal)) => assert_eq!(refusal.binding_constraints[0].kind(), kind),
                other => panic!("no refusal but {other:?}"),
            }
        }
    }
    let list = pb::ListBookingsRequest { parent: SERVICE.to_owned(), ..Default::default() };
    assert_eq!(house.bookings().list_bookings(list).await.unwrap().into_inner().bookings.len(), 1);
    house.close().await;
}

#[tokio::test]
async fn every_fault_of_a_wish_is_told_under_its_path() {
    let house = House::open().await;
    let empty = house.bookings().book_ride(pb::BookRideRequest::default()).await.unwrap_err();
    assert_eq!(fields(&empty), ["request_id", "parent", "ride"]);
    let wrong = pb::RideWish { origin: place(ALOFI, ""), channel: 99, rider: "x".to_owned(), ..Default::default() };
    let wrong = house.bookings().book_ride(book("b1", wrong)).await.unwrap_err();
    assert_eq!(fields(&wrong), ["ride.destination", "ride.party", "ride.wish", "ride.rider", "ride.channel"]);
    house.close().await;
}

#[tokio::test]
async fn a_booking_is_amended_or_stands_untouched() {
    let dir = tempfile::tempdir().unwrap();
    let journal = dir.path().join("journal");
    let house = House::open_in(journal.clone(), MORNING).await;
    let booking = booked(&house, book("b1", wish(Span::HOUR))).await;

    // too many for any vehicle: a refusal, and nothing has happened
    let mut many = wish(Span::HOUR * 2);
    many.party.as_mut().unwrap().seats = 9;
    let result = house.bookings().amend_booking(amend(&booking, "a1", many)).await.unwrap().into_inner().result;
    let Some(Amended::Refusal(refusal)) = result else { panic!("nine do not fit: {result:?}") };
    assert_eq!(refusal.binding_constraints[0].kind(), Kind::PartyTooLarge);
    assert_eq!(settled(get(&house, &booking).await), settled(booking.clone()));

    // later, and elsewhere; first as a rehearsal
    let mut later = wish(Span::HOUR * 2);
    later.destination = place(AIRPORT, "Airport");
    later.rider = String::new();
    later.channel = 0;
    let request = amend(&booking, "a2", later);
    let rehearsal = pb::AmendBookingRequest { validate_only: true, ..request.clone() };
    let rehearsed = house.bookings().amend_booking(rehearsal).await.unwrap().into_inner().result;
    assert_eq!(settled(get(&house, &booking).await), settled(booking.clone()));
    let result = house.bookings().amend_booking(request.clone()).await.unwrap().into_inner().result;
    let (Some(Amended::Booking(amended)), Some(Amended::Booking(rehearsed))) = (result, rehearsed) else {
        panic!("there is room")
    };
    assert_eq!(settled(amended.clone()), settled(rehearsed));
    assert_eq!((&amended.name, &amended.rider), (&booking.name, &booking.rider));
    assert_eq!((amended.channel, amended.create_time), (booking.channel, booking.create_time));
    assert_eq!(amended.destination.as_ref().unwrap().label, "Airport");
    let begins = |booking: &pb::Booking| {
        let promise = booking.promise.as_ref().unwrap();
        time(&promise.pickup_window.as_ref().unwrap().earliest_time)
    };
    assert!(begins(&booking) + Span::HOUR <= begins(&amended));
    assert_ne!(amended.etag, booking.etag);
    let stale = house.bookings().amend_booking(amend(&booking, "a3", wish(Span::HOUR))).await.unwrap_err();
    assert_eq!(reason(&stale), "ETAG_MISMATCH");

    // what was answered is durable, and is answered again
    house.close().await;
    let house = House::open_in(journal, MORNING).await;
    assert_eq!(settled(get(&house, &booking).await), settled(amended.clone()));
    let again = house.bookings().amend_booking(request).await.unwrap().into_inner().result;
    let Some(Amended::Booking(again)) = again else { panic!("it was done") };
    assert_eq!(settled(again), settled(amended.clone()));

    let cancel =
        pb::CancelBookingRequest { name: booking.name.clone(), request_id: "x1".to_owned(), ..Default::default() };
    let cancelled = house.bookings().cancel_booking(cancel).await.unwrap().into_inner();
    let gone = house.bookings().amend_booking(amend(&cancelled, "a4", wish(Span::HOUR))).await.unwrap_err();
    assert_eq!(reason(&gone), "WRONG_BOOKING_STATE");
    house.close().await;
}

//! A ride and the ride back: booked and called off together, or each by itself.

use mukae_proto::transit::booking::v1 as pb;
use mukae_units::Span;
use pb::booking::State;
use pb::paired_ride::Result as Became;

use crate::planning::{export, outcomes};
use crate::support::*;

fn pair(request_id: &str, inbound_seats: i32, stands_together: bool) -> pb::BookPairRequest {
    let mut inbound = wish(Span::HOUR * 4);
    std::mem::swap(&mut inbound.origin, &mut inbound.destination);
    inbound.party.as_mut().unwrap().seats = inbound_seats;
    pb::BookPairRequest {
        parent: SERVICE.to_owned(),
        outbound: Some(wish(Span::HOUR)),
        inbound: Some(inbound),
        stands_together,
        request_id: request_id.to_owned(),
        validate_only: false,
    }
}

async fn book(house: &House, request: pb::BookPairRequest) -> [Option<Became>; 2] {
    let response = house.bookings().book_pair(request).await.unwrap().into_inner();
    [response.outbound.unwrap().result, response.inbound.unwrap().result]
}

fn both(became: [Option<Became>; 2]) -> [pb::Booking; 2] {
    became.map(|ride| match ride {
        Some(Became::Booking(booking)) => booking,
        other => panic!("not booked but {other:?}"),
    })
}

async fn get(house: &House, name: &str) -> pb::Booking {
    house.bookings().get_booking(pb::GetBookingRequest { name: name.to_owned() }).await.unwrap().into_inner()
}

async fn cancel(house: &House, name: &str, request_id: &str, reason: pb::CancellationReason) {
    let request = pb::CancelBookingRequest {
        name: name.to_owned(),
        reason: reason as i32,
        request_id: request_id.to_owned(),
        ..Default::default()
    };
    house.bookings().cancel_booking(request).await.unwrap();
}

#[tokio::test]
async fn a_pair_that_stands_together_is_booked_and_called_off_as_one() {
    let dir = tempfile::tempdir().unwrap();
    let journal = dir.path().join("journal");
    let house = House::open_in(journal.clone(), MORNING).await;
    // nine fit in no vehicle: the way there could be done, and is not booked either
    let [out, back] = book(&house, pair("p1", 9, true)).await;
    assert!(out.is_none() && matches!(back, Some(Became::Refusal(_))), "{out:?} {back:?}");
    let list = pb::ListBookingsRequest { parent: SERVICE.to_owned(), ..Default::default() };
    assert!(house.bookings().list_bookings(list).await.unwrap().into_inner().bookings.is_empty());

    let rehearsal = pb::BookPairRequest { validate_only: true, ..pair("p2", 1, true) };
    let rehearsed = both(book(&house, rehearsal).await).map(settled);
    let [out, back] = both(book(&house, pair("p2", 1, true)).await);
    assert_eq!([out.clone(), back.clone()].map(settled), rehearsed);
    assert_eq!((&out.paired_booking, &back.paired_booking), (&back.name, &out.name));
    assert!(out.stands_with_pair && out.paired_booking_state() == State::Confirmed);
    let again = both(book(&house, pair("p2", 1, true)).await).map(settled);
    assert_eq!(again, rehearsed, "sent again, they are the same bookings");

    house.close().await;
    let house = House::open_in(journal, MORNING).await;
    assert_eq!(get(&house, &out.name).await.paired_booking, back.name, "the link survives a restart");
    cancel(&house, &out.name, "x1", pb::CancellationReason::Rider).await;
    let back = get(&house, &back.name).await;
    assert_eq!((back.state(), back.paired_booking_state()), (State::Cancelled, State::Cancelled));
    house.close().await;
}

#[tokio::test]
async fn what_the_service_cancels_is_seen_on_the_other_and_leaves_it() {
    let house = House::open().await;
    let [out, back] = both(book(&house, pair("p1", 1, true)).await);
    let mut watch =
        house.bookings().watch_booking(pb::WatchBookingRequest { name: back.name.clone() }).await.unwrap().into_inner();
    watch.message().await.unwrap().unwrap();
    cancel(&house, &out.name, "x1", pb::CancellationReason::Service).await;
    let update = watch.message().await.unwrap().unwrap().update;
    let Some(pb::watch_booking_response::Update::Booking(seen)) = update else { panic!("{update:?}") };
    assert_eq!((seen.state(), seen.paired_booking_state()), (State::Confirmed, State::Cancelled));
    assert_eq!(seen.etag, back.etag, "what becomes of the other is no reason to refuse what was decided on this one");
    drop(watch);
    house.close().await;
}

#[tokio::test]
async fn each_by_itself_is_booked_as_far_as_it_can_be() {
    let house = House::open().await;
    let [out, back] = book(&house, pair("p1", 9, false)).await;
    assert!(matches!((&out, &back), (Some(Became::Booking(_)), Some(Became::Refusal(_)))), "{out:?} {back:?}");
    let mut at_sea = pair("p2", 1, false);
    at_sea.inbound.as_mut().unwrap().destination = place(SEA, "");
    for _ in 0..2 {
        let [out, back] = book(&house, at_sea.clone()).await;
        assert!(matches!((&out, &back), (Some(Became::Booking(_)), Some(Became::Refusal(_)))), "{out:?} {back:?}");
    }
    let [out, back] = both(book(&house, pair("p3", 1, false)).await);
    assert!(!out.stands_with_pair && out.paired_booking == back.name);
    cancel(&house, &out.name, "x1", pb::CancellationReason::Rider).await;
    assert_eq!(get(&house, &back.name).await.state(), State::Confirmed);
    house.close().await;
}

#[tokio::test]
async fn planners_see_both_rides_of_a_pair_that_fell_with_one() {
    use mukae_proto::transit::planning::v1::anonymous_request::Outcome;
    let dir = tempfile::tempdir().unwrap();
    let house = House::open_in(dir.path().join("journal"), MORNING).await;
    book(&house, pair("p1", 9, true)).await;
    book(&house, pair("p2", 1, true)).await;
    let (_, summary) = export(&house).await;
    assert_eq!(outcomes(&summary), [(Outcome::Refused, 2), (Outcome::Confirmed, 2)]);
    house.close().await;
}

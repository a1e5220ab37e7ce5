//! The waiting list: a place that becomes free is offered to who waits, or booked; and rides missed before anybody asked.

use std::path::Path;

use mukae_proto::transit::booking::v1 as pb;
use mukae_proto::transit::operations::v1 as operations_pb;
use mukae_proto::transit::planning::v1::anonymous_request::Outcome;
use mukae_server::Store;
use mukae_units::{Span, Time};
use pb::book_ride_response::Result as Booked;
use pb::join_waiting_list_response::Result as Joined;
use pb::waiting::State;
use pb::waiting_list_service_client::WaitingListServiceClient;
use tonic::transport::Channel;

use crate::planning::{export, outcomes};
use crate::support::*;

const NAME: &str = "tenants/alofi/services/ride/waitings/w1";

fn waitings(house: &House) -> WaitingListServiceClient<Channel> {
    WaitingListServiceClient::new(house.channel.clone())
}

/// For so many, within five minutes, two hours from the morning on.
fn narrow(seats: i32) -> pb::RideWish {
    let mut ride = wish(Span::HOUR * 2);
    let Some(pb::ride_wish::Wish::DepartAfter(window)) = &mut ride.wish else { panic!("departs") };
    window.latest_time = Some(timestamp(time(&window.earliest_time) + Span::MINUTE * 5));
    ride.party.as_mut().unwrap().seats = seats;
    ride
}

fn joining(request_id: &str, ride: pb::RideWish, books_at_once: bool) -> pb::JoinWaitingListRequest {
    pb::JoinWaitingListRequest {
        parent: SERVICE.to_owned(),
        ride: Some(ride),
        books_at_once,
        request_id: request_id.to_owned(),
        validate_only: false,
    }
}

async fn join(house: &House, request: pb::JoinWaitingListRequest) -> pb::Waiting {
    match waitings(house).join_waiting_list(request).await.unwrap().into_inner().result {
        Some(Joined::Waiting(waiting)) => waiting,
        other => panic!("does not wait but {other:?}"),
    }
}

async fn get(house: &House, name: &str) -> pb::Waiting {
    waitings(house).get_waiting(pb::GetWaitingRequest { name: name.to_owned() }).await.unwrap().into_inner()
}

/// The clock of the server goes on, and something is asked so that it looks.
async fn pass(house: &House, by: Span) -> pb::Waiting {
    house.clock.advance(by);
    get(house, NAME).await;
    get(house, NAME).await
}

/// All four seats of the only vehicle at work.
async fn fill(house: &House) -> pb::Booking {
    let request = pb::BookRideRequest {
        parent: SERVICE.to_owned(),
        ride: Some(narrow(4)),
        request_id: "full".to_owned(),
        validate_only: false,
    };
    match house.bookings().book_ride(request).await.unwrap().into_inner().result {
        Some(Booked::Booking(booking)) => booking,
        other => panic!("not booked but {other:?}"),
    }
}

async fn cancel(house: &House, booking: &pb::Booking) {
    let request = pb::CancelBookingRequest {
        name: booking.name.clone(),
        request_id: format!("cancel-{}", booking.name),
        ..Default::default()
    };
    house.bookings().cancel_booking(request).await.unwrap();
}

/// What was sent to those who wait.
async fn messages(house: &House) -> Vec<String> {
    let list = operations_pb::ListMessagesRequest { parent: AREA.to_owned(), ..Default::default() };
    let messages = house.operations().list_messages(list).await.unwrap().into_inner().messages;
    for message in &messages {
        assert!(message.recipient.starts_with("tenants/alofi/services/ride/waitings/w"), "{message:?}");
    }
    messages.into_iter().map(|message| message.text).collect()
}

async fn open(dir: &Path, at: Time) -> House {
    let mut config = config();
    config.journal.dir = Some(dir.to_path_buf());
    House::open_with(config, Store::Configured, at).await
}

#[tokio::test]
async fn a_place_that_becomes_free_is_held_told_and_confirmed() {
    let house = House::open().await;
    let full = fill(&house).await;
    // quoted and refused first, as it happens
    let mut quote = ride("q1", Span::HOUR * 2);
    let told = narrow(1);
    quote.wish = told.wish.map(|wish| match wish {
        pb::ride_wish::Wish::DepartAfter(window) => pb::quote_request::Wish::DepartAfter(window),
        pb::ride_wish::Wish::ArriveBy(window) => pb::quote_request::Wish::ArriveBy(window),
    });
    refusal_of(house.bookings().quote(quote).await.unwrap().into_inner());

    let request = joining("j1", narrow(1), false);
    let rehearsed = join(&house, pb::JoinWaitingListRequest { validate_only: true, ..request.clone() }).await;
    let waiting = join(&house, request.clone()).await;
    assert_eq!(waiting, rehearsed);
    assert_eq!((waiting.name.as_str(), waiting.state()), (NAME, State::Waiting));
    assert_eq!(join(&house, request.clone()).await, waiting, "sent again, it is the same wish");
    let other = waitings(&house).join_waiting_list(pb::JoinWaitingListRequest { books_at_once: true, ..request }).await;
    assert_eq!(reason(&other.unwrap_err()), "REQUEST_ID_REUSED");
    assert_eq!(pass(&house, Span::MINUTE).await.state(), State::Waiting, "nothing has changed");
    assert!(messages(&house).await.is_empty());

    cancel(&house, &full).await;
    let waiting = pass(&house, Span::from_secs(6)).await;
    assert_eq!((waiting.state(), waiting.offer_count), (State::Offered, 1));
    let text = &messages(&house).await[0];
    assert!(text.contains("空きが出ました") && text.contains("4月1日"), "{text}");
    let offer =
        house.bookings().get_offer(pb::GetOfferRequest { name: waiting.offer.clone() }).await.unwrap().into_inner();
    assert_eq!(offer.state(), pb::offer::State::Held);
    assert_eq!(offer.expire_time, waiting.offer_expire_time);

    let booking = house.bookings().confirm_offer(confirm(&offer, "c1")).await.unwrap().into_inner();
    let waiting = get(&house, NAME).await;
    assert_eq!((waiting.state(), &waiting.booking), (State::Booked, &booking.name));
    assert!(waiting.end_time.is_some());
    let left = leave(&house, "l1").await.unwrap_err();
    assert_eq!(reason(&left), "ALREADY_SO");
    // one ride was wanted by four, and one by one, however often that was tried
    let (_, summary) = export(&house).await;
    assert_eq!(outcomes(&summary), [(Outcome::Confirmed, 1), (Outcome::Cancelled, 1)]);
    house.close().await;
}

async fn leave(house: &House, request_id: &str) -> Result<pb::Waiting, tonic::Status> {
    let request =
        pb::LeaveWaitingListRequest { name: NAME.to_owned(), request_id: request_id.to_owned(), validate_only: false };
    waitings(house).leave_waiting_list(request).await.map(tonic::Response::into_inner)
}

#[tokio::test]
async fn who_can_not_be_asked_back_is_booked_at_once_also_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let house = open(dir.path(), MORNING).await;
    let full = fill(&house).await;
    let first = join(&house, joining("j1", narrow(1), true)).await;
    let second = join(&house, joining("j2", narrow(4), true)).await;
    assert_eq!((first.state(), second.state()), (State::Waiting, State::Waiting));
    house.close().await;

    let house = open(dir.path(), MORNING + Span::MINUTE).await;
    assert_eq!(get(&house, NAME).await, first, "a restart forgets nobody");
    cancel(&house, &full).await;
    let waiting = pass(&house, Span::from_secs(6)).await;
    assert_eq!((waiting.state(), waiting.offer_count), (State::Booked, 0), "who came first");
    let request = pb::GetBookingRequest { name: waiting.booking.clone() };
    let booking = house.bookings().get_booking(request).await.unwrap().into_inner();
    assert_eq!(booking.state(), pb::booking::State::Confirmed);
    assert_eq!(get(&house, &second.name).await.state(), State::Waiting, "four do not fit beside one");
    let told = messages(&house).await;
    assert!(told.len() == 1 && told[0].contains("ご予約しました"), "{told:?}");
    let list = pb::ListWaitingsRequest { parent: SERVICE.to_owned(), ..Default::default() };
    let listed = waitings(&house).list_waitings(list).await.unwrap().into_inner().waitings;
    assert_eq!(listed.iter().map(|waiting| waiting.state()).collect::<Vec<_>>(), [State::Booked, State::Waiting]);
    // its window passes
    house.clock.advance(Span::HOUR * 3);
    get(&house, &second.name).await;
    let expired = get(&house, &second.name).await;
    assert_eq!(expired.state(), State::Expired);
    assert!(messages(&house).await[1].contains("空きが出ませんでした"));
    house.close().await;
}

#[tokio::test]
async fn who_lets_offers_pass_waits_on_and_in_the_end_no_more() {
    let house = House::open().await;
    let full = fill(&house).await;
    join(&house, joining("j1", narrow(1), false)).await;
    cancel(&house, &full).await;
    let mut offers = Vec::new();
    for count in 1..=3 {
        let waiting = pass(&house, Span::from_mins(10)).await;
        assert_eq!((waiting.state(), waiting.offer_count), (State::Offered, count));
        offers.push(waiting.offer);
        let waiting = pass(&house, Span::from_mins(4)).await;
        assert_eq!(waiting.offer, "", "its place is let go");
    }
    let waiting = pass(&house, Span::from_mins(5)).await;
    assert_eq!((waiting.state(), waiting.offer_count), (State::Expired, 3));
    assert!(messages(&house).await[3].contains("3回"));
    offers.dedup();
    assert_eq!(offers.len(), 3);
    house.close().await;
}

#[tokio::test]
async fn what_no_waiting_would_help_is_refused_and_who_leaves_lets_the_place_go() {
    let house = House::open().await;
    let mut off = narrow(1);
    off.origin = place(SEA, "");
    for (request_id, ride) in [("j1", off), ("j2", narrow(9))] {
        for _ in 0..2 {
            let joined = waitings(&house).join_waiting_list(joining(request_id, ride.clone(), false)).await;
            assert!(matches!(joined.unwrap().into_inner().result, Some(Joined::Refusal(_))), "{request_id}");
        }
    }
    let missing = waitings(&house).get_waiting(pb::GetWaitingRequest { name: NAME.to_owned() }).await;
    assert_eq!(reason(&missing.unwrap_err()), "RESOURCE_NOT_FOUND");

    // there is room: the place is held at once
    let waiting = join(&house, joining("j3", narrow(1), false)).await;
    assert_eq!((waiting.name.as_str(), waiting.state()), (NAME, State::Offered));
    let left = leave(&house, "l1").await.unwrap();
    assert_eq!(left.state(), State::Left);
    assert_eq!(leave(&house, "l1").await.unwrap(), left, "sent again");
    let request = pb::BookRideRequest {
        parent: SERVICE.to_owned(),
        ride: Some(narrow(4)),
        request_id: "full".to_owned(),
        validate_only: false,
    };
    let booked = house.bookings().book_ride(request).await.unwrap().into_inner().result;
    assert!(matches!(booked, Some(Booked::Booking(_))), "all four seats are free");
    house.close().await;
}

#[tokio::test]
async fn a_call_nobody_took_is_demand() {
    let house = House::open().await;
    let request = pb::ReportMissedRideRequest {
        parent: SERVICE.to_owned(),
        cause: pb::report_missed_ride_request::Cause::UnmetCall as i32,
        miss_time: Some(timestamp(MORNING - Span::HOUR)),
        channel: pb::Channel::Phone as i32,
        request_id: "m1".to_owned(),
        ..Default::default()
    };
    for validate_only in [true, false, false] {
        let request = pb::ReportMissedRideRequest { validate_only, ..request.clone() };
        house.bookings().report_missed_ride(request).await.unwrap();
    }
    let late = pb::ReportMissedRideRequest {
        cause: pb::report_missed_ride_request::Cause::DeadlineMissed as i32,
        origin: place(ALOFI, "").unwrap().position,
        miss_time: None,
        request_id: "m2".to_owned(),
        ..request.clone()
    };
    house.bookings().report_missed_ride(late).await.unwrap();
    let (_, summary) = export(&house).await;
    assert_eq!(outcomes(&summary), [(Outcome::UnmetCall, 1), (Outcome::DeadlineMissed, 1)]);

    for (wrong, field) in [
        (pb::ReportMissedRideRequest { cause: 0, ..request.clone() }, "cause"),
        (pb::ReportMissedRideRequest { cause: 7, ..request.clone() }, "cause"),
        (
            pb::ReportMissedRideRequest { miss_time: Some(timestamp(MORNING + Span::DAY)), ..request.clone() },
            "miss_time",
        ),
        (pb::ReportMissedRideRequest { miss_time: Some(timestamp(MORNING - Span::DAY * 40)), ..request }, "miss_time"),
    ] {
        let wrong = pb::ReportMissedRideRequest { request_id: "m3".to_owned(), ..wrong };
        assert_eq!(fields(&house.bookings().report_missed_ride(wrong).await.unwrap_err()), [field]);
    }
    house.close().await;
}

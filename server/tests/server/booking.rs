//! Quote, confirm, read, list, cancel; the same request twice; plans that change.

use mukae_proto::transit::booking::v1 as pb;
use mukae_units::Span;
use pb::booking::State;
use pb::quote_request::Wish;
use prost::Message;
use tonic::Code;

use crate::support::*;

#[tokio::test]
async fn a_rider_quotes_confirms_reads_and_cancels() {
    let house = House::open().await;
    let offer = house.offer(ride("q1", Span::HOUR)).await;
    assert_eq!(offer.state(), pb::offer::State::Open);
    assert_eq!(offer.vehicle, BUS);
    assert_eq!(offer.pickup_place.as_ref().unwrap().label, "Town hall");
    let promise = offer.promise.unwrap();
    let window = promise.pickup_window.unwrap();
    assert!(MORNING + Span::HOUR <= time(&window.earliest_time));
    assert!(time(&window.earliest_time) < time(&window.latest_time));
    assert_eq!(time(&offer.expire_time), MORNING + Span::from_mins(10));

    let read = house.bookings().get_offer(pb::GetOfferRequest { name: offer.name.clone() }).await.unwrap().into_inner();
    assert_eq!(read, offer);

    let booking = house.bookings().confirm_offer(confirm(&offer, "c1")).await.unwrap().into_inner();
    assert_eq!((booking.state(), booking.vehicle.as_str()), (State::Confirmed, BUS));
    assert_eq!(booking.promise, Some(promise), "the very promise that was shown");
    assert_eq!((booking.channel(), booking.offer.as_str()), (pb::Channel::Phone, offer.name.as_str()));
    assert!(booking.rider.starts_with("r-") && booking.rider.len() == 18, "{}", booking.rider);

    let name = booking.name.clone();
    let read = house.bookings().get_booking(pb::GetBookingRequest { name: name.clone() }).await.unwrap().into_inner();
    assert_eq!(read, booking);
    let spent =
        house.bookings().get_offer(pb::GetOfferRequest { name: offer.name.clone() }).await.unwrap().into_inner();
    assert_eq!((spent.state(), spent.booking.as_str()), (pb::offer::State::Confirmed, name.as_str()));
    let used = house.bookings().confirm_offer(confirm(&offer, "c2")).await.unwrap_err();
    assert_eq!((reason(&used).as_str(), metadata(&used, "booking")), ("OFFER_USED", name.clone()));

    let cancel = pb::CancelBookingRequest {
        name: name.clone(),
        reason: pb::CancellationReason::Rider as i32,
        request_id: "x1".to_owned(),
        etag: read.etag.clone(),
        ..Default::default()
    };
    let mut stale = cancel.clone();
    stale.etag = "0000000000000000".to_owned();
    let status = house.bookings().cancel_booking(stale).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::Aborted, "ETAG_MISMATCH"));
    let cancelled = house.bookings().cancel_booking(cancel.clone()).await.unwrap().into_inner();
    assert_eq!((cancelled.state(), cancelled.cancellation_reason()), (State::Cancelled, pb::CancellationReason::Rider));
    let again = house.bookings().cancel_booking(cancel.clone()).await.unwrap().into_inner();
    assert_eq!(again, cancelled, "the same id, the same answer");
    let other = pb::CancelBookingRequest { request_id: "x2".to_owned(), etag: String::new(), ..cancel };
    let status = house.bookings().cancel_booking(other).await.unwrap_err();
    assert_eq!((reason(&status).as_str(), metadata(&status, "state")), ("WRONG_BOOKING_STATE", "CANCELLED".to_owned()));
    house.close().await;
}

#[tokio::test]
async fn a_repeated_request_happens_once() {
    let house = House::open().await;
    let wish = ride("q1", Span::HOUR);
    let first = house.bookings().quote(wish.clone()).await.unwrap().into_inner();
    house.clock.advance(Span::from_secs(5));
    let second = house.bookings().quote(wish.clone()).await.unwrap().into_inner();
    assert_eq!(first.encode_to_vec(), second.encode_to_vec(), "byte for byte, though time went on");

    let offer = offer_of(first);
    let confirmation = confirm(&offer, "c1");
    let (left, right) = (house.bookings(), house.bookings());
    let (mut left, mut right) = (left, right);
    let twins = tokio::join!(left.confirm_offer(confirmation.clone()), right.confirm_offer(confirmation.clone()));
    let booking = twins.0.unwrap().into_inner();
    assert_eq!(twins.1.unwrap().into_inner(), booking, "concurrent twins: one effect, both get it");
    house.clock.advance(Span::MINUTE);
    let later = house.bookings().confirm_offer(confirmation).await.unwrap().into_inner();
    assert_eq!(settled(later), settled(booking));
    let list = pb::ListBookingsRequest { parent: SERVICE.to_owned(), ..Default::default() };
    assert_eq!(house.bookings().list_bookings(list).await.unwrap().into_inner().bookings.len(), 1);

    let mut other = ride("q1", Span::HOUR);
    other.party.as_mut().unwrap().seats = 2;
    let status = house.bookings().quote(other).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::AlreadyExists, "REQUEST_ID_REUSED"));
    // The same id under another method is another request, too.
    let status = house.bookings().confirm_offer(confirm(&offer, "q1")).await.unwrap_err();
    assert_eq!(reason(&status), "REQUEST_ID_REUSED");
    house.close().await;
}

#[tokio::test]
async fn who_comes_second_gets_fresh_offers() {
    let house = House::open().await;
    // Four of the bus's four seats, twice, at the same time and in opposite directions.
    let mut first = ride("q1", Span::HOUR);
    first.party.as_mut().unwrap().seats = 4;
    let mut second = first.clone();
    second.request_id = "q2".to_owned();
    std::mem::swap(&mut second.origin, &mut second.destination);
    let (first, second) = (house.offer(first).await, house.offer(second).await);
    house.bookings().confirm_offer(confirm(&first, "c1")).await.unwrap();
    let status = house.bookings().confirm_offer(confirm(&second, "c2")).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::FailedPrecondition, "PLAN_CHANGED"));
    let details = tonic_types::Status::decode(status.details()).unwrap().details;
    let detail = details.iter().find(|any| any.type_url.ends_with("/transit.booking.v1.PlanChanged")).unwrap();
    let fresh = pb::PlanChanged::decode(detail.value.as_slice()).unwrap();
    let Some(pb::plan_changed::Result::Offers(fresh)) = fresh.result else { panic!("nothing left: {fresh:?}") };
    house.bookings().confirm_offer(confirm(&fresh.offers[0], "c3")).await.unwrap();
    let status = house.bookings().confirm_offer(confirm(&second, "c4")).await.unwrap_err();
    assert_eq!(reason(&status), "OFFER_EXPIRED", "the old offer is gone");
    house.close().await;
}

#[tokio::test]
async fn an_offer_expires_by_the_clock() {
    let house = House::open().await;
    let offer = house.offer(ride("q1", Span::HOUR)).await;
    house.clock.advance(Span::from_mins(10) + Span::from_millis(1));
    let status = house.bookings().confirm_offer(confirm(&offer, "c1")).await.unwrap_err();
    assert_eq!(reason(&status), "OFFER_EXPIRED");
    let read = house.bookings().get_offer(pb::GetOfferRequest { name: offer.name }).await.unwrap().into_inner();
    assert_eq!(read.state(), pb::offer::State::Expired);
    house.close().await;
}

#[tokio::test]
async fn what_is_not_possible_is_a_refusal_with_words() {
    use pb::binding_constraint::Kind;
    let house = House::open().await;
    let mut off = ride("q1", Span::HOUR);
    off.destination = place(SEA, "");
    assert_eq!(refusal_of(house.bookings().quote(off.clone()).await.unwrap().into_inner()), [Kind::DestinationOffArea]);
    off.origin = place((51.5, 0.0), "London");
    off.request_id = "q1-london".to_owned();
    let response = house.bookings().quote(off).await.unwrap().into_inner();
    assert_eq!(refusal_of(response), [Kind::OriginOffArea, Kind::DestinationOffArea]);

    let mut same = ride("q2", Span::HOUR);
    same.destination = same.origin.clone();
    assert_eq!(refusal_of(house.bookings().quote(same).await.unwrap().into_inner()), [Kind::SamePlace]);

    let mut many = ride("q3", Span::HOUR);
    many.party.as_mut().unwrap().wheelchairs = 2;
    let response = house.bookings().quote(many).await.unwrap().into_inner();
    let Some(pb::quote_response::Result::Refusal(refusal)) = &response.result else { panic!("{response:?}") };
    let japanese = refusal.binding_constraints[0].localized_text.as_ref().unwrap();
    assert_eq!((japanese.language_code.as_str(), refusal.binding_constraints[0].kind()), ("ja", Kind::PartyTooLarge));

    assert_eq!(
        refusal_of(house.bookings().quote(ride("q4", Span::from_mins(-180))).await.unwrap().into_inner()),
        [Kind::WindowPast]
    );
    assert_eq!(
        refusal_of(house.bookings().quote(ride("q5", Span::DAY * 30)).await.unwrap().into_inner()),
        [Kind::BookingHorizon]
    );
    assert_eq!(
        refusal_of(house.bookings().quote(ride("q6", Span::from_mins(780))).await.unwrap().into_inner()),
        [Kind::NoShift]
    );
    house.close().await;
}

#[tokio::test]
async fn half_given_windows_get_their_defaults() {
    let house = House::open().await;
    let mut soon = ride("q1", Span::ZERO);
    soon.wish = Some(Wish::DepartAfter(Default::default()));
    let booking = house.book(soon).await;
    let Some(pb::booking::Wish::DepartAfter(window)) = &booking.wish else { panic!("{booking:?}") };
    assert_eq!(time(&window.earliest_time), MORNING);
    assert_eq!(time(&window.latest_time), MORNING + Span::HOUR);

    let mut by = ride("q2", Span::ZERO);
    let latest_time = Some(timestamp(MORNING + Span::HOUR * 4));
    by.wish = Some(Wish::ArriveBy(mukae_proto::transit::units::v1::TimeWindow { earliest_time: None, latest_time }));
    let booking = house.book(by).await;
    let latest = booking.promise.unwrap().dropoff_window.unwrap().latest_time;
    assert!(time(&latest) <= MORNING + Span::HOUR * 4);
    house.close().await;
}

#[tokio::test]
async fn lists_come_in_pages_of_their_own_query() {
    let house = House::open().await;
    let mut names = Vec::new();
    for number in 0..5 {
        names.push(house.book(ride(&format!("q{number}"), Span::HOUR * number)).await.name);
    }
    let mut request = pb::ListBookingsRequest { parent: SERVICE.to_owned(), page_size: 2, ..Default::default() };
    let mut seen = Vec::new();
    loop {
        let page = house.bookings().list_bookings(request.clone()).await.unwrap().into_inner();
        assert!(page.bookings.len() <= 2);
        seen.extend(page.bookings.into_iter().map(|booking| booking.name));
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    assert_eq!(seen, names);
    request.page_token = "ffff".to_owned();
    let status = house.bookings().list_bookings(request).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::InvalidArgument, "PAGE_TOKEN_INVALID"));
    house.close().await;
}

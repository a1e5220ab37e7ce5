//! Choosing between offers, holding one, and what else would do after a refusal.

use std::path::Path;

use mukae_proto::transit::booking::v1 as pb;
use mukae_server::config::Config;
use mukae_server::serve::Store;
use mukae_units::Span;
use pb::offer::{Alternative, State};
use pb::quote_request::Wish;

use crate::support::*;

async fn offers(house: &House, request: pb::QuoteRequest) -> Vec<pb::Offer> {
    match house.bookings().quote(request).await.unwrap().into_inner().result {
        Some(pb::quote_response::Result::Offers(list)) => list.offers,
        other => panic!("no offers but {other:?}"),
    }
}

fn hold(offer: &pb::Offer, request_id: &str) -> pb::HoldOfferRequest {
    pb::HoldOfferRequest {
        name: offer.name.clone(),
        hold_duration: None,
        request_id: request_id.to_owned(),
        ..Default::default()
    }
}

#[tokio::test]
async fn a_quote_has_as_many_offers_as_are_wanted_and_shown() {
    let house = House::open().await;
    let shown = offers(&house, ride("q1", Span::HOUR)).await;
    assert_eq!(shown.len(), 3);
    assert_eq!(shown[0].alternative(), Alternative::Best);
    assert!(shown[1..].iter().all(|offer| offer.alternative() != Alternative::Best));
    assert!(shown.iter().all(|offer| offer.first_offer == shown[0].name));
    let mut wish = ride("q2", Span::HOUR);
    wish.max_offers = 1;
    assert_eq!(offers(&house, wish.clone()).await.len(), 1);
    (wish.max_offers, wish.request_id) = (99, "q3".to_owned());
    assert_eq!(offers(&house, wish).await.len(), 3, "lowered to what the service shows");

    house.bookings().confirm_offer(confirm(&shown[1], "c1")).await.unwrap();
    let status = house.bookings().confirm_offer(confirm(&shown[0], "c2")).await.unwrap_err();
    assert_eq!(reason(&status), "OFFER_EXPIRED", "one of them is enough");
    house.close().await;
}

#[tokio::test]
async fn a_held_offer_is_kept_while_the_rider_thinks() {
    let house = House::open().await;
    // All four seats of the bus, twice, at the same time and in opposite directions.
    let mut first = ride("q1", Span::HOUR);
    first.party.as_mut().unwrap().seats = 4;
    first.max_offers = 1;
    let mut second = first.clone();
    second.request_id = "q2".to_owned();
    std::mem::swap(&mut second.origin, &mut second.destination);
    let (first, second) = (house.offer(first).await, house.offer(second).await);
    let held = house.bookings().hold_offer(hold(&first, "h1")).await.unwrap().into_inner();
    assert_eq!((held.state(), time(&held.expire_time)), (State::Held, MORNING + Span::from_mins(3)));
    let again = house.bookings().hold_offer(hold(&first, "h1")).await.unwrap().into_inner();
    assert_eq!(again, held, "the same id, the same answer");
    let status = house.bookings().confirm_offer(confirm(&second, "c2")).await.unwrap_err();
    assert_eq!(reason(&status), "PLAN_CHANGED", "somebody thinks about it");

    house.clock.advance(Span::from_mins(3));
    let mut more = hold(&first, "h2");
    more.hold_duration = Some(prost_types::Duration { seconds: 600, nanos: 0 });
    let prolonged = house.bookings().hold_offer(more).await.unwrap().into_inner();
    assert_eq!(time(&prolonged.expire_time), MORNING + Span::from_mins(3), "no longer than the service allows");
    let booking = house.bookings().confirm_offer(confirm(&first, "c1")).await.unwrap().into_inner();
    assert_eq!((booking.state(), booking.promise), (pb::booking::State::Confirmed, first.promise));
    house.close().await;
}

#[tokio::test]
async fn a_hold_is_given_back_or_runs_out() {
    let house = House::open().await;
    let offer = house.offer(ride("q1", Span::HOUR)).await;
    let release =
        |id: &str| pb::ReleaseHoldRequest { name: offer.name.clone(), request_id: id.to_owned(), ..Default::default() };
    let status = house.bookings().release_hold(release("r0")).await.unwrap_err();
    assert_eq!(reason(&status), "NOT_HELD");
    house.bookings().hold_offer(hold(&offer, "h1")).await.unwrap();
    let released = house.bookings().release_hold(release("r1")).await.unwrap().into_inner();
    assert_eq!((released.state(), released.expire_time), (State::Open, offer.expire_time));
    house.bookings().hold_offer(hold(&offer, "h2")).await.unwrap();
    house.clock.advance(Span::from_mins(3) + Span::from_millis(1));
    let status = house.bookings().release_hold(release("r2")).await.unwrap_err();
    assert_eq!(reason(&status), "NOT_HELD");
    let list = pb::ListBookingsRequest { parent: SERVICE.to_owned(), ..Default::default() };
    let bookings = house.bookings().list_bookings(list).await.unwrap().into_inner().bookings;
    assert!(bookings.is_empty(), "{bookings:?}");
    house.close().await;
}

#[tokio::test]
async fn a_refusal_says_what_would_do() {
    let house = House::open().await;
    let mut wish = ride("q1", Span::HOUR);
    wish.party.as_mut().unwrap().seats = 6;
    let answer = house.bookings().quote(wish.clone()).await.unwrap().into_inner();
    let Some(pb::quote_response::Result::Refusal(refusal)) = answer.result else { panic!("six do not fit") };
    let relaxation = &refusal.relaxations[0];
    assert_eq!(relaxation.kind(), pb::relaxation::Kind::SmallerParty);
    assert!(relaxation.localized_text.as_ref().unwrap().text.ends_with('。'), "{relaxation:?}");
    (wish.party, wish.request_id) = (relaxation.party, "q2".to_owned());
    assert_eq!(wish.party.unwrap().seats, 4);
    offers(&house, wish).await;

    // An hour's ride before there is a car at all.
    let mut early = ride("q3", Span::HOUR);
    let Some(Wish::DepartAfter(window)) = &mut early.wish else { unreachable!("it departs") };
    let shift = -6 * 3600;
    window.earliest_time.as_mut().unwrap().seconds += shift;
    window.latest_time.as_mut().unwrap().seconds += shift;
    let answer = house.bookings().quote(early).await.unwrap().into_inner();
    assert!(matches!(answer.result, Some(pb::quote_response::Result::Refusal(_))), "{answer:?}");
    house.close().await;
}

#[tokio::test]
async fn riders_are_met_where_they_can_walk_to() {
    let points = "[[meeting_point]]\nplace = [-19.0600, -169.9200]\nlabel = \"Market\"\n";
    let walks = "display_name = \"Alofi ride\"\ndoor_to_door = false\nwalk_max_to_pickup = \"20 min\"\n";
    let text = CONFIG.replace("display_name = \"Alofi ride\"\n", walks) + points;
    let config = Config::parse(&text, Path::new("")).unwrap();
    let house = House::open_with(config, Store::Configured, MORNING).await;
    let offer = house.offer(ride("q1", Span::HOUR)).await;
    assert_eq!(offer.pickup_place.as_ref().unwrap().label, "Market");
    // 681 m in a straight line
    let walk = offer.pickup_walk_duration.unwrap().seconds;
    assert!((700..900).contains(&walk), "{walk} s");
    assert!(
        MORNING + Span::HOUR + Span::from_secs(walk)
            <= time(&offer.promise.unwrap().pickup_window.unwrap().earliest_time)
    );
    assert_eq!(offer.dropoff_place.as_ref().unwrap().label, "診療所", "no meeting point is near: the door is one");
    let booking = house.bookings().confirm_offer(confirm(&offer, "c1")).await.unwrap().into_inner();
    assert_eq!((booking.pickup_place, booking.pickup_walk_duration), (offer.pickup_place, offer.pickup_walk_duration));
    house.close().await;
}

//! Standing bookings: every date booked once, tried again where it was refused, cancelled where it is no more.

use std::collections::BTreeSet;
use std::path::Path;

use mukae_proto::transit::booking::v1 as pb;
use mukae_proto::transit::operations::v1 as operations_pb;
use mukae_proto::transit::units::v1::Seats;
use mukae_server::{Config, Store};
use mukae_units::{Span, Time};
use pb::standing_booking_service_client::StandingBookingServiceClient;
use pb::standing_date::State;
use tonic::transport::Channel;

use crate::planning::{export, outcomes};
use crate::support::*;

const NAME: &str = "tenants/alofi/services/ride/standingBookings/sb1";

fn standings(house: &House) -> StandingBookingServiceClient<Channel> {
    StandingBookingServiceClient::new(house.channel.clone())
}

/// Shifts are planned for today and two days more; the service books a week ahead.
fn week(dir: Option<&Path>) -> Config {
    let text = CONFIG.replace("shift_days_ahead = 1", "shift_days_ahead = 2");
    let text = text.replace("display_name = \"Alofi ride\"", "display_name = \"Alofi ride\"\nhorizon = \"7 days\"");
    let mut config = Config::parse(&text, Path::new("")).unwrap();
    config.journal.dir = dir.map(Path::to_path_buf);
    config
}

async fn open(dir: Option<&Path>, at: Time) -> House {
    House::open_with(week(dir), Store::Configured, at).await
}

fn leg(from: (f64, f64), to: (f64, f64), time: pb::standing_ride::Time) -> Option<pb::StandingRide> {
    Some(pb::StandingRide { origin: place(from, "home"), destination: place(to, "hospital"), time: Some(time) })
}

/// There at ten and back at two, on Wednesdays to Fridays, from the first of April, a Wednesday.
fn dialysis(seats: i32) -> pb::StandingBooking {
    use pb::standing_ride::Time::{ArriveBy, DepartAfter};
    pb::StandingBooking {
        outbound: leg(ALOFI, HAKUPU, ArriveBy("10:00".to_owned())),
        inbound: leg(HAKUPU, ALOFI, DepartAfter("14:00".to_owned())),
        stands_together: true,
        party: Some(Seats { seats, ..Default::default() }),
        rider: "line+U4af4980629".to_owned(),
        channel: pb::Channel::Staff as i32,
        weekdays: vec![3, 4, 5],
        from_date: "2026-04-01".to_owned(),
        ..Default::default()
    }
}

fn create(request_id: &str, rule: pb::StandingBooking) -> pb::CreateStandingBookingRequest {
    pb::CreateStandingBookingRequest {
        parent: SERVICE.to_owned(),
        standing_booking: Some(rule),
        request_id: request_id.to_owned(),
        validate_only: false,
    }
}

async fn get(house: &House) -> pb::StandingBooking {
    let request = pb::GetStandingBookingRequest { name: NAME.to_owned() };
    standings(house).get_standing_booking(request).await.unwrap().into_inner()
}

/// Dates with their states and how many bookings they have.
fn dates(standing: &pb::StandingBooking) -> Vec<(&str, State, usize)> {
    standing.dates.iter().map(|date| (&date.date[8..], date.state(), date.bookings.len())).collect()
}

async fn bookings(house: &House) -> Vec<pb::Booking> {
    let list = pb::ListBookingsRequest { parent: SERVICE.to_owned(), ..Default::default() };
    house.bookings().list_bookings(list).await.unwrap().into_inner().bookings
}

async fn alerts(house: &House) -> Vec<operations_pb::Alert> {
    let list = operations_pb::ListAlertsRequest { parent: AREA.to_owned(), ..Default::default() };
    let alerts = house.operations().list_alerts(list).await.unwrap().into_inner().alerts;
    alerts.into_iter().filter(|alert| alert.kind() == operations_pb::alert::Kind::StandingRefused).collect()
}

/// The clock of the server goes on, and something is asked so that it looks.
async fn pass(house: &House, by: Span) -> pb::StandingBooking {
    house.clock.advance(by);
    get(house).await
}

#[tokio::test]
async fn dates_are_booked_as_pairs_as_far_as_shifts_go_and_the_rest_day_by_day() {
    let dir = tempfile::tempdir().unwrap();
    let house = open(Some(dir.path()), MORNING).await;
    let request = create("s1", dialysis(1));
    let rehearsal = pb::CreateStandingBookingRequest { validate_only: true, ..request.clone() };
    let rehearsed = standings(&house).create_standing_booking(rehearsal).await.unwrap().into_inner();
    assert!(bookings(&house).await.is_empty(), "a rehearsal books nothing");
    let standing = standings(&house).create_standing_booking(request.clone()).await.unwrap().into_inner();
    assert_eq!(standing, rehearsed);
    assert_eq!(standing.name, NAME);
    let booked = [("01", State::Booked, 2), ("02", State::Booked, 2), ("03", State::Booked, 2)];
    assert_eq!(dates(&standing), booked);
    let again = standings(&house).create_standing_booking(request).await.unwrap().into_inner();
    assert_eq!(again, standing, "sent again, it is the same one");

    let all = bookings(&house).await;
    assert_eq!(all.len(), 6);
    for booking in &all {
        assert_eq!((booking.standing_booking.as_str(), booking.stands_with_pair), (NAME, true));
        assert!(all.iter().any(|other| other.name == booking.paired_booking));
        assert_eq!(booking.channel(), pb::Channel::Staff);
    }

    // a week later by the clock, day by day: the next Wednesday comes with its shift, and each date was booked once
    for _ in 0..5 {
        pass(&house, Span::DAY).await;
    }
    let standing = get(&house).await;
    assert_eq!(dates(&standing)[3..], [("08", State::Booked, 2)]);
    assert_eq!(bookings(&house).await.len(), 8);
    house.close().await;
    let house = open(Some(dir.path()), MORNING + Span::DAY * 5).await;
    assert_eq!(get(&house).await, standing, "and a restart books nothing twice");
    assert_eq!(bookings(&house).await.len(), 8);
    house.close().await;
}

#[tokio::test]
async fn a_date_that_is_refused_is_listed_alerted_and_tried_again_each_day() {
    let dir = tempfile::tempdir().unwrap();
    let house = open(Some(dir.path()), MORNING).await;
    // five do not fit the bus with its four seats
    let standing = standings(&house).create_standing_booking(create("s1", dialysis(5))).await.unwrap().into_inner();
    assert_eq!(dates(&standing).len(), 3);
    for date in &standing.dates {
        assert_eq!((date.state(), date.try_count, date.refusals.len()), (State::Refused, 1, 2));
        assert!(!date.refusals[0].binding_constraints.is_empty());
    }
    house.clock.advance(Span::MINUTE);
    let told = alerts(&house).await;
    assert_eq!((told.len(), told[0].subject.as_str()), (3, NAME));

    house.close().await;
    let house = open(Some(dir.path()), MORNING + Span::HOUR).await;
    assert_eq!(get(&house).await.dates[1].try_count, 1, "not twice on one day");
    let standing = pass(&house, Span::DAY).await;
    assert_eq!(standing.dates.iter().map(|date| date.try_count).collect::<Vec<_>>(), [1, 2, 2]);

    // for planners it is a ride that was asked for once, and was turned away
    let (_, summary) = export(&house).await;
    let refused = mukae_proto::transit::planning::v1::anonymous_request::Outcome::Refused;
    assert_eq!(outcomes(&summary), [(refused, 6)]);

    // a smaller party is tried at once
    let update = pb::UpdateStandingBookingRequest {
        standing_booking: Some(pb::StandingBooking { name: NAME.to_owned(), ..dialysis(2) }),
        update_mask: Some(prost_types::FieldMask { paths: vec!["party".to_owned()] }),
        request_id: "u1".to_owned(),
        validate_only: false,
    };
    let mut stale = update.clone();
    (stale.request_id, stale.standing_booking.as_mut().unwrap().etag) = ("u0".to_owned(), "other".to_owned());
    assert_eq!(reason(&standings(&house).update_standing_booking(stale).await.unwrap_err()), "ETAG_MISMATCH");
    let standing = standings(&house).update_standing_booking(update).await.unwrap().into_inner();
    assert_eq!(dates(&standing)[1..], [("02", State::Booked, 2), ("03", State::Booked, 2)]);
    house.clock.advance(Span::MINUTE);
    assert!(alerts(&house).await.iter().all(|alert| alert.clear_time.is_some() || alert.subject != NAME));
    house.close().await;
}

#[tokio::test]
async fn a_date_can_be_skipped_or_otherwise_and_an_end_cancels_what_comes_after() {
    let house = open(None, MORNING).await;
    let mut rule = dialysis(1);
    let exception = |date: &str| pb::StandingException { date: date.to_owned(), ..Default::default() };
    let later = pb::StandingException { outbound_at: "11:00".to_owned(), ..exception("2026-04-02") };
    rule.exceptions = vec![later];
    standings(&house).create_standing_booking(create("s1", rule)).await.unwrap();
    let arrivals: BTreeSet<i64> = bookings(&house)
        .await
        .iter()
        .filter_map(|booking| match &booking.wish {
            Some(pb::booking::Wish::ArriveBy(window)) => Some((time(&window.latest_time) - MORNING).as_secs() / 3600),
            _ => None,
        })
        .collect();
    assert_eq!(arrivals, BTreeSet::from([2, 24 + 3, 48 + 2]), "at ten, and once at eleven");

    let skip = |date: &str, request_id: &str| pb::SkipStandingDateRequest {
        name: NAME.to_owned(),
        date: date.to_owned(),
        request_id: request_id.to_owned(),
        validate_only: false,
    };
    let standing = standings(&house).skip_standing_date(skip("2026-04-02", "k1")).await.unwrap().into_inner();
    assert_eq!(dates(&standing)[1], ("02", State::Skipped, 2));
    let live = |bookings: Vec<pb::Booking>| {
        bookings.into_iter().filter(|booking| booking.state() == pb::booking::State::Confirmed).count()
    };
    assert_eq!(live(bookings(&house).await), 4);
    for date in ["2026-04-02", "2026-04-06", "2026-03-27"] {
        let wrong = standings(&house).skip_standing_date(skip(date, "k2")).await.unwrap_err();
        assert_eq!(reason(&wrong), "NO_STANDING_DATE", "{date}");
    }
    let end = pb::EndStandingBookingRequest {
        name: NAME.to_owned(),
        last_date: "2026-04-01".to_owned(),
        request_id: "e1".to_owned(),
        validate_only: false,
    };
    standings(&house).end_standing_booking(end).await.unwrap();
    assert_eq!(live(bookings(&house).await), 2);
    for _ in 0..8 {
        pass(&house, Span::DAY).await;
    }
    assert_eq!(live(bookings(&house).await), 0, "what is over failed, and nothing new was booked");
    house.close().await;
}

#[tokio::test]
async fn what_is_wrong_with_a_rule_is_told_field_by_field() {
    let house = open(None, MORNING).await;
    let nothing = standings(&house).create_standing_booking(create("s1", pb::StandingBooking::default())).await;
    let missing = ["outbound", "party", "weekdays", "from_date"].map(|field| format!("standing_booking.{field}"));
    assert_eq!(fields(&nothing.unwrap_err()), missing);
    let mut rule = dialysis(1);
    rule.outbound = leg(SEA, HAKUPU, pb::standing_ride::Time::ArriveBy("25:00".to_owned()));
    rule.until_date = "tomorrow".to_owned();
    rule.weekdays = vec![1, 9];
    let wrong = standings(&house).create_standing_booking(create("s1", rule)).await.unwrap_err();
    let faults = ["outbound.origin", "outbound.arrive_by", "weekdays[1]", "until_date"];
    assert_eq!(fields(&wrong), faults.map(|field| format!("standing_booking.{field}")));
    let none = standings(&house).get_standing_booking(pb::GetStandingBookingRequest { name: NAME.to_owned() }).await;
    assert_eq!(reason(&none.unwrap_err()), "RESOURCE_NOT_FOUND");
    house.close().await;
}

/// Rules are changed, dates skipped and servers restarted in any order: no ride of a date is ever there twice.
#[tokio::test]
async fn no_date_is_booked_twice_whatever_happens() {
    for seed in 1..4_u64 {
        let dir = tempfile::tempdir().unwrap();
        let (mut now, mut dice) = (MORNING, seed);
        let mut house = open(Some(dir.path()), now).await;
        standings(&house).create_standing_booking(create("s1", dialysis(1))).await.unwrap();
        for step in 0..14 {
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let request_id = format!("r{step}");
            match (dice >> 33) % 4 {
                0 => {
                    house.close().await;
                    house = open(Some(dir.path()), now).await;
                }
                1 => {
                    let seats = 1 + (dice >> 40) as i32 % 6;
                    let mut rule = pb::StandingBooking { name: NAME.to_owned(), ..dialysis(seats) };
                    rule.stands_together = dice >> 50 & 1 == 0;
                    rule.inbound = rule.inbound.filter(|_| dice >> 51 & 1 == 0);
                    let update = pb::UpdateStandingBookingRequest {
                        standing_booking: Some(rule),
                        request_id,
                        ..Default::default()
                    };
                    standings(&house).update_standing_booking(update).await.unwrap();
                }
                2 => {
                    let date = get(&house).await.dates.last().map(|date| date.date.clone()).unwrap_or_default();
                    let skip =
                        pb::SkipStandingDateRequest { name: NAME.to_owned(), date, request_id, ..Default::default() };
                    let _ = standings(&house).skip_standing_date(skip).await; // it may be skipped or over already
                }
                _ => {
                    now += Span::HOUR * 13;
                    pass(&house, Span::HOUR * 13).await;
                }
            }
            // a ride is told from others by its wish: its date and direction
            let mut seen = BTreeSet::new();
            for booking in bookings(&house).await {
                let (is_arrival, window) = match booking.wish {
                    Some(pb::booking::Wish::ArriveBy(window)) => (true, window),
                    Some(pb::booking::Wish::DepartAfter(window)) => (false, window),
                    None => panic!("a wish is drawn"),
                };
                let at = time(&window.latest_time);
                assert!(seen.insert((is_arrival, at)), "seed {seed}, step {step}: {is_arrival} {at:?} twice");
            }
        }
        house.close().await;
    }
}

//! The ready configurations: each is loaded, served on a real port, asked for a ride that must be offered at the expected
//! fare and inside the expected promise, and for rides that must be refused for the right reason.

use std::path::Path;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use mukae_proto::transit::booking::v1 as pb;
use mukae_proto::transit::units::v1::{Seats, TimeWindow};
use mukae_server::{Config, Store};
use mukae_units::{Span, Time};
use pb::binding_constraint::Kind;
use pb::quote_request::Wish;

use crate::support::{AIRPORT, ALOFI, HAKUPU, House, confirm, place, time, timestamp};

fn ready(file: &str) -> Config {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/configurations").join(file);
    let mut config = Config::load(&file).unwrap_or_else(|error| panic!("{error}"));
    config.server.listen = "127.0.0.1:0".parse().unwrap();
    config
}

/// A civil time of the configurations' zone, such as `2026-04-01 08:00`.
fn civil(text: &str) -> Time {
    let zoned = text.parse::<DateTime>().unwrap().to_zoned(TimeZone::get("Asia/Tokyo").unwrap()).unwrap();
    Time::from_unix_millis(zoned.timestamp().as_millisecond())
}

/// A ride within the hour after `from_time`, for so many on seats.
#[derive(Clone, Copy)]
struct Ride {
    file: &'static str,
    service: &'static str,
    from: (f64, f64),
    to: (f64, f64),
    riders: i32,
    from_time: &'static str,
}

impl Ride {
    fn request(&self) -> pb::QuoteRequest {
        let earliest = civil(self.from_time);
        let window = TimeWindow {
            earliest_time: Some(timestamp(earliest)),
            latest_time: Some(timestamp(earliest + Span::HOUR)),
        };
        pb::QuoteRequest {
            parent: self.service.to_owned(),
            origin: place(self.from, "from"),
            destination: place(self.to, "to"),
            party: Some(Seats { seats: self.riders, ..Default::default() }),
            wish: Some(Wish::DepartAfter(window)),
            request_id: "q".to_owned(),
            ..Default::default()
        }
    }

    async fn house(&self, now: &str) -> House {
        House::open_with(ready(self.file), Store::Configured, civil(now)).await
    }

    /// What is answered to it at that time.
    async fn answer(&self, now: &str) -> pb::quote_response::Result {
        self.answer_to(now, self.request()).await
    }

    async fn answer_to(&self, now: &str, request: pb::QuoteRequest) -> pb::quote_response::Result {
        let house = self.house(now).await;
        let answer = house.bookings().quote(request).await.unwrap().into_inner();
        house.close().await;
        answer.result.unwrap()
    }

    async fn offer(&self, now: &str) -> pb::Offer {
        let answer = self.answer(now).await;
        let pb::quote_response::Result::Offers(list) = answer else { panic!("at {now}: {answer:?}") };
        let offer = list.offers[0].clone();
        let promised = offer.promise.unwrap().pickup_window.unwrap();
        let (earliest, latest) = (time(&promised.earliest_time), time(&promised.latest_time));
        let wished = civil(self.from_time);
        assert!(wished <= earliest && latest <= wished + Span::HOUR, "{earliest:?} to {latest:?}");
        offer
    }

    /// The fare alone, and if shared.
    async fn fare(&self, now: &str) -> (i32, i32) {
        let fare = self.offer(now).await.fare.unwrap();
        (fare.full_yen, fare.shared_yen)
    }

    async fn refusal(&self, now: &str) -> (Vec<Kind>, Vec<pb::relaxation::Kind>) {
        let answer = self.answer(now).await;
        let pb::quote_response::Result::Refusal(refusal) = answer else { panic!("at {now}: {answer:?}") };
        let kinds = refusal.binding_constraints.iter().map(|binding| binding.kind()).collect();
        (kinds, refusal.relaxations.iter().map(|relaxation| relaxation.kind()).collect())
    }
}

const ALONG: Ride = Ride {
    file: "declared-trips.toml",
    service: "tenants/town/services/along",
    from: HAKUPU,
    to: ALOFI,
    riders: 1,
    from_time: "2026-04-02 08:00", // a Thursday
};

#[tokio::test]
async fn declared_trips_are_booked_until_five_on_the_day_before() {
    let offer = ALONG.offer("2026-04-01 17:00").await;
    assert_eq!(offer.vehicle, "tenants/town/vehicles/sato-car");
    let pickup = offer.pickup_place.unwrap();
    assert_eq!((pickup.label.as_str(), pickup.label_kana.as_str()), ("南保集会所", "なんぼしゅうかいじょ"));
    let fare = offer.fare.unwrap();
    assert_eq!((fare.full_yen, fare.shared_yen), (600, 400));
    assert_eq!((fare.ticket_yen, fare.full_tickets, fare.shared_tickets), (200, 3, 2));
    assert_eq!(fare.payment_means, [pb::PaymentMeans::Ticket as i32], "no cash");
    assert_eq!(Ride { riders: 2, ..ALONG }.fare("2026-04-01 12:00").await, (1200, 800));

    let (kinds, ways_out) = ALONG.refusal("2026-04-01 17:00:01").await;
    assert_eq!(kinds, [Kind::BookingDeadline]);
    assert!(ways_out.contains(&pb::relaxation::Kind::DaysLater), "a day later would do: {ways_out:?}");
    // two weeks ahead it opens at midnight
    assert_eq!(ALONG.refusal("2026-03-18 23:59").await.0, [Kind::BookingNotOpen]);
    ALONG.offer("2026-03-19 00:00").await;
    // Saturdays, and the Wednesday of Shōwa Day
    for holiday in ["2026-04-04 08:00", "2026-04-29 08:00"] {
        assert_eq!(Ride { from_time: holiday, ..ALONG }.refusal("2026-04-01 12:00").await.0, [Kind::ServiceHours]);
    }
    // nobody declares a drive at this hour, and the town's own car is at its break or far
    let (kinds, _) = Ride { from_time: "2026-04-02 06:00", ..ALONG }.refusal("2026-04-01 12:00").await;
    assert_eq!(kinds, [Kind::NoShift]);
}

const EVENING: Ride = Ride {
    file: "evening.toml",
    service: "tenants/town/services/evening",
    from: ALOFI,
    to: AIRPORT,
    riders: 2,
    from_time: "2026-04-03 20:00", // a Friday
};

#[tokio::test]
async fn the_evening_is_booked_until_five_of_the_day_for_up_to_three() {
    for (riders, yen) in [(1, 1000), (2, 1000), (3, 1500)] {
        assert_eq!(Ride { riders, ..EVENING }.fare("2026-04-03 17:00").await, (yen, yen), "{riders} riders");
    }
    let offer = EVENING.offer("2026-04-03 12:00").await;
    assert_eq!(offer.fare.unwrap().payment_means, [pb::PaymentMeans::Cash as i32]);
    let (kinds, ways_out) = EVENING.refusal("2026-04-03 17:00:01").await;
    assert_eq!(kinds, [Kind::BookingDeadline]);
    assert!(ways_out.contains(&pb::relaxation::Kind::DaysLater), "tomorrow is Saturday: {ways_out:?}");
    let (kinds, ways_out) = Ride { riders: 4, ..EVENING }.refusal("2026-04-03 12:00").await;
    assert_eq!(kinds, [Kind::PartyLimit]);
    assert_eq!(ways_out, [pb::relaxation::Kind::SmallerParty]);
    let monday = Ride { from_time: "2026-04-06 20:00", ..EVENING };
    assert_eq!(monday.refusal("2026-04-03 12:00").await.0, [Kind::ServiceHours]);
}

const BUS: Ride = Ride {
    file: "stop-bus.toml",
    service: "tenants/town/services/bus",
    from: ALOFI,
    to: AIRPORT,
    riders: 1,
    from_time: "2026-04-01 09:00",
};

#[tokio::test]
async fn the_bus_goes_from_stop_to_stop_by_zones() {
    assert_eq!(BUS.fare("2026-04-01 08:00").await, (200, 200), "inside one zone");
    let between = Ride { to: HAKUPU, ..BUS };
    let offer = between.offer("2026-04-01 08:00").await;
    assert_eq!(offer.fare.as_ref().unwrap().full_yen, 400);
    assert_eq!(offer.vehicle, "tenants/town/vehicles/bus-1", "the other one stays in the centre");
    let pickup = offer.pickup_place.unwrap();
    assert_eq!((pickup.label.as_str(), pickup.label_kana.as_str()), ("町役場前", "まちやくばまえ"));
    // a mother with two children, one of them disabled: 400 + 200 + 200
    let passengers = Some(pb::Passengers { adults: 1, children: 1, disabled: 1, seniors: 0 });
    let family = Ride { riders: 3, ..between };
    let request = pb::QuoteRequest { passengers, ..family.request() };
    let answer = family.answer_to("2026-04-01 08:00", request).await;
    let pb::quote_response::Result::Offers(list) = answer else { panic!("{answer:?}") };
    assert_eq!((list.offers[0].fare.as_ref().unwrap().full_yen, list.offers[0].passengers), (800, passengers));

    assert_eq!(Ride { from_time: "2026-04-01 17:30", ..BUS }.refusal("2026-04-01 08:00").await.0, [Kind::ServiceHours]);
    // on Shōwa Day it runs like on Saturdays
    let holiday = Ride { from_time: "2026-04-29 13:00", ..BUS };
    assert_eq!(holiday.refusal("2026-04-28 08:00").await.0, [Kind::ServiceHours]);
    Ride { from_time: "2026-04-29 09:00", ..BUS }.offer("2026-04-28 08:00").await;
    // outside of both zones
    let far = Ride { to: (-19.0600, -169.8600), ..BUS };
    let mut config = ready(BUS.file);
    config.area.snap_limit = mukae_units::Metres::from_metres(5_000);
    let house = House::open_with(config, Store::Configured, civil("2026-04-01 08:00")).await;
    let answer = house.bookings().quote(far.request()).await.unwrap().into_inner();
    assert_eq!(crate::support::refusal_of(answer), [Kind::ServiceZones]);
    house.close().await;
}

const TAXI: Ride = Ride {
    file: "taxi-share.toml",
    service: "tenants/town/services/taxi",
    from: ALOFI,
    to: AIRPORT,
    riders: 1,
    from_time: "2026-04-01 10:00",
};

#[tokio::test]
async fn the_taxi_goes_from_door_to_door_by_distance() {
    assert_eq!(TAXI.fare("2026-04-01 08:00").await, (900, 700), "3 to 8 km");
    let far = Ride { to: HAKUPU, riders: 2, ..TAXI };
    assert_eq!(far.fare("2026-04-01 08:00").await, (2400, 2000), "8 to 15 km, for two");
    assert_eq!(
        Ride { from_time: "2026-04-01 22:30", ..TAXI }.refusal("2026-04-01 08:00").await.0,
        [Kind::ServiceHours]
    );
    assert_eq!(Ride { riders: 5, ..TAXI }.refusal("2026-04-01 08:00").await.0, [Kind::PartyLimit]);

    // who cancels within the hour pays
    for (at, due) in [("2026-04-01 08:59", None), ("2026-04-01 09:30", Some(500))] {
        let house = TAXI.house("2026-04-01 08:00").await;
        let offer = house.offer(TAXI.request()).await;
        let free_until = time(&offer.fare.as_ref().unwrap().free_cancellation_time);
        assert_eq!(free_until, time(&offer.promise.unwrap().pickup_window.unwrap().earliest_time) - Span::HOUR);
        let booking = house.bookings().confirm_offer(confirm(&offer, "c")).await.unwrap().into_inner();
        assert_eq!(booking.fare, offer.fare);
        house.clock.advance(civil(at) - civil("2026-04-01 08:00"));
        let cancel = pb::CancelBookingRequest {
            name: booking.name,
            reason: pb::CancellationReason::Rider as i32,
            request_id: "x".to_owned(),
            ..Default::default()
        };
        let cancelled = house.bookings().cancel_booking(cancel).await.unwrap().into_inner();
        assert_eq!(cancelled.charge.map(|charge| charge.yen), due, "at {at}");
        house.close().await;
    }
}

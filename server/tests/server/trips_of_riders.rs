//! What riders see of their own trip, and what they do not.

use std::time::Duration;

use mukae_proto::google::r#type::LatLng;
use mukae_proto::transit::booking::v1 as pb;
use mukae_proto::transit::booking::v1::booking_service_client::BookingServiceClient;
use mukae_proto::transit::fleet::v1 as fleet_pb;
use mukae_server::Clock;
use mukae_units::{Span, Time};
use pb::booking::State;
use pb::watch_trip_response::Update;
use tokio_stream::StreamExt;
use tonic::{Code, Streaming};

use crate::guarded::*;
use crate::support::*;

/// The next picture; a beat is none.
async fn next(stream: &mut Streaming<pb::WatchTripResponse>) -> Option<pb::Trip> {
    let next = async {
        loop {
            match stream.next().await?.unwrap_or_else(|status| panic!("{status:?}")).update {
                Some(Update::Trip(trip)) => return Some(trip),
                Some(Update::Heartbeat(_)) => {}
                None => panic!("a message says something"),
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), next).await.expect("something is to be told")
}

/// The next picture that is as wanted.
async fn until(
    stream: &mut Streaming<pb::WatchTripResponse>,
    what: &str,
    is_it: impl Fn(&pb::Trip) -> bool,
) -> pb::Trip {
    for _ in 0..20 {
        let trip = next(stream).await.unwrap_or_else(|| panic!("the stream ended before {what}"));
        if is_it(&trip) {
            return trip;
        }
    }
    panic!("{what} was not told")
}

fn get(name: &str) -> pb::GetTripRequest {
    pb::GetTripRequest { name: name.to_owned() }
}

fn watch(name: &str) -> pb::WatchTripRequest {
    pb::WatchTripRequest { name: name.to_owned() }
}

async fn trip(house: &House, name: &str) -> pb::Trip {
    house.bookings().get_trip(get(name)).await.unwrap().into_inner()
}

async fn report(house: &House, point: (f64, f64), at: Time) {
    let position = fleet_pb::Position {
        point: Some(LatLng { latitude: point.0, longitude: point.1 }),
        device_time: Some(timestamp(at)),
        sequence: at.as_unix_millis(),
        accuracy_meters: Some(5),
        bearing_degrees: Some(90),
    };
    let batch = fleet_pb::ReportPositionsRequest { vehicle: BUS.to_owned(), positions: vec![position] };
    assert_eq!(house.fleet().report_positions(batch).await.unwrap().into_inner().accepted_count, 1);
}

async fn manifest(house: &House) -> fleet_pb::Manifest {
    let request = fleet_pb::GetManifestRequest { name: format!("{BUS}/manifest"), ..Default::default() };
    house.fleet().get_manifest(request).await.unwrap().into_inner()
}

async fn open_shift(house: &House) {
    let request = fleet_pb::OpenShiftRequest {
        name: manifest(house).await.shift,
        request_id: "open".to_owned(),
        ..Default::default()
    };
    house.fleet().open_shift(request).await.unwrap();
}

/// Drives to the next stop and says so; `what` tells the requests apart.
async fn drive(house: &House, what: &str) -> fleet_pb::Stop {
    let plan = manifest(house).await;
    house.clock.raise_to(plan.leave_time.as_ref().map_or(house.clock.now(), |_| time(&plan.leave_time)));
    let stop = plan.stops[0].clone();
    let depart = fleet_pb::DepartStopRequest {
        stop: stop.name.clone(),
        request_id: format!("depart {what}").replace(' ', "-"),
        ..Default::default()
    };
    let plan = house.fleet().depart_stop(depart).await.unwrap().into_inner();
    house.clock.raise_to(time(&plan.stops[0].arrive_time));
    let arrive = fleet_pb::ArriveStopRequest {
        stop: stop.name.clone(),
        request_id: format!("arrive-{what}"),
        ..Default::default()
    };
    house.fleet().arrive_stop(arrive).await.unwrap();
    stop
}

async fn board(house: &House, booking: &str) {
    let request = fleet_pb::BoardBookingRequest {
        booking: booking.to_owned(),
        vehicle: BUS.to_owned(),
        request_id: format!("board-{}", booking.rsplit('/').next().unwrap()),
        ..Default::default()
    };
    house.fleet().board_booking(request).await.unwrap();
}

async fn alight(house: &House, booking: &str) {
    let request = fleet_pb::AlightBookingRequest {
        booking: booking.to_owned(),
        vehicle: BUS.to_owned(),
        request_id: format!("alight-{}", booking.rsplit('/').next().unwrap()),
        ..Default::default()
    };
    house.fleet().alight_booking(request).await.unwrap();
}

/// The whole of it: times with their age from the beginning, the car from fifteen minutes before to the dropoff.
#[tokio::test]
async fn a_rider_follows_their_car_from_a_quarter_of_an_hour_before_to_the_end() {
    let house = House::open().await;
    let booking = house.book(ride("q1", Span::HOUR)).await;
    let mut stream = house.bookings().watch_trip(watch(&booking.name)).await.unwrap().into_inner();
    let first = next(&mut stream).await.unwrap();
    assert_eq!((first.booking.as_str(), first.state()), (booking.name.as_str(), State::Confirmed));
    assert_eq!((&first.promise, &first.pickup_place), (&booking.promise, &booking.pickup_place));
    let prediction = first.prediction.unwrap();
    let pickup = time(&prediction.pickup_time);
    assert_eq!((time(&prediction.prediction_time), time(&first.current_time)), (MORNING, MORNING));
    let vehicle = first.vehicle.clone().unwrap();
    assert_eq!((vehicle.name.as_str(), vehicle.display_name.as_str()), (BUS, "1号車"));
    assert_eq!((&first.position, first.stops_before), (&None, None), "an hour before");

    // the car is at work and reports; who waits does not see it yet
    open_shift(&house).await;
    report(&house, AIRPORT, house.clock.now()).await;
    house.clock.raise_to(pickup - Span::from_mins(16));
    report(&house, AIRPORT, house.clock.now()).await;
    let before = trip(&house, &booking.name).await;
    assert_eq!((&before.position, before.stops_before), (&None, None), "sixteen minutes before");

    // time alone brings the first sight of it, though not of where it was earlier
    house.clock.raise_to(pickup - Span::from_mins(14));
    let soon = until(&mut stream, "that it is soon", |trip| trip.stops_before.is_some()).await;
    assert_eq!((soon.stops_before, &soon.position), (Some(0), &None));
    let reported = house.clock.now();
    report(&house, AIRPORT, reported).await;
    let seen = until(&mut stream, "where the car is", |trip| trip.position.is_some()).await;
    let position = seen.position.unwrap();
    assert_eq!((time(&position.position_time), position.bearing_degrees), (reported, Some(90)));
    assert_eq!(position.point.unwrap(), LatLng { latitude: AIRPORT.0, longitude: AIRPORT.1 });
    house.clock.advance(Span::from_mins(2));
    let aged = trip(&house, &booking.name).await;
    assert_eq!(time(&aged.position.unwrap().position_time), reported, "an old position says how old it is");
    assert_eq!(time(&aged.current_time), reported + Span::from_mins(2));

    drive(&house, "pickup").await;
    until(&mut stream, "that the car is there", |trip| trip.state() == State::Arrived).await;
    board(&house, &booking.name).await;
    let aboard = until(&mut stream, "that one is aboard", |trip| trip.state() == State::Boarded).await;
    assert!(aboard.position.is_some() && aboard.stops_before == Some(0), "{aboard:?}");
    report(&house, HAKUPU, house.clock.now()).await;
    until(&mut stream, "where one is", |trip| {
        trip.position.as_ref().is_some_and(|at| at.point.unwrap().latitude == HAKUPU.0)
    })
    .await;

    drive(&house, "dropoff").await;
    alight(&house, &booking.name).await;
    let last = until(&mut stream, "the end", |trip| trip.state() == State::Alighted).await;
    assert_eq!((&last.position, last.stops_before, &last.vehicle.is_some()), (&None, None, &false));
    assert!(stream.next().await.is_none(), "the stream ends with the trip");
    let over = trip(&house, &booking.name).await;
    assert!(over.position.is_none() && over.prediction.is_some());
    house.close().await;
}

/// Of others there is a count, and no place, no name and no way.
#[tokio::test]
async fn of_others_a_rider_sees_a_count_of_stops() {
    let house = House::open().await;
    let mut theirs = ride("q1", Span::from_mins(10));
    (theirs.rider, theirs.destination) = ("line+other".to_owned(), place(HAKUPU, "Chapel"));
    let theirs = house.book(theirs).await;
    let mut mine = ride("q2", Span::from_mins(15));
    (mine.rider, mine.origin) = ("line+me".to_owned(), place(AIRPORT, "Terminal"));
    let mine = house.book(mine).await;
    open_shift(&house).await;
    let plan = manifest(&house).await;
    let at = |stop: &fleet_pb::Stop| stop.pickups.iter().any(|call| call.booking == mine.name);
    let before = plan.stops.iter().position(at).unwrap();
    assert!(0 < before, "somebody is fetched first: {plan:?}");
    let pickup = time(&trip(&house, &mine.name).await.prediction.unwrap().pickup_time);
    house.clock.raise_to(house.clock.now().max(pickup - Span::from_mins(10)));
    report(&house, AIRPORT, house.clock.now()).await;
    let shown = trip(&house, &mine.name).await;
    assert_eq!(shown.stops_before, Some(i32::try_from(before).unwrap()));
    assert!(shown.position.is_some());
    let told = format!("{shown:?}");
    for other in [theirs.name.as_str(), theirs.rider.as_str(), "Town hall", "Chapel"] {
        assert!(!told.contains(other), "{other} in {told}");
    }
    house.close().await;
}

#[tokio::test]
async fn a_trip_is_its_riders_and_ends_with_the_token() {
    let house = Guarded::open().await;
    let channel = house.channel().await;
    let as_ = |subject: &str, role: &str| {
        BookingServiceClient::new(bearing(channel.clone(), &house.token(subject, at_alofi(role))))
    };
    let mut own = as_("rider-1", "rider");
    let wish = pb::QuoteRequest { rider: String::new(), ..ride("q1", Span::HOUR) };
    let offer = offer_of(own.quote(wish).await.unwrap().into_inner());
    let booking = own.confirm_offer(confirm(&offer, "c1")).await.unwrap().into_inner();
    let mut stream = own.watch_trip(watch(&booking.name)).await.unwrap().into_inner();
    assert_eq!(next(&mut stream).await.unwrap().booking, booking.name);
    assert_eq!(
        as_("line-bot", "service").get_trip(get(&booking.name)).await.unwrap().into_inner().booking,
        booking.name
    );
    for (subject, role) in [("rider-2", "rider"), ("rider-1", "driver"), ("p", "planner"), ("a", "auditor")] {
        let mut caller = as_(subject, role);
        for status in [
            caller.get_trip(get(&booking.name)).await.unwrap_err(),
            caller.watch_trip(watch(&booking.name)).await.map(|_| ()).unwrap_err(),
        ] {
            assert_eq!((status.code(), reason(&status).as_str()), (Code::PermissionDenied, "NOT_ALLOWED"), "{role}");
        }
    }
    house.clock.advance(Span::from_secs(600));
    let end = async {
        loop {
            if let Err(status) = stream.next().await.expect("an end says why") {
                return reason(&status);
            }
        }
    };
    assert_eq!(tokio::time::timeout(Duration::from_secs(20), end).await.unwrap(), "TOKEN_EXPIRED");
    house.close().await;
}

#[tokio::test]
async fn a_cancelled_trip_ends_its_stream() {
    let house = House::open().await;
    let booking = house.book(ride("q1", Span::HOUR)).await;
    let mut stream = house.bookings().watch_trip(watch(&booking.name)).await.unwrap().into_inner();
    next(&mut stream).await.unwrap();
    let cancel =
        pb::CancelBookingRequest { name: booking.name.clone(), request_id: "x".to_owned(), ..Default::default() };
    house.bookings().cancel_booking(cancel).await.unwrap();
    let last = next(&mut stream).await.unwrap();
    assert_eq!((last.state(), &last.prediction, &last.vehicle), (State::Cancelled, &None, &None));
    assert!(stream.next().await.is_none());
    let gone = house.bookings().get_trip(get(&format!("{SERVICE}/bookings/b999"))).await.unwrap_err();
    assert_eq!(reason(&gone), "RESOURCE_NOT_FOUND");
    house.close().await;
}

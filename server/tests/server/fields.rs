//! Every field of every request, wrong in every way: an error that names it, and nothing changed.

use mukae_proto::google::r#type::LatLng;
use mukae_proto::transit::area::v1 as area_pb;
use mukae_proto::transit::booking::v1 as pb;
use mukae_proto::transit::fleet::v1 as fleet_pb;
use mukae_proto::transit::units::v1::{Place, Seats, TimeWindow};
use mukae_units::Span;
use pb::quote_request::Wish;
use prost_types::Timestamp;
use tonic::Code;

use crate::support::*;

#[tokio::test]
async fn every_field_of_a_quote_is_judged() {
    let house = House::open().await;
    let before = revision(&house).await;
    let at = |latitude, longitude| Some(Place { position: Some(LatLng { latitude, longitude }), label: String::new() });
    let window = |earliest: i64, latest: i64| TimeWindow {
        earliest_time: Some(Timestamp { seconds: earliest, nanos: 0 }),
        latest_time: Some(Timestamp { seconds: latest, nanos: 0 }),
    };
    let long = "x".repeat(65);
    type Spoil = Box<dyn Fn(&mut pb::QuoteRequest)>;
    let rows: Vec<(&str, Spoil)> = vec![
        ("parent", Box::new(|q| q.parent.clear())),
        ("parent", Box::new(|q| q.parent = "services/ride".to_owned())),
        ("origin", Box::new(|q| q.origin = None)),
        ("origin.position", Box::new(|q| q.origin = Some(Place::default()))),
        ("origin.position", Box::new(move |q| q.origin = at(f64::NAN, 0.0))),
        ("origin.position", Box::new(move |q| q.origin = at(91.0, 0.0))),
        ("destination.position", Box::new(move |q| q.destination = at(0.0, f64::INFINITY))),
        ("destination.label", Box::new(|q| q.destination.as_mut().unwrap().label = "あ".repeat(201))),
        ("destination.label", Box::new(|q| q.destination.as_mut().unwrap().label = "a\nb".to_owned())),
        ("party", Box::new(|q| q.party = None)),
        ("party", Box::new(|q| q.party = Some(Seats::default()))),
        ("party.seats", Box::new(|q| q.party = Some(Seats { seats: -1, wheelchairs: 1, ..Default::default() }))),
        ("party.wheelchairs", Box::new(|q| q.party = Some(Seats { seats: 1, wheelchairs: 256, ..Default::default() }))),
        ("wish", Box::new(|q| q.wish = None)),
        ("depart_after", Box::new(move |q| q.wish = Some(Wish::DepartAfter(window(1_775_080_000, 1_775_079_999))))),
        ("depart_after.earliest_time", Box::new(move |q| q.wish = Some(Wish::DepartAfter(window(0, 1_775_079_999))))),
        (
            "depart_after.latest_time",
            Box::new(move |q| q.wish = Some(Wish::DepartAfter(window(1_775_080_000, i64::MAX)))),
        ),
        ("arrive_by.latest_time", Box::new(|q| q.wish = Some(Wish::ArriveBy(TimeWindow::default())))),
        (
            "depart_after.earliest_time",
            Box::new(|q| {
                let earliest_time = Some(Timestamp { seconds: 1_775_080_000, nanos: -1 });
                q.wish = Some(Wish::DepartAfter(TimeWindow { earliest_time, latest_time: None }));
            }),
        ),
        ("rider", Box::new(|q| q.rider = "Yamada Taro".to_owned())),
        ("rider", Box::new(|q| q.rider = "line+".to_owned())),
        ("rider", Box::new(|q| q.rider = format!("line+{}", "x".repeat(251)))),
        ("channel", Box::new(|q| q.channel = 99)),
        ("max_offers", Box::new(|q| q.max_offers = -1)),
        ("request_id", Box::new(|q| q.request_id.clear())),
        ("request_id", Box::new(move |q| q.request_id = long.clone())),
        ("request_id", Box::new(|q| q.request_id = "予約".to_owned())),
    ];
    for (index, (field, spoil)) in rows.into_iter().enumerate() {
        let mut request = ride(&format!("q{index}"), Span::HOUR);
        spoil(&mut request);
        let status = house.bookings().quote(request.clone()).await.unwrap_err();
        assert_eq!((status.code(), reason(&status).as_str()), (Code::InvalidArgument, "INVALID_FIELD"), "{request:?}");
        assert_eq!(fields(&status), [field], "{request:?}");
    }
    let status = house.bookings().quote(pb::QuoteRequest::default()).await.unwrap_err();
    assert_eq!(fields(&status), ["request_id", "parent", "origin", "destination", "party", "wish"], "all at once");
    assert_eq!(revision(&house).await, before, "nothing changed");
    house.close().await;
}

#[tokio::test]
async fn every_field_of_the_other_booking_calls_is_judged() {
    let house = House::open().await;
    let booking = house.book(ride("q1", Span::HOUR)).await;
    let before = revision(&house).await;
    let mut client = house.bookings();
    let bad = |status: tonic::Status| {
        assert_eq!((status.code(), reason(&status).as_str()), (Code::InvalidArgument, "INVALID_FIELD"), "{status:?}");
        fields(&status)
    };
    assert_eq!(bad(client.get_offer(pb::GetOfferRequest::default()).await.unwrap_err()), ["name"]);
    assert_eq!(
        bad(client.confirm_offer(pb::ConfirmOfferRequest::default()).await.unwrap_err()),
        ["request_id", "name"]
    );
    let cancel = pb::CancelBookingRequest { reason: 77, etag: "e".repeat(65), ..Default::default() };
    assert_eq!(bad(client.cancel_booking(cancel).await.unwrap_err()), ["request_id", "name", "reason", "etag"]);
    let wrong = pb::GetBookingRequest { name: booking.offer.clone() };
    assert_eq!(bad(client.get_booking(wrong).await.unwrap_err()), ["name"]);
    let list = pb::ListBookingsRequest { parent: booking.name.clone(), page_size: -1, ..Default::default() };
    assert_eq!(bad(client.list_bookings(list).await.unwrap_err()), ["parent", "page_size"]);
    assert_eq!(bad(client.watch_booking(pb::WatchBookingRequest::default()).await.unwrap_err()), ["name"]);
    let list = area_pb::ListAreasRequest { page_size: -5, page_token: String::new() };
    assert_eq!(bad(house.area().list_areas(list).await.unwrap_err()), ["page_size"]);
    let watch = area_pb::WatchAreaRequest { name: "niue".to_owned(), resume_from_revision: -1 };
    assert_eq!(bad(house.area().watch_area(watch).await.unwrap_err()), ["name", "resume_from_revision"]);
    assert_eq!(revision(&house).await, before, "nothing changed");
    house.close().await;
}

#[tokio::test]
async fn every_field_of_the_fleet_calls_is_judged() {
    let house = House::open().await;
    let before = revision(&house).await;
    let mut client = house.fleet();
    let bad = |status: tonic::Status| {
        assert_eq!((status.code(), reason(&status).as_str()), (Code::InvalidArgument, "INVALID_FIELD"), "{status:?}");
        fields(&status)
    };
    let status = client.create_vehicle(fleet_pb::CreateVehicleRequest::default()).await.unwrap_err();
    assert_eq!(bad(status), ["request_id", "parent", "vehicle", "vehicle.area", "vehicle.capacity"]);
    let create = fleet_pb::CreateVehicleRequest {
        parent: "tenants/alofi".to_owned(),
        vehicle_id: "Bus 1".to_owned(),
        vehicle: Some(fleet_pb::Vehicle {
            area: AREA.to_owned(),
            display_name: "x".repeat(101),
            capacity: Some(Seats { seats: 101, wheelchairs: 0, ..Default::default() }),
            ..Default::default()
        }),
        request_id: "v1".to_owned(),
        ..Default::default()
    };
    let status = client.create_vehicle(create).await.unwrap_err();
    assert_eq!(bad(status), ["vehicle_id", "vehicle.display_name", "vehicle.capacity.seats"]);

    let shift = |start: Span, end: Span| fleet_pb::CreateShiftRequest {
        parent: VAN.to_owned(),
        shift_id: "s1".to_owned(),
        shift: Some(fleet_pb::Shift {
            start_place: place(ALOFI, ""),
            start_time: Some(timestamp(MORNING + start)),
            end_time: Some(timestamp(MORNING + end)),
            ..Default::default()
        }),
        request_id: "s1".to_owned(),
        ..Default::default()
    };
    for (start, end) in [(Span::HOUR, Span::ZERO), (Span::HOUR, Span::HOUR), (Span::ZERO, Span::HOUR * 25)] {
        assert_eq!(bad(client.create_shift(shift(start, end)).await.unwrap_err()), ["shift.end_time"]);
    }
    let mut off = shift(Span::ZERO, Span::HOUR);
    off.shift.as_mut().unwrap().start_place = place(SEA, "");
    let status = client.create_shift(off).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::InvalidArgument, "PLACE_OFF_ROAD"));

    let positions = fleet_pb::ReportPositionsRequest { vehicle: BUS.to_owned(), positions: Vec::new() };
    assert_eq!(bad(client.report_positions(positions).await.unwrap_err()), ["positions"]);
    let position = fleet_pb::Position { accuracy_meters: Some(-1), bearing_degrees: Some(360), ..Default::default() };
    let positions = fleet_pb::ReportPositionsRequest { vehicle: BUS.to_owned(), positions: vec![position] };
    assert_eq!(
        bad(client.report_positions(positions).await.unwrap_err()),
        ["point", "device_time", "sequence", "accuracy_meters", "bearing_degrees"]
            .map(|field| format!("positions[0].{field}"))
    );
    let stop = fleet_pb::DepartStopRequest { stop: format!("{BUS}/stops/7"), ..Default::default() };
    assert_eq!(bad(client.depart_stop(stop).await.unwrap_err()), ["request_id", "stop"]);
    let end = fleet_pb::ArriveStopRequest {
        stop: format!("{BUS}/stops/end"),
        request_id: "a".to_owned(),
        device_time: None,
        ..Default::default()
    };
    assert_eq!(bad(client.arrive_stop(end).await.unwrap_err()), ["stop"]);
    let board = fleet_pb::BoardBookingRequest::default();
    assert_eq!(bad(client.board_booking(board).await.unwrap_err()), ["request_id", "booking", "vehicle"]);
    let manifest = fleet_pb::GetManifestRequest { name: BUS.to_owned(), ..Default::default() };
    assert_eq!(bad(client.get_manifest(manifest).await.unwrap_err()), ["name"]);
    assert_eq!(revision(&house).await, before, "nothing changed");
    house.close().await;
}

async fn revision(house: &House) -> i64 {
    house.area().get_area(area_pb::GetAreaRequest { name: AREA.to_owned() }).await.unwrap().into_inner().revision
}

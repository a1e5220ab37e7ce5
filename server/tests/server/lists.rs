//! Lists that are filtered and ordered, and things read together.

use mukae_proto::transit::booking::v1 as pb;
use mukae_proto::transit::fleet::v1 as fleet_pb;
use mukae_proto::transit::operations::v1 as operations_pb;
use mukae_units::Span;
use serde_json::json;
use tonic::Code;

use crate::guarded::{Guarded, at_alofi, bearing};
use crate::support::*;

fn list(filter: &str, order_by: &str) -> pb::ListBookingsRequest {
    pb::ListBookingsRequest {
        parent: SERVICE.to_owned(),
        filter: filter.to_owned(),
        order_by: order_by.to_owned(),
        ..Default::default()
    }
}

#[tokio::test]
async fn bookings_are_found_by_what_they_are() {
    let house = House::open().await;
    let mut names = Vec::new();
    for (hour, label) in [(1, "clinic"), (3, "market"), (2, "clinic")] {
        let mut wish = ride(&format!("q{hour}"), Span::HOUR * hour);
        wish.destination = place(HAKUPU, label);
        names.push(house.book(wish).await.name);
    }
    let cancel = pb::CancelBookingRequest { name: names[1].clone(), request_id: "c1".to_owned(), ..Default::default() };
    house.bookings().cancel_booking(cancel).await.unwrap();
    let found = async |filter: &str, order: &str| {
        let page = house.bookings().list_bookings(list(filter, order)).await.unwrap().into_inner();
        let index = |booking: &pb::Booking| names.iter().position(|name| *name == booking.name).unwrap();
        page.bookings.iter().map(index).collect::<Vec<_>>()
    };
    assert_eq!(found("", "").await, [0, 1, 2]);
    assert_eq!(found("state = CANCELLED", "").await, [1]);
    assert_eq!(found("destination.label = clinic AND NOT state = CANCELLED", "").await, [0, 2]);
    assert_eq!(found("destination.label:lini OR state = CANCELLED", "pickup_time desc").await, [1, 2, 0]);
    assert_eq!(found("pickup_time >= \"2026-04-01T10:00:00-11:00\"", "").await, [1, 2]);
    assert_eq!(found("cancel_time:*", "").await, [1]);
    assert_eq!(found("persons > 1", "").await, [] as [usize; 0]);
    assert_eq!(found("channel = PHONE AND is_pinned = false", "destination.label, pickup_time desc").await, [2, 0, 1]);

    // a page is of its filter and order, and orders go on where they were
    let mut paged = pb::ListBookingsRequest { page_size: 2, ..list("", "pickup_time desc") };
    let first = house.bookings().list_bookings(paged.clone()).await.unwrap().into_inner();
    assert_eq!(first.bookings.iter().map(|b| &b.name).collect::<Vec<_>>(), [&names[1], &names[2]]);
    paged.page_token = first.next_page_token.clone();
    let second = house.bookings().list_bookings(paged.clone()).await.unwrap().into_inner();
    assert_eq!((second.bookings[0].name.as_str(), second.next_page_token.as_str()), (names[0].as_str(), ""));
    for (filter, order) in [("", "pickup_time"), ("state = CONFIRMED", "pickup_time desc"), ("", "")] {
        let other = pb::ListBookingsRequest { page_token: first.next_page_token.clone(), ..list(filter, order) };
        let status = house.bookings().list_bookings(other).await.unwrap_err();
        assert_eq!(reason(&status), "PAGE_TOKEN_INVALID", "{filter} {order}");
    }
    let status = house.bookings().list_bookings(list("stat = X", "nmae")).await.unwrap_err();
    assert_eq!(fields(&status), ["filter", "order_by"]);
    assert!(status.message().contains("at character 1: `stat` is no field of this list; there are: name, state,"));
    house.close().await;
}

#[tokio::test]
async fn vehicles_shifts_and_alerts_are_found_too() {
    let house = House::open().await;
    let vehicles = fleet_pb::ListVehiclesRequest {
        parent: "tenants/alofi".to_owned(),
        order_by: "capacity.seats, name desc".to_owned(),
        ..Default::default()
    };
    let listed = house.fleet().list_vehicles(vehicles.clone()).await.unwrap().into_inner().vehicles;
    assert_eq!(listed.iter().map(|v| v.name.as_str()).collect::<Vec<_>>(), [VAN, BUS]);
    let wide = fleet_pb::ListVehiclesRequest { filter: "capacity.wheelchairs > 0".to_owned(), ..vehicles };
    assert_eq!(house.fleet().list_vehicles(wide).await.unwrap().into_inner().vehicles[0].name, BUS);
    let shifts = fleet_pb::ListShiftsRequest {
        parent: BUS.to_owned(),
        filter: "state = PLANNED AND start_time > 2026-04-02T00:00:00-11:00".to_owned(),
        ..Default::default()
    };
    assert_eq!(house.fleet().list_shifts(shifts).await.unwrap().into_inner().shifts.len(), 1, "of today and tomorrow");
    house.clock.advance(Span::from_secs(5));
    let alerts = |filter: &str| operations_pb::ListAlertsRequest {
        parent: AREA.to_owned(),
        filter: filter.to_owned(),
        order_by: "raise_time desc".to_owned(),
        ..Default::default()
    };
    let late = house.operations().list_alerts(alerts("kind = LATE_PULL_OUT")).await.unwrap().into_inner().alerts;
    assert_eq!(late.len(), 1);
    let silent = house.operations().list_alerts(alerts("kind = SILENT_VEHICLE")).await.unwrap().into_inner().alerts;
    assert!(silent.is_empty());
    house.close().await;
}

#[tokio::test]
async fn a_batch_is_whole_or_nothing() {
    let house = House::open().await;
    let mut names = Vec::new();
    for hour in 1..4 {
        names.push(house.book(ride(&format!("q{hour}"), Span::HOUR * hour)).await.name);
    }
    let batch = |names: &[&String]| pb::BatchGetBookingsRequest {
        parent: SERVICE.to_owned(),
        names: names.iter().map(|name| (*name).clone()).collect(),
    };
    let read = house.bookings().batch_get_bookings(batch(&[&names[2], &names[0]])).await.unwrap().into_inner();
    assert_eq!(read.bookings.iter().map(|b| &b.name).collect::<Vec<_>>(), [&names[2], &names[0]]);
    let missing = format!("{SERVICE}/bookings/b999");
    let status = house.bookings().batch_get_bookings(batch(&[&names[0], &missing])).await.unwrap_err();
    assert_eq!((status.code(), metadata(&status, "name")), (Code::NotFound, missing));
    let elsewhere = "tenants/alofi/services/other/bookings/b1".to_owned();
    for (wrong, field) in [
        (batch(&[]), "names"),
        (batch(&[&names[0], &names[0]]), "names[1]"),
        (batch(&[&elsewhere]), "names[0]"),
        (batch(&[&"b1".to_owned()]), "names[0]"),
        (batch(&vec![&names[0]; 101]), "names"),
    ] {
        let status = house.bookings().batch_get_bookings(wrong).await.unwrap_err();
        assert_eq!(fields(&status), [field]);
    }
    let vehicles = fleet_pb::BatchGetVehiclesRequest {
        parent: "tenants/alofi".to_owned(),
        names: vec![VAN.to_owned(), BUS.to_owned()],
    };
    let read = house.fleet().batch_get_vehicles(vehicles).await.unwrap().into_inner().vehicles;
    assert_eq!(read.iter().map(|v| v.name.as_str()).collect::<Vec<_>>(), [VAN, BUS]);
    house.close().await;
}

/// A filter could ask about what is somebody else's, and a page token carry it.
#[tokio::test]
async fn filters_and_pages_tell_nothing_of_others() {
    let house = Guarded::open().await;
    let channel = house.channel().await;
    let desk = |tenant: &str| {
        let token = house.token("desk", json!({ "tenants": { tenant: ["operator"] } }));
        operations_pb::operations_service_client::OperationsServiceClient::new(bearing(channel.clone(), &token))
    };
    for (number, text) in ["a secret of alofi", "another"].into_iter().enumerate() {
        let send = operations_pb::SendMessageRequest {
            parent: AREA.to_owned(),
            message: Some(operations_pb::Message {
                recipient: BUS.to_owned(),
                text: text.to_owned(),
                ..Default::default()
            }),
            request_id: format!("m{number}"),
            ..Default::default()
        };
        desk("alofi").send_message(send).await.unwrap();
    }
    let list = |filter: &str| operations_pb::ListMessagesRequest {
        parent: AREA.to_owned(),
        page_size: 1,
        filter: filter.to_owned(),
        order_by: "text".to_owned(),
        ..Default::default()
    };
    let own = desk("alofi").list_messages(list("text:secret")).await.unwrap().into_inner();
    assert_eq!(own.messages.len(), 1);
    let all = desk("alofi").list_messages(list("")).await.unwrap().into_inner();
    assert!(!all.next_page_token.is_empty());
    for filter in ["text:secret", ""] {
        let other = desk("avatele").list_messages(list(filter)).await.unwrap().into_inner();
        assert_eq!(other, operations_pb::ListMessagesResponse::default(), "{filter}");
    }

    // riders find their own among their own
    let rider = |subject: &str| {
        let token = house.token(subject, at_alofi("rider"));
        pb::booking_service_client::BookingServiceClient::new(bearing(channel.clone(), &token))
    };
    let mut wish = ride("q1", Span::HOUR);
    wish.rider = String::new();
    let offer = offer_of(rider("rider-1").quote(wish).await.unwrap().into_inner());
    let booked = rider("rider-1").confirm_offer(confirm(&offer, "c1")).await.unwrap().into_inner();
    let confirmed = pb::ListBookingsRequest {
        parent: SERVICE.to_owned(),
        filter: "state = CONFIRMED".to_owned(),
        ..Default::default()
    };
    assert_eq!(rider("rider-1").list_bookings(confirmed.clone()).await.unwrap().into_inner().bookings.len(), 1);
    assert!(rider("rider-2").list_bookings(confirmed).await.unwrap().into_inner().bookings.is_empty());
    let batch = pb::BatchGetBookingsRequest { parent: SERVICE.to_owned(), names: vec![booked.name] };
    assert!(rider("rider-1").batch_get_bookings(batch.clone()).await.is_ok());
    assert_eq!(rider("rider-2").batch_get_bookings(batch).await.unwrap_err().code(), Code::PermissionDenied);
    house.close().await;
}

//! Vehicles that change and are taken out of service over the interface.

use std::path::Path;

use mukae_proto::transit::booking::v1 as booking_pb;
use mukae_proto::transit::fleet::v1 as pb;
use mukae_proto::transit::units::v1::{DrivenBy, SeatKind, Seats};
use mukae_server::{Config, Store};
use mukae_units::Span;
use prost_types::FieldMask;
use tonic::Code;

use crate::support::*;

const CAR: &str = "tenants/alofi/vehicles/car";

fn seats(seats: i32, wheelchairs: i32) -> Option<Seats> {
    Some(Seats { seats, wheelchairs, ..Default::default() })
}

fn car() -> pb::CreateVehicleRequest {
    pb::CreateVehicleRequest {
        parent: "tenants/alofi".to_owned(),
        vehicle_id: "car".to_owned(),
        vehicle: Some(pb::Vehicle {
            area: AREA.to_owned(),
            display_name: "3号車".to_owned(),
            capacity: seats(4, 0),
            other_configurations: vec![seats(2, 1).unwrap()],
            substitutions: vec![pb::Substitution { kind: SeatKind::ChildSeat as i32, may_use: SeatKind::Seat as i32 }],
            features: vec!["ramp".to_owned()],
            services: vec![SERVICE.to_owned()],
            driven_by: DrivenBy::Taxi as i32,
            ..Default::default()
        }),
        request_id: "v1".to_owned(),
        validate_only: false,
    }
}

fn update(name: &str, vehicle: pb::Vehicle, paths: &[&str], request_id: &str) -> pb::UpdateVehicleRequest {
    pb::UpdateVehicleRequest {
        vehicle: Some(pb::Vehicle { name: name.to_owned(), ..vehicle }),
        update_mask: Some(FieldMask { paths: paths.iter().map(|path| (*path).to_owned()).collect() }),
        request_id: request_id.to_owned(),
        validate_only: false,
    }
}

fn shift(request_id: &str) -> pb::CreateShiftRequest {
    pb::CreateShiftRequest {
        parent: CAR.to_owned(),
        shift_id: format!("s-{request_id}"),
        shift: Some(pb::Shift {
            start_place: place(ALOFI, "garage"),
            start_time: Some(timestamp(MORNING)),
            end_time: Some(timestamp(MORNING + Span::HOUR * 8)),
            ..Default::default()
        }),
        request_id: request_id.to_owned(),
        ..Default::default()
    }
}

#[tokio::test]
async fn a_vehicle_changes_with_its_riders() {
    let dir = tempfile::tempdir().unwrap();
    let journal = dir.path().join("journal");
    let house = House::open_in(journal.clone(), MORNING).await;
    let mut client = house.fleet();
    let made = client.create_vehicle(car()).await.unwrap().into_inner();
    let told = car().vehicle.unwrap();
    assert_eq!(
        (&made.other_configurations, &made.substitutions, &made.features, &made.services, made.driven_by()),
        (&told.other_configurations, &told.substitutions, &told.features, &told.services, DrivenBy::Taxi)
    );
    client.create_shift(shift("s1")).await.unwrap();
    // the ramp is there for those who need it
    let mut wish = ride("q1", Span::HOUR);
    wish.requirements = vec!["ramp".to_owned()];
    let booked = house.book(wish).await;
    assert_eq!(booked.vehicle, CAR);

    let fewer = pb::Vehicle { capacity: seats(3, 0), etag: made.etag.clone(), ..Default::default() };
    let stale = pb::Vehicle { etag: "00".to_owned(), ..fewer.clone() };
    let status = client.update_vehicle(update(CAR, stale, &["capacity"], "u0")).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::Aborted, "ETAG_MISMATCH"));
    let mut preview = update(CAR, fewer.clone(), &["capacity"], "u1");
    preview.validate_only = true;
    assert_eq!(client.update_vehicle(preview).await.unwrap().into_inner().capacity, seats(3, 0));
    let same = client.update_vehicle(update(CAR, fewer, &["capacity"], "u1")).await.unwrap().into_inner();
    assert_eq!((same.capacity, &same.other_configurations), (seats(3, 0), &told.other_configurations));

    // without the ramp the rider who needs one is staff's business, whom no other vehicle can take
    let bare = pb::Vehicle { display_name: "4号車".to_owned(), ..Default::default() };
    let changed =
        client.update_vehicle(update(CAR, bare, &["features", "display_name"], "u2")).await.unwrap().into_inner();
    assert!(changed.features.is_empty() && changed.display_name == "4号車");
    let request = booking_pb::GetBookingRequest { name: booked.name.clone() };
    let left = house.bookings().get_booking(request).await.unwrap().into_inner();
    assert_eq!(left.state(), booking_pb::booking::State::Unassigned);
    house.close().await;
    let house = House::open_in(journal, MORNING).await;
    let read = pb::GetVehicleRequest { name: CAR.to_owned() };
    let read = house.fleet().get_vehicle(read).await.unwrap().into_inner();
    assert_eq!((read.display_name.as_str(), read.capacity, read.driven_by()), ("4号車", seats(3, 0), DrivenBy::Taxi));
    house.close().await;
}

#[tokio::test]
async fn what_can_not_be_says_why() {
    let house = House::open().await;
    let mut client = house.fleet();
    client.create_vehicle(car()).await.unwrap();
    let of_file = client.update_vehicle(update(BUS, pb::Vehicle::default(), &["features"], "u1")).await.unwrap_err();
    assert_eq!((of_file.code(), reason(&of_file).as_str()), (Code::FailedPrecondition, "MANAGED_BY_FILE"));
    type Case<'c> = (&'c str, &'c [&'c str], pb::Vehicle);
    let blank = pb::Vehicle::default;
    let cases: &[Case<'_>] = &[
        ("vehicle.capacity", &["capacity"], blank()),
        ("vehicle.capacity.seats", &["capacity"], pb::Vehicle { capacity: seats(101, 0), ..blank() }),
        (
            "vehicle.other_configurations[0]",
            &["other_configurations"],
            pb::Vehicle { other_configurations: vec![seats(4, 0).unwrap()], ..blank() },
        ),
        ("vehicle.features[0]", &["features"], pb::Vehicle { features: vec!["Ramp".to_owned()], ..blank() }),
        ("vehicle.services[0]", &["services"], pb::Vehicle { services: vec![format!("{SERVICE}x")], ..blank() }),
        ("vehicle.zones", &["zones"], pb::Vehicle { zones: vec!["south".to_owned()], ..blank() }),
        ("vehicle.driven_by", &["driven_by"], pb::Vehicle { driven_by: 9, ..blank() }),
        (
            "vehicle.substitutions[0].may_use",
            &["substitutions"],
            pb::Vehicle { substitutions: vec![pb::Substitution { kind: 1, may_use: 0 }], ..blank() },
        ),
        ("update_mask", &["area"], blank()),
    ];
    for (field, mask, vehicle) in cases {
        let status = client.update_vehicle(update(CAR, vehicle.clone(), mask, "u2")).await.unwrap_err();
        assert_eq!(fields(&status), [*field], "{status:?}");
    }
    house.close().await;
}

#[tokio::test]
async fn who_is_on_board_stays_there() {
    let lets_go = CONFIG.replace("id = \"bus\"", "id = \"bus\"\nmanaged = \"api\"");
    let config = Config::parse(&lets_go, Path::new("")).unwrap();
    let house = House::open_with(config, Store::Configured, MORNING).await;
    let mut client = house.fleet();
    let booked = house.book(ride("q1", Span::ZERO)).await;
    let list = pb::ListShiftsRequest { parent: BUS.to_owned(), ..Default::default() };
    let shift = client.list_shifts(list).await.unwrap().into_inner().shifts.remove(0).name;
    let open = pb::OpenShiftRequest { name: shift, request_id: "o1".to_owned(), ..Default::default() };
    client.open_shift(open).await.unwrap();
    let manifest = pb::GetManifestRequest { name: format!("{BUS}/manifest"), ..Default::default() };
    let stop = client.get_manifest(manifest).await.unwrap().into_inner().stops.remove(0).name;
    let arrive = pb::ArriveStopRequest { stop, request_id: "a1".to_owned(), ..Default::default() };
    client.arrive_stop(arrive).await.unwrap();
    let board = pb::BoardBookingRequest {
        booking: booked.name,
        vehicle: BUS.to_owned(),
        request_id: "b1".to_owned(),
        ..Default::default()
    };
    client.board_booking(board).await.unwrap();
    let no_seats = pb::Vehicle { capacity: seats(0, 1), ..Default::default() };
    let status = client.update_vehicle(update(BUS, no_seats, &["capacity"], "u1")).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::FailedPrecondition, "RIDERS_ON_BOARD"));
    house.close().await;
}

#[tokio::test]
async fn a_retired_vehicle_gets_no_more_shifts() {
    let dir = tempfile::tempdir().unwrap();
    let journal = dir.path().join("journal");
    let house = House::open_in(journal.clone(), MORNING).await;
    let mut client = house.fleet();
    client.create_vehicle(car()).await.unwrap();
    let planned = client.create_shift(shift("s1")).await.unwrap().into_inner().name;
    let retire = |name: &str, id: &str| pb::RetireVehicleRequest {
        name: name.to_owned(),
        request_id: id.to_owned(),
        validate_only: false,
    };
    let in_use = client.retire_vehicle(retire(CAR, "r1")).await.unwrap_err();
    assert_eq!((reason(&in_use).as_str(), metadata(&in_use, "shift")), ("VEHICLE_IN_USE", planned.clone()));
    assert_eq!(reason(&client.retire_vehicle(retire(BUS, "r1")).await.unwrap_err()), "MANAGED_BY_FILE");
    let close = pb::CloseShiftRequest { name: planned, request_id: "c1".to_owned(), ..Default::default() };
    client.close_shift(close).await.unwrap();
    let gone = client.retire_vehicle(retire(CAR, "r1")).await.unwrap().into_inner();
    assert_eq!(gone.state(), pb::vehicle::State::Retired);
    assert_eq!(client.retire_vehicle(retire(CAR, "r1")).await.unwrap().into_inner(), gone);
    assert_eq!(reason(&client.retire_vehicle(retire(CAR, "r2")).await.unwrap_err()), "ALREADY_SO");
    house.close().await;
    let house = House::open_in(journal, MORNING).await;
    let status = house.fleet().create_shift(shift("s2")).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::FailedPrecondition, "OUT_OF_SERVICE"));
    let update = update(CAR, pb::Vehicle { capacity: seats(1, 0), ..Default::default() }, &["capacity"], "u1");
    assert_eq!(reason(&house.fleet().update_vehicle(update).await.unwrap_err()), "OUT_OF_SERVICE");
    let list = pb::ListVehiclesRequest {
        parent: "tenants/alofi".to_owned(),
        filter: "state != RETIRED".to_owned(),
        ..Default::default()
    };
    assert_eq!(house.fleet().list_vehicles(list).await.unwrap().into_inner().vehicles.len(), 2);
    house.close().await;
}

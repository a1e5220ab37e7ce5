//! A driver's day: the shift, a ride from the departure to the last dropoff, and what does not fit.

use mukae_proto::transit::booking::v1 as pb;
use mukae_proto::transit::fleet::v1 as fleet_pb;
use mukae_units::Span;
use pb::booking::State;
use prost::Message;
use tonic::{Code, Status};

use mukae_server::Clock;

use crate::support::*;

/// A driver who does what the manifest says.
struct Driver<'h> {
    house: &'h House,
    calls: u32,
}

impl Driver<'_> {
    fn request_id(&mut self) -> String {
        self.calls += 1;
        format!("driver-{}", self.calls)
    }

    async fn manifest(&self) -> fleet_pb::Manifest {
        let request = fleet_pb::GetManifestRequest { name: format!("{BUS}/manifest"), ..Default::default() };
        self.house.fleet().get_manifest(request).await.unwrap().into_inner()
    }

    async fn open(&mut self, shift: &str) -> fleet_pb::Shift {
        let request = fleet_pb::OpenShiftRequest {
            name: shift.to_owned(),
            request_id: self.request_id(),
            device_time: None,
            ..Default::default()
        };
        self.house.fleet().open_shift(request).await.unwrap().into_inner()
    }

    async fn depart(&mut self, stop: &str) -> Result<fleet_pb::Manifest, Status> {
        let request = fleet_pb::DepartStopRequest {
            stop: stop.to_owned(),
            request_id: self.request_id(),
            device_time: None,
            ..Default::default()
        };
        Ok(self.house.fleet().depart_stop(request).await?.into_inner())
    }

    async fn arrive(&mut self, stop: &str) -> Result<fleet_pb::Manifest, Status> {
        let request = fleet_pb::ArriveStopRequest {
            stop: stop.to_owned(),
            request_id: self.request_id(),
            device_time: None,
            ..Default::default()
        };
        Ok(self.house.fleet().arrive_stop(request).await?.into_inner())
    }

    async fn board(&mut self, booking: &str) -> Result<fleet_pb::Manifest, Status> {
        let request = fleet_pb::BoardBookingRequest {
            booking: booking.to_owned(),
            vehicle: BUS.to_owned(),
            request_id: self.request_id(),
            device_time: None,
            ..Default::default()
        };
        Ok(self.house.fleet().board_booking(request).await?.into_inner())
    }

    async fn alight(&mut self, booking: &str) -> Result<fleet_pb::Manifest, Status> {
        let request = fleet_pb::AlightBookingRequest {
            booking: booking.to_owned(),
            vehicle: BUS.to_owned(),
            request_id: self.request_id(),
            device_time: None,
            ..Default::default()
        };
        Ok(self.house.fleet().alight_booking(request).await?.into_inner())
    }

    async fn no_show(&mut self, booking: &str) -> Result<fleet_pb::Manifest, Status> {
        let request = fleet_pb::ReportNoShowRequest {
            booking: booking.to_owned(),
            vehicle: BUS.to_owned(),
            request_id: self.request_id(),
            device_time: None,
            ..Default::default()
        };
        Ok(self.house.fleet().report_no_show(request).await?.into_inner())
    }
}

async fn state(house: &House, name: &str) -> State {
    let request = pb::GetBookingRequest { name: name.to_owned() };
    house.bookings().get_booking(request).await.unwrap().into_inner().state()
}

#[tokio::test]
async fn a_ride_is_driven_from_the_garage_to_the_last_dropoff() {
    let house = House::open().await;
    let booking = house.book(ride("q1", Span::HOUR)).await;
    let mut driver = Driver { house: &house, calls: 0 };
    let manifest = driver.manifest().await;
    assert_eq!(manifest.stops.len(), 3, "pickup, dropoff, end of shift: {manifest:?}");
    assert_eq!(manifest.stops[2].kind(), fleet_pb::stop::Kind::ShiftEnd);
    let (pickup, dropoff) = (manifest.stops[0].clone(), manifest.stops[1].clone());
    assert_eq!(
        (pickup.pickups[0].booking.as_str(), dropoff.dropoffs[0].booking.as_str()),
        (booking.name.as_str(), booking.name.as_str())
    );
    assert_eq!(pickup.place.as_ref().unwrap().label, "Town hall");

    let status = driver.depart(&pickup.name).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::FailedPrecondition, "NO_OPEN_SHIFT"));
    let shift = driver.open(&manifest.shift).await;
    assert_eq!((shift.state(), time(&shift.open_time)), (fleet_pb::shift::State::Open, MORNING));

    house.clock.raise_to(time(&manifest.leave_time));
    let manifest = driver.depart(&pickup.name).await.unwrap();
    assert_eq!(manifest.current_leg.as_ref().unwrap().stop, pickup.name);
    assert_eq!(state(&house, &booking.name).await, State::EnRoute);
    assert_eq!(reason(&driver.depart(&pickup.name).await.unwrap_err()), "ALREADY_UNDER_WAY");
    let status = driver.board(&booking.name).await.unwrap_err();
    assert_eq!(reason(&status), "NOT_AT_STOP");

    house.clock.raise_to(time(&manifest.stops[0].arrive_time));
    let manifest = driver.arrive(&pickup.name).await.unwrap();
    assert!(manifest.stops[0].is_arrived);
    assert_eq!(state(&house, &booking.name).await, State::Arrived);
    let status = driver.no_show(&booking.name).await.unwrap_err();
    assert_eq!(reason(&status), "NO_SHOW_TOO_EARLY");
    assert!(metadata(&status, "earliest_time").starts_with("2026-04-01T"));
    house.clock.advance(Span::MINUTE);
    let manifest = driver.board(&booking.name).await.unwrap();
    assert_eq!((manifest.stops.len(), manifest.load.unwrap().seats), (2, 1));
    assert_eq!(state(&house, &booking.name).await, State::Boarded);
    let cancel =
        pb::CancelBookingRequest { name: booking.name.clone(), request_id: "x".to_owned(), ..Default::default() };
    let status = house.bookings().cancel_booking(cancel).await.unwrap_err();
    assert_eq!((reason(&status).as_str(), metadata(&status, "state")), ("WRONG_BOOKING_STATE", "BOARDED".to_owned()));
    let close =
        fleet_pb::CloseShiftRequest { name: shift.name.clone(), request_id: "close".to_owned(), ..Default::default() };
    assert_eq!(reason(&house.fleet().close_shift(close.clone()).await.unwrap_err()), "RIDERS_ON_BOARD");

    let manifest = driver.depart(&dropoff.name).await.unwrap();
    let leg = manifest.current_leg.clone().unwrap();
    assert!(leg.path.len() > 2, "a path along the roads: {leg:?}");
    house.clock.raise_to(time(&manifest.stops[0].arrive_time));
    driver.arrive(&dropoff.name).await.unwrap();
    house.clock.advance(Span::from_secs(30));
    let manifest = driver.alight(&booking.name).await.unwrap();
    assert_eq!(manifest.stops.len(), 1);
    assert_eq!(state(&house, &booking.name).await, State::Alighted);

    let closed = house.fleet().close_shift(close.clone()).await.unwrap().into_inner();
    assert_eq!(closed.state(), fleet_pb::shift::State::Closed);
    assert_eq!(house.fleet().close_shift(close).await.unwrap().into_inner(), closed, "the same id, the same answer");
    let read = fleet_pb::GetShiftRequest { name: shift.name };
    assert_eq!(house.fleet().get_shift(read).await.unwrap().into_inner(), closed, "ended shifts can still be read");
    let ended = house.bookings().get_booking(pb::GetBookingRequest { name: booking.name }).await.unwrap().into_inner();
    assert_eq!(ended.vehicle, BUS, "and name the vehicle of a ride");
    assert!(time(&ended.board_time) < time(&ended.alight_time));
    house.close().await;
}

#[tokio::test]
async fn who_does_not_come_is_given_up_in_time() {
    let house = House::open().await;
    let booking = house.book(ride("q1", Span::HOUR)).await;
    let mut driver = Driver { house: &house, calls: 0 };
    let manifest = driver.manifest().await;
    driver.open(&manifest.shift).await;
    let pickup = manifest.stops[0].name.clone();
    house.clock.raise_to(time(&manifest.stops[0].arrive_time));
    driver.arrive(&pickup).await.unwrap();
    let earliest = metadata(&driver.no_show(&booking.name).await.unwrap_err(), "earliest_time");
    let earliest: jiff::Timestamp = earliest.parse().unwrap();
    house.clock.raise_to(mukae_units::Time::from_unix_millis(earliest.as_millisecond()));
    let manifest = driver.no_show(&booking.name).await.unwrap();
    assert_eq!(manifest.stops.len(), 1);
    assert_eq!(state(&house, &booking.name).await, State::NoShow);
    house.close().await;
}

#[tokio::test]
async fn a_driver_with_an_old_manifest_is_shown_the_new_one() {
    let house = House::open().await;
    let first = house.book(ride("q1", Span::HOUR * 3)).await;
    let mut driver = Driver { house: &house, calls: 0 };
    let old = driver.manifest().await;
    driver.open(&old.shift).await;
    let mut sooner = ride("q2", Span::from_mins(30));
    sooner.origin = place(AIRPORT, "Airport");
    house.book(sooner).await;
    let status = driver.depart(&old.stops[0].name).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::FailedPrecondition, "PLAN_CHANGED"));
    let details = tonic_types::Status::decode(status.details()).unwrap().details;
    let detail = details.iter().find(|any| any.type_url.ends_with("/transit.fleet.v1.Manifest")).unwrap();
    let manifest = fleet_pb::Manifest::decode(detail.value.as_slice()).unwrap();
    assert_eq!(manifest.stops.len(), 5);
    assert_eq!(manifest.stops[0].place.as_ref().unwrap().label, "Airport");

    let request = fleet_pb::BoardBookingRequest {
        booking: first.name,
        vehicle: VAN.to_owned(),
        request_id: "wrong car".replace(' ', "-"),
        device_time: None,
        ..Default::default()
    };
    let status = house.fleet().board_booking(request).await.unwrap_err();
    assert_eq!((reason(&status).as_str(), metadata(&status, "vehicle")), ("OTHER_VEHICLE", BUS.to_owned()));
    house.close().await;
}

#[tokio::test]
async fn vehicles_and_shifts_are_made_once() {
    use mukae_proto::transit::units::v1::Seats;
    let house = House::open().await;
    let create = fleet_pb::CreateVehicleRequest {
        parent: "tenants/alofi".to_owned(),
        vehicle_id: "taxi".to_owned(),
        vehicle: Some(fleet_pb::Vehicle {
            area: AREA.to_owned(),
            display_name: "青い車".to_owned(),
            capacity: Some(Seats { seats: 3, wheelchairs: 0, ..Default::default() }),
            ..Default::default()
        }),
        request_id: "v1".to_owned(),
        ..Default::default()
    };
    let taxi = house.fleet().create_vehicle(create.clone()).await.unwrap().into_inner();
    assert_eq!((taxi.name.as_str(), taxi.display_name.as_str()), ("tenants/alofi/vehicles/taxi", "青い車"));
    assert_eq!(house.fleet().create_vehicle(create.clone()).await.unwrap().into_inner(), taxi);
    let other = fleet_pb::CreateVehicleRequest { request_id: "v2".to_owned(), ..create.clone() };
    let status = house.fleet().create_vehicle(other).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::AlreadyExists, "RESOURCE_EXISTS"));
    let mut foreign =
        fleet_pb::CreateVehicleRequest { request_id: "v3".to_owned(), vehicle_id: String::new(), ..create };
    foreign.vehicle.as_mut().unwrap().area = "areas/tonga".to_owned();
    assert_eq!(house.fleet().create_vehicle(foreign).await.unwrap_err().code(), Code::NotFound);
    let list = fleet_pb::ListVehiclesRequest { parent: "tenants/alofi".to_owned(), ..Default::default() };
    let vehicles = house.fleet().list_vehicles(list).await.unwrap().into_inner().vehicles;
    assert_eq!(
        vehicles.iter().map(|vehicle| vehicle.name.as_str()).collect::<Vec<_>>(),
        [BUS, VAN, taxi.name.as_str()]
    );
    assert_eq!(vehicles[0].display_name, "1号車");

    let shift = fleet_pb::CreateShiftRequest {
        parent: taxi.name.clone(),
        shift_id: String::new(),
        shift: Some(fleet_pb::Shift {
            start_place: place(AIRPORT, "Airport"),
            start_time: Some(timestamp(MORNING + Span::HOUR)),
            end_time: Some(timestamp(MORNING + Span::HOUR * 5)),
            ..Default::default()
        }),
        request_id: "s1".to_owned(),
        ..Default::default()
    };
    let planned = house.fleet().create_shift(shift.clone()).await.unwrap().into_inner();
    assert_eq!(
        house.fleet().create_shift(shift.clone()).await.unwrap().into_inner(),
        planned,
        "with a made-up id, too"
    );
    let overlapping = fleet_pb::CreateShiftRequest { request_id: "s2".to_owned(), ..shift.clone() };
    let status = house.fleet().create_shift(overlapping).await.unwrap_err();
    assert_eq!((reason(&status).as_str(), metadata(&status, "shift")), ("SHIFT_OVERLAPS", planned.name.clone()));
    let list = fleet_pb::ListShiftsRequest { parent: taxi.name, ..Default::default() };
    assert_eq!(house.fleet().list_shifts(list).await.unwrap().into_inner().shifts, [planned]);
    let list = fleet_pb::ListShiftsRequest { parent: BUS.to_owned(), ..Default::default() };
    let regular = house.fleet().list_shifts(list).await.unwrap().into_inner().shifts;
    let names: Vec<&str> = regular.iter().map(|shift| shift.name.rsplit('/').next().unwrap()).collect();
    assert_eq!(names, ["s-20260401-0700", "s-20260402-0700"], "today and one day ahead");
    house.clock.advance(Span::DAY);
    let list = fleet_pb::ListShiftsRequest { parent: BUS.to_owned(), ..Default::default() };
    let regular = house.fleet().list_shifts(list).await.unwrap().into_inner().shifts;
    assert_eq!(regular.last().unwrap().name.rsplit('/').next().unwrap(), "s-20260403-0700", "each day anew");
    house.close().await;
}

#[tokio::test]
async fn positions_are_taken_once_and_in_order() {
    let house = House::open().await;
    let report = |sequence: i64, secs: i64| fleet_pb::Position {
        point: Some(mukae_proto::google::r#type::LatLng { latitude: AIRPORT.0, longitude: AIRPORT.1 }),
        device_time: Some(timestamp(MORNING + Span::from_secs(secs))),
        sequence,
        ..Default::default()
    };
    let batch = |positions| fleet_pb::ReportPositionsRequest { vehicle: BUS.to_owned(), positions };
    let taken = house.fleet().report_positions(batch(vec![report(2, 2), report(1, 1)])).await.unwrap().into_inner();
    assert_eq!((taken.accepted_count, taken.ignored_count, taken.last_sequence), (2, 0, 2));
    let taken = house.fleet().report_positions(batch(vec![report(2, 2), report(3, 120)])).await.unwrap().into_inner();
    assert_eq!((taken.accepted_count, taken.ignored_count, taken.last_sequence), (0, 2, 2));
    let request = fleet_pb::GetVehicleRequest { name: BUS.to_owned() };
    let vehicle = house.fleet().get_vehicle(request).await.unwrap().into_inner();
    assert_eq!(vehicle.position.unwrap().sequence, 2);
    house.close().await;
}

#[tokio::test]
async fn a_device_keeps_a_line_open_for_its_positions() {
    let house = House::open().await;
    let report = |sequence: i64| fleet_pb::Position {
        point: Some(mukae_proto::google::r#type::LatLng { latitude: AIRPORT.0, longitude: AIRPORT.1 }),
        device_time: Some(timestamp(MORNING + Span::from_secs(sequence))),
        sequence,
        ..Default::default()
    };
    let batch = |positions| fleet_pb::StreamPositionsRequest { vehicle: BUS.to_owned(), positions };
    let (line, batches) = tokio::sync::mpsc::channel(4);
    let batches = tokio_stream::wrappers::ReceiverStream::new(batches);
    let mut told = house.fleet().stream_positions(batches).await.unwrap().into_inner();
    // each batch is answered while the line stays open
    for (positions, expected) in [(vec![report(1), report(2)], (2, 0, 2)), (vec![report(2), report(3)], (1, 1, 3))] {
        line.send(batch(positions)).await.unwrap();
        let taken = told.message().await.unwrap().unwrap();
        assert_eq!((taken.accepted_count, taken.ignored_count, taken.last_sequence), expected);
    }
    // what is wrong ends it, and what came before it stays
    line.send(batch(vec![report(0)])).await.unwrap();
    assert_eq!(fields(&told.message().await.unwrap_err()), ["positions[0].sequence"]);
    let request = fleet_pb::GetVehicleRequest { name: BUS.to_owned() };
    let vehicle = house.fleet().get_vehicle(request).await.unwrap().into_inner();
    assert_eq!(vehicle.position.unwrap().sequence, 3);

    // a device that ends it is told so
    let (line, batches) = tokio::sync::mpsc::channel(4);
    let batches = tokio_stream::wrappers::ReceiverStream::new(batches);
    let mut told = house.fleet().stream_positions(batches).await.unwrap().into_inner();
    line.send(batch(vec![report(4)])).await.unwrap();
    assert_eq!(told.message().await.unwrap().unwrap().last_sequence, 4);
    drop(line);
    assert_eq!(told.message().await.unwrap(), None);
    house.close().await;
}

//! Private drives declared for many days: each day a shift, once, over restarts and changes.

use std::path::Path;

use mukae_proto::transit::booking::v1 as booking_pb;
use mukae_proto::transit::fleet::v1 as pb;
use mukae_server::{Config, Store};
use mukae_units::Span;
use pb::cancel_trip_declaration_request::Scope;
use prost_types::FieldMask;
use serde_json::json;
use tonic::Code;

use crate::guarded::{Guarded, bearing};
use crate::support::*;

const AMI: &str = "tenants/alofi/drivers/ami";
const TRIP: &str = "tenants/alofi/declaredTrips/to-hakupu";

/// From Alofi to Hakupu at nine, on weekdays, from Wednesday the first of April on.
fn trip() -> pb::TripDeclaration {
    pb::TripDeclaration {
        driver: AMI.to_owned(),
        vehicle: VAN.to_owned(),
        from_place: place(ALOFI, "home"),
        to_place: place(HAKUPU, "work"),
        leave: "09:00".to_owned(),
        arrive: "10:00".to_owned(),
        days: ["mon", "tue", "wed", "thu", "fri"].map(str::to_owned).to_vec(),
        seats: Some(2),
        ..Default::default()
    }
}

fn create(trip: pb::TripDeclaration, request_id: &str) -> pb::CreateTripDeclarationRequest {
    pb::CreateTripDeclarationRequest {
        parent: "tenants/alofi".to_owned(),
        trip_declaration_id: "to-hakupu".to_owned(),
        trip_declaration: Some(trip),
        request_id: request_id.to_owned(),
        validate_only: false,
    }
}

fn update(trip: pb::TripDeclaration, paths: &[&str], from: &str, id: &str) -> pb::UpdateTripDeclarationRequest {
    pb::UpdateTripDeclarationRequest {
        trip_declaration: Some(pb::TripDeclaration { name: TRIP.to_owned(), ..trip }),
        update_mask: Some(FieldMask { paths: paths.iter().map(|path| (*path).to_owned()).collect() }),
        effective_date: from.to_owned(),
        request_id: id.to_owned(),
        validate_only: false,
    }
}

fn cancel(scope: Option<Scope>, request_id: &str) -> pb::CancelTripDeclarationRequest {
    pb::CancelTripDeclarationRequest {
        name: TRIP.to_owned(),
        scope,
        request_id: request_id.to_owned(),
        ..Default::default()
    }
}

fn get() -> pb::GetTripDeclarationRequest {
    pb::GetTripDeclarationRequest { name: TRIP.to_owned() }
}

/// The last parts of names.
fn ids(trip: &pb::TripDeclaration) -> Vec<&str> {
    trip.shifts.iter().map(|shift| shift.rsplit('/').next().unwrap()).collect()
}

/// Riders book a week ahead.
fn config(journal: Option<&Path>) -> Config {
    let text = CONFIG.replace("display_name = \"Alofi ride\"", "display_name = \"Alofi ride\"\nhorizon = \"7 days\"");
    let driver = "\n[[driver]]\ntenant = \"alofi\"\nid = \"ami\"\nkind = \"employed\"\n";
    let mut config = Config::parse(&format!("{text}{driver}"), Path::new("")).unwrap();
    config.journal.dir = journal.map(Path::to_owned);
    config
}

async fn open(journal: &Path, after: Span) -> House {
    House::open_with(config(Some(journal)), Store::Configured, MORNING + after).await
}

/// The van's shifts that are there, closed ones too: how many, and how many that are not.
async fn shifts_of_van(house: &House) -> (usize, usize) {
    let list = pb::ListShiftsRequest { parent: VAN.to_owned(), ..Default::default() };
    let shifts = house.fleet().list_shifts(list).await.unwrap().into_inner().shifts;
    let live = shifts.iter().filter(|shift| shift.state() != pb::shift::State::Closed).count();
    (shifts.len(), live)
}

#[tokio::test]
async fn each_day_is_planned_once_as_far_as_riders_can_book() {
    let dir = tempfile::tempdir().unwrap();
    let journal = dir.path().join("journal");
    let house = open(&journal, Span::ZERO).await;
    let made = house.drivers().create_trip_declaration(create(trip(), "t1")).await.unwrap().into_inner();
    // eight days from Wednesday on, without the weekend
    let week = ["01", "02", "03", "06", "07", "08", "09"].map(|day| format!("to-hakupu-202604{day}"));
    assert_eq!(ids(&made), week);
    assert_eq!((made.state(), made.version, made.problems.len()), (pb::trip_declaration::State::Active, 1, 0));
    assert_eq!((made.tier(), made.detour_max_meters), (pb::ConsentTier::T3, Some(5000)), "what was left out is said");
    let again = house.drivers().create_trip_declaration(create(trip(), "t1")).await.unwrap().into_inner();
    assert_eq!(again, made);
    assert_eq!(shifts_of_van(&house).await, (7, 7));
    house.close().await;

    let house = open(&journal, Span::MINUTE).await;
    assert_eq!(house.drivers().get_trip_declaration(get()).await.unwrap().into_inner(), made);
    assert_eq!(shifts_of_van(&house).await, (7, 7), "a restart plans nothing anew");
    // midnight brings the next day, also where the server slept over it
    house.clock.advance(Span::DAY);
    let later = house.drivers().get_trip_declaration(get()).await.unwrap().into_inner();
    assert!(later.shifts.last().unwrap().ends_with("to-hakupu-20260410"), "{later:?}");
    house.close().await;
    let house = open(&journal, Span::DAY * 5).await;
    let later = house.drivers().get_trip_declaration(get()).await.unwrap().into_inner();
    assert!(later.shifts.last().unwrap().ends_with("to-hakupu-20260414"), "{later:?}");
    // a shift that its driver closed is not planned again
    let first = later.shifts[0].clone();
    let close = pb::CloseShiftRequest { name: first.clone(), request_id: "c1".to_owned(), ..Default::default() };
    house.fleet().close_shift(close).await.unwrap();
    house.close().await;
    let house = open(&journal, Span::DAY * 5 + Span::MINUTE).await;
    let left = house.drivers().get_trip_declaration(get()).await.unwrap().into_inner();
    assert!(!left.shifts.contains(&first) && left.problems.is_empty(), "{left:?}");
    house.close().await;
}

#[tokio::test]
async fn a_change_from_a_date_on_takes_its_riders_along() {
    let dir = tempfile::tempdir().unwrap();
    let journal = dir.path().join("journal");
    let house = open(&journal, Span::ZERO).await;
    // only neighbours drive
    let list = pb::ListShiftsRequest { parent: BUS.to_owned(), ..Default::default() };
    for (index, shift) in house.fleet().list_shifts(list).await.unwrap().into_inner().shifts.into_iter().enumerate() {
        let close = pb::CloseShiftRequest { name: shift.name, request_id: format!("c{index}"), ..Default::default() };
        house.fleet().close_shift(close).await.unwrap();
    }
    let made = house.drivers().create_trip_declaration(create(trip(), "t1")).await.unwrap().into_inner();
    let booked = house.book(ride("q1", Span::DAY + Span::HOUR)).await;
    assert_eq!(booked.vehicle, VAN);

    // ten minutes later from Thursday on: Wednesday stays
    let mut later = pb::TripDeclaration { leave: "09:10".to_owned(), arrive: "10:10".to_owned(), ..Default::default() };
    later.etag = made.etag.clone();
    let mut rehearsed = update(later.clone(), &["leave", "arrive"], "2026-04-02", "u1");
    rehearsed.validate_only = true;
    let rehearsed = house.drivers().update_trip_declaration(rehearsed).await.unwrap().into_inner();
    assert_eq!(ids(&rehearsed)[..2], ["to-hakupu-20260401", "to-hakupu-20260402-2"]);
    assert_eq!(house.drivers().get_trip_declaration(get()).await.unwrap().into_inner(), made, "nothing was done");
    let change = update(later.clone(), &["leave", "arrive"], "2026-04-02", "u1");
    let changed = house.drivers().update_trip_declaration(change).await.unwrap().into_inner();
    assert_eq!((changed.version, changed.effective_date.as_str(), changed.leave.as_str()), (2, "2026-04-02", "09:10"));
    assert_eq!(ids(&changed), ids(&rehearsed));
    assert_eq!(changed.shifts.len(), 7);
    let request = booking_pb::GetBookingRequest { name: booked.name.clone() };
    let moved = house.bookings().get_booking(request).await.unwrap().into_inner();
    assert_eq!((moved.state(), moved.vehicle.as_str()), (booking_pb::booking::State::Confirmed, VAN), "{moved:?}");
    assert_eq!(moved.promise, booked.promise);
    let stale = update(later, &["leave"], "", "u2");
    let stale = house.drivers().update_trip_declaration(stale).await.unwrap_err();
    assert_eq!((stale.code(), reason(&stale).as_str()), (Code::Aborted, "ETAG_MISMATCH"));

    // back again: days are counted on, so that none is taken for the one that was closed
    let back = pb::TripDeclaration { leave: "09:00".to_owned(), arrive: "10:00".to_owned(), ..Default::default() };
    let back = update(back, &["leave", "arrive"], "2026-04-03", "u3");
    let back = house.drivers().update_trip_declaration(back).await.unwrap().into_inner();
    assert_eq!(ids(&back)[..3], ["to-hakupu-20260401", "to-hakupu-20260402-2", "to-hakupu-20260403-3"]);
    house.close().await;
    let house = open(&journal, Span::MINUTE).await;
    assert_eq!(house.drivers().get_trip_declaration(get()).await.unwrap().into_inner(), back);
    house.close().await;
}

#[tokio::test]
async fn one_day_is_cancelled_or_all() {
    let house = House::open_with(config(None), Store::Configured, MORNING).await;
    let mut client = house.drivers();
    let mut told = trip();
    told.also_on = vec!["2026-04-04 to 2026-04-05".to_owned()];
    told.last = "2026-04-06".to_owned();
    told.shifted =
        vec![pb::ShiftedTrip { date: "2026-04-03".to_owned(), leave: "11:00".to_owned(), arrive: "12:00".to_owned() }];
    let made = client.create_trip_declaration(create(told, "t1")).await.unwrap().into_inner();
    let days = ["01", "02", "03", "04", "05", "06"].map(|day| format!("to-hakupu-202604{day}"));
    assert_eq!(ids(&made), days);
    let shift = pb::GetShiftRequest { name: made.shifts[2].clone() };
    let shifted = house.fleet().get_shift(shift).await.unwrap().into_inner();
    assert_eq!(time(&shifted.start_time), MORNING + Span::DAY * 2 + Span::HOUR * 3);

    let day = |day: &str| Some(Scope::Date(format!("2026-04-{day}")));
    let without = client.cancel_trip_declaration(cancel(day("02"), "x1")).await.unwrap().into_inner();
    assert_eq!(ids(&without), ["01", "03", "04", "05", "06"].map(|day| format!("to-hakupu-202604{day}")));
    let without = client.cancel_trip_declaration(cancel(day("04"), "x2")).await.unwrap().into_inner();
    assert_eq!(
        (without.also_on[0].as_str(), &without.not_on[..]),
        ("2026-04-05", &["2026-04-02", "2026-04-04"].map(str::to_owned)[..])
    );
    assert_eq!(ids(&without), ["01", "03", "05", "06"].map(|day| format!("to-hakupu-202604{day}")));
    let again = client.cancel_trip_declaration(cancel(day("04"), "x3")).await.unwrap_err();
    assert_eq!(reason(&again), "ALREADY_SO");
    // a later change keeps what was cancelled
    let fewer = pb::TripDeclaration { seats: Some(1), ..Default::default() };
    let fewer =
        client.update_trip_declaration(update(fewer, &["seats"], "2026-04-05", "u1")).await.unwrap().into_inner();
    assert_eq!(
        ids(&fewer),
        ["to-hakupu-20260401", "to-hakupu-20260403", "to-hakupu-20260405-2", "to-hakupu-20260406-2"]
    );

    let from = Some(Scope::FromDate("2026-04-03".to_owned()));
    let ending = client.cancel_trip_declaration(cancel(from, "x4")).await.unwrap().into_inner();
    assert_eq!((ids(&ending), ending.state()), (vec!["to-hakupu-20260401"], pb::trip_declaration::State::Active));
    assert_eq!(ending.effective_date, "2026-04-03");
    let over = client.cancel_trip_declaration(cancel(None, "x5")).await.unwrap().into_inner();
    assert_eq!((over.shifts.len(), over.state()), (0, pb::trip_declaration::State::Cancelled));
    let late = client.cancel_trip_declaration(cancel(None, "x6")).await.unwrap_err();
    assert_eq!((late.code(), reason(&late).as_str()), (Code::FailedPrecondition, "OUT_OF_SERVICE"));
    let list = |filter: &str| pb::ListTripDeclarationsRequest {
        parent: "tenants/alofi".to_owned(),
        filter: filter.to_owned(),
        ..Default::default()
    };
    let active = client.list_trip_declarations(list("state = ACTIVE")).await.unwrap().into_inner();
    assert!(active.trip_declarations.is_empty());
    let of_van = client.list_trip_declarations(list("vehicle = \"*/van\"")).await.unwrap().into_inner();
    assert_eq!(of_van.trip_declarations, [over]);
    house.close().await;
}

#[tokio::test]
async fn what_can_not_be_says_why() {
    let house = House::open_with(config(None), Store::Configured, MORNING).await;
    let mut client = house.drivers();
    type Change<'c> = (&'c str, &'c dyn Fn(&mut pb::TripDeclaration));
    let cases: &[Change<'_>] = &[
        ("trip_declaration.driver", &|t| t.driver = "ami".to_owned()),
        ("trip_declaration.driver", &|t| t.driver = "tenants/alofi/drivers/nobody".to_owned()),
        ("trip_declaration.vehicle", &|t| t.vehicle = "tenants/alofi/vehicles/cart".to_owned()),
        ("trip_declaration", &|t| t.from_place = None),
        ("trip_declaration", &|t| t.leave = String::new()),
        ("trip_declaration.arrive", &|t| t.arrive = "25:00".to_owned()),
        ("trip_declaration.days", &|t| t.days = vec!["someday".to_owned()]),
        ("trip_declaration.not_on[0]", &|t| t.not_on = vec!["tomorrow".to_owned()]),
        ("trip_declaration.last", &|t| {
            (t.first, t.last) = ("2026-05-02".to_owned(), "2026-05-01".to_owned());
        }),
        ("trip_declaration.seats", &|t| t.seats = Some(0)),
        ("trip_declaration", &|t| t.seats = Some(3)),
        ("trip_declaration.tier", &|t| t.tier = 9),
        ("trip_declaration.zones[0]", &|t| t.zones = vec!["south".to_owned()]),
        ("trip_declaration.detour_max_duration", &|t| {
            t.detour_max_duration = Some(prost_types::Duration { seconds: 5 * 3600, nanos: 0 });
        }),
        ("trip_declaration.shifted[0].date", &|t| {
            t.shifted =
                vec![pb::ShiftedTrip { date: "x".to_owned(), leave: "08:00".to_owned(), arrive: "09:00".to_owned() }];
        }),
    ];
    for (field, change) in cases {
        let mut told = trip();
        change(&mut told);
        let status = client.create_trip_declaration(create(told, "t1")).await.unwrap_err();
        assert_eq!(fields(&status), [*field], "{status:?}");
    }
    let at_sea = pb::TripDeclaration { to_place: place(SEA, "sea"), ..trip() };
    let status = client.create_trip_declaration(create(at_sea, "t1")).await.unwrap_err();
    assert_eq!(
        (reason(&status).as_str(), metadata(&status, "field").as_str()),
        ("PLACE_OFF_ROAD", "trip_declaration.to_place")
    );
    let long = pb::CreateTripDeclarationRequest { trip_declaration_id: "x".repeat(51), ..create(trip(), "t1") };
    assert_eq!(fields(&client.create_trip_declaration(long).await.unwrap_err()), ["trip_declaration_id"]);
    assert_eq!(client.get_trip_declaration(get()).await.unwrap_err().code(), Code::NotFound);

    // a day on which the vehicle is elsewhere is told, and the others are planned
    let shift = pb::CreateShiftRequest {
        parent: VAN.to_owned(),
        shift_id: "errand".to_owned(),
        shift: Some(pb::Shift {
            start_place: place(ALOFI, "home"),
            start_time: Some(timestamp(MORNING + Span::DAY)),
            end_time: Some(timestamp(MORNING + Span::DAY + Span::HOUR * 2)),
            ..Default::default()
        }),
        request_id: "s1".to_owned(),
        ..Default::default()
    };
    house.fleet().create_shift(shift).await.unwrap();
    let made = client.create_trip_declaration(create(trip(), "t1")).await.unwrap().into_inner();
    assert_eq!(made.problems, [format!("2026-04-02: {VAN}/shifts/errand is at that time")]);
    assert_eq!(made.shifts.len(), 6);
    let over = update(trip(), &["seats"], "2026-03-31", "u1");
    assert_eq!(fields(&client.update_trip_declaration(over).await.unwrap_err()), ["effective_date"]);
    // when it is free again, the day is planned with the next
    let close = pb::CloseShiftRequest {
        name: format!("{VAN}/shifts/errand"),
        request_id: "c1".to_owned(),
        ..Default::default()
    };
    house.fleet().close_shift(close).await.unwrap();
    house.clock.advance(Span::HOUR * 16);
    let read = client.get_trip_declaration(get()).await.unwrap().into_inner();
    assert!(read.problems.is_empty() && read.shifts.iter().any(|shift| shift.ends_with("-20260402")), "{read:?}");
    house.close().await;
}

#[tokio::test]
async fn a_trip_is_its_tenants() {
    let house = Guarded::open().await;
    let channel = house.channel().await;
    let client = |tenant: &str, role: &str| {
        let token = house.token("somebody", json!({ "tenants": { tenant: [role] } }));
        pb::driver_service_client::DriverServiceClient::new(bearing(channel.clone(), &token))
    };
    let driver = pb::CreateDriverRequest {
        parent: "tenants/alofi".to_owned(),
        driver_id: "ami".to_owned(),
        driver: Some(pb::Driver { kind: pb::driver::Kind::Employed as i32, ..Default::default() }),
        request_id: "d1".to_owned(),
        ..Default::default()
    };
    client("alofi", "operator").create_driver(driver).await.unwrap();
    for (tenant, role) in [("alofi", "planner"), ("alofi", "auditor"), ("avatele", "operator")] {
        let denied = client(tenant, role).create_trip_declaration(create(trip(), "t1")).await.unwrap_err();
        assert_eq!(denied.code(), Code::PermissionDenied, "{role} of {tenant}");
    }
    client("alofi", "operator").create_trip_declaration(create(trip(), "t1")).await.unwrap();
    assert!(client("alofi", "auditor").get_trip_declaration(get()).await.is_ok());
    let hidden = client("avatele", "operator").get_trip_declaration(get()).await.unwrap_err();
    assert_eq!(hidden.code(), Code::PermissionDenied);
    // a vehicle of one tenant does not run by a trip of another
    let theirs = pb::CreateTripDeclarationRequest { parent: "tenants/avatele".to_owned(), ..create(trip(), "t2") };
    let denied = client("avatele", "operator").create_trip_declaration(theirs.clone()).await.unwrap_err();
    assert_eq!(denied.code(), Code::PermissionDenied);
    let both = house.token("both", json!({ "tenants": { "avatele": ["operator"], "alofi": ["operator"] } }));
    let mut both = pb::driver_service_client::DriverServiceClient::new(bearing(channel.clone(), &both));
    let mut wrong = fields(&both.create_trip_declaration(theirs).await.unwrap_err());
    wrong.sort();
    assert_eq!(wrong, ["trip_declaration.driver", "trip_declaration.vehicle"]);
    house.close().await;
}

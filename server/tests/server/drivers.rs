//! Neighbours' own cars: drivers, declared trips, asks and their answers.

use mukae_proto::transit::booking::v1 as pb;
use mukae_proto::transit::fleet::v1 as fleet_pb;
use mukae_proto::transit::units::v1::{Seats, TimeWindow};
use mukae_units::{Span, Time};
use pb::booking::State;
use prost_types::FieldMask;
use tokio_stream::StreamExt;
use tonic::Code;

use crate::support::*;

const SATO: &str = "tenants/alofi/drivers/sato";

fn sato() -> fleet_pb::CreateDriverRequest {
    fleet_pb::CreateDriverRequest {
        parent: "tenants/alofi".to_owned(),
        driver_id: "sato".to_owned(),
        driver: Some(fleet_pb::Driver {
            display_name: "南の佐藤".to_owned(),
            kind: fleet_pb::driver::Kind::Volunteer as i32,
            tier: fleet_pb::ConsentTier::T0 as i32,
            max_asks_per_week: 5,
            ..Default::default()
        }),
        request_id: "d1".to_owned(),
        ..Default::default()
    }
}

/// From Alofi to Hakupu at nine, with two seats, on the way anyway.
fn trip(request_id: &str) -> fleet_pb::CreateShiftRequest {
    fleet_pb::CreateShiftRequest {
        parent: VAN.to_owned(),
        shift_id: "to-hakupu".to_owned(),
        shift: Some(fleet_pb::Shift {
            start_place: place(ALOFI, "home"),
            end_place: place(HAKUPU, "work"),
            start_time: Some(timestamp(MORNING + Span::HOUR)),
            end_time: Some(timestamp(MORNING + Span::HOUR * 2)),
            driver: SATO.to_owned(),
            declared_trip: Some(fleet_pb::DeclaredTrip {
                seats: Some(Seats { seats: 2, ..Default::default() }),
                max_detour_duration: Some(prost_types::Duration { seconds: 600, nanos: 0 }),
                max_detour_meters: 5000,
                tier: fleet_pb::ConsentTier::T0 as i32,
            }),
            ..Default::default()
        }),
        request_id: request_id.to_owned(),
        ..Default::default()
    }
}

/// A house where only the volunteer drives: the bus has signed off for the day.
async fn house_of_a_volunteer() -> House {
    let house = House::open().await;
    let request = fleet_pb::ListShiftsRequest { parent: BUS.to_owned(), ..Default::default() };
    for shift in house.fleet().list_shifts(request).await.unwrap().into_inner().shifts {
        let id = format!("close-{}", shift.name.rsplit('/').next().unwrap());
        let close = fleet_pb::CloseShiftRequest { name: shift.name, request_id: id, ..Default::default() };
        house.fleet().close_shift(close).await.unwrap();
    }
    house.drivers().create_driver(sato()).await.unwrap();
    house.fleet().create_shift(trip("s1")).await.unwrap();
    house
}

async fn state(house: &House, name: &str) -> State {
    let request = pb::GetBookingRequest { name: name.to_owned() };
    house.bookings().get_booking(request).await.unwrap().into_inner().state()
}

async fn asks(house: &House) -> Vec<fleet_pb::Ask> {
    let request = fleet_pb::ListAsksRequest { parent: SATO.to_owned(), ..Default::default() };
    house.drivers().list_asks(request).await.unwrap().into_inner().asks
}

fn answer(booking: &str, accepted: bool, request_id: &str) -> fleet_pb::AnswerAskRequest {
    fleet_pb::AnswerAskRequest {
        driver: SATO.to_owned(),
        booking: booking.to_owned(),
        accepted,
        request_id: request_id.to_owned(),
        ..Default::default()
    }
}

#[tokio::test]
async fn a_volunteer_is_asked_and_says_yes() {
    let house = house_of_a_volunteer().await;
    let watch = fleet_pb::WatchAsksRequest { parent: SATO.to_owned() };
    let mut watched = house.drivers().watch_asks(watch).await.unwrap().into_inner();
    let mut next = async || loop {
        match watched.next().await.unwrap().unwrap().update.unwrap() {
            fleet_pb::watch_asks_response::Update::Asks(asks) => break asks.asks,
            fleet_pb::watch_asks_response::Update::Heartbeat(_) => {}
        }
    };
    assert!(next().await.is_empty());

    let booked = house.book(ride("q1", Span::HOUR)).await;
    assert_eq!(booked.state(), State::AwaitingDriver);
    let open = next().await;
    assert_eq!(open, asks(&house).await);
    let [ask] = open.as_slice() else { panic!("{open:?}") };
    assert_eq!((ask.driver.as_str(), ask.booking.as_str()), (SATO, booked.name.as_str()));
    assert!(ask.shift.ends_with("/shifts/to-hakupu") && ask.pickup_place.as_ref().unwrap().label == "Town hall");
    assert!(MORNING < time(&ask.deadline_time) && MORNING + Span::HOUR <= time(&ask.pickup_time));

    let mut rehearsal = answer(&booked.name, true, "a1");
    rehearsal.validate_only = true;
    assert!(house.drivers().answer_ask(rehearsal).await.unwrap().into_inner().asks.is_empty());
    assert_eq!(state(&house, &booked.name).await, State::AwaitingDriver);
    let left = house.drivers().answer_ask(answer(&booked.name, true, "a1")).await.unwrap().into_inner();
    assert!(left.asks.is_empty());
    assert_eq!(house.drivers().answer_ask(answer(&booked.name, true, "a1")).await.unwrap().into_inner(), left);
    assert_eq!(state(&house, &booked.name).await, State::Confirmed);
    assert!(next().await.is_empty());
    let twice = house.drivers().answer_ask(answer(&booked.name, false, "a2")).await.unwrap_err();
    assert_eq!((twice.code(), reason(&twice).as_str()), (Code::FailedPrecondition, "NOT_ASKED"));
    let request = fleet_pb::GetDriverRequest { name: SATO.to_owned() };
    assert_eq!(house.drivers().get_driver(request).await.unwrap().into_inner().asks_in_week, 1);
    house.close().await;
}

#[tokio::test]
async fn a_no_and_a_silence_leave_the_rider_to_staff() {
    let house = house_of_a_volunteer().await;
    let declined = house.book(ride("q1", Span::HOUR)).await;
    house.drivers().answer_ask(answer(&declined.name, false, "a1")).await.unwrap();
    assert_eq!(state(&house, &declined.name).await, State::Unassigned);

    let unanswered = house.book(ride("q2", Span::HOUR)).await;
    let deadline: Time = time(&asks(&house).await[0].deadline_time);
    house.clock.advance(deadline - MORNING + Span::from_secs(1));
    assert_eq!(state(&house, &unanswered.name).await, State::Unassigned);
    assert!(asks(&house).await.is_empty());
    let late = house.drivers().answer_ask(answer(&unanswered.name, true, "a2")).await.unwrap_err();
    assert_eq!(reason(&late), "NOT_ASKED");
    house.close().await;
}

#[tokio::test]
async fn drivers_are_set_up_changed_and_listed_over_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let journal = dir.path().join("journal");
    let house = House::open_in(journal.clone(), MORNING).await;
    let created = house.drivers().create_driver(sato()).await.unwrap().into_inner();
    assert_eq!((created.name.as_str(), created.display_name.as_str()), (SATO, "南の佐藤"));
    assert_eq!(house.drivers().create_driver(sato()).await.unwrap().into_inner(), created);
    let other = fleet_pb::CreateDriverRequest { request_id: "d2".to_owned(), ..sato() };
    assert_eq!(reason(&house.drivers().create_driver(other).await.unwrap_err()), "RESOURCE_EXISTS");

    let mask = |paths: &[&str]| Some(FieldMask { paths: paths.iter().map(|path| (*path).to_owned()).collect() });
    let update = |id: &str, paths: &[&str], etag: &str| fleet_pb::UpdateDriverRequest {
        driver: Some(fleet_pb::Driver {
            name: SATO.to_owned(),
            tier: fleet_pb::ConsentTier::T3 as i32,
            display_name: "ignored".to_owned(),
            etag: etag.to_owned(),
            ..Default::default()
        }),
        update_mask: mask(paths),
        request_id: id.to_owned(),
        ..Default::default()
    };
    let mut client = house.drivers();
    let changed = client.update_driver(update("u1", &["tier"], &created.etag)).await.unwrap().into_inner();
    assert_eq!((changed.tier(), changed.display_name.as_str()), (fleet_pb::ConsentTier::T3, "南の佐藤"));
    assert_eq!(changed.max_asks_per_week, 5, "what the mask does not name stays");
    let stale = client.update_driver(update("u2", &["tier"], &created.etag)).await.unwrap_err();
    assert_eq!((stale.code(), reason(&stale).as_str()), (Code::Aborted, "ETAG_MISMATCH"));
    let unknown = client.update_driver(update("u3", &["name"], "")).await.unwrap_err();
    assert_eq!(fields(&unknown), ["update_mask"]);
    let all = client.update_driver(update("u4", &[], "")).await.unwrap_err();
    assert_eq!(fields(&all), ["driver.kind"], "an empty mask names every field");
    house.close().await;

    let house = House::open_in(journal, MORNING).await;
    let list = fleet_pb::ListDriversRequest { parent: "tenants/alofi".to_owned(), ..Default::default() };
    assert_eq!(house.drivers().list_drivers(list).await.unwrap().into_inner().drivers, [changed]);
    house.close().await;
}

#[tokio::test]
async fn wrong_trips_and_breaks_say_what_would_be_right() {
    let house = House::open().await;
    let mut client = house.fleet();
    let unknown = client.create_shift(trip("s0")).await.unwrap_err();
    assert_eq!(unknown.code(), Code::NotFound, "nobody has set up the driver");
    house.drivers().create_driver(sato()).await.unwrap();
    let window = |from: Span, to: Span| {
        Some(TimeWindow { earliest_time: Some(timestamp(MORNING + from)), latest_time: Some(timestamp(MORNING + to)) })
    };
    let rest = |from: Span, to: Span, seconds: i64| fleet_pb::Break {
        window: window(from, to),
        length_duration: Some(prost_types::Duration { seconds, nanos: 0 }),
        place: None,
    };
    type Change<'c> = (&'c str, &'c dyn Fn(&mut fleet_pb::Shift));
    let cases: &[Change<'_>] = &[
        ("shift.end_place", &|shift| shift.end_place = None),
        ("shift.driver", &|shift| shift.driver = "sato".to_owned()),
        ("shift.declared_trip.seats", &|shift| shift.declared_trip.as_mut().unwrap().seats = None),
        ("shift.declared_trip.max_detour_duration", &|shift| {
            shift.declared_trip.as_mut().unwrap().max_detour_duration = None;
        }),
        ("shift.declared_trip.max_detour_meters", &|shift| {
            shift.declared_trip.as_mut().unwrap().max_detour_meters = -1;
        }),
        ("shift.declared_trip.tier", &|shift| shift.declared_trip.as_mut().unwrap().tier = 9),
        ("shift.breaks", &|shift| shift.breaks = vec![fleet_pb::Break::default(); 11]),
        ("shift.breaks[0].window", &|shift| shift.breaks = vec![rest(Span::HOUR, Span::ZERO, 60)]),
        ("shift.breaks[0].length_duration", &|shift| shift.breaks = vec![rest(Span::HOUR, Span::HOUR, 0)]),
    ];
    for (field, change) in cases {
        let mut request = trip("s1");
        change(request.shift.as_mut().unwrap());
        let status = client.create_shift(request).await.unwrap_err();
        assert_eq!(fields(&status), [*field], "{status:?}");
    }
    // a rest of fifty minutes does not fit beside the drive
    let mut long = trip("s2");
    long.shift.as_mut().unwrap().breaks = vec![rest(Span::HOUR, Span::HOUR, 3500)];
    let status = client.create_shift(long).await.unwrap_err();
    assert_eq!(reason(&status), "BREAKS_DO_NOT_FIT", "{status:?}");
    let mut short = trip("s3");
    short.shift.as_mut().unwrap().breaks = vec![rest(Span::HOUR, Span::HOUR, 600)];
    let shift = client.create_shift(short.clone()).await.unwrap().into_inner();
    let told = short.shift.unwrap();
    assert_eq!((shift.driver, shift.declared_trip), (told.driver, told.declared_trip));
    assert_eq!(
        (shift.breaks[0].window, shift.breaks[0].length_duration),
        (told.breaks[0].window, told.breaks[0].length_duration)
    );
    house.close().await;
}

#[tokio::test]
async fn nobody_sets_out_unchecked_where_the_area_wants_it() {
    let mut config = config();
    config.area.pretrip_check_required = true;
    let house = House::open_with(config, mukae_server::Store::Configured, MORNING).await;
    let request = fleet_pb::ListShiftsRequest { parent: BUS.to_owned(), ..Default::default() };
    let shift = house.fleet().list_shifts(request).await.unwrap().into_inner().shifts.remove(0).name;
    let open =
        |id: &str| fleet_pb::OpenShiftRequest { name: shift.clone(), request_id: id.to_owned(), ..Default::default() };
    let check = |id: &str, is_sober: bool| fleet_pb::RecordPretripCheckRequest {
        parent: shift.clone(),
        pretrip_check: Some(fleet_pb::PretripCheck {
            alcohol_micrograms_per_litre: Some(if is_sober { 0 } else { 120 }),
            is_sober,
            is_well: true,
            is_vehicle_fit: true,
            ..Default::default()
        }),
        request_id: id.to_owned(),
        ..Default::default()
    };
    let missing = house.fleet().open_shift(open("o1")).await.unwrap_err();
    assert_eq!((reason(&missing).as_str(), metadata(&missing, "shift")), ("CHECK_NOT_PASSED", shift.clone()));
    let failed = house.drivers().record_pretrip_check(check("k1", false)).await.unwrap().into_inner();
    assert!(!failed.is_passed && failed.alcohol_micrograms_per_litre == Some(120));
    assert_eq!(reason(&house.fleet().open_shift(open("o1")).await.unwrap_err()), "CHECK_NOT_PASSED");
    let passed = house.drivers().record_pretrip_check(check("k2", true)).await.unwrap().into_inner();
    assert!(passed.is_passed && time(&passed.check_time) == MORNING);
    let read = fleet_pb::GetPretripCheckRequest { name: format!("{shift}/pretripCheck") };
    assert_eq!(house.drivers().get_pretrip_check(read).await.unwrap().into_inner(), passed);
    house.fleet().open_shift(open("o1")).await.unwrap();
    let mut wrong = check("k3", true);
    wrong.pretrip_check.as_mut().unwrap().alcohol_micrograms_per_litre = Some(-1);
    let status = house.drivers().record_pretrip_check(wrong).await.unwrap_err();
    assert_eq!(fields(&status), ["pretrip_check.alcohol_micrograms_per_litre"]);
    house.close().await;
}

#[tokio::test]
async fn a_driver_of_the_file_is_the_files() {
    let driver = "\n[[driver]]\ntenant = \"alofi\"\nid = \"sato\"\n";
    for (managed, expected) in [("", Some("MANAGED_BY_FILE")), ("managed = \"api\"\n", None)] {
        let text = format!("{CONFIG}{driver}{managed}");
        let config = mukae_server::Config::parse(&text, std::path::Path::new("")).unwrap();
        let house = House::open_with(config, mukae_server::Store::Configured, MORNING).await;
        let update = fleet_pb::UpdateDriverRequest {
            driver: Some(fleet_pb::Driver { name: SATO.to_owned(), max_asks_per_week: 3, ..Default::default() }),
            update_mask: Some(FieldMask { paths: vec!["max_asks_per_week".to_owned()] }),
            request_id: "u1".to_owned(),
            ..Default::default()
        };
        let answer = house.drivers().update_driver(update).await;
        assert_eq!(answer.err().map(|status| reason(&status)).as_deref(), expected);
        house.close().await;
    }
}

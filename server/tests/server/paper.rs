//! Manifests that drivers have in hand, on paper too, and the records of what they did.

use std::path::Path;

use mukae_proto::transit::fleet::v1 as fleet_pb;
use mukae_proto::transit::fleet::v1::fleet_service_client::FleetServiceClient;
use mukae_proto::transit::operations::v1 as op;
use mukae_server::Clock;
use mukae_server::paper::{PaperDay, PaperError, Papers, papers};
use mukae_units::{Span, Time};
use serde_json::json;
use tokio_stream::StreamExt;
use tonic::{Code, Status};

use crate::guarded::{Guarded, at_alofi, bearing};
use crate::support::*;

async fn manifest(house: &House, shift: &str) -> Result<fleet_pb::Manifest, Status> {
    let request = fleet_pb::GetManifestRequest { name: format!("{BUS}/manifest"), shift: shift.to_owned() };
    Ok(house.fleet().get_manifest(request).await?.into_inner())
}

async fn shifts(house: &House) -> Vec<fleet_pb::Shift> {
    let request = fleet_pb::ListShiftsRequest { parent: BUS.to_owned(), ..Default::default() };
    house.fleet().list_shifts(request).await.unwrap().into_inner().shifts
}

fn had(manifest: &fleet_pb::Manifest, request_id: &str) -> fleet_pb::AcknowledgeManifestRequest {
    fleet_pb::AcknowledgeManifestRequest {
        name: manifest.name.clone(),
        etag: manifest.etag.clone(),
        revision: manifest.revision,
        request_id: request_id.to_owned(),
        ..Default::default()
    }
}

async fn acknowledge(
    house: &House,
    request: fleet_pb::AcknowledgeManifestRequest,
) -> Result<fleet_pb::Manifest, Status> {
    Ok(house.fleet().acknowledge_manifest(request).await?.into_inner())
}

/// The desk sees what the driver has and since when, also after a restart; a change makes it old, predicted times do not; to
/// say a thing twice is no news, so that a device may answer every manifest of its stream.
#[tokio::test]
async fn the_desk_sees_which_manifest_a_driver_has() {
    let dir = tempfile::tempdir().unwrap();
    let journal = dir.path().join("journal");
    let house = House::open_in(journal.clone(), MORNING).await;
    house.book(ride("q1", Span::HOUR * 2)).await;
    let first = manifest(&house, "").await.unwrap();
    assert_eq!(first.acknowledgement, None);

    let watch = fleet_pb::WatchManifestRequest { name: first.name.clone() };
    let mut stream = house.fleet().watch_manifest(watch).await.unwrap().into_inner();
    stream.next().await.unwrap().unwrap();
    let rehearsed =
        acknowledge(&house, fleet_pb::AcknowledgeManifestRequest { validate_only: true, ..had(&first, "a0") }).await;
    assert!(rehearsed.unwrap().acknowledgement.unwrap().is_current);
    assert_eq!(manifest(&house, "").await.unwrap().acknowledgement, None, "only rehearsed");

    let told = acknowledge(&house, had(&first, "a1")).await.unwrap();
    let acknowledged = told.acknowledgement.clone().unwrap();
    assert!(acknowledged.is_current);
    assert_eq!((acknowledged.etag.as_str(), acknowledged.revision), (first.etag.as_str(), first.revision));
    assert_eq!(time(&acknowledged.acknowledge_time), MORNING);
    assert_eq!(told.etag, first.etag, "an acknowledgement is no change of what is to be done");
    let seen = stream.next().await.unwrap().unwrap().update;
    let Some(fleet_pb::watch_manifest_response::Update::Manifest(seen)) = seen else { panic!("{seen:?}") };
    assert_eq!(seen.acknowledgement, Some(acknowledged.clone()), "who watches sees it");
    house.clock.advance(Span::from_mins(10));
    let again = acknowledge(&house, had(&seen, "a2")).await.unwrap();
    assert_eq!(again.acknowledgement, Some(acknowledged.clone()), "it is no news");

    house.book(ride("q2", Span::HOUR * 3)).await;
    let newer = manifest(&house, "").await.unwrap();
    assert!(!newer.acknowledgement.clone().unwrap().is_current, "there is one rider more");
    house.close().await;

    let house = House::open_in(journal, MORNING + Span::from_mins(11)).await;
    let kept = manifest(&house, "").await.unwrap();
    assert_eq!(kept.acknowledgement, newer.acknowledgement, "after a restart");
    let early =
        fleet_pb::AcknowledgeManifestRequest { device_time: Some(timestamp(MORNING + Span::HOUR)), ..had(&kept, "a3") };
    let told = acknowledge(&house, early).await.unwrap().acknowledgement.unwrap();
    assert!(told.is_current);
    assert_eq!(time(&told.acknowledge_time), house.clock.now(), "no later than now");
    assert_eq!(acknowledge(&house, had(&first, "a1")).await.unwrap().etag, kept.etag, "sent again, done once");

    // what would be right
    let bad = fleet_pb::AcknowledgeManifestRequest { etag: String::new(), revision: 0, ..had(&kept, "b1") };
    assert_eq!(fields(&acknowledge(&house, bad).await.unwrap_err()), ["etag", "revision"]);
    let ahead = fleet_pb::AcknowledgeManifestRequest { revision: kept.revision + 1000, ..had(&kept, "b2") };
    assert_eq!(fields(&acknowledge(&house, ahead).await.unwrap_err()), ["revision"]);
    let nobody = fleet_pb::AcknowledgeManifestRequest {
        name: "tenants/alofi/vehicles/tram/manifest".to_owned(),
        ..had(&kept, "b3")
    };
    assert_eq!(acknowledge(&house, nobody).await.unwrap_err().code(), Code::NotFound);
    house.close().await;
}

/// A vehicle's manifest of a shift that comes later can be read, printed and carried.
#[tokio::test]
async fn a_manifest_can_be_read_for_any_shift_to_come() {
    let house = House::open().await;
    let tomorrow = shifts(&house).await.last().unwrap().name.clone();
    let booked = house.book(ride("q1", Span::DAY)).await;
    let found = manifest(&house, &tomorrow).await.unwrap();
    assert_eq!((found.shift.as_str(), found.stops.len()), (tomorrow.as_str(), 3));
    assert_eq!(found.stops[0].pickups[0].booking, booked.name);
    assert_eq!(manifest(&house, "").await.unwrap().stops.len(), 1, "today there is nothing but the end");
    let status = manifest(&house, &format!("{VAN}/shifts/s1")).await.unwrap_err();
    assert_eq!(fields(&status), ["shift"]);
    assert_eq!(manifest(&house, &format!("{BUS}/shifts/none")).await.unwrap_err().code(), Code::NotFound);
    house.close().await;
}

fn of_day(as_of: Option<Time>, now: Time) -> PaperDay {
    PaperDay { from: MORNING - Span::HOUR * 8, until: MORNING + Span::HOUR * 16, as_of, now }
}

fn read(journal: &Path, day: PaperDay) -> Result<Papers, PaperError> {
    papers(journal, config(), map(), day)
}

/// The paper that is made of the journal alone says what the server says: while that runs, after it stopped, and from the log
/// without a snapshot. Nothing in the directory is touched.
#[tokio::test]
async fn the_journal_alone_prints_what_the_server_says() {
    let dir = tempfile::tempdir().unwrap();
    let journal = dir.path().join("journal");
    let house = House::open_in(journal.clone(), MORNING).await;
    house.book(ride("q1", Span::HOUR * 2)).await;
    house.clock.advance(Span::from_mins(5));
    let booked = house.book(ride("q2", Span::HOUR * 3)).await;
    let now = house.clock.now();
    let shift = manifest(&house, "").await.unwrap().shift;
    let online = manifest(&house, &shift).await.unwrap();
    let list = || {
        let mut names: Vec<_> = std::fs::read_dir(&journal)
            .unwrap()
            .map(|file| file.unwrap())
            .map(|file| (file.file_name(), file.metadata().unwrap().len()))
            .collect();
        names.sort();
        names
    };
    let before = list();
    let offline = read(&journal, of_day(None, now)).unwrap();
    assert_eq!(list(), before, "it is only looked at");
    assert_eq!(offline.manifests, std::slice::from_ref(&online));
    assert_eq!(offline.shifts.iter().map(|shift| shift.name.as_str()).collect::<Vec<_>>(), [shift.as_str()]);
    assert!(offline.bookings.iter().any(|found| found.name == booked.name));
    assert_eq!(offline.vehicles.len(), 2);
    assert!(offline.notes.is_empty());
    let earlier = read(&journal, of_day(Some(MORNING + Span::MINUTE), now)).unwrap();
    assert_eq!(earlier.manifests[0].stops.len() + 2, online.stops.len(), "as it stood before the second ride");
    house.close().await;

    let stopped = read(&journal, of_day(None, now)).unwrap();
    assert_eq!(stopped.manifests[0].etag, online.etag);
    for file in std::fs::read_dir(&journal).unwrap().map(|file| file.unwrap().path()) {
        if file.file_name().unwrap().to_str().unwrap().starts_with("snapshot") {
            std::fs::remove_file(file).unwrap();
        }
    }
    let from_log = read(&journal, of_day(None, now)).unwrap();
    assert_eq!(from_log.manifests, std::slice::from_ref(&online));
    assert!(matches!(read(&dir.path().join("nowhere"), of_day(None, now)), Err(PaperError::Directory { .. })));
}

/// Answers and requests of one driver's day, for the record.
struct Driver<'h> {
    house: &'h House,
    calls: u32,
}

impl Driver<'_> {
    fn id(&mut self) -> String {
        self.calls += 1;
        format!("record-{}", self.calls)
    }

    async fn check(&mut self, shift: &str, is_well: bool) {
        let check = fleet_pb::PretripCheck {
            alcohol_micrograms_per_litre: Some(0),
            is_sober: true,
            is_well,
            is_vehicle_fit: true,
            note: "異常なし".to_owned(),
            ..Default::default()
        };
        let request = fleet_pb::RecordPretripCheckRequest {
            parent: shift.to_owned(),
            pretrip_check: Some(check),
            request_id: self.id(),
            ..Default::default()
        };
        self.house.drivers().record_pretrip_check(request).await.unwrap();
    }

    async fn open(&mut self, shift: &str) {
        let request =
            fleet_pb::OpenShiftRequest { name: shift.to_owned(), request_id: self.id(), ..Default::default() };
        self.house.fleet().open_shift(request).await.unwrap();
    }

    /// Goes to the next stop at this time.
    async fn arrive(&mut self, at: Time) {
        let stop = manifest(self.house, "").await.unwrap().stops[0].name.clone();
        let depart = fleet_pb::DepartStopRequest { stop: stop.clone(), request_id: self.id(), ..Default::default() };
        self.house.fleet().depart_stop(depart).await.unwrap();
        self.house.clock.raise_to(at);
        let arrive = fleet_pb::ArriveStopRequest { stop, request_id: self.id(), ..Default::default() };
        self.house.fleet().arrive_stop(arrive).await.unwrap();
    }

    async fn end_break(&mut self, stop: &str) -> Result<fleet_pb::Manifest, Status> {
        let request = fleet_pb::EndBreakRequest { stop: stop.to_owned(), request_id: self.id(), ..Default::default() };
        Ok(self.house.fleet().end_break(request).await?.into_inner())
    }

    async fn board(&mut self, booking: &str) {
        let request = fleet_pb::BoardBookingRequest {
            booking: booking.to_owned(),
            vehicle: BUS.to_owned(),
            request_id: self.id(),
            ..Default::default()
        };
        self.house.fleet().board_booking(request).await.unwrap();
    }

    async fn alight(&mut self, booking: &str) {
        let request = fleet_pb::AlightBookingRequest {
            booking: booking.to_owned(),
            vehicle: BUS.to_owned(),
            request_id: self.id(),
            ..Default::default()
        };
        self.house.fleet().alight_booking(request).await.unwrap();
    }
}

fn export(from: Time, until: Time) -> fleet_pb::ExportDrivingRecordsRequest {
    fleet_pb::ExportDrivingRecordsRequest {
        parent: "tenants/alofi".to_owned(),
        start_time: Some(timestamp(from)),
        end_time: Some(timestamp(until)),
        vehicle: String::new(),
    }
}

async fn records(
    house: &House,
    request: fleet_pb::ExportDrivingRecordsRequest,
) -> Result<Vec<fleet_pb::DrivingRecord>, Status> {
    let mut stream = house.fleet().export_driving_records(request).await?.into_inner();
    let mut found = Vec::new();
    while let Some(page) = stream.next().await {
        found.extend(page?.driving_records);
    }
    Ok(found)
}

/// One driver's day in the record: checks, times, a ride, a rider who did not come, a rest nobody had planned, a breakdown at
/// last. It is the same a year later, after restarts with and without a snapshot.
#[tokio::test]
async fn a_drivers_day_is_on_record_for_a_year() {
    use fleet_pb::driving_incident::Kind as Incident;
    use fleet_pb::driving_stop::Kind as Done;
    let dir = tempfile::tempdir().unwrap();
    let journal = dir.path().join("journal");
    let house = House::open_in(journal.clone(), MORNING).await;
    let (first, second) = (house.book(ride("q1", Span::HOUR)).await, house.book(ride("q2", Span::HOUR * 3)).await);
    let shift = manifest(&house, "").await.unwrap().shift;
    let mut driver = Driver { house: &house, calls: 0 };
    driver.check(&shift, false).await;
    house.clock.advance(Span::from_mins(5));
    driver.check(&shift, true).await;
    driver.open(&shift).await;
    let opened = house.clock.now();
    let day = (MORNING - Span::HOUR * 8, MORNING + Span::HOUR * 16);
    let on = records(&house, export(day.0, day.1)).await.unwrap();
    assert_eq!((on.len(), &on[0].start_time, &on[0].end_time), (1, &Some(timestamp(opened)), &None), "still on");

    house.clock.raise_to(MORNING + Span::from_mins(55));
    driver.arrive(MORNING + Span::from_mins(63)).await;
    house.clock.advance(Span::MINUTE);
    driver.board(&first.name).await;
    let boarded = house.clock.now();
    driver.arrive(MORNING + Span::from_mins(85)).await;
    house.clock.advance(Span::MINUTE);
    driver.alight(&first.name).await;
    let alighted = house.clock.now();

    let rest = op::UnplannedBreak {
        break_duration: Some(prost_types::Duration { seconds: 600, nanos: 0 }),
        window: Some(mukae_proto::transit::units::v1::TimeWindow::default()),
        place: None,
    };
    let request = op::InterruptShiftRequest {
        shift: shift.clone(),
        interruption: Some(op::interrupt_shift_request::Interruption::UnplannedBreak(rest)),
        request_id: driver.id(),
        ..Default::default()
    };
    house.dispatch().interrupt_shift(request).await.unwrap();
    let rested = house.clock.now();

    let next = manifest(&house, "").await.unwrap().stops.remove(0);
    assert_eq!(next.kind(), fleet_pb::stop::Kind::Break);
    driver.arrive(house.clock.now() + Span::from_mins(15)).await;
    house.clock.advance(Span::from_mins(12));
    driver.end_break(&next.name).await.unwrap();
    let rest_over = house.clock.now();
    let again = driver.end_break(&next.name).await.unwrap_err();
    assert_eq!(reason(&again), "PLAN_CHANGED");
    house.clock.raise_to(MORNING + Span::from_mins(170));
    driver.arrive(house.clock.now() + Span::from_mins(20)).await;
    house.clock.advance(Span::from_mins(30));
    let missed = fleet_pb::ReportNoShowRequest {
        booking: second.name.clone(),
        vehicle: BUS.to_owned(),
        request_id: driver.id(),
        ..Default::default()
    };
    house.fleet().report_no_show(missed).await.unwrap();
    house.clock.advance(Span::MINUTE);
    let broken = op::ReportBreakdownRequest {
        shift: shift.clone(),
        place: place(AIRPORT, "roadside"),
        request_id: driver.id(),
        ..Default::default()
    };
    house.dispatch().report_breakdown(broken).await.unwrap();
    let ended = house.clock.now();

    let found = records(&house, export(day.0, day.1)).await.unwrap();
    let [record] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((record.vehicle.as_str(), record.vehicle_display_name.as_str()), (BUS, "1号車"));
    assert_eq!((record.shift.as_str(), record.day.as_str()), (shift.as_str(), "2026-04-01"));
    assert_eq!(record.start_place.as_ref().unwrap().label, "garage");
    assert_eq!((record.start_time, record.end_time), (Some(timestamp(opened)), Some(timestamp(ended))));
    let check = record.pretrip_check.as_ref().unwrap();
    assert!(check.is_passed && check.note == "異常なし" && check.check_time == Some(timestamp(opened)));
    assert_eq!(record.pretrip_check_count, 2);
    let done: Vec<Done> = record.stops.iter().map(|stop| stop.kind()).collect();
    assert_eq!(done, [Done::Boarded, Done::Alighted, Done::Break, Done::NoShow]);
    assert_eq!(time(&record.stops[2].end_time), rest_over);
    let ridden: Vec<_> = record.stops.iter().filter(|stop| stop.booking == first.name).collect();
    assert_eq!((time(&ridden[0].arrive_time), time(&ridden[0].end_time)), (MORNING + Span::from_mins(63), boarded));
    assert_eq!((time(&ridden[1].arrive_time), time(&ridden[1].end_time)), (MORNING + Span::from_mins(85), alighted));
    assert_eq!(ridden[1].place.as_ref().unwrap().label, "診療所");
    let incidents: Vec<(Incident, Time)> =
        record.incidents.iter().map(|incident| (incident.kind(), time(&incident.incident_time))).collect();
    let told = [(Incident::CheckFailed, MORNING), (Incident::UnplannedBreak, rested), (Incident::Breakdown, ended)];
    assert_eq!(incidents, told);
    // there, back, and what is driven with a rider is a half of it at most
    let (planned, driven, empty) =
        (record.planned_distance_meters, record.driven_distance_meters, record.empty_distance_meters);
    assert!(10_000 < planned && planned <= driven + 1 && 0 < empty && empty < driven, "{planned} {driven} {empty}");

    // who asks for less gets less
    assert_eq!(records(&house, export(opened, opened + Span::MINUTE)).await.unwrap(), found);
    assert_eq!(records(&house, export(opened + Span::MINUTE, day.1)).await.unwrap(), []);
    let van = fleet_pb::ExportDrivingRecordsRequest { vehicle: VAN.to_owned(), ..export(day.0, day.1) };
    assert_eq!(records(&house, van).await.unwrap(), []);
    let wrong = fleet_pb::ExportDrivingRecordsRequest {
        vehicle: "tenants/avatele/vehicles/bus".to_owned(),
        ..export(day.1, day.0)
    };
    assert_eq!(fields(&records(&house, wrong).await.unwrap_err()), ["end_time", "vehicle"]);
    house.close().await;

    for without_snapshot in [false, true] {
        if without_snapshot {
            for file in std::fs::read_dir(&journal).unwrap().map(|file| file.unwrap().path()) {
                if file.file_name().unwrap().to_str().unwrap().starts_with("snapshot") {
                    std::fs::remove_file(file).unwrap();
                }
            }
        }
        let house = House::open_in(journal.clone(), MORNING + Span::DAY * 364).await;
        assert!(manifest(&house, &shift).await.is_err(), "that shift is over");
        assert_eq!(records(&house, export(day.0, day.1)).await.unwrap(), found, "a year later");
        house.close().await;
    }
}

/// A driver who was not let go has a record, too.
#[tokio::test]
async fn a_check_that_was_not_passed_is_on_record_without_a_drive() {
    let house = House::open().await;
    let shift = manifest(&house, "").await.unwrap().shift;
    Driver { house: &house, calls: 0 }.check(&shift, false).await;
    let found = records(&house, export(MORNING - Span::DAY, MORNING + Span::DAY)).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].start_time, found[0].pretrip_check_count), (None, 1));
    assert!(!found[0].pretrip_check.as_ref().unwrap().is_passed);
    assert_eq!((found[0].driven_distance_meters, found[0].stops.len()), (0, 0));
    house.close().await;
}

/// Each tenant's staff see their own vehicles' records and their part of the past, and nobody else's.
#[tokio::test]
async fn records_and_the_past_are_each_tenants_own() {
    use mukae_proto::transit::area::v1 as area_pb;
    let house = Guarded::open().await;
    let channel = house.channel().await;
    let of = |tenant: &str| house.token("desk", json!({ "tenants": { tenant: ["operator"] } }));
    let mut alofi = FleetServiceClient::new(bearing(channel.clone(), &of("alofi")));
    let mut avatele = FleetServiceClient::new(bearing(channel.clone(), &of("avatele")));
    let request = export(MORNING - Span::DAY, MORNING + Span::DAY);
    alofi.export_driving_records(request.clone()).await.unwrap();
    let status = avatele.export_driving_records(request).await.unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied);
    let driver = house.token("driver", at_alofi("driver"));
    let mut driver = FleetServiceClient::new(bearing(channel.clone(), &driver));
    let manifest = fleet_pb::GetManifestRequest { name: format!("{BUS}/manifest"), ..Default::default() };
    let manifest = driver.get_manifest(manifest).await.unwrap().into_inner();
    assert!(driver.acknowledge_manifest(had(&manifest, "a1")).await.is_ok());
    let other = fleet_pb::AcknowledgeManifestRequest { name: format!("{VAN}/manifest"), ..had(&manifest, "a2") };
    assert_eq!(driver.acknowledge_manifest(other).await.unwrap_err().code(), Code::PermissionDenied);

    house.clock.advance(Span::MINUTE);
    for tenant in ["alofi", "avatele"] {
        let mut areas = area_pb::area_service_client::AreaServiceClient::new(bearing(channel.clone(), &of(tenant)));
        let request = area_pb::ExportPastAreaRequest { name: AREA.to_owned(), as_of_time: Some(timestamp(MORNING)) };
        // the export before may not have left its place yet
        let mut stream = loop {
            match areas.export_past_area(request.clone()).await {
                Ok(stream) => break stream.into_inner(),
                Err(status) => assert_eq!(reason(&status), "OVERLOADED"),
            }
        };
        let part = stream.next().await.unwrap().unwrap().snapshot.unwrap();
        assert!(!part.vehicles.is_empty());
        let own = format!("tenants/{tenant}/");
        assert!(part.vehicles.iter().all(|vehicle| vehicle.name.starts_with(&own)), "{tenant}: {part:?}");
        assert!(part.area.unwrap().services.iter().all(|service| service.starts_with(&own)));
    }
    house.close().await;
}

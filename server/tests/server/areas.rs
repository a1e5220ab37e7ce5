//! Several towns behind one port: each its own house, and none takes another down.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use mukae_journal::{MemoryStore, ShardName};
use mukae_maps::PreparedMap;
use mukae_proto::google::r#type::LatLng;
use mukae_proto::transit::area::v1 as area_pb;
use mukae_proto::transit::booking::v1 as pb;
use mukae_proto::transit::fleet::v1 as fleet_pb;
use mukae_server::config::{AreaToServe, Installation};
use mukae_server::{ManualClock, Running, Store, serve_areas};
use mukae_units::Span;
use tonic::Code;
use tonic::transport::Channel;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::failure::Faulty;
use crate::support::*;

const EAST: &str = "areas/east";
const WEST: &str = "areas/west";
const EAST_RIDE: &str = "tenants/hakupu/services/ride";
const WEST_RIDE: &str = "tenants/tamakautoga/services/ride";

/// As a town would write it, without the server's tables.
fn town(id: &str, tenant: &str, more: &str) -> String {
    format!(
        r#"
[area]
id = "{id}"
display_name = "{id}"
time_zone = "Pacific/Niue"
map = "{id}.map"
snap_limit_m = 500
shift_days_ahead = 1

[[service]]
tenant = "{tenant}"
id = "ride"

[[vehicle]]
tenant = "{tenant}"
id = "bus"
seats = 4

[[shift]]
vehicle = "bus"
days = "daily"
start = "07:00"
end = "19:00"
start_place = [-19.0540, -169.9187]
{more}
"#
    )
}

/// A directory with a server's file and an area's file for each of these.
fn written(areas: &[(&str, String)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("server.toml"), "[server]\nlisten = \"127.0.0.1:0\"\nareas = \"areas\"\n").unwrap();
    std::fs::create_dir(dir.path().join("areas")).unwrap();
    for (id, text) in areas {
        std::fs::write(dir.path().join("areas").join(format!("{id}.toml")), text).unwrap();
    }
    dir
}

fn two_towns() -> tempfile::TempDir {
    written(&[
        ("east", town("east", "hakupu", "[journal]\ndir = \"../journal-east\"")),
        ("west", town("west", "tamakautoga", "[journal]\ndir = \"../journal-west\"")),
    ])
}

/// The areas of a directory, on maps that are built already: of the same roads, and of others.
fn areas_of(dir: &Path) -> (Installation, Vec<AreaToServe>) {
    let installation = Installation::load(&dir.join("server.toml")).unwrap();
    let other = other_map();
    let areas = Installation::load(&dir.join("server.toml")).unwrap().areas.into_iter();
    let areas = areas.map(|area| {
        let map = if area.name.0 == "west" { Arc::clone(&other) } else { map() };
        let ready = area.config.map(|config| (config, map)).map_err(|error| error.to_string());
        AreaToServe { name: area.name, ready }
    });
    (installation, areas.collect())
}

/// Of the same island with its tracks.
fn other_map() -> Arc<PreparedMap> {
    static MAP: std::sync::OnceLock<Arc<PreparedMap>> = std::sync::OnceLock::new();
    let build = || {
        let pbf = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../maps/data/niue.osm.pbf");
        let side = Some(mukae_maps::DrivingSide::Left);
        let profile = mukae_maps::Profile::parse("vehicle.tracks = true", "other.toml").unwrap();
        let options = mukae_maps::BuildOptions { profile: Some(profile), driving_side: side, ..Default::default() };
        Arc::new(mukae_maps::build_map(&pbf, &options, &mut |_, _| {}).unwrap().0)
    };
    Arc::clone(MAP.get_or_init(build))
}

async fn open(dir: &Path, store: Store) -> (Running, Channel) {
    let (installation, areas) = areas_of(dir);
    let clock = Arc::new(ManualClock::new(MORNING));
    let running = serve_areas(installation.server, installation.access, areas, options(&clock, store)).await;
    let running = running.unwrap_or_else(|error| panic!("{error}"));
    let channel = connect(&running).await;
    (running, channel)
}

async fn refused(dir: &Path) -> String {
    let (installation, areas) = areas_of(dir);
    let clock = Arc::new(ManualClock::new(MORNING));
    match serve_areas(installation.server, installation.access, areas, options(&clock, Store::Configured)).await {
        Ok(_) => panic!("it started"),
        Err(error) => error.to_string(),
    }
}

async fn book(channel: &Channel, service: &str, request_id: &str) -> Result<pb::Booking, tonic::Status> {
    let mut bookings = pb::booking_service_client::BookingServiceClient::new(channel.clone());
    let wish = pb::QuoteRequest { parent: service.to_owned(), ..ride(request_id, Span::HOUR) };
    let offer = offer_of(bookings.quote(wish).await?.into_inner());
    let confirm = confirm(&offer, &format!("confirm-{request_id}"));
    Ok(bookings.confirm_offer(confirm).await?.into_inner())
}

async fn list(channel: &Channel, service: &str) -> Result<Vec<String>, tonic::Status> {
    let mut bookings = pb::booking_service_client::BookingServiceClient::new(channel.clone());
    let request = pb::ListBookingsRequest { parent: service.to_owned(), ..Default::default() };
    let found = bookings.list_bookings(request).await?.into_inner().bookings;
    Ok(found.into_iter().map(|booking| booking.name).collect())
}

async fn areas(channel: &Channel) -> area_pb::ListAreasResponse {
    let mut client = area_pb::area_service_client::AreaServiceClient::new(channel.clone());
    client.list_areas(area_pb::ListAreasRequest::default()).await.unwrap().into_inner()
}

async fn health(channel: &Channel, service: &str) -> ServingStatus {
    let request = tonic_health::pb::HealthCheckRequest { service: service.to_owned() };
    let answer = HealthClient::new(channel.clone()).check(request).await.unwrap().into_inner();
    answer.status()
}

async fn stop((running, channel): (Running, Channel)) {
    drop(channel);
    running.shutdown();
    running.join().await.unwrap();
}

#[tokio::test]
async fn two_towns_share_a_port_and_nothing_else() {
    let dir = two_towns();
    let house = open(dir.path(), Store::Configured).await;
    let (_, channel) = &house;
    let found = areas(channel).await;
    assert_eq!(found.areas.iter().map(|area| area.name.as_str()).collect::<Vec<_>>(), [EAST, WEST]);
    assert_eq!(found.areas[0].services, [EAST_RIDE]);
    assert_eq!(found.areas[1].services, [WEST_RIDE]);
    assert!(found.unreachable.is_empty());

    // pages of areas
    let mut client = area_pb::area_service_client::AreaServiceClient::new(channel.clone());
    let first = area_pb::ListAreasRequest { page_size: 1, page_token: String::new() };
    let first = client.list_areas(first).await.unwrap().into_inner();
    assert_eq!(first.areas.len(), 1);
    let second = area_pb::ListAreasRequest { page_size: 1, page_token: first.next_page_token };
    let second = client.list_areas(second).await.unwrap().into_inner();
    assert_eq!((second.areas[0].name.as_str(), second.next_page_token.as_str()), (WEST, ""));

    // each books on its own vehicles, under numbers of its own
    let east = book(channel, EAST_RIDE, "e1").await.unwrap();
    let west = book(channel, WEST_RIDE, "w1").await.unwrap();
    assert!(east.name.starts_with(EAST_RIDE) && west.name.starts_with(WEST_RIDE), "{east:?} {west:?}");
    assert_eq!(east.name.rsplit('/').next(), west.name.rsplit('/').next(), "two journals count alike");
    assert_eq!(list(channel, EAST_RIDE).await.unwrap(), [east.name.as_str()]);

    // what is nowhere is in no area
    let missing = list(channel, "tenants/hakupu/services/boat").await.unwrap_err();
    assert_eq!((missing.code(), reason(&missing).as_str()), (Code::NotFound, "RESOURCE_NOT_FOUND"));
    let missing = list(channel, "tenants/nobody/services/ride").await.unwrap_err();
    assert_eq!(reason(&missing), "RESOURCE_NOT_FOUND");
    let missing = client.get_area(area_pb::GetAreaRequest { name: "areas/north".to_owned() }).await.unwrap_err();
    assert_eq!(reason(&missing), "RESOURCE_NOT_FOUND");

    for name in [EAST, WEST] {
        assert_eq!(health(channel, name).await, ServingStatus::Serving);
    }
    stop(house).await;

    // both are there again
    let house = open(dir.path(), Store::Configured).await;
    assert_eq!(house.0.areas().len(), 2);
    assert!(house.0.areas().iter().all(|area| area.recovery.is_ok()), "{:?}", house.0.areas());
    assert_eq!(list(&house.1, EAST_RIDE).await.unwrap(), [east.name.as_str()]);
    assert_eq!(list(&house.1, WEST_RIDE).await.unwrap(), [west.name.as_str()]);
    stop(house).await;
}

#[tokio::test]
async fn a_tenant_of_two_areas_sees_both_and_a_name_is_in_one() {
    let more = |id: &str| town(id, "hakupu", "").replace("id = \"bus\"", &format!("id = \"bus-{id}\""));
    let more = |id: &str| more(id).replace("vehicle = \"bus\"", &format!("vehicle = \"bus-{id}\""));
    let dir = written(&[("east", more("east")), ("west", more("west").replace("id = \"ride\"", "id = \"evening\""))]);
    let house = open(dir.path(), Store::Configured).await;
    let mut fleet = fleet_pb::fleet_service_client::FleetServiceClient::new(house.1.clone());
    let new = |area: &str, id: &str, request_id: &str| fleet_pb::CreateVehicleRequest {
        parent: "tenants/hakupu".to_owned(),
        vehicle_id: id.to_owned(),
        vehicle: Some(fleet_pb::Vehicle {
            area: area.to_owned(),
            capacity: Some(mukae_proto::transit::units::v1::Seats { seats: 4, ..Default::default() }),
            ..Default::default()
        }),
        request_id: request_id.to_owned(),
        validate_only: false,
    };
    // a rehearsal keeps no name
    let rehearsal = fleet_pb::CreateVehicleRequest { validate_only: true, ..new(WEST, "van", "v0") };
    fleet.create_vehicle(rehearsal).await.unwrap();
    fleet.create_vehicle(new(EAST, "van", "v1")).await.unwrap();
    let twice = fleet.create_vehicle(new(WEST, "van", "v2")).await.unwrap_err();
    assert_eq!(reason(&twice), "RESOURCE_EXISTS");
    let van = fleet_pb::GetVehicleRequest { name: "tenants/hakupu/vehicles/van".to_owned() };
    assert_eq!(fleet.get_vehicle(van).await.unwrap().into_inner().area, EAST);

    // a list goes through both, page by page
    let mut request =
        fleet_pb::ListVehiclesRequest { parent: "tenants/hakupu".to_owned(), page_size: 1, ..Default::default() };
    let mut names = Vec::new();
    loop {
        let page = fleet.list_vehicles(request.clone()).await.unwrap().into_inner();
        names.extend(page.vehicles.iter().map(|vehicle| vehicle.name.rsplit('/').next().unwrap().to_owned()));
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    assert_eq!(names, ["bus-east", "van", "bus-west"]);
    request.page_token = "7.".to_owned();
    assert_eq!(reason(&fleet.list_vehicles(request).await.unwrap_err()), "PAGE_TOKEN_INVALID");

    // where a driver belongs, nobody said
    let mut drivers = fleet_pb::driver_service_client::DriverServiceClient::new(house.1.clone());
    let driver = fleet_pb::CreateDriverRequest {
        parent: "tenants/hakupu".to_owned(),
        driver_id: "d1".to_owned(),
        driver: Some(fleet_pb::Driver { kind: fleet_pb::driver::Kind::Volunteer as i32, ..Default::default() }),
        request_id: "d1".to_owned(),
        validate_only: false,
    };
    let unsaid = drivers.create_driver(driver).await.unwrap_err();
    assert!(["SEVERAL_AREAS", "INVALID_FIELD"].contains(&reason(&unsaid).as_str()), "{unsaid:?}");
    stop(house).await;
}

#[tokio::test]
async fn a_journal_that_fails_takes_down_its_own_area() {
    let dir = written(&[("east", town("east", "hakupu", "")), ("west", town("west", "tamakautoga", ""))]);
    let broken = Faulty::new(MemoryStore::new(ShardName::new("east").unwrap()), true);
    let fail = broken.fail.clone();
    let house = open(dir.path(), Store::Several(vec![Box::new(broken)])).await;
    let (running, channel) = &house;
    book(channel, EAST_RIDE, "e1").await.unwrap();
    let mut west = area_pb::area_service_client::AreaServiceClient::new(channel.clone());
    let request = |name: &str| area_pb::WatchAreaRequest { name: name.to_owned(), resume_from_revision: 0 };
    let mut seen_east = west.watch_area(request(EAST)).await.unwrap().into_inner();
    seen_east.message().await.unwrap().unwrap();

    fail.store(true, Ordering::SeqCst);
    let status = book(channel, EAST_RIDE, "e2").await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable, "{status:?}");
    // whoever watches it is told; the others notice nothing
    let ended = loop {
        match seen_east.message().await {
            Ok(Some(_)) => {}
            Ok(None) => panic!("a stream ended without a word"),
            Err(status) => break status,
        }
    };
    assert_eq!(ended.code(), Code::Unavailable);
    wait_until(|| async { health(channel, EAST).await == ServingStatus::NotServing }).await;
    let status = list(channel, EAST_RIDE).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::Unavailable, "AREA_UNAVAILABLE"));
    assert_eq!(metadata(&status, "name"), EAST);
    assert_eq!(areas(channel).await.unreachable, [EAST]);
    book(channel, WEST_RIDE, "w1").await.unwrap();
    assert_eq!(health(channel, WEST).await, ServingStatus::Serving);
    assert_eq!(health(channel, "transit.booking.v1.BookingService").await, ServingStatus::Serving);
    assert!(running.areas().iter().all(|area| area.recovery.is_ok()), "both had begun");
    stop(house).await;
}

#[tokio::test]
async fn a_file_that_is_wrong_takes_down_its_own_area() {
    let dir = written(&[
        ("east", town("east", "hakupu", "").replace("seats = 4", "seets = 4")),
        ("west", town("west", "tamakautoga", "")),
    ]);
    let house = open(dir.path(), Store::Configured).await;
    let warnings = house.0.warnings().join("\n");
    assert!(warnings.contains("areas/east IS DOWN") && warnings.contains("`seets`"), "{warnings}");
    assert_eq!(health(&house.1, EAST).await, ServingStatus::NotServing);
    assert_eq!(areas(&house.1).await.unreachable, [EAST]);
    // what may be in the file that nobody could read is not said to be nowhere
    let status = list(&house.1, EAST_RIDE).await.unwrap_err();
    assert_eq!(reason(&status), "AREA_UNAVAILABLE");
    book(&house.1, WEST_RIDE, "w1").await.unwrap();
    stop(house).await;

    // a journal that is in use elsewhere, likewise
    let dir = two_towns();
    let lone = {
        let text = std::fs::read_to_string(dir.path().join("areas/east.toml")).unwrap();
        let mut config = mukae_server::Config::parse(&text, &dir.path().join("areas")).unwrap();
        config.server.listen = "127.0.0.1:0".parse().unwrap();
        House::open_with(config, Store::Configured, MORNING).await
    };
    let house = open(dir.path(), Store::Configured).await;
    let warnings = house.0.warnings().join("\n");
    assert!(warnings.contains("areas/east IS DOWN") && warnings.contains("cannot be opened"), "{warnings}");
    book(&house.1, WEST_RIDE, "w1").await.unwrap();
    stop(house).await;
    lone.close().await;
}

#[tokio::test]
async fn what_could_mean_either_of_two_areas_is_refused_at_the_start() {
    let dir = written(&[("east", town("east", "hakupu", "")), ("west", town("west", "hakupu", ""))]);
    let message = refused(dir.path()).await;
    assert!(message.contains(EAST_RIDE) && message.contains(EAST) && message.contains(WEST), "{message}");
    let dir = written(&[
        ("east", town("east", "hakupu", "[journal]\ndir = \"journal\"")),
        ("west", town("west", "tamakautoga", "[journal]\ndir = \"journal\"")),
    ]);
    let message = refused(dir.path()).await;
    assert!(message.contains("one journal"), "{message}");
    let dir = written(&[("east", "nonsense".to_owned())]);
    let message = refused(dir.path()).await;
    assert!(message.contains("east.toml"), "a lone area's fault is told whole: {message}");

    // tables in the wrong file, a name that is not the area's
    for (id, text, expected) in [
        ("east", format!("[server]\nqueue = 7\n{}", town("east", "hakupu", "")), "the server's file"),
        ("east", town("west", "hakupu", ""), "to be called west.toml"),
    ] {
        let dir = written(&[(id, text)]);
        let message = refused(dir.path()).await;
        assert!(message.contains(expected), "{message}");
    }
    let dir = written(&[]);
    let error = Installation::load(&dir.path().join("server.toml")).unwrap_err().to_string();
    assert!(error.contains("there is no area's file"), "{error}");
    std::fs::write(dir.path().join("server.toml"), town("east", "hakupu", "[server]\nareas = \"areas\"")).unwrap();
    let error = Installation::load(&dir.path().join("server.toml")).unwrap_err().to_string();
    assert!(error.contains("stands in the file of its area"), "{error}");
}

/// Places are looked for on the map of the area they are meant in.
#[tokio::test]
async fn shifts_begin_on_the_roads_of_their_own_area() {
    let dir = two_towns();
    let house = open(dir.path(), Store::Configured).await;
    let mut fleet = fleet_pb::fleet_service_client::FleetServiceClient::new(house.1.clone());
    for tenant in ["hakupu", "tamakautoga"] {
        let far = |(latitude, longitude): (f64, f64)| {
            let position = Some(LatLng { latitude, longitude });
            Some(mukae_proto::transit::units::v1::Place { position, label: String::new() })
        };
        let request = |place| fleet_pb::CreateShiftRequest {
            parent: format!("tenants/{tenant}/vehicles/bus"),
            shift_id: "night".to_owned(),
            shift: Some(fleet_pb::Shift {
                start_time: Some(timestamp(MORNING + Span::HOUR * 12)),
                end_time: Some(timestamp(MORNING + Span::HOUR * 14)),
                start_place: place,
                ..Default::default()
            }),
            request_id: format!("night-{tenant}"),
            validate_only: false,
        };
        assert_eq!(reason(&fleet.create_shift(request(far(SEA))).await.unwrap_err()), "PLACE_OFF_ROAD");
        fleet.create_shift(request(far(HAKUPU))).await.unwrap();
    }
    stop(house).await;
}

async fn wait_until<F: Future<Output = bool>>(holds: impl Fn() -> F) {
    for _ in 0..500 {
        if holds().await {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("it never came to hold");
}

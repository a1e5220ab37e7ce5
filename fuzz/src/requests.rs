//! The server's readers: any bytes sent to any method of a small town at work. What is wrong is told with its reason,
//! and nothing has happened.
//!
//! Used by the fuzz target `request` and by the test `server/tests/contract`. Both have a module `support`,
//! which is `server/tests/server/support.rs`.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use mukae_journal::{LogStore, MemoryStore, ShardName};
use mukae_proto::FILE_DESCRIPTOR_SET;
use mukae_proto::transit::area::v1 as area_pb;
use mukae_proto::transit::booking::v1 as booking_pb;
use mukae_proto::transit::booking::v1::rider_service_client::RiderServiceClient;
use mukae_proto::transit::booking::v1::standing_booking_service_client::StandingBookingServiceClient;
use mukae_proto::transit::fleet::v1 as fleet_pb;
use mukae_proto::transit::operations::v1 as operations_pb;
use mukae_proto::transit::planning::v1 as planning_pb;
use mukae_proto::transit::planning::v1::simulation::State;
use mukae_proto::transit::planning::v1::simulation_service_client::SimulationServiceClient;
use mukae_proto::transit::units::v1::{ErrorReason, Seats, TimeWindow};
use mukae_server::{Config, Store};
use mukae_units::Span;
use prost::Message;
use prost::bytes::{Buf, BufMut};
use prost_reflect::{DescriptorPool, DynamicMessage, MethodDescriptor};
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::{Code, Request, Status};
use tonic_types::StatusExt;

use crate::support::{
    AIRPORT, ALOFI, AREA, BUS, HAKUPU, House, MORNING, SERVICE, VAN, confirm, offer_of, place, ride, timestamp,
};

/// Two tenants; buses with paid drivers, and a neighbour's car whose driver is asked.
const CONFIG: &str = r#"
[server]
listen = "127.0.0.1:0"

[quota]
calls_per_second = 1000000
burst = 1000000

[area]
id = "niue"
display_name = "Niue"
time_zone = "Pacific/Niue"
map = "niue.map"
snap_limit_m = 500
shift_days_ahead = 1
holidays = "japan"

[[service]]
tenant = "alofi"
id = "ride"
display_name = "Alofi ride"
driven_by = ["staff"]

[service.fare]
yen = 500
child_percent = 50

[[service]]
tenant = "alofi"
id = "mutual"
driven_by = ["volunteer"]

[[service]]
tenant = "avatele"
id = "ride"
driven_by = ["staff"]

[[meeting_point]]
place = [-19.0540, -169.9187]
label = "Market"

[[vehicle]]
tenant = "alofi"
id = "bus"
display_name = "1号車"
seats = 4
wheelchairs = 1
features = ["ramp"]

[[vehicle]]
tenant = "alofi"
id = "van"
seats = 2
managed = "api"

[[vehicle]]
tenant = "alofi"
id = "car"
seats = 3
driven_by = "volunteer"

[[vehicle]]
tenant = "avatele"
id = "bus"
seats = 4

[[driver]]
tenant = "alofi"
id = "sato"
display_name = "佐藤"
kind = "volunteer"
tier = "T0"
asks_per_week = 10
managed = "api"

[[shift]]
vehicle = "alofi/bus"
start = "07:00"
end = "19:00"
start_place = [-19.0540, -169.9187]

[[shift]]
vehicle = "alofi/car"
start = "07:00"
end = "19:00"
start_place = [-19.0540, -169.9187]
driver = "sato"
"#;

/// For any answer; a stream is followed up to its first message, or to its end where it has one.
const PATIENCE: Duration = Duration::from_secs(20);
/// A stream that has nothing to tell answers with a heartbeat.
const BEAT: Duration = Duration::from_millis(200);
/// An error after which something has happened nevertheless: fresh offers come with it, and they are in the journal.
const LEAVES_A_RECORD: [&str; 1] = ["PLAN_CHANGED"];

/// All methods of ours, by `package.Service/Method`.
pub fn methods() -> BTreeMap<String, MethodDescriptor> {
    let pool = DescriptorPool::decode(FILE_DESCRIPTOR_SET).expect("the descriptors are whole: proto/src/lib.rs");
    let services: Vec<_> = pool.services().filter(|service| service.package_name().starts_with("transit.")).collect();
    let of_service = |service: &prost_reflect::ServiceDescriptor| {
        let name = service.full_name().to_owned();
        service.methods().map(move |method| (format!("{name}/{}", method.name()), method)).collect::<Vec<_>>()
    };
    services.iter().flat_map(of_service).collect()
}

/// A server with a day under way, whose clock stands still.
pub struct Town {
    pub house: House,
    pub log: MemoryStore,
    /// Where riders' records are.
    people: tempfile::TempDir,
    pub methods: BTreeMap<String, MethodDescriptor>,
    /// What there is to be named, by what examples call it.
    pub names: BTreeMap<&'static str, String>,
    /// How it stood after the last call.
    standing: Standing,
}

/// What a call may have changed: the journal, from which all else follows, and what is not in it, positions and riders.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Standing {
    records: u64,
    vehicles: Vec<u8>,
    riders: Vec<u8>,
    /// Those that are there, and whether they are over, which one of them may be at any time.
    simulations: Vec<(String, bool)>,
}

/// What came of a call.
pub type Answer = Result<Vec<Vec<u8>>, Status>;

impl Town {
    pub async fn open() -> Town {
        let store = MemoryStore::new(ShardName::new("niue").expect("a plain name"));
        let log = store.open_again();
        let people = tempfile::tempdir().expect("a directory for a while");
        let config = config(CONFIG, people.path());
        let house = House::open_beating(config, Store::Given(Box::new(store)), MORNING, BEAT).await;
        let names = set_up(&house).await;
        let standing = Standing { records: 0, vehicles: Vec::new(), riders: Vec::new(), simulations: Vec::new() };
        let mut town = Town { house, log, people, methods: methods(), names, standing };
        town.standing = town.look().await;
        town
    }

    /// Stops, and starts from the journal: of what staff may have changed since, the configuration says nothing.
    pub async fn restart(self) -> Town {
        let Town { house, log, people, methods, names, standing } = self;
        let now = mukae_server::Clock::now(house.clock.as_ref());
        house.close().await;
        let store = Box::new(log.open_again());
        let (settled, _) = CONFIG.split_once("[[driver]]").expect("drivers come last, and their shifts");
        let house = House::open_beating(config(settled, people.path()), Store::Given(store), now, BEAT).await;
        let mut town = Town { house, log, people, methods, names, standing };
        town.standing = town.look().await;
        town
    }

    pub async fn pass(&mut self, span: Span) {
        self.house.clock.advance(span);
        self.look().await;
        self.standing = self.look().await; // by now all that was due has come
    }

    /// Through the area's queue: whatever was decided before is durable when this is answered.
    async fn look(&self) -> Standing {
        let request = fleet_pb::ListVehiclesRequest { parent: "tenants/alofi".to_owned(), ..Default::default() };
        let vehicles = self.house.fleet().list_vehicles(request).await.expect("the server is there");
        let request = booking_pb::ListRidersRequest { parent: "tenants/alofi".to_owned(), ..Default::default() };
        let riders = RiderServiceClient::new(self.house.channel.clone()).list_riders(request).await;
        let request = planning_pb::ListSimulationsRequest { parent: "tenants/alofi".to_owned(), ..Default::default() };
        let simulations = SimulationServiceClient::new(self.house.channel.clone()).list_simulations(request).await;
        let simulations = simulations.expect("the server is there").into_inner().simulations;
        let is_over = |it: &planning_pb::Simulation| ![State::Queued, State::Running].contains(&it.state());
        Standing {
            simulations: simulations.iter().map(|it| (it.name.clone(), is_over(it))).collect(),
            records: self.log.next().as_u64(),
            vehicles: vehicles.into_inner().encode_to_vec(),
            riders: riders.expect("the server is there").into_inner().encode_to_vec(),
        }
    }

    /// Sends `bytes` and looks at what comes back, and at what has changed. `Err` says what is wrong with it.
    pub async fn ask(&mut self, path: &str, bytes: &[u8]) -> Result<Answer, String> {
        let method = self.methods.get(path).ok_or_else(|| format!("there is no method {path}"))?.clone();
        let answer = self.call(path, bytes).await?;
        let now = self.look().await;
        let before = std::mem::replace(&mut self.standing, now);
        let has_changed = before != self.standing;
        let stays = if let Err(status) = &answer {
            let reason = judge(status)?;
            (!LEAVES_A_RECORD.contains(&reason.as_str())).then_some("an error")
        } else {
            may_not_change(&method, bytes)
        };
        match stays {
            Some(why) if has_changed => {
                Err(format!("{why} changed something: {} records, {} before", self.standing.records, before.records))
            }
            _ => Ok(answer),
        }
    }

    /// Any method, unary or streaming.
    async fn call(&self, path: &str, bytes: &[u8]) -> Result<Answer, String> {
        let mut client = tonic::client::Grpc::new(self.house.channel.clone());
        client.ready().await.map_err(|error| format!("no connection: {error}"))?;
        let uri = format!("/{path}").parse().expect("names of methods make a path");
        let is_watched = path.contains("/Watch");
        let call = async {
            let mut stream = client.server_streaming(Request::new(bytes.to_vec()), uri, Raw).await?.into_inner();
            let mut messages = Vec::new();
            while let Some(message) = stream.message().await? {
                messages.push(message);
                if is_watched {
                    break;
                }
            }
            Ok(messages)
        };
        tokio::time::timeout(PATIENCE, call).await.map_err(|_| format!("no answer within {PATIENCE:?}"))
    }
}

/// What every error must be: not our fault, and with a reason of ours. Returns the reason.
fn judge(status: &Status) -> Result<String, String> {
    let details = status.get_error_details();
    let info = details.error_info().ok_or_else(|| format!("no ErrorInfo: {status:?}"))?;
    let known = ErrorReason::from_str_name(&format!("ERROR_REASON_{}", info.reason));
    if known.is_none_or(|known| matches!(known, ErrorReason::Unspecified | ErrorReason::Bug)) || info.domain != "mukae"
    {
        return Err(format!("no reason of ours: {info:?}"));
    }
    let ours = [Code::Internal, Code::Unknown, Code::Unavailable, Code::DataLoss, Code::DeadlineExceeded];
    if ours.contains(&status.code()) || status.code() == Code::Ok {
        return Err(format!("the caller is told that the server failed: {status:?}"));
    }
    if status.message().is_empty() {
        return Err(format!("an error without words: {info:?}"));
    }
    Ok(info.reason.clone())
}

/// Why an answered call must have left no trace, if it must.
fn may_not_change(method: &MethodDescriptor, bytes: &[u8]) -> Option<&'static str> {
    // what says something and needs no id: its reports carry numbers
    if ["ReportPositions", "StreamPositions"].contains(&method.name()) {
        return None;
    }
    if method.input().get_field_by_name("request_id").is_none() {
        return Some("a call that only reads");
    }
    let request = DynamicMessage::decode(method.input(), bytes).ok()?;
    let is_rehearsal = request.get_field_by_name("validate_only").and_then(|value| value.as_bool());
    is_rehearsal.unwrap_or(false).then_some("a rehearsal")
}

fn config(text: &str, people: &Path) -> Config {
    let mut config = Config::parse(text, Path::new("")).unwrap_or_else(|problems| panic!("{problems:?}"));
    config.server.people.file = Some(people.join("people.redb"));
    config.server.simulations.directory = Some(people.join("simulations"));
    config
}

/// A morning's work, so that there is something of every kind.
async fn set_up(house: &House) -> BTreeMap<&'static str, String> {
    let mut names = BTreeMap::from([
        ("$AREA", AREA.to_owned()),
        ("$TENANT", "tenants/alofi".to_owned()),
        ("$SERVICE", SERVICE.to_owned()),
        ("$BUS", BUS.to_owned()),
        ("$VAN", VAN.to_owned()),
        ("$DRIVER", "tenants/alofi/drivers/sato".to_owned()),
    ]);
    let first = house.book(ride("set-up-1", Span::HOUR)).await;
    let second = house.book(ride("set-up-2", Span::HOUR * 3)).await;
    let open = house.offer(ride("set-up-3", Span::HOUR * 5)).await;
    let held = house.offer(ride("set-up-4", Span::HOUR * 6)).await;
    let hold = booking_pb::HoldOfferRequest {
        name: held.name.clone(),
        request_id: "set-up-5".to_owned(),
        ..Default::default()
    };
    house.bookings().hold_offer(hold).await.expect("holding");
    let mut mutual = ride("set-up-6", Span::HOUR * 2);
    mutual.parent = "tenants/alofi/services/mutual".to_owned();
    let offer = offer_of(house.bookings().quote(mutual).await.expect("quoting").into_inner());
    let asked = house.bookings().confirm_offer(confirm(&offer, "set-up-7")).await.expect("asking").into_inner();

    let manifest = fleet_pb::GetManifestRequest { name: format!("{BUS}/manifest"), ..Default::default() };
    let shift = house.fleet().get_manifest(manifest.clone()).await.expect("a manifest").into_inner().shift;
    let open_shift =
        fleet_pb::OpenShiftRequest { name: shift.clone(), request_id: "set-up-8".to_owned(), ..Default::default() };
    house.fleet().open_shift(open_shift).await.expect("opening");
    let manifest = house.fleet().get_manifest(manifest).await.expect("a manifest").into_inner();
    let position = fleet_pb::Position {
        point: place(ALOFI, "").and_then(|place| place.position),
        device_time: Some(timestamp(MORNING)),
        sequence: 1,
        ..Default::default()
    };
    let positions = fleet_pb::ReportPositionsRequest { vehicle: BUS.to_owned(), positions: vec![position] };
    house.fleet().report_positions(positions).await.expect("a position");
    let day = fleet_pb::Shift {
        start_place: place(AIRPORT, "Airport"),
        start_time: Some(timestamp(MORNING)),
        end_time: Some(timestamp(MORNING + Span::HOUR * 8)),
        breaks: vec![fleet_pb::Break {
            window: Some(TimeWindow {
                earliest_time: Some(timestamp(MORNING + Span::HOUR * 4)),
                latest_time: Some(timestamp(MORNING + Span::HOUR * 5)),
            }),
            length_duration: Some(prost_types::Duration { seconds: 1800, nanos: 0 }),
            ..Default::default()
        }],
        ..Default::default()
    };
    let van_shift = fleet_pb::CreateShiftRequest {
        parent: VAN.to_owned(),
        shift_id: "day".to_owned(),
        shift: Some(day),
        request_id: "set-up-9".to_owned(),
        ..Default::default()
    };
    let van_shift = house.fleet().create_shift(van_shift).await.expect("a shift").into_inner();
    let check = fleet_pb::RecordPretripCheckRequest {
        parent: van_shift.name.clone(),
        pretrip_check: Some(fleet_pb::PretripCheck {
            is_sober: true,
            is_well: true,
            is_vehicle_fit: true,
            ..Default::default()
        }),
        request_id: "set-up-10".to_owned(),
        ..Default::default()
    };
    let check = house.drivers().record_pretrip_check(check).await.expect("a check").into_inner();
    let measure = operations_pb::CreateRoadMeasureRequest {
        parent: AREA.to_owned(),
        road_measure: Some(operations_pb::RoadMeasure {
            note: "flooded".to_owned(),
            roads: Some(operations_pb::RoadSelection { area: square(HAKUPU), ..Default::default() }),
            effect: Some(operations_pb::road_measure::Effect::Percent(150)),
            start_time: Some(timestamp(MORNING + Span::HOUR * 20)),
            ..Default::default()
        }),
        request_id: "set-up-11".to_owned(),
        ..Default::default()
    };
    let measure = house.operations().create_road_measure(measure).await.expect("a measure").into_inner();
    let message = operations_pb::SendMessageRequest {
        parent: AREA.to_owned(),
        message: Some(operations_pb::Message {
            recipient: BUS.to_owned(),
            text: "後ろのドアを確認してください".to_owned(),
            ..Default::default()
        }),
        request_id: "set-up-12".to_owned(),
        ..Default::default()
    };
    let message = house.operations().send_message(message).await.expect("a message").into_inner();
    let standing = booking_pb::CreateStandingBookingRequest {
        parent: SERVICE.to_owned(),
        standing_booking: Some(booking_pb::StandingBooking {
            outbound: Some(booking_pb::StandingRide {
                origin: place(ALOFI, "home"),
                destination: place(HAKUPU, "hospital"),
                time: Some(booking_pb::standing_ride::Time::ArriveBy("10:00".to_owned())),
            }),
            party: ride("", Span::ZERO).party,
            weekdays: vec![booking_pb::Weekday::Wednesday as i32],
            from_date: "2026-05-06".to_owned(), // farther ahead than rides are booked
            ..Default::default()
        }),
        request_id: "set-up-13".to_owned(),
        ..Default::default()
    };
    let mut standings = StandingBookingServiceClient::new(house.channel.clone());
    let standing = standings.create_standing_booking(standing).await.expect("a standing booking").into_inner();
    let spare = fleet_pb::CreateVehicleRequest {
        parent: "tenants/alofi".to_owned(),
        vehicle_id: "spare".to_owned(),
        vehicle: Some(fleet_pb::Vehicle {
            area: AREA.to_owned(),
            capacity: Some(Seats { seats: 2, ..Default::default() }),
            ..Default::default()
        }),
        request_id: "set-up-17".to_owned(),
        ..Default::default()
    };
    let spare = house.fleet().create_vehicle(spare).await.expect("a vehicle").into_inner();
    let own = area_pb::CreateServiceRequest {
        parent: "tenants/alofi".to_owned(),
        service_id: "tours".to_owned(),
        service: Some(area_pb::Service { area: AREA.to_owned(), ..Default::default() }),
        request_id: "set-up-14".to_owned(),
        ..Default::default()
    };
    let own = house.setup().create_service(own).await.expect("a service").into_inner();
    let points = area_pb::ListMeetingPointsRequest { parent: SERVICE.to_owned(), ..Default::default() };
    let points = house.setup().list_meeting_points(points).await.expect("a list").into_inner().meeting_points;
    let rider = booking_pb::CreateRiderRequest {
        parent: "tenants/alofi".to_owned(),
        rider: Some(booking_pb::Rider {
            pseudonym: "line+U4af4980629".to_owned(),
            display_name: "山田花子".to_owned(),
            kana: "やまだはなこ".to_owned(),
            ..Default::default()
        }),
        request_id: "set-up-15".to_owned(),
        ..Default::default()
    };
    let riders = RiderServiceClient::new(house.channel.clone()).create_rider(rider).await;
    let rider = riders.expect("a rider").into_inner();
    let trip = fleet_pb::CreateTripDeclarationRequest {
        parent: "tenants/alofi".to_owned(),
        trip_declaration_id: "evening".to_owned(),
        trip_declaration: Some(fleet_pb::TripDeclaration {
            driver: "tenants/alofi/drivers/sato".to_owned(),
            vehicle: "tenants/alofi/vehicles/car".to_owned(),
            from_place: place(ALOFI, "home"),
            to_place: place(HAKUPU, "choir"),
            leave: "20:00".to_owned(),
            arrive: "21:00".to_owned(),
            days: vec!["thu".to_owned()],
            ..Default::default()
        }),
        request_id: "set-up-16".to_owned(),
        ..Default::default()
    };
    let trip = house.drivers().create_trip_declaration(trip).await.expect("a declared trip").into_inner();
    let (simulated, simulation) = (simulate(house, "# quick").await, simulate(house, "").await);
    house.clock.advance(Span::from_secs(20));
    let paper = fleet_pb::GetManifestRequest { name: format!("{BUS}/manifest"), ..Default::default() };
    let paper = house.fleet().get_manifest(paper).await.expect("a manifest").into_inner();
    let rest = fleet_pb::GetManifestRequest { name: format!("{VAN}/manifest"), shift: van_shift.name.clone() };
    let rest = house.fleet().get_manifest(rest).await.expect("a manifest").into_inner();
    // the neighbour has not set out
    let alerts = operations_pb::ListAlertsRequest { parent: AREA.to_owned(), ..Default::default() };
    let alerts = house.operations().list_alerts(alerts).await.expect("a list").into_inner().alerts;
    names.extend([
        ("$BOOKING", first.name),
        ("$LATER_BOOKING", second.name),
        ("$OFFER", open.name),
        ("$HELD_OFFER", held.name),
        ("$ASKED_BOOKING", asked.name),
        ("$SHIFT", shift),
        ("$VAN_SHIFT", van_shift.name),
        ("$CHECK", check.name),
        ("$STOP", manifest.stops[0].name.clone()),
        ("$DROPOFF", manifest.stops[1].name.clone()),
        ("$MEASURE", measure.name),
        ("$MESSAGE", message.name),
        ("$STANDING", standing.name),
        ("$ALERT", alerts[0].name.clone()),
        ("$BREAK", rest.stops[0].name.clone()),
        ("$OWN_SERVICE", own.name),
        ("$POINT", points[0].name.clone()),
        ("$RIDER", rider.name),
        ("$SPARE", spare.name),
        ("$TRIP", trip.name),
        ("$SIMULATED", simulated),
        ("$UNDER_WAY", simulation),
        ("$MANIFEST_ETAG", paper.etag),
        ("$MANIFEST_REVISION", paper.revision.to_string()),
    ]);
    names
}

/// Starts one and waits until it is over, or under way.
async fn simulate(house: &House, scenario: &str) -> String {
    let mut simulations = SimulationServiceClient::new(house.channel.clone());
    let request = planning_pb::CreateSimulationRequest {
        parent: "tenants/alofi".to_owned(),
        scenario: format!("name = \"town\"\n{scenario}"),
        request_id: format!("set-up-simulation{}", scenario.len()),
        ..Default::default()
    };
    let name = simulations.create_simulation(request).await.expect("a simulation").into_inner().name;
    let request = planning_pb::WatchSimulationRequest { name: name.clone() };
    let mut stream = simulations.watch_simulation(request).await.expect("a stream").into_inner();
    while let Some(message) = stream.message().await.expect("the server is there") {
        let update = message.update;
        if matches!(update, Some(planning_pb::watch_simulation_response::Update::Simulation(it)) if it.progress.is_some() && (scenario.is_empty() || it.state() == State::Succeeded))
        {
            break;
        }
    }
    name
}

/// Of about a kilometre.
fn square((latitude, longitude): (f64, f64)) -> Vec<mukae_proto::google::r#type::LatLng> {
    let corners = [(-1.0, -1.0), (-1.0, 1.0), (1.0, 1.0), (1.0, -1.0)];
    let corner = |(north, east)| mukae_proto::google::r#type::LatLng {
        latitude: latitude + north * 0.005,
        longitude: longitude + east * 0.005,
    };
    corners.map(corner).to_vec()
}

/// Bytes as they are.
#[derive(Clone, Copy)]
pub struct Raw;

impl Codec for Raw {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Raw;
    type Decoder = Raw;
    fn encoder(&mut self) -> Raw {
        Raw
    }
    fn decoder(&mut self) -> Raw {
        Raw
    }
}

impl Encoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;
    fn encode(&mut self, item: Vec<u8>, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put_slice(&item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;
    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        Ok(Some(buffer.copy_to_bytes(buffer.remaining()).to_vec()))
    }
}

/// A town in a world of one thread, for those who are not asynchronous. Made anew now and then, so that what an input
/// did does not stand in the way of the next ones for long.
pub struct Trial {
    runtime: tokio::runtime::Runtime,
    town: Option<Town>,
    asked: u32,
}

/// Inputs of one town.
const ASKED_MAX: u32 = 500;

impl Default for Trial {
    fn default() -> Trial {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        Trial { runtime: runtime.expect("a runtime"), town: None, asked: 0 }
    }
}

impl Trial {
    /// A line with the method, and the bytes of its request. What names no method is skipped.
    pub fn request(&mut self, input: &[u8]) {
        let Some(end) = input.iter().position(|&byte| byte == b'\n') else { return };
        let Ok(path) = std::str::from_utf8(&input[..end]) else { return };
        let (path, bytes) = (path.to_owned(), &input[end + 1..]);
        if ASKED_MAX <= self.asked {
            let town = self.town.take();
            self.runtime.block_on(async {
                if let Some(town) = town {
                    town.house.close().await;
                }
            });
            self.asked = 0;
        }
        self.asked += 1;
        let town = self.town.get_or_insert_with(|| self.runtime.block_on(Town::open()));
        if town.methods.contains_key(&path) {
            let answer = self.runtime.block_on(town.ask(&path, bytes));
            if let Err(wrong) = answer {
                panic!("{path}: {wrong}");
            }
        }
    }
}

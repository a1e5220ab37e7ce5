//! A small town on Niue: two vehicles, one service, a clock that stands still until it is set.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use mukae_maps::{BuildOptions, PreparedMap, build_map};
use mukae_proto::google::r#type::LatLng;
use mukae_proto::transit::area::v1::area_service_client::AreaServiceClient;
use mukae_proto::transit::area::v1::setup_service_client::SetupServiceClient;
use mukae_proto::transit::booking::v1 as pb;
use mukae_proto::transit::booking::v1::booking_service_client::BookingServiceClient;
use mukae_proto::transit::booking::v1::rider_service_client::RiderServiceClient;
use mukae_proto::transit::fleet::v1 as fleet_pb;
use mukae_proto::transit::fleet::v1::driver_service_client::DriverServiceClient;
use mukae_proto::transit::fleet::v1::fleet_service_client::FleetServiceClient;
use mukae_proto::transit::operations::v1::dispatch_service_client::DispatchServiceClient;
use mukae_proto::transit::operations::v1::operations_service_client::OperationsServiceClient;
use mukae_proto::transit::planning::v1::planning_service_client::PlanningServiceClient;
use mukae_proto::transit::units::v1::{Place, Seats, TimeWindow};
use mukae_server::{Clock, Config, ManualClock, Options, Running, Simulator, Store, serve};
use mukae_units::{Span, Time};
use pb::quote_request::Wish;
use prost_types::Timestamp;
use tonic::Status;
use tonic::transport::Channel;
use tonic_types::StatusExt;

pub const AREA: &str = "areas/niue";
pub const SERVICE: &str = "tenants/alofi/services/ride";
pub const BUS: &str = "tenants/alofi/vehicles/bus";
pub const VAN: &str = "tenants/alofi/vehicles/van";
/// Once it was sent.
pub const VAN_SHIFT: &str = "tenants/alofi/vehicles/van/shifts/day";

/// Wednesday, the first of April 2026, 08:00 in Niue.
pub const MORNING: Time = Time::from_unix_secs(1_775_070_000);

/// Lie at roads.
pub const ALOFI: (f64, f64) = (-19.0540, -169.9187);
pub const AIRPORT: (f64, f64) = (-19.0790, -169.9256);
pub const HAKUPU: (f64, f64) = (-19.1200, -169.8500);
/// In the sea.
pub const SEA: (f64, f64) = (-19.3, -170.2);

pub const CONFIG: &str = r#"
[server]
listen = "127.0.0.1:0"

[area]
id = "niue"
display_name = "Niue"
time_zone = "Pacific/Niue"
map = "niue.map"
snap_limit_m = 500
shift_days_ahead = 1

[[service]]
tenant = "alofi"
id = "ride"
display_name = "Alofi ride"

[[vehicle]]
tenant = "alofi"
id = "bus"
display_name = "1号車"
seats = 4
wheelchairs = 1

[[vehicle]]
tenant = "alofi"
id = "van"
seats = 2

[[shift]]
vehicle = "bus"
days = "daily"
start = "07:00"
end = "19:00"
start_place = [-19.0540, -169.9187]
label = "garage"
"#;

/// The prepared map of the committed extract, built once.
pub fn map() -> Arc<PreparedMap> {
    static MAP: OnceLock<Arc<PreparedMap>> = OnceLock::new();
    let build = || {
        let pbf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../maps/data/niue.osm.pbf");
        let (map, _) = build_map(&pbf, &BuildOptions::default(), &mut |_, _| {}).unwrap();
        Arc::new(map)
    };
    Arc::clone(MAP.get_or_init(build))
}

pub fn config() -> Config {
    Config::parse(CONFIG, Path::new("")).unwrap()
}

/// A server, its clock, and a connection to it.
pub struct House {
    pub running: Running,
    pub clock: Arc<ManualClock>,
    pub channel: Channel,
}

impl House {
    /// In memory, on the shipped configuration.
    pub async fn open() -> House {
        House::open_with(config(), Store::Configured, MORNING).await
    }

    /// With the journal in a directory.
    pub async fn open_in(dir: PathBuf, at: Time) -> House {
        let mut config = config();
        config.journal.dir = Some(dir);
        House::open_with(config, Store::Configured, at).await
    }

    pub async fn open_with(config: Config, store: Store, at: Time) -> House {
        House::open_beating(config, store, at, Options::default().heartbeat).await
    }

    /// A quiet stream gets a heartbeat after so long.
    pub async fn open_beating(config: Config, store: Store, at: Time, heartbeat: Duration) -> House {
        let clock = Arc::new(ManualClock::new(at));
        let options = Options { heartbeat, ..options(&clock, store) };
        let running = serve(config, map(), options).await.unwrap_or_else(|error| panic!("{error}"));
        let channel = connect(&running).await;
        House { running, clock, channel }
    }

    pub fn bookings(&self) -> BookingServiceClient<Channel> {
        BookingServiceClient::new(self.channel.clone())
    }

    pub fn fleet(&self) -> FleetServiceClient<Channel> {
        FleetServiceClient::new(self.channel.clone())
    }

    pub fn dispatch(&self) -> DispatchServiceClient<Channel> {
        DispatchServiceClient::new(self.channel.clone())
    }

    pub fn setup(&self) -> SetupServiceClient<Channel> {
        SetupServiceClient::new(self.channel.clone())
    }

    pub fn area(&self) -> AreaServiceClient<Channel> {
        AreaServiceClient::new(self.channel.clone())
    }

    pub fn drivers(&self) -> DriverServiceClient<Channel> {
        DriverServiceClient::new(self.channel.clone())
    }

    pub fn operations(&self) -> OperationsServiceClient<Channel> {
        OperationsServiceClient::new(self.channel.clone())
    }

    pub fn riders(&self) -> RiderServiceClient<Channel> {
        RiderServiceClient::new(self.channel.clone())
    }

    pub fn planning(&self) -> PlanningServiceClient<Channel> {
        PlanningServiceClient::new(self.channel.clone())
    }

    /// The van works until the evening, too, from the airport.
    pub async fn send_van(&self) {
        let shift = fleet_pb::Shift {
            start_place: place(AIRPORT, "Airport"),
            start_time: Some(timestamp(MORNING)),
            end_time: Some(timestamp(MORNING + Span::HOUR * 10)),
            ..Default::default()
        };
        let request = fleet_pb::CreateShiftRequest {
            parent: VAN.to_owned(),
            shift_id: "day".to_owned(),
            shift: Some(shift),
            request_id: "van-shift".to_owned(),
            ..Default::default()
        };
        self.fleet().create_shift(request).await.unwrap();
    }

    pub async fn close(self) {
        let House { running, channel, .. } = self;
        drop(channel);
        running.shutdown();
        running.join().await.unwrap();
    }

    /// The first offer for this wish.
    pub async fn offer(&self, request: pb::QuoteRequest) -> pb::Offer {
        offer_of(self.bookings().quote(request).await.unwrap().into_inner())
    }

    /// Quoted and confirmed.
    pub async fn book(&self, request: pb::QuoteRequest) -> pb::Booking {
        let request_id = format!("confirm-{}", request.request_id);
        let offer = self.offer(request).await;
        self.bookings().confirm_offer(confirm(&offer, &request_id)).await.unwrap().into_inner()
    }
}

pub fn options(clock: &Arc<ManualClock>, store: Store) -> Options {
    let clock: Arc<dyn Clock> = Arc::clone(clock) as Arc<dyn Clock>;
    Options { clock, store, drain: Duration::from_secs(5), simulator: Some(simulator()), ..Options::default() }
}

/// A script in place of the program; where a configuration says no directory, there are no simulations.
fn simulator() -> Simulator {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../server/tests/server/simulator.sh");
    let towns = BTreeMap::from([(AREA.parse().unwrap(), Some(PathBuf::from("/niue.toml")))]);
    Simulator { program, towns, journals: BTreeMap::new() }
}

pub async fn connect(running: &Running) -> Channel {
    Channel::from_shared(format!("http://{}", running.local_addr())).unwrap().connect().await.unwrap()
}

pub fn place((latitude, longitude): (f64, f64), label: &str) -> Option<Place> {
    Some(Place { position: Some(LatLng { latitude, longitude }), label: label.to_owned() })
}

/// From Alofi to Hakupu for one, from `after` the morning on, within the hour.
pub fn ride(request_id: &str, after: Span) -> pb::QuoteRequest {
    let window = TimeWindow {
        earliest_time: Some(timestamp(MORNING + after)),
        latest_time: Some(timestamp(MORNING + after + Span::HOUR)),
    };
    pb::QuoteRequest {
        passengers: None,
        parent: SERVICE.to_owned(),
        origin: place(ALOFI, "Town hall"),
        destination: place(HAKUPU, "診療所"),
        party: Some(Seats { seats: 1, wheelchairs: 0, ..Default::default() }),
        wish: Some(Wish::DepartAfter(window)),
        rider: "line+U4af4980629".to_owned(),
        channel: pb::Channel::Phone as i32,
        request_id: request_id.to_owned(),
        max_offers: 0,
        requirements: Vec::new(),
        extra_ride_duration: None,
        extra_walk_duration: None,
    }
}

/// The same as a wish of its own.
pub fn wish(after: Span) -> pb::RideWish {
    let pb::QuoteRequest { origin, destination, party, wish, rider, channel, .. } = ride("", after);
    let wish = wish.map(|wish| match wish {
        Wish::DepartAfter(window) => pb::ride_wish::Wish::DepartAfter(window),
        Wish::ArriveBy(window) => pb::ride_wish::Wish::ArriveBy(window),
    });
    pb::RideWish { origin, destination, party, wish, rider, channel, ..Default::default() }
}

pub fn confirm(offer: &pb::Offer, request_id: &str) -> pb::ConfirmOfferRequest {
    pb::ConfirmOfferRequest { name: offer.name.clone(), request_id: request_id.to_owned(), ..Default::default() }
}

pub fn offer_of(response: pb::QuoteResponse) -> pb::Offer {
    match response.result {
        Some(pb::quote_response::Result::Offers(mut list)) => list.offers.remove(0),
        other => panic!("no offer but {other:?}"),
    }
}

pub fn refusal_of(response: pb::QuoteResponse) -> Vec<pb::binding_constraint::Kind> {
    match response.result {
        Some(pb::quote_response::Result::Refusal(refusal)) => {
            refusal.binding_constraints.iter().map(|constraint| constraint.kind()).collect()
        }
        other => panic!("no refusal but {other:?}"),
    }
}

pub fn timestamp(time: Time) -> Timestamp {
    Timestamp { seconds: time.as_unix_millis() / 1000, nanos: (time.as_unix_millis() % 1000 * 1_000_000) as i32 }
}

pub fn time(timestamp: &Option<Timestamp>) -> Time {
    let timestamp = timestamp.as_ref().unwrap();
    Time::from_unix_millis(timestamp.seconds * 1000 + i64::from(timestamp.nanos) / 1_000_000)
}

/// The reason every error must carry.
pub fn reason(status: &Status) -> String {
    let details = status.get_error_details();
    let info = details.error_info().unwrap_or_else(|| panic!("no ErrorInfo in {status:?}"));
    assert_eq!(info.domain, "mukae");
    info.reason.clone()
}

pub fn metadata(status: &Status, key: &str) -> String {
    status.get_error_details().error_info().unwrap().metadata[key].clone()
}

/// The fields of a `BadRequest`.
pub fn fields(status: &Status) -> Vec<String> {
    let details = status.get_error_details();
    let bad = details.bad_request().unwrap_or_else(|| panic!("no BadRequest in {status:?}"));
    bad.field_violations.iter().map(|violation| violation.field.clone()).collect()
}

/// A booking without what moves by itself.
pub fn settled(mut booking: pb::Booking) -> pb::Booking {
    booking.prediction = None;
    booking.revision = 0;
    booking
}

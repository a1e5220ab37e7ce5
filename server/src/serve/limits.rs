//! The transport: its services, and every limit said aloud.
//!
//! `listener.rs` hands those of a connection to hyper. tonic's own server would make two of hyper's unlimited (streams
//! of a connection, and resets that a peer provokes); nothing here is left to a default.

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderName, HeaderValue, Method};
use mukae_proto::FILE_DESCRIPTOR_SET;
use mukae_proto::transit::area::v1::area_service_server::AreaServiceServer;
use mukae_proto::transit::area::v1::setup_service_server::SetupServiceServer;
use mukae_proto::transit::booking::v1::booking_service_server::BookingServiceServer;
use mukae_proto::transit::booking::v1::rider_service_server::RiderServiceServer;
use mukae_proto::transit::booking::v1::standing_booking_service_server::StandingBookingServiceServer;
use mukae_proto::transit::booking::v1::waiting_list_service_server::WaitingListServiceServer;
use mukae_proto::transit::fleet::v1::driver_service_server::DriverServiceServer;
use mukae_proto::transit::fleet::v1::fleet_service_server::FleetServiceServer;
use mukae_proto::transit::operations::v1::dispatch_service_server::DispatchServiceServer;
use mukae_proto::transit::operations::v1::operations_service_server::OperationsServiceServer;
use mukae_proto::transit::operations::v1::supply_service_server::SupplyServiceServer;
use mukae_proto::transit::planning::v1::planning_service_server::PlanningServiceServer;
use mukae_proto::transit::planning::v1::simulation_service_server::SimulationServiceServer;
use tonic::service::Routes;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;
use tonic_web::{GrpcWebLayer, GrpcWebService};
use tower_http::cors::{AllowOrigin, Cors, CorsLayer};
use tower_layer::Layer;

use super::ServeError;
use super::deadline::Timed;
use crate::auth::{Gate, Guarded};
use crate::grpc::{AreaService, Desk, DressErrors, Dressed};
use crate::metrics::{Metered, RpcMeter};
use crate::names::AreaName;
use crate::wire::from_proto::ATTACHED_BYTES_MAX;

/// Between two messages on a quiet stream.
pub const HEARTBEAT: Duration = Duration::from_secs(15);
/// From a stop to the end of what was in flight.
pub const DRAIN: Duration = Duration::from_secs(10);
/// From a call to its answer.
pub const PATIENCE: Duration = Duration::from_secs(25);

/// Between two looks at the files of keys and certificates.
pub const RELOAD_EVERY: Duration = Duration::from_secs(5);

/// The transport's own limit, for what never comes to a handler.
const CALL_MAX: Duration = Duration::from_secs(30);
pub const STREAMS_PER_CONNECTION_MAX: u32 = 256;
/// Streams that we had to reset because of the peer, before the connection is closed.
pub const LOCAL_ERROR_RESETS_MAX: usize = 1024;
/// Streams that the peer reset before we accepted them, before the connection is closed.
pub const PENDING_ACCEPT_RESETS_MAX: usize = 20;
pub const HEADER_LIST_BYTES_MAX: u32 = 16 << 10;
pub const FRAME_BYTES_MAX: u32 = 64 << 10;
pub const STREAM_WINDOW_BYTES: u32 = 256 << 10;
pub const CONNECTION_WINDOW_BYTES: u32 = 1 << 20;
/// Of one message in; more than any of ours needs.
const DECODE_BYTES_MAX: usize = 256 << 10;
/// The same of one that carries tables of demand.
const DECODE_ATTACHED_BYTES_MAX: usize = ATTACHED_BYTES_MAX + DECODE_BYTES_MAX;
/// Of one message out: a full page, or a part of a snapshot. What clients take by default.
const ENCODE_BYTES_MAX: usize = 4 << 20;
/// Buffered for one stream that its reader does not take.
pub const SEND_BUFFER_BYTES: usize = 1 << 20;
pub const HTTP1_HEADERS_MAX: usize = 64;
pub const HTTP1_BUFFER_BYTES: usize = 64 << 10;

/// How long a connection may take for what; real time.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// From a connection to the end of its TLS handshake.
    pub handshake: Duration,
    /// From a connection to its first call.
    pub first_call: Duration,
    /// For the headers of a call over HTTP/1.1.
    pub http1_headers: Duration,
    /// Between two questions whether the peer is still there, over HTTP/2,
    pub keepalive_every: Duration,
    /// and how long it may take to answer.
    pub keepalive: Duration,
    /// Up to a tenth less; then the peer is asked to connect anew,
    pub age: Duration,
    /// and after this it is cut off, with the streams that are still open.
    pub grace: Duration,
}

impl Times {
    pub const SHIPPED: Times = Times {
        handshake: Duration::from_secs(5),
        first_call: Duration::from_secs(60),
        http1_headers: Duration::from_secs(10),
        keepalive_every: Duration::from_secs(30),
        keepalive: Duration::from_secs(10),
        age: Duration::from_secs(30 * 60),
        grace: Duration::from_secs(30),
    };
}
/// How long browsers may remember what pages of other origins may ask.
const PREFLIGHT_KEPT: Duration = Duration::from_secs(10 * 60);

/// All that answers calls, from the outside in: pages of other origins, browsers' framing, the meter, errors in
/// their dress, deadlines, the gate, the services.
pub type Stack = Cors<GrpcWebService<Metered<Dressed<Timed<Guarded<Routes>>>>>>;

/// The services behind all that comes before them.
pub struct Front {
    pub service: Stack,
    pub health: Health,
}

/// What the health service says of each of our services, and of each area under its name.
#[derive(Clone, Debug)]
pub struct Health(HealthReporter, Vec<AreaName>);

/// Everything is replayed by now: health says `SERVING` from the first answer on.
pub async fn front(
    desk: Desk,
    meter: RpcMeter,
    with_reflection: bool,
    origins: &[String],
) -> Result<Front, ServeError> {
    let (auth, areas) = (Arc::clone(&desk.auth), desk.area.clone());
    let (reporter, health) = tonic_health::server::health_reporter();
    let booking = BookingServiceServer::new(desk.clone())
        .max_decoding_message_size(DECODE_BYTES_MAX)
        .max_encoding_message_size(ENCODE_BYTES_MAX);
    let standing = StandingBookingServiceServer::new(desk.clone())
        .max_decoding_message_size(DECODE_BYTES_MAX)
        .max_encoding_message_size(ENCODE_BYTES_MAX);
    let waiting = WaitingListServiceServer::new(desk.clone())
        .max_decoding_message_size(DECODE_BYTES_MAX)
        .max_encoding_message_size(ENCODE_BYTES_MAX);
    let fleet = FleetServiceServer::new(desk.clone())
        .max_decoding_message_size(DECODE_BYTES_MAX)
        .max_encoding_message_size(ENCODE_BYTES_MAX);
    let driver = DriverServiceServer::new(desk.clone())
        .max_decoding_message_size(DECODE_BYTES_MAX)
        .max_encoding_message_size(ENCODE_BYTES_MAX);
    let operations = OperationsServiceServer::new(desk.clone())
        .max_decoding_message_size(DECODE_BYTES_MAX)
        .max_encoding_message_size(ENCODE_BYTES_MAX);
    let dispatch = DispatchServiceServer::new(desk.clone())
        .max_decoding_message_size(DECODE_BYTES_MAX)
        .max_encoding_message_size(ENCODE_BYTES_MAX);
    let supply = SupplyServiceServer::new(desk.clone())
        .max_decoding_message_size(DECODE_BYTES_MAX)
        .max_encoding_message_size(ENCODE_BYTES_MAX);
    let planning = PlanningServiceServer::new(desk.clone())
        .max_decoding_message_size(DECODE_BYTES_MAX)
        .max_encoding_message_size(ENCODE_BYTES_MAX);
    let simulation = SimulationServiceServer::new(desk.clone())
        .max_decoding_message_size(DECODE_ATTACHED_BYTES_MAX)
        .max_encoding_message_size(ENCODE_BYTES_MAX);
    let rider = RiderServiceServer::new(desk.clone())
        .max_decoding_message_size(DECODE_BYTES_MAX)
        .max_encoding_message_size(ENCODE_BYTES_MAX);
    let setup = SetupServiceServer::new(desk.clone())
        .max_decoding_message_size(DECODE_BYTES_MAX)
        .max_encoding_message_size(ENCODE_BYTES_MAX);
    let area = AreaService::new(desk, DECODE_BYTES_MAX, ENCODE_BYTES_MAX);
    reporter.set_serving::<BookingServiceServer<Desk>>().await;
    reporter.set_serving::<StandingBookingServiceServer<Desk>>().await;
    reporter.set_serving::<WaitingListServiceServer<Desk>>().await;
    reporter.set_serving::<FleetServiceServer<Desk>>().await;
    reporter.set_serving::<DriverServiceServer<Desk>>().await;
    reporter.set_serving::<OperationsServiceServer<Desk>>().await;
    reporter.set_serving::<DispatchServiceServer<Desk>>().await;
    reporter.set_serving::<SupplyServiceServer<Desk>>().await;
    reporter.set_serving::<AreaServiceServer<Desk>>().await;
    reporter.set_serving::<PlanningServiceServer<Desk>>().await;
    reporter.set_serving::<SimulationServiceServer<Desk>>().await;
    for area in areas.all() {
        let status = if area.is_up() { ServingStatus::Serving } else { ServingStatus::NotServing };
        reporter.set_service_status(area.name.to_string(), status).await;
    }
    let health_areas = areas.all().iter().map(|area| area.name.clone()).collect();
    reporter.set_serving::<RiderServiceServer<Desk>>().await;
    reporter.set_serving::<SetupServiceServer<Desk>>().await;
    let reflect = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(FILE_DESCRIPTOR_SET)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    let refused = |error: tonic_reflection::server::Error| ServeError::Reflection(error.to_string());
    let v1 = with_reflection.then(|| reflect().build_v1()).transpose().map_err(refused)?;
    let v1alpha = with_reflection.then(|| reflect().build_v1alpha()).transpose().map_err(refused)?;
    let mut routes = Routes::builder();
    routes.add_service(health);
    if let Some(v1) = v1 {
        routes.add_service(v1);
    }
    if let Some(v1alpha) = v1alpha {
        routes.add_service(v1alpha);
    }
    routes.add_service(booking).add_service(standing).add_service(fleet).add_service(driver).add_service(operations);
    routes.add_service(dispatch).add_service(waiting).add_service(supply);
    routes.add_service(rider);
    routes.add_service(setup);
    routes.add_service(simulation);
    routes.add_service(planning).add_service(area);
    let guarded = Gate(auth).layer(routes.routes().prepare());
    let dressed = DressErrors.layer(Timed { inner: guarded, most: CALL_MAX });
    let metered = Metered { inner: dressed, meter };
    let service = cors(origins).layer(GrpcWebLayer::new().layer(metered));
    Ok(Front { service, health: Health(reporter, health_areas) })
}

/// What pages of other origins may ask; with no origin, none may.
fn cors(origins: &[String]) -> CorsLayer {
    let origins = origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok());
    let asked = ["authorization", "content-type", "grpc-timeout", "x-grpc-web", "x-user-agent"];
    let told = ["grpc-status", "grpc-message", "grpc-status-details-bin"];
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_methods([Method::POST])
        .allow_headers(asked.map(HeaderName::from_static))
        .expose_headers(told.map(HeaderName::from_static))
        .max_age(PREFLIGHT_KEPT)
}

impl Health {
    /// From now on `NOT_SERVING`; the services go on for the other areas.
    pub async fn area_is_down(&self, area: &AreaName) {
        self.0.set_service_status(area.to_string(), ServingStatus::NotServing).await;
    }

    /// From now on `NOT_SERVING`.
    pub async fn stop(&self) {
        for area in &self.1 {
            self.area_is_down(area).await;
        }
        self.0.set_not_serving::<BookingServiceServer<Desk>>().await;
        self.0.set_not_serving::<StandingBookingServiceServer<Desk>>().await;
        self.0.set_not_serving::<WaitingListServiceServer<Desk>>().await;
        self.0.set_not_serving::<FleetServiceServer<Desk>>().await;
        self.0.set_not_serving::<DriverServiceServer<Desk>>().await;
        self.0.set_not_serving::<OperationsServiceServer<Desk>>().await;
        self.0.set_not_serving::<DispatchServiceServer<Desk>>().await;
        self.0.set_not_serving::<SupplyServiceServer<Desk>>().await;
        self.0.set_not_serving::<AreaServiceServer<Desk>>().await;
        self.0.set_not_serving::<PlanningServiceServer<Desk>>().await;
        self.0.set_not_serving::<SimulationServiceServer<Desk>>().await;
        self.0.set_not_serving::<RiderServiceServer<Desk>>().await;
        self.0.set_not_serving::<SetupServiceServer<Desk>>().await;
    }
}

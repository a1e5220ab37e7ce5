//! The transport: its services, and every limit said aloud.
//!
//! tonic hands hyper `None` for two limits that hyper would otherwise set (streams of a connection, and
//! resets that a peer provokes), which makes them unlimited; so nothing here is left to a default.

use std::future::Future;
use std::time::Duration;

use mukae_proto::FILE_DESCRIPTOR_SET;
use mukae_proto::transit::area::v1::area_service_server::AreaServiceServer;
use mukae_proto::transit::booking::v1::booking_service_server::BookingServiceServer;
use mukae_proto::transit::fleet::v1::driver_service_server::DriverServiceServer;
use mukae_proto::transit::fleet::v1::fleet_service_server::FleetServiceServer;
use mukae_proto::transit::operations::v1::dispatch_service_server::DispatchServiceServer;
use mukae_proto::transit::operations::v1::operations_service_server::OperationsServiceServer;
use mukae_proto::transit::planning::v1::planning_service_server::PlanningServiceServer;
use tokio::net::TcpListener;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic_health::server::HealthReporter;
use tonic_web::GrpcWebLayer;

use super::ServeError;
use crate::grpc::{AreaService, Desk, DressErrors};
use crate::shutdown::ShutdownSignal;

/// Between two messages on a quiet stream.
pub const HEARTBEAT: Duration = Duration::from_secs(15);
/// From a stop to the end of what was in flight.
pub const DRAIN: Duration = Duration::from_secs(10);
/// From a call to its answer.
pub const PATIENCE: Duration = Duration::from_secs(25);

/// The transport's own limit, for what never comes to a handler.
const CALL_MAX: Duration = Duration::from_secs(30);
const STREAMS_PER_CONNECTION_MAX: u32 = 256;
/// Streams that we had to reset because of the peer, before the connection is closed.
const LOCAL_ERROR_RESETS_MAX: usize = 1024;
/// Streams that the peer reset before we accepted them, before the connection is closed.
const PENDING_ACCEPT_RESETS_MAX: usize = 20;
const HEADER_LIST_BYTES_MAX: u32 = 16 << 10;
const FRAME_BYTES_MAX: u32 = 64 << 10;
const STREAM_WINDOW_BYTES: u32 = 256 << 10;
const CONNECTION_WINDOW_BYTES: u32 = 1 << 20;
/// Of one message in; more than any of ours needs.
const DECODE_BYTES_MAX: usize = 256 << 10;
/// Of one message out: a full page, or a part of a snapshot. What clients take by default.
const ENCODE_BYTES_MAX: usize = 4 << 20;
const KEEPALIVE_EVERY: Duration = Duration::from_secs(30);
const KEEPALIVE_PATIENCE: Duration = Duration::from_secs(10);

/// The services, ready to be bound to a listener.
pub struct Routes {
    router: tonic::transport::server::Router<Layers>,
    health: Health,
}

type Layers = tower_layer::Stack<DressErrors, tower_layer::Stack<GrpcWebLayer, tower_layer::Identity>>;

/// What the health service says of each of ours.
#[derive(Clone, Debug)]
pub struct Health(HealthReporter);

/// Everything is replayed by now: health says `SERVING` from the first answer on.
pub async fn router(desk: Desk, with_reflection: bool) -> Result<Routes, ServeError> {
    let (reporter, health) = tonic_health::server::health_reporter();
    let booking = BookingServiceServer::new(desk.clone())
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
    let planning = PlanningServiceServer::new(desk.clone())
        .max_decoding_message_size(DECODE_BYTES_MAX)
        .max_encoding_message_size(ENCODE_BYTES_MAX);
    let area = AreaService::new(desk, DECODE_BYTES_MAX, ENCODE_BYTES_MAX);
    reporter.set_serving::<BookingServiceServer<Desk>>().await;
    reporter.set_serving::<FleetServiceServer<Desk>>().await;
    reporter.set_serving::<DriverServiceServer<Desk>>().await;
    reporter.set_serving::<OperationsServiceServer<Desk>>().await;
    reporter.set_serving::<DispatchServiceServer<Desk>>().await;
    reporter.set_serving::<AreaServiceServer<Desk>>().await;
    reporter.set_serving::<PlanningServiceServer<Desk>>().await;
    let reflect = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(FILE_DESCRIPTOR_SET)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    let refused = |error: tonic_reflection::server::Error| ServeError::Reflection(error.to_string());
    let v1 = with_reflection.then(|| reflect().build_v1()).transpose().map_err(refused)?;
    let v1alpha = with_reflection.then(|| reflect().build_v1alpha()).transpose().map_err(refused)?;
    let router = Server::builder()
        .accept_http1(true) // browsers speak gRPC-Web over it
        .timeout(CALL_MAX)
        .max_concurrent_streams(STREAMS_PER_CONNECTION_MAX)
        .http2_max_local_error_reset_streams(Some(LOCAL_ERROR_RESETS_MAX))
        .http2_max_pending_accept_reset_streams(Some(PENDING_ACCEPT_RESETS_MAX))
        .http2_max_header_list_size(HEADER_LIST_BYTES_MAX)
        .max_frame_size(FRAME_BYTES_MAX)
        .initial_stream_window_size(STREAM_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
        .http2_keepalive_interval(Some(KEEPALIVE_EVERY))
        .http2_keepalive_timeout(Some(KEEPALIVE_PATIENCE))
        .layer(GrpcWebLayer::new())
        .layer(DressErrors)
        .add_service(health)
        .add_optional_service(v1)
        .add_optional_service(v1alpha)
        .add_service(booking)
        .add_service(fleet)
        .add_service(driver)
        .add_service(operations)
        .add_service(planning)
        .add_service(dispatch)
        .add_service(area);
    Ok(Routes { router, health: Health(reporter) })
}

impl Routes {
    /// The server's future ends once it was stopped and the last call is answered.
    pub fn start(
        self,
        listener: TcpListener,
        stopping: ShutdownSignal,
    ) -> (Health, impl Future<Output = Result<(), tonic::transport::Error>> + Send + 'static) {
        let incoming = TcpIncoming::from(listener).with_nodelay(Some(true)).with_keepalive(Some(KEEPALIVE_EVERY));
        let stopped = async move { stopping.heard().await };
        (self.health, self.router.serve_with_incoming_shutdown(incoming, stopped))
    }
}

impl Health {
    /// From now on `NOT_SERVING`.
    pub async fn stop(&self) {
        self.0.set_not_serving::<BookingServiceServer<Desk>>().await;
        self.0.set_not_serving::<FleetServiceServer<Desk>>().await;
        self.0.set_not_serving::<DriverServiceServer<Desk>>().await;
        self.0.set_not_serving::<OperationsServiceServer<Desk>>().await;
        self.0.set_not_serving::<DispatchServiceServer<Desk>>().await;
        self.0.set_not_serving::<AreaServiceServer<Desk>>().await;
        self.0.set_not_serving::<PlanningServiceServer<Desk>>().await;
    }
}

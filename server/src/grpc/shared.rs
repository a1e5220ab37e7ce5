//! `WatchArea` from messages that are encoded once for all who watch.
//!
//! The generated service encodes every message anew for every stream, from a copy of its own: with ten thousand
//! watchers that is most of what the server does and most of what it holds. So this method is taken out of its hands;
//! all others are the generated service's.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::{Request, Response};
use mukae_proto::transit::area::v1::WatchAreaRequest;
use mukae_proto::transit::area::v1::area_service_server::{AreaServiceServer, SERVICE_NAME};
use prost::Message;
use prost::bytes::{BufMut, Bytes};
use tonic::Status;
use tonic::body::Body;
use tonic::codec::{BufferSettings, Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::server::{Grpc, NamedService, ServerStreamingService};
use tower_service::Service;

use super::Desk;
use super::stream::Updates;

const WATCH_AREA: &str = "/transit.area.v1.AreaService/WatchArea";
/// Reserved for each stream; it grows with a larger message. 10,000 streams are common, small deltas too.
const BUFFER_BYTES: usize = 1 << 10;
/// What is encoded goes on to the connection from so many bytes on.
const YIELD_BYTES: usize = 16 << 10;

/// The area's service with its one stream.
#[derive(Clone, Debug)]
pub struct AreaService {
    desk: Desk,
    decode_bytes_max: usize,
    encode_bytes_max: usize,
    others: AreaServiceServer<Desk>,
}

impl AreaService {
    pub fn new(desk: Desk, decode_bytes_max: usize, encode_bytes_max: usize) -> AreaService {
        let others = AreaServiceServer::new(desk.clone())
            .max_decoding_message_size(decode_bytes_max)
            .max_encoding_message_size(encode_bytes_max);
        AreaService { desk, decode_bytes_max, encode_bytes_max, others }
    }
}

impl NamedService for AreaService {
    const NAME: &'static str = SERVICE_NAME;
}

impl Service<Request<Body>> for AreaService {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        if request.uri().path() != WATCH_AREA {
            return self.others.call(request);
        }
        let mut grpc =
            Grpc::new(Encoded).apply_max_message_size_config(Some(self.decode_bytes_max), Some(self.encode_bytes_max));
        let watch = WatchArea(self.desk.clone());
        Box::pin(async move { Ok(grpc.server_streaming(watch, request).await) })
    }
}

struct WatchArea(Desk);

impl ServerStreamingService<WatchAreaRequest> for WatchArea {
    type Response = Bytes;
    type ResponseStream = Updates<Bytes>;
    type Future = Pin<Box<dyn Future<Output = Result<tonic::Response<Updates<Bytes>>, Status>> + Send>>;

    fn call(&mut self, request: tonic::Request<WatchAreaRequest>) -> Self::Future {
        let desk = self.0.clone();
        Box::pin(async move { desk.watch_area_encoded(request).await })
    }
}

/// Responses come encoded, requests do not.
struct Encoded;

impl Codec for Encoded {
    type Encode = Bytes;
    type Decode = WatchAreaRequest;
    type Encoder = Encoded;
    type Decoder = Encoded;

    fn encoder(&mut self) -> Encoded {
        Encoded
    }

    fn decoder(&mut self) -> Encoded {
        Encoded
    }
}

impl Encoder for Encoded {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, message: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put(message);
        Ok(())
    }

    fn buffer_settings(&self) -> BufferSettings {
        BufferSettings::new(BUFFER_BYTES, YIELD_BYTES)
    }
}

impl Decoder for Encoded {
    type Item = WatchAreaRequest;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<WatchAreaRequest>, Status> {
        let decoded = WatchAreaRequest::decode(buffer);
        // as the generated services answer what can not be read
        decoded.map(Some).map_err(|error| Status::internal(error.to_string()))
    }
}

//! How long calls take and how they end: a layer around all services, in the words of OpenTelemetry.
//!
//! A call is measured from its headers to the last byte of its answer, a stream from its beginning to its end; what the
//! caller gave up is `CANCELLED`.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use http::{HeaderMap, Request, Response};
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::registry::{Registry, Unit};
use prost::bytes::Bytes;
use tonic::body::Body;
use tonic::{Code, Status};
use tower_service::Service;

use super::{Seconds, seconds};
use crate::auth::table::row_of;

/// What callers make up counts as one method.
const OTHER: &str = "_OTHER";

#[derive(Clone, Debug)]
pub struct RpcMeter(Seconds<OfCall>);

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct OfCall {
    rpc_system_name: &'static str,
    rpc_method: &'static str,
    rpc_response_status_code: &'static str,
}

impl Default for RpcMeter {
    fn default() -> RpcMeter {
        RpcMeter(Seconds::new_with_constructor(seconds))
    }
}

impl RpcMeter {
    pub(super) fn register(&self, registry: &mut Registry) {
        let help = "Calls from their headers to the end of their answer, streams to their end";
        registry.register_with_unit("rpc_server_call_duration", help, Unit::Seconds, self.0.clone());
    }

    /// A call of a method of ours, or of one that is none, has ended.
    pub fn record(&self, rpc_method: &'static str, code: Code, took: Duration) {
        let call = OfCall { rpc_system_name: "grpc", rpc_method, rpc_response_status_code: name_of(code) };
        self.0.get_or_create(&call).observe(took.as_secs_f64());
    }
}

/// Measures what passes through.
#[derive(Clone, Debug)]
pub struct Metered<S> {
    pub inner: S,
    pub meter: RpcMeter,
}

impl<S> Service<Request<Body>> for Metered<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let method = row_of(request.uri().path()).map_or(OTHER, |row| row.method);
        let mut call = Call { meter: self.meter.clone(), method, begun: Instant::now(), code: None };
        let response = self.inner.call(request);
        Box::pin(async move {
            let response = response.await?;
            call.look(response.headers()); // an error without a message
            Ok(response.map(|body| Body::new(Measured { body, call })))
        })
    }
}

/// Told when it is dropped, however it ended.
struct Call {
    meter: RpcMeter,
    method: &'static str,
    begun: Instant,
    code: Option<Code>,
}

impl Call {
    fn look(&mut self, headers: &HeaderMap) {
        if let Some(status) = headers.get("grpc-status") {
            self.code = Some(Code::from_bytes(status.as_bytes()));
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.meter.record(self.method, self.code.unwrap_or(Code::Cancelled), self.begun.elapsed());
    }
}

/// An answer, to its trailers.
struct Measured {
    body: Body,
    call: Call,
}

impl HttpBody for Measured {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if let Poll::Ready(Some(Ok(frame))) = &polled
            && let Some(trailers) = frame.trailers_ref()
        {
            self.call.look(trailers);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

fn name_of(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Run with `--nocapture` to read what it was; the limit is far above that, for machines that are busy.
    #[test]
    fn counting_a_call_costs_little() {
        const CALLS: u32 = 100_000;
        let meter = RpcMeter::default();
        let quote = "transit.booking.v1.BookingService/Quote";
        let batch = || {
            let begun = Instant::now();
            (0..CALLS).for_each(|call| meter.record(quote, Code::Ok, Duration::from_nanos(u64::from(call))));
            begun.elapsed() / CALLS
        };
        let fastest = (0..10).map(|_| batch()).min().unwrap();
        println!("{} ns a call", fastest.as_nanos());
        assert!(fastest < Duration::from_micros(5), "{fastest:?}");
    }
}

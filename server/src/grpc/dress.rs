//! Dressing errors that the transport raised before our code was asked: an unknown method, a message
//! that can not be read. They get an `ErrorInfo` like all others.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::{Request, Response};
use tonic::body::Body;
use tonic::{Code, Status};
use tower_layer::Layer;
use tower_service::Service;

use crate::errors::Fault;

/// Present where an error has its details already.
const DETAILS: &str = "grpc-status-details-bin";

#[derive(Clone, Copy, Debug, Default)]
pub struct DressErrors;

#[derive(Clone, Debug)]
pub struct Dressed<S>(S);

impl<S> Layer<S> for DressErrors {
    type Service = Dressed<S>;

    fn layer(&self, inner: S) -> Dressed<S> {
        Dressed(inner)
    }
}

impl<S, B> Service<Request<B>> for Dressed<S>
where
    S: Service<Request<B>, Response = Response<Body>>,
    S::Future: Send + 'static,
    S::Error: 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let response = self.0.call(request);
        Box::pin(async move { Ok(dress(response.await?)) })
    }
}

/// Only an error that was raised before any message has its status in the headers.
fn dress(response: Response<Body>) -> Response<Body> {
    if response.headers().contains_key(DETAILS) {
        return response;
    }
    match Status::from_header_map(response.headers()) {
        Some(status) if status.code() != Code::Ok => Status::from(Fault::of_transport(&status)).into_http(),
        _ => response,
    }
}

//! `/metrics`: a port of its own, for whoever watches the server. Plain HTTP, a few connections at a time.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use http::header::{ALLOW, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tonic::body::Body;

use super::limits;
use crate::metrics::Scraper;
use crate::shutdown::ShutdownSignal;

/// At a time; who comes then is turned away.
const CONNECTIONS_MAX: usize = 16;
/// A connection is not kept for longer.
const CONNECTION_MAX: Duration = Duration::from_secs(300);
/// After an accept that failed.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);

const FORMAT: HeaderValue = HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");

/// Until the server stops.
pub async fn run(listener: TcpListener, scraper: Scraper, stopping: ShutdownSignal) {
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let accepted = tokio::select! {
            () = stopping.heard() => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(ACCEPT_AGAIN).await;
            continue;
        };
        let Ok(seat) = Arc::clone(&room).try_acquire_owned() else { continue };
        let scraper = scraper.clone();
        tokio::spawn(async move {
            let answer = hyper::service::service_fn(move |request: Request<Incoming>| {
                let scraper = scraper.clone();
                async move { Ok::<_, Infallible>(answer(&scraper, &request).await) }
            });
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(limits::Times::SHIPPED.http1_headers)
                .max_headers(limits::HTTP1_HEADERS_MAX)
                .max_buf_size(limits::HTTP1_BUFFER_BYTES)
                .serve_connection(TokioIo::new(stream), answer);
            let _ = tokio::time::timeout(CONNECTION_MAX, connection).await; // who reads metrics comes again
            drop(seat);
        });
    }
}

async fn answer(scraper: &Scraper, request: &Request<Incoming>) -> Response<Body> {
    let told = |status: StatusCode, text: String| {
        let mut response = Response::new(Body::new(text));
        *response.status_mut() = status;
        response
    };
    if request.uri().path() != "/metrics" {
        return told(StatusCode::NOT_FOUND, "there is /metrics here\n".to_owned());
    }
    if request.method() != Method::GET && request.method() != Method::HEAD {
        let mut response = told(StatusCode::METHOD_NOT_ALLOWED, "GET it\n".to_owned());
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return response;
    }
    match scraper.text().await {
        Ok(text) => {
            let mut response = told(StatusCode::OK, text);
            response.headers_mut().insert(CONTENT_TYPE, FORMAT);
            response
        }
        Err(error) => told(StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")),
    }
}

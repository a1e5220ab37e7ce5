//! Connections: accepted within limits, through TLS where it is configured, served until they are old.
//!
//! ```text
//! accept -> too many in all, or from one address: closed
//!        -> TLS handshake, within a time -> who is at the other end
//!        -> HTTP/2 or HTTP/1.1 until: it ends | no call came | it is old: asked to go, cut off later | the server stops
//! ```

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::future::poll_fn;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tonic::body::Body;
use tower_service::Service;

use super::limits::{self, Times};
use super::tls::Tls;
use crate::auth::Peer;
use crate::auth::certificate::Certified;
use crate::config::ConnectionLimits;
use crate::shutdown::ShutdownSignal;

/// After an accept that failed, for want of file descriptors most likely.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);

/// How connections are to be treated.
#[derive(Debug)]
pub struct Reception {
    pub tls: Option<Arc<Tls>>,
    pub limits: ConnectionLimits,
    /// One address is as good as another: all are the proxy's.
    pub is_behind_proxy: bool,
    pub times: Times,
}

/// Ends once it was stopped and the last call is answered.
pub async fn run<S>(listener: TcpListener, reception: Reception, service: S, stopping: ShutdownSignal)
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone + Send + Sync + 'static,
    S::Future: Send,
{
    let guests = Arc::new(Guests::default());
    let mut connections = JoinSet::new();
    let mut count = 0_u64;
    let reception = Arc::new(reception);
    loop {
        let accepted = tokio::select! {
            biased;
            () = stopping.heard() => break,
            Some(_) = connections.join_next() => continue,
            accepted = listener.accept() => accepted,
        };
        let (stream, address) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!("a connection could not be accepted: {error}");
                tokio::time::sleep(ACCEPT_AGAIN).await;
                continue;
            }
        };
        let Some(seat) = guests.seat(address.ip(), &reception) else {
            tracing::debug!(%address, "too many connections: this one is closed");
            continue;
        };
        count += 1;
        let connection =
            Connection { stream, address, age: age(count, reception.times.age), stopping: stopping.clone() };
        let (service, reception) = (service.clone(), Arc::clone(&reception));
        connections.spawn(async move {
            connection.serve(&reception, service).await;
            drop(seat);
        });
    }
    drop(listener); // who comes now is told at once
    while connections.join_next().await.is_some() {}
}

/// Connections that began together do not end together.
fn age(count: u64, most: Duration) -> Duration {
    let tenth = most / 10;
    let share = (count.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 48) as u32; // spread over 16 bits
    most - tenth * share / (1 << 16)
}

struct Connection {
    stream: TcpStream,
    address: SocketAddr,
    age: Duration,
    stopping: ShutdownSignal,
}

impl Connection {
    async fn serve<S>(self, reception: &Reception, service: S)
    where
        S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone + Send + Sync + 'static,
        S::Future: Send,
    {
        let Connection { stream, address, age, stopping } = self;
        let times = Times { age, ..reception.times };
        let _ = stream.set_nodelay(true); // a delay at worst
        let Some(tls) = &reception.tls else {
            let peer = Peer { address, certified: None };
            return converse(stream, peer, times, stopping, service).await;
        };
        let handshake = tokio::time::timeout(times.handshake, tls.acceptor().accept(stream));
        let stream = tokio::select! {
            () = stopping.heard() => return,
            done = handshake => match done {
                Ok(Ok(stream)) => stream,
                Ok(Err(error)) => return tracing::debug!(%address, "no TLS: {error}"),
                Err(_) => return tracing::debug!(%address, "no TLS: the handshake took too long"),
            },
        };
        let certificates = stream.get_ref().1.peer_certificates();
        let certified = certificates.and_then(|chain| chain.first()).and_then(|first| Certified::of_der(first));
        let peer = Peer { address, certified: certified.map(Arc::new) };
        converse(stream, peer, times, stopping, service).await;
    }
}

async fn converse<IO, S>(stream: IO, peer: Peer, times: Times, stopping: ShutdownSignal, service: S)
where
    IO: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone + Send + Sync + 'static,
    S::Future: Send,
{
    let address = peer.address;
    let has_called = Arc::new(AtomicBool::new(false));
    let called = Arc::clone(&has_called);
    let answer = hyper::service::service_fn(move |request: Request<Incoming>| {
        called.store(true, Ordering::Relaxed);
        let (mut service, peer) = (service.clone(), peer.clone());
        async move {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(peer);
            poll_fn(|context| service.poll_ready(context)).await?;
            service.call(request).await
        }
    });
    let builder = builder(&times);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), answer));
    let mut quiet = pin!(tokio::time::sleep(times.first_call));
    let mut old = pin!(tokio::time::sleep(times.age));
    let mut cut_off = pin!(tokio::time::sleep(times.age + times.grace));
    let (mut is_quiet_over, mut is_old, mut is_stopping) = (false, false, false);
    loop {
        tokio::select! {
            ended = &mut connection => {
                if let Err(error) = ended {
                    tracing::debug!(%address, "a connection ended: {error}");
                }
                return;
            }
            () = &mut quiet, if !is_quiet_over => {
                is_quiet_over = true;
                if !has_called.load(Ordering::Relaxed) {
                    return tracing::debug!(%address, "no call came: the connection is closed");
                }
            }
            () = &mut old, if !is_old => {
                is_old = true;
                connection.as_mut().graceful_shutdown();
            }
            () = &mut cut_off => return tracing::debug!(%address, "the connection is old and did not end: it is cut off"),
            () = stopping.heard(), if !is_stopping => {
                is_stopping = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}

fn builder(times: &Times) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits::STREAMS_PER_CONNECTION_MAX)
        .max_local_error_reset_streams(limits::LOCAL_ERROR_RESETS_MAX)
        .max_pending_accept_reset_streams(limits::PENDING_ACCEPT_RESETS_MAX)
        .max_header_list_size(limits::HEADER_LIST_BYTES_MAX)
        .max_frame_size(limits::FRAME_BYTES_MAX)
        .max_send_buf_size(limits::SEND_BUFFER_BYTES)
        .initial_stream_window_size(limits::STREAM_WINDOW_BYTES)
        .initial_connection_window_size(limits::CONNECTION_WINDOW_BYTES)
        .keep_alive_interval(times.keepalive_every)
        .keep_alive_timeout(times.keepalive);
    builder
        .http1() // browsers speak gRPC-Web over it
        .timer(TokioTimer::new())
        .header_read_timeout(times.http1_headers)
        .max_headers(limits::HTTP1_HEADERS_MAX)
        .max_buf_size(limits::HTTP1_BUFFER_BYTES);
    builder
}

/// Who is connected.
#[derive(Debug, Default)]
struct Guests(Mutex<BTreeMap<IpAddr, usize>>);

/// A connection that is counted.
#[derive(Debug)]
struct Seat {
    guests: Arc<Guests>,
    house: IpAddr,
}

impl Guests {
    /// `None` if there is no more room.
    fn seat(self: &Arc<Guests>, address: IpAddr, reception: &Reception) -> Option<Seat> {
        let house = house(address);
        let mut seats = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_full = reception.limits.all <= seats.values().sum::<usize>();
        let of_house = seats.get(&house).copied().unwrap_or(0);
        let is_crowded = !reception.is_behind_proxy && reception.limits.per_address <= of_house;
        if is_full || is_crowded {
            return None;
        }
        seats.insert(house, of_house + 1);
        Some(Seat { guests: Arc::clone(self), house })
    }
}

/// The address of one connection to the net: of the newer ones a whole network of 64 bits.
fn house(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(mapped) => IpAddr::V4(mapped),
            None => IpAddr::V6((u128::from(address) >> 64 << 64).into()),
        },
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut seats = self.guests.0.lock().unwrap_or_else(PoisonError::into_inner);
        match seats.get(&self.house).copied() {
            Some(1) | None => seats.remove(&self.house),
            Some(count) => seats.insert(self.house, count - 1),
        };
    }
}

//! Each limit of a connection, from the other end: HTTP/2 frames by hand, half a request, silence.
//!
//! The limits are the shipped ones, the times shorter, since nobody wants to wait for half an hour.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::AtomicUsize;
use std::task::{Context, Poll};

use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, timeout};

use super::*;
use crate::config::TlsConfig;
use crate::shutdown::{Shutdown, shutdown};

/// Long enough that nothing of it happens by itself within a test.
const NEVER: Duration = Duration::from_secs(3600);
/// For what is waited for.
const SOON: Duration = Duration::from_millis(300);
/// Within which everything has to have happened; a machine may be busy.
const AT_LAST: Duration = Duration::from_secs(20);

const PATIENT: Times = Times {
    handshake: NEVER,
    first_call: NEVER,
    http1_headers: NEVER,
    keepalive_every: NEVER,
    keepalive: NEVER,
    age: NEVER,
    grace: NEVER,
};

/// Answers with nothing in it, or never.
#[derive(Clone, Debug)]
struct Trial {
    is_asleep: bool,
    calls: Arc<AtomicUsize>,
}

impl Service<Request<Body>> for Trial {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<Body>) -> Self::Future {
        self.calls.fetch_add(1, Ordering::SeqCst);
        match self.is_asleep {
            true => Box::pin(std::future::pending()),
            false => Box::pin(std::future::ready(Ok(Response::new(Body::empty())))),
        }
    }
}

/// Listens as long as it is kept.
struct House {
    address: SocketAddr,
    calls: Arc<AtomicUsize>,
    _stop: Shutdown,
}

impl House {
    async fn open(times: Times, is_asleep: bool) -> House {
        House::open_with(times, is_asleep, None).await
    }

    async fn open_with(times: Times, is_asleep: bool, tls: Option<Arc<Tls>>) -> House {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopping) = shutdown();
        let limits = ConnectionLimits { all: 100, per_address: 100 };
        let reception = Reception { tls, limits, is_behind_proxy: false, times };
        let calls = Arc::new(AtomicUsize::new(0));
        let service = Trial { is_asleep, calls: Arc::clone(&calls) };
        tokio::spawn(run(listener, reception, service, stopping));
        House { address, calls, _stop: stop }
    }

    async fn line(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}

/// All that comes until the other end closes, and how long that took.
async fn follow_to_the_end(stream: &mut TcpStream) -> (Vec<u8>, Duration) {
    let (since, mut read) = (Instant::now(), Vec::new());
    let ended = timeout(AT_LAST, stream.read_to_end(&mut read)).await.expect("the connection is closed at last");
    drop(ended); // reset is as good as closed
    (read, since.elapsed())
}

/// A client of HTTP/2 that does as it is told.
struct Client {
    stream: TcpStream,
    answers_pings: bool,
    since: Instant,
}

#[derive(Debug)]
struct Frame {
    kind: u8,
    flags: u8,
    stream: u32,
    payload: Vec<u8>,
}

const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const ACK: u8 = 1;
/// The end of the headers and of the stream.
const ALL_OF_IT: u8 = 5;
const REFUSED_STREAM: u32 = 7;
const ENHANCE_YOUR_CALM: u32 = 11;

impl Client {
    async fn connect(house: &House) -> Client {
        let mut client = Client { stream: house.line().await, answers_pings: true, since: Instant::now() };
        client.stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
        client.send(&frame(SETTINGS, 0, 0, &[])).await;
        client
    }

    async fn send(&mut self, bytes: &[u8]) {
        // who has hung up will be noticed when nothing comes any more
        let _ = self.stream.write_all(bytes).await;
    }

    /// What comes next, or nothing if the connection is over. Settings and pings are answered.
    async fn next(&mut self) -> Option<Frame> {
        timeout(AT_LAST, self.read()).await.expect("something comes, or the end")
    }

    async fn read(&mut self) -> Option<Frame> {
        let mut head = [0; 9];
        self.stream.read_exact(&mut head).await.ok()?;
        let length = usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2]);
        let mut payload = vec![0; length];
        self.stream.read_exact(&mut payload).await.ok()?;
        let [.., a, b, c, d] = head;
        let found = Frame { kind: head[3], flags: head[4], stream: u32::from_be_bytes([a, b, c, d]), payload };
        let is_asked = found.flags & ACK == 0;
        if found.kind == SETTINGS && is_asked {
            self.send(&frame(SETTINGS, ACK, 0, &[])).await;
        }
        if found.kind == PING && is_asked && self.answers_pings {
            self.send(&frame(PING, ACK, 0, &found.payload)).await;
        }
        Some(found)
    }

    /// The next of this kind.
    async fn next_of(&mut self, kind: u8) -> Frame {
        loop {
            let found = self.next().await.unwrap_or_else(|| panic!("the connection ended without a frame {kind}"));
            if found.kind == kind {
                return found;
            }
        }
    }

    /// Until the connection is over: how long that took since it began, and whether it was announced.
    async fn follow_to_the_end(&mut self) -> (Duration, bool) {
        let mut is_announced = false;
        while let Some(found) = self.next().await {
            is_announced |= found.kind == GOAWAY;
        }
        (self.since.elapsed(), is_announced)
    }
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// A whole request; `more` are headers of it, in HPACK.
fn request(stream: u32, more: &[u8]) -> Vec<u8> {
    // POST, http, /, and an authority
    let block = [&[0x83, 0x86, 0x84, 0x01, 0x01, b'x'], more].concat();
    frame(HEADERS, ALL_OF_IT, stream, &block)
}

/// What a GOAWAY or an RST_STREAM gives as its reason.
fn error_of(frame: &Frame) -> u32 {
    let at = if frame.kind == GOAWAY { 4 } else { 0 };
    u32::from_be_bytes(*frame.payload[at..].first_chunk().unwrap())
}

#[tokio::test]
async fn a_handshake_has_its_time() {
    let dir = tempfile::tempdir().unwrap();
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let certificate = CertificateParams::new(["localhost".to_owned()]).unwrap().self_signed(&key).unwrap().pem();
    let config = TlsConfig {
        certificate: dir.path().join("server.pem"),
        key: dir.path().join("server.key"),
        client_ca: None,
        is_client_required: false,
    };
    std::fs::write(&config.certificate, certificate).unwrap();
    std::fs::write(&config.key, key.serialize_pem()).unwrap();
    let tls = Arc::new(Tls::load(&config).unwrap());
    let house = House::open_with(Times { handshake: SOON, ..PATIENT }, false, Some(tls)).await;
    // silence, and a hello that does not get on
    for hello in [&[][..], &[0x16, 0x03, 0x01, 0x02, 0x00, 0x01]] {
        let mut line = house.line().await;
        line.write_all(hello).await.unwrap();
        let (_, took) = follow_to_the_end(&mut line).await;
        assert!(SOON <= took, "{took:?}");
    }
}

#[tokio::test]
async fn who_does_not_call_is_let_go() {
    let house = House::open(Times { first_call: SOON, ..PATIENT }, false).await;
    let (_, took) = follow_to_the_end(&mut house.line().await).await;
    assert!(SOON <= took, "{took:?}");
    let (took, _) = Client::connect(&house).await.follow_to_the_end().await;
    assert!(SOON <= took, "a greeting is no call: {took:?}");
    // who has called may be quiet afterwards
    let mut client = Client::connect(&house).await;
    client.send(&request(1, &[])).await;
    client.next_of(HEADERS).await;
    timeout(SOON * 3, client.follow_to_the_end()).await.expect_err("still there");
    client.send(&request(3, &[])).await;
    client.next_of(HEADERS).await;
}

#[tokio::test]
async fn half_a_request_is_not_waited_for() {
    let house = House::open(Times { http1_headers: SOON, ..PATIENT }, false).await;
    let mut line = house.line().await;
    line.write_all(b"POST /x HTTP/1.1\r\nhost: loc").await.unwrap();
    let (_, took) = follow_to_the_end(&mut line).await;
    assert!(SOON <= took, "{took:?}");
    assert_eq!(house.calls(), 0);
}

#[tokio::test]
async fn who_is_gone_without_a_word_is_noticed() {
    let house = House::open(Times { keepalive_every: SOON, keepalive: SOON, ..PATIENT }, true).await;
    let mut silent = Client::connect(&house).await;
    silent.answers_pings = false;
    silent.send(&request(1, &[])).await;
    let (took, _) = silent.follow_to_the_end().await;
    assert!(SOON * 2 <= took + SOON / 10, "{took:?}");
    let mut there = Client::connect(&house).await;
    there.send(&request(1, &[])).await;
    for _ in 0..4 {
        there.next_of(PING).await;
    }
}

#[tokio::test]
async fn an_old_connection_is_asked_to_go_and_then_cut_off() {
    let house = House::open(Times { age: SOON, grace: SOON, ..PATIENT }, true).await;
    let mut client = Client::connect(&house).await;
    client.send(&request(1, &[])).await; // which is never answered
    let (took, is_announced) = client.follow_to_the_end().await;
    assert!(is_announced && SOON * 19 / 10 <= took, "{took:?}");
    // with nothing under way there is nothing to wait for
    let house = House::open(Times { age: SOON, ..PATIENT }, false).await;
    let mut client = Client::connect(&house).await;
    client.send(&request(1, &[])).await;
    let (took, is_announced) = client.follow_to_the_end().await;
    assert!(is_announced && SOON * 9 / 10 <= took, "{took:?}");
}

#[tokio::test]
async fn the_limits_are_told_to_the_peer() {
    let house = House::open(PATIENT, false).await;
    let told = Client::connect(&house).await.next_of(SETTINGS).await;
    let told: BTreeMap<u8, u32> = told
        .payload
        .chunks(6)
        .map(|setting| (setting[1], u32::from_be_bytes(*setting[2..].first_chunk().unwrap())))
        .collect();
    let wanted = [
        (3, limits::STREAMS_PER_CONNECTION_MAX),
        (4, limits::STREAM_WINDOW_BYTES),
        (5, limits::FRAME_BYTES_MAX),
        (6, limits::HEADER_LIST_BYTES_MAX),
    ];
    for (setting, value) in wanted {
        assert_eq!(told.get(&setting), Some(&value), "{told:?}");
    }
}

#[tokio::test]
async fn one_stream_too_many_is_refused_and_the_others_go_on() {
    let house = House::open(PATIENT, true).await;
    let mut client = Client::connect(&house).await;
    let last = limits::STREAMS_PER_CONNECTION_MAX * 2 + 1;
    let all: Vec<u8> = (1..=last).step_by(2).flat_map(|stream| request(stream, &[])).collect();
    client.send(&all).await;
    let refused = client.next_of(RST_STREAM).await;
    assert_eq!((refused.stream, error_of(&refused)), (last, REFUSED_STREAM));
    client.send(&frame(PING, 0, 0, &[7; 8])).await;
    client.next_of(PING).await;
    assert_eq!(house.calls(), limits::STREAMS_PER_CONNECTION_MAX as usize);
}

/// Streams opened and reset as fast as they can be sent cost the sender the connection.
#[tokio::test]
async fn who_opens_and_resets_without_end_is_sent_away() {
    let house = House::open(PATIENT, true).await;
    let mut client = Client::connect(&house).await;
    let cancel = 8_u32.to_be_bytes();
    let one = |stream| [request(stream, &[]), frame(RST_STREAM, 0, stream, &cancel)].concat();
    client.send(&(1..2000).step_by(2).flat_map(one).collect::<Vec<u8>>()).await;
    assert_eq!(error_of(&client.next_of(GOAWAY).await), ENHANCE_YOUR_CALM);
    assert!(house.calls() < 500, "{}", house.calls());
}

/// The same by requests that oblige us to reset: an answer to each is work that the sender causes.
#[tokio::test]
async fn who_makes_us_reset_without_end_is_sent_away() {
    let house = House::open(PATIENT, true).await;
    let mut client = Client::connect(&house).await;
    let one = |stream| frame(HEADERS, ALL_OF_IT, stream, &[0x83]); // a method, and no path
    let count = u32::try_from(limits::LOCAL_ERROR_RESETS_MAX).unwrap() * 2;
    client.send(&(0..count).map(|index| index * 2 + 1).flat_map(one).collect::<Vec<u8>>()).await;
    assert_eq!(error_of(&client.next_of(GOAWAY).await), ENHANCE_YOUR_CALM);
}

#[tokio::test]
async fn headers_without_measure_come_to_no_handler() {
    let house = House::open(PATIENT, false).await;
    let mut client = Client::connect(&house).await;
    let one = [&[0x00, 1, b'h', 100][..], &[b'x'; 100]].concat();
    let count = limits::HEADER_LIST_BYTES_MAX as usize / 100;
    client.send(&request(1, &one.repeat(count))).await;
    loop {
        let found = client.next().await.expect("the connection stays");
        if found.stream == 1 && [HEADERS, RST_STREAM].contains(&found.kind) {
            break;
        }
    }
    assert_eq!(house.calls(), 0);
    client.send(&request(3, &[])).await;
    client.next_of(HEADERS).await;

    // over HTTP/1.1: too many, and too long
    let many: String = (0..=limits::HTTP1_HEADERS_MAX).map(|index| format!("h{index}: x\r\n")).collect();
    let long = format!("h: {}\r\n", "x".repeat(limits::HTTP1_BUFFER_BYTES));
    for headers in [many, long] {
        let mut line = house.line().await;
        let sent = format!("POST /x HTTP/1.1\r\nhost: x\r\n{headers}\r\n");
        let _ = line.write_all(sent.as_bytes()).await; // it may be cut off before the end
        let (answer, _) = follow_to_the_end(&mut line).await;
        assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 431"), "{}", String::from_utf8_lossy(&answer));
    }
    assert_eq!(house.calls(), 1);
}

#[test]
fn seats_are_counted_by_address_and_in_all() {
    let reception = |is_behind_proxy| Reception {
        tls: None,
        limits: ConnectionLimits { all: 3, per_address: 2 },
        is_behind_proxy,
        times: Times::SHIPPED,
    };
    let guests = Arc::new(Guests::default());
    let of = |text: &str, is_behind_proxy| guests.seat(text.parse().unwrap(), &reception(is_behind_proxy));
    let first = of("2001:db8::1", false).unwrap();
    let second = of("2001:db8::2", false).unwrap();
    assert!(of("2001:db8::3", false).is_none(), "one network, one house");
    let third = of("192.0.2.1", false).unwrap();
    assert!(of("192.0.2.2", false).is_none(), "no more in all");
    drop(first);
    assert!(of("2001:db8::3", false).is_some());
    drop((second, third));
    let (one, two, three) = (of("127.0.0.1", true), of("127.0.0.1", true), of("::ffff:127.0.0.1", true));
    assert!(one.is_some() && two.is_some() && three.is_some(), "all are the proxy's");
}

#[test]
fn connections_do_not_grow_old_together() {
    const AGE: Duration = Times::SHIPPED.age;
    let ages: Vec<Duration> = (1..=100).map(|count| age(count, AGE)).collect();
    let (least, most) = (ages.iter().min().unwrap(), ages.iter().max().unwrap());
    assert!(AGE * 9 / 10 <= *least && *most <= AGE);
    assert!(AGE / 20 < *most - *least, "{least:?} to {most:?}");
}

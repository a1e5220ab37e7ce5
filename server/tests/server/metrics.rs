//! `/metrics` over a port of its own: it parses, and its numbers are those of what was done.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::Ordering;

use mukae_journal::{MemoryStore, ShardName};
use mukae_proto::transit::area::v1 as area_pb;
use mukae_proto::transit::booking::v1 as pb;
use mukae_server::Store;
use mukae_units::Span;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::failure::Faulty;
use crate::support::*;

/// Every sample by its name and its labels in their order.
type Samples = BTreeMap<(String, BTreeMap<String, String>), f64>;

async fn get(address: SocketAddr, request: &str) -> (String, String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(format!("{request} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_ascii_lowercase(), body.to_owned())
}

async fn scrape(house: &House) -> Samples {
    let (head, body) = get(house.running.metrics_addr().unwrap(), "GET /metrics").await;
    assert!(head.starts_with("http/1.1 200") && head.contains("application/openmetrics-text"), "{head}");
    parse(&body)
}

/// Reads the text format strictly: every family is announced before its samples, once, and the text ends as it must.
fn parse(text: &str) -> Samples {
    let (mut types, mut helps, mut samples) = (BTreeMap::new(), BTreeMap::new(), Samples::new());
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if line == "# EOF" {
            assert!(lines.next().is_none(), "something after the end");
            return samples;
        }
        if let Some(rest) = line.strip_prefix("# ") {
            let (word, rest) = rest.split_once(' ').unwrap();
            let (name, what) = rest.split_once(' ').unwrap();
            let table = match word {
                "TYPE" => &mut types,
                "HELP" => &mut helps,
                "UNIT" => {
                    assert!(name.ends_with(what), "{line}");
                    continue;
                }
                _ => panic!("{line}"),
            };
            assert_eq!(table.insert(name.to_owned(), what.to_owned()), None, "{name} is announced twice");
            continue;
        }
        let (name_and_labels, value) = line.rsplit_once(' ').unwrap();
        let value: f64 = if value == "+Inf" { f64::INFINITY } else { value.parse().unwrap() };
        let (name, labels) = match name_and_labels.split_once('{') {
            Some((name, labels)) => (name, labels.strip_suffix('}').unwrap()),
            None => (name_and_labels, ""),
        };
        let family = |suffix: &str| name.strip_suffix(suffix).filter(|family| types.contains_key(*family));
        let family = ["", "_total", "_bucket", "_sum", "_count"].iter().find_map(|suffix| family(suffix));
        let family = family.unwrap_or_else(|| panic!("{name} is not announced"));
        assert!(helps.contains_key(family), "{family} has no words");
        assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'), "{name}");
        let labels = labels.split(',').filter(|label| !label.is_empty()).map(|label| {
            let (key, value) = label.split_once('=').unwrap();
            (key.to_owned(), value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap().to_owned())
        });
        let key = (name.to_owned(), labels.collect::<BTreeMap<String, String>>());
        assert_eq!(samples.insert(key, value), None, "{line} is there twice");
    }
    panic!("the text has no end");
}

fn of(samples: &Samples, name: &str, labels: &[(&str, &str)]) -> f64 {
    let labels = labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let key = (name.to_owned(), labels);
    *samples.get(&key).unwrap_or_else(|| panic!("no {key:?} in {samples:#?}"))
}

fn call<'a>(method: &'a str, code: &'a str) -> [(&'a str, &'a str); 3] {
    [("rpc_system_name", "grpc"), ("rpc_method", method), ("rpc_response_status_code", code)]
}

const QUOTE: &str = "transit.booking.v1.BookingService/Quote";
const CALLS: &str = "rpc_server_call_duration_seconds_count";
const HERE: [(&str, &str); 1] = [("area", AREA)];

fn metered() -> mukae_server::Config {
    let mut config = config();
    config.server.metrics = Some("127.0.0.1:0".parse().unwrap());
    config
}

#[tokio::test]
async fn numbers_follow_what_is_done() {
    let house = House::open_with(metered(), Store::Configured, MORNING).await;
    let before = scrape(&house).await;
    assert_eq!(of(&before, "mukae_area_up", &HERE), 1.0);
    assert_eq!(of(&before, "mukae_quotes_total", &[("area", AREA), ("outcome", "offered")]), 0.0);
    assert_eq!(of(&before, "mukae_watchers", &[]), 0.0);
    let records = of(&before, "mukae_journal_records_total", &HERE);

    // one offered, one refused, one wrong, one nonsense
    let booking = house.book(ride("q1", Span::HOUR)).await;
    let mut off = ride("q2", Span::HOUR);
    off.origin = place(SEA, "");
    refusal_of(house.bookings().quote(off).await.unwrap().into_inner());
    let mut wrong = ride("q3", Span::HOUR);
    wrong.party = None;
    house.bookings().quote(wrong).await.unwrap_err();
    let mut raw = tonic::client::Grpc::new(house.channel.clone());
    raw.ready().await.unwrap();
    let made_up = "/transit.booking.v1.BookingService/MakeUp".parse().unwrap();
    let codec = tonic_prost::ProstCodec::<pb::QuoteRequest, pb::QuoteResponse>::default();
    raw.unary(tonic::Request::new(pb::QuoteRequest::default()), made_up, codec).await.unwrap_err();
    let watch = area_pb::WatchAreaRequest { name: AREA.to_owned(), resume_from_revision: 0 };
    let mut watching = house.area().watch_area(watch).await.unwrap().into_inner();
    watching.message().await.unwrap();

    let after = scrape(&house).await;
    assert_eq!(of(&after, "mukae_quotes_total", &[("area", AREA), ("outcome", "offered")]), 1.0);
    assert_eq!(of(&after, "mukae_quotes_total", &[("area", AREA), ("outcome", "refused")]), 1.0);
    let cause = [("area", AREA), ("cause", "ORIGIN_OFF_AREA")];
    assert_eq!(of(&after, "mukae_quote_refusals_total", &cause), 1.0);
    assert_eq!(of(&after, "mukae_quote_duration_seconds_count", &HERE), 2.0);
    assert_eq!(of(&after, CALLS, &call(QUOTE, "OK")), 2.0);
    assert_eq!(of(&after, CALLS, &call(QUOTE, "INVALID_ARGUMENT")), 1.0);
    assert_eq!(of(&after, CALLS, &call("_OTHER", "UNIMPLEMENTED")), 1.0);
    assert_eq!(of(&after, "mukae_watchers", &[]), 1.0);
    assert_eq!(of(&after, "mukae_bookings_open", &HERE), 1.0);
    assert_eq!(of(&after, "mukae_promises_at_risk", &HERE), 0.0);
    assert_eq!(of(&after, "mukae_journal_lag_records", &HERE), 0.0, "the booking was acknowledged");
    assert!(records + 3.0 <= of(&after, "mukae_journal_records_total", &HERE));
    assert!(0.0 < of(&after, "mukae_journal_bytes_total", &HERE));
    assert!(0.0 < of(&after, "mukae_journal_sync_duration_seconds_count", &HERE));
    let revision = of(&after, "mukae_plan_revision", &HERE);
    assert!(of(&before, "mukae_plan_revision", &HERE) < revision && revision >= booking.revision as f64);
    #[cfg(target_os = "linux")]
    assert!(1e6 < of(&after, "process_resident_memory_bytes", &[]));
    // buckets of a histogram grow to its count
    let buckets = after.iter().filter(|((name, labels), _)| {
        name == "rpc_server_call_duration_seconds_bucket"
            && labels["rpc_method"] == QUOTE
            && labels["rpc_response_status_code"] == "OK"
    });
    let mut buckets: Vec<(f64, f64)> =
        buckets.map(|((_, labels), count)| (labels["le"].parse().unwrap_or(f64::INFINITY), *count)).collect();
    buckets.sort_by(|one, other| one.0.total_cmp(&other.0));
    assert!(buckets.is_sorted_by(|one, other| one.1 <= other.1), "{buckets:?}");
    assert_eq!(buckets.last().unwrap(), &(f64::INFINITY, 2.0));

    // a stream counts when it has ended, and staff see the bus that did not pull out
    drop(watching);
    house.clock.advance(Span::HOUR * 2);
    for _ in 0..500 {
        let now = scrape(&house).await;
        let late = of(&now, "mukae_alerts_open", &[("area", AREA), ("kind", "late_pull_out")]);
        if of(&now, "mukae_watchers", &[]) == 0.0 && late == 1.0 {
            assert_eq!(of(&now, CALLS, &call("transit.area.v1.AreaService/WatchArea", "CANCELLED")), 1.0);
            assert_eq!(of(&now, "mukae_alerts_open", &[("area", AREA), ("kind", "silent_vehicle")]), 0.0);
            assert!(no_names(&now), "{now:#?}");
            house.close().await;
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("the stream's end was never told");
}

/// No label has the name of a ride, a rider or a vehicle.
fn no_names(samples: &Samples) -> bool {
    let labels = samples.keys().flat_map(|(_, labels)| labels.values());
    labels.clone().all(|label| !["tenants/", "line+", "bookings/", "vehicles/"].iter().any(|word| label.contains(word)))
}

#[tokio::test]
async fn there_is_one_page_and_nothing_else() {
    let house = House::open_with(metered(), Store::Configured, MORNING).await;
    let address = house.running.metrics_addr().unwrap();
    for (request, expected) in [("GET /", "404"), ("GET /metrics?x=1", "200"), ("POST /metrics", "405")] {
        let (head, _) = get(address, request).await;
        assert!(head.starts_with(&format!("http/1.1 {expected}")), "{request}: {head}");
    }
    assert_eq!(House::open().await.running.metrics_addr(), None, "off unless asked for");
    let mut taken = metered();
    taken.server.metrics = Some(address);
    let clock = std::sync::Arc::new(mukae_server::ManualClock::new(MORNING));
    let error = mukae_server::serve(taken, map(), options(&clock, Store::Configured)).await.unwrap_err().to_string();
    assert!(error.contains("[metrics] listen"), "{error}");
    house.close().await;
}

/// Records that wait for a slow disk are the lag.
#[tokio::test]
async fn a_journal_that_is_behind_is_seen() {
    let mut store = Faulty::new(MemoryStore::new(ShardName::new("niue").unwrap()), true);
    let closed = store.closed.clone();
    let (open_gate, gate) = std::sync::mpsc::channel();
    store.gate = Some(gate);
    let house = House::open_with(metered(), Store::Given(Box::new(store)), MORNING).await;
    let offer = house.offer(ride("q1", Span::HOUR)).await;
    house.bookings().get_offer(pb::GetOfferRequest { name: offer.name.clone() }).await.unwrap();
    closed.store(true, Ordering::SeqCst);
    house.offer(ride("q2", Span::HOUR)).await; // answered at once, and not durable
    assert!(1.0 <= of(&scrape(&house).await, "mukae_journal_lag_records", &HERE));
    closed.store(false, Ordering::SeqCst);
    open_gate.send(()).unwrap();
    house.bookings().get_offer(pb::GetOfferRequest { name: offer.name }).await.unwrap();
    assert_eq!(of(&scrape(&house).await, "mukae_journal_lag_records", &HERE), 0.0);
    house.close().await;
}

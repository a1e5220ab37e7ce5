//! What a server counts and measures of itself, for Prometheus; `docs/metrics.md` says what each means.
//!
//! What happens often is counted where it happens, by a few atomic steps; what is a state (alerts, queues, memory) is
//! looked up when somebody asks (`metrics/scrape.rs`). No label names a person, a ride or a vehicle: areas, methods,
//! codes, kinds and causes are few and known beforehand.

mod rpc;
mod scrape;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use mukae_proto::transit::booking::v1::{self as pb, binding_constraint::Kind};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::names::AreaName;

pub use rpc::{Metered, RpcMeter};
pub use scrape::{ALERT_KINDS, Scraper, Stock, alert_kind};

/// Upper ends in seconds, from a quote that is answered at once to a call that nobody waits for any more.
const SECONDS: [f64; 16] =
    [0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0];

fn seconds() -> Histogram {
    Histogram::new(SECONDS)
}

type Seconds<L> = Family<L, Histogram, fn() -> Histogram>;

/// Everything that is counted where it happens.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    pub rpc: RpcMeter,
    quotes: Family<OfOutcome, Counter>,
    refusals: Family<OfCause, Counter>,
    quote_seconds: Seconds<OfArea>,
    sync_seconds: Seconds<OfArea>,
    journal_records: Family<OfArea, Counter>,
    journal_bytes: Family<OfArea, Counter>,
    fell_behind: Family<OfArea, Counter>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct OfArea {
    area: String,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct OfOutcome {
    area: String,
    outcome: &'static str,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct OfCause {
    area: String,
    cause: &'static str,
}

/// One area's, found once.
#[derive(Clone, Debug)]
pub struct AreaMeters {
    area: String,
    offered: Counter,
    refused: Counter,
    refusals: Family<OfCause, Counter>,
    quote_seconds: Histogram,
    pub fell_behind: Counter,
    pub journal: JournalMeters,
}

/// Of the one thread that writes an area's journal.
#[derive(Clone, Debug)]
pub struct JournalMeters {
    sync_seconds: Histogram,
    records: Counter,
    bytes: Counter,
    /// How many records are durable, those of earlier runs included.
    durable: Arc<AtomicU64>,
}

impl Default for Metrics {
    fn default() -> Metrics {
        let mut registry = Registry::default();
        let rpc = RpcMeter::default();
        rpc.register(&mut registry);
        let quotes = Family::default();
        registry.register("mukae_quotes", "Quotes answered, by whether they had an offer", quotes.clone());
        let refusals = Family::default();
        let help = "What stood in the way of refused quotes; one quote may have several causes";
        registry.register("mukae_quote_refusals", help, refusals.clone());
        let quote_seconds = Seconds::new_with_constructor(seconds);
        let help = "From a checked quote to its answer, the wait for the area's task included";
        registry.register_with_unit("mukae_quote_duration", help, Unit::Seconds, quote_seconds.clone());
        let sync_seconds = Seconds::new_with_constructor(seconds);
        let help = "One batch of records written and synced";
        registry.register_with_unit("mukae_journal_sync_duration", help, Unit::Seconds, sync_seconds.clone());
        let (journal_records, journal_bytes, fell_behind) = (Family::default(), Family::default(), Family::default());
        registry.register("mukae_journal_records", "Records made durable", journal_records.clone());
        registry.register_with_unit("mukae_journal", "Records made durable", Unit::Bytes, journal_bytes.clone());
        let help = "Watchers of an area that could not keep up and began anew";
        registry.register("mukae_watchers_fell_behind", help, fell_behind.clone());
        Metrics {
            registry,
            rpc,
            quotes,
            refusals,
            quote_seconds,
            sync_seconds,
            journal_records,
            journal_bytes,
            fell_behind,
        }
    }
}

impl Metrics {
    /// The meters of an area whose journal begins with so many records.
    pub fn area(&self, name: &AreaName, durable: u64) -> AreaMeters {
        let area = name.to_string();
        let of_area = OfArea { area: area.clone() };
        let outcome = |outcome| self.quotes.get_or_create_owned(&OfOutcome { area: area.clone(), outcome });
        AreaMeters {
            offered: outcome("offered"),
            refused: outcome("refused"),
            refusals: self.refusals.clone(),
            quote_seconds: self.quote_seconds.get_or_create_owned(&of_area),
            fell_behind: self.fell_behind.get_or_create_owned(&of_area),
            journal: JournalMeters {
                sync_seconds: self.sync_seconds.get_or_create_owned(&of_area),
                records: self.journal_records.get_or_create_owned(&of_area),
                bytes: self.journal_bytes.get_or_create_owned(&of_area),
                durable: Arc::new(AtomicU64::new(durable)),
            },
            area,
        }
    }
}

impl AreaMeters {
    /// A quote was answered.
    pub fn quoted(&self, took: Duration, response: &pb::QuoteResponse) {
        self.quote_seconds.observe(took.as_secs_f64());
        match &response.result {
            Some(pb::quote_response::Result::Refusal(refusal)) => {
                self.refused.inc();
                for constraint in &refusal.binding_constraints {
                    let cause = cause_name(constraint.kind());
                    self.refusals.get_or_create(&OfCause { area: self.area.clone(), cause }).inc();
                }
            }
            Some(_) | None => _ = self.offered.inc(),
        }
    }
}

impl JournalMeters {
    pub fn synced(&self, took: Duration, records: usize, bytes: usize) {
        self.sync_seconds.observe(took.as_secs_f64());
        self.records.inc_by(records as u64);
        self.bytes.inc_by(bytes as u64);
        self.durable.fetch_add(records as u64, Ordering::Relaxed);
    }

    pub fn durable(&self) -> u64 {
        self.durable.load(Ordering::Relaxed)
    }
}

/// As the contract names it, without the prefix of its enum.
fn cause_name(kind: Kind) -> &'static str {
    let name = kind.as_str_name();
    name.strip_prefix("KIND_").unwrap_or(name)
}

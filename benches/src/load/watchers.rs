//! Those who watch an area: each keeps what came and when, so that nothing that was left out goes unseen.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use mukae_proto::transit::area::v1::WatchAreaRequest;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tonic::client::Grpc;
use tonic::transport::{Channel, Endpoint};
use tonic_prost::ProstCodec;

use super::times::Times;

const WATCH_AREA: &str = "/transit.area.v1.AreaService/WatchArea";
const AREA: &str = "areas/isle-of-man";

/// As much of a `WatchAreaResponse` as is looked at: ten thousand readers share the machine with the server, and are
/// not what is measured.
#[derive(Clone, PartialEq, prost::Message)]
struct Message {
    #[prost(int64, tag = "1")]
    revision: i64,
    #[prost(message, optional, tag = "2")]
    snapshot: Option<Part>,
    #[prost(message, optional, tag = "3")]
    delta: Option<Anything>,
    #[prost(message, optional, tag = "5")]
    resync: Option<Anything>,
}

/// Of a snapshot.
#[derive(Clone, Copy, PartialEq, prost::Message)]
struct Part {
    #[prost(bool, tag = "6")]
    is_last: bool,
}

/// Whatever it holds.
#[derive(Clone, Copy, PartialEq, prost::Message)]
struct Anything {}

/// What one watcher saw.
#[derive(Clone, Debug, Default)]
struct Seen {
    /// Of the last snapshot.
    from: i64,
    /// Revisions of deltas since then, and when they came, counted from the start.
    deltas: Vec<(i64, Duration)>,
    resyncs: usize,
    last: i64,
}

/// Many watchers of one area.
#[derive(Debug)]
pub struct Watchers {
    running: JoinSet<Result<Seen, tonic::Status>>,
    stop: watch::Sender<i64>,
    ready: Arc<AtomicUsize>,
    count: usize,
}

/// What became of them.
#[derive(Debug)]
pub struct Delivered {
    pub watchers: usize,
    /// Deltas that the first of them saw.
    pub deltas: usize,
    /// Deltas to all of them.
    pub messages: usize,
    pub resyncs: usize,
    /// Between the first and the last watcher's sight of the same delta.
    pub spread: Times,
}

impl Watchers {
    /// Opens so many streams over so many connections.
    pub async fn open(address: &str, count: usize, connections: usize) -> Result<Watchers> {
        let (stop, stopping) = watch::channel(i64::MAX);
        let ready = Arc::new(AtomicUsize::new(0));
        let (mut running, start) = (JoinSet::new(), Instant::now());
        let mut channels = Vec::new();
        for _ in 0..connections {
            channels.push(Endpoint::from_shared(address.to_owned())?.tcp_nodelay(true).connect().await?);
        }
        for number in 0..count {
            let client = Grpc::new(channels[number % connections].clone());
            running.spawn(watch(client, start, Arc::clone(&ready), stopping.clone()));
            if number % 64 == 63 {
                // the area queues so many calls; nobody opens ten thousand consoles in one millisecond
                while ready.load(Ordering::Relaxed) + 512 < number && running.try_join_next().is_none() {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            }
        }
        let watchers = Watchers { running, stop, ready, count };
        watchers.all_ready().await?;
        Ok(watchers)
    }

    async fn all_ready(&self) -> Result<()> {
        for _ in 0..60_000 {
            if self.ready.load(Ordering::Relaxed) == self.count {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        bail!("{} of {} watchers have their snapshot after a minute", self.ready.load(Ordering::Relaxed), self.count)
    }

    /// Waits until each has come to the area's revision, and compares: everybody has everything, or was told to begin
    /// anew.
    pub async fn close(mut self, revision: i64) -> Result<Delivered> {
        self.stop.send_replace(revision);
        let mut all = Vec::new();
        while let Some(seen) = tokio::time::timeout(Duration::from_secs(60), self.running.join_next()).await? {
            all.push(seen??);
        }
        ensure!(all.len() == self.count, "{} watchers of {}", all.len(), self.count);
        let whole: Vec<&Seen> = all.iter().filter(|seen| seen.resyncs == 0).collect();
        let mut told: BTreeMap<i64, (Duration, Duration)> = BTreeMap::new();
        for (revision, at) in all.iter().flat_map(|seen| &seen.deltas) {
            let (first, last) = told.entry(*revision).or_insert((*at, *at));
            (*first, *last) = ((*first).min(*at), (*last).max(*at));
        }
        for seen in &all {
            let expected = told.range(seen.from + 1..).map(|(revision, _)| *revision);
            let is_whole = seen.deltas.iter().map(|(revision, _)| *revision).eq(expected);
            ensure!(is_whole, "a watcher from revision {} on missed a delta and was not told", seen.from);
            ensure!(seen.last >= revision, "a watcher ended at {}, the area at {revision}", seen.last);
        }
        let mut spread = Times::default();
        told.values().for_each(|(first, last)| spread.add(*last - *first));
        Ok(Delivered {
            watchers: all.len(),
            deltas: whole.first().map_or(0, |seen| seen.deltas.len()),
            messages: all.iter().map(|seen| seen.deltas.len()).sum(),
            resyncs: all.iter().map(|seen| seen.resyncs).sum(),
            spread,
        })
    }
}

async fn watch(
    mut client: Grpc<Channel>,
    start: Instant,
    ready: Arc<AtomicUsize>,
    mut stopping: watch::Receiver<i64>,
) -> Result<Seen, tonic::Status> {
    let request = WatchAreaRequest { name: AREA.to_owned(), resume_from_revision: 0 };
    client.ready().await.map_err(|error| tonic::Status::unavailable(error.to_string()))?;
    let codec = ProstCodec::<WatchAreaRequest, Message>::default();
    let path = http::uri::PathAndQuery::from_static(WATCH_AREA);
    let mut updates = client.server_streaming(tonic::Request::new(request), path, codec).await?.into_inner();
    let mut seen = Seen::default();
    loop {
        let message = tokio::select! {
            message = updates.message() => message?,
            _ = stopping.wait_for(|until| *until <= seen.last) => return Ok(seen),
        };
        let Some(message) = message else { return Err(tonic::Status::aborted("the stream ended")) };
        if message.snapshot.is_some_and(|part| part.is_last) {
            (seen.from, seen.last) = (message.revision, message.revision);
            if seen.resyncs == 0 {
                ready.fetch_add(1, Ordering::Relaxed);
            }
        }
        // positions alone raise no revision
        if message.delta.is_some() && seen.last < message.revision {
            seen.deltas.push((message.revision, start.elapsed()));
            seen.last = message.revision;
        }
        if message.resync.is_some() {
            seen.resyncs += 1;
            seen.deltas.clear();
        }
    }
}

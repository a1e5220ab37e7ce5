//! Starting and stopping: from a configuration and a map to a server that answers, and back.
//!
//! ```text
//! bind the port -> open, claim and replay the journal -> settings -> serve, health says so
//! stop: health says so -> streams end, calls in flight finish -> journal settled, snapshot
//! ```
//! Without `[auth]` whoever reaches the port may do everything. So such a server refuses any address but a loopback
//! one, and says loudly that it is open. With it, others reach it over TLS only: its own, or that of a proxy in front.

mod deadline;
mod limits;
mod listener;
mod reload;
mod tls;

pub use limits::PATIENCE;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use mukae_engine::model::MapId;
use mukae_journal::{LogStore, MemoryStore, Sequence, ShardName, Snapshots};
use mukae_maps::PreparedMap;
use mukae_proto::FILE_DESCRIPTOR_SET;
use tokio::net::TcpListener;
use tokio::sync::{Notify, Semaphore, mpsc, watch};
use tokio::task::{JoinError, JoinHandle};

use crate::auth::table::methods_without_row;
use crate::auth::{Auth, BadKeys, TokenTime};
use crate::clock::{Clock, SystemClock};
use crate::config::{AccessConfig, BadSetting, Config};
use crate::grpc::Desk;
use crate::shell::area::{Area, Parts};
use crate::shell::area_loop::{self, AreaHandle, Surroundings};
use crate::shell::committer::Committer;
use crate::shell::demand::Demand;
use crate::shell::past::{Past, PastParts};
use crate::shell::probing::Probing;
use crate::shell::recover::{self, RecoverError, RecoveryReport};
use crate::shutdown::{Shutdown, ShutdownSignal, shutdown};
use listener::Reception;
use reload::{Files, Reload};
use tls::Tls;

/// What a server is given besides its configuration. [`Options::default`] is what `mukae serve` uses.
#[derive(Debug)]
pub struct Options {
    pub clock: Arc<dyn Clock>,
    /// A stream that was quiet for so long gets a heartbeat; real time.
    pub heartbeat: Duration,
    /// How long streams and calls may take to end after a stop; real time.
    pub drain: Duration,
    pub store: Store,
    /// By which clock tokens expire.
    pub token_time: TokenTime,
    /// Between two looks at the files of keys and certificates; real time.
    pub reload_every: Duration,
}

/// Where records go.
#[derive(Default)]
pub enum Store {
    /// Where the configuration says.
    #[default]
    Configured,
    /// Into this one: for tests, and for stores that come later.
    Given(Box<dyn LogStore>),
}

/// A server that answers.
#[derive(Debug)]
pub struct Running {
    local_addr: SocketAddr,
    recovery: RecoveryReport,
    warnings: Vec<String>,
    is_tls: bool,
    reload: Arc<Notify>,
    stop: Shutdown,
    task: JoinHandle<Result<(), Stopped>>,
}

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error(
        "`listen` is {address}, which others can reach, and without `[auth]` there is no authentication: \
         say who may come in (docs/security.md), or listen on 127.0.0.1 or [::1] and put nothing in front that lets \
         others in"
    )]
    OpenBeyondLoopback { address: SocketAddr },
    #[error("`behind_proxy` lets others in, and without `[auth]` there is no authentication: say who may come in")]
    OpenBehindProxy,
    #[error(
        "`listen` is {address}, which others can reach, and tokens would travel in the clear: add `[tls]`, or listen on \
         127.0.0.1 or [::1], or set `behind_proxy = true` if a proxy that ends TLS is the only one who can reach it"
    )]
    PlainBeyondLoopback { address: SocketAddr },
    #[error(transparent)]
    Keys(#[from] BadKeys),
    #[error("`[tls]`: {0}")]
    Tls(String),
    #[error("nobody said who may call {}: server/src/auth/table.rs", .0.join(", "))]
    MethodWithoutRow(Vec<String>),
    #[error("port {port} is in use on {ip}: stop what listens there, or choose another port in `[server] listen`",
            port = address.port(), ip = address.ip())]
    PortInUse { address: SocketAddr },
    #[error("cannot listen on {address}: {source}")]
    Listen { address: SocketAddr, source: io::Error },
    #[error(transparent)]
    Recover(#[from] RecoverError),
    #[error("the journal does not fit this program, replaying it failed: {0}")]
    Replay(JoinError),
    #[error(transparent)]
    Setting(#[from] BadSetting),
    #[error("reflection cannot be set up: {0}")]
    Reflection(String),
    #[error("the committer's thread cannot be started: {0}")]
    Thread(io::Error),
}

/// Why a server stopped without being asked to. The process is to end with an error.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Stopped {
    #[error("the journal failed, nothing more was acknowledged: {reason}; start again to recover")]
    Journal { reason: String },
    #[error("the server's transport failed: {reason}")]
    Transport { reason: String },
    #[error("a bug: {reason}; nothing more was acknowledged, start again to recover")]
    Bug { reason: String },
}

impl Default for Options {
    fn default() -> Options {
        Options {
            clock: Arc::new(SystemClock::new()),
            heartbeat: limits::HEARTBEAT,
            drain: limits::DRAIN,
            store: Store::Configured,
            token_time: TokenTime::Wall,
            reload_every: limits::RELOAD_EVERY,
        }
    }
}

impl Running {
    /// With the port that was found, if the configuration asked for any.
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    pub fn recovery(&self) -> &RecoveryReport {
        &self.recovery
    }

    /// What the operator should be told loudly at the start.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Asks the server to stop; [`Running::join`] tells when it has. More than once is once.
    pub fn shutdown(&self) {
        self.stop.say();
    }

    /// Whether clients have to speak TLS.
    pub fn is_tls(&self) -> bool {
        self.is_tls
    }

    /// Has keys and certificates read again, from elsewhere, such as a signal's task.
    pub fn reloader(&self) -> impl Fn() + Send + 'static {
        let reload = Arc::clone(&self.reload);
        move || reload.notify_one()
    }

    /// Asks from elsewhere, such as a signal's task.
    pub fn stopper(&self) -> impl Fn() + Send + 'static {
        let stop = self.stop.clone();
        move || stop.say()
    }

    /// Until the server has stopped: `Ok` if it was asked to.
    pub async fn join(self) -> Result<(), Stopped> {
        let Running { stop, task, .. } = self;
        let result = task.await.unwrap_or_else(|error| Err(Stopped::Bug { reason: error.to_string() }));
        drop(stop); // kept until here: without it the server would take itself for stopped
        result
    }
}

/// Starts a server. It answers once this returns.
pub async fn serve(config: Config, map: Arc<PreparedMap>, options: Options) -> Result<Running, ServeError> {
    let Options { clock, heartbeat, drain, store, token_time, reload_every } = options;
    let without_row = methods_without_row(FILE_DESCRIPTOR_SET);
    if !without_row.is_empty() {
        return Err(ServeError::MethodWithoutRow(without_row));
    }
    let files = Files::of(&config.access);
    let auth = Arc::new(Auth::new(&config, token_time)?);
    let tls = config.access.tls.as_ref().map(Tls::load).transpose().map_err(ServeError::Tls)?.map(Arc::new);
    let listener = listen(config.server.listen, &config.access).await?;
    let local_addr =
        listener.local_addr().map_err(|source| ServeError::Listen { address: config.server.listen, source })?;
    let mut warnings = Vec::new();
    if auth.is_open() {
        let what = "OPEN: there is no `[auth]`, so no authentication";
        warnings.push(format!("{what}; whoever reaches {local_addr} may do everything"));
    } else if tls.is_none() && !local_addr.ip().is_loopback() {
        warnings
            .push(format!("PLAIN: {local_addr} has no TLS; whoever listens on the way to the proxy can steal tokens"));
    }
    if config.journal.dir.is_none() && matches!(store, Store::Configured) {
        warnings.push("IN MEMORY: `[journal] dir` is not set; all bookings are gone when this process ends".to_owned());
    }

    let config = Arc::new(config);
    let map_id = MapId(map.checksum());
    let (recovered, store) = tokio::task::spawn_blocking({
        let (config, map) = (Arc::clone(&config), Arc::clone(&map));
        move || {
            map.prepare(); // here, so that no rider waits for it
            take_up(store, &config, map_id)
        }
    })
    .await
    .map_err(ServeError::Replay)??;
    let recovery = recovered.report.clone();
    tracing::info!(
        from_snapshot = recovery.from_snapshot,
        replayed = recovery.replayed,
        ms = recovery.took.as_millis() as u64,
        "journal replayed"
    );
    warnings.extend(recovery.notes.iter().cloned());
    warnings.iter().for_each(|warning| tracing::warn!("{warning}"));

    let (stop, stopping) = shutdown();
    let (failed, failure) = watch::channel(None);
    let snapshots = store.snapshots();
    let journal = store.reader();
    let expected = Sequence::new(recovered.scribe.next_sequence());
    let committer = Committer::spawn(store, recovered.epoch, expected, failed).map_err(ServeError::Thread)?;
    let (inputs, queue) = mpsc::channel(config.server.queue);
    let mut area = Area::new(Parts {
        config: Arc::clone(&config),
        map: Arc::clone(&map),
        clock: Arc::clone(&clock),
        scribe: recovered.scribe,
        annals: recovered.annals,
    });
    area.configure()?;
    let (area_stop, area_stopping) = shutdown();
    let around = Surroundings {
        inputs: queue,
        entries: committer.entries,
        clock: Arc::clone(&clock),
        snapshots: Arc::clone(&snapshots),
        stop: area_stopping,
    };
    let clock_speed = clock.speed();
    let desk = Desk {
        area: AreaHandle::new(inputs, limits::PATIENCE),
        name: config.area.name.clone(),
        map: Arc::clone(&map),
        snap_limit: config.area.snap_limit,
        clock,
        heartbeat,
        watchers: Arc::new(Semaphore::new(config.server.watchers)),
        probing: Arc::new(Probing::new(Arc::clone(&map))),
        past: Arc::new(Past::new(PastParts {
            journal: Arc::clone(&journal),
            snapshots: Arc::clone(&snapshots),
            map: Arc::clone(&map),
            config: Arc::clone(&config),
            clock_speed,
        })),
        demand: Arc::new(Demand::new(journal, config.area.time_zone.clone(), map.meta().bounds.centre())),
        stop: stopping.clone(),
        auth: Arc::clone(&auth),
    };
    let front = limits::front(desk, config.server.reflection, &config.access.origins).await?;
    let reload = Arc::new(Notify::new());
    let again = Reload { files, auth, tls: tls.clone(), asked: Arc::clone(&reload), every: reload_every };
    tokio::spawn(again.run(stopping.clone()));
    let is_tls = tls.is_some();
    let reception =
        Reception { tls, limits: config.access.connections, is_behind_proxy: config.access.is_behind_proxy };
    let house = House {
        area: tokio::spawn(area_loop::run(area, around)),
        area_stop,
        committer: committer.thread,
        snapshots,
        failure,
        stopping,
        drain,
    };
    let task = tokio::spawn(house.run(front, listener, reception));
    tracing::info!(%local_addr, area = %config.area.name, "serving");
    Ok(Running { local_addr, recovery, warnings, is_tls, reload, stop, task })
}

async fn listen(address: SocketAddr, access: &AccessConfig) -> Result<TcpListener, ServeError> {
    let (is_open, is_local) = (access.auth.is_none(), address.ip().is_loopback());
    if is_open && !is_local {
        return Err(ServeError::OpenBeyondLoopback { address });
    }
    if is_open && access.is_behind_proxy {
        return Err(ServeError::OpenBehindProxy);
    }
    if !is_local && access.tls.is_none() && !access.is_behind_proxy {
        return Err(ServeError::PlainBeyondLoopback { address });
    }
    TcpListener::bind(address).await.map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => ServeError::PortInUse { address },
        _ => ServeError::Listen { address, source },
    })
}

/// Blocks: opens the journal and replays it.
fn take_up(store: Store, config: &Config, map: MapId) -> Result<(recover::Recovered, Box<dyn LogStore>), RecoverError> {
    let shard = ShardName::new(config.area.name.0.clone()).expect("an area's id is 1 to 63 plain characters");
    let (mut store, notes) = match (store, &config.journal.dir) {
        (Store::Given(store), _) => (store, Vec::new()),
        (Store::Configured, Some(dir)) => {
            let (store, report) = recover::open(dir, shard)?;
            let cut =
                report.tail_cut.map(|cut| format!("the end of the journal was an unfinished write, cut off: {cut:?}"));
            (store, cut.into_iter().collect())
        }
        (Store::Configured, None) => (Box::new(MemoryStore::new(shard)) as Box<dyn LogStore>, Vec::new()),
    };
    let mut recovered = recover::recover(store.as_mut(), map)?;
    recovered.report.notes.extend(notes);
    Ok((recovered, store))
}

/// Everything that runs, and the order in which it ends.
struct House {
    area: JoinHandle<Option<(u64, Vec<u8>)>>,
    area_stop: Shutdown,
    committer: std::thread::JoinHandle<()>,
    snapshots: Arc<dyn Snapshots>,
    failure: watch::Receiver<Option<String>>,
    stopping: ShutdownSignal,
    drain: Duration,
}

impl House {
    async fn run(mut self, front: limits::Front, listener: TcpListener, reception: Reception) -> Result<(), Stopped> {
        let limits::Front { service, health } = front;
        let mut server = tokio::spawn(listener::run(listener, reception, service, self.stopping.clone()));
        let failure = failed(self.failure.clone());
        tokio::select! {
            // Asked to stop, the server may have ended before this is looked at: the word counts.
            biased;
            reason = failure => {
                server.abort(); // no answer leaves any more, not even a polite one
                return Err(reason);
            }
            () = self.stopping.heard() => {}
            ended = &mut self.area => {
                server.abort();
                let reason = ended.err().map_or("the area ended before its time".to_owned(), |error| error.to_string());
                let journal = self.failure.borrow().clone().map(|reason| Stopped::Journal { reason });
                return Err(journal.unwrap_or(Stopped::Bug { reason }));
            }
            ended = &mut server => {
                let reason = ended.map_or_else(|error| error.to_string(), |()| "it ended before its time".to_owned());
                self.close().await?;
                return Err(Stopped::Transport { reason });
            }
        }
        tracing::info!("stopping: streams end, calls in flight finish");
        health.stop().await;
        if tokio::time::timeout(self.drain, &mut server).await.is_err() {
            tracing::warn!("some calls did not end in time; they are cut off");
            server.abort();
        }
        self.close().await
    }

    /// Nobody asks any more: the rest is made durable, the log settled, a snapshot written.
    async fn close(self) -> Result<(), Stopped> {
        self.area_stop.say();
        let snapshot = self.area.await.map_err(|error| Stopped::Bug { reason: error.to_string() })?;
        let (committer, snapshots, failure) = (self.committer, self.snapshots, self.failure.clone());
        let closed = tokio::task::spawn_blocking(move || {
            let joined = committer.join().is_ok();
            let is_whole = joined && failure.borrow().is_none();
            if let (true, Some((at, bytes))) = (is_whole, snapshot) {
                let written = snapshots.write(Sequence::new(at), &bytes);
                written
                    .unwrap_or_else(|error| tracing::warn!("no last snapshot, the log is whole without it: {error}"));
            }
            joined
        });
        let joined = closed.await.unwrap_or(false);
        if let Some(reason) = self.failure.borrow().clone() {
            return Err(Stopped::Journal { reason });
        }
        if !joined {
            return Err(Stopped::Bug { reason: "the committer panicked".to_owned() });
        }
        tracing::info!("stopped: the journal is settled");
        Ok(())
    }
}

/// Ends when the journal fails, and only then: a committer that ends without a word was let go by the
/// area, which tells its own end (asked to stop, transport, area and committer may all have ended
/// before the house is polled again).
async fn failed(mut failure: watch::Receiver<Option<String>>) -> Stopped {
    let reason = failure.wait_for(Option::is_some).await.map(|reason| reason.clone()).ok().flatten();
    let Some(reason) = reason else { std::future::pending().await };
    Stopped::Journal { reason }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Store::Configured => f.write_str("Configured"),
            Store::Given(store) => write!(f, "Given({})", store.shard()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A demo's clean stop was told as "a bug: the committer ended before its time": on a busy machine
    /// everything had ended before the house looked. The end of a committer is no failure by itself.
    #[tokio::test]
    async fn a_committer_that_ends_in_order_is_no_failure() {
        let (failed_sender, failure) = watch::channel(None);
        drop(failed_sender);
        tokio::select! {
            biased;
            reason = failed(failure) => panic!("{reason}"),
            () = std::future::ready(()) => {}
        }

        let (failed_sender, failure) = watch::channel(None);
        failed_sender.send_replace(Some("disk full".to_owned()));
        drop(failed_sender);
        assert_eq!(failed(failure).await, Stopped::Journal { reason: "disk full".to_owned() });
    }
}

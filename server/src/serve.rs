//! Starting and stopping: from configurations and maps to a server that answers, and back.
//!
//! ```text
//! bind the port -> of each area: open, claim and replay the journal, settings -> serve, health says so
//! stop: health says so -> streams end, calls in flight finish -> of each area: journal settled, snapshot
//! ```
//! An area that can not be taken up, or falls, is answered for; the last one takes the server with it.
//! Without `[auth]` whoever reaches the port may do everything. So such a server refuses any address but a loopback
//! one, and says loudly that it is open. With it, others reach it over TLS only: its own, or that of a proxy in front.

mod board;
mod deadline;
mod house;
mod limits;
mod listener;
mod reload;
mod tls;

pub use limits::PATIENCE;

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use mukae_journal::LogStore;
use mukae_maps::PreparedMap;
use mukae_people::{OpenError, People};
use mukae_proto::FILE_DESCRIPTOR_SET;
use tokio::net::TcpListener;
use tokio::sync::{Notify, Semaphore};
use tokio::task::{JoinError, JoinHandle, JoinSet};

use crate::areas::{AreaDesk, Areas, Directory, Ground, Served};
use crate::auth::table::methods_without_row;
use crate::auth::{Auth, BadKeys, Estate, TokenTime};
use crate::clock::{Clock, SystemClock};
use crate::config::{AccessConfig, AreaToServe, BadGuidance, BadSetting, Config, ServerConfig};
use crate::grpc::Desk;
use crate::jobs::{Jobs, Simulator};
use crate::metrics::{Metrics, Scraper};
use crate::names::AreaName;
use crate::shell::recover::{RecoverError, RecoveryReport};
use crate::shell::rider_book::RiderBook;
use crate::shutdown::{Shutdown, ShutdownSignal, shutdown};
use house::House;
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
    /// What runs simulations; without it there are none.
    pub simulator: Option<Simulator>,
}

/// Where records go.
#[derive(Default)]
pub enum Store {
    /// Where the configuration says.
    #[default]
    Configured,
    /// Into this one, of the area whose name it bears: for tests, and for stores that come later.
    Given(Box<dyn LogStore>),
    /// Into these; areas that have none here, where the configuration says.
    Several(Vec<Box<dyn LogStore>>),
}

/// A server that answers.
#[derive(Debug)]
pub struct Running {
    local_addr: SocketAddr,
    metrics_addr: Option<SocketAddr>,
    areas: Vec<AreaStart>,
    warnings: Vec<String>,
    is_tls: bool,
    reload: Arc<Notify>,
    stop: Shutdown,
    task: JoinHandle<Result<(), Stopped>>,
}

/// How an area began.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AreaStart {
    pub name: AreaName,
    /// How it was taken up, or why it is down.
    pub recovery: Result<RecoveryReport, String>,
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
    #[error("port {port} is in use on {ip}: stop what listens there, or choose another port in `[{table}] listen`",
            port = address.port(), ip = address.ip())]
    PortInUse { address: SocketAddr, table: &'static str },
    #[error("cannot listen on {address}: {source}")]
    Listen { address: SocketAddr, source: io::Error },
    #[error("{0}")]
    Ambiguous(String),
    #[error("{0}")]
    Unreadable(String),
    #[error("no area can be served; the log says why of each")]
    NoArea,
    #[error(transparent)]
    Recover(#[from] RecoverError),
    #[error(transparent)]
    People(#[from] OpenError),
    #[error("riders' records can not be opened: {0}")]
    PeopleTask(JoinError),
    #[error("simulations can not be looked through: {0}")]
    JobsTask(JoinError),
    #[error("the journal does not fit this program, replaying it failed: {0}")]
    Replay(JoinError),
    #[error(transparent)]
    Setting(#[from] BadSetting),
    #[error(transparent)]
    Guidance(#[from] BadGuidance),
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
            simulator: None,
        }
    }
}

impl Running {
    /// With the port that was found, if the configuration asked for any.
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// Where `/metrics` is told, if the configuration asked for it.
    pub fn metrics_addr(&self) -> Option<SocketAddr> {
        self.metrics_addr
    }

    /// Each of the areas, by name.
    pub fn areas(&self) -> &[AreaStart] {
        &self.areas
    }

    /// Of the first area that was taken up.
    pub fn recovery(&self) -> &RecoveryReport {
        let taken_up = self.areas.iter().find_map(|area| area.recovery.as_ref().ok());
        taken_up.expect("a server without an area does not start")
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

/// Starts a server of one area. It answers once this returns.
pub async fn serve(config: Config, map: Arc<PreparedMap>, options: Options) -> Result<Running, ServeError> {
    let (server, access) = (config.server.clone(), config.access.clone());
    let area = AreaToServe { name: config.area.name.clone(), ready: Ok((config, map)) };
    serve_areas(server, access, vec![area], options).await
}

/// Starts a server of several areas. It answers once this returns; an area that can not be taken up is told of in the
/// warnings and answered for, as long as there is another one.
pub async fn serve_areas(
    server: ServerConfig,
    access: AccessConfig,
    mut areas: Vec<AreaToServe>,
    options: Options,
) -> Result<Running, ServeError> {
    let Options { clock, heartbeat, drain, store, token_time, reload_every, simulator } = options;
    let without_row = methods_without_row(FILE_DESCRIPTOR_SET);
    if !without_row.is_empty() {
        return Err(ServeError::MethodWithoutRow(without_row));
    }
    areas.sort_by(|one, other| one.name.cmp(&other.name));
    let is_lone = areas.len() == 1;
    let directory = directory_of(&areas)?;
    let files = Files::of(&access);
    let auth = Arc::new(Auth::new(&access, Estate::of(&areas), token_time)?);
    let tls = access.tls.as_ref().map(Tls::load).transpose().map_err(ServeError::Tls)?.map(Arc::new);
    let listener = listen(server.listen, &access).await?;
    let local_addr = listener.local_addr().map_err(|source| ServeError::Listen { address: server.listen, source })?;
    let mut warnings = Vec::new();
    if auth.is_open() {
        let what = "OPEN: there is no `[auth]`, so no authentication";
        warnings.push(format!("{what}; whoever reaches {local_addr} may do everything"));
    } else if tls.is_none() && !local_addr.ip().is_loopback() {
        warnings
            .push(format!("PLAIN: {local_addr} has no TLS; whoever listens on the way to the proxy can steal tokens"));
    }
    let board = match server.metrics {
        Some(address) => {
            let board = bind(address, "metrics").await?;
            if !address.ip().is_loopback() {
                warnings.push(format!("METRICS: whoever reaches {address} can read /metrics; it names nobody"));
            }
            Some(board)
        }
        None => None,
    };
    let metrics_addr = board.as_ref().and_then(|board| board.local_addr().ok());
    let metrics = Arc::new(Metrics::default());
    let mut stores = store.given();
    let of_area = |name: &AreaName| if is_lone { String::new() } else { format!("{name}: ") };
    let any_kept = areas.iter().any(|area| area.ready.as_ref().is_ok_and(|(config, _)| config.journal.dir.is_some()));
    let (mut served, mut houses, mut starts) = (Vec::new(), Vec::new(), Vec::new());
    for (number, AreaToServe { name, ready }) in areas.into_iter().enumerate() {
        let ground = ready.as_ref().ok().map(|(config, map)| {
            if config.journal.dir.is_none() && !stores.contains_key(&name) {
                let what = "IN MEMORY: `[journal] dir` is not set; all bookings are gone when this process ends";
                warnings.push(format!("{}{what}", of_area(&name)));
            }
            Ground { map: Arc::clone(map), snap_limit: config.area.snap_limit }
        });
        let clock = if is_lone { Arc::clone(&clock) } else { Arc::clone(&clock).of_area() };
        let start = Start { clock, given: stores.remove(&name), queue: server.queue, metrics: &metrics };
        let begun = match ready {
            Ok((config, map)) => start.take_up(config, map, &directory, number).await,
            Err(why) => Err(ServeError::Unreadable(why)),
        };
        let (desk, recovery) = match begun {
            Ok(Begun { house, desk, recovery, warnings: of_start }) => {
                let notes = recovery.notes.iter().cloned().chain(of_start);
                warnings.extend(notes.map(|note| format!("{}{note}", of_area(&name))));
                houses.push(house);
                (Some(desk), Ok(recovery))
            }
            Err(error) if is_lone => return Err(error),
            Err(error) => {
                warnings.push(format!("{name} IS DOWN, the others go on: {error}"));
                (None, Err(error.to_string()))
            }
        };
        served.push(Served::new(name.clone(), ground, desk));
        starts.push(AreaStart { name, recovery });
    }
    if server.people.file.is_none() && any_kept {
        warnings
            .push("IN MEMORY: `[people] file` is not set; riders' records are gone when this process ends".to_owned());
    }
    if houses.is_empty() {
        warnings.iter().for_each(|warning| tracing::warn!("{warning}"));
        return Err(ServeError::NoArea);
    }
    let (stop, stopping) = shutdown();
    let (simulations, stopped) = (server.simulations.clone(), stopping.clone());
    let jobs = tokio::task::spawn_blocking(move || Jobs::open(simulator, simulations, stopped)).await;
    let (jobs, notes) = jobs.map_err(ServeError::JobsTask)?;
    warnings.extend(notes);
    warnings.iter().for_each(|warning| tracing::warn!("{warning}"));

    let people = server.people.file.clone();
    let open = move || people.map_or_else(|| Ok(People::in_memory()), |file| People::open(&file));
    let people = tokio::task::spawn_blocking(open).await.map_err(ServeError::PeopleTask)??;
    let areas = Areas::new(served, directory);
    let watchers = Arc::new(Semaphore::new(server.watchers));
    if let Some(board) = board {
        let (areas, watchers, watchers_max) = (areas.clone(), Arc::clone(&watchers), server.watchers);
        let scraper = Scraper { metrics: Arc::clone(&metrics), areas, watchers, watchers_max };
        tokio::spawn(board::run(board, scraper, stopping.clone()));
    }
    let jobs_over = jobs.run();
    let desk = Desk {
        jobs: Arc::new(jobs),
        area: areas.clone(),
        clock,
        heartbeat,
        watchers,
        riders: Arc::new(RiderBook::new(people)),
        stop: stopping.clone(),
        auth: Arc::clone(&auth),
    };
    let limits::Front { service, health } =
        limits::front(desk, metrics.rpc.clone(), server.reflection, &access.origins).await?;
    let reload = Arc::new(Notify::new());
    let again = Reload { files, auth, tls: tls.clone(), asked: Arc::clone(&reload), every: reload_every };
    tokio::spawn(again.run(stopping.clone()));
    let is_tls = tls.is_some();
    let reception = Reception {
        tls,
        limits: access.connections,
        is_behind_proxy: access.is_behind_proxy,
        times: limits::Times::SHIPPED,
    };
    let street = Street { houses, areas, health, jobs_over, stopping, drain };
    let task = tokio::spawn(street.run(service, listener, reception));
    let names: Vec<String> = starts.iter().map(|start| start.name.to_string()).collect();
    tracing::info!(%local_addr, areas = names.join(", "), "serving");
    Ok(Running { local_addr, metrics_addr, areas: starts, warnings, is_tls, reload, stop, task })
}

/// A name in two configurations could mean either; a town that copied its neighbour's file is told so. `areas` in the
/// order of their names.
fn directory_of(areas: &[AreaToServe]) -> Result<Directory, ServeError> {
    let (directory, mut problems) = (Directory::default(), Vec::new());
    let mut dirs: BTreeMap<&Path, &AreaName> = BTreeMap::new();
    for (number, AreaToServe { name, ready }) in areas.iter().enumerate() {
        if number > 0 && areas[number - 1].name == *name {
            problems.push(format!("there are two configurations of {name}"));
        }
        let Ok((config, _)) = ready else { continue };
        let clashes = directory.add_configured(number, config);
        problems.extend(clashes.into_iter().map(|clash| {
            let (first, second) = (&areas[clash.first].name, &areas[clash.second].name);
            format!("{} is in the configurations of {first} and of {second}; keep it in one of them", clash.name)
        }));
        let other = config.journal.dir.as_deref().and_then(|dir| dirs.insert(dir, name).map(|other| (dir, other)));
        problems.extend(other.map(|(dir, other)| {
            format!("{other} and {name} have one journal, {}; give each a directory of its own", dir.display())
        }));
    }
    if problems.is_empty() { Ok(directory) } else { Err(ServeError::Ambiguous(problems.join("; "))) }
}

/// Whether these areas can be served side by side: no thing and no journal is in two of their configurations.
pub fn check_side_by_side(areas: &mut [AreaToServe]) -> Result<(), ServeError> {
    areas.sort_by(|one, other| one.name.cmp(&other.name));
    directory_of(areas).map(drop)
}

/// With what an area is taken up.
struct Start<'m> {
    clock: Arc<dyn Clock>,
    given: Option<Box<dyn LogStore>>,
    queue: usize,
    metrics: &'m Metrics,
}

/// An area that was.
struct Begun {
    house: House,
    desk: AreaDesk,
    recovery: RecoveryReport,
    /// What its journal knows and another area has by now, and what is not followed.
    warnings: Vec<String>,
}

impl Start<'_> {
    async fn take_up(
        self,
        config: Config,
        map: Arc<PreparedMap>,
        directory: &Directory,
        number: usize,
    ) -> Result<Begun, ServeError> {
        let taken_up = house::take_up(config, map, self.given).await?;
        let expired = taken_up.expired(self.clock.now()).map(|date| format!("EXPIRED: `[area.supply] settings` held until {date}; nothing is done ahead of demand: run `mukae tune` again"));
        let recovery = taken_up.report().clone();
        let foreign = taken_up.register(directory, number);
        let foreign =
            foreign.iter().map(|name| format!("{name} is another area's by now; only lists show the old one"));
        let (house, desk) = taken_up.open(self.clock, self.queue, self.metrics)?;
        Ok(Begun { house, desk, recovery, warnings: foreign.chain(expired).collect() })
    }
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
    bind(address, "server").await
}

/// `table` is the one of the configuration that says where.
async fn bind(address: SocketAddr, table: &'static str) -> Result<TcpListener, ServeError> {
    TcpListener::bind(address).await.map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => ServeError::PortInUse { address, table },
        _ => ServeError::Listen { address, source },
    })
}

/// The transport and all houses behind it, and the order in which they end.
struct Street {
    houses: Vec<House>,
    areas: Areas,
    health: limits::Health,
    /// Ends when no child is left, some time after the word to stop.
    jobs_over: Option<JoinHandle<()>>,
    stopping: ShutdownSignal,
    drain: Duration,
}

impl Street {
    async fn run(self, service: limits::Stack, listener: TcpListener, reception: Reception) -> Result<(), Stopped> {
        let Street { houses, areas, health, jobs_over, stopping, drain } = self;
        let (close, closing) = shutdown();
        let mut running = JoinSet::new();
        for house in houses {
            let (name, closing) = (house.name.clone(), closing.clone());
            running.spawn(async move { (name, house.run(closing).await) });
        }
        let mut server = tokio::spawn(listener::run(listener, reception, service, stopping.clone()));
        loop {
            tokio::select! {
                // Asked to stop, the server may have ended before this is looked at: the word counts.
                biased;
                Some(fallen) = running.join_next() => {
                    let (name, ended) = fallen.map_err(|error| Stopped::Bug { reason: error.to_string() })?;
                    let bug = || Stopped::Bug { reason: "a house closed before its time".to_owned() };
                    let reason = ended.err().unwrap_or_else(bug);
                    areas.take_down(&name);
                    if running.is_empty() {
                        server.abort(); // no answer leaves any more, not even a polite one
                        return Err(reason);
                    }
                    tracing::error!(area = %name, "THIS AREA IS DOWN, the others go on: {reason}");
                    health.area_is_down(&name).await;
                }
                () = stopping.heard() => break,
                ended = &mut server => {
                    let reason =
                        ended.map_or_else(|error| error.to_string(), |()| "it ended before its time".to_owned());
                    close.say();
                    all_closed(running).await?;
                    return Err(Stopped::Transport { reason });
                }
            }
        }
        tracing::info!("stopping: streams end, calls in flight finish");
        health.stop().await;
        if tokio::time::timeout(drain, &mut server).await.is_err() {
            tracing::warn!("some calls did not end in time; they are cut off");
            server.abort();
        }
        if let Some(Err(error)) = match jobs_over {
            Some(over) => Some(over.await),
            None => None,
        } {
            tracing::error!("bug: simulations did not end in order: {error}");
        }
        close.say();
        all_closed(running).await
    }
}

/// The first trouble of any, once all have closed.
async fn all_closed(mut running: JoinSet<(AreaName, Result<(), Stopped>)>) -> Result<(), Stopped> {
    let mut result = Ok(());
    while let Some(closed) = running.join_next().await {
        let closed = closed.map_err(|error| Stopped::Bug { reason: error.to_string() }).and_then(|(_, closed)| closed);
        result = result.and(closed);
    }
    result
}

impl Store {
    /// By the areas' names.
    fn given(self) -> BTreeMap<AreaName, Box<dyn LogStore>> {
        let stores = match self {
            Store::Configured => Vec::new(),
            Store::Given(store) => vec![store],
            Store::Several(stores) => stores,
        };
        stores.into_iter().map(|store| (AreaName(store.shard().as_str().to_owned()), store)).collect()
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Store::Configured => f.write_str("Configured"),
            Store::Given(store) => write!(f, "Given({})", store.shard()),
            Store::Several(stores) => f.debug_list().entries(stores.iter().map(|store| store.shard())).finish(),
        }
    }
}

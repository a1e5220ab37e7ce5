//! Long work that a server does beside its areas: simulations, each in a child process of this program's own binary.
//!
//! ```text
//! asked -> checked by a child -> written down, queued -> a child at work -> over, files to fetch
//! stop: children are killed, their jobs queued again -> start: they go on from the results that are there
//! ```
//! A job is a directory (`jobs/folder.rs`), its record the one file in it that says how it stands. Nothing of it enters a
//! journal, and no area waits for it. What kinds of jobs there are stands in `jobs/kind.rs`.

mod check;
mod child;
mod figures;
mod folder;
mod keeping;
mod kind;
mod record;
mod runner;
mod shop;
mod table;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use mukae_proto::transit::planning::v1 as pb;
use mukae_proto::transit::units::v1::ErrorReason;
use mukae_record::Origin;
use tokio::sync::{Notify, Semaphore, watch};
use tokio::task::JoinHandle;

use crate::config::SimulationsConfig;
use crate::errors::Fault;
use crate::names::{AreaName, SimulationName};
use crate::shell::input::Signed;
use crate::shell::outbox::Following;
use crate::shutdown::ShutdownSignal;
use crate::wire::to_proto;
use folder::Folder;
use record::Asked;
use shop::Shop;
use table::Table;

pub use figures::{Figures, Row};
pub use kind::{Kind, media_type};
pub use record::{Known, Progress, Record, Standing};

/// Scenarios that are looked at at once; each is a process for a moment.
const CHECKS_MAX: usize = 2;

/// What runs simulations.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Simulator {
    /// Called as `mukae` is.
    pub program: PathBuf,
    /// The configurations that it reads for the areas; `None`: the built-in town. Other areas are not simulated.
    pub towns: BTreeMap<AreaName, Option<PathBuf>>,
    /// Where areas' journals lie that their simulations may read: those with the riders of one tenant.
    pub journals: BTreeMap<AreaName, PathBuf>,
}

/// A scenario that somebody wants to be simulated.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Order {
    pub tenant: String,
    pub scenario: String,
    /// Names and contents.
    pub attachments: Vec<(String, Vec<u8>)>,
    pub with_report: bool,
    /// Those that the scenario may name.
    pub areas: Vec<AreaName>,
}

/// All jobs of a server, or why it has none.
#[derive(Debug)]
pub struct Jobs(Result<Arc<Shop>, String>);

impl Jobs {
    pub fn off(why: impl Into<String>) -> Jobs {
        Jobs(Err(why.into()))
    }

    /// Takes up what an earlier server left. Blocks; what could not be read is told in the warnings.
    pub fn open(simulator: Option<Simulator>, config: SimulationsConfig, stop: ShutdownSignal) -> (Jobs, Vec<String>) {
        let Some(simulator) = simulator else {
            return (Jobs::off("it was started without a program that simulates"), Vec::new());
        };
        let Some(directory) = &config.directory else {
            let what =
                "it does not know where to keep them: `[simulations] directory`, or `[journal] dir` beside which it is";
            return (Jobs::off(what), Vec::new());
        };
        let (folder, found) = match Folder::open(directory) {
            Ok(opened) => opened,
            Err(why) => {
                let warning = format!("NO SIMULATIONS: {}: {why}", directory.display());
                return (Jobs::off(why), vec![warning]);
            }
        };
        let warnings = found.unreadable.iter().map(|what| format!("a simulation can not be read: {what}")).collect();
        let keep_ms = config.keep_ms();
        let shop = Shop {
            simulator,
            config,
            folder,
            table: Mutex::new(Table::of(found.records, keep_ms)),
            changes: tokio::sync::Mutex::default(),
            is_closed: AtomicBool::new(false),
            checks: Semaphore::new(CHECKS_MAX),
            wake: Notify::new(),
            stop,
        };
        (Jobs(Ok(Arc::new(shop))), warnings)
    }

    /// Begins what waits, until the server stops; the handle ends when no child is left.
    pub fn run(&self) -> Option<JoinHandle<()>> {
        let shop = Arc::clone(self.0.as_ref().ok()?);
        Some(tokio::spawn(runner::run(shop)))
    }

    fn shop(&self) -> Result<&Arc<Shop>, Fault> {
        let off =
            |why: &String| Fault::new(ErrorReason::SimulationsOff, format!("this server runs no simulations: {why}"));
        self.0.as_ref().map_err(off)
    }

    /// The areas of these that can be simulated.
    pub fn simulated(&self, areas: Vec<AreaName>) -> Vec<AreaName> {
        let Ok(shop) = &self.0 else { return Vec::new() };
        areas.into_iter().filter(|area| shop.simulator.towns.contains_key(area)).collect()
    }

    /// Checked and queued; of a rehearsal, what it would be.
    pub async fn create(&self, order: Signed<Order>) -> Result<pb::Simulation, Fault> {
        let shop = Arc::clone(self.shop()?);
        // what has begun is brought to its end, whoever waits for it
        in_full(async move { shop.create(order).await }).await
    }

    pub fn get(&self, name: &SimulationName) -> Result<pb::Simulation, Fault> {
        let shop = self.shop()?;
        let table = shop.table();
        let record = table.find(name)?;
        Ok(table.drawn(record))
    }

    /// Those of a tenant from this id on, in the order of their creation.
    pub fn list(&self, tenant: &str, from: u64) -> Result<Vec<(u64, pb::Simulation)>, Fault> {
        let table = self.shop()?.table();
        let of_tenant = table.records_from(from).filter(|record| record.tenant == tenant && record.is_there());
        Ok(of_tenant.map(|record| (record.id, table.drawn(record))).collect())
    }

    pub fn watch(&self, name: &SimulationName) -> Result<Following<pb::Simulation>, Fault> {
        self.shop()?.table().watch(name)
    }

    pub async fn cancel(&self, name: Signed<SimulationName>) -> Result<pb::Simulation, Fault> {
        let shop = Arc::clone(self.shop()?);
        in_full(async move { shop.cancel(name).await }).await
    }

    pub async fn delete(&self, name: Signed<SimulationName>) -> Result<(), Fault> {
        let shop = Arc::clone(self.shop()?);
        in_full(async move { shop.delete(name).await }).await
    }

    /// The key figures of one that is over.
    pub async fn figures(&self, name: &SimulationName) -> Result<Figures, Fault> {
        let shop = Arc::clone(self.shop()?);
        let record = shop.table().find(name)?.clone();
        let file = shop.folder.file(&record, kind::FIGURES);
        let read = tokio::task::spawn_blocking(move || Figures::read(&file)).await.map_err(Fault::bug)?;
        read.ok_or_else(|| wrong_state(&record, "has no figures to list"))
    }

    /// Where a file of a simulation lies.
    pub fn file(&self, name: &SimulationName, file: &str) -> Result<PathBuf, Fault> {
        let shop = self.shop()?;
        let table = shop.table();
        let record = table.find(name)?;
        let there = || record.files.iter().map(|known| known.file.as_str()).collect::<Vec<_>>().join(", ");
        match record.files.iter().find(|known| known.file == file) {
            Some(known) => Ok(shop.folder.file(record, &known.file)),
            None => Err(Fault::invalid_field("file", format!("{name} has no such file; there are: {}", there()))),
        }
    }
}

async fn in_full<T: Send + 'static>(
    change: impl Future<Output = Result<T, Fault>> + Send + 'static,
) -> Result<T, Fault> {
    tokio::spawn(change).await.map_err(Fault::bug)?
}

fn wrong_state(record: &Record, what: &str) -> Fault {
    let state = to_proto::simulation_state(record.standing).as_str_name();
    let state = state.strip_prefix("STATE_").unwrap_or(state);
    let message = format!("{} is {state} and {what}", record.name());
    Fault::new(ErrorReason::WrongSimulationState, message).with("state", state)
}

/// By the machine's clock.
fn now_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
}

/// A child's end, for those who wait for it.
type Gone = watch::Receiver<bool>;

impl Asked {
    fn of(origin: &Origin) -> Option<Asked> {
        let call = origin.call.as_ref()?;
        let mut hasher = blake3::Hasher::new();
        // a request's id has no line's end in it
        hasher.update(call.request_id.as_str().as_bytes()).update(b"\n").update(origin.principal.as_str().as_bytes());
        let fingerprint = blake3::Hash::from_bytes(call.fingerprint?.0).to_hex().to_string();
        Some(Asked { id: hasher.finalize().to_hex().to_string(), fingerprint })
    }
}

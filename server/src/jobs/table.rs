//! All jobs as they are known: by id, by the requests that made them, in the order of their turn.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use mukae_proto::transit::planning::v1 as pb;
use mukae_proto::transit::units::v1::ErrorReason;
use mukae_record::Principal;
use tokio::sync::{Notify, watch};

use super::kind::Kind;
use super::record::{Asked, Progress, Record, Standing};
use super::{Gone, Order};
use crate::errors::Fault;
use crate::names::SimulationName;
use crate::shell::outbox::Following;
use crate::wire::to_proto;

#[derive(Debug)]
pub struct Table {
    /// How long jobs are kept that are over.
    keep_ms: i64,
    jobs: BTreeMap<u64, Entry>,
    /// By the request's id: what it said, and the job that it was about.
    asked: HashMap<String, (String, u64)>,
    /// The last id that was given.
    last: u64,
}

#[derive(Debug)]
struct Entry {
    record: Record,
    told: watch::Sender<pb::Simulation>,
    child: Option<Leash>,
}

/// What holds a child.
#[derive(Clone, Debug)]
pub struct Leash {
    /// Said when it is to end.
    pub end: Arc<Notify>,
    pub gone: Gone,
}

impl Table {
    pub fn of(records: Vec<Record>, keep_ms: i64) -> Table {
        let mut table = Table { keep_ms, jobs: BTreeMap::new(), asked: HashMap::new(), last: 0 };
        for record in records {
            table.put(record);
        }
        table
    }

    /// A job that is to be, with an id of its own: the time, so that later ones are greater over restarts, too.
    pub fn new_record(&mut self, kind: Kind, order: &Order, creator: &Principal, now_ms: i64) -> Record {
        self.last = (self.last + 1).max(now_ms.unsigned_abs());
        Record {
            kind: kind.word.to_owned(),
            tenant: order.tenant.clone(),
            id: self.last,
            scenario_name: String::new(),
            with_report: order.with_report,
            areas: order.areas.iter().map(ToString::to_string).collect(),
            creator: creator.to_string(),
            created_ms: now_ms,
            started_ms: None,
            ended_ms: None,
            standing: Standing::Queued,
            progress: None,
            failure: None,
            program_version: env!("CARGO_PKG_VERSION").to_owned(),
            files: Vec::new(),
            bytes: 0,
            crashes: 0,
            requests: Vec::new(),
        }
    }

    /// Of a tenant's job that is there.
    pub fn find(&self, name: &SimulationName) -> Result<&Record, Fault> {
        let found = self.by_id(name.id).filter(|record| record.tenant == name.tenant && record.is_there());
        found.ok_or_else(|| Fault::not_found(name))
    }

    pub fn by_id(&self, id: u64) -> Option<&Record> {
        self.jobs.get(&id).map(|entry| &entry.record)
    }

    pub fn records_from(&self, id: u64) -> impl Iterator<Item = &Record> {
        self.jobs.range(id..).map(|(_, entry)| &entry.record)
    }

    pub fn unfinished(&self) -> impl Iterator<Item = &Record> {
        self.records_from(0).filter(|record| !record.standing.is_over())
    }

    /// The job that a request was about, if it came before.
    pub fn asked(&self, asked: &Asked) -> Result<Option<&Record>, Fault> {
        let Some((fingerprint, id)) = self.asked.get(&asked.id) else { return Ok(None) };
        if *fingerprint != asked.fingerprint {
            let message = "this request_id was used for another request; choose a new one";
            return Err(Fault::new(ErrorReason::RequestIdReused, message));
        }
        Ok(self.by_id(*id))
    }

    /// Makes a record known as it is written down; as it is drawn now.
    pub fn put(&mut self, record: Record) -> pb::Simulation {
        let id = record.id;
        self.last = self.last.max(id);
        for asked in &record.requests {
            self.asked.insert(asked.id.clone(), (asked.fingerprint.clone(), id));
        }
        match self.jobs.get_mut(&id) {
            Some(entry) => entry.record = record,
            None => {
                let told = watch::Sender::new(to_proto::simulation(&record, 0, self.keep_ms));
                self.jobs.insert(id, Entry { record, told, child: None });
            }
        }
        self.tell();
        self.drawn(&self.jobs[&id].record)
    }

    /// How far it is; nothing of it is written down.
    pub fn advance(&mut self, id: u64, progress: Progress) {
        if let Some(entry) = self.jobs.get_mut(&id).filter(|entry| entry.record.standing == Standing::Running) {
            entry.record.progress = Some(progress);
            entry.told.send_replace(to_proto::simulation(&entry.record, 0, self.keep_ms));
        }
    }

    /// Nobody asks for it any more, not even again.
    pub fn forget(&mut self, id: u64) {
        if let Some(entry) = self.jobs.remove(&id) {
            entry.record.requests.iter().for_each(|asked| _ = self.asked.remove(&asked.id));
        }
        self.tell();
    }

    pub fn watch(&self, name: &SimulationName) -> Result<Following<pb::Simulation>, Fault> {
        self.find(name)?;
        let mut updates = self.jobs[&name.id].told.subscribe();
        let first = updates.borrow_and_update().clone();
        Ok(Following { first, updates })
    }

    /// As callers see it, or would.
    pub fn drawn(&self, record: &Record) -> pb::Simulation {
        let place = self.queue().iter().position(|id| *id == record.id);
        to_proto::simulation(record, place.unwrap_or(0), self.keep_ms)
    }

    /// Those that wait, in the order of their turn: each tenant's first before anybody's second, older ones first.
    pub fn queue(&self) -> Vec<u64> {
        let mut of_tenant: HashMap<&str, usize> = HashMap::new();
        let running = self.unfinished().filter(|record| record.standing == Standing::Running);
        running.for_each(|record| *of_tenant.entry(&record.tenant).or_default() += 1);
        let mut turns = Vec::new();
        for record in self.unfinished().filter(|record| record.standing == Standing::Queued) {
            let before = of_tenant.entry(&record.tenant).or_default();
            turns.push((*before, record.id));
            *before += 1;
        }
        turns.sort_unstable();
        turns.into_iter().map(|(_, id)| id).collect()
    }

    pub fn hold(&mut self, id: u64, leash: Leash) {
        if let Some(entry) = self.jobs.get_mut(&id) {
            entry.child = Some(leash);
        }
    }

    pub fn let_go(&mut self, id: u64) {
        if let Some(entry) = self.jobs.get_mut(&id) {
            entry.child = None;
        }
    }

    /// Tells the job's child to end, if it has one, and how to wait for that.
    pub fn child_of(&self, id: u64) -> Option<Gone> {
        let leash = self.jobs.get(&id)?.child.as_ref()?;
        leash.end.notify_one();
        Some(leash.gone.clone())
    }

    /// Whatever reads differently now.
    fn tell(&self) {
        let queue = self.queue();
        for entry in self.jobs.values() {
            let place = queue.iter().position(|id| *id == entry.record.id).unwrap_or(0);
            let drawn = to_proto::simulation(&entry.record, place, self.keep_ms);
            entry.told.send_if_modified(|told| {
                let is_new = *told != drawn;
                *told = drawn;
                is_new
            });
        }
    }
}

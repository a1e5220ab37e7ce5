//! The one door: who is known, and what changes about them, each request once.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use serde::{Deserialize, Serialize};

use crate::person::{Change, Entry, Key, Request};
use crate::shelf::{Found, Gone, Query, Shelf};
use crate::store::{Batch, Content, OpenError, Store, WriteError};

/// Riders of one tenant; many times a town.
pub const RIDERS_OF_TENANT_MAX: usize = 100_000;
/// How long a request is known again.
const REQUESTS_KEPT_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// Riders' records, in a file or in memory. Changes come one after the other and block until they are durable; reads
/// wait for none of that.
pub struct People {
    /// Held through a change, from the look at what is there to the answer.
    store: Mutex<Store>,
    memory: RwLock<Memory>,
}

/// What is durable.
#[derive(Default)]
struct Memory {
    tenants: BTreeMap<String, Shelf>,
    requests: BTreeMap<[u8; 32], Answered>,
}

/// What became of a request.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Answered {
    /// `None`: it told about somebody who was erased, and not even a hash of that is kept.
    fingerprint: Option<[u8; 32]>,
    at: i64,
    tenant: String,
    rider: u64,
    erased: bool,
}

/// Why nothing changed, or is not known to have changed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ChangeError<E> {
    #[error("refused")]
    Refused(E),
    #[error("the request's id was used for another request")]
    Reused,
    #[error("the rider was erased since the request was first sent")]
    ErasedSince,
    #[error("there are {RIDERS_OF_TENANT_MAX} riders already")]
    Full,
    #[error(transparent)]
    Failed(#[from] WriteError),
}

impl People {
    pub fn in_memory() -> People {
        People { store: Mutex::new(Store::in_memory()), memory: RwLock::default() }
    }

    /// Opens the file, or begins one that only its owner can read.
    pub fn open(file: &Path) -> Result<People, OpenError> {
        let (store, content) = Store::open(file)?;
        let damaged = |reason: String| OpenError::Damaged { file: file.to_owned(), reason };
        let memory = Memory::of(content).map_err(damaged)?;
        Ok(People { store: Mutex::new(store), memory: RwLock::new(memory) })
    }

    pub fn get(&self, key: &Key) -> Option<Arc<Entry>> {
        self.read().get(key).cloned()
    }

    /// How many riders of a tenant are known.
    pub fn count(&self, tenant: &str) -> usize {
        self.read().tenants.get(tenant).map_or(0, Shelf::len)
    }

    /// At most `size` of a tenant's riders who fit, the best first, after the one with the number `after`.
    pub fn find(&self, tenant: &str, query: &Query, after: Option<u64>, size: usize) -> Result<Found, Gone> {
        match self.read().tenants.get(tenant) {
            Some(shelf) => shelf.find(query, after, size),
            None if after.is_some() => Err(Gone),
            None => Ok(Found { riders: Vec::new(), has_more: false }),
        }
    }

    /// Changes one record as `decide` says, who is shown what is there; a request that was answered before is not
    /// decided again. The record as it is then, `None` if it is erased; all of that is durable, and what was replaced
    /// can not be read in the file any more.
    pub fn change<E>(
        &self,
        key: &Key,
        request: Request,
        now: i64,
        decide: impl FnOnce(Option<&Entry>) -> Result<Change, E>,
    ) -> Result<Option<Arc<Entry>>, ChangeError<E>> {
        let mut store = self.store();
        // what an earlier change could not sweep away; its caller was told, and may be asking again
        store.sweep()?;
        let (before, recalled) = {
            let memory = self.read();
            (memory.get(key).cloned(), memory.requests.get(&request.id).cloned())
        };
        if let Some(answered) = recalled {
            return self.recall(&answered, &request);
        }
        let change = decide(before.as_deref()).map_err(ChangeError::Refused)?;
        if before.is_none() && matches!(change, Change::Put(_)) && RIDERS_OF_TENANT_MAX <= self.count(&key.tenant) {
            return Err(ChangeError::Full);
        }
        let after = after(before.as_deref(), change, now);
        let requests = self.requests_after(key, request, now, after.is_none());
        let batch = Batch {
            rider: Some((key, after.as_deref().map(written))),
            requests: requests.iter().map(|(id, answered)| (*id, answered.as_ref().map(written))).collect(),
            leaves_traces: before.is_some() && before != after,
        };
        store.write(&batch)?;
        self.write().apply(key, after.as_ref(), requests);
        store.sweep()?;
        Ok(after)
    }

    /// What [`People::change`] would answer, without a change.
    pub fn rehearse<E>(
        &self,
        key: &Key,
        now: i64,
        decide: impl FnOnce(Option<&Entry>) -> Result<Change, E>,
    ) -> Result<Option<Arc<Entry>>, E> {
        let before = self.get(key);
        let change = decide(before.as_deref())?;
        Ok(after(before.as_deref(), change, now))
    }

    fn recall<E>(&self, answered: &Answered, request: &Request) -> Result<Option<Arc<Entry>>, ChangeError<E>> {
        let Some(fingerprint) = answered.fingerprint else { return Err(ChangeError::ErasedSince) };
        if fingerprint != request.fingerprint {
            return Err(ChangeError::Reused);
        }
        if answered.erased {
            return Ok(None);
        }
        let key = Key { tenant: answered.tenant.clone(), rider: answered.rider };
        self.get(&key).map(Some).ok_or(ChangeError::ErasedSince)
    }

    /// The requests that are to be written, and forgotten: old ones, and what others told of who is erased now.
    fn requests_after(&self, key: &Key, request: Request, now: i64, erased: bool) -> Vec<([u8; 32], Option<Answered>)> {
        let memory = self.read();
        let mut changed = Vec::new();
        for (id, answered) in &memory.requests {
            let is_theirs = answered.tenant == key.tenant && answered.rider == key.rider;
            if answered.at < now - REQUESTS_KEPT_MS {
                changed.push((*id, None));
            } else if erased && is_theirs && !answered.erased {
                changed.push((*id, Some(Answered { fingerprint: None, ..answered.clone() })));
            }
        }
        let (tenant, rider) = (key.tenant.clone(), key.rider);
        let answered = Answered { fingerprint: Some(request.fingerprint), at: now, tenant, rider, erased };
        changed.push((request.id, Some(answered)));
        changed
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self) -> RwLockReadGuard<'_, Memory> {
        self.memory.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Memory> {
        self.memory.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for People {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("People").finish_non_exhaustive()
    }
}

/// The record after a change; one that says what was said before is the one before.
fn after(before: Option<&Entry>, change: Change, now: i64) -> Option<Arc<Entry>> {
    let Change::Put(person) = change else { return None };
    Some(Arc::new(match before {
        Some(before) if before.person == *person => before.clone(),
        before => Entry { person: *person, created: before.map_or(now, |before| before.created), updated: now },
    }))
}

fn written<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).expect("texts and numbers can be written")
}

impl Memory {
    fn of(content: Content) -> Result<Memory, String> {
        let mut memory = Memory::default();
        for (key, bytes) in content.riders {
            // what the parser says could quote what it read
            let entry: Entry =
                serde_json::from_slice(&bytes).map_err(|_| format!("the record of r-{:016x}", key.rider))?;
            memory.tenants.entry(key.tenant).or_default().put(key.rider, Arc::new(entry));
        }
        for (id, bytes) in content.requests {
            let answered = serde_json::from_slice(&bytes).map_err(|_| "the record of a request".to_owned())?;
            memory.requests.insert(id, answered);
        }
        Ok(memory)
    }

    fn get(&self, key: &Key) -> Option<&Arc<Entry>> {
        self.tenants.get(&key.tenant)?.get(key.rider)
    }

    fn apply(&mut self, key: &Key, after: Option<&Arc<Entry>>, requests: Vec<([u8; 32], Option<Answered>)>) {
        let shelf = self.tenants.entry(key.tenant.clone()).or_default();
        match after {
            Some(entry) => shelf.put(key.rider, Arc::clone(entry)),
            None => shelf.remove(key.rider),
        }
        for (id, answered) in requests {
            match answered {
                Some(answered) => self.requests.insert(id, answered),
                None => self.requests.remove(&id),
            };
        }
    }
}

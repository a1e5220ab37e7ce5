//! The store of riders' records, asked from tasks that must not wait for a disk.

use std::sync::Arc;

use mukae_people::{Change, ChangeError, Entry, Found, Gone, Key, People, Query, RIDERS_OF_TENANT_MAX, Request};
use mukae_proto::transit::units::v1::ErrorReason;
use mukae_record::Origin;
use tokio::sync::Semaphore;

use crate::errors::Fault;
use crate::names::RiderName;

/// Changes that wait for the store; more are turned away.
const CHANGES_WAITING_MAX: usize = 64;

#[derive(Debug)]
pub struct RiderBook {
    people: Arc<People>,
    changes: Semaphore,
}

impl RiderBook {
    pub fn new(people: People) -> RiderBook {
        RiderBook { people: Arc::new(people), changes: Semaphore::new(CHANGES_WAITING_MAX) }
    }

    pub fn get(&self, name: &RiderName) -> Result<Arc<Entry>, Fault> {
        self.people.get(&key(name)).ok_or_else(|| Fault::not_found(name))
    }

    /// At most `size` who fit.
    pub fn find(&self, tenant: &str, query: &str, after: Option<u64>, size: usize) -> Result<Found, Fault> {
        self.people.find(tenant, &Query::new(query), after, size).map_err(|Gone| {
            let message =
                "whom this page was to follow is not there any more or fits no longer; begin with an empty token";
            Fault::new(ErrorReason::PageTokenInvalid, message)
        })
    }

    /// The record after `decide` changed it, or would have, if `origin` is not that of a request; `None`: erased.
    pub async fn change(
        &self,
        origin: Origin,
        name: &RiderName,
        now_ms: i64,
        decide: impl FnOnce(Option<&Entry>) -> Result<Change, Fault> + Send + 'static,
    ) -> Result<Option<Arc<Entry>>, Fault> {
        let key = key(name);
        let Some((id, request)) = request(&origin) else {
            return self.people.rehearse(&key, now_ms, decide);
        };
        let _waiting =
            self.changes.try_acquire().map_err(|_| Fault::overloaded("too many riders are changed at once"))?;
        let people = Arc::clone(&self.people);
        let done = tokio::task::spawn_blocking(move || people.change(&key, request, now_ms, decide)).await;
        done.map_err(|error| Fault::bug(error.to_string()))?.map_err(|error| match error {
            ChangeError::Refused(fault) => fault,
            ChangeError::Reused => {
                let message = format!("request_id {id} was used for another request; choose a new one");
                Fault::new(ErrorReason::RequestIdReused, message).with("request_id", id)
            }
            ChangeError::ErasedSince => Fault::not_found(name),
            ChangeError::Full => {
                let message = format!("the tenant has {RIDERS_OF_TENANT_MAX} riders on record; erase some first");
                Fault::new(ErrorReason::TooManyRiders, message).with("most", RIDERS_OF_TENANT_MAX)
            }
            ChangeError::Failed(error) => {
                tracing::error!("{error}");
                let message = "riders' records can not be written; tell the operator, and send it again with the same \
                               request_id";
                Fault::new(ErrorReason::PeopleStoreFailed, message)
            }
        })
    }
}

fn key(name: &RiderName) -> Key {
    Key { tenant: name.tenant.clone(), rider: name.rider.0 }
}

/// The request's id, and what the store knows it by; `None` for a rehearsal.
fn request(origin: &Origin) -> Option<(String, Request)> {
    let call = origin.call.as_ref()?;
    let mut hasher = blake3::Hasher::new();
    // a request's id has no line's end in it
    hasher.update(call.request_id.as_str().as_bytes()).update(b"\n").update(origin.principal.as_str().as_bytes());
    let fingerprint = call.fingerprint?.0;
    Some((call.request_id.to_string(), Request { id: *hasher.finalize().as_bytes(), fingerprint }))
}

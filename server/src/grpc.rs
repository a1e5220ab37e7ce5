//! The gRPC services: thin handlers, streams, and the dress of errors.
//!
//! A handler checks its message in `wire`, asks the area, and hands back what the area drew.

mod area;
mod booking;
mod dispatch;
mod dress;
mod driver;
mod fleet;
mod operations;
mod planning;
mod rider;
mod setup;
mod shared;
mod sight;
mod simulation;
mod standing;
mod stream;
mod supply;
mod tenant;
mod waiting;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tonic::Request;

use crate::areas::Areas;
use crate::auth::Auth;
use crate::caller::Caller;
use crate::clock::Clock;
use crate::errors::Fault;
use crate::jobs::Jobs;
use crate::names::{BookingName, OfferName, rider_id};
use crate::shell::input::{Input, OfRider};
use crate::shell::rider_book::RiderBook;
use crate::shutdown::ShutdownSignal;
use crate::wire::from_proto::Snapper;

pub use dress::{DressErrors, Dressed};
pub use shared::AreaService;

/// What all handlers share.
#[derive(Clone, Debug)]
pub struct Desk {
    /// All areas of this process; each question says to which of them it goes.
    pub area: Areas,
    pub clock: Arc<dyn Clock>,
    /// Sent on a quiet stream this often, in real time.
    pub heartbeat: Duration,
    /// One permit for each open stream.
    pub watchers: Arc<Semaphore>,
    /// Who riders are, of all tenants here.
    pub riders: Arc<RiderBook>,
    /// What is done beside the areas.
    pub jobs: Arc<Jobs>,
    pub stop: ShutdownSignal,
    /// Whether a stream may go on, and on whose account.
    pub auth: Arc<Auth>,
}

impl Desk {
    /// For the places of a message about `name`.
    fn snapper(&self, name: &str) -> Snapper<'_> {
        let ground = self.area.ground(name);
        Snapper { map: &ground.map, limit: ground.snap_limit }
    }
}

impl Desk {
    /// For those who may see what is their own only, asks whether it is; to all others it is nobody's business here.
    async fn check_own(&self, caller: &Caller, tenant: &str, thing: OfRider) -> Result<(), Fault> {
        let Some(rider) = caller.rider_at(tenant) else { return Ok(()) };
        let own = rider_id(tenant, rider);
        match self.area.ask(Input::WhoseIs, thing).await? {
            Some(found) if found == own => Ok(()),
            _ => Err(Fault::not_allowed()),
        }
    }

    async fn check_own_booking(&self, caller: &Caller, name: &BookingName) -> Result<(), Fault> {
        self.check_own(caller, &name.service.tenant, OfRider::Booking(name.clone())).await
    }

    async fn check_own_offer(&self, caller: &Caller, name: &OfferName) -> Result<(), Fault> {
        self.check_own(caller, &name.service.tenant, OfRider::Offer(name.clone())).await
    }

    /// For as long as a stream is open.
    fn permit_watcher(&self, caller: &Caller) -> Result<StreamPermit, Fault> {
        let of_account = self.auth.account(caller).admit_stream()?;
        let of_all = Arc::clone(&self.watchers).try_acquire_owned();
        let of_all = of_all.map_err(|_| Fault::overloaded("too many streams are open"))?;
        Ok(StreamPermit { _of_account: of_account, _of_all: of_all })
    }
}

/// Held by an open stream.
#[derive(Debug)]
pub struct StreamPermit {
    _of_account: OwnedSemaphorePermit,
    _of_all: OwnedSemaphorePermit,
}

/// Who calls, as the gate found out, and with what. A call that came past the gate may do nothing.
fn open<M>(mut request: Request<M>) -> (Caller, M) {
    let caller = request.extensions_mut().remove::<Caller>().unwrap_or_else(Caller::nobody);
    (caller, request.into_inner())
}

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
mod shared;
mod stream;

use std::sync::Arc;
use std::time::Duration;

use mukae_maps::PreparedMap;
use mukae_units::Metres;
use tokio::sync::Semaphore;
use tonic::Request;

use crate::caller::Caller;
use crate::clock::Clock;
use crate::names::AreaName;
use crate::shell::area_loop::AreaHandle;
use crate::shell::demand::Demand;
use crate::shell::probing::Probing;
use crate::shutdown::ShutdownSignal;
use crate::wire::from_proto::Snapper;

pub use dress::DressErrors;
pub use shared::AreaService;

/// What all handlers share.
#[derive(Clone, Debug)]
pub struct Desk {
    pub area: AreaHandle,
    pub name: AreaName,
    pub map: Arc<PreparedMap>,
    pub snap_limit: Metres,
    pub clock: Arc<dyn Clock>,
    /// Sent on a quiet stream this often, in real time.
    pub heartbeat: Duration,
    /// One permit for each open stream.
    pub watchers: Arc<Semaphore>,
    /// Where rides are probed, beside the area.
    pub probing: Arc<Probing>,
    /// Where demand is read from, likewise.
    pub demand: Arc<Demand>,
    pub stop: ShutdownSignal,
}

impl Desk {
    fn snapper(&self) -> Snapper<'_> {
        Snapper { map: &self.map, limit: self.snap_limit }
    }
}

/// Who calls, and with what.
fn open<M>(request: Request<M>) -> (Caller, M) {
    (Caller::anyone(), request.into_inner())
}

//! For journey planners and those who plan the service.

use std::sync::Arc;

use mukae_proto::transit::planning::v1 as pb;
use mukae_supply::Asked;
use pb::planning_service_server::PlanningService;
use tokio::sync::{mpsc, oneshot};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};

use super::{Desk, open};
use crate::errors::Fault;
use crate::serve::PATIENCE;
use crate::shell::demand::anonymous::{Grid, anonymous};
use crate::shell::demand::{Demand, Period};
use crate::shell::input::Input;
use crate::wire::from_proto::{DemandOf, UsageOf};
use crate::wire::{from_proto, to_proto};

#[tonic::async_trait]
impl PlanningService for Desk {
    async fn probe_rides(
        &self,
        request: Request<pb::ProbeRidesRequest>,
    ) -> Result<Response<pb::ProbeRidesResponse>, Status> {
        let (caller, request) = open(request);
        let (terms, rides) = from_proto::probe_rides(&caller, request)?;
        let probing = Arc::clone(&self.area.of(&terms)?.desk()?.probing);
        let turn = probing.turn()?;
        let lent = self.area.ask(Input::ProbeRides, terms).await?;
        let answer = probing.answer(turn, lent, rides);
        let answers = tokio::time::timeout(PATIENCE, answer).await.map_err(|_| Fault::deadline_passed())??;
        Ok(Response::new(to_proto::probed_rides(&answers)))
    }

    async fn get_usage(&self, request: Request<pb::GetUsageRequest>) -> Result<Response<pb::Usage>, Status> {
        let (caller, request) = open(request);
        let UsageOf { name, first, last } = from_proto::get_usage(&caller, &request)?;
        let accounts = Arc::clone(&self.area.of(&name)?.desk()?.accounts);
        let turn = accounts.turn()?;
        // what was done before this call is in the journal by then
        self.area.ask(Input::GetArea, name.0.clone()).await?;
        let (waiting, is_awaited) = oneshot::channel::<()>();
        let account = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            accounts.read(first..=last, || !waiting.is_closed())
        });
        let account = tokio::time::timeout(PATIENCE, account).await.map_err(|_| Fault::deadline_passed())?;
        drop(is_awaited);
        let account = account.map_err(Fault::bug)?.ok_or_else(Fault::deadline_passed)??;
        let mut usage = to_proto::usage(&name, &request, &account);
        usage.tenants.retain(|row| caller.sees(&row.tenant));
        Ok(Response::new(usage))
    }

    type ExportDemandStream = ReceiverStream<Result<pb::ExportDemandResponse, Status>>;

    async fn export_demand(
        &self,
        request: Request<pb::ExportDemandRequest>,
    ) -> Result<Response<Self::ExportDemandStream>, Status> {
        let (caller, request) = open(request);
        let DemandOf { service, from, until } = from_proto::export_demand(&caller, &request)?;
        let demand = Arc::clone(&self.area.of(&service)?.desk()?.demand);
        let turn = demand.turn()?;
        let service = self.area.ask(Input::FindService, service).await?;
        let (parts, stream) = mpsc::channel(PARTS_QUEUED);
        tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let Some(asked) = demand.read(Period { service, from, until }, || !parts.is_closed()) else { return };
            // an error says that nobody waits any more
            let _ = match asked {
                Ok(asked) => export(asked, &demand, |part| parts.blocking_send(Ok(part))),
                Err(fault) => parts.blocking_send(Err(fault.into())),
            };
        });
        Ok(Response::new(ReceiverStream::new(stream)))
    }
}

/// Messages that wait for a slow reader.
const PARTS_QUEUED: usize = 4;
/// Requests of one message.
const PART_REQUESTS: usize = 500;

fn export<E>(
    asked: Vec<Asked>,
    demand: &Demand,
    mut send: impl FnMut(pb::ExportDemandResponse) -> Result<(), E>,
) -> Result<(), E> {
    let grid = Grid::around(demand.centre);
    let anonymous = anonymous(asked, grid, &demand.time_zone);
    for part in anonymous.told.chunks(PART_REQUESTS) {
        let requests = part.iter().map(|told| to_proto::demand_told(told, grid)).collect();
        send(pb::ExportDemandResponse { requests, summary: None })?;
    }
    let summary = Some(to_proto::demand_summary(&anonymous));
    send(pb::ExportDemandResponse { requests: Vec::new(), summary })
}

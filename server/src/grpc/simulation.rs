//! For those who plan the service: simulations, beside everything that serves riders.

use mukae_proto::transit::planning::v1 as pb;
use mukae_proto::transit::units::v1::Heartbeat;
use pb::simulation_service_server::SimulationService;
use tokio::fs::File;
use tokio::io::AsyncReadExt;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};

use super::stream::{OfThing, Updates, follow};
use super::{Desk, open};
use crate::errors::Fault;
use crate::names::SimulationName;
use crate::wire::fields::name_of;
use crate::wire::{from_proto, listed, to_proto};

/// Of one message.
const PART_BYTES: usize = 256 << 10;
/// Messages that wait for a slow reader.
const PARTS_QUEUED: usize = 2;

#[tonic::async_trait]
impl SimulationService for Desk {
    async fn create_simulation(
        &self,
        request: Request<pb::CreateSimulationRequest>,
    ) -> Result<Response<pb::Simulation>, Status> {
        let (caller, request) = open(request);
        let areas = |tenant: &str| self.jobs.simulated(self.area.names_of(tenant));
        let order = from_proto::create_simulation(&caller, request, areas)?;
        self.expect_tenant(&order.wish.tenant)?;
        Ok(Response::new(self.jobs.create(order).await?))
    }

    async fn get_simulation(
        &self,
        request: Request<pb::GetSimulationRequest>,
    ) -> Result<Response<pb::Simulation>, Status> {
        let (caller, request) = open(request);
        let name: SimulationName = name_of(&caller, "name", &request.name)?;
        Ok(Response::new(self.jobs.get(&name)?))
    }

    async fn list_simulations(
        &self,
        request: Request<pb::ListSimulationsRequest>,
    ) -> Result<Response<pb::ListSimulationsResponse>, Status> {
        let (caller, request) = open(request);
        let list = from_proto::list_simulations(&caller, &request)?;
        self.expect_tenant(&list.parent.0)?;
        let found = self.jobs.list(&list.parent.0, list.page.range_start())?;
        let (simulations, next_page_token) = list.sieve.cut(&list.page, listed::SIMULATIONS, found.into_iter());
        Ok(Response::new(pb::ListSimulationsResponse { simulations, next_page_token }))
    }

    type WatchSimulationStream = Updates<pb::WatchSimulationResponse>;

    async fn watch_simulation(
        &self,
        request: Request<pb::WatchSimulationRequest>,
    ) -> Result<Response<Self::WatchSimulationStream>, Status> {
        let (caller, request) = open(request);
        let name: SimulationName = name_of(&caller, "name", &request.name)?;
        let following = self.jobs.watch(&name)?;
        let permit = self.permit_watcher(&caller)?;
        let is_over = |simulation: &pb::Simulation| {
            use pb::simulation::State;
            matches!(simulation.state(), State::Succeeded | State::Failed | State::Cancelled)
        };
        Ok(Response::new(follow(self, caller, permit, following, is_over)))
    }

    async fn cancel_simulation(
        &self,
        request: Request<pb::CancelSimulationRequest>,
    ) -> Result<Response<pb::Simulation>, Status> {
        let (caller, request) = open(request);
        let name = from_proto::cancel_simulation(&caller, &request)?;
        Ok(Response::new(self.jobs.cancel(name).await?))
    }

    async fn delete_simulation(&self, request: Request<pb::DeleteSimulationRequest>) -> Result<Response<()>, Status> {
        let (caller, request) = open(request);
        let name = from_proto::delete_simulation(&caller, &request)?;
        self.jobs.delete(name).await?;
        Ok(Response::new(()))
    }

    async fn list_simulation_figures(
        &self,
        request: Request<pb::ListSimulationFiguresRequest>,
    ) -> Result<Response<pb::ListSimulationFiguresResponse>, Status> {
        let (caller, request) = open(request);
        let (name, page) = from_proto::list_figures(&caller, &request)?;
        let figures = self.jobs.figures(&name).await?;
        let (baseline_policy, confidence) = (figures.baseline.clone(), figures.confidence);
        let rows = to_proto::figures(figures).into_iter().skip_while(|(row, _)| *row < page.range_start());
        let (figures, next_page_token) = page.cut(rows);
        Ok(Response::new(pb::ListSimulationFiguresResponse { figures, next_page_token, baseline_policy, confidence }))
    }

    type ExportSimulationFileStream = ReceiverStream<Result<pb::ExportSimulationFileResponse, Status>>;

    async fn export_simulation_file(
        &self,
        request: Request<pb::ExportSimulationFileRequest>,
    ) -> Result<Response<Self::ExportSimulationFileStream>, Status> {
        let (caller, request) = open(request);
        let (name, file) = from_proto::export_file(&caller, request)?;
        let path = self.jobs.file(&name, &file)?;
        let permit = self.permit_watcher(&caller)?;
        // it was deleted in this moment
        let mut file = File::open(&path).await.map_err(|_| Fault::not_found(&name))?;
        let (parts, stream) = mpsc::channel(PARTS_QUEUED);
        tokio::spawn(async move {
            let _permit = permit;
            let mut is_first = true;
            loop {
                let mut content = vec![0; PART_BYTES];
                let part = match fill(&mut file, &mut content).await {
                    Ok(0) if !is_first => return,
                    Ok(read) => {
                        content.truncate(read);
                        Ok(pb::ExportSimulationFileResponse { content })
                    }
                    Err(error) => Err(Fault::bug(error).into()),
                };
                is_first = false;
                let is_end = part.is_err();
                if parts.send(part).await.is_err() || is_end {
                    return; // the reader has gone, or there is nothing more to read
                }
            }
        });
        Ok(Response::new(ReceiverStream::new(stream)))
    }
}

impl Desk {
    fn expect_tenant(&self, tenant: &str) -> Result<(), Fault> {
        if self.area.knows(tenant) { Ok(()) } else { Err(Fault::not_found(format!("tenants/{tenant}"))) }
    }
}

/// As much as there is, up to the buffer's length.
async fn fill(file: &mut File, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read(&mut buffer[filled..]).await? {
            0 => break,
            read => filled += read,
        }
    }
    Ok(filled)
}

impl OfThing<pb::Simulation> for pb::WatchSimulationResponse {
    fn of_thing(simulation: pb::Simulation) -> Self {
        Self { update: Some(pb::watch_simulation_response::Update::Simulation(simulation)) }
    }

    fn of_heartbeat(heartbeat: Heartbeat) -> Self {
        Self { update: Some(pb::watch_simulation_response::Update::Heartbeat(heartbeat)) }
    }
}

//! For drivers' devices and for those who plan the fleet.

use std::sync::Arc;

use mukae_proto::transit::fleet::v1 as pb;
use pb::fleet_service_server::FleetService;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming};

use super::stream::{Updates, follow, take_positions};
use super::{Desk, open};
use crate::names::{ManifestName, ShiftName, VehicleName};
use crate::shell::input::Input;
use crate::shell::past::Gone;
use crate::wire::fields::name_of;
use crate::wire::from_proto;

#[tonic::async_trait]
impl FleetService for Desk {
    async fn create_vehicle(
        &self,
        request: Request<pb::CreateVehicleRequest>,
    ) -> Result<Response<pb::Vehicle>, Status> {
        let (caller, request) = open(request);
        let vehicle = from_proto::create_vehicle(&caller, request)?;
        Ok(Response::new(self.area.ask(Input::CreateVehicle, vehicle).await?))
    }

    async fn get_vehicle(&self, request: Request<pb::GetVehicleRequest>) -> Result<Response<pb::Vehicle>, Status> {
        let (caller, request) = open(request);
        let name: VehicleName = name_of(&caller, "name", &request.name)?;
        Ok(Response::new(self.area.ask(Input::GetVehicle, name).await?))
    }

    async fn list_vehicles(
        &self,
        request: Request<pb::ListVehiclesRequest>,
    ) -> Result<Response<pb::ListVehiclesResponse>, Status> {
        let (caller, mut request) = open(request);
        let part = self.part_of_tenant(&caller, &request.parent, &mut request.page_token)?;
        let list = from_proto::list_vehicles(&caller, &request)?;
        let mut response = part.ask(self, Input::ListVehicles, list).await?;
        part.mark(&mut response.next_page_token);
        Ok(Response::new(response))
    }

    async fn batch_get_vehicles(
        &self,
        request: Request<pb::BatchGetVehiclesRequest>,
    ) -> Result<Response<pb::BatchGetVehiclesResponse>, Status> {
        let (caller, request) = open(request);
        let names = from_proto::batch_get_vehicles(&caller, &request)?;
        let mut vehicles = Vec::new();
        for names in self.area.parted(names) {
            vehicles.extend(self.area.ask(Input::BatchGetVehicles, names).await?.vehicles);
        }
        Ok(Response::new(pb::BatchGetVehiclesResponse { vehicles }))
    }

    async fn update_vehicle(
        &self,
        request: Request<pb::UpdateVehicleRequest>,
    ) -> Result<Response<pb::Vehicle>, Status> {
        let (caller, request) = open(request);
        let vehicle = from_proto::update_vehicle(&caller, request)?;
        Ok(Response::new(self.area.ask(Input::UpdateVehicle, vehicle).await?))
    }

    async fn retire_vehicle(
        &self,
        request: Request<pb::RetireVehicleRequest>,
    ) -> Result<Response<pb::Vehicle>, Status> {
        let (caller, request) = open(request);
        let vehicle = from_proto::retire_vehicle(&caller, request)?;
        Ok(Response::new(self.area.ask(Input::RetireVehicle, vehicle).await?))
    }

    async fn create_shift(&self, request: Request<pb::CreateShiftRequest>) -> Result<Response<pb::Shift>, Status> {
        let (caller, request) = open(request);
        let roads = self.snapper(&request.parent);
        let shift = from_proto::create_shift(&caller, request, roads)?;
        Ok(Response::new(self.area.ask(Input::CreateShift, shift).await?))
    }

    async fn get_shift(&self, request: Request<pb::GetShiftRequest>) -> Result<Response<pb::Shift>, Status> {
        let (caller, request) = open(request);
        let name: ShiftName = name_of(&caller, "name", &request.name)?;
        Ok(Response::new(self.area.ask(Input::GetShift, name).await?))
    }

    async fn list_shifts(
        &self,
        request: Request<pb::ListShiftsRequest>,
    ) -> Result<Response<pb::ListShiftsResponse>, Status> {
        let (caller, request) = open(request);
        let list = from_proto::list_shifts(&caller, &request)?;
        Ok(Response::new(self.area.ask(Input::ListShifts, list).await?))
    }

    async fn open_shift(&self, request: Request<pb::OpenShiftRequest>) -> Result<Response<pb::Shift>, Status> {
        let (caller, request) = open(request);
        let opening = from_proto::open_shift(&caller, request)?;
        Ok(Response::new(self.area.ask(Input::OpenShift, opening).await?))
    }

    async fn close_shift(&self, request: Request<pb::CloseShiftRequest>) -> Result<Response<pb::Shift>, Status> {
        let (caller, request) = open(request);
        let shift = from_proto::close_shift(&caller, request)?;
        Ok(Response::new(self.area.ask(Input::CloseShift, shift).await?))
    }

    async fn report_positions(
        &self,
        request: Request<pb::ReportPositionsRequest>,
    ) -> Result<Response<pb::ReportPositionsResponse>, Status> {
        let (caller, request) = open(request);
        let batch = from_proto::report_positions(&caller, request)?;
        Ok(Response::new(self.area.ask(Input::ReportPositions, batch).await?))
    }

    type StreamPositionsStream = Updates<pb::StreamPositionsResponse>;

    async fn stream_positions(
        &self,
        request: Request<Streaming<pb::StreamPositionsRequest>>,
    ) -> Result<Response<Self::StreamPositionsStream>, Status> {
        let (caller, batches) = open(request);
        let permit = self.permit_watcher(&caller)?;
        Ok(Response::new(take_positions(self, caller, permit, batches)))
    }

    async fn depart_stop(&self, request: Request<pb::DepartStopRequest>) -> Result<Response<pb::Manifest>, Status> {
        let (caller, request) = open(request);
        let report = from_proto::depart_stop(&caller, request)?;
        Ok(Response::new(self.area.ask(Input::ReportTrip, report).await?))
    }

    async fn arrive_stop(&self, request: Request<pb::ArriveStopRequest>) -> Result<Response<pb::Manifest>, Status> {
        let (caller, request) = open(request);
        let report = from_proto::arrive_stop(&caller, request)?;
        Ok(Response::new(self.area.ask(Input::ReportTrip, report).await?))
    }

    async fn board_booking(&self, request: Request<pb::BoardBookingRequest>) -> Result<Response<pb::Manifest>, Status> {
        let (caller, request) = open(request);
        let report = from_proto::board_booking(&caller, request)?;
        Ok(Response::new(self.area.ask(Input::ReportTrip, report).await?))
    }

    async fn alight_booking(
        &self,
        request: Request<pb::AlightBookingRequest>,
    ) -> Result<Response<pb::Manifest>, Status> {
        let (caller, request) = open(request);
        let report = from_proto::alight_booking(&caller, request)?;
        Ok(Response::new(self.area.ask(Input::ReportTrip, report).await?))
    }

    async fn report_no_show(
        &self,
        request: Request<pb::ReportNoShowRequest>,
    ) -> Result<Response<pb::Manifest>, Status> {
        let (caller, request) = open(request);
        let report = from_proto::report_no_show(&caller, request)?;
        Ok(Response::new(self.area.ask(Input::ReportTrip, report).await?))
    }

    async fn get_manifest(&self, request: Request<pb::GetManifestRequest>) -> Result<Response<pb::Manifest>, Status> {
        let (caller, request) = open(request);
        let wanted = from_proto::get_manifest(&caller, &request)?;
        Ok(Response::new(self.area.ask(Input::GetManifest, wanted).await?))
    }

    type WatchManifestStream = Updates<pb::WatchManifestResponse>;

    async fn watch_manifest(
        &self,
        request: Request<pb::WatchManifestRequest>,
    ) -> Result<Response<Self::WatchManifestStream>, Status> {
        let (caller, request) = open(request);
        let name: ManifestName = name_of(&caller, "name", &request.name)?;
        let permit = self.permit_watcher(&caller)?;
        let following = self.area.ask(Input::WatchManifest, name).await?;
        Ok(Response::new(follow(self, caller, permit, following, |_| false)))
    }

    async fn end_break(&self, request: Request<pb::EndBreakRequest>) -> Result<Response<pb::Manifest>, Status> {
        let (caller, request) = open(request);
        let report = from_proto::end_break(&caller, request)?;
        Ok(Response::new(self.area.ask(Input::ReportTrip, report).await?))
    }

    async fn end_repositioning(
        &self,
        request: Request<pb::EndRepositioningRequest>,
    ) -> Result<Response<pb::Manifest>, Status> {
        let (caller, request) = open(request);
        let report = from_proto::end_repositioning(&caller, request)?;
        Ok(Response::new(self.area.ask(Input::ReportTrip, report).await?))
    }

    async fn acknowledge_manifest(
        &self,
        request: Request<pb::AcknowledgeManifestRequest>,
    ) -> Result<Response<pb::Manifest>, Status> {
        let (caller, request) = open(request);
        let had = from_proto::acknowledge_manifest(&caller, request)?;
        Ok(Response::new(self.area.ask(Input::AcknowledgeManifest, had).await?))
    }

    type ExportDrivingRecordsStream = ReceiverStream<Result<pb::ExportDrivingRecordsResponse, Status>>;

    async fn export_driving_records(
        &self,
        request: Request<pb::ExportDrivingRecordsRequest>,
    ) -> Result<Response<Self::ExportDrivingRecordsStream>, Status> {
        let (caller, request) = open(request);
        let period = from_proto::export_driving_records(&caller, &request)?;
        // what was reported by now is durable before the journal is read
        let mut pasts = Vec::new();
        for area in self.area.of_tenant(&period.tenant) {
            self.area.ask(Input::GetArea, area.name.clone()).await?;
            let past = Arc::clone(&area.desk()?.past);
            pasts.push((past.turn()?, past));
        }
        let (pages, stream) = mpsc::channel(PAGES_QUEUED);
        tokio::task::spawn_blocking(move || {
            let mut send = |driving_records| {
                let page = pb::ExportDrivingRecordsResponse { driving_records };
                pages.blocking_send(Ok(page)).map_err(|_| Gone)
            };
            for (_turn, past) in pasts {
                if let Some(Err(fault)) = past.driving_records(&period, &|| !pages.is_closed(), &mut send) {
                    let _ = pages.blocking_send(Err(fault.into())); // who asked may have gone meanwhile
                    return;
                }
            }
        });
        Ok(Response::new(ReceiverStream::new(stream)))
    }
}

/// Pages that wait for a slow reader.
const PAGES_QUEUED: usize = 2;

//! For those who set up a town, and for all who show its rules.

use mukae_proto::transit::area::v1 as pb;
use pb::setup_service_server::SetupService;
use tonic::{Request, Response, Status};

use super::{Desk, open};
use crate::names::{MeetingPointName, ServiceName};
use crate::shell::input::Input;
use crate::wire::fields::name_of;
use crate::wire::from_proto;

#[tonic::async_trait]
impl SetupService for Desk {
    async fn get_service(&self, request: Request<pb::GetServiceRequest>) -> Result<Response<pb::Service>, Status> {
        let (caller, request) = open(request);
        let name: ServiceName = name_of(&caller, "name", &request.name)?;
        Ok(Response::new(self.area.ask(Input::GetService, name).await?))
    }

    async fn list_services(
        &self,
        request: Request<pb::ListServicesRequest>,
    ) -> Result<Response<pb::ListServicesResponse>, Status> {
        let (caller, mut request) = open(request);
        let part = self.part_of_tenant(&caller, &request.parent, &mut request.page_token)?;
        let list = from_proto::list_services(&caller, &request)?;
        let mut response = part.ask(self, Input::ListServices, list).await?;
        part.mark(&mut response.next_page_token);
        Ok(Response::new(response))
    }

    async fn create_service(
        &self,
        request: Request<pb::CreateServiceRequest>,
    ) -> Result<Response<pb::Service>, Status> {
        let (caller, request) = open(request);
        let service = from_proto::create_service(&caller, request)?;
        Ok(Response::new(self.area.ask(Input::CreateService, service).await?))
    }

    async fn update_service(
        &self,
        request: Request<pb::UpdateServiceRequest>,
    ) -> Result<Response<pb::Service>, Status> {
        let (caller, request) = open(request);
        let service = from_proto::update_service(&caller, request)?;
        Ok(Response::new(self.area.ask(Input::UpdateService, service).await?))
    }

    async fn list_service_revisions(
        &self,
        request: Request<pb::ListServiceRevisionsRequest>,
    ) -> Result<Response<pb::ListServiceRevisionsResponse>, Status> {
        let (caller, request) = open(request);
        let list = from_proto::list_service_revisions(&caller, &request)?;
        Ok(Response::new(self.area.ask(Input::ListServiceRevisions, list).await?))
    }

    async fn get_meeting_point(
        &self,
        request: Request<pb::GetMeetingPointRequest>,
    ) -> Result<Response<pb::MeetingPoint>, Status> {
        let (caller, request) = open(request);
        let name: MeetingPointName = name_of(&caller, "name", &request.name)?;
        Ok(Response::new(self.area.ask(Input::GetMeetingPoint, name).await?))
    }

    async fn list_meeting_points(
        &self,
        request: Request<pb::ListMeetingPointsRequest>,
    ) -> Result<Response<pb::ListMeetingPointsResponse>, Status> {
        let (caller, request) = open(request);
        let list = from_proto::list_meeting_points(&caller, request)?;
        Ok(Response::new(self.area.ask(Input::ListMeetingPoints, list).await?))
    }
}

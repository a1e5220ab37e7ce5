//! For drivers' devices and for those who look after them.

use mukae_proto::transit::fleet::v1 as pb;
use mukae_proto::transit::units::v1::ErrorReason;
use pb::driver_service_server::DriverService;
use tonic::{Request, Response, Status};

use super::stream::{Updates, follow_asks};
use super::{Desk, open};
use crate::errors::Fault;
use crate::names::{CheckName, DriverName, TripName};
use crate::shell::input::Input;
use crate::wire::fields::name_of;
use crate::wire::from_proto;

#[tonic::async_trait]
impl DriverService for Desk {
    async fn create_driver(&self, request: Request<pb::CreateDriverRequest>) -> Result<Response<pb::Driver>, Status> {
        let (caller, request) = open(request);
        let driver = from_proto::create_driver(&caller, request)?;
        Ok(Response::new(self.area.ask(Input::CreateDriver, driver).await?))
    }

    async fn update_driver(&self, request: Request<pb::UpdateDriverRequest>) -> Result<Response<pb::Driver>, Status> {
        let (caller, request) = open(request);
        let driver = from_proto::update_driver(&caller, request)?;
        Ok(Response::new(self.area.ask(Input::UpdateDriver, driver).await?))
    }

    async fn get_driver(&self, request: Request<pb::GetDriverRequest>) -> Result<Response<pb::Driver>, Status> {
        let (caller, request) = open(request);
        let name: DriverName = name_of(&caller, "name", &request.name)?;
        Ok(Response::new(self.area.ask(Input::GetDriver, name).await?))
    }

    async fn list_drivers(
        &self,
        request: Request<pb::ListDriversRequest>,
    ) -> Result<Response<pb::ListDriversResponse>, Status> {
        let (caller, mut request) = open(request);
        let part = self.part_of_tenant(&caller, &request.parent, &mut request.page_token)?;
        let list = from_proto::list_drivers(&caller, &request)?;
        let mut response = part.ask(self, Input::ListDrivers, list).await?;
        part.mark(&mut response.next_page_token);
        Ok(Response::new(response))
    }

    async fn create_trip_declaration(
        &self,
        request: Request<pb::CreateTripDeclarationRequest>,
    ) -> Result<Response<pb::TripDeclaration>, Status> {
        let (caller, request) = open(request);
        let trip = from_proto::create_trip(&caller, request)?;
        Ok(Response::new(self.area.ask(Input::CreateDeclaration, trip).await?))
    }

    async fn update_trip_declaration(
        &self,
        request: Request<pb::UpdateTripDeclarationRequest>,
    ) -> Result<Response<pb::TripDeclaration>, Status> {
        let (caller, request) = open(request);
        let trip = from_proto::update_trip(&caller, request)?;
        Ok(Response::new(self.area.ask(Input::UpdateDeclaration, trip).await?))
    }

    async fn cancel_trip_declaration(
        &self,
        request: Request<pb::CancelTripDeclarationRequest>,
    ) -> Result<Response<pb::TripDeclaration>, Status> {
        let (caller, request) = open(request);
        let trip = from_proto::cancel_trip(&caller, request)?;
        Ok(Response::new(self.area.ask(Input::CancelDeclaration, trip).await?))
    }

    async fn get_trip_declaration(
        &self,
        request: Request<pb::GetTripDeclarationRequest>,
    ) -> Result<Response<pb::TripDeclaration>, Status> {
        let (caller, request) = open(request);
        let name: TripName = name_of(&caller, "name", &request.name)?;
        Ok(Response::new(self.area.ask(Input::GetDeclaration, name).await?))
    }

    async fn list_trip_declarations(
        &self,
        request: Request<pb::ListTripDeclarationsRequest>,
    ) -> Result<Response<pb::ListTripDeclarationsResponse>, Status> {
        let (caller, mut request) = open(request);
        let part = self.part_of_tenant(&caller, &request.parent, &mut request.page_token)?;
        let list = from_proto::list_trips(&caller, &request)?;
        let mut response = part.ask(self, Input::ListDeclarations, list).await?;
        part.mark(&mut response.next_page_token);
        Ok(Response::new(response))
    }

    async fn list_asks(&self, request: Request<pb::ListAsksRequest>) -> Result<Response<pb::ListAsksResponse>, Status> {
        let (caller, request) = open(request);
        let list = from_proto::list_asks(&caller, &request)?;
        Ok(Response::new(self.area.ask(Input::ListAsks, list).await?))
    }

    type WatchAsksStream = Updates<pb::WatchAsksResponse>;

    async fn watch_asks(
        &self,
        request: Request<pb::WatchAsksRequest>,
    ) -> Result<Response<Self::WatchAsksStream>, Status> {
        let (caller, request) = open(request);
        let driver: DriverName = name_of(&caller, "parent", &request.parent)?;
        let permit = self.permit_watcher(&caller)?;
        let feed = self.area.ask(Input::WatchAsks, driver.clone()).await?;
        Ok(Response::new(follow_asks(self, caller, permit, driver, feed)))
    }

    async fn answer_ask(
        &self,
        request: Request<pb::AnswerAskRequest>,
    ) -> Result<Response<pb::AnswerAskResponse>, Status> {
        let (caller, request) = open(request);
        let answer = from_proto::answer_ask(&caller, request)?;
        let is_seen = caller.sees(&answer.wish.booking.to_string());
        let answered = self.area.ask(Input::AnswerAsk, answer).await;
        // a driver knows the bookings they are asked about, and of no others whether they are there
        let hushed = |fault: Fault| match fault.reason() {
            ErrorReason::NotAsked | ErrorReason::ResourceNotFound if !is_seen => Fault::not_allowed(),
            _ => fault,
        };
        Ok(Response::new(answered.map_err(hushed)?))
    }

    async fn record_pretrip_check(
        &self,
        request: Request<pb::RecordPretripCheckRequest>,
    ) -> Result<Response<pb::PretripCheck>, Status> {
        let (caller, request) = open(request);
        let check = from_proto::record_pretrip_check(&caller, request)?;
        Ok(Response::new(self.area.ask(Input::RecordPretripCheck, check).await?))
    }

    async fn get_pretrip_check(
        &self,
        request: Request<pb::GetPretripCheckRequest>,
    ) -> Result<Response<pb::PretripCheck>, Status> {
        let (caller, request) = open(request);
        let name: CheckName = name_of(&caller, "name", &request.name)?;
        Ok(Response::new(self.area.ask(Input::GetPretripCheck, name).await?))
    }
}

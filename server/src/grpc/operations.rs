//! For dispatch consoles.

use mukae_proto::transit::operations::v1 as pb;
use pb::operations_service_server::OperationsService;
use tonic::{Request, Response, Status};

use super::stream::{Updates, follow_messages};
use super::{Desk, open};
use crate::caller::{Caller, Scope};
use crate::errors::Fault;
use crate::names::{AlertName, RoadMeasureName};
use crate::shell::input::Input;
use crate::wire::fields::name_of;
use crate::wire::from_proto;

#[tonic::async_trait]
impl OperationsService for Desk {
    async fn create_road_measure(
        &self,
        request: Request<pb::CreateRoadMeasureRequest>,
    ) -> Result<Response<pb::RoadMeasure>, Status> {
        let (caller, request) = open(request);
        let measure = from_proto::create_road_measure(&caller, request)?;
        Ok(Response::new(self.area.ask(Input::CreateRoadMeasure, measure).await?))
    }

    async fn get_road_measure(
        &self,
        request: Request<pb::GetRoadMeasureRequest>,
    ) -> Result<Response<pb::RoadMeasure>, Status> {
        let (caller, request) = open(request);
        let name: RoadMeasureName = name_of(&caller, "name", &request.name)?;
        Ok(Response::new(self.area.ask(Input::GetRoadMeasure, name).await?))
    }

    async fn list_road_measures(
        &self,
        request: Request<pb::ListRoadMeasuresRequest>,
    ) -> Result<Response<pb::ListRoadMeasuresResponse>, Status> {
        let (caller, request) = open(request);
        let list = from_proto::list_road_measures(&caller, &request)?;
        Ok(Response::new(self.area.ask(Input::ListRoadMeasures, list).await?))
    }

    async fn end_road_measure(
        &self,
        request: Request<pb::EndRoadMeasureRequest>,
    ) -> Result<Response<pb::RoadMeasure>, Status> {
        let (caller, request) = open(request);
        let name = from_proto::end_road_measure(&caller, request)?;
        Ok(Response::new(self.area.ask(Input::EndRoadMeasure, name).await?))
    }

    async fn list_alerts(
        &self,
        request: Request<pb::ListAlertsRequest>,
    ) -> Result<Response<pb::ListAlertsResponse>, Status> {
        let (caller, request) = open(request);
        let list = from_proto::list_alerts(&caller, &request)?;
        Ok(Response::new(self.area.ask(Input::ListAlerts, list).await?))
    }

    async fn acknowledge_alert(
        &self,
        request: Request<pb::AcknowledgeAlertRequest>,
    ) -> Result<Response<pb::Alert>, Status> {
        let (caller, request) = open(request);
        let name = from_proto::acknowledge_alert(&caller, request)?;
        self.check_sees_alert(&caller, &name.wish).await?;
        Ok(Response::new(self.area.ask(Input::AcknowledgeAlert, name).await?))
    }

    async fn add_alert_note(&self, request: Request<pb::AddAlertNoteRequest>) -> Result<Response<pb::Alert>, Status> {
        let (caller, request) = open(request);
        let noting = from_proto::add_alert_note(&caller, request)?;
        self.check_sees_alert(&caller, &noting.wish.alert).await?;
        Ok(Response::new(self.area.ask(Input::AddAlertNote, noting).await?))
    }

    async fn send_message(&self, request: Request<pb::SendMessageRequest>) -> Result<Response<pb::Message>, Status> {
        let (caller, request) = open(request);
        let message = from_proto::send_message(&caller, request)?;
        Ok(Response::new(self.area.ask(Input::SendMessage, message).await?))
    }

    async fn list_messages(
        &self,
        request: Request<pb::ListMessagesRequest>,
    ) -> Result<Response<pb::ListMessagesResponse>, Status> {
        let (caller, request) = open(request);
        let list = from_proto::list_messages(&caller, &request)?;
        Ok(Response::new(self.area.ask(Input::ListMessages, list).await?))
    }

    type WatchMessagesStream = Updates<pb::WatchMessagesResponse>;

    async fn watch_messages(
        &self,
        request: Request<pb::WatchMessagesRequest>,
    ) -> Result<Response<Self::WatchMessagesStream>, Status> {
        let (caller, request) = open(request);
        let resume = from_proto::watch_messages(&caller, &request)?;
        let permit = self.permit_watcher(&caller)?;
        let feed = self.area.ask(Input::WatchMessages, resume.clone()).await?;
        Ok(Response::new(follow_messages(self, caller, permit, resume, feed)))
    }
}

impl Desk {
    /// An area may serve several tenants: an alert belongs to whose vehicle or booking it is about.
    async fn check_sees_alert(&self, caller: &Caller, name: &AlertName) -> Result<(), Fault> {
        if caller.scope == Scope::All {
            return Ok(());
        }
        match self.area.ask(Input::SubjectOfAlert, name.clone()).await? {
            Some(subject) if caller.sees(&subject) => Ok(()),
            _ => Err(Fault::not_allowed()),
        }
    }
}

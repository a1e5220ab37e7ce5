//! For booking frontends: who waits for a ride.

use mukae_proto::transit::booking::v1 as pb;
use pb::waiting_list_service_server::WaitingListService;
use tonic::{Request, Response, Status};

use super::{Desk, open};
use crate::names::WaitingName;
use crate::shell::input::{Input, OfRider};
use crate::wire::fields::name_of;
use crate::wire::from_proto;

type Answered<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl WaitingListService for Desk {
    async fn join_waiting_list(
        &self,
        request: Request<pb::JoinWaitingListRequest>,
    ) -> Answered<pb::JoinWaitingListResponse> {
        let (caller, request) = open(request);
        let roads = self.snapper(&request.parent);
        let new = from_proto::join_waiting_list(&caller, request, roads)?;
        Ok(Response::new(self.area.ask(Input::JoinWaitingList, new).await?))
    }

    async fn get_waiting(&self, request: Request<pb::GetWaitingRequest>) -> Answered<pb::Waiting> {
        let (caller, request) = open(request);
        let name: WaitingName = name_of(&caller, "name", &request.name)?;
        self.check_own(&caller, &name.service.tenant, OfRider::Waiting(name.clone())).await?;
        Ok(Response::new(self.area.ask(Input::GetWaiting, name).await?))
    }

    async fn list_waitings(&self, request: Request<pb::ListWaitingsRequest>) -> Answered<pb::ListWaitingsResponse> {
        let (caller, request) = open(request);
        let list = from_proto::list_waitings(&caller, &request)?;
        Ok(Response::new(self.area.ask(Input::ListWaitings, list).await?))
    }

    async fn leave_waiting_list(&self, request: Request<pb::LeaveWaitingListRequest>) -> Answered<pb::Waiting> {
        let (caller, request) = open(request);
        let leaving = from_proto::leave_waiting_list(&caller, request)?;
        let name = &leaving.wish;
        self.check_own(&caller, &name.service.tenant, OfRider::Waiting(name.clone())).await?;
        Ok(Response::new(self.area.ask(Input::LeaveWaitingList, leaving).await?))
    }
}

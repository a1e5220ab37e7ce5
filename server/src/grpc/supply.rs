//! For dispatchers: supply that follows demand.

use mukae_proto::transit::operations::v1 as pb;
use pb::supply_service_server::SupplyService;
use tonic::{Request, Response, Status};

use super::{Desk, open};
use crate::caller::{Caller, Scope};
use crate::names::SupplyName;
use crate::shell::input::Input;
use crate::wire::fields::name_of;
use crate::wire::from_proto;

#[tonic::async_trait]
impl SupplyService for Desk {
    async fn get_supply(&self, request: Request<pb::GetSupplyRequest>) -> Result<Response<pb::Supply>, Status> {
        let (caller, request) = open(request);
        let name: SupplyName = name_of(&caller, "name", &request.name)?;
        Ok(Response::new(seen(&caller, self.area.ask(Input::GetSupply, name).await?)))
    }

    async fn suspend_supply(&self, request: Request<pb::SuspendSupplyRequest>) -> Result<Response<pb::Supply>, Status> {
        let (caller, request) = open(request);
        let suspension = from_proto::suspend_supply(&caller, request)?;
        Ok(Response::new(seen(&caller, self.area.ask(Input::SuspendSupply, suspension).await?)))
    }

    async fn resume_supply(&self, request: Request<pb::ResumeSupplyRequest>) -> Result<Response<pb::Supply>, Status> {
        let (caller, request) = open(request);
        let suspension = from_proto::resume_supply(&caller, request)?;
        Ok(Response::new(seen(&caller, self.area.ask(Input::SuspendSupply, suspension).await?)))
    }
}

/// Where other tenants' vehicles stand is theirs.
fn seen(caller: &Caller, mut supply: pb::Supply) -> pb::Supply {
    supply.stands.retain(|stand| caller.scope == Scope::All || caller.sees(&stand.vehicle));
    supply
}

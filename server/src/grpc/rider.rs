//! For those who have riders on the telephone, and for riders themselves.
//!
//! Who read or changed whose record goes to the log, by principal and number.

use mukae_people::{Change, Entry};
use mukae_proto::transit::booking::v1 as pb;
use mukae_proto::transit::units::v1::ErrorReason;
use pb::rider_service_server::RiderService;
use tonic::{Request, Response, Status};

use super::{Desk, open};
use crate::caller::Caller;
use crate::errors::Fault;
use crate::names::RiderName;
use crate::shell::input::{Input, Signed};
use crate::wire::fields::Fields;
use crate::wire::{from_proto, to_proto};

#[tonic::async_trait]
impl RiderService for Desk {
    async fn create_rider(&self, request: Request<pb::CreateRiderRequest>) -> Result<Response<pb::Rider>, Status> {
        let (caller, request) = open(request);
        let Signed { origin, is_rehearsal, wish } = from_proto::create_rider(&caller, request)?;
        let from_proto::NewRider { name, person } = wish;
        let taken = name.clone();
        let create = move |before: Option<&Entry>| match before {
            Some(_) => Err(Fault::exists(taken)),
            None => Ok(Change::Put(person.into())),
        };
        let entry = self.riders.change(origin, &name, self.now_ms(), create).await?;
        note_unless(is_rehearsal, &caller, &name, "made");
        let entry = entry.ok_or_else(|| Fault::not_found(&name))?;
        Ok(Response::new(seen(&caller, &name, &entry)))
    }

    async fn get_rider(&self, request: Request<pb::GetRiderRequest>) -> Result<Response<pb::Rider>, Status> {
        let (caller, request) = open(request);
        let mut fields = Fields::of(&caller);
        let name: Option<RiderName> = fields.name_of_anyone("name", &request.name);
        let name = fields.finish(name)?;
        if caller.may_use(&request.name) {
            let entry = self.riders.get(&name)?;
            note(&caller, &name, "read");
            return Ok(Response::new(seen(&caller, &name, &entry)));
        }
        let mut carries = false;
        for vehicle in caller.vehicles() {
            // one that is not there carries nobody
            let asked = self.area.ask(Input::IsCarrying, (name.clone(), vehicle)).await;
            carries = carries || asked.unwrap_or(false);
        }
        if !carries {
            return Err(Fault::not_allowed().into());
        }
        let entry = self.riders.get(&name)?;
        note(&caller, &name, "read to fetch them");
        Ok(Response::new(to_proto::rider_to_fetch(to_proto::rider(&name, &entry))))
    }

    async fn update_rider(&self, request: Request<pb::UpdateRiderRequest>) -> Result<Response<pb::Rider>, Status> {
        let (caller, request) = open(request);
        let Signed { origin, is_rehearsal, wish } = from_proto::update_rider(&caller, request)?;
        let name = wish.name.clone();
        let update = move |before: Option<&Entry>| {
            let before = expect(&wish.name, &wish.etag, before)?;
            Ok(Change::Put(wish.of(&before.person).into()))
        };
        let entry = self.riders.change(origin, &name, self.now_ms(), update).await?;
        note_unless(is_rehearsal, &caller, &name, "changed");
        let entry = entry.ok_or_else(|| Fault::not_found(&name))?;
        Ok(Response::new(seen(&caller, &name, &entry)))
    }

    async fn delete_rider(&self, request: Request<pb::DeleteRiderRequest>) -> Result<Response<()>, Status> {
        let (caller, request) = open(request);
        let Signed { origin, is_rehearsal, wish } = from_proto::delete_rider(&caller, request)?;
        let name = wish.name.clone();
        let erase = move |before: Option<&Entry>| expect(&wish.name, &wish.etag, before).map(|_| Change::Erase);
        self.riders.change(origin, &name, self.now_ms(), erase).await?;
        note_unless(is_rehearsal, &caller, &name, "erased");
        Ok(Response::new(()))
    }

    async fn list_riders(
        &self,
        request: Request<pb::ListRidersRequest>,
    ) -> Result<Response<pb::ListRidersResponse>, Status> {
        let (caller, request) = open(request);
        let from_proto::RiderList { tenant, query, page } = from_proto::list_riders(&caller, request)?;
        // one more than wanted tells whether there is another page
        let found = self.riders.find(&tenant, &query, page.after, page.size + 1)?;
        let drawn = found.riders.iter().map(|(rider, entry)| {
            let name = RiderName { tenant: tenant.clone(), rider: mukae_units::RiderId(*rider) };
            (*rider, to_proto::rider(&name, entry))
        });
        let (riders, next_page_token) = page.cut(drawn);
        let count = riders.len();
        tracing::info!(target: "mukae_server::audit", principal = %caller.principal, %tenant, count, "riders listed");
        Ok(Response::new(pb::ListRidersResponse { riders, next_page_token }))
    }
}

impl Desk {
    fn now_ms(&self) -> i64 {
        self.clock.now().as_unix_millis()
    }
}

/// What is there, as the caller's etag knows it.
fn expect<'e>(name: &RiderName, etag: &str, before: Option<&'e Entry>) -> Result<&'e Entry, Fault> {
    let before = before.ok_or_else(|| Fault::not_found(name))?;
    let current = to_proto::rider(name, before).etag;
    if !etag.is_empty() && etag != current {
        let message = format!("{name} has changed since etag {etag}; read it again");
        return Err(Fault::new(ErrorReason::EtagMismatch, message).with("etag", current));
    }
    Ok(before)
}

/// What of a record its rider sees, or the desk.
fn seen(caller: &Caller, name: &RiderName, entry: &Entry) -> pb::Rider {
    let rider = to_proto::rider(name, entry);
    if caller.rider_at(&name.tenant).is_some() { to_proto::own_rider(rider) } else { rider }
}

fn note_unless(is_rehearsal: bool, caller: &Caller, name: &RiderName, what: &str) {
    if !is_rehearsal {
        note(caller, name, what);
    }
}

fn note(caller: &Caller, name: &RiderName, what: &str) {
    tracing::info!(target: "mukae_server::audit", principal = %caller.principal, rider = %name, "record {what}");
}

//! For consoles and for finding one's way in.

use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::Arc;

use mukae_proto::transit::area::v1 as pb;
use mukae_proto::transit::units::v1::ErrorReason;
use pb::area_service_server::AreaService;
use prost::Message;
use prost::bytes::Bytes;
use tokio_stream::{Stream, StreamExt};
use tonic::{Request, Response, Status};

use super::sight;
use super::stream::{Updates, follow_area};
use super::{Desk, open};
use crate::errors::Fault;
use crate::names::AreaName;
use crate::serve::PATIENCE;
use crate::shell::beside::beside;
use crate::shell::input::{AreaResume, Input};
use crate::shell::past::PastArea;
use crate::wire::fields::{Fields, name_of};
use crate::wire::page::Page;
use crate::wire::to_proto;

#[tonic::async_trait]
impl AreaService for Desk {
    async fn get_area(&self, request: Request<pb::GetAreaRequest>) -> Result<Response<pb::Area>, Status> {
        let (caller, request) = open(request);
        let name: AreaName = name_of(&caller, "name", &request.name)?;
        let area = self.area.ask(Input::GetArea, name).await?;
        Ok(Response::new(sight::area(&caller, area)))
    }

    async fn list_areas(
        &self,
        request: Request<pb::ListAreasRequest>,
    ) -> Result<Response<pb::ListAreasResponse>, Status> {
        let (caller, request) = open(request);
        let mut fields = Fields::of(&caller);
        let page = Page::of_request(&mut fields, request.page_size, &request.page_token, "areas".to_owned())?;
        let page = fields.finish(Some(page))?;
        let seen: Vec<_> = (1..).zip(self.area.seen_by(&caller)).collect();
        let found = seen.iter().filter(|(number, _)| page.range_start() <= *number).copied();
        let (found, next_page_token) = page.cut(found);
        let (mut areas, mut down) = (Vec::with_capacity(found.len()), BTreeSet::new());
        for area in found {
            match self.area.ask(Input::GetArea, area.name.clone()).await {
                Ok(drawn) => areas.push(sight::area(&caller, drawn)),
                Err(fault) if fault.reason() == ErrorReason::AreaUnavailable => _ = down.insert(area.name.to_string()),
                Err(fault) => return Err(fault.into()),
            }
        }
        down.extend(seen.iter().filter(|(_, area)| !area.is_up()).map(|(_, area)| area.name.to_string()));
        Ok(Response::new(pb::ListAreasResponse { areas, next_page_token, unreachable: down.into_iter().collect() }))
    }

    type WatchAreaStream = Decoded;

    /// Of this service by itself; [`super::AreaService`] streams without decoding what it has encoded.
    async fn watch_area(
        &self,
        request: Request<pb::WatchAreaRequest>,
    ) -> Result<Response<Self::WatchAreaStream>, Status> {
        let updates = self.watch_area_encoded(request).await?.into_inner();
        let decode = |bytes: Bytes| pb::WatchAreaResponse::decode(bytes).map_err(|error| Fault::bug(error).into());
        Ok(Response::new(Box::pin(updates.map(move |update| update.and_then(decode)))))
    }

    type ExportPastAreaStream = Pin<Box<dyn Stream<Item = Result<pb::ExportPastAreaResponse, Status>> + Send>>;

    async fn export_past_area(
        &self,
        request: Request<pb::ExportPastAreaRequest>,
    ) -> Result<Response<Self::ExportPastAreaStream>, Status> {
        let (caller, request) = open(request);
        let mut fields = Fields::of(&caller);
        let name = fields.name::<AreaName>("name", &request.name);
        let time = fields.time("as_of_time", request.as_of_time);
        let now = self.clock.now();
        if time.is_some_and(|time| now < time) {
            let now = jiff::Timestamp::from_millisecond(now.as_unix_millis()).map_err(Fault::bug)?;
            fields.wrong("as_of_time", format!("not in the future; the area's clock shows {now}"));
        }
        let (name, time) = fields.finish(name.zip(time))?;
        // what the area has said by now is durable before the journal is read
        let past = Arc::clone(&self.area.of(&name)?.desk()?.past);
        self.area.ask(Input::GetArea, name).await?;
        let turn = past.turn()?;
        let replayed = beside(move |is_awaited| {
            let _turn = turn;
            past.area_at(time, is_awaited)
        });
        let PastArea { parts, last_change } =
            tokio::time::timeout(PATIENCE, replayed).await.map_err(|_| Fault::deadline_passed())??;
        let mut last_change = Some(to_proto::timestamp(last_change));
        let parts = parts.into_iter().map(move |part| {
            let snapshot = Some(sight::snapshot(&caller, part));
            Ok(pb::ExportPastAreaResponse { snapshot, last_change_time: last_change.take() })
        });
        Ok(Response::new(Box::pin(tokio_stream::iter(parts))))
    }
}

type Decoded = Pin<Box<dyn Stream<Item = Result<pb::WatchAreaResponse, Status>> + Send>>;

impl Desk {
    pub(super) async fn watch_area_encoded(
        &self,
        request: Request<pb::WatchAreaRequest>,
    ) -> Result<Response<Updates<Bytes>>, Status> {
        let (caller, request) = open(request);
        let pb::WatchAreaRequest { name, resume_from_revision: revision } = request;
        let mut fields = Fields::of(&caller);
        let area = fields.name::<AreaName>("name", &name);
        if revision < 0 {
            fields.wrong("resume_from_revision", format!("0 or more, was {revision}"));
        }
        let area = fields.finish(area)?;
        let permit = self.permit_watcher(&caller)?;
        let feed = self.area.ask(Input::WatchArea, AreaResume { area: area.clone(), revision }).await?;
        Ok(Response::new(follow_area(self, caller, permit, area, feed)))
    }
}

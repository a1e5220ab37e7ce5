//! What the desk says about roads, alerts and messages.

use mukae_maps::overlay::Effect;
use mukae_office::{TEXT_MAX, ToldRoads};
use mukae_proto::transit::operations::v1 as pb;
use pb::road_measure::Effect as Told;

use super::lat_lng;
use crate::caller::Caller;
use crate::errors::Fault;
use crate::names::{AlertName, AreaName, BookingName, MessageName, RoadMeasureName, VehicleName};
use crate::shell::input::{
    AlertList, AlertNoting, List, MessageResume, NewMeasure, NewMessage, RecipientName, Signed, Suspension,
};
use crate::wire::fields::Fields;
use crate::wire::filter::Sieve;
use crate::wire::listed;
use crate::wire::page::Page;

/// Characters of why supply is suspended.
const SUSPEND_REASON_MAX: usize = 200;
const WAYS_MAX: usize = 1000;
const CORNERS_MAX: usize = 1000;

pub fn create_road_measure(
    caller: &Caller,
    request: pb::CreateRoadMeasureRequest,
) -> Result<Signed<NewMeasure>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("OperationsService/CreateRoadMeasure", &request, &request.request_id);
    let area = fields.name::<AreaName>("parent", &request.parent);
    if request.road_measure.is_none() {
        fields.wrong("road_measure", "required");
    }
    let measure = request.road_measure.unwrap_or_default();
    let note = fields.required_text("road_measure.note", measure.note, TEXT_MAX);
    let roads = roads(&mut fields, measure.roads.unwrap_or_default());
    let effect = effect(&mut fields, measure.effect);
    let wants = (measure.start_time.is_some(), measure.end_time.is_some());
    let from = fields.optional_time("road_measure.start_time", measure.start_time);
    let until = fields.optional_time("road_measure.end_time", measure.end_time);
    if from.zip(until).is_some_and(|(from, until)| until <= from) {
        fields.wrong("road_measure.end_time", "after `start_time`");
    }
    let are_times_right = wants == (from.is_some(), until.is_some());
    let wish = || {
        are_times_right.then_some(())?;
        Some(NewMeasure { area: area?, note: note?, roads: roads?, effect: effect?, from, until })
    };
    fields.finish_rehearsable(request.validate_only, origin, wish())
}

fn roads(fields: &mut Fields<'_>, selection: pb::RoadSelection) -> Option<ToldRoads> {
    let pb::RoadSelection { road, osm_ways, area: corners } = selection;
    let name = fields.text("road_measure.roads.road", road, 200)?;
    if WAYS_MAX < osm_ways.len() {
        fields.wrong("road_measure.roads.osm_ways", format!("at most {WAYS_MAX}, were {}", osm_ways.len()));
        return None;
    }
    if !corners.is_empty() && !(3..=CORNERS_MAX).contains(&corners.len()) {
        let right = format!("3 to {CORNERS_MAX} corners, or none; were {}", corners.len());
        fields.wrong("road_measure.roads.area", right);
        return None;
    }
    let count = corners.len();
    let numbered = corners.into_iter().enumerate();
    let corners: Vec<_> = numbered
        .filter_map(|(index, corner)| lat_lng(fields, &format!("road_measure.roads.area[{index}]"), Some(corner)))
        .collect();
    if corners.len() != count {
        return None;
    }
    if name.is_empty() && osm_ways.is_empty() && corners.is_empty() {
        fields.wrong("road_measure.roads", "at least one of `road`, `osm_ways` and `area`");
        return None;
    }
    Some(ToldRoads { name, ways: osm_ways, corners })
}

fn effect(fields: &mut Fields<'_>, effect: Option<Told>) -> Option<Effect> {
    let field = "road_measure.effect";
    match effect {
        Some(Told::IsClosed(true)) => Some(Effect::Close),
        Some(Told::IsReopened(true)) => Some(Effect::Reopen),
        Some(Told::Percent(percent)) => {
            let percent = fields.integer("road_measure.percent", percent, 1, 10_000)?;
            Some(Effect::Percent(percent.unsigned_abs()))
        }
        Some(Told::MaxKmh(kmh)) => {
            let kmh = fields.integer("road_measure.max_kmh", kmh, 1, 200)?;
            Some(Effect::KmhMax(kmh.unsigned_abs()))
        }
        Some(Told::IsClosed(false) | Told::IsReopened(false)) | None => {
            fields.wrong(field, "one of `is_closed`: true, `is_reopened`: true, `percent` and `max_kmh`");
            None
        }
    }
}

pub fn end_road_measure(caller: &Caller, request: pb::EndRoadMeasureRequest) -> Result<Signed<RoadMeasureName>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("OperationsService/EndRoadMeasure", &request, &request.request_id);
    let name = fields.name("name", &request.name);
    fields.finish_rehearsable(request.validate_only, origin, name)
}

pub fn list_road_measures(caller: &Caller, request: &pb::ListRoadMeasuresRequest) -> Result<List<AreaName>, Fault> {
    let mut fields = Fields::of(caller);
    let parent = fields.name("parent", &request.parent);
    let sieve = Sieve::of_request(&mut fields, listed::MEASURES, &request.filter, &request.order_by);
    let query = format!("road measures of {} {}", request.parent, sieve.query());
    let page = Page::of_request(&mut fields, request.page_size, &request.page_token, query)?;
    fields.finish(parent.map(|parent| List { parent, page, sieve }))
}

pub fn list_alerts(caller: &Caller, request: &pb::ListAlertsRequest) -> Result<AlertList, Fault> {
    let mut fields = Fields::of(caller);
    let parent = fields.name("parent", &request.parent);
    let with_cleared = request.show_cleared;
    let sieve = Sieve::of_request(&mut fields, listed::ALERTS, &request.filter, &request.order_by);
    let query = format!("alerts of {}, cleared {with_cleared} {}", request.parent, sieve.query());
    let page = Page::of_request(&mut fields, request.page_size, &request.page_token, query)?;
    fields.finish(parent.map(|parent| AlertList { list: List { parent, page, sieve }, with_cleared }))
}

pub fn acknowledge_alert(caller: &Caller, request: pb::AcknowledgeAlertRequest) -> Result<Signed<AlertName>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("OperationsService/AcknowledgeAlert", &request, &request.request_id);
    let name = fields.name("name", &request.name);
    fields.finish_rehearsable(request.validate_only, origin, name)
}

pub fn add_alert_note(caller: &Caller, request: pb::AddAlertNoteRequest) -> Result<Signed<AlertNoting>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("OperationsService/AddAlertNote", &request, &request.request_id);
    let alert = fields.name("name", &request.name);
    let text = fields.required_text("text", request.text, TEXT_MAX);
    let wish = alert.zip(text).map(|(alert, text)| AlertNoting { alert, text });
    fields.finish_rehearsable(request.validate_only, origin, wish)
}

pub fn suspend_supply(caller: &Caller, request: pb::SuspendSupplyRequest) -> Result<Signed<Suspension>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("SupplyService/SuspendSupply", &request, &request.request_id);
    let supply = fields.name("name", &request.name);
    let reason = fields.text("reason", request.reason, SUSPEND_REASON_MAX);
    let wish = supply.zip(reason).map(|(supply, reason)| Suspension { supply, reason: Some(reason) });
    fields.finish_rehearsable(request.validate_only, origin, wish)
}

pub fn resume_supply(caller: &Caller, request: pb::ResumeSupplyRequest) -> Result<Signed<Suspension>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("SupplyService/ResumeSupply", &request, &request.request_id);
    let supply = fields.name("name", &request.name);
    fields.finish_rehearsable(request.validate_only, origin, supply.map(|supply| Suspension { supply, reason: None }))
}

pub fn send_message(caller: &Caller, request: pb::SendMessageRequest) -> Result<Signed<NewMessage>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("OperationsService/SendMessage", &request, &request.request_id);
    let area = fields.name::<AreaName>("parent", &request.parent);
    if request.message.is_none() {
        fields.wrong("message", "required");
    }
    let message = request.message.unwrap_or_default();
    let recipient = match message.recipient.contains("/bookings/") {
        true => fields.name::<BookingName>("message.recipient", &message.recipient).map(RecipientName::Rider),
        false => fields.name::<VehicleName>("message.recipient", &message.recipient).map(RecipientName::Driver),
    };
    let text = fields.required_text("message.text", message.text, TEXT_MAX);
    let wish = || Some(NewMessage { area: area?, recipient: recipient?, text: text? });
    fields.finish_rehearsable(request.validate_only, origin, wish())
}

pub fn list_messages(caller: &Caller, request: &pb::ListMessagesRequest) -> Result<List<AreaName>, Fault> {
    let mut fields = Fields::of(caller);
    let parent = fields.name("parent", &request.parent);
    let sieve = Sieve::of_request(&mut fields, listed::MESSAGES, &request.filter, &request.order_by);
    let query = format!("messages of {} {}", request.parent, sieve.query());
    let page = Page::of_request(&mut fields, request.page_size, &request.page_token, query)?;
    fields.finish(parent.map(|parent| List { parent, page, sieve }))
}

pub fn watch_messages(caller: &Caller, request: &pb::WatchMessagesRequest) -> Result<MessageResume, Fault> {
    let mut fields = Fields::of(caller);
    let area = fields.name::<AreaName>("parent", &request.parent);
    let after = match request.after_message.as_str() {
        "" => Some(None),
        name => fields.name::<MessageName>("after_message", name).map(Some),
    };
    if let (Some(area), Some(Some(after))) = (&area, &after)
        && after.area != *area
    {
        fields.wrong("after_message", "a message of another area");
    }
    let wish = || Some(MessageResume { area: area?, after: after?.map(|name| name.message) });
    fields.finish(wish())
}

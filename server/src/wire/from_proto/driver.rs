//! What is said about drivers, and what they answer.

use mukae_engine::answer::CAPACITY_MAX;
use mukae_engine::model::{DeclaredTrip, DriverKind, NOTICE_MAX, OnCall, Tier, WEIGHT_MAX};
use mukae_office::TEXT_MAX;
use mukae_proto::transit::fleet::v1 as pb;
use mukae_units::{Metres, Span};

use super::{id, seats};
use crate::caller::Caller;
use crate::config::DISPLAY_NAME_MAX;
use crate::errors::Fault;
use crate::names::{DriverName, ShiftName, TenantName};
use crate::shell::input::{AskAnswer, DriverRules, List, NewCheck, NewDriver, Signed, UpdatedDriver};
use crate::wire::fields::Fields;
use crate::wire::filter::Sieve;
use crate::wire::listed;
use crate::wire::page::Page;

/// Micrograms a litre of breath; ten times what nobody survives.
const ALCOHOL_MAX: i32 = 5000;
const ASKS_PER_WEEK_MAX: i32 = 1000;
const COOLDOWN_MAX: Span = Span::from_mins(7 * 24 * 60);
const DETOUR_MAX: Span = Span::from_mins(4 * 60);
const DETOUR_METRES_MAX: i32 = 100_000;
/// The fields that an update may name.
const MASKS: [&str; 5] = ["display_name", "kind", "tier", "cooldown_duration", "max_asks_per_week"];

pub fn create_driver(caller: &Caller, request: pb::CreateDriverRequest) -> Result<Signed<NewDriver>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("DriverService/CreateDriver", &request, &request.request_id);
    let id = id(&mut fields, "driver_id", &request.driver_id, "d", &request.request_id);
    let tenant = fields.name::<TenantName>("parent", &request.parent);
    if request.driver.is_none() {
        fields.wrong("driver", "required");
    }
    let rules = rules(&mut fields, request.driver.unwrap_or_default(), &MASKS);
    let wish = || {
        let DriverRules { display_name, kind, tier, cooldown, asks_per_week_max } = rules?;
        let name = DriverName { tenant: tenant?.0, driver: id? };
        Some(NewDriver {
            name,
            display_name: display_name?,
            kind: kind?,
            tier: tier?,
            cooldown: cooldown?,
            asks_per_week_max: asks_per_week_max?,
        })
    };
    fields.finish_rehearsable(request.validate_only, origin, wish())
}

pub fn update_driver(caller: &Caller, request: pb::UpdateDriverRequest) -> Result<Signed<UpdatedDriver>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("DriverService/UpdateDriver", &request, &request.request_id);
    if request.driver.is_none() {
        fields.wrong("driver", "required");
    }
    let driver = request.driver.unwrap_or_default();
    let name = fields.name::<DriverName>("driver.name", &driver.name);
    let etag = fields.text("driver.etag", driver.etag.clone(), 64);
    let mask = fields.mask("update_mask", request.update_mask, &MASKS);
    let rules = mask.and_then(|mask| rules(&mut fields, driver, &mask));
    let wish = || Some(UpdatedDriver { name: name?, etag: etag?, rules: rules? });
    fields.finish_rehearsable(request.validate_only, origin, wish())
}

/// The rules that `mask` names, each judged; the others stay as they are.
fn rules(fields: &mut Fields<'_>, driver: pb::Driver, mask: &[&str]) -> Option<DriverRules> {
    let names = |field: &str| mask.contains(&field);
    let mut rules = DriverRules::default();
    if names("display_name") {
        rules.display_name = Some(fields.text("driver.display_name", driver.display_name, DISPLAY_NAME_MAX)?);
    }
    if names("kind") {
        rules.kind = match fields.known::<pb::driver::Kind>("driver.kind", driver.kind, "kind of driver")? {
            pb::driver::Kind::Employed => Some(DriverKind::Employed),
            pb::driver::Kind::Volunteer => Some(DriverKind::Volunteer),
            pb::driver::Kind::Unspecified => {
                fields.wrong("driver.kind", "required: `KIND_EMPLOYED` or `KIND_VOLUNTEER`");
                None
            }
        };
    }
    if names("tier") {
        rules.tier = Some(tier(fields, "driver.tier", driver.tier)?);
    }
    if names("cooldown_duration") {
        let cooldown = fields.optional_span("driver.cooldown_duration", driver.cooldown_duration, COOLDOWN_MAX)?;
        rules.cooldown = Some(cooldown.unwrap_or_default());
    }
    if names("max_asks_per_week") {
        let asks = fields.integer("driver.max_asks_per_week", driver.max_asks_per_week, 0, ASKS_PER_WEEK_MAX)?;
        rules.asks_per_week_max = Some(asks.unsigned_abs());
    }
    Some(rules)
}

fn tier(fields: &mut Fields<'_>, field: &str, tier: i32) -> Option<Tier> {
    Some(match fields.known::<pb::ConsentTier>(field, tier, "consent tier")? {
        pb::ConsentTier::Unspecified | pb::ConsentTier::T0 => Tier::T0,
        pb::ConsentTier::T1 => Tier::T1,
        pb::ConsentTier::T2 => Tier::T2,
        pb::ConsentTier::T3 => Tier::T3,
    })
}

/// `Some(None)` if the shift is no declared trip.
pub fn declared_trip(fields: &mut Fields<'_>, trip: Option<pb::DeclaredTrip>) -> Option<Option<DeclaredTrip>> {
    let Some(trip) = trip else { return Some(None) };
    let seats = seats(fields, "shift.declared_trip.seats", trip.seats, CAPACITY_MAX);
    if trip.max_detour_duration.is_none() {
        fields.wrong("shift.declared_trip.max_detour_duration", "required");
    }
    let detour = fields.optional_span("shift.declared_trip.max_detour_duration", trip.max_detour_duration, DETOUR_MAX);
    let length = fields.integer("shift.declared_trip.max_detour_meters", trip.max_detour_meters, 0, DETOUR_METRES_MAX);
    let tier = tier(fields, "shift.declared_trip.tier", trip.tier);
    Some(Some(DeclaredTrip {
        seats: seats?,
        detour_max: detour??,
        detour_length_max: Metres::from_metres(u64::from(length?.unsigned_abs())),
        tier: tier?,
    }))
}

/// `Some(None)` if the driver comes anyway.
pub fn on_call(fields: &mut Fields<'_>, told: Option<pb::OnCall>) -> Option<Option<OnCall>> {
    let Some(told) = told else { return Some(None) };
    let cost = fields.integer("shift.on_call.cost_yen", told.cost_yen, 0, WEIGHT_MAX as i32);
    if told.notice_duration.is_none() {
        fields.wrong("shift.on_call.notice_duration", "required");
    }
    let notice = fields.optional_span("shift.on_call.notice_duration", told.notice_duration, NOTICE_MAX);
    Some(Some(OnCall { cost: i64::from(cost?), notice: notice?? }))
}

pub fn list_drivers(caller: &Caller, request: &pb::ListDriversRequest) -> Result<List<TenantName>, Fault> {
    let mut fields = Fields::of(caller);
    let parent = fields.name("parent", &request.parent);
    let sieve = Sieve::of_request(&mut fields, listed::DRIVERS, &request.filter, &request.order_by);
    let query = format!("drivers of {} {}", request.parent, sieve.query());
    let page = Page::of_request(&mut fields, request.page_size, &request.page_token, query)?;
    fields.finish(parent.map(|parent| List { parent, page, sieve }))
}

pub fn list_asks(caller: &Caller, request: &pb::ListAsksRequest) -> Result<List<DriverName>, Fault> {
    let mut fields = Fields::of(caller);
    let parent = fields.name("parent", &request.parent);
    let query = format!("asks of {}", request.parent);
    let page = Page::of_request(&mut fields, request.page_size, &request.page_token, query)?;
    fields.finish(parent.map(|parent| List { parent, page, sieve: Sieve::default() }))
}

pub fn answer_ask(caller: &Caller, request: pb::AnswerAskRequest) -> Result<Signed<AskAnswer>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("DriverService/AnswerAsk", &request, &request.request_id);
    let driver = fields.name("driver", &request.driver);
    // an area's drivers carry riders of all its tenants
    let booking = fields.name_of_anyone("booking", &request.booking);
    let wish = driver.zip(booking).map(|(driver, booking)| AskAnswer { driver, booking, accepted: request.accepted });
    fields.finish_rehearsable(request.validate_only, origin, wish)
}

pub fn record_pretrip_check(
    caller: &Caller,
    request: pb::RecordPretripCheckRequest,
) -> Result<Signed<NewCheck>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("DriverService/RecordPretripCheck", &request, &request.request_id);
    let shift = fields.name::<ShiftName>("parent", &request.parent);
    if request.pretrip_check.is_none() {
        fields.wrong("pretrip_check", "required");
    }
    let check = request.pretrip_check.unwrap_or_default();
    let is_timed = check.check_time.is_some();
    let checked = fields.optional_time("pretrip_check.check_time", check.check_time);
    let alcohol = check.alcohol_micrograms_per_litre;
    let alcohol = alcohol.map(|alcohol| {
        fields.integer("pretrip_check.alcohol_micrograms_per_litre", alcohol, 0, ALCOHOL_MAX).map(i32::unsigned_abs)
    });
    let note = fields.text("pretrip_check.note", check.note, TEXT_MAX);
    let wish = || {
        (is_timed == checked.is_some()).then_some(())?;
        let alcohol_ug_per_litre = match alcohol {
            None => None,
            Some(judged) => Some(judged?),
        };
        Some(NewCheck {
            shift: shift?,
            checked,
            alcohol_ug_per_litre,
            is_sober: check.is_sober,
            is_well: check.is_well,
            is_vehicle_fit: check.is_vehicle_fit,
            note: note?,
        })
    };
    fields.finish_rehearsable(request.validate_only, origin, wish())
}

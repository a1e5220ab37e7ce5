//! Standing bookings: the rule, or the parts of it that change.

use std::collections::BTreeMap;

use mukae_engine::model::Spot;
use mukae_office::{Day, Exception, StandingRide};
use mukae_proto::transit::booking::v1 as pb;

use super::booking::{channel_of, requirements, rider};
use super::{Snapper, place, seats};
use crate::caller::Caller;
use crate::civil::{read_day, read_minute};
use crate::errors::Fault;
use crate::names::{ServiceName, StandingName};
use crate::shell::input::{List, NewStanding, Signed, StandingDate, StandingEnd, StandingPatch, StandingUpdate};
use crate::wire::fields::Fields;
use crate::wire::filter::Sieve;
use crate::wire::page::Page;

/// Dates of one standing booking on which it is otherwise.
const EXCEPTIONS_MAX: usize = 400;
/// What an update mask may name.
const PATHS: [&str; 9] = [
    "outbound",
    "inbound",
    "stands_together",
    "party",
    "requirements",
    "weekdays",
    "from_date",
    "until_date",
    "exceptions",
];
const AT: &str = "standing_booking";

pub fn create_standing_booking(
    caller: &Caller,
    request: pb::CreateStandingBookingRequest,
    roads: Snapper<'_>,
) -> Result<Signed<NewStanding>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("StandingBookingService/CreateStandingBooking", &request, &request.request_id);
    let service = fields.name::<ServiceName>("parent", &request.parent);
    let Some(told) = required(&mut fields, request.standing_booking) else {
        return fields.finish_signed(origin, None);
    };
    let rider = rider(&mut fields, &format!("{AT}.rider"), service.as_ref(), &told.rider);
    let channel = fields.known::<pb::Channel>(&format!("{AT}.channel"), told.channel, "channel");
    let patch = patch(&mut fields, &PATHS, told, roads);
    let new = || Some(NewStanding { service: service?, rider: rider?, channel: channel_of(channel?), patch: patch? });
    fields.finish_rehearsable(request.validate_only, origin, new())
}

pub fn update_standing_booking(
    caller: &Caller,
    request: pb::UpdateStandingBookingRequest,
    roads: Snapper<'_>,
) -> Result<Signed<StandingUpdate>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("StandingBookingService/UpdateStandingBooking", &request, &request.request_id);
    let Some(told) = required(&mut fields, request.standing_booking) else {
        return fields.finish_signed(origin, None);
    };
    let standing = fields.name::<StandingName>(&format!("{AT}.name"), &told.name);
    let etag = fields.text(&format!("{AT}.etag"), told.etag.clone(), 64);
    let mask = request.update_mask.map(|mask| mask.paths).unwrap_or_default();
    let is_all = mask.is_empty() || mask.iter().any(|path| path == "*");
    for path in mask.iter().filter(|path| path.as_str() != "*" && !PATHS.contains(&path.as_str())) {
        fields.wrong("update_mask", format!("{path:?} can not be changed; some of {}", PATHS.join(", ")));
    }
    let mask: Vec<&str> = PATHS.into_iter().filter(|path| is_all || mask.iter().any(|named| named == path)).collect();
    let patch = patch(&mut fields, &mask, told, roads);
    let update = || Some(StandingUpdate { standing: standing?, patch: patch?, etag: etag? });
    fields.finish_rehearsable(request.validate_only, origin, update())
}

pub fn skip_standing_date(
    caller: &Caller,
    request: pb::SkipStandingDateRequest,
) -> Result<Signed<StandingDate>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("StandingBookingService/SkipStandingDate", &request, &request.request_id);
    let standing = fields.name::<StandingName>("name", &request.name);
    let day = date(&mut fields, "date", &request.date);
    let skipped = || Some(StandingDate { standing: standing?, day: day? });
    fields.finish_rehearsable(request.validate_only, origin, skipped())
}

pub fn end_standing_booking(
    caller: &Caller,
    request: pb::EndStandingBookingRequest,
) -> Result<Signed<StandingEnd>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("StandingBookingService/EndStandingBooking", &request, &request.request_id);
    let standing = fields.name::<StandingName>("name", &request.name);
    let last = optional_date(&mut fields, "last_date", &request.last_date);
    let end = || Some(StandingEnd { standing: standing?, last: last? });
    fields.finish_rehearsable(request.validate_only, origin, end())
}

pub fn list_standing_bookings(
    caller: &Caller,
    request: &pb::ListStandingBookingsRequest,
) -> Result<List<ServiceName>, Fault> {
    let mut fields = Fields::of(caller);
    let parent = fields.name("parent", &request.parent);
    let query = format!("standing bookings of {}", request.parent);
    let page = Page::of_request(&mut fields, request.page_size, &request.page_token, query)?;
    fields.finish(parent.map(|parent| List { parent, page, sieve: Sieve::default() }))
}

fn required(fields: &mut Fields<'_>, told: Option<pb::StandingBooking>) -> Option<pb::StandingBooking> {
    if told.is_none() {
        fields.wrong(AT, "required");
    }
    told
}

/// The parts that `paths` name, each of them judged.
fn patch(
    fields: &mut Fields<'_>,
    paths: &[&str],
    told: pb::StandingBooking,
    roads: Snapper<'_>,
) -> Option<StandingPatch> {
    let names = |path: &str| paths.contains(&path);
    let mut patch = StandingPatch::default();
    let mut is_whole = true;
    // each part that is named and could not be read has noted its fault
    if names("outbound") {
        patch.outbound = match told.outbound {
            Some(told) => ride(fields, &format!("{AT}.outbound"), told, roads),
            None => {
                fields.wrong(format!("{AT}.outbound"), "required");
                None
            }
        };
        is_whole &= patch.outbound.is_some();
    }
    if names("inbound") {
        patch.inbound = match told.inbound {
            Some(told) => ride(fields, &format!("{AT}.inbound"), told, roads).map(Some),
            None => Some(None),
        };
        is_whole &= patch.inbound.is_some();
    }
    if names("stands_together") {
        patch.stands_together = Some(told.stands_together);
    }
    if names("party") {
        patch.party = seats(fields, &format!("{AT}.party"), told.party, u8::MAX);
        is_whole &= patch.party.is_some();
    }
    if names("requirements") {
        patch.requirements = requirements(fields, &format!("{AT}.requirements"), told.requirements);
        is_whole &= patch.requirements.is_some();
    }
    if names("weekdays") {
        patch.weekdays = weekdays(fields, &told.weekdays);
        is_whole &= patch.weekdays.is_some();
    }
    if names("from_date") {
        patch.from = date(fields, &format!("{AT}.from_date"), &told.from_date);
        is_whole &= patch.from.is_some();
    }
    if names("until_date") {
        patch.until = optional_date(fields, &format!("{AT}.until_date"), &told.until_date);
        is_whole &= patch.until.is_some();
    }
    if names("exceptions") {
        patch.exceptions = exceptions(fields, told.exceptions);
        is_whole &= patch.exceptions.is_some();
    }
    is_whole.then_some(patch)
}

fn ride(fields: &mut Fields<'_>, at: &str, told: pb::StandingRide, roads: Snapper<'_>) -> Option<StandingRide> {
    use pb::standing_ride::Time;
    let mut end = |field: &str, told| -> Option<Spot> {
        let found = place(fields, &format!("{at}.{field}"), told, roads.map, roads.doors())?;
        if found.is_err() {
            fields.wrong(format!("{at}.{field}"), "outside the area, or too far from a road that vehicles can use");
        }
        found.ok()
    };
    let (from, to) = (end("origin", told.origin), end("destination", told.destination));
    if from.as_ref().zip(to.as_ref()).is_some_and(|(from, to)| from.place == to.place) {
        fields.wrong(format!("{at}.destination"), "the same place on the road as the origin");
        return None;
    }
    let (field, text, is_arrival) = match &told.time {
        Some(Time::DepartAfter(text)) => ("depart_after", text.as_str(), false),
        Some(Time::ArriveBy(text)) => ("arrive_by", text.as_str(), true),
        None => {
            fields.wrong(format!("{at}.time"), "one of `depart_after` and `arrive_by` is required");
            return None;
        }
    };
    let minute = minute(fields, &format!("{at}.{field}"), text);
    Some(StandingRide { from: from?, to: to?, is_arrival, minute: minute? })
}

fn weekdays(fields: &mut Fields<'_>, told: &[i32]) -> Option<u8> {
    let mut bits = 0;
    for (number, &weekday) in told.iter().enumerate() {
        match weekday {
            1..=7 => bits |= 1 << (weekday - 1),
            _ => {
                fields.wrong(format!("{AT}.weekdays[{number}]"), format!("{weekday} is no day of the week"));
                return None;
            }
        }
    }
    if bits == 0 {
        fields.wrong(format!("{AT}.weekdays"), "required; at least one day of the week");
    }
    (bits != 0).then_some(bits)
}

fn exceptions(fields: &mut Fields<'_>, told: Vec<pb::StandingException>) -> Option<BTreeMap<Day, Exception>> {
    if EXCEPTIONS_MAX < told.len() {
        fields.wrong(format!("{AT}.exceptions"), format!("at most {EXCEPTIONS_MAX}, were {}", told.len()));
        return None;
    }
    let mut exceptions = BTreeMap::new();
    for (number, told) in told.into_iter().enumerate() {
        let at = format!("{AT}.exceptions[{number}]");
        let day = date(fields, &format!("{at}.date"), &told.date);
        let outbound = optional_minute(fields, &format!("{at}.outbound_at"), &told.outbound_at);
        let inbound = optional_minute(fields, &format!("{at}.inbound_at"), &told.inbound_at);
        let exception = Exception { is_skipped: told.is_skipped, outbound: outbound?, inbound: inbound? };
        if exceptions.insert(day?, exception).is_some() {
            fields.wrong(format!("{at}.date"), "at most one exception for a date");
            return None;
        }
    }
    Some(exceptions)
}

fn date(fields: &mut Fields<'_>, field: &str, text: &str) -> Option<Day> {
    let day = read_day(text);
    if day.is_none() {
        fields.wrong(field, format!("a date of the years 2000 to 2199 such as `2026-04-08`, was {text:?}"));
    }
    day
}

/// `Some(None)` if it is left out.
fn optional_date(fields: &mut Fields<'_>, field: &str, text: &str) -> Option<Option<Day>> {
    if text.is_empty() { Some(None) } else { date(fields, field, text).map(Some) }
}

fn minute(fields: &mut Fields<'_>, field: &str, text: &str) -> Option<u16> {
    let minute = read_minute(text);
    if minute.is_none() {
        fields.wrong(field, format!("a time of day from `00:00` to `23:59`, was {text:?}"));
    }
    minute
}

/// `Some(None)` if it is left out.
fn optional_minute(fields: &mut Fields<'_>, field: &str, text: &str) -> Option<Option<u16>> {
    if text.is_empty() { Some(None) } else { minute(fields, field, text).map(Some) }
}

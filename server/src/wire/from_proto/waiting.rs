//! The waiting list, and rides that were missed before.

use mukae_engine::model::Channel;
use mukae_office::MissCause;
use mukae_proto::transit::booking::v1 as pb;
use pb::report_missed_ride_request::Cause;

use super::booking::{channel_of, rider};
use super::direct::one;
use super::{Snapper, lat_lng, seats};
use crate::caller::Caller;
use crate::errors::Fault;
use crate::names::{ServiceName, WaitingName};
use crate::shell::input::{List, MissedWish, NewWaiting, Signed};
use crate::wire::fields::Fields;
use crate::wire::filter::Sieve;
use crate::wire::page::Page;

pub fn join_waiting_list(
    caller: &Caller,
    request: pb::JoinWaitingListRequest,
    roads: Snapper<'_>,
) -> Result<Signed<NewWaiting>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("WaitingListService/JoinWaitingList", &request, &request.request_id);
    let service = fields.name::<ServiceName>("parent", &request.parent);
    let ride = one(&mut fields, "ride", service.as_ref(), request.ride, roads);
    let new = ride.map(|ride| NewWaiting { ride, books_at_once: request.books_at_once });
    fields.finish_rehearsable(request.validate_only, origin, new)
}

pub fn list_waitings(caller: &Caller, request: &pb::ListWaitingsRequest) -> Result<List<ServiceName>, Fault> {
    let mut fields = Fields::of(caller);
    let parent = fields.name("parent", &request.parent);
    let query = format!("waitings of {}", request.parent);
    let page = Page::of_request(&mut fields, request.page_size, &request.page_token, query)?;
    fields.finish(parent.map(|parent| List { parent, page, sieve: Sieve::default() }))
}

pub fn leave_waiting_list(caller: &Caller, request: pb::LeaveWaitingListRequest) -> Result<Signed<WaitingName>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("WaitingListService/LeaveWaitingList", &request, &request.request_id);
    let waiting = fields.name::<WaitingName>("name", &request.name);
    fields.finish_rehearsable(request.validate_only, origin, waiting)
}

pub fn report_missed_ride(caller: &Caller, request: pb::ReportMissedRideRequest) -> Result<Signed<MissedWish>, Fault> {
    let mut fields = Fields::of(caller);
    let signed = fields.sign("BookingService/ReportMissedRide", &request, &request.request_id);
    let service = fields.name::<ServiceName>("parent", &request.parent);
    let cause = fields.known::<Cause>("cause", request.cause, "cause").and_then(|cause| match cause {
        Cause::Unspecified => {
            fields.wrong("cause", "required: UNMET_CALL or DEADLINE_MISSED");
            None
        }
        Cause::UnmetCall => Some(MissCause::UnmetCall),
        Cause::DeadlineMissed => Some(MissCause::DeadlineMissed),
    });
    let missed = fields.optional_time("miss_time", request.miss_time);
    let origin = request.origin.map(|point| lat_lng(&mut fields, "origin", Some(point)));
    let destination = request.destination.map(|point| lat_lng(&mut fields, "destination", Some(point)));
    let party = request.party.map(|party| seats(&mut fields, "party", Some(party), u8::MAX));
    let rider = rider(&mut fields, "rider", service.as_ref(), &request.rider);
    let channel = fields.known::<pb::Channel>("channel", request.channel, "channel").map(channel_of);
    let wish = || {
        Some(MissedWish {
            service: service?,
            cause: cause?,
            missed,
            origin: transposed(origin)?,
            destination: transposed(destination)?,
            party: transposed(party)?,
            rider: rider?,
            channel: channel.unwrap_or(Channel::Unknown),
        })
    };
    fields.finish_rehearsable(request.validate_only, signed, wish())
}

/// What was left out is fine, and what was told and is wrong is not.
fn transposed<T>(told: Option<Option<T>>) -> Option<Option<T>> {
    match told {
        None => Some(None),
        Some(checked) => checked.map(Some),
    }
}

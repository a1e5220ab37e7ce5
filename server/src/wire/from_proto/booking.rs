//! What booking frontends ask.

use mukae_engine::model::{Beyond, CancelReason, Channel, Concessions};
use mukae_proto::transit::booking::v1 as pb;
use mukae_units::{ID_SET_MAX, RiderId, Seats, Span};
use pb::ride_wish::Wish;
use prost_types::Duration;

use super::{Snapper, batch, place, point_of, seats, when_of};
use crate::caller::Caller;
use crate::errors::Fault;
use crate::names::{BookingName, OfferName, ServiceName, rider_id};
use crate::shell::input::{Cancellation, Holding, List, RideWish, Signed, When};
use crate::wire::fields::Fields;
use crate::wire::filter::Sieve;
use crate::wire::listed;
use crate::wire::page::Page;

/// Characters of a rider's pseudonym.
const RIDER_MAX: usize = 255;
/// Of a ride or a walk beyond a limit, and of a hold.
const EXTRA_MAX: Span = Span::DAY;

pub fn quote(caller: &Caller, request: pb::QuoteRequest, roads: Snapper<'_>) -> Result<Signed<RideWish>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("BookingService/Quote", &request, &request.request_id);
    let service = fields.name::<ServiceName>("parent", &request.parent);
    if request.max_offers < 0 {
        fields.wrong("max_offers", format!("0 or more, was {}", request.max_offers));
    }
    let offers_max = u8::try_from(request.max_offers).unwrap_or(u8::MAX);
    let told = pb::RideWish {
        origin: request.origin,
        destination: request.destination,
        party: request.party,
        wish: request.wish.map(|wish| match wish {
            pb::quote_request::Wish::DepartAfter(window) => Wish::DepartAfter(window),
            pb::quote_request::Wish::ArriveBy(window) => Wish::ArriveBy(window),
        }),
        rider: request.rider,
        channel: request.channel,
        requirements: request.requirements,
        extra_ride_duration: request.extra_ride_duration,
        extra_walk_duration: request.extra_walk_duration,
        passengers: request.passengers,
    };
    let wish = ride_wish(&mut fields, "", service.as_ref(), told, roads);
    fields.finish_signed(origin, wish.map(|wish| RideWish { offers_max, ..wish }))
}

/// What a rider wishes, whichever way it is asked; `at` stands before the names of its fields.
pub(super) fn ride_wish(
    fields: &mut Fields<'_>,
    at: &str,
    service: Option<&ServiceName>,
    told: pb::RideWish,
    roads: Snapper<'_>,
) -> Option<RideWish> {
    let field = |name: &str| format!("{at}{name}");
    let asked = point_of(told.origin.as_ref()).zip(point_of(told.destination.as_ref()));
    let from = place(fields, &field("origin"), told.origin, roads.map, roads.doors());
    let to = place(fields, &field("destination"), told.destination, roads.map, roads.doors());
    let party = seats(fields, &field("party"), told.party, u8::MAX);
    let concessions = concessions(fields, at, party, told.passengers);
    let when = when(fields, at, told.wish);
    let rider = rider(fields, &field("rider"), service, &told.rider);
    let requirements = requirements(fields, &field("requirements"), told.requirements);
    let channel = fields.known::<pb::Channel>(&field("channel"), told.channel, "channel");
    let ride = extra(fields, &field("extra_ride_duration"), told.extra_ride_duration);
    let walk = extra(fields, &field("extra_walk_duration"), told.extra_walk_duration);
    Some(RideWish {
        service: service?.clone(),
        rider: rider?,
        channel: channel_of(channel?),
        origin: from?,
        destination: to?,
        asked: asked?,
        party: party?,
        concessions: concessions?,
        when: when?,
        offers_max: 0,
        beyond: Beyond { ride: ride?, walk: walk? },
        requirements: requirements?,
    })
}

pub(super) fn requirements(fields: &mut Fields<'_>, field: &str, names: Vec<String>) -> Option<Vec<String>> {
    let few = (names.len() <= ID_SET_MAX as usize).then_some(names);
    if few.is_none() {
        fields.wrong(field, format!("at most {ID_SET_MAX}"));
    }
    few
}

pub fn confirm_offer(caller: &Caller, request: pb::ConfirmOfferRequest) -> Result<Signed<OfferName>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("BookingService/ConfirmOffer", &request, &request.request_id);
    let offer = fields.name::<OfferName>("name", &request.name);
    fields.finish_rehearsable(request.validate_only, origin, offer)
}

pub fn hold_offer(caller: &Caller, request: pb::HoldOfferRequest) -> Result<Signed<Holding>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("BookingService/HoldOffer", &request, &request.request_id);
    let offer = fields.name::<OfferName>("name", &request.name);
    let wanted = fields.optional_span("hold_duration", request.hold_duration, EXTRA_MAX);
    let wish = || Some(Holding { offer: offer?, wanted: wanted? });
    fields.finish_rehearsable(request.validate_only, origin, wish())
}

pub fn release_hold(caller: &Caller, request: pb::ReleaseHoldRequest) -> Result<Signed<OfferName>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("BookingService/ReleaseHold", &request, &request.request_id);
    let offer = fields.name::<OfferName>("name", &request.name);
    fields.finish_rehearsable(request.validate_only, origin, offer)
}

pub fn cancel_booking(caller: &Caller, request: pb::CancelBookingRequest) -> Result<Signed<Cancellation>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("BookingService/CancelBooking", &request, &request.request_id);
    let booking = fields.name("name", &request.name);
    let reason = fields.known::<pb::CancellationReason>("reason", request.reason, "cancellation reason");
    let etag = fields.text("etag", request.etag, 64);
    let wish = || Some(Cancellation { booking: booking?, reason: cancel_reason(reason?), etag: etag? });
    fields.finish_rehearsable(request.validate_only, origin, wish())
}

pub fn list_bookings(caller: &Caller, request: &pb::ListBookingsRequest) -> Result<List<ServiceName>, Fault> {
    let mut fields = Fields::of(caller);
    let parent = fields.name("parent", &request.parent);
    let sieve = Sieve::of_request(&mut fields, listed::BOOKINGS, &request.filter, &request.order_by);
    let query = format!("bookings of {} {}", request.parent, sieve.query());
    let page = Page::of_request(&mut fields, request.page_size, &request.page_token, query)?;
    fields.finish(parent.map(|parent| List { parent, page, sieve }))
}

pub fn batch_get_bookings(caller: &Caller, request: &pb::BatchGetBookingsRequest) -> Result<Vec<BookingName>, Fault> {
    let mut fields = Fields::of(caller);
    let parent = fields.name::<ServiceName>("parent", &request.parent);
    let is_of = |name: &BookingName| parent.as_ref().is_none_or(|parent| name.service == *parent);
    let names = batch(&mut fields, &request.names, is_of);
    fields.finish(names)
}

/// What a rider accepts beyond a limit.
fn extra(fields: &mut Fields<'_>, field: &str, extra: Option<Duration>) -> Option<Span> {
    fields.optional_span(field, extra, EXTRA_MAX).map(Option::unwrap_or_default)
}

/// Who pays another rate; together with the adults they are all who ride.
fn concessions(
    fields: &mut Fields<'_>,
    at: &str,
    party: Option<Seats>,
    passengers: Option<pb::Passengers>,
) -> Option<Concessions> {
    let Some(pb::Passengers { adults, children, seniors, disabled }) = passengers else {
        return Some(Concessions::NONE);
    };
    let counts = [("adults", adults), ("children", children), ("seniors", seniors), ("disabled", disabled)];
    let counts = counts.map(|(name, count)| {
        let count = fields.integer(format!("{at}passengers.{name}"), count, 0, i32::from(u8::MAX))?;
        u8::try_from(count).ok()
    });
    let [adults, children, seniors, disabled] = counts;
    let (adults, concessions) = (adults?, Concessions { children: children?, seniors: seniors?, disabled: disabled? });
    let (named, riding) = (u32::from(adults) + concessions.count(), party?.persons());
    if named != riding {
        fields.wrong(
            format!("{at}passengers"),
            format!("{named} people, but {riding} ride in `party`, luggage not counted"),
        );
        return None;
    }
    Some(concessions)
}

fn when(fields: &mut Fields<'_>, at: &str, wish: Option<Wish>) -> Option<When> {
    let windows = match wish {
        None => (None, None),
        Some(Wish::DepartAfter(window)) => (Some(window), None),
        Some(Wish::ArriveBy(window)) => (None, Some(window)),
    };
    when_of(fields, at, windows)
}

/// Whom the ride is for. Who books for themselves alone need not say, and can not say otherwise.
pub(super) fn rider(
    fields: &mut Fields<'_>,
    field: &str,
    service: Option<&ServiceName>,
    rider: &str,
) -> Option<Option<RiderId>> {
    let tenant = &service?.tenant;
    if let Some(own) = fields.caller().rider_at(tenant) {
        if !rider.is_empty() && rider != own {
            fields.deny();
        }
        return Some(Some(rider_id(tenant, own)));
    }
    if rider.is_empty() {
        return Some(None);
    }
    pseudonym(fields, field, rider).then(|| Some(rider_id(tenant, rider)))
}

/// Whether it is written as pseudonyms are.
pub(super) fn pseudonym(fields: &mut Fields<'_>, field: &str, rider: &str) -> bool {
    let is_printable = rider.bytes().all(|byte| (0x21..=0x7e).contains(&byte));
    let has_parts = rider.split_once('+').is_some_and(|(issuer, subject)| !issuer.is_empty() && !subject.is_empty());
    let is_fine = rider.len() <= RIDER_MAX && is_printable && has_parts;
    if !is_fine {
        fields.wrong(field, "`{issuer}+{subject}` in at most 255 printable ASCII characters, or empty");
    }
    is_fine
}

pub(super) fn channel_of(channel: pb::Channel) -> Channel {
    match channel {
        pb::Channel::Unspecified => Channel::Unknown,
        pb::Channel::Phone => Channel::Phone,
        pb::Channel::Line => Channel::Line,
        pb::Channel::Web => Channel::Web,
        pb::Channel::App => Channel::App,
        pb::Channel::VoiceAgent => Channel::VoiceAgent,
        pb::Channel::Staff => Channel::Staff,
        pb::Channel::Partner => Channel::Partner,
    }
}

fn cancel_reason(reason: pb::CancellationReason) -> CancelReason {
    match reason {
        pb::CancellationReason::Unspecified => CancelReason::Unknown,
        pb::CancellationReason::Rider => CancelReason::Rider,
        pb::CancellationReason::Service => CancelReason::Service,
        pb::CancellationReason::Duplicate => CancelReason::Duplicate,
        pb::CancellationReason::Rebooked => CancelReason::Rebooked,
    }
}

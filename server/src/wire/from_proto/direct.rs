//! Booking without choosing among offers.

use mukae_proto::transit::booking::v1 as pb;

use super::Snapper;
use super::booking::ride_wish;
use crate::caller::Caller;
use crate::errors::Fault;
use crate::names::{BookingName, ServiceName};
use crate::shell::input::{Amendment, PairWish, RideWish, Signed};
use crate::wire::fields::Fields;

pub fn book_ride(caller: &Caller, request: pb::BookRideRequest, roads: Snapper<'_>) -> Result<Signed<RideWish>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("BookingService/BookRide", &request, &request.request_id);
    let service = fields.name::<ServiceName>("parent", &request.parent);
    let wish = one(&mut fields, "ride", service.as_ref(), request.ride, roads);
    fields.finish_rehearsable(request.validate_only, origin, wish)
}

pub fn amend_booking(
    caller: &Caller,
    request: pb::AmendBookingRequest,
    roads: Snapper<'_>,
) -> Result<Signed<Amendment>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("BookingService/AmendBooking", &request, &request.request_id);
    let booking = fields.name::<BookingName>("name", &request.name);
    let service = booking.as_ref().map(|booking| &booking.service);
    let wish = one(&mut fields, "ride", service, request.ride, roads);
    let etag = fields.text("etag", request.etag, 64);
    let amendment = || Some(Amendment { wish: wish?, booking: booking?, etag: etag? });
    fields.finish_rehearsable(request.validate_only, origin, amendment())
}

pub fn book_pair(caller: &Caller, request: pb::BookPairRequest, roads: Snapper<'_>) -> Result<Signed<PairWish>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("BookingService/BookPair", &request, &request.request_id);
    let service = fields.name::<ServiceName>("parent", &request.parent);
    let outbound = one(&mut fields, "outbound", service.as_ref(), request.outbound, roads);
    let inbound = one(&mut fields, "inbound", service.as_ref(), request.inbound, roads);
    let stands_together = request.stands_together;
    let pair = || Some(PairWish { rides: [outbound?, inbound?], stands_together });
    fields.finish_rehearsable(request.validate_only, origin, pair())
}

/// A wish that stands in a field of its own.
pub(super) fn one(
    fields: &mut Fields<'_>,
    field: &str,
    service: Option<&ServiceName>,
    told: Option<pb::RideWish>,
    roads: Snapper<'_>,
) -> Option<RideWish> {
    let Some(told) = told else {
        fields.wrong(field, "required");
        return None;
    };
    ride_wish(fields, &format!("{field}."), service, told, roads)
}

//! What the desk asks.

use mukae_engine::command::MOVES_MAX;
use mukae_engine::model::Spot;
use mukae_maps::NoRoadNear;
use mukae_office::TEXT_MAX;
use mukae_proto::transit::operations::v1 as pb;
use mukae_proto::transit::units::v1::{self as units_pb, ErrorReason};
use mukae_record::Origin;
use mukae_units::{Span, StopId, Time};
use pb::interrupt_shift_request::Interruption as Wanted;
use pb::r#move::To;

use super::{Snapper, place};
use crate::caller::Caller;
use crate::errors::Fault;
use crate::names::{AreaName, BookingName, OfferName, ServiceName, ShiftName, StopName, StopRef};
use crate::shell::input::{
    Assignment, Breakdown, Destination, Freezing, HandMove, Interruption, List, Pinning, RideWish, Signed,
};
use crate::shell::past::Decided;
use crate::wire::fields::Fields;
use crate::wire::filter::Sieve;
use crate::wire::listed;
use crate::wire::page::Page;

/// The longest break nobody had planned.
const BREAK_MAX: Span = Span::from_mins(12 * 60);

pub fn assign_bookings(caller: &Caller, request: pb::AssignBookingsRequest) -> Result<Signed<Assignment>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("DispatchService/AssignBookings", &request, &request.request_id);
    let area = fields.name::<AreaName>("parent", &request.parent);
    if request.moves.is_empty() || MOVES_MAX < request.moves.len() {
        fields.wrong("moves", format!("1 to {MOVES_MAX} moves, were {}", request.moves.len()));
        return fields.finish_signed(origin, None);
    }
    let mut overrules = false;
    let mut moves = Vec::with_capacity(request.moves.len());
    for (index, one) in request.moves.iter().enumerate() {
        overrules |= matches!(&one.to, Some(To::Placement(placement)) if placement.overrules);
        if request.moves[..index].iter().any(|before| before.booking == one.booking) {
            fields.wrong(format!("moves[{index}].booking"), "each booking once; this one is moved before");
        }
        moves.push(hand_move(&mut fields, index, one));
    }
    let reason = text(&mut fields, request.reason);
    let is_missing = reason.as_ref().is_some_and(|reason| reason.trim().is_empty());
    if overrules && is_missing && !request.validate_only {
        fields.wrong("reason", "required where a move overrules");
    }
    let moves: Option<Vec<HandMove>> = moves.into_iter().collect();
    let wish = || Some(Assignment { area: area?, moves: moves?, reason: reason? });
    fields.finish_rehearsable(request.validate_only, origin, wish())
}

fn text(fields: &mut Fields<'_>, reason: String) -> Option<String> {
    fields.text("reason", reason, TEXT_MAX)
}

fn hand_move(fields: &mut Fields<'_>, index: usize, one: &pb::Move) -> Option<HandMove> {
    let booking = fields.name::<BookingName>(&format!("moves[{index}].booking"), &one.booking);
    let to = match &one.to {
        Some(To::Placement(placement)) => {
            let path = format!("moves[{index}].placement");
            let shift = fields.name::<ShiftName>(&format!("{path}.shift"), &placement.shift);
            let pickup = stop_of(fields, &format!("{path}.pickup_before_stop"), &placement.pickup_before_stop, &shift);
            let dropoff =
                stop_of(fields, &format!("{path}.dropoff_before_stop"), &placement.dropoff_before_stop, &shift);
            let overrules = placement.overrules;
            shift.zip(pickup.zip(dropoff)).map(|(shift, before)| Destination::At { shift, before, overrules })
        }
        Some(To::Shift(shift)) => {
            fields.name::<ShiftName>(&format!("moves[{index}].shift"), shift).map(Destination::Into)
        }
        Some(To::Unassign(true)) => Some(Destination::Nowhere),
        Some(To::Unassign(false)) => {
            fields.wrong(format!("moves[{index}].unassign"), "true, or another place to go");
            None
        }
        None => {
            fields.wrong(format!("moves[{index}].to"), "one of `placement`, `shift` and `unassign`");
            None
        }
    };
    Some(HandMove { booking: booking?, to: to? })
}

/// A stop of the shift's vehicle; the outer `None` where it is none.
fn stop_of(fields: &mut Fields<'_>, field: &str, text: &str, shift: &Option<ShiftName>) -> Option<Option<StopId>> {
    if text.is_empty() {
        return Some(None);
    }
    let name = fields.name::<StopName>(field, text)?;
    if shift.as_ref().is_some_and(|shift| shift.vehicle != name.vehicle) {
        fields.wrong(field, "a stop of the vehicle of `shift`");
        return None;
    }
    match name.stop {
        StopRef::Visit(stop) => Some(Some(stop)),
        StopRef::ShiftEnd => Some(None), // before the end of the shift is after all other stops
    }
}

pub fn pin_booking(caller: &Caller, request: pb::PinBookingRequest) -> Result<Signed<Pinning>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("DispatchService/PinBooking", &request, &request.request_id);
    let booking = fields.name("name", &request.name);
    let wish = booking.map(|booking| Pinning { booking, is_pinned: true });
    fields.finish_rehearsable(request.validate_only, origin, wish)
}

pub fn unpin_booking(caller: &Caller, request: pb::UnpinBookingRequest) -> Result<Signed<Pinning>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("DispatchService/UnpinBooking", &request, &request.request_id);
    let booking = fields.name("name", &request.name);
    let wish = booking.map(|booking| Pinning { booking, is_pinned: false });
    fields.finish_rehearsable(request.validate_only, origin, wish)
}

pub fn freeze_stops(caller: &Caller, request: pb::FreezeStopsRequest) -> Result<Signed<Freezing>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("DispatchService/FreezeStops", &request, &request.request_id);
    let stop = fields.name::<StopName>("through_stop", &request.through_stop);
    let wish = stop.and_then(|name| match name.stop {
        StopRef::Visit(stop) => Some(Freezing::Through { vehicle: name.vehicle, stop }),
        StopRef::ShiftEnd => {
            fields.wrong("through_stop", "a stop where parties board or alight, or a break");
            None
        }
    });
    fields.finish_rehearsable(request.validate_only, origin, wish)
}

pub fn unfreeze_stops(caller: &Caller, request: pb::UnfreezeStopsRequest) -> Result<Signed<Freezing>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("DispatchService/UnfreezeStops", &request, &request.request_id);
    let wish = fields.name("shift", &request.shift).map(Freezing::Nothing);
    fields.finish_rehearsable(request.validate_only, origin, wish)
}

pub fn report_breakdown(
    caller: &Caller,
    request: pb::ReportBreakdownRequest,
    roads: Snapper<'_>,
) -> Result<Signed<Breakdown>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("DispatchService/ReportBreakdown", &request, &request.request_id);
    let shift = fields.name("shift", &request.shift);
    let at = fields.optional_time("device_time", request.device_time);
    let place = optional_place(&mut fields, "place", request.place, roads);
    let checked = || Some((shift?, at, place?));
    let Signed { origin, is_rehearsal, wish: (shift, at, place) } =
        fields.finish_rehearsable(request.validate_only, origin, checked())?;
    let place = place.map(|place| on_road("place", place)).transpose()?;
    Ok(Signed { origin, is_rehearsal, wish: Breakdown { shift, at, place } })
}

pub fn interrupt_shift(
    caller: &Caller,
    request: pb::InterruptShiftRequest,
    roads: Snapper<'_>,
) -> Result<Signed<(ShiftName, Interruption)>, Fault> {
    let mut fields = Fields::of(caller);
    let origin: Option<Origin> = fields.sign("DispatchService/InterruptShift", &request, &request.request_id);
    let shift = fields.name::<ShiftName>("shift", &request.shift);
    let mut off_road = None;
    let wanted = match request.interruption {
        Some(Wanted::StartTime(start)) => fields.time("start_time", Some(start)).map(Interruption::StartAt),
        Some(Wanted::UnplannedBreak(rest)) => {
            let length = fields.optional_span("unplanned_break.break_duration", rest.break_duration, BREAK_MAX);
            let length = length.and_then(|length| {
                let length = length.filter(|&length| Span::MINUTE <= length);
                if length.is_none() {
                    fields.wrong("unplanned_break.break_duration", "required; one minute to 12 hours");
                }
                length
            });
            let window = break_window(&mut fields, rest.window);
            let place = optional_place(&mut fields, "unplanned_break.place", rest.place, roads);
            let place = place.map(|place| match place.map(|place| on_road("unplanned_break.place", place)) {
                None => None,
                Some(Ok(spot)) => Some(spot),
                Some(Err(fault)) => {
                    off_road = Some(fault);
                    None
                }
            });
            let rest = || Some(Interruption::Rest { window: window?, length: length?, place: place? });
            rest()
        }
        None => {
            fields.wrong("interruption", "one of `unplanned_break` and `start_time`");
            None
        }
    };
    let wish = shift.zip(wanted);
    let signed = fields.finish_rehearsable(request.validate_only, origin, wish)?;
    match off_road {
        None => Ok(signed),
        Some(fault) => Err(fault),
    }
}

/// From when, and until when, where it is said.
fn break_window(fields: &mut Fields<'_>, window: Option<units_pb::TimeWindow>) -> Option<(Option<Time>, Option<Time>)> {
    let Some(window) = window else {
        fields.wrong("unplanned_break.window", "required");
        return None;
    };
    let earliest = fields.optional_time("unplanned_break.window.earliest_time", window.earliest_time);
    let latest = fields.optional_time("unplanned_break.window.latest_time", window.latest_time);
    if earliest.zip(latest).is_some_and(|(earliest, latest)| latest < earliest) {
        fields.wrong("unplanned_break.window.latest_time", "not before `earliest_time`");
        return None;
    }
    Some((earliest, latest))
}

/// The outer `None` where it is no place at all.
fn optional_place(
    fields: &mut Fields<'_>,
    field: &str,
    named: Option<units_pb::Place>,
    roads: Snapper<'_>,
) -> Option<Option<Result<Spot, NoRoadNear>>> {
    match named {
        None => Some(None),
        named => place(fields, field, named, roads.map, roads.depots()).map(Some),
    }
}

/// Whether a thing is looked at as it stands, or as it stood when it was decided.
#[derive(Debug)]
pub enum AsOf<T> {
    Now(T),
    Decision(Decided),
}

pub fn explain_booking(caller: &Caller, request: &pb::ExplainBookingRequest) -> Result<AsOf<BookingName>, Fault> {
    let mut fields = Fields::of(caller);
    let name = fields.name::<BookingName>("name", &request.name);
    let is_past = is_past(&mut fields, request.as_of);
    let (name, is_past) = fields.finish(name.zip(is_past))?;
    Ok(if is_past { AsOf::Decision(Decided::Booking(name)) } else { AsOf::Now(name) })
}

pub fn explain_offer(caller: &Caller, request: &pb::ExplainOfferRequest) -> Result<AsOf<OfferName>, Fault> {
    let mut fields = Fields::of(caller);
    let name = fields.name::<OfferName>("name", &request.name);
    let is_past = is_past(&mut fields, request.as_of);
    let (name, is_past) = fields.finish(name.zip(is_past))?;
    Ok(if is_past { AsOf::Decision(Decided::Offer(name)) } else { AsOf::Now(name) })
}

pub fn explain_quote(
    caller: &Caller,
    request: pb::ExplainQuoteRequest,
    roads: Snapper<'_>,
) -> Result<AsOf<RideWish>, Fault> {
    let Some(quote) = request.quote else { return Err(Fault::invalid_field("quote", "required")) };
    let mut fields = Fields::of(caller);
    let Some(is_past) = is_past(&mut fields, request.as_of) else { return fields.finish(None) };
    if !is_past {
        let wish = super::quote(caller, quote, roads).map(|signed| AsOf::Now(signed.wish));
        return wish.map_err(|fault| fault.within("quote"));
    }
    let service = fields.name::<ServiceName>("quote.parent", &quote.parent);
    let request_id = fields.request_id(&quote.request_id);
    let decided = service.zip(request_id).map(|(service, request_id)| Decided::Quote { service, request_id });
    fields.finish(decided.map(AsOf::Decision))
}

fn is_past(fields: &mut Fields<'_>, as_of: i32) -> Option<bool> {
    let as_of = fields.known::<pb::ExplainAsOf>("as_of", as_of, "ExplainAsOf")?;
    Some(as_of == pb::ExplainAsOf::Decision)
}

pub fn list_unassigned(caller: &Caller, request: &pb::ListUnassignedBookingsRequest) -> Result<List<AreaName>, Fault> {
    let mut fields = Fields::of(caller);
    let parent = fields.name("parent", &request.parent);
    let sieve = Sieve::of_request(&mut fields, listed::BOOKINGS, &request.filter, &request.order_by);
    let query = format!("unassigned bookings of {} {}", request.parent, sieve.query());
    let page = Page::of_request(&mut fields, request.page_size, &request.page_token, query)?;
    fields.finish(parent.map(|parent| List { parent, page, sieve }))
}

fn on_road(field: &str, place: Result<Spot, NoRoadNear>) -> Result<Spot, Fault> {
    place.map_err(|off| {
        Fault::new(ErrorReason::PlaceOffRoad, format!("{field}: {off}")).with("field", field).at_field(field)
    })
}

//! What drivers' devices and those who plan the fleet ask.

use mukae_engine::answer::CAPACITY_MAX;
use mukae_engine::model::Spot;
use mukae_maps::NoRoadNear;
use mukae_proto::transit::fleet::v1 as pb;
use mukae_proto::transit::units::v1::ErrorReason;
use mukae_record::Origin;
use mukae_units::{Span, TimeWindow};
use prost_types::Timestamp;

use super::{Snapper, lat_lng, place, seats};
use crate::caller::Caller;
use crate::config::DISPLAY_NAME_MAX;
use crate::errors::Fault;
use crate::names::{AreaName, BookingName, ShiftName, StopName, TenantName, VehicleName, is_id};
use crate::shell::input::{
    Deed, List, NewShift, NewVehicle, PositionBatch, PositionReport, ShiftOpening, Signed, TripReport,
};
use crate::wire::fields::Fields;
use crate::wire::page::Page;

/// Reports of one batch.
const POSITIONS_MAX: usize = 1000;

pub fn create_vehicle(caller: &Caller, request: pb::CreateVehicleRequest) -> Result<Signed<NewVehicle>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("FleetService/CreateVehicle", &request, &request.request_id);
    let id = id(&mut fields, "vehicle_id", &request.vehicle_id, "v", &request.request_id);
    let tenant = fields.name::<TenantName>("parent", &request.parent);
    if request.vehicle.is_none() {
        fields.wrong("vehicle", "required");
    }
    let vehicle = request.vehicle.unwrap_or_default();
    let area = fields.name::<AreaName>("vehicle.area", &vehicle.area);
    let display_name = fields.text("vehicle.display_name", vehicle.display_name, DISPLAY_NAME_MAX);
    let capacity = seats(&mut fields, "vehicle.capacity", vehicle.capacity, CAPACITY_MAX);
    let wish = || {
        Some(NewVehicle {
            name: VehicleName { tenant: tenant?.0, vehicle: id? },
            area: area?,
            display_name: display_name?,
            capacity: capacity?,
        })
    };
    fields.finish_rehearsable(request.validate_only, origin, wish())
}

pub fn create_shift(
    caller: &Caller,
    request: pb::CreateShiftRequest,
    roads: Snapper<'_>,
) -> Result<Signed<NewShift>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("FleetService/CreateShift", &request, &request.request_id);
    let id = id(&mut fields, "shift_id", &request.shift_id, "s", &request.request_id);
    let vehicle = fields.name::<VehicleName>("parent", &request.parent);
    if request.shift.is_none() {
        fields.wrong("shift", "required");
    }
    let shift = request.shift.unwrap_or_default();
    let start_time = fields.time("shift.start_time", shift.start_time);
    let end_time = fields.time("shift.end_time", shift.end_time);
    let window = start_time.zip(end_time).and_then(|(start, end)| TimeWindow::new(start, end).ok());
    let window = window.filter(|window| Span::ZERO < window.width() && window.width() <= Span::DAY);
    if window.is_none() && start_time.is_some() && end_time.is_some() {
        fields.wrong("shift.end_time", "after `start_time`, by at most 24 hours");
    }
    let end_place = shift.end_place.or_else(|| shift.start_place.clone());
    let start = place(&mut fields, "shift.start_place", shift.start_place, roads.map, roads.depots());
    let end = place(&mut fields, "shift.end_place", end_place, roads.map, roads.depots());
    let checked = || Some((ShiftName { vehicle: vehicle?, shift: id? }, window?, start?, end?));
    let Signed { origin, is_rehearsal, wish: (name, window, start, end) } =
        fields.finish_rehearsable(request.validate_only, origin, checked())?;
    let wish = NewShift { name, window, start: on_road("start_place", start)?, end: on_road("end_place", end)? };
    Ok(Signed { origin, is_rehearsal, wish })
}

pub fn open_shift(caller: &Caller, request: pb::OpenShiftRequest) -> Result<Signed<ShiftOpening>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("FleetService/OpenShift", &request, &request.request_id);
    let shift = fields.name("name", &request.name);
    let at = fields.optional_time("device_time", request.device_time);
    fields.finish_rehearsable(request.validate_only, origin, shift.map(|shift| ShiftOpening { shift, at }))
}

pub fn close_shift(caller: &Caller, request: pb::CloseShiftRequest) -> Result<Signed<ShiftName>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("FleetService/CloseShift", &request, &request.request_id);
    let shift = fields.name("name", &request.name);
    fields.finish_rehearsable(request.validate_only, origin, shift)
}

pub fn list_vehicles(caller: &Caller, request: &pb::ListVehiclesRequest) -> Result<List<TenantName>, Fault> {
    let mut fields = Fields::of(caller);
    let parent = fields.name("parent", &request.parent);
    let query = format!("vehicles of {}", request.parent);
    let page = Page::of_request(&mut fields, request.page_size, &request.page_token, query)?;
    fields.finish(parent.map(|parent| List { parent, page }))
}

pub fn list_shifts(caller: &Caller, request: &pb::ListShiftsRequest) -> Result<List<VehicleName>, Fault> {
    let mut fields = Fields::of(caller);
    let parent = fields.name("parent", &request.parent);
    let query = format!("shifts of {}", request.parent);
    let page = Page::of_request(&mut fields, request.page_size, &request.page_token, query)?;
    fields.finish(parent.map(|parent| List { parent, page }))
}

pub fn report_positions(caller: &Caller, request: pb::ReportPositionsRequest) -> Result<PositionBatch, Fault> {
    let mut fields = Fields::of(caller);
    let vehicle = fields.name("vehicle", &request.vehicle);
    if request.positions.is_empty() || POSITIONS_MAX < request.positions.len() {
        fields.wrong("positions", format!("1 to {POSITIONS_MAX} reports, were {}", request.positions.len()));
        return fields.finish(None);
    }
    let mut reports = Vec::with_capacity(request.positions.len());
    for (index, position) in request.positions.into_iter().enumerate() {
        reports.extend(position_report(&mut fields, &format!("positions[{index}]"), position));
    }
    fields.finish(vehicle.map(|vehicle| PositionBatch { principal: caller.principal.clone(), vehicle, reports }))
}

fn position_report(fields: &mut Fields<'_>, field: &str, position: pb::Position) -> Option<PositionReport> {
    let point = lat_lng(fields, &format!("{field}.point"), position.point);
    let device_time = fields.time(&format!("{field}.device_time"), position.device_time);
    if position.sequence <= 0 {
        fields.wrong(format!("{field}.sequence"), format!("required; more than 0, was {}", position.sequence));
    }
    if let Some(accuracy) = position.accuracy_meters {
        fields.integer(format!("{field}.accuracy_meters"), accuracy, 0, i32::MAX);
    }
    if let Some(bearing) = position.bearing_degrees {
        fields.integer(format!("{field}.bearing_degrees"), bearing, 0, 359);
    }
    Some(PositionReport { point: point?, device_time: device_time?, sequence: position.sequence, shown: position })
}

pub fn depart_stop(caller: &Caller, request: pb::DepartStopRequest) -> Result<Signed<TripReport>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("FleetService/DepartStop", &request, &request.request_id);
    let stop = fields.name::<StopName>("stop", &request.stop);
    trip_report(fields, origin, stop.map(Deed::Depart), (request.device_time, request.validate_only))
}

pub fn arrive_stop(caller: &Caller, request: pb::ArriveStopRequest) -> Result<Signed<TripReport>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("FleetService/ArriveStop", &request, &request.request_id);
    let stop = fields.name::<StopName>("stop", &request.stop);
    trip_report(fields, origin, stop.map(Deed::Arrive), (request.device_time, request.validate_only))
}

pub fn board_booking(caller: &Caller, request: pb::BoardBookingRequest) -> Result<Signed<TripReport>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("FleetService/BoardBooking", &request, &request.request_id);
    let party = party(&mut fields, &request.booking, &request.vehicle);
    let deed = party.map(|(booking, vehicle)| Deed::Board { booking, vehicle });
    trip_report(fields, origin, deed, (request.device_time, request.validate_only))
}

pub fn alight_booking(caller: &Caller, request: pb::AlightBookingRequest) -> Result<Signed<TripReport>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("FleetService/AlightBooking", &request, &request.request_id);
    let party = party(&mut fields, &request.booking, &request.vehicle);
    let deed = party.map(|(booking, vehicle)| Deed::Alight { booking, vehicle });
    trip_report(fields, origin, deed, (request.device_time, request.validate_only))
}

pub fn report_no_show(caller: &Caller, request: pb::ReportNoShowRequest) -> Result<Signed<TripReport>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("FleetService/ReportNoShow", &request, &request.request_id);
    let party = party(&mut fields, &request.booking, &request.vehicle);
    let deed = party.map(|(booking, vehicle)| Deed::NoShow { booking, vehicle });
    trip_report(fields, origin, deed, (request.device_time, request.validate_only))
}

/// How every report of a trip ends.
fn trip_report(
    mut fields: Fields<'_>,
    origin: Option<Origin>,
    deed: Option<Deed>,
    (device_time, validate_only): (Option<Timestamp>, bool),
) -> Result<Signed<TripReport>, Fault> {
    let at = fields.optional_time("device_time", device_time);
    fields.finish_rehearsable(validate_only, origin, deed.map(|deed| TripReport { deed, at }))
}

fn party(fields: &mut Fields<'_>, booking: &str, vehicle: &str) -> Option<(BookingName, VehicleName)> {
    let booking = fields.name("booking", booking);
    booking.zip(fields.name("vehicle", vehicle))
}

/// The id that was chosen, or one made from the request id: sent again, it is the same.
fn id(fields: &mut Fields<'_>, field: &str, chosen: &str, prefix: &str, request_id: &str) -> Option<String> {
    if chosen.is_empty() {
        let hash = blake3::hash(request_id.as_bytes()).to_hex();
        return Some(format!("{prefix}-{}", &hash[..12]));
    }
    if !is_id(chosen) {
        fields.wrong(field, "1 to 63 of a-z, 0-9 and -, starting with a letter; or empty");
        return None;
    }
    Some(chosen.to_owned())
}

fn on_road(field: &str, place: Result<Spot, NoRoadNear>) -> Result<Spot, Fault> {
    place.map_err(|off| {
        Fault::new(ErrorReason::PlaceOffRoad, format!("shift.{field}: {off}")).with("field", format!("shift.{field}"))
    })
}

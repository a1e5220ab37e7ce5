//! What drivers' devices and those who plan the fleet ask.

mod vehicle;

use mukae_engine::model::Spot;
use mukae_maps::NoRoadNear;
use mukae_office::ETAG_MAX;
use mukae_proto::transit::fleet::v1 as pb;
use mukae_proto::transit::units::v1::{ErrorReason, Place};
use mukae_record::Origin;
use mukae_units::{Span, TimeWindow};
use prost_types::Timestamp;

use super::driver::{declared_trip, on_call};
use super::{Snapper, batch, id, lat_lng, place};
use crate::caller::Caller;
use crate::errors::Fault;
use crate::names::{AreaName, BookingName, DriverName, ManifestName, ShiftName, StopName, TenantName, VehicleName};
use crate::shell::input::{
    ChangedVehicle, Deed, List, ManifestHad, NewBreak, NewShift, NewVehicle, PositionBatch, PositionReport,
    ShiftOpening, Signed, TripReport,
};
use crate::shell::past::DrivingPeriod;
use crate::wire::fields::Fields;
use crate::wire::filter::Sieve;
use crate::wire::listed;
use crate::wire::page::Page;

const BREAKS_MAX: usize = 10;
const BREAK_MAX: Span = Span::from_mins(12 * 60);
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
    let rules = vehicle::rules(&mut fields, vehicle, &vehicle::MASK);
    let wish = || {
        let name = VehicleName { tenant: tenant?.0, vehicle: id? };
        Some(NewVehicle { name, area: area?, rules: rules? })
    };
    fields.finish_rehearsable(request.validate_only, origin, wish())
}

pub fn update_vehicle(caller: &Caller, request: pb::UpdateVehicleRequest) -> Result<Signed<ChangedVehicle>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("FleetService/UpdateVehicle", &request, &request.request_id);
    if request.vehicle.is_none() {
        fields.wrong("vehicle", "required");
    }
    let told = request.vehicle.unwrap_or_default();
    let name = fields.name::<VehicleName>("vehicle.name", &told.name);
    let etag = fields.text("vehicle.etag", told.etag.clone(), 64);
    let mask = fields.mask("update_mask", request.update_mask, &vehicle::MASK);
    let rules = mask.and_then(|mask| vehicle::rules(&mut fields, told, &mask));
    let wish = || Some(ChangedVehicle { name: name?, etag: etag?, rules: rules? });
    fields.finish_rehearsable(request.validate_only, origin, wish())
}

pub fn retire_vehicle(caller: &Caller, request: pb::RetireVehicleRequest) -> Result<Signed<VehicleName>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("FleetService/RetireVehicle", &request, &request.request_id);
    let name = fields.name("name", &request.name);
    fields.finish_rehearsable(request.validate_only, origin, name)
}

pub fn batch_get_vehicles(caller: &Caller, request: &pb::BatchGetVehiclesRequest) -> Result<Vec<VehicleName>, Fault> {
    let mut fields = Fields::of(caller);
    let parent = fields.name::<TenantName>("parent", &request.parent);
    let is_of = |name: &VehicleName| parent.as_ref().is_none_or(|parent| name.tenant == parent.0);
    let names = batch(&mut fields, &request.names, is_of);
    fields.finish(names)
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
    let has_end = shift.end_place.is_some();
    let end_place = shift.end_place.or_else(|| shift.start_place.clone());
    let driver = match shift.driver.as_str() {
        "" => Some(None),
        driver => fields.name::<DriverName>("shift.driver", driver).map(Some),
    };
    let breaks = breaks(&mut fields, shift.breaks, shift.start_place.as_ref(), roads);
    let declared = declared_trip(&mut fields, shift.declared_trip);
    if declared.is_some_and(|declared| declared.is_some()) && !has_end {
        fields.wrong("shift.end_place", "required for a declared trip");
    }
    let on_call = on_call(&mut fields, shift.on_call);
    if on_call.is_some_and(|on_call| on_call.is_some()) {
        if breaks.as_ref().is_some_and(|breaks| !breaks.is_empty()) {
            fields.wrong("shift.breaks", "none for a shift that is on call; let it end before the break");
        }
        if declared.is_some_and(|declared| declared.is_some()) {
            fields.wrong("shift.declared_trip", "not for a shift that is on call: a declared trip happens anyway");
        }
    }
    let start = place(&mut fields, "shift.start_place", shift.start_place, roads.map, roads.depots());
    let end = place(&mut fields, "shift.end_place", end_place, roads.map, roads.depots());
    let checked = || {
        let name = ShiftName { vehicle: vehicle?, shift: id? };
        Some((name, window?, (start?, end?), driver?, breaks?, (declared?, on_call?)))
    };
    let Signed { origin, is_rehearsal, wish: (name, window, (start, end), driver, breaks, (declared, on_call)) } =
        fields.finish_rehearsable(request.validate_only, origin, checked())?;
    let breaks: Result<Vec<NewBreak>, Fault> = breaks
        .into_iter()
        .enumerate()
        .map(|(index, (place, window, length))| {
            Ok(NewBreak { place: on_road(&format!("breaks[{index}].place"), place)?, window, length })
        })
        .collect();
    let wish = NewShift {
        name,
        window,
        start: on_road("start_place", start)?,
        end: on_road("end_place", end)?,
        driver,
        breaks: breaks?,
        declared,
        on_call,
    };
    Ok(Signed { origin, is_rehearsal, wish })
}

type ToldBreak = (Result<Spot, NoRoadNear>, TimeWindow, Span);

/// Breaks in the order they are taken; without a place where the shift starts.
fn breaks(
    fields: &mut Fields<'_>,
    breaks: Vec<pb::Break>,
    start_place: Option<&Place>,
    roads: Snapper<'_>,
) -> Option<Vec<ToldBreak>> {
    if BREAKS_MAX < breaks.len() {
        fields.wrong("shift.breaks", format!("at most {BREAKS_MAX}, were {}", breaks.len()));
        return None;
    }
    let numbered = breaks.into_iter().enumerate();
    let checked: Vec<Option<ToldBreak>> = numbered
        .map(|(index, rest)| {
            let field = format!("shift.breaks[{index}]");
            let ends = rest.window.unwrap_or_default();
            let earliest = fields.time(&format!("{field}.window.earliest_time"), ends.earliest_time);
            let latest = fields.time(&format!("{field}.window.latest_time"), ends.latest_time);
            let window = earliest.zip(latest).and_then(|(earliest, latest)| TimeWindow::new(earliest, latest).ok());
            if window.is_none() && earliest.is_some() && latest.is_some() {
                fields.wrong(format!("{field}.window"), "the window ends before it starts");
            }
            let length = fields.optional_span(&format!("{field}.length_duration"), rest.length_duration, BREAK_MAX)?;
            let length = length.filter(|length| Span::ZERO < *length);
            if length.is_none() {
                fields.wrong(format!("{field}.length_duration"), "required; more than 0");
            }
            let at = rest.place.or_else(|| start_place.cloned())?;
            let at = place(fields, &format!("{field}.place"), Some(at), roads.map, roads.depots());
            Some((at?, window?, length?))
        })
        .collect();
    checked.into_iter().collect()
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
    let sieve = Sieve::of_request(&mut fields, listed::VEHICLES, &request.filter, &request.order_by);
    let query = format!("vehicles of {} {}", request.parent, sieve.query());
    let page = Page::of_request(&mut fields, request.page_size, &request.page_token, query)?;
    fields.finish(parent.map(|parent| List { parent, page, sieve }))
}

pub fn list_shifts(caller: &Caller, request: &pb::ListShiftsRequest) -> Result<List<VehicleName>, Fault> {
    let mut fields = Fields::of(caller);
    let parent = fields.name("parent", &request.parent);
    let sieve = Sieve::of_request(&mut fields, listed::SHIFTS, &request.filter, &request.order_by);
    let query = format!("shifts of {} {}", request.parent, sieve.query());
    let page = Page::of_request(&mut fields, request.page_size, &request.page_token, query)?;
    fields.finish(parent.map(|parent| List { parent, page, sieve }))
}

/// A batch is a batch, however it comes.
pub fn stream_positions(caller: &Caller, request: pb::StreamPositionsRequest) -> Result<PositionBatch, Fault> {
    let pb::StreamPositionsRequest { vehicle, positions } = request;
    report_positions(caller, pb::ReportPositionsRequest { vehicle, positions })
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

pub fn end_break(caller: &Caller, request: pb::EndBreakRequest) -> Result<Signed<TripReport>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("FleetService/EndBreak", &request, &request.request_id);
    let stop = fields.name::<StopName>("stop", &request.stop);
    trip_report(fields, origin, stop.map(Deed::EndBreak), (request.device_time, request.validate_only))
}

pub fn end_repositioning(caller: &Caller, request: pb::EndRepositioningRequest) -> Result<Signed<TripReport>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("FleetService/EndRepositioning", &request, &request.request_id);
    let vehicle = fields.name::<VehicleName>("vehicle", &request.vehicle);
    trip_report(fields, origin, vehicle.map(Deed::EndRepositioning), (request.device_time, request.validate_only))
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
    let sees_booking = deed.as_ref().and_then(Deed::booking).is_none_or(|name| fields.caller().sees(&name.to_string()));
    let report = deed.map(|deed| TripReport { deed, at, sees_booking });
    fields.finish_rehearsable(validate_only, origin, report)
}

/// Riders of all tenants of an area ride in one pool of vehicles: the vehicle must be the caller's, the booking only on it.
fn party(fields: &mut Fields<'_>, booking: &str, vehicle: &str) -> Option<(BookingName, VehicleName)> {
    let booking = fields.name_of_anyone("booking", booking);
    booking.zip(fields.name("vehicle", vehicle))
}

fn on_road(field: &str, place: Result<Spot, NoRoadNear>) -> Result<Spot, Fault> {
    let field = format!("shift.{field}");
    place.map_err(|off| {
        Fault::new(ErrorReason::PlaceOffRoad, format!("{field}: {off}")).with("field", &field).at_field(&field)
    })
}

/// A shift of another vehicle is no shift of this manifest.
pub fn get_manifest(
    caller: &Caller,
    request: &pb::GetManifestRequest,
) -> Result<(ManifestName, Option<ShiftName>), Fault> {
    let mut fields = Fields::of(caller);
    let manifest = fields.name::<ManifestName>("name", &request.name);
    let shift = match request.shift.as_str() {
        "" => Some(None),
        shift => fields.name::<ShiftName>("shift", shift).map(Some),
    };
    if let (Some(manifest), Some(Some(shift))) = (&manifest, &shift)
        && manifest.0 != shift.vehicle
    {
        fields.wrong("shift", format!("a shift of {}", manifest.0));
    }
    fields.finish(manifest.zip(shift))
}

pub fn acknowledge_manifest(
    caller: &Caller,
    request: pb::AcknowledgeManifestRequest,
) -> Result<Signed<ManifestHad>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("FleetService/AcknowledgeManifest", &request, &request.request_id);
    let manifest = fields.name::<ManifestName>("name", &request.name);
    let etag = fields.required_text("etag", request.etag, ETAG_MAX);
    let revision = u64::try_from(request.revision).ok().filter(|&revision| 0 < revision);
    if revision.is_none() {
        fields.wrong("revision", format!("required; the `revision` of that manifest, was {}", request.revision));
    }
    let at = fields.optional_time("device_time", request.device_time);
    let wish = || Some(ManifestHad { manifest: manifest?, etag: etag?, revision: revision?, at });
    fields.finish_rehearsable(request.validate_only, origin, wish())
}

/// Driving records of one export, at most.
const EXPORT_MAX: Span = Span::from_mins(400 * 24 * 60);

pub fn export_driving_records(
    caller: &Caller,
    request: &pb::ExportDrivingRecordsRequest,
) -> Result<DrivingPeriod, Fault> {
    let mut fields = Fields::of(caller);
    let tenant = fields.name::<TenantName>("parent", &request.parent);
    let from = fields.time("start_time", request.start_time);
    let until = fields.time("end_time", request.end_time);
    if from.zip(until).is_some_and(|(from, until)| until <= from || EXPORT_MAX < until - from) {
        fields.wrong("end_time", "after `start_time`, at most 400 days");
    }
    let vehicle = match request.vehicle.as_str() {
        "" => Some(None),
        vehicle => fields.name::<VehicleName>("vehicle", vehicle).map(Some),
    };
    if let (Some(tenant), Some(Some(vehicle))) = (&tenant, &vehicle)
        && tenant.0 != vehicle.tenant
    {
        fields.wrong("vehicle", format!("a vehicle of {tenant}"));
    }
    let wish = || Some(DrivingPeriod { tenant: tenant?.0, from: from?, until: until?, vehicle: vehicle? });
    let wish = wish();
    fields.finish(wish)
}

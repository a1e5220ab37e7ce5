//! What is said about services and declared trips: who and which, here; their rules, by the checks of the configuration.
//!
//! Rules are judged where they are set, since a change is merged into what is there. [`reader`] turns a message into the
//! raw tables that the file is read into, with the path of each field.

mod reader;

use mukae_maps::{PreparedMap, SnapOptions};
use mukae_proto::transit::area::v1 as pb;
use mukae_proto::transit::fleet::v1 as fleet_pb;
use mukae_proto::transit::units::v1::ErrorReason;
use mukae_units::Metres;

use super::{id, lat_lng};
use crate::caller::Caller;
use crate::config::{AreaConfig, DriverConfig, Managed, ServiceConfig, ShiftConfig, VehicleConfig, ZoneConfig, told};
use crate::errors::Fault;
use crate::names::{AreaName, DriverName, ServiceName, TenantName, TripName, VehicleName};
use crate::shell::input::{
    CancelledTrip, ChangedService, ChangedTrip, List, NearPoint, NewService, NewTrip, PointList, Signed, TripScope,
};
use crate::wire::fields::Fields;
use crate::wire::filter::Sieve;
use crate::wire::page::Page;
use reader::Reader;

/// The fields of a service that an update may name.
const SERVICE_MASK: &[&str] = &[
    "display_name",
    "wait_max_duration",
    "promise_width_duration",
    "ride_extra_duration",
    "ride_factor_percent",
    "ride_max_duration",
    "dwell_per_stop_duration",
    "dwell_per_party_duration",
    "dwell_per_seat_duration",
    "dwell_per_wheelchair_duration",
    "offer_ttl_duration",
    "notice_min_duration",
    "horizon_duration",
    "no_show_after_duration",
    "door_to_door",
    "walk_max_to_pickup_duration",
    "walk_max_from_dropoff_duration",
    "hold_max_duration",
    "offers_max",
    "hours",
    "closed",
    "extra",
    "book_until",
    "book_until_days_before",
    "book_from",
    "book_from_days_before",
    "zones",
    "driven_by",
    "party_max",
    "fare",
    "cancellation",
    "suspension",
    "own_zones",
    "own_meeting_points",
];
/// Those of a declared trip.
const TRIP_MASK: &[&str] = &[
    "driver",
    "vehicle",
    "from_place",
    "to_place",
    "leave",
    "arrive",
    "days",
    "first",
    "last",
    "not_on",
    "also_on",
    "shifted",
    "seats",
    "detour_max_duration",
    "detour_max_meters",
    "tier",
    "zones",
];
const ETAG_MAX: usize = 64;
const PREFIX_MAX: usize = 200;
const NEAR_MAX: i32 = 100_000;
/// Behind an id of a trip come the date and a number.
const TRIP_ID_MAX: usize = 50;

pub fn create_service(caller: &Caller, request: pb::CreateServiceRequest) -> Result<Signed<NewService>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("SetupService/CreateService", &request, &request.request_id);
    let id = id(&mut fields, "service_id", &request.service_id, "s", &request.request_id);
    let tenant = fields.name::<TenantName>("parent", &request.parent);
    if request.service.is_none() {
        fields.wrong("service", "required");
    }
    let told = request.service.unwrap_or_default();
    let area = fields.name::<AreaName>("service.area", &told.area);
    let wish = || {
        let name = ServiceName { tenant: tenant?.0, service: id? };
        Some(NewService { name, area: area?, told })
    };
    fields.finish_rehearsable(request.validate_only, origin, wish())
}

pub fn update_service(caller: &Caller, request: pb::UpdateServiceRequest) -> Result<Signed<ChangedService>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("SetupService/UpdateService", &request, &request.request_id);
    if request.service.is_none() {
        fields.wrong("service", "required");
    }
    let told = request.service.unwrap_or_default();
    let name = fields.name::<ServiceName>("service.name", &told.name);
    let etag = fields.text("service.etag", told.etag.clone(), ETAG_MAX);
    let mask = fields.mask("update_mask", request.update_mask, SERVICE_MASK);
    let wish = || Some(ChangedService { name: name?, etag: etag?, mask: mask?, told });
    fields.finish_rehearsable(request.validate_only, origin, wish())
}

pub fn list_services(caller: &Caller, request: &pb::ListServicesRequest) -> Result<List<TenantName>, Fault> {
    let mut fields = Fields::of(caller);
    let parent = fields.name("parent", &request.parent);
    let sieve = Sieve::of_request(&mut fields, crate::wire::listed::SERVICES, &request.filter, &request.order_by);
    let query = format!("services of {} {}", request.parent, sieve.query());
    let page = Page::of_request(&mut fields, request.page_size, &request.page_token, query)?;
    fields.finish(parent.map(|parent| List { parent, page, sieve }))
}

pub fn list_service_revisions(
    caller: &Caller,
    request: &pb::ListServiceRevisionsRequest,
) -> Result<List<ServiceName>, Fault> {
    let mut fields = Fields::of(caller);
    let parent = fields.name("parent", &request.parent);
    let query = format!("revisions of {}", request.parent);
    let page = Page::of_request(&mut fields, request.page_size, &request.page_token, query)?;
    fields.finish(parent.map(|parent| List { parent, page, sieve: Sieve::default() }))
}

pub fn list_meeting_points(caller: &Caller, request: pb::ListMeetingPointsRequest) -> Result<PointList, Fault> {
    let mut fields = Fields::of(caller);
    let parent = fields.name("parent", &request.parent);
    let near = request.near_position;
    let position = near.and_then(|near| lat_lng(&mut fields, "near_position", Some(near)));
    let max = match request.max_distance_meters {
        None => Some(None),
        Some(_) if near.is_none() => {
            fields.wrong("max_distance_meters", "goes with `near_position`");
            None
        }
        Some(metres) => fields.integer("max_distance_meters", metres, 1, NEAR_MAX).map(Some),
    };
    let prefix = fields.text("prefix", request.prefix, PREFIX_MAX);
    let told = near.map(|near| (near.latitude.to_bits(), near.longitude.to_bits()));
    let query = format!("points of {} {told:?} {max:?} {prefix:?}", request.parent);
    let page = Page::of_request(&mut fields, request.page_size, &request.page_token, query)?;
    let wish = || {
        let max = max?.map(|metres| Metres::from_metres(u64::from(metres.unsigned_abs())));
        let near = match near {
            None => None,
            Some(_) => Some(NearPoint { position: position?, max }),
        };
        Some(PointList { service: parent?, page, prefix: prefix?, near })
    };
    fields.finish(wish())
}

pub fn create_trip(caller: &Caller, request: fleet_pb::CreateTripDeclarationRequest) -> Result<Signed<NewTrip>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("DriverService/CreateTripDeclaration", &request, &request.request_id);
    let chosen = &request.trip_declaration_id;
    let id = id(&mut fields, "trip_declaration_id", chosen, "t", &request.request_id);
    if TRIP_ID_MAX < chosen.len() {
        fields.wrong("trip_declaration_id", format!("at most {TRIP_ID_MAX} characters, were {}", chosen.len()));
    }
    let tenant = fields.name::<TenantName>("parent", &request.parent);
    if request.trip_declaration.is_none() {
        fields.wrong("trip_declaration", "required");
    }
    let told = request.trip_declaration.unwrap_or_default();
    names_of_trip(&mut fields, tenant.as_ref().map(|tenant| tenant.0.as_str()), &told, &["driver", "vehicle"]);
    let wish = || Some(NewTrip { name: TripName { tenant: tenant?.0, trip: id? }, told });
    fields.finish_rehearsable(request.validate_only, origin, wish())
}

pub fn update_trip(
    caller: &Caller,
    request: fleet_pb::UpdateTripDeclarationRequest,
) -> Result<Signed<ChangedTrip>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("DriverService/UpdateTripDeclaration", &request, &request.request_id);
    if request.trip_declaration.is_none() {
        fields.wrong("trip_declaration", "required");
    }
    let told = request.trip_declaration.unwrap_or_default();
    let name = fields.name::<TripName>("trip_declaration.name", &told.name);
    let etag = fields.text("trip_declaration.etag", told.etag.clone(), ETAG_MAX);
    let mask = fields.mask("update_mask", request.update_mask, TRIP_MASK);
    names_of_trip(&mut fields, name.as_ref().map(|name| name.tenant.as_str()), &told, mask.as_deref().unwrap_or(&[]));
    let from = date(&mut fields, "effective_date", &request.effective_date);
    let wish = || Some(ChangedTrip { name: name?, etag: etag?, mask: mask?, from: from?, told });
    fields.finish_rehearsable(request.validate_only, origin, wish())
}

pub fn cancel_trip(
    caller: &Caller,
    request: fleet_pb::CancelTripDeclarationRequest,
) -> Result<Signed<CancelledTrip>, Fault> {
    use fleet_pb::cancel_trip_declaration_request::Scope;
    let mut fields = Fields::of(caller);
    let origin = fields.sign("DriverService/CancelTripDeclaration", &request, &request.request_id);
    let name = fields.name::<TripName>("name", &request.name);
    let etag = fields.text("etag", request.etag, ETAG_MAX);
    let scope = match request.scope {
        None => Some(TripScope::From(None)),
        Some(Scope::FromDate(from)) => date(&mut fields, "from_date", &from).map(TripScope::From),
        Some(Scope::Date(day)) => match date(&mut fields, "date", &day) {
            Some(None) => {
                fields.wrong("date", "required; write a date like \"2026-12-31\"");
                None
            }
            Some(Some(day)) => Some(TripScope::Day(day)),
            None => None,
        },
    };
    let wish = || Some(CancelledTrip { name: name?, etag: etag?, scope: scope? });
    fields.finish_rehearsable(request.validate_only, origin, wish())
}

pub fn list_trips(caller: &Caller, request: &fleet_pb::ListTripDeclarationsRequest) -> Result<List<TenantName>, Fault> {
    let mut fields = Fields::of(caller);
    let parent = fields.name("parent", &request.parent);
    let sieve = Sieve::of_request(&mut fields, crate::wire::listed::TRIPS, &request.filter, &request.order_by);
    let query = format!("trips of {} {}", request.parent, sieve.query());
    let page = Page::of_request(&mut fields, request.page_size, &request.page_token, query)?;
    fields.finish(parent.map(|parent| List { parent, page, sieve }))
}

/// A driver and a vehicle are of the trip's own tenant: its shifts are called after the trip.
fn names_of_trip(fields: &mut Fields<'_>, tenant: Option<&str>, told: &fleet_pb::TripDeclaration, mask: &[&str]) {
    let same = |fields: &mut Fields<'_>, field: &str, of: Option<String>| {
        if of.is_some_and(|of| tenant.is_some_and(|tenant| tenant != of)) {
            fields.wrong(field, "of the same tenant as the trip");
        }
    };
    if mask.contains(&"driver") {
        let driver = fields.name::<DriverName>("trip_declaration.driver", &told.driver);
        same(fields, "trip_declaration.driver", driver.map(|driver| driver.tenant));
    }
    if mask.contains(&"vehicle") {
        let vehicle = fields.name::<VehicleName>("trip_declaration.vehicle", &told.vehicle);
        same(fields, "trip_declaration.vehicle", vehicle.map(|vehicle| vehicle.tenant));
    }
}

/// `Some(None)` if nothing is written.
fn date(fields: &mut Fields<'_>, field: &str, text: &str) -> Option<Option<jiff::civil::Date>> {
    if text.is_empty() {
        return Some(None);
    }
    let date = text.parse().ok();
    if date.is_none() {
        fields.wrong(field, format!("{text:?}; write a date like \"2026-12-31\""));
    }
    date.map(Some)
}

/// Copies the fields that `mask` names; the others stay as they are.
pub fn merge_service(current: &mut pb::Service, told: pb::Service, mask: &[&str]) {
    macro_rules! merge {
        ($($field:ident),* $(,)?) => {$(
            if mask.contains(&stringify!($field)) {
                current.$field = told.$field;
            }
        )*};
    }
    merge!(
        display_name,
        wait_max_duration,
        promise_width_duration,
        ride_extra_duration,
        ride_factor_percent,
        ride_max_duration,
        dwell_per_stop_duration,
        dwell_per_party_duration,
        dwell_per_seat_duration,
        dwell_per_wheelchair_duration,
        offer_ttl_duration,
        notice_min_duration,
        horizon_duration,
        no_show_after_duration,
        door_to_door,
        walk_max_to_pickup_duration,
        walk_max_from_dropoff_duration,
        hold_max_duration,
        offers_max,
        hours,
        closed,
        extra,
        book_until,
        book_until_days_before,
        book_from,
        book_from_days_before,
        zones,
        driven_by,
        party_max,
        fare,
        cancellation,
        suspension,
        own_zones,
        own_meeting_points,
    );
}

/// Copies the fields that `mask` names; the others stay as they are.
pub fn merge_trip(current: &mut fleet_pb::TripDeclaration, told: fleet_pb::TripDeclaration, mask: &[&str]) {
    macro_rules! merge {
        ($($field:ident),* $(,)?) => {$(
            if mask.contains(&stringify!($field)) {
                current.$field = told.$field;
            }
        )*};
    }
    merge!(
        driver,
        vehicle,
        from_place,
        to_place,
        leave,
        arrive,
        days,
        first,
        last,
        not_on,
        also_on,
        shifted,
        seats,
        detour_max_duration,
        detour_max_meters,
        tier,
        zones,
    );
}

/// The rules of a service, judged; `zones` are those of the area.
pub fn service_config(
    name: &ServiceName,
    told: &pb::Service,
    area: &AreaConfig,
    zones: &[ZoneConfig],
) -> Result<ServiceConfig, Fault> {
    let mut reader = Reader::default();
    let raw = reader.service(name, told);
    let Reader { paths, mut violations } = reader;
    let judged = told::service(raw, &paths, area, zones);
    match judged {
        Ok(mut service) if violations.is_empty() => {
            service.managed = Managed::ByInterface;
            Ok(service)
        }
        judged => {
            violations.extend(judged.err().unwrap_or_default());
            Err(Fault::invalid(violations))
        }
    }
}

/// What a trip is declared against.
#[derive(Clone, Copy, Debug)]
pub struct TripGround<'a> {
    pub area: &'a AreaConfig,
    pub vehicles: &'a [VehicleConfig],
    pub drivers: &'a [DriverConfig],
    pub zones: &'a [ZoneConfig],
    pub map: &'a PreparedMap,
}

/// A declared trip, judged.
pub fn trip_config(told: &fleet_pb::TripDeclaration, ground: TripGround<'_>) -> Result<ShiftConfig, Fault> {
    let mut reader = Reader::default();
    let raw = reader.trip(told);
    let Reader { paths, mut violations } = reader;
    let TripGround { area, vehicles, drivers, zones, map } = ground;
    let trip = match told::declared_trip(raw, &paths, area, vehicles, drivers, zones) {
        Ok(trip) if violations.is_empty() => trip,
        judged => {
            violations.extend(judged.err().unwrap_or_default());
            return Err(Fault::invalid(violations));
        }
    };
    let options = SnapOptions::any_road(area.snap_limit);
    for (field, point) in [("from_place", &trip.start_place), ("to_place", &trip.end_place)] {
        map.snap_by(point.position, &options).map_err(|off| {
            let field = format!("trip_declaration.{field}");
            Fault::new(ErrorReason::PlaceOffRoad, format!("{field}: {off}")).with("field", field)
        })?;
    }
    Ok(trip)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::Config;
    use crate::wire::to_proto;

    /// What the interface shows of a service of the file, told back to it, is the same service.
    #[test]
    fn rules_are_told_as_they_are_read() {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/configurations");
        let mut count = 0;
        for entry in std::fs::read_dir(&directory).unwrap() {
            let file = entry.unwrap().path();
            if file.extension().is_none_or(|extension| extension != "toml") {
                continue;
            }
            let config = Config::load(&file).unwrap_or_else(|error| panic!("{error}"));
            for service in &config.services {
                let told = to_proto::rules(&config.area, service);
                let read = service_config(&service.name, &told, &config.area, &config.zones).unwrap();
                let expected = ServiceConfig { managed: Managed::ByInterface, ..service.clone() };
                assert_eq!(read, expected, "{}", file.display());
                count += 1;
            }
        }
        assert!(4 <= count, "{count} services");
    }
}

//! What the interface tells, judged by the checks of the file.
//!
//! A message is read into the same raw tables as the file, with a number for the path of each of its fields in the place
//! of an offset; what is wrong comes back under these paths.

use toml::{Spanned, Value};

use super::check::{Check, Source};
use super::raw::{RawDeclaredTrip, RawMeetingPoint, RawService};
use super::zones::ZoneConfig;
use super::{AreaConfig, DriverConfig, ServiceConfig, ShiftConfig, VehicleConfig};
use crate::errors::Violation;
use crate::names::is_id;
use geo::MultiPolygon;

/// The paths of the fields that were told, by their numbers.
#[derive(Debug, Default)]
pub struct Paths(Vec<String>);

impl Paths {
    /// A value with its place.
    pub fn at<T>(&mut self, path: impl Into<String>, value: T) -> Spanned<T> {
        let number = self.0.len();
        self.0.push(path.into());
        Spanned::new(number..number, value)
    }

    fn violations(&self, check: Check<'_>) -> Vec<Violation> {
        let problems = check.into_problems().into_iter();
        let field = |number: usize| self.0.get(number).cloned().unwrap_or_default();
        problems.map(|problem| Violation { field: field(problem.line), description: problem.what }).collect()
    }
}

/// A service with what is its own.
#[derive(Debug)]
pub struct ToldService {
    pub service: Spanned<RawService>,
    /// Under full names.
    pub zones: Vec<(Spanned<String>, Corners)>,
    pub points: Vec<Spanned<RawMeetingPoint>>,
}

/// Each as latitude and longitude.
pub type Corners = Spanned<Vec<Spanned<Vec<Value>>>>;

/// Judges a service; `zones` are those of the area.
pub fn service(
    told: ToldService,
    paths: &Paths,
    area: &AreaConfig,
    zones: &[ZoneConfig],
) -> Result<ServiceConfig, Vec<Violation>> {
    let mut check = Check::of(Source::Message);
    let mut known: Vec<String> = zones.iter().map(|zone| zone.id.clone()).collect();
    let mut own: Vec<ZoneConfig> = Vec::new();
    for (id, corners) in told.zones {
        if !is_id(id.as_ref()) {
            check.wrong(&id, "1 to 63 of a-z, 0-9 and -, starting with a letter".to_owned());
        } else if known.contains(id.as_ref()) {
            check.wrong(&id, format!("there is a zone {} already; choose another id", id.as_ref()));
        }
        let shape = check.polygon(corners).map(|polygon| MultiPolygon(vec![polygon]));
        known.push(id.as_ref().clone());
        own.extend(shape.map(|shape| ZoneConfig { id: id.into_inner(), shape }));
    }
    let days_place = told.service.span().start;
    let mut service = check.service(told.service, &known);
    let lines: Vec<usize> = told.points.iter().map(|point| check.line(point.span().start)).collect();
    let points = told.points.into_iter().filter_map(|point| check.meeting_point(point, &[])).collect::<Vec<_>>();
    if lines.len() == points.len() {
        check.names_once("meeting point", &lines, points.iter().map(|point| point.id.clone()));
    }
    if check.lacks_holidays(area.holidays) {
        let what = "`days` speaks of holidays, and the area keeps none; say whose in the configuration file";
        check.note(days_place, what.to_owned());
    }
    let violations = paths.violations(check);
    if !violations.is_empty() {
        return Err(violations);
    }
    let prefix = service.zone_prefix();
    let full = |names: &mut Vec<String>| {
        for name in names {
            if own.iter().any(|zone| zone.id == *name) {
                *name = format!("{prefix}{name}");
            }
        }
    };
    for (from, to) in &mut service.zones {
        full(from);
        full(to);
    }
    if let Some(super::TableConfig::ByZones { rows, .. }) = service.tariff.as_mut().map(|tariff| &mut tariff.table) {
        for row in rows {
            full(&mut row.from);
            full(&mut row.to);
        }
    }
    let own = own.into_iter().map(|zone| ZoneConfig { id: format!("{prefix}{}", zone.id), shape: zone.shape });
    service.own_zones = own.collect();
    service.own_points = points;
    for point in &mut service.own_points {
        point.services = Some([service.name.clone()].into());
    }
    Ok(service)
}

/// Judges a declared trip.
pub fn declared_trip(
    told: Spanned<RawDeclaredTrip>,
    paths: &Paths,
    area: &AreaConfig,
    vehicles: &[VehicleConfig],
    drivers: &[DriverConfig],
    zones: &[ZoneConfig],
) -> Result<ShiftConfig, Vec<Violation>> {
    let mut check = Check::of(Source::Message);
    let place = told.span().start;
    let zones: Vec<String> = zones.iter().map(|zone| zone.id.clone()).collect();
    let trip = check.declared_trip(told, vehicles, drivers, &zones);
    if check.lacks_holidays(area.holidays) {
        let what = "`days` speaks of holidays, and the area keeps none; say whose in the configuration file";
        check.note(place, what.to_owned());
    }
    let violations = paths.violations(check);
    match trip {
        Some(trip) if violations.is_empty() => Ok(trip),
        _ => Err(violations),
    }
}

impl ServiceConfig {
    /// Before the ids of its own zones.
    pub fn zone_prefix(&self) -> String {
        format!("{}/zones/", self.name)
    }
}

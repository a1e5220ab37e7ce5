//! What is said about vehicles, shifts, trips and drivers, and by them.

use std::collections::BTreeSet;

use jiff::civil::Date;
use mukae_engine::model::{Crew, DeclaredTrip, DriverKind, OnCall, Spot, Tier};
use mukae_proto::transit::fleet::v1 as fleet_pb;
use mukae_record::Principal;
use mukae_units::{LatLon, Seats, Span, Substitutions, Time, TimeWindow};

use crate::names::{
    AreaName, BookingName, DriverName, ManifestName, ServiceName, ShiftName, StopName, TripName, VehicleName,
};

#[derive(Debug)]
pub struct NewVehicle {
    pub name: VehicleName,
    pub area: AreaName,
    /// All of them said.
    pub rules: VehicleRules,
}

#[derive(Debug)]
pub struct ChangedVehicle {
    pub name: VehicleName,
    /// Empty: whatever it is by now.
    pub etag: String,
    pub rules: VehicleRules,
}

/// What may change about a vehicle; `None` stays as it is.
#[derive(Debug, Default)]
pub struct VehicleRules {
    pub display_name: Option<String>,
    /// As it is set up first.
    pub capacity: Option<Seats>,
    pub other_configurations: Option<Vec<Seats>>,
    pub substitutions: Option<Substitutions>,
    /// By what the configuration calls them; new ones may be among them.
    pub features: Option<BTreeSet<String>>,
    /// None: those of all.
    pub services: Option<Vec<ServiceName>>,
    pub zones: Option<BTreeSet<String>>,
    pub crew: Option<Crew>,
}

#[derive(Debug)]
pub struct NewTrip {
    pub name: TripName,
    /// Judged where it is declared.
    pub told: fleet_pb::TripDeclaration,
}

#[derive(Debug)]
pub struct ChangedTrip {
    pub name: TripName,
    /// Empty: whatever it is by now.
    pub etag: String,
    /// The fields to take over.
    pub mask: Vec<&'static str>,
    /// Without it, from today on.
    pub from: Option<Date>,
    pub told: fleet_pb::TripDeclaration,
}

#[derive(Debug)]
pub struct CancelledTrip {
    pub name: TripName,
    /// Empty: whatever it is by now.
    pub etag: String,
    pub scope: TripScope,
}

#[derive(Clone, Copy, Debug)]
pub enum TripScope {
    Day(Date),
    /// All from then on; without it, from today on.
    From(Option<Date>),
}

#[derive(Debug)]
pub struct NewShift {
    pub name: ShiftName,
    pub window: TimeWindow,
    pub start: Spot,
    pub end: Spot,
    pub driver: Option<DriverName>,
    /// In the order they are taken.
    pub breaks: Vec<NewBreak>,
    pub declared: Option<DeclaredTrip>,
    pub on_call: Option<OnCall>,
}

#[derive(Debug)]
pub struct NewBreak {
    pub place: Spot,
    pub window: TimeWindow,
    pub length: Span,
}

#[derive(Debug)]
pub struct NewDriver {
    pub name: DriverName,
    pub display_name: String,
    pub kind: DriverKind,
    pub tier: Tier,
    pub cooldown: Span,
    pub asks_per_week_max: u32,
}

#[derive(Debug)]
pub struct UpdatedDriver {
    pub name: DriverName,
    /// Empty: whatever it is by now.
    pub etag: String,
    pub rules: DriverRules,
}

/// What may change about a driver; `None` stays as it is.
#[derive(Debug, Default)]
pub struct DriverRules {
    pub display_name: Option<String>,
    pub kind: Option<DriverKind>,
    pub tier: Option<Tier>,
    pub cooldown: Option<Span>,
    pub asks_per_week_max: Option<u32>,
}

#[derive(Debug)]
pub struct AskAnswer {
    pub driver: DriverName,
    pub booking: BookingName,
    pub accepted: bool,
}

#[derive(Debug)]
pub struct ShiftOpening {
    pub shift: ShiftName,
    /// Without it, now.
    pub at: Option<Time>,
}

#[derive(Debug)]
pub struct PositionBatch {
    /// Who reports.
    pub principal: Principal,
    pub vehicle: VehicleName,
    pub reports: Vec<PositionReport>,
}

#[derive(Clone, Debug)]
pub struct PositionReport {
    pub point: LatLon,
    pub device_time: Time,
    pub sequence: i64,
    /// As it is shown to watchers.
    pub shown: fleet_pb::Position,
}

/// What a driver says has happened.
#[derive(Debug)]
pub struct TripReport {
    pub deed: Deed,
    /// Without it, now.
    pub at: Option<Time>,
    /// Else the booking may only be named if it is on the vehicle.
    pub sees_booking: bool,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Deed {
    Depart(StopName),
    Arrive(StopName),
    EndBreak(StopName),
    EndRepositioning(VehicleName),
    Board { booking: BookingName, vehicle: VehicleName },
    Alight { booking: BookingName, vehicle: VehicleName },
    NoShow { booking: BookingName, vehicle: VehicleName },
}

/// A manifest that a driver has.
#[derive(Debug)]
pub struct ManifestHad {
    pub manifest: ManifestName,
    pub etag: String,
    pub revision: u64,
    /// Since when; without it, now.
    pub at: Option<Time>,
}

#[derive(Debug)]
pub struct NewCheck {
    pub shift: ShiftName,
    /// Without it, now.
    pub checked: Option<Time>,
    pub alcohol_ug_per_litre: Option<u32>,
    pub is_sober: bool,
    pub is_well: bool,
    pub is_vehicle_fit: bool,
    pub note: String,
}

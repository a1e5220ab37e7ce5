//! The configuration as it is told, by the file or over the interface: every key, every value with its place.
//!
//! A place is what `Spanned` begins with: an offset in the file, or the number of a field's path (see
//! [`Source`](super::check::Source)), so that both are judged by the same checks.
//! Nothing is judged here beyond its type; an unknown key is refused. Keys that may be left out are
//! `Option`; their shipped values stand in `config/check.rs` where they are used.

use serde::Deserialize;
use toml::{Spanned, Value};

use super::access::{RawAuth, RawCors, RawQuota, RawTls};

pub type Text = Option<Spanned<String>>;
pub type Number = Option<Spanned<i64>>;

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct RawConfig {
    #[serde(default)]
    pub server: RawServer,
    pub auth: Option<RawAuth>,
    pub tls: Option<RawTls>,
    #[serde(default)]
    pub cors: RawCors,
    #[serde(default)]
    pub quota: RawQuota,
    #[serde(default)]
    pub journal: RawJournal,
    #[serde(default)]
    pub metrics: RawMetrics,
    #[serde(default)]
    pub people: RawPeople,
    #[serde(default)]
    pub simulations: RawSimulations,
    pub area: Option<RawArea>,
    #[serde(default)]
    pub service: Vec<Spanned<RawService>>,
    #[serde(default)]
    pub vehicle: Vec<Spanned<RawVehicle>>,
    #[serde(default)]
    pub shift: Vec<Spanned<RawShift>>,
    #[serde(default)]
    pub declared_trip: Vec<Spanned<RawDeclaredTrip>>,
    #[serde(default)]
    pub driver: Vec<Spanned<RawDriver>>,
    #[serde(default)]
    pub zone: Vec<Spanned<RawZone>>,
    #[serde(default)]
    pub meeting_point: Vec<Spanned<RawMeetingPoint>>,
}

#[derive(Deserialize, Debug, Default)]
#[serde(deny_unknown_fields)]
pub struct RawServer {
    pub listen: Text,
    pub reflection: Option<bool>,
    pub queue: Number,
    pub watchers: Number,
    pub environment: Text,
    pub behind_proxy: Option<bool>,
    pub connections: Number,
    pub connections_per_address: Number,
    pub areas: Text,
}

#[derive(Deserialize, Debug, Default)]
#[serde(deny_unknown_fields)]
pub struct RawMetrics {
    pub listen: Text,
}

#[derive(Deserialize, Debug, Default)]
#[serde(deny_unknown_fields)]
pub struct RawJournal {
    pub dir: Text,
}

#[derive(Deserialize, Debug, Default)]
#[serde(deny_unknown_fields)]
pub struct RawPeople {
    pub file: Text,
}

#[derive(Deserialize, Debug, Default)]
#[serde(deny_unknown_fields)]
pub struct RawSimulations {
    pub directory: Text,
    pub threads: Number,
    pub at_once: Number,
    pub keep_days: Number,
    pub disk_mb: Number,
    pub longest: Text,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct RawArea {
    pub id: Text,
    pub display_name: Text,
    pub time_zone: Text,
    pub map: Text,
    pub snap_limit_m: Number,
    pub shift_days_ahead: Number,
    pub holidays: Text,
    #[serde(default)]
    pub policy: RawPolicy,
    #[serde(default)]
    pub alerts: RawAlerts,
    #[serde(default)]
    pub improve: RawImprove,
    #[serde(default)]
    pub supply: RawSupply,
    pub pretrip_check_required: Option<bool>,
}

#[derive(Deserialize, Debug, Default)]
#[serde(deny_unknown_fields)]
pub struct RawAlerts {
    pub late_pull_out_after: Text,
    pub silent_after: Text,
    pub long_stop_after: Text,
}

#[derive(Deserialize, Debug, Default)]
#[serde(deny_unknown_fields)]
pub struct RawImprove {
    pub spare_time: Text,
    pub room_steps: Number,
}

#[derive(Deserialize, Debug, Default)]
#[serde(deny_unknown_fields)]
pub struct RawSupply {
    pub settings: Text,
}

#[derive(Deserialize, Debug, Default)]
#[serde(deny_unknown_fields)]
pub struct RawPolicy {
    pub driving_yen_per_min: Number,
    pub driver_time_yen_per_min: Number,
    pub rider_wait_yen_per_min: Number,
    pub excess_ride_yen_per_min: Number,
    pub wait_on_board_yen_per_min: Number,
    pub walking_yen_per_min: Number,
    pub wait_on_board_max: Text,
    pub position_tolerance: Text,
    pub retention: Text,
    pub freeze_horizon: Text,
    pub wait_first_percent: Number,
    pub ask_timeout: Text,
}

#[derive(Deserialize, Debug, Default)]
#[serde(deny_unknown_fields)]
pub struct RawService {
    pub tenant: Text,
    pub id: Text,
    pub display_name: Text,
    pub wait_max: Text,
    pub promise_width: Text,
    pub ride_extra: Text,
    pub ride_factor_percent: Number,
    pub ride_max: Text,
    pub dwell_per_stop: Text,
    pub dwell_per_party: Text,
    pub dwell_per_seat: Text,
    pub dwell_per_wheelchair: Text,
    pub offer_ttl: Text,
    pub notice_min: Text,
    pub horizon: Text,
    pub no_show_after: Text,
    pub door_to_door: Option<bool>,
    pub walk_max_to_pickup: Text,
    pub walk_max_from_dropoff: Text,
    pub hold_max: Text,
    pub offers_max: Number,
    #[serde(default)]
    pub hours: Vec<Spanned<RawHours>>,
    #[serde(default)]
    pub closed: Vec<Spanned<String>>,
    pub book_until: Text,
    pub book_until_days_before: Number,
    pub book_from: Text,
    pub book_from_days_before: Number,
    #[serde(default)]
    pub extra: Vec<Spanned<RawExtra>>,
    pub party_max: Number,
    pub driven_by: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    pub zones: Vec<Spanned<RawZonePair>>,
    pub fare: Option<Spanned<RawFare>>,
    pub cancellation: Option<Spanned<RawCancellation>>,
    pub suspension: Option<Spanned<RawSuspension>>,
    pub managed: Text,
}

/// From some zones to others.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct RawZonePair {
    pub from: Option<Vec<Spanned<String>>>,
    pub to: Option<Vec<Spanned<String>>>,
}

#[derive(Deserialize, Debug, Default)]
#[serde(deny_unknown_fields)]
pub struct RawFare {
    pub yen: Number,
    pub party_yen: Option<Spanned<Vec<Spanned<i64>>>>,
    pub zones: Option<Spanned<Vec<Spanned<RawZoneFare>>>>,
    pub distance: Option<Spanned<Vec<Spanned<RawDistanceFare>>>>,
    pub shared_discount_yen: Number,
    pub party_shares: Option<bool>,
    pub child_percent: Number,
    pub senior_percent: Number,
    pub disabled_percent: Number,
    pub rounding_yen: Number,
    pub ticket_yen: Number,
    pub cash: Option<bool>,
    pub account: Option<bool>,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct RawZoneFare {
    pub from: Option<Vec<Spanned<String>>>,
    pub to: Option<Vec<Spanned<String>>>,
    pub yen: Number,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct RawDistanceFare {
    pub up_to_m: Number,
    pub yen: Number,
}

#[derive(Deserialize, Debug, Default)]
#[serde(deny_unknown_fields)]
pub struct RawCancellation {
    pub free_until: Text,
    pub late_fee_yen: Number,
    pub no_show_fee_yen: Number,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct RawSuspension {
    pub no_shows: Number,
    pub within: Text,
    pub lasts: Text,
}

/// Service on dates that have none, or at other hours.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct RawExtra {
    pub dates: Text,
    pub start: Text,
    pub end: Text,
}

/// A polygon under a name.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct RawZone {
    pub id: Text,
    pub polygon: Option<Spanned<Vec<Spanned<Vec<Value>>>>>,
    pub geojson: Text,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct RawDriver {
    pub tenant: Text,
    pub id: Text,
    pub display_name: Text,
    pub kind: Text,
    pub tier: Text,
    pub asks_per_week: Number,
    pub cooldown: Text,
    pub managed: Text,
}

/// A private drive that takes riders along.
#[derive(Deserialize, Debug, Default)]
#[serde(deny_unknown_fields)]
pub struct RawDeclaredTrip {
    pub driver: Text,
    pub vehicle: Text,
    pub days: Option<Spanned<Value>>,
    #[serde(default)]
    pub not_on: Vec<Spanned<String>>,
    #[serde(default)]
    pub also_on: Vec<Spanned<String>>,
    pub leave: Text,
    pub arrive: Text,
    pub from: Option<Spanned<Vec<Value>>>,
    pub from_label: Text,
    pub to: Option<Spanned<Vec<Value>>>,
    pub to_label: Text,
    pub seats: Number,
    pub detour_max: Text,
    pub detour_max_m: Number,
    pub tier: Text,
    #[serde(default)]
    pub zones: Vec<Spanned<String>>,
    pub first: Text,
    pub last: Text,
    #[serde(default)]
    pub shifted: Vec<Spanned<RawShifted>>,
}

/// A day on which a trip happens at other times.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct RawShifted {
    pub date: Text,
    pub leave: Text,
    pub arrive: Text,
}

/// A rest inside a shift; it begins between two times.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct RawBreak {
    pub from: Text,
    pub to: Text,
    pub length: Text,
    pub place: Option<Spanned<Vec<Value>>>,
    pub label: Text,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct RawMeetingPoint {
    pub id: Text,
    pub place: Option<Spanned<Vec<Value>>>,
    pub label: Text,
    pub kana: Text,
    pub services: Option<Vec<Spanned<String>>>,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct RawHours {
    pub days: Option<Spanned<Value>>,
    pub start: Text,
    pub end: Text,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct RawVehicle {
    pub tenant: Text,
    pub id: Text,
    pub display_name: Text,
    pub seats: Number,
    pub wheelchairs: Number,
    pub child_seats: Number,
    pub luggage: Number,
    pub stretchers: Number,
    #[serde(default)]
    pub configurations: Vec<Spanned<RawPlaces>>,
    #[serde(default)]
    pub may_use: RawMayUse,
    #[serde(default)]
    pub features: Vec<Spanned<String>>,
    pub services: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    pub zones: Vec<Spanned<String>>,
    pub driven_by: Text,
    pub managed: Text,
}

/// Another way to set up a vehicle; what is left out is as it was.
#[derive(Deserialize, Debug, Default)]
#[serde(deny_unknown_fields)]
pub struct RawPlaces {
    pub seats: Number,
    pub wheelchairs: Number,
    pub child_seats: Number,
    pub luggage: Number,
    pub stretchers: Number,
}

/// For each kind, the kinds whose places it may use besides its own.
#[derive(Deserialize, Debug, Default)]
#[serde(deny_unknown_fields)]
pub struct RawMayUse {
    #[serde(default)]
    pub seats: Vec<Spanned<String>>,
    #[serde(default)]
    pub wheelchairs: Vec<Spanned<String>>,
    #[serde(default)]
    pub child_seats: Vec<Spanned<String>>,
    #[serde(default)]
    pub luggage: Vec<Spanned<String>>,
    #[serde(default)]
    pub stretchers: Vec<Spanned<String>>,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct RawShift {
    pub vehicle: Text,
    pub days: Option<Spanned<Value>>,
    pub start: Text,
    pub end: Text,
    pub start_place: Option<Spanned<Vec<Value>>>,
    pub end_place: Option<Spanned<Vec<Value>>>,
    pub label: Text,
    pub end_label: Text,
    #[serde(default)]
    pub features: Vec<Spanned<String>>,
    #[serde(default)]
    pub not_on: Vec<Spanned<String>>,
    #[serde(default)]
    pub also_on: Vec<Spanned<String>>,
    pub driver: Text,
    #[serde(default)]
    pub zones: Vec<Spanned<String>>,
    pub driven_by: Text,
    #[serde(default)]
    pub breaks: Vec<Spanned<RawBreak>>,
    pub on_call: Option<Spanned<RawOnCall>>,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct RawOnCall {
    pub cost: Number,
    pub notice: Text,
}

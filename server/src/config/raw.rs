//! The configuration as it is written in the file: every key, every value with its place.
//!
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
    pub area: Option<RawArea>,
    #[serde(default)]
    pub service: Vec<Spanned<RawService>>,
    #[serde(default)]
    pub vehicle: Vec<Spanned<RawVehicle>>,
    #[serde(default)]
    pub shift: Vec<Spanned<RawShift>>,
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
}

#[derive(Deserialize, Debug, Default)]
#[serde(deny_unknown_fields)]
pub struct RawJournal {
    pub dir: Text,
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
    #[serde(default)]
    pub policy: RawPolicy,
    #[serde(default)]
    pub alerts: RawAlerts,
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
    pub ask_timeout: Text,
}

#[derive(Deserialize, Debug)]
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
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct RawMeetingPoint {
    pub place: Option<Spanned<Vec<Value>>>,
    pub label: Text,
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
}

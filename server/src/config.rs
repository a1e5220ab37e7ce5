//! The configuration of a server: its areas, their services, vehicles and regular shifts.
//!
//! A TOML file becomes a [`Config`] in two steps: `raw` reads keys and types, `check` judges values
//! and fills in the shipped ones. All problems of a file are told at once, each with its line.
//! Lengths of time are text with units (`"1 h 30 min"`), money is whole yen, lengths say their unit
//! in the key. Paths are relative to the file. `docs/configuration.md` lists every key.

mod access;
mod calendar;
mod capacity;
mod check;
mod fares;
mod guidance;
mod holidays;
mod hours;
mod installation;
pub(crate) mod raw;
mod settings;
mod simulations;
pub(crate) mod told;
mod values;
mod work;
mod zones;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil;
use jiff::tz::TimeZone;
use mukae_config::unknown_key;
use mukae_engine::model::{Crew, Policy, ServicePolicy, Suspension};
use mukae_maps::PreparedMap;
use mukae_units::{Capacity, LatLon, Metres, Span};

use crate::names::{AreaName, ServiceName, VehicleName};

pub use access::{
    AccessConfig, AuthConfig, ConnectionLimits, IssuerConfig, Quota, QuotaConfig, ServiceAccount, TlsConfig,
};
pub use calendar::{
    DayRule, Days, Holidays, PlannedShift, TripDays, at as civil_instant, civil_date, civil_datetime, next_midnight,
    service_days, shift_on, shifts_on,
};
pub use fares::{TableConfig, TariffConfig, ZoneFareConfig};
pub use guidance::{BadGuidance, Guidance};
pub use holidays::{is_japanese_holiday, japanese_holidays};
pub use installation::{AreaFile, AreaToServe, Installation};
pub use mukae_config::Problem;
pub use settings::{BadSetting, Changes, Known, ZoneIds, service, settings, settings_missing_in};
pub use simulations::SimulationsConfig;
pub use values::{DISPLAY_NAME_MAX, LABEL_MAX};
pub use work::{BreakConfig, DeclaredConfig, DriverConfig, ShiftConfig};
pub use zones::{ZoneConfig, ZoneMap};

/// A checked configuration.
#[derive(Clone, Debug)]
pub struct Config {
    pub server: ServerConfig,
    /// Who may come in, and over what.
    pub access: AccessConfig,
    pub journal: JournalConfig,
    pub area: AreaConfig,
    pub services: Vec<ServiceConfig>,
    pub vehicles: Vec<VehicleConfig>,
    pub shifts: Vec<ShiftConfig>,
    pub meeting_points: Vec<MeetingPoint>,
    pub drivers: Vec<DriverConfig>,
    pub zones: Vec<ZoneConfig>,
    /// How vehicles go ahead of demand, once it was read for the map ([`Config::guide`]); `None`: they do not.
    pub guidance: Option<Arc<Guidance>>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ServerConfig {
    /// Port 0 takes any free one.
    pub listen: SocketAddr,
    /// Whether server reflection tells clients what there is to call.
    pub reflection: bool,
    /// Calls waiting for the area's task; more are turned away.
    pub queue: usize,
    /// Open `Watch` streams; more are turned away.
    pub watchers: usize,
    /// Where `/metrics` is told; nowhere unless said.
    pub metrics: Option<SocketAddr>,
    /// One for all areas: a rider is a tenant's.
    pub people: PeopleConfig,
    pub simulations: SimulationsConfig,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct JournalConfig {
    /// Where the journal is; without it all is kept in memory and gone at the end.
    pub dir: Option<PathBuf>,
}

/// The file of riders' records.
const PEOPLE_SHIPPED: &str = "people.redb";

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PeopleConfig {
    /// Where riders' records are; without it all are kept in memory and gone at the end.
    pub file: Option<PathBuf>,
}

impl PeopleConfig {
    /// Where it is if nobody says where: beside the journal's directory, not in it.
    pub fn beside(journal: &Path) -> PeopleConfig {
        PeopleConfig { file: Some(journal.with_file_name(PEOPLE_SHIPPED)) }
    }
}

#[derive(Clone, Debug)]
pub struct AreaConfig {
    pub name: AreaName,
    pub display_name: String,
    /// In which civil times of the configuration are meant.
    pub time_zone: TimeZone,
    pub time_zone_name: String,
    pub map: PathBuf,
    /// A place farther from a road than this is off the area.
    pub snap_limit: Metres,
    /// Shifts are planned for today and so many days after.
    pub shift_days_ahead: u32,
    pub policy: Policy,
    /// Which dates `holidays` and `no-holidays` mean.
    pub holidays: Holidays,
    pub alerts: AlertLimits,
    pub improve: ImproveConfig,
    /// Settings for going ahead of demand; their forecast lies beside them.
    pub supply: Option<PathBuf>,
    /// No shift is opened without a check that was passed.
    pub pretrip_check_required: bool,
}

/// How much is searched for better plans.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ImproveConfig {
    /// In spare time, after each change; longer while nothing changes. Zero: never.
    pub spare_time: Span,
    /// Steps before a request is refused, or a booking left without a vehicle.
    pub room_steps: u32,
}

impl ImproveConfig {
    pub fn is_off(&self) -> bool {
        self.spare_time <= Span::ZERO
    }
}

/// What staff are alerted of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AlertLimits {
    /// A shift that is not open so long after its start.
    pub late_pull_out_after: Span,
    /// A vehicle at work that has reported a position, and none for so long.
    pub silent_after: Span,
    /// A vehicle that stands at a stop for so long beyond what was planned.
    pub long_stop_after: Span,
}

#[derive(Clone, PartialEq, Debug)]
pub struct ServiceConfig {
    pub name: ServiceName,
    pub managed: Managed,
    /// Drawn for it alone, under full names: `tenants/{tenant}/services/{service}/zones/{zone}`.
    pub own_zones: Vec<ZoneConfig>,
    /// Its own, besides those of the area.
    pub own_points: Vec<MeetingPoint>,
    pub display_name: String,
    /// How wide the wished window is where the rider gave one end of it only.
    pub wait_max: Span,
    pub policy: ServicePolicy,
    /// Riders are met where they ask to be, besides at meeting points.
    pub is_door_to_door: bool,
    /// Offers for one quote, unless the caller wants fewer.
    pub offers_max: u8,
    /// Empty: at all hours.
    pub hours: Vec<HoursConfig>,
    /// Dates without service.
    pub closed: Vec<RangeInclusive<civil::Date>>,
    /// When bookings for a day begin and end.
    pub book_from: Option<DayTime>,
    pub book_until: Option<DayTime>,
    /// Hours of certain dates, besides those of every week.
    pub extra: Vec<ExtraConfig>,
    /// From where to where it carries, by the names of zones; empty: from anywhere to anywhere.
    pub zones: Vec<(Vec<String>, Vec<String>)>,
    pub tariff: Option<TariffConfig>,
    pub suspension: Option<Suspension>,
}

/// Pickups of certain dates.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExtraConfig {
    pub dates: RangeInclusive<civil::Date>,
    pub start: civil::Time,
    /// On the next day if it is not after `start`.
    pub end: civil::Time,
}

/// Who says how something is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Managed {
    /// The configuration file, at every start.
    ByFile,
    /// The interface; a file that names it as well has said how it began.
    ByInterface,
}

/// Hours of pickups, in civil time of the area.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HoursConfig {
    pub days: Days,
    pub start: civil::Time,
    /// On the next day if it is not after `start`.
    pub end: civil::Time,
}

/// "17:00 on the day before".
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DayTime {
    pub days_before: i64,
    pub time: civil::Time,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VehicleConfig {
    pub name: VehicleName,
    pub display_name: String,
    pub capacity: Capacity,
    pub features: BTreeSet<String>,
    /// The services whose riders it carries; `None`: all of the area.
    pub services: Option<BTreeSet<ServiceName>>,
    /// Where it takes riders; empty: anywhere.
    pub zones: Vec<String>,
    pub crew: Crew,
    pub managed: Managed,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NamedPoint {
    pub position: LatLon,
    pub label: String,
}

impl NamedPoint {
    pub(crate) fn new(position: LatLon, label: String) -> NamedPoint {
        NamedPoint { position, label }
    }

    /// Of a meeting point whose id nobody chose: the same as long as it is there and is called so.
    pub(crate) fn made_up_id(&self) -> String {
        let hash = blake3::hash(format!("{}|{}", self.position, self.label).as_bytes()).to_hex();
        format!("p-{}", &hash[..12])
    }
}

/// Where riders may be asked to walk.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MeetingPoint {
    /// Of all points of the file, or of a service's own, this is one.
    pub id: String,
    pub point: NamedPoint,
    /// How the label is read aloud, in kana; may be empty.
    pub kana: String,
    /// The services whose riders board there; `None`: all of the area.
    pub services: Option<BTreeSet<ServiceName>>,
}

/// Why a configuration can not be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{file}: cannot be read: {source}")]
    Read { file: String, source: std::io::Error },
    /// One line for each problem.
    #[error("{}", mukae_config::list(file, problems))]
    Wrong { file: String, problems: Vec<Problem> },
}

impl Config {
    pub fn load(file: &Path) -> Result<Config, ConfigError> {
        let name = file.display().to_string();
        let text = std::fs::read_to_string(file).map_err(|source| ConfigError::Read { file: name.clone(), source })?;
        let directory = file.parent().unwrap_or(Path::new(""));
        Config::parse(&text, directory).map_err(|problems| ConfigError::Wrong { file: name, problems })
    }

    /// From the text of a file in `directory`.
    pub fn parse(text: &str, directory: &Path) -> Result<Config, Vec<Problem>> {
        let raw: raw::RawConfig = toml::from_str(text).map_err(|error| vec![unknown_key::explain(text, &error)])?;
        check::check(raw, text, directory)
    }

    /// Reads the settings for going ahead of demand, if there are any and they were not given, for the area's map.
    pub fn guide(&mut self, map: &PreparedMap) -> Result<(), BadGuidance> {
        if let (None, Some(file)) = (&self.guidance, &self.area.supply) {
            self.guidance = Some(Arc::new(Guidance::load(file, &self.area, map)?));
        }
        Ok(())
    }

    pub fn service(&self, name: &ServiceName) -> Option<&ServiceConfig> {
        self.services.iter().find(|service| service.name == *name)
    }
}

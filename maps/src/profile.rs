//! How a map is read: what the vehicles are to the law and the road, how fast they go, and at what
//! hours otherwise.
//!
//! A profile is a TOML file for planners (`docs/map-profile.md`). It says what differs from the profile
//! it is based on; the one everything is based on in the end is `default`, which says all. Numbers are
//! whole, in the unit that the key names. What the tags of a road come to under it is decided in `osm`.

mod check;
mod merge;
mod shipped;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::osm::RoadClass;

pub(crate) use check::{BUILT_UP, NO_LANE_MARKINGS};
pub(crate) use shipped::lies_in;

/// A checked profile.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Of a built-in profile its name, else that of the file it was read from.
    #[serde(skip)]
    name: String,
    pub(crate) vehicle: Vehicle,
    pub(crate) access: AccessRules,
    pub(crate) barrier: BarrierRules,
    /// Seconds on passing a node, by its kind.
    pub(crate) delay_s: BTreeMap<String, u32>,
    pub(crate) speed: SpeedRules,
    pub(crate) cap_kmh: Caps,
    pub(crate) narrow: Narrow,
    pub(crate) law: Law,
    pub(crate) turn: TurnRules,
    pub(crate) ferry: FerryRules,
    pub(crate) base: BaseMetric,
    #[serde(default)]
    pub(crate) metric: Vec<MetricRules>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Vehicle {
    /// A public service vehicle: `psv`, `bus` and `minibus` tags speak about it, bus lanes and bus gates
    /// are open to it. Off by default: an on-demand minibus often has no such licence.
    pub(crate) psv: bool,
    /// Also drive `highway=track` of grade 1 or 2, or where `motor_vehicle` permits.
    pub(crate) tracks: bool,
    pub(crate) ferries: bool,
    pub(crate) height_cm: u32,
    pub(crate) width_cm: u32,
    pub(crate) length_cm: u32,
    pub(crate) weight_kg: u32,
}

/// What the values of access tags mean. No value stands in two lists.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct AccessRules {
    pub(crate) yes: Vec<String>,
    pub(crate) destination_only: Vec<String>,
    pub(crate) no: Vec<String>,
    /// Values of `service` that make a road without access tags destination-only, or closed.
    pub(crate) destination_only_services: Vec<String>,
    pub(crate) closed_services: Vec<String>,
    pub(crate) through_destination_only_s: u32,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct BarrierRules {
    pub(crate) closed: Vec<String>,
    pub(crate) closed_unless_psv: Vec<String>,
    pub(crate) closed_if_locked: Vec<String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct SpeedRules {
    pub(crate) cap_kmh: u32,
    pub(crate) share_of_limit_permille: u32,
    pub(crate) walk_kmh: u32,
    /// By class, all of them.
    free_kmh: BTreeMap<String, u32>,
    ceiling_kmh: BTreeMap<String, u32>,
}

/// The most on roads with a value of these tags.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Caps {
    pub(crate) service: BTreeMap<String, u32>,
    pub(crate) surface: BTreeMap<String, u32>,
    pub(crate) smoothness: BTreeMap<String, u32>,
    pub(crate) tracktype: BTreeMap<String, u32>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Narrow {
    pub(crate) width_keys: Vec<String>,
    pub(crate) one_lane_two_way_kmh: u32,
    pub(crate) width: Vec<NarrowCap>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct NarrowCap {
    pub(crate) below_cm: u32,
    pub(crate) cap_kmh: u32,
}

/// Limits that follow from the law, in the notation of `maxspeed`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Law {
    pub(crate) country: String,
    /// Country, or `any`, to word to limit.
    pub(crate) limit: BTreeMap<String, BTreeMap<String, String>>,
    pub(crate) untagged: BTreeMap<String, String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct TurnRules {
    pub(crate) conditional: String,
}

impl TurnRules {
    /// Restrictions of certain hours hold always: a promise must not rest on a turn that is forbidden
    /// at some hours.
    pub(crate) fn keeps_conditional(&self) -> bool {
        self.conditional == "always"
    }
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct FerryRules {
    pub(crate) speed_kmh: u32,
    pub(crate) boarding_s: u32,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct BaseMetric {
    pub(crate) spread_permille: u32,
}

/// Driving times of certain hours or of snow; see [`crate::metric`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct MetricRules {
    pub(crate) name: String,
    /// `mon` to `sun`; all if left out.
    #[serde(default = "all_days")]
    pub(crate) days: Vec<String>,
    /// Civil time, `HH:MM`.
    #[serde(default = "midnight")]
    pub(crate) from: String,
    #[serde(default = "end_of_day")]
    pub(crate) until: String,
    /// 0 is none.
    #[serde(default)]
    pub(crate) snow: u32,
    pub(crate) spread_permille: Option<u32>,
    /// Of the base metric's driving time.
    #[serde(default = "unchanged")]
    pub(crate) time_permille: u32,
    pub(crate) cap_kmh: Option<u32>,
    #[serde(default)]
    pub(crate) class_time_permille: BTreeMap<String, u32>,
    #[serde(default)]
    pub(crate) class_cap_kmh: BTreeMap<String, u32>,
}

pub(crate) const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

fn all_days() -> Vec<String> {
    DAYS.map(str::to_owned).to_vec()
}

fn midnight() -> String {
    "00:00".to_owned()
}

fn end_of_day() -> String {
    "24:00".to_owned()
}

fn unchanged() -> u32 {
    1000
}

/// Why a profile could not be used. Every message names the file, the key, what was wrong and what
/// would be right.
#[derive(Debug, Error)]
pub enum ProfileError {
    #[error("{file}: cannot be read: {source}; give the path of a profile, or the name of a built-in one: {known}")]
    Open { file: String, source: io::Error, known: String },
    #[error("{file}: line {line} is no TOML: {what}; `mukae map profile` shows how a profile is written")]
    Syntax { file: String, line: usize, what: String },
    /// All that is wrong at once.
    #[error("{file}: {}", .problems.join("; "))]
    Problems { file: String, problems: Vec<String> },
}

impl Profile {
    /// The names of the built-in profiles, the default first.
    pub fn built_in() -> impl Iterator<Item = &'static str> {
        shipped::SHIPPED.iter().map(|(name, _)| *name)
    }

    /// The text of a built-in profile, to be copied and edited.
    pub fn built_in_text(name: &str) -> Option<&'static str> {
        shipped::text(name)
    }

    /// A built-in profile.
    pub fn named(name: &str) -> Option<Profile> {
        let text = shipped::text(name)?;
        let profile = Profile::parse(text, name).expect("a test reads every built-in profile");
        Some(Profile { name: name.to_owned(), ..profile })
    }

    /// By name if there is a built-in profile of that name, else from a file.
    pub fn load(name_or_path: &str) -> Result<Profile, ProfileError> {
        if let Some(profile) = Profile::named(name_or_path) {
            return Ok(profile);
        }
        let text = std::fs::read_to_string(name_or_path).map_err(|source| ProfileError::Open {
            file: name_or_path.to_owned(),
            source,
            known: Profile::built_in().collect::<Vec<_>>().join(", "),
        })?;
        let name = Path::new(name_or_path).file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Profile { name, ..Profile::parse(&text, name_or_path)? })
    }

    /// From the text of a profile; `file` is the name that errors tell.
    pub fn parse(text: &str, file: &str) -> Result<Profile, ProfileError> {
        let problems = |problems| ProfileError::Problems { file: file.to_owned(), problems };
        let own: toml::Table = text.parse().map_err(|error: toml::de::Error| {
            let start = error.span().map_or(0, |span| span.start);
            let line = text.bytes().take(start).filter(|&byte| byte == b'\n').count() + 1;
            let what = error.message().trim().replace('\n', ", ");
            ProfileError::Syntax { file: file.to_owned(), line, what }
        })?;
        let merged = merge::with_bases(own).map_err(problems)?;
        // What is left to fail here is what the walk over keys and types does not know: a bug, not a reason
        // to panic on a planner.
        let profile: Profile = merged
            .try_into()
            .map_err(|error: toml::de::Error| problems(vec![error.message().trim().replace('\n', ", ")]))?;
        let found = check::problems(&profile);
        if found.is_empty() { Ok(Profile { name: file.to_owned(), ..profile }) } else { Err(problems(found)) }
    }

    /// A default that says something else, for tests.
    #[cfg(test)]
    pub(crate) fn with(text: &str) -> Profile {
        Profile::parse(text, "a test").expect("a good profile")
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole profile, with everything that it inherits.
    pub fn to_toml(&self) -> String {
        toml::to_string(self).expect("tables of text, numbers and truths can be written")
    }

    /// BLAKE3 of the whole profile, in hexadecimal digits: the same settings, however written, have the same.
    pub fn digest(&self) -> String {
        blake3::hash(self.to_toml().as_bytes()).to_hex().to_string()
    }

    pub(crate) fn free_kmh(&self, class: RoadClass) -> u32 {
        by_class(&self.speed.free_kmh, class)
    }

    pub(crate) fn ceiling_kmh(&self, class: RoadClass) -> u32 {
        by_class(&self.speed.ceiling_kmh, class)
    }
}

fn by_class(speeds: &BTreeMap<String, u32>, class: RoadClass) -> u32 {
    *speeds.get(class.name()).expect("a checked profile has every class that drives by speed")
}

impl Default for Profile {
    fn default() -> Profile {
        static DEFAULT: OnceLock<Profile> = OnceLock::new();
        DEFAULT.get_or_init(|| Profile::named(shipped::DEFAULT).expect("the default profile is built in")).clone()
    }
}

#[cfg(test)]
mod tests;

//! How fast a minibus drives along a way: its class, the limit if one is known, and what the road is like.
//!
//! With a limit, a driver keeps a little below it; a narrow or rough road stays slow whatever its sign
//! says. All in tenths of a km/h, so that weights are integers; the figures are the profile's.
//! <https://wiki.openstreetmap.org/wiki/Key:maxspeed>

use mukae_units::{Metres, TravelTime};

use super::access::Direction;
use super::quantity::{least_centimetres, tenths_of_kmh};
use super::road::RoadClass;
use super::tags::Tags;
use crate::profile::{BUILT_UP, NO_LANE_MARKINGS, Profile};

/// A driving speed in tenths of a km/h; never zero.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Speed(u32);

impl Speed {
    pub(crate) const fn from_kmh(kmh: u32) -> Speed {
        assert!(0 < kmh, "a speed is never zero");
        Speed(kmh * 10)
    }

    /// Driving time over `length` in milliseconds, rounded up, at least one; the largest number if it is more.
    pub(crate) fn millis_over(self, length: Metres) -> u64 {
        // 1 km/h is 1/3.6 mm per ms: ms = mm * 3.6 / (km/h) = mm * 36 / (tenths of a km/h).
        length.as_millimetres().checked_mul(36).map_or(u64::MAX, |product| product.div_ceil(u64::from(self.0)).max(1))
    }

    /// The same; `None` past 49 days.
    pub(super) fn time_over(self, length: Metres) -> Option<TravelTime> {
        Some(TravelTime::from_millis(u32::try_from(self.millis_over(length)).ok()?))
    }
}

/// Limits outside of this are typing errors; in tenths of a km/h.
const LIMITS: std::ops::RangeInclusive<u32> = 30..=2000;

/// The speed of a way in one direction.
pub(super) fn speed(
    class: RoadClass,
    tags: &Tags<'_>,
    direction: Direction,
    is_two_way: bool,
    profile: &Profile,
) -> Speed {
    let (free, ceiling) = (Speed::from_kmh(profile.free_kmh(class)), Speed::from_kmh(profile.ceiling_kmh(class)));
    let below = |tenths: u32| Speed((tenths * profile.speed.share_of_limit_permille / 1000).max(1));
    let driven = match limit(tags, direction, profile) {
        Some(Limit::Tenths(limit)) => below(limit).min(ceiling),
        Some(Limit::None) => ceiling,
        None => unsigned(class, tags, profile).map_or(free, |limit| below(limit).min(free)),
    };
    caps(tags, is_two_way, profile).map(Speed::from_kmh).fold(driven, Speed::min)
}

/// What the road itself allows, in km/h.
fn caps(tags: &Tags<'_>, is_two_way: bool, profile: &Profile) -> impl Iterator<Item = u32> {
    let caps = &profile.cap_kmh;
    let by_tag = [
        ("service", &caps.service),
        ("surface", &caps.surface),
        ("smoothness", &caps.smoothness),
        ("tracktype", &caps.tracktype),
    ];
    let narrow = &profile.narrow;
    let is_one_lane = is_two_way && tags.is("lanes", "1");
    let width = narrow.width_keys.iter().find_map(|key| tags.get(key).and_then(least_centimetres));
    let by_width = width
        .filter(|_| is_two_way)
        .and_then(|width| narrow.width.iter().find(|narrow| width < narrow.below_cm))
        .map(|narrow| narrow.cap_kmh);
    by_tag
        .map(|(key, caps)| tags.get(key).and_then(|value| caps.get(value).copied()))
        .into_iter()
        .chain([Some(profile.speed.cap_kmh), is_one_lane.then_some(narrow.one_lane_two_way_kmh), by_width])
        .flatten()
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Limit {
    /// Tenths of a km/h.
    Tenths(u32),
    /// Explicitly unlimited.
    None,
}

const STATED: [&str; 3] = ["maxspeed", "maxspeed:forward", "maxspeed:backward"];
const IMPLIED: [&str; 3] = ["maxspeed:type", "source:maxspeed", "zone:maxspeed"];
/// Limits of a sign that changes, and words that say nothing: as if nothing were stated.
const WORDLESS: [&str; 7] = ["signals", "variable", "implicit", "default", "unknown", "sign", "unposted"];

/// The limit that holds for us in one direction, if the tags state one that makes sense.
fn limit(tags: &Tags<'_>, direction: Direction, profile: &Profile) -> Option<Limit> {
    let for_buses = profile.vehicle.psv.then(|| tags.get("maxspeed:bus").or(tags.get("maxspeed:psv"))).flatten();
    let stated = [for_buses, tags.get_joined("maxspeed", direction.suffix()), tags.get("maxspeed")];
    let implied = IMPLIED.map(|key| tags.get(key));
    stated.into_iter().chain(implied).flatten().find_map(|value| parse_limit(value, profile))
}

/// The limit that the law sets where no sign stands, in tenths; the least of those the profile knows.
fn unsigned(class: RoadClass, tags: &Tags<'_>, profile: &Profile) -> Option<u32> {
    if profile.law.untagged.is_empty() {
        return None;
    }
    let is_lit = tags.get("lit").is_some_and(|lit| !matches!(lit, "no" | "disused"));
    let is_built_up = (is_lit || has_pavement(tags)) && class.is_ordinary();
    let keys = [
        Some(class.name()),
        is_built_up.then_some(BUILT_UP),
        (tags.is("lane_markings", "no") && class.is_ordinary()).then_some(NO_LANE_MARKINGS),
    ];
    let limits = keys.into_iter().flatten().filter_map(|key| profile.law.untagged.get(key));
    limits.filter_map(|limit| tenths(limit, profile)).min()
}

fn has_pavement(tags: &Tags<'_>) -> bool {
    let side = |key| tags.get(key).is_some_and(|value| !matches!(value, "no" | "none" | "separate"));
    ["sidewalk", "sidewalk:both", "sidewalk:left", "sidewalk:right"].into_iter().any(side)
}

/// True if a stated limit is none that makes sense, so that it was ignored.
pub(super) fn has_absurd_limit(tags: &Tags<'_>, profile: &Profile) -> bool {
    let is_absurd = |value: &str| !WORDLESS.contains(&value) && parse_limit(value, profile).is_none();
    STATED.iter().filter_map(|key| tags.get(key)).any(is_absurd)
}

/// True for what a profile may write as a limit: a number with its unit, `walk`, or `none`.
pub(crate) fn is_limit(text: &str) -> bool {
    matches!(text, "none" | "walk") || tenths_of_kmh(text).is_some_and(|tenths| LIMITS.contains(&tenths))
}

/// Of several values the lowest that makes sense.
fn parse_limit(value: &str, profile: &Profile) -> Option<Limit> {
    let parts = value.split([';', ',', '|']).filter_map(|value| parse_single(value.trim(), profile));
    let lowest = parts.filter_map(|limit| match limit {
        Limit::Tenths(tenths) => LIMITS.contains(&tenths).then_some(tenths),
        Limit::None => Some(u32::MAX),
    });
    lowest.min().map(|tenths| if tenths == u32::MAX { Limit::None } else { Limit::Tenths(tenths) })
}

fn parse_single(value: &str, profile: &Profile) -> Option<Limit> {
    match value {
        "none" | "no" | "unlimited" => return Some(Limit::None),
        "walk" | "walking_pace" => return Some(Limit::Tenths(profile.speed.walk_kmh * 10)),
        value if WORDLESS.contains(&value) => return None,
        _ => {}
    }
    match value.split_once(':') {
        Some((country, word)) if country.len() == 2 => implicit(country, word, profile),
        Some(("zone", word)) => tenths_of_kmh(word).map(Limit::Tenths),
        _ => tenths_of_kmh(value).map(Limit::Tenths).or_else(|| implicit(&profile.law.country, value, profile)),
    }
}

/// `DE:urban`, `GB:nsl_single`, `AT:zone30`: the law's own limits.
fn implicit(country: &str, word: &str, profile: &Profile) -> Option<Limit> {
    let law = |country: &str| profile.law.limit.get(country).and_then(|words| words.get(word));
    match law(country).or_else(|| law("any")).map(String::as_str) {
        Some("none") => Some(Limit::None),
        Some(limit) => tenths(limit, profile).map(Limit::Tenths),
        None => tenths_of_kmh(word.trim_start_matches("zone").trim_start_matches(':')).map(Limit::Tenths),
    }
}

/// A limit of the profile; `None` also for `none`.
fn tenths(limit: &str, profile: &Profile) -> Option<u32> {
    if limit == "walk" { Some(profile.speed.walk_kmh * 10) } else { tenths_of_kmh(limit) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_by_tags() {
        let tenths = |tenths| Some(Limit::Tenths(tenths));
        let rows = [
            ("maxspeed=50", tenths(500)),
            ("maxspeed=50kmh", tenths(500)),
            ("maxspeed=30mph", tenths(483)),
            ("maxspeed=7.5", tenths(75)),
            ("maxspeed=walk", tenths(60)),
            ("maxspeed=none", Some(Limit::None)),
            ("maxspeed=signals", None),
            ("maxspeed=variable", None),
            ("maxspeed=DE:urban", tenths(500)),
            ("maxspeed=DE:rural", tenths(1000)),
            ("maxspeed=DE:zone:30", tenths(300)),
            ("maxspeed=DE:zone30", tenths(300)),
            ("maxspeed=AT:zone30", tenths(300)),
            ("maxspeed=zone:30", tenths(300)),
            ("maxspeed=RU:living_street", tenths(200)),
            ("maxspeed=DE:living_street", tenths(60)),
            ("maxspeed=GB:nsl_single", tenths(966)),
            ("maxspeed=GB:nsl_dual", tenths(1127)),
            ("maxspeed=GB:nsl_restricted", tenths(483)),
            ("maxspeed=GB:20mph", tenths(322)),
            ("maxspeed=national", tenths(900)),
            ("maxspeed=JP:urban", tenths(600)),
            ("maxspeed=0", None),
            ("maxspeed=1", None),
            ("maxspeed=5000", None),
            ("maxspeed=-50", None),
            ("maxspeed=fast", None),
            ("maxspeed=50furlongs", None),
            ("maxspeed=NaN", None),
            ("maxspeed=50;30", tenths(300)),
            ("maxspeed=none;80", tenths(800)),
            ("maxspeed=80 maxspeed:forward=60 maxspeed:backward=40", tenths(600)),
            ("maxspeed=5000 maxspeed:type=DE:urban", tenths(500)),
            ("source:maxspeed=DE:rural", tenths(1000)),
            ("source:maxspeed=sign", None),
            ("maxspeed:bus=20 maxspeed=50", tenths(500)),
        ];
        for (tags, expected) in rows {
            assert_eq!(limit(&Tags::parse(tags), Direction::Forward, &Profile::default()), expected, "{tags}");
        }
        let with_blank = Tags::new([("maxspeed", " 30 mph ")]);
        assert_eq!(limit(&with_blank, Direction::Backward, &Profile::default()), tenths(483));
        let psv = Profile::with("vehicle.psv = true");
        assert_eq!(limit(&Tags::parse("maxspeed:bus=20 maxspeed=50"), Direction::Forward, &psv), tenths(200));
    }

    #[test]
    fn limits_of_countries_are_the_profiles() {
        let limit_in = |profile: &str, tags: &str| {
            limit(&Tags::parse(tags), Direction::Forward, &Profile::named(profile).expect("built in"))
        };
        assert_eq!(limit_in("british-isles", "maxspeed=national"), Some(Limit::Tenths(966)));
        assert_eq!(limit_in("british-isles", "source:maxspeed=IM:national"), Some(Limit::None));
        assert_eq!(limit_in("japan", "maxspeed=urban"), Some(Limit::Tenths(600)));
        assert_eq!(limit_in("europe", "maxspeed:type=FR:rural"), Some(Limit::Tenths(800)));
        assert_eq!(limit_in("europe", "zone:maxspeed=DE:30"), Some(Limit::Tenths(300)));
    }

    #[track_caller]
    fn check_speeds(profile: &str, rows: &[(&str, u32)]) {
        let profile = Profile::named(profile).expect("built in");
        for (tags, expected) in rows {
            let class = RoadClass::of(Tags::parse(tags).get("highway").expect("a road")).expect("a road");
            let driven = speed(class, &Tags::parse(tags), Direction::Forward, true, &profile);
            assert_eq!(driven, Speed(*expected), "{tags}");
        }
    }

    #[test]
    fn speeds_of_a_minibus_in_tenths() {
        check_speeds(
            "default",
            &[
                ("highway=residential", 300),
                ("highway=residential maxspeed=30", 270),
                ("highway=residential maxspeed=100", 500),
                ("highway=primary maxspeed=50", 450),
                ("highway=primary maxspeed=100", 800),
                ("highway=motorway maxspeed=none", 800),
                ("highway=motorway maxspeed=130", 800),
                ("highway=unclassified maxspeed=GB:nsl_single", 600),
                ("highway=living_street maxspeed=walk", 54),
                ("highway=service service=parking_aisle", 100),
                ("highway=service", 200),
                ("highway=tertiary surface=gravel", 350),
                ("highway=tertiary surface=asphalt smoothness=very_bad", 250),
                ("highway=track tracktype=grade4", 120),
                ("highway=unclassified maxspeed=60 lanes=1", 400),
                ("highway=unclassified maxspeed=60 width=3.5", 300),
                ("highway=unclassified maxspeed=60 width=2.8", 200),
                ("highway=unclassified maxspeed=60 width=5", 540),
            ],
        );
        check_speeds(
            "japan",
            &[
                ("highway=residential", 220),
                ("highway=residential maxspeed=30", 270),
                ("highway=unclassified lane_markings=no", 270),
                ("highway=residential yh:WIDTH=1.5m～3.0m", 120),
                ("highway=residential yh:WIDTH=3.0m～5.5m", 200),
                ("highway=residential yh:WIDTH=5.5m～13.0m", 220),
            ],
        );
        check_speeds("british-isles", &[("highway=primary lit=yes", 434), ("highway=primary lit=no", 600)]);
        check_speeds("europe", &[("highway=primary sidewalk=both", 450), ("highway=primary", 600)]);
    }

    #[test]
    fn absurd_limits_are_told() {
        let absurd = |tags: &str| has_absurd_limit(&Tags::parse(tags), &Profile::default());
        for tags in ["maxspeed=5000", "maxspeed=fast", "maxspeed:backward=1", "maxspeed=50furlongs"] {
            assert!(absurd(tags), "{tags}");
        }
        for tags in ["", "maxspeed=50", "maxspeed=signals", "maxspeed=none", "maxspeed=DE:urban", "maxspeed=30 mph"] {
            assert!(!absurd(tags), "{tags}");
        }
    }

    #[test]
    fn times_are_whole_milliseconds_rounded_up_and_never_zero() {
        let slow = Speed::from_kmh(36); // 10 mm per ms
        assert_eq!(slow.time_over(Metres::ZERO), Some(TravelTime::from_millis(1)));
        assert_eq!(slow.time_over(Metres::from_millimetres(10)), Some(TravelTime::from_millis(1)));
        assert_eq!(slow.time_over(Metres::from_millimetres(11)), Some(TravelTime::from_millis(2)));
        assert_eq!(slow.time_over(Metres::from_metres(1000)), Some(TravelTime::from_secs(100)));
        assert_eq!(slow.time_over(Metres::from_millimetres(u64::MAX)), None);
    }
}

//! How fast a minibus drives along a way: its class, and the limit if one is tagged.
//!
//! With a limit, a driver keeps a little below it; a narrow road stays slow whatever its sign says,
//! and no road is driven faster than [`CAP`]. All in tenths of a km/h, so that weights are integers.

use mukae_units::{Metres, TravelTime};

use super::access::{Direction, Profile};
use super::road::RoadClass;
use super::tags::Tags;

/// A driving speed in tenths of a km/h; never zero.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Speed(u32);

impl Speed {
    pub(super) const fn from_kmh(kmh: u32) -> Speed {
        assert!(0 < kmh, "a speed is never zero");
        Speed(kmh * 10)
    }

    /// Driving time over `length`, rounded up to whole milliseconds, at least one; `None` past 49 days.
    pub(super) fn time_over(self, length: Metres) -> Option<TravelTime> {
        // 1 km/h is 1/3.6 mm per ms: ms = mm * 3.6 / (km/h) = mm * 36 / (tenths of a km/h).
        let millis = length.as_millimetres().checked_mul(36)?.div_ceil(u64::from(self.0)).max(1);
        Some(TravelTime::from_millis(u32::try_from(millis).ok()?))
    }
}

/// No minibus with riders on board is driven faster.
const CAP: Speed = Speed::from_kmh(80);
/// Of the limit, in tenths of a per cent: what traffic, bends and care leave of it.
const OF_LIMIT_PERMILLE: u32 = 900;
/// A walking pace, in tenths of a km/h.
const WALK: u32 = 60;
/// Limits outside of this are typing errors; in tenths of a km/h.
const LIMITS: std::ops::RangeInclusive<u32> = 30..=2000;

/// The speed of a way in one direction.
pub(super) fn speed(class: RoadClass, tags: &Tags<'_>, direction: Direction, profile: &Profile) -> Speed {
    let (free, ceiling) = class_speeds(class, tags);
    let driven = match limit(tags, direction, profile) {
        Some(Limit::Tenths(limit)) => Speed(limit * OF_LIMIT_PERMILLE / 1000).min(ceiling),
        Some(Limit::None) => ceiling,
        None => free,
    };
    driven.min(CAP)
}

/// Without a limit, and the most that the road itself allows, in km/h.
fn class_speeds(class: RoadClass, tags: &Tags<'_>) -> (Speed, Speed) {
    let (free, ceiling) = match class {
        RoadClass::Motorway | RoadClass::Trunk => (80, 80),
        RoadClass::MotorwayLink | RoadClass::TrunkLink => (50, 60),
        RoadClass::Primary => (60, 80),
        RoadClass::Secondary => (50, 75),
        RoadClass::Tertiary => (45, 65),
        RoadClass::PrimaryLink | RoadClass::SecondaryLink | RoadClass::TertiaryLink => (40, 60),
        RoadClass::Unclassified => (40, 60),
        RoadClass::Residential | RoadClass::Road => (30, 50),
        RoadClass::LivingStreet => (10, 20),
        RoadClass::Service if is_yard(tags) => (10, 20),
        RoadClass::Service => (20, 40),
        RoadClass::Track => (15, 30),
    };
    (Speed::from_kmh(free), Speed::from_kmh(ceiling))
}

/// Driveways, aisles between parked cars and the like.
fn is_yard(tags: &Tags<'_>) -> bool {
    matches!(tags.get("service"), Some("driveway" | "parking_aisle" | "drive-through" | "alley"))
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Limit {
    /// Tenths of a km/h.
    Tenths(u32),
    /// Explicitly unlimited.
    None,
}

/// The limit that holds for us in one direction, if the tags state one that makes sense.
fn limit(tags: &Tags<'_>, direction: Direction, profile: &Profile) -> Option<Limit> {
    let for_buses = profile.psv.then(|| tags.get("maxspeed:bus").or(tags.get("maxspeed:psv"))).flatten();
    let stated = [for_buses, tags.get_joined("maxspeed", direction.suffix()), tags.get("maxspeed")];
    let implied = [tags.get("maxspeed:type"), tags.get("source:maxspeed"), tags.get("zone:maxspeed")];
    stated.into_iter().chain(implied).flatten().find_map(parse_limit)
}

/// Of several values the lowest that makes sense.
fn parse_limit(value: &str) -> Option<Limit> {
    let lowest = value.split([';', ',', '|']).filter_map(parse_single).filter_map(|limit| match limit {
        Limit::Tenths(tenths) => LIMITS.contains(&tenths).then_some(tenths),
        Limit::None => Some(u32::MAX),
    });
    lowest.min().map(|tenths| if tenths == u32::MAX { Limit::None } else { Limit::Tenths(tenths) })
}

fn parse_single(value: &str) -> Option<Limit> {
    let value = value.trim();
    match value {
        "none" | "no" | "unlimited" => return Some(Limit::None),
        "walk" | "walking_pace" => return Some(Limit::Tenths(WALK)),
        "national" => return Some(Limit::Tenths(966)),
        // It depends on a sign that changes: as if nothing were stated.
        "signals" | "variable" | "implicit" | "default" => return None,
        _ => {}
    }
    match value.split_once(':') {
        Some((country, zone)) if country.len() == 2 => implicit(country, zone),
        _ => number(value).map(Limit::Tenths),
    }
}

/// `DE:urban`, `GB:nsl_single`, `AT:zone30`: the law's own limits, rounded to what matters below our cap.
fn implicit(country: &str, zone: &str) -> Option<Limit> {
    let kmh = match (country, zone) {
        // Japan's general limit holds in towns too.
        ("JP", "urban" | "rural" | "national") => 60,
        ("JP", "express" | "expressway" | "motorway") => 100,
        ("US", "urban") => 40,
        ("GB" | "UK" | "IM", "nsl_restricted" | "urban") => 48,
        ("DE", "living_street") | (_, "walk" | "pedestrian_zone") => 6,
        (_, "nsl_single") => 97,
        (_, "nsl_dual") => 113,
        (_, "urban" | "town" | "city") => 50,
        (_, "rural" | "nsl" | "national" | "default") => 90,
        (_, "trunk" | "expressway" | "express") => 100,
        (_, "motorway") => 120,
        (_, "living_street" | "zone20") => 20,
        (_, zone) => {
            let digits = zone.trim_start_matches("zone").trim_start_matches(':');
            return number(digits).map(Limit::Tenths);
        }
    };
    Some(Limit::Tenths(kmh * 10))
}

/// `50`, `50 km/h`, `30 mph`, `8 knots`, in tenths of a km/h.
fn number(text: &str) -> Option<u32> {
    let digits = text.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
    let (figure, unit) = text.split_at(digits);
    let figure: f64 = figure.parse().ok().filter(|figure| (0.0..10_000.0).contains(figure))?;
    let factor = match unit.trim() {
        "" | "km/h" | "kmh" | "kph" | "kmph" => 1.0,
        "mph" => 1.609_344,
        "knots" => 1.852,
        _ => return None,
    };
    Some((figure * factor * 10.0).round() as u32)
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
            ("maxspeed=DE:rural", tenths(900)),
            ("maxspeed=DE:zone:30", tenths(300)),
            ("maxspeed=DE:zone30", tenths(300)),
            ("maxspeed=AT:zone30", tenths(300)),
            ("maxspeed=RU:living_street", tenths(200)),
            ("maxspeed=DE:living_street", tenths(60)),
            ("maxspeed=GB:nsl_single", tenths(970)),
            ("maxspeed=GB:nsl_dual", tenths(1130)),
            ("maxspeed=GB:nsl_restricted", tenths(480)),
            ("maxspeed=GB:20mph", tenths(322)),
            ("maxspeed=national", tenths(966)),
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
            ("source:maxspeed=DE:rural", tenths(900)),
            ("source:maxspeed=sign", None),
            ("maxspeed:bus=20 maxspeed=50", tenths(500)),
        ];
        for (tags, expected) in rows {
            assert_eq!(limit(&Tags::parse(tags), Direction::Forward, &Profile::default()), expected, "{tags}");
        }
        let with_blank = Tags::new([("maxspeed", " 30 mph ")]);
        assert_eq!(limit(&with_blank, Direction::Backward, &Profile::default()), tenths(483));
        let psv = Profile { psv: true, ..Profile::default() };
        assert_eq!(limit(&Tags::parse("maxspeed:bus=20 maxspeed=50"), Direction::Forward, &psv), tenths(200));
    }

    #[test]
    fn speeds_of_a_minibus_in_tenths() {
        let rows = [
            (RoadClass::Residential, "", 300),
            (RoadClass::Residential, "maxspeed=30", 270),
            (RoadClass::Residential, "maxspeed=100", 500),
            (RoadClass::Primary, "maxspeed=50", 450),
            (RoadClass::Primary, "maxspeed=100", 800),
            (RoadClass::Motorway, "maxspeed=none", 800),
            (RoadClass::Motorway, "maxspeed=130", 800),
            (RoadClass::Unclassified, "maxspeed=GB:nsl_single", 600),
            (RoadClass::LivingStreet, "maxspeed=walk", 54),
            (RoadClass::Service, "service=parking_aisle", 100),
            (RoadClass::Service, "", 200),
        ];
        for (class, tags, expected) in rows {
            let driven = speed(class, &Tags::parse(tags), Direction::Forward, &Profile::default());
            assert_eq!(driven, Speed(expected), "{class:?} {tags}");
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

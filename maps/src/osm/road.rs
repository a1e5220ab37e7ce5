//! Which ways are roads for a minibus, how fast and in which directions.

use super::access::{Direction, Profile, access};
use super::oneway::{Oneway, is_roundabout, oneway};
use super::speed::{Speed, speed};
use super::tags::Tags;

/// The `highway` values a minibus can drive; ferries, busways and footways are none.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum RoadClass {
    Motorway,
    MotorwayLink,
    Trunk,
    TrunkLink,
    Primary,
    PrimaryLink,
    Secondary,
    SecondaryLink,
    Tertiary,
    TertiaryLink,
    Unclassified,
    Residential,
    LivingStreet,
    Service,
    Road,
    Track,
}

impl RoadClass {
    /// In the order of their numbers.
    pub const ALL: [RoadClass; 16] = [
        RoadClass::Motorway,
        RoadClass::MotorwayLink,
        RoadClass::Trunk,
        RoadClass::TrunkLink,
        RoadClass::Primary,
        RoadClass::PrimaryLink,
        RoadClass::Secondary,
        RoadClass::SecondaryLink,
        RoadClass::Tertiary,
        RoadClass::TertiaryLink,
        RoadClass::Unclassified,
        RoadClass::Residential,
        RoadClass::LivingStreet,
        RoadClass::Service,
        RoadClass::Road,
        RoadClass::Track,
    ];
}

/// Why a way with a road's `highway` tag is left out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum NotDrivable {
    /// Not a road for motor vehicles at all: footways, cycleways, roads not yet built.
    NotARoad,
    /// A farm or forest track, and the profile does not drive them.
    Track,
    /// `access=private`, `motor_vehicle=no` and the like, or closed in both directions.
    NoAccess,
    /// The outline of a paved area, not a line to drive along.
    Area,
    /// One-way in a direction that changes with the hour.
    Reversible,
    /// `smoothness=impassable` or `impassable=yes`.
    Impassable,
}

/// What a way's tags come to; at least one direction can be driven.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Road {
    pub(super) class: RoadClass,
    /// Speed along the order of the way's nodes; `None` if that is not allowed.
    pub(super) forward: Option<Speed>,
    pub(super) backward: Option<Speed>,
    pub(super) is_roundabout: bool,
}

/// Reads the tags of a way with a `highway` tag.
pub(super) fn road(tags: &Tags<'_>, profile: &Profile) -> Result<Road, NotDrivable> {
    let class = tags.get("highway").and_then(class_of).ok_or(NotDrivable::NotARoad)?;
    if tags.is("area", "yes") {
        return Err(NotDrivable::Area);
    }
    if tags.is("smoothness", "impassable") || tags.is("impassable", "yes") {
        return Err(NotDrivable::Impassable);
    }
    if class == RoadClass::Track && !(profile.tracks && is_good_track(tags, profile)) {
        return Err(NotDrivable::Track);
    }
    let oneway = oneway(tags, profile);
    if oneway == Oneway::Reversible {
        return Err(NotDrivable::Reversible);
    }
    let one_direction = |direction| {
        let is_open = oneway.allows(direction) && access(tags, Some(direction), profile) != Some(false);
        is_open.then(|| speed(class, tags, direction, profile))
    };
    let road = Road {
        class,
        forward: one_direction(Direction::Forward),
        backward: one_direction(Direction::Backward),
        is_roundabout: is_roundabout(tags),
    };
    if road.forward.is_none() && road.backward.is_none() { Err(NotDrivable::NoAccess) } else { Ok(road) }
}

fn is_good_track(tags: &Tags<'_>, profile: &Profile) -> bool {
    matches!(tags.get("tracktype"), Some("grade1" | "grade2")) || access(tags, None, profile) == Some(true)
}

fn class_of(highway: &str) -> Option<RoadClass> {
    Some(match highway {
        "motorway" => RoadClass::Motorway,
        "motorway_link" => RoadClass::MotorwayLink,
        "trunk" => RoadClass::Trunk,
        "trunk_link" => RoadClass::TrunkLink,
        "primary" => RoadClass::Primary,
        "primary_link" => RoadClass::PrimaryLink,
        "secondary" => RoadClass::Secondary,
        "secondary_link" => RoadClass::SecondaryLink,
        "tertiary" => RoadClass::Tertiary,
        "tertiary_link" => RoadClass::TertiaryLink,
        "unclassified" => RoadClass::Unclassified,
        "residential" | "residential_link" => RoadClass::Residential,
        "living_street" => RoadClass::LivingStreet,
        "service" => RoadClass::Service,
        "road" => RoadClass::Road,
        "track" => RoadClass::Track,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `<>` both ways, `>` forward only, `<` backward only, or the reason why not.
    fn summary(tags: &str, profile: &Profile) -> String {
        match road(&Tags::parse(tags), profile) {
            Ok(road) => {
                let sign = |speed: Option<Speed>, sign| if speed.is_some() { sign } else { "" };
                format!("{}{}", sign(road.backward, "<"), sign(road.forward, ">"))
            }
            Err(reason) => format!("{reason:?}"),
        }
    }

    #[track_caller]
    fn check(profile: Profile, rows: &[(&str, &str)]) {
        for (tags, expected) in rows {
            assert_eq!(summary(tags, &profile), *expected, "{tags}");
        }
    }

    #[test]
    fn classes() {
        for class in "motorway trunk primary secondary tertiary".split(' ') {
            check(Profile::default(), &[(&format!("highway={class}_link"), "<>")]);
        }
        for class in "trunk primary secondary tertiary unclassified residential living_street service road".split(' ') {
            check(Profile::default(), &[(&format!("highway={class}"), "<>")]);
        }
        check(
            Profile::default(),
            &[
                ("highway=motorway", ">"),
                ("highway=footway", "NotARoad"),
                ("highway=pedestrian", "NotARoad"),
                ("highway=construction construction=primary", "NotARoad"),
                ("highway=proposed", "NotARoad"),
                ("highway=busway", "NotARoad"),
                ("route=ferry motor_vehicle=yes", "NotARoad"),
                ("highway=service service=driveway", "<>"),
                ("highway=service service=driveway access=private", "NoAccess"),
                ("highway=service area=yes", "Area"),
                ("highway=residential smoothness=impassable", "Impassable"),
                ("highway=primary oneway=reversible", "Reversible"),
            ],
        );
    }

    #[test]
    fn tracks_only_by_option_and_only_good_ones() {
        check(Profile::default(), &[("highway=track tracktype=grade1", "Track")]);
        check(
            Profile { tracks: true, ..Profile::default() },
            &[
                ("highway=track tracktype=grade1", "<>"),
                ("highway=track tracktype=grade2", "<>"),
                ("highway=track tracktype=grade3", "Track"),
                ("highway=track", "Track"),
                ("highway=track motor_vehicle=yes", "<>"),
                ("highway=track tracktype=grade1 motor_vehicle=agricultural", "NoAccess"),
            ],
        );
    }

    #[test]
    fn access_and_oneway_together() {
        check(
            Profile::default(),
            &[
                ("highway=residential motor_vehicle=no", "NoAccess"),
                ("highway=residential access=destination", "<>"),
                ("highway=residential oneway=yes", ">"),
                ("highway=residential oneway=-1", "<"),
                ("highway=residential motor_vehicle:backward=no", ">"),
                ("highway=residential oneway=yes motor_vehicle:forward=no", "NoAccess"),
                ("highway=tertiary motor_vehicle=no bus=yes", "NoAccess"),
            ],
        );
        let psv = Profile { psv: true, ..Profile::default() };
        check(psv, &[("highway=tertiary motor_vehicle=no bus=yes", "<>")]);
    }
}

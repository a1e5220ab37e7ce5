//! Which ways are roads for a minibus, how fast and in which directions; and which are ferries.

use mukae_units::TravelTime;

use super::access::{Access, Direction, access, way_access};
use super::dimension::fit;
use super::ferry;
use super::oneway::{Oneway, is_roundabout, oneway};
use super::speed::{Speed, speed};
use super::tags::Tags;
use crate::profile::Profile;

/// The `highway` values a minibus can drive, and ferries.
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
    Ferry,
}

impl RoadClass {
    /// In the order of their numbers.
    pub const ALL: [RoadClass; 17] = [
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
        RoadClass::Ferry,
    ];

    /// As OSM and profiles write it.
    pub const fn name(self) -> &'static str {
        match self {
            RoadClass::Motorway => "motorway",
            RoadClass::MotorwayLink => "motorway_link",
            RoadClass::Trunk => "trunk",
            RoadClass::TrunkLink => "trunk_link",
            RoadClass::Primary => "primary",
            RoadClass::PrimaryLink => "primary_link",
            RoadClass::Secondary => "secondary",
            RoadClass::SecondaryLink => "secondary_link",
            RoadClass::Tertiary => "tertiary",
            RoadClass::TertiaryLink => "tertiary_link",
            RoadClass::Unclassified => "unclassified",
            RoadClass::Residential => "residential",
            RoadClass::LivingStreet => "living_street",
            RoadClass::Service => "service",
            RoadClass::Road => "road",
            RoadClass::Track => "track",
            RoadClass::Ferry => "ferry",
        }
    }

    /// The class of a `highway` value; `busway` drives like an unclassified road.
    pub(super) fn of(highway: &str) -> Option<RoadClass> {
        let highway = match highway {
            "residential_link" => "residential",
            "busway" => "unclassified",
            other => other,
        };
        RoadClass::ALL.into_iter().find(|class| !class.is_ferry() && class.name() == highway)
    }

    pub const fn is_ferry(self) -> bool {
        matches!(self, RoadClass::Ferry)
    }

    /// Roads of towns and of the country, for which the law has general limits of its own.
    pub(super) const fn is_ordinary(self) -> bool {
        !matches!(
            self,
            RoadClass::Motorway | RoadClass::MotorwayLink | RoadClass::Trunk | RoadClass::TrunkLink | RoadClass::Track
        )
    }
}

/// Why a way with a road's tags is left out.
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
    /// The vehicle is higher, wider, longer or heavier than is allowed.
    TooTight,
    /// A ferry that takes motor vehicles, and the profile does not.
    Ferry,
    /// A ferry that takes no motor vehicles.
    FootFerry,
}

/// One direction of a road.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Lane {
    pub(super) speed: Speed,
    pub(super) is_destination_only: bool,
}

/// What a way's tags come to; at least one direction can be driven.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Road {
    pub(super) class: RoadClass,
    /// Along the order of the way's nodes; `None` if that is not allowed.
    pub(super) forward: Option<Lane>,
    pub(super) backward: Option<Lane>,
    pub(super) is_roundabout: bool,
    /// Of a ferry that tells it: how long the whole way takes.
    pub(super) duration: Option<TravelTime>,
}

/// Reads the tags of a way with a `highway` tag, or of a ferry.
pub(super) fn road(tags: &Tags<'_>, profile: &Profile) -> Result<Road, NotDrivable> {
    if ferry::is_ferry(tags) {
        return ferry::ferry(tags, profile);
    }
    let class = tags.get("highway").and_then(RoadClass::of).ok_or(NotDrivable::NotARoad)?;
    if tags.is("area", "yes") {
        return Err(NotDrivable::Area);
    }
    if tags.is("smoothness", "impassable") || tags.is("impassable", "yes") {
        return Err(NotDrivable::Impassable);
    }
    if class == RoadClass::Track && !(profile.vehicle.tracks && is_good_track(tags, profile)) {
        return Err(NotDrivable::Track);
    }
    let oneway = oneway(tags, profile);
    if oneway == Oneway::Reversible {
        return Err(NotDrivable::Reversible);
    }
    let open = |direction| {
        let access = if oneway.allows(direction) { way_access(tags, direction, profile) } else { Access::No };
        (access != Access::No).then_some(access == Access::DestinationOnly)
    };
    let (forward, backward) = (open(Direction::Forward), open(Direction::Backward));
    if forward.is_none() && backward.is_none() {
        return Err(NotDrivable::NoAccess);
    }
    let fit = fit(tags, profile);
    if fit == Access::No {
        return Err(NotDrivable::TooTight);
    }
    // A street that is one-way for others has their traffic against us all the same.
    let is_two_way = forward.is_some() && backward.is_some();
    let lane = |direction, is_destination_only: bool| Lane {
        speed: speed(class, tags, direction, is_two_way, profile),
        is_destination_only: is_destination_only || fit == Access::DestinationOnly,
    };
    Ok(Road {
        class,
        forward: forward.map(|is_destination_only| lane(Direction::Forward, is_destination_only)),
        backward: backward.map(|is_destination_only| lane(Direction::Backward, is_destination_only)),
        is_roundabout: is_roundabout(tags),
        duration: None,
    })
}

fn is_good_track(tags: &Tags<'_>, profile: &Profile) -> bool {
    matches!(tags.get("tracktype"), Some("grade1" | "grade2"))
        || access(tags, None, profile).is_some_and(|access| access != Access::No)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `<>` both ways, `>` forward only, `<` backward only, or the reason why not; round for destinations only.
    fn summary(tags: &str, profile: &Profile) -> String {
        match road(&Tags::parse(tags), profile) {
            Ok(road) => {
                let sign = |lane: Option<Lane>, open, destination_only| match lane {
                    None => "",
                    Some(Lane { is_destination_only: true, .. }) => destination_only,
                    Some(_) => open,
                };
                format!("{}{}", sign(road.backward, "<", "("), sign(road.forward, ">", ")"))
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
                ("route=ferry motor_vehicle=yes", "Ferry"),
                ("highway=service service=driveway", "()"),
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
            Profile::with("vehicle.tracks = true"),
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
                ("highway=residential access=destination", "()"),
                ("highway=residential motor_vehicle:backward=destination", "(>"),
                ("highway=residential maxheight=2", "TooTight"),
                ("highway=residential maxweight=3 maxweight:conditional=none@destination", "()"),
                ("highway=busway", "NoAccess"),
                ("highway=residential oneway=yes", ">"),
                ("highway=residential oneway=-1", "<"),
                ("highway=residential motor_vehicle:backward=no", ">"),
                ("highway=residential oneway=yes motor_vehicle:forward=no", "NoAccess"),
                ("highway=tertiary motor_vehicle=no bus=yes", "NoAccess"),
            ],
        );
        let psv = Profile::with("vehicle.psv = true");
        check(psv, &[("highway=tertiary motor_vehicle=no bus=yes", "<>"), ("highway=busway", "<>")]);
    }
}

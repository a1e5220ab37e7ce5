//! In which directions a road may be driven.

use super::access::Direction;
use super::tags::Tags;
use crate::profile::Profile;

/// The directions a way's tags leave open, before access is asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Oneway {
    Both,
    Only(Direction),
    /// The direction changes with the hour, so neither can be relied on.
    Reversible,
}

impl Oneway {
    pub(super) fn allows(self, direction: Direction) -> bool {
        match self {
            Oneway::Both => true,
            Oneway::Only(only) => only == direction,
            Oneway::Reversible => false,
        }
    }
}

/// A kind of vehicle may be excepted (`oneway:motor_vehicle=no`), buses also by a lane against the
/// direction (`busway=opposite_lane`, `lanes:psv:backward=1`); without any `oneway` tag roundabouts
/// and motorways are one-way, motorway links are not.
pub(super) fn oneway(tags: &Tags<'_>, profile: &Profile) -> Oneway {
    let own = profile.vehicle_keys().iter().find_map(|key| {
        // Keys read `oneway:bus`; `access` is no kind of vehicle and never stands there.
        tags.get_joined("oneway:", key).and_then(parse)
    });
    if own.is_none() && profile.vehicle.psv && has_contraflow(tags) {
        return Oneway::Both;
    }
    own.or_else(|| tags.get("oneway").and_then(parse)).unwrap_or_else(|| implied(tags))
}

fn parse(value: &str) -> Option<Oneway> {
    match value {
        "yes" | "true" | "1" => Some(Oneway::Only(Direction::Forward)),
        "-1" | "reverse" => Some(Oneway::Only(Direction::Backward)),
        "no" | "false" | "0" | "alternating" => Some(Oneway::Both),
        "reversible" => Some(Oneway::Reversible),
        _ => None,
    }
}

/// <https://wiki.openstreetmap.org/wiki/Key:busway>
fn has_contraflow(tags: &Tags<'_>) -> bool {
    let is_opposite =
        |key| tags.get(key).is_some_and(|value| matches!(value, "opposite_lane" | "opposite" | "opposite_track"));
    let has_lanes = |key| tags.get(key).is_some_and(|lanes| !matches!(lanes, "0" | "no"));
    ["busway", "busway:left", "busway:right", "busway:both"].into_iter().any(is_opposite)
        || ["lanes:psv:backward", "lanes:bus:backward"].into_iter().any(has_lanes)
}

fn implied(tags: &Tags<'_>) -> Oneway {
    if is_roundabout(tags) || tags.is("highway", "motorway") { Oneway::Only(Direction::Forward) } else { Oneway::Both }
}

pub(super) fn is_roundabout(tags: &Tags<'_>) -> bool {
    matches!(tags.get("junction"), Some("roundabout" | "circular"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directions_by_tags() {
        const FORWARD: Oneway = Oneway::Only(Direction::Forward);
        const BACKWARD: Oneway = Oneway::Only(Direction::Backward);
        let rows = [
            ("highway=residential", Oneway::Both),
            ("oneway=yes", FORWARD),
            ("oneway=true", FORWARD),
            ("oneway=1", FORWARD),
            ("oneway=-1", BACKWARD),
            ("oneway=no", Oneway::Both),
            ("oneway=alternating", Oneway::Both),
            ("oneway=reversible", Oneway::Reversible),
            ("oneway=maybe", Oneway::Both),
            ("junction=roundabout", FORWARD),
            ("junction=circular", FORWARD),
            ("junction=roundabout oneway=-1", BACKWARD),
            ("junction=roundabout oneway=no", Oneway::Both),
            ("junction=jughandle", Oneway::Both),
            ("highway=motorway", FORWARD),
            ("highway=motorway oneway=no", Oneway::Both),
            ("highway=motorway_link", Oneway::Both),
            ("oneway=yes oneway:motor_vehicle=no", Oneway::Both),
            ("oneway=yes oneway:bicycle=no", FORWARD),
            ("oneway=yes oneway:bus=no oneway:psv=no", FORWARD),
        ];
        for (tags, expected) in rows {
            assert_eq!(oneway(&Tags::parse(tags), &Profile::default()), expected, "{tags}");
        }
        assert_eq!(oneway(&Tags::parse("oneway=yes busway=opposite_lane"), &Profile::default()), FORWARD);
        let psv = Profile::with("vehicle.psv = true");
        for tags in ["busway=opposite_lane", "busway:left=opposite_lane", "lanes:psv:backward=1", "oneway:psv=no"] {
            assert_eq!(oneway(&Tags::parse(&format!("oneway=yes {tags}")), &psv), Oneway::Both, "{tags}");
        }
        assert_eq!(oneway(&Tags::parse("oneway=yes busway=lane"), &psv), FORWARD);
        assert_eq!(oneway(&Tags::parse("oneway=yes oneway:psv=no"), &psv), Oneway::Both);
        assert_eq!(oneway(&Tags::parse("oneway=yes oneway:bus=no"), &psv), Oneway::Both);
    }
}

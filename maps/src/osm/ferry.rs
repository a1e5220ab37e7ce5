//! Ferries that take motor vehicles: roads of a kind, if the profile takes them.
//!
//! A ferry's `duration` is that of its whole way and is spread over its pieces (`split`).
//! <https://wiki.openstreetmap.org/wiki/Tag:route%3Dferry>

use super::access::{Access, Direction, access};
use super::dimension::fit;
use super::oneway::oneway;
use super::quantity::duration;
use super::road::{Lane, NotDrivable, Road, RoadClass};
use super::speed::Speed;
use super::tags::Tags;
use crate::profile::Profile;

pub(super) fn is_ferry(tags: &Tags<'_>) -> bool {
    tags.is("route", "ferry")
}

pub(super) fn ferry(tags: &Tags<'_>, profile: &Profile) -> Result<Road, NotDrivable> {
    if !takes_vehicles(tags, profile) || fit(tags, profile) == Access::No {
        return Err(NotDrivable::FootFerry);
    }
    if !profile.vehicle.ferries {
        return Err(NotDrivable::Ferry);
    }
    let oneway = oneway(tags, profile);
    let lane = Lane { speed: Speed::from_kmh(profile.ferry.speed_kmh), is_destination_only: false };
    let (forward, backward) = (oneway.allows(Direction::Forward), oneway.allows(Direction::Backward));
    if !forward && !backward {
        return Err(NotDrivable::Reversible);
    }
    Ok(Road {
        class: RoadClass::Ferry,
        forward: forward.then_some(lane),
        backward: backward.then_some(lane),
        is_roundabout: false,
        duration: tags.get("duration").and_then(duration),
    })
}

/// A ferry that names its passengers and not us takes only those; one that names nobody takes all, and so
/// it is read by other routers.
fn takes_vehicles(tags: &Tags<'_>, profile: &Profile) -> bool {
    let names_us = profile.vehicle_keys().iter().any(|key| *key != "access" && tags.get(key).is_some());
    let names_others = ["foot", "bicycle"].iter().any(|key| tags.get(key).is_some());
    match access(tags, None, profile) {
        Some(access) if names_us => access != Access::No,
        Some(Access::No) => false,
        _ => !names_others,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_ferries_take_a_minibus() {
        let rows = [
            ("route=ferry", Ok(())),
            ("route=ferry motor_vehicle=yes", Ok(())),
            ("route=ferry motorcar=yes foot=yes", Ok(())),
            ("route=ferry foot=yes", Err(NotDrivable::FootFerry)),
            ("route=ferry foot=yes bicycle=yes access=yes", Err(NotDrivable::FootFerry)),
            ("route=ferry motor_vehicle=no", Err(NotDrivable::FootFerry)),
            ("route=ferry access=private", Err(NotDrivable::FootFerry)),
            ("route=ferry motor_vehicle=yes maxheight=2", Err(NotDrivable::FootFerry)),
        ];
        let takes_ferries = Profile::with("vehicle.ferries = true");
        for (tags, expected) in rows {
            assert_eq!(ferry(&Tags::parse(tags), &takes_ferries).map(|_| ()), expected, "{tags}");
            let without = expected.and(Err(NotDrivable::Ferry));
            assert_eq!(ferry(&Tags::parse(tags), &Profile::default()).map(|_| ()), without, "{tags}");
        }
        let told = ferry(&Tags::parse("route=ferry duration=00:25"), &takes_ferries).expect("it takes all");
        assert_eq!(told.duration.map(|time| time.as_millis()), Some(25 * 60_000));
    }
}

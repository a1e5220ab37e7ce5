//! What stands on a node: barriers that nobody passes, gates for those who have a destination, and what
//! takes time to pass.

use mukae_units::TravelTime;

use super::access::{Access, access};
use super::dimension::fit;
use super::tags::Tags;
use crate::profile::Profile;

/// What passing a node means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Passage {
    pub(super) access: Access,
    pub(super) delay: TravelTime,
}

impl Passage {
    pub(super) const FREE: Passage = Passage { access: Access::Yes, delay: TravelTime::ZERO };
}

pub(super) fn passage(tags: &Tags<'_>, profile: &Profile) -> Passage {
    let kind = tags.get("barrier");
    let access = kind.map_or(Access::Yes, |kind| barrier_access(kind, tags, profile));
    let level_crossing = tags.is("railway", "level_crossing").then_some("level_crossing");
    let kinds = [kind, tags.get("highway"), level_crossing];
    let delays = kinds.into_iter().flatten().filter_map(|kind| profile.delay_s.get(kind));
    Passage { access, delay: TravelTime::from_secs(delays.copied().max().unwrap_or(0)) }
}

/// An access tag on the barrier decides; without one, its kind does. Kinds that are not known are
/// passed: closing a road for a typing error costs more.
fn barrier_access(kind: &str, tags: &Tags<'_>, profile: &Profile) -> Access {
    let rules = &profile.barrier;
    let is_in = |list: &[String]| list.iter().any(|other| other == kind);
    let fit = fit(tags, profile);
    let is_locked = tags.is("locked", "yes") && is_in(&rules.closed_if_locked);
    let access = match access(tags, None, profile) {
        // Who may enter has the key; the general public's permission does not open a lock.
        Some(Access::Yes) if is_locked && !has_own_key(tags, profile) => Access::No,
        Some(said) => said,
        None if is_in(&rules.closed) || is_locked => Access::No,
        None if is_in(&rules.closed_unless_psv) && !profile.vehicle.psv => Access::No,
        None => Access::Yes,
    };
    access.min(fit)
}

/// True if a tag about our kind of vehicle speaks, not `access` about everybody.
fn has_own_key(tags: &Tags<'_>, profile: &Profile) -> bool {
    profile.vehicle_keys().iter().any(|key| *key != "access" && tags.get(key).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_minibus_cannot_pass() {
        let rows = [
            ("highway=crossing", Access::Yes),
            ("highway=crossing access=no", Access::Yes),
            ("barrier=bollard", Access::No),
            ("barrier=bollard bollard=removable", Access::No),
            ("barrier=bollard bollard=rising", Access::No),
            ("barrier=bollard motor_vehicle=yes", Access::Yes),
            ("barrier=bollard access=no motor_vehicle=yes", Access::Yes),
            ("barrier=bollard bicycle=yes foot=yes", Access::No),
            ("barrier=block", Access::No),
            ("barrier=gate", Access::Yes),
            ("barrier=gate locked=yes", Access::No),
            ("barrier=gate locked=yes access=yes", Access::No),
            ("barrier=gate locked=yes motor_vehicle=yes", Access::Yes),
            ("barrier=gate access=private", Access::No),
            ("barrier=gate access=no", Access::No),
            ("barrier=gate access=destination", Access::DestinationOnly),
            ("barrier=lift_gate motor_vehicle=private", Access::No),
            ("barrier=lift_gate access=customers", Access::DestinationOnly),
            ("barrier=lift_gate", Access::Yes),
            ("barrier=bus_trap", Access::No),
            ("barrier=cattle_grid", Access::Yes),
            ("barrier=toll_booth", Access::Yes),
            ("barrier=height_restrictor", Access::Yes),
            ("barrier=height_restrictor maxheight=2", Access::No),
            ("barrier=height_restrictor maxheight=3.5", Access::Yes),
            ("barrier=entrance", Access::Yes),
            ("barrier=kerb", Access::Yes),
            ("barrier=dragon", Access::Yes),
        ];
        for (tags, expected) in rows {
            assert_eq!(passage(&Tags::parse(tags), &Profile::default()).access, expected, "{tags}");
        }
        let psv = Profile::with("vehicle.psv = true");
        assert_eq!(passage(&Tags::parse("barrier=bus_trap"), &psv).access, Access::Yes);
        assert_eq!(passage(&Tags::parse("barrier=bollard psv=yes"), &psv).access, Access::Yes);
    }

    #[test]
    fn what_takes_time() {
        let delay = |tags: &str, profile: &Profile| passage(&Tags::parse(tags), profile).delay;
        let slow = Profile::with("delay_s.traffic_signals = 12");
        assert_eq!(delay("barrier=gate", &slow), TravelTime::from_secs(15));
        assert_eq!(delay("highway=traffic_signals", &slow), TravelTime::from_secs(12));
        assert_eq!(delay("highway=crossing", &slow), TravelTime::ZERO);
        let japan = Profile::named("japan").expect("built in");
        assert_eq!(delay("railway=level_crossing", &japan), TravelTime::from_secs(8));
    }
}

//! Who may drive here: the access tags of ways and barriers, most specific key first.
//!
//! What the values mean is the profile's to say. <https://wiki.openstreetmap.org/wiki/Key:access>

use super::tags::Tags;
use crate::profile::Profile;

/// Along the order of a way's nodes, or against it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Direction {
    Forward,
    Backward,
}

impl Direction {
    pub(super) const fn suffix(self) -> &'static str {
        match self {
            Direction::Forward => ":forward",
            Direction::Backward => ":backward",
        }
    }
}

/// From worst to best: of several values of one tag the best decides.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Access {
    No,
    /// For those who have a destination there: riders are fetched and brought, nobody drives through.
    DestinationOnly,
    Yes,
}

impl Profile {
    /// Kinds of vehicle that name ours, the most specific first.
    pub(super) fn vehicle_keys(&self) -> &'static [&'static str] {
        if self.vehicle.psv {
            &["minibus", "bus", "psv", "motor_vehicle", "vehicle", "access"]
        } else {
            &["motorcar", "motor_vehicle", "vehicle", "access"]
        }
    }

    /// True if a tag that lists kinds of vehicle, such as `except=psv;bicycle`, names ours.
    pub(super) fn is_named_in(&self, list: &str) -> bool {
        list.split([';', ',']).any(|kind| self.vehicle_keys().contains(&kind.trim()))
    }
}

/// Whether the tags let us pass: the most specific key with a value we understand decides; `None` if
/// no key says anything.
pub fn access(tags: &Tags<'_>, direction: Option<Direction>, profile: &Profile) -> Option<Access> {
    profile.vehicle_keys().iter().find_map(|key| {
        let permits = |value| permits(value, profile);
        let directed = direction.and_then(|direction| tags.get_joined(key, direction.suffix())).and_then(permits);
        directed.or_else(|| tags.get(key).and_then(permits))
    })
}

/// What one access value means; of several words the best that is known.
pub(super) fn permits(value: &str, profile: &Profile) -> Option<Access> {
    let rules = &profile.access;
    let meaning = |word: &str| {
        let is_in = |list: &[String]| list.iter().any(|other| other == word);
        if is_in(&rules.yes) {
            Some(Access::Yes)
        } else if is_in(&rules.destination_only) {
            Some(Access::DestinationOnly)
        } else {
            is_in(&rules.no).then_some(Access::No)
        }
    };
    value.split(';').filter_map(|word| meaning(word.trim())).max()
}

/// Access of a way in one direction, with what its kind implies where no tag speaks.
pub(super) fn way_access(tags: &Tags<'_>, direction: Direction, profile: &Profile) -> Access {
    if let Some(said) = access(tags, Some(direction), profile) {
        return said;
    }
    let rules = &profile.access;
    let is_in = |list: &[String], value: &str| list.iter().any(|other| other == value);
    match tags.get("service") {
        _ if tags.is("highway", "busway") && !profile.vehicle.psv => Access::No,
        Some("bus" | "busway") if !profile.vehicle.psv => Access::No,
        Some(service) if is_in(&rules.closed_services, service) => Access::No,
        Some(service) if is_in(&rules.destination_only_services, service) => Access::DestinationOnly,
        _ => Access::Yes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NO: Option<Access> = Some(Access::No);
    const YES: Option<Access> = Some(Access::Yes);
    const DESTINATION: Option<Access> = Some(Access::DestinationOnly);

    #[track_caller]
    fn check(rows: &[(&str, Option<Access>)]) {
        for (tags, expected) in rows {
            assert_eq!(access(&Tags::parse(tags), None, &Profile::default()), *expected, "{tags}");
        }
    }

    #[test]
    fn the_most_specific_key_decides() {
        check(&[
            ("highway=service", None),
            ("access=no", NO),
            ("access=private", NO),
            ("access=no motor_vehicle=yes", YES),
            ("access=yes motor_vehicle=no", NO),
            ("access=no vehicle=destination", DESTINATION),
            ("vehicle=no motor_vehicle=permissive", YES),
            ("motor_vehicle=no motorcar=yes", YES),
            ("motor_vehicle=private", NO),
            ("access=destination", DESTINATION),
            ("access=customers", DESTINATION),
            ("access=delivery", DESTINATION),
            ("access=residents", DESTINATION),
            ("access=permit", DESTINATION),
            ("access=permissive", YES),
            ("motor_vehicle=destination motorcar=yes", YES),
            ("motor_vehicle=agricultural;forestry", NO),
            ("motor_vehicle=agricultural;destination", DESTINATION),
            ("motor_vehicle=destination;yes", YES),
            ("access=unknown", None),
            ("access=no motor_vehicle=unknown", NO),
            ("motor_vehicle=no bus=yes psv=yes", NO),
            ("bicycle=no foot=no horse=private", None),
        ]);
    }

    #[test]
    fn the_profile_says_what_values_mean() {
        let ours = Profile::with("access.no = ['no']\naccess.destination_only = ['private', 'destination']");
        assert_eq!(access(&Tags::parse("access=private"), None, &ours), DESTINATION);
        assert_eq!(access(&Tags::parse("access=agricultural"), None, &ours), None);
    }

    #[test]
    fn psv_tags_count_only_by_option() {
        let psv = Profile::with("vehicle.psv = true");
        assert_eq!(access(&Tags::parse("motor_vehicle=no psv=yes"), None, &psv), YES);
        assert_eq!(access(&Tags::parse("access=no bus=designated"), None, &psv), YES);
        assert_eq!(access(&Tags::parse("psv=yes minibus=no"), None, &psv), NO);
    }

    #[test]
    fn a_direction_can_be_closed_alone() {
        let tags = Tags::parse("motor_vehicle=yes motor_vehicle:backward=no");
        assert_eq!(access(&tags, Some(Direction::Forward), &Profile::default()), YES);
        assert_eq!(access(&tags, Some(Direction::Backward), &Profile::default()), NO);
    }

    #[test]
    fn kinds_of_service_roads() {
        let rows = [
            ("highway=service", Access::Yes),
            ("highway=service service=alley", Access::Yes),
            ("highway=service service=driveway", Access::DestinationOnly),
            ("highway=service service=parking_aisle", Access::DestinationOnly),
            ("highway=service service=drive-through", Access::DestinationOnly),
            ("highway=service service=driveway access=yes", Access::Yes),
            ("highway=service service=driveway access=private", Access::No),
            ("highway=service service=emergency_access", Access::No),
            ("highway=service service=emergency_access motor_vehicle=yes", Access::Yes),
            ("highway=service service=bus", Access::No),
        ];
        for (tags, expected) in rows {
            let found = way_access(&Tags::parse(tags), Direction::Forward, &Profile::default());
            assert_eq!(found, expected, "{tags}");
        }
        let psv = Profile::with("vehicle.psv = true");
        assert_eq!(way_access(&Tags::parse("service=bus"), Direction::Forward, &psv), Access::Yes);
    }

    #[test]
    fn lists_of_vehicles() {
        assert!(Profile::default().is_named_in("psv;motorcar"));
        assert!(!Profile::default().is_named_in("psv;bicycle"));
        assert!(Profile::with("vehicle.psv = true").is_named_in("bicycle; psv"));
    }
}

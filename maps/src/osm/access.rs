//! Who may drive here: the access tags of ways and barriers, most specific key first.

use super::tags::Tags;

/// What the vehicles of this map are to the law, as far as tags tell kinds of vehicles apart.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Profile {
    /// The vehicles count as public service vehicles: `psv`, `bus` and `minibus` tags speak about
    /// them, bus lanes and bus gates are open to them. Off by default: an on-demand minibus often has
    /// no such licence.
    pub psv: bool,
    /// Also drive `highway=track` of grade 1 or 2, or where `motor_vehicle` permits. Off by default.
    pub tracks: bool,
}

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

impl Profile {
    /// Kinds of vehicle that name ours, the most specific first. <https://wiki.openstreetmap.org/wiki/Key:access>
    pub(super) const fn vehicle_keys(&self) -> &'static [&'static str] {
        if self.psv {
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
pub fn access(tags: &Tags<'_>, direction: Option<Direction>, profile: &Profile) -> Option<bool> {
    profile.vehicle_keys().iter().find_map(|key| {
        let directed = direction.and_then(|direction| tags.get_joined(key, direction.suffix())).and_then(permits);
        directed.or_else(|| tags.get(key).and_then(permits))
    })
}

/// What one access value means for a vehicle that carries riders to their doors: whoever may enter
/// "as a destination" may. Of several values, one that permits is enough.
fn permits(value: &str) -> Option<bool> {
    let mut answer = None;
    for word in value.split(';') {
        match word.trim() {
            "yes" | "permissive" | "designated" | "official" | "destination" | "customers" | "delivery"
            | "residents" | "permit" | "public" | "allowed" => return Some(true),
            "no" | "private" | "agricultural" | "forestry" | "emergency" | "military" | "restricted" | "employees"
            | "staff" | "dismount" => answer = Some(false),
            _ => {}
        }
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(rows: &[(&str, Option<bool>)]) {
        for (tags, expected) in rows {
            assert_eq!(access(&Tags::parse(tags), None, &Profile::default()), *expected, "{tags}");
        }
    }

    #[test]
    fn the_most_specific_key_decides() {
        check(&[
            ("highway=service", None),
            ("access=no", Some(false)),
            ("access=private", Some(false)),
            ("access=no motor_vehicle=yes", Some(true)),
            ("access=yes motor_vehicle=no", Some(false)),
            ("access=no vehicle=destination", Some(true)),
            ("vehicle=no motor_vehicle=permissive", Some(true)),
            ("motor_vehicle=no motorcar=yes", Some(true)),
            ("motor_vehicle=private", Some(false)),
            ("access=destination", Some(true)),
            ("access=customers", Some(true)),
            ("access=delivery", Some(true)),
            ("access=permissive", Some(true)),
            ("motor_vehicle=agricultural;forestry", Some(false)),
            ("motor_vehicle=agricultural;destination", Some(true)),
            ("access=unknown", None),
            ("access=no motor_vehicle=unknown", Some(false)),
            ("motor_vehicle=no bus=yes psv=yes", Some(false)),
            ("bicycle=no foot=no horse=private", None),
        ]);
    }

    #[test]
    fn psv_tags_count_only_by_option() {
        let psv = Profile { psv: true, ..Profile::default() };
        assert_eq!(access(&Tags::parse("motor_vehicle=no psv=yes"), None, &psv), Some(true));
        assert_eq!(access(&Tags::parse("access=no bus=designated"), None, &psv), Some(true));
        assert_eq!(access(&Tags::parse("psv=yes minibus=no"), None, &psv), Some(false));
    }

    #[test]
    fn a_direction_can_be_closed_alone() {
        let tags = Tags::parse("motor_vehicle=yes motor_vehicle:backward=no");
        assert_eq!(access(&tags, Some(Direction::Forward), &Profile::default()), Some(true));
        assert_eq!(access(&tags, Some(Direction::Backward), &Profile::default()), Some(false));
    }

    #[test]
    fn lists_of_vehicles() {
        assert!(Profile::default().is_named_in("psv;motorcar"));
        assert!(!Profile::default().is_named_in("psv;bicycle"));
        assert!(Profile { psv: true, tracks: false }.is_named_in("bicycle; psv"));
    }
}

//! Whether the vehicle fits: limits of height, width, length and weight.
//!
//! Values that are no measure (`default`, `none`, `below_default`) limit nothing a minibus would notice.
//! <https://wiki.openstreetmap.org/wiki/Key:maxheight>

use super::quantity::{centimetres, kilograms};
use super::tags::Tags;
use crate::profile::Profile;

/// True if no limit of the tags is below the vehicle's measures.
pub(super) fn fits(tags: &Tags<'_>, profile: &Profile) -> bool {
    let vehicle = &profile.vehicle;
    let lengths = [
        ("maxheight", vehicle.height_cm),
        ("maxheight:physical", vehicle.height_cm),
        ("maxwidth", vehicle.width_cm),
        ("maxwidth:physical", vehicle.width_cm),
        ("maxlength", vehicle.length_cm),
    ];
    let weights = [("maxweight", vehicle.weight_kg), ("maxweightrating", vehicle.weight_kg)];
    // A measure of nothing is a typing error.
    let holds = |limit: Option<u32>, own: u32| limit.is_none_or(|limit| limit == 0 || own <= limit);
    lengths.iter().all(|(key, own)| holds(tags.get(key).and_then(centimetres), *own))
        && weights.iter().all(|(key, own)| holds(tags.get(key).and_then(kilograms), *own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_minibus_fits() {
        let rows = [
            ("", true),
            ("maxheight=2.8", true),
            ("maxheight=2.7", false),
            ("maxheight=default maxheight:physical=2.2", false),
            ("maxheight=below_default", true),
            ("maxwidth=2.1", true),
            ("maxwidth=2", false),
            ("maxlength=6", false),
            ("maxweight=3.5", true),
            ("maxweight=2.8", false),
            ("maxweight=3500kg", true),
            ("maxweight=0", true),
            ("maxheight=9'2\"", false),
            ("maxheight=9'3\"", true),
        ];
        for (tags, expected) in rows {
            assert_eq!(fits(&Tags::parse(tags), &Profile::default()), expected, "{tags}");
        }
        let high = Profile::with("vehicle.height_cm = 350");
        assert!(!fits(&Tags::parse("maxheight=3.4"), &high));
    }
}

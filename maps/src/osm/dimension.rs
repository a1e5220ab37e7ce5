//! Whether the vehicle fits: limits of height, width, length and weight.
//!
//! Values that are no measure (`default`, `none`, `below_default`) limit nothing a minibus would notice.
//! <https://wiki.openstreetmap.org/wiki/Key:maxheight>

use super::access::{Access, permits};
use super::quantity::{centimetres, kilograms};
use super::tags::Tags;
use crate::profile::Profile;

/// Whether the vehicle keeps every limit of the tags. A limit that it breaks may except those who have a
/// destination there (`maxweight:conditional=none @ destination`).
pub(super) fn fit(tags: &Tags<'_>, profile: &Profile) -> Access {
    let vehicle = &profile.vehicle;
    let lengths = [
        ("maxheight", vehicle.height_cm),
        ("maxheight:physical", vehicle.height_cm),
        ("maxwidth", vehicle.width_cm),
        ("maxwidth:physical", vehicle.width_cm),
        ("maxlength", vehicle.length_cm),
    ];
    let weights = [("maxweight", vehicle.weight_kg), ("maxweightrating", vehicle.weight_kg)];
    let lengths = lengths.map(|(key, own)| (key, own, tags.get(key).and_then(centimetres)));
    let weights = weights.map(|(key, own)| (key, own, tags.get(key).and_then(kilograms)));
    // A measure of nothing is a typing error.
    let is_broken = |own: u32, limit: Option<u32>| limit.is_some_and(|limit| 0 < limit && limit < own);
    let broken = lengths.into_iter().chain(weights).filter(|&(_, own, limit)| is_broken(own, limit));
    broken.map(|(key, ..)| exception(key, tags, profile)).min().unwrap_or(Access::Yes)
}

/// What a limit that is broken leaves open.
fn exception(key: &str, tags: &Tags<'_>, profile: &Profile) -> Access {
    let conditional = tags.get_joined(key, ":conditional").unwrap_or("");
    let excepts_us = conditional.split(';').filter_map(|rule| rule.split_once('@')).any(|(limit, who)| {
        let who = who.trim().trim_start_matches('(').trim_end_matches(')');
        limit.trim() == "none" && permits(who, profile).is_some_and(|access| access != Access::No)
    });
    if excepts_us { Access::DestinationOnly } else { Access::No }
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
            let expected = if expected { Access::Yes } else { Access::No };
            assert_eq!(fit(&Tags::parse(tags), &Profile::default()), expected, "{tags}");
        }
        let high = Profile::with("vehicle.height_cm = 350");
        assert_eq!(fit(&Tags::parse("maxheight=3.4"), &high), Access::No);
        let weak = |condition| {
            fit(&Tags::new([("maxweight", "3"), ("maxweight:conditional", condition)]), &Profile::default())
        };
        assert_eq!(weak("none @ destination"), Access::DestinationOnly);
        assert_eq!(weak("none @ private;none @ (delivery)"), Access::DestinationOnly);
        assert_eq!(weak("none @ private"), Access::No);
        assert_eq!(weak("2 @ winter"), Access::No);
    }
}

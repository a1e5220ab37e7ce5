//! The built-in profiles, and which of them a place gets that asks for none.

use mukae_units::LatLon;

use crate::osm::side::{BRITISH_ISLES, JAPAN, Place};

pub(super) const DEFAULT: &str = "default";

pub(super) const SHIPPED: [(&str, &str); 4] = [
    (DEFAULT, include_str!("../../profiles/default.toml")),
    ("japan", include_str!("../../profiles/japan.toml")),
    ("british-isles", include_str!("../../profiles/british-isles.toml")),
    ("europe", include_str!("../../profiles/europe.toml")),
];

pub(super) fn text(name: &str) -> Option<&'static str> {
    SHIPPED.iter().find(|(other, _)| *other == name).map(|(_, text)| *text)
}

/// The name of the profile for roads around `at`.
pub(crate) fn lies_in(at: LatLon) -> &'static str {
    let is_in = |places: &[Place]| places.iter().any(|place| place.contains(at));
    if is_in(JAPAN) {
        "japan"
    } else if is_in(BRITISH_ISLES) {
        "british-isles"
    } else if is_in(EUROPE) {
        "europe"
    } else {
        DEFAULT
    }
}

/// Boxes that hold Europe and leave Africa and Asia outside, roughly: the law behind them differs little.
const EUROPE: &[Place] = &[
    // Iberia; France to the Urals; Italy, Malta, Greece with Crete, Cyprus.
    Place([-10.0, 36.0, -0.5, 44.0]),
    Place([-5.5, 43.0, 40.0, 72.0]),
    Place([-0.5, 38.3, 26.0, 43.0]),
    Place([12.0, 35.6, 19.0, 38.4]),
    Place([19.0, 34.7, 26.9, 38.4]),
    Place([32.2, 34.5, 34.7, 35.75]),
    // Iceland, the Faroes; the Azores and Madeira, the Canaries.
    Place([-25.0, 61.3, -6.0, 67.0]),
    Place([-31.5, 32.0, -16.0, 40.0]),
    Place([-18.3, 27.5, -13.4, 29.5]),
];

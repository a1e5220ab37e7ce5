//! How many homes a building holds, by its tags and the area it covers.

use super::kind::levels;
use crate::osm::tags::Tags;

/// A building that says no more than that it is one is taken for a home if it covers so many square metres, both ends
/// included: less is a shed, more a hall.
const PLAIN_AREA: std::ops::RangeInclusive<u64> = 40..=300;
/// Whatever may be a home is one at this area, in square metres.
pub(super) const ORDINARY_AREA: u64 = 100;
/// Square metres of floor for one flat, with its part of the stairs.
const AREA_PER_FLAT: u64 = 90;
/// Of ground for one house of a row.
const AREA_PER_ROW_HOUSE: u64 = 60;
/// A pair of houses drawn as one building covers at least this.
const PAIR_AREA: u64 = 130;
/// Storeys of flats if nobody says.
const LEVELS: u32 = 3;
const FLATS_MAX: u32 = 2000;

/// What says that a plain building is used for something else.
const OTHER_USES: [&str; 16] = [
    "shop",
    "amenity",
    "office",
    "tourism",
    "craft",
    "industrial",
    "man_made",
    "leisure",
    "historic",
    "religion",
    "power",
    "railway",
    "aeroway",
    "public_transport",
    "healthcare",
    "military",
];

/// 0 for a building that nobody lives in, as far as one can tell.
pub(super) fn homes(tags: &Tags<'_>, area: u64) -> u32 {
    let Some(kind) = tags.get("building") else { return 0 };
    let flats = tags.get("building:flats").and_then(|flats| flats.parse::<u32>().ok());
    let by_flats = |otherwise: u64| {
        let count = flats.filter(|flats| (1..=FLATS_MAX).contains(flats));
        count.unwrap_or_else(|| otherwise.clamp(1, u64::from(FLATS_MAX)) as u32)
    };
    let floors = area * u64::from(levels(tags).unwrap_or(LEVELS));
    match kind {
        "house" | "detached" | "bungalow" | "farm" | "cabin" | "static_caravan" => by_flats(1),
        "semidetached_house" | "semi" => by_flats(if area < PAIR_AREA { 1 } else { 2 }),
        "terrace" => by_flats(area / AREA_PER_ROW_HOUSE),
        "apartments" => by_flats((floors / AREA_PER_FLAT).max(2)),
        "residential" if area <= *PLAIN_AREA.end() => by_flats(1),
        "residential" => by_flats(floors / AREA_PER_FLAT),
        "yes" if PLAIN_AREA.contains(&area) && !OTHER_USES.iter().any(|key| tags.get(key).is_some()) => by_flats(1),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn homes_by_kind_and_area() {
        for (tags, area, expected) in [
            ("building=house", 90, 1),
            ("building=house building:flats=3", 90, 3),
            ("building=semidetached_house", 160, 2),
            ("building=terrace", 420, 7),
            ("building=terrace", 10, 1),
            ("building=apartments", 600, 20),
            ("building=apartments building:levels=5", 600, 33),
            ("building=apartments building:flats=999999", 90, 3),
            ("building=residential", 120, 1),
            ("building=residential", 900, 30),
            ("building=yes", 100, 1),
            ("building=yes", 39, 0),
            ("building=yes", 301, 0),
            ("building=yes shop=bakery", 100, 0),
            ("building=garage", 100, 0),
            ("building=school", 2000, 0),
            ("highway=residential", 0, 0),
        ] {
            assert_eq!(homes(&Tags::parse(tags), area), expected, "{tags}, {area} m²");
        }
    }
}

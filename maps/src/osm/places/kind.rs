//! What kind of place its tags make an object, and how many people go there on a day.

use crate::osm::tags::Tags;

/// Why people go there.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum PlaceKind {
    Hospital,
    Clinic,
    Dentist,
    Pharmacy,
    Care,
    Supermarket,
    Store,
    Convenience,
    School,
    Kindergarten,
    Station,
    BusStation,
    Bath,
    Community,
    TownHall,
    PostOffice,
    Bank,
}

/// How many people go there on a day, and what it was read from. It is an order of magnitude: what counts is the
/// comparison with other places of the same purpose.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Weight {
    pub visitors: u32,
    pub from: WeightFrom,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WeightFrom {
    /// Nothing about its size is said; the kind's own.
    Kind,
    FloorArea,
    Beds,
    Capacity,
}

impl WeightFrom {
    pub const fn name(self) -> &'static str {
        match self {
            WeightFrom::Kind => "kind",
            WeightFrom::FloorArea => "floor area",
            WeightFrom::Beds => "beds",
            WeightFrom::Capacity => "capacity",
        }
    }
}

/// Square metres of a hospital's floors for one bed.
const AREA_PER_BED: u64 = 100;
/// Of a stop without a station.
const HALT_VISITORS: u32 = 30;
/// Tagged sizes beyond this are slips of the keyboard.
const SIZE_MAX: u32 = 20_000;

impl PlaceKind {
    pub const ALL: [PlaceKind; 17] = [
        PlaceKind::Hospital,
        PlaceKind::Clinic,
        PlaceKind::Dentist,
        PlaceKind::Pharmacy,
        PlaceKind::Care,
        PlaceKind::Supermarket,
        PlaceKind::Store,
        PlaceKind::Convenience,
        PlaceKind::School,
        PlaceKind::Kindergarten,
        PlaceKind::Station,
        PlaceKind::BusStation,
        PlaceKind::Bath,
        PlaceKind::Community,
        PlaceKind::TownHall,
        PlaceKind::PostOffice,
        PlaceKind::Bank,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            PlaceKind::Hospital => "hospital",
            PlaceKind::Clinic => "clinic",
            PlaceKind::Dentist => "dentist",
            PlaceKind::Pharmacy => "pharmacy",
            PlaceKind::Care => "care",
            PlaceKind::Supermarket => "supermarket",
            PlaceKind::Store => "store",
            PlaceKind::Convenience => "convenience",
            PlaceKind::School => "school",
            PlaceKind::Kindergarten => "kindergarten",
            PlaceKind::Station => "station",
            PlaceKind::BusStation => "bus_station",
            PlaceKind::Bath => "bath",
            PlaceKind::Community => "community",
            PlaceKind::TownHall => "town_hall",
            PlaceKind::PostOffice => "post_office",
            PlaceKind::Bank => "bank",
        }
    }

    pub fn parse(name: &str) -> Option<PlaceKind> {
        PlaceKind::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Visitors a day of a place of whose size nothing is known.
    pub const fn visitors(self) -> u32 {
        match self {
            PlaceKind::Supermarket => 800,
            PlaceKind::Store | PlaceKind::Station => 200,
            PlaceKind::School => 150,
            PlaceKind::Hospital
            | PlaceKind::Convenience
            | PlaceKind::BusStation
            | PlaceKind::Bath
            | PlaceKind::TownHall => 100,
            PlaceKind::Kindergarten | PlaceKind::PostOffice | PlaceKind::Bank => 60,
            PlaceKind::Community => 50,
            PlaceKind::Clinic => 40,
            PlaceKind::Care => 30,
            PlaceKind::Dentist => 20,
            PlaceKind::Pharmacy => 15,
        }
    }

    /// `None` for what nobody goes to for one of our purposes, and for what is there no longer.
    pub fn of(tags: &Tags<'_>) -> Option<PlaceKind> {
        if ["disused", "abandoned", "ruins", "demolished"].iter().any(|key| tags.is(key, "yes")) {
            return None;
        }
        let by = |key: &str, kind: fn(&str) -> Option<PlaceKind>| tags.get(key).and_then(kind);
        by("amenity", of_amenity)
            .or_else(|| by("healthcare", of_healthcare))
            .or_else(|| by("shop", of_shop))
            .or_else(|| by("railway", |value| matches!(value, "station" | "halt").then_some(PlaceKind::Station)))
            .or_else(|| by("leisure", |value| (value == "sports_centre").then_some(PlaceKind::Community)))
    }

    /// `area` is that of the building in square metres, if the place is one.
    pub fn weight(self, tags: &Tags<'_>, area: Option<u64>) -> Weight {
        let tagged = |key: &str| tags.get(key)?.parse::<u32>().ok().filter(|size| (1..=SIZE_MAX).contains(size));
        let floor = area.map(|area| area * u64::from(levels(tags).unwrap_or(1)));
        let of_floor = |visitors: u64, least: u32, most: u32| Weight {
            visitors: u32::try_from(visitors).unwrap_or(u32::MAX).clamp(least, most),
            from: WeightFrom::FloorArea,
        };
        let found = match self {
            PlaceKind::Hospital => {
                let beds = tagged("beds").or_else(|| tagged("capacity:beds"));
                let beds = beds.map(|visitors| Weight { visitors, from: WeightFrom::Beds });
                beds.or_else(|| Some(of_floor(floor? / AREA_PER_BED, 20, 800)))
            }
            PlaceKind::Supermarket => floor.map(|area| of_floor(area, 200, 5000)),
            PlaceKind::Store => floor.map(|area| of_floor(area / 4, 100, 2000)),
            PlaceKind::School | PlaceKind::Kindergarten | PlaceKind::Care => {
                tagged("capacity").map(|visitors| Weight { visitors, from: WeightFrom::Capacity })
            }
            PlaceKind::Station if tags.is("railway", "halt") => {
                Some(Weight { visitors: HALT_VISITORS, from: WeightFrom::Kind })
            }
            _ => None,
        };
        found.unwrap_or(Weight { visitors: self.visitors(), from: WeightFrom::Kind })
    }
}

/// Storeys above the ground.
pub(super) fn levels(tags: &Tags<'_>) -> Option<u32> {
    const LEVELS_MAX: f64 = 100.0;
    let levels: f64 = tags.get("building:levels")?.parse().ok()?;
    (0.5..=LEVELS_MAX).contains(&levels).then_some(levels.round() as u32)
}

fn of_amenity(value: &str) -> Option<PlaceKind> {
    Some(match value {
        "hospital" => PlaceKind::Hospital,
        "clinic" | "doctors" => PlaceKind::Clinic,
        "dentist" => PlaceKind::Dentist,
        "pharmacy" => PlaceKind::Pharmacy,
        "social_facility" | "nursing_home" => PlaceKind::Care,
        "school" | "college" | "university" => PlaceKind::School,
        "kindergarten" | "childcare" => PlaceKind::Kindergarten,
        "bus_station" | "ferry_terminal" => PlaceKind::BusStation,
        "public_bath" => PlaceKind::Bath,
        "community_centre" | "social_centre" | "library" => PlaceKind::Community,
        "townhall" => PlaceKind::TownHall,
        "post_office" => PlaceKind::PostOffice,
        "bank" => PlaceKind::Bank,
        _ => return None,
    })
}

fn of_healthcare(value: &str) -> Option<PlaceKind> {
    Some(match value {
        "hospital" => PlaceKind::Hospital,
        "clinic" | "doctor" | "centre" => PlaceKind::Clinic,
        "dentist" => PlaceKind::Dentist,
        "pharmacy" => PlaceKind::Pharmacy,
        _ => return None,
    })
}

fn of_shop(value: &str) -> Option<PlaceKind> {
    Some(match value {
        "supermarket" => PlaceKind::Supermarket,
        "mall" | "department_store" | "general" | "variety_store" | "doityourself" | "chemist" => PlaceKind::Store,
        "convenience" => PlaceKind::Convenience,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_and_weights() {
        for (tags, expected) in [
            ("amenity=hospital beds=92", "hospital 92 beds"),
            ("amenity=hospital beds=many", "hospital 100 kind"),
            ("amenity=doctors", "clinic 40 kind"),
            ("healthcare=doctor", "clinic 40 kind"),
            ("amenity=school capacity=311", "school 311 capacity"),
            ("amenity=school capacity=0", "school 150 kind"),
            ("shop=supermarket", "supermarket 800 kind"),
            ("railway=halt", "station 30 kind"),
            ("amenity=public_bath", "bath 100 kind"),
            ("amenity=townhall", "town_hall 100 kind"),
            ("amenity=bench", ""),
            ("amenity=school disused=yes", ""),
            ("disused:amenity=school", ""),
        ] {
            let tags = Tags::parse(tags);
            let found = PlaceKind::of(&tags).map(|kind| {
                let weight = kind.weight(&tags, None);
                format!("{} {} {}", kind.name(), weight.visitors, weight.from.name())
            });
            assert_eq!(found.unwrap_or_default(), expected, "{tags:?}");
        }
        let tags = Tags::parse("shop=supermarket building:levels=2");
        assert_eq!(PlaceKind::Supermarket.weight(&tags, Some(900)).visitors, 1800);
        let tags = Tags::parse("amenity=hospital building:levels=4");
        assert_eq!(PlaceKind::Hospital.weight(&tags, Some(3000)).visitors, 120);
        assert_eq!(PlaceKind::Hospital.weight(&tags, Some(u64::from(u32::MAX) * 900)).visitors, 800);
    }

    #[test]
    fn names_lead_back_to_their_kinds() {
        assert!(PlaceKind::ALL.into_iter().all(|kind| PlaceKind::parse(kind.name()) == Some(kind)));
        assert_eq!(PlaceKind::parse("hospitals"), None);
    }
}

//! The parts of a town that figures are told for: where a rider asked to be fetched.

use mukae_engine::model::{Request, Spot};
use mukae_maps::Bounds;
use mukae_maps::geometry::distance;
use mukae_units::{LatLon, Metres, ZoneId};

/// How a town is parted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Hamlets {
    /// The zones of its configuration, by their numbers; a place in several counts in the first of them.
    Zones(Vec<String>),
    /// The nearest of these, if it is no farther than the limit; of several alike, the first.
    Named { places: Vec<Named>, limit: Metres },
    /// Squares of a kilometre, where nobody said more.
    Grid(Grid),
}

/// A hamlet somebody gave a name to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Named {
    pub name: String,
    pub at: LatLon,
}

/// Rows count from the south, columns from the west, both from 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Grid {
    corner: LatLon,
    /// Of one square, in ten-millionths of a degree.
    height: i64,
    width: i64,
}

/// Which hamlet, by number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Hamlet(u32);

impl Hamlet {
    /// In none of them.
    pub const ELSEWHERE: Hamlet = Hamlet(u32::MAX - 1);
    /// What belongs to no rider.
    pub const NOBODYS: Hamlet = Hamlet(u32::MAX);
}

/// What a table calls the hamlet of things that belong to no rider.
pub const NOBODYS: &str = "-";
/// And that of riders who live in no hamlet.
pub const ELSEWHERE: &str = "elsewhere";

impl Default for Hamlets {
    fn default() -> Hamlets {
        Hamlets::Zones(Vec::new())
    }
}

impl Grid {
    /// A kilometre of latitude, in ten-millionths of a degree, on a sphere of the Earth's mean radius.
    const KILOMETRE: i64 = 89_932;
    const TURN: i64 = 3_600_000_000;

    /// From the south-west corner of an area; as wide as a kilometre is in its middle.
    pub fn over(bounds: &Bounds) -> Grid {
        let squeeze = bounds.centre().lat().to_radians().cos().max(0.01);
        let width = (Grid::KILOMETRE as f64 / squeeze).round() as i64;
        Grid { corner: bounds.south_west, height: Grid::KILOMETRE, width }
    }

    fn cell(&self, at: LatLon) -> Hamlet {
        let north = i64::from(at.lat_e7()) - i64::from(self.corner.lat_e7());
        let east = i64::from(at.lon_e7()) - i64::from(self.corner.lon_e7());
        let east = (east + Grid::TURN / 2).rem_euclid(Grid::TURN) - Grid::TURN / 2;
        let (row, column) = (north.div_euclid(self.height), east.div_euclid(self.width));
        match (u16::try_from(row), u16::try_from(column)) {
            (Ok(row), Ok(column)) if row < u16::MAX => Hamlet(u32::from(row) << 16 | u32::from(column)),
            _ => Hamlet::ELSEWHERE,
        }
    }
}

impl Hamlets {
    /// Where the rider asked to be fetched, at the first of the places that were named.
    pub(super) fn of(&self, request: &Request) -> Hamlet {
        request.origin.first().map_or(Hamlet::ELSEWHERE, |access| self.around(&access.spot))
    }

    fn around(&self, spot: &Spot) -> Hamlet {
        match self {
            Hamlets::Zones(names) => {
                let zone = (0..names.len() as u32).find(|&number| spot.zones.contains(ZoneId(number)));
                zone.map_or(Hamlet::ELSEWHERE, Hamlet)
            }
            Hamlets::Named { places, limit } => {
                let near = (0u32..).zip(places).map(|(number, place)| (distance(place.at, spot.asked), number));
                let nearest = near.min().filter(|(far, _)| far <= limit);
                nearest.map_or(Hamlet::ELSEWHERE, |(_, number)| Hamlet(number))
            }
            Hamlets::Grid(grid) => grid.cell(spot.asked),
        }
    }

    pub(super) fn name(&self, hamlet: Hamlet) -> String {
        match (self, hamlet) {
            (_, Hamlet::NOBODYS) => NOBODYS.to_owned(),
            (_, Hamlet::ELSEWHERE) => ELSEWHERE.to_owned(),
            (Hamlets::Zones(names), Hamlet(number)) => names[number as usize].clone(),
            (Hamlets::Named { places, .. }, Hamlet(number)) => places[number as usize].name.clone(),
            (Hamlets::Grid(_), Hamlet(number)) => format!("r{}c{}", (number >> 16) + 1, (number & 0xffff) + 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use mukae_maps::{EdgeId, Fraction, Place, Sides};
    use mukae_units::Zones;

    use super::*;

    fn spot(lat: f64, lon: f64, zones: &[u32]) -> Spot {
        let ids: Vec<ZoneId> = zones.iter().map(|&number| ZoneId(number)).collect();
        let place = Place { edge: EdgeId(0), fraction: Fraction::TAIL, sides: Sides::This };
        let asked = LatLon::from_degrees(lat, lon).unwrap();
        Spot { asked, label: String::new(), kana: String::new(), place, zones: Zones::of(&ids).unwrap() }
    }

    fn name(hamlets: &Hamlets, spot: &Spot) -> String {
        hamlets.name(hamlets.around(spot))
    }

    #[test]
    fn of_several_zones_the_first_counts() {
        let zones = Hamlets::Zones(vec!["shore".to_owned(), "hill".to_owned()]);
        assert_eq!(name(&zones, &spot(36.0, 137.0, &[1, 0])), "shore");
        assert_eq!(name(&zones, &spot(36.0, 137.0, &[1])), "hill");
        assert_eq!(name(&zones, &spot(36.0, 137.0, &[])), ELSEWHERE);
        assert_eq!(name(&zones, &spot(36.0, 137.0, &[7])), ELSEWHERE, "a zone that nobody names");
    }

    #[test]
    fn the_nearest_hamlet_is_the_riders_if_it_is_near() {
        let named = |name: &str, lat, lon| Named { name: name.to_owned(), at: LatLon::from_degrees(lat, lon).unwrap() };
        let places = vec![named("笹川", 36.90, 137.60), named("泊", 36.96, 137.55), named("泊", 36.96, 137.55)];
        let hamlets = Hamlets::Named { places, limit: Metres::from_metres(3000) };
        assert_eq!(name(&hamlets, &spot(36.91, 137.60, &[])), "笹川");
        assert_eq!(hamlets.around(&spot(36.955, 137.55, &[])), Hamlet(1), "of two alike the first");
        assert_eq!(name(&hamlets, &spot(36.91, 137.70, &[])), ELSEWHERE);
    }

    #[test]
    fn squares_are_a_kilometre_also_across_the_antimeridian() {
        let at = |lat, lon| LatLon::from_degrees(lat, lon).unwrap();
        let grid = Grid::over(&Bounds { south_west: at(-17.0, 179.9), north_east: at(-16.0, -179.9) });
        let across = distance(at(-16.5, 0.0), at(-16.5, grid.width as f64 / 1e7)).as_metres();
        assert!((999..=1001).contains(&across), "{across} m");
        assert!((999..=1001).contains(&distance(at(0.0, 0.0), at(grid.height as f64 / 1e7, 0.0)).as_metres()));
        let hamlets = Hamlets::Grid(grid);
        assert_eq!(name(&hamlets, &spot(-16.9999, 179.9001, &[])), "r1c1");
        assert_eq!(name(&hamlets, &spot(-16.99, -179.99, &[])), "r2c12");
        assert_eq!(name(&hamlets, &spot(-17.01, 179.95, &[])), ELSEWHERE, "south of the map");
    }
}

//! A town taken as a plane, in whole numbers: the same on every machine.

use mukae_units::{LatLon, Metres};

/// East and north of an origin in units of 10⁻⁷ degrees of latitude, about 11 mm.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flat {
    origin: LatLon,
    /// How much shorter a degree of longitude is, in 1/65,536.
    cosine: i64,
}

/// 10⁻⁷ degrees of latitude in a kilometre.
pub(super) const UNITS_PER_KM: i64 = 89_932;

impl Flat {
    pub fn around(origin: LatLon) -> Flat {
        // Bhāskara's approximation, right to 0.0017; in whole numbers of 10⁻⁴ degrees.
        let square = (i64::from(origin.lat_e7()) / 1000).pow(2);
        let cosine = 65_536 * (32_400 * 100_000_000 - 4 * square) / (32_400 * 100_000_000 + square);
        Flat { origin, cosine }
    }

    pub fn offset(&self, place: LatLon) -> (i64, i64) {
        let north = i64::from(place.lat_e7()) - i64::from(self.origin.lat_e7());
        (east(self.origin, place) * self.cosine / 65_536, north)
    }

    pub fn distance(&self, a: LatLon, b: LatLon) -> Metres {
        let ((east_a, north_a), (east_b, north_b)) = (self.offset(a), self.offset(b));
        let units = ((east_a - east_b).pow(2) + (north_a - north_b).pow(2)).isqrt();
        Metres::from_millimetres(units as u64 * 1_000_000 / UNITS_PER_KM as u64)
    }
}

/// From one meridian to another the short way round.
fn east(from: LatLon, to: LatLon) -> i64 {
    const TURN: i64 = 3_600_000_000;
    (i64::from(to.lon_e7()) - i64::from(from.lon_e7()) + TURN / 2).rem_euclid(TURN) - TURN / 2
}

/// The point so many 1,024ths of the way from `a` to `b`.
pub(super) fn between(a: LatLon, b: LatLon, part: i64) -> LatLon {
    const HALF_TURN: i64 = 1_800_000_000;
    let lat = i64::from(a.lat_e7()) + (i64::from(b.lat_e7()) - i64::from(a.lat_e7())) * part / 1024;
    let lon = i64::from(a.lon_e7()) + east(a, b) * part / 1024;
    let lon = (lon + HALF_TURN).rem_euclid(2 * HALF_TURN) - HALF_TURN;
    LatLon::from_e7(lat as i32, lon as i32).expect("between two points of the globe, and wrapped")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_right_to_a_few_permille_and_cross_the_antimeridian() {
        let at = |lat, lon| LatLon::from_degrees(lat, lon).unwrap();
        let metres = |a, b| Flat::around(a).distance(a, b).as_metres();
        assert!((11_100..11_140).contains(&metres(at(54.0, -4.5), at(54.1, -4.5))));
        assert!(
            (6_500..6_580).contains(&metres(at(54.0, -4.5), at(54.0, -4.4))),
            "{}",
            metres(at(54.0, -4.5), at(54.0, -4.4))
        );
        assert!((22_200..22_300).contains(&metres(at(0.0, 179.9), at(0.0, -179.9))));
        assert_eq!(between(at(0.0, 179.9), at(1.0, -179.9), 768), at(0.75, -179.95));
    }
}

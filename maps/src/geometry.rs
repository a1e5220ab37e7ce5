//! Lengths and directions on the globe, and a flat frame around a map to compare distances in.

use geo::{Distance, Haversine, Point};
use mukae_units::{LatLon, Metres};

/// The mean radius of the globe in metres, the one `geo` uses.
const RADIUS: f64 = 6_371_008.8;

/// The distance through the air, by the haversine formula, rounded to whole millimetres.
pub fn distance(a: LatLon, b: LatLon) -> Metres {
    let metres = Haversine.distance(Point::new(a.lon(), a.lat()), Point::new(b.lon(), b.lat()));
    Metres::from_millimetres((metres * 1000.0).round() as u64)
}

/// The length of the line through `points`: the sum of its parts, each rounded to millimetres.
pub fn line_length(points: impl IntoIterator<Item = LatLon>) -> Metres {
    let mut points = points.into_iter();
    let Some(mut last) = points.next() else { return Metres::ZERO };
    points
        .map(|point| {
            let part = distance(last, point);
            last = point;
            part
        })
        .sum()
}

/// A box in degrees; `west` is greater than `east` if the box crosses the antimeridian.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bounds {
    pub south_west: LatLon,
    pub north_east: LatLon,
}

impl Bounds {
    /// The smallest box around `points`, taken to span less than half the globe; `None` if there are none.
    pub fn around(points: impl IntoIterator<Item = LatLon>) -> Option<Bounds> {
        let mut points = points.into_iter();
        let first = points.next()?;
        let (mut south, mut north) = (first.lat_e7(), first.lat_e7());
        // Relative to the first point's longitude, so that the antimeridian is a line like any other.
        let (mut west, mut east) = (0i64, 0i64);
        for point in points {
            south = south.min(point.lat_e7());
            north = north.max(point.lat_e7());
            let offset = lon_offset(first.lon_e7(), point.lon_e7());
            west = west.min(offset);
            east = east.max(offset);
        }
        Some(Bounds {
            south_west: at(south, i64::from(first.lon_e7()) + west),
            north_east: at(north, i64::from(first.lon_e7()) + east),
        })
    }

    pub fn centre(&self) -> LatLon {
        let (south_west, north_east) = (self.south_west, self.north_east);
        let lat = (i64::from(south_west.lat_e7()) + i64::from(north_east.lat_e7())) / 2;
        let width = (i64::from(north_east.lon_e7()) - i64::from(south_west.lon_e7())).rem_euclid(TURN);
        at(lat as i32, i64::from(south_west.lon_e7()) + width / 2)
    }
}

/// A full turn in 10⁻⁷ degrees; longer than any `i32`.
const TURN: i64 = 3_600_000_000;

/// How far `lon` is east of `from`, the shorter way round, in 10⁻⁷ degrees.
fn lon_offset(from: i32, lon: i32) -> i64 {
    (i64::from(lon) - i64::from(from) + TURN / 2).rem_euclid(TURN) - TURN / 2
}

/// A point whose longitude may lie beyond the antimeridian.
fn at(lat_e7: i32, lon_e7: i64) -> LatLon {
    let lon = (lon_e7 + TURN / 2).rem_euclid(TURN) - TURN / 2;
    LatLon::from_e7(lat_e7, lon as i32).expect("latitude is of a point, longitude was wrapped to ±180")
}

/// An equirectangular frame: metres east and north of its origin. Lengths are right near the origin's
/// latitude and stretch east-west away from it; longitudes wrap, so it works across the antimeridian.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct LocalFrame {
    origin: LatLon,
    /// Metres for 10⁻⁷ degrees.
    per_lat: f64,
    per_lon: f64,
}

impl LocalFrame {
    pub(crate) fn around(origin: LatLon) -> LocalFrame {
        let per_lat = RADIUS * (1e-7f64).to_radians();
        // At the very pole east has no meaning; a small number keeps everything finite.
        let per_lon = per_lat * origin.lat().to_radians().cos().max(1e-6);
        LocalFrame { origin, per_lat, per_lon }
    }

    /// East, north.
    pub(crate) fn project(&self, point: LatLon) -> [f64; 2] {
        let east = lon_offset(self.origin.lon_e7(), point.lon_e7()) as f64 * self.per_lon;
        let north = f64::from(point.lat_e7() - self.origin.lat_e7()) * self.per_lat;
        [east, north]
    }

    /// The point so many metres east and north, to 10⁻⁷ degrees; `None` beyond a pole.
    pub(crate) fn unproject(&self, [east, north]: [f64; 2]) -> Option<LatLon> {
        let lat = (north / self.per_lat).round() as i64 + i64::from(self.origin.lat_e7());
        let lon = (east / self.per_lon).round() as i64 + i64::from(self.origin.lon_e7());
        (lat.abs() <= 900_000_000).then(|| at(lat as i32, lon))
    }

    /// How much longer than in this frame an east-west distance can be in a frame at `lat` degrees.
    pub(crate) fn stretch_to(&self, lat: f64) -> f64 {
        LocalFrame::around_lat(lat) * self.per_lat / self.per_lon
    }

    fn around_lat(lat: f64) -> f64 {
        lat.to_radians().cos().max(1e-6)
    }
}

/// A direction on the map in whole degrees, clockwise from north: 0 to 359.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Bearing(u16);

impl Bearing {
    /// From any number of degrees; whole turns are taken off.
    pub const fn from_degrees(degrees: i32) -> Bearing {
        Bearing(degrees.rem_euclid(360) as u16)
    }

    pub const fn degrees(self) -> u16 {
        self.0
    }

    pub const fn reversed(self) -> Bearing {
        Bearing((self.0 + 180) % 360)
    }

    /// The turn from this direction to `other` in degrees, right positive: -179 to 180.
    pub const fn turn_to(self, other: Bearing) -> i16 {
        let right = (other.0 + 360 - self.0) % 360;
        if 180 < right { right as i16 - 360 } else { right as i16 }
    }

    /// The direction of a vector east, north; `None` for one without length.
    pub(crate) fn of(vector: [f64; 2]) -> Option<Bearing> {
        let [east, north] = vector;
        (east != 0.0 || north != 0.0).then(|| Bearing::from_degrees(east.atan2(north).to_degrees().round() as i32))
    }
}

/// The point a part `t` (0 to 1) of the way from `a` to `b`, straight in degrees.
pub(crate) fn between(a: LatLon, b: LatLon, t: f64) -> LatLon {
    let lat = f64::from(a.lat_e7()) + t * (f64::from(b.lat_e7()) - f64::from(a.lat_e7()));
    let lon = t * lon_offset(a.lon_e7(), b.lon_e7()) as f64;
    at(lat.round() as i32, i64::from(a.lon_e7()) + lon.round() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(lat: f64, lon: f64) -> LatLon {
        LatLon::from_degrees(lat, lon).unwrap()
    }

    #[test]
    fn a_degree_of_latitude_is_111_km() {
        assert_eq!(distance(point(50.0, 8.0), point(51.0, 8.0)).as_metres(), 111_195);
        assert_eq!(distance(point(50.0, 8.0), point(50.0, 8.0)), Metres::ZERO);
    }

    #[test]
    fn the_antimeridian_is_a_line_like_any_other() {
        let (west, east) = (point(-16.5, 179.9), point(-16.4, -179.9));
        let bounds = Bounds::around([east, west]).unwrap();
        assert_eq!((bounds.south_west.lon(), bounds.north_east.lon()), (179.9, -179.9));
        assert_eq!(bounds.centre().lon().abs(), 180.0);
        let [x, _] = LocalFrame::around(west).project(east);
        assert!((x - 21_324.0).abs() < 10.0, "{x}");
        assert_eq!(between(west, east, 0.75), point(-16.425, -179.95));
    }

    #[test]
    fn turns_are_the_shorter_way_round() {
        let turn = |from, to| Bearing::from_degrees(from).turn_to(Bearing::from_degrees(to));
        let rows = [(0, 90), (350, 10), (10, 350), (0, 180), (180, 0), (90, 271), (-90, 630)];
        assert_eq!(rows.map(|(from, to)| turn(from, to)), [90, 20, -20, 180, 180, -179, 0]);
        assert_eq!(Bearing::from_degrees(200).reversed().degrees(), 20);
    }

    #[test]
    fn bearings_of_vectors() {
        let bearing = |east, north| Bearing::of([east, north]).map(Bearing::degrees);
        let vectors = [(0.0, 2.0), (1.0, 1.0), (3.0, 0.0), (0.0, -1.0), (-1.0, 0.0), (-0.001, 1.0), (0.0, 0.0)];
        let degrees = [Some(0), Some(45), Some(90), Some(180), Some(270), Some(0), None];
        assert_eq!(vectors.map(|(east, north)| bearing(east, north)), degrees);
    }

    #[test]
    fn bounds_of_one_point() {
        let bounds = Bounds::around([point(1.0, 2.0)]).unwrap();
        assert_eq!(bounds.centre(), point(1.0, 2.0));
        assert_eq!(Bounds::around([]), None);
    }
}

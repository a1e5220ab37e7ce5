//! Coordinate systems of other programs' files, brought back to degrees: degrees themselves, and the northern zones of
//! UTM by Krueger's series to the third order, right to a few millimetres.

use mukae_units::LatLon;
use thiserror::Error;

/// What `x` and `y` in a file are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Plane {
    /// Degrees, longitude first.
    Degrees,
    /// Metres in a zone of the northern hemisphere.
    Utm(UtmZone),
}

impl Plane {
    /// From a name as `crs.info` of FleetPy or a population of MATSim has it.
    pub fn parse(text: &str) -> Result<Plane, WrongZone> {
        match text.trim() {
            "EPSG:4326" | "WGS84" | "epsg:4326" => Ok(Plane::Degrees),
            other => UtmZone::parse(other).map(Plane::Utm),
        }
    }

    /// `None` for a point that can not be one of this system, such as metres among degrees.
    pub fn lat_lon(self, x: f64, y: f64) -> Option<LatLon> {
        match self {
            Plane::Degrees => ((-180.0..=180.0).contains(&x) && (-90.0..=90.0).contains(&y))
                .then(|| LatLon::from_degrees(y, x).expect("both were checked")),
            Plane::Utm(zone) => ((1e5..=9e5).contains(&x) && (0.0..=9.4e6).contains(&y)).then(|| zone.lat_lon(x, y)),
        }
    }

    /// What a right coordinate looks like.
    pub fn right(self) -> &'static str {
        match self {
            Plane::Degrees => "degrees, longitude in x and latitude in y",
            Plane::Utm(_) => "metres in the zone that the coordinate system names, such as 691000.5 and 5334000.0",
        }
    }
}

/// A zone of the northern hemisphere.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UtmZone(u8);

#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error(
    "`{0}` is no coordinate system that can be read; EPSG:32601 to EPSG:32660, the northern zones of UTM, and EPSG:4326, degrees, can"
)]
pub struct WrongZone(String);

impl UtmZone {
    fn parse(text: &str) -> Result<UtmZone, WrongZone> {
        let wrong = || WrongZone(text.trim().chars().take(40).collect());
        let number = text.trim().strip_prefix("EPSG:326").filter(|digits| digits.len() == 2).ok_or_else(wrong)?;
        number.parse().ok().filter(|zone| (1..=60).contains(zone)).map(UtmZone).ok_or_else(wrong)
    }

    /// `x` east, 500 km at the zone's meridian, and `y` north of the equator, in metres.
    fn lat_lon(self, x: f64, y: f64) -> LatLon {
        // third flattening, rectifying radius and coefficients of WGS84
        const RADIUS: f64 = 6_367_449.145_823;
        const SCALE: f64 = 0.9996;
        const BETA: [f64; 3] = [8.377_321_640_82e-4, 5.906_110_863_7e-8, 1.676_991_18e-10];
        const DELTA: [f64; 3] = [3.356_551_448_629e-3, 6.571_913_193_2e-6, 1.767_745_996e-8];
        let (north, east) = (y / (SCALE * RADIUS), (x - 500_000.0) / (SCALE * RADIUS));
        let (mut xi, mut eta) = (north, east);
        for (order, beta) in (1u8..).zip(BETA) {
            let twice = 2.0 * f64::from(order);
            xi -= beta * (twice * north).sin() * (twice * east).cosh();
            eta -= beta * (twice * north).cos() * (twice * east).sinh();
        }
        let chi = (xi.sin() / eta.cosh()).asin();
        let lat =
            (1u8..).zip(DELTA).fold(chi, |lat, (order, delta)| lat + delta * (2.0 * f64::from(order) * chi).sin());
        let lon = (eta.sinh() / xi.cos()).atan().to_degrees() + f64::from(self.0) * 6.0 - 183.0;
        LatLon::from_degrees(lat.to_degrees(), lon).expect("the caller's metres are inside the zone")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_those_of_the_north() {
        assert_eq!(UtmZone::parse("EPSG:32632\n"), Ok(UtmZone(32)));
        assert_eq!(Plane::parse("EPSG:4326"), Ok(Plane::Degrees));
        for wrong in ["EPSG:32600", "EPSG:32661", "EPSG:6677", "", "EPSG:326é"] {
            assert!(UtmZone::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_no_point_of_the_system_is_none() {
        let utm = Plane::parse("EPSG:32654").unwrap();
        for (x, y) in [(f64::NAN, 4e6), (139.7, 35.6), (5e5, -1.0), (5e5, 9.5e6), (f64::INFINITY, 4e6)] {
            assert_eq!(utm.lat_lon(x, y), None, "{x} {y}");
        }
        assert!(utm.lat_lon(1e5, 9.4e6).is_some() && Plane::Degrees.lat_lon(139.7, 35.6).is_some());
        assert_eq!(Plane::Degrees.lat_lon(691_000.0, 5e6), None);
    }

    /// On the meridian of zone 31 the equator, and points computed the other way round by the series of
    /// Snyder's *Map Projections* (USGS 1987, equations 8-9 to 8-15).
    #[test]
    fn metres_come_back_to_degrees() {
        for (zone, lat, lon) in [(31, 0.0, 3.0), (32, 48.137, 11.575), (54, 35.68, 139.76), (54, 45.5, 141.9)] {
            let (x, y) = snyder(lat, lon, f64::from(zone) * 6.0 - 183.0);
            let found = UtmZone(zone).lat_lon(x, y);
            let off = |e7: i32, degrees: f64| (f64::from(e7) / 1e7 - degrees).abs();
            assert!(off(found.lat_e7(), lat) < 3e-7 && off(found.lon_e7(), lon) < 3e-7, "{lat} {lon}: {found}");
        }
    }

    fn snyder(lat: f64, lon: f64, meridian: f64) -> (f64, f64) {
        let (a, e2) = (6_378_137.0, 0.006_694_379_990_14);
        let (phi, lambda) = (f64::to_radians(lat), f64::to_radians(lon - meridian));
        let (e4, e6) = (e2 * e2, e2 * e2 * e2);
        let arc = a
            * ((1.0 - e2 / 4.0 - 3.0 * e4 / 64.0 - 5.0 * e6 / 256.0) * phi
                - (3.0 * e2 / 8.0 + 3.0 * e4 / 32.0 + 45.0 * e6 / 1024.0) * (2.0 * phi).sin()
                + (15.0 * e4 / 256.0 + 45.0 * e6 / 1024.0) * (4.0 * phi).sin()
                - 35.0 * e6 / 3072.0 * (6.0 * phi).sin());
        let second = e2 / (1.0 - e2);
        let (t, c) = (phi.tan().powi(2), second * phi.cos().powi(2));
        let (n, side) = (a / (1.0 - e2 * phi.sin().powi(2)).sqrt(), lambda * phi.cos());
        let x = n
            * (side
                + (1.0 - t + c) * side.powi(3) / 6.0
                + (5.0 - 18.0 * t + t * t + 72.0 * c - 58.0 * second) * side.powi(5) / 120.0);
        let y = arc
            + n * phi.tan()
                * (side.powi(2) / 2.0
                    + (5.0 - t + 9.0 * c + 4.0 * c * c) * side.powi(4) / 24.0
                    + (61.0 - 58.0 * t + t * t + 600.0 * c - 330.0 * second) * side.powi(6) / 720.0);
        (0.9996 * x + 500_000.0, 0.9996 * y)
    }
}

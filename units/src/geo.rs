//! Coordinates on the globe and lengths along roads.

use std::fmt;
use std::ops::{Add, AddAssign};

/// A WGS84 position in units of 10⁻⁷ degrees, as OpenStreetMap stores it.
///
/// Always within ±90° of latitude and ±180° of longitude.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LatLon {
    lat_e7: i32,
    lon_e7: i32,
}

/// A coordinate that is not on the globe, or not a number.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct InvalidLatLon {
    pub lat: f64,
    pub lon: f64,
}

impl fmt::Display for InvalidLatLon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "latitude {}, longitude {} is not on the globe; latitude is -90..90, longitude -180..180",
            self.lat, self.lon
        )
    }
}

impl std::error::Error for InvalidLatLon {}

impl LatLon {
    const E7: f64 = 1e7;

    /// From degrees, rounded to the nearest 10⁻⁷; an error for NaN and for what is off the globe.
    pub fn from_degrees(lat: f64, lon: f64) -> Result<LatLon, InvalidLatLon> {
        if (-90.0..=90.0).contains(&lat) && (-180.0..=180.0).contains(&lon) {
            let e7 = |degrees: f64| (degrees * LatLon::E7).round() as i32;
            Ok(LatLon { lat_e7: e7(lat), lon_e7: e7(lon) })
        } else {
            Err(InvalidLatLon { lat, lon })
        }
    }

    /// From 10⁻⁷ degrees; an error for what is off the globe.
    pub fn from_e7(lat_e7: i32, lon_e7: i32) -> Result<LatLon, InvalidLatLon> {
        if (-900_000_000..=900_000_000).contains(&lat_e7) && (-1_800_000_000..=1_800_000_000).contains(&lon_e7) {
            Ok(LatLon { lat_e7, lon_e7 })
        } else {
            Err(InvalidLatLon { lat: f64::from(lat_e7) / LatLon::E7, lon: f64::from(lon_e7) / LatLon::E7 })
        }
    }

    pub const fn lat_e7(&self) -> i32 {
        self.lat_e7
    }

    pub const fn lon_e7(&self) -> i32 {
        self.lon_e7
    }

    /// Degrees of latitude, north positive.
    pub fn lat(&self) -> f64 {
        f64::from(self.lat_e7) / LatLon::E7
    }

    /// Degrees of longitude, east positive.
    pub fn lon(&self) -> f64 {
        f64::from(self.lon_e7) / LatLon::E7
    }
}

impl fmt::Display for LatLon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.7},{:.7}", self.lat(), self.lon())
    }
}

impl fmt::Debug for LatLon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// A length along a road or through the air, kept in whole millimetres so that sums stay exact.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Metres(u64);

impl Metres {
    pub const ZERO: Metres = Metres(0);

    pub const fn from_millimetres(millimetres: u64) -> Metres {
        Metres(millimetres)
    }

    pub const fn from_metres(metres: u64) -> Metres {
        Metres(metres * 1000)
    }

    pub const fn as_millimetres(self) -> u64 {
        self.0
    }

    /// Whole metres, rounded to the nearest.
    pub const fn as_metres(self) -> u64 {
        (self.0 + 500) / 1000
    }

    /// Kilometres, for people to read.
    pub fn as_km(self) -> f64 {
        self.0 as f64 / 1e6
    }
}

impl Add for Metres {
    type Output = Metres;
    fn add(self, rhs: Metres) -> Metres {
        Metres(self.0 + rhs.0)
    }
}

impl AddAssign for Metres {
    fn add_assign(&mut self, rhs: Metres) {
        self.0 += rhs.0;
    }
}

impl std::iter::Sum for Metres {
    fn sum<I: Iterator<Item = Metres>>(lengths: I) -> Metres {
        lengths.fold(Metres::ZERO, Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_off_the_globe_are_refused() {
        assert!(LatLon::from_degrees(f64::NAN, 0.0).is_err());
        assert!(LatLon::from_degrees(90.1, 0.0).is_err());
        assert!(LatLon::from_degrees(0.0, f64::INFINITY).is_err());
        assert!(LatLon::from_e7(0, i32::MIN).is_err());
        assert_eq!(LatLon::from_degrees(-19.05, -169.92).unwrap().to_string(), "-19.0500000,-169.9200000");
    }
}

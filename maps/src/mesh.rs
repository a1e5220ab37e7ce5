//! The mesh of Japan's statistics (JIS X 0410), in which censuses count residents; elsewhere a mesh like any other.
//!
//! A cell of the third order is 30 seconds of latitude by 45 of longitude, about a kilometre; halves and quarters of its
//! sides are the cells of about 500 and 250 m. In Japan each has a code of 8, 9 or 10 digits.

use mukae_units::LatLon;

/// How large a cell is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Side {
    /// About 250 m.
    Quarter,
    /// About 500 m.
    Half,
    /// About 1 km.
    Whole,
}

/// One cell. Ordered from south to north, then from west to east.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Cell {
    pub side: Side,
    /// Counted in cells of this side from the equator and from Greenwich.
    north: i32,
    east: i32,
}

/// Quarters in a degree.
const QUARTERS_LAT: i64 = 480;
const QUARTERS_LON: i64 = 320;
const DEGREE_E7: i64 = 10_000_000;
/// Quarters along the sides of the cells of the first, second and third order, of a half and of a quarter.
const ORDERS: [i32; 5] = [320, 40, 4, 2, 1];
/// The code of the first order counts degrees of longitude from here.
const CODE_LON: i32 = 100;

impl Side {
    const fn quarters(self) -> i32 {
        match self {
            Side::Quarter => 1,
            Side::Half => 2,
            Side::Whole => 4,
        }
    }
}

impl Cell {
    pub fn of(point: LatLon, side: Side) -> Cell {
        let quarters = |e7: i32, in_degree: i64| (i64::from(e7) * in_degree).div_euclid(DEGREE_E7) as i32;
        let cell = |quarters: i32| quarters.div_euclid(side.quarters());
        let north = cell(quarters(point.lat_e7(), QUARTERS_LAT));
        Cell { side, north, east: cell(quarters(point.lon_e7(), QUARTERS_LON)) }
    }

    /// The cell of `side` in which this one lies; `side` is at least its own.
    #[must_use]
    pub fn within(self, side: Side) -> Cell {
        let ratio = (side.quarters() / self.side.quarters()).max(1);
        Cell { side: self.side.max(side), north: self.north.div_euclid(ratio), east: self.east.div_euclid(ratio) }
    }

    pub fn centre(self) -> LatLon {
        let middle = |index: i32, in_degree: i64| {
            let half_quarters = (2 * i64::from(index) + 1) * i64::from(self.side.quarters());
            half_quarters * DEGREE_E7 / (2 * in_degree)
        };
        let (lat, lon) = (middle(self.north, QUARTERS_LAT), middle(self.east, QUARTERS_LON));
        // A cell at the pole or at the antimeridian may have its middle beyond it.
        let (lat, lon) = (lat.clamp(-90 * DEGREE_E7, 90 * DEGREE_E7), lon.clamp(-180 * DEGREE_E7, 180 * DEGREE_E7));
        LatLon::from_e7(lat as i32, lon as i32).expect("clamped to the globe")
    }

    /// `None` where codes do not reach: they are made for Japan.
    pub fn code(self) -> Option<String> {
        let quarters = self.side.quarters();
        let (mut north, mut east) = (self.north * quarters, self.east * quarters - CODE_LON * QUARTERS_LON as i32);
        if north < 0 || 100 * ORDERS[0] <= north || east < 0 || 100 * ORDERS[0] <= east {
            return None;
        }
        let mut code = format!("{:02}{:02}", north / ORDERS[0], east / ORDERS[0]);
        (north, east) = (north % ORDERS[0], east % ORDERS[0]);
        for order in ORDERS.into_iter().skip(1).take_while(|&order| quarters <= order) {
            let (row, column) = (north / order, east / order);
            (north, east) = (north % order, east % order);
            match order {
                40 | 4 => code.push_str(&format!("{row}{column}")),
                _ => code.push_str(&format!("{}", 2 * row + column + 1)),
            }
        }
        Some(code)
    }

    /// From a code of 8, 9 or 10 digits.
    pub fn parse(code: &str) -> Option<Cell> {
        let side = match code.len() {
            8 => Side::Whole,
            9 => Side::Half,
            10 => Side::Quarter,
            _ => return None,
        };
        let digits: Vec<i32> =
            code.chars().map(|digit| digit.to_digit(10).map(|digit| digit as i32)).collect::<Option<_>>()?;
        let (mut north, mut east) = ((10 * digits[0] + digits[1]) * 320, (10 * digits[2] + digits[3]) * 320);
        if 7 < digits[4] || 7 < digits[5] {
            return None;
        }
        north += digits[4] * 40 + digits[6] * 4;
        east += digits[5] * 40 + digits[7] * 4;
        for (&digit, order) in digits[8..].iter().zip([2, 1]) {
            if !(1..=4).contains(&digit) {
                return None;
            }
            north += (digit - 1) / 2 * order;
            east += (digit - 1) % 2 * order;
        }
        let quarters = side.quarters();
        let cell =
            Cell { side, north: north / quarters, east: east / quarters + CODE_LON * QUARTERS_LON as i32 / quarters };
        // Latitude 66.7 and longitude 200 are the ends of the codes, 180 that of the globe.
        (i64::from(cell.east * quarters) < 180 * QUARTERS_LON).then_some(cell)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(lat: f64, lon: f64) -> LatLon {
        LatLon::from_degrees(lat, lon).unwrap()
    }

    #[test]
    fn codes_are_those_of_the_statistics() {
        let tokyo = at(35.681_236, 139.767_125);
        let code = |side| Cell::of(tokyo, side).code();
        assert_eq!(code(Side::Whole).as_deref(), Some("53394611"));
        assert_eq!(code(Side::Half).as_deref(), Some("533946113"));
        assert_eq!(code(Side::Quarter).as_deref(), Some("5339461132"));
        assert_eq!(
            Cell::of(at(54.15, -4.48), Side::Whole).code(),
            None,
            "no codes outside of Japan's part of the globe"
        );
    }

    #[test]
    fn a_code_leads_back_to_its_cell_and_every_point_lies_in_one() {
        for (lat, lon) in [(35.681, 139.767), (24.06, 123.0), (45.52, 141.94), (36.94, 137.56)] {
            for side in [Side::Quarter, Side::Half, Side::Whole] {
                let cell = Cell::of(at(lat, lon), side);
                assert_eq!(Cell::parse(&cell.code().unwrap()), Some(cell));
                assert_eq!(Cell::of(cell.centre(), side), cell);
                assert_eq!(Cell::of(at(lat, lon), Side::Quarter).within(side), cell);
            }
        }
        for (lat, lon) in [(-19.05, -169.92), (54.15, -4.48), (0.0, 0.0), (90.0, 180.0)] {
            let cell = Cell::of(at(lat, lon), Side::Quarter);
            let apart = (cell.centre().lat() - lat).abs().max((cell.centre().lon() - lon).abs());
            assert!(apart <= 0.0016, "{lat},{lon} is {apart} from its cell's middle");
        }
    }

    #[test]
    fn what_is_no_code_is_no_cell() {
        for wrong in ["", "5339461", "53398611", "533946115", "533946110", "5339461130", "5339461x", "99999999", "日本"]
        {
            assert_eq!(Cell::parse(wrong), None, "{wrong}");
        }
    }
}

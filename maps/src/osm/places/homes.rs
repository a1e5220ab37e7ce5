//! Homes, counted by the cells of a mesh: a town of thousands of buildings is a table of hundreds of rows.

use std::collections::BTreeMap;

use mukae_units::LatLon;

use super::HomeCell;
use crate::geometry::distance;
use crate::mesh::{Cell, Side};

/// Along streets where people live, one lives for so many metres; for extracts without buildings. The streets of the
/// Isle of Man have one resident for 12 m of them, those of villages fewer.
pub const METRES_PER_RESIDENT: u64 = 20;

#[derive(Default)]
pub(super) struct Homes {
    cells: BTreeMap<Cell, Sum>,
}

/// Homes of a cell and where they are on average, from its middle in 10⁻⁷ degrees.
#[derive(Default)]
struct Sum {
    weight: i64,
    north: i64,
    east: i64,
}

impl Homes {
    pub(super) fn add(&mut self, at: LatLon, weight: u64) {
        let cell = Cell::of(at, Side::Quarter);
        let (centre, weight) = (cell.centre(), weight as i64);
        let sum = self.cells.entry(cell).or_default();
        sum.weight += weight;
        sum.north += weight * i64::from(at.lat_e7() - centre.lat_e7());
        sum.east += weight * i64::from(at.lon_e7() - centre.lon_e7());
    }

    /// Each stretch of a street at its middle, by metres.
    pub(super) fn add_street(&mut self, line: &[LatLon]) {
        for ends in line.windows(2) {
            let metres = distance(ends[0], ends[1]).as_metres();
            self.add(ends[0], metres / 2);
            self.add(ends[1], metres.div_ceil(2));
        }
    }

    pub(super) fn weight(&self) -> u64 {
        self.cells.values().map(|sum| sum.weight as u64).sum()
    }

    /// `residents` of them in all, each cell by its weight; cells without a resident are left out. Rounding is carried from cell to cell, so that
    /// the sum is right.
    pub(super) fn cells(self, residents: u64) -> Vec<HomeCell> {
        let whole = u128::from(self.weight().max(1));
        let (mut weight_so_far, mut residents_so_far) = (0u128, 0u128);
        let mut cells = Vec::with_capacity(self.cells.len());
        for (cell, sum) in self.cells {
            weight_so_far += sum.weight as u128;
            let upto = (weight_so_far * u128::from(residents) + whole / 2) / whole;
            let count = (upto - residents_so_far) as u64;
            residents_so_far = upto;
            if 0 < count {
                let centre = cell.centre();
                let off = |e7: i32, sum_e7: i64| e7 + (sum_e7 / sum.weight) as i32;
                let at = LatLon::from_e7(off(centre.lat_e7(), sum.north), off(centre.lon_e7(), sum.east));
                cells.push(HomeCell { cell, at: at.expect("between points of the globe"), residents: count });
            }
        }
        cells
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn residents_add_up_and_lie_where_their_homes_are() {
        let at = |lat: f64, lon: f64| LatLon::from_degrees(lat, lon).unwrap();
        let mut homes = Homes::default();
        homes.add(at(36.0005, 137.0005), 1);
        homes.add(at(36.0007, 137.0005), 3);
        (0..7).for_each(|n| homes.add(at(36.1 + f64::from(n) * 0.01, 137.0005), 1));
        let cells = homes.cells(24);
        assert_eq!(cells.iter().map(|cell| cell.residents).sum::<u64>(), 24);
        assert_eq!((cells.len(), cells[0].residents), (8, 9), "4 of 11 homes");
        assert_eq!(cells[0].at, at(36.000_65, 137.0005));
        assert!(cells[1..].iter().all(|cell| (2..=3).contains(&cell.residents)));
        assert!(Homes::default().cells(10).is_empty());
    }
}

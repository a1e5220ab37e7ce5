//! Lines as short text: numbers as differences, each in as few letters as it needs.
//!
//! A number is zigzagged (0, -1, 1, -2 … become 0, 1, 2, 3 …) and cut into groups of five bits, the
//! lowest first; a letter of the URL-safe base-64 alphabet holds one group, and whether another
//! follows. No letter needs an escape in JSON or HTML.

use mukae_maps::Bounds;
use mukae_units::LatLon;

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// 10⁻⁷ degrees to a step of 10⁻⁵: about a metre.
const STEP_E7: i64 = 100;
/// A full turn in 10⁻⁷ degrees.
const TURN: i64 = 3_600_000_000;

/// A grid of about a metre over an area, counted from its south-west corner.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grid {
    corner: LatLon,
}

impl Grid {
    pub fn over(bounds: &Bounds) -> Grid {
        Grid { corner: bounds.south_west }
    }

    /// Steps to the east and to the north; across the antimeridian like anywhere.
    pub fn steps(&self, point: LatLon) -> (i64, i64) {
        let east = i64::from(point.lon_e7()) - i64::from(self.corner.lon_e7());
        let north = i64::from(point.lat_e7()) - i64::from(self.corner.lat_e7());
        let east = (east + TURN / 2).rem_euclid(TURN) - TURN / 2;
        (east.div_euclid(STEP_E7), north.div_euclid(STEP_E7))
    }
}

/// Numbers in rows of equal width, each column as differences from the row before.
#[derive(Debug)]
pub(super) struct Rows<const N: usize> {
    before: [i64; N],
    text: String,
}

impl<const N: usize> Rows<N> {
    pub fn new() -> Rows<N> {
        Rows { before: [0; N], text: String::new() }
    }

    pub fn push(&mut self, row: [i64; N]) {
        for (value, before) in row.iter().zip(&mut self.before) {
            put(&mut self.text, value - *before);
            *before = *value;
        }
    }

    pub fn into_text(self) -> String {
        self.text
    }
}

fn put(text: &mut String, value: i64) {
    let mut rest = ((value << 1) ^ (value >> 63)) as u64;
    loop {
        let group = (rest & 31) as usize;
        rest >>= 5;
        let goes_on = if rest == 0 { 0 } else { 32 };
        text.push(char::from(LETTERS[group | goes_on]));
        if rest == 0 {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_take_as_many_letters_as_they_need() {
        let mut rows = Rows::new();
        for value in [0, 1, 0, -1, 15, 31, -1_000_000] {
            rows.push([value]);
        }
        // differences: 0, 1, -1, -1, 16, 16, -1000031
        assert_eq!(rows.into_text(), "ACBBgBgB9lh9B");
    }

    #[test]
    fn a_grid_goes_on_across_the_antimeridian() {
        let at = |lat, lon| LatLon::from_degrees(lat, lon).unwrap();
        let bounds = Bounds { south_west: at(-17.0, 179.9), north_east: at(-16.0, -179.9) };
        let grid = Grid::over(&bounds);
        assert_eq!(grid.steps(at(-16.5, -179.95)), (15_000, 50_000));
        assert_eq!(grid.steps(at(-17.0, 179.9)), (0, 0));
    }
}

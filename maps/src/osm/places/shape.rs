//! The ground that a closed way or a multipolygon covers.

use std::collections::{BTreeMap, BTreeSet};

use mukae_units::LatLon;

use crate::geometry::LocalFrame;

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Shape {
    /// Of the largest ring.
    pub(super) centre: LatLon,
    /// Of all rings, in square metres. Holes count as ground.
    pub(super) area: u64,
    pub(super) rings: Vec<Vec<LatLon>>,
}

impl Shape {
    /// `None` without a point.
    pub(super) fn of(rings: Vec<Vec<LatLon>>) -> Option<Shape> {
        let measured = rings.iter().filter_map(|ring| measure(ring));
        let (mut area, mut largest) = (0.0, None);
        for (centre, of_ring) in measured {
            area += of_ring;
            if largest.is_none_or(|(_, most)| most < of_ring) {
                largest = Some((centre, of_ring));
            }
        }
        Some(Shape { centre: largest?.0, area: area.round() as u64, rings })
    }

    pub(super) fn contains(&self, point: LatLon) -> bool {
        self.rings.iter().any(|ring| is_inside(ring, point))
    }
}

/// The centroid and the area of a ring, whether its last point is its first or not; of a line, its middle and nothing.
fn measure(ring: &[LatLon]) -> Option<(LatLon, f64)> {
    let frame = LocalFrame::around(*ring.first()?);
    let points: Vec<[f64; 2]> = ring.iter().map(|&point| frame.project(point)).collect();
    let (mut twice, mut east, mut north) = (0.0, 0.0, 0.0);
    for (&[x, y], &[next_x, next_y]) in points.iter().zip(points.iter().cycle().skip(1)) {
        let cross = x * next_y - next_x * y;
        twice += cross;
        east += (x + next_x) * cross;
        north += (y + next_y) * cross;
    }
    const NOTHING: f64 = 0.01;
    let centre = if twice.abs() < NOTHING {
        let sum = points.iter().fold([0.0, 0.0], |[x, y], [east, north]| [x + east, y + north]);
        sum.map(|sum| sum / points.len() as f64)
    } else {
        [east / (3.0 * twice), north / (3.0 * twice)]
    };
    Some((frame.unproject(centre)?, twice.abs() / 2.0))
}

/// Whether a ray to the east crosses the ring an odd number of times.
fn is_inside(ring: &[LatLon], point: LatLon) -> bool {
    let frame = LocalFrame::around(point);
    let points: Vec<[f64; 2]> = ring.iter().map(|&corner| frame.project(corner)).collect();
    let sides = points.iter().zip(points.iter().cycle().skip(1));
    let crossed = sides.filter(|&(&[x, y], &[next_x, next_y])| {
        (0.0 < y) != (0.0 < next_y) && 0.0 < x + (next_x - x) * (0.0 - y) / (next_y - y)
    });
    crossed.count() % 2 == 1
}

/// Joins lines end to end into rings; what stays open is taken as it is.
pub(super) fn rings_of(mut lines: Vec<Vec<i64>>) -> Vec<Vec<i64>> {
    lines.retain(|line| !line.is_empty());
    let mut at_end: BTreeMap<i64, BTreeSet<usize>> = BTreeMap::new();
    for (index, line) in lines.iter().enumerate() {
        for end in [line[0], line[line.len() - 1]] {
            at_end.entry(end).or_default().insert(index);
        }
    }
    let (mut rings, mut is_used) = (Vec::new(), vec![false; lines.len()]);
    for first in 0..lines.len() {
        if std::mem::replace(&mut is_used[first], true) {
            continue;
        }
        let mut ring = lines[first].clone();
        while let Some(&end) = ring.last().filter(|&&end| end != ring[0]) {
            let next = at_end.get(&end).and_then(|lines| lines.iter().copied().find(|&line| !is_used[line]));
            let Some(next) = next else { break };
            is_used[next] = true;
            let mut line = lines[next].clone();
            if line[0] != end {
                line.reverse();
            }
            ring.extend_from_slice(&line[1..]);
        }
        rings.push(ring);
    }
    rings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(north: i32, east: i32) -> LatLon {
        LatLon::from_e7(north * 90, east * 90).unwrap()
    }

    #[test]
    fn a_square_of_a_hundred_metres_on_the_equator() {
        let square = vec![at(0, 0), at(0, 100), at(100, 100), at(100, 0), at(0, 0)];
        let shape = Shape::of(vec![square.clone(), vec![at(500, 500)]]).unwrap();
        assert_eq!(shape.centre, at(50, 50));
        // 90 * 10⁻⁷ degrees are 1.00075 m
        assert_eq!(shape.area, 10_015);
        assert!(shape.contains(at(1, 1)) && shape.contains(at(99, 50)));
        assert!(!shape.contains(at(-1, 50)) && !shape.contains(at(50, 101)) && !shape.contains(at(101, 50)));
        let open = Shape::of(vec![square[..4].to_vec()]).unwrap();
        assert_eq!((open.centre, open.area), (shape.centre, 10_015));
    }

    #[test]
    fn lines_and_points_cover_nothing() {
        let line = Shape::of(vec![vec![at(0, 0), at(0, 100)]]).unwrap();
        assert_eq!((line.centre, line.area), (at(0, 50), 0));
        assert_eq!(Shape::of(vec![Vec::new()]), None);
        assert_eq!(Shape::of(Vec::new()), None);
    }

    #[test]
    fn a_shape_across_the_antimeridian() {
        let point = |lat: f64, lon: f64| LatLon::from_degrees(lat, lon).unwrap();
        let ring = vec![point(0.0, 179.999), point(0.0, -179.999), point(0.002, -179.999), point(0.002, 179.999)];
        let shape = Shape::of(vec![ring]).unwrap();
        assert_eq!((shape.centre.lat(), shape.centre.lon().abs()), (0.001, 180.0));
        assert!((49_000..50_000).contains(&shape.area), "{}", shape.area);
    }

    #[test]
    fn lines_are_joined_whichever_way_they_run() {
        let rings = |lines: &[&[i64]]| rings_of(lines.iter().map(|line| line.to_vec()).collect());
        assert_eq!(rings(&[&[1, 2, 3], &[1, 4, 3]]), [vec![1, 2, 3, 4, 1]]);
        assert_eq!(rings(&[&[1, 2, 1], &[5, 6, 7], &[7, 5]]), [vec![1, 2, 1], vec![5, 6, 7, 5]]);
        assert_eq!(rings(&[&[1, 2], &[], &[2, 3]]), [vec![1, 2, 3]], "a side is missing");
    }
}

//! Where a vehicle is while it drives: points with times, as few as show it truly.

use mukae_maps::geometry::distance;
use mukae_maps::{Fraction, Path, Place, RoadGraph, Sides, place_position};
use mukae_units::{LatLon, Span, Time};

/// A vehicle drawn between two kept points is nowhere further from where it was.
const ERROR_MAX_M: f64 = 12.0;

/// A point of a drive, and when the vehicle passes it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Passing {
    pub at: Time,
    pub point: LatLon,
}

/// A path driven from `departed` to `arrived`: at the speeds of the roads, all of them scaled alike.
pub(super) fn course(graph: &RoadGraph, path: &Path, departed: Time, arrived: Time) -> Vec<Passing> {
    let planned = i128::from(path.travel_time().as_millis()).max(1);
    let really = i128::from((arrived - departed).as_millis());
    let at = |elapsed: i64| departed + Span::from_millis((i128::from(elapsed) * really / planned) as i64);
    let mut passings = Vec::new();
    for index in 0..path.edges().len() {
        let begin = i64::from(path.entered_after(index).as_millis());
        let took = i64::from(path.time_on(index).as_millis());
        stretch(graph, path, index, &mut |part, point| {
            passings.push(Passing { at: at(begin + (took as f64 * part) as i64), point });
        });
    }
    passings.dedup_by_key(|passing| passing.point);
    thin(&passings)
}

/// The points of one edge of a path, each with the part of that stretch that lies behind it.
fn stretch(graph: &RoadGraph, path: &Path, index: usize, tell: &mut dyn FnMut(f64, LatLon)) {
    let (edge, (from, to)) = (path.edges()[index], path.fractions_on(index));
    let end = |fraction| place_position(graph, Place { edge, fraction, sides: Sides::This });
    let line: Vec<LatLon> = graph.line(edge).collect();
    let steps = |ends: &[LatLon]| distance(ends[0], ends[1]).as_millimetres() as f64;
    let whole: f64 = line.windows(2).map(steps).sum();
    let along = |fraction: Fraction| whole * f64::from(fraction.steps()) / f64::from(Fraction::HEAD.steps());
    let (near, far) = (along(from), along(to));
    tell(0.0, end(from));
    let mut reached = 0.0;
    for pair in line.windows(2) {
        reached += steps(pair);
        if near < reached && reached < far {
            tell((reached - near) / (far - near), pair[1]);
        }
    }
    tell(1.0, end(to));
}

/// Ramer, Douglas and Peucker's way of leaving points out, by distance at equal time instead of from the
/// line: where a vehicle is drawn and where it was.
fn thin(passings: &[Passing]) -> Vec<Passing> {
    let mut is_kept = vec![false; passings.len()];
    let mut open: Vec<(usize, usize)> = passings.len().checked_sub(1).map(|last| (0, last)).into_iter().collect();
    while let Some((first, last)) = open.pop() {
        is_kept[first] = true;
        is_kept[last] = true;
        let errors = (first + 1..last).map(|index| (error(&passings[first], &passings[index], &passings[last]), index));
        if let Some((error, index)) = errors.max_by(|a, b| a.0.total_cmp(&b.0))
            && ERROR_MAX_M < error
        {
            open.extend([(first, index), (index, last)]);
        }
    }
    passings.iter().zip(is_kept).filter_map(|(passing, kept)| kept.then_some(*passing)).collect()
}

/// Metres from where a vehicle was to where it is drawn between two others.
fn error(first: &Passing, was: &Passing, last: &Passing) -> f64 {
    let (whole, done) = ((last.at - first.at).as_millis(), (was.at - first.at).as_millis());
    let part = if whole == 0 { 0.0 } else { done as f64 / whole as f64 };
    let metres_e7 = 0.011_132; // a ten-millionth of a degree of latitude
    let squeeze = was.point.lat().to_radians().cos();
    let off = |first: i32, was: i32, last: i32| {
        let (first, was, last) = (f64::from(first), f64::from(was), f64::from(last));
        (first + (last - first) * part - was) * metres_e7
    };
    let north = off(first.point.lat_e7(), was.point.lat_e7(), last.point.lat_e7());
    let east = off(first.point.lon_e7(), was.point.lon_e7(), last.point.lon_e7()) * squeeze;
    north.hypot(east)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passing(seconds: i64, north_m: f64, east_m: f64) -> Passing {
        let degrees = |metres: f64| metres / 111_320.0;
        let point = LatLon::from_degrees(degrees(north_m), degrees(east_m)).unwrap();
        Passing { at: Time::from_unix_secs(seconds), point }
    }

    #[test]
    fn straight_roads_at_one_speed_need_two_points() {
        let straight: Vec<Passing> = (0..=100).map(|s| passing(s, 10.0 * s as f64, 0.0)).collect();
        assert_eq!(thin(&straight), [straight[0], straight[100]]);
    }

    #[test]
    fn corners_and_changes_of_speed_stay() {
        let corner = [passing(0, 0.0, 0.0), passing(50, 500.0, 0.0), passing(100, 500.0, 500.0)];
        assert_eq!(thin(&corner), corner);
        // the same straight line, driven fast and then slowly
        let slower = [passing(0, 0.0, 0.0), passing(10, 500.0, 0.0), passing(100, 1000.0, 0.0)];
        assert_eq!(thin(&slower), slower);
        assert_eq!(thin(&[]), []);
        assert_eq!(thin(&corner[..1]), corner[..1]);
    }
}

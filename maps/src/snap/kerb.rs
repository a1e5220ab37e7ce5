//! Where people may get on and off, and on which side of the road they stand.

use crate::graph::Way;
use crate::osm::{DrivingSide, RoadClass};

/// A vehicle may stop here for a rider. Nobody boards on a motorway, on a link between roads or in a
/// roundabout; the road it belongs to is never far. A trunk road stays: in much of the country it is the
/// road the houses stand at, and the graph does not know which of them is closed to people on foot.
pub(super) fn is_boarding_allowed(way: &Way) -> bool {
    let is_for_through_traffic = matches!(
        way.class,
        RoadClass::Motorway
            | RoadClass::MotorwayLink
            | RoadClass::TrunkLink
            | RoadClass::PrimaryLink
            | RoadClass::SecondaryLink
            | RoadClass::TertiaryLink
    );
    !is_for_through_traffic && !way.is_roundabout
}

/// The road is so busy that a rider should not have to cross it, so that a vehicle rather makes a detour.
/// Across a village street or a lane one walks in less time than any vehicle turns round.
pub(super) fn is_kerb_worth_a_detour(class: RoadClass) -> bool {
    match class {
        RoadClass::Motorway
        | RoadClass::MotorwayLink
        | RoadClass::Trunk
        | RoadClass::TrunkLink
        | RoadClass::Primary
        | RoadClass::PrimaryLink
        | RoadClass::Secondary
        | RoadClass::SecondaryLink
        | RoadClass::Tertiary
        | RoadClass::TertiaryLink => true,
        RoadClass::Unclassified
        | RoadClass::Residential
        | RoadClass::LivingStreet
        | RoadClass::Service
        | RoadClass::Road
        | RoadClass::Track
        | RoadClass::Ferry => false,
    }
}

/// Nearer than this to the middle of the road, in metres, a point is on neither side of it.
const ON_THE_LINE: f64 = 1.0;

/// Whether `point` lies on the passengers' side of someone who drives along the line of `corners` and is
/// at the point a part `part` of the way from corner `index` to the next; `None` if on neither side.
pub(super) fn is_on_kerb_side(
    corners: &[[f64; 2]],
    index: usize,
    part: f64,
    point: [f64; 2],
    side: DrivingSide,
) -> Option<bool> {
    let left = left_of(corners, index, part, point)?;
    (ON_THE_LINE <= left.abs()).then_some((0.0 < left) == (side == DrivingSide::Left))
}

/// How far to the left of the course there, in metres. At a corner the course is half way between the
/// directions before and after it: seen from outside a hairpin either of them alone can mistake the side.
fn left_of(corners: &[[f64; 2]], index: usize, part: f64, point: [f64; 2]) -> Option<f64> {
    let direction = |index: usize| {
        let (a, b) = (corners.get(index)?, corners.get(index + 1)?);
        unit([b[0] - a[0], b[1] - a[1]])
    };
    let (here, other) = (direction(index), if part == 1.0 { direction(index + 1) } else { None });
    let other = other.or_else(|| (part == 0.0 && 0 < index).then(|| direction(index - 1))?);
    let course = match (here, other) {
        (Some(here), Some(other)) => unit([here[0] + other[0], here[1] + other[1]])?,
        (one, another) => one.or(another)?,
    };
    let (a, b) = (corners[index], corners[index + 1]);
    let foot = [a[0] + part * (b[0] - a[0]), a[1] + part * (b[1] - a[1])];
    Some(course[0] * (point[1] - foot[1]) - course[1] * (point[0] - foot[0]))
}

fn unit([east, north]: [f64; 2]) -> Option<[f64; 2]> {
    let length = east.hypot(north);
    (0.0 < length).then(|| [east / length, north / length])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// On the left of someone who drives along `corners`, from the middle of the segment or its end.
    fn left(corners: &[[f64; 2]], index: usize, part: f64, point: [f64; 2]) -> Option<bool> {
        is_on_kerb_side(corners, index, part, point, DrivingSide::Left)
    }

    #[test]
    fn left_and_right_of_a_straight_road() {
        let north = [[0.0, 0.0], [0.0, 100.0]];
        assert_eq!(left(&north, 0, 0.5, [-5.0, 50.0]), Some(true));
        assert_eq!(left(&north, 0, 0.5, [5.0, 50.0]), Some(false));
        assert_eq!(is_on_kerb_side(&north, 0, 0.5, [5.0, 50.0], DrivingSide::Right), Some(true));
        assert_eq!(left(&north, 0, 0.5, [0.9, 50.0]), None);
        // Ahead of its end.
        assert_eq!(left(&north, 0, 1.0, [0.0, 130.0]), None);
        assert_eq!(left(&north, 0, 1.0, [-10.0, 130.0]), Some(true));
    }

    #[test]
    fn outside_a_hairpin() {
        // Up and back down a little further east, turning right: what lies north of it is on the left.
        let hairpin = [[0.0, 0.0], [0.0, 100.0], [20.0, 0.0]];
        for point in [[-1.0, 110.0], [2.0, 110.0], [5.0, 104.0]] {
            assert_eq!(left(&hairpin, 0, 1.0, point), Some(true), "{point:?}");
            assert_eq!(left(&hairpin, 1, 0.0, point), Some(true), "{point:?}");
        }
        // Back on itself: no side.
        assert_eq!(left(&[[0.0, 0.0], [0.0, 100.0], [0.0, 0.0]], 0, 1.0, [3.0, 110.0]), None);
    }
}

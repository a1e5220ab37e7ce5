//! Left, right, straight on: which way a turn goes, where its restriction's ways leave several open.

use mukae_units::LatLon;

use super::Turn;
use crate::geometry::LocalFrame;

/// True if driving from `before` over `via` to `after` is a turn of that kind. The bounds overlap: a bend
/// may be called either; all that is asked is to tell apart the directions of one road.
pub(super) fn is_turn(turn: Turn, before: LatLon, via: LatLon, after: LatLon) -> bool {
    let frame = LocalFrame::around(via);
    let ([from_x, from_y], [to_x, to_y]) = (frame.project(before), frame.project(after));
    // The frame's origin is the via, so driving in is along the negative of `before`.
    let (cross, dot) = (from_y * to_x - from_x * to_y, -(from_x * to_x + from_y * to_y));
    let degrees = cross.atan2(dot).to_degrees();
    match turn {
        Turn::Left => (10.0..=178.0).contains(&degrees),
        Turn::Right => (-178.0..=-10.0).contains(&degrees),
        Turn::Straight => degrees.abs() <= 60.0,
        Turn::Back => 120.0 <= degrees.abs(),
        Turn::Entry | Turn::Exit => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directions() {
        let at = |north: i32, east: i32| LatLon::from_e7(500_000_000 + north, 80_000_000 + east).unwrap();
        let (south, via) = (at(-1000, 0), at(0, 0));
        assert!(is_turn(Turn::Left, south, via, at(0, -1000)));
        assert!(is_turn(Turn::Right, south, via, at(0, 1000)));
        assert!(is_turn(Turn::Straight, south, via, at(1000, 100)));
        assert!(is_turn(Turn::Back, south, via, at(-1000, 100)));
        assert!(!is_turn(Turn::Left, south, via, at(0, 1000)));
        assert!(!is_turn(Turn::Straight, south, via, at(0, 1000)));
        assert!(!is_turn(Turn::Right, south, via, at(1000, 0)));
    }
}

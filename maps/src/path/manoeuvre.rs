//! What a driver does along a path: set off, turn, keep to one side, take an exit, arrive.
//!
//! A junction is worth a word only if there the driver can go wrong, or the road changes its name.
//! Which roads a driver could take instead is what the graph lets drive: a forbidden turn or a one-way
//! street the wrong way is no choice, nor is a service road or track beside a street. Passed over in silence is
//! - a junction without a choice, however sharp the bend, on a road that keeps its name;
//! - the road that keeps its name and is clearly the straightest on, by [`CLEARLY`] degrees.
//!
//! Words for all this, in any language, are made by those who show it.

use mukae_units::{LatLon, Metres, TravelTime};

use super::{Path, cut};
use crate::geometry::{Bearing, LocalFrame};
use crate::graph::{EdgeId, RoadGraph};
use crate::osm::RoadClass;
use crate::place::{Fraction, Place, Sides};
use crate::snap::place_position;

/// One thing to do, and how far it is to the next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Manoeuvre {
    pub kind: ManoeuvreKind,
    pub position: LatLon,
    /// The course on the road that leads there; on departure that of the road ahead.
    pub bearing_before: Bearing,
    /// The course on the road that leads away; on arrival that of the road driven.
    pub bearing_after: Bearing,
    /// An edge of the road it leads onto, for [`RoadGraph::name`]; out of a roundabout, unless the path
    /// ends in it.
    pub road: EdgeId,
    /// From here to the next manoeuvre; zero on arrival. They add up to the path's.
    pub length: Metres,
    pub travel_time: TravelTime,
}

impl Manoeuvre {
    /// The change of course in degrees, right positive: -179 to 180.
    pub fn angle(&self) -> i16 {
        self.bearing_before.turn_to(self.bearing_after)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ManoeuvreKind {
    Depart(CompassPoint),
    /// No turn: only the road's name changes.
    Continue,
    Turn(Turn),
    /// The road parts, no branch clearly the straighter: keep to this side of it.
    Fork(Hand),
    /// Into a roundabout and out again by this exit, the first being 1; junctions that lead only in are
    /// no exits. `None` if the path ends in the roundabout. One that starts in it leaves by a `Turn`.
    Roundabout {
        exit: Option<u32>,
    },
    /// With the side of the road on which the target lies, if it was told and lies on one.
    Arrive(Option<Hand>),
}

/// Of a change of course, by its angle: [`STRAIGHT`], [`SLIGHT`] and [`SHARP`] are the borders.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Turn {
    Straight,
    SlightLeft,
    Left,
    SharpLeft,
    SlightRight,
    Right,
    SharpRight,
    /// A U-turn: back on the road one came by.
    Back,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Hand {
    Left,
    Right,
}

/// Clockwise from north.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CompassPoint {
    North,
    NorthEast,
    East,
    SouthEast,
    South,
    SouthWest,
    West,
    NorthWest,
}

impl CompassPoint {
    /// The nearest of the eight; half way between two the clockwise one.
    pub const fn of(bearing: Bearing) -> CompassPoint {
        match (bearing.degrees() * 2 + 45) / 90 {
            1 => CompassPoint::NorthEast,
            2 => CompassPoint::East,
            3 => CompassPoint::SouthEast,
            4 => CompassPoint::South,
            5 => CompassPoint::SouthWest,
            6 => CompassPoint::West,
            7 => CompassPoint::NorthWest,
            _ => CompassPoint::North,
        }
    }
}

/// Below so many degrees a road goes straight on.
pub const STRAIGHT: u16 = 20;
/// Below so many a turn is slight.
pub const SLIGHT: u16 = 45;
/// From so many on a turn is sharp.
pub const SHARP: u16 = 120;
/// One road is clearly straighter than another by so many degrees.
pub const CLEARLY: u16 = 30;

/// Courses are of the straight line to or from a point so many metres along the road, or to its next
/// junction if that is nearer: the first metres of a slip road or a rounded corner do not tell.
pub const MEASURED: f64 = 15.0;

/// Nearer than this to the course, in metres, a target is neither left nor right of it.
const ON_THE_LINE: f64 = 1.0;

impl Turn {
    pub const fn of(angle: i16) -> Turn {
        let is_right = 0 < angle;
        match angle.unsigned_abs() {
            bend if bend < STRAIGHT => Turn::Straight,
            bend if bend < SLIGHT => [Turn::SlightLeft, Turn::SlightRight][is_right as usize],
            bend if bend < SHARP => [Turn::Left, Turn::Right][is_right as usize],
            _ => [Turn::SharpLeft, Turn::SharpRight][is_right as usize],
        }
    }
}

impl Path {
    /// From the departure to the arrival, at least these two. `target` is what lies beside the end of
    /// the path: a door, a meeting point.
    pub fn manoeuvres(&self, graph: &RoadGraph, target: Option<LatLon>) -> Vec<Manoeuvre> {
        // An edge at whose very end the path begins or ends is not driven.
        let last = self.edges.len() - 1;
        let first = usize::from(0 < last && self.start == Fraction::HEAD);
        let last = if first < last && self.end == Fraction::TAIL { last - 1 } else { last };

        let mut list = vec![(0, self.departure(graph, first))];
        let is_round = |index: usize| graph.way(self.edges[index]).is_roundabout;
        let mut index = first + 1;
        while index <= last {
            let (before, after) = (self.edges[index - 1], self.edges[index]);
            if is_round(index) {
                let out = (index..=last).find(|&index| !is_round(index));
                if !is_round(index - 1) {
                    list.push((index, self.roundabout(graph, index, out.unwrap_or(last + 1), last)));
                    index = out.unwrap_or(last);
                }
            } else if let Some(kind) = at_junction(graph, before, after) {
                list.push((index, turn(graph, kind, before, after)));
            }
            index += 1;
        }
        list.push((self.edges.len(), self.arrival(graph, last, target)));
        self.measure(graph, list)
    }

    /// Fills in how far it is from each manoeuvre, at the tail of the edge at its index, to the next.
    fn measure(&self, graph: &RoadGraph, list: Vec<(usize, Manoeuvre)>) -> Vec<Manoeuvre> {
        let next: Vec<usize> = list.iter().skip(1).map(|(index, _)| *index).chain([self.edges.len()]).collect();
        let measured = list.into_iter().zip(next).map(|((from, manoeuvre), to)| Manoeuvre {
            length: (from..to).map(|index| self.length_on(graph, index)).sum(),
            travel_time: (from..to).fold(TravelTime::ZERO, |time, index| time + self.time_on(index)),
            ..manoeuvre
        });
        measured.collect()
    }

    fn departure(&self, graph: &RoadGraph, first: usize) -> Manoeuvre {
        let (edge, (from, _)) = (self.edges[first], self.fractions_on(first));
        let bearing = bearing_at(graph, edge, from, true);
        manoeuvre(
            ManoeuvreKind::Depart(CompassPoint::of(bearing)),
            self.position(graph, first, from),
            [bearing; 2],
            edge,
        )
    }

    fn arrival(&self, graph: &RoadGraph, last: usize, target: Option<LatLon>) -> Manoeuvre {
        let (edge, (_, to)) = (self.edges[last], self.fractions_on(last));
        let (bearing, position) = (bearing_at(graph, edge, to, false), self.position(graph, last, to));
        let hand = target.and_then(|target| hand_of(target, position, bearing));
        manoeuvre(ManoeuvreKind::Arrive(hand), position, [bearing; 2], edge)
    }

    /// Around it from the edge at `index` up to the one at `out`, which may be beyond the `last`.
    fn roundabout(&self, graph: &RoadGraph, index: usize, out: usize, last: usize) -> Manoeuvre {
        let is_exit = |edge: &&EdgeId| graph.out_edges(graph.head(**edge)).any(|edge| !graph.way(edge).is_roundabout);
        let exits = self.edges[index..out].iter().filter(is_exit).count() as u32;
        let exit = (out <= last).then_some(exits);
        let (before, after) = (self.edges[index - 1], self.edges[if out <= last { out } else { index }]);
        Manoeuvre {
            position: graph.position(graph.head(before)),
            ..turn(graph, ManoeuvreKind::Roundabout { exit }, before, after)
        }
    }

    fn position(&self, graph: &RoadGraph, index: usize, fraction: Fraction) -> LatLon {
        place_position(graph, Place { edge: self.edges[index], fraction, sides: Sides::This })
    }
}

fn manoeuvre(kind: ManoeuvreKind, position: LatLon, bearings: [Bearing; 2], road: EdgeId) -> Manoeuvre {
    let [bearing_before, bearing_after] = bearings;
    let (length, travel_time) = (Metres::ZERO, TravelTime::ZERO);
    Manoeuvre { kind, position, bearing_before, bearing_after, road, length, travel_time }
}

fn turn(graph: &RoadGraph, kind: ManoeuvreKind, before: EdgeId, after: EdgeId) -> Manoeuvre {
    let bearings = [bearing_at(graph, before, Fraction::HEAD, false), bearing_at(graph, after, Fraction::TAIL, true)];
    manoeuvre(kind, graph.position(graph.tail(after)), bearings, after)
}

/// What there is to do where one edge leads to the other, if anything.
fn at_junction(graph: &RoadGraph, before: EdgeId, after: EdgeId) -> Option<ManoeuvreKind> {
    let came_by = bearing_at(graph, before, Fraction::HEAD, false);
    let angle_to = |edge: EdgeId| came_by.turn_to(bearing_at(graph, edge, Fraction::TAIL, true));
    let angle = angle_to(after);
    let bend = angle.unsigned_abs();
    if leads_back(graph, before, after) {
        return Some(ManoeuvreKind::Turn(Turn::Back));
    }
    let is_street = !is_minor(graph, before) && !is_minor(graph, after);
    let is_no_choice = |edge: EdgeId| {
        is_same_stretch(graph, edge, after) || leads_back(graph, before, edge) || is_street && is_minor(graph, edge)
    };
    let others: Vec<i16> =
        graph.out_edges(graph.head(before)).filter(|&edge| !is_no_choice(edge)).map(angle_to).collect();
    let is_clear = others.iter().all(|other| bend + CLEARLY <= other.unsigned_abs());
    let keeps_name = has_same_name(graph, before, after);
    if others.is_empty() || bend < SLIGHT && is_clear {
        let is_told = !keeps_name && !others.is_empty() && STRAIGHT <= bend;
        let kind = if is_told { ManoeuvreKind::Turn(Turn::of(angle)) } else { ManoeuvreKind::Continue };
        return (!keeps_name).then_some(kind);
    }
    let is_rival = |other: i16| other.unsigned_abs() < SLIGHT && other.unsigned_abs().abs_diff(bend) < CLEARLY;
    let rivals: Vec<i16> = others.into_iter().filter(|&other| bend < SLIGHT && is_rival(other)).collect();
    if rivals.is_empty() {
        return Some(ManoeuvreKind::Turn(Turn::of(angle)));
    }
    let (are_right, are_left) = (rivals.iter().all(|other| angle < *other), rivals.iter().all(|other| *other < angle));
    Some(match (are_right, are_left) {
        (true, _) => ManoeuvreKind::Fork(Hand::Left),
        (_, true) => ManoeuvreKind::Fork(Hand::Right),
        // In the middle.
        _ => ManoeuvreKind::Turn(Turn::of(angle)),
    })
}

/// One edge of a road, then the other direction of the same. A graph may hold a stretch of road more than
/// once, to tell by which way a driver came, so not only twins are compared.
fn leads_back(graph: &RoadGraph, before: EdgeId, after: EdgeId) -> bool {
    let is_twin_of = |edge, other| graph.twin(edge).is_some_and(|twin| is_same_stretch(graph, twin, other));
    is_twin_of(before, after) || is_twin_of(after, before)
}

fn is_same_stretch(graph: &RoadGraph, one: EdgeId, other: EdgeId) -> bool {
    let measures = |edge: EdgeId| {
        let [tail, head] = [graph.tail(edge), graph.head(edge)].map(|node| graph.position(node));
        (graph.way(edge).osm_id, graph.length(edge), tail, head)
    };
    one == other || measures(one) == measures(other) && graph.line(one).eq(graph.line(other))
}

/// Nobody takes it for the road's continuation.
fn is_minor(graph: &RoadGraph, edge: EdgeId) -> bool {
    matches!(graph.way(edge).class, RoadClass::Service | RoadClass::Track)
}

/// Roads without a name are the same road if they are of one class.
fn has_same_name(graph: &RoadGraph, one: EdgeId, other: EdgeId) -> bool {
    let (one, other) = (graph.way(one), graph.way(other));
    one.name == other.name && (one.name != 0 || one.class == other.class)
}

/// The course at a point of an edge, over the metres ahead of it or behind; where there are none, over
/// those on the other side.
fn bearing_at(graph: &RoadGraph, edge: EdgeId, fraction: Fraction, is_ahead: bool) -> Bearing {
    let ahead = || match fraction {
        Fraction::TAIL => chord(graph.line(edge)),
        _ => chord(stretch(graph, edge, fraction, Fraction::HEAD).into_iter()),
    };
    let behind = || chord(stretch(graph, edge, Fraction::TAIL, fraction).into_iter().rev()).map(Bearing::reversed);
    let bearing = if is_ahead { ahead().or_else(behind) } else { behind().or_else(ahead) };
    // A road without length leads nowhere; north is as good as any.
    bearing.unwrap_or(Bearing::from_degrees(0))
}

fn stretch(graph: &RoadGraph, edge: EdgeId, from: Fraction, to: Fraction) -> Vec<LatLon> {
    if (from, to) == (Fraction::TAIL, Fraction::HEAD) {
        return graph.line(edge).collect();
    }
    let mut points = Vec::new();
    cut(graph, edge, (from, to), &mut points);
    points
}

/// From the first point of a line to the one [`MEASURED`] metres along it, or to its end; if that is
/// where it began, to its first bend.
fn chord(line: impl Iterator<Item = LatLon>) -> Option<Bearing> {
    let mut line = line.peekable();
    let frame = LocalFrame::around(*line.peek()?);
    let (mut left, mut end, mut bend) = (MEASURED, [0.0, 0.0], None);
    for b in line.map(|point| frame.project(point)) {
        let along = [b[0] - end[0], b[1] - end[1]];
        let length = along[0].hypot(along[1]);
        bend = bend.or_else(|| Bearing::of(b));
        if left < length {
            let part = left / length;
            end = [end[0] + part * along[0], end[1] + part * along[1]];
            break;
        }
        left -= length;
        end = b;
    }
    Bearing::of(end).or(bend)
}

/// On which side of someone at `position` with this course the target is.
fn hand_of(target: LatLon, position: LatLon, course: Bearing) -> Option<Hand> {
    let [east, north] = LocalFrame::around(position).project(target);
    let (sin, cos) = f64::from(course.degrees()).to_radians().sin_cos();
    let right = east * cos - north * sin;
    (ON_THE_LINE <= right.abs()).then_some(if right < 0.0 { Hand::Left } else { Hand::Right })
}

#[cfg(test)]
mod tests;

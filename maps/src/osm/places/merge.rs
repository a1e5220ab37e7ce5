//! One place drawn twice is one place: a node inside its building, a campus of several outlines.

use mukae_units::{LatLon, Metres};

use super::shape::Shape;
use super::{Place, WeightFrom};
use crate::geometry::distance;

/// Two objects of one kind and one name, no farther apart, are one place.
const SAME_NAME: Metres = Metres::from_metres(250);

/// A place as it was found, with the ground it covers if it is more than a point.
pub(super) struct Found {
    pub(super) place: Place,
    pub(super) shape: Option<Shape>,
}

impl Found {
    /// Which of two is kept: the one whose size is known, the larger, the one with a name, the older.
    fn rank(&self) -> impl Ord {
        let area = self.shape.as_ref().map_or(0, |shape| shape.area);
        let is_by_kind = self.place.weight.from == WeightFrom::Kind;
        (is_by_kind, std::cmp::Reverse(area), self.place.name.is_empty(), self.place.osm)
    }

    fn covers(&self, point: LatLon) -> bool {
        self.shape.as_ref().is_some_and(|shape| shape.contains(point))
    }

    fn is_same(&self, other: &Found) -> bool {
        let (a, b) = (&self.place, &other.place);
        if a.name == b.name && !a.name.is_empty() {
            return distance(a.at, b.at) <= SAME_NAME;
        }
        let are_told_apart = !a.name.is_empty() && !b.name.is_empty();
        !are_told_apart && (self.covers(b.at) || other.covers(a.at))
    }
}

/// The places by kind, name and position, and how many were drawn more than once.
pub(super) fn merged(mut found: Vec<Found>) -> (Vec<Place>, usize) {
    let before = found.len();
    found.sort_by(|a, b| (a.place.kind, a.rank()).cmp(&(b.place.kind, b.rank())));
    let mut kept: Vec<Found> = Vec::with_capacity(found.len());
    // Of one kind at a time; its places lie at the end of `kept`.
    let mut begin = 0;
    for one in found {
        if kept.last().is_some_and(|last| last.place.kind != one.place.kind) {
            begin = kept.len();
        }
        match kept[begin..].iter_mut().find(|other| other.is_same(&one)) {
            Some(same) if same.place.name.is_empty() => same.place.name = one.place.name,
            Some(_) => {}
            None => kept.push(one),
        }
    }
    let mut places: Vec<Place> = kept.into_iter().map(|found| found.place).collect();
    places.sort_by(|a, b| (a.kind, &a.name, a.at, a.osm).cmp(&(b.kind, &b.name, b.at, b.osm)));
    let merged = before - places.len();
    (places, merged)
}

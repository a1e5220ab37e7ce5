//! Where demand is expected, and where vehicles may wait for it: places of a town that stand for the requests around them.
//!
//! The place of most origins becomes a post, then the next one that is far enough from all posts so far, until there are
//! enough. A request belongs to the nearest post through the air.

use std::collections::{BTreeMap, BTreeSet};

use mukae_engine::model::POSTS_MAX;
use mukae_maps::Place;
use mukae_maps::geometry::distance;
use mukae_units::{LatLon, Metres};

/// Where somebody wanted to be fetched.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Origin {
    pub point: LatLon,
    pub place: Place,
}

/// At least one, at most [`POSTS_MAX`], no two at one place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Posts {
    origins: Vec<Origin>,
}

impl Posts {
    /// Of those who were to be fetched, at least so far apart; `None` without any. `most` counts up to [`POSTS_MAX`].
    pub fn of(fetched: impl IntoIterator<Item = Origin>, apart: Metres, most: usize) -> Option<Posts> {
        let mut counts: BTreeMap<Place, (u64, LatLon)> = BTreeMap::new();
        for Origin { point, place } in fetched {
            counts.entry(place).or_insert((0, point)).0 += 1;
        }
        let mut by_count: Vec<(u64, Origin)> =
            counts.into_iter().map(|(place, (count, point))| (count, Origin { point, place })).collect();
        by_count.sort_by_key(|&(count, origin)| (std::cmp::Reverse(count), origin.place));
        let mut origins: Vec<Origin> = Vec::new();
        for (_, origin) in by_count {
            if origins.len() == most.clamp(1, POSTS_MAX) {
                break;
            }
            if origins.iter().all(|post| apart <= distance(post.point, origin.point)) {
                origins.push(origin);
            }
        }
        (!origins.is_empty()).then_some(Posts { origins })
    }

    /// As they were; `None` if there is none, or too many, or two at one place.
    pub fn at(origins: Vec<Origin>) -> Option<Posts> {
        let places: BTreeSet<Place> = origins.iter().map(|origin| origin.place).collect();
        let is_sound = (1..=POSTS_MAX).contains(&origins.len()) && places.len() == origins.len();
        is_sound.then_some(Posts { origins })
    }

    pub fn origins(&self) -> &[Origin] {
        &self.origins
    }

    /// In their order.
    pub fn places(&self) -> Vec<Place> {
        self.origins.iter().map(|origin| origin.place).collect()
    }

    pub fn count(&self) -> u16 {
        u16::try_from(self.origins.len()).expect("there are at most POSTS_MAX")
    }

    /// The first of those that are nearest.
    pub fn nearest(&self, point: LatLon) -> u16 {
        let far = |post: &usize| distance(self.origins[*post].point, point);
        let nearest = (0..self.origins.len()).min_by_key(far).expect("there is at least one");
        u16::try_from(nearest).expect("there are at most POSTS_MAX")
    }
}

#[cfg(test)]
mod tests {
    use mukae_maps::EdgeId;

    use super::*;

    fn origin(number: u32, north: f64) -> Origin {
        Origin { point: LatLon::from_degrees(54.0 + north, -4.5).unwrap(), place: Place::head_of(EdgeId(number)) }
    }

    #[test]
    fn the_busiest_places_far_enough_apart_are_posts() {
        // a thousandth of a degree is 111 m
        let [a, b, c, d] = [origin(1, 0.0), origin(2, 0.004), origin(3, 0.010), origin(4, 0.030)];
        let asked = [a, b, b, b, c, c, d];
        let posts = |apart, most| Posts::of(asked, Metres::from_metres(apart), most).unwrap().places();
        assert_eq!(posts(500, 9), [b.place, c.place, d.place], "the first is 445 m from the busiest");
        assert_eq!(posts(400, 9), [b.place, c.place, a.place, d.place]);
        assert_eq!(posts(400, 2), [b.place, c.place]);
        assert_eq!(posts(400, 0), [b.place], "one at least");
        assert_eq!(Posts::of([], Metres::ZERO, 9), None);
    }

    #[test]
    fn everybody_belongs_to_the_nearest() {
        let ends = [origin(1, 0.0), origin(2, 0.01)];
        let posts = Posts::of(ends, Metres::ZERO, 9).unwrap();
        assert_eq!(posts.count(), 2);
        let nearest = |north: f64| posts.nearest(LatLon::from_degrees(54.0 + north, -4.5).unwrap());
        assert_eq!([nearest(-1.0), nearest(0.0049), nearest(0.0051), nearest(1.0)], [0, 0, 1, 1]);
    }
}

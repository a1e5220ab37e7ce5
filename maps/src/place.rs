//! A place in the road network: a point on an edge.

use crate::graph::{EdgeId, RoadGraph};

/// How far along an edge: 0 is its tail, [`Fraction::HEAD`] its head.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Fraction(u16);

impl Fraction {
    pub const TAIL: Fraction = Fraction(0);
    pub const HEAD: Fraction = Fraction(u16::MAX);

    /// In steps of 1/65,535 of the edge; on a 10 km edge a step is 15 cm.
    pub const fn from_steps(steps: u16) -> Fraction {
        Fraction(steps)
    }

    pub const fn steps(self) -> u16 {
        self.0
    }

    /// The same point seen from the other direction of the road.
    pub const fn reversed(self) -> Fraction {
        Fraction(u16::MAX - self.0)
    }

    /// The part of an edge's weight between its tail and this point, rounded down; the rest up to
    /// the head is `weight - part`, so the two always add up.
    pub const fn part_of(self, weight: u32) -> u32 {
        (weight as u64 * self.0 as u64 / u16::MAX as u64) as u32
    }
}

/// On which sides of the road a vehicle may stand at a place.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Sides {
    /// Only in the direction of the place's own edge.
    This,
    /// Also in the opposite direction, if the road has one: a vehicle may arrive and leave either way.
    Both,
}

/// A point on an edge of the road graph.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Place {
    pub edge: EdgeId,
    pub fraction: Fraction,
    pub sides: Sides,
}

impl Place {
    /// Its own edge and, if both sides are allowed, the opposite direction of the road.
    pub fn edges(self, graph: &RoadGraph) -> impl Iterator<Item = EdgeId> {
        let opposite = match self.sides {
            Sides::This => None,
            Sides::Both => graph.twin(self.edge),
        };
        std::iter::once(self.edge).chain(opposite)
    }

    /// Standing at the head of `edge`, having driven along it.
    pub const fn head_of(edge: EdgeId) -> Place {
        Place { edge, fraction: Fraction::HEAD, sides: Sides::This }
    }
}

//! What a vehicle holds: its configurations, and which kinds of rider may use which kinds of place.
//!
//! A load fits if in some configuration every rider and piece gets a place that its kind may use.
//! That is a matching, and by Hall's theorem it exists exactly if no set of kinds asks for more
//! places than its members may use between them. Which sets can bind at all depends on the vehicle
//! alone, so they are found once; a load is then compared with a few sums. Upgrading of seats as in
//! Parragh, "Introducing heterogeneous users and vehicles into models and algorithms for the
//! dial-a-ride problem" (2011), there for a fixed ladder of kinds, here for any relation.

use std::fmt;
use std::sync::Arc;

use crate::{SeatKind, Seats};

/// Which kinds of place each kind may use; always its own. What may stand in for what is not passed
/// on: if A may use B's places and B those of C, A may not use C's unless that is said too.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Substitutions([u8; SeatKind::COUNT]);

/// What a vehicle holds. It may change its configuration at any stop, with the load it then has; so
/// any configuration that holds a load will do. A copy shares what it says.
#[derive(Clone, PartialEq, Eq)]
pub struct Capacity {
    /// Never empty.
    configurations: Arc<[Seats]>,
    substitutions: Substitutions,
    /// Configuration after configuration, the same sets of kinds for each of them.
    bounds: Arc<[Bound]>,
}

/// The kinds in `lanes` together find so many places.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Bound {
    lanes: Seats,
    places: u32,
}

impl Substitutions {
    /// Every kind to its own places.
    pub const NONE: Substitutions = Substitutions([1, 2, 4, 8, 16]);

    /// The same, and `kind` may also use places of the kind `place`.
    #[must_use]
    pub const fn and(mut self, kind: SeatKind, place: SeatKind) -> Substitutions {
        self.0[kind as usize] |= 1 << place as u8;
        self
    }

    pub const fn allows(&self, kind: SeatKind, place: SeatKind) -> bool {
        self.0[kind as usize] & 1 << place as u8 != 0
    }

    /// The kinds of place that any of these kinds may use.
    fn usable_by(&self, kinds: u8) -> u8 {
        members(kinds).fold(0, |usable, kind| usable | self.0[kind])
    }

    /// Whether a load can pass all other sets and fail this one. A set is no help if another kind
    /// could join it without needing more places, or if it falls apart into sets that share none.
    fn can_bind(&self, kinds: u8) -> bool {
        let usable = self.usable_by(kinds);
        let is_closed = members(!kinds).all(|kind| self.0[kind] & !usable != 0);
        let Some(first) = members(kinds).next() else { return false };
        let mut reached = 1 << first;
        loop {
            let places = self.usable_by(reached);
            let more = members(kinds).filter(|&kind| self.0[kind] & places != 0).fold(0, |more, kind| more | 1 << kind);
            if more == reached {
                return is_closed && reached == kinds;
            }
            reached = more;
        }
    }
}

fn members(kinds: u8) -> impl Iterator<Item = usize> {
    (0..SeatKind::COUNT).filter(move |kind| kinds & 1 << kind != 0)
}

impl Capacity {
    /// `None` without a configuration.
    pub fn new(configurations: Vec<Seats>, substitutions: Substitutions) -> Option<Capacity> {
        if configurations.is_empty() {
            return None;
        }
        let sets: Vec<u8> = (1..1 << SeatKind::COUNT).filter(|&kinds| substitutions.can_bind(kinds)).collect();
        let bound = |places: &Seats, kinds: u8| Bound {
            lanes: Seats::lanes(kinds),
            places: places.only(Seats::lanes(substitutions.usable_by(kinds))).total(),
        };
        let bounds = configurations.iter().flat_map(|places| sets.iter().map(move |&kinds| bound(places, kinds)));
        let bounds = bounds.collect();
        Some(Capacity { configurations: configurations.into(), substitutions, bounds })
    }

    pub fn configurations(&self) -> &[Seats] {
        &self.configurations
    }

    pub fn substitutions(&self) -> Substitutions {
        self.substitutions
    }

    /// True if some configuration gives everyone of `load` a place. Who fits still does when others leave.
    #[inline]
    pub fn fits(&self, load: Seats) -> bool {
        self.configurations.iter().any(|places| load.fits(places))
            || (self.substitutions != Substitutions::NONE && self.fits_by_substitution(load))
    }

    fn fits_by_substitution(&self, load: Seats) -> bool {
        let sets = self.bounds.len() / self.configurations.len();
        let holds = |bound: &Bound| load.only(bound.lanes).total() <= bound.places;
        self.bounds.chunks_exact(sets).any(|bounds| bounds.iter().all(holds))
    }

    /// The places that a load of this kind alone can use, in the configuration that has most of them.
    pub fn most(&self, kind: SeatKind) -> u32 {
        let lanes = Seats::lanes(self.substitutions.usable_by(1 << kind as u8));
        self.configurations.iter().map(|places| places.only(lanes).total()).max().unwrap_or(0)
    }
}

/// One configuration, every kind to its own places.
impl From<Seats> for Capacity {
    fn from(places: Seats) -> Capacity {
        Capacity::new(vec![places], Substitutions::NONE).expect("there is a configuration")
    }
}

impl fmt::Display for Capacity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, places) in self.configurations.iter().enumerate() {
            write!(f, "{}{places}", if index == 0 { "" } else { " or " })?;
        }
        for kind in SeatKind::ALL {
            for place in SeatKind::ALL.into_iter().filter(|&place| place != kind) {
                if self.substitutions.allows(kind, place) {
                    write!(f, "; {kind:?} on {place:?}")?;
                }
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Capacity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Debug for Substitutions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

#[cfg(test)]
mod tests;

//! A small set of numbered things of one kind, as one word: who asks whether all of one are in another
//! pays one operation.

use std::fmt;
use std::marker::PhantomData;

use crate::{FeatureId, ZoneId};

/// Numbers run from 0 up to this, exclusive. Who numbers more of a kind is told so, see [`IdSet::and`].
pub const ID_SET_MAX: u32 = 128;

/// An id that is small enough for an [`IdSet`] as long as its numbers are.
pub trait SmallId: Copy {
    fn number(self) -> u32;
    fn of_number(number: u32) -> Self;
}

/// A set of things with numbers below [`ID_SET_MAX`].
pub struct IdSet<I> {
    bits: u128,
    ids: PhantomData<fn(I)>,
}

/// What a vehicle or its driver can do, or a rider needs: a ramp, a hoist, sign language.
pub type Features = IdSet<FeatureId>;
/// Where a place lies, or where somebody may be taken.
pub type Zones = IdSet<ZoneId>;

/// The number is [`ID_SET_MAX`] or more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct IdTooLarge(pub u32);

impl SmallId for FeatureId {
    fn number(self) -> u32 {
        self.0
    }

    fn of_number(number: u32) -> FeatureId {
        FeatureId(number)
    }
}

impl SmallId for ZoneId {
    fn number(self) -> u32 {
        self.0
    }

    fn of_number(number: u32) -> ZoneId {
        ZoneId(number)
    }
}

impl<I: SmallId> IdSet<I> {
    pub const EMPTY: IdSet<I> = IdSet { bits: 0, ids: PhantomData };

    /// The set of these.
    pub fn of(ids: &[I]) -> Result<IdSet<I>, IdTooLarge> {
        ids.iter().try_fold(IdSet::EMPTY, |set, &id| set.and(id))
    }

    /// The same with `id`.
    pub fn and(self, id: I) -> Result<IdSet<I>, IdTooLarge> {
        let bit = 1u128.checked_shl(id.number()).ok_or(IdTooLarge(id.number()))?;
        Ok(IdSet { bits: self.bits | bit, ..IdSet::EMPTY })
    }

    pub fn is_empty(self) -> bool {
        self.bits == 0
    }

    pub fn contains(self, id: I) -> bool {
        1u128.checked_shl(id.number()).is_some_and(|bit| self.bits & bit != 0)
    }

    /// True if all of `others` are here.
    pub fn contains_all(self, others: IdSet<I>) -> bool {
        others.bits & !self.bits == 0
    }

    /// True if one of `others` is here.
    pub fn meets(self, others: IdSet<I>) -> bool {
        self.bits & others.bits != 0
    }

    #[must_use]
    pub fn union(self, others: IdSet<I>) -> IdSet<I> {
        IdSet { bits: self.bits | others.bits, ..IdSet::EMPTY }
    }

    /// In the order of their numbers.
    pub fn iter(self) -> impl Iterator<Item = I> {
        let mut left = self.bits;
        std::iter::from_fn(move || {
            let number = left.trailing_zeros();
            left &= left.checked_sub(1)?;
            Some(I::of_number(number))
        })
    }

    /// Bit `n` stands for number `n`.
    pub fn from_bits(bits: u128) -> IdSet<I> {
        IdSet { bits, ..IdSet::EMPTY }
    }

    pub fn bits(self) -> u128 {
        self.bits
    }
}

impl<I> Clone for IdSet<I> {
    fn clone(&self) -> IdSet<I> {
        *self
    }
}

impl<I> Copy for IdSet<I> {}

impl<I> PartialEq for IdSet<I> {
    fn eq(&self, other: &IdSet<I>) -> bool {
        self.bits == other.bits
    }
}

impl<I> Eq for IdSet<I> {}

impl<I> Default for IdSet<I> {
    fn default() -> IdSet<I> {
        IdSet { bits: 0, ids: PhantomData }
    }
}

impl<I: SmallId + fmt::Debug> fmt::Debug for IdSet<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_asked_as_lists_would_be() {
        let set = |numbers: &[u32]| {
            let ids: Vec<FeatureId> = numbers.iter().copied().map(FeatureId).collect();
            Features::of(&ids).expect("small numbers")
        };
        let lists: [&[u32]; 6] = [&[], &[0], &[127], &[0, 5], &[5, 64, 127], &[0, 5, 64, 127]];
        for (a, b) in lists.iter().flat_map(|&a| lists.map(|b| (a, b))) {
            assert_eq!(set(a).contains_all(set(b)), b.iter().all(|id| a.contains(id)), "{b:?} in {a:?}");
            assert_eq!(set(a).meets(set(b)), b.iter().any(|id| a.contains(id)), "{b:?} and {a:?}");
            assert!(set(a).union(set(b)).iter().all(|id| a.contains(&id.0) || b.contains(&id.0)));
            assert_eq!(set(a).iter().map(|id| id.0).collect::<Vec<_>>(), a);
            assert_eq!(Features::from_bits(set(a).bits()), set(a));
        }
        assert_eq!(Features::of(&[FeatureId(128)]), Err(IdTooLarge(128)), "nothing is dropped in silence");
        assert!(!set(&[0]).contains(FeatureId(128)));
    }
}

//! Seeded chance, and arbitrary values made from it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// SplitMix64: the same numbers from the same seed, on every machine.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `limit`, which is not zero.
    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    pub fn coin(&mut self) -> bool {
        self.next() & 1 == 1
    }

    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        if items.is_empty() { None } else { Some(&items[self.below(items.len())]) }
    }

    pub fn any<T: Any>(&mut self) -> T {
        T::any(self)
    }
}

/// Something that can be made up.
pub trait Any: Sized {
    fn any(dice: &mut Dice) -> Self;

    /// One of each variant, for an enum.
    fn each(dice: &mut Dice) -> Vec<Self> {
        vec![Self::any(dice)]
    }
}

/// Numbers are small, middling or at the edge, a third each.
macro_rules! any_numbers {
    ($($name:ty)+) => {$(
        impl Any for $name {
            fn any(dice: &mut Dice) -> $name {
                let wild = dice.next();
                match dice.below(6) {
                    0 => <$name>::MIN,
                    1 => <$name>::MAX,
                    2 | 3 => (wild % 200) as $name,
                    _ => (wild >> dice.below(64)) as $name,
                }
            }
        }
    )+};
}

any_numbers! { u8 u16 u32 u64 i64 }

impl Any for bool {
    fn any(dice: &mut Dice) -> bool {
        dice.coin()
    }
}

impl Any for String {
    fn any(dice: &mut Dice) -> String {
        const LETTERS: [char; 6] = ['a', 'Z', '/', 'é', '駅', '🚐'];
        (0..dice.below(20)).map(|_| LETTERS[dice.below(LETTERS.len())]).collect()
    }
}

impl Any for [u8; 32] {
    fn any(dice: &mut Dice) -> [u8; 32] {
        std::array::from_fn(|_| dice.next() as u8)
    }
}

impl Any for Arc<[u8]> {
    fn any(dice: &mut Dice) -> Arc<[u8]> {
        Vec::<u8>::any(dice).into()
    }
}

impl<T: Any> Any for Arc<T> {
    fn any(dice: &mut Dice) -> Arc<T> {
        Arc::new(T::any(dice))
    }

    fn each(dice: &mut Dice) -> Vec<Arc<T>> {
        T::each(dice).into_iter().map(Arc::new).collect()
    }
}

impl<T: Any> Any for Option<T> {
    fn any(dice: &mut Dice) -> Option<T> {
        dice.coin().then(|| T::any(dice))
    }

    fn each(dice: &mut Dice) -> Vec<Option<T>> {
        vec![None, Some(T::any(dice))]
    }
}

impl<T: Any, E: Any> Any for Result<T, E> {
    fn any(dice: &mut Dice) -> Result<T, E> {
        if dice.coin() { Ok(T::any(dice)) } else { Err(E::any(dice)) }
    }

    fn each(dice: &mut Dice) -> Vec<Result<T, E>> {
        vec![Ok(T::any(dice)), Err(E::any(dice))]
    }
}

impl<T: Any> Any for Vec<T> {
    fn any(dice: &mut Dice) -> Vec<T> {
        (0..dice.below(6)).map(|_| T::any(dice)).collect()
    }
}

impl<T: Any + Ord> Any for BTreeSet<T> {
    fn any(dice: &mut Dice) -> BTreeSet<T> {
        (0..dice.below(6)).map(|_| T::any(dice)).collect()
    }
}

impl<K: Any + Ord, V: Any> Any for BTreeMap<K, V> {
    fn any(dice: &mut Dice) -> BTreeMap<K, V> {
        (0..dice.below(6)).map(|_| (K::any(dice), V::any(dice))).collect()
    }
}

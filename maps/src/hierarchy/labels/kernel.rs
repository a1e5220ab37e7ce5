//! The two inner loops of labels: the least sum of two columns of times, and a column taking on the
//! sums of another. Eight times are one block, which a vector unit handles in one go.
//!
//! The plain bodies are the truth. The same bodies, compiled for AVX2, run where the processor has
//! it: the unsigned minimum of 32 bits is one instruction there and several on the baseline of
//! x86-64. On a metropolis this takes a quarter off a build and a tenth or more off a query; that,
//! and fetching ahead, is why this file may be unsafe (`column.rs` is the only other). Other architectures run the plain
//! bodies, compiled for whatever their baseline offers.
#![allow(unsafe_code)]

use crate::hierarchy::customize::FAR;

/// Eight times, on a boundary of 32 bytes so that no load of one crosses a cache line. What is not
/// used is `FAR`. No time is above `FAR`, so the sum of two fits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(C, align(32))]
pub(in crate::hierarchy) struct Block(pub(in crate::hierarchy) [u32; Block::TIMES]);

impl Block {
    pub(in crate::hierarchy) const TIMES: usize = 8;
    pub(in crate::hierarchy) const UNSET: Block = Block([FAR; Block::TIMES]);

    /// How many blocks hold so many times.
    pub(super) const fn count_for(times: u32) -> usize {
        (times as usize).div_ceil(Block::TIMES)
    }
}

/// A column of times, each of which a further time comes on top of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Topped<'a> {
    pub(super) times: &'a [Block],
    pub(super) more: u32,
}

/// What this processor can do. Asked once, when labels are built, and kept with them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::hierarchy) struct VectorUnit {
    /// Only [`VectorUnit::detect`] sets this, and only if it is so: the calls below rest on it.
    has_avx2: bool,
}

impl VectorUnit {
    #[cfg(test)]
    pub(super) const PLAIN: VectorUnit = VectorUnit { has_avx2: false };

    #[cfg(target_arch = "x86_64")]
    pub(in crate::hierarchy) fn detect() -> VectorUnit {
        VectorUnit { has_avx2: is_x86_feature_detected!("avx2") }
    }

    #[cfg(not(target_arch = "x86_64"))]
    pub(in crate::hierarchy) fn detect() -> VectorUnit {
        VectorUnit { has_avx2: false }
    }

    /// The least sum of the first `count` times of `one` and of `other`, pair by pair; at most `FAR`.
    /// Each must have `Block::count_for(count)` blocks or more.
    #[inline]
    pub(super) fn least_sum(self, one: &[Block], other: &[Block], count: u32) -> u32 {
        #[cfg(target_arch = "x86_64")]
        if self.has_avx2 {
            // SAFETY: `has_avx2` says that the processor has it.
            return unsafe { least_sum_avx2(one, other, count) };
        }
        least_sum(one, other, count)
    }

    /// The same where either side is the better of two columns, each with a time of its own on top; at
    /// most `FAR`. These times too are at most `FAR`, so that the sum of all four fits.
    #[inline]
    pub(super) fn least_sum_of_pairs(self, one: [Topped<'_>; 2], other: [Topped<'_>; 2], count: u32) -> u32 {
        #[cfg(target_arch = "x86_64")]
        if self.has_avx2 {
            // SAFETY: `has_avx2` says that the processor has it.
            return unsafe { least_sum_of_pairs_avx2(one, other, count) };
        }
        least_sum_of_pairs(one, other, count)
    }

    /// [`VectorUnit::least_sum`] where one side is the better of two columns.
    #[inline]
    pub(super) fn least_sum_with_pair(self, one: &[Block], other: [Topped<'_>; 2], count: u32) -> u32 {
        #[cfg(target_arch = "x86_64")]
        if self.has_avx2 {
            // SAFETY: `has_avx2` says that the processor has it.
            return unsafe { least_sum_with_pair_avx2(one, other, count) };
        }
        least_sum_with_pair(one, other, count)
    }

    /// Each time of `into` takes on the time of `from` at its place plus `more`, if that is less.
    /// `more` is at most `FAR`. `into` has at least as many blocks as `from`; the rest stay.
    #[inline]
    pub(in crate::hierarchy) fn take_sums(self, into: &mut [Block], from: &[Block], more: u32) {
        #[cfg(target_arch = "x86_64")]
        if self.has_avx2 {
            // SAFETY: `has_avx2` says that the processor has it.
            return unsafe { take_sums_avx2(into, from, more) };
        }
        take_sums(into, from, more);
    }
}

/// Asks the memory for the cache line in which this begins, without waiting for it. Only a hint:
/// changes no answer.
#[inline(always)]
pub(super) fn prefetch<T>(wanted: &T) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: every x86-64 has the instruction; it reads nothing, and the address is a reference's.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(wanted).cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = wanted;
}

/// The same for all of a short row.
#[inline]
pub(crate) fn prefetch_row<T>(row: &[T]) {
    const LINE: usize = 64;
    row.iter().step_by((LINE / size_of::<T>()).max(1)).for_each(prefetch);
}

/// `OUTSIDE[n]`, put over a block of sums, leaves the first `n` as they are and makes the others
/// greater than any sum.
const OUTSIDE: [Block; Block::TIMES] = {
    let mut masks = [Block([0; Block::TIMES]); Block::TIMES];
    let mut inside = 0;
    while inside < Block::TIMES {
        let mut place = inside;
        while place < Block::TIMES {
            masks[inside].0[place] = u32::MAX;
            place += 1;
        }
        inside += 1;
    }
    masks
};

const OUTSIDE_NOTHING: Block = Block([0; Block::TIMES]);

#[inline(always)]
fn least_sum(one: &[Block], other: &[Block], count: u32) -> u32 {
    let whole = count as usize / Block::TIMES;
    let rest = count as usize % Block::TIMES;
    let mut best = [FAR; Block::TIMES];
    for (one, other) in one[..whole].iter().zip(&other[..whole]) {
        for (place, best) in best.iter_mut().enumerate() {
            *best = (*best).min(one.0[place] + other.0[place]);
        }
    }
    if 0 < rest {
        let (one, other, outside) = (&one[whole], &other[whole], &OUTSIDE[rest]);
        for (place, best) in best.iter_mut().enumerate() {
            *best = (*best).min((one.0[place] + other.0[place]) | outside.0[place]);
        }
    }
    best.into_iter().fold(FAR, u32::min)
}

#[inline(always)]
fn least_sum_of_pairs(one: [Topped<'_>; 2], other: [Topped<'_>; 2], count: u32) -> u32 {
    let whole = count as usize / Block::TIMES;
    let rest = count as usize % Block::TIMES;
    let blocks = whole + usize::from(0 < rest);
    let [one_a, one_b] = one.map(|topped| &topped.times[..blocks]);
    let [other_a, other_b] = other.map(|topped| &topped.times[..blocks]);
    let mut best = [FAR; Block::TIMES];
    for index in 0..blocks {
        let outside = if index < whole { &OUTSIDE_NOTHING } else { &OUTSIDE[rest] };
        for (place, best) in best.iter_mut().enumerate() {
            let by_one = (one_a[index].0[place] + one[0].more).min(one_b[index].0[place] + one[1].more);
            let by_other = (other_a[index].0[place] + other[0].more).min(other_b[index].0[place] + other[1].more);
            *best = (*best).min((by_one + by_other) | outside.0[place]);
        }
    }
    best.into_iter().fold(FAR, u32::min)
}

#[inline(always)]
fn least_sum_with_pair(one: &[Block], other: [Topped<'_>; 2], count: u32) -> u32 {
    let whole = count as usize / Block::TIMES;
    let rest = count as usize % Block::TIMES;
    let blocks = whole + usize::from(0 < rest);
    let one = &one[..blocks];
    let [other_a, other_b] = other.map(|topped| &topped.times[..blocks]);
    let mut best = [FAR; Block::TIMES];
    for index in 0..blocks {
        let outside = if index < whole { &OUTSIDE_NOTHING } else { &OUTSIDE[rest] };
        for (place, best) in best.iter_mut().enumerate() {
            let by_other = (other_a[index].0[place] + other[0].more).min(other_b[index].0[place] + other[1].more);
            *best = (*best).min((one[index].0[place] + by_other) | outside.0[place]);
        }
    }
    best.into_iter().fold(FAR, u32::min)
}

#[inline(always)]
fn take_sums(into: &mut [Block], from: &[Block], more: u32) {
    for (into, from) in into[..from.len()].iter_mut().zip(from) {
        for (place, into) in into.0.iter_mut().enumerate() {
            *into = (*into).min(from.0[place] + more);
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn least_sum_avx2(one: &[Block], other: &[Block], count: u32) -> u32 {
    least_sum(one, other, count)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn least_sum_of_pairs_avx2(one: [Topped<'_>; 2], other: [Topped<'_>; 2], count: u32) -> u32 {
    least_sum_of_pairs(one, other, count)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn least_sum_with_pair_avx2(one: &[Block], other: [Topped<'_>; 2], count: u32) -> u32 {
    least_sum_with_pair(one, other, count)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn take_sums_avx2(into: &mut [Block], from: &[Block], more: u32) {
    take_sums(into, from, more);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_roads::Lots;

    fn blocks(count: usize, lots: &mut Lots) -> Vec<Block> {
        let mut time = || if lots.chance(20) { FAR } else { lots.below(FAR as usize + 1) as u32 };
        (0..count).map(|_| Block(std::array::from_fn(|_| time()))).collect()
    }

    fn times(blocks: &[Block]) -> Vec<u32> {
        blocks.iter().flat_map(|block| block.0).collect()
    }

    #[test]
    fn least_sums_of_any_length() {
        for seed in 0..2_000 {
            let lots = &mut Lots::new(seed);
            let (one, other) = (blocks(6, lots), blocks(6, lots));
            let count = lots.below(6 * Block::TIMES + 1);
            let sums = times(&one).into_iter().zip(times(&other)).map(|(one, other)| one + other);
            let expected = sums.take(count).fold(FAR, u32::min);
            for unit in [VectorUnit::PLAIN, VectorUnit::detect()] {
                let enough = Block::count_for(count as u32);
                let least = unit.least_sum(&one[..enough], &other[..enough], count as u32);
                assert_eq!(least, expected, "seed {seed}, {count} times, {unit:?}");
            }
        }
    }

    #[test]
    fn least_sums_of_pairs_of_any_length() {
        for seed in 0..2_000 {
            let lots = &mut Lots::new(seed);
            let columns: [Vec<Block>; 4] = std::array::from_fn(|_| blocks(5, lots));
            let more: [u32; 4] = std::array::from_fn(|_| [0, FAR, lots.below(FAR as usize) as u32][lots.below(3)]);
            let count = lots.below(5 * Block::TIMES + 1);
            let topped = |index: usize, place: usize| times(&columns[index])[place] + more[index];
            let sum = |place| topped(0, place).min(topped(1, place)) + topped(2, place).min(topped(3, place));
            let expected = (0..count).map(sum).fold(FAR, u32::min);
            for unit in [VectorUnit::PLAIN, VectorUnit::detect()] {
                let column = |index: usize| Topped { times: &columns[index], more: more[index] };
                let least = unit.least_sum_of_pairs([column(0), column(1)], [column(2), column(3)], count as u32);
                assert_eq!(least, expected, "seed {seed}, {count} times, {unit:?}");
            }
            let sum = |place| times(&columns[0])[place] + topped(2, place).min(topped(3, place));
            let expected = (0..count).map(sum).fold(FAR, u32::min);
            for unit in [VectorUnit::PLAIN, VectorUnit::detect()] {
                let column = |index: usize| Topped { times: &columns[index], more: more[index] };
                let least = unit.least_sum_with_pair(&columns[0], [column(2), column(3)], count as u32);
                assert_eq!(least, expected, "one column, seed {seed}, {count} times, {unit:?}");
            }
        }
    }

    #[test]
    fn sums_of_any_length_are_taken_on() {
        for seed in 0..2_000 {
            let lots = &mut Lots::new(seed);
            let (own, from) = (blocks(6, lots), blocks(lots.below(7), lots));
            let more = [0, FAR, lots.below(FAR as usize) as u32][lots.below(3)];
            let sums = times(&from).into_iter().map(|time| time + more).chain(std::iter::repeat(u32::MAX));
            let expected: Vec<u32> = times(&own).into_iter().zip(sums).map(|(own, sum)| own.min(sum)).collect();
            for unit in [VectorUnit::PLAIN, VectorUnit::detect()] {
                let mut into = own.clone();
                unit.take_sums(&mut into, &from, more);
                assert_eq!(times(&into), expected, "seed {seed}, {} blocks, {unit:?}", from.len());
            }
        }
    }
}

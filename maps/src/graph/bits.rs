//! Truths in words of 32, lowest bit first; the bits that are left over are zero.

use crate::column::Column;

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Bits {
    words: Column<u32>,
}

impl Bits {
    /// How many words hold so many truths.
    pub(super) fn word_count(truths: usize) -> usize {
        truths.div_ceil(u32::BITS as usize)
    }

    /// `None` unless these are the words of so many truths.
    pub(super) fn of_words(words: Column<u32>, truths: usize) -> Option<Bits> {
        let used = truths % u32::BITS as usize;
        let spare = if used == 0 { 0 } else { u32::MAX << used };
        let is_whole = words.len() == Bits::word_count(truths) && words.last().is_none_or(|last| last & spare == 0);
        is_whole.then_some(Bits { words })
    }

    pub(super) fn words(&self) -> &Column<u32> {
        &self.words
    }

    /// False beyond the end, up to a whole word; a panic after that.
    pub(super) fn get(&self, index: usize) -> bool {
        self.words[index / u32::BITS as usize] >> (index % u32::BITS as usize) & 1 == 1
    }
}

impl Default for Bits {
    fn default() -> Bits {
        Bits::from_iter([])
    }
}

impl FromIterator<bool> for Bits {
    fn from_iter<I: IntoIterator<Item = bool>>(truths: I) -> Bits {
        let mut words = Vec::new();
        for (index, truth) in truths.into_iter().enumerate() {
            if index % u32::BITS as usize == 0 {
                words.push(0);
            }
            words[index / u32::BITS as usize] |= u32::from(truth) << (index % u32::BITS as usize);
        }
        Bits { words: words.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truths_survive_packing() {
        for count in [0, 1, 31, 32, 33, 77] {
            let bits: Bits = (0..count).map(|index| index % 3 == 0).collect();
            assert!((0..count).all(|index| bits.get(index) == (index % 3 == 0)));
            assert_eq!(Bits::of_words(bits.words.clone(), count), Some(bits.clone()));
            assert_eq!(Bits::of_words(bits.words, count + 32), None);
        }
        assert_eq!(Bits::of_words(vec![0b1000].into(), 3), None, "a spare bit is set");
    }
}

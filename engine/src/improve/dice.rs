//! Chance, seeded: the same seed, the same throws.

/// SplitMix64 (Steele, Lea, Flood 2014).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Dice {
    state: u64,
}

impl Dice {
    pub const fn new(seed: u64) -> Dice {
        Dice { state: seed }
    }

    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let bits = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// Uniform in `0..bound`, which is not empty.
    pub fn below(&mut self, bound: u64) -> u64 {
        assert!(0 < bound, "nothing lies below zero");
        ((u128::from(self.bits()) * u128::from(bound)) >> 64) as u64
    }

    /// One of `0..len`.
    pub fn index(&mut self, len: usize) -> usize {
        self.below(len as u64) as usize
    }

    /// True in so many of a thousand throws.
    pub fn happens(&mut self, permille: u64) -> bool {
        self.below(1000) < permille
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            items.swap(at, self.index(at + 1));
        }
    }

    /// `-ln(u) * 2^16` for `u` uniform in (0, 1]: how many times the mean an exponential draw is, off by less
    /// than 0.002. Of integers alone, so that it is the same everywhere.
    pub fn exponential(&mut self) -> i64 {
        let bits = self.bits() | 1;
        let zeros = i64::from(bits.leading_zeros());
        // 1 <= mantissa < 2, in 2^-31
        let mantissa = ((bits << zeros) >> 32) as i64 - (1 << 31);
        // log2(1 + m) = m + 0.3463 m (1 - m) - ..., a cubic through both ends and the middle
        let m = mantissa >> 15;
        let bow = (m * ((1 << 16) - m)) >> 16;
        let log2 = m + ((bow * (27_456 - ((m * 9_011) >> 16))) >> 16);
        let minus_log2 = ((zeros + 1) << 16) - log2;
        (minus_log2 * 45_426) >> 16
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponential_draws_have_their_mean_and_their_tail() {
        let (mut dice, count) = (Dice::new(7), 200_000);
        let draws: Vec<i64> = (0..count).map(|_| dice.exponential()).collect();
        let mean = draws.iter().sum::<i64>() / count;
        assert!((mean - (1 << 16)).abs() < 1_000, "{mean}");
        // half are below ln 2, one in e^3 is above 3
        let below = draws.iter().filter(|&&draw| draw < 45_426).count() as i64;
        let above = draws.iter().filter(|&&draw| 3 << 16 < draw).count() as i64;
        assert!((below - count / 2).abs() < 1_000 && (above - 9_957).abs() < 500, "{below} {above}");
        assert!(draws.iter().all(|&draw| 0 <= draw));
    }
}

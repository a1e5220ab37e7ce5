//! Which removal comes next: those that brought better plans lately come more often.
//!
//! A roulette whose weights follow what each removal earned in the last segment, as in Ropke and Pisinger (2006), section 3.4.
//! What is earned is set against what was taken out for it, as a removal of many takes longer; and no weight leaves the
//! neighbourhood of where it began, so that nothing is forgotten and nothing becomes all there is.

use crate::improve::dice::Dice;

/// Steps from one change of weights to the next.
const SEGMENT: u32 = 200;
/// A step costs as much as so many jobs taken out and put back, before any is.
const STEP: u64 = 6;
/// For a plan better than all, and for one better than the one before.
const BEST: u64 = 33;
const BETTER: u64 = 9;
/// A weight stays within half of where it began and twice that.
const SPREAD: u64 = 2;
/// Weights are kept in this part of what they are given in.
const SCALE: u64 = 1 << 10;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Outcome {
    Best,
    Better,
    /// Worse, or nothing at all.
    Neither,
}

/// Of `N` ways to do the same.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Weights<const N: usize> {
    first: [u64; N],
    now: [u64; N],
    earned: [u64; N],
    effort: [u64; N],
    steps: u32,
}

impl<const N: usize> Weights<N> {
    /// None of them zero.
    pub fn new(first: [u64; N]) -> Weights<N> {
        let first = first.map(|weight| weight * SCALE);
        Weights { first, now: first, earned: [0; N], effort: [0; N], steps: 0 }
    }

    pub fn choose(&self, dice: &mut Dice) -> usize {
        let mut throw = dice.below(self.now.iter().sum());
        self.now
            .iter()
            .position(|&weight| {
                let is_hit = throw < weight;
                throw = throw.saturating_sub(weight);
                is_hit
            })
            .expect("the throw lies below their sum")
    }

    /// What came of a way that took out so many.
    pub fn note(&mut self, way: usize, removed: usize, outcome: Outcome) {
        self.effort[way] += removed as u64 + STEP;
        self.earned[way] += match outcome {
            Outcome::Best => BEST,
            Outcome::Better => BETTER,
            Outcome::Neither => 0,
        };
        self.steps += 1;
        if self.steps == SEGMENT {
            self.learn();
        }
    }

    /// An eighth of the way to what a way began with, times what it earned for its effort against what all did.
    fn learn(&mut self) {
        let (earned, effort) = (self.earned.iter().sum::<u64>(), self.effort.iter().sum::<u64>());
        for way in (0..N).filter(|&way| 0 < self.effort[way] && 0 < earned) {
            let target = self.first[way] * self.earned[way] * effort / (self.effort[way] * earned);
            let target = target.clamp(self.first[way] / SPREAD, self.first[way] * SPREAD);
            self.now[way] = (7 * self.now[way] + target) / 8;
        }
        (self.earned, self.effort, self.steps) = ([0; N], [0; N], 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of three ways, the second finds something whenever it is taken and the third takes out ten times as many for it.
    #[test]
    fn what_pays_comes_more_often_and_nothing_is_forgotten() {
        let (mut weights, mut dice) = (Weights::new([10, 10, 10]), Dice::new(3));
        let mut count = |weights: &mut Weights<3>| {
            let mut chosen = [0; 3];
            for _ in 0..20_000 {
                let way = weights.choose(&mut dice);
                chosen[way] += 1;
                let (removed, outcome) = [(1, Outcome::Neither), (1, Outcome::Better), (64, Outcome::Better)][way];
                weights.note(way, removed, outcome);
            }
            chosen
        };
        count(&mut weights);
        let [never, cheaply, dearly] = count(&mut weights);
        // twice, half and half of where they began: four, one and one of six
        assert!((13_000..13_700).contains(&cheaply), "{cheaply}");
        assert!((3_100..3_600).contains(&never) && (3_100..3_600).contains(&dearly), "{never} {dearly}");
    }

    #[test]
    fn where_nothing_is_earned_nothing_changes() {
        let mut weights = Weights::new([80, 10]);
        let before = weights.now;
        (0..1000).for_each(|step| weights.note(step % 2, 3, Outcome::Neither));
        assert_eq!(weights.now, before);
        let mut dice = Dice::new(5);
        let second = (0..9_000).filter(|_| weights.choose(&mut dice) == 1).count();
        assert!((900..1_100).contains(&second), "{second} of 9000");
    }
}

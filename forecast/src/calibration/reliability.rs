//! Claimed chances against the share that came true.

use crate::special::chi_square_tail;

use super::{BINS, Calibration, verdict};

/// The 97.5 % point of the normal: intervals are of 95 %.
const Z: f64 = 1.959_963_984_540_054;
/// A bin's variance below which its term of the chi-square is noise.
const VARIANCE_MIN: f64 = 1.0;

/// The cases of one tenth of the claims.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReliabilityRow {
    pub cases: u64,
    /// Mean of what was claimed.
    pub claimed: f64,
    /// Share that came.
    pub share: f64,
    /// Wilson's 95 % interval of that share.
    pub from: f64,
    pub through: f64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Reliability {
    /// Rows of claims of 0..0.1, 0.1..0.2 and so on; those without a case are left out.
    pub rows: Vec<ReliabilityRow>,
    pub cases: u64,
    /// Sum over the bins of (came - claimed)² / variance claimed; bins with hardly any variance count as one.
    pub chi_square: f64,
    /// The chance of a chi-square as large if every claim is right.
    pub p_value: f64,
}

#[derive(Clone, Copy, Default)]
struct Bin {
    cases: u64,
    claimed: f64,
    came: u64,
    variance: f64,
}

impl Reliability {
    /// Of chances of 0..=1, each with what came of it.
    pub fn of(claims: impl IntoIterator<Item = (f64, bool)>) -> Reliability {
        let mut bins = [Bin::default(); BINS];
        for (chance, happened) in claims {
            let bin = &mut bins[((chance * BINS as f64) as usize).min(BINS - 1)];
            bin.cases += 1;
            bin.claimed += chance;
            bin.came += u64::from(happened);
            bin.variance += chance * (1.0 - chance);
        }
        let cases = bins.iter().map(|bin| bin.cases).sum();
        let (chi_square, degrees) = chi_square(&bins);
        let p_value = if degrees == 0 { 1.0 } else { chi_square_tail(chi_square, degrees) };
        let rows = bins.iter().filter(|bin| 0 < bin.cases).map(Bin::row).collect();
        Reliability { rows, cases, chi_square, p_value }
    }

    pub fn verdict(&self, p_min: f64) -> Calibration {
        verdict(self.cases, self.p_value, p_min)
    }

    pub fn is_calibrated(&self, p_min: f64) -> bool {
        self.verdict(p_min) == Calibration::Passed
    }
}

/// The sum, and how many terms it has.
fn chi_square(bins: &[Bin]) -> (f64, usize) {
    let (large, small): (Vec<&Bin>, Vec<&Bin>) = bins.iter().partition(|bin| VARIANCE_MIN <= bin.variance);
    // What hardly ever or nearly always happens is judged together, lest one case in an empty bin fail the lot.
    let rest = small.into_iter().fold(Bin::default(), Bin::with);
    let is_judged = VARIANCE_MIN <= rest.variance || f64::abs(rest.came as f64 - rest.claimed) > 1.0;
    let terms = large.into_iter().copied().chain(is_judged.then_some(rest));
    let square = |bin: Bin| {
        let off = bin.came as f64 - bin.claimed;
        off * off / bin.variance.max(f64::MIN_POSITIVE)
    };
    terms.fold((0.0, 0), |(sum, count), bin| (sum + square(bin), count + 1))
}

impl Bin {
    fn with(self, other: &Bin) -> Bin {
        Bin {
            cases: self.cases + other.cases,
            claimed: self.claimed + other.claimed,
            came: self.came + other.came,
            variance: self.variance + other.variance,
        }
    }

    fn row(&self) -> ReliabilityRow {
        let n = self.cases as f64;
        let share = self.came as f64 / n;
        let centre = (share + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
        let half = Z / (1.0 + Z * Z / n) * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
        let (from, through) = ((centre - half).max(0.0), (centre + half).min(1.0));
        ReliabilityRow { cases: self.cases, claimed: self.claimed / n, share, from, through }
    }
}

//! Whether a forecast may be believed: what it claimed against what came.
//!
//! Counts are judged by the randomised probability integral transform (Smith 1985; Czado, Gneiting and Held 2009): if the
//! forecast is right, it is uniform. Chances are judged by their reliability: of all that were said to happen in 30 of
//! 100 cases, 30 of 100 happen. A log score says which of two forecasts is better.

mod reliability;

use crate::predictive::Predictive;
use crate::special::chi_square_tail;

pub use reliability::{Reliability, ReliabilityRow};

const BINS: usize = 10;
/// A chi-square test needs some five expected in each bin.
const CASES_MIN: u64 = 5 * BINS as u64;

/// ln P(what came): higher is better, 0 is the best there is, and minus infinity is certainty of something else.
pub fn log_score(forecast: &Predictive, count: u32) -> f64 {
    forecast.ln_pmf(count)
}

/// The same of a chance.
pub fn log_score_of_chance(chance: f64, happened: bool) -> f64 {
    if happened { libm::log(chance) } else { libm::log1p(-chance) }
}

/// Where a count lies in its forecast, 0..=1: `F(k - 1) + u P(k)`, with `u` a uniform number of the caller's, 0..1.
pub fn pit(forecast: &Predictive, count: u32, u: f64) -> f64 {
    let below = if count == 0 { 0.0 } else { forecast.cdf(count - 1) };
    (below + u * forecast.pmf(count)).clamp(0.0, 1.0)
}

/// What a test of calibration says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Calibration {
    /// What came is what was claimed, as far as these cases can tell.
    Passed,
    Failed,
    /// Too few cases to tell.
    TooFew,
}

/// Transforms of counts, in ten bins, against the uniform distribution.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Uniformity {
    pub bins: [u64; BINS],
    pub cases: u64,
    pub chi_square: f64,
    /// The chance of a chi-square as large if the forecast is right.
    pub p_value: f64,
}

impl Uniformity {
    pub fn of(transforms: impl IntoIterator<Item = f64>) -> Uniformity {
        let mut bins = [0; BINS];
        for transform in transforms {
            bins[((transform * BINS as f64) as usize).min(BINS - 1)] += 1;
        }
        let cases: u64 = bins.iter().sum();
        let expected = cases as f64 / BINS as f64;
        let term = |found: &u64| (*found as f64 - expected) * (*found as f64 - expected) / expected;
        let chi_square = if cases == 0 { 0.0 } else { bins.iter().map(term).sum() };
        Uniformity { bins, cases, chi_square, p_value: chi_square_tail(chi_square, BINS - 1) }
    }

    pub fn verdict(&self, p_min: f64) -> Calibration {
        verdict(self.cases, self.p_value, p_min)
    }

    pub fn is_calibrated(&self, p_min: f64) -> bool {
        self.verdict(p_min) == Calibration::Passed
    }
}

fn verdict(cases: u64, p_value: f64, p_min: f64) -> Calibration {
    if cases < CASES_MIN {
        Calibration::TooFew
    } else if p_min <= p_value {
        Calibration::Passed
    } else {
        Calibration::Failed
    }
}

//! What is believed of a rate, and of a count that comes of rates: Gamma and negative binomial.

use serde::{Deserialize, Serialize};

/// A belief about a rate: mean `shape / rate`, variance `shape / rate²`. Shape 0 is certainty of zero.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Gamma {
    pub shape: f64,
    /// In days, for rates per exposed day: how many days the belief is worth. Above 0.
    pub rate: f64,
}

impl Gamma {
    pub fn mean(self) -> f64 {
        self.shape / self.rate
    }

    pub fn variance(self) -> f64 {
        self.shape / (self.rate * self.rate)
    }

    /// What these counts over that exposure make of the belief.
    pub fn after(self, counts: f64, exposure: f64) -> Gamma {
        Gamma { shape: self.shape + counts, rate: self.rate + exposure }
    }
}

/// The distribution of a count, by its first two moments: negative binomial, or Poisson where nothing but chance is
/// uncertain.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Predictive {
    mean: f64,
    /// At least the mean.
    variance: f64,
}

/// A pmf has run out when it cannot move a sum of one any more.
const NOTHING: f64 = 1e-18;

impl Predictive {
    /// A count with this mean, whose own rate is uncertain by `rate_variance`.
    pub fn new(mean: f64, rate_variance: f64) -> Predictive {
        let mean = mean.max(0.0);
        Predictive { mean, variance: mean + rate_variance.max(0.0) }
    }

    /// Independent rates, each for a share of exposed days, all multiplied by one level of the day.
    pub fn of_sum(cells: impl IntoIterator<Item = (Gamma, f64)>, level: Gamma) -> Predictive {
        let (mut mean, mut variance) = (0.0, 0.0);
        for (rate, days) in cells {
            mean += rate.mean() * days;
            variance += rate.variance() * days * days;
        }
        let rate_variance = level.mean() * level.mean() * variance + level.variance() * (mean * mean + variance);
        Predictive::new(level.mean() * mean, rate_variance)
    }

    pub fn mean(&self) -> f64 {
        self.mean
    }

    pub fn variance(&self) -> f64 {
        self.variance
    }

    /// ln P(X = k).
    pub fn ln_pmf(&self, k: u32) -> f64 {
        self.ln_pmfs().nth(k as usize).unwrap_or(f64::NEG_INFINITY)
    }

    pub fn pmf(&self, k: u32) -> f64 {
        libm::exp(self.ln_pmf(k))
    }

    /// P(X <= k).
    pub fn cdf(&self, k: u32) -> f64 {
        let sum: f64 = self.ln_pmfs().take(k as usize + 1).map(libm::exp).sum();
        sum.min(1.0)
    }

    /// P(X >= 1).
    pub fn at_least_one(&self) -> f64 {
        -libm::expm1(self.ln_pmf(0))
    }

    /// The smallest k with `P(X <= k) >= p`; for p of 1 the last k that doubles can tell from none.
    pub fn quantile(&self, p: f64) -> u32 {
        let mut sum = 0.0;
        for (k, ln_pmf) in (0..u32::MAX).zip(self.ln_pmfs()) {
            let pmf = libm::exp(ln_pmf);
            sum += pmf;
            if p <= sum || (self.mean < f64::from(k) && pmf < NOTHING) {
                return k;
            }
        }
        u32::MAX
    }

    /// ln P(X = 0), ln P(X = 1), and so on, without end: each from the one before, which stays exact where a
    /// difference of log gammas would not.
    fn ln_pmfs(&self) -> impl Iterator<Item = f64> {
        let mean = self.mean;
        let size = mean * mean / (self.variance - mean);
        // Without spread of its own the size is infinite (or 0/0, for a mean of 0): Poisson.
        let is_poisson = !size.is_finite();
        let first = if is_poisson { -mean } else { -size * libm::log1p(mean / size) };
        let ln_ratio = move |k: f64| {
            let next = k + 1.0;
            if is_poisson {
                libm::log(mean / next)
            } else {
                libm::log((size + k) / (size + mean)) + libm::log(mean / next)
            }
        };
        let mut k = 0.0;
        std::iter::successors(Some(first), move |before| {
            let ln_pmf = before + ln_ratio(k);
            k += 1.0;
            Some(ln_pmf)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_the_mixture_of_its_rate() {
        // Slow twin: integrate Poisson(x) over the density of Gamma(shape, rate).
        for (shape, rate) in [(0.4, 2.0), (3.0, 1.5), (50.0, 4.0)] {
            let gamma = Gamma { shape, rate };
            let count = Predictive::of_sum([(gamma, 1.0)], Gamma { shape: 1e12, rate: 1e12 });
            for k in [0, 1, 2, 5, 12] {
                let ln = |x: f64| {
                    let poisson = f64::from(k) * libm::log(x) - x - libm::lgamma(f64::from(k) + 1.0);
                    poisson + shape * libm::log(rate) + (shape - 1.0) * libm::log(x) - rate * x - libm::lgamma(shape)
                };
                // In ln x, where the integrand is smooth down to zero.
                let slow: f64 = (0..40_000)
                    .map(|n| -35.0 + (f64::from(n) + 0.5) * 1e-3)
                    .map(|y| libm::exp(ln(libm::exp(y)) + y) * 1e-3)
                    .sum();
                assert!((count.pmf(k) - slow).abs() < 1e-5, "{gamma:?}, {k}: {} is not {slow}", count.pmf(k));
            }
        }
    }

    #[test]
    fn the_ends_are_sound() {
        let none = Predictive::new(0.0, 0.0);
        assert_eq!(
            (none.pmf(0), none.pmf(1), none.cdf(0), none.at_least_one(), none.quantile(1.0)),
            (1.0, 0.0, 1.0, 0.0, 0)
        );
        let poisson = Predictive::new(2.0, 0.0);
        assert!((poisson.pmf(2) - 2.0 * libm::exp(-2.0)).abs() < 1e-15);
        // A spread that is hardly one is nearly Poisson, without noise of large log gammas.
        assert!((Predictive::new(2.0, 1e-9).pmf(2) - poisson.pmf(2)).abs() < 1e-9);
        let many = Predictive::new(5000.0, 90_000.0);
        assert!((many.cdf(20_000) - 1.0).abs() < 1e-9);
        assert!((4900..5000).contains(&many.quantile(0.5)), "{}", many.quantile(0.5));
        assert!(many.quantile(1.0) < 20_000);
        let sum: f64 = (0..200).map(|k| Predictive::new(3.0, 6.0).pmf(k)).sum();
        assert!((sum - 1.0).abs() < 1e-12);
    }
}

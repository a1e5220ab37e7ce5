//! Functions of probability that `libm` does not have, over those it has.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// P(Z <= z) of the standard normal.
pub(crate) fn normal_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z * FRAC_1_SQRT_2)
}

/// P(Z > z) of the standard normal, exact also far out.
pub(crate) fn normal_tail(z: f64) -> f64 {
    0.5 * libm::erfc(z * FRAC_1_SQRT_2)
}

/// phi(z) / P(Z > z): the mean of a standard normal known to lie above z.
pub(crate) fn mean_above(z: f64) -> f64 {
    // Where both underflow, the asymptotic series says z + 1/z.
    if z > 30.0 { z + 1.0 / z } else { libm::exp(-0.5 * z * z) / (2.0 * PI).sqrt() / normal_tail(z) }
}

pub(crate) fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-x))
}

/// The regularised upper incomplete gamma function Q(a, x) = P(Gamma(a, 1) > x): by its series below a + 1, by Lentz's
/// continued fraction above (Press et al., Numerical Recipes, 6.2).
pub(crate) fn gamma_tail(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    let scale = libm::exp(a * libm::log(x) - x - libm::lgamma(a));
    let tail = if x < a + 1.0 { 1.0 - scale * series(a, x) } else { scale * fraction(a, x) };
    tail.clamp(0.0, 1.0)
}

/// P(X > x) of the chi-square distribution.
pub(crate) fn chi_square_tail(x: f64, degrees: usize) -> f64 {
    gamma_tail(degrees as f64 / 2.0, x / 2.0)
}

/// Terms of both expansions; around a of some thousands they need about the root of it.
const TERMS_MAX: usize = 10_000;

fn series(a: f64, x: f64) -> f64 {
    let mut term = 1.0 / a;
    let mut sum = term;
    for n in 1..TERMS_MAX {
        term *= x / (a + n as f64);
        sum += term;
        if term < sum * f64::EPSILON {
            break;
        }
    }
    sum
}

fn fraction(a: f64, x: f64) -> f64 {
    let tiny = f64::MIN_POSITIVE / f64::EPSILON;
    let mut b = x + 1.0 - a;
    let mut c = 1.0 / tiny;
    let mut d = 1.0 / b;
    let mut h = d;
    for n in 1..TERMS_MAX {
        let n = n as f64;
        let step = n * (a - n);
        b += 2.0;
        d = 1.0 / nonzero(step * d + b, tiny);
        c = nonzero(b + step / c, tiny);
        let change = c * d;
        h *= change;
        if (change - 1.0).abs() < f64::EPSILON {
            break;
        }
    }
    h
}

fn nonzero(value: f64, tiny: f64) -> f64 {
    if value.abs() < tiny { tiny } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chi_square_tails_are_those_of_tables() {
        for (x, degrees, expected) in
            [(3.841, 1, 0.05), (16.919, 9, 0.05), (21.666, 9, 0.01), (4.168, 9, 0.90), (124.342, 100, 0.05)]
        {
            let found = chi_square_tail(x, degrees);
            assert!((found - expected).abs() < 5e-5, "{x} with {degrees}: {found}, not {expected}");
        }
        // Two degrees are an exponential; no degrees of evidence are no evidence.
        assert!((chi_square_tail(7.0, 2) - libm::exp(-3.5)).abs() < 1e-14);
        assert_eq!(chi_square_tail(0.0, 9), 1.0);
    }

    #[test]
    fn the_tail_is_its_integral() {
        for (a, x) in [(0.3, 0.2), (2.5, 1.0), (2.5, 9.0), (40.0, 35.0), (300.0, 320.0)] {
            let density = |t: f64| libm::exp((a - 1.0) * libm::log(t) - t - libm::lgamma(a));
            let (end, steps) = (x + 60.0 + 20.0 * f64::sqrt(a), 400_000);
            let width = (end - x) / steps as f64;
            let slow: f64 = (0..steps).map(|n| density(x + (n as f64 + 0.5) * width) * width).sum();
            assert!((gamma_tail(a, x) - slow).abs() < 1e-6, "Q({a}, {x})");
        }
    }

    #[test]
    fn the_mean_above_a_bound_is_smooth_far_out() {
        assert!((mean_above(0.0) - (2.0 / PI).sqrt()).abs() < 1e-14);
        assert!((mean_above(29.99) - 30.023).abs() < 1e-3 && (mean_above(30.01) - 30.043).abs() < 1e-3);
        assert!(mean_above(-40.0).abs() < 1e-300 && mean_above(1e6) == 1e6 + 1e-6);
    }
}

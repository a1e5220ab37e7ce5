//! A logistic regression with an effect of each driver, fitted by Newton's steps on the penalised likelihood (iteratively
//! reweighted least squares), and how much drivers differ by expectation and maximisation over its Laplace approximation
//! (Breslow and Clayton 1993).
//!
//! The penalties are priors: with no data the fit is the prior, and where a column separates yes from no it stays finite.

use std::collections::BTreeMap;

use crate::special::logistic;

use super::arrow::{Arrow, Step};
use super::features::{COLUMNS, columns};
use super::{AcceptanceSettings, Answer, Asked};

pub(super) struct Fit {
    pub(super) coefficients: Vec<f64>,
    pub(super) driver_spread: f64,
    /// Effect and its variance.
    pub(super) drivers: BTreeMap<u32, (f64, f64)>,
}

struct Row {
    driver: usize,
    columns: [f64; COLUMNS],
    yes: f64,
}

/// Where the penalised likelihood is looked at.
#[derive(Clone)]
struct Point {
    coefficients: [f64; COLUMNS],
    drivers: Vec<f64>,
}

struct Problem {
    rows: Vec<Row>,
    driver_count: usize,
    /// One over the prior's variance, for each column.
    penalties: [f64; COLUMNS],
}

const ROUNDS_MAX: usize = 200;
const STEPS_MAX: usize = 50;
const HALVINGS_MAX: usize = 40;
const AT_REST: f64 = 1e-9;
/// Below it drivers are alike, and the penalty would not be a number any more.
const SPREAD_MIN: f64 = 0.05;

pub(super) fn fit(answered: &[&Asked], settings: &AcceptanceSettings) -> Fit {
    let mut ids: Vec<u32> = answered.iter().map(|asked| asked.driver).collect();
    ids.sort_unstable();
    ids.dedup();
    let row = |asked: &&Asked| Row {
        driver: ids.binary_search(&asked.driver).expect("every driver is listed"),
        columns: columns(&asked.ask),
        yes: if asked.answer == Answer::Accepted { 1.0 } else { 0.0 },
    };
    let square = |x: f64| x * x;
    let mut penalties = [1.0 / square(settings.coefficient_spread); COLUMNS];
    penalties[0] = 1.0 / square(settings.intercept_spread);
    let problem = Problem { rows: answered.iter().map(row).collect(), driver_count: ids.len(), penalties };
    let mut point = Point { coefficients: [0.0; COLUMNS], drivers: vec![0.0; ids.len()] };
    let mut spread = settings.driver_spread;
    let mut variances = Vec::new();
    for _ in 0..ROUNDS_MAX {
        point = problem.climb(point, spread);
        variances = problem.arrow(&point, spread).driver_variances();
        let squares: f64 =
            point.drivers.iter().zip(&variances).map(|(effect, variance)| effect * effect + variance).sum();
        let start = settings.driver_count * square(settings.driver_spread);
        let next = ((start + squares) / (settings.driver_count + ids.len() as f64)).sqrt().max(SPREAD_MIN);
        let moved = (next - spread).abs();
        spread = next;
        if moved < AT_REST {
            break;
        }
    }
    let effects = point.drivers.iter().copied().zip(variances);
    Fit {
        coefficients: point.coefficients.to_vec(),
        driver_spread: spread,
        drivers: ids.into_iter().zip(effects).collect(),
    }
}

impl Problem {
    /// To the top of the penalised likelihood, which has one: Newton's steps, halved while they overshoot.
    fn climb(&self, mut point: Point, spread: f64) -> Point {
        let mut height = self.height(&point, spread);
        for _ in 0..STEPS_MAX {
            let step = self.arrow(&point, spread).solve(&self.slope(&point, spread));
            let mut share = 1.0;
            let mut next = point.moved(&step, share);
            let mut next_height = self.height(&next, spread);
            for _ in 0..HALVINGS_MAX {
                if height <= next_height {
                    break;
                }
                share *= 0.5;
                next = point.moved(&step, share);
                next_height = self.height(&next, spread);
            }
            // Rounding may leave no better place than this.
            if next_height < height {
                break;
            }
            let gained = next_height - height;
            (point, height) = (next, next_height);
            if gained < AT_REST {
                break;
            }
        }
        point
    }

    fn logit(row: &Row, point: &Point) -> f64 {
        let shared: f64 = row.columns.iter().zip(&point.coefficients).map(|(x, b)| x * b).sum();
        shared + point.drivers[row.driver]
    }

    fn height(&self, point: &Point, spread: f64) -> f64 {
        let likelihood: f64 = self.rows.iter().map(|row| ln_chance(Self::logit(row, point), row.yes)).sum();
        let penalty: f64 = point.coefficients.iter().zip(self.penalties).map(|(b, penalty)| penalty * b * b).sum();
        let drivers: f64 = point.drivers.iter().map(|effect| effect * effect / (spread * spread)).sum();
        likelihood - 0.5 * (penalty + drivers)
    }

    fn slope(&self, point: &Point, spread: f64) -> Step {
        let mut slope = Step {
            shared: std::array::from_fn(|n| -self.penalties[n] * point.coefficients[n]),
            drivers: point.drivers.iter().map(|effect| -effect / (spread * spread)).collect(),
        };
        for row in &self.rows {
            let off = row.yes - logistic(Self::logit(row, point));
            slope.drivers[row.driver] += off;
            for (slope, x) in slope.shared.iter_mut().zip(row.columns) {
                *slope += off * x;
            }
        }
        slope
    }

    /// The negative second derivative.
    fn arrow(&self, point: &Point, spread: f64) -> Arrow {
        let mut arrow = Arrow::diagonal(&self.penalties, 1.0 / (spread * spread), self.driver_count);
        for row in &self.rows {
            let chance = logistic(Self::logit(row, point));
            arrow.add(row.driver, &row.columns, chance * (1.0 - chance));
        }
        arrow
    }
}

impl Point {
    fn moved(&self, step: &Step, share: f64) -> Point {
        let mut next = self.clone();
        next.coefficients.iter_mut().zip(step.shared).for_each(|(b, step)| *b += share * step);
        next.drivers.iter_mut().zip(&step.drivers).for_each(|(effect, step)| *effect += share * step);
        next
    }
}

/// ln P(yes or no), exact also where the chance is nearly one.
fn ln_chance(logit: f64, yes: f64) -> f64 {
    let towards = if 0.5 < yes { logit } else { -logit };
    if 0.0 <= towards { -libm::log1p(libm::exp(-towards)) } else { towards - libm::log1p(libm::exp(towards)) }
}

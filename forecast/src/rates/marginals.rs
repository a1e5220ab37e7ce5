//! The day's total, its zones, its half hours and its classes of day, as one product, over exposure.
//!
//! Were everything bookable always, these would be sums over rows and columns. Exposure differs from cell to cell, so each
//! is fitted with the others held, in turn, until nothing moves: iterative proportional fitting (Deming and Stephan, 1940),
//! each step leaning on its prior.

use std::collections::BTreeMap;

use crate::history::{BIN_COUNT, DayClass, History};

use super::{Prior, RateSettings};

/// Weighted counts and exposure, cell by cell.
#[derive(Debug, Clone)]
pub(super) struct Cells {
    pub(super) counts: Vec<f64>,
    pub(super) exposure: Vec<f64>,
}

pub(super) struct Sums {
    pub(super) by_class: BTreeMap<DayClass, Cells>,
    cell_count: usize,
}

pub(super) struct Marginals {
    pub(super) total: f64,
    pub(super) zone_shares: Vec<f64>,
    pub(super) profile: Vec<f64>,
    pub(super) class_factors: BTreeMap<DayClass, f64>,
}

/// Rounds come to rest after some tens; without the last it would still be a fit.
const ROUNDS_MAX: usize = 500;
const AT_REST: f64 = 1e-10;

impl Sums {
    pub(super) fn of(history: &History, through: i32, h_half: f64) -> Sums {
        let cell_count = usize::from(history.zones()) * BIN_COUNT;
        let mut by_class: BTreeMap<DayClass, Cells> = BTreeMap::new();
        for day in history.days().iter().filter(|day| day.number <= through && !day.exposure.is_none()) {
            let weight = libm::exp2(-f64::from(through.abs_diff(day.number)) / h_half);
            let cells = by_class.entry(day.class).or_insert_with(|| Cells::none(cell_count));
            for place in 0..cell_count {
                let (zone, bin) = (place / BIN_COUNT, place % BIN_COUNT);
                cells.exposure[place] += weight * day.exposure.at(zone as u16, bin as u8);
            }
            for count in &day.counts {
                cells.counts[crate::history::cell(count.zone, count.bin)] += weight * count.weight;
            }
        }
        Sums { by_class, cell_count }
    }

    /// All classes together, as if every day were an average one: exposure counts by what its class makes of it.
    pub(super) fn all(&self, factors: &BTreeMap<DayClass, f64>) -> Cells {
        let mut all = Cells::none(self.cell_count);
        for (class, cells) in &self.by_class {
            for place in 0..self.cell_count {
                all.counts[place] += cells.counts[place];
                all.exposure[place] += factors[class] * cells.exposure[place];
            }
        }
        all
    }
}

impl Cells {
    fn none(cell_count: usize) -> Cells {
        Cells { counts: vec![0.0; cell_count], exposure: vec![0.0; cell_count] }
    }
}

impl Marginals {
    pub(super) fn fit(zones: u16, sums: &Sums, settings: &RateSettings, prior: Option<&Prior>) -> Marginals {
        let zones = usize::from(zones);
        let uniform = |count: usize| vec![1.0 / count as f64; count];
        let zone_prior = prior.map_or_else(|| uniform(zones), |prior| normalised(prior.zone_shares.clone()));
        let profile_prior = prior.map_or_else(|| uniform(BIN_COUNT), |prior| normalised(prior.profile.clone()));
        let mut fit = Marginals {
            total: 0.0,
            zone_shares: zone_prior.clone(),
            profile: profile_prior.clone(),
            class_factors: sums.by_class.keys().map(|class| (*class, 1.0)).collect(),
        };
        let pseudo = settings.share_requests;
        for _ in 0..ROUNDS_MAX {
            let all = sums.all(&fit.class_factors);
            let before = fit.numbers();
            fit.total = fit.total_of(&all, prior);
            fit.zone_shares = shares(&zone_prior, pseudo, &fit.by_zone(&all));
            fit.profile = shares(&profile_prior, pseudo, &fit.by_bin(&all));
            fit.class_factors = fit.factors_of(sums, settings.nu_class);
            if before.iter().zip(fit.numbers()).all(|(old, new)| (old - new).abs() <= AT_REST * (1.0 + new)) {
                break;
            }
        }
        fit
    }

    /// What the product says of a cell on an average day.
    pub(super) fn rank_one(&self, place: usize) -> f64 {
        self.total * self.zone_shares[place / BIN_COUNT] * self.profile[place % BIN_COUNT]
    }

    fn numbers(&self) -> Vec<f64> {
        let shares = self.zone_shares.iter().chain(&self.profile);
        [self.total].iter().chain(shares).chain(self.class_factors.values()).copied().collect()
    }

    fn total_of(&self, all: &Cells, prior: Option<&Prior>) -> f64 {
        let share = |place: usize| self.zone_shares[place / BIN_COUNT] * self.profile[place % BIN_COUNT];
        let days: f64 = all.exposure.iter().enumerate().map(|(place, days)| share(place) * days).sum();
        let counts: f64 = all.counts.iter().sum();
        let (prior_total, prior_days) = prior.map_or((0.0, 0.0), |prior| (prior.total, prior.days));
        if prior_days + days <= 0.0 {
            return prior_total;
        }
        (prior_days * prior_total + counts) / (prior_days + days)
    }

    /// Counts of each zone, and how many there would be if the whole town were that zone.
    fn by_zone(&self, all: &Cells) -> Vec<(f64, f64)> {
        let row = |zone: usize| zone * BIN_COUNT..(zone + 1) * BIN_COUNT;
        let of = |zone: usize| {
            let counts = all.counts[row(zone)].iter().sum();
            let days: f64 = all.exposure[row(zone)].iter().zip(&self.profile).map(|(days, share)| days * share).sum();
            (counts, self.total * days)
        };
        (0..self.zone_shares.len()).map(of).collect()
    }

    /// Counts of each half hour, and how many there would be if the whole day were that half hour.
    fn by_bin(&self, all: &Cells) -> Vec<(f64, f64)> {
        let mut sums = vec![(0.0, 0.0); BIN_COUNT];
        for place in 0..all.counts.len() {
            let sum = &mut sums[place % BIN_COUNT];
            sum.0 += all.counts[place];
            sum.1 += self.total * self.zone_shares[place / BIN_COUNT] * all.exposure[place];
        }
        sums
    }

    /// How each class differs from the average day: factors whose mean, by what was expected of their days, is 1. Else the
    /// total and the factors could trade with each other.
    fn factors_of(&self, sums: &Sums, nu_class: f64) -> BTreeMap<DayClass, f64> {
        let (mut factors, mut weighted, mut weight) = (BTreeMap::new(), 0.0, 0.0);
        for (class, own) in &sums.by_class {
            let counts: f64 = own.counts.iter().sum();
            let expected: f64 = own.exposure.iter().enumerate().map(|(place, days)| self.rank_one(place) * days).sum();
            let factor = (nu_class + counts) / (nu_class + expected);
            factors.insert(*class, factor);
            weighted += factor * expected;
            weight += expected;
        }
        if 0.0 < weighted {
            factors.values_mut().for_each(|factor| *factor *= weight / weighted);
        }
        factors
    }
}

/// Each share leans on its prior as if that many requests had been seen; one that was never exposed is its prior.
fn shares(prior: &[f64], pseudo: f64, seen: &[(f64, f64)]) -> Vec<f64> {
    normalised(
        prior.iter().zip(seen).map(|(share, (counts, if_all))| (pseudo * share + counts) / (pseudo + if_all)).collect(),
    )
}

/// Shares that add up to 1. Some are above 0: priors are checked, and a fitted share leans on its prior.
fn normalised(mut shares: Vec<f64>) -> Vec<f64> {
    let sum: f64 = shares.iter().sum();
    shares.iter_mut().for_each(|share| *share /= sum);
    shares
}

//! How many requests to expect: a hierarchical Gamma-Poisson model of zone, half hour and class of day.
//!
//! Counts in a small town are mostly zero, so every level leans on the one above as if that had been seen for `kappa`
//! days: a class of day in a cell on that cell on other days, a cell on the product of the day's total, its zone's share
//! and its half hour's share, and these on a prior from elsewhere, if there is one. Everything is counted over exposure:
//! where nothing could be booked, nothing is learnt.

mod marginals;
mod prior;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::history::{BIN_COUNT, Day, DayClass, History, cell};
use crate::predictive::{Gamma, Predictive};
use crate::settings::{OutOfRange, positive};

use marginals::{Cells, Marginals, Sums};
pub use prior::{Prior, RateError};

/// How strongly levels lean on each other, and how fast the past fades.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RateSettings {
    /// Days for which the level above counts, 5..=60.
    pub kappa: f64,
    /// Days after which a day counts half, 60..=365.
    pub h_half: f64,
    /// How little whole days differ from what is expected of them, 5..=50.
    pub nu: f64,
    /// Expected requests after which a class of day is believed half.
    pub nu_class: f64,
    /// Requests for which the prior shares of zones count, and those of half hours.
    pub share_requests: f64,
}

impl Default for RateSettings {
    fn default() -> RateSettings {
        RateSettings { kappa: 20.0, h_half: 180.0, nu: 20.0, nu_class: 5.0, share_requests: 10.0 }
    }
}

impl RateSettings {
    fn check(&self) -> Result<(), OutOfRange> {
        let RateSettings { kappa, h_half, nu, nu_class, share_requests } = *self;
        [("kappa", kappa), ("h_half", h_half), ("nu", nu), ("nu_class", nu_class), ("share_requests", share_requests)]
            .into_iter()
            .try_for_each(|(key, found)| positive(key, found))
    }
}

/// Rates per exposed day, as believed after a history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rates {
    zones: u16,
    nu: f64,
    /// What a day's total would be if all of it could be booked, and how it spreads: zone shares and half hours' shares
    /// each add up to 1.
    total: f64,
    zone_shares: Vec<f64>,
    profile: Vec<f64>,
    /// How a class of day differs from the average, for the classes that were seen.
    class_factors: BTreeMap<DayClass, f64>,
    /// For each class that was seen, all cells, zone by zone.
    class_cells: BTreeMap<DayClass, Vec<Gamma>>,
    /// The same for a class that never was.
    other_cells: Vec<Gamma>,
}

impl Rates {
    /// F0: nothing is expected, ever.
    pub fn none(zones: u16) -> Rates {
        let zero = Gamma { shape: 0.0, rate: 1.0 };
        Rates {
            zones,
            nu: RateSettings::default().nu,
            total: 0.0,
            zone_shares: vec![1.0 / f64::from(zones); usize::from(zones)],
            profile: vec![1.0 / BIN_COUNT as f64; BIN_COUNT],
            class_factors: BTreeMap::new(),
            class_cells: BTreeMap::new(),
            other_cells: vec![zero; usize::from(zones) * BIN_COUNT],
        }
    }

    /// F1, as believed on the evening of day `through`; later days are not looked at.
    pub fn fit(
        history: &History,
        through: i32,
        settings: &RateSettings,
        prior: Option<&Prior>,
    ) -> Result<Rates, RateError> {
        let zones = history.zones();
        settings.check()?;
        if let Some(prior) = prior {
            prior.check(zones)?;
        }
        let sums = Sums::of(history, through, settings.h_half);
        let marginals = Marginals::fit(zones, &sums, settings, prior);
        let everywhere = sums.all(&marginals.class_factors);
        let cells = |own: Option<(&DayClass, &Cells)>| -> Vec<Gamma> {
            (0..usize::from(zones) * BIN_COUNT)
                .map(|place| posterior(place, own, &everywhere, &marginals, settings.kappa))
                .collect()
        };
        let class_cells = sums.by_class.iter().map(|own| (*own.0, cells(Some(own)))).collect();
        let other_cells = cells(None);
        let Marginals { total, zone_shares, profile, class_factors } = marginals;
        Ok(Rates { zones, nu: settings.nu, total, zone_shares, profile, class_factors, class_cells, other_cells })
    }

    pub fn zones(&self) -> u16 {
        self.zones
    }

    /// Requests of an average day on which everything could be booked all day.
    pub fn total(&self) -> f64 {
        self.total
    }

    /// By how much a class of day differs from the average: 1 for one that was never seen.
    pub fn class_factor(&self, class: DayClass) -> f64 {
        self.class_factors.get(&class).copied().unwrap_or(1.0)
    }

    /// Requests per exposed day in one zone and half hour, of what the product of shares alone says.
    pub fn rank_one(&self, class: DayClass, zone: u16, bin: u8) -> f64 {
        let share = self.zone_shares[usize::from(zone)] * self.profile[usize::from(bin)];
        self.total * share * self.class_factor(class)
    }

    /// Requests per exposed day in one zone and half hour. Panics for a zone or bin that is none.
    pub fn rate(&self, class: DayClass, zone: u16, bin: u8) -> Gamma {
        assert!(zone < self.zones && usize::from(bin) < BIN_COUNT, "no zone {zone} or bin {bin}");
        self.class_cells.get(&class).unwrap_or(&self.other_cells)[cell(zone, bin)]
    }

    /// The level of a day before it began.
    pub fn day_level(&self) -> DayLevel {
        DayLevel { nu: self.nu }
    }

    /// The count over some cells, each with the share of it in which a ride can be booked.
    pub fn predictive(
        &self,
        class: DayClass,
        cells: impl IntoIterator<Item = (u16, u8, f64)>,
        level: Gamma,
    ) -> Predictive {
        Predictive::of_sum(cells.into_iter().map(|(zone, bin, share)| (self.rate(class, zone, bin), share)), level)
    }

    /// The count of a whole day with the class and exposure of this one, before it began. Its exposure has the zones of the
    /// history that was fitted.
    pub fn predictive_of_day(&self, day: &Day) -> Predictive {
        let exposure = &day.exposure;
        let cells =
            (0..self.zones).flat_map(|zone| (0..BIN_COUNT as u8).map(move |bin| (zone, bin, exposure.at(zone, bin))));
        self.predictive(day.class, cells, self.day_level().after(0.0, 0.0))
    }

    /// Whether all parts fit together, for rates that come from a file.
    pub(crate) fn check(&self) -> Result<(), String> {
        let cells = usize::from(self.zones) * BIN_COUNT;
        let tables = self.class_cells.values().chain([&self.other_cells]);
        if self.zones == 0 || self.zone_shares.len() != usize::from(self.zones) || self.profile.len() != BIN_COUNT {
            return Err(format!("rates: {} zones need as many shares, and a profile of 48", self.zones));
        }
        if tables.clone().any(|table| table.len() != cells) {
            return Err(format!("rates: every class of day needs {cells} cells, 48 for each zone"));
        }
        let is_sound = |gamma: &Gamma| 0.0 <= gamma.shape && 0.0 < gamma.rate;
        if !(tables.flatten().all(is_sound) && 0.0 < self.nu && 0.0 <= self.total) {
            return Err("rates: a shape or total is below 0, or a rate or nu not above 0".to_owned());
        }
        let mut factors = self.class_factors.values().chain(&self.zone_shares).chain(&self.profile);
        if !factors.all(|factor| 0.0 <= *factor) || !self.class_factors.keys().eq(self.class_cells.keys()) {
            return Err("rates: shares and factors are 0 or more, and each class has a factor and cells".to_owned());
        }
        Ok(())
    }
}

/// What is believed of a cell on a class of day. The cell on *other* days is its parent, so that no count speaks twice.
fn posterior(
    place: usize,
    own: Option<(&DayClass, &Cells)>,
    everywhere: &Cells,
    marginals: &Marginals,
    kappa: f64,
) -> Gamma {
    let mu = marginals.rank_one(place);
    let (factor, counts, exposure) = match own {
        Some((class, sums)) => (marginals.class_factors[class], sums.counts[place], sums.exposure[place]),
        None => (1.0, 0.0, 0.0),
    };
    // Differences of sums: rounding may leave a hair below nothing.
    let other_counts = (everywhere.counts[place] - counts).max(0.0);
    let other_exposure = (everywhere.exposure[place] - factor * exposure).max(0.0);
    let parent = (kappa * mu + other_counts) / (kappa + other_exposure);
    Gamma { shape: kappa * factor * parent, rate: kappa }.after(counts, exposure)
}

/// How much busier a day is than was expected of it, learnt as it passes: Gamma(nu, nu) before it begins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DayLevel {
    pub nu: f64,
}

impl DayLevel {
    /// The belief after `count` requests where `expected` were.
    pub fn after(&self, count: f64, expected: f64) -> Gamma {
        Gamma { shape: self.nu, rate: self.nu }.after(count, expected)
    }

    pub fn level(&self, count: f64, expected: f64) -> f64 {
        self.after(count, expected).mean()
    }
}

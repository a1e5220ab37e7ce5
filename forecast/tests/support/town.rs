//! A town drawn from the very model that is fitted to it.

use std::ops::Range;

use mukae_forecast::{BIN_COUNT, Count, Day, DayClass, Exposure, History};

use super::Dice;

pub const FIRST: u8 = 16;
pub const LAST: u8 = 39;

#[derive(Debug, Clone)]
pub struct Town {
    pub zones: u16,
    /// True rates of class 0, zone by zone.
    pub rates: Vec<f64>,
    /// Of classes 0 (five days of seven), 1 and 2.
    pub factors: [f64; 3],
    pub nu: f64,
}

pub fn one(zone: u16, bin: u8) -> Count {
    Count { zone, bin, weight: 1.0, rider: None }
}

/// The cells in which a ride can be booked.
pub fn cells(zones: u16) -> impl Iterator<Item = (u16, u8)> {
    (0..zones).flat_map(|zone| (FIRST..=LAST).map(move |bin| (zone, bin)))
}

impl Town {
    /// Shares of zones and half hours differ by about half of themselves, cells from their product as for 20 days.
    pub fn drawn(dice: &mut Dice, zones: u16, total: f64) -> Town {
        let mut shares = |count: usize| -> Vec<f64> {
            let drawn: Vec<f64> = (0..count).map(|_| dice.gamma(3.0, 1.0)).collect();
            let sum: f64 = drawn.iter().sum();
            drawn.into_iter().map(|share| share / sum).collect()
        };
        let zone_shares = shares(usize::from(zones));
        let profile = shares(usize::from(LAST - FIRST) + 1);
        let mut rates = vec![0.0; usize::from(zones) * BIN_COUNT];
        for (zone, bin) in cells(zones) {
            let mu = total * zone_shares[usize::from(zone)] * profile[usize::from(bin - FIRST)];
            rates[usize::from(zone) * BIN_COUNT + usize::from(bin)] = dice.gamma(20.0 * mu, 20.0);
        }
        Town { zones, rates, factors: [1.0, 0.6, 0.3], nu: 20.0 }
    }

    pub fn rate(&self, class: DayClass, zone: u16, bin: u8) -> f64 {
        self.factors[usize::from(class.0)] * self.rates[usize::from(zone) * BIN_COUNT + usize::from(bin)]
    }

    pub fn history(&self, dice: &mut Dice, numbers: Range<i32>) -> History {
        let days = numbers.map(|number| self.day(dice, number)).collect();
        History::new(self.zones, days).expect("days in order, counts where one could book")
    }

    fn day(&self, dice: &mut Dice, number: i32) -> Day {
        let class = DayClass((number.rem_euclid(7) - 4).max(0) as u8);
        let level = dice.gamma(self.nu, self.nu);
        let mut counts = Vec::new();
        for (zone, bin) in cells(self.zones) {
            let count = dice.poisson(level * self.rate(class, zone, bin));
            counts.extend((0..count).map(|_| one(zone, bin)));
        }
        Day { number, class, exposure: Exposure::open(FIRST, LAST + 1), counts }
    }
}

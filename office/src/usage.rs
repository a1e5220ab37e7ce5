//! Who used how much of an area's fleet: the base on which tenants share its cost.
//!
//! Read off records alone, from the first on, as [`tour`](crate::tour) tells what vehicles did. The rule, which
//! `docs/usage.md` tells to those who pay by it:
//!
//! - A drive with riders on board is shared by them equally, person by person, in metres and in time.
//! - An empty drive to a pickup is the tenant's whose party boards that vehicle next, or is missed there; if nobody does
//!   in that shift, it is the vehicle's owner's, as are the drives to breaks and home.
//! - A vehicle that stands with its shift open stands at the cost of its owner.
//! - A ride is the tenant's of its service: one trip, its persons, and for each of them the direct way.
//! - What is due of a booking is its tenant's income.
//!
//! Everything is a whole number of metres, milliseconds and yen; what does not divide goes to tenants in the order of
//! their names, so that all rows and what is still open are the total exactly.

mod ledger;

use std::collections::BTreeMap;

use mukae_units::{Metres, Span, TravelTime};

pub use ledger::UsageLedger;

/// How far and how long a drive is by the quickest way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Way {
    pub length: Metres,
    pub time: TravelTime,
}

/// What one tenant used, or all of them together.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Usage {
    /// Rides that were made.
    pub trips: u64,
    /// Persons of these.
    pub passengers: u64,
    /// The direct way of each ride, once for each person.
    pub rider_metres: u64,
    /// Driven by vehicles.
    pub vehicle_metres: u64,
    /// Of these, with nobody on board.
    pub empty_metres: u64,
    /// Of drivers, while they drove.
    pub driving: Span,
    /// Of drivers, while they stood.
    pub standing: Span,
    /// Due of riders.
    pub fares_yen: u64,
}

/// Of a period.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Account {
    /// By tenant.
    pub rows: BTreeMap<String, Usage>,
    /// Counted by itself, drive by drive.
    pub total: Usage,
    /// Empty drives of vehicles that have not met their next party yet: part of the total and of no row.
    pub open: Usage,
    /// Drives whose ends no road connects: their time counts, their length is unknown.
    pub unmeasured_drives: u64,
}

impl Usage {
    /// Both together.
    #[must_use]
    pub fn and(self, other: Usage) -> Usage {
        Usage {
            trips: self.trips + other.trips,
            passengers: self.passengers + other.passengers,
            rider_metres: self.rider_metres + other.rider_metres,
            vehicle_metres: self.vehicle_metres + other.vehicle_metres,
            empty_metres: self.empty_metres + other.empty_metres,
            driving: self.driving + other.driving,
            standing: self.standing + other.standing,
            fares_yen: self.fares_yen + other.fares_yen,
        }
    }
}

impl Account {
    /// True if the rows and what is open are the total: always, or there is a bug.
    pub fn adds_up(&self) -> bool {
        self.rows.values().fold(self.open, |sum, row| sum.and(*row)) == self.total
    }
}

/// Parts of `amount` by weight, in their order; together they are the amount. Nothing weighs nothing.
pub fn shares(amount: u64, weights: &[u64]) -> Vec<u64> {
    let whole: u64 = weights.iter().sum();
    let up_to = |weight: u64| (u128::from(amount) * u128::from(weight) / u128::from(whole.max(1))) as u64;
    let mut weighed = 0;
    let part = |weight: &u64| {
        let before = up_to(weighed);
        weighed += weight;
        up_to(weighed) - before
    };
    weights.iter().map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_the_whole() {
        assert_eq!(shares(10, &[1, 1, 1]), [3, 3, 4]);
        assert_eq!(shares(0, &[3, 5]), [0, 0]);
        assert_eq!(shares(7, &[7]), [7]);
        for amount in [1, 2, 99, 1_000_003, u64::MAX] {
            for weights in [&[1_u64, 2, 3][..], &[5, 5], &[1, 1, 1, 1, 1, 1, 1], &[400, 1]] {
                let parts = shares(amount, weights);
                assert_eq!(parts.iter().sum::<u64>(), amount, "{weights:?}");
                let whole: u64 = weights.iter().sum();
                for (part, weight) in parts.iter().zip(weights) {
                    let exact = u128::from(amount) * u128::from(*weight);
                    let told = u128::from(*part) * u128::from(whole);
                    assert!(exact.abs_diff(told) < u128::from(whole), "{amount} by {weights:?}");
                }
            }
        }
    }
}

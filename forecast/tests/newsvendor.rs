//! Drivers ready, asked and moved, against tables and against trying everything.

mod support;

use mukae_forecast::Predictive;
use mukae_forecast::newsvendor::{asks_needed, break_even, standby_count};
use support::Dice;

/// A negative binomial of size and mean, whose variance is `mean (1 + mean / size)`.
fn negative_binomial(mean: f64, size: f64) -> Predictive {
    Predictive::new(mean, mean * mean / size)
}

#[test]
fn drivers_ready() {
    // Counts of gamma rates worth two windows: variance 1.5 times the mean.
    for (mean, cu, co, expected) in
        [(0.3, 400.0, 100.0, 1), (0.3, 400.0, 300.0, 0), (1.2, 400.0, 100.0, 2), (1.2, 400.0, 300.0, 1)]
    {
        let found = standby_count(&negative_binomial(mean, 2.0 * mean), cu, co);
        assert_eq!(found, expected, "mean {mean}, {cu} against {co}");
    }
    // With twice the mean as variance, none asks in the first case: P(0) is 0.812.
    let spread = negative_binomial(0.3, 0.3);
    assert!((spread.pmf(0) - 0.8123).abs() < 1e-4);
    assert_eq!(standby_count(&spread, 400.0, 100.0), 0);
    assert_eq!(standby_count(&spread, 0.0, 100.0), 0);
    assert_eq!(standby_count(&spread, 0.0, 0.0), 0);
    assert!((10..200).contains(&standby_count(&spread, 400.0, 0.0)));
}

#[test]
fn drivers_asked() {
    for (chance, expected) in [(0.7, 2), (0.5, 4), (0.3, 7)] {
        assert_eq!(asks_needed(&[chance; 20], 1, 0.9), Some(expected), "chance {chance}");
    }
    assert_eq!(asks_needed(&[0.3; 6], 1, 0.9), None);
    assert_eq!(asks_needed(&[], 0, 0.9), Some(0));
    assert_eq!(asks_needed(&[], 1, 0.9), None);
    assert_eq!(asks_needed(&[1.0, 0.2, 1.0], 2, 1.0), Some(3));
}

#[test]
fn sure_enough_to_act() {
    // A move of 4 km and 7 min each way, at 30 yen/km and 25 yen/min; 8 min saved at 40 yen, and 5 % of a refusal of 2,000.
    let (loss, gain) = (2.0 * 4.0 * 30.0 + 2.0 * 7.0 * 25.0, 8.0 * 40.0 + 0.05 * 2000.0);
    assert_eq!((loss, gain), (590.0, 420.0));
    for (loss, expected) in [(loss, 0.58), (100.0, 0.19), (2.0 * 4.0 * 30.0, 0.36)] {
        assert!((break_even(loss, gain) - expected).abs() < 0.005, "{loss} against {gain}");
    }
    assert_eq!((break_even(0.0, 0.0), break_even(5.0, 0.0)), (0.0, 1.0));
}

#[test]
fn as_many_as_trying_everything_says() {
    let mut dice = Dice::new(11);
    for _ in 0..300 {
        let chances: Vec<f64> = (0..dice.below(9)).map(|_| dice.share()).collect();
        let (wanted, gamma) = (dice.below(4) as usize, 0.5 + 0.49 * dice.share());
        let slow = (0..=chances.len()).find(|asked| gamma <= at_least(&chances[..*asked], wanted));
        assert_eq!(asks_needed(&chances, wanted, gamma), slow, "{chances:?}, {wanted}, {gamma}");

        // The newsvendor's cost, summed over every count, is least where the rule says.
        let forecast = Predictive::new(3.0 * dice.share(), 4.0 * dice.share());
        let (cu, co) = (50.0 + 400.0 * dice.share(), 50.0 + 400.0 * dice.share());
        let pmfs: Vec<f64> = (0..100).map(|count| forecast.pmf(count)).collect();
        let cost = |ready: u32| -> f64 {
            let of =
                |count: u32| if count < ready { co * f64::from(ready - count) } else { cu * f64::from(count - ready) };
            (0..).zip(&pmfs).map(|(count, pmf)| pmf * of(count)).sum()
        };
        let found = cost(standby_count(&forecast, cu, co));
        assert!((0..30).all(|ready| found <= cost(ready) + 1e-9), "{forecast:?}, {cu}, {co}");
    }
}

/// Over all ways of answering.
fn at_least(chances: &[f64], wanted: usize) -> f64 {
    let of = |answers: u32| -> f64 {
        let chance = |(n, chance): (usize, &f64)| if answers >> n & 1 == 1 { *chance } else { 1.0 - chance };
        chances.iter().enumerate().map(chance).product()
    };
    (0..1u32 << chances.len()).filter(|answers| wanted <= answers.count_ones() as usize).map(of).sum()
}

//! Right forecasts pass, wrong ones fail, few cases say nothing.

mod support;

use mukae_forecast::Predictive;
use mukae_forecast::calibration::{Calibration, Reliability, Uniformity, log_score, log_score_of_chance, pit};
use support::Dice;

fn uniformity(seed: u64, cases: u32, forecast_mean: f64, true_mean: f64) -> Uniformity {
    let mut dice = Dice::new(seed);
    let forecast = Predictive::new(forecast_mean, forecast_mean * forecast_mean / 4.0);
    let mut draw = || {
        let level = dice.gamma(4.0, 4.0);
        let count = dice.poisson(true_mean * level);
        pit(&forecast, count, dice.share())
    };
    Uniformity::of((0..cases).map(|_| draw()).collect::<Vec<f64>>())
}

#[test]
fn right_forecasts_pass_and_wrong_ones_fail() {
    let passed = (0..200).filter(|seed| uniformity(*seed, 400, 2.0, 2.0).is_calibrated(0.05)).count();
    assert!((180..=198).contains(&passed), "{passed} of 200 right forecasts passed a test at 5 %");
    assert_eq!(uniformity(1, 400, 2.0, 2.8).verdict(0.05), Calibration::Failed);
    assert_eq!(uniformity(1, 49, 2.0, 2.0).verdict(0.05), Calibration::TooFew);
    assert_eq!(Uniformity::of([]).verdict(0.05), Calibration::TooFew);
    assert!(!Uniformity::of([]).is_calibrated(0.05));
}

fn reliability(seed: u64, truth: fn(f64) -> f64) -> Reliability {
    let mut dice = Dice::new(seed);
    let mut claim = || {
        let chance = dice.share() * dice.share();
        (chance, dice.happens(truth(chance)))
    };
    Reliability::of((0..1000).map(|_| claim()).collect::<Vec<_>>())
}

#[test]
fn right_chances_pass_and_wrong_ones_fail() {
    let passed = (0..200).filter(|seed| reliability(*seed, |chance| chance).is_calibrated(0.05)).count();
    assert!((180..=198).contains(&passed), "{passed} of 200 right forecasts passed a test at 5 %");
    assert_eq!(reliability(1, |chance| 0.7 * chance).verdict(0.05), Calibration::Failed);
    assert_eq!(reliability(1, |chance| chance.sqrt()).verdict(0.05), Calibration::Failed);
    assert_eq!(Reliability::of([(0.5, true)]).verdict(0.05), Calibration::TooFew);
    let certain = Reliability::of((0..100).map(|n| (0.0, n == 7 || n == 9)));
    assert_eq!(certain.verdict(0.05), Calibration::Failed);
    let certain = Reliability::of((0..100).map(|n| (f64::from(n % 2), n % 2 == 1)));
    assert_eq!(certain.verdict(0.05), Calibration::Passed);
}

#[test]
fn rows_have_wilsons_interval() {
    let table = Reliability::of((0..20).map(|n| (0.25, n < 4)));
    let [row] = table.rows[..] else { panic!("one row: {table:?}") };
    assert_eq!((row.cases, row.claimed, row.share), (20, 0.25, 0.2));
    // Newcombe 1998 gives 0.0807 to 0.4160 for 4 of 20.
    assert!((row.from - 0.0807).abs() < 1e-4 && (row.through - 0.4160).abs() < 1e-4, "{row:?}");
}

#[test]
fn the_truth_has_the_best_score() {
    let mut dice = Dice::new(5);
    let mean_score = |claimed: f64, dice: &mut Dice| -> f64 {
        (0..20_000).map(|_| log_score(&Predictive::new(claimed, 0.0), dice.poisson(1.5))).sum::<f64>() / 20_000.0
    };
    let [low, right, high] = [1.1, 1.5, 2.0].map(|claimed| mean_score(claimed, &mut dice));
    assert!(low < right && high < right, "{low} {right} {high}");
    assert_eq!(log_score_of_chance(0.0, true), f64::NEG_INFINITY);
    assert!((log_score_of_chance(0.25, false) - libm::log(0.75)).abs() < 1e-15);
}

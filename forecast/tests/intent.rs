//! Conversion of searches and quotes.

mod support;

use mukae_forecast::calibration::Reliability;
use mukae_forecast::intent::{Intent, IntentKey, IntentSettings};
use support::Dice;

fn key(channel: u8, offer: u8, open: u8) -> IntentKey {
    IntentKey { channel, offer, open }
}

fn fit(cases: &[(IntentKey, bool)]) -> Intent {
    Intent::fit(cases.iter().copied(), &IntentSettings::default()).expect("sound")
}

#[test]
fn few_cases_lean_on_coarser_keys() {
    let nothing = fit(&[]);
    assert_eq!(nothing.chance(key(1, 2, 3)), 0.3);
    let of = |key: IntentKey, booked: usize, cases: usize| (0..cases).map(move |n| (key, n < booked));
    let cases: Vec<(IntentKey, bool)> =
        of(key(0, 0, 0), 900, 1000).chain(of(key(0, 3, 0), 100, 1000)).chain(of(key(1, 0, 0), 0, 3)).collect();
    let intent = fit(&cases);
    assert!((intent.chance(key(0, 0, 0)) - 0.9).abs() < 0.01 && (intent.chance(key(0, 3, 0)) - 0.1).abs() < 0.01);
    // An open time that was never seen is its offer; an offer that was never seen its channel; a channel, everybody.
    assert!((intent.chance(key(0, 0, 5)) - 0.9).abs() < 0.01);
    assert!((intent.chance(key(0, 2, 0)) - 0.5).abs() < 0.01);
    assert!((intent.chance(key(9, 0, 0)) - 0.5).abs() < 0.01);
    let few = intent.chance(key(1, 0, 0));
    assert!((0.2..0.4).contains(&few), "three who did not book are not certainty: {few}");
}

#[test]
fn drawn_cases_are_reliable() {
    let mut dice = Dice::new(6);
    let truth =
        |key: IntentKey| 0.75 - 0.15 * f64::from(key.offer) - 0.03 * f64::from(key.open) - 0.1 * f64::from(key.channel);
    let mut drawn = |count: usize| -> Vec<(IntentKey, bool)> {
        let mut one = || {
            let key = key(dice.below(2) as u8, dice.below(4) as u8, dice.below(5) as u8);
            (key, dice.happens(truth(key)))
        };
        (0..count).map(|_| one()).collect()
    };
    let intent = fit(&drawn(4000));
    let reliability = Reliability::of(drawn(1000).into_iter().map(|(key, booked)| (intent.chance(key), booked)));
    assert!(reliability.is_calibrated(0.01), "{reliability:?}");
}

#[test]
fn a_search_counts_by_what_good_offers_became() {
    let of = |booked: usize, cases: usize| -> Vec<(IntentKey, bool)> {
        (0..cases)
            .map(|n| (key(2, (n % 2) as u8, 0), n < booked))
            .chain([(key(2, 3, 0), true), (key(1, 0, 0), true)])
            .collect()
    };
    for (booked, cases, weight, is_fitted) in
        [(40, 100, 0.4, true), (5, 100, 0.2, true), (90, 100, 0.6, true), (29, 29, 0.3, false), (0, 0, 0.3, false)]
    {
        let found = fit(&of(booked, cases)).search_weight(2, 1);
        assert_eq!(
            (found.weight, found.is_fitted, found.cases),
            (weight, is_fitted, cases as u64),
            "{booked} of {cases}"
        );
    }
}

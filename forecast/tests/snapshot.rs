//! A fit goes to bytes and back, to the last bit, and damage is told.

mod support;

use mukae_forecast::acceptance::{Acceptance, AcceptanceSettings};
use mukae_forecast::habits::{Diary, HabitSettings, Habits, ServiceDay, Trip};
use mukae_forecast::intent::{Intent, IntentKey, IntentSettings};
use mukae_forecast::returns::{ReturnSettings, Returns, Visit};
use mukae_forecast::snapshot::{Post, Snapshot};
use mukae_forecast::{RateSettings, Rates};
use support::Dice;
use support::town::Town;

fn fitted(seed: u64) -> Snapshot {
    let mut dice = Dice::new(seed);
    let town = Town::drawn(&mut dice, 3, 6.0);
    let history = town.history(&mut dice, 0..40);
    let days = (0..40).map(|number| ServiceDay { number, weekday: (number % 7) as u8 }).collect();
    let trips = (0..5).map(|n| Trip { rider: u64::MAX, kind: 3, day: 7 * n, bin: 20 }).collect();
    let diary = Diary::new(days, trips).expect("sound");
    let visits: Vec<Visit> = (0..30)
        .map(|n| Visit {
            zone: n % 3,
            watched_min: 200.0,
            returned_after_min: dice.happens(0.5).then_some(f64::from(n) + 0.1),
        })
        .collect();
    let searches = (0..40).map(|n| (IntentKey { channel: n % 2, offer: n % 3, open: 0 }, n % 4 == 0));
    Snapshot {
        fitted_through: 39,
        posts: (0..3)
            .map(|edge| Post { lat_e7: 5, lon_e7: -7, edge, steps: u16::MAX, both_sides: edge == 1 })
            .collect(),
        open: vec![vec![0.25; 48]; 7],
        lead_max_ms: 3_600_000,
        rates: Rates::fit(&history, 39, &RateSettings::default(), None).expect("sound"),
        returns: Some(Returns::fit(3, &visits, &ReturnSettings::default()).expect("sound")),
        habits: Some(Habits::fit(&diary, 39, &HabitSettings::default()).expect("sound")),
        intent: Some(Intent::fit(searches, &IntentSettings::default()).expect("sound")),
        acceptance: Some(Acceptance::fit(&[], &AcceptanceSettings::default()).expect("sound")),
    }
}

#[test]
fn the_same_fit_has_the_same_bytes_and_comes_back() {
    for seed in 0..20 {
        let snapshot = fitted(seed);
        let bytes = snapshot.to_json();
        assert_eq!(bytes, fitted(seed).to_json());
        let back = Snapshot::from_json(&bytes).expect("sound");
        assert_eq!(back, snapshot);
        assert_eq!(back.to_json(), bytes);
    }
    let without = Snapshot { returns: None, habits: None, intent: None, acceptance: None, ..fitted(1) };
    assert_eq!(Snapshot::from_json(&without.to_json()).expect("sound"), without);
    let none = Snapshot { rates: Rates::none(3), ..fitted(1) };
    assert_eq!(Snapshot::from_json(&none.to_json()).expect("sound"), none);
}

/// If this fails on another machine and nothing was changed, a float came from the machine and not from `libm`. If a model
/// was changed on purpose, write the new number down.
#[test]
fn a_fit_has_these_bits_on_every_machine() {
    let fnv = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    let found = fitted(1).to_json().iter().fold(0xcbf2_9ce4_8422_2325, fnv);
    assert_eq!(found, 0x7477_91cc_91b6_3b89, "{found:#018x}");
}

#[test]
fn damage_is_told() {
    let text = String::from_utf8(fitted(1).to_json()).expect("JSON is text");
    let refused = |from: &str, to: &str| {
        assert!(text.contains(from), "nothing to damage: {from} in {text}");
        Snapshot::from_json(text.replacen(from, to, 1).as_bytes()).expect_err(to).to_string()
    };
    assert_eq!(
        refused("\"version\":2", "\"version\":9"),
        "this forecast has version 9, this program reads 2: fit it again"
    );
    assert_eq!(
        refused("\"zones\":3", "\"zones\":4"),
        "this forecast is damaged: rates: 4 zones need as many shares, and a profile of 48; fit it again"
    );
    assert!(refused("\"nu\":20.0", "\"nu\":-1").starts_with("this forecast is damaged: rates: a shape or total"));
    assert!(refused("\"nu\":20.0", "\"nu\":null").contains("invalid type: null"));
    assert!(refused("\"fitted_through\":39", "\"through\":39").contains("unknown field `through`"));
    assert!(refused("\"cases\":7,\"booked\":", "\"cases\":0,\"booked\":1").contains("more were booked than asked"));
    let of_week = "this forecast is damaged: when a ride can be booked is not seven days of 48 shares of 0 to 1, and a lead of 0 ms or more; fit it again";
    assert_eq!(refused("[0.25,0.25,", "[0.25,"), of_week);
    assert_eq!(refused("[0.25,0.25,", "[1.25,0.25,"), of_week);
    assert_eq!(refused("\"lead_max_ms\":3", "\"lead_max_ms\":-3"), of_week);
    let posts = "{\"lat_e7\":5,\"lon_e7\":-7,\"edge\":0,\"steps\":65535,\"both_sides\":false},";
    let told = "this forecast is damaged: returns of 3 zones and 2 posts, rates of 3 zones; fit it again";
    assert_eq!(refused(posts, ""), told);
    for end in 0..text.len() {
        Snapshot::from_json(&text.as_bytes()[..end]).expect_err("cut short");
    }
}

#[test]
fn changed_bytes_are_refused_or_harmless() {
    let text = fitted(2).to_json();
    let mut dice = Dice::new(7);
    for _ in 0..3000 {
        let mut bytes = text.clone();
        let place = dice.below(bytes.len() as u64) as usize;
        bytes[place] = b"0123456789-.,:{}[]\"e"[dice.below(20) as usize];
        if let Ok(snapshot) = Snapshot::from_json(&bytes) {
            let rate = snapshot.rates.rate(mukae_forecast::DayClass(0), 2, 47).mean();
            let chance = snapshot.returns.as_ref().map_or(0.0, |returns| returns.chance(1, 20.0, 30.0));
            assert!(0.0 <= rate && (0.0..=1.0).contains(&chance), "{rate} {chance}");
            Snapshot::from_json(&snapshot.to_json()).expect("what was read can be written and read");
        }
    }
}

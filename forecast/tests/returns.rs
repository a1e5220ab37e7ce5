//! Returns: what was drawn is found again although most visits were not watched to their end.

mod support;

use mukae_forecast::calibration::Reliability;
use mukae_forecast::returns::{ReturnSettings, Returns, Visit};
use support::Dice;

/// A visit with a share of returns, a median stay and its spread, watched for some minutes.
fn visit(dice: &mut Dice, zone: u16, share: f64, stay: f64, spread: f64, watched_min: f64) -> Visit {
    let returns = dice.happens(share);
    let after = stay * libm::exp(spread * dice.normal());
    Visit { zone, watched_min, returned_after_min: (returns && after <= watched_min).then_some(after) }
}

fn fit(zones: u16, visits: &[Visit]) -> Returns {
    Returns::fit(zones, visits, &ReturnSettings::default()).expect("sound")
}

#[test]
fn share_and_stay_are_found_under_censoring() {
    let mut dice = Dice::new(1);
    // A clinic whom many leave by another way, and shops; a third of the visits end with the day before their return does.
    let truth = [(0.85, 100.0, 0.5), (0.4, 45.0, 0.3)];
    let mut visits = Vec::new();
    for n in 0..4000 {
        let zone = n % 2;
        let (share, stay, spread) = truth[zone];
        let watched = 30.0 + 240.0 * dice.share();
        visits.push(visit(&mut dice, zone as u16, share, stay, spread, watched));
    }
    let returns = fit(2, &visits);
    for (zone, (share, stay, _)) in [0, 1].into_iter().zip(truth) {
        let (found, found_stay) = (returns.share(zone), returns.stay_min(zone));
        println!("zone {zone}: share {found:.3} (true {share}), stay {found_stay:.1} min (true {stay})");
        assert!(
            (found - share).abs() < 0.04 && (found_stay / stay - 1.0).abs() < 0.06,
            "zone {zone}: {found}, {found_stay}"
        );
        let naive = visits.iter().filter(|visit| visit.zone == zone);
        let seen =
            naive.clone().filter(|visit| visit.returned_after_min.is_some()).count() as f64 / naive.count() as f64;
        assert!(seen < found, "returns seen, {seen}, are fewer than returns there are, {found}");
    }
    assert!((returns.share(9) - 0.63).abs() < 0.05, "a zone that is none is the town: {}", returns.share(9));
}

#[test]
fn chances_are_reliable_as_time_passes() {
    let mut dice = Dice::new(2);
    let drawn = |dice: &mut Dice, count: usize| -> Vec<Visit> {
        (0..count).map(|_| visit(dice, 0, 0.7, 80.0, 0.5, 500.0)).collect()
    };
    let returns = fit(1, &drawn(&mut dice, 400));
    for since in [0.0, 40.0, 90.0, 200.0] {
        let claims: Vec<(f64, bool)> = drawn(&mut dice, 6000)
            .into_iter()
            .filter(|visit| visit.returned_after_min.is_none_or(|after| since < after))
            .map(|visit| {
                let within = 60.0 * dice.share();
                let asks = visit.returned_after_min.is_some_and(|after| after <= since + within);
                (returns.chance(0, since, within), asks)
            })
            .collect();
        let cases = claims.len() as f64;
        let claimed: f64 = claims.iter().map(|claim| claim.0).sum::<f64>() / cases;
        let came = claims.iter().filter(|claim| claim.1).count() as f64 / cases;
        println!("since {since}: claimed {claimed:.3}, came {came:.3}");
        assert!((claimed - came).abs() < 0.03, "after {since} min: {claimed} claimed, {came} came");
        // Split by what was claimed, too: higher claims came more often.
        let rows = Reliability::of(claims).rows;
        assert!(rows.windows(2).all(|pair| pair[0].share < pair[1].share + 0.05), "{rows:?}");
    }
}

#[test]
fn a_chance_adds_up() {
    let returns = fit(1, &[]);
    assert_eq!((returns.share(0), returns.chance(0, 0.0, 0.0)), (0.5, 0.0));
    assert!((returns.stay_min(0) - 90.0).abs() < 1e-9);
    assert!((returns.chance(0, 0.0, 1e9) - 0.5).abs() < 1e-9, "in the end, the share returns");
    let (first, rest) = (returns.chance(0, 0.0, 60.0), returns.chance(0, 60.0, 1e9));
    assert!((first + (1.0 - first) * rest - 0.5).abs() < 1e-9);
    assert!(returns.chance(0, 1e6, 1e6) < 1e-9, "who has not come for days does not");
}

#[test]
fn a_zone_with_few_visits_leans_on_the_town() {
    let mut dice = Dice::new(3);
    let mut visits: Vec<Visit> = (0..500).map(|_| visit(&mut dice, 0, 0.8, 60.0, 0.4, 600.0)).collect();
    visits.extend([Visit { zone: 1, watched_min: 600.0, returned_after_min: None }; 3]);
    let returns = fit(3, &visits);
    let [town, few, none] = [0, 1, 2].map(|zone| returns.share(zone));
    assert!(few < town && 0.6 < few && none < town && few < none, "{town} {few} {none}");
    assert!((returns.stay_min(1) / returns.stay_min(0) - 1.0).abs() < 0.1);
}

#[test]
fn odd_visits_are_fitted_or_refused() {
    let odd = |watched_min, returned_after_min| Visit { zone: 0, watched_min, returned_after_min };
    // Not watched, asked at once, all alike: bounded by what the fit leans on.
    for visits in [vec![odd(0.0, None); 50], vec![odd(0.0, Some(0.0)); 50], vec![odd(60.0, Some(60.0)); 500]] {
        let returns = fit(1, &visits);
        let chance = returns.chance(0, 10.0, 50.0);
        assert!((0.0..=1.0).contains(&chance) && returns.stay_min(0).is_finite(), "{visits:?}: {returns:?}");
    }
    let refused =
        |visit| Returns::fit(1, &[odd(9.0, None), visit], &ReturnSettings::default()).expect_err("wrong").to_string();
    assert_eq!(refused(odd(f64::NAN, None)), "visit 1: watched for NaN min, it takes 0 or more");
    assert_eq!(
        refused(odd(10.0, Some(11.0))),
        "visit 1: a return after 11 min, it takes 0 to the 10 min it was watched"
    );
    assert_eq!(refused(Visit { zone: 1, ..odd(1.0, None) }), "visit 1: zone 1, zones go up to 0");
    let settings = ReturnSettings { start_share: 2.0, ..ReturnSettings::default() };
    assert_eq!(Returns::fit(1, &[], &settings).expect_err("2").to_string(), "start_share is 2, it takes 0 to 1");
}

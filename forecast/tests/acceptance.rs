//! Drivers' answers: what was drawn is found again, and nothing runs away.

mod support;

use mukae_forecast::acceptance::{Acceptance, AcceptanceSettings, Answer, Ask, Asked};
use mukae_forecast::calibration::{Reliability, log_score_of_chance};
use support::Dice;

fn ask(dice: &mut Dice) -> Ask {
    Ask {
        deadhead_min: 25.0 * dice.share(),
        detour_min: 15.0 * dice.share(),
        notice_h: 20.0 * dice.share(),
        asks_last_7d: dice.below(8) as f64,
        snow: dice.happens(0.2),
        same_hamlet: dice.happens(0.3),
        hour_class: dice.below(3) as u8,
    }
}

/// The truth: signs as the literature has them, and drivers that differ.
fn true_logit(ask: &Ask, driver_effect: f64) -> f64 {
    let hour = [0.0, -0.8, 0.5][usize::from(ask.hour_class)];
    let yes = |is: bool| f64::from(u8::from(is));
    1.0 - 0.08 * ask.deadhead_min - 0.05 * ask.detour_min + 0.3 * libm::log1p(ask.notice_h)
        - 0.15 * ask.asks_last_7d
        - 0.9 * yes(ask.snow)
        + 0.7 * yes(ask.same_hamlet)
        + hour
        + driver_effect
}

fn drawn(dice: &mut Dice, effects: &[f64], count: usize) -> Vec<Asked> {
    let one = |dice: &mut Dice| {
        let driver = dice.below(effects.len() as u64) as u32;
        let ask = ask(dice);
        let chance = 1.0 / (1.0 + libm::exp(-true_logit(&ask, effects[driver as usize])));
        let answer = match (dice.happens(0.2), dice.happens(chance)) {
            (true, _) => Answer::Silent,
            (false, true) => Answer::Accepted,
            (false, false) => Answer::Declined,
        };
        Asked { driver, ask, answer, answer_min: Some(1.5 * libm::exp(0.7 * dice.normal())) }
    };
    (0..count).map(|_| one(dice)).collect()
}

fn fit(asked: &[Asked]) -> Acceptance {
    Acceptance::fit(asked, &AcceptanceSettings::default()).expect("sound")
}

#[test]
fn signs_are_found_and_answers_foreseen() {
    for seed in [1, 2, 3] {
        let mut dice = Dice::new(seed);
        let effects: Vec<f64> = (0..25).map(|_| dice.normal()).collect();
        let known = drawn(&mut dice, &effects, 1500);
        let model = fit(&known);
        let b = model.coefficients();
        println!("coefficients {b:.2?}, drivers differ by {:.2}", model.driver_spread());
        assert!(
            b[1] < 0.0 && b[2] < 0.0 && 0.0 < b[3] && b[4] < 0.0 && b[5] < 0.0 && 0.0 < b[6] && b[7] < 0.0,
            "{b:?}"
        );
        assert!((b[1] + 0.8).abs() < 0.35, "ten minutes of empty drive are 0.8: {}", b[1]);
        assert!((0.6..1.5).contains(&model.driver_spread()), "{}", model.driver_spread());
        assert_eq!(&b[9..], [0.0; 5], "classes of hours that never were change nothing");

        let share = known.iter().filter(|asked| asked.answer == Answer::Accepted).count() as f64 / known.len() as f64;
        let (mut ours, mut constant, mut claims) = (0.0, 0.0, vec![]);
        for asked in drawn(&mut dice, &effects, 3000) {
            let (chance, yes) = (model.chance(&asked.ask, asked.driver), asked.answer == Answer::Accepted);
            ours += log_score_of_chance(chance, yes);
            constant += log_score_of_chance(share, yes);
            claims.push((chance, yes));
        }
        println!("log scores: ours {ours:.0}, a constant {constant:.0}");
        assert!(constant < 1.1 * ours, "{constant} {ours}");
        let reliability = Reliability::of(claims);
        assert!(
            reliability.rows.iter().all(|row| row.cases < 100 || (row.claimed - row.share).abs() < 0.08),
            "{reliability:?}"
        );
        assert!((model.silence(0) - 0.2).abs() < 0.1 && (model.silence(99) - 0.2).abs() < 0.03);
        assert!((model.answered_within(1.5) - 0.5).abs() < 0.05, "{}", model.answered_within(1.5));
        assert!(model.answered_within(0.0) == 0.0 && 0.9 < model.answered_within(5.0));
    }
}

#[test]
fn few_asks_lean_on_all_drivers() {
    let mut dice = Dice::new(4);
    let effects: Vec<f64> = (0..20).map(|_| 0.5 * dice.normal()).collect();
    let mut asked = drawn(&mut dice, &effects, 1000);
    let one = asked[0].ask;
    asked.extend([Asked { driver: 50, ask: one, answer: Answer::Declined, answer_min: None }; 2]);
    asked.extend([Asked { driver: 51, ask: one, answer: Answer::Declined, answer_min: None }; 40]);
    let model = fit(&asked);
    let [stranger, twice, often] = [99, 50, 51].map(|driver| model.yes_if_answered(&one, driver));
    assert!(often < twice && twice < stranger && 0.4 * stranger < twice, "{stranger} {twice} {often}");
}

#[test]
fn nothing_runs_away() {
    let still = Ask {
        deadhead_min: 5.0,
        detour_min: 0.0,
        notice_h: 1.0,
        asks_last_7d: 0.0,
        snow: false,
        same_hamlet: false,
        hour_class: 0,
    };
    let asked = |driver, ask, answer| Asked { driver, ask, answer, answer_min: Some(0.0) };
    let yes_in_snow = |n: u32| {
        let snow = n.is_multiple_of(2);
        asked(n % 4, Ask { snow, ..still }, if snow { Answer::Accepted } else { Answer::Declined })
    };
    let far = Ask { deadhead_min: 10_080.0, notice_h: 10_080.0, ..still };
    for all in [
        vec![],
        vec![asked(1, still, Answer::Silent); 100],
        vec![asked(1, still, Answer::Accepted); 100],
        (0..1000).map(yes_in_snow).collect(),
        (0..100).map(|n| asked(n, if n < 50 { far } else { still }, Answer::Accepted)).collect(),
    ] {
        let model = fit(&all);
        for ask in [still, far, Ask { snow: true, hour_class: 7, ..still }] {
            let chance = model.chance(&ask, 1);
            assert!((0.0..=1.0).contains(&chance), "{chance} after {} asks", all.len());
        }
        assert!(model.coefficients().iter().all(|b| b.abs() < 30.0), "{:?}", model.coefficients());
    }
    assert!((fit(&[]).chance(&still, 1) - 0.45).abs() < 0.01, "half of those who answer");
}

#[test]
fn odd_asks_are_told() {
    let mut dice = Dice::new(5);
    let sound = drawn(&mut dice, &[0.0], 3);
    let refused = |change: fn(&mut Asked)| {
        let mut asked = sound.clone();
        change(&mut asked[2]);
        Acceptance::fit(&asked, &AcceptanceSettings::default()).expect_err("wrong").to_string()
    };
    assert_eq!(refused(|asked| asked.ask.detour_min = -1.0), "ask 2: detour_min is -1, it takes 0 to 10080");
    assert_eq!(refused(|asked| asked.ask.notice_h = f64::NAN), "ask 2: notice_h is NaN, it takes 0 to 10080");
    assert_eq!(refused(|asked| asked.ask.hour_class = 8), "ask 2: hour_class is 8, it takes 0 to 7");
    assert_eq!(refused(|asked| asked.answer_min = Some(-2.0)), "ask 2: answer_min is -2, it takes 0 or more");
}

use super::*;

const ERRAND: Errand =
    Errand { approach: Span::from_mins(10), ride: Span::from_mins(15), notice: Span::HOUR, asked: 2 };

/// Without a habit nothing differs from the plan.
#[test]
fn off_is_off() {
    let off = Behaviour { seed: 7, ..Behaviour::default() };
    let at = Time::from_unix_secs(1_800_000_000);
    for rider in 0..1000 {
        assert_eq!(off.desk_delay(rider), Span::ZERO);
        assert_eq!(off.cancels(rider, at, at + Span::HOUR), None);
        assert!(!off.stays_away(rider));
        assert_eq!(off.boards_late(rider, rider % 2 == 0), Span::ZERO);
        assert_eq!(off.alights_late(rider, rider % 2 == 0), Span::ZERO);
        assert_eq!(off.answers(1, rider, (at, Some(at)), &ERRAND), Some((at, true)));
        assert_eq!(off.starts_late(rider), Span::ZERO);
        assert_eq!(off.leaves_early(rider, at, at + Span::DAY), None);
        assert!(!off.is_lost(rider as u32, at));
        assert_eq!(off.breaks_down(rider, at, at + Span::DAY), None);
        assert_eq!(off.drives(Span::MINUTE, 3, rider), Span::MINUTE);
    }
    assert!(!off.is_any_delay());
}

#[test]
fn shares_and_means_are_those_that_were_set() {
    let on = Behaviour {
        seed: 7,
        riders: Riders { cancels: 100, stays_away: 30, is_slow: Delay::Exponential(Span::MINUTE), ..Riders::default() },
        drivers: Drivers {
            answers: Some(Answering {
                accepts: Acceptance::Share(500),
                is_silent: 200,
                delay: Delay::Exponential(Span::from_mins(2)),
                rests: Span::ZERO,
            }),
            starts_late: Lateness { share: 250, mean: Span::from_mins(8) },
            leaves_early: Lateness { share: 100, mean: Span::HOUR },
        },
        vehicles: Vehicles { day_noise: 0, leg_noise: 100, breaks_down: 10, positions: None },
        desk_delay: Span::ZERO,
    };
    let at = Time::from_unix_secs(1_800_000_000);
    let many = 0..20_000_u64;
    let count = |what: &dyn Fn(u64) -> bool| many.clone().filter(|&number| what(number)).count();
    let mean = |what: &dyn Fn(u64) -> Span| many.clone().map(|number| what(number).as_millis()).sum::<i64>() / 20_000;
    assert!((1850..2150).contains(&count(&|rider| on.cancels(rider, at, at + Span::HOUR).is_some())));
    assert!((530..670).contains(&count(&|rider| on.stays_away(rider))));
    assert!((58_500..61_500).contains(&mean(&|rider| on.boards_late(rider, false))));
    assert_eq!(mean(&|rider| on.boards_late(rider, true)), 0, "wheelchairs have a habit of their own");
    let yes = |driver| on.answers(driver, 1, (at, None), &ERRAND).is_some_and(|(_, accepts)| accepts);
    assert!((7700..8300).contains(&count(&yes)), "two fifths: {}", count(&yes));
    assert!((114_000..126_000).contains(&mean(&|shift| on.starts_late(shift))));
    let early = |shift| on.leaves_early(shift, at, at + Span::DAY);
    let shift_ends_early = |shift| early(shift).is_some_and(|left| at <= left && left < at + Span::DAY);
    assert!((1850..2150).contains(&count(&shift_ends_early)));
    let by = mean(&|shift| early(shift).map_or(Span::ZERO, |left| at + Span::DAY - left));
    assert!((330_000..390_000).contains(&by), "an hour in one of ten: {by}");
    assert!((160..240).contains(&count(&|shift| on.breaks_down(shift, at, at + Span::HOUR).is_some())));
    assert!((59_700..60_300).contains(&mean(&|leg| on.drives(Span::MINUTE, 1, leg))));
    assert!(on.is_any_delay());
}

/// Half answer before the median, and so many late as the logarithm of the normal says.
#[test]
fn answers_and_boarding_can_be_log_normal() {
    let log_normal = |secs| Delay::LogNormal { median: Span::from_secs(secs), spread: 700 };
    let answers =
        Answering { accepts: Acceptance::Share(1000), is_silent: 0, delay: log_normal(90), rests: Span::ZERO };
    let riders = Riders {
        is_slow: Delay::Exponential(Span::from_secs(10)),
        is_slow_by_age: Aged { share: 600, is_slow: log_normal(100) },
        is_slow_by_wheelchair: log_normal(255),
        ..Riders::default()
    };
    let drivers = Drivers { answers: Some(answers), ..Drivers::default() };
    let on = Behaviour { seed: 7, riders, drivers, ..Behaviour::default() };
    let at = Time::from_unix_secs(1_800_000_000);
    let count = |what: &dyn Fn(u64) -> bool| (0..20_000).filter(|&number| what(number)).count();
    let answered = |driver| on.answers(driver, 1, (at, None), &ERRAND).expect("nobody is silent").0 - at;
    assert!((9_800..10_200).contains(&count(&|driver| answered(driver) <= Span::from_secs(90))));
    // one deviation: 90 s times e^0.7 is 181.2 s
    assert!((16_650..17_000).contains(&count(&|driver| answered(driver) <= Span::from_millis(181_238))));
    assert!((9_800..10_200).contains(&count(&|rider| on.boards_late(rider, true) <= Span::from_secs(255))));
    // half of three in five, and of the others e^-10 of all
    assert!((5_800..6_200).contains(&count(&|rider| Span::from_secs(100) < on.boards_late(rider, false))));
    assert!(on.is_any_delay());
}

/// What is lost is the share that was set, in holes of the mean that was set, for each vehicle at other times.
#[test]
fn positions_are_lost_in_holes() {
    let is_lost = Lateness { share: 100, mean: Span::from_mins(10) };
    let vehicles = Vehicles { positions: Some(Positions { every: Span::MINUTE, is_lost }), ..Vehicles::default() };
    let on = Behaviour { seed: 7, vehicles, ..Behaviour::default() };
    assert!(on.is_off(), "nothing happens otherwise");
    let at = |minute: i64| Time::from_unix_secs(1_800_000_000) + Span::MINUTE * minute;
    const MINUTES: i64 = 20 * 24 * 60;
    let (mut lost, mut holes) = (0, 0);
    for vehicle in 1..=4 {
        let heard: Vec<bool> = (0..MINUTES).map(|minute| !on.is_lost(vehicle, at(minute))).collect();
        lost += heard.iter().filter(|is_heard| !**is_heard).count() as i64;
        holes += heard.windows(2).filter(|pair| pair[0] && !pair[1]).count() as i64;
    }
    let permille = lost * 1000 / (4 * MINUTES);
    assert!((85..115).contains(&permille), "{permille}");
    // a hole is not seen if it fits between two minutes: e^-0.1 of them are longer
    let mean = lost * 60 / holes;
    assert!((580..780).contains(&mean), "{mean} s");
    assert!((0..MINUTES).any(|minute| on.is_lost(1, at(minute)) != on.is_lost(2, at(minute))));
    let all = Behaviour {
        vehicles: Vehicles {
            positions: Some(Positions { every: Span::MINUTE, is_lost: Lateness { share: 1000, mean: Span::MINUTE } }),
            ..vehicles
        },
        ..on
    };
    assert!((0..MINUTES).all(|minute| all.is_lost(1, at(minute))));
}

/// Shares are those of the logistic function, and each part of the utility moves them its way.
#[test]
fn drivers_say_yes_by_what_they_are_asked() {
    let yes = |willing: Willingness, errand: &Errand| {
        let answers =
            Answering { accepts: Acceptance::Fitted(willing), is_silent: 0, delay: Delay::NONE, rests: Span::ZERO };
        let drivers = Drivers { answers: Some(answers), ..Drivers::default() };
        let behaviour = Behaviour { seed: 5, drivers, ..Behaviour::default() };
        let at = Time::from_unix_secs(1_800_000_000);
        let says = |driver| behaviour.answers(driver, 1, (at, None), errand).is_some_and(|(_, accepts)| accepts);
        (0..20_000_u64).filter(|&driver| says(driver)).count()
    };
    let base = Willingness { base: 1386, ..Willingness::default() };
    assert!((15_800..16_200).contains(&yes(base, &ERRAND)), "four in five: {}", yes(base, &ERRAND));
    // 1.386 - 10 x 0.05 - 15 x 0.02 - 2 x 0.1 + ln 2 x 0.5 = 0.733: 0.675 of all
    let all = Willingness { per_approach_min: -50, per_ride_min: -20, per_ask: -100, per_log_notice: 500, ..base };
    assert!((13_300..13_700).contains(&yes(all, &ERRAND)), "{}", yes(all, &ERRAND));
    let far = Errand { approach: Span::from_mins(30), ..ERRAND };
    let soon = Errand { notice: Span::ZERO, ..ERRAND };
    let often = Errand { asked: 6, ..ERRAND };
    for harder in [far, soon, often] {
        assert!(yes(all, &harder) < yes(all, &ERRAND), "{harder:?}");
    }
    // who differs more is less predictable
    let differing = yes(Willingness { spread: 3000, ..base }, &ERRAND);
    assert!((10_000..15_500).contains(&differing), "{differing}");
}

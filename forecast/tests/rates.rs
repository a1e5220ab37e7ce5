//! Rates of requests: against slow twins, against the truth they were drawn from, and what they must not learn.

mod support;

use mukae_forecast::calibration::{Uniformity, log_score, pit};
use mukae_forecast::{
    BIN_COUNT, Count, Day, DayClass, Exposure, Gamma, History, Predictive, Prior, RateSettings, Rates,
};
use support::Dice;
use support::town::{Town, cells, one};

fn fit(history: &History, settings: &RateSettings) -> Rates {
    let through = history.days().last().map_or(0, |day| day.number);
    Rates::fit(history, through, settings, None).expect("sound settings")
}

/// Slow twin: the density of a rate, prior times the chance of each day's count, weighted by the day's age, summed on a grid.
fn grid_moments(prior: Gamma, days: &[(f64, f64, f64)]) -> (f64, f64) {
    let ln = |rate: f64| -> f64 {
        let seen: f64 =
            days.iter().map(|(weight, count, share)| weight * (count * libm::log(rate) - rate * share)).sum();
        (prior.shape - 1.0) * libm::log(rate) - prior.rate * rate + seen
    };
    let points: Vec<f64> = (0..70_000).map(|n| libm::exp(-695.0 + (f64::from(n) + 0.5) * 0.01)).collect();
    let top = points.iter().map(|x| ln(*x)).fold(f64::NEG_INFINITY, f64::max);
    // The grid is even in the logarithm, hence the factor x.
    let masses: Vec<f64> = points.iter().map(|x| libm::exp(ln(*x) - top) * x).collect();
    let sum: f64 = masses.iter().sum();
    let mean = points.iter().zip(&masses).map(|(x, mass)| x * mass).sum::<f64>() / sum;
    let square = points.iter().zip(&masses).map(|(x, mass)| x * x * mass).sum::<f64>() / sum;
    (mean, square - mean * mean)
}

#[test]
fn a_cell_is_believed_as_a_grid_says() {
    let mut dice = Dice::new(3);
    let settings = RateSettings { kappa: 12.0, h_half: 70.0, ..RateSettings::default() };
    let days: Vec<Day> = (0..50)
        .map(|number| {
            let exposure = Exposure::Everywhere((0..BIN_COUNT).map(|_| 0.2 + 0.8 * dice.share()).collect());
            let counts = (0..dice.poisson(5.0)).map(|_| one(dice.below(2) as u16, 18 + dice.below(6) as u8)).collect();
            Day { number, class: DayClass((number % 3 / 2) as u8), exposure, counts }
        })
        .collect();
    let history = History::new(2, days).expect("sound");
    let rates = fit(&history, &settings);
    for (class, zone, bin) in [(0, 0, 19), (0, 1, 22), (1, 1, 19), (1, 0, 3)] {
        // (class, weight, count, share) of each day in this cell
        let of = |day: &Day| {
            let count = day.counts.iter().filter(|count| (count.zone, count.bin) == (zone, bin)).count();
            (day.class, libm::exp2(-f64::from(49 - day.number) / 70.0), count as f64, day.exposure.at(zone, bin))
        };
        let seen: Vec<(DayClass, f64, f64, f64)> = history.days().iter().map(of).collect();
        let class = DayClass(class);
        let other = DayClass(1 - class.0);
        let mu = rates.rank_one(class, zone, bin) / rates.class_factor(class);
        let (mut counts, mut days) = (12.0 * mu, 12.0);
        for (_, weight, count, share) in seen.iter().filter(|day| day.0 == other) {
            counts += weight * count;
            days += weight * share * rates.class_factor(other);
        }
        let prior = Gamma { shape: 12.0 * rates.class_factor(class) * counts / days, rate: 12.0 };
        let own: Vec<(f64, f64, f64)> =
            seen.iter().filter(|day| day.0 == class).map(|day| (day.1, day.2, day.3)).collect();
        let (mean, variance) = grid_moments(prior, &own);
        let found = rates.rate(class, zone, bin);
        assert!((found.mean() / mean - 1.0).abs() < 1e-4, "{class:?} {zone} {bin}: {found:?} is not {mean}");
        assert!(
            (found.variance() / variance - 1.0).abs() < 1e-3,
            "{class:?} {zone} {bin}: {found:?} is not {variance}"
        );
    }
}

#[test]
fn drawn_towns_are_forecast_well() {
    for seed in [1, 2, 3] {
        let mut dice = Dice::new(seed);
        let town = Town::drawn(&mut dice, 6, 9.0);
        let train = town.history(&mut dice, 0..240);
        let rates = fit(&train, &RateSettings { h_half: 1e6, ..RateSettings::default() });
        let flat = 9.0 / (6 * 24) as f64;
        let (mut transforms, mut ours, mut flats, mut rank_ones, mut level_ours, mut level_none) =
            (vec![], 0.0, 0.0, 0.0, 0.0, 0.0);
        let none = Rates::none(6);
        for day in town.history(&mut dice, 240..540).days() {
            let forecast = rates.predictive_of_day(day);
            transforms.push(pit(&forecast, day.counts.len() as u32, dice.share()));
            if !day.counts.is_empty() {
                assert_eq!(log_score(&none.predictive_of_day(day), day.counts.len() as u32), f64::NEG_INFINITY);
            }
            for (zone, bin) in cells(6) {
                let count = day.counts.iter().filter(|count| (count.zone, count.bin) == (zone, bin)).count() as u32;
                let level = rates.day_level().after(0.0, 0.0);
                ours += log_score(&rates.predictive(day.class, [(zone, bin, 1.0)], level), count);
                flats += log_score(&Predictive::new(flat, 0.0), count);
                rank_ones += log_score(&Predictive::new(rates.rank_one(day.class, zone, bin), 0.0), count);
            }
            // The afternoon, knowing the morning or not.
            let half =
                |bins: std::ops::Range<u8>| (0..6).flat_map(move |zone| bins.clone().map(move |bin| (zone, bin, 1.0)));
            let so_far = day.counts.iter().filter(|count| count.bin < 28).count() as f64;
            let rest = day.counts.iter().filter(|count| 28 <= count.bin).count() as u32;
            let fresh = rates.day_level().after(0.0, 0.0);
            let expected = rates.predictive(day.class, half(16..28), fresh).mean();
            let level = rates.day_level().after(so_far, expected);
            level_ours += log_score(&rates.predictive(day.class, half(28..40), level), rest);
            level_none += log_score(&rates.predictive(day.class, half(28..40), fresh), rest);
        }
        let uniformity = Uniformity::of(transforms);
        assert!(uniformity.is_calibrated(0.01), "{uniformity:?}");
        println!(
            "log scores: ours {ours:.1}, rank one {rank_ones:.1}, flat {flats:.1}; afternoons {level_ours:.1} with the morning, {level_none:.1} without"
        );
        assert!(flats < rank_ones && rank_ones < ours, "log scores: {flats}, {rank_ones}, {ours}");
        assert!(level_none < level_ours, "log scores of afternoons: {level_none}, {level_ours}");
    }
}

#[test]
fn true_rates_lie_inside_the_stated_intervals() {
    let (mut inside, mut all) = (0, 0);
    for seed in [4, 5, 6] {
        let mut dice = Dice::new(seed);
        let town = Town::drawn(&mut dice, 6, 9.0);
        // Days differ by nothing but chance here: the posterior of a cell knows no level of days.
        let history = Town { nu: 1e9, ..town.clone() }.history(&mut dice, 0..90);
        let rates = fit(&history, &RateSettings { h_half: 1e6, ..RateSettings::default() });
        for (zone, bin) in cells(6) {
            let truth = town.rate(DayClass(0), zone, bin);
            let below = gamma_cdf(rates.rate(DayClass(0), zone, bin), truth);
            inside += i32::from((0.1..=0.9).contains(&below));
            all += 1;
        }
    }
    let share = f64::from(inside) / f64::from(all);
    println!("{share:.3} of the true rates lie inside intervals of 80 %");
    assert!((0.74..=0.86).contains(&share), "{share} of {all} true rates inside intervals of 80 %");
}

/// By summing the density, even in the logarithm.
fn gamma_cdf(gamma: Gamma, x: f64) -> f64 {
    let density = |y: f64| libm::exp(gamma.shape * y - gamma.rate * libm::exp(y));
    let (from, steps) = (-40.0, 20_000);
    let sum_to = |end: f64| -> f64 {
        let width = (end - from) / f64::from(steps);
        (0..steps).map(|n| density(from + (f64::from(n) + 0.5) * width) * width).sum()
    };
    sum_to(libm::log(x)) / sum_to(libm::log(gamma.mean() + 60.0 * (1.0 + gamma.mean())))
}

#[test]
fn a_closed_day_is_no_quiet_day() {
    let open = |number: i32| Day {
        number,
        class: DayClass(0),
        exposure: Exposure::open(16, 40),
        counts: vec![one(0, 20), one(1, 30)],
    };
    let closed = |number: i32| Day { exposure: Exposure::none(), counts: vec![], ..open(number) };
    let of = |days: Vec<Day>| fit(&History::new(2, days).expect("sound"), &RateSettings::default());
    let every_third = of((0..90).map(|number| if number % 3 == 0 { open(number) } else { closed(number) }).collect());
    let without = of((0..90).step_by(3).map(open).chain([closed(89)]).collect());
    assert_eq!(every_third, without, "days without service say nothing");
    let all = of((0..90).map(open).collect());
    assert!((every_third.total() / all.total() - 1.0).abs() < 0.01, "{} {}", every_third.total(), all.total());

    // Half of each half hour bookable, half the requests: the same rate.
    let half = |number: i32| Day {
        exposure: Exposure::Everywhere((0..48).map(|bin| if (16..40).contains(&bin) { 0.5 } else { 0.0 }).collect()),
        counts: open(number).counts.into_iter().map(|count| Count { weight: 0.5, ..count }).collect(),
        ..open(number)
    };
    let halves = of((0..180).map(half).collect());
    let wholes = of((0..180).map(open).collect());
    assert!((halves.total() / wholes.total() - 1.0).abs() < 0.05, "{} {}", halves.total(), wholes.total());
}

#[test]
fn shares_are_found_under_exposure_that_differs() {
    // What is expected, without chance: zone 0 takes bookings in the mornings only, zone 1 all day, zone 2 on some days.
    let (total, shares) = (12.0, [0.5, 0.3, 0.2]);
    let profile = |bin: u8| if (16..40).contains(&bin) { f64::from(bin - 15) / 300.0 } else { 0.0 };
    let share_open = |zone: u16, bin: u8, number: i32| match (zone, bin) {
        (0, 16..28) | (1, 0..48) => 1.0,
        (2, 0..48) if number % 4 == 0 => 0.5,
        _ => 0.0,
    };
    let day = |number: i32| {
        let all = || (0..3u16).flat_map(|zone| (0..48u8).map(move |bin| (zone, bin)));
        let count = |(zone, bin)| {
            let weight = total * shares[usize::from(zone)] * profile(bin) * share_open(zone, bin, number);
            Count { zone, bin, weight, rider: None }
        };
        let counts = all().map(count).filter(|count| 0.0 < count.weight).collect();
        let exposure = Exposure::Cells(all().map(|(zone, bin)| share_open(zone, bin, number)).collect());
        Day { number, class: DayClass(0), exposure, counts }
    };
    let history = History::new(3, (0..100).map(day).collect()).expect("sound");
    let rates = fit(&history, &RateSettings { share_requests: 1e-3, nu_class: 1e6, ..RateSettings::default() });
    for (zone, bin) in [(0, 20), (1, 20), (2, 20), (0, 35), (1, 35), (2, 35)] {
        let truth = total * shares[usize::from(zone)] * profile(bin);
        let found = rates.rank_one(DayClass(0), zone, bin);
        assert!((found / truth - 1.0).abs() < 1e-3, "zone {zone}, bin {bin}: {found}, not {truth}");
    }
}

#[test]
fn quiet_sundays_are_learnt_in_eight_weeks() {
    let mut dice = Dice::new(8);
    let day = |number: i32, dice: &mut Dice| {
        let is_sunday = number % 7 == 6;
        let count = if is_sunday { 0 } else { dice.poisson(6.0) };
        let counts = (0..count).map(|_| one(dice.below(4) as u16, 16 + dice.below(24) as u8)).collect();
        Day { number, class: DayClass(u8::from(is_sunday)), exposure: Exposure::open(16, 40), counts }
    };
    let days: Vec<Day> = (0..56).map(|number| day(number, &mut dice)).collect();
    let rates = fit(&History::new(4, days.clone()).expect("sound"), &RateSettings::default());
    let [weekday, sunday] = [0, 6].map(|n| rates.predictive_of_day(&days[n]).mean());
    println!("weekday {weekday:.2}, Sunday {sunday:.2}, factor {:.3}", rates.class_factor(DayClass(1)));
    assert!((5.0..7.0).contains(&weekday) && sunday < 0.6, "{weekday} on weekdays, {sunday} on Sundays");
    assert_eq!(rates.class_factor(DayClass(9)), 1.0, "a class that was never seen is an average day");
    assert!(rates.predictive_of_day(&Day { class: DayClass(9), ..days[0].clone() }).mean() > 3.0);
}

#[test]
fn a_prior_holds_until_there_is_history() {
    let prior = Prior { total: 4.0, zone_shares: vec![3.0, 1.0], profile: vec![1.0; 48], days: 10.0 };
    let rates = |days| {
        Rates::fit(&History::new(2, days).expect("sound"), 400, &RateSettings::default(), Some(&prior)).expect("sound")
    };
    let cold = rates(vec![]);
    assert_eq!(cold.total(), 4.0);
    assert!((cold.rate(DayClass(0), 0, 5).mean() - 4.0 * 0.75 / 48.0).abs() < 1e-15);
    let day = |number| {
        let counts = (0..8).map(|n| one(1, n)).collect();
        Day { number, class: DayClass(0), exposure: Exposure::open(0, 48), counts }
    };
    let warm = rates((1..=400).map(day).collect());
    assert!((7.5..8.0).contains(&warm.total()), "{}", warm.total());
    assert!(warm.rate(DayClass(0), 0, 5).mean() < 0.01);

    let refused = |prior: Prior| {
        let history = History::new(2, vec![]).expect("sound");
        Rates::fit(&history, 0, &RateSettings::default(), Some(&prior)).expect_err("wrong").to_string()
    };
    assert_eq!(refused(Prior { zone_shares: vec![1.0], ..prior.clone() }), "the prior has 1 zone shares, it takes 2");
    assert_eq!(
        refused(Prior { profile: vec![0.0; 48], ..prior.clone() }),
        "the prior's half hours are numbers from 0 on, and some above it"
    );
    assert_eq!(refused(Prior { total: -1.0, ..prior.clone() }), "the prior's total is -1, it takes a number from 0 on");
}

#[test]
fn the_past_fades_and_the_future_is_not_seen() {
    let day = |number: i32, count: u8| Day {
        number,
        class: DayClass(0),
        exposure: Exposure::open(16, 40),
        counts: (0..count).map(|n| one(0, 16 + n)).collect(),
    };
    let history = History::new(1, (0..400).map(|n| day(n, if n < 200 { 8 } else { 2 })).collect()).expect("sound");
    let open = |rates: &Rates| rates.predictive_of_day(&day(0, 0)).mean();
    let at = |through, h_half| {
        let settings = RateSettings { h_half, ..RateSettings::default() };
        open(&Rates::fit(&history, through, &settings, None).expect("sound"))
    };
    assert!((4.8..5.2).contains(&at(399, 1e6)) && at(399, 60.0) < 2.7, "{} {}", at(399, 1e6), at(399, 60.0));
    assert!((7.9..8.1).contains(&at(199, 60.0)), "{}", at(199, 60.0));
    let wrong = Rates::fit(&history, 399, &RateSettings { kappa: 0.0, ..RateSettings::default() }, None);
    assert_eq!(wrong.expect_err("kappa 0").to_string(), "kappa is 0, it takes 0.001 to 1000000000");
}

#[test]
fn a_day_tells_its_level() {
    let rates = Rates::none(3);
    assert_eq!(rates.rate(DayClass(4), 2, 47).mean(), 0.0);
    let level = RateSettings::default().nu;
    assert_eq!(level, 20.0);
    assert_eq!(rates.day_level().level(10.0, 5.0), 1.2);
    assert_eq!(rates.day_level().after(10.0, 5.0), Gamma { shape: 30.0, rate: 25.0 });
}

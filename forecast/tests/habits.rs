//! Habits: drawn riders are foreseen, strangers are not, and who asks to be forgotten is.

mod support;

use std::collections::BTreeSet;

use mukae_forecast::calibration::{Reliability, log_score_of_chance};
use mukae_forecast::habits::{Diary, HabitSettings, Habits, ServiceDay, Trip};
use support::Dice;

fn service_day(number: i32) -> ServiceDay {
    ServiceDay { number, weekday: number.rem_euclid(7) as u8 }
}

/// No service on the last day of a week.
fn service_days(end: i32) -> Vec<ServiceDay> {
    (0..end).map(service_day).filter(|day| day.weekday != 6).collect()
}

fn fit(end: i32, trips: &[Trip]) -> Habits {
    let diary = Diary::new(service_days(end), trips.to_vec()).expect("sound");
    Habits::fit(&diary, end - 1, &HabitSettings::default()).expect("sound")
}

/// Riders who come every week, every second week, or now and then.
fn drawn(dice: &mut Dice, riders: u64, end: i32) -> Vec<Trip> {
    let mut trips = Vec::new();
    for rider in 0..riders {
        let weekday = dice.below(6) as i32;
        let every = [7, 14, 1][(rider % 3) as usize];
        let (chance, bin) =
            (if every == 1 { 0.04 + 0.1 * dice.share() } else { 0.75 + 0.2 * dice.share() }, 18 + dice.below(16) as u8);
        let mut day = weekday + 7 * dice.below(2) as i32;
        while day < end {
            let goes = day.rem_euclid(7) != 6 && dice.happens(chance);
            if goes {
                trips.push(Trip { rider, kind: 0, day, bin: bin + dice.below(3) as u8 });
            }
            // Who misses a fortnightly visit comes a week later.
            day += if every == 14 && !goes { 7 } else { every };
        }
    }
    trips.sort_by_key(|trip| trip.day);
    trips
}

#[test]
fn habits_foresee_better_than_weekdays() {
    for seed in [1, 2, 3] {
        let mut dice = Dice::new(seed);
        let (fitted, end, riders) = (182, 182 + 84, 60);
        let all = drawn(&mut dice, riders, end);
        let known: Vec<Trip> = all.iter().copied().filter(|trip| trip.day < fitted).collect();
        let mut habits = fit(fitted, &known);
        let went: BTreeSet<(u64, i32)> = all.iter().map(|trip| (trip.rider, trip.day)).collect();
        let (mut claims, mut ours, mut weekdays_only, mut no_habits) = (vec![], 0.0, 0.0, 0.0);
        let kinds: Vec<(u64, u32)> = habits.kinds().collect();
        for day in (fitted..end).map(service_day).filter(|day| day.weekday != 6) {
            for (rider, kind) in kinds.iter().copied() {
                let outing = habits.outing(rider, kind, day.number, day.weekday).expect("a habit");
                let goes = went.contains(&(rider, day.number));
                claims.push((outing.chance, goes));
                ours += log_score_of_chance(outing.chance, goes);
                weekdays_only += log_score_of_chance(weekday_share(&known, rider, day, fitted), goes);
                no_habits += log_score_of_chance(known.len() as f64 / (156.0 * riders as f64), goes);
                if goes {
                    habits.visited(rider, kind, day.number);
                }
            }
        }
        println!("log scores: ours {ours:.0}, weekdays {weekdays_only:.0}, everybody alike {no_habits:.0}");
        // A tenth better, in logarithms.
        assert!(no_habits < weekdays_only && weekdays_only < 1.1 * ours, "{no_habits} {weekdays_only} {ours}");
        let reliability = Reliability::of(claims);
        println!("p {:.3}: {:.2?}", reliability.p_value, reliability.rows);
        assert!(reliability.is_calibrated(0.01), "{reliability:?}");
    }
}

/// The share of this weekday's service days on which the rider went, with half a visit and half a miss more.
fn weekday_share(known: &[Trip], rider: u64, day: ServiceDay, end: i32) -> f64 {
    let visits =
        known.iter().filter(|trip| trip.rider == rider && service_day(trip.day).weekday == day.weekday).count();
    (visits as f64 + 0.5) / (f64::from(end) / 7.0 + 1.0)
}

#[test]
fn every_second_tuesday_is_not_half_of_all_tuesdays() {
    // Riders of all kinds, and two of whom we look at.
    let mut trips = drawn(&mut Dice::new(9), 30, 182);
    trips.extend((0..13).map(|n| Trip { rider: 100, kind: 5, day: 1 + 14 * n, bin: 20 }));
    trips.extend((0..26).map(|n| Trip { rider: 101, kind: 5, day: 1 + 7 * n, bin: 20 }));
    let habits = fit(182, &trips);
    let chance = |rider, day| habits.outing(rider, 5, day, 1).expect("a habit").chance;
    // The last visits were on days 169 and 176.
    assert!(chance(100, 176) < 0.15, "a week after: {}", chance(100, 176));
    assert!(0.75 < chance(100, 183), "two weeks after: {}", chance(100, 183));
    assert!(0.75 < chance(101, 183), "every week: {}", chance(101, 183));
    let wednesday = habits.outing(101, 5, 184, 2).expect("a habit").chance;
    assert!(wednesday < 0.06, "on another day: {wednesday}");
    assert_eq!(chance(101, 176), 0.0, "who went on that day has gone");
}

#[test]
fn a_day_passes() {
    let trips: Vec<Trip> =
        (0..26).map(|n| Trip { rider: 1, kind: 0, day: 7 * n, bin: if n % 2 == 0 { 18 } else { 30 } }).collect();
    let mut habits = fit(182, &trips);
    habits.visited(1, 0, 182);
    habits.visited(1, 9, 182);
    let outing = habits.outing(1, 0, 189, 0).expect("a habit");
    let sum: f64 = (0..48).map(|bin| outing.in_bin(bin)).sum();
    assert!((sum - outing.chance).abs() < 1e-12 && outing.in_bin(48) == 0.0);
    assert!(outing.in_bin(18) > 5.0 * outing.in_bin(24));
    // As hours pass without a trip the rider is less likely to go, and in the end does not.
    let rest: Vec<f64> = [0, 18, 30, 47].map(|bin| outing.rest_of_day(bin)).to_vec();
    assert!(rest.is_sorted_by(|one, next| one > next) && rest[3] == 0.0, "{rest:?}");
    // By Bayes: what is left of it, among what is left.
    let later: f64 = (31..48).map(|bin| outing.in_bin(bin)).sum();
    assert!((rest[2] - later / (1.0 - outing.chance + later)).abs() < 1e-12);
}

#[test]
fn few_trips_old_trips_and_forgotten_riders_are_nothing() {
    let trip = |rider, day| Trip { rider, kind: 0, day, bin: 20 };
    let twice = fit(800, &[trip(1, 7), trip(1, 14), trip(1, 14)]);
    assert_eq!(twice.outing(1, 0, 800, 2), None);
    // Three visits, of which one is longer ago than two half-lives of 180 days.
    let old = fit(800, &[trip(1, 434), trip(1, 441), trip(1, 750)]);
    assert_eq!(old.outing(1, 0, 800, 2), None);
    let known = fit(800, &[trip(1, 441), trip(1, 700), trip(1, 750), trip(2, 700), trip(2, 707), trip(2, 714)]);
    assert_eq!(known.kinds().collect::<Vec<_>>(), [(1, 0), (2, 0)]);
    let mut forgotten = known.clone();
    forgotten.forget(1);
    assert_eq!((forgotten.outing(1, 0, 800, 2), forgotten.kinds().collect::<Vec<_>>()), (None, vec![(2, 0)]));
    forgotten.visited(1, 0, 801);
    assert_eq!(forgotten.outing(1, 0, 803, 5), None, "a visit does not bring them back");
    assert_eq!(forgotten.outing(2, 0, 800, 2), known.outing(2, 0, 800, 2), "others stay as they are");
    let text = serde_json::to_string(&forgotten).expect("habits are text");
    assert!(!text.contains("\"1\":{") && text.contains("\"2\":{"), "{text}");
}

#[test]
fn every_chance_is_one() {
    let mut dice = Dice::new(12);
    for case in 0..200 {
        let end = 1 + dice.below(900) as i32;
        let days: Vec<i32> = service_days(end).iter().map(|day| day.number).collect();
        let often = dice.share() * dice.share();
        let mut trips = Vec::new();
        for rider in 0..dice.below(4) {
            let goes = |day: &&i32| *day % 14 == 3 || case % 3 == 0 || dice.happens(often);
            trips.extend(days.iter().filter(goes).map(|day| Trip { rider, kind: 1, day: *day, bin: (day % 48) as u8 }));
        }
        let habits = fit(end, &trips);
        for (rider, kind) in habits.kinds() {
            for day in (end - 1..end + 40).map(service_day) {
                let outing = habits.outing(rider, kind, day.number, day.weekday).expect("a habit");
                assert!((0.0..=1.0).contains(&outing.chance), "case {case}, day {day:?}: {}", outing.chance);
            }
        }
    }
}

#[test]
fn a_diary_says_what_is_wrong() {
    let refused = |days: Vec<ServiceDay>, trips| Diary::new(days, trips).expect_err("wrong").to_string();
    let trip = Trip { rider: 1, kind: 0, day: 6, bin: 20 };
    assert_eq!(refused(service_days(14), vec![trip]), "a trip on day 6, which is no service day");
    let late = Trip { day: 5, bin: 48, ..trip };
    assert_eq!(refused(service_days(14), vec![late]), "a trip on day 5 in bin 48, bins go from 0 to 47");
    let twice = [service_day(3), service_day(3)].to_vec();
    assert_eq!(refused(twice, vec![]), "service day 3 comes after 3: days go upwards, each once");
    let odd = vec![ServiceDay { number: 3, weekday: 7 }];
    assert_eq!(refused(odd, vec![]), "service day 3: weekday 7, it takes 0 to 6");
    assert_eq!(fit(0, &[]).kinds().count(), 0);
}

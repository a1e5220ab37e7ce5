//! What a history refuses, and what it is worth.

use mukae_forecast::history::{Doubt, Quality, QualityLimits, Verdict};
use mukae_forecast::{Count, Day, DayClass, Exposure, History};

fn day(number: i32, counts: Vec<Count>) -> Day {
    Day { number, class: DayClass(0), exposure: Exposure::open(14, 40), counts }
}

fn count(zone: u16, bin: u8, rider: u64) -> Count {
    Count { zone, bin, weight: 1.0, rider: Some(rider) }
}

fn refused(days: Vec<Day>, expected: &str) {
    assert_eq!(History::new(2, days).expect_err(expected).to_string(), expected);
}

#[test]
fn what_is_wrong_is_told_with_the_day() {
    refused(vec![day(8, vec![]), day(8, vec![])], "day 8 comes after day 8: days go upwards, each once");
    refused(vec![day(1, vec![count(2, 20, 1)])], "day 1: a count in zone 2, zones go from 0 to 1");
    refused(vec![day(1, vec![count(0, 48, 1)])], "day 1: a count in bin 48, bins go from 0 to 47");
    for weight in [-0.1, 1.1, f64::NAN] {
        let text = format!("day 1: a count in zone 0, bin 20 has weight {weight}, it takes 0 to 1");
        refused(vec![day(1, vec![Count { weight, ..count(0, 20, 1) }])], &text);
    }
    refused(
        vec![day(1, vec![count(1, 3, 1)])],
        "day 1: a count in zone 1, bin 3, where nothing could be booked: its exposure must be above 0",
    );
    let exposed = |exposure| vec![Day { exposure, ..day(4, vec![]) }];
    refused(
        exposed(Exposure::Cells(vec![1.0; 48])),
        "day 4: exposure has 48 shares, it takes 48 (every zone alike) or 96 (zone by zone)",
    );
    let mut shares = vec![1.0; 96];
    shares[50] = 1.5;
    refused(exposed(Exposure::Cells(shares)), "day 4: exposure of zone 1, bin 2 is 1.5, it takes a share of 0 to 1");
    assert_eq!(History::new(0, vec![]).expect_err("no zones").to_string(), "a history needs at least one zone");
}

/// A town of 100 days, 3 requests a day, ten riders, two zones.
fn good_town() -> Vec<Day> {
    let riders = |number: i32| (0..3).map(move |n| count((n % 2) as u16, 20, ((number * 3 + n) % 10) as u64));
    (0..100).map(|number| day(number, riders(number).collect())).collect()
}

fn quality(days: Vec<Day>) -> Quality {
    History::new(2, days).expect("a sound history").quality()
}

#[test]
fn a_history_is_judged_with_reasons() {
    let limits = QualityLimits::default();
    let good = quality(good_town());
    assert_eq!((good.days, good.exposed_days, good.requests, good.longest_hole_days), (100, 100, 300.0, 0));
    assert_eq!(good.verdict(&limits), Verdict::Enough);

    let two_days = quality(good_town().into_iter().take(2).collect());
    assert_eq!(
        two_days.verdict(&limits),
        Verdict::TooLittle(vec![
            Doubt::FewDays { found: 2, limit: 14 },
            Doubt::FewRequests { found: 6.0, limit: 30.0 }
        ])
    );

    let short = quality(good_town().into_iter().take(40).collect());
    assert_eq!(short.verdict(&limits), Verdict::Thin(vec![Doubt::FewDays { found: 40, limit: 60 }]));

    // Three months in which nothing could be booked: half of them as days without exposure, half not told at all.
    let mut torn = good_town();
    for day in &mut torn[60..] {
        day.number += 92;
    }
    torn.insert(60, Day { exposure: Exposure::none(), ..day(100, vec![]) });
    let torn = quality(torn);
    assert_eq!((torn.days, torn.exposed_days, torn.longest_hole_days), (101, 100, 92));
    assert_eq!(torn.verdict(&limits), Verdict::Thin(vec![Doubt::Hole { days: 92, limit: 30 }]));

    let mut one_rider = good_town();
    for count in one_rider.iter_mut().step_by(2).flat_map(|day| &mut day.counts) {
        count.rider = Some(77);
    }
    assert_eq!(quality(one_rider).verdict(&limits), Verdict::Thin(vec![Doubt::OneRider { share: 0.5, limit: 0.2 }]));

    let days = good_town();
    let history = History::new(7, days).expect("sound");
    assert_eq!(history.quality().silent_zones, [2, 3, 4, 5, 6]);
    assert_eq!(history.quality().verdict(&limits), Verdict::Thin(vec![Doubt::SilentZones { found: 5, of: 7 }]));

    let nothing = quality(vec![]);
    assert!(matches!(nothing.verdict(&limits), Verdict::TooLittle(_)));
    assert_eq!(
        Doubt::Hole { days: 92, limit: 30 }.to_string().split(',').next(),
        Some("92 days in a row on which nothing could be booked")
    );
}

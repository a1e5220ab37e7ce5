//! Runs that begin in the middle of a journal.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use mukae_engine::Command;
use mukae_record::Record;
use mukae_sim::past::{Past, Reader, Repeats};
use mukae_sim::random::Purpose;
use mukae_sim::scenario::{Knob, Rules};
use mukae_sim::{Luck, Setup};
use mukae_units::{Span, Time};

use crate::city::City;
use crate::drawn::{rested_day, run};
use crate::{RIDERS, again, desk_day, expect_same, lively};

fn lived(seed: u64, is_desk: bool) -> (City, Setup) {
    if is_desk {
        return desk_day(seed);
    }
    let (city, mut setup) = rested_day(seed, RIDERS);
    setup.behaviour = lively(seed);
    setup.announce_ahead = Span::HOUR;
    (city, setup)
}

fn time_of(record: &[u8]) -> Time {
    Record::from_bytes(record).unwrap().at()
}

/// Some instants of a day: any, and those of records and just after.
fn moments(seed: u64, records: &[Vec<u8>]) -> Vec<Time> {
    let luck = Luck::new(seed);
    let draw = |n, bound: u64| luck.draw(n, Purpose::Minute, 7).below(bound);
    let (first, last) = (time_of(&records[0]), time_of(&records[records.len() - 1]));
    let any = (0..4).map(|n| first + Span::from_millis(draw(n, (last - first).as_millis() as u64) as i64));
    let record = |n| time_of(&records[draw(n, records.len() as u64) as usize]);
    let after = (4..6).map(|n| record(n) + Span::from_millis(1)).filter(|at| *at <= last);
    any.chain((6..8).map(record)).chain(after).chain([first, last]).collect()
}

fn begun(city: &City, records: &[Vec<u8>], at: Time) -> Past {
    crate::read_by(Reader::begun_at(at), city, records, Repeats::Kept)
}

#[test]
fn from_any_moment_a_day_goes_on_as_it_did() {
    for seed in 0..10 {
        for is_desk in [false, true] {
            let (city, setup) = lived(seed, is_desk);
            let (_, records) = run((city.clone(), setup));
            for at in moments(seed, &records) {
                let what = format!("seed {seed}, desk {is_desk}, from {at:?}");
                let past = begun(&city, &records, at);
                let redone = again(&city, &past, &Rules::default());
                expect_same(&records, &redone.1, &what);
                expect_conserved(&past, &redone, &what);
                assert_eq!(redone.0.unmet, BTreeMap::new(), "{what}");
                // who was turned on the way would have arrived when the map says
                let assumed = redone.0.assumed.keys().filter(|what| !what.starts_with("drives under way"));
                assert_eq!(assumed.count(), 0, "{what}: {:?}", redone.0.assumed);
            }
        }
    }
}

/// Nobody is lost: who was under way, and who asks from then on.
fn expect_conserved(past: &Past, (outcome, records): &(mukae_sim::Outcome, Vec<Vec<u8>>), what: &str) {
    let found = &outcome.faults[..outcome.faults.len().min(5)];
    assert!(found.is_empty(), "{what}, {} faults: {found:#?}", outcome.faults.len());
    let begun = past.begun.as_ref().unwrap();
    let ended_by = |at: Time| records.iter().take_while(|record| time_of(record) < at).count();
    assert_eq!(ended_by(begun.at), begun.records.len(), "{what}");
    assert_eq!(records[..begun.records.len()], begun.records, "{what}: what was is as it was");
    let asked: u64 = records[begun.records.len()..].iter().map(|record| asks(record)).sum();
    let taken_up = open_at(&begun.records);
    assert_eq!((outcome.kpis.requests, outcome.kpis.unaccounted()), (taken_up + asked, 0), "{what}");
    let (bookings, under_way) = (open_bookings(&begun.records), begun.under_way);
    assert_eq!(under_way.on_board + under_way.booked, bookings, "{what}");
}

fn asks(record: &[u8]) -> u64 {
    match Record::from_bytes(record).unwrap().command() {
        Command::Quote(_) | Command::Book { .. } => 1,
        Command::BookAll { requests, .. } => requests.len() as u64,
        _ => 0,
    }
}

/// What a ledger from the first record on has open, which knows nothing of a beginning on the way.
fn open_at(records: &[Vec<u8>]) -> u64 {
    let kpis = counted(records);
    kpis.offers_open + kpis.bookings_open
}

fn open_bookings(records: &[Vec<u8>]) -> usize {
    counted(records).bookings_open as usize
}

fn counted(records: &[Vec<u8>]) -> mukae_sim::Kpis {
    let (city, _) = rested_day(0, 0);
    let (mut ledger, mut lengths) = (mukae_sim::Ledger::new(), city.lengths());
    for record in records {
        let record = Record::from_bytes(record).unwrap();
        ledger.observe(&record.exogenous, record.endogenous.iter(), &mut lengths);
    }
    ledger.kpis()
}

/// Of two stretches of a day each counts its own.
#[test]
fn what_ended_before_is_not_counted() {
    for seed in 0..6 {
        let (city, setup) = lived(seed, seed % 2 == 0);
        let (whole, records) = run((city.clone(), setup));
        for at in moments(seed, &records) {
            let past = begun(&city, &records, at);
            let (later, _) = again(&city, &past, &Rules::default());
            let earlier = counted(&past.begun.as_ref().unwrap().records);
            let what = format!("seed {seed}, from {at:?}");
            let ended = |kpis: &mukae_sim::Kpis| {
                let ended = [kpis.refused, kpis.not_taken, kpis.cancelled, kpis.no_shows, kpis.failed, kpis.served];
                let done = [kpis.pickups, kpis.pooled, kpis.riders_served, kpis.asks_ended, kpis.shifts_closed];
                ended.into_iter().chain(done).chain([kpis.driven.as_millimetres()]).collect::<Vec<_>>()
            };
            let sum: Vec<u64> = ended(&earlier).into_iter().zip(ended(&later.kpis)).map(|(a, b)| a + b).collect();
            assert_eq!(sum, ended(&whole.kpis), "{what}");
            assert_eq!(
                earlier.requests + later.kpis.requests,
                whole.kpis.requests + open_at(&past.begun.unwrap().records),
                "{what}"
            );
        }
    }
}

#[test]
fn under_other_rules_what_was_under_way_goes_on_and_nothing_breaks() {
    let minutes = |minutes: i64| Span::from_mins(minutes).as_millis();
    let changes = [
        Rules::default().with(Knob::Vehicles, 2),
        Rules::default().with(Knob::Vehicles, 9).with(Knob::Volunteers, 2).with(Knob::PromiseWidth, minutes(25)),
        Rules::default().with(Knob::NoticeMin, minutes(60)),
        Rules::default().with(Knob::Window, minutes(5)).with(Knob::RideExtra, 0),
        Rules::default().with(Knob::Vehicles, 0),
    ];
    for seed in 0..6 {
        for is_desk in [false, true] {
            let (city, setup) = lived(seed, is_desk);
            let (_, records) = run((city.clone(), setup));
            for at in moments(seed, &records).into_iter().take(3) {
                let past = begun(&city, &records, at);
                for rules in &changes {
                    let what = format!("seed {seed}, desk {is_desk}, from {at:?}, {}", rules.text());
                    let redone = again(&city, &past, rules);
                    expect_conserved(&past, &redone, &what);
                }
                // whoever would have been asked by a scenario is asked by it
                let mut setup = past.setup(&changes[0], &past.days(&TimeZone::UTC).unwrap(), &TimeZone::UTC);
                setup.behaviour = lively(seed + 100);
                expect_conserved(&past, &run((city.clone(), setup)), &format!("seed {seed}, drawn again from {at:?}"));
            }
        }
    }
}

/// Vehicles that do not drive as the map says, as in a live area: the drive under way ends when it did, what is overdue is
/// counted, and the rest is sound.
#[test]
fn late_vehicles_go_on_late() {
    let mut overdue = 0;
    for seed in 0..4 {
        let (city, mut setup) = lived(seed, false);
        (setup.behaviour.vehicles.day_noise, setup.behaviour.vehicles.leg_noise) = (100, 200);
        let (_, records) = run((city.clone(), setup));
        for at in moments(seed, &records) {
            let past = begun(&city, &records, at);
            let what = format!("seed {seed}, from {at:?}");
            let redone = again(&city, &past, &Rules::default());
            expect_conserved(&past, &redone, &what);
            // a journal that ends there does not tell when they come
            let next = records.iter().position(|record| at <= time_of(record)).unwrap();
            let ends = begun(&city, &records[..=next], at);
            let redone_blind = again(&city, &ends, &Rules::default());
            expect_conserved(&ends, &redone_blind, &what);
            overdue += redone_blind.0.assumed.keys().filter(|what| what.starts_with("reports")).count();
            let taken_up = past.begun.as_ref().unwrap();
            let arrived = |records: &[Vec<u8>]| {
                let of = |record: &Vec<u8>| match *Record::from_bytes(record).unwrap().command() {
                    Command::Arrive { shift, stop, at } => Some((shift, stop, at)),
                    _ => None,
                };
                records.iter().filter_map(of).collect::<BTreeSet<_>>()
            };
            let (was, is) = (arrived(&records), arrived(&redone.1));
            let known: BTreeSet<_> =
                taken_up.arrivals.iter().map(|(&shift, known)| (shift, known.stop, known.at)).collect();
            assert!(known.is_subset(&was), "{what}");
            let sent_elsewhere = known.difference(&is).count();
            assert!(sent_elsewhere <= 1, "{what}: {sent_elsewhere} of {}", known.len());
        }
    }
    assert!(0 < overdue, "a driver who is late is overdue at some moment");
}

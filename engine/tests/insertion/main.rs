//! Random fleets, random days: the search chooses what trying everything chooses, and every schedule
//! passes the audit after every command.

mod checks;
mod day;
mod driving;
#[path = "../support/mod.rs"]
mod support;

use std::collections::{BTreeMap, BTreeSet};

use day::{Day, Drivers};
use mukae_engine::insertion::Demand;
use mukae_engine::model::{AccessPair, AskOutcome, Constraint, Wish};
use mukae_engine::{Answer, Command, Work};
use mukae_units::{Seats, TimeWindow};
use support::city::City;
use support::town::{Town, at, policy, service};

/// What these days may have no occasion to refuse for: services look days ahead, and whoever would be on board during a
/// break is mostly stopped by something nearer first (`breaks.rs` has who is not); riders have no names (`fares.rs` has those who are suspended).
const MAY_BE_UNMET: [Constraint; 3] = [Constraint::Horizon, Constraint::BreakOnBoard, Constraint::Suspended];

/// What the days of one kind met.
#[derive(Default, Debug)]
struct Met {
    quotes: usize,
    refusals: usize,
    at_risk: usize,
    offers: usize,
    holds: usize,
    relaxations: usize,
    nearest: usize,
    bound: BTreeSet<Constraint>,
    rests: usize,
    held: usize,
    taken_along: usize,
    answers: BTreeMap<AskOutcome, usize>,
    offered_to_call: usize,
    called: usize,
    sent_back: usize,
}

fn run(seeds: std::ops::Range<u64>, steps: usize, drivers: Drivers) -> Met {
    let mut met = Met::default();
    for seed in seeds {
        let day = std::panic::catch_unwind(|| {
            let mut day = Day::new(seed, drivers);
            for _ in 0..steps {
                day.step();
            }
            day
        });
        let Ok(day) = day else { panic!("seed {seed}, {drivers:?} drivers, {steps} steps") };
        met.quotes += day.quotes;
        met.refusals += day.refusals;
        met.at_risk += day.ever_at_risk.len();
        met.offers += day.offers;
        met.holds += day.holds;
        met.relaxations += day.relaxations;
        met.nearest += day.nearest;
        met.bound.extend(day.bound);
        met.rests += day.rests;
        met.held += day.held;
        met.taken_along += day.taken_along;
        met.offered_to_call += day.offered_to_call;
        met.called += day.calls.called;
        met.sent_back += day.calls.sent_back;
        day.answers.into_iter().for_each(|(outcome, count)| *met.answers.entry(outcome).or_default() += count);
    }
    let Met { quotes, offers, holds, relaxations, rests, taken_along, .. } = met;
    assert!(quotes > 5_000, "{met:?}: too few quotes to mean anything");
    assert!(offers > quotes && holds > 300 && relaxations > 300, "{met:?}: nothing to choose from");
    assert!(met.nearest > 60, "{met:?}: too few refusals name the nearest miss");
    assert!(rests > 50 && taken_along > 50, "{met:?}: too few breaks, or riders on declared trips");
    assert!(met.called > 100 && met.sent_back > 20, "{met:?}: too few drivers are called, or sent back");
    for outcome in [AskOutcome::Accepted, AskOutcome::Declined, AskOutcome::Expired] {
        assert!(met.answers.get(&outcome).is_some_and(|&count| count > 5), "{met:?}: asks do not end so");
    }
    let is_met = |constraint: &Constraint| met.bound.contains(constraint);
    let is_missed = |constraint: &Constraint| !is_met(constraint) && !MAY_BE_UNMET.contains(constraint);
    let missed: Vec<Constraint> = Constraint::ALL.into_iter().filter(is_missed).collect();
    assert!(missed.is_empty(), "no day refuses for {missed:?}");
    met
}

/// A question about later, whose answer changed nothing, left the columns at that later time: the next question, at an
/// earlier one, found vehicles later than they are. What is kept from one question to the next never changes an answer.
#[test]
fn a_question_about_later_changes_no_answer() {
    let mut town = Town::new(City::draw("A--B--C--D--E 60s"), policy(), service());
    town.add_vehicle(1, 0, Seats::new(4, 0));
    let request = |town: &Town, from: usize, to: usize| {
        let window = TimeWindow::new(at("08:00"), at("09:30")).expect("in order");
        town.request(from, to, Seats::new(1, 0), Wish::DepartAfter(window))
    };
    let first = request(&town, 1, 2);
    let Answer::Confirmed(_) = town.tell(at("08:00"), Command::Book { request: first.into(), by_hand: None }) else {
        panic!("there is nothing else to do")
    };
    let second = request(&town, 3, 4);
    let Town { mut city, dispatcher, .. } = town;
    let demand =
        Demand::of_request(at("08:00"), &second, AccessPair::FIRST, &service(), &mut city).expect("there is a road");
    let fresh = dispatcher.best_insertion(at("08:00"), &demand, &mut Work::new(&mut city));
    let mut roads = city.clone();
    let mut kept = Work::new(&mut roads);
    assert_ne!(dispatcher.best_insertion(at("08:40"), &demand, &mut kept), fresh, "it is later");
    assert_eq!(dispatcher.best_insertion(at("08:00"), &demand, &mut kept), fresh);
}

#[test]
fn punctual_days_break_no_promise_and_match_brute_force() {
    let Met { quotes, refusals, at_risk, .. } = run(0..400, 120, Drivers::Punctual);
    assert!(refusals * 10 > quotes && refusals * 10 < quotes * 9, "{refusals} of {quotes} refused: all alike");
    assert_eq!(at_risk, 0, "nobody is late");
}

#[test]
fn unruly_days_worsen_no_promise_in_silence_and_match_brute_force() {
    let met = run(1_000..1_400, 120, Drivers::Unruly);
    assert!(met.at_risk > 50, "{met:?}: the drivers are not unruly");
}

#[test]
fn days_of_tight_rides_hold_boardings_back_as_brute_force_does() {
    let (mut asked, mut held) = (0, 0);
    let seeds = 2_000..2_150;
    for (seed, drivers) in seeds.flat_map(|seed| [(seed, Drivers::Punctual), (seed, Drivers::Unruly)]) {
        let day = std::panic::catch_unwind(|| {
            let mut day = Day::of_tight_rides(seed, drivers);
            (0..120).for_each(|_| day.step());
            day
        });
        let Ok(day) = day else { panic!("seed {seed}, {drivers:?} drivers") };
        (asked, held) = (asked + day.quotes, held + day.held);
    }
    assert!(asked > 5_000 && held > 100, "{held} of {asked} insertions hold boardings back");
}

/// On such roads bounds are the hardest to get right: a detour may save time, also to riders on board and also where a
/// vehicle is only turned.
#[test]
fn crooked_days_match_brute_force() {
    let (mut asked, mut refused) = (0, 0);
    for (seed, drivers) in (0..300).flat_map(|seed| [(seed, Drivers::Punctual), (seed, Drivers::Unruly)]) {
        let day = std::panic::catch_unwind(|| {
            let mut day = Day::on_crooked_roads(seed, drivers);
            (0..120).for_each(|_| day.step());
            day
        });
        let Ok(day) = day else { panic!("seed {seed}, {drivers:?} drivers") };
        (asked, refused) = (asked + day.quotes, refused + day.refusals);
    }
    assert!(asked > 10_000 && refused > 2_000 && refused * 4 < asked * 3, "{refused} of {asked} refused");
}

#[test]
fn days_on_which_vehicles_go_ahead_match_brute_force() {
    let (mut asked, mut sent, mut turned) = (0, 0, 0);
    let seeds = 3_000..3_150;
    for (seed, drivers) in seeds.flat_map(|seed| [(seed, Drivers::Punctual), (seed, Drivers::Unruly)]) {
        let day = std::panic::catch_unwind(|| {
            let mut day = Day::with_foresight(seed, drivers);
            (0..120).for_each(|_| day.step());
            day
        });
        let Ok(day) = day else { panic!("seed {seed}, {drivers:?} drivers") };
        (asked, sent, turned) = (asked + day.quotes, sent + day.sent, turned + day.turned);
    }
    assert!(asked > 5_000 && sent > 2_000 && turned > 40, "{sent} sent ahead, {turned} turned, {asked} asked");
}

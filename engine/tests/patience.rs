//! When a vehicle sets out that waits for an advance booking.

mod support;

use mukae_engine::model::{Booking, Policy, WAIT_FIRST_MAX, Wish};
use mukae_engine::schedule::Schedule;
use mukae_engine::{Answer, Command, Rejection, State};
use mukae_units::{Seats, ShiftId, Span, Time, TimeWindow};
use support::Dice;
use support::city::City;
use support::desk::{arrive, book, depart, next_stop, state};
use support::town::{Town, at, policy, service};

const SHIFT: ShiftId = ShiftId(1);

fn town(picture: &str, wait_first_permille: u32) -> Town {
    let mut town = Town::new(City::draw(picture), Policy { wait_first_permille, ..policy() }, service());
    town.add_vehicle(1, 0, Seats::new(4, 0));
    town
}

fn sets_out(town: &Town, now: &str) -> Option<Time> {
    state(town).sets_out(&state(town).schedules[&SHIFT], at(now))
}

/// Promised 10:00 to 10:10, a minute away: as soon as it need be, halfway, or as late as can be.
#[test]
fn it_waits_for_its_share_of_what_can_be_spared() {
    for (share, clock) in [(0, "09:59"), (500, "10:04"), (WAIT_FIRST_MAX, "10:09")] {
        let mut town = town("A--B--C 60s", share);
        book(&mut town, "08:00", "B", "C", depart("10:00", "10:30"));
        assert_eq!(sets_out(&town, "08:00"), Some(at(clock)), "{share}");
        assert_eq!(sets_out(&town, "10:09:30"), Some(at("10:09:30")), "never in the past");
        let told = state(&town).forecast(&state(&town).schedules[&SHIFT], at("08:00"));
        assert_eq!(told.stops[0].start, at(clock) + Span::MINUTE, "what the rider is told");
    }
}

/// Whoever boards further on and has to arrive in time says how long the first can be waited for.
#[test]
fn nobody_further_on_is_later_than_promised() {
    let mut town = town("A--B--C--D--E--F 60s", WAIT_FIRST_MAX);
    book(&mut town, "08:00", "B", "F", depart("10:00", "10:30"));
    assert_eq!(sets_out(&town, "08:05"), Some(at("10:09")));
    book(&mut town, "08:05", "C", "F", arrive("10:00", "10:08"));
    assert_eq!(sets_out(&town, "08:05"), Some(at("10:03")));
}

/// Whoever asked to leave at once is standing at the roadside.
#[test]
fn who_asked_just_now_is_fetched_at_once() {
    let mut town = town("A--B--C 60s", WAIT_FIRST_MAX);
    book(&mut town, "10:00", "B", "C", depart("10:00", "10:30"));
    assert_eq!(sets_out(&town, "10:00"), Some(at("10:00")));
    let stop = next_stop(&town, SHIFT);
    town.expect_noted(at("10:00"), Command::Depart { shift: SHIFT, stop, at: at("10:00") });
    assert_eq!(sets_out(&town, "10:00:30"), None, "it is on its way");
}

/// While it stands it is free: somebody whom it would have passed already is taken first.
#[test]
fn a_vehicle_that_waits_can_be_sent_elsewhere() {
    let mut town = town("A--B--C 240s", WAIT_FIRST_MAX);
    let early = book(&mut town, "08:00", "B", "C", depart("10:00", "10:30"));
    // it would have left A at 09:56
    assert_eq!(sets_out(&town, "08:00"), Some(at("10:06")));
    let second = book(&mut town, "10:02", "A", "C", depart("10:02", "10:03"));
    let schedule = &state(&town).schedules[&SHIFT];
    assert_eq!(schedule.position_of(second, true), Some(0));
    assert_eq!(schedule.position_of(early, true), Some(1));
}

#[test]
fn more_than_all_is_refused() {
    let mut town = town("A--B 60s", 0);
    let strange = Policy { wait_first_permille: WAIT_FIRST_MAX + 1, ..policy() };
    assert_eq!(town.tell(at("07:00"), Command::SetPolicy(strange)), Answer::Rejected(Rejection::BadWeights));
}

/// Every limit of everybody, read from their bookings; `known` is how the schedule is if the vehicle leaves as soon as it
/// need.
fn is_kept(state: &State, schedule: &Schedule, (soonest, leaves): (Time, Time)) -> bool {
    let (known, later) = (schedule.timeline(soonest), schedule.timeline(leaves));
    let is_kept = |stop_idx: usize| {
        let stop = &schedule.stops()[stop_idx];
        let Booking { promise, .. } = &state.bookings[&stop.booking.expect("nobody rests")];
        let (known, later) = (known.stops[stop_idx], later.stops[stop_idx]);
        let latest = if stop.is_pickup() { promise.pickup.latest() } else { promise.dropoff_latest };
        let is_short = later.ride.is_none_or(|ride| ride <= promise.ride_max.max(known.ride.expect("it is one")));
        later.start <= latest.max(known.start) && is_short
    };
    (0..schedule.stops().len()).all(is_kept) && later.finish <= schedule.shift.window.latest().max(known.finish)
}

/// Of days drawn at random: no later than some second that keeps all promises, and never so soon that a second later all
/// could be kept just as well if it was to wait as long as it can.
#[test]
fn it_waits_as_long_as_a_clock_that_is_turned_on_second_by_second() {
    let (mut waited, mut bound) = (0, 0);
    for seed in 0..60 {
        let mut dice = Dice::new(seed);
        let city = City::random(&mut dice, 12);
        let (mut policy, mut service) = (policy(), service());
        policy.wait_first_permille = [300, WAIT_FIRST_MAX][dice.below(2) as usize];
        service.promise_width = Span::from_mins(5 + dice.below(20) as i64);
        service.dwell.per_party = Span::from_secs(dice.below(60) as i64);
        let mut town = Town::new(city, policy, service);
        (1..=2).for_each(|shift| town.add_vehicle(shift, 0, Seats::new(3, 0)));
        for _ in 0..14 {
            let from = dice.below(12) as usize;
            let to = (from + 1 + dice.below(11) as usize) % 12;
            let begin = at("09:00") + Span::from_secs(dice.below(4 * 3600) as i64);
            let window = TimeWindow::new(begin, begin + Span::from_mins(20)).expect("in order");
            let wish = if dice.chance(50) { Wish::DepartAfter(window) } else { Wish::ArriveBy(window) };
            let request = town.request(from, to, Seats::new(1 + dice.below(2) as u8, 0), wish);
            town.tell(at("07:00"), Command::Book { request: request.into(), by_hand: None });
        }
        for shift in [ShiftId(1), ShiftId(2)] {
            let state = town.dispatcher.state();
            let schedule = &state.schedules[&shift];
            let Some(leaves) = state.sets_out(schedule, at("07:00")) else { continue };
            let soonest = schedule.next_times(at("07:00")).expect("it has a stop").departure;
            let keeps = |seconds: i64| is_kept(state, schedule, (soonest, soonest + Span::from_secs(seconds)));
            let most = (0..3600).take_while(|&seconds| keeps(seconds)).last().expect("as it is, it is kept");
            let share = i64::from(policy.wait_first_permille);
            let off = (leaves - soonest).as_millis() - most * share;
            assert!((0..1000).contains(&off), "seed {seed}: {shift:?} waits {off} ms longer than {share} of {most} s");
            waited += usize::from(0 < most);
            bound += usize::from(0 < most && keeps(most) && most < service.promise_width.as_millis() / 1000);
        }
    }
    assert!(60 < waited && 10 < bound, "{waited} could wait, {bound} were held by somebody further on");
}

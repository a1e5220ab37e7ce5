//! On-call shifts: when a driver is called, how soon the vehicle leaves then, and when nobody has to come after all.

mod support;

use mukae_engine::improve::{DONE, Search};
use mukae_engine::insertion::Demand;
use mukae_engine::model::{AccessPair, CancelReason, CostWeights, OnCall, Policy, ShiftState, Terms, Vehicle, Wish};
use mukae_engine::suggestion::CostKind;
use mukae_engine::{Answer, Command, Drawing, Rejection, Work};
use mukae_units::{BookingId, Seats, ShiftId, Span, Time, TimeWindow, VehicleId};
use support::Dice;
use support::brute;
use support::calls::Calls;
use support::city::City;
use support::desk::{ONE, depart, state};
use support::town::{Town, at, midnight, policy, service};

const USUAL: ShiftId = ShiftId(1);
const CALLED: ShiftId = ShiftId(2);

fn town() -> Town {
    Town::new(City::draw("A--B--C--D--E 60s"), policy(), service())
}

fn mins(mins: i64) -> Span {
    Span::from_mins(mins)
}

/// A shift of a vehicle of its own, from 06:00 to 22:00.
fn plan_on_call(town: &mut Town, now: Time, number: u32, node: &str, on_call: OnCall) -> Answer {
    let capacity = Seats::new(4, 0).into();
    let vehicle = Vehicle { id: VehicleId(number), name: format!("v{number}"), capacity, terms: Terms::OPEN };
    town.expect_noted(now, Command::RegisterVehicle(vehicle));
    let window = TimeWindow::new(at("06:00"), at("22:00")).expect("in order");
    let mut shift = town.shift(number, number, town.city.node(node), window);
    shift.on_call = Some(on_call);
    town.tell(now, Command::PlanShift(shift.into()))
}

fn add_on_call(town: &mut Town, now: &str, node: &str, cost: i64, notice: Span) {
    assert_eq!(plan_on_call(town, at(now), CALLED.0, node, OnCall { cost, notice }), Answer::Noted);
}

fn book(town: &mut Town, now: &str, (from, to): (&str, &str), wish: Wish) -> Option<BookingId> {
    let request = town.request(town.city.node(from), town.city.node(to), ONE, wish).into();
    match town.tell(at(now), Command::Book { request, by_hand: None }) {
        Answer::Confirmed(booked) => Some(booked.id),
        Answer::Refused(_) => None,
        other => panic!("{other:?}"),
    }
}

fn is_called(town: &Town) -> bool {
    state(town).schedules[&CALLED].is_called()
}

fn departure(town: &Town, now: &str) -> Time {
    state(town).schedules[&CALLED].timeline(at(now)).stops[0].departure
}

/// From A and back it takes eight minutes, at 25 yen each; from E two.
#[test]
fn a_driver_is_called_if_that_saves_more_than_it_costs() {
    for (cost, shift) in [(149, CALLED), (150, USUAL), (151, USUAL)] {
        let mut town = town();
        town.add_vehicle(USUAL.0, 0, Seats::new(4, 0));
        add_on_call(&mut town, "06:30", "E", cost, mins(20));
        let booked = book(&mut town, "07:00", ("D", "E"), depart("09:00", "09:10")).expect("somebody comes");
        assert_eq!(state(&town).bookings[&booked].shift, Some(shift), "{cost} yen");
        assert_eq!(is_called(&town), shift == CALLED);
    }
}

#[test]
fn a_call_is_a_term_of_what_a_place_costs() {
    let mut town = town();
    add_on_call(&mut town, "06:30", "E", 700, mins(20));
    let request = town.request(3, 4, ONE, depart("09:00", "09:10"));
    let subject = mukae_engine::suggestion::Subject::Request(&request);
    let mut work = Work::new(&mut town.city);
    let found = town.dispatcher.suggest(at("07:00"), subject, &mut work).expect("it can be asked");
    let (_, fit) = found.best().expect("it fits");
    let call = fit.terms.iter().find(|term| term.kind == CostKind::CallOut).expect("the driver has to be called");
    assert_eq!(call.cost(), 700 * 60_000);
    assert_eq!(fit.terms.iter().map(|term| term.cost()).sum::<i64>(), fit.cost);
}

#[test]
fn nobody_is_fetched_before_the_notice_is_over() {
    let mut town = town();
    add_on_call(&mut town, "06:30", "E", 700, mins(20));
    assert_eq!(book(&mut town, "07:00", ("D", "A"), depart("07:00", "07:20")), None, "at D by 07:21");
    assert!(!is_called(&town));
    let booked = book(&mut town, "07:00", ("D", "A"), depart("07:00", "07:21")).expect("just in time");
    assert_eq!(state(&town).bookings[&booked].promise.pickup.earliest(), at("07:21"));
    assert_eq!(departure(&town, "07:00"), at("07:20"));
    // who was called comes for others too, no sooner
    book(&mut town, "07:10", ("E", "D"), depart("07:10", "07:30")).expect("there is time");
    assert_eq!(departure(&town, "07:10"), at("07:20"));
}

#[test]
fn whoever_is_sent_back_is_called_anew() {
    let mut town = town();
    add_on_call(&mut town, "06:30", "E", 700, mins(20));
    let booked = book(&mut town, "07:00", ("E", "D"), depart("08:00", "08:10")).expect("there is time");
    let cancel = Command::CancelBooking { booking: booked, reason: CancelReason::Rider };
    assert!(matches!(town.tell(at("07:50"), cancel), Answer::Cancelled(_)));
    assert!(!is_called(&town) && state(&town).schedules[&CALLED].is_uncalled());
    book(&mut town, "07:55", ("E", "D"), depart("08:00", "08:30")).expect("there is time");
    assert_eq!(departure(&town, "07:55"), at("08:15"));
}

#[test]
fn who_has_signed_on_waits_for_no_notice() {
    let mut town = town();
    add_on_call(&mut town, "06:30", "E", 700, mins(20));
    town.expect_noted(at("07:00"), Command::OpenShift { shift: CALLED, at: at("07:00") });
    assert!(is_called(&town));
    book(&mut town, "07:00", ("E", "D"), depart("07:00", "07:10")).expect("the driver is there");
    assert_eq!(departure(&town, "07:00"), at("07:00"));
}

#[test]
fn a_start_that_is_put_off_does_not_make_the_driver_come_sooner() {
    let mut town = town();
    add_on_call(&mut town, "06:30", "E", 700, mins(40));
    book(&mut town, "07:00", ("E", "D"), depart("07:00", "08:00")).expect("there is time");
    town.expect_noted(at("07:05"), Command::DelayShift { shift: CALLED, start: at("07:10") });
    assert_eq!(departure(&town, "07:05"), at("07:40"));
    town.expect_noted(at("07:05"), Command::DelayShift { shift: CALLED, start: at("07:50") });
    assert_eq!(departure(&town, "07:05"), at("07:50"));
}

#[test]
fn a_call_that_makes_no_sense_is_not_planned() {
    let bad = [
        OnCall { cost: -1, notice: mins(1) },
        OnCall { cost: mukae_engine::model::WEIGHT_MAX + 1, notice: mins(1) },
        OnCall { cost: 0, notice: -mins(1) },
        OnCall { cost: 0, notice: mukae_engine::model::NOTICE_MAX + mins(1) },
    ];
    for on_call in bad {
        let answer = plan_on_call(&mut town(), at("06:00"), CALLED.0, "E", on_call);
        assert_eq!(answer, Answer::Rejected(Rejection::BadOnCall(CALLED)), "{on_call:?}");
    }
    let mut town = town();
    add_on_call(&mut town, "06:30", "E", 700, mins(20));
    let window = TimeWindow::new(at("12:00"), at("12:30")).expect("in order");
    let rest = Command::InterruptShift { shift: CALLED, place: town.city.spot(4), window, length: mins(30) };
    assert_eq!(town.tell(at("07:00"), rest), Answer::Rejected(Rejection::BreaksDoNotFit(CALLED)), "nobody works");
}

fn improve(town: &mut Town, now: &str) -> Answer {
    let drawing = Drawing::of(town.dispatcher.state(), at(now), None, &mut town.city).expect("somebody can be moved");
    let (problem, plan) = drawing.problem(None, &mut town.city).expect("schedules can be kept as they are");
    let mut search = Search::from(&problem, plan, 1);
    (0..100).for_each(|step| search.step(DONE / 100 * step));
    let orders = drawing.orders(search.best());
    town.tell(at(now), Command::AdoptPlan { orders })
}

/// Only the driver on call could come when the rider booked; then another vehicle was there.
fn called_too_early(cost: i64) -> Town {
    let policy = Policy { cost: CostWeights { rider_wait: 0, ..policy().cost }, ..policy() };
    let mut town = Town::new(City::draw("A--B--C--D--E 60s"), policy, service());
    add_on_call(&mut town, "06:30", "E", cost, mins(20));
    book(&mut town, "07:00", ("D", "E"), depart("09:00", "09:10")).expect("there is time");
    assert!(is_called(&town));
    let capacity = Seats::new(4, 0).into();
    let vehicle = Vehicle { id: VehicleId(3), name: "v3".into(), capacity, terms: Terms::OPEN };
    town.expect_noted(at("07:05"), Command::RegisterVehicle(vehicle));
    let window = TimeWindow::new(at("07:30"), at("20:00")).expect("in order");
    let shift = town.shift(3, 3, 0, window);
    town.expect_noted(at("07:05"), Command::PlanShift(shift.into()));
    town
}

#[test]
fn a_better_plan_sends_a_driver_back_if_that_saves_something() {
    let mut town = called_too_early(151);
    assert_eq!(improve(&mut town, "07:10"), Answer::Adopted { saved: 60_000 });
    assert!(!is_called(&town));
    assert_eq!(state(&town).schedules[&ShiftId(3)].stops().len(), 2);

    let mut town = called_too_early(149);
    assert!(matches!(improve(&mut town, "07:10"), Answer::Rejected(_)), "nothing is cheaper");
    assert!(is_called(&town));
}

/// For a rider at 09:00, a minute away, with twenty minutes' notice, the driver is out of the house at 08:39.
#[test]
fn whoever_must_be_on_the_way_is_not_sent_back_for_what_the_call_costs() {
    for (now, is_sent_back) in [("08:38", true), ("08:39", false)] {
        let mut town = called_too_early(700);
        let answer = improve(&mut town, now);
        assert_eq!(matches!(answer, Answer::Adopted { .. }), is_sent_back, "{now}: {answer:?}");
        assert_eq!(is_called(&town), !is_sent_back, "{now}");
    }
}

#[test]
fn who_has_come_is_not_sent_back_for_what_the_call_costs() {
    let mut town = called_too_early(700);
    town.expect_noted(at("07:20"), Command::OpenShift { shift: CALLED, at: at("07:20") });
    assert!(matches!(improve(&mut town, "07:20"), Answer::Rejected(_)), "the call is paid for");
}

/// Only the usual vehicle was there when the rider booked; then somebody near was on call.
#[test]
fn a_better_plan_calls_a_driver_if_that_is_worth_it() {
    for (cost, notice, is_worth_it) in [(149, 20, true), (151, 20, false), (0, 115, true), (0, 130, false)] {
        let mut town = town();
        town.add_vehicle(USUAL.0, 0, Seats::new(4, 0));
        book(&mut town, "06:30", ("D", "E"), depart("09:00", "09:10")).expect("there is time");
        add_on_call(&mut town, "06:30", "E", cost, mins(notice));
        let answer = improve(&mut town, "07:00");
        assert_eq!(matches!(answer, Answer::Adopted { .. }), is_worth_it, "{cost} yen, {notice} minutes: {answer:?}");
        assert_eq!(is_called(&town), is_worth_it);
        if is_worth_it {
            assert!(at("07:00") + mins(notice) <= departure(&town, "07:00"));
        }
    }
}

/// The vehicle that is there can fetch only one of two in time, and a driver on call comes too late for the second.
#[test]
fn room_is_made_by_calling_somebody_for_another_rider() {
    let mut town = Town::new(City::draw("A--B--C--D--E 300s"), policy(), service());
    town.add_vehicle(USUAL.0, 0, Seats::new(4, 0));
    book(&mut town, "07:00", ("A", "B"), depart("08:30", "08:35")).expect("there is time");
    add_on_call(&mut town, "07:00", "A", 700, mins(45));
    let request = town.request(4, 3, ONE, depart("08:20", "08:25"));
    for (room_steps, has_room) in [(0, false), (50, true)] {
        let command = Command::Book { request: request.clone().into(), by_hand: None };
        let mut work = Work::new(&mut town.city);
        work.room_steps = room_steps;
        let decision = town.dispatcher.decide(at("07:45"), &command, &mut work);
        decision.events.iter().for_each(|event| town.dispatcher.apply(event));
        assert_eq!(matches!(decision.answer, Answer::Confirmed(_)), has_room, "{:?}", decision.answer);
    }
    assert!(is_called(&town));
    assert_eq!(departure(&town, "07:45"), at("08:30"), "45 minutes after the call");
}

/// Whatever is asked: where somebody who works already can be given the ride for no more, nobody is called.
#[test]
fn nobody_is_called_where_another_place_costs_no_more() {
    let (mut called, mut not_called, mut sent_back) = (0, 0, 0);
    for seed in 0..150 {
        let mut dice = Dice::new(seed);
        let nodes = 6 + dice.below(8);
        let mut town = Town::new(City::random(&mut dice, nodes as usize), policy(), service());
        for number in 1..=2 {
            town.add_vehicle(number, dice.below(nodes) as usize, Seats::new(3, 0));
        }
        for number in 3..=5 {
            let node = town.city.name(town.city.place(dice.below(nodes) as usize)).to_owned();
            let on_call = support::fleet::any_on_call(&mut dice);
            assert_eq!(plan_on_call(&mut town, midnight(), number, &node, on_call), Answer::Noted);
        }
        let mut calls = Calls::default();
        for step in 0..25 {
            let now = at("07:00") + mins(step);
            let earliest = now + mins(dice.below(60) as i64);
            let window = TimeWindow::new(earliest, earliest + mins(dice.below(20) as i64)).expect("in order");
            let (from, to) = (dice.below(nodes) as usize, dice.below(nodes) as usize);
            let request = town.request(from, to, ONE, Wish::DepartAfter(window));
            let before = state(&town).clone();
            let command = Command::Book { request: request.clone().into(), by_hand: None };
            if let Answer::Confirmed(booked) = town.tell(now, command) {
                let shift = booked.shift.expect("it was just given one");
                let demand = Demand::of_request(now, &request, AccessPair::FIRST, &service(), &mut town.city);
                let demand = demand.expect("there is a road");
                let mut best_among = |is_in: &dyn Fn(ShiftId) -> bool| {
                    let among = before.schedules.values().filter(|one| is_in(one.shift.id)).map(|one| &**one);
                    brute::best(now, &demand, (&policy(), None), among, &before.vehicles, &mut town.city)
                };
                let taken = best_among(&|one| one == shift).expect("it was taken");
                let is_call = before.schedules[&shift].is_uncalled();
                let working = best_among(&|one| !before.schedules[&one].is_uncalled());
                let is_cheaper = working.is_none_or(|working| (taken.cost, shift) < (working.cost, working.shift));
                assert_eq!(is_call, is_cheaper, "seed {seed}, step {step}: {taken:?} or {working:?}");
                called += usize::from(is_call);
                not_called += usize::from(!is_call);
                calls.note(state(&town), now);
                if dice.chance(30) {
                    let cancel = Command::CancelBooking { booking: booked.id, reason: CancelReason::Rider };
                    town.tell(now, cancel);
                }
            }
            calls.note(state(&town), now);
        }
        sent_back += calls.sent_back;
    }
    assert!(called > 100 && not_called > 500 && sent_back > 20, "{called} called, {not_called} not, {sent_back} back");
}

/// A shift nobody was called for ends with its window, as any that nobody comes to.
#[test]
fn a_shift_nobody_is_called_for_ends_by_itself() {
    let mut town = town();
    add_on_call(&mut town, "06:30", "E", 700, mins(20));
    assert_eq!(state(&town).schedules[&CALLED].state, ShiftState::Planned);
    let over = town.dispatcher.wakeup().expect("the shift ends");
    assert_eq!(over, at("22:00") + Span::from_millis(1));
    town.expect_noted(over, Command::AdvanceClock);
    assert!(state(&town).schedules.is_empty());
}

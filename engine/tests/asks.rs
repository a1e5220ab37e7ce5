//! Asking drivers, their answers and their silence: small cases at the boundaries; random days are in `insertion.rs` and
//! `wild.rs`.

mod support;

use mukae_engine::model::{
    Ask, AskOutcome, BookingState, Constraint, DeclaredTrip, Driver, DriverKind, Shift, Tier, Wish,
};
use mukae_engine::{Answer, Command, Endogenous, Rejection};
use mukae_units::{BookingId, DriverId, Metres, ShiftId, Span, Time, TimeWindow, VehicleId};
use support::town::{Town, at, midnight, policy};
use support::volunteers::{
    ANNA, FOUR, ONE, S1, TICK, anna, answer, arrive, ask, binds, book, booked, decided, declared, depart, refused,
    report, schedule, state, town, town_of_anna, window,
};

#[test]
fn nobody_stands_still_with_riders_on_board_for_an_answer() {
    let mut town = town_of_anna("A--B--C--D 60s", anna(Span::ZERO, 9, Tier::T0));
    let first = booked(book(&mut town, "08:00", ("B", "D"), ("08:00", "08:30")));
    town.expect_noted(at("08:00"), answer(first, true));
    let second = booked(book(&mut town, "08:00", ("C", "D"), ("08:00", "08:30")));
    report(&mut town, "08:00", depart);
    report(&mut town, "08:01", arrive);
    assert!(at("08:01") < town.dispatcher.wakeup().expect("the ask is open"), "there is time until she leaves");
    town.expect_noted(at("08:01"), Command::Board { booking: first, at: at("08:01") });
    assert_eq!(town.dispatcher.wakeup(), Some(at("08:01")));
    town.expect_noted(at("08:01"), Command::AdvanceClock);
    assert_eq!(state(&town).bookings[&second].state, BookingState::Unassigned);
    report(&mut town, "08:01", depart);
}

/// A volunteer who was a minute late for one rider was asked for another, later one, and had no time at all to answer:
/// the ask was over a millisecond later, and counted. Only what waiting for the answer would break ends it.
#[test]
fn a_driver_who_is_late_already_has_time_to_answer() {
    let mut town = town_of_anna("A--B--C--D 60s", anna(Span::ZERO, 9, Tier::T0));
    let first = booked(book(&mut town, "08:00", ("B", "C"), ("08:00", "08:05")));
    town.expect_noted(at("08:00"), answer(first, true));
    report(&mut town, "08:00", depart);
    town.expect_noted(at("08:06"), Command::AdvanceClock);
    assert!(state(&town).bookings[&first].at_risk.pickup);
    let later = booked(book(&mut town, "08:06", ("C", "D"), ("08:30", "08:50")));
    let ask = state(&town).bookings[&later].ask.expect("it is open");
    assert_eq!(ask.deadline, at("08:11"));
    assert_ne!(town.dispatcher.wakeup(), Some(at("08:06")));
}

/// The rider could be fetched until 08:20, but then Anna would be home after the end of her shift.
#[test]
fn silence_makes_no_driver_late_at_home() {
    let mut town = town("A--B--C--D 60s");
    town.expect_noted(midnight(), Command::RegisterDriver(anna(Span::ZERO, 9, Tier::T0)));
    let mut policy = policy();
    policy.ask_timeout = Span::from_mins(30);
    town.expect_noted(midnight(), Command::SetPolicy(policy));
    town.add_vehicle_with(1, 0, FOUR, |shift| {
        let hours = TimeWindow::new(at("06:00"), at("08:15")).expect("in order");
        (shift.driver, shift.window, shift.end) = (Some(ANNA), hours, Some(shift.start.clone()));
    });
    let Answer::AwaitingDriver(booking) = book(&mut town, "08:00", ("B", "C"), ("08:10", "08:28")) else {
        panic!("she is asked")
    };
    assert_eq!(booking.promise.pickup.latest(), at("08:20"));
    // a minute to B, one to C and two home
    assert_eq!(booking.ask.expect("it is open").deadline, at("08:11") - TICK);
}

#[test]
fn a_volunteer_is_not_asked_again_before_the_cool_down_is_over() {
    let mut town = town_of_anna("A--B--C--D 60s", anna(Span::from_mins(10), 9, Tier::T2));
    let wish = (at("08:00"), at("09:00"));
    booked(ask(&mut town, at("08:00"), ("B", "C"), wish));
    let early = ask(&mut town, at("08:10") - TICK, ("B", "C"), wish);
    assert_eq!(refused(early), binds(Constraint::DriverAsks, TICK));
    booked(ask(&mut town, at("08:10"), ("B", "C"), wish));
}

#[test]
fn asks_of_seven_days_are_counted_and_older_ones_are_not() {
    let mut town = town("A--B--C--D 60s");
    town.expect_noted(midnight(), Command::RegisterDriver(anna(Span::ZERO, 2, Tier::T0)));
    let all_week = TimeWindow::new(at("06:00"), at("06:00") + Span::DAY * 9).expect("in order");
    town.add_vehicle_with(1, 0, FOUR, |shift| (shift.driver, shift.window) = (Some(ANNA), all_week));
    let try_at = |town: &mut Town, now: Time| ask(town, now, ("B", "C"), (now, now + Span::HOUR));
    let (first, second) = (at("08:00"), at("08:00") + Span::DAY * 2);
    for now in [first, second] {
        booked(try_at(&mut town, now));
    }
    let week_later = first + Span::DAY * 7;
    assert_eq!(refused(try_at(&mut town, week_later - TICK)), binds(Constraint::DriverAsks, TICK));
    booked(try_at(&mut town, week_later));
    assert_eq!(state(&town).asks[&ANNA], [second, week_later], "older ones are forgotten");
    let next = refused(try_at(&mut town, week_later));
    assert_eq!(next, binds(Constraint::DriverAsks, second - first));
    // who may never be asked is no candidate at all
    town.expect_noted(week_later, Command::RegisterDriver(anna(Span::ZERO, 0, Tier::T0)));
    assert_eq!(refused(try_at(&mut town, week_later)), binds(Constraint::DriverAsks, None));
}

#[test]
fn who_has_consented_or_is_employed_is_not_asked_and_staff_can_switch_a_tier_off() {
    let is_asked = |driver: Driver, of_trip: Tier, tier_max: Tier| {
        let mut town = town("A--B--C--D 60s");
        let mut policy = policy();
        policy.tier_max = tier_max;
        town.expect_noted(midnight(), Command::RegisterDriver(driver));
        let trip = DeclaredTrip { tier: of_trip, ..declared(Span::HOUR, Metres::from_metres(60_000)) };
        town.add_vehicle_with(1, 0, FOUR, |shift| (shift.driver, shift.declared) = (Some(ANNA), Some(trip)));
        town.expect_noted(midnight(), Command::SetPolicy(policy));
        let answer = book(&mut town, "08:00", ("B", "C"), ("08:00", "08:30"));
        matches!(answer, Answer::AwaitingDriver(_))
    };
    let volunteer = |tier| anna(Span::ZERO, 9, tier);
    let employed = Driver { kind: DriverKind::Employed, ..volunteer(Tier::T0) };
    assert!(!is_asked(volunteer(Tier::T3), Tier::T3, Tier::T3));
    assert!(is_asked(volunteer(Tier::T2), Tier::T3, Tier::T3));
    assert!(is_asked(volunteer(Tier::T3), Tier::T1, Tier::T3));
    assert!(is_asked(volunteer(Tier::T3), Tier::T3, Tier::T2), "one act");
    assert!(!is_asked(employed, Tier::T0, Tier::T0));
}

/// Anna with a colleague at D, who is farther away.
fn anna_and_a_colleague() -> (Town, BookingId, Ask) {
    let mut town = town_of_anna("A--B--C--D--E--F 60s", anna(Span::ZERO, 9, Tier::T0));
    town.add_vehicle(2, 5, FOUR);
    let wish = Wish::DepartAfter(window("08:10", "08:30"));
    let request = town.request(1, 2, ONE, wish);
    let decision = town.take(at("08:00"), &Command::Book { request: request.into(), by_hand: None });
    let Answer::AwaitingDriver(booking) = decision.answer else { panic!("{:?}", decision.answer) };
    assert_eq!((booking.state, booking.shift), (BookingState::AwaitingDriver, Some(S1)));
    let asked = Endogenous::DriverAsked {
        booking: booking.id,
        driver: ANNA,
        deadline: at("08:05"),
        fallback: Some(ShiftId(2)),
    };
    assert_eq!(decided(&decision.events).last(), Some(&&asked));
    (town, booking.id, booking.ask.expect("it is open"))
}

#[test]
fn a_yes_confirms_until_the_deadline_and_not_after() {
    let (mut town, booking, ask) = anna_and_a_colleague();
    town.expect_noted(ask.deadline, answer(booking, true));
    let found = &state(&town).bookings[&booking];
    assert_eq!((found.state, found.shift, found.ask), (BookingState::Confirmed, Some(S1), None));

    let (mut town, booking, ask) = anna_and_a_colleague();
    let late = town.tell(ask.deadline + TICK, answer(booking, true));
    assert_eq!(late, Answer::Rejected(Rejection::AskExpired { booking }));
    let driver = DriverId(7);
    let other = town.tell(ask.deadline + TICK, Command::AnswerAsk { booking, driver, accepted: true });
    assert_eq!(other, Answer::Rejected(Rejection::NotAsked { booking, driver }));
}

#[test]
fn a_no_and_silence_move_the_rider_to_the_stated_fall_back() {
    for is_silent in [false, true] {
        let (mut town, booking, ask) = anna_and_a_colleague();
        let (now, command, outcome) = match is_silent {
            false => (at("08:02"), answer(booking, false), AskOutcome::Declined),
            true => (ask.deadline + TICK, Command::AdvanceClock, AskOutcome::Expired),
        };
        if is_silent {
            assert_eq!(town.dispatcher.wakeup(), Some(now));
        }
        let events = town.take(now, &command).events;
        let ended = Endogenous::AskEnded { booking, driver: ANNA, outcome };
        assert!(decided(&events).contains(&&ended), "{events:?}");
        let found = &state(&town).bookings[&booking];
        assert_eq!((found.state, found.shift), (BookingState::Confirmed, Some(ShiftId(2))));
        assert_eq!(found.asked, [ANNA]);
        assert!(schedule(&town).stops().is_empty());
    }
}

#[test]
fn with_nobody_else_the_rider_is_left_to_staff_and_the_driver_not_asked_again() {
    let mut town = town_of_anna("A--B--C--D 60s", anna(Span::ZERO, 9, Tier::T0));
    let booking = booked(book(&mut town, "08:00", ("B", "C"), ("08:10", "08:30")));
    town.expect_noted(at("08:01"), answer(booking, false));
    assert_eq!(state(&town).bookings[&booking].state, BookingState::Unassigned);
    town.expect_noted(at("08:03"), Command::AdvanceClock);
    assert_eq!(state(&town).bookings[&booking].state, BookingState::Unassigned);
    // somebody else comes on duty
    town.add_shift_at("08:04");
    assert_eq!(state(&town).bookings[&booking].shift, Some(ShiftId(9)));
}

trait Colleague {
    fn add_shift_at(&mut self, now: &str);
}

impl Colleague for Town {
    fn add_shift_at(&mut self, now: &str) {
        let vehicle = mukae_engine::model::Vehicle {
            id: VehicleId(9),
            name: "v9".into(),
            capacity: FOUR.into(),
            terms: mukae_engine::model::Terms::OPEN,
        };
        self.expect_noted(at(now), Command::RegisterVehicle(vehicle));
        let spot = self.city.spot(0);
        let shift = Shift {
            features: mukae_units::Features::EMPTY,
            zones: mukae_units::Zones::EMPTY,
            crew: None,
            id: ShiftId(9),
            name: "s9".into(),
            vehicle: VehicleId(9),
            window: window("06:00", "22:00"),
            start: spot.clone(),
            end: Some(spot),
            breaks: Vec::new(),
            driver: None,
            declared: None,
            on_call: None,
        };
        self.expect_noted(at(now), Command::PlanShift(shift.into()));
    }
}

#[test]
fn nobody_leaves_for_a_rider_before_saying_yes() {
    let (mut town, booking, _) = anna_and_a_colleague();
    let stop = schedule(&town).next_stop().expect("the pickup").id;
    let rejected = Answer::Rejected(Rejection::WrongState { booking, state: BookingState::AwaitingDriver });
    assert_eq!(town.tell(at("08:02"), depart(stop, at("08:02"))), rejected);
    assert_eq!(town.tell(at("08:02"), arrive(stop, at("08:02"))), rejected);
    town.expect_noted(at("08:02"), answer(booking, true));
    town.expect_noted(at("08:02"), depart(stop, at("08:02")));
}

#[test]
fn a_rider_who_is_bound_is_not_made_late_by_an_ask() {
    // Anna is bound to r1, who waits at D from 08:03 to 08:05. r2 at B is on the way: there is time to ask until
    // 08:02, though the policy would give her five minutes.
    let mut town = town_of_anna("A--B--C--D 60s", anna(Span::ZERO, 9, Tier::T0));
    let bound = booked(book(&mut town, "08:00", ("D", "C"), ("08:03", "08:05")));
    town.expect_noted(at("08:00"), answer(bound, true));
    let asked = booked(book(&mut town, "08:00", ("B", "D"), ("08:00", "08:30")));
    let deadline = state(&town).bookings[&asked].ask.expect("it is open").deadline;
    assert_eq!(deadline, at("08:02") - TICK);
    assert_eq!(town.dispatcher.wakeup(), Some(at("08:02")));
    let events = town.take(at("08:02"), &Command::AdvanceClock).events;
    let is_risk = |event: &&Endogenous| matches!(event, Endogenous::PromiseAtRisk { .. });
    assert_eq!(decided(&events).into_iter().find(is_risk), None);
    assert_eq!(state(&town).bookings[&asked].state, BookingState::Unassigned);
    assert!(!state(&town).bookings[&bound].at_risk.any());
}

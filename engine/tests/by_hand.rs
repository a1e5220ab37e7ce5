//! The desk's hand in the plan: moves, unplanned breaks and late starts, small cases one by one. Random days are in
//! `long`, where every suggestion is carried out and every consequence looked at.

mod support;

use mukae_engine::event::Breach;
use mukae_engine::model::{BookingState, Constraint};
use mukae_engine::{Answer, Command, Consequence, Move, MoveTo, Rejection, Subject, Verdict, Work};
use mukae_units::{BookingId, Seats, ShiftId, Span, StopId, TimeWindow};
use support::city::City;
use support::town::{Town, at, policy, service};
use support::volunteers::{FOUR, S1, arrive, book, booked, end_break, report, schedule, state, town, window};

const S2: ShiftId = ShiftId(2);

fn moving(booking: BookingId, to: MoveTo) -> Command {
    Command::Assign { moves: vec![Move { booking, to }] }
}

fn at_end(shift: ShiftId, overrules: bool) -> MoveTo {
    MoveTo::At { shift, before_pickup: None, before_dropoff: None, overrules }
}

fn told(answer: Answer) -> Vec<Consequence> {
    match answer {
        Answer::Changed(told) => told,
        other => panic!("not done: {other:?}"),
    }
}

fn refused(answer: Answer) -> Vec<Constraint> {
    match answer {
        Answer::Rejected(Rejection::MoveRefused { binding, .. }) => binding.iter().map(|one| one.constraint).collect(),
        other => panic!("not refused: {other:?}"),
    }
}

/// Two vehicles at A, the second of them for two.
fn two_vehicles() -> Town {
    let mut town = town("A--B--C--D 60s");
    town.add_vehicle(1, 0, FOUR);
    town.add_vehicle(2, 0, Seats::new(2, 0));
    town
}

#[test]
fn the_desk_moves_a_pinned_rider_and_the_pin_stays() {
    let mut town = two_vehicles();
    let rider = booked(book(&mut town, "08:00", ("B", "D"), ("09:00", "09:10")));
    town.expect_noted(at("08:00"), Command::PinBooking { booking: rider, pinned: true });
    let from = state(&town).bookings[&rider].shift;
    let told = told(town.tell(at("08:01"), moving(rider, MoveTo::Into(S2))));
    assert_eq!(told, [Consequence::Moved { booking: rider, from, to: S2 }]);
    let moved = &state(&town).bookings[&rider];
    assert!(moved.is_pinned && moved.shift == Some(S2));
    town.expect_noted(at("08:02"), Command::CloseShift { shift: S2 });
    assert_eq!(state(&town).bookings[&rider].state, BookingState::Unassigned, "pinned still");
}

#[test]
fn places_on_board_and_frozen_stops_are_never_overruled() {
    let mut town = two_vehicles();
    let request = |town: &Town, party| {
        town.request(1, 3, party, mukae_engine::model::Wish::DepartAfter(window("09:00", "09:10")))
    };
    let first = request(&town, Seats::new(2, 0));
    let first = match town.tell(at("08:00"), Command::Book { request: first.into(), by_hand: None }) {
        Answer::Confirmed(booking) => booking.id,
        other => panic!("{other:?}"),
    };
    told(town.tell(at("08:00"), moving(first, MoveTo::Into(S2))));
    let second = booked(book(&mut town, "08:00", ("B", "D"), ("09:00", "09:10")));
    // with the two of them there is no third place between their pickup and their dropoff
    let stops: Vec<StopId> = state(&town).schedules[&S2].stops().iter().map(|stop| stop.id).collect();
    let among =
        MoveTo::At { shift: S2, before_pickup: Some(stops[1]), before_dropoff: Some(stops[1]), overrules: true };
    assert!(refused(town.tell(at("08:01"), moving(second, among))).contains(&Constraint::Capacity));
    town.expect_noted(at("08:02"), Command::FreezeStops { shift: S2, through: Some(stops[1]) });
    let before =
        MoveTo::At { shift: S2, before_pickup: Some(stops[0]), before_dropoff: Some(stops[0]), overrules: true };
    assert!(refused(town.tell(at("08:02"), moving(second, before))).contains(&Constraint::Frozen));
}

#[test]
fn what_breaks_is_told_limit_by_limit_and_only_if_it_is_wanted() {
    let mut town = two_vehicles();
    let first = booked(book(&mut town, "08:00", ("B", "D"), ("09:00", "09:00")));
    told(town.tell(at("08:00"), moving(first, MoveTo::Into(S1))));
    let second = booked(book(&mut town, "08:00", ("B", "D"), ("09:00", "09:00")));
    told(town.tell(at("08:00"), moving(second, MoveTo::Into(S2))));
    // after the first has been brought to D, B is three minutes past the promise
    let strict = refused(town.tell(at("08:01"), moving(second, at_end(S1, false))));
    assert!(strict.contains(&Constraint::PickupWindow), "{strict:?}");
    let told = told(town.tell(at("08:01"), moving(second, at_end(S1, true))));
    let late = |one: &Consequence| match *one {
        Consequence::Breaks { booking, breach: Breach::PickupLate { predicted, promised } } if booking == second => {
            Some(predicted - promised)
        }
        _ => None,
    };
    assert_eq!(told.iter().find_map(late), Some(Span::from_mins(4)), "{told:?}");
    assert!(state(&town).bookings[&second].at_risk.pickup && !state(&town).bookings[&first].at_risk.any());
}

#[test]
fn what_is_left_to_staff_is_left_alone_until_it_is_let_go() {
    let mut town = two_vehicles();
    let rider = booked(book(&mut town, "08:00", ("B", "D"), ("09:00", "09:10")));
    let told = told(town.tell(at("08:00"), moving(rider, MoveTo::Nowhere)));
    assert_eq!(told, [Consequence::Unassigned { booking: rider }]);
    town.expect_noted(at("08:05"), Command::AdvanceClock);
    assert_eq!(state(&town).bookings[&rider].shift, None, "though both vehicles could take it");
    town.expect_noted(at("08:06"), Command::PinBooking { booking: rider, pinned: false });
    town.expect_noted(at("08:07"), Command::AdvanceClock);
    assert!(state(&town).bookings[&rider].shift.is_some());
}

#[test]
fn a_list_is_done_whole_or_not_at_all() {
    let mut town = two_vehicles();
    let rider = booked(book(&mut town, "08:00", ("B", "D"), ("09:00", "09:10")));
    let before = state(&town).clone();
    let two = |second: Move| Command::Assign { moves: vec![Move { booking: rider, to: MoveTo::Nowhere }, second] };
    let unknown = Move { booking: BookingId(99), to: MoveTo::Nowhere };
    assert_eq!(town.tell(at("08:00"), two(unknown)), Answer::Rejected(Rejection::UnknownBooking(BookingId(99))));
    let twice = Move { booking: rider, to: MoveTo::Into(S1) };
    assert_eq!(town.tell(at("08:00"), two(twice)), Answer::Rejected(Rejection::BadMoves));
    assert_eq!(town.tell(at("08:00"), Command::Assign { moves: vec![] }), Answer::Rejected(Rejection::BadMoves));
    let nowhere = moving(rider, MoveTo::Into(ShiftId(77)));
    assert_eq!(town.tell(at("08:00"), nowhere), Answer::Rejected(Rejection::UnknownShift(ShiftId(77))));
    assert_eq!(*state(&town), before);
}

#[test]
fn a_suggestion_tells_whom_it_delays_and_how_much_is_left() {
    let mut town = town("A--B--C--D 60s");
    town.add_vehicle(1, 0, FOUR);
    let first = booked(book(&mut town, "08:00", ("B", "D"), ("08:00", "08:20")));
    let rider = booked(book(&mut town, "08:00", ("C", "D"), ("08:30", "08:40")));
    let suggested = town.dispatcher.suggest(at("08:00"), Subject::Booking(rider), &mut Work::new(&mut town.city));
    let suggested = suggested.expect("it can be moved");
    let (only, fit) = suggested.best().expect("where it is, it fits");
    assert_eq!((only.shift, fit.terms.iter().map(|term| term.cost()).sum::<i64>()), (S1, fit.cost));
    // from A to D before the first rider boards, who is fetched and brought four minutes later for it
    let request = town.request(0, 3, FOUR, mukae_engine::model::Wish::DepartAfter(window("08:00", "08:01")));
    let work = &mut Work::new(&mut town.city);
    let suggested = town.dispatcher.suggest(at("08:00"), Subject::Request(&request), work).expect("it can be asked");
    let Verdict::Fits(fit) = &suggested.candidates[0].verdict else { panic!("{suggested:#?}") };
    let delays: Vec<_> =
        fit.delays.iter().map(|delay| (delay.booking, delay.is_pickup, delay.by, delay.slack)).collect();
    let minutes = Span::from_mins;
    assert_eq!(delays, [(Some(first), true, minutes(4), minutes(6)), (Some(first), false, minutes(4), minutes(10))]);
    assert_eq!((suggested.candidates.len(), suggested.idle.len(), fit.driving), (1, 0, minutes(4)));
}

fn rest(town: &Town, shift: ShiftId, window: TimeWindow, minutes: i64) -> Command {
    Command::InterruptShift { shift, place: town.city.spot(0), window, length: Span::from_mins(minutes) }
}

#[test]
fn a_driver_rests_when_nobody_is_on_board_and_late_riders_change_vehicles() {
    let mut town = town("A--B--C--D 60s");
    town.add_vehicle(1, 0, FOUR);
    let rider = booked(book(&mut town, "08:00", ("B", "D"), ("08:10", "08:10")));
    town.add_vehicle_at(at("08:00"), 2, 0, FOUR, mukae_engine::model::Terms::OPEN);
    let rests = rest(&town, S1, window("08:05", "08:05"), 30);
    let answer = told(town.tell(at("08:00"), rests));
    assert_eq!(answer, [Consequence::Moved { booking: rider, from: Some(S1), to: S2 }]);
    let plan = &schedule(&town).plan;
    assert!(plan.stops.len() == 1 && plan.stops[0].is_break());
    assert_eq!(schedule(&town).timeline(at("08:00")).stops[0].start, at("08:05"));
    report(&mut town, "08:05", arrive);
    report(&mut town, "08:35", end_break);
    assert!(schedule(&town).stops().is_empty());
    // where no road leads, or what is over, is no place to rest
    let past = rest(&town, S1, window("08:00", "08:10"), 10);
    assert_eq!(town.tell(at("08:40"), past), Answer::Rejected(Rejection::BreaksDoNotFit(S1)));
    let long = rest(&town, S1, window("08:40", "08:50"), 24 * 60);
    assert_eq!(town.tell(at("08:40"), long), Answer::Rejected(Rejection::BreaksDoNotFit(S1)));
}

#[test]
fn who_is_on_board_is_brought_before_the_rest_which_is_told_late() {
    let mut town = town("A--B--C--D 60s");
    town.add_vehicle(1, 0, FOUR);
    let rider = booked(book(&mut town, "08:00", ("B", "D"), ("08:10", "08:10")));
    report(&mut town, "08:10", arrive);
    town.expect_noted(at("08:10"), Command::Board { booking: rider, at: at("08:10") });
    let rests = rest(&town, S1, window("08:10", "08:10"), 10);
    let answer = told(town.tell(at("08:10"), rests));
    // two minutes to D, three back to A
    let late =
        Consequence::BreakLate { shift: S1, id: mukae_units::BreakId(0), predicted: at("08:15"), latest: at("08:10") };
    assert_eq!(answer, [late]);
    assert!(schedule(&town).stops()[0].is_dropoff() && schedule(&town).stops()[1].is_break());
}

#[test]
fn a_late_start_moves_riders_and_can_be_taken_back() {
    let mut town = Town::new(City::draw("A--B--C--D 60s"), policy(), service());
    for number in [1, 2] {
        town.register(number, FOUR, mukae_engine::model::Terms::OPEN);
        town.add_shift(number, number, 0, window("08:00", "18:00"));
    }
    let rider = booked(book(&mut town, "07:00", ("B", "D"), ("09:00", "09:10")));
    let shift = state(&town).bookings[&rider].shift.expect("a vehicle");
    let other = if shift == S1 { S2 } else { S1 };
    let late = |start: &str| Command::DelayShift { shift, start: at(start) };
    let answer = told(town.tell(at("07:30"), late("10:00")));
    assert_eq!(answer, [Consequence::Moved { booking: rider, from: Some(shift), to: other }]);
    let delayed = &state(&town).schedules[&shift];
    assert_eq!((delayed.shift.window.earliest(), delayed.timeline(at("07:30")).finish), (at("10:00"), at("10:00")));
    told(town.tell(at("07:40"), late("08:30")));
    told(town.tell(at("07:40"), moving(rider, MoveTo::Into(shift))));
    for wrong in ["07:30", "18:01"] {
        let answer = town.tell(at("07:40"), late(wrong));
        assert!(matches!(answer, Answer::Rejected(Rejection::StartOutside { .. })), "{answer:?}");
    }
    town.expect_noted(at("08:40"), Command::OpenShift { shift, at: at("08:40") });
    assert_eq!(town.tell(at("08:40"), late("09:00")), Answer::Rejected(Rejection::ShiftAlreadyOpen(shift)));
}

//! From one shift of a vehicle to its next: small cases of who is late there, and who is not.

mod support;

use mukae_engine::model::Wish;
use mukae_engine::schedule::Whereabouts;
use mukae_engine::{Answer, Command, State};
use mukae_units::{BookingId, Seats, ShiftId, Span, Time, TimeWindow};
use support::city::City;
use support::town::{Town, at, midnight, policy, service};

const ONE: Seats = Seats::new(1, 0);
const FOUR: Seats = Seats::new(4, 0);
const FIRST: ShiftId = ShiftId(1);
const SECOND: ShiftId = ShiftId(2);
const THIRD: ShiftId = ShiftId(3);
const TICK: Span = Span::from_millis(1);

fn window(from: &str, to: &str) -> TimeWindow {
    TimeWindow::new(at(from), at(to)).expect("in order")
}

/// One vehicle and its shifts, one after the other, each at the node it says.
fn town(picture: &str, shifts: &[(&str, &str, &str)]) -> Town {
    let mut town = Town::new(City::draw(picture), policy(), service());
    town.register(1, FOUR, mukae_engine::model::Terms::OPEN);
    for (number, (node, from, to)) in (1..).zip(shifts) {
        let node = town.city.node(node);
        town.add_shift(number, 1, node, window(from, to));
    }
    town.expect_noted(at("08:00"), Command::OpenShift { shift: FIRST, at: at("08:00") });
    town
}

fn state(town: &Town) -> &State {
    town.dispatcher.state()
}

/// From when on the vehicle of a shift is predicted to be there.
fn since(town: &Town, shift: ShiftId) -> Time {
    match state(town).schedules[&shift].plan.whereabouts {
        Whereabouts::Waiting { since, .. } => since,
        Whereabouts::Repositioning { departed, leg, .. } => departed + leg,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn book(town: &mut Town, (from, to): (&str, &str), wish: (&str, &str)) -> BookingId {
    let wish = Wish::DepartAfter(window(wish.0, wish.1));
    let request = town.request(town.city.node(from), town.city.node(to), ONE, wish);
    match town.tell(at("08:00"), Command::Book { request: request.into(), by_hand: None }) {
        Answer::Confirmed(booking) => booking.id,
        other => panic!("{other:?}"),
    }
}

/// Stands at the first stop of the first shift.
fn arrive(town: &mut Town, now: &str) {
    let stop = state(town).schedules[&FIRST].next_stop().expect("it has something to do").id;
    town.expect_noted(at(now), Command::Arrive { shift: FIRST, stop, at: at(now) });
}

/// A morning shift went on past noon and past a short shift without riders; the riders of the afternoon were told
/// nothing. A shift with nothing to do hands on what it was handed.
#[test]
fn lateness_is_handed_on_through_a_shift_without_riders() {
    let shifts = [("A", "08:00", "12:00"), ("A", "12:00", "12:15"), ("A", "12:15", "16:00")];
    let mut town = town("A--B--C--D 600s", &shifts);
    book(&mut town, ("B", "C"), ("11:10", "11:20"));
    let afternoon = book(&mut town, ("A", "B"), ("12:15", "12:20"));
    assert_eq!(state(&town).bookings[&afternoon].shift, Some(THIRD));
    arrive(&mut town, "11:58"); // at A again at 12:28
    assert_eq!([SECOND, THIRD].map(|shift| since(&town, shift)), [at("12:28"); 2]);
    assert!(state(&town).bookings[&afternoon].at_risk.pickup);
}

/// The shift between a late one and the riders after it was closed, and for those the vehicle was taken to be there in
/// time. Who is late is whoever is still at work before them.
#[test]
fn a_shift_that_ends_hands_on_the_lateness_of_the_one_before_it() {
    let shifts = [("A", "08:00", "12:00"), ("A", "12:00", "12:15"), ("A", "12:15", "16:00")];
    let mut town = town("A--B--C--D 600s", &shifts);
    book(&mut town, ("B", "C"), ("11:10", "11:20"));
    let afternoon = book(&mut town, ("A", "B"), ("12:15", "12:20"));
    arrive(&mut town, "11:58");
    town.expect_noted(at("11:59"), Command::CloseShift { shift: SECOND });
    assert_eq!(since(&town, THIRD), at("12:28"));
    assert!(state(&town).bookings[&afternoon].at_risk.pickup);
}

/// The morning's driver never signed on, and riders were still planned for that shift past noon; then the afternoon's
/// driver stood at the start and signed on, and the vehicle counted as half an hour away. Who signs on is there.
#[test]
fn who_signs_on_is_there() {
    let mut town = Town::new(City::draw("A--B--C--D 600s"), policy(), service());
    town.register(1, FOUR, mukae_engine::model::Terms::OPEN);
    town.add_shift(1, 1, 0, window("08:00", "12:00"));
    town.add_shift(2, 1, 0, window("12:00", "16:00"));
    book(&mut town, ("B", "C"), ("11:00", "11:20"));
    let afternoon = book(&mut town, ("A", "B"), ("12:00", "12:05"));
    town.expect_noted(at("11:55"), Command::AdvanceClock);
    assert!(state(&town).bookings[&afternoon].at_risk.pickup, "nobody has left for B yet");
    town.expect_noted(at("11:56"), Command::OpenShift { shift: SECOND, at: at("11:56") });
    assert_eq!(since(&town, SECOND), at("12:00"));
    assert!(!state(&town).bookings[&afternoon].at_risk.pickup);
}

/// A morning shift ends at one end of the valley and the next begins at the other. Its vehicle stood still and said
/// nothing, and the riders of the next shift heard of it only when the end of the first alone was later than their start,
/// the way between forgotten. They hear of it when it is a minute more than was known.
#[test]
fn the_way_between_two_shifts_counts_while_nothing_is_reported() {
    let mut town = Town::new(City::draw("A--B--C--D 600s"), policy(), service());
    town.register(1, FOUR, mukae_engine::model::Terms::OPEN);
    town.add_shift(1, 1, 0, window("08:00", "12:00"));
    town.add_shift(2, 1, 3, window("12:30", "16:00")); // half an hour from A
    town.expect_noted(midnight().max(at("08:00")), Command::OpenShift { shift: FIRST, at: at("08:00") });
    book(&mut town, ("B", "C"), ("11:20", "11:21")); // B at 11:20, C at 11:30, A at 11:50, D at 12:20
    let afternoon = book(&mut town, ("D", "C"), ("12:30", "12:31"));
    arrive(&mut town, "11:20");
    // every minute at B from now on is one at D: from 11:30 on the vehicle is late there
    let woken = at("11:31") + TICK;
    loop {
        let due = town.dispatcher.wakeup().expect("there is something to come");
        if woken <= due {
            assert_eq!(due, woken);
            break;
        }
        town.expect_noted(due, Command::AdvanceClock);
        assert_eq!(since(&town, SECOND), at("12:30"));
    }
    town.expect_noted(woken, Command::AdvanceClock);
    assert_eq!(since(&town, SECOND), at("12:31") + TICK);
    assert!(state(&town).bookings[&afternoon].at_risk.pickup);
}

//! Breaks of drivers: small cases at the boundaries; random days are in `insertion.rs` and `wild.rs`.

mod support;

use mukae_engine::model::{Constraint, Wish};
use mukae_engine::{Answer, Command, Endogenous, Placement, Rejection};
use mukae_units::{BreakId, Span};
use support::city::City;
use support::town::{Town, at, policy, service};
use support::volunteers::{
    FOUR, ONE, S1, TICK, arrive, binds, book, booked, decided, end_break, refused, report, rest, rests, schedule, town,
    town_with_breaks, window,
};

#[test]
fn breaks_are_planned_with_the_shift_and_move_only_inside_their_window() {
    let mut town = town_with_breaks("A--B--C--D 60s", &[("12:00", "12:10"), ("15:00", "15:00")]);
    assert_eq!(rests(&town, "07:00"), [at("12:00"), at("15:00")]);
    // B at 12:06, C, and home at 12:09
    booked(book(&mut town, "08:00", ("B", "C"), ("12:06", "12:06")));
    assert_eq!(rests(&town, "08:00"), [at("12:09"), at("15:00")]);
    // C at 12:08 and D at 12:09 would make it 12:12
    let late = refused(book(&mut town, "08:00", ("C", "D"), ("12:08", "12:08")));
    assert_eq!(late, binds(Constraint::BreakWindow, Span::from_mins(2)));
    assert_eq!(
        refused(book(&mut town, "08:00", ("D", "B"), ("14:59", "14:59")))[0].constraint,
        Constraint::BreakWindow
    );
    booked(book(&mut town, "08:00", ("B", "C"), ("12:40", "12:41")));
    assert_eq!(rests(&town, "08:00"), [at("12:09"), at("15:00")]);
}

#[test]
fn nobody_is_on_board_during_a_break() {
    // half an hour's ride around a break of half an hour: the ride limit would allow it
    let mut service = service();
    service.ride.extra = Span::HOUR * 2;
    service.ride.max = Span::HOUR * 4;
    let mut town = Town::new(City::draw("A--B--C--D 600s"), policy(), service);
    let breaks = rest(&town, &[("12:00", "12:00")]);
    town.add_vehicle_with(1, 0, FOUR, |shift| shift.breaks = breaks);
    let request = town.request(3, 0, ONE, Wish::DepartAfter(window("11:35", "11:36")));
    assert!(matches!(town.tell(at("08:00"), Command::Quote(request.clone().into())), Answer::Refused(_)));
    // by hand, around the break: the rule has a name
    let by_hand = Some(Placement { shift: S1, pickup_idx: 0, dropoff_idx: 1, overrules: false });
    let request = town.request(1, 2, ONE, Wish::DepartAfter(window("11:00", "11:01")));
    let binding = refused(town.tell(at("08:00"), Command::Book { request: request.into(), by_hand }));
    assert!(binding.contains(&Constraint::BreakOnBoard.into()), "{binding:?}");
}

#[test]
fn a_break_is_reported_like_a_stop_and_told_when_it_is_overdue() {
    let mut town = town_with_breaks("A--B--C--D 60s", &[("12:00", "12:10"), ("15:00", "15:10")]);
    let stop = schedule(&town).next_stop().expect("a break").id;
    let early = town.tell(at("11:50"), end_break(stop, at("11:50")));
    assert_eq!(early, Answer::Rejected(Rejection::NotArrived { shift: S1, stop }));

    // nothing is reported: woken when it breaks, told once, and not moved
    let due = at("12:10") + TICK;
    assert_eq!(town.dispatcher.wakeup(), Some(due));
    let events = town.take(due, &Command::AdvanceClock).events;
    let expected = Endogenous::BreakAtRisk { shift: S1, id: BreakId(0), predicted: due, latest: at("12:10") };
    assert_eq!(decided(&events), [&expected]);
    assert_eq!(decided(&town.take(at("12:11"), &Command::AdvanceClock).events), Vec::<&Endogenous>::new());
    assert_eq!(schedule(&town).stops()[0].latest(), at("12:10"));

    // it was taken in time after all
    let now = at("12:12");
    let events = town.take(now, &Command::Arrive { shift: S1, stop, at: at("12:05") }).events;
    assert!(decided(&events).is_empty() || matches!(decided(&events)[..], [Endogenous::BreakRestored { .. }]));
    report(&mut town, "12:36", end_break);
    assert_eq!(rests(&town, "12:36"), [at("15:00")]);
    assert_eq!(town.dispatcher.wakeup(), Some(at("15:10") + TICK));
}

#[test]
fn a_stop_that_is_no_break_is_not_ended_as_one() {
    let mut town = town_with_breaks("A--B--C--D 60s", &[("15:00", "15:10")]);
    booked(book(&mut town, "08:00", ("B", "C"), ("08:10", "08:20")));
    report(&mut town, "08:10", arrive);
    let stop = schedule(&town).next_stop().expect("a pickup").id;
    let answer = town.tell(at("08:11"), end_break(stop, at("08:11")));
    assert_eq!(answer, Answer::Rejected(Rejection::NotABreak { shift: S1, stop }));
}

#[test]
fn a_shift_whose_breaks_can_not_be_taken_is_not_planned() {
    for windows in [
        &[("12:00", "12:10"), ("12:05", "12:20")][..], // the second would begin at 12:30
        &[("12:00", "12:10"), ("09:00", "11:00")],     // out of order
        &[("21:40", "21:50")],                         // not over when the shift is
    ] {
        let mut town = town("A--B--C--D 60s");
        let breaks = rest(&town, windows);
        let answer = town.add_vehicle_with(1, 0, FOUR, |shift| shift.breaks = breaks);
        assert_eq!(answer, Answer::Rejected(Rejection::BreaksDoNotFit(S1)), "{windows:?}");
    }
    let mut town = town("A--B--C--D 60s");
    let mut breaks = rest(&town, &[("12:00", "12:10"), ("15:00", "15:10")]);
    breaks[1].id = breaks[0].id;
    let answer = town.add_vehicle_with(1, 0, FOUR, |shift| shift.breaks = breaks);
    assert_eq!(answer, Answer::Rejected(Rejection::BreaksDoNotFit(S1)));
}

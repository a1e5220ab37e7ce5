//! Small stories in drawn cities.

mod support;

use mukae_engine::model::{Constraint, Wish};
use mukae_engine::{Answer, Command, Endogenous, Event, Placement};
use mukae_units::{Seats, ShiftId, TimeWindow};
use support::city::City;
use support::script::check;
use support::town::{Town, at, policy, service};

const LINE: &str = "A--B--C--D 60s";

#[test]
fn second_rider_fits_before_first_dropoff() {
    check(
        LINE,
        "v1 at A 4
         08:00 r1 B->D from 08:00 to 08:30
         08:00 r2 C->D from 08:00 to 08:30",
        "v1: +r1@B +r2@C -r2@D -r1@D",
    );
}

#[test]
fn a_full_vehicle_takes_one_party_after_the_other() {
    check(
        LINE,
        "v1 at A 1
         08:00 r1 B->D from 08:00 to 08:30
         08:00 r2 B->C from 08:00 to 08:30",
        "v1: +r2@B -r2@C +r1@B -r1@D",
    );
}

#[test]
fn refusals_name_what_binds() {
    check(
        LINE,
        "v1 at A 2
         08:00 r1 B->D 3 seats
         08:00 r2 B->D 1w
         08:00 r3 C->D from 08:00 to 08:01
         08:00 r4 B->D from 21:58 to 22:30
         08:00 r5 B->D from 23:00 to 23:30
         08:00 r6 B->D from 07:00 to 07:30",
        "r1 refused: PartySize
         r2 refused: PartySize
         r3 refused: PickupWindow by 0:01:00
         r4 refused: ShiftEnd by 0:03:00
         r5 refused: NoShift
         r6 refused: WindowPast
         v1:",
    );
}

#[test]
fn one_way_streets_refuse_with_no_road() {
    check("A->B->C 60s", "v1 at A 2\n08:00 r1 C->A", "r1 refused: NoRoad\nv1:");
}

#[test]
fn a_promise_already_made_binds() {
    // r1 waits at C until 08:06 at the latest. Taking r2 to E first would be 08:15 at C; after r1 it
    // is far too late for r2.
    check(
        "A--B--C--D--E 300s",
        "v1 at D 4
         08:00 r1 C->A from 08:05 to 08:06
         08:00 r2 D->E from 08:00 to 08:00",
        "r2 refused: OthersPromise by 0:09:00
         v1: +r1@C -r1@A",
    );
}

#[test]
fn arrive_by_is_picked_up_in_time_and_not_hours_before() {
    check(
        LINE,
        "v1 at A 4
         07:00 r1 B->D from 08:45 by 09:00
         07:00 r2 B->C from 07:05 to 07:15",
        "v1: +r2@B -r2@C +r1@B -r1@D",
    );
}

#[test]
fn arrive_by_means_shortly_before_and_earlier_only_if_nothing_else_fits() {
    // r1 may arrive from 08:00 on but is brought for 09:00; r2 can only be fitted in before that.
    check(
        LINE,
        "v1 at A 4
         07:00 r1 A->D from 08:00 by 09:00
         07:00 r2 A->D from 08:50 to 08:55
         07:00 clock",
        "v1: +r2@A +r1@A -r2@D -r1@D",
    );
    check(
        LINE,
        "v1 at A 1
         07:00 r2 D->A from 08:50 to 08:58
         07:00 r1 A->D from 08:00 by 09:00",
        "v1: +r1@A -r1@D +r2@D -r2@A",
    );
}

#[test]
fn a_vehicle_under_way_is_turned_at_its_next_decision_point() {
    check(
        LINE,
        "v1 at A 4
         08:00 r1 D->C from 08:00 to 08:30
         08:00 v1 departs
         08:00:30 r2 B->C from 08:00 to 08:03",
        "v1: +r2@B -r2@C +r1@D -r1@C",
    );
}

#[test]
fn an_absent_rider_frees_the_seat_only_after_the_wait_that_was_promised() {
    check(
        LINE,
        "v1 at A 4
         08:00 r1 B->D from 08:05 to 08:30
         08:04 v1 departs
         08:05 v1 arrives
         08:06 r1 absent
         08:08 r1 absent",
        "r1 absent rejected: TooEarlyForNoShow { from: 1779955680000ms }
         v1:",
    );
}

#[test]
fn closing_a_shift_moves_its_riders_or_says_who_is_left() {
    check(
        LINE,
        "v1 at A 4
         v2 at D 1
         08:00 r1 B->C from 09:00 to 09:01
         08:00 r2 B->C from 09:00 to 09:01
         08:10 v1 closes",
        "r2 unassigned
         v2: +r1@B -r1@C",
    );
}

#[test]
fn a_shift_cannot_close_with_riders_on_board() {
    check(
        LINE,
        "v1 at A 4
         08:00 r1 B->D
         08:00 v1 departs
         08:01 v1 arrives
         08:01 r1 boards
         08:01 r1 cancels
         08:02 v1 closes",
        "r1 cancels rejected: WrongState { booking: b1, state: Boarded }
         v1 closes rejected: RidersOnBoard(sh1)
         v1: -r1@D",
    );
}

#[test]
fn a_silent_driver_puts_promises_at_risk_and_a_position_restores_them() {
    check(
        LINE,
        "v1 at A 4
         08:00 r1 D->C from 08:00 to 08:05
         08:00 v1 departs
         08:05:01 clock
         08:06 clock
         08:06 v1 seen at C",
        "r1 at risk
         v1: +r1@D -r1@C",
    );
    check(
        LINE,
        "v1 at A 4
         08:00 r1 D->C from 08:00 to 08:10
         08:09:30 clock
         08:09:40 v1 seen at D",
        "r1 at risk
         r1 restored
         v1: +r1@D -r1@C",
    );
}

#[test]
fn nothing_waits_with_riders_on_board() {
    // r2 is not to be picked up before 08:20, so r1 is driven on first.
    check(
        LINE,
        "v1 at A 4
         08:00 r1 B->D from 08:00 to 08:05
         08:00 r2 C->D from 08:20 to 08:30",
        "v1: +r1@B -r1@D +r2@C -r2@D",
    );
}

/// A dispatcher may overrule promised times, and is told what breaks; never the number of places.
#[test]
fn a_dispatcher_overrules_times_and_not_places() {
    let mut town = Town::new(City::draw("A--B--C--D--E 300s"), policy(), service());
    town.add_vehicle(1, 3, Seats::new(2, 0));
    let request = |town: &Town, from, to, party, from_time, to_time| {
        let window = TimeWindow::new(at(from_time), at(to_time)).expect("in order");
        town.request(from, to, Seats::new(party, 0), Wish::DepartAfter(window))
    };
    let now = at("08:00");
    let first = request(&town, 2, 0, 1, "08:05", "08:06");
    let answer = town.tell(now, Command::Book { request: first.into(), by_hand: None });
    assert!(matches!(answer, Answer::Confirmed(_)), "{answer:?}");

    let by_hand =
        |pickup_idx, dropoff_idx, overrules| Some(Placement { shift: ShiftId(1), pickup_idx, dropoff_idx, overrules });
    let second = request(&town, 3, 4, 1, "08:00", "08:10");
    let command = Command::Book { request: second.clone().into(), by_hand: by_hand(0, 0, false) };
    let Answer::Refused(refusal) = town.tell(now, command) else { panic!("it makes the first rider late") };
    assert_eq!(refusal.binding[0].constraint, Constraint::OthersPromise);

    let decision = town.take(now, &Command::Book { request: second.into(), by_hand: by_hand(0, 0, true) });
    assert!(matches!(decision.answer, Answer::Confirmed(_)), "{:?}", decision.answer);
    let is_told = |event: &Event| matches!(event, Event::Endogenous(Endogenous::PromiseAtRisk { .. }));
    assert!(decision.events.iter().any(is_told), "who is late because of it is told: {:?}", decision.events);

    let crowd = request(&town, 2, 0, 2, "08:05", "08:30");
    let command = Command::Book { request: crowd.into(), by_hand: by_hand(3, 4, true) };
    let Answer::Refused(refusal) = town.tell(now, command) else { panic!("there are two seats, one of them taken") };
    assert!(refusal.binding.iter().any(|binding| binding.constraint == Constraint::Capacity), "{refusal:?}");
}

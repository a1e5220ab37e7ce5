//! Small stories of a world that differs from the plan: roads close, vehicles break down, drivers choose for
//! themselves.

mod support;

use mukae_engine::model::{BookingState, CancelReason, Wish};
use mukae_engine::{Answer, Command};
use mukae_units::{Seats, ShiftId, Span, TimeWindow};
use support::city::City;
use support::script::check;
use support::town::{Town, at, policy, service};

const LINE: &str = "A--B--C--D 60s";

#[test]
fn a_closed_road_moves_who_would_be_late_and_can_be_in_time_elsewhere() {
    // v1 can not come any more; v2, beyond the closure, can.
    check(
        "A--B--C--D--E 60s",
        "v1 at A 4
         v2 at E 4
         08:00 r1 B->D from 08:30 to 08:40
         08:01 B-C closes",
        "r1 unassigned
         v1:
         v2:",
    );
    check(
        "A--B--C--D--E 60s",
        "v1 at A 4
         v2 at E 4
         08:00 r1 C->D from 08:30 to 08:40
         08:00 r2 C->B from 08:30 to 08:40
         08:01 A-B closes",
        "v1:
         v2: +r2@C +r1@C -r2@B -r1@D",
    );
}

#[test]
fn who_is_on_board_and_cut_off_is_at_risk_and_the_others_are_seen_to() {
    check(
        LINE,
        "v1 at A 4
         v2 at A 4
         08:00 r1 A->D from 08:00 to 08:10
         08:00 v1 arrives
         08:00 r1 boards
         08:00 r2 B->A from 08:20 to 08:30
         08:01 C-D closes",
        "r1 at risk
         r1 at risk
         v1: -r1@D
         v2: +r2@B -r2@A",
    );
}

#[test]
fn a_road_that_opens_again_restores_the_promise() {
    check(
        LINE,
        "v1 at A 4
         08:00 r1 A->D from 08:00 to 08:10
         08:00 v1 arrives
         08:00 r1 boards
         08:01 C-D closes
         08:02 C-D reopens",
        "r1 at risk
         r1 at risk
         r1 restored
         r1 restored
         v1: -r1@D",
    );
}

#[test]
fn a_vehicle_under_way_when_its_road_closes_goes_on_from_the_next_junction() {
    // It has passed A-B, so that closing it behind the vehicle changes nothing for who waits at D.
    check(
        LINE,
        "v1 at A 4
         08:00 r1 D->C from 08:00 to 08:04
         08:00 v1 departs
         08:01:30 A-B closes
         08:03:30 v1 arrives
         08:03:30 r1 boards",
        "v1: -r1@C",
    );
}

/// Also before anybody has told that the roads changed.
#[test]
fn cancelling_goes_on_where_no_road_does() {
    let mut town = Town::new(City::draw("A--B--C--D 60s"), policy(), service());
    town.add_vehicle(1, 0, Seats::new(4, 0));
    let mut book = |from, to, hour: &str| {
        let window = TimeWindow::new(at(hour), at(hour) + Span::from_mins(10)).expect("in order");
        let request = town.request(from, to, Seats::new(1, 0), Wish::DepartAfter(window));
        match town.tell(at("08:00"), Command::Book { request: request.into(), by_hand: None }) {
            Answer::Confirmed(booking) => booking.id,
            other => panic!("{other:?}"),
        }
    };
    let (first, second) = (book(1, 0, "09:00"), book(3, 2, "10:00"));
    town.city = town.city.without("B", "C");
    let cancel = Command::CancelBooking { booking: first, reason: CancelReason::Rider };
    assert!(matches!(town.tell(at("08:01"), cancel), Answer::Cancelled(_)));
    let state = town.dispatcher.state();
    assert_eq!(state.bookings[&second].state, BookingState::Unassigned, "nobody can come, and staff knows");
    assert!(!state.schedules[&ShiftId(1)].plan.lacks_road());
}

#[test]
fn riders_of_a_broken_vehicle_are_fetched_from_where_they_are() {
    check(
        LINE,
        "v1 at A 4
         v2 at D 4
         08:00 r1 A->D from 08:00 to 08:10
         08:00 r2 B->C from 08:30 to 08:40
         08:00 v1 arrives
         08:00 r1 boards
         08:01 v1 breaks at B",
        "r1 stranded
         v2: +r1@B -r1@D +r2@B -r2@C",
    );
}

#[test]
fn a_stranded_rider_whom_nobody_can_fetch_yet_is_not_dropped() {
    check(
        LINE,
        "v1 at A 4
         08:00 r1 A->D from 08:00 to 08:10
         08:00 v1 arrives
         08:00 r1 boards
         08:01 v1 breaks at B
         20:00 clock
         20:01 v2 at D 4
         20:01 clock",
        "r1 stranded
         v2: +r1@B -r1@D",
    );
}

#[test]
fn the_ride_of_a_stranded_rider_counts_from_the_first_boarding() {
    // Direct is three minutes, so a ride may take thirteen; v2 comes to B at 08:22.
    check(
        "A--B--C--D 60s",
        "v1 at A 4
         08:00 r1 A->D from 08:00 to 08:30
         08:00 v1 arrives
         08:00 r1 boards
         08:12 v2 at A 4
         08:12 v1 breaks at B",
        "r1 stranded
         r1 at risk
         v2: +r1@B -r1@D",
    );
}

#[test]
fn the_stop_a_vehicle_drives_to_can_be_cancelled() {
    check(
        LINE,
        "v1 at A 4
         08:00 r1 D->C from 08:00 to 08:30
         08:00 r2 B->A from 08:20 to 08:30
         08:00 v1 departs
         08:00:30 r1 cancels
         08:01 v1 arrives",
        "v1: +r2@B -r2@A",
    );
}

#[test]
fn parties_of_one_stop_board_in_any_order() {
    check(
        LINE,
        "v1 at A 4
         08:00 r1 B->D from 08:00 to 08:30
         08:00 r2 B->D from 08:00 to 08:30
         08:00 r3 B->C from 08:00 to 08:30
         08:01 v1 arrives
         08:01 r3 boards
         08:01 r2 boards
         08:02 v1 arrives
         08:02 r1 boards",
        "v1 arrives rejected: AlreadyUnderWay { shift: sh1 }
         v1: -r3@C -r2@D -r1@D",
    );
}

#[test]
fn nobody_boards_before_there_is_room() {
    // r1 leaves the only seat at C, where r2 takes it.
    check(
        LINE,
        "v1 at A 1
         08:00 r1 A->C from 08:00 to 08:30
         08:00 r2 C->D from 08:00 to 08:30
         08:00 v1 arrives
         08:00 r1 boards
         08:02 v1 arrives
         08:02 r2 boards
         08:02 r1 alights
         08:02 r2 boards",
        "r2 boards rejected: NotNext { shift: sh1, next: Some(st2) }
         v1: -r2@D",
    );
}

#[test]
fn a_driver_may_choose_another_order() {
    // Planned is r1 first; the driver comes to r2 and is believed.
    check(
        LINE,
        "v1 at A 4
         08:00 r1 B->D from 08:00 to 08:30
         08:00 r2 C->D from 08:00 to 08:30
         08:02 v1 arrives at r2
         08:02 r2 boards",
        "v1: +r1@B -r2@D -r1@D",
    );
}

#[test]
fn nobody_is_brought_before_boarding() {
    check(
        LINE,
        "v1 at A 1
         08:00 r1 B->D from 08:00 to 08:30
         08:00 r2 B->C from 08:00 to 08:30
         08:01 v1 arrives at r1",
        "v1 arrives at r1 rejected: NotNext { shift: sh1, next: Some(st3) }
         v1: +r2@B -r2@C +r1@B -r1@D",
    );
}

#[test]
fn an_arrival_needs_no_departure() {
    check(
        LINE,
        "v1 at A 4
         08:00 r1 B->D
         08:01 v1 arrives
         08:01 r1 boards
         08:03 v1 arrives
         08:03 r1 alights",
        "v1:",
    );
}

#[test]
fn who_comes_early_waits_for_the_window() {
    // The vehicle is there ten minutes early; the rider has the whole window, and is not a no-show before.
    check(
        LINE,
        "v1 at A 4
         08:00 r1 B->D from 08:20 to 08:30
         08:05 v1 arrives
         08:15 r1 absent
         08:22 r1 boards",
        "r1 absent rejected: TooEarlyForNoShow { from: 1779956580000ms }
         v1: -r1@D",
    );
}

#[test]
fn a_late_stop_limits_at_its_predicted_time_and_its_vehicle_stays_usable() {
    // r1 is late whatever happens. r2 is taken on the way after; r3, who would delay r1, is not.
    check(
        "A--B--C--D--E 120s",
        "v1 at B 4
         08:00 r1 C->D from 08:00 to 08:05
         08:09 clock
         08:09 r2 D->E from 08:09 to 08:30
         08:09 r3 A->B from 08:09 to 08:11",
        "r1 at risk
         r3 refused: OthersPromise by 0:04:00
         v1: +r1@C +r2@D -r1@D -r2@E",
    );
}

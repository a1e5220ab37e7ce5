//! What staff have fixed: pins and freezes, and what the audit says of those; random days are in `insertion.rs` and `wild.rs`.

mod support;

use std::sync::Arc;

use mukae_engine::model::{Constraint, Wish};
use mukae_engine::schedule::audit::{Fault, audit, audit_frozen};
use mukae_engine::schedule::{Plan, Task};
use mukae_engine::{Answer, Command, Placement, Rejection};
use mukae_units::{BreakId, Metres, ShiftId, Span, StopId, Time, TimeWindow, TravelTime};
use support::town::{Town, at, policy};
use support::volunteers::{
    FOUR, ONE, S1, TICK, arrive, binds, book, booked, refused, report, schedule, state, town, town_with_breaks,
    town_with_trip, window,
};

#[test]
fn a_pinned_rider_stays_or_is_left_to_staff() {
    for pinned in [false, true] {
        let mut town = town("A--B--C--D 60s");
        town.add_vehicle(1, 0, FOUR);
        town.add_vehicle(2, 3, FOUR);
        let booking = booked(book(&mut town, "08:00", ("B", "C"), ("09:00", "09:10")));
        assert_eq!(state(&town).bookings[&booking].shift, Some(S1));
        town.expect_noted(at("08:01"), Command::PinBooking { booking, pinned });
        town.expect_noted(at("08:02"), Command::CloseShift { shift: S1 });
        town.expect_noted(at("08:05"), Command::AdvanceClock);
        let found = &state(&town).bookings[&booking];
        let expected = if pinned { None } else { Some(ShiftId(2)) };
        assert_eq!(found.shift, expected);
        // let go, it is looked after again; and there is nothing to pin it to
        if pinned {
            let again = town.tell(at("08:06"), Command::PinBooking { booking, pinned });
            assert!(matches!(again, Answer::Rejected(Rejection::WrongState { .. })), "{again:?}");
            town.expect_noted(at("08:06"), Command::PinBooking { booking, pinned: false });
            town.expect_noted(at("08:07"), Command::AdvanceClock);
            assert_eq!(state(&town).bookings[&booking].shift, Some(ShiftId(2)));
        }
    }
}

/// Vehicle 1 with r1 from B to D at 09:00; a newcomer from A to B fits before it, or after.
fn town_to_freeze() -> Town {
    let mut town = town("A--B--C--D 60s");
    town.add_vehicle(1, 0, FOUR);
    booked(book(&mut town, "08:00", ("B", "D"), ("09:00", "09:10")));
    town
}

#[test]
fn nothing_is_inserted_before_or_among_frozen_stops() {
    let mut town = town_to_freeze();
    let stops: Vec<StopId> = schedule(&town).stops().iter().map(|stop| stop.id).collect();
    let early = |town: &mut Town| {
        let request = town.request(0, 1, ONE, Wish::DepartAfter(window("08:30", "08:31")));
        town.tell(at("08:01"), Command::Quote(request.into()))
    };
    assert!(matches!(early(&mut town), Answer::Offered(_)));
    town.expect_noted(at("08:01"), Command::FreezeStops { shift: S1, through: Some(stops[0]) });
    assert_eq!(refused(early(&mut town)), binds(Constraint::Frozen, None));
    // by hand: before the frozen stop, and after it
    let place = |town: &mut Town, idx| {
        let request = town.request(2, 3, ONE, Wish::DepartAfter(window("08:30", "10:00")));
        town.tell(
            at("08:01"),
            Command::Book {
                request: request.into(),
                by_hand: Some(Placement { shift: S1, pickup_idx: idx, dropoff_idx: 1, overrules: false }),
            },
        )
    };
    assert!(refused(place(&mut town, 0)).contains(&Constraint::Frozen.into()));
    booked(place(&mut town, 1));
    // a stop that is not there can not be frozen; an unfrozen one takes riders again
    let unknown = Command::FreezeStops { shift: S1, through: Some(StopId(99)) };
    let answer = town.tell(at("08:01"), unknown);
    assert_eq!(answer, Answer::Rejected(Rejection::UnknownStop { shift: S1, stop: StopId(99) }));
    town.expect_noted(at("08:01"), Command::FreezeStops { shift: S1, through: None });
    assert!(matches!(early(&mut town), Answer::Offered(_)));
}

#[test]
fn a_freeze_outlives_its_last_stop_and_ends_when_it_is_made() {
    let mut town = town_to_freeze();
    let second = booked(book(&mut town, "08:00", ("B", "D"), ("09:30", "09:40")));
    let stops: Vec<StopId> = schedule(&town).stops().iter().map(|stop| stop.id).collect();
    town.expect_noted(at("08:01"), Command::FreezeStops { shift: S1, through: Some(stops[2]) });
    town.tell(
        at("08:01"),
        Command::CancelBooking { booking: second, reason: mukae_engine::model::CancelReason::Rider },
    );
    assert_eq!(schedule(&town).frozen, Some(stops[1]), "the one before it");
    report(&mut town, "09:00", arrive);
    let first = schedule(&town).stops()[0].booking.expect("a rider");
    town.expect_noted(at("09:00"), Command::Board { booking: first, at: at("09:00") });
    report(&mut town, "09:02", arrive);
    town.expect_noted(at("09:02"), Command::Alight { booking: first, at: at("09:02") });
    assert_eq!(schedule(&town).frozen, None);
}

#[test]
fn stops_that_are_left_for_soon_are_frozen_to_the_millisecond() {
    let mut town = town_to_freeze();
    let mut policy = policy();
    policy.freeze_horizon = Span::from_mins(10);
    town.expect_noted(at("08:01"), Command::SetPolicy(policy));
    // r1's vehicle leaves A at 08:59
    let early = |town: &mut Town, now: Time| {
        let request = town.request(0, 1, ONE, Wish::DepartAfter(TimeWindow::new(now, now).expect("in order")));
        town.tell(now, Command::Quote(request.into()))
    };
    assert!(matches!(early(&mut town, at("08:49") - TICK), Answer::Offered(_)));
    assert!(refused(early(&mut town, at("08:49"))).contains(&Constraint::Frozen.into()));
}

#[test]
fn the_audit_sees_what_must_not_be() {
    let mut town = town_with_breaks("A--B--C--D 60s", &[("12:00", "12:10")]);
    booked(book(&mut town, "08:00", ("B", "C"), ("12:06", "12:06")));
    let (policy, now) = (policy(), at("08:00"));
    let mut sound = schedule(&town).clone();
    assert_eq!(audit(&sound, &policy, now, &mut town.city), []);
    let mut faults = |change: &dyn Fn(&mut Plan)| {
        let mut spoiled = sound.clone();
        change(Arc::make_mut(&mut spoiled.plan));
        audit(&spoiled, &policy, now, &mut town.city)
    };
    // pickup, dropoff, break: with the break between, somebody is on board
    let with_riders = faults(&|plan| plan.stops.swap(1, 2));
    assert!(with_riders.contains(&Fault::BreakWithRiders { stop_idx: 1 }), "{with_riders:?}");
    let late = faults(&|plan| plan.stops[1].dwell = Span::from_mins(5));
    assert_eq!(late, [Fault::BreakLate { id: BreakId(0), by: Span::from_mins(4) }]);
    let strange = faults(&|plan| plan.stops[2].dwell = Span::MINUTE);
    assert_eq!(strange, [Fault::StrangeBreak { stop_idx: 2 }]);
    let shared = faults(&|plan| plan.stops[2].joins = true);
    assert!(shared.contains(&Fault::StrangeBreak { stop_idx: 2 }), "{shared:?}");
    let moved = faults(&|plan| {
        let Task::Break { window, .. } = &mut plan.stops[2].task else { unreachable!("it rests last") };
        *window = window.shifted(Span::HOUR);
    });
    assert_eq!(moved, [Fault::StrangeBreak { stop_idx: 2 }]);

    let before = sound.clone();
    sound.frozen = Some(sound.stops()[1].id);
    let frozen = sound.clone();
    Arc::make_mut(&mut sound.plan).stops.rotate_right(1); // the break first
    let moved = audit_frozen(&frozen, &sound, &policy, now);
    assert!(!moved.is_empty());
    let mut later = frozen.clone();
    Arc::make_mut(&mut later.plan).stops[1].leg = TravelTime::from_millis(61_000);
    assert_eq!(audit_frozen(&frozen, &later, &policy, now), [Fault::FrozenMoved(frozen.stops()[1].id)]);
    assert_eq!(audit_frozen(&before, &later, &policy, now), [], "nothing was frozen");

    let mut town = town_with_trip(Span::from_mins(2), Metres::from_metres(1_200));
    booked(book(&mut town, "08:00", ("C", "E"), ("08:00", "08:30")));
    let sound = schedule(&town).clone();
    let mut faults = |change: &dyn Fn(&mut mukae_engine::schedule::Route)| {
        let mut spoiled = sound.clone();
        change(Arc::make_mut(&mut spoiled.plan).route.as_mut().expect("a trip has one"));
        audit(&spoiled, &policy, now, &mut town.city)
    };
    assert_eq!(faults(&|_| ()), []);
    assert_eq!(faults(&|route| route.driven = TICK), [Fault::DetourTime { by: TICK }]);
    let millimetre = Metres::from_millimetres(1);
    assert_eq!(faults(&|route| route.driven_length = millimetre), [Fault::DetourLength { by: millimetre }]);
    assert_eq!(faults(&|route| route.lengths[1] = Metres::ZERO), [Fault::WrongLength { stop_idx: 1 }]);
}

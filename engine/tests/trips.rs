//! Declared trips and how far they may go round: small cases at the boundaries; random days are in `insertion.rs` and
//! `wild.rs`.

mod support;

use mukae_engine::model::Constraint;
use mukae_engine::{Answer, Command, Endogenous, Rejection};
use mukae_units::{Metres, Seats, ShiftId, Span, VehicleId};
use support::town::{Town, at};
use support::volunteers::{
    FOUR, ONE, S1, TICK, arrive, binds, book, booked, decided, declared, depart, refused, report, schedule,
    town_with_trip,
};

#[test]
fn a_declared_trip_takes_riders_up_to_its_tolerance_and_not_a_second_or_metre_more() {
    let (time, length) = (Span::from_mins(2), Metres::from_metres(1_200));
    let ride = |town: &mut Town| book(town, "08:00", ("C", "E"), ("08:00", "08:30"));
    booked(ride(&mut town_with_trip(time, length)));
    assert_eq!(refused(ride(&mut town_with_trip(time - TICK, length))), binds(Constraint::DetourTime, TICK));
    let shorter = Metres::from_millimetres(length.as_millimetres() - 1);
    assert_eq!(refused(ride(&mut town_with_trip(time, shorter))), binds(Constraint::DetourLength, None));

    // what the first rider uses up is gone for the second, and comes back when the first cancels
    let mut town = town_with_trip(time, length);
    let first = booked(ride(&mut town));
    assert_eq!(schedule(&town).plan.route_time(), Some(Span::from_mins(4)));
    let second = |town: &mut Town| book(town, "08:00", ("B", "A"), ("08:00", "08:30"));
    assert_eq!(refused(second(&mut town))[0].constraint, Constraint::DetourTime);
    booked(book(&mut town, "08:00", ("B", "D"), ("08:00", "08:30"))); // on the way
    town.tell(at("08:00"), Command::CancelBooking { booking: first, reason: mukae_engine::model::CancelReason::Rider });
    booked(second(&mut town));
}

#[test]
fn what_was_driven_counts_against_the_tolerance() {
    let mut town = town_with_trip(Span::from_mins(2), Metres::from_metres(1_200));
    booked(book(&mut town, "08:00", ("E", "D"), ("08:00", "08:30"))); // two minutes more
    report(&mut town, "08:00", depart);
    // half a minute before D it is turned there: nothing is driven that was not to be driven anyway
    booked(book(&mut town, "08:01:30", ("D", "E"), ("08:00", "08:30")));
    let (plan, two_minutes) = (&schedule(&town).plan, Span::from_mins(2));
    let route = plan.route.as_ref().expect("a trip has one");
    assert_eq!((route.driven, route.driven_length), (two_minutes, Metres::from_metres(1_200)));
    assert_eq!((plan.route_time(), route.length()), (Some(two_minutes * 2), Metres::from_metres(2_400)));
    let back = refused(book(&mut town, "08:01:30", ("C", "D"), ("08:00", "08:30")));
    assert_eq!(back[..1], binds(Constraint::DetourTime, two_minutes)[..]);
}

#[test]
fn a_driver_who_drives_elsewhere_uses_the_tolerance_up_and_that_is_told() {
    let mut town = town_with_trip(Span::MINUTE, Metres::from_metres(6_000));
    let seen = |town: &mut Town, now: &str, node: usize| {
        let place = town.city.place(node);
        let command = Command::ReportPosition { vehicle: VehicleId(1), place, observed_at: at(now) };
        town.take(at(now), &command).events
    };
    let events = seen(&mut town, "08:00", 0); // at A: a minute back, and a minute more to come
    let exceeded = |event: &&Endogenous| matches!(event, Endogenous::DetourExceeded { .. });
    let told = decided(&events).into_iter().find(exceeded).cloned();
    let over = Endogenous::DetourExceeded { shift: S1, time: Span::MINUTE, length: Metres::ZERO };
    assert_eq!(told, Some(over));
    // nothing may worsen it; who is on the way may still ride along
    booked(book(&mut town, "08:01", ("B", "D"), ("08:00", "08:30")));
    assert_eq!(refused(book(&mut town, "08:01", ("D", "C"), ("08:00", "08:30")))[0].constraint, Constraint::DetourTime);
}

#[test]
fn a_trip_that_is_too_long_already_still_takes_who_is_on_the_way() {
    let mut town = town_with_trip(Span::HOUR, Metres::from_metres(600));
    let (now, place) = (at("08:00"), town.city.place(0));
    town.take(now, &Command::ReportPosition { vehicle: VehicleId(1), place, observed_at: now });
    let over = Metres::from_metres(600); // 600 m back and 600 m more, and 600 m allowed
    assert_eq!(schedule(&town).plan.detour_over(), Some((Span::ZERO, over)));
    booked(book(&mut town, "08:01", ("B", "D"), ("08:00", "08:30")));
    let back = refused(book(&mut town, "08:01", ("D", "C"), ("08:00", "08:30")));
    assert_eq!(back, binds(Constraint::DetourLength, None));
}

#[test]
fn what_was_driven_for_a_rider_who_cancels_counts() {
    let mut town = town_with_trip(Span::from_mins(2), Metres::from_metres(1_200));
    let booking = booked(book(&mut town, "08:00", ("E", "D"), ("08:00", "08:30")));
    report(&mut town, "08:00", depart);
    let reason = mukae_engine::model::CancelReason::Rider;
    town.tell(at("08:02:30"), Command::CancelBooking { booking, reason }); // beyond D: turned at E
    let plan = &schedule(&town).plan;
    let route = plan.route.as_ref().expect("a trip has one");
    assert_eq!((route.driven, route.driven_length), (Span::from_mins(3), Metres::from_metres(1_800)));
    assert_eq!((plan.route_time(), route.length()), (Some(Span::from_mins(4)), Metres::from_metres(2_400)));
}

/// A volunteer came to her second rider first, and what she had driven there counted for nothing: she could be sent
/// round farther than she had agreed to. What is driven counts, in whatever order.
#[test]
fn what_was_driven_in_another_order_counts() {
    let mut town = town_with_trip(Span::from_mins(6), Metres::from_metres(3_600));
    booked(book(&mut town, "08:00", ("C", "E"), ("08:00", "08:30")));
    let second = booked(book(&mut town, "08:00", ("D", "E"), ("08:00", "08:30")));
    let pickup = schedule(&town).position_of(second, true).expect("it is planned");
    let stop = schedule(&town).stops()[pickup].id;
    assert!(pickup > 0);
    town.expect_noted(at("08:02"), arrive(stop, at("08:02"))); // from B straight to D
    let route = schedule(&town).plan.route.as_ref().expect("a trip has one");
    assert_eq!((route.driven, route.driven_length), (Span::from_mins(2), Metres::from_metres(1_200)));
}

#[test]
fn a_trip_has_its_own_seats_and_goes_somewhere() {
    let mut town = town_with_trip(Span::HOUR, Metres::from_metres(60_000));
    assert_eq!(schedule(&town).capacity, mukae_units::Capacity::from(Seats::new(2, 0)));
    let trip = declared(Span::HOUR, Metres::ZERO);
    let answer = town.add_vehicle_with(2, 1, FOUR, |shift| (shift.end, shift.declared) = (None, Some(trip)));
    assert_eq!(answer, Answer::Rejected(Rejection::TripWithoutEnd(ShiftId(2))));
    let answer = town.add_vehicle_with(3, 1, ONE, |shift| shift.declared = Some(trip));
    assert_eq!(answer, Answer::Rejected(Rejection::CapacityTooLarge));
}

//! Another wish in place of a booking's own, and rides that are booked and called off together.

mod support;

use mukae_engine::model::{Booking, BookingState, CancelReason, Choice, Constraint, Request, Wish};
use mukae_engine::{Answer, Command, Endogenous, Event, Rejection};
use mukae_units::{BookingId, Seats, ServiceId, ShiftId, TimeWindow};
use support::city::City;
use support::town::{Town, at, policy, service};

const ONE: Seats = Seats::new(1, 0);

/// One car at A with so many seats, five minutes from place to place.
fn town(seats: u8) -> Town {
    let mut town = Town::new(City::draw("A--B--C--D--E 300s"), policy(), service());
    town.add_vehicle(1, 0, Seats::new(seats, 0));
    town
}

fn ride(town: &Town, from: &str, to: &str, (earliest, latest): (&str, &str)) -> Request {
    let window = TimeWindow::new(at(earliest), at(latest)).expect("in order");
    let (from, to) = (town.city.node(from), town.city.node(to));
    let mut request = town.request(from, to, ONE, Wish::DepartAfter(window));
    request.choice = Choice { relaxations_max: 5, ..Choice::ONE };
    request
}

fn book(town: &mut Town, now: &str, request: &Request) -> Booking {
    match town.tell(at(now), Command::Book { request: request.clone().into(), by_hand: None }) {
        Answer::Confirmed(booking) => booking,
        other => panic!("{other:?}"),
    }
}

fn amend(town: &mut Town, now: &str, booking: BookingId, request: &Request) -> Answer {
    town.tell(at(now), Command::Amend { booking, request: request.clone().into() })
}

fn booking(town: &Town, booking: BookingId) -> &Booking {
    &town.dispatcher.state().bookings[&booking]
}

#[test]
fn a_booking_becomes_another_ride_under_its_own_number() {
    let mut town = town(1);
    let request = ride(&town, "B", "D", ("09:00", "09:20"));
    let booked = book(&mut town, "08:00", &request);
    // half an hour later, from elsewhere: with its own seat in the way there would be no room for it
    let wish = ride(&town, "C", "E", ("09:05", "09:20"));
    let Answer::Confirmed(amended) = amend(&mut town, "08:10", booked.id, &wish) else { panic!("there is room") };
    assert_eq!((amended.id, amended.confirmed_at), (booked.id, booked.confirmed_at));
    assert_eq!(&amended, booking(&town, booked.id));
    assert_eq!(amended.pickup_spot(), &wish.origin[0].spot);
    assert_ne!(amended.promise, booked.promise);
    let schedule = &town.dispatcher.state().schedules[&ShiftId(1)];
    let places: Vec<_> = schedule.stops().iter().map(|stop| stop.place).collect();
    assert_eq!(places, [wish.origin[0].spot.place, wish.destination[0].spot.place], "the old stops are gone");
    assert_eq!(town.dispatcher.state().bookings.len(), 1, "there are not two of it");
}

#[test]
fn a_wish_that_can_not_be_leaves_the_booking_as_it_was() {
    let mut town = town(1);
    let request = ride(&town, "B", "D", ("09:00", "09:20"));
    let booked = book(&mut town, "08:00", &request);
    let other = ride(&town, "B", "E", ("10:00", "10:10"));
    book(&mut town, "08:00", &other);
    let before = town.dispatcher.state().clone();
    let mut wish = ride(&town, "B", "E", ("10:00", "10:10"));
    wish.party = Seats::new(2, 0);
    let command = Command::Amend { booking: booked.id, request: wish.into() };
    let decision = town.take(at("08:10"), &command);
    let Answer::Refused(refusal) = &decision.answer else { panic!("{decision:?}") };
    assert_eq!(refusal.binding[0].constraint, Constraint::PartySize);
    let decided = &decision.events[1..];
    assert!(matches!(decided, [Event::Endogenous(Endogenous::RequestRefused(_))]), "{decided:?}");
    let after = town.dispatcher.state();
    assert_eq!((&after.bookings, &after.schedules), (&before.bookings, &before.schedules));

    // the ways out that are listed are ways out for an amendment: with its own place free
    let wish = ride(&town, "A", "E", ("10:00", "10:10"));
    let Answer::Refused(refusal) = amend(&mut town, "08:11", booked.id, &wish) else { panic!("the car is taken") };
    let way_out = refusal.relaxations.first().expect("later there is room").applied(&wish);
    assert!(matches!(amend(&mut town, "08:11", booked.id, &way_out), Answer::Confirmed(_)), "{refusal:?}");
}

#[test]
fn who_is_on_board_or_gone_can_not_be_amended() {
    let mut town = town(4);
    let request = ride(&town, "A", "D", ("08:00", "08:20"));
    let booked = book(&mut town, "08:00", &request);
    let wish = ride(&town, "A", "E", ("08:00", "08:30"));
    let mut elsewhere = wish.clone();
    elsewhere.service = ServiceId(2);
    let answer = amend(&mut town, "08:00", booked.id, &elsewhere);
    assert_eq!(answer, Answer::Rejected(Rejection::OtherService(booked.id)));
    let stop = town.dispatcher.state().schedules[&ShiftId(1)].stops()[0].id;
    town.tell(at("08:01"), Command::Arrive { shift: ShiftId(1), stop, at: at("08:01") });
    assert!(matches!(amend(&mut town, "08:01", booked.id, &wish), Answer::Confirmed(_)), "it waits at the door");
    let stop = town.dispatcher.state().schedules[&ShiftId(1)].stops()[0].id;
    town.tell(at("08:02"), Command::Arrive { shift: ShiftId(1), stop, at: at("08:02") });
    town.tell(at("08:02"), Command::Board { booking: booked.id, at: at("08:02") });
    let rejected = Rejection::WrongState { booking: booked.id, state: BookingState::Boarded };
    assert_eq!(amend(&mut town, "08:03", booked.id, &wish), Answer::Rejected(rejected));
}

#[test]
fn a_pin_stays_on_its_vehicle_and_goes_with_another() {
    let mut town = town(1);
    town.add_vehicle(2, 4, Seats::new(4, 0));
    let request = ride(&town, "A", "B", ("09:00", "09:10"));
    let booked = book(&mut town, "08:00", &request);
    assert_eq!(booked.shift, Some(ShiftId(1)));
    town.tell(at("08:00"), Command::PinBooking { booking: booked.id, pinned: true });
    let wish = ride(&town, "A", "B", ("09:30", "09:40"));
    amend(&mut town, "08:01", booked.id, &wish);
    assert!(booking(&town, booked.id).is_pinned, "the same vehicle");
    let mut wish = ride(&town, "E", "D", ("09:30", "09:40"));
    wish.party = Seats::new(3, 0);
    amend(&mut town, "08:02", booked.id, &wish);
    let amended = booking(&town, booked.id);
    assert_eq!((amended.shift, amended.is_pinned), (Some(ShiftId(2)), false));
}

#[test]
fn a_pair_stands_and_falls_together_or_does_not() {
    let mut town = town(1);
    let out = ride(&town, "B", "D", ("09:00", "09:20"));
    let mut back = ride(&town, "D", "B", ("11:00", "11:20"));
    back.party = Seats::new(2, 0);
    let pair = |out: &Request, back: &Request, stands_together| Command::BookAll {
        requests: vec![out.clone().into(), back.clone().into()],
        stands_together,
        note: Vec::new().into(),
    };
    let schedules = town.dispatcher.state().schedules.clone();
    let decision = town.take(at("08:00"), &pair(&out, &back, true));
    let Answer::BookedNone(refusals) = &decision.answer else { panic!("{decision:?}") };
    assert!(matches!(refusals.as_slice(), [None, Some(_)]), "only the way back could not be: {refusals:?}");
    assert!(town.dispatcher.state().bookings.is_empty(), "and neither is booked");
    assert_eq!(town.dispatcher.state().schedules, schedules);

    let Answer::BookedEach(each) = town.tell(at("08:01"), pair(&out, &back, false)) else { panic!("each by itself") };
    assert!(matches!(each.as_slice(), [Ok(_), Err(_)]), "{each:?}");

    back.party = ONE;
    let Answer::BookedEach(each) = town.tell(at("08:02"), pair(&back, &back, true)) else { panic!("there is room") };
    let ids: Vec<BookingId> = each.iter().map(|booked| booked.as_ref().expect("booked").id).collect();
    assert_eq!(ids, [BookingId(2), BookingId(3)], "numbers that were never given out are given");
    for booked in each.iter().flatten() {
        assert_eq!(booked, booking(&town, booked.id));
    }
    let none = town.tell(at("08:02"), Command::BookAll { requests: vec![], stands_together: true, note: [].into() });
    assert_eq!(none, Answer::Rejected(Rejection::BadCount));

    let reason = CancelReason::Rider;
    let along = vec![ids[1], ids[0], BookingId(1)];
    let Answer::Cancelled(cancelled) = town.tell(at("08:03"), Command::CancelAll { booking: ids[0], along, reason })
    else {
        panic!("both can be called off")
    };
    assert_eq!(cancelled.id, ids[0]);
    let states: Vec<_> = town.dispatcher.state().bookings.values().map(|booking| booking.state).collect();
    assert_eq!(states, [BookingState::Cancelled; 3]);
    let again = Command::CancelAll { booking: ids[0], along: vec![ids[1]], reason };
    assert!(matches!(town.tell(at("08:04"), again), Answer::Rejected(Rejection::WrongState { .. })));
}

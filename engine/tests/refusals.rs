//! Who is refused, told why, and answered at once. Each test opens with what riders elsewhere complain of.

mod support;

use mukae_engine::model::{Constraint, Limits, Relaxation, Wish};
use mukae_engine::{Answer, Command};
use mukae_units::{SeatKind, Seats, Span, TimeWindow};
use support::city::City;
use support::desk::{ONE, arrive, book, depart, state};
use support::town::{Town, at, policy, service};

/// Other dispatchers turned requests down although their operators had switched refusals off
/// (matsim-libs #3895): a limit meant to be soft was still tested somewhere. Here a service whose limits
/// are priced refuses only what no car could do at any hour of its shift: a busy car takes the rider
/// late, and the promise covers it.
#[test]
fn a_service_that_does_not_refuse_serves_late() {
    let mut service = service();
    service.limits = Limits::Soft { pickup_late: 40, dropoff_late: 40, ride_over: 40 };
    let mut town = Town::new(City::draw("A--B--C--D--E 600s"), policy(), service);
    town.add_vehicle(1, 0, ONE);
    for rider in 0..5 {
        let request = town.request(0, 4, ONE, depart("08:00", "08:05"));
        let Answer::Offered(offers) = town.tell(at("07:00"), Command::Quote(request.into())) else {
            panic!("rider {rider} was refused")
        };
        let promise = offers[0].promise;
        assert!(promise.pickup.contains(offers[0].pickup) && offers[0].dropoff <= promise.dropoff_latest);
        let answer = town.tell(at("07:00"), Command::ConfirmOffer { offer: offers[0].id });
        assert!(matches!(answer, Answer::Confirmed(_)), "{answer:?}");
    }
    let request = town.request(0, 4, Seats::new(2, 0), depart("08:00", "08:05"));
    let Answer::Refused(refusal) = town.tell(at("07:00"), Command::Quote(request.into())) else {
        panic!("one seat for two")
    };
    assert_eq!(refusal.binding[0].constraint, Constraint::PartySize);
}

/// Riders and planners elsewhere get one opaque cause for every refusal, "no insertion found"
/// (eqasim-java #269), and nobody can tell a town without a car from one with a car that is full. Here
/// each refusal names what binds, each cause another one, and lists changes that were tried and work.
#[test]
fn every_refusal_says_why_and_what_would_do() {
    let mut town = Town::new(City::draw("A--B--C--D--E 300s"), policy(), service());
    town.add_vehicle(1, 0, Seats::new(2, 0));
    book(&mut town, "07:00", "A", "E", depart("08:00", "08:02"));
    let mut check = |seats: u8, wish: Wish, binds: Constraint, helps: Option<Relaxation>| {
        let mut request = town.request(0, 4, Seats::new(seats, 0), wish);
        request.choice.relaxations_max = 10;
        let refusal = match town.tell(at("07:00"), Command::Quote(request.clone().into())) {
            Answer::Refused(refusal) => refusal,
            other => panic!("{other:?}"),
        };
        assert!(refusal.binding.iter().any(|binding| binding.constraint == binds), "{refusal:?}");
        assert_eq!(refusal.relaxations.first().copied(), helps, "{refusal:?}");
        if let Some(helps) = helps {
            let answer = town.tell(at("07:00"), Command::Quote(helps.applied(&request).into()));
            assert!(matches!(answer, Answer::Offered(_)), "{helps:?} does not help");
        }
    };
    let fewer = |fewer| Some(Relaxation::SmallerParty { kind: SeatKind::Seat, fewer });
    check(3, depart("10:00", "10:30"), Constraint::PartySize, fewer(1));
    let later = |mins| Some(Relaxation::Later { by: Span::from_mins(mins) });
    check(2, depart("08:00", "08:02"), Constraint::Capacity, later(38));
    check(1, arrive("07:00", "07:15"), Constraint::DropoffWindow, later(5));
    check(1, depart("23:00", "23:30"), Constraint::NoShift, None);
}

/// Riders elsewhere wait in a pool, unanswered, until their latest pickup has come (sumo #8793). Here
/// the answer to a quote or a booking is an offer, a booking or a refusal, at once, and nothing of a
/// request without a booking is left to be looked at later but its offers.
#[test]
fn every_request_is_answered_at_once() {
    let mut town = Town::new(City::draw("A--B--C--D--E 300s"), policy(), service());
    town.add_vehicle(1, 0, ONE);
    let (mut kept, mut refused) = (0, 0);
    for minute in 0..120 {
        let now = at("07:00");
        let from = at("08:00") + Span::from_mins(minute * 2);
        let window = TimeWindow::new(from, from + Span::from_mins(10)).expect("in order");
        let request = town.request(minute as usize % 5, (minute as usize * 3 + 1) % 5, ONE, Wish::DepartAfter(window));
        match town.tell(now, Command::Book { request: request.into(), by_hand: None }) {
            Answer::Confirmed(booking) => {
                assert!(booking.shift.is_some());
                kept += 1;
            }
            Answer::Refused(refusal) => {
                assert!(!refusal.binding.is_empty());
                refused += 1;
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(state(&town).bookings.len(), kept, "who was refused is in no pool");
        assert!(state(&town).offers.is_empty());
    }
    assert!(kept > 5 && refused > 20, "{kept} booked, {refused} refused");
}

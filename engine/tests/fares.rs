//! What is quoted and what comes to be due, of one car on one road; and who may not ask any more.

mod support;

use mukae_engine::model::{
    Binding, Booking, BookingState, CancelReason, Charge, ChargeReason, Choice, Concessions, Constraint, Crew, Crews,
    DistanceFare, FareTable, Fees, Payment, Rates, Refusal, Relaxation, Request, SharedRate, Suspension, Tariff, Terms,
    Wish,
};
use mukae_engine::{Answer, Command, Rejection};
use mukae_units::{BookingId, Metres, RiderId, Seats, ShiftId, Span, StopId, Time, TimeWindow, Yen};
use support::city::City;
use support::town::{Town, at, midnight, policy, service};

const ANNA: RiderId = RiderId(1);

fn tariff() -> Tariff {
    Tariff {
        table: FareTable::Flat(Yen(600)),
        shared: SharedRate { discount: Yen(200), within_party: false },
        rates: Rates::FULL,
        payment: Payment { ticket: Some(Yen(200)), cash: false, account: false },
        fees: Fees { free_until: Span::HOUR, late_cancellation: Yen(300), no_show: Yen(600) },
    }
}

/// One car at A, five minutes from place to place, under a tariff.
fn town() -> Town {
    let mut town = Town::new(City::draw("A--B--C--D--E 300s"), policy(), service());
    town.add_vehicle(1, 0, Seats::new(4, 0));
    town.change_service(|service| service.tariff = Some(tariff()));
    town
}

fn ride(town: &Town, ends: (&str, &str), from: &str) -> Request {
    let (origin, destination) = (town.city.node(ends.0), town.city.node(ends.1));
    let window = TimeWindow::new(at(from), at(from) + Span::from_mins(20)).expect("in order");
    let mut request = town.request(origin, destination, Seats::new(1, 0), Wish::DepartAfter(window));
    request.rider = Some(ANNA);
    request
}

fn book(town: &mut Town, now: Time, request: &Request) -> Booking {
    match town.tell(now, Command::Book { request: request.clone().into(), by_hand: None }) {
        Answer::Confirmed(booking) => booking,
        other => panic!("{other:?}"),
    }
}

fn book_ride(town: &mut Town, now: Time, ends: (&str, &str), from: &str) -> Booking {
    let request = ride(town, ends, from);
    book(town, now, &request)
}

fn refused(town: &mut Town, now: Time, request: &Request) -> Refusal {
    match town.tell(now, Command::Quote(request.clone().into())) {
        Answer::Refused(refusal) => refusal,
        other => panic!("{other:?}"),
    }
}

fn next_stop(town: &Town) -> StopId {
    town.dispatcher.state().schedules[&ShiftId(1)].next_stop().expect("there is one").id
}

fn arrive(town: &mut Town, now: &str) {
    let stop = next_stop(town);
    town.expect_noted(at(now), Command::Arrive { shift: ShiftId(1), stop, at: at(now) });
}

fn board(town: &mut Town, now: &str, booking: &Booking) {
    town.expect_noted(at(now), Command::Board { booking: booking.id, at: at(now) });
}

fn alight(town: &mut Town, now: &str, booking: &Booking) -> Option<Charge> {
    town.expect_noted(at(now), Command::Alight { booking: booking.id, at: at(now) });
    charge(town, booking.id)
}

fn charge(town: &Town, booking: BookingId) -> Option<Charge> {
    town.dispatcher.state().bookings[&booking].charge
}

#[test]
fn who_shares_a_leg_pays_less_and_who_meets_at_a_stop_does_not() {
    let mut town = town();
    let now = at("07:30");
    // A to C and B to C share a leg; C to D boards where they leave
    let first = book_ride(&mut town, now, ("A", "C"), "08:00");
    let second = book_ride(&mut town, now, ("B", "C"), "08:00");
    let third = book_ride(&mut town, now, ("C", "D"), "08:10");
    assert_eq!(first.fare.map(|fare| (fare.full, fare.shared)), Some((Yen(600), Yen(400))));
    arrive(&mut town, "08:00");
    board(&mut town, "08:00", &first);
    arrive(&mut town, "08:05");
    board(&mut town, "08:05", &second);
    arrive(&mut town, "08:10");
    board(&mut town, "08:10", &third); // before the others have left
    let shared = Some(Charge { yen: Yen(400), reason: ChargeReason::SharedRide });
    assert_eq!(alight(&mut town, "08:10", &first), shared);
    assert_eq!(alight(&mut town, "08:11", &second), shared);
    arrive(&mut town, "08:16");
    assert_eq!(alight(&mut town, "08:16", &third), Some(Charge { yen: Yen(600), reason: ChargeReason::Ride }));
}

#[test]
fn a_booking_keeps_the_fare_it_was_quoted() {
    let mut town = town();
    let booking = book_ride(&mut town, at("07:30"), ("A", "C"), "08:00");
    let mut service = town.dispatcher.state().services[&support::town::SERVICE].clone();
    service.tariff = Some(Tariff { table: FareTable::Flat(Yen(9000)), ..tariff() });
    town.expect_noted(at("07:31"), Command::SetService(service.into()));
    arrive(&mut town, "08:00");
    board(&mut town, "08:00", &booking);
    arrive(&mut town, "08:10");
    assert_eq!(alight(&mut town, "08:10", &booking), Some(Charge { yen: Yen(600), reason: ChargeReason::Ride }));
}

#[test]
fn cancelling_is_free_until_an_hour_before() {
    let late = Some(Charge { yen: Yen(300), reason: ChargeReason::LateCancellation });
    for (cancelled, reason, due) in [
        ("08:00:00", CancelReason::Rider, None), // the promise begins at nine
        ("08:00:01", CancelReason::Rider, late),
        ("08:50:00", CancelReason::Unknown, late),
        ("08:50:00", CancelReason::Service, None),
        ("08:50:00", CancelReason::Duplicate, None),
        ("08:50:00", CancelReason::Rebooked, None),
    ] {
        let mut town = town();
        let booking = book_ride(&mut town, at("07:00"), ("A", "C"), "09:00");
        assert_eq!(booking.promise.pickup.earliest(), at("09:00"));
        let answer = town.tell(at(cancelled), Command::CancelBooking { booking: booking.id, reason });
        let Answer::Cancelled(answered) = answer else { panic!("{answer:?}") };
        assert_eq!(answered.charge, due, "{reason:?} at {cancelled}");
        assert_eq!(answered, town.dispatcher.state().bookings[&booking.id]);
    }
}

#[test]
fn nobody_pays_for_a_vehicle_that_was_not_there() {
    let mut town = town();
    let booking = book_ride(&mut town, at("07:00"), ("A", "C"), "08:00");
    town.expect_noted(at("07:30"), Command::CloseShift { shift: ShiftId(1) });
    assert_eq!(town.dispatcher.state().bookings[&booking.id].state, BookingState::Unassigned);
    town.tell(at("07:50"), Command::CancelBooking { booking: booking.id, reason: CancelReason::Rider });
    assert_eq!(charge(&town, booking.id), None);
}

/// Does not come at that hour, when the car came at `arrived`.
fn stay_away(town: &mut Town, arrived: &str, hour: &str) -> Option<Charge> {
    let booking = book_ride(town, at(hour) - Span::HOUR, ("B", "C"), hour);
    arrive(town, arrived);
    let then = at(arrived).max(at(hour)) + Span::from_mins(5);
    town.expect_noted(then, Command::ReportNoShow { booking: booking.id, at: then });
    charge(town, booking.id)
}

#[test]
fn who_does_not_come_pays_the_fee_unless_the_car_was_late() {
    let due = Some(Charge { yen: Yen(600), reason: ChargeReason::NoShow });
    assert_eq!(stay_away(&mut town(), "08:00", "08:00"), due);
    assert_eq!(stay_away(&mut town(), "08:10", "08:00"), due); // the promised window ends just then
    assert_eq!(stay_away(&mut town(), "08:11", "08:00"), None);
}

#[test]
fn who_stays_away_twice_in_a_day_may_not_ask_for_a_week() {
    let mut town = town();
    town.change_service(|service| {
        service.suspension = Some(Suspension { no_shows: 2, within: Span::DAY, lasts: Span::DAY * 7 });
        service.policy.horizon = Span::DAY * 30;
    });
    stay_away(&mut town, "08:00", "08:00");
    stay_away(&mut town, "10:15", "10:00"); // too late to be anybody's fault but ours
    stay_away(&mut town, "12:00", "12:00");
    let mut request = ride(&town, ("A", "C"), "13:00");
    request.choice = Choice { offers_max: 1, relaxations_max: 5 };
    let refusal = refused(&mut town, at("12:35"), &request);
    let shortfall = Some(Span::DAY * 7 - Span::from_mins(30)); // since five past twelve
    assert_eq!(refusal.binding, [Binding { constraint: Constraint::Suspended, shortfall }]);
    assert_eq!(refusal.relaxations, [], "no other wish would be an answer");
    let booked = town.tell(at("12:35"), Command::Book { request: request.clone().into(), by_hand: None });
    assert!(matches!(booked, Answer::Refused(_)), "{booked:?}");
    // others may
    for rider in [None, Some(RiderId(2))] {
        request.rider = rider;
        let offered = town.tell(at("12:36"), Command::Quote(request.clone().into()));
        assert!(matches!(offered, Answer::Offered(_)), "{offered:?}");
    }
    // and she may again, a week later to the second: then what stands in the way is that nobody works
    request.rider = Some(ANNA);
    let over = at("12:05") + Span::DAY * 7;
    request.wish = Wish::DepartAfter(TimeWindow::new(over, over + Span::HOUR).expect("in order"));
    let constraints = |refusal: Refusal| refusal.binding.iter().map(|binding| binding.constraint).collect::<Vec<_>>();
    let second = Span::from_secs(1);
    assert_eq!(constraints(refused(&mut town, over - second, &request)), [Constraint::Suspended]);
    assert_ne!(constraints(refused(&mut town, over, &request)), [Constraint::Suspended]);
}

#[test]
fn a_service_says_how_many_ride_on_one_booking() {
    let mut town = town();
    town.change_service(|service| service.policy.party_max = Some(2));
    let mut request = ride(&town, ("A", "C"), "08:00");
    request.party = Seats::new(3, 0);
    request.concessions = Concessions { children: 3, ..Concessions::NONE };
    request.choice = Choice { offers_max: 1, relaxations_max: 5 };
    let refusal = refused(&mut town, at("07:30"), &request);
    assert_eq!(refusal.binding, [Constraint::PartyLimit.into()]);
    let smaller = Relaxation::SmallerParty { kind: mukae_units::SeatKind::Seat, fewer: 1 };
    assert_eq!(refusal.relaxations, [smaller]);
    let offered = town.tell(at("07:30"), Command::Quote(smaller.applied(&request).into()));
    assert!(matches!(offered, Answer::Offered(_)), "{offered:?}");
    request.party = Seats::new(2, 0);
    let answer = town.tell(at("07:30"), Command::Quote(request.into()));
    assert_eq!(answer, Answer::Rejected(Rejection::BadConcessions));
}

#[test]
fn riders_are_driven_by_whom_the_service_says() {
    let mut town = Town::new(City::draw("A--B--C--D--E 300s"), policy(), service());
    town.add_vehicle_on(1, 0, Seats::new(4, 0), Terms { crew: Crew::Taxi, ..Terms::OPEN });
    town.change_service(|service| service.policy.crews = Crews::NONE.and(Crew::Staff).and(Crew::Volunteer));
    town.register(2, Seats::new(4, 0), Terms { crew: Crew::Taxi, ..Terms::OPEN });
    let request = ride(&town, ("A", "C"), "08:00");
    assert_eq!(refused(&mut town, at("07:30"), &request).binding, [Constraint::NoVehicleForService.into()]);
    // a shift may stand for others than its vehicle
    let window = TimeWindow::new(at("06:00"), at("22:00")).expect("in order");
    let mut shift = town.shift(2, 2, 0, window);
    shift.crew = Some(Crew::Volunteer);
    town.expect_noted(at("07:30"), Command::PlanShift(shift.into()));
    assert_eq!(book(&mut town, at("07:30"), &request).shift, Some(ShiftId(2)));
}

#[test]
fn a_tariff_by_distance_goes_by_the_direct_way() {
    let mut town = town();
    let first = town.city.node("A");
    let length = |town: &mut Town, to: &str| {
        let (from, to) = (town.city.spot(first).place, town.city.spot(town.city.node(to)).place);
        mukae_maps::TravelTimes::length(&mut town.city, from, to).expect("a road leads there")
    };
    let to_c = length(&mut town, "C");
    let rows = vec![DistanceFare { up_to: to_c, yen: Yen(300) }];
    let table = FareTable::ByDistance { rows, beyond: Yen(700) };
    town.change_service(|service| service.tariff = Some(Tariff { table, ..tariff() }));
    let full = |town: &mut Town, to: &str| {
        let request = ride(town, ("A", to), "08:00");
        book(town, at("07:30"), &request).fare.expect("there is a tariff").full
    };
    assert!(to_c < length(&mut town, "D"));
    assert_eq!(full(&mut town, "C"), Yen(300));
    assert_eq!(full(&mut town, "D"), Yen(700));
}

#[test]
fn tariffs_without_sense_are_rejected() {
    let short = DistanceFare { up_to: Metres::from_metres(1), yen: Yen(1) };
    let by = |rows| FareTable::ByDistance { rows, beyond: Yen(1) };
    let wrong = [
        Tariff { table: FareTable::Flat(Yen(1_000_001)), ..tariff() },
        Tariff { table: FareTable::ByParty(Vec::new()), ..tariff() },
        Tariff { table: by(vec![short, short]), ..tariff() },
        Tariff { rates: Rates { child_percent: 101, ..Rates::FULL }, ..tariff() },
        Tariff { rates: Rates { rounding: Yen::ZERO, ..Rates::FULL }, ..tariff() },
        Tariff { payment: Payment { ticket: Some(Yen::ZERO), cash: true, account: false }, ..tariff() },
        Tariff { fees: Fees { free_until: -Span::HOUR, ..Fees::NONE }, ..tariff() },
    ];
    let mut town = town();
    for tariff in wrong {
        let mut service = town.dispatcher.state().services[&support::town::SERVICE].clone();
        service.tariff = Some(tariff.clone());
        let answer = town.tell(midnight(), Command::SetService(service.into()));
        assert_eq!(answer, Answer::Rejected(Rejection::BadTariff), "{tariff:?}");
    }
}

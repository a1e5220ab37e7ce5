//! What drivers have agreed to and staff have fixed: breaks, declared trips, asks, pins, freezes. Small cases at the
//! boundaries; random days are in `insertion.rs` and `wild.rs`.

mod support;

use mukae_engine::model::{
    Ask, AskOutcome, Binding, BookingState, Break, Constraint, DeclaredTrip, Driver, DriverKind, Shift, Tier, Wish,
};
use mukae_engine::schedule::audit::{Fault, audit, audit_frozen};
use mukae_engine::schedule::{Schedule, Task};
use mukae_engine::{Answer, Command, Endogenous, Event, Placement, Rejection, State};
use mukae_units::{
    BookingId, BreakId, DriverId, Metres, Seats, ShiftId, Span, StopId, Time, TimeWindow, TravelTime, VehicleId,
};
use support::city::City;
use support::town::{Town, at, midnight, policy, service};

const ONE: Seats = Seats::new(1, 0);
const FOUR: Seats = Seats::new(4, 0);
const S1: ShiftId = ShiftId(1);
const ANNA: DriverId = DriverId(1);
const TICK: Span = Span::from_millis(1);

fn town(picture: &str) -> Town {
    Town::new(City::draw(picture), policy(), service())
}

fn window(from: &str, to: &str) -> TimeWindow {
    TimeWindow::new(at(from), at(to)).expect("in order")
}

/// Breaks at the first node, in these windows, half an hour each.
fn rest(town: &Town, windows: &[(&str, &str)]) -> Vec<Break> {
    let place = || town.city.spot(0);
    let rest = |(id, &(from, to)): (usize, &(&str, &str))| Break {
        id: BreakId(id as u32),
        place: place(),
        window: window(from, to),
        length: Span::from_mins(30),
    };
    windows.iter().enumerate().map(rest).collect()
}

fn town_with_breaks(picture: &str, windows: &[(&str, &str)]) -> Town {
    let mut town = town(picture);
    let breaks = rest(&town, windows);
    assert_eq!(town.add_vehicle_with(1, 0, FOUR, |shift| shift.breaks = breaks), Answer::Noted);
    town
}

fn anna(cooldown: Span, asks_per_week_max: u32, tier: Tier) -> Driver {
    Driver { id: ANNA, name: "anna".into(), kind: DriverKind::Volunteer, cooldown, asks_per_week_max, tier }
}

/// Anna drives vehicle 1 from A all day, and must be asked each time.
fn town_of_anna(picture: &str, driver: Driver) -> Town {
    let mut town = town(picture);
    town.expect_noted(midnight(), Command::RegisterDriver(driver));
    assert_eq!(town.add_vehicle_with(1, 0, FOUR, |shift| shift.driver = Some(ANNA)), Answer::Noted);
    town
}

fn declared(detour_max: Span, detour_length_max: Metres) -> DeclaredTrip {
    DeclaredTrip { seats: Seats::new(2, 0), detour_max, detour_length_max, tier: Tier::T3 }
}

/// From B to D of A--B--C--D--E, a minute and 600 m a hop, at any time of the morning.
fn town_with_trip(detour_max: Span, detour_length_max: Metres) -> Town {
    let mut town = town("A--B--C--D--E 60s");
    let end = town.city.spot(3);
    let answer = town.add_vehicle_with(1, 1, FOUR, |shift| {
        (shift.end, shift.declared) = (Some(end), Some(declared(detour_max, detour_length_max)));
        shift.window = window("07:00", "12:00");
    });
    assert_eq!(answer, Answer::Noted);
    town
}

fn ask(town: &mut Town, now: Time, (from, to): (&str, &str), (earliest, latest): (Time, Time)) -> Answer {
    let wish = Wish::DepartAfter(TimeWindow::new(earliest, latest).expect("in order"));
    let request = town.request(town.city.node(from), town.city.node(to), ONE, wish);
    town.tell(now, Command::Book { request, by_hand: None })
}

fn book(town: &mut Town, now: &str, ride: (&str, &str), wish: (&str, &str)) -> Answer {
    ask(town, at(now), ride, (at(wish.0), at(wish.1)))
}

#[track_caller]
fn booked(answer: Answer) -> BookingId {
    match answer {
        Answer::Confirmed(booking) | Answer::AwaitingDriver(booking) => booking.id,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn refused(answer: Answer) -> Vec<Binding> {
    match answer {
        Answer::Refused(refusal) => refusal.binding,
        other => panic!("{other:?}"),
    }
}

fn binds(constraint: Constraint, shortfall: impl Into<Option<Span>>) -> Vec<Binding> {
    vec![Binding { constraint, shortfall: shortfall.into() }]
}

fn state(town: &Town) -> &State {
    town.dispatcher.state()
}

fn schedule(town: &Town) -> &Schedule {
    &state(town).schedules[&S1]
}

/// When each break of the schedule is predicted to begin.
fn rests(town: &Town, now: &str) -> Vec<Time> {
    let times = schedule(town).timeline(at(now)).stops;
    schedule(town).stops().iter().zip(times).filter(|(stop, _)| stop.is_break()).map(|(_, times)| times.start).collect()
}

fn decided(events: &[Event]) -> Vec<&Endogenous> {
    events
        .iter()
        .filter_map(|event| match event {
            Event::Endogenous(event) => Some(event),
            Event::Exogenous(_) => None,
        })
        .collect()
}

fn report(town: &mut Town, now: &str, command: fn(StopId, Time) -> Command) -> Vec<Event> {
    let stop = schedule(town).next_stop().expect("it has something to do").id;
    let decision = town.take(at(now), &command(stop, at(now)));
    assert_eq!(decision.answer, Answer::Noted);
    decision.events
}

fn arrive(stop: StopId, at: Time) -> Command {
    Command::Arrive { shift: S1, stop, at }
}

fn depart(stop: StopId, at: Time) -> Command {
    Command::Depart { shift: S1, stop, at }
}

fn end_break(stop: StopId, at: Time) -> Command {
    Command::EndBreak { shift: S1, stop, at }
}

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
    assert!(matches!(town.tell(at("08:00"), Command::Quote(request.clone())), Answer::Refused(_)));
    // by hand, around the break: the rule has a name
    let by_hand = Some(Placement { shift: S1, pickup_idx: 0, dropoff_idx: 1, overrules: false });
    let request = town.request(1, 2, ONE, Wish::DepartAfter(window("11:00", "11:01")));
    let binding = refused(town.tell(at("08:00"), Command::Book { request, by_hand }));
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

/// A volunteer who was a minute late for one rider was asked for another, later one, and had no time at all to answer:
/// the ask was over a millisecond later, and counted. Only what waiting for the answer would break ends it.
#[test]
fn a_driver_who_is_late_already_has_time_to_answer() {
    let mut town = town_of_anna("A--B--C--D 60s", anna(Span::ZERO, 9, Tier::T0));
    let first = booked(book(&mut town, "08:00", ("B", "C"), ("08:00", "08:05")));
    town.expect_noted(at("08:00"), answer(first, true));
    report(&mut town, "08:00", depart);
    town.expect_noted(at("08:06"), Command::AdvanceClock);
    assert!(state(&town).bookings[&first].at_risk.pickup);
    let later = booked(book(&mut town, "08:06", ("C", "D"), ("08:30", "08:50")));
    let ask = state(&town).bookings[&later].ask.expect("it is open");
    assert_eq!(ask.deadline, at("08:11"));
    assert_ne!(town.dispatcher.wakeup(), Some(at("08:06")));
}

#[test]
fn nobody_stands_still_with_riders_on_board_for_an_answer() {
    let mut town = town_of_anna("A--B--C--D 60s", anna(Span::ZERO, 9, Tier::T0));
    let first = booked(book(&mut town, "08:00", ("B", "D"), ("08:00", "08:30")));
    town.expect_noted(at("08:00"), answer(first, true));
    let second = booked(book(&mut town, "08:00", ("C", "D"), ("08:00", "08:30")));
    report(&mut town, "08:00", depart);
    report(&mut town, "08:01", arrive);
    assert!(at("08:01") < town.dispatcher.wakeup().expect("the ask is open"), "there is time until she leaves");
    town.expect_noted(at("08:01"), Command::Board { booking: first, at: at("08:01") });
    assert_eq!(town.dispatcher.wakeup(), Some(at("08:01")));
    town.expect_noted(at("08:01"), Command::AdvanceClock);
    assert_eq!(state(&town).bookings[&second].state, BookingState::Unassigned);
    report(&mut town, "08:01", depart);
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

#[test]
fn a_volunteer_is_not_asked_again_before_the_cool_down_is_over() {
    let mut town = town_of_anna("A--B--C--D 60s", anna(Span::from_mins(10), 9, Tier::T2));
    let wish = (at("08:00"), at("09:00"));
    booked(ask(&mut town, at("08:00"), ("B", "C"), wish));
    let early = ask(&mut town, at("08:10") - TICK, ("B", "C"), wish);
    assert_eq!(refused(early), binds(Constraint::DriverAsks, TICK));
    booked(ask(&mut town, at("08:10"), ("B", "C"), wish));
}

#[test]
fn asks_of_seven_days_are_counted_and_older_ones_are_not() {
    let mut town = town("A--B--C--D 60s");
    town.expect_noted(midnight(), Command::RegisterDriver(anna(Span::ZERO, 2, Tier::T0)));
    let all_week = TimeWindow::new(at("06:00"), at("06:00") + Span::DAY * 9).expect("in order");
    town.add_vehicle_with(1, 0, FOUR, |shift| (shift.driver, shift.window) = (Some(ANNA), all_week));
    let try_at = |town: &mut Town, now: Time| ask(town, now, ("B", "C"), (now, now + Span::HOUR));
    let (first, second) = (at("08:00"), at("08:00") + Span::DAY * 2);
    for now in [first, second] {
        booked(try_at(&mut town, now));
    }
    let week_later = first + Span::DAY * 7;
    assert_eq!(refused(try_at(&mut town, week_later - TICK)), binds(Constraint::DriverAsks, TICK));
    booked(try_at(&mut town, week_later));
    assert_eq!(state(&town).asks[&ANNA], [second, week_later], "older ones are forgotten");
    let next = refused(try_at(&mut town, week_later));
    assert_eq!(next, binds(Constraint::DriverAsks, second - first));
    // who may never be asked is no candidate at all
    town.expect_noted(week_later, Command::RegisterDriver(anna(Span::ZERO, 0, Tier::T0)));
    assert_eq!(refused(try_at(&mut town, week_later)), binds(Constraint::DriverAsks, None));
}

#[test]
fn who_has_consented_or_is_employed_is_not_asked_and_staff_can_switch_a_tier_off() {
    let is_asked = |driver: Driver, of_trip: Tier, tier_max: Tier| {
        let mut town = town("A--B--C--D 60s");
        let mut policy = policy();
        policy.tier_max = tier_max;
        town.expect_noted(midnight(), Command::RegisterDriver(driver));
        let trip = DeclaredTrip { tier: of_trip, ..declared(Span::HOUR, Metres::from_metres(60_000)) };
        town.add_vehicle_with(1, 0, FOUR, |shift| (shift.driver, shift.declared) = (Some(ANNA), Some(trip)));
        town.expect_noted(midnight(), Command::SetPolicy(policy));
        let answer = book(&mut town, "08:00", ("B", "C"), ("08:00", "08:30"));
        matches!(answer, Answer::AwaitingDriver(_))
    };
    let volunteer = |tier| anna(Span::ZERO, 9, tier);
    let employed = Driver { kind: DriverKind::Employed, ..volunteer(Tier::T0) };
    assert!(!is_asked(volunteer(Tier::T3), Tier::T3, Tier::T3));
    assert!(is_asked(volunteer(Tier::T2), Tier::T3, Tier::T3));
    assert!(is_asked(volunteer(Tier::T3), Tier::T1, Tier::T3));
    assert!(is_asked(volunteer(Tier::T3), Tier::T3, Tier::T2), "one act");
    assert!(!is_asked(employed, Tier::T0, Tier::T0));
}

/// Anna with a colleague at D, who is farther away.
fn anna_and_a_colleague() -> (Town, BookingId, Ask) {
    let mut town = town_of_anna("A--B--C--D--E--F 60s", anna(Span::ZERO, 9, Tier::T0));
    town.add_vehicle(2, 5, FOUR);
    let wish = Wish::DepartAfter(window("08:10", "08:30"));
    let request = town.request(1, 2, ONE, wish);
    let decision = town.take(at("08:00"), &Command::Book { request, by_hand: None });
    let Answer::AwaitingDriver(booking) = decision.answer else { panic!("{:?}", decision.answer) };
    assert_eq!((booking.state, booking.shift), (BookingState::AwaitingDriver, Some(S1)));
    let asked = Endogenous::DriverAsked {
        booking: booking.id,
        driver: ANNA,
        deadline: at("08:05"),
        fallback: Some(ShiftId(2)),
    };
    assert_eq!(decided(&decision.events).last(), Some(&&asked));
    (town, booking.id, booking.ask.expect("it is open"))
}

fn answer(booking: BookingId, accepted: bool) -> Command {
    Command::AnswerAsk { booking, driver: ANNA, accepted }
}

#[test]
fn a_yes_confirms_until_the_deadline_and_not_after() {
    let (mut town, booking, ask) = anna_and_a_colleague();
    town.expect_noted(ask.deadline, answer(booking, true));
    let found = &state(&town).bookings[&booking];
    assert_eq!((found.state, found.shift, found.ask), (BookingState::Confirmed, Some(S1), None));

    let (mut town, booking, ask) = anna_and_a_colleague();
    let late = town.tell(ask.deadline + TICK, answer(booking, true));
    assert_eq!(late, Answer::Rejected(Rejection::AskExpired { booking }));
    let driver = DriverId(7);
    let other = town.tell(ask.deadline + TICK, Command::AnswerAsk { booking, driver, accepted: true });
    assert_eq!(other, Answer::Rejected(Rejection::NotAsked { booking, driver }));
}

#[test]
fn a_no_and_silence_move_the_rider_to_the_stated_fall_back() {
    for is_silent in [false, true] {
        let (mut town, booking, ask) = anna_and_a_colleague();
        let (now, command, outcome) = match is_silent {
            false => (at("08:02"), answer(booking, false), AskOutcome::Declined),
            true => (ask.deadline + TICK, Command::AdvanceClock, AskOutcome::Expired),
        };
        if is_silent {
            assert_eq!(town.dispatcher.wakeup(), Some(now));
        }
        let events = town.take(now, &command).events;
        let ended = Endogenous::AskEnded { booking, driver: ANNA, outcome };
        assert!(decided(&events).contains(&&ended), "{events:?}");
        let found = &state(&town).bookings[&booking];
        assert_eq!((found.state, found.shift), (BookingState::Confirmed, Some(ShiftId(2))));
        assert_eq!(found.asked, [ANNA]);
        assert!(schedule(&town).stops().is_empty());
    }
}

#[test]
fn with_nobody_else_the_rider_is_left_to_staff_and_the_driver_not_asked_again() {
    let mut town = town_of_anna("A--B--C--D 60s", anna(Span::ZERO, 9, Tier::T0));
    let booking = booked(book(&mut town, "08:00", ("B", "C"), ("08:10", "08:30")));
    town.expect_noted(at("08:01"), answer(booking, false));
    assert_eq!(state(&town).bookings[&booking].state, BookingState::Unassigned);
    town.expect_noted(at("08:03"), Command::AdvanceClock);
    assert_eq!(state(&town).bookings[&booking].state, BookingState::Unassigned);
    // somebody else comes on duty
    town.add_shift_at("08:04");
    assert_eq!(state(&town).bookings[&booking].shift, Some(ShiftId(9)));
}

trait Colleague {
    fn add_shift_at(&mut self, now: &str);
}

impl Colleague for Town {
    fn add_shift_at(&mut self, now: &str) {
        let vehicle = mukae_engine::model::Vehicle {
            id: VehicleId(9),
            name: "v9".into(),
            capacity: FOUR.into(),
            terms: mukae_engine::model::Terms::OPEN,
        };
        self.expect_noted(at(now), Command::RegisterVehicle(vehicle));
        let spot = self.city.spot(0);
        let shift = Shift {
            features: mukae_units::Features::EMPTY,
            zones: mukae_units::Zones::EMPTY,
            id: ShiftId(9),
            name: "s9".into(),
            vehicle: VehicleId(9),
            window: window("06:00", "22:00"),
            start: spot.clone(),
            end: Some(spot),
            breaks: Vec::new(),
            driver: None,
            declared: None,
        };
        self.expect_noted(at(now), Command::PlanShift(shift));
    }
}

#[test]
fn nobody_leaves_for_a_rider_before_saying_yes() {
    let (mut town, booking, _) = anna_and_a_colleague();
    let stop = schedule(&town).next_stop().expect("the pickup").id;
    let rejected = Answer::Rejected(Rejection::WrongState { booking, state: BookingState::AwaitingDriver });
    assert_eq!(town.tell(at("08:02"), depart(stop, at("08:02"))), rejected);
    assert_eq!(town.tell(at("08:02"), arrive(stop, at("08:02"))), rejected);
    town.expect_noted(at("08:02"), answer(booking, true));
    town.expect_noted(at("08:02"), depart(stop, at("08:02")));
}

#[test]
fn a_rider_who_is_bound_is_not_made_late_by_an_ask() {
    // Anna is bound to r1, who waits at D from 08:03 to 08:05. r2 at B is on the way: there is time to ask until
    // 08:02, though the policy would give her five minutes.
    let mut town = town_of_anna("A--B--C--D 60s", anna(Span::ZERO, 9, Tier::T0));
    let bound = booked(book(&mut town, "08:00", ("D", "C"), ("08:03", "08:05")));
    town.expect_noted(at("08:00"), answer(bound, true));
    let asked = booked(book(&mut town, "08:00", ("B", "D"), ("08:00", "08:30")));
    let deadline = state(&town).bookings[&asked].ask.expect("it is open").deadline;
    assert_eq!(deadline, at("08:02") - TICK);
    assert_eq!(town.dispatcher.wakeup(), Some(at("08:02")));
    let events = town.take(at("08:02"), &Command::AdvanceClock).events;
    let is_risk = |event: &&Endogenous| matches!(event, Endogenous::PromiseAtRisk { .. });
    assert_eq!(decided(&events).into_iter().find(is_risk), None);
    assert_eq!(state(&town).bookings[&asked].state, BookingState::Unassigned);
    assert!(!state(&town).bookings[&bound].at_risk.any());
}

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
        town.tell(at("08:01"), Command::Quote(request))
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
                request,
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
        town.tell(now, Command::Quote(request))
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
    let mut faults = |change: &dyn Fn(&mut Schedule)| {
        let mut spoiled = sound.clone();
        change(&mut spoiled);
        audit(&spoiled, &policy, now, &mut town.city)
    };
    // pickup, dropoff, break: with the break between, somebody is on board
    let with_riders = faults(&|schedule| schedule.plan.stops.swap(1, 2));
    assert!(with_riders.contains(&Fault::BreakWithRiders { stop_idx: 1 }), "{with_riders:?}");
    let late = faults(&|schedule| schedule.plan.stops[1].dwell = Span::from_mins(5));
    assert_eq!(late, [Fault::BreakLate { id: BreakId(0), by: Span::from_mins(4) }]);
    let strange = faults(&|schedule| schedule.plan.stops[2].dwell = Span::MINUTE);
    assert_eq!(strange, [Fault::StrangeBreak { stop_idx: 2 }]);
    let shared = faults(&|schedule| schedule.plan.stops[2].joins = true);
    assert!(shared.contains(&Fault::StrangeBreak { stop_idx: 2 }), "{shared:?}");
    let moved = faults(&|schedule| {
        let Task::Break { window, .. } = &mut schedule.plan.stops[2].task else { unreachable!("it rests last") };
        *window = window.shifted(Span::HOUR);
    });
    assert_eq!(moved, [Fault::StrangeBreak { stop_idx: 2 }]);

    let before = sound.clone();
    sound.frozen = Some(sound.stops()[1].id);
    let frozen = sound.clone();
    sound.plan.stops.rotate_right(1); // the break first
    let moved = audit_frozen(&frozen, &sound, &policy, now);
    assert!(!moved.is_empty());
    let mut later = frozen.clone();
    later.plan.stops[1].leg = TravelTime::from_millis(61_000);
    assert_eq!(audit_frozen(&frozen, &later, &policy, now), [Fault::FrozenMoved(frozen.stops()[1].id)]);
    assert_eq!(audit_frozen(&before, &later, &policy, now), [], "nothing was frozen");

    let mut town = town_with_trip(Span::from_mins(2), Metres::from_metres(1_200));
    booked(book(&mut town, "08:00", ("C", "E"), ("08:00", "08:30")));
    let sound = schedule(&town).clone();
    let mut faults = |change: &dyn Fn(&mut mukae_engine::schedule::Route)| {
        let mut spoiled = sound.clone();
        change(spoiled.plan.route.as_mut().expect("a trip has one"));
        audit(&spoiled, &policy, now, &mut town.city)
    };
    assert_eq!(faults(&|_| ()), []);
    assert_eq!(faults(&|route| route.driven = TICK), [Fault::DetourTime { by: TICK }]);
    let millimetre = Metres::from_millimetres(1);
    assert_eq!(faults(&|route| route.driven_length = millimetre), [Fault::DetourLength { by: millimetre }]);
    assert_eq!(faults(&|route| route.lengths[1] = Metres::ZERO), [Fault::WrongLength { stop_idx: 1 }]);
}

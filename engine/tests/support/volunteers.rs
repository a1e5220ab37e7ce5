//! One vehicle and its driver: breaks, declared trips, and Anna, who must be asked.

use super::city::City;
use super::town::{Town, at, midnight, policy, service};
use mukae_engine::model::{Binding, Break, Constraint, DeclaredTrip, Driver, DriverKind, Tier, Wish};
use mukae_engine::schedule::Schedule;
use mukae_engine::{Answer, Command, Endogenous, Event, State};
use mukae_units::{BookingId, BreakId, DriverId, Metres, Seats, ShiftId, Span, StopId, Time, TimeWindow};

pub const ONE: Seats = Seats::new(1, 0);
pub const FOUR: Seats = Seats::new(4, 0);
pub const S1: ShiftId = ShiftId(1);
pub const ANNA: DriverId = DriverId(1);
pub const TICK: Span = Span::from_millis(1);

pub fn town(picture: &str) -> Town {
    Town::new(City::draw(picture), policy(), service())
}

pub fn window(from: &str, to: &str) -> TimeWindow {
    TimeWindow::new(at(from), at(to)).expect("in order")
}

/// Breaks at the first node, in these windows, half an hour each.
pub fn rest(town: &Town, windows: &[(&str, &str)]) -> Vec<Break> {
    let place = || town.city.spot(0);
    let rest = |(id, &(from, to)): (usize, &(&str, &str))| Break {
        id: BreakId(id as u32),
        place: place(),
        window: window(from, to),
        length: Span::from_mins(30),
    };
    windows.iter().enumerate().map(rest).collect()
}

pub fn town_with_breaks(picture: &str, windows: &[(&str, &str)]) -> Town {
    let mut town = town(picture);
    let breaks = rest(&town, windows);
    assert_eq!(town.add_vehicle_with(1, 0, FOUR, |shift| shift.breaks = breaks), Answer::Noted);
    town
}

pub fn anna(cooldown: Span, asks_per_week_max: u32, tier: Tier) -> Driver {
    Driver { id: ANNA, name: "anna".into(), kind: DriverKind::Volunteer, cooldown, asks_per_week_max, tier }
}

/// Anna drives vehicle 1 from A all day, and must be asked each time.
pub fn town_of_anna(picture: &str, driver: Driver) -> Town {
    let mut town = town(picture);
    town.expect_noted(midnight(), Command::RegisterDriver(driver));
    assert_eq!(town.add_vehicle_with(1, 0, FOUR, |shift| shift.driver = Some(ANNA)), Answer::Noted);
    town
}

pub fn declared(detour_max: Span, detour_length_max: Metres) -> DeclaredTrip {
    DeclaredTrip { seats: Seats::new(2, 0), detour_max, detour_length_max, tier: Tier::T3 }
}

/// From B to D of A--B--C--D--E, a minute and 600 m a hop, at any time of the morning.
pub fn town_with_trip(detour_max: Span, detour_length_max: Metres) -> Town {
    let mut town = town("A--B--C--D--E 60s");
    let end = town.city.spot(3);
    let answer = town.add_vehicle_with(1, 1, FOUR, |shift| {
        (shift.end, shift.declared) = (Some(end), Some(declared(detour_max, detour_length_max)));
        shift.window = window("07:00", "12:00");
    });
    assert_eq!(answer, Answer::Noted);
    town
}

pub fn ask(town: &mut Town, now: Time, (from, to): (&str, &str), (earliest, latest): (Time, Time)) -> Answer {
    let wish = Wish::DepartAfter(TimeWindow::new(earliest, latest).expect("in order"));
    let request = town.request(town.city.node(from), town.city.node(to), ONE, wish);
    town.tell(now, Command::Book { request: request.into(), by_hand: None })
}

pub fn book(town: &mut Town, now: &str, ride: (&str, &str), wish: (&str, &str)) -> Answer {
    ask(town, at(now), ride, (at(wish.0), at(wish.1)))
}

#[track_caller]
pub fn booked(answer: Answer) -> BookingId {
    match answer {
        Answer::Confirmed(booking) | Answer::AwaitingDriver(booking) => booking.id,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
pub fn refused(answer: Answer) -> Vec<Binding> {
    match answer {
        Answer::Refused(refusal) => refusal.binding,
        other => panic!("{other:?}"),
    }
}

pub fn binds(constraint: Constraint, shortfall: impl Into<Option<Span>>) -> Vec<Binding> {
    vec![Binding { constraint, shortfall: shortfall.into() }]
}

pub fn state(town: &Town) -> &State {
    town.dispatcher.state()
}

pub fn schedule(town: &Town) -> &Schedule {
    &state(town).schedules[&S1]
}

/// When each break of the schedule is predicted to begin.
pub fn rests(town: &Town, now: &str) -> Vec<Time> {
    let times = schedule(town).timeline(at(now)).stops;
    schedule(town).stops().iter().zip(times).filter(|(stop, _)| stop.is_break()).map(|(_, times)| times.start).collect()
}

pub fn decided(events: &[Event]) -> Vec<&Endogenous> {
    events
        .iter()
        .filter_map(|event| match event {
            Event::Endogenous(event) => Some(event),
            Event::Exogenous(_) => None,
        })
        .collect()
}

pub fn report(town: &mut Town, now: &str, command: fn(StopId, Time) -> Command) -> Vec<Event> {
    let stop = schedule(town).next_stop().expect("it has something to do").id;
    let decision = town.take(at(now), &command(stop, at(now)));
    assert_eq!(decision.answer, Answer::Noted);
    decision.events
}

pub fn arrive(stop: StopId, at: Time) -> Command {
    Command::Arrive { shift: S1, stop, at }
}

pub fn depart(stop: StopId, at: Time) -> Command {
    Command::Depart { shift: S1, stop, at }
}

pub fn end_break(stop: StopId, at: Time) -> Command {
    Command::EndBreak { shift: S1, stop, at }
}

pub fn answer(booking: BookingId, accepted: bool) -> Command {
    Command::AnswerAsk { booking, driver: ANNA, accepted }
}

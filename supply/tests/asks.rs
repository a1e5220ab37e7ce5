//! What drivers were asked and said, a few records at a time.

mod support;

use std::sync::Arc;

use mukae_engine::model::{AskOutcome, CancelReason, DeclaredTrip, Terms, Tier};
use mukae_engine::schedule::{Plan, Route, Stop, Task, Whereabouts};
use mukae_engine::{Command, Endogenous};
use mukae_record::Record;
use mukae_supply::asks::{AskEnd, Errand};
use mukae_supply::{DriverAsk, DriverAsks};
use mukae_units::{BookingId, Capacity, DriverId, Metres, Seats, ShiftId, Span, StopId, TravelTime};
use support::*;

const ANNA: DriverId = DriverId(1);
const RIDER: BookingId = BookingId(1);

fn asks(records: &[Record]) -> Vec<DriverAsk> {
    let mut asks = DriverAsks::default();
    records.iter().for_each(|record| asks.take(record));
    asks.asks().to_vec()
}

fn asked(driver: DriverId, booking: BookingId, deadline: i64) -> Endogenous {
    Endogenous::DriverAsked { booking, driver, deadline: mins(deadline), fallback: None }
}

fn said(at: i64, booking: BookingId, outcome: AskOutcome) -> Record {
    record(at, Command::AdvanceClock, vec![Endogenous::AskEnded { booking, driver: ANNA, outcome }])
}

fn tick(at: i64, events: Vec<Endogenous>) -> Record {
    record(at, Command::AdvanceClock, events)
}

/// Stops as `(booking, minutes of the leg, pickup?)`; each is promised 40 minutes after the epoch.
fn plan(stops: &[(BookingId, u32, bool)], driven: Option<i64>) -> Endogenous {
    let stop = |(number, &(booking, leg, is_pickup)): (usize, &(BookingId, u32, bool))| Stop {
        id: StopId(number as u64),
        booking: Some(booking),
        place: spot(number as i32).place,
        leg: TravelTime::from_secs(leg * 60),
        dwell: Span::MINUTE,
        stop_dwell: Span::ZERO,
        joins: false,
        party: Seats::new(1, 0),
        task: match is_pickup {
            true => Task::Pickup { window: window(40, 50), is_awaited: true, hold: None },
            false => Task::Dropoff { latest: mins(90), ride_max: Span::HOUR, boarded_at: None },
        },
    };
    let route = driven.map(|driven| Route {
        time_max: Span::HOUR,
        length_max: Metres::from_metres(50_000),
        driven: Span::from_mins(driven),
        driven_length: Metres::ZERO,
        lengths: Vec::new(),
        is_exceeded: false,
    });
    let plan = Plan {
        whereabouts: Whereabouts::Waiting { place: spot(0).place, since: mins(0) },
        stops: stops.iter().enumerate().map(stop).collect(),
        to_end: TravelTime::from_secs(300),
        route,
    };
    Endogenous::PlanChanged { shift: ShiftId(1), plan: Arc::new(plan) }
}

fn errand(records: &[Record]) -> Option<Errand> {
    asks(records).last().unwrap().errand
}

#[test]
fn an_ask_ends_by_an_answer_by_silence_or_with_the_ride() {
    let ask = || tick(0, vec![asked(ANNA, RIDER, 5)]);
    let ends = |last: Record| {
        let all = asks(&[ask(), last]);
        assert_eq!(all.len(), 1);
        (all[0].end.map(|end| end.outcome), all[0].answered_after())
    };
    assert_eq!(asks(&[ask()])[0].end, None);
    assert_eq!(ends(said(2, RIDER, AskOutcome::Accepted)), (Some(Some(AskOutcome::Accepted)), Some(Span::MINUTE * 2)));
    assert_eq!(ends(said(3, RIDER, AskOutcome::Declined)), (Some(Some(AskOutcome::Declined)), Some(Span::MINUTE * 3)));
    assert_eq!(ends(said(6, RIDER, AskOutcome::Expired)), (Some(Some(AskOutcome::Expired)), None));
    let gone = Endogenous::BookingCancelled { booking: RIDER, reason: CancelReason::Rider };
    assert_eq!(ends(tick(2, vec![gone])), (Some(None), None));
}

#[test]
fn more_time_is_no_second_ask_and_another_driver_is() {
    let more = [tick(0, vec![asked(ANNA, RIDER, 5)]), tick(4, vec![asked(ANNA, RIDER, 9)])];
    let all = asks(&more);
    assert_eq!((all.len(), all[0].at, all[0].deadline), (1, mins(0), mins(9)));
    let other = DriverId(2);
    let falls_back = vec![
        Endogenous::AskEnded { booking: RIDER, driver: ANNA, outcome: AskOutcome::Declined },
        asked(other, RIDER, 12),
    ];
    let all = asks(&[more[0].clone(), tick(3, falls_back)]);
    assert_eq!(all.iter().map(|ask| ask.driver).collect::<Vec<_>>(), [ANNA, other]);
    assert_eq!(all[0].end, Some(AskEnd { at: mins(3), outcome: Some(AskOutcome::Declined) }));
}

#[test]
fn asks_of_the_last_seven_days_are_counted() {
    let week = 7 * 24 * 60;
    let ask = |at, booking| tick(at, vec![asked(ANNA, BookingId(booking), at + 5)]);
    let all = asks(&[ask(0, 1), ask(10, 2), ask(week - 1, 3), ask(week, 4), ask(week + 10, 5)]);
    assert_eq!(all.iter().map(|ask| ask.asks_before).collect::<Vec<_>>(), [0, 1, 2, 2, 2]);
}

#[test]
fn the_plan_of_the_same_record_says_what_for() {
    let other = BookingId(2);
    assert_eq!(errand(&[tick(0, vec![asked(ANNA, RIDER, 5)])]), None, "nothing is guessed");
    let alone = plan(&[(RIDER, 7, true), (RIDER, 10, false)], None);
    let found = errand(&[tick(10, vec![alone, asked(ANNA, RIDER, 15)])]).unwrap();
    let expected =
        Errand { shift: ShiftId(1), notice: Span::from_mins(30), deadhead: Span::from_mins(7), detour: None };
    assert_eq!(found, expected);
    let shared = [(other, 7, true), (RIDER, 3, true), (other, 5, false), (RIDER, 1, false)];
    let found = errand(&[tick(10, vec![asked(ANNA, RIDER, 15), plan(&shared, None)])]).unwrap();
    assert_eq!(found.deadhead, Span::ZERO, "somebody is on board; whatever is said first");
    let after = [(other, 7, true), (other, 5, false), (RIDER, 3, true), (RIDER, 1, false)];
    let found = errand(&[tick(10, vec![plan(&after, None), asked(ANNA, RIDER, 15)])]).unwrap();
    assert_eq!(found.deadhead, Span::from_mins(3));
}

#[test]
fn a_declared_trip_tells_its_detour() {
    let mut trip = shift(1, window(0, 200));
    let (seats, detour_max, tier) = (Seats::new(2, 0), Span::HOUR, Tier::T1);
    let detour_length_max = Metres::from_metres(50_000);
    trip.declared = Some(DeclaredTrip { seats, detour_max, detour_length_max, tier });
    let (shift, capacity) = (Arc::new(trip), Capacity::from(Seats::new(2, 0)));
    let to_end = TravelTime::from_secs(20 * 60);
    let declared = Endogenous::ShiftPlanned { shift: Arc::clone(&shift), capacity, to_end, terms: Terms::OPEN };
    let mut records = vec![record(0, Command::PlanShift(shift), vec![declared])];
    // 4 + 14 + 5 minutes where 20 were planned
    let first = plan(&[(RIDER, 4, true), (RIDER, 14, false)], Some(0));
    records.push(tick(10, vec![first, asked(ANNA, RIDER, 15)]));
    assert_eq!(errand(&records).unwrap().detour, Some(Span::from_mins(3)));
    records.push(said(11, RIDER, AskOutcome::Accepted));
    // four minutes were driven since, and the second rider costs two more
    let second = BookingId(2);
    let then = plan(&[(second, 2, true), (RIDER, 13, false), (second, 1, false)], Some(4));
    records.push(tick(20, vec![then, asked(ANNA, second, 25)]));
    assert_eq!(errand(&records).unwrap().detour, Some(Span::from_mins(2)));
}

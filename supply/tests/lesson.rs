//! What is counted, and what is not.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use mukae_forecast::{BIN_COUNT, DayClass};
use mukae_maps::{EdgeId, Place};
use mukae_supply::clock::{Clock, Day};
use mukae_supply::{Lesson, LessonRules, Origin, Posts, WantedRide, lesson};
use mukae_units::{LatLon, Metres, Span, Time};

const HOME: f64 = 54.0;
const TOWN: f64 = 54.1;

fn point(north: f64) -> LatLon {
    LatLon::from_degrees(north, -4.5).unwrap()
}

fn posts() -> Posts {
    let origin = |number: u32, north| Origin { point: point(north), place: Place::head_of(EdgeId(number)) };
    Posts::of([origin(1, HOME), origin(2, TOWN)], Metres::ZERO, 9).unwrap()
}

/// Minutes after midnight of the first day of 1970.
fn at(minutes: i64) -> Time {
    Time::from_unix_millis(0) + Span::from_mins(minutes)
}

/// Asked, wished and arrived in minutes after midnight.
fn ride((from, to): (f64, f64), [asked, wished, arrived]: [i64; 3]) -> WantedRide {
    let (from, to) = (point(from), point(to));
    let [asked, wished, arrived] = [asked, wished, arrived].map(at);
    WantedRide { asked, wished, from, to, rider: None, weight_permille: 1000, arrived }
}

/// Open from eight to eight.
fn open() -> [f64; BIN_COUNT] {
    std::array::from_fn(|bin| if (16..40).contains(&bin) { 1.0 } else { 0.0 })
}

fn learned(rides: &[WantedRide]) -> Lesson {
    let days = BTreeMap::from([(Day(0), open())]);
    let rules = LessonRules { lead_max: Span::HOUR };
    lesson(rides, &posts(), &days, |_| DayClass(3), &mut Clock::new(TimeZone::UTC), rules).unwrap()
}

/// Posts and half hours of what counts.
fn counted(lesson: &Lesson) -> Vec<(u16, u8)> {
    lesson.history.days()[0].counts.iter().map(|count| (count.zone, count.bin)).collect()
}

#[test]
fn who_asked_long_before_is_planned_for_and_not_expected() {
    let there = (HOME, TOWN);
    let lesson = learned(&[ride(there, [560, 600, 620]), ride(there, [539, 600, 620]), ride(there, [540, 600, 620])]);
    assert_eq!(counted(&lesson), [(0, 20), (0, 20)]);
}

#[test]
fn what_could_not_be_booked_is_no_sign_of_demand() {
    let lesson = learned(&[ride((HOME, TOWN), [470, 479, 490]), ride((HOME, TOWN), [480, 480, 490])]);
    assert_eq!(counted(&lesson), [(0, 16)]);
}

#[test]
fn a_ride_back_belongs_to_the_visit_before_it() {
    let (there, back) = ((HOME, TOWN), (TOWN, HOME));
    let lesson = learned(&[ride(there, [590, 600, 620]), ride(back, [700, 700, 720])]);
    assert_eq!(counted(&lesson), [(0, 20)], "the way back is not counted");
    let visit = lesson.visits[0];
    assert_eq!((lesson.visits.len(), visit.zone, visit.watched_min), (1, 1, 580.0), "until eight");
    assert_eq!(visit.returned_after_min, Some(80.0));
    // two came and one went
    let lesson = learned(&[ride(there, [590, 600, 620]), ride(there, [600, 610, 630]), ride(back, [700, 700, 720])]);
    let after: Vec<Option<f64>> = lesson.visits.iter().map(|visit| visit.returned_after_min).collect();
    assert_eq!((counted(&lesson).len(), after), (2, vec![Some(80.0), None]));
    // who booked the way back before tells nothing of those who have not
    let lesson = learned(&[ride(there, [590, 600, 620]), ride(back, [590, 700, 720])]);
    assert_eq!((counted(&lesson).len(), lesson.visits.len()), (1, 0));
    // another day's
    let lesson = learned(&[ride(there, [590, 600, 620]), ride(back, [2140, 2140, 2160])]);
    assert_eq!(lesson.visits[0].returned_after_min, None);
}

//! A day of requests for a town without data: drawn over its roads, the same for the same map, seed
//! and parameters.
//!
//! People live along slow roads and travel to a few centres, which stand where junctions are dense:
//! stand-ins for the hospital, the shops, the station. Times follow a day with two peaks; some book
//! ahead, some call when they want to go; most come back. How many requests there are is given, not
//! guessed: volume is the weakest link of any synthetic demand.

mod flat;
mod town;

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use mukae_maps::RoadGraph;
use mukae_units::{LatLon, Metres, Seats, Span, Time, TimeWindow};

use super::{RequestRow, WishKind};
use crate::random::{Luck, Purpose};
use town::Town;

/// Advance bookings name times on this grid.
const CLOCK_GRID: Span = Span::from_mins(5);
/// A trip that turned out too short is drawn again so often.
const REDRAWS_MAX: u32 = 8;

/// What a day is drawn by. Shares are in thousandths.
#[derive(Clone, PartialEq, Debug)]
pub struct SyntheticDay {
    pub seed: u64,
    /// The service day, in local time; wishes lie in it, bookings may be made days before.
    pub date: Date,
    pub zone: TimeZone,
    pub requests: usize,
    /// The weight of each hour of the day; no wish falls into an hour of weight zero.
    pub hours: [u32; 24],
    /// Width of every wished window.
    pub window: Span,
    /// Trips out that ask for a time of arrival; these are always booked ahead.
    pub arrive_by: u32,
    /// Of the other trips: those asked for at the moment they should begin.
    pub immediate: u32,
    /// A booking is made at least so long ahead, at most so long, and on average `lead_mean` more
    /// than the least.
    pub lead_min: Span,
    pub lead_mean: Span,
    pub lead_max: Span,
    /// The weight of parties of 1, 2, ... persons.
    pub party: Vec<u32>,
    /// Parties of whom one person uses a wheelchair.
    pub wheelchair: u32,
    /// Trips out to a centre; the others go to another home.
    pub to_centre: u32,
    /// How strongly each centre pulls, the densest first; there are as many as the map has room for.
    pub pulls: Vec<u32>,
    /// Of so many drawn destinations the nearest is taken; 1 for no preference.
    pub choices: u32,
    /// Through the air; shorter trips are walked.
    pub distance_min: Metres,
    /// Trips out that are followed by a trip back, after a stay of at least so long and on average
    /// `stay_mean` more.
    pub comes_back: u32,
    pub stay_min: Span,
    pub stay_mean: Span,
}

impl SyntheticDay {
    /// A weekday of a small town with elderly riders: mornings and early afternoons, mostly booked.
    pub fn weekday(date: Date, zone: TimeZone, requests: usize, seed: u64) -> SyntheticDay {
        SyntheticDay {
            seed,
            date,
            zone,
            requests,
            hours: [0, 0, 0, 0, 0, 0, 0, 4, 9, 14, 13, 8, 5, 7, 11, 12, 9, 5, 2, 0, 0, 0, 0, 0],
            window: Span::from_mins(30),
            arrive_by: 350,
            immediate: 450,
            lead_min: Span::HOUR,
            lead_mean: Span::from_mins(8 * 60),
            lead_max: Span::from_mins(7 * 24 * 60),
            party: vec![82, 14, 4],
            wheelchair: 40,
            to_centre: 800,
            pulls: vec![30, 28, 18, 14, 10],
            choices: 3,
            distance_min: Metres::from_metres(800),
            comes_back: 600,
            stay_min: Span::from_mins(30),
            stay_mean: Span::HOUR,
        }
    }
}

/// One trip out, and what its trip back needs to know.
struct Trip {
    home: LatLon,
    away: LatLon,
    party: Seats,
    created_at: Time,
    /// About when the stay begins.
    there_at: Time,
}

/// The requests of the day, by the time they are made. None for a map without roads, for a day
/// without hours, or for a party of nobody.
pub fn day(graph: &RoadGraph, parameters: &SyntheticDay) -> Vec<RequestRow> {
    let Some(town) = Town::of(graph, &parameters.pulls) else { return Vec::new() };
    let (hours, parties) = (running_sums(&parameters.hours), running_sums(&parameters.party));
    if hours.last() == Some(&0) || parties.last().is_none_or(|&sum| sum == 0) {
        return Vec::new();
    }
    let luck = Luck::new(parameters.seed);
    let mut rows = Vec::with_capacity(parameters.requests);
    for entity in 0.. {
        if parameters.requests <= rows.len() {
            break;
        }
        let (row, trip) = trip_out(entity, luck, parameters, &town, &hours, &parties);
        rows.push(row);
        if rows.len() < parameters.requests {
            rows.extend(trip_back(entity, luck, parameters, &trip));
        }
    }
    rows.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
    rows
}

fn trip_out(
    entity: u64,
    luck: Luck,
    parameters: &SyntheticDay,
    town: &Town<'_>,
    hours: &[u64],
    parties: &[u64],
) -> (RequestRow, Trip) {
    let draw = |purpose| luck.draw(entity, purpose, 0);
    let (home, away) = places(entity, luck, parameters, town);
    let hour = draw(Purpose::Hour).pick(hours) as i64;
    let second = draw(Purpose::Minute).below(3600) as i64;
    let wish = local(parameters, hour * 3600 + second);
    let lead = lead(entity, luck, parameters);
    let (kind, window, created_at, there_at) = if draw(Purpose::WishKind).happens(parameters.arrive_by) {
        let latest = wish.floor_to(CLOCK_GRID);
        let earliest = latest - parameters.window;
        (WishKind::ArriveBy, (earliest, latest), earliest - lead, latest)
    } else if draw(Purpose::Booking).happens(parameters.immediate) {
        (WishKind::DepartAfter, (wish, wish + parameters.window), wish, wish + parameters.window)
    } else {
        let earliest = wish.floor_to(CLOCK_GRID);
        let latest = earliest + parameters.window;
        (WishKind::DepartAfter, (earliest, latest), earliest - lead, latest)
    };
    let persons = draw(Purpose::Party).pick(parties) as u8 + 1;
    let wheelchairs = u8::from(draw(Purpose::Wheelchair).happens(parameters.wheelchair));
    let party = Seats::new(persons - wheelchairs, wheelchairs);
    let row = row(format!("s{entity:05}"), created_at, window, kind, (home, away), party);
    (row, Trip { home, away, party, created_at, there_at })
}

/// The trip home, unless there is none or it would begin outside the hours of the day.
fn trip_back(entity: u64, luck: Luck, parameters: &SyntheticDay, trip: &Trip) -> Option<RequestRow> {
    let draw = |purpose| luck.draw(entity, purpose, 0);
    if !draw(Purpose::Return).happens(parameters.comes_back) {
        return None;
    }
    let leaves = trip.there_at + parameters.stay_min + draw(Purpose::Stay).exponential(parameters.stay_mean);
    let is_immediate = draw(Purpose::ReturnBooking).happens(parameters.immediate);
    let earliest = if is_immediate { leaves } else { leaves.floor_to(CLOCK_GRID) };
    let is_served = |(hour, &weight): (usize, &u32)| {
        let (from, to) = (local(parameters, hour as i64 * 3600), local(parameters, (hour as i64 + 1) * 3600));
        0 < weight && from <= earliest && earliest < to
    };
    if !parameters.hours.iter().enumerate().any(is_served) {
        return None;
    }
    let created_at = if is_immediate { earliest } else { trip.created_at };
    let window = (earliest, earliest + parameters.window);
    let ends = (trip.away, trip.home);
    Some(row(format!("s{entity:05}b"), created_at, window, WishKind::DepartAfter, ends, trip.party))
}

/// Home, and the nearest of a few destinations that is not next door.
fn places(entity: u64, luck: Luck, parameters: &SyntheticDay, town: &Town<'_>) -> (LatLon, LatLon) {
    let home = town.home([
        luck.draw(entity, Purpose::Origin, 0),
        luck.draw(entity, Purpose::Origin, 1),
        luck.draw(entity, Purpose::Origin, 2),
    ]);
    let is_to_centre = luck.draw(entity, Purpose::DestinationKind, 0).happens(parameters.to_centre);
    let destination = |n: u32| {
        let draws = [0, 1, 2].map(|part| luck.draw(entity, Purpose::Destination, 3 * n + part));
        match town.centre(luck.draw(entity, Purpose::Centre, n)) {
            Some(centre) if is_to_centre => centre.place(draws),
            _ => town.home(draws),
        }
    };
    let choices = parameters.choices.max(1);
    let mut away = home;
    for redraw in 0..REDRAWS_MAX {
        let drawn = (redraw * choices..(redraw + 1) * choices).map(destination);
        away = drawn.min_by_key(|&place| town.distance(home, place)).expect("there is at least one choice");
        if parameters.distance_min <= town.distance(home, away) {
            break;
        }
    }
    (home, away)
}

fn lead(entity: u64, luck: Luck, parameters: &SyntheticDay) -> Span {
    let more = luck.draw(entity, Purpose::Lead, 0).exponential(parameters.lead_mean);
    (parameters.lead_min + more).min(parameters.lead_max)
}

/// So many seconds after local midnight by the clock on the wall. A time that the clock skips is
/// moved forward, one that it shows twice is the first.
fn local(parameters: &SyntheticDay, seconds: i64) -> Time {
    let midnight = parameters.date.at(0, 0, 0, 0);
    let wall = midnight.checked_add(seconds.seconds()).expect("service days lie in jiff's range");
    let zoned = parameters.zone.to_ambiguous_zoned(wall).compatible().expect("a compatible time exists in range");
    Time::from_unix_millis(zoned.timestamp().as_millisecond())
}

fn row(
    id: String,
    created_at: Time,
    (earliest, latest): (Time, Time),
    kind: WishKind,
    (from, to): (LatLon, LatLon),
    party: Seats,
) -> RequestRow {
    let window = TimeWindow::new(earliest, latest).expect("a window is not narrower than nothing");
    RequestRow { line: 0, id, created_at, window, kind, from, to, party }
}

/// For [`crate::random::Draw::pick`].
fn running_sums(weights: &[u32]) -> Vec<u64> {
    let mut sum = 0;
    weights
        .iter()
        .map(|&weight| {
            sum += u64::from(weight);
            sum
        })
        .collect()
}

#[cfg(test)]
mod tests;

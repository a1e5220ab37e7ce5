//! What a run's model has learned before the run begins: from what riders asked on other days.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::tz::TimeZone;
use mukae_engine::model::{Shift, Wish};
use mukae_forecast::returns::{ReturnSettings, Returns};
use mukae_forecast::{BIN_COUNT, RateSettings, Rates};
use mukae_maps::TravelTimes;
use mukae_supply::clock::{Clock, Day, HALF_HOUR};
use mukae_supply::follower::class;
use mukae_supply::{LessonRules, Model, Origin, Posts, WantedRide, lesson};
use mukae_units::{Metres, Span};
use thiserror::Error;

use crate::demand::Ask;

/// Until a vehicle comes, as far as an ask alone tells.
const USUAL_WAIT: Span = Span::from_mins(10);

/// From what, and how.
#[derive(Clone, Copy, Debug)]
pub struct Learning {
    /// Posts are so far apart, and no more than these.
    pub apart: Metres,
    pub posts_max: usize,
    /// Who asks longer before is planned for, not expected.
    pub lead_max: Span,
    /// F2 as well.
    pub with_returns: bool,
}

#[derive(Debug, Error)]
pub enum LearnError {
    #[error("nobody asked on the days there are to learn from")]
    NobodyAsked,
    #[error("what was asked can not be learned from: {0}")]
    History(#[from] mukae_forecast::HistoryError),
    #[error("the rates can not be fitted: {0}")]
    Rates(#[from] mukae_forecast::RateError),
    #[error("returns can not be fitted: {0}")]
    Returns(#[from] mukae_forecast::returns::ReturnError),
}

/// By day of the week from Monday on: the part of each half hour in which some shift works, on average over the days on
/// which any does; a day of the week without shifts is as closed as it looks.
pub fn opening<'s>(shifts: impl Iterator<Item = &'s Arc<Shift>>, zone: &TimeZone) -> [[f64; BIN_COUNT]; 7] {
    let mut clock = Clock::new(zone.clone());
    let mut days: BTreeMap<Day, [i64; BIN_COUNT]> = BTreeMap::new();
    for shift in shifts {
        let mut from = shift.window.earliest();
        while from < shift.window.latest() {
            let until = clock.next_half_hour(from).min(shift.window.latest());
            let open = &mut days.entry(clock.day(from)).or_insert([0; BIN_COUNT])[usize::from(clock.half_hour(from))];
            *open = (*open).max((until - from).as_millis());
            from = until;
        }
    }
    let (mut sums, mut counts) = ([[0.0; BIN_COUNT]; 7], [0.0_f64; 7]);
    for (day, open) in &days {
        let weekday = usize::from(class(*day).0);
        counts[weekday] += 1.0;
        for (sum, open) in sums[weekday].iter_mut().zip(open) {
            *sum += *open as f64 / HALF_HOUR.as_millis() as f64;
        }
    }
    for (sums, count) in sums.iter_mut().zip(counts) {
        sums.iter_mut().for_each(|sum| *sum /= count.max(1.0));
    }
    sums
}

/// Of days on which as much was open as in the run.
pub fn learn(
    asks: &[Ask],
    open: [[f64; BIN_COUNT]; 7],
    zone: &TimeZone,
    learning: Learning,
    roads: &mut dyn TravelTimes,
) -> Result<Model, LearnError> {
    let mut clock = Clock::new(zone.clone());
    let rides: Vec<WantedRide> = asks.iter().filter_map(|ask| wanted(ask, roads)).collect();
    let origins = asks.iter().filter_map(|ask| {
        let spot = &ask.request.origin.first()?.spot;
        Some(Origin { point: spot.asked, place: spot.place })
    });
    let posts = Posts::of(origins, learning.apart, learning.posts_max).ok_or(LearnError::NobodyAsked)?;
    let wished: Vec<Day> = rides.iter().map(|ride| clock.day(ride.wished)).collect();
    let (first, last) = (wished.iter().min(), wished.iter().max());
    let (first, last) = first.zip(last).ok_or(LearnError::NobodyAsked)?;
    let days = (first.0..=last.0).map(|day| (Day(day), open[usize::from(class(Day(day)).0)])).collect();
    let rules = LessonRules { lead_max: learning.lead_max };
    let learned = lesson(&rides, &posts, &days, class, &mut clock, rules)?;
    let through = i32::try_from(last.0).expect("days of a calendar");
    let rates = Rates::fit(&learned.history, through, &RateSettings::default(), None)?;
    let returns = match learning.with_returns {
        true => Some(Returns::fit(posts.count(), &learned.visits, &ReturnSettings::default())?),
        false => None,
    };
    Ok(Model { posts, rates, returns, open, lead_max: learning.lead_max, learned_through: Day(last.0) })
}

/// `None` where no road leads.
fn wanted(ask: &Ask, roads: &mut dyn TravelTimes) -> Option<WantedRide> {
    let request = &ask.request;
    let (from, to) = (&request.origin.first()?.spot, &request.destination.first()?.spot);
    let direct = roads.travel_time(from.place, to.place)?;
    let wished = match request.wish {
        Wish::DepartAfter(window) => window.earliest(),
        Wish::ArriveBy(window) => window.latest() - direct.span() - USUAL_WAIT,
    };
    Some(WantedRide {
        asked: ask.at,
        wished,
        from: from.asked,
        to: to.asked,
        rider: request.rider,
        weight_permille: 1000,
        arrived: wished + USUAL_WAIT + direct,
    })
}

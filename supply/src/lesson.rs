//! What the forecasts learn from: wanted rides, by day, half hour and post.
//!
//! Only rides count that nobody knew of long before: what is booked is planned for, not expected. A ride that goes back the
//! way somebody came on the same day is a return; it belongs to the visit before it and not to the rates, or it would
//! count twice.

use std::collections::BTreeMap;

use mukae_forecast::returns::Visit;
use mukae_forecast::{BIN_COUNT, Count, Day as Counted, DayClass, Exposure, History, HistoryError};
use mukae_maps::geometry::distance;
use mukae_units::{LatLon, Metres, RiderId, Span, Time};

use crate::clock::{Clock, Day, HALF_HOUR};
use crate::posts::Posts;

/// Two points this near are one place to come back from.
const SAME_PLACE: Metres = Metres::from_metres(300);
/// A ride that somebody wanted.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct WantedRide {
    pub asked: Time,
    /// Start of the wished window.
    pub wished: Time,
    pub from: LatLon,
    pub to: LatLon,
    pub rider: Option<RiderId>,
    /// How surely it was wanted, in thousandths.
    pub weight_permille: u32,
    /// When the rider was there, or would have been.
    pub arrived: Time,
}

/// How rides are told apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LessonRules {
    /// Who asks longer before is planned for, not expected.
    pub lead_max: Span,
}

/// Days, and visits that might end with a ride back.
#[derive(Clone, PartialEq, Debug)]
pub struct Lesson {
    pub history: History,
    pub visits: Vec<Visit>,
}

/// The ends of a ride back lie where those of the ride there do, the other way round.
pub(crate) fn goes_back(there: (LatLon, LatLon), back: (LatLon, LatLon)) -> bool {
    distance(there.1, back.0) <= SAME_PLACE && distance(there.0, back.1) <= SAME_PLACE
}

/// Of all `rides`, in any order, on the days for which `exposure` says what part of each half hour could be booked.
pub fn lesson(
    rides: &[WantedRide],
    posts: &Posts,
    days: &BTreeMap<Day, [f64; BIN_COUNT]>,
    class_of: impl Fn(Day) -> DayClass,
    clock: &mut Clock,
    rules: LessonRules,
) -> Result<Lesson, HistoryError> {
    let mut by_day: BTreeMap<Day, Vec<&WantedRide>> = BTreeMap::new();
    for ride in rides {
        by_day.entry(clock.day(ride.wished)).or_default().push(ride);
    }
    let (mut counted, mut visits) = (Vec::with_capacity(days.len()), Vec::new());
    for (&day, exposure) in days {
        let mut of_day = by_day.remove(&day).unwrap_or_default();
        of_day.sort_by_key(|ride| (ride.wished, ride.asked));
        let back_of = returns(&of_day);
        let closes = closing(day, exposure, clock);
        let is_return = |ride: usize| back_of.contains(&Some(ride));
        let mut counts = Vec::new();
        for (number, ride) in of_day.iter().enumerate() {
            let zone = posts.nearest(ride.from);
            let bin = clock.half_hour(ride.wished);
            let is_known_before = rules.lead_max < ride.wished - ride.asked;
            let is_exposed = 0.0 < exposure[usize::from(bin)];
            if !is_known_before && is_exposed && !is_return(number) {
                let weight = f64::from(ride.weight_permille.min(1000)) / 1000.0;
                counts.push(Count { zone, bin, weight, rider: ride.rider.map(|rider| rider.0) });
            }
            let back = back_of[number].map(|back| of_day[back]);
            let is_booked = back.is_some_and(|back| back.asked < ride.arrived);
            let watched = minutes(closes - ride.arrived);
            if !is_return(number) && !is_booked && 0.0 < watched {
                let after = back.map(|back| minutes(back.asked - ride.arrived)).filter(|&after| after <= watched);
                visits.push(Visit { zone: posts.nearest(ride.to), watched_min: watched, returned_after_min: after });
            }
        }
        let number = i32::try_from(day.0).expect("days of a calendar");
        counted.push(Counted {
            number,
            class: class_of(day),
            exposure: Exposure::Everywhere(exposure.to_vec()),
            counts,
        });
    }
    Ok(Lesson { history: History::new(posts.count(), counted)?, visits })
}

fn minutes(span: Span) -> f64 {
    span.as_millis() as f64 / 60_000.0
}

/// When nothing can be booked any more on a day.
fn closing(day: Day, exposure: &[f64; BIN_COUNT], clock: &mut Clock) -> Time {
    let bins = exposure.iter().rposition(|&share| 0.0 < share).map_or(0, |last| last + 1);
    clock.midnight(day) + HALF_HOUR * bins as i64
}

/// Which ride is the way back of each, the first that can be; no ride is that of two.
fn returns(rides: &[&WantedRide]) -> Vec<Option<usize>> {
    let mut back_of = vec![None; rides.len()];
    let mut is_taken = vec![false; rides.len()];
    for there in 0..rides.len() {
        let way = (rides[there].from, rides[there].to);
        let back = (there + 1..rides.len()).find(|&back| {
            !is_taken[back]
                && rides[there].wished < rides[back].wished
                && goes_back(way, (rides[back].from, rides[back].to))
        });
        if let Some(back) = back.filter(|_| !is_taken[there]) {
            (back_of[there], is_taken[back]) = (Some(back), true);
        }
    }
    back_of
}

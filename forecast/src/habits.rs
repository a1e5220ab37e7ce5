//! Riders who go the same way again and again: on which day, and when on it.
//!
//! For riders who agreed, and for the dispatcher's eyes only. A kind is one way of one rider, as the caller numbers them. How
//! likely a rider goes is read in four ways that are weighed by what they would have foretold (`experts.rs`): by weekday,
//! by the gap since the last visit, which is a discrete renewal process (for these and intermittent demand see Turkmen,
//! Januschowski, Wang and Cemgil 2021), by both and by neither. All lean on what all riders do. The past fades, and after
//! some half-lives it is not looked at any more.

mod experts;
mod fit;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::history::BIN_COUNT;
use crate::settings::{OutOfRange, positive};

/// Gaps are told apart up to four weeks; longer ones are alike.
const GAP_COUNT: usize = 29;
const WEEKDAYS: usize = 7;

/// A day on which rides could be booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServiceDay {
    pub number: i32,
    /// 0..=6.
    pub weekday: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trip {
    pub rider: u64,
    /// A pair of origin and destination of that rider.
    pub kind: u32,
    /// A service day.
    pub day: i32,
    pub bin: u8,
}

/// Trips of riders who agreed, and the days on which they could make them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diary {
    /// Strictly ascending.
    days: Vec<ServiceDay>,
    trips: Vec<Trip>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HabitSettings {
    /// Days after which a trip counts half, 60..=365.
    pub h_half: f64,
    /// How many half-lives back a trip counts at all.
    pub memory: f64,
    /// Days with a trip that make a kind a habit.
    pub trips_min: usize,
    /// Trips for which all riders' times of day count.
    pub bin_trips: f64,
}

impl Default for HabitSettings {
    fn default() -> HabitSettings {
        HabitSettings { h_half: 180.0, memory: 2.0, trips_min: 3, bin_trips: 3.0 }
    }
}

#[derive(Debug, Clone, PartialEq, Error)]
pub enum DiaryError {
    #[error("service day {day} comes after {before}: days go upwards, each once")]
    Order { day: i32, before: i32 },
    #[error("service day {day}: weekday {weekday}, it takes 0 to 6")]
    Weekday { day: i32, weekday: u8 },
    #[error("a trip on day {day}, which is no service day")]
    NoService { day: i32 },
    #[error("a trip on day {day} in bin {bin}, bins go from 0 to 47")]
    Bin { day: i32, bin: u8 },
}

/// What is known of riders' habits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Habits {
    riders: BTreeMap<u64, BTreeMap<u32, Habit>>,
}

/// One kind of one rider.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Habit {
    /// Day of the last visit.
    last: i32,
    /// The chance of a trip, by weekday and the gap since the last visit; see [`place`].
    chances: Vec<f64>,
    /// How trips spread over the half hours; adds up to 1.
    spread: Vec<f64>,
}

/// A day on which somebody may go.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outing<'a> {
    /// The chance of going at all on that day.
    pub chance: f64,
    spread: &'a [f64],
}

impl Diary {
    pub fn new(days: Vec<ServiceDay>, trips: Vec<Trip>) -> Result<Diary, DiaryError> {
        for pair in days.windows(2) {
            if pair[1].number <= pair[0].number {
                return Err(DiaryError::Order { day: pair[1].number, before: pair[0].number });
            }
        }
        if let Some(ServiceDay { number: day, weekday }) = days.iter().copied().find(|day| 6 < day.weekday) {
            return Err(DiaryError::Weekday { day, weekday });
        }
        let numbers: BTreeSet<i32> = days.iter().map(|day| day.number).collect();
        for Trip { day, bin, .. } in trips.iter().copied() {
            if !numbers.contains(&day) {
                return Err(DiaryError::NoService { day });
            }
            if BIN_COUNT <= usize::from(bin) {
                return Err(DiaryError::Bin { day, bin });
            }
        }
        Ok(Diary { days, trips })
    }
}

impl Habits {
    /// As known on the evening of day `through`; later days are not looked at.
    pub fn fit(diary: &Diary, through: i32, settings: &HabitSettings) -> Result<Habits, OutOfRange> {
        settings.check()?;
        Ok(Habits { riders: fit::fit(diary, through, settings) })
    }

    /// Riders with a habit, and which kinds these are, in order.
    pub fn kinds(&self) -> impl Iterator<Item = (u64, u32)> {
        self.riders.iter().flat_map(|(rider, kinds)| kinds.keys().map(|kind| (*rider, *kind)))
    }

    /// What to expect of a rider on a day on which rides can be booked, if nothing came between the last visit and it.
    /// Nothing is known of a kind that is no habit; who went on that day already has gone.
    pub fn outing(&self, rider: u64, kind: u32, day: i32, weekday: u8) -> Option<Outing<'_>> {
        let habit = self.riders.get(&rider)?.get(&kind)?;
        let gap = gap_place(habit.last, day);
        let chance = gap.map_or(Some(0.0), |gap| habit.chances.get(place(weekday, gap)).copied())?;
        Some(Outing { chance, spread: &habit.spread })
    }

    /// A rider went, after the fit: gaps count from here. Kinds that are no habit stay none until the next fit.
    pub fn visited(&mut self, rider: u64, kind: u32, day: i32) {
        if let Some(habit) = self.riders.get_mut(&rider).and_then(|kinds| kinds.get_mut(&kind)) {
            habit.last = habit.last.max(day);
        }
    }

    /// Removes a person: who no longer agrees is unknown from now on.
    pub fn forget(&mut self, rider: u64) {
        self.riders.remove(&rider);
    }

    pub(crate) fn check(&self) -> Result<(), String> {
        let are_shares = |shares: &[f64]| shares.iter().all(|share| (0.0..=1.0).contains(share));
        let is_sound = |habit: &Habit| {
            (habit.chances.len(), habit.spread.len()) == (WEEKDAYS * GAP_COUNT, BIN_COUNT)
                && are_shares(&habit.chances)
                && are_shares(&habit.spread)
        };
        if self.riders.values().flat_map(BTreeMap::values).all(is_sound) {
            return Ok(());
        }
        let chances = WEEKDAYS * GAP_COUNT;
        Err(format!("habits: each has {chances} chances and a spread over {BIN_COUNT} half hours, all 0 to 1"))
    }
}

impl Outing<'_> {
    /// The chance of going in that half hour.
    pub fn in_bin(&self, bin: u8) -> f64 {
        self.chance * self.spread.get(usize::from(bin)).copied().unwrap_or(0.0)
    }

    /// The chance of going later than in that half hour, if the rider has not gone until its end.
    pub fn rest_of_day(&self, after_bin: u8) -> f64 {
        let later: f64 = self.spread.iter().skip(usize::from(after_bin) + 1).sum();
        let left = 1.0 - self.chance * (1.0 - later);
        if left <= 0.0 { 0.0 } else { (self.chance * later / left).min(1.0) }
    }
}

impl HabitSettings {
    fn check(&self) -> Result<(), OutOfRange> {
        [
            ("h_half", self.h_half),
            ("memory", self.memory),
            ("trips_min", self.trips_min as f64),
            ("bin_trips", self.bin_trips),
        ]
        .into_iter()
        .try_for_each(|(key, found)| positive(key, found))
    }
}

/// Where the gap between two days lies in a column of gaps: 1 to 28 days, and longer. None if the day is not later.
fn gap_place(last: i32, day: i32) -> Option<usize> {
    (last < day).then(|| (day.abs_diff(last) as usize).min(GAP_COUNT) - 1)
}

/// Where a weekday and a gap lie in a column of both.
fn place(weekday: u8, gap: usize) -> usize {
    usize::from(weekday) * GAP_COUNT + gap
}

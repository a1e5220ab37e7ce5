//! Regular work on real days: civil times of the area become instants, also where clocks change.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use mukae_engine::model::ServiceDay;
use mukae_units::{Span, Time, TimeWindow};

use super::{Config, DayTime, HoursConfig, ServiceConfig, ShiftConfig};
use crate::names::ShiftName;

/// Days of the week, as bits from Monday on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Days(u8);

/// A shift on its day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlannedShift<'c> {
    /// Made of the day and the time it starts, so that a day is planned once however often it is tried.
    pub name: ShiftName,
    pub window: TimeWindow,
    pub config: &'c ShiftConfig,
}

impl Days {
    pub const DAILY: Days = Days(0b111_1111);

    const NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

    pub(super) fn parse(words: &[&str]) -> Option<Days> {
        let mut days = Days(0);
        for word in words {
            match *word {
                "daily" => days = Days::DAILY,
                word => days.0 |= 1 << Days::NAMES.iter().position(|name| *name == word)?,
            }
        }
        (days.0 != 0).then_some(days)
    }

    pub fn contains(self, day: Weekday) -> bool {
        self.0 & (1 << day.to_monday_zero_offset()) != 0
    }
}

/// The shifts that begin on `date`, in the order of the configuration.
///
/// A time that the clocks skip is as much later, one that they show twice is the first of the two.
/// A shift whose end would not come after its start on such a day is left out.
pub fn shifts_on(config: &Config, date: Date) -> impl Iterator<Item = PlannedShift<'_>> {
    let zone = &config.area.time_zone;
    config.shifts.iter().filter(move |shift| shift.days.contains(date.weekday())).filter_map(move |shift| {
        let end_date = if shift.start < shift.end { date } else { date.tomorrow().ok()? };
        let start = instant(date.to_datetime(shift.start).to_zoned(zone.clone()).ok()?.timestamp());
        let end = instant(end_date.to_datetime(shift.end).to_zoned(zone.clone()).ok()?.timestamp());
        let window = TimeWindow::new(start, end).ok().filter(|window| window.earliest() < window.latest())?;
        let day = format!("s-{:04}{:02}{:02}", date.year(), date.month(), date.day());
        let name = format!("{day}-{:02}{:02}", shift.start.hour(), shift.start.minute());
        let name = ShiftName { vehicle: shift.vehicle.clone(), shift: name };
        Some(PlannedShift { name, window, config: shift })
    })
}

/// The days of a service that begin on these dates, in their order; empty if it has no rule about them.
///
/// Without hours a day is all of the civil day. Without a deadline one can book until the last pickup,
/// without a beginning since ever. A deadline is counted from the date the day begins on.
pub fn service_days(zone: &TimeZone, service: &ServiceConfig, dates: impl Iterator<Item = Date>) -> Vec<ServiceDay> {
    let ServiceConfig { hours, closed, book_from, book_until, .. } = service;
    if hours.is_empty() && closed.is_empty() && book_from.is_none() && book_until.is_none() {
        return Vec::new();
    }
    let mut days = Vec::new();
    for date in dates.filter(|date| !closed.iter().any(|closed| closed.contains(date))) {
        let of_day = hours.iter().filter(|hours| hours.days.contains(date.weekday()));
        let pickups: Vec<TimeWindow> = match hours.is_empty() {
            true => whole_day(zone, date).into_iter().collect(),
            false => of_day.filter_map(|hours| pickups_on(zone, hours, date)).collect(),
        };
        for pickups in pickups {
            let before = |day_time: &DayTime| {
                let date = date.checked_sub(day_time.days_before.days()).ok()?;
                at(zone, date, day_time.time)
            };
            let bookable_from = book_from.as_ref().and_then(before).unwrap_or(Time::from_unix_millis(0));
            let bookable_until = book_until.as_ref().and_then(before).unwrap_or(pickups.latest());
            days.push(ServiceDay { pickups, bookable_from, bookable_until });
        }
    }
    days.sort();
    days
}

fn whole_day(zone: &TimeZone, date: Date) -> Option<TimeWindow> {
    let midnight = |date: Date| Some(instant(date.to_zoned(zone.clone()).ok()?.timestamp()));
    TimeWindow::new(midnight(date)?, midnight(date.tomorrow().ok()?)? - Span::from_millis(1)).ok()
}

fn pickups_on(zone: &TimeZone, hours: &HoursConfig, date: Date) -> Option<TimeWindow> {
    let end_date = if hours.start < hours.end { date } else { date.tomorrow().ok()? };
    TimeWindow::new(at(zone, date, hours.start)?, at(zone, end_date, hours.end)?).ok()
}

/// A civil time as an instant; one that the clocks skip is as much later, one that they show twice the first of the two.
pub fn at(zone: &TimeZone, date: Date, time: jiff::civil::Time) -> Option<Time> {
    Some(instant(date.to_datetime(time).to_zoned(zone.clone()).ok()?.timestamp()))
}

/// The date in the zone at that instant.
pub fn civil_date(zone: &TimeZone, at: Time) -> Date {
    timestamp(at).to_zoned(zone.clone()).date()
}

/// When the next civil day begins in the zone.
pub fn next_midnight(zone: &TimeZone, after: Time) -> Time {
    let zoned = timestamp(after).to_zoned(zone.clone());
    let tomorrow = zoned.checked_add(1.day()).and_then(|tomorrow| tomorrow.start_of_day());
    tomorrow.map_or(after + mukae_units::Span::DAY, |tomorrow| instant(tomorrow.timestamp()))
}

/// Times of the engine lie well inside the years that `jiff` knows; what does not is the year 1970.
fn timestamp(time: Time) -> Timestamp {
    Timestamp::from_millisecond(time.as_unix_millis()).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn instant(timestamp: Timestamp) -> Time {
    Time::from_unix_millis(timestamp.as_millisecond())
}

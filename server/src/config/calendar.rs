//! Regular work on real days: civil times of the area become instants, also where clocks change.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use jiff::civil::{self, Date};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use mukae_engine::model::ServiceDay;
use mukae_units::{Span, Time, TimeWindow};

use super::holidays::is_japanese_holiday;
use super::{AreaConfig, BreakConfig, Config, DayTime, ServiceConfig, ShiftConfig};
use crate::names::ShiftName;

/// Days of the week, as bits from Monday on, and what national holidays do to them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Days {
    weekdays: u8,
    on_holidays: OnHolidays,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum OnHolidays {
    /// They are weekdays like others.
    AsUsual,
    Never,
    /// Whatever their weekday.
    Always,
}

/// Days, and dates that differ.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DayRule {
    pub days: Days,
    pub not_on: Vec<RangeInclusive<Date>>,
    /// Stronger than `not_on`.
    pub also_on: Vec<RangeInclusive<Date>>,
    /// Stronger than all of them.
    pub within: RangeInclusive<Date>,
}

/// What makes a declared trip one, beside the shift that each of its days is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TripDays {
    /// Of the trip; its shifts are called by it and the date. Without it, by the date and the time they start.
    pub id: Option<String>,
    /// Dates on which it leaves and arrives at other times.
    pub shifted: Vec<(Date, civil::Time, civil::Time)>,
    /// How often a date was planned otherwise before.
    pub replanned: BTreeMap<Date, u32>,
    /// Planned for today and so many days after; without it as far as other shifts.
    pub days_ahead: Option<u32>,
}

/// Whose national holidays an area keeps.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Holidays {
    /// It looks at none.
    None,
    Japan,
}

impl Holidays {
    pub fn contains(self, date: Date) -> bool {
        match self {
            Holidays::None => false,
            Holidays::Japan => is_japanese_holiday(date),
        }
    }
}

impl DayRule {
    pub fn contains(&self, date: Date, holidays: Holidays) -> bool {
        let is_in = |dates: &[RangeInclusive<Date>]| dates.iter().any(|dates| dates.contains(&date));
        let is_wanted = is_in(&self.also_on) || (self.days.contains(date, holidays) && !is_in(&self.not_on));
        is_wanted && self.within.contains(&date)
    }
}

/// A shift on its day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlannedShift<'c> {
    /// Made of the day and the time it starts, so that a day is planned once however often it is tried.
    pub name: ShiftName,
    pub window: TimeWindow,
    pub date: Date,
    pub config: &'c ShiftConfig,
}

impl Days {
    pub const DAILY: Days = Days { weekdays: 0b111_1111, on_holidays: OnHolidays::AsUsual };

    const NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

    /// `None` for words that mean no days; `"none"` alone means that only dates say when.
    pub(super) fn parse(words: &[&str]) -> Option<Days> {
        let mut days = Days { weekdays: 0, on_holidays: OnHolidays::AsUsual };
        if words == ["none"] {
            return Some(Days { on_holidays: OnHolidays::Never, ..days });
        }
        for word in words {
            match (*word, days.on_holidays) {
                ("daily", _) => days.weekdays = Days::DAILY.weekdays,
                ("holidays", OnHolidays::AsUsual) => days.on_holidays = OnHolidays::Always,
                ("no-holidays", OnHolidays::AsUsual) => days.on_holidays = OnHolidays::Never,
                (word, _) => days.weekdays |= 1 << Days::NAMES.iter().position(|name| *name == word)?,
            }
        }
        (days.weekdays != 0 || days.on_holidays == OnHolidays::Always).then_some(days)
    }

    /// As they are written, but for `"daily"`: that is all seven.
    pub fn words(self) -> Vec<&'static str> {
        let of_week = Days::NAMES.iter().enumerate().filter(|(day, _)| self.weekdays & 1 << day != 0);
        let mut words: Vec<&str> = of_week.map(|(_, name)| *name).collect();
        match self.on_holidays {
            OnHolidays::AsUsual => {}
            OnHolidays::Never if words.is_empty() => words.push("none"),
            OnHolidays::Never => words.push("no-holidays"),
            OnHolidays::Always => words.push("holidays"),
        }
        words
    }

    /// Whether they say something of holidays.
    pub(super) fn name_holidays(self) -> bool {
        self.on_holidays != OnHolidays::AsUsual && self.weekdays != 0 || self.on_holidays == OnHolidays::Always
    }

    pub fn contains(self, date: Date, holidays: Holidays) -> bool {
        let is_weekday = self.weekdays & (1 << date.weekday().to_monday_zero_offset()) != 0;
        match self.on_holidays {
            OnHolidays::AsUsual => is_weekday,
            OnHolidays::Never => is_weekday && !holidays.contains(date),
            OnHolidays::Always => is_weekday || holidays.contains(date),
        }
    }
}

/// The shifts that begin on `date`, in the order of the configuration.
///
/// A time that the clocks skip is as much later, one that they show twice is the first of the two.
/// A shift whose end would not come after its start on such a day is left out.
pub fn shifts_on(config: &Config, date: Date) -> impl Iterator<Item = PlannedShift<'_>> {
    config.shifts.iter().filter_map(move |shift| shift_on(&config.area, shift, date))
}

/// What a regular shift is on `date`; `None` if it does not happen then.
pub fn shift_on<'c>(area: &AreaConfig, shift: &'c ShiftConfig, date: Date) -> Option<PlannedShift<'c>> {
    if !shift.days.contains(date, area.holidays) {
        return None;
    }
    let shifted = shift.trip.as_ref().and_then(|trip| trip.shifted.iter().find(|(day, ..)| *day == date));
    let (starts, ends) = shifted.map_or((shift.start, shift.end), |&(_, leave, arrive)| (leave, arrive));
    let zone = &area.time_zone;
    let end_date = if starts < ends { date } else { date.tomorrow().ok()? };
    let window = TimeWindow::new(at(zone, date, starts)?, at(zone, end_date, ends)?).ok();
    let window = window.filter(|window| window.earliest() < window.latest())?;
    let day = format!("{:04}{:02}{:02}", date.year(), date.month(), date.day());
    let trip = shift.trip.as_ref().and_then(|trip| Some((trip.id.as_ref()?, trip.replanned.get(&date))));
    let name = match trip {
        Some((id, None)) => format!("{id}-{day}"),
        Some((id, Some(times))) => format!("{id}-{day}-{}", times + 1),
        None => format!("s-{day}-{:02}{:02}", starts.hour(), starts.minute()),
    };
    let name = ShiftName { vehicle: shift.vehicle.clone(), shift: name };
    Some(PlannedShift { name, window, date, config: shift })
}

/// The days of a service that begin on these dates, in their order; empty if it has no rule about them.
///
/// Without hours a day is all of the civil day. Without a deadline one can book until the last pickup,
/// without a beginning since ever. A deadline is counted from the date the day begins on.
pub fn service_days(area: &AreaConfig, service: &ServiceConfig, dates: impl Iterator<Item = Date>) -> Vec<ServiceDay> {
    let ServiceConfig { hours, closed, extra, book_from, book_until, .. } = service;
    if hours.is_empty() && closed.is_empty() && book_from.is_none() && book_until.is_none() {
        return Vec::new();
    }
    let zone = &area.time_zone;
    let mut days = Vec::new();
    for date in dates {
        let is_closed = closed.iter().any(|closed| closed.contains(&date));
        let of_day = hours.iter().filter(|hours| !is_closed && hours.days.contains(date, area.holidays));
        let mut pickups: Vec<TimeWindow> = match hours.is_empty() && !is_closed {
            true => whole_day(zone, date).into_iter().collect(),
            false => of_day.filter_map(|hours| pickups_on(zone, (hours.start, hours.end), date)).collect(),
        };
        let extra = extra.iter().filter(|extra| extra.dates.contains(&date));
        pickups.extend(extra.filter_map(|extra| pickups_on(zone, (extra.start, extra.end), date)));
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

/// An end that is not after the start is on the next day.
fn pickups_on(zone: &TimeZone, (start, end): (civil::Time, civil::Time), date: Date) -> Option<TimeWindow> {
    let end_date = if start < end { date } else { date.tomorrow().ok()? };
    TimeWindow::new(at(zone, date, start)?, at(zone, end_date, end)?).ok()
}

/// When the breaks of a shift that begins on `date` begin; one whose time of day lies before the shift's is on the next.
pub(super) fn break_window(zone: &TimeZone, shift: &ShiftConfig, rest: &BreakConfig, date: Date) -> Option<TimeWindow> {
    let from_date = if shift.start <= rest.from { date } else { date.tomorrow().ok()? };
    let to_date = if rest.from <= rest.to { from_date } else { from_date.tomorrow().ok()? };
    TimeWindow::new(at(zone, from_date, rest.from)?, at(zone, to_date, rest.to)?).ok()
}

/// A civil time as an instant; one that the clocks skip is as much later, one that they show twice the first of the two.
pub fn at(zone: &TimeZone, date: Date, time: civil::Time) -> Option<Time> {
    Some(instant(date.to_datetime(time).to_zoned(zone.clone()).ok()?.timestamp()))
}

/// The date in the zone at that instant.
pub fn civil_date(zone: &TimeZone, at: Time) -> Date {
    timestamp(at).to_zoned(zone.clone()).date()
}

/// What the clocks of the zone show at that instant.
pub fn civil_datetime(zone: &TimeZone, at: Time) -> civil::DateTime {
    timestamp(at).to_zoned(zone.clone()).datetime()
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

//! Civil dates and times of day: as callers write them, and as the office counts them.

use jiff::civil::{Date, Time, date};
use mukae_office::Day;

const FIRST: Date = date(1970, 1, 1);
/// Dates outside of these are mistakes.
const YEARS: std::ops::RangeInclusive<i16> = 2000..=2199;
const MINUTES_PER_HOUR: u16 = 60;

pub fn day_of(date: Date) -> Day {
    let days = date.since((jiff::Unit::Day, FIRST)).map_or(0, |since| since.get_days());
    Day(u32::try_from(days).unwrap_or(0))
}

/// `None` for a day beyond all calendars.
pub fn date_of(day: Day) -> Option<Date> {
    FIRST.checked_add(jiff::Span::new().try_days(i64::from(day.0)).ok()?).ok()
}

/// `2026-04-08`; empty for a day beyond all calendars.
pub fn written_day(day: Day) -> String {
    date_of(day).map_or_else(String::new, |date| date.to_string())
}

/// `09:30`.
pub fn written_minute(minute: u16) -> String {
    format!("{:02}:{:02}", minute / MINUTES_PER_HOUR, minute % MINUTES_PER_HOUR)
}

/// Reads what [`written_day`] writes.
pub fn read_day(text: &str) -> Option<Day> {
    let date: Date = text.parse().ok()?;
    (date.to_string() == text && YEARS.contains(&date.year())).then(|| day_of(date))
}

/// Reads what [`written_minute`] writes.
pub fn read_minute(text: &str) -> Option<u16> {
    let time = time_of(text.get(..2)?.parse().ok()?, text.get(3..)?.parse().ok()?)?;
    let minute = u16::try_from(time.hour()).ok()? * MINUTES_PER_HOUR + u16::try_from(time.minute()).ok()?;
    (written_minute(minute) == text).then_some(minute)
}

/// Minutes after midnight as a time of day.
pub fn time_at(minute: u16) -> Option<Time> {
    time_of(i8::try_from(minute / MINUTES_PER_HOUR).ok()?, i8::try_from(minute % MINUTES_PER_HOUR).ok()?)
}

fn time_of(hour: i8, minute: i8) -> Option<Time> {
    Time::new(hour, minute, 0, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for text in ["2026-04-08", "2000-01-01", "2199-12-31", "2028-02-29"] {
            assert_eq!(read_day(text).map(written_day).as_deref(), Some(text));
        }
        for text in ["", "2026-4-8", "2026-02-29", "1970-01-01", "2026-04-08T09:30", "20260408"] {
            assert_eq!(read_day(text), None, "{text}");
        }
        for text in ["00:00", "09:30", "23:59"] {
            assert_eq!(read_minute(text).map(written_minute).as_deref(), Some(text));
        }
        for text in ["", "9:30", "24:00", "09:60", "09-30", "09:30:00", "-1:00", "日本語"] {
            assert_eq!(read_minute(text), None, "{text}");
        }
    }
}

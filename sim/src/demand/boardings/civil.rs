//! Times of a service day, which goes on after midnight, in a zone whose clocks may be changed.

use jiff::SignedDuration;
use jiff::civil::Date;
use jiff::tz::{AmbiguousOffset, TimeZone};
use mukae_units::Time;

use crate::demand::sheet::Line;

/// As timetables have it: 25 is one in the morning after.
pub(super) struct TimeOfDay {
    pub hour: i64,
    /// `None`: only the hour is known.
    pub minute: Option<i64>,
}

pub(super) const RIGHT: &str = "an hour such as 8, or a time such as 08:15; after midnight 25 or 25:10, to 47:59";
const HOUR_MAX: i64 = 47;

pub(super) fn time_of_day(line: &mut Line<'_>, column: usize, text: &str) -> Option<TimeOfDay> {
    let number = |text: &str, max: i64| text.parse::<u32>().ok().map(i64::from).filter(|value| *value <= max);
    let found = match text.split_once(':') {
        None => number(text.trim_end_matches('時'), HOUR_MAX).map(|hour| TimeOfDay { hour, minute: None }),
        Some((hour, rest)) => {
            let minute = rest.strip_suffix(":00").unwrap_or(rest);
            let (hour, minute) = (number(hour, HOUR_MAX), number(minute, 59));
            hour.zip(minute).map(|(hour, minute)| TimeOfDay { hour, minute: Some(minute) })
        }
    };
    if found.is_none() {
        line.complain(column, format!("`{text}` is no time of a service day"), RIGHT);
    }
    found
}

/// A moment that the clocks skip is a problem; of one that they show twice it is the first.
pub(super) fn instant(line: &mut Line<'_>, column: usize, date: Date, second: i64, zone: &TimeZone) -> Option<Time> {
    let civil = date.at(0, 0, 0, 0).checked_add(SignedDuration::from_secs(second));
    let Ok(civil) = civil else {
        line.complain(column, format!("{date} is too far away"), "a day that a calendar has");
        return None;
    };
    let ambiguous = zone.to_ambiguous_timestamp(civil);
    if let AmbiguousOffset::Gap { .. } = ambiguous.offset() {
        let wrong = format!("{civil} is skipped where clocks go forward");
        line.complain(column, wrong, "a time that the clocks of the zone show");
        return None;
    }
    match ambiguous.compatible() {
        Ok(stamp) => Some(Time::from_unix_millis(stamp.as_millisecond())),
        Err(_) => {
            line.complain(column, format!("{civil} is too far away"), "a day that a calendar has");
            None
        }
    }
}

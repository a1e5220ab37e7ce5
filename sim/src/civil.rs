//! Clocks on walls: from a date and a time of day in a zone to an instant.

use jiff::ToSpan;
use jiff::civil::{self, Date};
use jiff::tz::TimeZone;
use mukae_units::Time;

/// So many seconds after midnight by the clock on the wall. A time that the clock skips is moved forward, of one that it
/// shows twice it is the first.
pub(crate) fn at(date: Date, seconds: i64, zone: &TimeZone) -> Time {
    let wall = date.at(0, 0, 0, 0).checked_add(seconds.seconds()).expect("service days lie in jiff's range");
    let zoned = zone.to_ambiguous_zoned(wall).compatible().expect("a compatible time exists in range");
    Time::from_unix_millis(zoned.timestamp().as_millisecond())
}

/// The first instant of a date, by the clocks of the town; 1970 for a date at the very end of the calendar.
pub(crate) fn midnight(date: Date, zone: &TimeZone) -> Time {
    let timestamp = date.to_zoned(zone.clone()).map(|zoned| zoned.timestamp()).unwrap_or_default();
    Time::from_unix_millis(timestamp.as_millisecond())
}

/// The entity of draws about a date.
pub(crate) fn day_number(date: Date) -> u64 {
    (date - civil::date(1970, 1, 1)).get_days().unsigned_abs().into()
}

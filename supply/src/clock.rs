//! To which day, hour and half hour an instant belongs, by the clocks of a town.

use jiff::civil::{self, Date};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use mukae_units::{Span, Time};

/// In which demand is counted.
pub const HALF_HOUR: Span = Span::from_mins(30);

/// A date as days after 1970-01-01.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Day(pub i64);

impl Day {
    const FIRST: Date = civil::date(1970, 1, 1);

    /// Dates outside the years of the calendar are its first or last one.
    pub fn date(self) -> Date {
        Day::FIRST.saturating_add(self.0.clamp(-4_000_000, 4_000_000).days())
    }

    pub fn of(date: Date) -> Day {
        Day(i64::from((date - Day::FIRST).get_days()))
    }

    /// The week, from Monday to Sunday; 1970-01-01 was a Thursday.
    pub fn week(self) -> i64 {
        (self.0 + 3).div_euclid(7)
    }
}

/// A clock on the wall. It remembers until when it is right, so that telling the time is a few additions.
#[derive(Clone, Debug)]
pub struct Clock {
    zone: TimeZone,
    from: Time,
    until: Time,
    offset: Span,
}

impl Clock {
    pub fn new(zone: TimeZone) -> Clock {
        Clock { zone, from: Time::EPOCH, until: Time::EPOCH, offset: Span::ZERO }
    }

    fn offset(&mut self, at: Time) -> Span {
        if at < self.from || self.until <= at {
            // Times of records are checked where they enter; one that no calendar holds shows UTC.
            let timestamp = Timestamp::from_millisecond(at.as_unix_millis()).unwrap_or_default();
            let millis = |timestamp: Timestamp| Time::from_unix_millis(timestamp.as_millisecond());
            let next = self.zone.following(timestamp).next().map(|change| millis(change.timestamp()));
            self.offset = Span::from_secs(i64::from(self.zone.to_offset(timestamp).seconds()));
            (self.from, self.until) = (at, next.unwrap_or(Time::from_unix_millis(i64::MAX)));
        }
        self.offset
    }

    pub fn day(&mut self, at: Time) -> Day {
        Day((at + self.offset(at)).as_unix_millis().div_euclid(Span::DAY.as_millis()))
    }

    /// 0 to 23.
    pub fn hour(&mut self, at: Time) -> u8 {
        let within = (at + self.offset(at)).as_unix_millis().rem_euclid(Span::DAY.as_millis());
        (within / Span::HOUR.as_millis()) as u8
    }

    /// 0 to 47.
    pub fn half_hour(&mut self, at: Time) -> u8 {
        let within = (at + self.offset(at)).as_unix_millis().rem_euclid(Span::DAY.as_millis());
        (within / HALF_HOUR.as_millis()) as u8
    }

    /// When the next half hour begins.
    pub fn next_half_hour(&mut self, at: Time) -> Time {
        let within = (at + self.offset(at)).as_unix_millis().rem_euclid(HALF_HOUR.as_millis());
        at + (HALF_HOUR - Span::from_millis(within))
    }

    /// When a day begins; where a clock is turned then, as it is after that.
    pub fn midnight(&mut self, day: Day) -> Time {
        let shown = Time::from_unix_millis(day.0 * Span::DAY.as_millis());
        let near = shown - self.offset(shown);
        shown - self.offset(near)
    }

    /// When the next hour begins.
    pub fn next_hour(&mut self, at: Time) -> Time {
        let within = (at + self.offset(at)).as_unix_millis().rem_euclid(Span::HOUR.as_millis());
        at + (Span::HOUR - Span::from_millis(within))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_shows_what_the_calendar_says() {
        let zone = TimeZone::get("Europe/Isle_of_Man").unwrap();
        let mut clock = Clock::new(zone.clone());
        // Hour by hour over both changes of a year, forwards and then backwards.
        let start = Timestamp::from_second(1_774_000_000).unwrap();
        let hours: Vec<i64> = (0..24 * 260).collect();
        for hour in hours.iter().chain(hours.iter().rev()) {
            let timestamp = start + hour.hours() + 25.minutes();
            let (at, shown) = (Time::from_unix_millis(timestamp.as_millisecond()), zone.to_datetime(timestamp));
            assert_eq!((clock.day(at).date(), clock.hour(at)), (shown.date(), shown.hour() as u8), "{timestamp}");
            assert_eq!(Day::of(shown.date()), clock.day(at));
            let next = Timestamp::from_millisecond(clock.next_hour(at).as_unix_millis()).unwrap();
            assert_eq!(zone.to_datetime(next).minute(), 0, "{timestamp}");
            let half = (shown.hour() * 2 + shown.minute() / 30) as u8;
            assert_eq!(clock.half_hour(at), half, "{timestamp}");
            let next = Timestamp::from_millisecond(clock.next_half_hour(at).as_unix_millis()).unwrap();
            assert_eq!(zone.to_datetime(next).minute() % 30, 0, "{timestamp}");
            let midnight = shown.date().to_zoned(zone.clone()).unwrap().timestamp().as_millisecond();
            assert_eq!(clock.midnight(Day::of(shown.date())).as_unix_millis(), midnight, "{timestamp}");
        }
    }

    #[test]
    fn weeks_begin_on_mondays() {
        let week = |day| Day::of(civil::date(2026, 11, day)).week();
        assert_eq!((week(22), week(23), week(29), week(30)), (week(16), week(24), week(23), week(23) + 1));
    }
}

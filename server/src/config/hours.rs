//! When a service runs and when one can book, as the file says it in civil time.

use std::ops::RangeInclusive;

use jiff::civil::Date;
use toml::Spanned;

use super::check::Check;
use super::raw::{Number, RawExtra, RawHours, Text};
use super::{DayTime, ExtraConfig, HoursConfig};

/// Days between a booking's deadline, or its beginning, and the ride.
const DAYS_BEFORE_MAX: i64 = 400;

impl Check<'_> {
    pub(super) fn hours(&mut self, raw: Spanned<RawHours>) -> Option<HoursConfig> {
        let line = self.line(raw.span().start);
        let raw = raw.into_inner();
        let days = self.days(raw.days);
        let start = self.required("hours", "start", line, raw.start).and_then(|time| self.civil_time("start", &time));
        let end = self.required("hours", "end", line, raw.end).and_then(|time| self.civil_time("end", &time));
        Some(HoursConfig { days: days?, start: start?, end: end? })
    }

    /// Service on dates that have none, or at other hours.
    pub(super) fn extra(&mut self, raw: Spanned<RawExtra>) -> Option<ExtraConfig> {
        let line = self.line(raw.span().start);
        let raw = raw.into_inner();
        let dates = self.required("extra", "dates", line, raw.dates).and_then(|dates| self.dates("dates", &dates));
        let start = self.required("extra", "start", line, raw.start).and_then(|time| self.civil_time("start", &time));
        let end = self.required("extra", "end", line, raw.end).and_then(|time| self.civil_time("end", &time));
        Some(ExtraConfig { dates: dates?, start: start?, end: end? })
    }

    /// `2026-12-31`, or `2026-12-29 to 2027-01-03` with both ends.
    pub(super) fn dates(&mut self, key: &str, raw: &Spanned<String>) -> Option<RangeInclusive<Date>> {
        let date = |text: &str| text.trim().parse::<Date>().ok();
        let dates = match raw.as_ref().split_once(" to ") {
            Some((first, last)) => date(first).zip(date(last)),
            None => date(raw.as_ref()).map(|day| (day, day)),
        };
        let dates = dates.filter(|(first, last)| first <= last);
        if dates.is_none() {
            let what = "write a date like \"2026-12-31\", or \"2026-12-29 to 2027-01-03\"";
            self.wrong(raw, format!("`{key}` has {:?}; {what}", raw.as_ref()));
        }
        dates.map(|(first, last)| first..=last)
    }

    /// A time of day, so many days before the ride.
    pub(super) fn day_time(&mut self, key: &str, time: Text, days_before: Number) -> Option<DayTime> {
        let days_key = format!("{key}_days_before");
        let Some(time) = time else {
            if let Some(days_before) = days_before {
                self.wrong(&days_before, format!("`{days_key}` needs a time of day in `{key}`"));
            }
            return None;
        };
        let days_before = self.number(&days_key, days_before, 0, DAYS_BEFORE_MAX, 0);
        Some(DayTime { days_before, time: self.civil_time(key, &time)? })
    }
}

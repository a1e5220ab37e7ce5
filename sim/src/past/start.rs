//! The moment at which a run takes a journal up: of the clock in the town, or an instant.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use mukae_units::Time;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Start {
    /// By the clocks of the town.
    Clock(DateTime),
    Instant(Timestamp),
}

const RIGHT: &str = "write \"2026-12-03 10:00\" by the clocks of the town, or \"2026-12-03T10:00+09:00\"";

impl Start {
    /// What is wrong is said without the name of the key.
    pub fn parse(text: &str) -> Result<Start, String> {
        if let Ok(instant) = text.parse() {
            return Ok(Start::Instant(instant));
        }
        // a date alone is read as its midnight, which nobody said
        let is_whole = text.contains(':');
        let clock = text.parse().ok().filter(|_| is_whole).map(Start::Clock);
        clock.ok_or_else(|| format!("{text:?}; {RIGHT}"))
    }

    /// The instant, if the clocks of the town show it once.
    pub fn at(self, zone: &TimeZone) -> Result<Time, String> {
        let time = |stamp: Timestamp| Time::from_unix_millis(stamp.as_millisecond());
        let civil = match self {
            Start::Instant(stamp) => return Ok(time(stamp)),
            Start::Clock(civil) => civil,
        };
        let ambiguous = zone.to_ambiguous_timestamp(civil);
        match ambiguous.offset() {
            AmbiguousOffset::Unambiguous { .. } => {}
            AmbiguousOffset::Gap { .. } => {
                return Err(format!("{self}, which is skipped where clocks go forward; write a time that they show"));
            }
            AmbiguousOffset::Fold { before, after } => {
                let with = |offset: Offset| {
                    let zoned = civil.to_zoned(TimeZone::fixed(offset));
                    zoned.map_or_else(|_| self.to_string(), |zoned| zoned.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string())
                };
                let (first, second) = (with(before), with(after));
                return Err(format!(
                    "{self}, which the clocks show twice; write \"{first}\" for the first or \"{second}\" for the second"
                ));
            }
        }
        ambiguous.compatible().map(time).map_err(|_| format!("{self}, which is too far away; {RIGHT}"))
    }
}

impl fmt::Display for Start {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Start::Clock(civil) if civil.second() == 0 => f.write_str(&civil.strftime("%Y-%m-%d %H:%M").to_string()),
            Start::Clock(civil) => f.write_str(&civil.strftime("%Y-%m-%d %H:%M:%S").to_string()),
            Start::Instant(stamp) => stamp.fmt(f),
        }
    }
}

/// As [`Start`] is written, to the second.
pub(super) fn shown(at: Time, zone: &TimeZone) -> String {
    let stamp = Timestamp::from_millisecond(at.as_unix_millis()).unwrap_or(Timestamp::UNIX_EPOCH);
    stamp.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_is_a_time_that_clocks_show_once() {
        let zone = TimeZone::get("Europe/Isle_of_Man").unwrap();
        let at = |text: &str| Start::parse(text).and_then(|start| start.at(&zone));
        assert_eq!(at("2026-12-03 10:00"), Ok(Time::from_unix_secs(1_796_292_000)));
        assert_eq!(at("2026-12-03T10:00:07"), Ok(Time::from_unix_secs(1_796_292_007)));
        assert_eq!(at("2026-12-03T19:00:00+09:00"), at("2026-12-03 10:00"));
        assert_eq!(at("2026-12-03T19:00+09:00"), at("2026-12-03 10:00"));
        for wrong in ["2026-12-03", "10:00", "yesterday", "", "2026-12-03 25:00"] {
            assert!(at(wrong).unwrap_err().contains("by the clocks of the town"), "{wrong}");
        }
        assert_eq!(
            at("2026-03-29 01:30").unwrap_err(),
            "2026-03-29 01:30, which is skipped where clocks go forward; write a time that they show"
        );
        let twice = at("2026-10-25 01:30").unwrap_err();
        assert!(twice.contains("show twice; write \"2026-10-25T01:30:00+01:00\" for the first or"), "{twice}");
        let (first, second) = (at("2026-10-25T01:30+01:00").unwrap(), at("2026-10-25T01:30+00:00").unwrap());
        assert_eq!(second - first, mukae_units::Span::HOUR);
        assert_eq!(shown(second, &zone), "2026-10-25 01:30:00");
    }
}

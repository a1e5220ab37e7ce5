//! Times as a person types them: `14:30`, `2026-11-23 14:30`, `+20`, or RFC 3339.

use jiff::civil;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// Reads `text` in the area's zone; a bare time of day is the next one to come.
pub(crate) fn parse(text: &str, now: Timestamp, zone: &TimeZone) -> anyhow::Result<Timestamp> {
    let wrong =
        || anyhow::anyhow!("`{text}` is no time; try 14:30, 2026-11-23 14:30, +20 (minutes from now) or RFC 3339");
    if let Some(minutes) = text.strip_prefix('+') {
        let minutes: i64 = minutes.parse().map_err(|_| wrong())?;
        return now.checked_add(minutes.minutes()).map_err(|_| wrong());
    }
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(time);
    }
    if let Ok(time) = text.replacen(' ', "T", 1).parse::<civil::DateTime>()
        && text.contains('-')
    {
        return Ok(zone.to_zoned(time)?.timestamp());
    }
    let time: civil::Time = text.parse().map_err(|_| wrong())?;
    let today = now.to_zoned(zone.clone()).date();
    let then = zone.to_zoned(today.to_datetime(time))?.timestamp();
    if now <= then {
        return Ok(then);
    }
    Ok(zone.to_zoned(today.tomorrow()?.to_datetime(time))?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_day_is_the_next_to_come() {
        let zone = TimeZone::get("Asia/Tokyo").unwrap();
        let now: Timestamp = "2026-11-22T05:00:00Z".parse().unwrap(); // 14:00 there
        let read = |text: &str| parse(text, now, &zone).map(|time| time.to_string()).unwrap_or_default();
        assert_eq!(read("14:30"), "2026-11-22T05:30:00Z");
        assert_eq!(read("13:59"), "2026-11-23T04:59:00Z");
        assert_eq!(read("+20"), "2026-11-22T05:20:00Z");
        assert_eq!(read("2026-12-01 09:00"), "2026-12-01T00:00:00Z");
        assert_eq!(read("2026-12-01T09:00:00+09:00"), "2026-12-01T00:00:00Z");
        assert_eq!(read("soon"), "");
    }
}

//! Numbers with units, as tags write them: speeds, lengths, weights, lengths of time. Read exactly, in
//! whole numbers.

use mukae_units::TravelTime;

/// A leading decimal number in thousandths, and what follows it. More than three decimals are cut off.
fn decimal(text: &str) -> Option<(u64, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (whole, rest) = text.split_at(digits);
    // Nothing that is measured in a tag has more digits.
    let whole: u64 = whole.parse().ok().filter(|&whole| whole < 1_000_000)?;
    let Some(rest) = rest.strip_prefix('.') else { return Some((whole * 1000, rest)) };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (part, rest) = rest.split_at(digits);
    let thousandths: u64 = format!("{part:0<3}")[..3].parse().ok()?;
    Some((whole * 1000 + thousandths, rest))
}

/// `50`, `50 km/h`, `30 mph`, `8 knots`, in tenths of a km/h, rounded.
pub(super) fn tenths_of_kmh(text: &str) -> Option<u32> {
    let (thousandths, unit) = decimal(text.trim())?;
    let millionths = match unit.trim() {
        "" | "km/h" | "kmh" | "kph" | "kmph" => 1_000_000,
        "mph" => 1_609_344,
        "knots" => 1_852_000,
        _ => return None,
    };
    // Thousandths times millionths are 10⁻⁹; a tenth is 10⁸ of them.
    u32::try_from((thousandths * millionths + 50_000_000) / 100_000_000).ok()
}

/// `3.5`, `3.5 m`, `350 cm`, `12 ft`, `6'6"`, `6' 6"`, in centimetres, rounded down.
pub(super) fn centimetres(text: &str) -> Option<u32> {
    let text = text.trim();
    if let Some((feet, inches)) = text.split_once('\'') {
        let inches = inches.trim().trim_end_matches('"').trim_end_matches("''");
        let (feet, inches) = (whole(feet)?, if inches.is_empty() { 0 } else { decimal(inches)?.0 });
        // A foot is 30.48 cm, an inch 2.54 cm.
        return u32::try_from((feet * 304_800 + inches * 254 / 10) / 10_000).ok();
    }
    let (thousandths, unit) = decimal(text)?;
    let micrometres = match unit.trim() {
        "" | "m" => 1_000_000,
        "cm" => 10_000,
        "ft" | "feet" => 304_800,
        "in" | "\"" => 25_400,
        _ => return None,
    };
    // Thousandths of micrometres: 10⁷ of them are a centimetre.
    u32::try_from(thousandths * micrometres / 10_000_000).ok()
}

fn whole(text: &str) -> Option<u64> {
    text.trim().parse().ok().filter(|&number| number < 1000)
}

/// The same where a range may stand, as `3.0m～5.5m` does: its lower end.
pub(super) fn least_centimetres(text: &str) -> Option<u32> {
    centimetres(text.split(['～', '〜', '-', ';']).next().unwrap_or(text))
}

/// `3.5`, `3.5 t`, `3500 kg`, `7700 lbs`, in kilograms, rounded down.
pub(super) fn kilograms(text: &str) -> Option<u32> {
    let (thousandths, unit) = decimal(text.trim())?;
    let grams = match unit.trim() {
        "" | "t" => 1_000_000,
        "kg" => 1000,
        "st" => 907_185,
        "lt" => 1_016_047,
        "lbs" | "lb" => 454,
        "cwt" => 50_802,
        _ => return None,
    };
    u32::try_from(thousandths * grams / 1_000_000).ok()
}

/// A ferry's `duration`: minutes, `HH:MM`, `HH:MM:SS`, or ISO 8601 such as `PT1H25M`. At most a week.
pub(super) fn duration(text: &str) -> Option<TravelTime> {
    let text = text.trim();
    let seconds = if let Some(iso) = text.strip_prefix('P') {
        iso_seconds(iso)?
    } else {
        let parts: Vec<u64> = text.split(':').map(whole_or_more).collect::<Option<_>>()?;
        match parts[..] {
            [minutes] => minutes * 60,
            [hours, minutes] if minutes < 60 => hours * 3600 + minutes * 60,
            [hours, minutes, seconds] if minutes < 60 && seconds < 60 => hours * 3600 + minutes * 60 + seconds,
            _ => return None,
        }
    };
    let millis = u32::try_from(seconds * 1000).ok().filter(|_| (1..=7 * 24 * 3600).contains(&seconds))?;
    Some(TravelTime::from_millis(millis))
}

fn whole_or_more(text: &str) -> Option<u64> {
    (!text.is_empty() && text.len() <= 5 && text.bytes().all(|byte| byte.is_ascii_digit())).then_some(())?;
    text.parse().ok()
}

/// Days, then after a `T` hours, minutes and seconds.
fn iso_seconds(text: &str) -> Option<u64> {
    let (mut sum, mut rest, mut is_time) = (0, text, false);
    while !rest.is_empty() {
        if let Some(time) = rest.strip_prefix('T').filter(|_| !is_time) {
            (rest, is_time) = (time, true);
            continue;
        }
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let number = whole_or_more(&rest[..digits])?;
        let unit = rest[digits..].chars().next()?;
        sum += number
            * match (unit, is_time) {
                ('D', false) => 24 * 3600,
                ('H', true) => 3600,
                ('M', true) => 60,
                ('S', true) => 1,
                _ => return None,
            };
        rest = &rest[digits + 1..];
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speeds() {
        let rows = [
            ("50", Some(500)),
            ("30mph", Some(483)),
            ("30 mph", Some(483)),
            ("7.5", Some(75)),
            ("8 knots", Some(148)),
            ("50furlongs", None),
            ("NaN", None),
            ("-50", None),
            ("1e3", None),
            ("99999999999999999999", None),
            (".5", None),
        ];
        for (text, expected) in rows {
            assert_eq!(tenths_of_kmh(text), expected, "{text}");
        }
    }

    #[test]
    fn lengths_and_weights() {
        let rows = [
            ("3.5", Some(350)),
            ("3.5 m", Some(350)),
            ("350 cm", Some(350)),
            ("6'6\"", Some(198)),
            ("7' 0\"", Some(213)),
            ("14'", Some(426)),
            ("12 ft", Some(365)),
            ("default", None),
            ("", None),
            ("3,5", None),
        ];
        for (text, expected) in rows {
            assert_eq!(centimetres(text), expected, "{text}");
        }
        assert_eq!(least_centimetres("3.0m～5.5m"), Some(300));
        assert_eq!(least_centimetres("5.5m〜"), Some(550));
        assert_eq!(kilograms("3.5"), Some(3500));
        assert_eq!(kilograms("7.5 t"), Some(7500));
        assert_eq!(kilograms("3500kg"), Some(3500));
        assert_eq!(kilograms("2000 lbs"), Some(908));
        assert_eq!(kilograms("none"), None);
    }

    #[test]
    fn durations() {
        let rows = [
            ("25", Some(25 * 60)),
            ("00:25", Some(25 * 60)),
            ("1:05", Some(65 * 60)),
            ("00:25:30", Some(25 * 60 + 30)),
            ("PT25M", Some(25 * 60)),
            ("PT1H5M", Some(65 * 60)),
            ("P1DT1H", Some(25 * 3600)),
            ("P1M", None),
            ("00:75", None),
            ("0", None),
            ("8:00:00:00", None),
            ("99999", None),
            ("PT", None),
            ("often", None),
            ("", None),
            ("PT分", None),
        ];
        for (text, expected) in rows {
            assert_eq!(duration(text).map(|time| time.as_millis()), expected.map(|secs| secs * 1000), "{text}");
        }
    }
}

//! Lengths of time as people write them: `10 min`, `45 s`, `1 h 30 min`, `7 days`.

use mukae_units::Span;

/// The units, each with its milliseconds.
const UNITS: [(&str, i64); 6] =
    [("ms", 1), ("s", 1000), ("min", 60_000), ("h", 3_600_000), ("days", 86_400_000), ("day", 86_400_000)];

/// `None` unless the text is whole numbers, each with a unit, the larger units first.
pub fn parse(text: &str) -> Option<Span> {
    let mut words = text.split_whitespace().flat_map(split_unit);
    let mut total = Span::ZERO;
    let mut last_unit = i64::MAX;
    let mut is_empty = true;
    while let Some(number) = words.next() {
        let number: i64 =
            if number.bytes().all(|byte| byte.is_ascii_digit()) { number.parse().ok()? } else { return None };
        let unit = words.next()?;
        let &(_, millis) = UNITS.iter().find(|(name, _)| *name == unit)?;
        if last_unit <= millis {
            return None;
        }
        last_unit = millis;
        total = Span::from_millis(total.as_millis().checked_add(number.checked_mul(millis)?)?);
        is_empty = false;
    }
    (!is_empty).then_some(total)
}

/// `10min` is two words, too.
fn split_unit(word: &str) -> impl Iterator<Item = &str> {
    let end_of_digits = word.find(|char: char| !char.is_ascii_digit()).unwrap_or(word.len());
    let (number, unit) = word.split_at(end_of_digits);
    [number, unit].into_iter().filter(|part| !part.is_empty())
}

/// A span as [`parse`] reads it, for messages.
pub fn text(span: Span) -> String {
    let mut rest = span.as_millis();
    let mut words = Vec::new();
    for (name, millis) in [("days", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1000), ("ms", 1)] {
        if rest >= millis {
            words.push(format!("{} {name}", rest / millis));
            rest %= millis;
        }
    }
    if words.is_empty() { "0 s".to_owned() } else { words.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_and_written() {
        for (written, millis) in [
            ("45 s", 45_000),
            ("10 min", 600_000),
            ("10min", 600_000),
            ("1 h 30 min", 5_400_000),
            ("7 days", 604_800_000),
            ("1 day 12 h", 129_600_000),
            ("250 ms", 250),
            ("0 s", 0),
        ] {
            assert_eq!(parse(written), Some(Span::from_millis(millis)), "{written}");
            assert_eq!(parse(&text(Span::from_millis(millis))), Some(Span::from_millis(millis)), "{written}");
        }
        for wrong in ["", "10", "min", "-5 min", "1.5 h", "5 min 1 h", "1 h 1 h", "ten min", "9999999999999999 days"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}

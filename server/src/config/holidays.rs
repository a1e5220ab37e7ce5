//! Japan's national holidays, by the rules of the law on them, for the years 2000 to 2099.
//!
//! The days of spring and autumn are reckoned; the government announces them each February of the year before, and no
//! year of these has differed. What a later law moves once, as it did in 2019, 2020 and 2021, has to be added here.

use jiff::civil::{Date, Weekday, date};

/// Years whose rules are known.
const YEARS: std::ops::RangeInclusive<i16> = 2000..=2099;
/// Since then a substitute is the next day that is no holiday, and a day between two holidays is one whatever its weekday.
const NEW_RULES: i16 = 2007;

/// Whether the date is a national holiday, a substitute for one, or a day between two of them.
pub fn is_japanese_holiday(day: Date) -> bool {
    is_named(day) || is_substitute(day) || is_between(day)
}

/// The day before, and the day after; no year of these is the first or last there is.
fn before(day: Date) -> Date {
    day.yesterday().unwrap_or(day)
}

fn after(day: Date) -> Date {
    day.tomorrow().unwrap_or(day)
}

/// Holidays that fall on a Sunday are made up for.
fn is_substitute(day: Date) -> bool {
    if is_named(day) {
        return false;
    }
    if day.year() < NEW_RULES {
        return day.weekday() == Weekday::Monday && is_named(before(day));
    }
    // through all holidays in a row before it, back to a Sunday
    let run = std::iter::successors(Some(before(day)), |day| Some(before(*day))).take_while(|day| is_named(*day));
    run.into_iter().any(|day| day.weekday() == Weekday::Sunday)
}

fn is_between(day: Date) -> bool {
    let is_free = match day.year() < NEW_RULES {
        true => day.weekday() == Weekday::Sunday || is_substitute(day),
        false => false,
    };
    !is_named(day) && !is_free && is_named(before(day)) && is_named(after(day))
}

/// A holiday that has a name.
fn is_named(day: Date) -> bool {
    let year = day.year();
    if !YEARS.contains(&year) {
        return false;
    }
    let is = |month: i8, of_month: i8| (day.month(), day.day()) == (month, of_month);
    let is_monday =
        |month: i8, nth: i8| day.month() == month && day.weekday() == Weekday::Monday && (day.day() - 1) / 7 + 1 == nth;
    match day.month() {
        1 => is(1, 1) || is_monday(1, 2),
        2 => is(2, 11) || (2020 <= year && is(2, 23)),
        3 => is(3, spring_day(year)),
        4 => is(4, 29),
        5 => is(5, 3) || (2007 <= year && is(5, 4)) || is(5, 5) || (year == 2019 && is(5, 1)),
        7 => match year {
            2000..=2002 => is(7, 20),
            2020 => is(7, 23) || is(7, 24),
            2021 => is(7, 22) || is(7, 23),
            _ => is_monday(7, 3),
        },
        8 => match year {
            2000..=2015 => false,
            2020 => is(8, 10),
            2021 => is(8, 8),
            _ => is(8, 11),
        },
        9 => (if year < 2003 { is(9, 15) } else { is_monday(9, 3) }) || is(9, autumn_day(year)),
        10 => match year {
            2019 => is_monday(10, 2) || is(10, 22),
            2020 | 2021 => false,
            _ => is_monday(10, 2),
        },
        11 => is(11, 3) || is(11, 23),
        12 => year <= 2018 && is(12, 23),
        _ => false,
    }
}

/// Of March; the usual approximation for 1980 to 2099, in millionths of a day.
fn spring_day(year: i16) -> i8 {
    equinox(year, 20_843_100)
}

/// Of September.
fn autumn_day(year: i16) -> i8 {
    equinox(year, 23_248_800)
}

fn equinox(year: i16, in_1980: i64) -> i8 {
    let years = i64::from(year) - 1980;
    ((in_1980 + 242_194 * years) / 1_000_000 - years / 4) as i8
}

/// All of a year, in order; for tests and for who wants to see them.
pub fn japanese_holidays(year: i16) -> Vec<Date> {
    let first = date(year, 1, 1);
    let days = std::iter::successors(Some(first), |day| day.tomorrow().ok()).take_while(|day| day.year() == year);
    days.filter(|day| is_japanese_holiday(*day)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As they were announced.
    #[test]
    fn years_are_as_they_were_announced() {
        for (year, announced) in [
            (2000, "1/1 1/10 2/11 3/20 4/29 5/3 5/4 5/5 7/20 9/15 9/23 10/9 11/3 11/23 12/23"),
            (2006, "1/1 1/2 1/9 2/11 3/21 4/29 5/3 5/4 5/5 7/17 9/18 9/23 10/9 11/3 11/23 12/23"),
            (2009, "1/1 1/12 2/11 3/20 4/29 5/3 5/4 5/5 5/6 7/20 9/21 9/22 9/23 10/12 11/3 11/23 12/23"),
            (2015, "1/1 1/12 2/11 3/21 4/29 5/3 5/4 5/5 5/6 7/20 9/21 9/22 9/23 10/12 11/3 11/23 12/23"),
            (2016, "1/1 1/11 2/11 3/20 3/21 4/29 5/3 5/4 5/5 7/18 8/11 9/19 9/22 10/10 11/3 11/23 12/23"),
            (
                2019,
                "1/1 1/14 2/11 3/21 4/29 4/30 5/1 5/2 5/3 5/4 5/5 5/6 7/15 8/11 8/12 9/16 9/23 10/14 10/22 11/3 11/4 11/23",
            ),
            (2020, "1/1 1/13 2/11 2/23 2/24 3/20 4/29 5/3 5/4 5/5 5/6 7/23 7/24 8/10 9/21 9/22 11/3 11/23"),
            (2021, "1/1 1/11 2/11 2/23 3/20 4/29 5/3 5/4 5/5 7/22 7/23 8/8 8/9 9/20 9/23 11/3 11/23"),
            (
                2024,
                "1/1 1/8 2/11 2/12 2/23 3/20 4/29 5/3 5/4 5/5 5/6 7/15 8/11 8/12 9/16 9/22 9/23 10/14 11/3 11/4 11/23",
            ),
            (2025, "1/1 1/13 2/11 2/23 2/24 3/20 4/29 5/3 5/4 5/5 5/6 7/21 8/11 9/15 9/23 10/13 11/3 11/23 11/24"),
            (2026, "1/1 1/12 2/11 2/23 3/20 4/29 5/3 5/4 5/5 5/6 7/20 8/11 9/21 9/22 9/23 10/12 11/3 11/23"),
        ] {
            let found: Vec<String> =
                japanese_holidays(year).iter().map(|day| format!("{}/{}", day.month(), day.day())).collect();
            assert_eq!(found.join(" "), announced, "{year}");
        }
    }

    #[test]
    fn other_years_are_not_known() {
        assert_eq!(japanese_holidays(1999), []);
        assert_eq!(japanese_holidays(2100), []);
        assert!((2000..=2099).all(|year| (15..=22).contains(&japanese_holidays(year).len())));
    }
}

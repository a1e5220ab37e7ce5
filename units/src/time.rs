//! Instants and lengths of time, in whole milliseconds.
//!
//! `Time + Time` does not compile, and there is no `From<i64>`: a bare number says its unit where
//! it becomes a [`Time`] or a [`Span`]. Values from outside are checked against a horizon before
//! they come here, so the arithmetic cannot overflow (±292 million years).

use std::fmt;
use std::ops::{Add, AddAssign, Mul, Neg, Sub, SubAssign};

/// An instant: milliseconds since the Unix epoch, UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(i64);

/// A signed length of time in milliseconds; a slack may be negative.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span(i64);

impl Time {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Time = Time(0);

    pub const fn from_unix_millis(millis: i64) -> Time {
        Time(millis)
    }

    pub const fn from_unix_secs(secs: i64) -> Time {
        Time(secs * 1000)
    }

    pub const fn as_unix_millis(self) -> i64 {
        self.0
    }

    /// The latest multiple of `step` since the epoch that is not after `self`; `step` must be positive.
    pub fn floor_to(self, step: Span) -> Time {
        assert!(step > Span::ZERO, "step must be positive, was {step:?}");
        Time(self.0 - self.0.rem_euclid(step.0))
    }
}

impl Span {
    pub const ZERO: Span = Span(0);
    pub const MINUTE: Span = Span::from_secs(60);
    pub const HOUR: Span = Span::from_secs(3600);
    pub const DAY: Span = Span::from_secs(86_400);

    pub const fn from_millis(millis: i64) -> Span {
        Span(millis)
    }

    pub const fn from_secs(secs: i64) -> Span {
        Span(secs * 1000)
    }

    pub const fn from_mins(mins: i64) -> Span {
        Span(mins * 60_000)
    }

    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Whole seconds, rounded towards zero.
    pub const fn as_secs(self) -> i64 {
        self.0 / 1000
    }

    /// `self`, or zero if `self` is negative.
    pub fn positive_part(self) -> Span {
        self.max(Span::ZERO)
    }

    /// `self * permille / 1000`, rounded down; for non-negative spans of up to a year.
    pub fn scaled_permille(self, permille: u32) -> Span {
        Span(self.0 * i64::from(permille) / 1000)
    }
}

impl Sub for Time {
    type Output = Span;
    fn sub(self, rhs: Time) -> Span {
        Span(self.0 - rhs.0)
    }
}

impl Add<Span> for Time {
    type Output = Time;
    fn add(self, rhs: Span) -> Time {
        Time(self.0 + rhs.0)
    }
}

impl Sub<Span> for Time {
    type Output = Time;
    fn sub(self, rhs: Span) -> Time {
        Time(self.0 - rhs.0)
    }
}

impl AddAssign<Span> for Time {
    fn add_assign(&mut self, rhs: Span) {
        self.0 += rhs.0;
    }
}

impl Add for Span {
    type Output = Span;
    fn add(self, rhs: Span) -> Span {
        Span(self.0 + rhs.0)
    }
}

impl Sub for Span {
    type Output = Span;
    fn sub(self, rhs: Span) -> Span {
        Span(self.0 - rhs.0)
    }
}

impl AddAssign for Span {
    fn add_assign(&mut self, rhs: Span) {
        self.0 += rhs.0;
    }
}

impl SubAssign for Span {
    fn sub_assign(&mut self, rhs: Span) {
        self.0 -= rhs.0;
    }
}

impl Neg for Span {
    type Output = Span;
    fn neg(self) -> Span {
        Span(-self.0)
    }
}

impl Mul<i64> for Span {
    type Output = Span;
    fn mul(self, rhs: i64) -> Span {
        Span(self.0 * rhs)
    }
}

impl std::iter::Sum for Span {
    fn sum<I: Iterator<Item = Span>>(spans: I) -> Span {
        spans.fold(Span::ZERO, Add::add)
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}ms", self.0)
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// `1:02:03`, `-0:00:30`; milliseconds only when there are any: `0:00:00.250`.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let millis = self.0.unsigned_abs();
        let secs = millis / 1000;
        write!(f, "{sign}{}:{:02}:{:02}", secs / 3600, secs / 60 % 60, secs % 60)?;
        match millis % 1000 {
            0 => Ok(()),
            rest => write!(f, ".{rest:03}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floor_to_goes_down_before_the_epoch_too() {
        let minute = Span::MINUTE;
        assert_eq!(Time::from_unix_secs(61).floor_to(minute), Time::from_unix_secs(60));
        assert_eq!(Time::from_unix_secs(60).floor_to(minute), Time::from_unix_secs(60));
        assert_eq!(Time::from_unix_secs(-1).floor_to(minute), Time::from_unix_secs(-60));
    }

    #[test]
    fn spans_read_like_a_clock() {
        assert_eq!(Span::from_secs(3723).to_string(), "1:02:03");
        assert_eq!(Span::from_millis(-30_250).to_string(), "-0:00:30.250");
    }
}

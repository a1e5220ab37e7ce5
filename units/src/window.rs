//! Time windows: both ends included, never empty.

use std::fmt;

use crate::{Span, Time};

/// `earliest..=latest`, both ends included; `earliest <= latest` always holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TimeWindow {
    earliest: Time,
    latest: Time,
}

/// A window that would end before it starts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EmptyWindow {
    pub earliest: Time,
    pub latest: Time,
}

impl fmt::Display for EmptyWindow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "window ends {} before it starts", self.earliest - self.latest)
    }
}

impl std::error::Error for EmptyWindow {}

impl TimeWindow {
    pub fn new(earliest: Time, latest: Time) -> Result<TimeWindow, EmptyWindow> {
        if latest < earliest { Err(EmptyWindow { earliest, latest }) } else { Ok(TimeWindow { earliest, latest }) }
    }

    pub fn earliest(&self) -> Time {
        self.earliest
    }

    pub fn latest(&self) -> Time {
        self.latest
    }

    pub fn width(&self) -> Span {
        self.latest - self.earliest
    }

    pub fn contains(&self, time: Time) -> bool {
        self.earliest <= time && time <= self.latest
    }

    /// Both ends moved by `by`.
    pub fn shifted(&self, by: Span) -> TimeWindow {
        TimeWindow { earliest: self.earliest + by, latest: self.latest + by }
    }

    /// True if the two share more than an end point.
    pub fn overlaps(&self, other: &TimeWindow) -> bool {
        self.earliest < other.latest && other.earliest < self.latest
    }
}

//! Driving time along a path.

use std::ops::{Add, Sub};

use bytemuck::{Pod, Zeroable};

use crate::{Span, Time};

/// Driving time in whole milliseconds, never negative, at most 49 days.
///
/// A place that can not be reached has no travel time: `Option::None`, not a large number.
///
/// Any 32 bits are a travel time, so a column of numbers in a file can be read as one of travel times
/// where it lies.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Pod, Zeroable)]
#[repr(transparent)]
pub struct TravelTime(u32);

impl TravelTime {
    pub const ZERO: TravelTime = TravelTime(0);

    pub const fn from_millis(millis: u32) -> TravelTime {
        TravelTime(millis)
    }

    pub const fn from_secs(secs: u32) -> TravelTime {
        TravelTime(secs * 1000)
    }

    pub const fn as_millis(self) -> u32 {
        self.0
    }

    pub const fn span(self) -> Span {
        Span::from_millis(self.0 as i64)
    }
}

impl Add for TravelTime {
    type Output = TravelTime;
    fn add(self, rhs: TravelTime) -> TravelTime {
        TravelTime(self.0 + rhs.0)
    }
}

impl Sub for TravelTime {
    type Output = TravelTime;
    /// Panics in debug builds if `rhs` is longer than `self`: a travel time is never negative.
    fn sub(self, rhs: TravelTime) -> TravelTime {
        TravelTime(self.0 - rhs.0)
    }
}

impl Add<TravelTime> for Time {
    type Output = Time;
    fn add(self, rhs: TravelTime) -> Time {
        self + rhs.span()
    }
}

impl Sub<TravelTime> for Time {
    type Output = Time;
    fn sub(self, rhs: TravelTime) -> Time {
        self - rhs.span()
    }
}

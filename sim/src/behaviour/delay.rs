//! How long something takes people.

use mukae_units::Span;

use crate::random::Draw;

/// What such lengths are drawn from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Delay {
    /// With this mean.
    Exponential(Span),
    /// Half take longer than the median. The spread is the deviation of the natural logarithm, in thousandths: with 700, two
    /// in three take between half and twice the median.
    LogNormal { median: Span, spread: u32 },
}

impl Delay {
    pub const NONE: Delay = Delay::Exponential(Span::ZERO);

    pub fn is_none(self) -> bool {
        let (Delay::Exponential(length) | Delay::LogNormal { median: length, .. }) = self;
        length == Span::ZERO
    }

    pub(super) fn drawn(self, draw: Draw) -> Span {
        match self {
            Delay::Exponential(mean) => draw.exponential(mean),
            Delay::LogNormal { median, spread } => draw.log_normal(median, spread),
        }
    }
}

impl Default for Delay {
    fn default() -> Delay {
        Delay::NONE
    }
}

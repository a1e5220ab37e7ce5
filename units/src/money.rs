//! Whole yen.

use std::fmt;
use std::ops::Add;

/// An amount of money, never negative. Sums of a party's fares stay far below the limit of the number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Yen(pub u32);

impl Yen {
    pub const ZERO: Yen = Yen(0);

    /// The rest, or nothing.
    #[must_use]
    pub fn less(self, discount: Yen) -> Yen {
        Yen(self.0.saturating_sub(discount.0))
    }
}

impl Add for Yen {
    type Output = Yen;

    fn add(self, rhs: Yen) -> Yen {
        Yen(self.0 + rhs.0)
    }
}

impl fmt::Display for Yen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} yen", self.0)
    }
}

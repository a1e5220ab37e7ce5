//! How often vehicles tell where they are, and when nobody hears it.

use mukae_units::{Span, Time};

use super::{Behaviour, Lateness};
use crate::random::Purpose;

/// What is told of vehicles under way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Positions {
    /// Longer than zero.
    pub every: Span,
    /// A share of all time nothing is heard of a vehicle, in holes of this mean length (exponential).
    pub is_lost: Lateness,
}

impl Behaviour {
    /// True if nothing is heard of a vehicle at this moment.
    ///
    /// Holes and what is between them follow each other from the start of each day (UTC). Both are exponential, so it does
    /// not matter to a hole how long it has lasted at midnight.
    pub fn is_lost(&self, vehicle: u32, at: Time) -> bool {
        let Some(Positions { is_lost: Lateness { share, mean }, .. }) = self.vehicles.positions else { return false };
        if share == 0 || 1000 <= share {
            return 0 < share;
        }
        let midnight = at.floor_to(Span::DAY);
        let day = midnight.as_unix_millis().div_euclid(Span::DAY.as_millis()) as u64;
        let draw = |purpose, n| self.luck().draw(u64::from(vehicle) << 32 ^ day, purpose, n);
        let between = Span::from_millis(mean.as_millis() * i64::from(1000 - share) / i64::from(share));
        let mut is_lost = draw(Purpose::PositionsLost, 0).happens(share);
        let (mut from, mut n) = (midnight, 0);
        loop {
            let length = draw(Purpose::PositionsHole, n).exponential(if is_lost { mean } else { between });
            from += length.max(Span::from_millis(1)); // so that it ends
            if at < from {
                return is_lost;
            }
            (is_lost, n) = (!is_lost, n + 1);
        }
    }
}

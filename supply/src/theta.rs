//! What a town sets of supply that follows demand: a short vector of whole numbers, each with its unit, its range and a value
//! at which it does nothing.
//!
//! All of it off is the reactive dispatcher, byte for byte. A tuner moves in this space, a settings file holds one point of
//! it, and the follower and the dispatcher are told what follows from it.

use std::ops::RangeInclusive;

use mukae_engine::model::{Anticipation, CoverageRule, Policy, Reposition, RepositionRule};
use mukae_units::{Metres, Span};

use crate::follower::Following;

/// One number of the vector.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Knob {
    /// How much of an expected gain is believed (alpha).
    Eagerness,
    /// So far ahead requests are counted (H).
    Horizon,
    /// How often that is told (dt).
    Every,
    /// What a move is worth at least.
    GainMin,
    /// How far a vehicle is moved in one shift.
    EmptyMax,
    /// How much of the slack before a planned stop is waited where the vehicle is (omega).
    WaitFirst,
    /// Whether riders who were taken somewhere are expected back (F2).
    Returns,
    /// How much of the coverage that an insertion destroys it pays for (eta).
    Coverage,
    /// What a minute costs by which an insertion makes a promised stop tight (xi).
    Slack,
}

/// A point.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Theta {
    values: [i64; Knob::ALL.len()],
}

/// Longer waits than this are not told apart when vehicles are placed.
const REACH_MAX: Span = Span::HOUR;
/// A vehicle has stood for so long before it is moved.
const IDLE_MIN: Span = Span::from_mins(2);
/// In less nobody can be fetched and brought.
const GAP_MIN: Span = Span::from_mins(15);
/// A promise with more air than this is not tight.
const SLACK_MIN: Span = Span::from_mins(5);

impl Knob {
    pub const ALL: [Knob; 9] = [
        Knob::Eagerness,
        Knob::Horizon,
        Knob::Every,
        Knob::GainMin,
        Knob::EmptyMax,
        Knob::WaitFirst,
        Knob::Returns,
        Knob::Coverage,
        Knob::Slack,
    ];

    /// Its key in a file, which ends in its unit.
    pub const fn key(self) -> &'static str {
        match self {
            Knob::Eagerness => "eagerness_percent",
            Knob::Horizon => "horizon_min",
            Knob::Every => "every_min",
            Knob::GainMin => "gain_min_yen",
            Knob::EmptyMax => "empty_max_km",
            Knob::WaitFirst => "wait_first_percent",
            Knob::Returns => "returns",
            Knob::Coverage => "coverage_percent",
            Knob::Slack => "slack_yen_per_min",
        }
    }

    pub const fn range(self) -> RangeInclusive<i64> {
        match self {
            Knob::Eagerness => 0..=200,
            Knob::Horizon => 10..=120,
            Knob::Every => 1..=15,
            Knob::GainMin => 0..=200,
            Knob::EmptyMax => 0..=60,
            Knob::WaitFirst => 0..=100,
            Knob::Returns => 0..=1,
            Knob::Coverage => 0..=150,
            Knob::Slack => 0..=20,
        }
    }

    /// At this value it does nothing; one that says how, and not whether, has none.
    pub const fn off(self) -> Option<i64> {
        match self {
            Knob::Eagerness | Knob::EmptyMax | Knob::WaitFirst | Knob::Returns | Knob::Coverage | Knob::Slack => {
                Some(0)
            }
            Knob::Horizon | Knob::Every | Knob::GainMin => None,
        }
    }

    /// Where nobody has tuned it.
    pub const fn usual(self) -> i64 {
        match self {
            Knob::Eagerness => 50,
            Knob::Horizon => 30,
            Knob::Every => 5,
            Knob::GainMin => 20,
            Knob::EmptyMax => 20,
            Knob::WaitFirst => 0,
            Knob::Returns => 1,
            Knob::Coverage => 30,
            Knob::Slack => 2,
        }
    }
}

impl Theta {
    /// Nothing is done ahead.
    pub fn off() -> Theta {
        Theta { values: Knob::ALL.map(|knob| knob.off().unwrap_or(knob.usual())) }
    }

    /// As it is where nobody has tuned it.
    pub fn usual() -> Theta {
        Theta { values: Knob::ALL.map(Knob::usual) }
    }

    pub fn get(&self, knob: Knob) -> i64 {
        self.values[knob as usize]
    }

    /// The same with one number changed; `None` if that is out of range.
    #[must_use]
    pub fn with(&self, knob: Knob, value: i64) -> Option<Theta> {
        let mut theta = self.clone();
        theta.values[knob as usize] = value;
        knob.range().contains(&value).then_some(theta)
    }

    /// How the dispatcher is told what to expect, and what it makes of it; `lost` is what a rider who goes without costs, in yen.
    pub fn following(&self, lost: i64) -> Following {
        let rule = RepositionRule {
            eagerness_permille: u32::try_from(self.get(Knob::Eagerness) * 10).expect("a percentage"),
            gain_min: self.get(Knob::GainMin),
            empty_max: Metres::from_metres(u64::try_from(self.get(Knob::EmptyMax) * 1000).expect("a range from 0")),
            idle_min: IDLE_MIN,
        };
        let minutes = |knob| Span::from_mins(self.get(knob));
        Following {
            coverage: CoverageRule { reach_max: REACH_MAX, lost, gap_min: GAP_MIN },
            reposition: Reposition::ByDemand(rule),
            anticipation: Anticipation {
                coverage_permille: u32::try_from(self.get(Knob::Coverage) * 10).expect("a percentage"),
                slack_price: self.get(Knob::Slack),
                slack_min: SLACK_MIN,
            },
            horizon: minutes(Knob::Horizon),
            every: minutes(Knob::Every),
        }
    }

    /// What a policy says by it; a policy that waits first without it goes on doing so.
    pub fn govern(&self, policy: &mut Policy) {
        let permille = u32::try_from(self.get(Knob::WaitFirst) * 10).expect("a percentage");
        policy.wait_first_permille = policy.wait_first_permille.max(permille);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knobs_stand_at_their_places_and_in_their_ranges() {
        for (position, knob) in Knob::ALL.into_iter().enumerate() {
            assert_eq!(knob as usize, position, "{knob:?}");
            assert!(knob.range().contains(&knob.usual()), "{knob:?}");
            assert!(knob.off().is_none_or(|off| knob.range().contains(&off)), "{knob:?}");
            let theta = Theta::off().with(knob, *knob.range().end()).expect("in range");
            assert_eq!(theta.get(knob), *knob.range().end());
            assert_eq!(Theta::off().with(knob, knob.range().end() + 1), None);
        }
    }

    #[test]
    fn what_is_off_follows_nothing() {
        assert!(Theta::off().following(2000).is_off());
        assert!(!Theta::usual().following(2000).is_off());
    }
}

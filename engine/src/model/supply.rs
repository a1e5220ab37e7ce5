//! Supply that follows demand: what an area's vehicles may do before anybody has asked, and what is expected.
//!
//! Both are state, set by events. What is expected is worked out elsewhere, by a model that may be wrong; here it is a
//! table of whole numbers with an end. Without rules, or without a table that still holds, nothing is done ahead.

use std::ops::RangeInclusive;
use std::sync::Arc;

use mukae_maps::Place;
use mukae_units::{Metres, Span, Time};

use crate::model::WEIGHT_MAX;

/// No more places are watched.
pub const POSTS_MAX: usize = 256;
/// All of the gain there may be is believed twice over.
pub const EAGERNESS_MAX: u32 = 2000;
/// So many requests are expected at one post at most, in thousandths.
pub const EXPECTED_MAX: u32 = 1_000_000;
/// Coverage counts one and a half times.
pub const COVERAGE_MAX: u32 = 1500;
/// More than any minute of anybody's.
pub const SLACK_PRICE_MAX: i64 = 1000;
/// Ten drivers around the clock for a month.
const STANDBY_MAX: Span = Span::from_mins(300 * 24 * 60);
const SPANS: RangeInclusive<Span> = Span::ZERO..=Span::DAY;

/// What may be done ahead in an area.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SupplyRules {
    /// Where demand is expected, and where vehicles may wait for it; at most [`POSTS_MAX`], none twice.
    pub posts: Vec<Place>,
    pub coverage: CoverageRule,
    pub reposition: Reposition,
    pub anticipation: Anticipation,
    /// Drivers may be asked to stand by for so long in all, what is left of their shifts added up; zero: none is.
    pub standby_max: Span,
}

/// How well vehicles stand for what is expected, as it is reckoned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CoverageRule {
    /// Who would wait for longer goes without, as far as this reckons.
    pub reach_max: Span,
    /// And that costs so much, in whole yen: 0 to [`WEIGHT_MAX`].
    pub lost: i64,
    /// A vehicle can be sent to whoever asks next from when it has nothing to set out for in so long.
    pub gap_min: Span,
}

/// Where idle vehicles wait.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reposition {
    /// Where they are.
    Stay,
    /// Where their shift begins: what services without a forecast do.
    ToBase,
    ByDemand(RepositionRule),
}

/// When an idle vehicle is moved to where it is likely to be wanted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RepositionRule {
    /// How much of the gain that is expected is believed: 0 (nothing is moved) to [`EAGERNESS_MAX`].
    pub eagerness_permille: u32,
    /// What is left of it after the drive is worth at least so much, in whole yen: 0 to [`WEIGHT_MAX`].
    pub gain_min: i64,
    /// So far is a vehicle moved in one shift.
    pub empty_max: Metres,
    /// A vehicle stands for so long before it is moved.
    pub idle_min: Span,
}

/// What an insertion costs those who have not asked yet, and those who were promised something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Anticipation {
    /// How much of the coverage that an insertion destroys it pays for: 0 (nothing) to [`COVERAGE_MAX`]. What it makes better
    /// it is paid for.
    pub coverage_permille: u32,
    /// For every minute by which it makes a promised stop tighter than `slack_min`, in whole yen: 0 (nothing) to
    /// [`SLACK_PRICE_MAX`].
    pub slack_price: i64,
    pub slack_min: Span,
}

/// Requests that nobody has made yet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outlook {
    /// Of each post: so many within the time ahead, in thousandths; at most [`EXPECTED_MAX`].
    pub expected: Vec<u32>,
    /// So far ahead they are counted.
    pub within: Span,
    /// Later than this it is not acted on.
    pub until: Time,
}

/// Rules, and what is expected under them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Supply {
    pub rules: Arc<SupplyRules>,
    pub outlook: Option<Arc<Outlook>>,
}

impl Anticipation {
    /// Insertions cost what they cost.
    pub const NONE: Anticipation = Anticipation { coverage_permille: 0, slack_price: 0, slack_min: Span::ZERO };

    pub fn is_off(&self) -> bool {
        self.coverage_permille == 0 && (self.slack_price == 0 || self.slack_min == Span::ZERO)
    }

    fn is_sound(&self) -> bool {
        self.coverage_permille <= COVERAGE_MAX
            && (0..=SLACK_PRICE_MAX).contains(&self.slack_price)
            && SPANS.contains(&self.slack_min)
    }
}

impl Reposition {
    /// No vehicle is ever moved by it.
    pub fn is_off(&self) -> bool {
        match self {
            Reposition::Stay => true,
            Reposition::ToBase => false,
            Reposition::ByDemand(rule) => rule.eagerness_permille == 0 || rule.empty_max == Metres::ZERO,
        }
    }

    fn is_sound(&self) -> bool {
        let Reposition::ByDemand(rule) = self else { return true };
        let RepositionRule { eagerness_permille, gain_min, empty_max, idle_min } = *rule;
        eagerness_permille <= EAGERNESS_MAX
            && (0..=WEIGHT_MAX).contains(&gain_min)
            && Metres::ZERO <= empty_max
            && SPANS.contains(&idle_min)
    }
}

impl SupplyRules {
    /// Idle vehicles go back to where their shift began, as services without a forecast do.
    pub fn to_base() -> SupplyRules {
        let gap_min = Span::from_mins(15);
        SupplyRules {
            posts: Vec::new(),
            coverage: CoverageRule { reach_max: Span::ZERO, lost: 0, gap_min },
            reposition: Reposition::ToBase,
            anticipation: Anticipation::NONE,
            standby_max: Span::ZERO,
        }
    }

    /// Nothing is ever done by them.
    pub fn are_off(&self) -> bool {
        self.reposition.is_off() && self.anticipation.is_off() && self.standby_max == Span::ZERO
    }

    pub(crate) fn are_sound(&self) -> bool {
        let CoverageRule { reach_max, lost, gap_min } = self.coverage;
        let mut posts: Vec<Place> = self.posts.clone();
        posts.sort_unstable();
        (0..=WEIGHT_MAX).contains(&lost)
            && SPANS.contains(&reach_max)
            && SPANS.contains(&gap_min)
            && self.reposition.is_sound()
            && self.anticipation.is_sound()
            && (Span::ZERO..=STANDBY_MAX).contains(&self.standby_max)
            && self.posts.len() <= POSTS_MAX
            && posts.windows(2).all(|pair| pair[0] != pair[1])
    }
}

impl Outlook {
    /// True for a table of these rules' posts.
    pub(crate) fn is_of(&self, rules: &SupplyRules) -> bool {
        let is_counted = SPANS.contains(&self.within);
        is_counted
            && self.expected.len() == rules.posts.len()
            && self.expected.iter().all(|&expected| expected <= EXPECTED_MAX)
    }
}

impl Supply {
    /// The table, while it holds and says anything.
    pub(crate) fn outlook_at(&self, now: Time) -> Option<&Outlook> {
        let outlook = self.outlook.as_deref().filter(|outlook| now <= outlook.until)?;
        outlook.expected.iter().any(|&expected| 0 < expected).then_some(outlook)
    }
}

//! Supply that follows demand: what an area's vehicles may do before anybody has asked, and what is expected.
//!
//! Both are state, set by events. What is expected is worked out elsewhere, by a model that may be wrong; here it is a
//! table of whole numbers with an end. Without rules, or without a table that still holds, nothing is done ahead.

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
/// Longer waits than this are not told apart.
const REACH_MAX: Span = Span::from_mins(24 * 60);

/// What may be done ahead in an area.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SupplyRules {
    /// Where demand is expected, and where vehicles may wait for it; at most [`POSTS_MAX`], none twice.
    pub posts: Vec<Place>,
    pub reposition: RepositionRule,
}

/// When an idle vehicle is moved to where it is likely to be wanted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RepositionRule {
    /// How much of the gain that is expected is believed: 0 (nothing is moved) to [`EAGERNESS_MAX`].
    pub eagerness_permille: u32,
    /// What is left of it after the drive is worth at least so much, in whole yen: 0 to [`WEIGHT_MAX`].
    pub gain_min: i64,
    /// Who would wait for longer goes without, as far as this rule reckons.
    pub reach_max: Span,
    /// And that costs so much, in whole yen: 0 to [`WEIGHT_MAX`].
    pub lost: i64,
    /// So far is a vehicle moved in one shift.
    pub empty_max: Metres,
    /// A vehicle stands for so long before it is moved, and has nothing to set out for in so long.
    pub idle_min: Span,
}

/// Requests that nobody has made yet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outlook {
    /// Of each post: so many within the time ahead, in thousandths; at most [`EXPECTED_MAX`].
    pub expected: Vec<u32>,
    /// Later than this it is not acted on.
    pub until: Time,
}

/// Rules, and what is expected under them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Supply {
    pub rules: Arc<SupplyRules>,
    pub outlook: Option<Arc<Outlook>>,
}

impl SupplyRules {
    pub(crate) fn are_sound(&self) -> bool {
        let RepositionRule { eagerness_permille, gain_min, reach_max, lost, empty_max, idle_min } = self.reposition;
        let mut posts: Vec<Place> = self.posts.clone();
        posts.sort_unstable();
        eagerness_permille <= EAGERNESS_MAX
            && (0..=WEIGHT_MAX).contains(&gain_min)
            && (0..=WEIGHT_MAX).contains(&lost)
            && (Span::ZERO..=REACH_MAX).contains(&reach_max)
            && (Span::ZERO..=REACH_MAX).contains(&idle_min)
            && Metres::ZERO <= empty_max
            && self.posts.len() <= POSTS_MAX
            && posts.windows(2).all(|pair| pair[0] != pair[1])
    }
}

impl Outlook {
    /// True for a table of these rules' posts.
    pub(crate) fn is_of(&self, rules: &SupplyRules) -> bool {
        self.expected.len() == rules.posts.len() && self.expected.iter().all(|&expected| expected <= EXPECTED_MAX)
    }
}

impl Supply {
    /// The table, while it holds and says anything.
    pub(crate) fn outlook_at(&self, now: Time) -> Option<&Outlook> {
        let outlook = self.outlook.as_deref().filter(|outlook| now <= outlook.until)?;
        outlook.expected.iter().any(|&expected| 0 < expected).then_some(outlook)
    }
}

//! Who drives, and whether they must be asked before a rider is bound to them.

use mukae_units::{DriverId, Span, Time};

/// Asks count against the weekly limit for this long.
pub const ASK_WEEK: Span = Span::from_mins(7 * 24 * 60);

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum DriverKind {
    /// The shift is the consent: never asked.
    Employed,
    /// Asked for each rider, unless a standing consent covers the shift.
    Volunteer,
}

/// How far a driver's consent goes. Below `T3` a rider is bound to the driver only by a yes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Tier {
    /// Asked after the rider has confirmed.
    T0,
    /// Asked while the plan is made.
    T1,
    /// May be sent on the way before the rider confirms.
    T2,
    /// Consented to the shift: assigned without being asked.
    T3,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Driver {
    pub id: DriverId,
    /// What the world calls them; carried, and compared only to keep names apart.
    pub name: String,
    pub kind: DriverKind,
    /// From one ask to the next.
    pub cooldown: Span,
    /// Asks in any seven days.
    pub asks_per_week_max: u32,
    pub tier: Tier,
}

impl Driver {
    /// Whether the driver must be asked under a consent of `tier`, and from when that may be, given the
    /// `asks` so far in the order of their times.
    pub(crate) fn asking(&self, tier: Tier, asks: &[Time]) -> Asking {
        if self.kind == DriverKind::Employed || self.tier.min(tier) == Tier::T3 {
            return Asking::Unneeded;
        }
        let asks_max = self.asks_per_week_max as usize;
        if asks_max == 0 {
            return Asking::Never;
        }
        let Some(&last) = asks.last() else { return Asking::From(long_ago()) };
        // the ask that must no longer count before another one may be made
        let blocking = asks.len().checked_sub(asks_max).map(|ask_idx| asks[ask_idx] + ASK_WEEK);
        Asking::From(blocking.map_or(last + self.cooldown, |week_over| week_over.max(last + self.cooldown)))
    }
}

fn long_ago() -> Time {
    Time::from_unix_millis(i64::MIN / 4)
}

/// Whether the driver of a schedule must be asked before a rider is bound to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Asking {
    Unneeded,
    /// Must be asked, and may be at this time or later: cool-down and weekly limit.
    From(Time),
    /// Must be asked, and may never be.
    Never,
}

/// A question to a driver that is still open: will you take this rider?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ask {
    pub driver: DriverId,
    pub asked_at: Time,
    /// Can be answered while `now <= deadline`.
    pub deadline: Time,
}

/// A driver who would be asked for every rider, and was asked to stand by on a shift.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standby {
    /// Can be answered while `now <= deadline`.
    Asked { deadline: Time },
    /// Riders are bound to the driver without a further ask.
    Given,
}

impl Standby {
    /// Of one that is not answered yet.
    pub fn deadline(&self) -> Option<Time> {
        match self {
            Standby::Asked { deadline } => Some(*deadline),
            Standby::Given => None,
        }
    }
}

/// How an ask ended.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum AskOutcome {
    /// The rider is bound to the driver.
    Accepted,
    Declined,
    /// No answer by the deadline.
    Expired,
    /// The shift ended first.
    Withdrawn,
}

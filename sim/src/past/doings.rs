//! What riders and drivers of a journal did, said so that it has a meaning in another course of things: after how long,
//! which of the offers, how much later than was due.

use std::collections::BTreeMap;
use std::sync::Arc;

use mukae_engine::model::{Alternative, CancelReason, Request, Wish};
use mukae_units::{DriverId, ShiftId, Span, Time};

/// Of everyone.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Doings {
    /// By [`Ask::rider`](crate::Ask::rider).
    pub riders: BTreeMap<u64, Conduct>,
    /// By the shift they are of in the run.
    pub crews: BTreeMap<ShiftId, Crew>,
}

/// Of one rider, about one ride.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Conduct {
    pub how: How,
    /// What the rider did about the first offers that were shown, about those after them, and so on; nothing: let them go.
    pub replies: Vec<Vec<Act>>,
    /// Other wishes for the ride that was booked, and when they came up.
    pub amends: Vec<(Time, Arc<Request>)>,
    pub cancels: Option<(Time, CancelReason)>,
    pub stays_away: bool,
    /// How much later than was due the party had boarded, and alighted; earlier if negative.
    pub boards: Option<Span>,
    pub alights: Option<Span>,
    /// What drivers said who were asked, and how long after; `None`: nothing.
    pub answers: BTreeMap<DriverId, Option<(Span, bool)>>,
}

/// In how many steps a ride was asked for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum How {
    /// First offers, then a choice.
    #[default]
    Quote,
    /// In one step.
    Book,
    /// Several rides in one step, each with the conduct of this number.
    Together { rides: Vec<(u64, Arc<Request>)>, stands_together: bool, note: Arc<[u8]> },
}

/// So long after the offers were shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Act {
    pub after: Span,
    pub pick: Pick,
    pub deed: Deed,
}

/// Which of the offers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pick {
    pub index: usize,
    pub alternative: Alternative,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Deed {
    Take,
    /// For so long from then.
    Hold(Span),
    Release,
}

/// Of a shift's driver and vehicle.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Crew {
    /// How much later than needed (as the shift begins, or for the first rider who calls) the driver signed on; earlier if
    /// negative.
    pub starts_late: Option<Span>,
    /// Nobody signed on, though the shift was not one nobody was called for.
    pub is_absent: bool,
    /// Signed off before the shift was over.
    pub leaves: Option<Time>,
    pub breaks_down: Option<Time>,
}

impl Doings {
    /// With every wish as riders have it under other rules.
    pub(super) fn wishing(mut self, wish: impl Fn(Wish) -> Wish) -> Doings {
        let changed = |request: &mut Arc<Request>| {
            let other = wish(request.wish);
            if other != request.wish {
                Arc::make_mut(request).wish = other;
            }
        };
        for conduct in self.riders.values_mut() {
            conduct.amends.iter_mut().for_each(|(_, request)| changed(request));
            if let How::Together { rides, .. } = &mut conduct.how {
                rides.iter_mut().for_each(|(_, request)| changed(request));
            }
        }
        self
    }

    /// True if anything makes a vehicle later than its plan.
    pub fn is_any_delay(&self) -> bool {
        let is_late = |late: Option<Span>| late.is_some_and(|late| late != Span::ZERO);
        let of_rider = |conduct: &Conduct| {
            let Conduct { boards, alights, stays_away, answers, .. } = conduct;
            is_late(*boards) || is_late(*alights) || *stays_away || !answers.is_empty()
        };
        let of_crew = |crew: &Crew| {
            is_late(crew.starts_late) || crew.is_absent || crew.leaves.is_some() || crew.breaks_down.is_some()
        };
        self.riders.values().any(of_rider) || self.crews.values().any(of_crew)
    }
}

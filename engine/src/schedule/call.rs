//! Whether the driver of an on-call shift has been called, and what that takes.
//!
//! A rider in the plan is the call, and nothing else is remembered of it: from when the vehicle can leave stands in its
//! [`Whereabouts`] from then on. Without a rider nobody is called, unless the driver has signed on.

use mukae_units::Time;

use super::{Plan, Schedule, Whereabouts};
use crate::model::{OnCall, ShiftState};

impl Schedule {
    /// True for an on-call shift whose driver need not come as things stand.
    pub fn is_uncalled(&self) -> bool {
        self.uncalled().is_some()
    }

    /// True for an on-call shift whose driver has to come, or has.
    pub fn is_called(&self) -> bool {
        self.shift.on_call.is_some() && !self.is_uncalled()
    }

    /// When the driver has to sign on: as the shift begins; whoever is on call, to set out for the first rider. `None` while
    /// nobody has called.
    pub fn needed_from(&self) -> Option<Time> {
        let opens = self.shift.window.earliest();
        match (self.shift.on_call, self.plan.whereabouts, self.plan.stops.first()) {
            (None, ..) => Some(opens),
            (Some(_), Whereabouts::Waiting { since, .. }, Some(first)) => {
                let sets_out = first.earliest().map_or(since, |earliest| earliest - first.leg.span());
                Some(opens.max(since).max(sets_out))
            }
            (Some(_), ..) => (!self.is_uncalled()).then_some(opens),
        }
    }

    #[inline]
    pub(crate) fn uncalled(&self) -> Option<OnCall> {
        self.shift.on_call.filter(|_| self.state == ShiftState::Planned && self.plan.stops.is_empty())
    }

    /// What the first rider has to be worth.
    #[inline]
    pub(crate) fn price_to_call(&self) -> i64 {
        self.uncalled().map_or(0, OnCall::price)
    }

    /// What is spared if all riders go elsewhere before the driver has signed on; nothing any more once they must be on
    /// their way for the first of them.
    pub(crate) fn price_of_call(&self, now: Time) -> i64 {
        let called = self.shift.on_call.filter(|_| self.state == ShiftState::Planned && self.is_called());
        let can_stay = |on_call: &OnCall| self.needed_from().is_some_and(|needed| now < needed - on_call.notice);
        called.filter(can_stay).map_or(0, OnCall::price)
    }

    /// What calling, or sending back, the driver costs more under another plan.
    pub(crate) fn price_of_calls(&self, with: &Schedule, now: Time) -> i64 {
        match (self.is_uncalled(), with.is_uncalled()) {
            (true, false) => self.price_to_call(),
            (false, true) => -self.price_of_call(now),
            _ => 0,
        }
    }

    /// Where a plan begins that puts riders in: a driver who has to be called for them comes no sooner than the notice allows.
    pub(crate) fn whereabouts_with_riders(&self, now: Time) -> Whereabouts {
        match self.plan.whereabouts {
            Whereabouts::Waiting { place, .. } if self.is_uncalled() => {
                Whereabouts::Waiting { place, since: self.free_at(now) }
            }
            whereabouts => whereabouts,
        }
    }

    /// False if a plan would have the driver leave before the notice is over.
    pub(crate) fn keeps_notice(&self, plan: &Plan, now: Time) -> bool {
        match (self.uncalled(), plan.whereabouts) {
            (None, _) => true,
            (Some(_), _) if plan.stops.is_empty() => true,
            (Some(on_call), Whereabouts::Waiting { since, .. }) => now + on_call.notice <= since,
            (Some(_), _) => false,
        }
    }
}

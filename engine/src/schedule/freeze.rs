//! Stops that stay as they are: nothing is inserted before or among them.

use mukae_units::{Span, Time};

use super::{Plan, Schedule, Timeline};

impl Schedule {
    /// True if the stop at this position, and so every one before it, is frozen: by staff, or because
    /// the vehicle sets out for it within `horizon` (zero: no stop is). `base` is the timeline at `now`.
    pub(crate) fn is_frozen(&self, stop_idx: usize, base: &Timeline, now: Time, horizon: Span) -> bool {
        let is_soon = |horizon: Span| base.stops.get(stop_idx).is_some_and(|stop| stop.departure <= now + horizon);
        if Span::ZERO < horizon && is_soon(horizon) {
            return true;
        }
        let Some(through) = self.frozen else { return false };
        self.stops().iter().skip(stop_idx).any(|stop| stop.id == through)
    }

    /// The freeze once `plan` is adopted: where its last stop has gone, the one before it is the last.
    pub(super) fn frozen_under(&self, plan: &Plan) -> Option<mukae_units::StopId> {
        let through = self.frozen?;
        let last = self.stops().iter().position(|stop| stop.id == through)?;
        let is_left = |id| plan.stops.iter().any(|stop| stop.id == id);
        self.stops()[..=last].iter().rev().map(|stop| stop.id).find(|&id| is_left(id))
    }
}

//! Who boards or alights where the vehicle stands anyway shares that stop.

use mukae_maps::Place;

use super::Demand;
use super::evaluate::Candidate;
use crate::schedule::Whereabouts;

/// Which stops of an insertion find the vehicle standing at their place already.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Joins {
    pub pickup: bool,
    pub after_pickup: bool,
    pub dropoff: bool,
    pub after_dropoff: bool,
}

impl Joins {
    pub(super) fn new(candidate: &Candidate<'_>, demand: &Demand, (i, j): (usize, usize)) -> Joins {
        let is_direct = i == j;
        let Demand { origin, destination, .. } = *demand;
        Joins {
            pickup: candidate.joins_before(i, origin),
            after_pickup: !is_direct && candidate.joins_after(i, origin),
            dropoff: if is_direct { origin == destination } else { candidate.joins_before(j, destination) },
            after_dropoff: candidate.joins_after(j, destination),
        }
    }
}

impl Candidate<'_> {
    /// True if who calls at `place` before stop `gap` finds the vehicle there for the stop before.
    pub(super) fn joins_before(&self, gap: usize, place: Place) -> bool {
        let stops = self.schedule.stops();
        // A stop whose service should be over by now is being left: nobody can join it any more.
        let is_left = |stop_idx: usize| {
            stop_idx == 0
                && matches!(self.schedule.plan.whereabouts, Whereabouts::Serving { .. })
                && self.base.stops[0].end <= self.now
        };
        let can_join = |before: usize| stops[before].place == place && !stops[before].is_break() && !is_left(before);
        gap.checked_sub(1).is_some_and(can_join)
    }

    /// True if stop `gap` is at `place`, and can be made together with a stop there.
    pub(super) fn joins_after(&self, gap: usize, place: Place) -> bool {
        self.schedule.stops().get(gap).is_some_and(|stop| stop.place == place && !stop.is_break())
    }
}

//! Shifts whose driver would have to be called. They have no columns, as when they could leave moves with the clock: each
//! has one position, so its bound is as good as at hand.

use mukae_maps::Cells;
use mukae_units::{ShiftId, Time, TravelTime};

use super::{Scratch, Search};
use crate::fleet::last_called;
use crate::insertion::Legs;
use crate::insertion::evaluate::Candidate;
use crate::schedule::Schedule;

impl Search<'_, '_> {
    /// Those whose driver would have to be called, the least bound first.
    pub(super) fn uncalled(&mut self, cells: Option<&Cells>, scratch: &mut Scratch) {
        let mut bounds: Vec<(i64, ShiftId)> = Vec::new();
        for &shift in &self.columns.uncalled {
            let schedule = self.fleet.schedule(shift);
            let (last, _) = last_called(schedule, self.now, cells);
            let to_pickup = self.to_origin.bound(last.from);
            let home = last.home.map_or(Some(0), |end| self.from_destination.bound(end));
            let bound =
                to_pickup.zip(home).and_then(|(to_pickup, home)| self.newcomer.after_last(&last, to_pickup, home));
            bounds.extend(bound.map(|bound| (bound + schedule.price_to_call(), shift)));
        }
        bounds.sort_unstable();
        for (bound, shift) in bounds {
            if self.cost_max() < bound {
                break;
            }
            let schedule = self.fleet.schedule(shift);
            if schedule.may_take(self.demand) && self.fleet.among.has(schedule) {
                self.try_uncalled(schedule, &mut scratch.ends);
            }
        }
    }

    fn try_uncalled(&mut self, schedule: &Schedule, ends: &mut Vec<Time>) {
        let (origin, direct) = ((schedule.place(), schedule.free_at(self.now)), self.demand.direct);
        let Some(to_pickup) = self.roads.travel_time(origin.0, self.demand.origin) else { return };
        let from_dropoff = match &schedule.shift.end {
            Some(end) => self.roads.travel_time(self.demand.destination, end.place),
            None => Some(TravelTime::ZERO),
        };
        let Some(from_dropoff) = from_dropoff else { return };
        let legs = Legs { to_pickup, from_pickup: direct, to_dropoff: direct, from_dropoff };
        let base = schedule.timeline(self.now);
        let candidate = Candidate { schedule, base: &base, origin, now: self.now, has_holds: false };
        self.try_candidate(&candidate, (0, 0), legs, ends);
    }
}

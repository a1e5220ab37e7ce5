//! Other orders for stops that are planned: what the search for better plans is asked, and what its answer says.
//!
//! ```text
//! schedules --Drawing--> Problem --improve::Search--> Plan --Drawing--> orders --judge--> plans, or nothing
//! ```
//! A drawing leaves out what is fixed: what is made or under way, frozen stops, declared trips and whoever must be asked; who
//! is on board, pinned, held or fetched from the roadside stays on its vehicle. It may simplify, for nothing is believed:
//! [`judge`] tests every order against the schedules as they are by then, with the rules of all other plans.

mod apart;
mod drawing;
mod judge;

use mukae_units::{ShiftId, Span, StopId, Time};

use crate::model::{Asking, Policy};
use crate::schedule::{Schedule, Timeline, Whereabouts};

pub(crate) use apart::apart;
pub use drawing::{Drawing, STOPS_MAX};
pub(crate) use judge::{Judged, Wrong, judge};

/// All stops that a shift has left, in another order, or other stops.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Order {
    pub shift: ShiftId,
    /// Of the schedule it was made for.
    pub revision: u64,
    pub stops: Vec<StopId>,
}

impl Schedule {
    /// True if its stops may be put in another order, or given to another shift.
    pub(crate) fn may_be_reordered(&self) -> bool {
        self.asking == Asking::Unneeded && self.plan.route.is_none() && !self.plan.lacks_road()
    }

    /// So many stops, from the first, stay where they are in the order: made, driven to or frozen.
    pub(crate) fn fixed_stops(&self, base: &Timeline, now: Time, horizon: Span) -> usize {
        let under_way = match self.plan.whereabouts {
            Whereabouts::Waiting { .. } | Whereabouts::Repositioning { .. } => 0,
            Whereabouts::Driving { .. } | Whereabouts::Serving { .. } => self.plan.next_group(),
        };
        let frozen = (0..self.stops().len()).take_while(|&stop_idx| self.is_frozen(stop_idx, base, now, horizon));
        let count = under_way.max(frozen.count());
        // parties who are served while it stands at one place stay together
        count + self.stops().iter().skip(count).take_while(|stop| 0 < count && stop.joins).count()
    }

    /// What it costs, to be compared with what the same stops cost in another order or elsewhere. What no order changes is
    /// left out.
    pub(crate) fn worth(&self, timeline: &Timeline, policy: &Policy, now: Time) -> i64 {
        let weights = &policy.cost;
        let driving: i64 = self.stops().iter().map(|stop| i64::from(stop.leg.as_millis())).sum();
        // without stops it could be home at any time, and is taken to leave now
        let finish = if self.stops().is_empty() { self.free_at(now) + self.plan.to_end } else { timeline.finish };
        let mut cost = weights.driving * (driving + i64::from(self.plan.to_end.as_millis()))
            + weights.driver_time * (finish - self.free_at(now)).as_millis();
        for (stop, times) in self.stops().iter().zip(&timeline.stops) {
            cost += weights.wait_on_board * times.wait_on_board.as_millis();
            match stop.task {
                crate::schedule::Task::Pickup { is_awaited: true, .. } => {
                    cost += weights.rider_wait * (times.end - now).as_millis();
                }
                crate::schedule::Task::Dropoff { .. } => {
                    cost += weights.excess_ride * times.ride.unwrap_or(Span::ZERO).as_millis();
                }
                _ => {}
            }
        }
        cost
    }
}

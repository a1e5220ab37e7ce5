//! When a vehicle that waits for an advance booking sets out.
//!
//! The times of a schedule leave as late as service can still begin at its earliest: they say what can be, and insertions are
//! judged by them. The vehicle itself may stay for longer, free to be sent elsewhere: a share of what its plan can spare,
//! `departure = E + omega * (L - E)`, between drive-first and wait-first in Mitrović-Minić and Laporte, "Waiting strategies for
//! the dynamic pickup and delivery problem with time windows" (2004). Nobody waits for it at the roadside: whoever asked to
//! leave at once is fetched at once.

use mukae_units::{Span, Time};

use super::{Schedule, Task, Timeline, Whereabouts};
use crate::State;

impl State {
    /// When the vehicle of a schedule sets out for its next stop, if it stands free to do so; never in the past.
    pub fn sets_out(&self, schedule: &Schedule, now: Time) -> Option<Time> {
        if !matches!(schedule.plan.whereabouts, Whereabouts::Waiting { .. }) {
            return None;
        }
        let soonest = schedule.next_times(schedule.free_since())?.departure;
        Some(self.patient(schedule, soonest).unwrap_or(soonest).max(now))
    }

    /// The predicted times if the vehicle sets out when it should: what drivers and riders are told.
    pub fn forecast(&self, schedule: &Schedule, now: Time) -> Timeline {
        schedule.timeline(self.sets_out(schedule, now).unwrap_or(now))
    }

    /// Later than `soonest`, where the area wants that.
    fn patient(&self, schedule: &Schedule, soonest: Time) -> Option<Time> {
        let permille = i64::from(self.policy?.wait_first_permille);
        let next = &schedule.stops()[..schedule.plan.next_group()];
        let is_in_advance = |stop: &super::Stop| {
            let booking = stop.booking.and_then(|booking| self.bookings.get(&booking));
            stop.is_pickup() && booking.is_some_and(|booking| booking.confirmed_at < soonest)
        };
        if permille == 0 || !schedule.load().is_empty() || !next.iter().all(is_in_advance) {
            return None;
        }
        let spare = schedule.spare_at(soonest);
        Some(soonest + Span::from_millis(spare.as_millis() * permille / 1000))
    }
}

impl Schedule {
    /// How much later than at `soonest` the waiting vehicle can leave, and nobody is later than promised, or than predicted
    /// where that is more.
    fn spare_at(&self, soonest: Time) -> Span {
        let planned = self.timeline(soonest);
        let mut later = Timeline::default();
        let mut does = |spare: Span| {
            self.timeline_into(soonest + spare, &mut later);
            self.is_no_worse(&planned, &later)
        };
        let first = (&self.stops()[0], &planned.stops[0]);
        let mut most = (first.0.latest() - first.1.start).as_millis();
        if most <= 0 {
            return Span::ZERO;
        }
        if does(Span::from_millis(most)) {
            return Span::from_millis(most);
        }
        let mut least = 0;
        while 1 < most - least {
            let middle = least + (most - least) / 2;
            *if does(Span::from_millis(middle)) { &mut least } else { &mut most } = middle;
        }
        Span::from_millis(least)
    }

    fn is_no_worse(&self, planned: &Timeline, later: &Timeline) -> bool {
        let is_kept = |((stop, planned), later): ((&super::Stop, &super::StopTimes), &super::StopTimes)| {
            let rides = match stop.task {
                Task::Dropoff { ride_max, .. } => {
                    later.ride.is_none_or(|ride| ride <= planned.ride.map_or(ride_max, |planned| planned.max(ride_max)))
                }
                Task::Pickup { .. } | Task::Break { .. } => true,
            };
            rides && later.start <= planned.start.max(stop.latest())
        };
        self.stops().iter().zip(&planned.stops).zip(&later.stops).all(is_kept)
            && later.finish <= planned.finish.max(self.shift.window.latest())
    }
}

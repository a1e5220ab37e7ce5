//! The times of a schedule: one pure function of whereabouts, stops, legs and now.
//!
//! Waiting policy: a vehicle leaves as late as it can and still reaches the next stop when service
//! there may begin; so it waits where it is free to be sent elsewhere. Arrival is therefore never
//! before the start of service, except for a vehicle that is already on its way or there.

use mukae_units::{Seats, Span, Time};

use super::{Schedule, Stop, Task, Whereabouts};

/// When a stop happens, as predicted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StopTimes {
    /// The vehicle sets out for this stop.
    pub departure: Time,
    /// The vehicle could be there; waiting until `start` follows.
    pub ready: Time,
    /// Service begins.
    pub start: Time,
    /// Service ends.
    pub end: Time,
    /// Waiting for `start` with riders on board; zero if nobody is.
    pub wait_on_board: Span,
    /// For a dropoff: from the end of boarding to `start`.
    pub ride: Option<Span>,
    /// On board after this stop.
    pub load: Seats,
}

/// The predicted times of a whole schedule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Timeline {
    pub stops: Vec<StopTimes>,
    /// At the end place of the shift.
    pub finish: Time,
}

/// One step of the rule: from the end of the service before to the service of the next stop.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    pub start: Time,
    pub wait_on_board: Span,
}

impl Step {
    /// `load` is on board on the way.
    pub(crate) fn new(ready: Time, earliest: Option<Time>, load: Seats) -> Step {
        let start = earliest.map_or(ready, |earliest| ready.max(earliest));
        let wait_on_board = if load.is_empty() { Span::ZERO } else { start - ready };
        Step { start, wait_on_board }
    }
}

impl Schedule {
    /// When the vehicle is first free to leave where it stands; meaningless while it drives.
    pub(crate) fn free_at(&self, now: Time) -> Time {
        let since = match self.plan.whereabouts {
            Whereabouts::Waiting { since, .. } => since,
            Whereabouts::Driving { departed, .. } => departed,
            Whereabouts::Serving { arrived } => arrived,
        };
        now.max(since).max(self.shift.window.earliest())
    }

    /// The predicted times, if everything goes on as planned from `now`. What should have been
    /// reported by now and was not is predicted to happen now.
    pub fn timeline(&self, now: Time) -> Timeline {
        let mut stops: Vec<StopTimes> = Vec::with_capacity(self.plan.stops.len());
        let mut free = self.free_at(now);
        let mut load = self.load();
        for (stop_idx, stop) in self.plan.stops.iter().enumerate() {
            let (departed, ready) = match (stop_idx, self.plan.whereabouts) {
                (0, Whereabouts::Driving { departed, .. }) => (Some(departed), now.max(departed + stop.leg)),
                (0, Whereabouts::Serving { arrived }) => (Some(arrived), arrived),
                _ => (None, free + stop.leg),
            };
            let step = Step::new(ready, stop.earliest(), load);
            let departure = departed.unwrap_or(step.start - stop.leg);
            let end = (step.start + stop.dwell).max(now);
            let ride = self.ride(stop_idx, step.start, &stops);
            load = load_after(load, stop);
            stops.push(StopTimes {
                departure,
                ready,
                start: step.start,
                end,
                wait_on_board: step.wait_on_board,
                ride,
                load,
            });
            free = end;
        }
        Timeline { stops, finish: free + self.plan.to_end }
    }

    fn ride(&self, stop_idx: usize, start: Time, before: &[StopTimes]) -> Option<Span> {
        let stop = &self.plan.stops[stop_idx];
        let Task::Dropoff { boarded_at, .. } = stop.task else { return None };
        let boarded = boarded_at.unwrap_or_else(|| {
            let pickup_idx = self.position_of(stop.booking, true).expect("who is not on board has a pickup ahead");
            before[pickup_idx].end
        });
        Some(start - boarded)
    }
}

/// The load after a stop; panics if a party leaves that never boarded.
pub(crate) fn load_after(load: Seats, stop: &Stop) -> Seats {
    if stop.is_pickup() { load + stop.party } else { load - stop.party }
}

//! The times of a schedule: one pure function of whereabouts, stops, legs and now.
//!
//! Waiting policy: a vehicle leaves as late as it can and still reaches the next stop when service
//! there may begin; so it waits where it is free to be sent elsewhere. Arrival is therefore never
//! before the start of service, except for a vehicle that is already on its way or there.

use mukae_units::{Seats, Span, Time, TravelTime};

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
    /// The party is served; the next one at the same place can be.
    pub served: Time,
    /// Service ends and the vehicle may leave; a stop takes some time besides that of the party.
    pub end: Time,
    /// Waiting for `start` with riders on board; zero if nobody is.
    pub wait_on_board: Span,
    /// For a dropoff: from the end of boarding to `start`; none for a party that alights at the stop where it boards,
    /// in its turn and before that stop is over.
    pub ride: Option<Span>,
    /// For a dropoff of a party that is not on board yet: the stop where it boards.
    pub pickup_idx: Option<usize>,
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

/// Of nothing, to be filled.
impl Default for Timeline {
    fn default() -> Timeline {
        Timeline { stops: Vec::new(), finish: Time::from_unix_millis(0) }
    }
}

/// What the times of a stop depend on, besides where the vehicle comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Service {
    pub earliest: Option<Time>,
    pub dwell: Span,
    pub stop_dwell: Span,
    pub joins: bool,
}

/// A vehicle between two stops.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// When the party before has boarded or alighted, and the next one may begin at the same place.
    pub served: Time,
    /// When the vehicle is free to leave.
    pub free: Time,
    /// On board now.
    pub load: Seats,
}

/// One step of the rule: the service of the next stop.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    pub ready: Time,
    pub start: Time,
    pub served: Time,
    pub end: Time,
    pub wait_on_board: Span,
}

impl Pace {
    pub(crate) fn new(free: Time, load: Seats) -> Pace {
        Pace { served: free, free, load }
    }

    /// After a stop with these times.
    pub(crate) fn after(times: &StopTimes) -> Pace {
        Pace { served: times.served, free: times.end, load: times.load }
    }

    /// Parties at one place are served one after the other; the time that a stop takes by itself
    /// comes once, after the last of them. So nobody is later because a party before is taken out.
    pub(crate) fn step(&self, leg: TravelTime, service: Service) -> Step {
        let Service { earliest, dwell, stop_dwell, joins } = service;
        let ready = if joins { self.served } else { self.free + leg };
        let start = earliest.map_or(ready, |earliest| ready.max(earliest));
        let served = start + dwell;
        let end = if joins { self.free.max(served + stop_dwell) } else { served + stop_dwell };
        let stands_since = if joins { ready.max(self.free) } else { ready };
        let wait_on_board = if self.load.is_empty() { Span::ZERO } else { (start - stands_since).max(Span::ZERO) };
        Step { ready, start, served, end, wait_on_board }
    }

    pub(crate) fn pass(&mut self, step: Step, load: Seats) {
        *self = Pace { served: step.served, free: step.end, load };
    }
}

impl Stop {
    pub(crate) fn service(&self) -> Service {
        Service { earliest: self.earliest(), dwell: self.dwell, stop_dwell: self.stop_dwell, joins: self.joins }
    }
}

impl Schedule {
    /// When the vehicle is first free to leave where it stands, were its driver called now; meaningless while it drives.
    pub(crate) fn free_at(&self, now: Time) -> Time {
        let there = self.uncalled().map_or(now, |on_call| now + on_call.notice);
        there.max(self.free_since())
    }

    /// The same, without looking at the clock.
    pub(crate) fn free_since(&self) -> Time {
        let since = match self.plan.whereabouts {
            Whereabouts::Waiting { since, .. } => since,
            Whereabouts::Driving { departed, .. } => departed,
            Whereabouts::Serving { arrived } => arrived,
            Whereabouts::Repositioning { departed, leg, .. } => departed + leg,
        };
        since.max(self.shift.window.earliest())
    }

    /// The predicted times, if everything goes on as planned from `now`. What should have been
    /// reported by now and was not is predicted to happen now.
    pub fn timeline(&self, now: Time) -> Timeline {
        let mut timeline = Timeline::default();
        timeline.stops.reserve_exact(self.plan.stops.len());
        self.timeline_into(now, &mut timeline);
        timeline
    }

    /// [`Schedule::timeline`] into memory that is there.
    pub(crate) fn timeline_into(&self, now: Time, timeline: &mut Timeline) {
        let stops = &mut timeline.stops;
        stops.clear();
        let mut pace = Pace::new(self.free_at(now), self.load());
        for stop_idx in 0..self.plan.stops.len() {
            stops.push(self.times(stop_idx, now, &mut pace, stops));
        }
        timeline.finish = pace.free + self.plan.to_end;
    }

    /// The predicted times of the next stop alone.
    pub fn next_times(&self, now: Time) -> Option<StopTimes> {
        let mut pace = Pace::new(self.free_at(now), self.load());
        (!self.plan.stops.is_empty()).then(|| self.times(0, now, &mut pace, &[]))
    }

    /// The times of a stop, from those of the stops before it; the vehicle passes it.
    #[inline]
    fn times(&self, stop_idx: usize, now: Time, pace: &mut Pace, before: &[StopTimes]) -> StopTimes {
        let stop = &self.plan.stops[stop_idx];
        let service = stop.service();
        let (departed, mut step) = match (stop_idx, self.plan.whereabouts) {
            (0, Whereabouts::Driving { departed, .. }) => {
                let there = now.max(departed + stop.leg);
                (Some(departed), Pace::new(there, pace.load).step(TravelTime::ZERO, service))
            }
            (0, Whereabouts::Serving { arrived }) => {
                (Some(arrived), Pace::new(arrived, pace.load).step(TravelTime::ZERO, service))
            }
            _ => (None, pace.step(stop.leg, service)),
        };
        let overdue = (now - step.end).positive_part();
        (step.served, step.end) = (step.served + overdue, step.end + overdue);
        let departure = departed.unwrap_or(if stop.joins { step.ready } else { step.start - stop.leg });
        let pickup_idx = self.pickup_before(stop_idx);
        let ride = self.boarded(stop_idx, pickup_idx, before).map(|boarded| (step.start - boarded).positive_part());
        pace.pass(step, load_after(pace.load, stop));
        let Step { ready, start, served, end, wait_on_board } = step;
        StopTimes { departure, ready, start, served, end, wait_on_board, ride, pickup_idx, load: pace.load }
    }

    /// Where the party of a dropoff boards, if it still has to.
    fn pickup_before(&self, stop_idx: usize) -> Option<usize> {
        let stop = &self.plan.stops[stop_idx];
        let Task::Dropoff { boarded_at: None, .. } = stop.task else { return None };
        let is_its_pickup = |before: &Stop| before.booking == stop.booking && before.is_pickup();
        let found = self.plan.stops[..stop_idx].iter().rposition(is_its_pickup);
        Some(found.expect("who is not on board has a pickup ahead"))
    }

    /// When the party of a dropoff has boarded, or will have.
    fn boarded(&self, stop_idx: usize, pickup_idx: Option<usize>, before: &[StopTimes]) -> Option<Time> {
        let Task::Dropoff { boarded_at, .. } = self.plan.stops[stop_idx].task else { return None };
        boarded_at.or_else(|| Some(before[pickup_idx?].end))
    }
}

/// The load after a stop; panics if a party leaves that never boarded.
pub(crate) fn load_after(load: Seats, stop: &Stop) -> Seats {
    match stop.task {
        Task::Pickup { .. } => load + stop.party,
        Task::Dropoff { .. } => load - stop.party,
        Task::Break { .. } => load,
    }
}

//! Queues with known answers: Poisson arrivals, one origin, one seat, first come first served.
//!
//! How a queue is made of a town. Everybody asks at the same place; a job that needs `s` to be served wants to go to a
//! place `s` away, from which the way back takes no time. So the vehicle is busy for exactly `s`. No stop is put before
//! one that is planned (`freeze_horizon`), so riders are served in the order they ask; only waiting costs anything, so a
//! rider gets the vehicle that is free first.
//!
//! The dispatcher gives every rider a vehicle at once, by what it knows of their jobs. A queue with one line before `c`
//! counters gives a job to the counter that is free first. Both are the same queue where the length of a job is known
//! when it comes (Kiefer and Wolfowitz 1955), as it is here; where it is not, the dispatcher can not be that queue.

use mukae_maps::{DecisionPoint, MetricId, Place, TravelTimes};
use mukae_units::{Metres, Span, Time, TimeWindow, TravelTime};

use super::Finding;
use super::estimate::{Interval, RUNS};
use super::watch::Fate;
use super::world::{self, FOREVER, NO_DWELL, Rules, SOONEST, row_place};
use crate::random::Purpose;
use crate::{Luck, RoadLengths, Setup};

/// Mean service.
const SERVICE: Span = Span::from_mins(10);
/// Of what all vehicles together can do.
const LOAD_PERMILLE: i64 = 700;
/// The first jobs of a run, which come to empty vehicles, are not counted: one in so many.
const WARM_UP_SHARE: usize = 10;

/// How long jobs take.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Service {
    Exponential,
    Fixed,
}

/// What happens to a rider who comes to busy vehicles.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Line {
    Waits,
    /// Whoever can not be fetched this instant is refused.
    Leaves,
}

/// A queue and the figure that theory gives for it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Queue {
    pub name: &'static str,
    pub vehicles: u32,
    pub service: Service,
    pub line: Line,
    /// Mean wait in minutes, or the share that is refused.
    pub expected: f64,
}

const fn waits(name: &'static str, vehicles: u32, service: Service, expected: f64) -> Queue {
    Queue { name, vehicles, service, line: Line::Waits, expected }
}

const fn leaves(name: &'static str, vehicles: u32, expected: f64) -> Queue {
    Queue { name, vehicles, service: Service::Exponential, line: Line::Leaves, expected }
}

/// Load 0.7 and mean service of 10 minutes; see the tests for where the figures come from.
pub const QUEUES: [Queue; 9] = [
    waits("M/M/1", 1, Service::Exponential, 23.3333),
    waits("M/M/2", 2, Service::Exponential, 9.6078),
    waits("M/M/4", 4, Service::Exponential, 3.5721),
    waits("M/M/8", 8, Service::Exponential, 1.1275),
    waits("M/D/1", 1, Service::Fixed, 11.6667),
    leaves("Erlang B, 1 vehicle", 1, 0.4118),
    leaves("Erlang B, 2 vehicles", 2, 0.2899),
    leaves("Erlang B, 4 vehicles", 4, 0.1837),
    leaves("Erlang B, 8 vehicles", 8, 0.1002),
];

impl Queue {
    /// `jobs` in all, over [`RUNS`] runs, none of them fewer than a hundred.
    pub fn check(&self, jobs: usize, seed: u64, is_audited: bool) -> Finding {
        let per_run = (jobs / RUNS).max(100);
        let means = std::array::from_fn(|run| self.run(per_run, seed, run as u64, is_audited));
        let found = Interval::of_runs(&means);
        let figure = match self.line {
            Line::Waits => "mean wait, min",
            Line::Leaves => "share refused",
        };
        Finding::value(self.name.to_owned(), figure, "queueing theory", self.expected, found)
    }

    /// The figure of one run.
    fn run(&self, jobs: usize, seed: u64, run: u64, is_audited: bool) -> f64 {
        let luck = Luck::new(seed);
        let between = SERVICE.as_millis() * 1000 / (LOAD_PERMILLE * i64::from(self.vehicles));
        let wait_max = match self.line {
            Line::Waits => FOREVER,
            Line::Leaves => Span::ZERO,
        };
        let (mut at, mut asks) = (Time::EPOCH + Span::DAY, Vec::with_capacity(jobs));
        for job in 0..jobs {
            let entity = (run << 32) | job as u64;
            at += luck.draw(entity, Purpose::Arrival, 0).exponential(Span::from_millis(between));
            let length = match self.service {
                Service::Exponential => luck.draw(entity, Purpose::Service, 0).exponential(SERVICE),
                Service::Fixed => SERVICE,
            };
            let length = u32::try_from(length.as_millis()).expect("37 means are less than a day").max(1);
            asks.push(world::ask(job, at, wait_max, row_place(HERE), row_place(length)));
        }
        let came: Vec<Time> = asks.iter().map(|ask| ask.at).collect();

        let rules = Rules { cost: SOONEST, ride: world::ride(1000), dwell: NO_DWELL, freeze_horizon: FOREVER };
        let mut settings = world::settings(rules);
        let window = TimeWindow::new(Time::EPOCH, at + Span::DAY * 90).expect("in order");
        settings.extend((1..=self.vehicles).map(|number| world::vehicle(number, 1)));
        let place = row_place(HERE);
        settings.extend((1..=self.vehicles).map(|number| world::shift(number, number, window, place, None)));
        let setup = Setup { is_audited, ..Setup::new(settings, asks) };
        let (outcome, fates) = world::run(setup, &mut JobTimes, &mut JobTimes);
        assert_eq!(outcome.faults, [], "{}", self.name);

        let counted = || came.iter().zip(&fates).skip(jobs / WARM_UP_SHARE);
        let count = counted().count() as f64;
        match self.line {
            Line::Waits => {
                let wait = |(came, fate): (&Time, &Fate)| {
                    (fate.ride().expect("whoever waits for ever is served").pickup - *came).as_millis() as f64
                };
                counted().map(wait).sum::<f64>() / count / Span::MINUTE.as_millis() as f64
            }
            Line::Leaves => counted().filter(|(_, fate)| **fate == Fate::Refused).count() as f64 / count,
        }
    }
}

/// The row of the place where everybody asks.
const HERE: u32 = 0;

/// The way to a place takes as many milliseconds as its row says, from wherever.
#[derive(Clone, Copy, Debug)]
struct JobTimes;

impl TravelTimes for JobTimes {
    fn metric(&self) -> MetricId {
        MetricId(0)
    }

    fn travel_time(&mut self, from: Place, to: Place) -> Option<TravelTime> {
        Some(if from == to { TravelTime::ZERO } else { TravelTime::from_millis(to.edge.0) })
    }

    fn decision_point(&mut self, from: Place, to: Place, _elapsed: Span) -> Option<DecisionPoint> {
        Some(DecisionPoint { place: to, after: self.travel_time(from, to)? })
    }

    fn length(&mut self, _from: Place, _to: Place) -> Option<Metres> {
        Some(Metres::ZERO)
    }
}

impl RoadLengths for JobTimes {
    fn length(&mut self, _from: Place, _to: Place) -> Option<Metres> {
        Some(Metres::ZERO)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Erlang's loss formula, by its recursion.
    fn erlang_b(vehicles: u32, load: f64) -> f64 {
        (1..=vehicles).fold(1.0, |loss, vehicle| load * loss / (f64::from(vehicle) + load * loss))
    }

    /// Mean wait before `c` counters: Erlang's delay formula, times 1 / (c mu - lambda).
    fn mmc_wait_mins(vehicles: u32) -> f64 {
        let (rho, count) = (0.7, f64::from(vehicles));
        let loss = erlang_b(vehicles, rho * count);
        let delayed = loss / (1.0 - rho * (1.0 - loss));
        delayed * 10.0 / (count * (1.0 - rho))
    }

    #[test]
    fn the_expected_figures_are_those_of_the_formulas() {
        for queue in QUEUES {
            let formula = match (queue.line, queue.service) {
                (Line::Leaves, _) => erlang_b(queue.vehicles, 0.7 * f64::from(queue.vehicles)),
                (Line::Waits, Service::Exponential) => mmc_wait_mins(queue.vehicles),
                (Line::Waits, Service::Fixed) => 0.7 * 10.0 / (2.0 * 0.3), // Pollaczek and Khinchine
            };
            assert!((queue.expected - formula).abs() < 1e-4, "{}: {formula}", queue.name);
        }
    }
}

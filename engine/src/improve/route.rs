//! One vehicle's stops, with what a search asks of them again and again.

use mukae_units::{Time, TravelTime};

use super::load::Load;
use super::place::Place;
use super::problem::{JobIdx, Problem, StopIdx, Weights};
use super::trial::Scratch;
use crate::schedule::times::{self, Ends, Point};

/// A route that has schedules. All its columns follow from `stops`.
#[derive(PartialEq, Eq, Debug, Default)]
pub struct Route {
    pub(super) vehicle: usize,
    pub(super) stops: Vec<StopIdx>,
    pub(super) points: Vec<Point>,
    /// Sites, the start in front and the end behind.
    pub(super) sites: Vec<usize>,
    /// Between these.
    pub(super) legs: Vec<i64>,
    /// The earliest schedule.
    starts: Vec<Time>,
    /// The earliest schedule and the latest if waiting on board were not limited. Whoever is put in makes no stop earlier than
    /// the first nor later than the second; a limited wait that is split in two can.
    pub(super) early: Vec<Time>,
    pub(super) late: Vec<Time>,
    /// After each stop; whoever has no stop to alight at stays on board.
    pub(super) loads: Vec<Load>,
    driven: i64,
    cost: i64,
    /// Of the stops in their order: other stops, another number.
    print: u64,
}

/// Memory is used again.
impl Clone for Route {
    fn clone(&self) -> Route {
        let mut copy = Route::default();
        copy.clone_from(self);
        copy
    }

    fn clone_from(&mut self, of: &Route) {
        let Route { vehicle, stops, points, sites, legs, starts, early, late, loads, driven, cost, print } = of;
        (self.vehicle, self.driven, self.cost, self.print) = (*vehicle, *driven, *cost, *print);
        self.stops.clone_from(stops);
        self.points.clone_from(points);
        self.sites.clone_from(sites);
        self.legs.clone_from(legs);
        self.starts.clone_from(starts);
        self.early.clone_from(early);
        self.late.clone_from(late);
        self.loads.clone_from(loads);
    }
}

impl Route {
    /// With the fixed stops of the vehicle and no other; `None` if there is no schedule for these.
    pub fn new(problem: &Problem, vehicle: usize) -> Option<Route> {
        let stops = problem.vehicles[vehicle].fixed.clone();
        let mut route = Route { vehicle, stops, ..Route::default() };
        route.is_renewed(problem).then_some(route)
    }

    /// These stops in this order; `None` if it does not begin with those that are fixed, if no schedule keeps all bounds, a
    /// load does not fit, or somebody does not alight.
    pub fn of(problem: &Problem, vehicle: usize, stops: Vec<StopIdx>) -> Option<Route> {
        let mut route = Route { vehicle, stops, ..Route::default() };
        let is_right = route.stops.starts_with(&problem.vehicles[vehicle].fixed)
            && route.stops.iter().all(|&stop| problem.may_serve(Problem::job_of(stop), vehicle))
            && route.is_renewed(problem)
            && route.loads.last().is_none_or(|load| load.is_empty());
        is_right.then_some(route)
    }

    pub fn vehicle(&self) -> usize {
        self.vehicle
    }

    /// In driving order.
    pub fn stops(&self) -> &[StopIdx] {
        &self.stops
    }

    /// When service begins at each stop, in the earliest schedule.
    pub fn starts(&self) -> &[Time] {
        &self.starts
    }

    /// And in the latest, if waiting on board were not limited.
    pub fn latest_starts(&self) -> &[Time] {
        &self.late
    }

    /// What is driven, in milliseconds.
    pub fn driven(&self) -> i64 {
        self.driven
    }

    /// By the weights of the problem.
    pub fn cost(&self) -> i64 {
        self.cost
    }

    pub(super) fn print(&self) -> u64 {
        self.print
    }

    /// Who alights after the fixed stops, in that order: who can be taken out, or moved.
    pub fn jobs(&self, problem: &Problem) -> impl Iterator<Item = JobIdx> + Clone + '_ {
        let free = &self.stops[problem.vehicles[self.vehicle].fixed.len()..];
        free.iter().filter(|&&stop| !Problem::is_pickup(stop)).map(|&stop| Problem::job_of(stop))
    }

    /// For each of its jobs what the vehicle drives further for it.
    pub(super) fn detours(&self, problem: &Problem, mut each: impl FnMut(JobIdx, i64)) {
        let fixed = problem.vehicles[self.vehicle].fixed.len();
        let leg = |from: usize, to: usize| i64::from(problem.leg(self.sites[from], self.sites[to]).as_millis());
        let without = |at: usize| leg(at - 1, at) + leg(at, at + 1) - leg(at - 1, at + 1);
        for (at, &stop) in self.stops.iter().enumerate().skip(fixed).filter(|(_, stop)| !Problem::is_pickup(**stop)) {
            let job = Problem::job_of(stop);
            let pickup =
                self.stops.iter().position(|&other| other == Problem::pickup(job)).expect("who alights boarded");
            // sites have the start in front
            let detour = if pickup + 1 == at {
                leg(pickup, pickup + 1) + leg(pickup + 1, at + 1) + leg(at + 1, at + 2) - leg(pickup, at + 2)
            } else {
                without(pickup + 1) + without(at + 1)
            };
            each(job, if fixed <= pickup { detour } else { without(at + 1) });
        }
    }

    /// Works all columns out anew; false if there is no schedule.
    fn is_renewed(&mut self, problem: &Problem) -> bool {
        self.note_sites(problem);
        if !self.are_loads_right(problem) {
            return false;
        }
        let ends = ends(problem, self.vehicle, self.sites[self.stops.len()]);
        let Some(finish) = times::earliest(&self.points, &ends, &mut self.starts) else { return false };
        self.is_bracketed(problem, finish)
    }

    /// What follows from the stops alone.
    fn note_sites(&mut self, problem: &Problem) {
        let vehicle = &problem.vehicles[self.vehicle];
        self.sites.clear();
        self.sites.push(vehicle.start);
        self.sites.extend(self.stops.iter().map(|&stop| problem.stops[stop].site));
        self.sites.push(vehicle.end);
        self.legs.clear();
        self.legs.extend(self.sites.windows(2).map(|pair| millis(problem.leg(pair[0], pair[1]))));
        self.driven = self.legs.iter().sum();
        self.print = self.stops.iter().fold(0, |print, &stop| mixed(print ^ (stop as u64 + 1)));
    }

    /// What follows from the points and the earliest schedule, and is over at `finish`; false if there is none.
    fn is_bracketed(&mut self, problem: &Problem, finish: Time) -> bool {
        let ends = ends(problem, self.vehicle, self.sites[self.stops.len()]);
        let unlimited = Ends { wait_max: None, ..ends };
        if unlimited == ends {
            self.early.clone_from(&self.starts);
        } else if times::earliest(&self.points, &unlimited, &mut self.early).is_none() {
            return false;
        }
        self.cost = self.worth(problem, finish);
        times::latest(&self.points, &unlimited, &mut self.late)
    }

    /// Works out points and loads; false if a load does not fit, or somebody alights who did not board.
    fn are_loads_right(&mut self, problem: &Problem) -> bool {
        let places = &problem.vehicles[self.vehicle].places;
        self.points.clear();
        self.loads.clear();
        let mut load = Load::NONE;
        for at in 0..self.stops.len() {
            let stop = self.stops[at];
            let party = problem.jobs[Problem::job_of(stop)].party;
            let is_occupied = !load.is_empty();
            let boards_at = if Problem::is_pickup(stop) {
                load = load.plus(party);
                if !places.hold(load) {
                    return false;
                }
                None
            } else {
                let Some(pickup) = self.stops[..at].iter().rposition(|&before| before + 1 == stop) else {
                    return false;
                };
                load = load.minus(party);
                Some(pickup as u32)
            };
            self.points.push(point(problem, self.vehicle, (at, stop), self.sites[at], boards_at, is_occupied));
            self.loads.push(load);
        }
        true
    }

    /// Of a job that was put in: it is on board from its pickup, if that is new, to its dropoff.
    fn note_loads(&mut self, problem: &Problem, job: JobIdx, Place { pickup: i, dropoff: j, .. }: Place) {
        let party = problem.jobs[job].party;
        let before = |at: usize| at.checked_sub(1);
        let is_aboard = self.stops.len() == self.loads.len() + 1;
        self.loads.insert(j, before(j).map_or(Load::NONE, |at| self.loads[at]));
        if is_aboard {
            self.loads[j..].iter_mut().for_each(|load| *load = load.minus(party));
            return;
        }
        self.loads.insert(i, before(i).map_or(Load::NONE, |at| self.loads[at]));
        self.loads[i..=j].iter_mut().for_each(|load| *load = load.plus(party));
    }

    /// By the weights, of the earliest schedule.
    fn worth(&self, problem: &Problem, finish: Time) -> i64 {
        let Weights { driving, out, wait, ride } = problem.weights;
        let opening = if self.stops.is_empty() { 0 } else { problem.vehicles[self.vehicle].opening };
        let mut cost = opening + driving * self.driven;
        if problem.weights == (Weights { driving, ..Weights::DRIVING }) {
            return cost;
        }
        cost += out * (finish - problem.vehicles[self.vehicle].free_from).as_millis();
        for (at, point) in self.points.iter().enumerate() {
            match point.boards_at {
                Some(pickup) => {
                    let pickup = pickup as usize;
                    let boarded = self.starts[pickup] + self.points[pickup].dwell + self.points[pickup].standing;
                    cost += ride * (self.starts[at] - boarded).as_millis();
                }
                None if problem.jobs[Problem::job_of(self.stops[at])].is_awaited => {
                    cost += wait * (self.starts[at] - problem.stops[self.stops[at]].earliest).as_millis();
                }
                None => {}
            }
        }
        cost
    }

    /// Puts a job where it was found to fit; false, and as it was, if it does not.
    pub(super) fn insert(&mut self, problem: &Problem, job: JobIdx, place: Place, scratch: &mut Scratch) -> bool {
        let is_aboard = self.is_aboard(problem, job);
        let planned = |at: usize| problem.stops[self.stops[at]].latest;
        let Some(finish) = self.with(problem, job, place, planned, scratch) else { return false };
        let is_detour = self.is_detour(problem, job, place);
        self.stops.insert(place.dropoff, Problem::dropoff(job));
        if !is_aboard {
            self.stops.insert(place.pickup, Problem::pickup(job));
        }
        if !is_detour {
            return self.is_renewed(problem);
        }
        self.note_sites(problem);
        self.note_loads(problem, job, place);
        std::mem::swap(&mut self.points, &mut scratch.points);
        std::mem::swap(&mut self.starts, &mut scratch.starts);
        self.is_bracketed(problem, finish)
    }

    /// The usual case: nobody who is there already is reached any sooner by way of a job's stops.
    fn is_detour(&self, problem: &Problem, job: JobIdx, Place { pickup: i, dropoff: j, .. }: Place) -> bool {
        let [pickup, dropoff] = [Problem::pickup(job), Problem::dropoff(job)].map(|stop| problem.stops[stop].site);
        let leg = |from: usize, to: usize| millis(problem.leg(from, to));
        let to_dropoff = if i == j && !self.is_aboard(problem, job) { pickup } else { self.sites[j] };
        let around = |before: usize, site: usize, after: usize| leg(before, site) + leg(site, after);
        leg(to_dropoff, self.sites[j + 1]) <= around(to_dropoff, dropoff, self.sites[j + 1])
            && leg(self.sites[i], self.sites[i + 1]) <= around(self.sites[i], pickup, self.sites[i + 1])
    }

    /// Takes jobs out, but for what is fixed of them. A route may have no schedule any more where driving past a place takes
    /// longer than by way of it.
    pub(super) fn remove(&mut self, problem: &Problem, is_out: impl Fn(JobIdx) -> bool) -> bool {
        let fixed = problem.vehicles[self.vehicle].fixed.len();
        let mut at = 0;
        self.stops.retain(|&stop| {
            at += 1;
            at <= fixed || !is_out(Problem::job_of(stop))
        });
        self.is_renewed(problem)
    }

    /// True if a job's pickup is fixed here.
    pub(super) fn is_aboard(&self, problem: &Problem, job: JobIdx) -> bool {
        problem.vehicles[self.vehicle].fixed.contains(&Problem::pickup(job))
    }
}

/// One step of a hash: SplitMix64's.
pub(super) fn mixed(bits: u64) -> u64 {
    super::Dice::new(bits).bits()
}

pub(super) fn millis(time: TravelTime) -> i64 {
    i64::from(time.as_millis())
}

/// A stop at a place of a route, come to from a site.
pub(super) fn point(
    problem: &Problem,
    vehicle: usize,
    (at, stop): (usize, StopIdx),
    from: usize,
    boards_at: Option<u32>,
    is_occupied: bool,
) -> Point {
    let planned = &problem.stops[stop];
    let vehicle = &problem.vehicles[vehicle];
    let leg = problem.leg(from, planned.site);
    let is_first_free = at == vehicle.fixed.len();
    let there = if is_first_free { vehicle.leaves_from + leg } else { planned.earliest };
    Point {
        leg,
        earliest: planned.earliest.max(there),
        latest: planned.latest,
        dwell: planned.dwell,
        standing: planned.standing,
        // those who share a stop with a fixed one are fixed
        joins: 0 < at && !is_first_free && from == planned.site,
        boards_at,
        ride_max: problem.jobs[Problem::job_of(stop)].ride_max,
        // what is past may have taken as long as it took, the standing before the next stop included
        is_occupied: is_occupied && vehicle.fixed.len() < at,
        waits_until: match vehicle.wait_max {
            Some(wait_max) if is_occupied && is_first_free => there + wait_max,
            _ => planned.latest,
        },
    }
}

pub(super) fn ends(problem: &Problem, vehicle: usize, last: usize) -> Ends {
    let vehicle = &problem.vehicles[vehicle];
    Ends {
        free_from: vehicle.free_from,
        to_end: problem.leg(last, vehicle.end),
        end_latest: vehicle.end_latest,
        out_max: vehicle.out_max,
        wait_max: vehicle.wait_max,
    }
}

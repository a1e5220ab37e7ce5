//! One vehicle's stops, with what a search asks of them again and again.

use mukae_units::{Span, Time, TravelTime};

use super::load::Load;
use super::problem::{Job, JobIdx, Problem, Stop, StopIdx};
use super::times::{self, Ends, Point};

/// Where a job is put: the pickup before stop `pickup`, the dropoff before stop `dropoff`, both counted without it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Place {
    /// What is driven more.
    pub detour: i64,
    pub pickup: usize,
    pub dropoff: usize,
}

/// A route that has schedules. All its columns follow from `stops`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Route {
    vehicle: usize,
    stops: Vec<StopIdx>,
    points: Vec<Point>,
    /// Sites, the start in front and the end behind.
    sites: Vec<usize>,
    /// Between these.
    legs: Vec<i64>,
    /// The earliest schedule.
    starts: Vec<Time>,
    /// The earliest schedule and the latest if waiting on board were not limited. Whoever is put in makes no stop earlier than
    /// the first nor later than the second; a limited wait that is split in two can.
    early: Vec<Time>,
    late: Vec<Time>,
    /// After each stop.
    loads: Vec<Load>,
    driven: i64,
}

/// Arrays of a trial, kept to be used again.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    points: Vec<Point>,
    starts: Vec<Time>,
}

impl Route {
    /// An empty route; `None` if the vehicle can not even drive from its start to its end.
    pub fn new(problem: &Problem, vehicle: usize) -> Option<Route> {
        let mut route = Route {
            vehicle,
            stops: Vec::new(),
            points: Vec::new(),
            sites: Vec::new(),
            legs: Vec::new(),
            starts: Vec::new(),
            early: Vec::new(),
            late: Vec::new(),
            loads: Vec::new(),
            driven: 0,
        };
        route.is_renewed(problem).then_some(route)
    }

    /// These stops in this order; `None` if no schedule keeps all bounds, or a load does not fit.
    pub fn of(problem: &Problem, vehicle: usize, stops: Vec<StopIdx>) -> Option<Route> {
        let mut route = Route { stops, ..Route::new(problem, vehicle)? };
        route.is_renewed(problem).then_some(route)
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

    /// What is driven, in milliseconds; nothing by a vehicle without stops.
    pub fn driven(&self) -> i64 {
        self.driven
    }

    pub fn jobs(&self) -> impl Iterator<Item = JobIdx> + Clone + '_ {
        self.stops.iter().filter(|&&stop| Problem::is_pickup(stop)).map(|&stop| Problem::job_of(stop))
    }

    /// Works all columns out anew; false if there is no schedule.
    fn is_renewed(&mut self, problem: &Problem) -> bool {
        let vehicle = &problem.vehicles[self.vehicle];
        self.sites.clear();
        self.sites.push(vehicle.start);
        self.sites.extend(self.stops.iter().map(|&stop| problem.stops[stop].site));
        self.sites.push(vehicle.end);
        self.legs.clear();
        self.legs.extend(self.sites.windows(2).map(|pair| millis(problem.leg(pair[0], pair[1]))));
        // who has nothing to do stays where it is
        self.driven = if self.stops.is_empty() { 0 } else { self.legs.iter().sum() };
        self.points.clear();
        self.loads.clear();
        let mut load = Load::NONE;
        for (at, &stop) in self.stops.iter().enumerate() {
            let job = Problem::job_of(stop);
            let is_occupied = !load.is_empty();
            let boards_at = if Problem::is_pickup(stop) {
                load = load.plus(problem.jobs[job].party);
                if !vehicle.places.hold(load) {
                    return false;
                }
                None
            } else {
                let Some(pickup) = self.stops[..at].iter().position(|&stop| stop == Problem::pickup(job)) else {
                    return false;
                };
                load = load.minus(problem.jobs[job].party);
                Some(pickup as u32)
            };
            self.points.push(point(problem, stop, self.sites[at], boards_at, is_occupied));
            self.loads.push(load);
        }
        let ends = ends(problem, self.vehicle, *self.sites.get(self.stops.len()).expect("the start at least"));
        if !load.is_empty() || times::earliest(&self.points, &ends, &mut self.starts).is_none() {
            return false;
        }
        let unlimited = Ends { wait_max: None, ..ends };
        if unlimited == ends {
            self.early.clone_from(&self.starts);
        } else if times::earliest(&self.points, &unlimited, &mut self.early).is_none() {
            return false;
        }
        times::latest(&self.points, &unlimited, &mut self.late)
    }

    /// The cheapest way to put a job in whose detour is below the limit.
    pub fn best_place(&self, problem: &Problem, job: JobIdx, limit: i64, scratch: &mut Scratch) -> Option<Place> {
        let newcomer = Newcomer::new(problem, job);
        let Newcomer { pickup, dropoff, to_pickup, from_pickup, to_dropoff, from_dropoff, party, ride_max } = newcomer;
        let vehicle = &problem.vehicles[self.vehicle];
        let count = self.stops.len();
        let mut best: Option<Place> = None;
        // no stop of a schedule is before an earlier one, so those that must come before the pickup are the first ones
        let begin = self.late.partition_point(|&late| late < pickup.earliest);
        for i in begin..=count {
            let (before, after) = (self.sites[i], self.sites[i + 1]);
            let free = if i == 0 { vehicle.free_from } else { self.early[i - 1] + self.points[i - 1].dwell };
            if pickup.latest < free {
                break;
            }
            let boards = (free + to_pickup[before]).max(pickup.earliest);
            if pickup.latest < boards {
                continue;
            }
            let load = if i == 0 { Load::NONE } else { self.loads[i - 1] };
            if !vehicle.places.hold(load.plus(party)) {
                continue;
            }
            let replaced = if count == 0 { 0 } else { self.legs[i] };
            let way_there = millis(to_pickup[before]);
            let boarded = boards + pickup.dwell;
            let direct = way_there + millis(from_pickup[dropoff.site]) + millis(from_dropoff[after]) - replaced;
            if direct < limit_of(best, limit) {
                let place = Place { detour: direct, pickup: i, dropoff: i };
                let alights = boarded + from_pickup[dropoff.site];
                if self.may_go_on(problem, i, alights, &newcomer) && self.can_take(problem, job, place, scratch) {
                    best = Some(place);
                }
            }
            // driving past the dropoff is taken to save nothing
            let around = way_there + millis(from_pickup[after]) - replaced;
            if limit_of(best, limit) <= around {
                continue;
            }
            let (mut free, mut riding) = (boarded, Span::ZERO);
            for j in i + 1..=count {
                // one more stop with the newcomer on board
                let (stop, site) = (j - 1, self.sites[j]);
                let point = &self.points[stop];
                let leg = if stop == i { from_pickup[site] } else { point.leg };
                let start = (free + leg).max(self.early[stop]);
                riding += leg.span() + point.dwell;
                if self.late[stop] < start || ride_max < riding || !vehicle.places.hold(self.loads[stop].plus(party)) {
                    break;
                }
                free = start + point.dwell;
                let alights = free + to_dropoff[site];
                if dropoff.latest < free {
                    break;
                }
                if dropoff.latest < alights || ride_max < riding + to_dropoff[site].span() {
                    continue;
                }
                let detour = around + millis(to_dropoff[site]) + millis(from_dropoff[self.sites[j + 1]]) - self.legs[j];
                if detour < limit_of(best, limit) {
                    let place = Place { detour, pickup: i, dropoff: j };
                    if self.may_go_on(problem, j, alights, &newcomer) && self.can_take(problem, job, place, scratch) {
                        best = Some(place);
                    }
                }
            }
        }
        best
    }

    /// False if what comes from the dropoff on is surely too late.
    fn may_go_on(&self, problem: &Problem, j: usize, alights: Time, newcomer: &Newcomer<'_>) -> bool {
        let Newcomer { dropoff, from_dropoff, .. } = newcomer;
        let alights = alights.max(dropoff.earliest);
        let next = alights + dropoff.dwell + from_dropoff[self.sites[j + 1]];
        let late = self.late.get(j).copied();
        alights <= dropoff.latest && next <= late.unwrap_or(problem.vehicles[self.vehicle].end_latest)
    }

    /// The exact answer: whether the route with the job has a schedule. Loads have been looked at.
    fn can_take(&self, problem: &Problem, job: JobIdx, place: Place, scratch: &mut Scratch) -> bool {
        let Place { pickup: i, dropoff: j, .. } = place;
        let points = &mut scratch.points;
        points.clear();
        points.extend_from_slice(&self.points[..i]);
        let pickup = Problem::pickup(job);
        points.push(point(problem, pickup, self.sites[i], None, i != 0 && !self.loads[i - 1].is_empty()));
        let mut from = problem.stops[pickup].site;
        let moved = |at: u32| at + u32::from(i as u32 <= at) + u32::from(j as u32 <= at);
        let passed = |point: &Point, from: usize, site: usize| Point {
            leg: problem.leg(from, site),
            boards_at: point.boards_at.map(moved),
            ..*point
        };
        for at in i..j {
            points.push(Point { is_occupied: true, ..passed(&self.points[at], from, self.sites[at + 1]) });
            from = self.sites[at + 1];
        }
        points.push(point(problem, Problem::dropoff(job), from, Some(i as u32), true));
        from = problem.stops[Problem::dropoff(job)].site;
        for at in j..self.points.len() {
            points.push(passed(&self.points[at], from, self.sites[at + 1]));
            from = self.sites[at + 1];
        }
        times::earliest(points, &ends(problem, self.vehicle, from), &mut scratch.starts).is_some()
    }

    /// Puts a job where [`Route::best_place`] found it can be.
    pub fn insert(&mut self, problem: &Problem, job: JobIdx, place: Place) {
        self.stops.insert(place.dropoff, Problem::dropoff(job));
        self.stops.insert(place.pickup, Problem::pickup(job));
        assert!(self.is_renewed(problem), "job {job} was found to fit");
    }

    /// Takes jobs out. A route may have no schedule any more where driving past a place takes longer than by way of it; it
    /// has one here.
    pub fn remove(&mut self, problem: &Problem, is_out: impl Fn(JobIdx) -> bool) -> bool {
        self.stops.retain(|&stop| !is_out(Problem::job_of(stop)));
        self.is_renewed(problem)
    }
}

/// What is asked of every route a job is tried on.
#[derive(Clone, Copy, Debug)]
struct Newcomer<'p> {
    pickup: Stop,
    dropoff: Stop,
    to_pickup: &'p [TravelTime],
    from_pickup: &'p [TravelTime],
    to_dropoff: &'p [TravelTime],
    from_dropoff: &'p [TravelTime],
    party: Load,
    ride_max: Span,
}

impl<'p> Newcomer<'p> {
    fn new(problem: &'p Problem, job: JobIdx) -> Newcomer<'p> {
        let [pickup, dropoff] = [Problem::pickup(job), Problem::dropoff(job)].map(|stop| problem.stops[stop]);
        let (legs, Job { party, ride_max }) = (&problem.legs, problem.jobs[job]);
        let (to_pickup, from_pickup) = (legs.to(pickup.site), legs.from(pickup.site));
        let (to_dropoff, from_dropoff) = (legs.to(dropoff.site), legs.from(dropoff.site));
        Newcomer { pickup, dropoff, to_pickup, from_pickup, to_dropoff, from_dropoff, party, ride_max }
    }
}

fn limit_of(best: Option<Place>, limit: i64) -> i64 {
    best.map_or(limit, |best| best.detour)
}

fn millis(time: TravelTime) -> i64 {
    i64::from(time.as_millis())
}

fn point(problem: &Problem, stop: StopIdx, from: usize, boards_at: Option<u32>, is_occupied: bool) -> Point {
    let planned = &problem.stops[stop];
    Point {
        leg: problem.leg(from, planned.site),
        earliest: planned.earliest,
        latest: planned.latest,
        dwell: planned.dwell,
        boards_at,
        ride_max: problem.jobs[Problem::job_of(stop)].ride_max,
        is_occupied,
    }
}

fn ends(problem: &Problem, vehicle: usize, last: usize) -> Ends {
    let vehicle = &problem.vehicles[vehicle];
    Ends {
        free_from: vehicle.free_from,
        to_end: problem.leg(last, vehicle.end),
        end_latest: vehicle.end_latest,
        out_max: vehicle.out_max,
        wait_max: problem.wait_max,
    }
}

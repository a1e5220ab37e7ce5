//! The cheapest place of a job on a route.

use mukae_units::{Span, Time, TravelTime};

use super::load::Load;
use super::problem::{Job, JobIdx, Problem, Stop};
use super::route::{Route, millis};
use super::trial::Scratch;

/// Where a job is put: the pickup before stop `pickup`, the dropoff before stop `dropoff`, both counted without it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Place {
    /// What is driven more, and what a first stop costs in the same unit.
    pub detour: i64,
    pub pickup: usize,
    pub dropoff: usize,
}

impl Route {
    /// The cheapest way to put a job in whose detour is below the limit. Driving past the dropoff, or from the pickup by way
    /// of another stop, is taken to save nothing.
    pub fn best_place(&self, problem: &Problem, job: JobIdx, limit: i64, scratch: &mut Scratch) -> Option<Place> {
        if !problem.may_serve(job, self.vehicle) {
            return None;
        }
        let opening = if self.stops.is_empty() { problem.opening_as_detour(self.vehicle) } else { 0 };
        let place = self.best_place_opened(problem, job, limit.saturating_sub(opening), scratch)?;
        Some(Place { detour: place.detour + opening, ..place })
    }

    /// The same, whatever a first stop costs.
    fn best_place_opened(&self, problem: &Problem, job: JobIdx, limit: i64, scratch: &mut Scratch) -> Option<Place> {
        if self.is_aboard(problem, job) {
            return self.best_dropoff(problem, job, limit, scratch);
        }
        let newcomer = Newcomer::new(problem, job);
        // nearly all that seem to fit do: so the cheapest are looked at exactly when all are known, the rest rarely ever
        let mut few = Few::new(limit);
        self.places(problem, &newcomer, limit, |place| few.note(place));
        let found = few.places().iter().find(|&&place| self.can_take(problem, &newcomer, place, scratch));
        if found.is_some() || !few.is_full() {
            return found.copied();
        }
        let mut best = None;
        self.places(problem, &newcomer, limit, |place| {
            if self.can_take(problem, &newcomer, place, scratch) {
                best = Some(place);
            }
            best.map_or(limit, |best: Place| best.detour)
        });
        best
    }

    /// All places below the limit that fit as far as can be seen at once. Each is told, and tells the limit from then on.
    #[inline]
    fn places(&self, problem: &Problem, newcomer: &Newcomer<'_>, limit: i64, mut tell: impl FnMut(Place) -> i64) {
        let Newcomer { pickup, dropoff, to_pickup, from_pickup, to_dropoff, from_dropoff, party, ride_max, .. } =
            *newcomer;
        let vehicle = &problem.vehicles[self.vehicle];
        let count = self.stops.len();
        let mut limit = limit;
        // no stop of a schedule is before an earlier one, so those that must come before the pickup are the first ones
        let begin = self.late.partition_point(|&late| late < pickup.earliest).max(vehicle.fixed.len());
        for i in begin..=count {
            let (before, after) = (self.sites[i], self.sites[i + 1]);
            let free = self.free_before(problem, i);
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
            let way_there = millis(to_pickup[before]);
            let boarded = boards + pickup.dwell;
            let direct = way_there + millis(from_pickup[dropoff.site]) + millis(from_dropoff[after]) - self.legs[i];
            if direct < limit && self.may_go_on(problem, i, boarded + from_pickup[dropoff.site], newcomer) {
                limit = tell(Place { detour: direct, pickup: i, dropoff: i });
            }
            let around = way_there + millis(from_pickup[after]) - self.legs[i];
            if limit <= around {
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
                if dropoff.latest < free {
                    break;
                }
                let alights = free + to_dropoff[site];
                if dropoff.latest < alights || ride_max < riding + to_dropoff[site].span() {
                    continue;
                }
                let detour = around + millis(to_dropoff[site]) + millis(from_dropoff[self.sites[j + 1]]) - self.legs[j];
                if detour < limit && self.may_go_on(problem, j, alights, newcomer) {
                    limit = tell(Place { detour, pickup: i, dropoff: j });
                }
            }
        }
    }

    /// The same for somebody who is on board already; they are in all loads.
    fn best_dropoff(&self, problem: &Problem, job: JobIdx, limit: i64, scratch: &mut Scratch) -> Option<Place> {
        let newcomer = Newcomer::new(problem, job);
        let Newcomer { to_dropoff, from_dropoff, .. } = newcomer;
        let mut best: Option<Place> = None;
        for j in problem.vehicles[self.vehicle].fixed.len()..=self.stops.len() {
            let alights = self.free_before(problem, j) + to_dropoff[self.sites[j]];
            let around = millis(to_dropoff[self.sites[j]]) + millis(from_dropoff[self.sites[j + 1]]);
            let place = Place { detour: around - self.legs[j], pickup: j, dropoff: j };
            if place.detour < best.map_or(limit, |best| best.detour)
                && self.may_go_on(problem, j, alights, &newcomer)
                && self.can_take(problem, &newcomer, place, scratch)
            {
                best = Some(place);
            }
        }
        best
    }

    /// The vehicle does not go on to what comes before stop `at` any sooner.
    fn free_before(&self, problem: &Problem, at: usize) -> Time {
        let vehicle = &problem.vehicles[self.vehicle];
        let free = match at.checked_sub(1) {
            Some(before) => self.early[before] + self.points[before].dwell,
            None => vehicle.free_from,
        };
        if at == vehicle.fixed.len() { free.max(vehicle.leaves_from) } else { free }
    }

    /// False if what comes from the dropoff on is surely too late.
    fn may_go_on(&self, problem: &Problem, j: usize, alights: Time, newcomer: &Newcomer<'_>) -> bool {
        let Newcomer { dropoff, from_dropoff, .. } = newcomer;
        let alights = alights.max(dropoff.earliest);
        let next = alights + dropoff.dwell + from_dropoff[self.sites[j + 1]];
        let late = self.late.get(j).copied();
        alights <= dropoff.latest && next <= late.unwrap_or(problem.vehicles[self.vehicle].end_latest)
    }
}

/// What is asked of every route a job is tried on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Newcomer<'p> {
    pub job: JobIdx,
    pub pickup: Stop,
    pub dropoff: Stop,
    pub to_pickup: &'p [TravelTime],
    pub from_pickup: &'p [TravelTime],
    pub to_dropoff: &'p [TravelTime],
    pub from_dropoff: &'p [TravelTime],
    party: Load,
    pub ride_max: Span,
}

impl<'p> Newcomer<'p> {
    fn new(problem: &'p Problem, job: JobIdx) -> Newcomer<'p> {
        let [pickup, dropoff] = [Problem::pickup(job), Problem::dropoff(job)].map(|stop| problem.stops[stop]);
        let (legs, Job { party, ride_max, .. }) = (&problem.legs, problem.jobs[job]);
        let (to_pickup, from_pickup) = (legs.to(pickup.site), legs.from(pickup.site));
        let (to_dropoff, from_dropoff) = (legs.to(dropoff.site), legs.from(dropoff.site));
        Newcomer { job, pickup, dropoff, to_pickup, from_pickup, to_dropoff, from_dropoff, party, ride_max }
    }
}

/// The cheapest of some places, in that order.
struct Few {
    places: [Place; Few::MOST],
    count: usize,
    limit: i64,
}

impl Few {
    const MOST: usize = 3;

    fn new(limit: i64) -> Few {
        Few { places: [Place { detour: i64::MAX, pickup: 0, dropoff: 0 }; Few::MOST], count: 0, limit }
    }

    /// The limit from then on.
    fn note(&mut self, place: Place) -> i64 {
        let at = self.places[..self.count].partition_point(|before| before.detour <= place.detour);
        self.count = (self.count + 1).min(Few::MOST);
        self.places[at..self.count].rotate_right(1);
        self.places[at] = place;
        if self.is_full() { self.places[Few::MOST - 1].detour } else { self.limit }
    }

    fn places(&self) -> &[Place] {
        &self.places[..self.count]
    }

    fn is_full(&self) -> bool {
        self.count == Few::MOST
    }
}

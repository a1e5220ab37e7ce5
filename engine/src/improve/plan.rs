//! All routes, and who is on none.

use super::place::Place;
use super::problem::{JobIdx, Problem, StopIdx};
use super::route::Route;
use super::trial::Scratch;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    pub routes: Vec<Route>,
    /// Of each vehicle the first that is like it.
    kinds: Vec<u32>,
    route_of: Vec<Option<u32>>,
    /// Where the pickup of a job is fixed.
    aboard: Vec<Option<u32>>,
    pub unserved: Vec<JobIdx>,
    /// By the weights of the problem.
    pub cost: i64,
}

impl Plan {
    /// Nobody is served whose dropoff is not fixed; `None` if a vehicle can not reach its end.
    pub fn new(problem: &Problem) -> Option<Plan> {
        let vehicles = &problem.vehicles;
        let routes: Option<Vec<Route>> = (0..vehicles.len()).map(|vehicle| Route::new(problem, vehicle)).collect();
        let routes = routes?;
        let kind = |vehicle: usize| {
            let is_like = |&before: &usize| vehicles[before] == vehicles[vehicle] && problem.eligible.is_none();
            (0..vehicle).find(is_like).unwrap_or(vehicle) as u32
        };
        let kinds = (0..vehicles.len()).map(kind).collect();
        let mut is_done = vec![false; problem.jobs.len()];
        let mut aboard = vec![None; problem.jobs.len()];
        for (number, vehicle) in vehicles.iter().enumerate() {
            for &stop in &vehicle.fixed {
                let job = Problem::job_of(stop);
                aboard[job] = Some(number as u32);
                is_done[job] |= !Problem::is_pickup(stop);
            }
        }
        let unserved = (0..problem.jobs.len()).filter(|&job| !is_done[job]).collect();
        let cost = routes.iter().map(Route::cost).sum();
        Some(Plan { routes, kinds, route_of: vec![None; problem.jobs.len()], aboard, unserved, cost })
    }

    /// Of these stops for each vehicle.
    pub fn of(problem: &Problem, routes: Vec<Vec<StopIdx>>) -> Option<Plan> {
        let mut plan = Plan::new(problem)?;
        for (number, stops) in routes.into_iter().enumerate() {
            plan.routes[number] = Route::of(problem, number, stops)?;
            plan.claim(problem, number);
        }
        let route_of = &plan.route_of;
        plan.unserved.retain(|&job| route_of[job].is_none());
        plan.cost = plan.routes.iter().map(Route::cost).sum();
        Some(plan)
    }

    /// The route of a job that can be moved.
    pub fn route_of(&self, job: JobIdx) -> Option<usize> {
        self.route_of[job].map(|route| route as usize)
    }

    /// False if the job is aboard of another route.
    pub(super) fn may_look(&self, job: JobIdx, number: usize) -> bool {
        self.aboard[job].is_none_or(|only| only as usize == number)
    }

    /// Fewer unserved is better, then less cost.
    pub fn rank(&self) -> (usize, i64) {
        (self.unserved.len(), self.cost)
    }

    /// The first vehicle that is like this one.
    pub fn kind(&self, number: usize) -> u32 {
        self.kinds[number]
    }

    /// The cheapest place of all routes.
    pub fn best_place(&self, problem: &Problem, job: JobIdx, scratch: &mut Scratch) -> Option<(usize, Place)> {
        let mut best: Option<(usize, Place)> = None;
        for number in self.different_routes(job) {
            let limit = best.map_or(i64::MAX, |(_, best)| best.detour);
            if let Some(place) = self.routes[number].best_place(problem, job, limit, scratch) {
                best = Some((number, place));
            }
        }
        best
    }

    /// The routes a job can be on: that which it is aboard of, or all, but of empty ones of one kind of vehicle the first
    /// alone.
    pub(super) fn different_routes(&self, job: JobIdx) -> impl Iterator<Item = usize> + '_ {
        let only = self.aboard[job].map(|number| number as usize);
        let is_empty = |number: usize| self.routes[number].stops().is_empty();
        let is_first = move |number: usize| {
            let kind = self.kinds[number];
            !(kind as usize..number).any(|before| self.kinds[before] == kind && is_empty(before))
        };
        let numbers = only.map_or(0..self.routes.len(), |only| only..only + 1);
        numbers.filter(move |&number| !is_empty(number) || is_first(number))
    }

    /// Puts a job where it was found to fit; false if it does not, and then nothing has changed.
    #[must_use]
    pub fn insert(
        &mut self,
        problem: &Problem,
        job: JobIdx,
        (number, place): (usize, Place),
        scratch: &mut Scratch,
    ) -> bool {
        let route = &mut self.routes[number];
        let cost = route.cost();
        if !route.insert(problem, job, place, scratch) {
            return false;
        }
        self.cost += route.cost() - cost;
        self.route_of[job] = Some(number as u32);
        true
    }

    /// Takes jobs out of one route; false if the rest has no schedule then: the route is to be put back.
    #[must_use]
    pub fn remove(&mut self, problem: &Problem, number: usize, jobs: &[JobIdx]) -> bool {
        let route = &mut self.routes[number];
        let cost = route.cost();
        if !route.remove(problem, |job| jobs.contains(&job)) {
            return false;
        }
        self.cost += route.cost() - cost;
        jobs.iter().for_each(|&job| self.route_of[job] = None);
        true
    }

    /// Puts a route back as it was; `spare` is then what it became.
    pub(super) fn restore(&mut self, problem: &Problem, number: usize, spare: &mut Route) {
        std::mem::swap(&mut self.routes[number], spare);
        self.cost += self.routes[number].cost() - spare.cost();
        let whose = Some(number as u32);
        spare.jobs(problem).for_each(|job| {
            if self.route_of[job] == whose {
                self.route_of[job] = None;
            }
        });
    }

    /// After routes were put back: whose they are.
    pub(super) fn claim(&mut self, problem: &Problem, number: usize) {
        let jobs = self.routes[number].jobs(problem);
        jobs.for_each(|job| self.route_of[job] = Some(number as u32));
    }
}

//! All routes, and who is on none.

use super::problem::{JobIdx, Problem};
use super::route::{Place, Route, Scratch};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    pub routes: Vec<Route>,
    route_of: Vec<Option<u32>>,
    pub unserved: Vec<JobIdx>,
    /// What is driven, in milliseconds.
    pub driven: i64,
}

impl Plan {
    /// Nobody is served; `None` if a vehicle can not reach its end.
    pub fn new(problem: &Problem) -> Option<Plan> {
        let routes: Option<Vec<Route>> =
            (0..problem.vehicles.len()).map(|vehicle| Route::new(problem, vehicle)).collect();
        let jobs = problem.jobs.len();
        Some(Plan { routes: routes?, route_of: vec![None; jobs], unserved: (0..jobs).collect(), driven: 0 })
    }

    pub fn route_of(&self, job: JobIdx) -> Option<usize> {
        self.route_of[job].map(|route| route as usize)
    }

    /// Fewer unserved is better, then less driven.
    pub fn rank(&self) -> (usize, i64) {
        (self.unserved.len(), self.driven)
    }

    /// The cheapest place of all routes that `is_open` lets be looked at.
    pub fn best_place(
        &self,
        problem: &Problem,
        job: JobIdx,
        scratch: &mut Scratch,
        mut is_open: impl FnMut(usize) -> bool,
    ) -> Option<(usize, Place)> {
        let mut best: Option<(usize, Place)> = None;
        let mut has_empty = false;
        for (number, route) in self.routes.iter().enumerate() {
            // empty routes of one kind of vehicle are all the same
            if route.stops().is_empty() && number != 0 && has_empty && self.is_like_one_before(problem, number) {
                continue;
            }
            has_empty |= route.stops().is_empty();
            if !is_open(number) {
                continue;
            }
            let limit = best.map_or(i64::MAX, |(_, best)| best.detour);
            if let Some(place) = route.best_place(problem, job, limit, scratch) {
                best = Some((number, place));
            }
        }
        best
    }

    fn is_like_one_before(&self, problem: &Problem, number: usize) -> bool {
        let vehicle = &problem.vehicles[number];
        self.routes[..number]
            .iter()
            .any(|before| before.stops().is_empty() && problem.vehicles[before.vehicle()] == *vehicle)
    }

    pub fn insert(&mut self, problem: &Problem, job: JobIdx, (number, place): (usize, Place)) {
        let route = &mut self.routes[number];
        self.driven -= route.driven();
        route.insert(problem, job, place);
        self.driven += route.driven();
        self.route_of[job] = Some(number as u32);
    }

    /// Takes jobs out of one route; `false`, and nothing changed, if the rest has no schedule then.
    pub fn remove(&mut self, problem: &Problem, number: usize, jobs: &[JobIdx]) -> bool {
        let route = &mut self.routes[number];
        let (driven, before) = (route.driven(), route.stops().to_vec());
        if !route.remove(problem, |job| jobs.contains(&job)) {
            *route = Route::of(problem, route.vehicle(), before).expect("it had one before");
            return false;
        }
        self.driven += route.driven() - driven;
        jobs.iter().for_each(|&job| self.route_of[job] = None);
        true
    }

    /// Puts a route back as it was.
    pub fn restore(&mut self, number: usize, route: Route) {
        let now = std::mem::replace(&mut self.routes[number], route);
        for job in now.jobs().filter(|&job| self.route_of[job] == Some(number as u32)).collect::<Vec<_>>() {
            self.route_of[job] = None;
        }
        self.driven += self.routes[number].driven() - now.driven();
    }

    /// After routes were put back: whose they are.
    pub fn claim(&mut self, number: usize) {
        for job in self.routes[number].jobs() {
            self.route_of[job] = Some(number as u32);
        }
    }
}

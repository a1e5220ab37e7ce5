//! A day as it happens: requests become known one after the other, and what vehicles have left for is done.
//!
//! A stop is committed when its vehicle leaves for it. Somebody who was accepted is served, whatever comes; who can not be
//! served when they ask is rejected for good.

use anyhow::{Context, Result, ensure};
use mukae_engine::improve::{JobIdx, Plan, Problem, Route, Scratch, Search, StopIdx};
use mukae_units::{Span, Time};

/// How a day is run.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    pub seed: u64,
    /// A vehicle begins service between the earliest time (0) and the latest (1000) its plan allows.
    pub waiting_permille: i64,
}

/// What came of a day.
#[derive(Debug)]
pub struct Day {
    /// Of the whole problem.
    pub plan: Plan,
    /// Of all searches.
    pub steps: u64,
}

/// A day under way. Jobs and stops are those of the whole problem.
struct Desk<'p> {
    whole: &'p Problem,
    /// With what is known by now: committed stops have their times for windows.
    now: Problem,
    /// By vehicle.
    orders: Vec<Vec<StopIdx>>,
    accepted: Vec<JobIdx>,
}

/// Runs a day; `reveals` says when each job becomes known. After each, the search goes on as long as `budget` says how much
/// of it is done, of what `begin` told when it began.
pub fn run<T: Copy>(
    problem: &Problem,
    reveals: &[Time],
    manner: Manner,
    begin: impl Fn() -> T,
    budget: impl Fn(T) -> Option<u32>,
) -> Result<Day> {
    let mut order: Vec<JobIdx> = (0..problem.jobs.len()).collect();
    order.sort_by_key(|&job| (reveals[job], job));
    let mut desk = Desk {
        whole: problem,
        now: problem.clone(),
        orders: vec![Vec::new(); problem.vehicles.len()],
        accepted: Vec::new(),
    };
    let mut steps = 0;
    for (event, &job) in order.iter().enumerate() {
        let begun = begin();
        desk.advance(reveals[job], manner.waiting_permille)?;
        let seed = manner.seed ^ (event as u64) << 32;
        steps += desk.ask(job, seed, || budget(begun))?;
    }
    let plan = Plan::of(&desk.now, desk.orders).context("the day ends with a plan")?;
    Ok(Day { plan, steps })
}

impl Desk<'_> {
    /// Commits what vehicles leave for up to a time.
    fn advance(&mut self, to: Time, waiting_permille: i64) -> Result<()> {
        for vehicle in 0..self.orders.len() {
            loop {
                let route = self.route(vehicle)?;
                let fixed = self.now.vehicles[vehicle].fixed.len();
                let Some(&stop) = self.orders[vehicle].get(fixed) else { break };
                let (early, late) = (route.starts()[fixed], route.latest_starts()[fixed]);
                let start = early + Span::from_millis((late - early).as_millis() * waiting_permille / 1000);
                let from = match fixed.checked_sub(1) {
                    None => self.now.vehicles[vehicle].start,
                    Some(last) => self.now.stops[self.orders[vehicle][last]].site,
                };
                if to < start - self.now.leg(from, self.now.stops[stop].site).span() {
                    break;
                }
                let dwell = self.now.stops[stop].dwell;
                (self.now.stops[stop].earliest, self.now.stops[stop].latest) = (start, start);
                let vehicle = &mut self.now.vehicles[vehicle];
                vehicle.fixed.push(stop);
                vehicle.leaves_from = start + dwell;
            }
            let vehicle = &mut self.now.vehicles[vehicle];
            vehicle.leaves_from = vehicle.leaves_from.max(to);
        }
        Ok(())
    }

    fn route(&self, vehicle: usize) -> Result<Route> {
        Route::of(&self.now, vehicle, self.orders[vehicle].clone()).context("a plan that was kept holds on")
    }

    /// Takes somebody in if they can be served, and makes the plan better while there is time. The steps it took.
    fn ask(&mut self, job: JobIdx, seed: u64, goes_on: impl Fn() -> Option<u32>) -> Result<u64> {
        let mut known = self.accepted.clone();
        known.push(job);
        let (problem, mut plan) = self.part(&known)?;
        let newcomer = known.len() - 1;
        let mut scratch = Scratch::default();
        if let Some(place) = plan.best_place(&problem, newcomer, &mut scratch) {
            ensure!(plan.insert(&problem, newcomer, place, &mut scratch), "a place that was found fits");
            plan.unserved.clear();
        }
        let mut search = Search::from(&problem, plan, seed);
        let mut steps = 0;
        while let Some(done) = goes_on() {
            search.step(done);
            steps += 1;
        }
        let best = search.best();
        if best.unserved.is_empty() {
            self.accepted = known.clone();
        } else if best.unserved != [newcomer] {
            return Ok(steps); // whoever is accepted stays in the plan that was
        }
        for (order, route) in self.orders.iter_mut().zip(&best.routes) {
            *order = route.stops().iter().map(|&stop| whole(&known, stop)).collect();
        }
        Ok(steps)
    }

    /// The problem with some jobs alone, and the plan as it is.
    fn part(&self, known: &[JobIdx]) -> Result<(Problem, Plan)> {
        let mut part_of = vec![usize::MAX; self.whole.jobs.len()];
        known.iter().enumerate().for_each(|(part, &job)| part_of[job] = part);
        let mapped = |stop: &StopIdx| 2 * part_of[Problem::job_of(*stop)] + stop % 2;
        let mut vehicles = self.now.vehicles.clone();
        vehicles.iter_mut().for_each(|vehicle| vehicle.fixed.iter_mut().for_each(|stop| *stop = mapped(stop)));
        let ends = |&job: &JobIdx| [Problem::pickup(job), Problem::dropoff(job)];
        let problem = Problem {
            stops: known.iter().flat_map(ends).map(|stop| self.now.stops[stop]).collect(),
            jobs: known.iter().map(|&job| self.now.jobs[job]).collect(),
            vehicles,
            legs: self.now.legs.clone(),
            eligible: None,
            weights: self.now.weights,
        };
        let orders = self.orders.iter().map(|order| order.iter().map(mapped).collect()).collect();
        let plan = Plan::of(&problem, orders).context("a plan that was kept holds on")?;
        Ok((problem, plan))
    }
}

/// A stop of a part in the whole.
fn whole(known: &[JobIdx], stop: StopIdx) -> StopIdx {
    2 * known[Problem::job_of(stop)] + stop % 2
}

//! Ruin and recreate: take out some jobs that have to do with each other, put them back where it costs least, keep the
//! plan if it is better, or by chance if it is a little worse.
//!
//! Strings of neighbouring routes are taken out and put back greedily with blinks as in Christiaens and Vanden Berghe,
//! "Slack induction by string removals for vehicle routing problems" (2020); other removals, insertion by regret and weights
//! that follow what pays are those of Ropke and Pisinger, "An adaptive large neighborhood search heuristic for the pickup and
//! delivery problem with time windows" (2006).

use super::dice::Dice;
use super::memory::Memory;
use super::plan::Plan;
use super::pool::Pool;
use super::problem::{JobIdx, Problem};
use super::route::Route;
use super::trial::Scratch;

mod recreate;
mod ruin;
mod weights;

use ruin::Removal;
use weights::{Outcome, Weights};

/// How much of the search is done, in 2^-16.
pub const DONE: u32 = 1 << 16;

/// The search cools down to one in 2^this of where it begins.
const COOLING: u32 = 7;
/// Routes are kept of plans that cost at most one in so many more.
const NEARLY_BEST: i64 = 40;

#[derive(Clone, Debug)]
pub struct Search<'p> {
    problem: &'p Problem,
    dice: Dice,
    current: Plan,
    best: Plan,
    /// For each job some others, the most related first; found when it is first asked for.
    neighbours: Vec<Vec<u32>>,
    /// What a job without a route costs, beside a detour.
    penalty: i64,
    /// A plan that is worse by so much is kept once in e times, at the beginning.
    warmth: i64,
    scratch: Scratch,
    memory: Memory,
    /// Routes of which nothing is remembered.
    unknown: Vec<(usize, u64)>,
    /// Routes as they were before the step.
    undo: Vec<(usize, Route)>,
    spare: Vec<Route>,
    removed: Vec<JobIdx>,
    pool: Option<Pool>,
    unserved_before: Vec<JobIdx>,
    /// What the plan of this step may cost to be kept.
    most: i64,
    /// How often each removal comes.
    removals: Weights<{ Removal::ALL.len() }>,
    /// Something did not fit where it was said to, or the plan costs too much before all are in it: the step is not taken.
    is_lost: bool,
}

impl<'p> Search<'p> {
    /// Begins with everybody inserted where it costs least, one after the other; `None` if a vehicle can not reach its end.
    pub fn new(problem: &'p Problem, seed: u64) -> Option<Search<'p>> {
        let mut plan = Plan::new(problem)?;
        let mut scratch = Scratch::default();
        let mut jobs = std::mem::take(&mut plan.unserved);
        jobs.sort_by_key(|&job| (problem.stops[Problem::pickup(job)].latest, job));
        for job in jobs {
            let place = plan.best_place(problem, job, &mut scratch);
            if !place.is_some_and(|place| plan.insert(problem, job, place, &mut scratch)) {
                plan.unserved.push(job);
            }
        }
        Some(Search::from(problem, plan, seed))
    }

    /// Begins with a plan.
    pub fn from(problem: &'p Problem, plan: Plan, seed: u64) -> Search<'p> {
        let mean = mean_leg(problem);
        let stops = (2 * problem.jobs.len() as i64).max(1);
        let driven: i64 = plan.routes.iter().map(Route::driven).sum();
        let worth = problem.weights.driving + problem.weights.out;
        let opening = problem.vehicles.iter().map(|vehicle| vehicle.opening).max().unwrap_or(0);
        Search {
            problem,
            dice: Dice::new(seed),
            best: plan.clone(),
            neighbours: vec![Vec::new(); problem.jobs.len()],
            penalty: 20 * mean * worth + opening,
            warmth: (2 * driven / stops * worth).max(1),
            current: plan,
            scratch: Scratch::default(),
            memory: Memory::new(problem.jobs.len(), problem.vehicles.len()),
            unknown: Vec::new(),
            undo: Vec::new(),
            spare: Vec::new(),
            removed: Vec::new(),
            pool: None,
            unserved_before: Vec::new(),
            most: 0,
            removals: Weights::new(Removal::ALL.map(Removal::weight)),
            is_lost: false,
        }
    }

    pub fn best(&self) -> &Plan {
        &self.best
    }

    /// One removal and what comes of it; `done` is how much of the search is over, of [`DONE`].
    pub fn step(&mut self, done: u32) {
        let before = self.cost();
        self.unserved_before.clone_from(&self.current.unserved);
        self.removed.clear();
        self.is_lost = false;
        self.most = before + self.tolerance(done);
        let removal = self.removals.choose(&mut self.dice);
        self.ruin(Removal::ALL[removal]);
        let effort = self.removed.len();
        if !self.is_lost {
            self.removed.append(&mut self.current.unserved);
            self.recreate();
        }
        let after = self.cost();
        self.note_routes(after);
        let outcome = if self.is_lost || self.most < after {
            self.take_back();
            Outcome::Neither
        } else {
            self.spare.extend(self.undo.drain(..).map(|(_, route)| route));
            if self.current.rank() < self.best.rank() {
                self.best.clone_from(&self.current);
                Outcome::Best
            } else if after < before {
                Outcome::Better
            } else {
                Outcome::Neither
            }
        };
        self.removals.note(removal, effort, outcome);
    }

    /// From now on, routes of good plans are kept, so many.
    pub fn collect(&mut self, most: usize) {
        self.pool = Some(Pool::new(most));
    }

    pub fn pool(&self) -> Option<&Pool> {
        self.pool.as_ref()
    }

    /// Goes on with a plan that somebody else found, if it is better than the best.
    pub fn adopt(&mut self, plan: &Plan) {
        if plan.rank() < self.best.rank() {
            self.best.clone_from(plan);
            self.current.clone_from(plan);
        }
    }

    /// Of a plan that is not much worse than the best.
    fn note_routes(&mut self, cost: i64) {
        let Some(pool) = &mut self.pool else { return };
        if self.is_lost || self.best.cost + self.best.cost / NEARLY_BEST <= cost {
            return;
        }
        for &(number, _) in &self.undo {
            let route = &self.current.routes[number];
            if route.jobs(self.problem).next().is_some() {
                pool.note(self.problem, self.current.kind(number), route);
            }
        }
    }

    fn take_back(&mut self) {
        let mut undo = std::mem::take(&mut self.undo);
        for (number, route) in &mut undo {
            self.current.restore(self.problem, *number, route);
        }
        undo.iter().for_each(|&(number, _)| self.current.claim(self.problem, number));
        self.spare.extend(undo.drain(..).map(|(_, route)| route));
        self.undo = undo;
        self.current.unserved.clone_from(&self.unserved_before);
    }

    fn cost(&self) -> i64 {
        self.current.cost + self.penalty * self.current.unserved.len() as i64
    }

    /// What a plan may cost more and be kept: an exponential draw.
    fn tolerance(&mut self, done: u32) -> i64 {
        let halvings = u64::from(done) * u64::from(COOLING);
        let (whole, part) = (halvings / u64::from(DONE), (halvings % u64::from(DONE)) as i64);
        let warmth = (self.warmth >> whole) * (2 * i64::from(DONE) - part) / (2 * i64::from(DONE));
        (warmth * self.dice.exponential()) >> 16
    }

    /// Notes a route before it is changed for the first time in a step.
    fn save(&mut self, number: usize) {
        if self.undo.iter().all(|&(saved, _)| saved != number) {
            let mut copy = self.spare.pop().unwrap_or_default();
            copy.clone_from(&self.current.routes[number]);
            self.undo.push((number, copy));
        }
    }

    fn take_out(&mut self, number: usize, jobs: &[JobIdx]) {
        if self.is_lost {
            return;
        }
        self.save(number);
        if self.current.remove(self.problem, number, jobs) {
            self.removed.extend_from_slice(jobs);
        } else {
            self.is_lost = true;
        }
    }
}

/// Between any two sites, in milliseconds.
fn mean_leg(problem: &Problem) -> i64 {
    let sites = problem.legs.sites();
    let all: i64 = (0..sites).flat_map(|from| problem.legs.from(from)).map(|leg| i64::from(leg.as_millis())).sum();
    all / (sites * sites).max(1) as i64
}

#[cfg(test)]
mod tests;

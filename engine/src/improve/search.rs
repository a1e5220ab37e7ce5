//! Ruin and recreate: take out some jobs that have to do with each other, put them back where it costs least, keep the
//! plan if it is better, or by chance if it is a little worse.
//!
//! Strings of neighbouring routes are taken out and put back greedily with blinks as in Christiaens and Vanden Berghe,
//! "Slack induction by string removals for vehicle routing problems" (2020); other removals and insertion by regret are
//! those of Ropke and Pisinger, "An adaptive large neighborhood search heuristic for the pickup and delivery problem with
//! time windows" (2006).

use super::dice::Dice;
use super::plan::Plan;
use super::problem::{JobIdx, Problem};
use super::route::{Place, Route, Scratch};

/// How much of the search is done, in 2^-16.
pub const DONE: u32 = 1 << 16;

/// Neighbours of a job that removals look at.
const NEIGHBOURS: usize = 64;
/// A removal takes as many jobs on average, at most.
const REMOVED_MEAN: u64 = 12;
const STRING_MAX: usize = 10;
/// A route is not looked at, by chance, in thousandths.
const BLINK: u64 = 10;
/// The search cools down to one in 2^this of where it begins.
const COOLING: u32 = 10;

#[derive(Clone, Debug)]
pub struct Search<'p> {
    problem: &'p Problem,
    dice: Dice,
    current: Plan,
    best: Plan,
    /// For each job the others, the most related first.
    neighbours: Vec<Vec<u32>>,
    /// What a job without a route costs, beside a detour.
    penalty: i64,
    /// A plan that is worse by so much is kept as likely as not, at the beginning.
    warmth: i64,
    scratch: Scratch,
    undo: Vec<(usize, Route)>,
    removed: Vec<JobIdx>,
}

impl<'p> Search<'p> {
    /// Begins with everybody inserted where it costs least, one after the other; `None` if a vehicle can not reach its end.
    pub fn new(problem: &'p Problem, seed: u64) -> Option<Search<'p>> {
        let mut plan = Plan::new(problem)?;
        let mut scratch = Scratch::default();
        let mut jobs = std::mem::take(&mut plan.unserved);
        jobs.sort_by_key(|&job| (problem.stops[Problem::pickup(job)].latest, job));
        for job in jobs {
            match plan.best_place(problem, job, &mut scratch, |_| true) {
                Some(place) => plan.insert(problem, job, place),
                None => plan.unserved.push(job),
            }
        }
        Some(Search::from(problem, plan, seed))
    }

    /// Begins with a plan.
    pub fn from(problem: &'p Problem, plan: Plan, seed: u64) -> Search<'p> {
        let legs = problem.legs.sites().max(1) as i64;
        let all: i64 = (0..problem.legs.sites())
            .flat_map(|from| (0..problem.legs.sites()).map(move |to| (from, to)))
            .map(|(from, to)| i64::from(problem.leg(from, to).as_millis()))
            .sum();
        let mean = all / (legs * legs);
        let stops = (2 * problem.jobs.len() as i64).max(1);
        Search {
            problem,
            dice: Dice::new(seed),
            best: plan.clone(),
            neighbours: neighbours(problem),
            penalty: 20 * mean,
            warmth: (2 * plan.driven / stops).max(1),
            current: plan,
            scratch: Scratch::default(),
            undo: Vec::new(),
            removed: Vec::new(),
        }
    }

    pub fn best(&self) -> &Plan {
        &self.best
    }

    /// One removal and what comes of it; `done` is how much of the search is over, of [`DONE`].
    pub fn step(&mut self, done: u32) {
        let before = self.cost();
        let unserved = self.current.unserved.clone();
        self.undo.clear();
        self.removed.clear();
        self.ruin();
        self.removed.append(&mut self.current.unserved);
        self.recreate();
        let after = self.cost();
        if after - before <= self.tolerance(done) {
            if self.current.rank() < self.best.rank() {
                self.best = self.current.clone();
            }
        } else {
            let undo = std::mem::take(&mut self.undo);
            let numbers: Vec<usize> = undo.iter().map(|&(number, _)| number).collect();
            undo.into_iter().for_each(|(number, route)| self.current.restore(number, route));
            numbers.into_iter().for_each(|number| self.current.claim(number));
            self.current.unserved = unserved;
        }
    }

    fn cost(&self) -> i64 {
        self.current.driven + self.penalty * self.current.unserved.len() as i64
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
            self.undo.push((number, self.current.routes[number].clone()));
        }
    }

    fn take_out(&mut self, number: usize, jobs: &[JobIdx]) {
        self.save(number);
        if self.current.remove(self.problem, number, jobs) {
            self.removed.extend_from_slice(jobs);
        }
    }

    fn ruin(&mut self) {
        let jobs = self.problem.jobs.len();
        if jobs == 0 {
            return;
        }
        match self.dice.below(10) {
            0 => self.ruin_randomly(),
            1 => self.ruin_related(),
            _ => self.ruin_strings(),
        }
    }

    fn count_to_remove(&mut self) -> usize {
        let most = (self.problem.jobs.len() as u64).min(2 * REMOVED_MEAN);
        1 + self.dice.below(most) as usize
    }

    fn ruin_randomly(&mut self) {
        for _ in 0..self.count_to_remove() {
            let job = self.dice.index(self.problem.jobs.len());
            if let Some(number) = self.current.route_of(job) {
                self.take_out(number, &[job]);
            }
        }
    }

    fn ruin_related(&mut self) {
        let count = self.count_to_remove();
        let seed = self.dice.index(self.problem.jobs.len());
        let mut near: Vec<JobIdx> = vec![seed];
        near.extend(self.neighbours[seed].iter().map(|&job| job as usize));
        for job in near {
            if count <= self.removed.len() {
                break;
            }
            if let Some(number) = self.current.route_of(job).filter(|_| !self.dice.happens(150)) {
                self.take_out(number, &[job]);
            }
        }
    }

    fn ruin_strings(&mut self) {
        let routes: Vec<usize> =
            self.current.routes.iter().map(|route| route.stops().len() / 2).filter(|&len| 0 < len).collect();
        if routes.is_empty() {
            return;
        }
        let mean = (routes.iter().sum::<usize>() / routes.len()).max(1);
        let longest = STRING_MAX.min(mean);
        let strings_max = (4 * REMOVED_MEAN as usize / (1 + longest)).saturating_sub(1).max(1);
        let strings = 1 + self.dice.index(strings_max);
        let seed = self.dice.index(self.problem.jobs.len());
        let mut ruined: Vec<usize> = Vec::new();
        for at in 0..=self.neighbours[seed].len() {
            if ruined.len() == strings {
                break;
            }
            let job = if at == 0 { seed } else { self.neighbours[seed][at - 1] as usize };
            let Some(number) = self.current.route_of(job).filter(|number| !ruined.contains(number)) else { continue };
            let order: Vec<JobIdx> = self.current.routes[number].jobs().collect();
            let length = 1 + self.dice.index(longest.min(order.len()));
            let string = self.string(&order, job, length);
            self.take_out(number, &string);
            ruined.push(number);
        }
    }

    /// So many jobs one after the other, `job` among them; at times with some between that stay.
    fn string(&mut self, order: &[JobIdx], job: JobIdx, length: usize) -> Vec<JobIdx> {
        let at = order.iter().position(|&other| other == job).expect("it is on this route");
        let kept = if self.dice.happens(500) && length < order.len() {
            let mut kept = 1;
            while length + kept < order.len() && !self.dice.happens(100) {
                kept += 1;
            }
            kept
        } else {
            0
        };
        let span = length + kept;
        let first = at.saturating_sub(span - 1);
        let last = at.min(order.len() - span);
        let begin = first + self.dice.index(last - first + 1);
        let hole = begin + self.dice.index(length.max(1));
        let in_hole = |place: usize| hole <= place && place < hole + kept;
        (begin..begin + span).filter(|&place| !in_hole(place)).map(|place| order[place]).collect()
    }

    fn recreate(&mut self) {
        if self.dice.happens(100) && self.removed.len() <= 20 {
            return self.recreate_by_regret();
        }
        self.sort_removed();
        let jobs = std::mem::take(&mut self.removed);
        for &job in &jobs {
            let dice = &mut self.dice;
            let place = self.current.best_place(self.problem, job, &mut self.scratch, |_| !dice.happens(BLINK));
            match place {
                Some(place) => {
                    self.save(place.0);
                    self.current.insert(self.problem, job, place);
                }
                None => self.current.unserved.push(job),
            }
        }
        self.removed = jobs;
    }

    fn sort_removed(&mut self) {
        let mut jobs = std::mem::take(&mut self.removed);
        self.dice.shuffle(&mut jobs);
        let problem = self.problem;
        let stop = |job: JobIdx| &problem.stops[Problem::pickup(job)];
        let depot = problem.vehicles.first().map_or(0, |vehicle| vehicle.start);
        let far = |job: JobIdx| problem.leg(depot, stop(job).site);
        let direct = |job: JobIdx| problem.leg(stop(job).site, problem.stops[Problem::dropoff(job)].site);
        match self.dice.below(12) {
            0..=3 => {}
            4 | 5 => jobs.sort_by_key(|&job| std::cmp::Reverse(far(job))),
            6 => jobs.sort_by_key(|&job| far(job)),
            7 | 8 => jobs.sort_by_key(|&job| stop(job).latest - stop(job).earliest),
            9 => jobs.sort_by_key(|&job| stop(job).latest),
            10 => jobs.sort_by_key(|&job| std::cmp::Reverse(stop(job).earliest)),
            _ => jobs.sort_by_key(|&job| std::cmp::Reverse(direct(job))),
        }
        self.removed = jobs;
    }

    /// Whoever would lose most by waiting comes next: by the difference between the best and the second best route.
    fn recreate_by_regret(&mut self) {
        let mut jobs = std::mem::take(&mut self.removed);
        let routes = self.current.routes.len();
        let mut places: Vec<Option<Place>> = Vec::with_capacity(jobs.len() * routes);
        for &job in &jobs {
            for route in &self.current.routes {
                places.push(route.best_place(self.problem, job, i64::MAX, &mut self.scratch));
            }
        }
        while !jobs.is_empty() {
            let regret = |row: usize| {
                let mut two = [i64::MAX / 4; 2];
                for place in places[row * routes..(row + 1) * routes].iter().flatten() {
                    if place.detour < two[0] {
                        two = [place.detour, two[0]];
                    } else {
                        two[1] = two[1].min(place.detour);
                    }
                }
                (two[1] - two[0], -two[0])
            };
            let row = (0..jobs.len()).max_by_key(|&row| regret(row)).expect("somebody is left");
            let found = places[row * routes..(row + 1) * routes].iter().enumerate();
            let best = found.filter_map(|(number, place)| Some((place.as_ref()?.detour, number))).min();
            let job = jobs.swap_remove(row);
            let last = jobs.len();
            let own: Vec<Option<Place>> = places[row * routes..(row + 1) * routes].to_vec();
            if row != last {
                for number in 0..routes {
                    places[row * routes + number] = places[last * routes + number];
                }
            }
            places.truncate(last * routes);
            let Some((_, number)) = best else {
                self.current.unserved.push(job);
                continue;
            };
            self.save(number);
            self.current.insert(self.problem, job, (number, own[number].expect("it is the best")));
            for (row, &other) in jobs.iter().enumerate() {
                let route = &self.current.routes[number];
                places[row * routes + number] = route.best_place(self.problem, other, i64::MAX, &mut self.scratch);
            }
        }
    }
}

/// By how far apart in place and time.
fn neighbours(problem: &Problem) -> Vec<Vec<u32>> {
    let middle = |job: JobIdx| {
        let [pickup, dropoff] = [Problem::pickup(job), Problem::dropoff(job)].map(|stop| problem.stops[stop]);
        let narrow = if pickup.latest - pickup.earliest < dropoff.latest - dropoff.earliest { pickup } else { dropoff };
        (narrow.earliest.as_unix_millis() + narrow.latest.as_unix_millis()) / 2
    };
    let apart = |a: JobIdx, b: JobIdx| {
        let ways = [Problem::pickup, Problem::dropoff].map(|end| {
            let [from, to] = [end(a), end(b)].map(|stop| problem.stops[stop].site);
            i64::from(problem.leg(from, to).as_millis()).min(i64::from(problem.leg(to, from).as_millis()))
        });
        ways[0] + ways[1] + (middle(a) - middle(b)).abs() / 4
    };
    let jobs = problem.jobs.len();
    (0..jobs)
        .map(|job| {
            let mut others: Vec<(i64, u32)> =
                (0..jobs).filter(|&other| other != job).map(|other| (apart(job, other), other as u32)).collect();
            others.sort_unstable();
            others.truncate(NEIGHBOURS);
            others.into_iter().map(|(_, other)| other).collect()
        })
        .collect()
}

#[cfg(test)]
mod tests;

//! Who is taken out.

use super::Search;
use crate::improve::problem::{JobIdx, Problem};

/// Neighbours of a job that removals look at.
const NEIGHBOURS: usize = 64;
/// A removal takes as many jobs on average, at most.
const REMOVED_MEAN: u64 = 12;
const STRING_MAX: usize = 10;

impl Search<'_> {
    pub(super) fn ruin(&mut self) {
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
        self.find_neighbours(seed);
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
            self.current.routes.iter().map(|route| route.jobs(self.problem).count()).filter(|&len| 0 < len).collect();
        if routes.is_empty() {
            return;
        }
        let mean = (routes.iter().sum::<usize>() / routes.len()).max(1);
        let longest = STRING_MAX.min(mean);
        let strings_max = (4 * REMOVED_MEAN as usize / (1 + longest)).saturating_sub(1).max(1);
        let strings = 1 + self.dice.index(strings_max);
        let seed = self.dice.index(self.problem.jobs.len());
        self.find_neighbours(seed);
        let mut ruined: Vec<usize> = Vec::new();
        for at in 0..=self.neighbours[seed].len() {
            if ruined.len() == strings {
                break;
            }
            let job = if at == 0 { seed } else { self.neighbours[seed][at - 1] as usize };
            let Some(number) = self.current.route_of(job).filter(|number| !ruined.contains(number)) else { continue };
            let order: Vec<JobIdx> = self.current.routes[number].jobs(self.problem).collect();
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

    /// The other jobs, by how far apart in place and time.
    fn find_neighbours(&mut self, job: JobIdx) {
        if !self.neighbours[job].is_empty() {
            return;
        }
        let problem = self.problem;
        let others = (0..problem.jobs.len()).filter(|&other| other != job);
        let mut others: Vec<(i64, u32)> = others.map(|other| (apart(problem, job, other), other as u32)).collect();
        if NEIGHBOURS < others.len() {
            others.select_nth_unstable(NEIGHBOURS);
            others.truncate(NEIGHBOURS);
        }
        others.sort_unstable();
        self.neighbours[job] = others.into_iter().map(|(_, other)| other).collect();
    }
}

fn apart(problem: &Problem, a: JobIdx, b: JobIdx) -> i64 {
    let ways = [Problem::pickup, Problem::dropoff].map(|end| {
        let [from, to] = [end(a), end(b)].map(|stop| problem.stops[stop].site);
        i64::from(problem.leg(from, to).as_millis()).min(i64::from(problem.leg(to, from).as_millis()))
    });
    ways[0] + ways[1] + (middle(problem, a) - middle(problem, b)).abs() / 4
}

/// Of the narrower of its windows.
fn middle(problem: &Problem, job: JobIdx) -> i64 {
    let [pickup, dropoff] = [Problem::pickup(job), Problem::dropoff(job)].map(|stop| problem.stops[stop]);
    let narrow = if pickup.latest - pickup.earliest < dropoff.latest - dropoff.earliest { pickup } else { dropoff };
    narrow.earliest.as_unix_millis() / 2 + narrow.latest.as_unix_millis() / 2
}

//! Who is taken out.

use super::Search;
use crate::improve::problem::{JobIdx, Problem};

/// Neighbours of a job that removals look at.
const NEIGHBOURS: usize = 64;
/// A removal takes as many jobs on average, at most.
const REMOVED_MEAN: u64 = 12;
const STRING_MAX: usize = 10;
/// The worst are taken with a bias: the place in their order is a throw below a throw, so often.
const WORST_POWER: u32 = 6;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Removal {
    Random,
    /// Whoever is near in place and time.
    Related,
    /// Parts of neighbouring routes.
    Strings,
    /// Whoever is driven furthest for.
    Worst,
    /// Whoever rides at about the same time, wherever.
    Time,
    /// All of one vehicle.
    Vehicle,
}

impl Removal {
    pub const ALL: [Removal; 6] =
        [Removal::Random, Removal::Related, Removal::Strings, Removal::Worst, Removal::Time, Removal::Vehicle];

    /// How often it comes before anything is learned.
    pub const fn weight(self) -> u64 {
        match self {
            Removal::Strings => 80,
            Removal::Random | Removal::Related | Removal::Worst => 10,
            Removal::Time => 5,
            Removal::Vehicle => 2,
        }
    }
}

impl Search<'_> {
    pub(super) fn ruin(&mut self, removal: Removal) {
        if self.problem.jobs.is_empty() {
            return;
        }
        match removal {
            Removal::Random => self.ruin_randomly(),
            Removal::Related => self.ruin_related(),
            Removal::Strings => self.ruin_strings(),
            Removal::Worst => self.ruin_worst(),
            Removal::Time => self.ruin_time(),
            Removal::Vehicle => self.ruin_vehicle(),
        }
    }

    fn ruin_worst(&mut self) {
        let count = self.count_to_remove();
        let mut detours: Vec<(i64, usize, JobIdx)> = Vec::new();
        for (number, route) in self.current.routes.iter().enumerate() {
            route.detours(self.problem, |job, detour| detours.push((detour, number, job)));
        }
        detours.sort_unstable();
        for _ in 0..count.min(detours.len()) {
            // mostly among the last
            let skipped = (0..WORST_POWER).fold(detours.len() as u64, |bound, _| self.dice.below(bound + 1));
            let (_, number, job) = detours.remove((detours.len() - 1).saturating_sub(skipped as usize));
            self.take_out(number, &[job]);
        }
    }

    fn ruin_time(&mut self) {
        let count = self.count_to_remove();
        let seed = self.dice.index(self.problem.jobs.len());
        let at = middle(self.problem, seed);
        let problem = self.problem;
        let mut near: Vec<(i64, JobIdx)> =
            (0..problem.jobs.len()).map(|job| ((middle(problem, job) - at).abs(), job)).collect();
        let most = (2 * count).min(near.len());
        near.select_nth_unstable(most - 1);
        near.truncate(most);
        near.sort_unstable();
        for (_, job) in near {
            if count <= self.removed.len() {
                break;
            }
            if let Some(number) = self.current.route_of(job).filter(|_| !self.dice.happens(300)) {
                self.take_out(number, &[job]);
            }
        }
    }

    fn ruin_vehicle(&mut self) {
        let seed = self.dice.index(self.problem.jobs.len());
        let Some(number) = self.current.route_of(seed) else { return };
        let jobs: Vec<JobIdx> = self.current.routes[number].jobs(self.problem).collect();
        self.take_out(number, &jobs);
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

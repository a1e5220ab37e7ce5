//! Routes that were part of good plans, for whoever can put them together anew: by set partitioning, for example.

use std::collections::BTreeMap;

use super::problem::{JobIdx, Problem, StopIdx};
use super::route::{Route, mixed};

/// The cheapest known order of stops for these jobs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pooled {
    /// The first vehicle of its kind; any of the kind will do.
    pub kind: u32,
    pub cost: i64,
    pub stops: Vec<StopIdx>,
    pub jobs: Vec<JobIdx>,
    /// Grows from route to route.
    pub last_seen: u64,
}

/// Each set of jobs once for each kind of vehicle. When it is full, the half that was not seen for longest goes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pool {
    most: usize,
    routes: Vec<Pooled>,
    /// A hash of the set and the kind. Two sets with one hash are taken for one; no plan is wrong by that.
    by_jobs: BTreeMap<u64, u32>,
    seen: u64,
}

impl Pool {
    /// Holds so many routes.
    pub fn new(most: usize) -> Pool {
        Pool { most, routes: Vec::new(), by_jobs: BTreeMap::new(), seen: 0 }
    }

    pub fn routes(&self) -> &[Pooled] {
        &self.routes
    }

    pub(super) fn note(&mut self, problem: &Problem, kind: u32, route: &Route) {
        self.seen += 1;
        let key = route.jobs(problem).fold(mixed(u64::from(kind)), |key, job| key ^ mixed(job as u64 + 1));
        if let Some(&at) = self.by_jobs.get(&key) {
            let known = &mut self.routes[at as usize];
            known.last_seen = self.seen;
            if route.cost() < known.cost {
                known.cost = route.cost();
                known.stops = route.stops().to_vec();
                known.jobs = route.jobs(problem).collect();
            }
            return;
        }
        if self.routes.len() == self.most {
            self.forget_half();
        }
        self.by_jobs.insert(key, self.routes.len() as u32);
        let jobs = route.jobs(problem).collect();
        self.routes.push(Pooled {
            kind,
            cost: route.cost(),
            stops: route.stops().to_vec(),
            jobs,
            last_seen: self.seen,
        });
    }

    fn forget_half(&mut self) {
        let mut seen: Vec<u64> = self.routes.iter().map(|route| route.last_seen).collect();
        seen.sort_unstable();
        let since = seen[seen.len() / 2];
        let mut keys = vec![0; self.routes.len()];
        self.by_jobs.iter().for_each(|(&key, &at)| keys[at as usize] = key);
        self.by_jobs.clear();
        let mut kept = Vec::with_capacity(self.most);
        for (route, key) in self.routes.drain(..).zip(keys).filter(|(route, _)| since <= route.last_seen) {
            self.by_jobs.insert(key, kept.len() as u32);
            kept.push(route);
        }
        self.routes = kept;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_pool_forgets_the_older_half() {
        let mut pool = Pool::new(4);
        let route = |job: u64| Pooled { kind: 0, cost: 1, stops: Vec::new(), jobs: Vec::new(), last_seen: job };
        for job in 0..4 {
            pool.by_jobs.insert(job * 10, job as u32);
            pool.routes.push(route(job));
        }
        pool.forget_half();
        let seen: Vec<u64> = pool.routes().iter().map(|route| route.last_seen).collect();
        assert_eq!(seen, [2, 3]);
        assert_eq!(pool.by_jobs, BTreeMap::from([(20, 0), (30, 1)]));
    }
}

//! What each job of a set-partitioning problem is worth, and so which routes promise most.
//!
//! Lagrangian relaxation of "each job once", by the subgradient method with halving steps of Held, Wolfe and Crowder,
//! "Validation of subgradient optimization" (1974). Only the order of routes is taken from it, never a cost.

use std::time::{Duration, Instant};

use super::combine::Column;

const ROUNDS: usize = 200;
/// Rounds without a better bound before steps become shorter.
const PATIENCE: usize = 5;
const SHORTER: f64 = 0.6;

/// Of each column: its cost less what its jobs are worth, as far as is found out in time. The first `own` columns are a whole
/// plan. (Kinds of vehicles are not told apart here; the program does.)
pub(super) fn reduced_costs(
    columns: &[Column],
    own: usize,
    (jobs, vehicles): (usize, usize),
    limit: Duration,
) -> Vec<f64> {
    let begun = Instant::now();
    let routes = Routes::new(columns);
    let known: f64 = routes.costs[..own].iter().sum();
    let mut prices = vec![0.0; jobs];
    for (route, cost) in routes.costs[..own].iter().enumerate() {
        let jobs = routes.jobs(route);
        jobs.iter().for_each(|&job| prices[job as usize] = cost / jobs.len() as f64);
    }
    let (mut best, mut bound) = (prices.clone(), f64::NEG_INFINITY);
    let (mut length, mut stale) = (1.0, 0);
    let mut reduced = vec![0.0; columns.len()];
    let mut order: Vec<u32> = (0..columns.len() as u32).collect();
    for _ in 0..ROUNDS {
        routes.reduce(&prices, &mut reduced);
        let most = vehicles.min(order.len());
        if most < order.len() {
            order.select_nth_unstable_by(most, |&a, &b| reduced[a as usize].total_cmp(&reduced[b as usize]));
        }
        let taken = || order[..most].iter().map(|&route| route as usize).filter(|&route| reduced[route] < 0.0);
        let value = prices.iter().sum::<f64>() + taken().map(|route| reduced[route]).sum::<f64>();
        // how often each job is missing
        let mut slope = vec![1.0; jobs];
        taken().for_each(|route| routes.jobs(route).iter().for_each(|&job| slope[job as usize] -= 1.0));
        if bound < value {
            (bound, stale) = (value, 0);
            best.clone_from(&prices);
        } else {
            stale += 1;
            if stale == PATIENCE {
                (length, stale) = (length * SHORTER, 0);
                prices.clone_from(&best);
            }
        }
        let steepness: f64 = slope.iter().map(|missing| missing * missing).sum();
        if steepness == 0.0 || limit < begun.elapsed() {
            break;
        }
        let step = length * (1.002 * known - value) / steepness;
        prices.iter_mut().zip(&slope).for_each(|(price, missing)| *price += step * missing);
    }
    routes.reduce(&best, &mut reduced);
    reduced
}

/// Jobs of all routes, one after the other.
struct Routes {
    costs: Vec<f64>,
    ends: Vec<usize>,
    jobs: Vec<u32>,
}

impl Routes {
    fn new(columns: &[Column]) -> Routes {
        let costs = columns.iter().map(|column| column.cost as f64).collect();
        let jobs: Vec<u32> = columns.iter().flat_map(|column| column.jobs.iter().map(|&job| job as u32)).collect();
        let ends = columns.iter().scan(0, |end, column| {
            *end += column.jobs.len();
            Some(*end)
        });
        Routes { costs, ends: ends.collect(), jobs }
    }

    fn jobs(&self, route: usize) -> &[u32] {
        let begin = route.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.jobs[begin..self.ends[route]]
    }

    fn reduce(&self, prices: &[f64], reduced: &mut [f64]) {
        for (route, reduced) in reduced.iter_mut().enumerate() {
            let worth: f64 = self.jobs(route).iter().map(|&job| prices[job as usize]).sum();
            *reduced = self.costs[route] - worth;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(cost: i64, jobs: &[usize]) -> Column {
        Column::of(cost, jobs.to_vec())
    }

    /// Two cheap routes and two that nobody would take; the plan at hand is another.
    #[test]
    fn routes_of_the_best_plan_cost_least_beyond_what_their_jobs_are_worth() {
        let columns = [
            column(100, &[0, 1]),
            column(100, &[2, 3]),
            column(300, &[0, 3]),
            column(60, &[0, 2]),
            column(70, &[1, 3]),
            column(200, &[1, 2]),
        ];
        let reduced = reduced_costs(&columns, 2, (4, 2), Duration::from_secs(60));
        let mut order: Vec<usize> = (0..columns.len()).collect();
        order.sort_by(|&a, &b| reduced[a].total_cmp(&reduced[b]));
        order[..2].sort_unstable();
        assert_eq!(order[..2], [3, 4], "{reduced:?}");
        assert!(reduced[2] > 100.0 && reduced[5] > 50.0, "{reduced:?}");
    }
}

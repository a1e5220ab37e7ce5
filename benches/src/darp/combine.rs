//! The best plan that can be put together from routes a search has met: set partitioning, as a mixed-integer program of
//! those routes that promise most by what each job is worth ([`super::prices`]).
//!
//! The solver reckons in doubles and by the clock; nothing is believed of it but which routes it takes, and those are a plan
//! whose cost is added up from whole numbers.

use std::time::{Duration, Instant};

use microlp::{ComparisonOp, OptimizationDirection, SolveOptions, SolveOutcome, Variable};
use mukae_engine::improve::{JobIdx, Plan, Problem, Search, StopIdx};

use super::prices::reduced_costs;

/// A route that may be taken.
pub(super) struct Column {
    kind: u32,
    pub cost: i64,
    stops: Vec<StopIdx>,
    pub jobs: Vec<JobIdx>,
    is_of_best: bool,
}

#[cfg(test)]
impl Column {
    pub(super) fn of(cost: i64, jobs: Vec<JobIdx>) -> Column {
        Column { kind: 0, cost, stops: Vec::new(), jobs, is_of_best: false }
    }
}

/// The plan, if one was found in time; from `most` of the routes there are.
pub fn combine(problem: &Problem, search: &Search<'_>, most: usize, limit: Duration) -> Option<Plan> {
    let begun = Instant::now();
    let columns = columns(problem, search, most, limit)?;
    let taken = solve(problem, search.best(), &columns, limit.saturating_sub(begun.elapsed()))?;
    let mut orders = vec![Vec::new(); problem.vehicles.len()];
    let mut is_free = vec![true; problem.vehicles.len()];
    for column in taken.into_iter().map(|column| &columns[column]) {
        let is_like = |&vehicle: &usize| is_free[vehicle] && search.best().kind(vehicle) == column.kind;
        let vehicle = (0..problem.vehicles.len()).find(is_like)?;
        is_free[vehicle] = false;
        orders[vehicle].clone_from(&column.stops);
    }
    Plan::of(problem, orders)
}

/// The routes of the best plan, and others; `None` while that leaves somebody out.
fn columns(problem: &Problem, search: &Search<'_>, most: usize, limit: Duration) -> Option<Vec<Column>> {
    let (pool, best) = (search.pool()?, search.best());
    if !best.unserved.is_empty() {
        return None;
    }
    let of_best = best.routes.iter().enumerate().map(|(number, route)| Column {
        kind: best.kind(number),
        cost: route.cost(),
        stops: route.stops().to_vec(),
        jobs: route.jobs(problem).collect(),
        is_of_best: true,
    });
    let mut columns: Vec<Column> = of_best.filter(|column| !column.jobs.is_empty()).collect();
    let own = columns.len();
    columns.extend(pool.routes().iter().map(|route| Column {
        kind: route.kind,
        cost: route.cost,
        stops: route.stops.clone(),
        jobs: route.jobs.clone(),
        is_of_best: false,
    }));
    let costs = reduced_costs(&columns, own, (problem.jobs.len(), problem.vehicles.len()), limit / 2);
    let mut rest: Vec<usize> = (own..columns.len()).collect();
    rest.sort_by(|&a, &b| costs[a].total_cmp(&costs[b]).then(a.cmp(&b)));
    let mut is_kept = vec![false; columns.len()];
    (0..own).chain(rest.into_iter().take(most)).for_each(|column| is_kept[column] = true);
    let mut kept = is_kept.into_iter();
    columns.retain(|_| kept.next() == Some(true));
    Some(columns)
}

/// Which columns are taken: each job once, no more of a kind than there are vehicles.
fn solve(problem: &Problem, best: &Plan, columns: &[Column], limit: Duration) -> Option<Vec<usize>> {
    let mut program = microlp::Problem::new(OptimizationDirection::Minimize);
    let mut rows: Vec<Vec<(Variable, f64)>> = vec![Vec::new(); problem.jobs.len()];
    let mut of_kind: Vec<Vec<(Variable, f64)>> = vec![Vec::new(); problem.vehicles.len()];
    // near 1, as the solver wants its numbers
    let scale = (best.cost / best.routes.len().max(1) as i64).max(1) as f64;
    let variables: Vec<Variable> =
        columns.iter().map(|column| program.add_binary_var(column.cost as f64 / scale)).collect();
    for (column, &variable) in columns.iter().zip(&variables) {
        column.jobs.iter().for_each(|&job| rows[job].push((variable, 1.0)));
        of_kind[column.kind as usize].push((variable, 1.0));
    }
    rows.iter().for_each(|row| program.add_constraint(row.as_slice(), ComparisonOp::Eq, 1.0));
    for (kind, row) in of_kind.iter().enumerate().filter(|(_, row)| !row.is_empty()) {
        let vehicles = (0..problem.vehicles.len()).filter(|&vehicle| best.kind(vehicle) as usize == kind).count();
        program.add_constraint(row.as_slice(), ComparisonOp::Le, vehicles as f64);
    }
    let known = variables.iter().zip(columns).map(|(&variable, column)| (variable, f64::from(column.is_of_best)));
    let mut options = SolveOptions::default();
    options.time_limit = Some(limit);
    options.warm_start = Some(known.collect());
    match program.solve_with(options) {
        Ok(SolveOutcome::Solution(found)) => {
            let is_taken = |&column: &usize| found.var_value(variables[column]).round() == 1.0;
            Some((0..columns.len()).filter(is_taken).collect())
        }
        _ => None,
    }
}

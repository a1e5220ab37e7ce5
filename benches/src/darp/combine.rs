//! The best plan that can be put together from routes a search has met: set partitioning, as a mixed-integer program.
//!
//! The solver reckons in doubles and by the clock; nothing is believed of it but which routes it takes, and those are a plan
//! whose cost is added up from whole numbers.

use std::cmp::Reverse;
use std::time::Duration;

use microlp::{ComparisonOp, OptimizationDirection, SolveOptions, SolveOutcome, Variable};
use mukae_engine::improve::{JobIdx, Plan, Problem, Search, StopIdx};

/// A route that may be taken.
struct Column {
    kind: u32,
    cost: i64,
    stops: Vec<StopIdx>,
    jobs: Vec<JobIdx>,
    is_of_best: bool,
}

/// The plan, if one was found in time; from the routes seen last, `most` of them.
pub fn combine(problem: &Problem, search: &Search<'_>, most: usize, limit: Duration) -> Option<Plan> {
    let columns = columns(problem, search, most)?;
    let taken = solve(problem, search.best(), &columns, limit)?;
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
fn columns(problem: &Problem, search: &Search<'_>, most: usize) -> Option<Vec<Column>> {
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
    let mut newest: Vec<_> = pool.routes().iter().collect();
    newest.sort_by_key(|route| Reverse(route.last_seen));
    columns.extend(newest.into_iter().take(most).map(|route| Column {
        kind: route.kind,
        cost: route.cost,
        stops: route.stops.clone(),
        jobs: route.jobs.clone(),
        is_of_best: false,
    }));
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

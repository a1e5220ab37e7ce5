//! A positive definite matrix in the shape of an arrow: some shared columns, and for each driver one that meets only
//! these. Drivers are eliminated first, so that a thousand of them cost a thousand small products.

use super::features::COLUMNS;

type Shared = [f64; COLUMNS];

pub(super) struct Arrow {
    shared: [Shared; COLUMNS],
    drivers: Vec<f64>,
    /// Each driver against the shared columns.
    meets: Vec<Shared>,
}

/// A vector in the same shape.
pub(super) struct Step {
    pub(super) shared: Shared,
    pub(super) drivers: Vec<f64>,
}

impl Arrow {
    pub(super) fn diagonal(shared: &Shared, driver: f64, driver_count: usize) -> Arrow {
        let mut diagonal = [[0.0; COLUMNS]; COLUMNS];
        for (n, value) in shared.iter().enumerate() {
            diagonal[n][n] = *value;
        }
        Arrow { shared: diagonal, drivers: vec![driver; driver_count], meets: vec![[0.0; COLUMNS]; driver_count] }
    }

    /// Adds `weight` times the outer product of a row with itself: its shared columns, and a one at its driver.
    pub(super) fn add(&mut self, driver: usize, columns: &Shared, weight: f64) {
        self.drivers[driver] += weight;
        for (n, x) in columns.iter().enumerate() {
            self.meets[driver][n] += weight * x;
            for (m, y) in columns.iter().enumerate() {
                self.shared[n][m] += weight * x * y;
            }
        }
    }

    pub(super) fn solve(&self, right: &Step) -> Step {
        let mut reduced = right.shared;
        for ((meets, diagonal), value) in self.meets.iter().zip(&self.drivers).zip(&right.drivers) {
            reduced.iter_mut().zip(meets).for_each(|(reduced, meets)| *reduced -= meets * value / diagonal);
        }
        let shared = solve_factored(&factored(self.complement()), &reduced);
        let driver = |((meets, diagonal), value): ((&Shared, &f64), &f64)| (value - dot(meets, &shared)) / diagonal;
        let drivers = self.meets.iter().zip(&self.drivers).zip(&right.drivers).map(driver).collect();
        Step { shared, drivers }
    }

    /// The drivers' part of the diagonal of the inverse.
    pub(super) fn driver_variances(&self) -> Vec<f64> {
        let factor = factored(self.complement());
        let variance = |(meets, diagonal): (&Shared, &f64)| {
            1.0 / diagonal + dot(meets, &solve_factored(&factor, meets)) / (diagonal * diagonal)
        };
        self.meets.iter().zip(&self.drivers).map(variance).collect()
    }

    /// What is left of the shared part when the drivers are eliminated (Schur).
    fn complement(&self) -> [Shared; COLUMNS] {
        let mut left = self.shared;
        for (meets, diagonal) in self.meets.iter().zip(&self.drivers) {
            for (n, x) in meets.iter().enumerate() {
                for (m, y) in meets.iter().enumerate() {
                    left[n][m] -= x * y / diagonal;
                }
            }
        }
        left
    }
}

/// The lower factor of Cholesky. The penalties keep the diagonal above zero; rounding may not take it.
fn factored(matrix: [Shared; COLUMNS]) -> [Shared; COLUMNS] {
    let mut factor = [[0.0; COLUMNS]; COLUMNS];
    for n in 0..COLUMNS {
        for m in 0..=n {
            let sum = matrix[n][m] - dot_below(&factor[n], &factor[m], m);
            factor[n][m] = if n == m { sum.max(f64::EPSILON).sqrt() } else { sum / factor[m][m] };
        }
    }
    factor
}

fn solve_factored(factor: &[Shared; COLUMNS], right: &Shared) -> Shared {
    let mut half = [0.0; COLUMNS];
    for n in 0..COLUMNS {
        half[n] = (right[n] - dot_below(&factor[n], &half, n)) / factor[n][n];
    }
    let mut whole = [0.0; COLUMNS];
    for n in (0..COLUMNS).rev() {
        let above: f64 = (n + 1..COLUMNS).map(|m| factor[m][n] * whole[m]).sum();
        whole[n] = (half[n] - above) / factor[n][n];
    }
    whole
}

fn dot(one: &Shared, other: &Shared) -> f64 {
    dot_below(one, other, COLUMNS)
}

fn dot_below(one: &Shared, other: &Shared, end: usize) -> f64 {
    one[..end].iter().zip(&other[..end]).map(|(x, y)| x * y).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_solution_solves() {
        let mut arrow = Arrow::diagonal(&[0.5; COLUMNS], 2.0, 3);
        let row = |n: usize| std::array::from_fn(|m| ((n * 7 + m * 3) % 5) as f64 - 1.5);
        for n in 0..40 {
            arrow.add(n % 3, &row(n), 0.1 + (n % 4) as f64 / 10.0);
        }
        let right = Step { shared: row(1), drivers: vec![1.0, -2.0, 0.5] };
        let found = arrow.solve(&right);
        for n in 0..COLUMNS {
            let drivers: f64 = (0..3).map(|d| arrow.meets[d][n] * found.drivers[d]).sum();
            assert!((dot(&arrow.shared[n], &found.shared) + drivers - right.shared[n]).abs() < 1e-9);
        }
        for d in 0..3 {
            let value = dot(&arrow.meets[d], &found.shared) + arrow.drivers[d] * found.drivers[d];
            assert!((value - right.drivers[d]).abs() < 1e-9);
            // A column of the inverse is the solution for a unit vector.
            let mut unit = Step { shared: [0.0; COLUMNS], drivers: vec![0.0; 3] };
            unit.drivers[d] = 1.0;
            assert!((arrow.solve(&unit).drivers[d] - arrow.driver_variances()[d]).abs() < 1e-12);
        }
    }
}

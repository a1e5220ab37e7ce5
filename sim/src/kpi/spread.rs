//! A distribution in whole numbers: kept value by value, shown as mean and quantiles.

/// Values as they come; summarised when somebody looks.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Values {
    values: Vec<i64>,
}

/// What is shown of a distribution, in the unit of its values.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Spread {
    pub count: u64,
    /// Exact; the mean is shown as `sum / count`.
    pub sum: i64,
    /// By nearest rank: at least so many hundredths of the values are no greater.
    pub p50: i64,
    pub p90: i64,
    pub p95: i64,
    pub max: i64,
}

impl Values {
    pub fn push(&mut self, value: i64) {
        self.values.push(value);
    }

    pub fn append(&mut self, mut later: Values) {
        self.values.append(&mut later.values);
    }

    pub fn spread(&self) -> Spread {
        let mut sorted = self.values.clone();
        sorted.sort_unstable();
        let Some(&max) = sorted.last() else { return Spread::default() };
        let rank = |percent: usize| sorted[(sorted.len() * percent).div_ceil(100) - 1];
        Spread {
            count: sorted.len() as u64,
            sum: sorted.iter().sum(),
            p50: rank(50),
            p90: rank(90),
            p95: rank(95),
            max,
        }
    }
}

impl Spread {
    /// To show; zero if there are no values.
    pub fn mean(&self) -> f64 {
        if self.count == 0 { 0.0 } else { self.sum as f64 / self.count as f64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[i64]) -> Spread {
        Values { values: values.to_vec() }.spread()
    }

    #[test]
    fn quantiles_by_nearest_rank() {
        assert_eq!(of(&[]), Spread::default());
        assert_eq!(of(&[7]), Spread { count: 1, sum: 7, p50: 7, p90: 7, p95: 7, max: 7 });
        let hundred: Vec<i64> = (1..=100).rev().collect();
        assert_eq!(of(&hundred), Spread { count: 100, sum: 5050, p50: 50, p90: 90, p95: 95, max: 100 });
        assert_eq!(of(&[1, 2, 3, 10]), Spread { count: 4, sum: 16, p50: 2, p90: 10, p95: 10, max: 10 });
        assert_eq!(of(&[1, 2, 3, 10]).mean(), 4.0);
    }
}

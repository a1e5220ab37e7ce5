//! A distribution in whole numbers: kept value by value, shown as mean and quantiles.

/// Values as they come; summarised when somebody looks.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Values {
    values: Vec<i64>,
    sum: i64,
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
    /// How unequal they are, in thousandths: 0 if all are the same, nearly 1000 if one has everything. Half the mean
    /// difference of two of them, divided by their mean (Gini 1912).
    pub gini: i64,
}

impl Values {
    pub fn push(&mut self, value: i64) {
        self.values.push(value);
        self.sum += value;
    }

    pub fn append(&mut self, later: &Values) {
        self.values.extend_from_slice(&later.values);
        self.sum += later.sum;
    }

    pub fn count(&self) -> u64 {
        self.values.len() as u64
    }

    pub fn sum(&self) -> i64 {
        self.sum
    }

    pub fn spread(&self) -> Spread {
        let mut sorted = self.values.clone();
        sorted.sort_unstable();
        let Some(&max) = sorted.last() else { return Spread::default() };
        let rank = |percent: usize| sorted[(sorted.len() * percent).div_ceil(100) - 1];
        Spread {
            count: self.count(),
            sum: self.sum,
            p50: rank(50),
            p90: rank(90),
            p95: rank(95),
            max,
            gini: gini(&sorted, self.sum),
        }
    }
}

/// The sum of all differences is that of each value times how many more are before it than behind it.
fn gini(sorted: &[i64], sum: i64) -> i64 {
    let count = sorted.len() as i128;
    if sum <= 0 {
        return 0;
    }
    let weighed: i128 = (0..).zip(sorted).map(|(before, &value)| (2 * before + 1 - count) * i128::from(value)).sum();
    i64::try_from(weighed * 1000 / (count * i128::from(sum))).expect("no more than a thousand")
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
        let mut all = Values::default();
        values.iter().for_each(|&value| all.push(value));
        all.spread()
    }

    #[test]
    fn quantiles_by_nearest_rank() {
        assert_eq!(of(&[]), Spread::default());
        assert_eq!(of(&[7]), Spread { count: 1, sum: 7, p50: 7, p90: 7, p95: 7, max: 7, gini: 0 });
        let hundred: Vec<i64> = (1..=100).rev().collect();
        assert_eq!(of(&hundred), Spread { count: 100, sum: 5050, p50: 50, p90: 90, p95: 95, max: 100, gini: 330 });
        assert_eq!(of(&[1, 2, 3, 10]), Spread { count: 4, sum: 16, p50: 2, p90: 10, p95: 10, max: 10, gini: 437 });
        assert_eq!(of(&[1, 2, 3, 10]).mean(), 4.0);
    }

    #[test]
    fn inequality_is_the_mean_difference_of_two() {
        for values in [vec![4, 4, 4], vec![0, 0, 0, 8], vec![1, 2, 3, 10], vec![5, 0, 7, 7, 300, 2], vec![0, 0]] {
            let (count, sum) = (values.len() as i64, values.iter().sum::<i64>());
            let differences: i64 = values.iter().flat_map(|a| values.iter().map(move |b| (a - b).abs())).sum();
            let slow = if sum == 0 { 0 } else { differences * 1000 / (2 * count * sum) };
            assert_eq!(of(&values).gini, slow, "{values:?}");
        }
    }
}

//! Many times, and what is said of them.

use std::time::Duration;

/// What calls of one kind took.
#[derive(Clone, Debug, Default)]
pub struct Times {
    micros: Vec<u64>,
    is_sorted: bool,
}

impl Times {
    pub fn add(&mut self, time: Duration) {
        self.micros.push(time.as_micros() as u64);
        self.is_sorted = false;
    }

    pub fn count(&self) -> usize {
        self.micros.len()
    }

    /// The least time that so many thousandths of all do not exceed, in milliseconds; 0 of none.
    pub fn quantile(&mut self, permille: usize) -> f64 {
        if !self.is_sorted {
            self.micros.sort_unstable();
            self.is_sorted = true;
        }
        let rank = (self.micros.len() * permille).div_ceil(1000).max(1);
        self.micros.get(rank - 1).map_or(0.0, |&micros| micros as f64 / 1e3)
    }

    pub fn said(&mut self) -> String {
        let [p50, p90, p99, p999, most] = [500, 900, 990, 999, 1000].map(|permille| self.quantile(permille));
        format!("p50 {p50:.2}  p90 {p90:.2}  p99 {p99:.2}  p99.9 {p999:.2}  most {most:.2} ms  ({})", self.count())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_times_that_were_taken() {
        let mut times = Times::default();
        assert_eq!(times.quantile(500), 0.0);
        for millis in (1..=1000).rev() {
            times.add(Duration::from_millis(millis));
        }
        assert_eq!([1, 500, 990, 1000].map(|permille| times.quantile(permille)), [1.0, 500.0, 990.0, 1000.0]);
    }
}

//! A mean and how sure it is, from runs that know nothing of each other.

use serde::Serialize;

/// Runs of one estimate. Their means are close to normal, for each is of hundreds of jobs or more.
pub const RUNS: usize = 20;

/// Student's t for 19 degrees of freedom, 99 % between both signs.
const T_99: f64 = 2.860_934_6;

/// A mean with its interval of 99 % confidence.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Interval {
    pub mean: f64,
    pub from: f64,
    pub to: f64,
}

impl Interval {
    /// From the means of [`RUNS`] runs of the same length.
    pub fn of_runs(means: &[f64; RUNS]) -> Interval {
        let count = RUNS as f64;
        let mean = means.iter().sum::<f64>() / count;
        let square = means.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / (count - 1.0);
        let half = T_99 * (square / count).sqrt();
        Interval { mean, from: mean - half, to: mean + half }
    }

    pub fn holds(&self, value: f64) -> bool {
        self.from <= value && value <= self.to
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Luck;
    use crate::random::Purpose;
    use mukae_units::Span;

    #[test]
    fn the_interval_is_that_of_students_t() {
        let mut means = [1.0; RUNS];
        means.iter_mut().step_by(2).for_each(|mean| *mean = 3.0);
        let found = Interval::of_runs(&means);
        // deviation sqrt(20/19), of the mean sqrt(1/19), times t
        let half = 2.860_934_6 * (1.0f64 / 19.0).sqrt();
        assert!((found.mean - 2.0).abs() < 1e-12 && (found.to - 2.0 - half).abs() < 1e-9, "{found:?}");
        assert!(found.holds(2.0) && found.holds(found.from) && !found.holds(2.0 + half + 1e-6));
    }

    /// Of a thousand intervals about ten miss; with these draws it is known how many.
    #[test]
    fn about_one_in_a_hundred_intervals_misses() {
        let mut misses = 0;
        for trial in 0..1000u64 {
            let mut means = [0.0; RUNS];
            for (run, mean) in means.iter_mut().enumerate() {
                let draw = Luck::new(1).draw(trial, Purpose::Service, run as u32);
                *mean = draw.normal(Span::ZERO, Span::MINUTE).as_millis() as f64;
            }
            misses += u32::from(!Interval::of_runs(&means).holds(0.0));
        }
        assert!((3..=20).contains(&misses), "{misses} of 1000");
    }
}

//! How far a batch is: a bar for people, lines of JSON for programs.
//!
//! A line is an object: `jobs`, `jobs_done`, `share` of all the work in thousandths, and `left_s`, seconds that are left
//! if it goes on like that, once that can be told.

use std::io::Write;
use std::time::{Duration, Instant};

use clap::ValueEnum;
use indicatif::ProgressBar;
use mukae_sim::batch::Told;
use serde_json::{Value, json};

use crate::progress;

/// Between two lines, but for the last.
const EVERY: Duration = Duration::from_millis(300);
/// The first seconds say little of the rest.
const BEFORE_A_GUESS: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub(super) enum Form {
    /// A bar, and what came of it in words
    #[default]
    Bar,
    /// A line of JSON now and then, and no other words on the standard output
    Json,
}

pub(super) struct Telling {
    bar: ProgressBar,
    lines: Option<Lines>,
}

/// What lines are made of.
struct Lines {
    jobs: usize,
    /// Thousandths by job.
    shares: Vec<u32>,
    done: usize,
    found: usize,
    since: Instant,
    said: Option<Instant>,
}

impl Telling {
    /// Of so many jobs.
    pub(super) fn new(form: Form, jobs: usize) -> Telling {
        let lines = Lines { jobs, shares: vec![0; jobs], done: 0, found: 0, since: Instant::now(), said: None };
        match form {
            Form::Bar => Telling { bar: progress::bar(jobs as u64, "jobs"), lines: None },
            Form::Json => Telling { bar: ProgressBar::hidden(), lines: Some(lines) },
        }
    }

    pub(super) fn tell(&mut self, told: Told) {
        if !matches!(told, Told::UnderWay { .. }) {
            self.bar.inc(1);
        }
        let Some(lines) = &mut self.lines else { return };
        lines.take(told);
        let is_due = lines.said.is_none_or(|said| EVERY <= said.elapsed());
        if is_due || lines.done == lines.jobs {
            lines.said = Some(Instant::now());
            put(&lines.line());
        }
    }

    pub(super) fn finish(self) {
        self.bar.finish_and_clear();
    }
}

impl Lines {
    fn take(&mut self, told: Told) {
        match told {
            Told::UnderWay { nth, share } => self.shares[nth] = share,
            Told::Simulated { nth } | Told::Found { nth } => {
                self.shares[nth] = 1000;
                self.done += 1;
                self.found += usize::from(matches!(told, Told::Found { .. }));
            }
        }
    }

    fn line(&self) -> Value {
        let whole = self.jobs as u64 * 1000;
        let passed: u64 = self.shares.iter().map(|share| u64::from(*share)).sum();
        let (own, elapsed) = (passed - self.found as u64 * 1000, self.since.elapsed());
        let left = whole - passed;
        let is_guess = 0 < own && BEFORE_A_GUESS <= elapsed;
        let left_s = is_guess.then(|| (elapsed.as_secs_f64() * left as f64 / own as f64).ceil() as u64);
        json!({ "jobs": self.jobs, "jobs_done": self.done, "share": passed * 1000 / whole.max(1), "left_s": left_s })
    }
}

/// Whoever reads may have gone.
fn put(line: &Value) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up_and_found_results_are_no_speed() {
        let since = Instant::now().checked_sub(Duration::from_secs(10)).unwrap();
        let mut lines = Lines { jobs: 4, shares: vec![0; 4], done: 0, found: 0, since, said: None };
        lines.take(Told::Found { nth: 0 });
        assert_eq!(lines.line(), json!({ "jobs": 4, "jobs_done": 1, "share": 250, "left_s": null }));
        lines.take(Told::UnderWay { nth: 2, share: 500 });
        let line = lines.line();
        assert_eq!((&line["share"], &line["jobs_done"]), (&375.into(), &1.into()));
        // half a job in ten seconds, and two and a half are left
        assert!((50..=60).contains(&line["left_s"].as_u64().unwrap()), "{line}");
        (1..4).for_each(|nth| lines.take(Told::Simulated { nth }));
        let line = lines.line();
        assert_eq!((&line["share"], &line["left_s"]), (&1000.into(), &0.into()));
    }
}

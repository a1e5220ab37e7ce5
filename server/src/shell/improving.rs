//! Better plans in spare time: looked for beside the area's task, which only draws the question and judges the answer.
//!
//! The longer nothing changes, the longer a search may take: so what was booked for tomorrow is planned best by night.

use std::time::{Duration, Instant};

use mukae_engine::improve::{DONE, Search};
use mukae_engine::{Drawing, Order};
use mukae_maps::RoadQuery;

/// Without a call for so long, a search may begin.
pub const PAUSE: Duration = Duration::from_millis(50);
/// How many times as long as the first each search may take, until something changes.
const ROUNDS: [u32; 3] = [1, 5, 25];

/// What is asked of a search.
#[derive(Debug)]
pub struct Question {
    pub drawing: Drawing,
    pub roads: RoadQuery,
    pub seed: u64,
    pub budget: Duration,
}

impl Question {
    /// Other orders, none if nothing better was found in time; `None` once nobody waits for them.
    pub fn answer(mut self, is_awaited: &dyn Fn() -> bool) -> Option<Vec<Order>> {
        let begun = Instant::now();
        let Some((problem, plan)) = self.drawing.problem(None, &mut self.roads) else { return Some(Vec::new()) };
        let mut search = Search::from(&problem, plan, self.seed);
        let budget = self.budget.as_micros().max(1);
        loop {
            let spent = begun.elapsed().as_micros();
            if budget <= spent {
                return Some(self.drawing.orders(search.best()));
            }
            if !is_awaited() {
                return None;
            }
            search.step((spent * u128::from(DONE) / budget) as u32);
        }
    }
}

/// Which search comes next.
#[derive(Debug)]
pub struct Rounds {
    next: usize,
    /// Something was recorded since the last question.
    is_due: bool,
    /// A plan was changed since then: its answer is of no use.
    is_stale: bool,
    /// The schedules it was about.
    seen: Option<u64>,
}

impl Rounds {
    pub fn new() -> Rounds {
        Rounds { next: 0, is_due: true, is_stale: false, seen: None }
    }

    pub fn note_record(&mut self, changes_a_plan: bool) {
        self.is_due = true;
        self.is_stale |= changes_a_plan;
    }

    pub fn is_due(&self) -> bool {
        self.is_due
    }

    /// True once after a change.
    pub fn take_stale(&mut self) -> bool {
        std::mem::take(&mut self.is_stale)
    }

    /// How long the next search may take if the schedules are these; `None` if they have been searched enough.
    pub fn begin(&mut self, schedules: u64, shortest: Duration) -> Option<Duration> {
        if self.seen.replace(schedules) != Some(schedules) {
            self.next = 0;
        }
        let Some(times) = ROUNDS.get(self.next) else {
            self.is_due = false;
            return None;
        };
        self.next += 1;
        Some(shortest * *times)
    }

    /// Nothing is there to be searched.
    pub fn rest(&mut self) {
        self.is_due = false;
    }
}

impl Default for Rounds {
    fn default() -> Rounds {
        Rounds::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn searches_grow_longer_until_something_changes() {
        let (mut rounds, second) = (Rounds::new(), Duration::from_secs(1));
        assert_eq!(rounds.begin(1, second), Some(second));
        assert_eq!(rounds.begin(1, second), Some(second * 5));
        assert_eq!(rounds.begin(1, second), Some(second * 25));
        assert!(rounds.is_due());
        assert_eq!(rounds.begin(1, second), None);
        assert!(!rounds.is_due(), "until something is recorded");
        rounds.note_record(false);
        assert!(rounds.is_due() && !rounds.take_stale());
        assert_eq!(rounds.begin(1, second), None, "what was recorded changed no schedule");
        rounds.note_record(true);
        assert!(rounds.take_stale() && !rounds.take_stale());
        assert_eq!(rounds.begin(2, second), Some(second));
    }
}

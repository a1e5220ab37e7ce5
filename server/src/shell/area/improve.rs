//! What the area has to do with better plans: to ask, and to judge what was found.

use std::time::Duration;

use mukae_engine::{Answer, Command, Drawing, Order};

use super::{Area, ours};
use crate::shell::improving::Question;

impl Area {
    /// True if a search may find something.
    pub fn may_improve(&self) -> bool {
        !self.config.area.improve.is_off() && self.searches.is_due()
    }

    /// True once after a plan was changed: a search that is under way is of no use.
    pub fn has_new_plan(&mut self) -> bool {
        self.searches.take_stale()
    }

    /// What to search next, if anything.
    pub fn question(&mut self) -> Option<Question> {
        self.write_down();
        let state = self.scribe.state();
        let revisions = state.schedules.values().map(|schedule| (u64::from(schedule.shift.id.0), schedule.revision));
        let mix = |sum: u64, (shift, revision): (u64, u64)| {
            (sum ^ shift).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29) ^ revision
        };
        let schedules = revisions.fold(0, mix);
        let shortest = Duration::from_millis(self.config.area.improve.spare_time.as_millis().unsigned_abs());
        let budget = self.searches.begin(schedules, shortest)?;
        // where there are too many, around one shift after the other
        let sequence = self.scribe.next_sequence();
        let count = state.schedules.len().max(1) as u64;
        let anchor = state.schedules.keys().nth((sequence % count) as usize).copied();
        let Some(drawing) = Drawing::of(state, self.now(), anchor, &mut self.roads) else {
            self.searches.rest();
            return None;
        };
        Some(Question { drawing, roads: self.road_service.query(), seed: sequence, budget })
    }

    /// Takes better orders up, if they still are.
    pub fn adopt(&mut self, orders: Vec<Order>) {
        self.advance();
        let shifts = orders.len();
        match self.take(&ours("improve"), Command::AdoptPlan { orders }).map(|written| written.answer) {
            Ok(Answer::Adopted { saved }) => {
                let yen = saved / 60_000;
                tracing::info!(shifts, yen, "a better plan");
            }
            Ok(answer) => tracing::debug!(shifts, "what was found is no better plan: {answer:?}"),
            Err(fault) => tracing::warn!("a better plan: {fault:?}"),
        }
    }
}

//! Better plans between two things that happen, as a live area looks for them in spare time.

use mukae_engine::improve::{DONE, Search};
use mukae_engine::{Command, Drawing};
use mukae_units::ShiftId;

use super::Simulation;
use crate::random::{Luck, Purpose};

impl Simulation<'_> {
    /// After a change of this shift's plan. What is found is told like anything else, and may be rejected like it: drawings
    /// simplify.
    pub(super) fn improve(&mut self, anchor: ShiftId) {
        let steps = self.setup.effort.improve_steps;
        let state = self.scribe.state();
        let Some(drawing) = Drawing::of(state, self.now, Some(anchor), self.work.roads) else { return };
        let Some((problem, plan)) = drawing.problem(None, self.work.roads) else { return };
        let luck = Luck::new(self.setup.behaviour.seed);
        let seed = luck.draw(self.scribe.next_sequence(), Purpose::Improvement, 0).bits();
        let mut search = Search::from(&problem, plan, seed);
        (0..steps).for_each(|step| search.step((u64::from(step) * u64::from(DONE) / u64::from(steps)) as u32));
        let orders = drawing.orders(search.best());
        if !orders.is_empty() {
            self.take(self.now, Command::AdoptPlan { orders });
        }
    }
}

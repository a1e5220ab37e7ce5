//! Better plans between two things that happen, as a live area looks for them in spare time.

use mukae_engine::improve::{DONE, Search};
use mukae_engine::{Command, Drawing, Order, State};
use mukae_maps::TravelTimes;
use mukae_units::{ShiftId, Time};

use super::Simulation;
use crate::random::{Luck, Purpose};

/// Better orders for the stops around a shift, looked for in so many steps of a search with a seed; none if none are found.
pub(crate) fn better_orders(
    state: &State,
    now: Time,
    anchor: Option<ShiftId>,
    roads: &mut dyn TravelTimes,
    (steps, seed): (u32, u64),
) -> Vec<Order> {
    let Some(drawing) = Drawing::of(state, now, anchor, roads) else { return Vec::new() };
    let Some((problem, plan)) = drawing.problem(None, roads) else { return Vec::new() };
    let mut search = Search::from(&problem, plan, seed);
    (0..steps).for_each(|step| search.step((u64::from(step) * u64::from(DONE) / u64::from(steps)) as u32));
    drawing.orders(search.best())
}

impl Simulation<'_> {
    /// After a change of this shift's plan. What is found is told like anything else, and may be rejected like it: drawings
    /// simplify.
    pub(super) fn improve(&mut self, anchor: ShiftId) {
        let luck = Luck::new(self.setup.behaviour.seed);
        let seed = luck.draw(self.scribe.next_sequence(), Purpose::Improvement, 0).bits();
        let effort = (self.setup.effort.improve_steps, seed);
        let orders = better_orders(self.scribe.state(), self.now, Some(anchor), self.work.roads, effort);
        if !orders.is_empty() {
            self.take(self.now, Command::AdoptPlan { orders });
        }
    }
}

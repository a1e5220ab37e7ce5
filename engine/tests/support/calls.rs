//! Calls of on-call drivers, noted by somebody else: no schedule has a driver leave before the notice is over.

use std::collections::BTreeMap;

use mukae_engine::State;
use mukae_engine::model::ShiftState;
use mukae_units::{ShiftId, Time};

#[derive(Clone, Default, Debug)]
pub struct Calls {
    /// From when a driver who was called and has not signed on can leave.
    leave: BTreeMap<ShiftId, Time>,
    pub called: usize,
    /// Called and then not needed.
    pub sent_back: usize,
}

impl Calls {
    /// Looks at a state that was reached at `now`.
    pub fn note(&mut self, state: &State, now: Time) {
        for schedule in state.schedules.values() {
            let shift = schedule.shift.id;
            let Some(on_call) = schedule.shift.on_call.filter(|_| schedule.state == ShiftState::Planned) else {
                self.leave.remove(&shift);
                continue;
            };
            if schedule.stops().is_empty() {
                self.sent_back += usize::from(self.leave.remove(&shift).is_some());
                continue;
            }
            let leaves = *self.leave.entry(shift).or_insert_with(|| {
                self.called += 1;
                now + on_call.notice
            });
            let departure = schedule.timeline(now).stops[0].departure;
            assert!(leaves <= departure, "{shift} can leave at {leaves:?} and is planned to at {departure:?}");
        }
    }
}

//! When drivers on call were called, in notes of the audit's own: nobody is to leave before the notice is over.

use std::collections::BTreeMap;

use mukae_engine::model::ShiftState;
use mukae_engine::schedule::Schedule;
use mukae_units::{ShiftId, Time};

use super::Wrong;

#[derive(Clone, Debug, Default)]
pub(super) struct Calls {
    called: BTreeMap<ShiftId, Time>,
}

impl Calls {
    /// Looks at a schedule after a change.
    pub fn fault(&mut self, schedule: &Schedule, at: Time) -> Option<Wrong> {
        let (shift, on_call) = (schedule.shift.id, schedule.shift.on_call?);
        let is_waiting = schedule.state == ShiftState::Planned;
        let Some(first) = schedule.timeline(at).stops.first().copied().filter(|_| is_waiting) else {
            self.called.remove(&shift);
            return None;
        };
        let (departure, called) = (first.departure, *self.called.entry(shift).or_insert(at));
        (departure < called + on_call.notice).then_some(Wrong::NoticeTooShort { shift, departure, called })
    }
}

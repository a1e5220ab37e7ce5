//! The one door to the engine.

use std::collections::BTreeMap;

use mukae_units::Time;

use crate::fleet::Changes;
use crate::insertion::{Demand, FleetView, Insertion, best_insertion};
use crate::work::Work;
use crate::{Command, Decision, Event, State, apply, decide};

/// Dispatches one area.
#[derive(Clone, Debug, Default)]
pub struct Dispatcher {
    state: State,
    /// Not part of what it is: follows from how it came to be so.
    changes: Changes,
}

/// Two dispatchers are one if their states are.
impl PartialEq for Dispatcher {
    fn eq(&self, other: &Dispatcher) -> bool {
        self.state == other.state
    }
}

impl Eq for Dispatcher {}

impl Dispatcher {
    /// Takes up a state where it was left.
    pub fn from_state(state: State) -> Dispatcher {
        Dispatcher { state, changes: Changes::default() }
    }

    pub fn state(&self) -> &State {
        &self.state
    }

    /// Chooses; changes nothing. A refusal is an event and an answer, not an error. A decision
    /// without events leaves nothing to record. `now` must not be before [`State::clock`].
    pub fn decide(&self, now: Time, command: &Command, work: &mut Work<'_>) -> Decision {
        assert!(self.state.clock <= now, "time went back from {:?} to {now:?}", self.state.clock);
        decide::decide(&self.state, &self.changes, now, command, work)
    }

    /// The cheapest allowed insertion of a demand as things stand, as every decision finds it; `None` if there is none,
    /// or no policy yet.
    pub fn best_insertion(&self, now: Time, demand: &Demand, work: &mut Work<'_>) -> Option<Insertion> {
        let fleet = FleetView { state: &self.state, changes: &self.changes, changed: &BTreeMap::new() };
        best_insertion(now, demand, self.state.policy.as_ref()?, fleet, work)
    }

    /// Records a fact. Cannot fail and asks nobody anything; an event that does not fit the state
    /// it meets was not decided on it, and panics.
    pub fn apply(&mut self, event: &Event) {
        apply::apply(&mut self.state, event, &mut self.changes);
    }

    /// When to say [`Command::AdvanceClock`] if nothing happens first. Said then or later, it always
    /// has something to record, so that the next wakeup is another one.
    pub fn wakeup(&self) -> Option<Time> {
        decide::wakeup(&self.state)
    }
}

//! The one door to the engine.

use mukae_units::Time;

use crate::work::Work;
use crate::{Command, Decision, Event, Probe, ProbeAnswer, State, apply, decide, probe};

/// Dispatches one area.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Dispatcher {
    state: State,
}

impl Dispatcher {
    /// Takes up a state where it was left.
    pub fn from_state(state: State) -> Dispatcher {
        Dispatcher { state }
    }

    pub fn state(&self) -> &State {
        &self.state
    }

    /// Chooses; changes nothing. A refusal is an event and an answer, not an error. A decision
    /// without events leaves nothing to record. `now` must not be before [`State::clock`].
    pub fn decide(&self, now: Time, command: &Command, work: &mut Work<'_>) -> Decision {
        assert!(self.state.clock <= now, "time went back from {:?} to {now:?}", self.state.clock);
        decide::decide(&self.state, now, command, work)
    }

    /// Answers many rides somebody might ask for, as quotes would; see [`Probe`].
    pub fn probe(&self, now: Time, probes: &[Probe], work: &mut Work<'_>) -> Vec<ProbeAnswer> {
        assert!(self.state.clock <= now, "time went back from {:?} to {now:?}", self.state.clock);
        probe::probe(&self.state, now, probes, work)
    }

    /// Records a fact. Cannot fail and asks nobody anything; an event that does not fit the state
    /// it meets was not decided on it, and panics.
    pub fn apply(&mut self, event: &Event) {
        apply::apply(&mut self.state, event);
    }

    /// When to say [`Command::AdvanceClock`] if nothing happens first. Said then or later, it always
    /// has something to record, so that the next wakeup is another one.
    pub fn wakeup(&self) -> Option<Time> {
        decide::wakeup(&self.state)
    }
}

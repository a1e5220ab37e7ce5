//! The one door to the engine.

use mukae_units::{ShiftId, Span, Time, VehicleId};

use crate::agenda::Agenda;
use crate::fleet::{Changes, Drafted};
use crate::insertion::{Demand, FleetView, Insertion, best_insertion};
use crate::work::Work;
use crate::{
    Command, Decision, Event, Probe, ProbeAnswer, Prober, Rejection, Standing, State, Subject, Suggestions, decide,
    probe,
};

/// Dispatches one area.
#[derive(Clone, Debug, Default)]
pub struct Dispatcher {
    state: State,
    beside: Beside,
}

/// Kept beside the state and no part of it: follows from what it is, or from how it came to be so.
#[derive(Clone, Debug, Default)]
pub(crate) struct Beside {
    pub changes: Changes,
    pub agenda: Agenda,
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
        Dispatcher { beside: Beside { changes: Changes::default(), agenda: Agenda::of(&state) }, state }
    }

    pub fn state(&self) -> &State {
        &self.state
    }

    /// Chooses; changes nothing. A refusal is an event and an answer, not an error. A decision
    /// without events leaves nothing to record. `now` must not be before [`State::clock`].
    pub fn decide(&self, now: Time, command: &Command, work: &mut Work<'_>) -> Decision {
        assert!(self.state.clock <= now, "time went back from {:?} to {now:?}", self.state.clock);
        decide::decide(&self.state, &self.beside, now, command, work)
    }

    /// The cheapest allowed insertion of a demand as things stand, as every decision finds it; `None` if there is none,
    /// or no policy yet.
    pub fn best_insertion(&self, now: Time, demand: &Demand, work: &mut Work<'_>) -> Option<Insertion> {
        let fleet = FleetView::unchanged(&self.state, &self.beside.changes);
        best_insertion(now, demand, self.state.policy.as_ref()?, fleet, work)
    }

    /// Answers many rides somebody might ask for, as quotes would; see [`Probe`].
    pub fn probe(&self, now: Time, probes: &[Probe], work: &mut Work<'_>) -> Vec<ProbeAnswer> {
        assert!(self.state.clock <= now, "time went back from {:?} to {now:?}", self.state.clock);
        probe::probe(&self.state, &self.beside.changes, now, probes, work)
    }

    /// What answers probes as things stand at `now`, also elsewhere and later.
    pub fn prober(&self, now: Time) -> Prober {
        assert!(self.state.clock <= now, "time went back from {:?} to {now:?}", self.state.clock);
        Prober::of(&self.state, &self.beside.changes, now)
    }

    /// Every shift with its best place for a booking or a request, or why it has none; see [`Suggestions`].
    pub fn suggest(&self, now: Time, subject: Subject<'_>, work: &mut Work<'_>) -> Result<Suggestions, Rejection> {
        assert!(self.state.clock <= now, "time went back from {:?} to {now:?}", self.state.clock);
        decide::suggest(&self.state, &self.beside, now, subject, work)
    }

    /// Where vehicles wait, and for how many requests that are expected each is the nearest; see [`Standing`].
    pub fn standings(&self, now: Time, work: &mut Work<'_>) -> Vec<Standing> {
        Standing::all(&self.state, now, work)
    }

    /// Does in spare time what the next search would begin with: `work` takes up what has changed since its last one.
    /// No answer depends on it.
    pub fn catch_up(&self, now: Time, work: &mut Work<'_>) {
        let changed = (&self.state, &self.beside.changes);
        work.memory.columns.follow(changed, &Drafted::NONE, now.max(self.state.clock), work.roads);
    }

    /// Finds in spare time, for roads that remember it, by which way vehicles are driving that have set out since:
    /// a search that would turn one of them need not look for it. After [`Dispatcher::catch_up`]; no answer depends on it.
    /// At most `count` paths, so that whoever has spare time can look up between; false once none is left.
    pub fn find_paths(&self, count: usize, work: &mut Work<'_>) -> bool {
        let Work { roads, memory, .. } = work;
        (0..count).all(|_| match memory.columns.next_fresh_leg() {
            Some([from, to]) => {
                let _ = roads.decision_point(from, to, Span::ZERO);
                true
            }
            None => false,
        })
    }

    /// Records a fact. Cannot fail and asks nobody anything; an event that does not fit the state
    /// it meets was not decided on it, and panics.
    pub fn apply(&mut self, event: &Event) {
        let Beside { changes, agenda } = &mut self.beside;
        agenda.apply(&mut self.state, event, changes);
    }

    /// When to say [`Command::AdvanceClock`] if nothing happens first. Said then or later, it always
    /// has something to record, so that the next wakeup is another one.
    pub fn wakeup(&self) -> Option<Time> {
        self.beside.agenda.wakeup(&self.state)
    }

    /// The same, worked out from the state alone: the slow twin of [`Dispatcher::wakeup`], for tests.
    pub fn wakeup_from_scratch(&self) -> Option<Time> {
        decide::wakeup(&self.state)
    }

    /// The open shift of a vehicle, if it has one, without a walk over all shifts.
    pub fn open_shift_of(&self, vehicle: VehicleId) -> Option<ShiftId> {
        self.beside.agenda.open_shift_of(vehicle)
    }

    /// True if what is filed by time is what the state says, all of it; for tests.
    pub fn is_filed_right(&self) -> bool {
        self.beside.agenda == Agenda::of(&self.state)
    }
}

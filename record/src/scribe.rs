//! The scribe: decides, writes down, and then lets it happen.
//!
//! The one shell around the dispatcher, the same for the live server, the simulator and recovery.
//! It knows bytes but no disk: whoever owns it appends the record and answers once the log is synced.
//! Answers reflect all that was taken before, so an answer of any kind may leave the house once every
//! record below [`Scribe::next_sequence`], as it was when the answer was made, is durable.

mod answers;
mod divergence;
mod snapshot;

use mukae_engine::{Answer, Command, Decision, Dispatcher, Event, Exogenous, State, Work};
use mukae_units::{Span, Time};

use crate::codec::{DecodeError, FORMAT_VERSION};
use crate::hash::{JournalHash, StateHash};
use crate::origin::{Origin, RequestId};
use crate::record::{Record, Sketch};
use answers::Answers;

pub use divergence::Divergence;

/// An answer is given again for at least this long after it was first given, in the time of records.
pub const ANSWERS_KEPT: Span = Span::from_mins(7 * 24 * 60);

/// One record in this many carries the hash of the state after it, while no more than four times as many offers and
/// bookings are live; of a larger state fewer do, so that hashing it costs a record the same.
pub const STATE_HASH_EVERY: u64 = 1024;
const HASHED_AT_ONCE: u64 = 4 * STATE_HASH_EVERY;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scribe {
    dispatcher: Dispatcher,
    answers: Answers,
    journal_hash: JournalHash,
    next_sequence: u64,
    reads_back: bool,
}

/// What came of a command.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Written {
    pub answer: Answer,
    /// What happened, already applied; empty for a repeat and for what changes nothing.
    pub events: Vec<Event>,
    /// To be appended to the log, in the order taken; `None` exactly if there are no events.
    pub record: Option<Vec<u8>>,
    /// The same request was answered before, and this is that answer.
    pub is_repeat: bool,
}

/// What came of a command before it is written down.
#[derive(Debug)]
#[must_use]
pub enum Decided {
    /// The same request was answered before, and this is that answer.
    Repeat(Answer),
    /// Nothing happened that is worth a record.
    Nothing(Answer),
    Happened(Unwritten),
}

/// What happened, applied and not yet written down.
#[derive(Debug)]
#[must_use]
pub struct Unwritten {
    /// The number its record will have.
    sequence: u64,
    origin: Origin,
    decision: Decision,
}

impl Unwritten {
    pub fn answer(&self) -> &Answer {
        &self.decision.answer
    }

    /// What happened, in order.
    pub fn events(&self) -> &[Event] {
        &self.decision.events
    }

    /// How many records there are with this one.
    pub fn next_sequence(&self) -> u64 {
        self.sequence + 1
    }
}

#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TakeError {
    /// The caller sent something else under this id before.
    #[error("request id {request_id} was used for another request")]
    RequestIdReused { request_id: RequestId },
}

/// Why a log can not be followed any further. Never skipped: the house stays closed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ReplayError {
    #[error("record {sequence} can not be read: {source}")]
    Unreadable { sequence: u64, source: DecodeError },
    #[error("record {sequence} is of {at:?}, before the clock at {clock:?}")]
    TimeWentBack { sequence: u64, at: Time, clock: Time },
    /// The record was applied; this scribe is of no use any more.
    #[error("state after record {sequence} hashes to {found}, its record says {recorded}")]
    StateDiffers { sequence: u64, found: StateHash, recorded: StateHash },
}

impl Scribe {
    /// Before the first record.
    pub fn new() -> Scribe {
        Scribe {
            dispatcher: Dispatcher::default(),
            answers: Answers::new(),
            journal_hash: JournalHash::start(),
            next_sequence: 0,
            reads_back: true,
        }
    }

    /// From now on, no record is read back to see that it can be: for whoever simulates years, of which none is recovered.
    pub fn without_reading_back(self) -> Scribe {
        Scribe { reads_back: false, ..self }
    }

    pub fn dispatcher(&self) -> &Dispatcher {
        &self.dispatcher
    }

    pub fn state(&self) -> &State {
        self.dispatcher.state()
    }

    /// When to take [`Command::AdvanceClock`] if nothing happens first.
    pub fn wakeup(&self) -> Option<Time> {
        self.dispatcher.wakeup()
    }

    /// Decides, writes the record and applies it. A `now` before the state's clock is raised to it.
    ///
    /// A request id seen before gets its first answer and writes nothing; if its content differs it
    /// is refused. A decision without events writes nothing and is not remembered: sent again, it is
    /// decided again.
    pub fn take(
        &mut self,
        now: Time,
        origin: &Origin,
        command: Command,
        work: &mut Work<'_>,
    ) -> Result<Written, TakeError> {
        Ok(match self.decide(now, origin, command, work)? {
            Decided::Repeat(answer) => Written { answer, events: Vec::new(), record: None, is_repeat: true },
            Decided::Nothing(answer) => Written { answer, events: Vec::new(), record: None, is_repeat: false },
            Decided::Happened(unwritten) => self.write(unwritten),
        })
    }

    /// The first half of [`Scribe::take`]: decided and applied. What happened is to be written down by
    /// [`Scribe::write`] before anything else is asked of this scribe.
    pub fn decide(
        &mut self,
        now: Time,
        origin: &Origin,
        command: Command,
        work: &mut Work<'_>,
    ) -> Result<Decided, TakeError> {
        if let Some(answer) = self.answers.recall(origin, Some(&command))? {
            return Ok(Decided::Repeat(answer.clone()));
        }
        let now = now.max(self.state().clock);
        let decision = self.dispatcher.decide(now, &command, work);
        for event in &decision.events {
            self.dispatcher.apply(event);
        }
        if decision.events.is_empty() {
            return Ok(Decided::Nothing(decision.answer));
        }
        let sequence = self.next_sequence;
        Ok(Decided::Happened(Unwritten { sequence, origin: origin.clone(), decision }))
    }

    /// The second half of [`Scribe::take`]: the record, to be appended to the log.
    pub fn write(&mut self, unwritten: Unwritten) -> Written {
        let Unwritten { sequence, origin, decision } = unwritten;
        assert_eq!(sequence, self.next_sequence, "something else was decided before this was written down");
        let state_hash = self.is_state_hash_due().then(|| self.state_hash());
        let sketch = Sketch { origin: &origin, decision: &decision, state_hash };
        let bytes = sketch.to_bytes_of_version(FORMAT_VERSION);
        if self.reads_back {
            sketch.expect_read_back(&bytes);
        }
        self.close(&origin, sketch.exogenous(), &decision.answer, &bytes);
        let Decision { answer, events } = decision;
        Written { answer, events, record: Some(bytes), is_repeat: false }
    }

    /// The first answer to a call that came over the wire, if it was answered: for whoever must know
    /// before it looks at what the first answer may have changed.
    pub fn recall(&self, origin: &Origin) -> Result<Option<Answer>, TakeError> {
        Ok(self.answers.recall(origin, None)?.cloned())
    }

    /// Recovery: applies the next record of the log, and checks the state hash if it carries one.
    ///
    /// Panics, as `apply` does, if a readable record does not fit the state it meets: then it is from
    /// another log, or was not written by us.
    pub fn replay(&mut self, record: &[u8]) -> Result<Record, ReplayError> {
        let sequence = self.next_sequence;
        let bytes = record;
        let (version, record) =
            Record::from_bytes_with_version(bytes).map_err(|source| ReplayError::Unreadable { sequence, source })?;
        let clock = self.state().clock;
        if record.at() < clock {
            return Err(ReplayError::TimeWentBack { sequence, at: record.at(), clock });
        }
        for event in record.clone().into_events() {
            self.dispatcher.apply(&event);
        }
        self.close(&record.origin, &record.exogenous, &record.answer, bytes);
        if let Some(recorded) = record.state_hash {
            let found = StateHash::of_version(version, self.state());
            if found != recorded {
                return Err(ReplayError::StateDiffers { sequence, found, recorded });
            }
        }
        Ok(record)
    }

    /// Decides a record's command again, on the state before it, and compares: the same events, the
    /// same answer, the same bytes. Changes nothing; [`Scribe::replay`] goes on from here.
    pub fn redecide(&self, record: &[u8], work: &mut Work<'_>) -> Result<Record, Divergence> {
        divergence::redecide(&self.dispatcher, record, work)
    }

    pub fn journal_hash(&self) -> JournalHash {
        self.journal_hash
    }

    /// Computed anew each time.
    pub fn state_hash(&self) -> StateHash {
        StateHash::of(self.state())
    }

    /// True if the next record is to carry a hash of the state, which it has changed already.
    fn is_state_hash_due(&self) -> bool {
        let live = (self.state().offers.len() + self.state().bookings.len()) as u64;
        let every = STATE_HASH_EVERY * live.div_ceil(HASHED_AT_ONCE).max(1).next_power_of_two();
        (self.next_sequence + 1).is_multiple_of(every)
    }

    /// How much there is to write for a snapshot: about so many things of about the same size.
    pub fn size(&self) -> usize {
        self.state().offers.len() + self.state().bookings.len() + self.answers.len()
    }

    /// How many records were written; the next one gets this number.
    pub fn next_sequence(&self) -> u64 {
        self.next_sequence
    }

    /// State, answers, hash and sequence, with a version in front and a checksum at the end.
    pub fn snapshot(&self) -> Vec<u8> {
        snapshot::write(self)
    }

    /// Takes up where a snapshot was made; the log goes on at [`Scribe::next_sequence`].
    pub fn from_snapshot(bytes: &[u8]) -> Result<Scribe, DecodeError> {
        snapshot::read(bytes)
    }

    /// All that follows from a record besides the state: live and replayed scribes do the same here.
    fn close(&mut self, origin: &Origin, exogenous: &Exogenous, answer: &Answer, bytes: &[u8]) {
        self.answers.remember(origin, exogenous, answer);
        self.journal_hash = self.journal_hash.after(bytes);
        self.next_sequence += 1;
    }
}

impl Default for Scribe {
    fn default() -> Self {
        Scribe::new()
    }
}

//! Where deciding again does not end where the record says it did.

use mukae_engine::{Answer, Dispatcher, Event, Work};
use mukae_units::Time;

use crate::codec::DecodeError;
use crate::record::{Record, Sketch};

#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Divergence {
    #[error("the record can not be read: {0}")]
    Unreadable(#[from] DecodeError),
    #[error("the record is of {at:?}, before the clock at {clock:?}")]
    TimeWentBack { at: Time, clock: Time },
    /// The first event that differs; `None` where one side has no more.
    #[error("event {index} was {recorded:?}, now it would be {decided:?}")]
    Event { index: usize, recorded: Option<Box<Event>>, decided: Option<Box<Event>> },
    #[error("the answer was {recorded:?}, now it would be {decided:?}")]
    Answer { recorded: Box<Answer>, decided: Box<Answer> },
    /// Equal values, written otherwise: the encoding has a fault.
    #[error("the record would be written in other bytes from byte {at} on")]
    Bytes { at: usize },
}

pub(super) fn redecide(dispatcher: &Dispatcher, bytes: &[u8], work: &mut Work<'_>) -> Result<Record, Divergence> {
    let (version, record) = Record::from_bytes_with_version(bytes)?;
    let (at, clock) = (record.at(), dispatcher.state().clock);
    if at < clock {
        return Err(Divergence::TimeWentBack { at, clock });
    }
    let decision = dispatcher.decide(at, record.command(), work);
    let recorded = record.clone().into_events();
    let count = recorded.len().max(decision.events.len());
    if let Some(index) = (0..count).find(|&index| recorded.get(index) != decision.events.get(index)) {
        let boxed = |event: Option<&Event>| event.cloned().map(Box::new);
        let (recorded, decided) = (boxed(recorded.get(index)), boxed(decision.events.get(index)));
        return Err(Divergence::Event { index, recorded, decided });
    }
    if decision.answer != record.answer {
        return Err(Divergence::Answer { recorded: Box::new(record.answer), decided: Box::new(decision.answer) });
    }
    // The decision's own values are written, so that equality itself is not taken on trust.
    let again = Sketch { origin: &record.origin, decision: &decision, state_hash: record.state_hash };
    let written = again.to_bytes_of_version(version);
    if written != bytes {
        let at = written.iter().zip(bytes).take_while(|(now, then)| now == then).count();
        return Err(Divergence::Bytes { at });
    }
    Ok(record)
}

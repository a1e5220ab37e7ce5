//! A record: all that one accepted command left behind, whole or not at all.

use mukae_engine::{Answer, Command, Decision, Endogenous, Event, Exogenous};
use mukae_units::Time;

use crate::codec::{Decode, DecodeError, Encode, FORMAT_VERSION, Reader, Writer, codec};
use crate::hash::StateHash;
use crate::origin::Origin;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Record {
    pub origin: Origin,
    /// The command and when it was decided.
    pub exogenous: Exogenous,
    /// What was decided on it, in order.
    pub endogenous: Vec<Endogenous>,
    pub answer: Answer,
    /// The state after this record; now and then, to check a replay by.
    pub state_hash: Option<StateHash>,
}

codec! {
    struct Record { origin, exogenous, endogenous, answer, state_hash }
}

impl Record {
    /// `None` if nothing happened that is worth a record.
    pub fn of_decision(origin: Origin, decision: Decision) -> Option<Record> {
        let mut events = decision.events.into_iter();
        let exogenous = match events.next()? {
            Event::Exogenous(exogenous) => exogenous,
            Event::Endogenous(event) => panic!("{event:?} was decided on nothing"),
        };
        let endogenous = events
            .map(|event| match event {
                Event::Endogenous(event) => event,
                Event::Exogenous(event) => panic!("{event:?} is a second command in one decision"),
            })
            .collect();
        Some(Record { origin, exogenous, endogenous, answer: decision.answer, state_hash: None })
    }

    pub fn at(&self) -> Time {
        self.exogenous.at
    }

    pub fn command(&self) -> &Command {
        &self.exogenous.command
    }

    /// In the order to apply them.
    pub fn into_events(self) -> Vec<Event> {
        let mut events = Vec::with_capacity(self.endogenous.len() + 1);
        events.push(Event::Exogenous(self.exogenous));
        events.extend(self.endogenous.into_iter().map(Event::Endogenous));
        events
    }

    /// A version byte and the record.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.to_bytes_of_version(FORMAT_VERSION)
    }

    pub(crate) fn to_bytes_of_version(&self, version: u8) -> Vec<u8> {
        let mut writer = Writer::new(version);
        writer.byte(version);
        self.encode(&mut writer);
        writer.into_bytes()
    }

    pub fn from_bytes(bytes: &[u8]) -> Result<Record, DecodeError> {
        Record::from_bytes_with_version(bytes).map(|(_, record)| record)
    }

    pub(crate) fn from_bytes_with_version(bytes: &[u8]) -> Result<(u8, Record), DecodeError> {
        let mut reader = Reader::versioned(bytes)?;
        let record = Record::decode(&mut reader)?;
        reader.finish()?;
        Ok((reader.version(), record))
    }
}

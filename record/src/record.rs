//! A record: all that one accepted command left behind, whole or not at all.

use mukae_engine::{Answer, Command, Decision, Endogenous, Event, Exogenous};
use mukae_units::Time;

use crate::codec::{Decode, DecodeError, Encode, FORMAT_VERSION, Reader, Writer};
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

/// What a record will say, its events still as they were decided.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sketch<'d> {
    pub origin: &'d Origin,
    pub decision: &'d Decision,
    pub state_hash: Option<StateHash>,
}

impl Sketch<'_> {
    /// The command and when it was decided. Panics if nothing happened: that is no record.
    pub fn exogenous(&self) -> &Exogenous {
        match self.decision.events.first().expect("something happened") {
            Event::Exogenous(exogenous) => exogenous,
            Event::Endogenous(event) => panic!("{event:?} was decided on nothing"),
        }
    }

    /// What [`Record::to_bytes`] gives.
    pub fn to_bytes_of_version(self, version: u8) -> Vec<u8> {
        let decided = self.decision.events[1..].iter().map(|event| match event {
            Event::Endogenous(event) => event,
            Event::Exogenous(event) => panic!("{event:?} is a second command in one decision"),
        });
        versioned(version, |writer| {
            let hash = &self.state_hash;
            write(writer, self.origin, self.exogenous(), decided, &self.decision.answer, hash);
        })
    }

    /// Panics if these bytes are read as anything else.
    pub fn expect_read_back(&self, bytes: &[u8]) {
        let read = Record::from_bytes(bytes);
        let is_same = read.as_ref().is_ok_and(|read| {
            let Record { origin, answer, state_hash, .. } = read;
            (origin, answer, *state_hash) == (self.origin, &self.decision.answer, self.state_hash)
                && read.clone().into_events() == self.decision.events
        });
        assert!(is_same, "a record must be readable: {self:?} became {read:?}");
    }
}

/// The one layout of a record.
fn write<'a>(
    writer: &mut Writer,
    origin: &Origin,
    exogenous: &Exogenous,
    endogenous: impl ExactSizeIterator<Item = &'a Endogenous>,
    answer: &Answer,
    state_hash: &Option<StateHash>,
) {
    origin.encode(writer);
    exogenous.encode(writer);
    writer.varint(endogenous.len() as u64);
    endogenous.for_each(|event| event.encode(writer));
    answer.encode(writer);
    state_hash.encode(writer);
}

fn versioned(version: u8, fill: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut writer = Writer::new(version);
    writer.byte(version);
    fill(&mut writer);
    writer.into_bytes()
}

impl Encode for Record {
    fn encode(&self, writer: &mut Writer) {
        let Record { origin, exogenous, endogenous, answer, state_hash } = self;
        write(writer, origin, exogenous, endogenous.iter(), answer, state_hash);
    }
}

impl Decode for Record {
    fn decode(reader: &mut Reader<'_>) -> Result<Record, DecodeError> {
        Ok(Record {
            origin: Decode::decode(reader)?,
            exogenous: Decode::decode(reader)?,
            endogenous: Decode::decode(reader)?,
            answer: Decode::decode(reader)?,
            state_hash: Decode::decode(reader)?,
        })
    }
}

impl Record {
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
        versioned(FORMAT_VERSION, |writer| self.encode(writer))
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

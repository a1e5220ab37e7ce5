//! Answers already given, so that a request sent twice happens once.
//!
//! A function of the records alone: what a scribe remembers does not depend on whether it wrote the
//! records, read them, or began from a snapshot, nor on what was asked and changed nothing.
//! The bound is in time, [`ANSWERS_KEPT`]; how many fit into it is for admission control to say.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use mukae_engine::{Answer, Command, Exogenous};
use mukae_units::Time;

use super::{ANSWERS_KEPT, TakeError};
use crate::codec::{Decode, DecodeError, Encode, FORMAT_VERSION, Reader, Writer, codec, encode_as};
use crate::origin::{Call, Fingerprint, Origin, Principal};

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Answers {
    by_key: BTreeMap<Key, Arc<Given>>,
    /// The same, oldest first; ends in agreement with `by_key` whatever was done.
    by_time: BTreeSet<(Time, Key)>,
}

/// A principal and a request id, as a hash: the table needs no names, and each entry is as long as the next.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Key(Fingerprint);

#[derive(Clone, PartialEq, Eq, Debug)]
struct Given {
    at: Time,
    content: Content,
    answer: Answer,
}

/// What a repeat is compared by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Content {
    /// What the shell said of the wire request.
    Wire { fingerprint: Fingerprint },
    /// The command's encoding, under the format version it was hashed with: a caller may send again
    /// across an upgrade.
    Command { version: u8, fingerprint: Fingerprint },
}

codec! {
    struct Given { at, content, answer }
}

codec! {
    enum Content {
        0 Wire { fingerprint },
        1 Command { version, fingerprint },
    }
}

impl Answers {
    pub fn new() -> Answers {
        Answers { by_key: BTreeMap::new(), by_time: BTreeSet::new() }
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.by_key.len()
    }

    /// The first answer to this request, if it was answered. A request that came without a
    /// fingerprint is compared by its command, and differs from none.
    pub fn recall(&self, origin: &Origin, command: Option<&Command>) -> Result<Option<&Answer>, TakeError> {
        let Some(call) = &origin.call else { return Ok(None) };
        let Some(given) = self.by_key.get(&Key::new(&origin.principal, call)) else { return Ok(None) };
        let is_same = match given.content {
            Content::Wire { fingerprint } => call.fingerprint == Some(fingerprint),
            Content::Command { version, fingerprint } => {
                command.is_some_and(|command| fingerprint == fingerprint_of(version, command))
            }
        };
        if is_same {
            Ok(Some(&given.answer))
        } else {
            Err(TakeError::RequestIdReused { request_id: call.request_id.clone() })
        }
    }

    /// Notes a record's answer, and drops those that are too old by the time of this record.
    pub fn remember(&mut self, origin: &Origin, exogenous: &Exogenous, answer: &Answer) {
        let at = exogenous.at;
        while let Some(&(given_at, key)) = self.by_time.first().filter(|(given_at, _)| *given_at + ANSWERS_KEPT < at) {
            self.by_time.remove(&(given_at, key));
            self.by_key.remove(&key);
        }
        let Some(call) = &origin.call else { return };
        let content = match call.fingerprint {
            Some(fingerprint) => Content::Wire { fingerprint },
            None => {
                let fingerprint = fingerprint_of(FORMAT_VERSION, &exogenous.command);
                Content::Command { version: FORMAT_VERSION, fingerprint }
            }
        };
        let key = Key::new(&origin.principal, call);
        let given = Arc::new(Given { at, content, answer: answer.clone() });
        // A log written when answers were kept for a shorter time may use an id twice: the last one counts.
        if let Some(before) = self.by_key.insert(key, given) {
            self.by_time.remove(&(before.at, key));
        }
        self.by_time.insert((at, key));
    }
}

impl Key {
    fn new(principal: &Principal, call: &Call) -> Key {
        let mut writer = Writer::new(FORMAT_VERSION);
        principal.encode(&mut writer); // with its length: no two pairs run together alike
        call.request_id.encode(&mut writer);
        Key(Fingerprint::of(writer.as_bytes()))
    }
}

fn fingerprint_of(version: u8, command: &Command) -> Fingerprint {
    Fingerprint::of(&encode_as(version, command))
}

impl Encode for Key {
    fn encode(&self, writer: &mut Writer) {
        self.0.encode(writer);
    }
}

impl Decode for Key {
    fn decode(reader: &mut Reader<'_>) -> Result<Key, DecodeError> {
        Decode::decode(reader).map(Key)
    }
}

impl Encode for Answers {
    fn encode(&self, writer: &mut Writer) {
        self.by_key.encode(writer);
    }
}

impl Decode for Answers {
    fn decode(reader: &mut Reader<'_>) -> Result<Answers, DecodeError> {
        let by_key: BTreeMap<Key, Arc<Given>> = Decode::decode(reader)?;
        let by_time = by_key.iter().map(|(key, given)| (given.at, *key)).collect();
        Ok(Answers { by_key, by_time })
    }
}

//! Who asked, and which of their requests it was.

use std::fmt;

use crate::codec::{Decode, DecodeError, Encode, Reader, Writer, codec};

/// Who asked: an issuer and subject, a service, or ourselves. 1 to 128 bytes; a pseudonym, never a name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Principal(String);

/// A number the caller gave a request, so that it can be sent again. 1 to 64 bytes; unique within
/// its principal.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(String);

/// Text that is empty or too long.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{what} has {length} bytes, 1 to {max} are allowed")]
pub struct BadName {
    pub what: &'static str,
    pub length: usize,
    pub max: usize,
}

/// What a request said, as a hash that its sender's next attempt reproduces.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub [u8; 32]);

/// Where a command came from. Part of its record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Origin {
    pub principal: Principal,
    /// `None` for what nobody would send again: a tick, a position.
    pub call: Option<Call>,
}

/// A request that may be sent again, and then gets its first answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Call {
    pub request_id: RequestId,
    /// A hash of the request as it came over the wire, if the command was not made from the request
    /// alone: from the time of day, say. Without it the command itself is compared.
    pub fingerprint: Option<Fingerprint>,
}

impl Origin {
    /// A command that is not sent again.
    pub fn of(principal: Principal) -> Origin {
        Origin { principal, call: None }
    }

    /// A command that may be sent again; compared by its own content.
    pub fn of_call(principal: Principal, request_id: RequestId) -> Origin {
        Origin { principal, call: Some(Call { request_id, fingerprint: None }) }
    }

    /// A command that may be sent again; compared by the fingerprint of what was sent.
    pub fn of_wire_call(principal: Principal, request_id: RequestId, fingerprint: Fingerprint) -> Origin {
        Origin { principal, call: Some(Call { request_id, fingerprint: Some(fingerprint) }) }
    }
}

impl Principal {
    /// In bytes.
    pub const LENGTH_MAX: usize = 128;

    pub fn new(text: impl Into<String>) -> Result<Principal, BadName> {
        checked(text.into(), "a principal", Principal::LENGTH_MAX).map(Principal)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl RequestId {
    /// In bytes.
    pub const LENGTH_MAX: usize = 64;

    pub fn new(text: impl Into<String>) -> Result<RequestId, BadName> {
        checked(text.into(), "a request id", RequestId::LENGTH_MAX).map(RequestId)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn checked(text: String, what: &'static str, max: usize) -> Result<String, BadName> {
    match text.len() {
        length if 1 <= length && length <= max => Ok(text),
        length => Err(BadName { what, length, max }),
    }
}

codec! {
    struct Origin { principal, call }
    struct Call { request_id, fingerprint }
}

macro_rules! names {
    ($($name:ident)+) => {$(
        impl Encode for $name {
            fn encode(&self, writer: &mut Writer) {
                self.0.encode(writer);
            }
        }

        impl Decode for $name {
            fn decode(reader: &mut Reader<'_>) -> Result<$name, DecodeError> {
                let at = reader.at();
                $name::new(String::decode(reader)?).map_err(|error| reader.invalid(at, stringify!($name), error))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }
    )+};
}

names! { Principal RequestId }

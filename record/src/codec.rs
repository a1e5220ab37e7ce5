//! The encoding of engine values: compact, deterministic, versioned, and one to one.
//!
//! A value has one encoding and an encoding one value: what decodes encodes to the same bytes
//! again. So hashes of bytes are hashes of values, and a damaged record can not pass for another
//! spelling of a good one. Nothing in the bytes names a field; the version at the head of a record
//! or snapshot says which fields follow. Decoding checks what constructors check, never panics, and
//! allocates no more than the input pays for.
//!
//! How to change a type that is encoded here is told in `docs/record-format.md`, "When something changes".

mod error;
mod fields;
mod reader;
mod writer;

mod answer;
mod event;
mod model;
mod primitive;
mod roads;
mod schedule;
mod state;
mod units;

#[cfg(test)]
mod tests;

pub use error::{DecodeError, Fault};
pub(crate) use fields::codec;
pub use reader::Reader;
pub use writer::Writer;

/// What we write. Everything from version 1 up to this one is read.
pub const FORMAT_VERSION: u8 = 1;

/// Writes itself, as the version of the writer wants it.
pub trait Encode {
    fn encode(&self, writer: &mut Writer);
}

/// Reads itself, as the version of the reader wrote it. Every value takes at least one byte.
pub trait Decode: Sized {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError>;
}

/// The bare encoding of one value, without a version in front.
pub fn encode_as<T: Encode>(version: u8, value: &T) -> Vec<u8> {
    let mut writer = Writer::new(version);
    value.encode(&mut writer);
    writer.into_bytes()
}

/// Reads back all of `bytes` as one value.
pub fn decode_as<T: Decode>(version: u8, bytes: &[u8]) -> Result<T, DecodeError> {
    let mut reader = Reader::new(version, bytes);
    let value = T::decode(&mut reader)?;
    reader.finish()?;
    Ok(value)
}

//! Bytes on their way in; they may be anything.

use super::{DecodeError, Fault};

/// Walks over an encoding; the version tells values which of their fields were written.
#[derive(Clone, Debug)]
pub struct Reader<'b> {
    bytes: &'b [u8],
    at: usize,
    version: u8,
}

impl<'b> Reader<'b> {
    pub fn new(version: u8, bytes: &'b [u8]) -> Reader<'b> {
        Reader { bytes, at: 0, version }
    }

    /// Reads the version that `bytes` begin with, and goes on under it.
    pub fn versioned(bytes: &'b [u8]) -> Result<Reader<'b>, DecodeError> {
        let mut reader = Reader::new(0, bytes);
        reader.read_version()?;
        Ok(reader)
    }

    /// Takes the next byte as the version of all that follows.
    pub fn read_version(&mut self) -> Result<(), DecodeError> {
        let at = self.at;
        let found = self.byte()?;
        if !(1..=super::FORMAT_VERSION).contains(&found) {
            return Err(DecodeError { at, fault: Fault::UnknownVersion { found, newest: super::FORMAT_VERSION } });
        }
        self.version = found;
        Ok(())
    }

    pub fn version(&self) -> u8 {
        self.version
    }

    /// How many bytes have been read.
    pub fn at(&self) -> usize {
        self.at
    }

    pub fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    /// An error unless everything was read.
    pub fn finish(&self) -> Result<(), DecodeError> {
        match self.left() {
            0 => Ok(()),
            count => Err(DecodeError { at: self.at, fault: Fault::TrailingBytes { count } }),
        }
    }

    pub fn byte(&mut self) -> Result<u8, DecodeError> {
        let byte = *self.bytes.get(self.at).ok_or(DecodeError { at: self.at, fault: Fault::Ends })?;
        self.at += 1;
        Ok(byte)
    }

    pub fn raw(&mut self, count: usize) -> Result<&'b [u8], DecodeError> {
        if self.left() < count {
            return Err(DecodeError { at: self.at, fault: Fault::Ends });
        }
        let bytes = &self.bytes[self.at..self.at + count];
        self.at += count;
        Ok(bytes)
    }

    pub fn array<const COUNT: usize>(&mut self) -> Result<[u8; COUNT], DecodeError> {
        Ok(self.raw(COUNT)?.try_into().expect("raw returns as many bytes as asked for"))
    }

    /// Only the shortest form is taken: a number has one spelling.
    pub fn varint(&mut self) -> Result<u64, DecodeError> {
        let at = self.at;
        let mut value = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            let fits = bits << shift >> shift == bits;
            let is_padding = byte == 0 && shift > 0;
            if !fits || is_padding {
                break;
            }
            value |= bits << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(DecodeError { at, fault: Fault::BadVarint })
    }

    pub fn zigzag(&mut self) -> Result<i64, DecodeError> {
        let value = self.varint()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    /// How many entries of a list follow; every one of them takes at least a byte, so there can not
    /// be more of them than bytes left.
    pub fn count(&mut self) -> Result<usize, DecodeError> {
        let at = self.at;
        let count = self.varint()?;
        let left = self.left();
        match usize::try_from(count) {
            Ok(count) if count <= left => Ok(count),
            _ => Err(DecodeError { at, fault: Fault::TooMany { count, left } }),
        }
    }

    /// Of a tag that the kind does not have.
    pub fn unknown_tag(&self, at: usize, kind: &'static str, tag: u8) -> DecodeError {
        DecodeError { at, fault: Fault::UnknownTag { kind, tag } }
    }

    /// Of a value whose parts are right and which is wrong as a whole.
    pub fn invalid(&self, at: usize, kind: &'static str, why: impl ToString) -> DecodeError {
        DecodeError { at, fault: Fault::Invalid { kind, why: why.to_string() } }
    }
}

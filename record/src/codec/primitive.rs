//! Numbers, text, and the containers every value is made of.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Decode, DecodeError, Encode, Fault, Reader, Writer};

impl Encode for u8 {
    fn encode(&self, writer: &mut Writer) {
        writer.byte(*self);
    }
}

impl Decode for u8 {
    fn decode(reader: &mut Reader<'_>) -> Result<u8, DecodeError> {
        reader.byte()
    }
}

/// Two bytes, least first: what is 16 bits wide here uses them all.
impl Encode for u16 {
    fn encode(&self, writer: &mut Writer) {
        writer.raw(&self.to_le_bytes());
    }
}

impl Decode for u16 {
    fn decode(reader: &mut Reader<'_>) -> Result<u16, DecodeError> {
        reader.array().map(u16::from_le_bytes)
    }
}

impl Encode for u32 {
    fn encode(&self, writer: &mut Writer) {
        writer.varint(u64::from(*self));
    }
}

impl Decode for u32 {
    fn decode(reader: &mut Reader<'_>) -> Result<u32, DecodeError> {
        let at = reader.at();
        let found = reader.varint()?;
        u32::try_from(found).map_err(|_| DecodeError { at, fault: Fault::OutOfRange { kind: "u32", found } })
    }
}

impl Encode for u64 {
    fn encode(&self, writer: &mut Writer) {
        writer.varint(*self);
    }
}

impl Decode for u64 {
    fn decode(reader: &mut Reader<'_>) -> Result<u64, DecodeError> {
        reader.varint()
    }
}

impl Encode for i64 {
    fn encode(&self, writer: &mut Writer) {
        writer.zigzag(*self);
    }
}

impl Decode for i64 {
    fn decode(reader: &mut Reader<'_>) -> Result<i64, DecodeError> {
        reader.zigzag()
    }
}

impl Encode for bool {
    fn encode(&self, writer: &mut Writer) {
        writer.byte(u8::from(*self));
    }
}

impl Decode for bool {
    fn decode(reader: &mut Reader<'_>) -> Result<bool, DecodeError> {
        let at = reader.at();
        match reader.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            tag => Err(reader.unknown_tag(at, "bool", tag)),
        }
    }
}

impl Encode for str {
    fn encode(&self, writer: &mut Writer) {
        writer.varint(self.len() as u64);
        writer.raw(self.as_bytes());
    }
}

impl Encode for String {
    fn encode(&self, writer: &mut Writer) {
        self.as_str().encode(writer);
    }
}

impl Decode for String {
    fn decode(reader: &mut Reader<'_>) -> Result<String, DecodeError> {
        let at = reader.at();
        let length = reader.count()?;
        let text = std::str::from_utf8(reader.raw(length)?).map_err(|_| DecodeError { at, fault: Fault::NotUtf8 })?;
        Ok(text.to_owned())
    }
}

/// A hash.
impl Encode for [u8; 32] {
    fn encode(&self, writer: &mut Writer) {
        writer.raw(self);
    }
}

impl Decode for [u8; 32] {
    fn decode(reader: &mut Reader<'_>) -> Result<[u8; 32], DecodeError> {
        reader.array()
    }
}

impl<T: Encode> Encode for Option<T> {
    fn encode(&self, writer: &mut Writer) {
        match self {
            None => writer.byte(0),
            Some(value) => {
                writer.byte(1);
                value.encode(writer);
            }
        }
    }
}

impl<T: Decode> Decode for Option<T> {
    fn decode(reader: &mut Reader<'_>) -> Result<Option<T>, DecodeError> {
        let at = reader.at();
        match reader.byte()? {
            0 => Ok(None),
            1 => T::decode(reader).map(Some),
            tag => Err(reader.unknown_tag(at, "Option", tag)),
        }
    }
}

impl<T: Encode, E: Encode> Encode for Result<T, E> {
    fn encode(&self, writer: &mut Writer) {
        match self {
            Ok(value) => {
                writer.byte(0);
                value.encode(writer);
            }
            Err(error) => {
                writer.byte(1);
                error.encode(writer);
            }
        }
    }
}

impl<T: Decode, E: Decode> Decode for Result<T, E> {
    fn decode(reader: &mut Reader<'_>) -> Result<Result<T, E>, DecodeError> {
        let at = reader.at();
        match reader.byte()? {
            0 => T::decode(reader).map(Ok),
            1 => E::decode(reader).map(Err),
            tag => Err(reader.unknown_tag(at, "Result", tag)),
        }
    }
}

impl<T: Encode> Encode for Arc<T> {
    fn encode(&self, writer: &mut Writer) {
        T::encode(self, writer);
    }
}

impl<T: Decode> Decode for Arc<T> {
    fn decode(reader: &mut Reader<'_>) -> Result<Arc<T>, DecodeError> {
        T::decode(reader).map(Arc::new)
    }
}

impl Encode for Arc<[u8]> {
    fn encode(&self, writer: &mut Writer) {
        writer.varint(self.len() as u64);
        writer.raw(self);
    }
}

impl Decode for Arc<[u8]> {
    fn decode(reader: &mut Reader<'_>) -> Result<Arc<[u8]>, DecodeError> {
        Vec::<u8>::decode(reader).map(Arc::from)
    }
}

impl<T: Encode> Encode for Vec<T> {
    fn encode(&self, writer: &mut Writer) {
        writer.varint(self.len() as u64);
        self.iter().for_each(|item| item.encode(writer));
    }
}

impl<T: Decode> Decode for Vec<T> {
    fn decode(reader: &mut Reader<'_>) -> Result<Vec<T>, DecodeError> {
        /// A count is only a claim: room for more entries than this is made as they are read.
        const TRUSTED: usize = 64;
        let count = reader.count()?;
        let mut items = Vec::with_capacity(count.min(TRUSTED));
        for _ in 0..count {
            items.push(T::decode(reader)?);
        }
        Ok(items)
    }
}

impl<K: Encode, V: Encode> Encode for BTreeMap<K, V> {
    fn encode(&self, writer: &mut Writer) {
        writer.varint(self.len() as u64);
        for (key, value) in self {
            key.encode(writer);
            value.encode(writer);
        }
    }
}

impl<K: Decode + Ord, V: Decode> Decode for BTreeMap<K, V> {
    fn decode(reader: &mut Reader<'_>) -> Result<BTreeMap<K, V>, DecodeError> {
        let mut map = BTreeMap::new();
        for _ in 0..reader.count()? {
            let at = reader.at();
            let key = K::decode(reader)?;
            if map.last_key_value().is_some_and(|(last, _)| key <= *last) {
                return Err(DecodeError { at, fault: Fault::UnsortedKeys });
            }
            map.insert(key, V::decode(reader)?);
        }
        Ok(map)
    }
}

impl<T: Encode> Encode for BTreeSet<T> {
    fn encode(&self, writer: &mut Writer) {
        writer.varint(self.len() as u64);
        self.iter().for_each(|item| item.encode(writer));
    }
}

impl<T: Decode + Ord> Decode for BTreeSet<T> {
    fn decode(reader: &mut Reader<'_>) -> Result<BTreeSet<T>, DecodeError> {
        let mut set = BTreeSet::new();
        for _ in 0..reader.count()? {
            let at = reader.at();
            let item = T::decode(reader)?;
            if set.last().is_some_and(|last| item <= *last) {
                return Err(DecodeError { at, fault: Fault::UnsortedKeys });
            }
            set.insert(item);
        }
        Ok(set)
    }
}

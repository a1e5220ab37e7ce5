//! Bytes on their way out.

/// Collects an encoding; the version tells values which of their fields to write.
#[derive(Clone, Debug)]
pub struct Writer {
    bytes: Vec<u8>,
    version: u8,
}

impl Writer {
    /// Enough for most records, so that they are written without growing.
    const CAPACITY: usize = 512;

    pub fn new(version: u8) -> Writer {
        Writer { bytes: Vec::with_capacity(Writer::CAPACITY), version }
    }

    pub fn version(&self) -> u8 {
        self.version
    }

    pub fn byte(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    /// Bytes as they are; the reader must know how many.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Seven bits at a time, least first; the high bit says that more follow.
    pub fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.bytes.push(value as u8);
    }

    /// Small numbers of either sign stay short: 0, -1, 1, -2 become 0, 1, 2, 3.
    pub fn zigzag(&mut self, value: i64) {
        self.varint(((value << 1) ^ (value >> 63)) as u64);
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

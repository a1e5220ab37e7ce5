//! Bytes on their way to the reader of XML, whose lines are counted as they pass.

use std::io::{BufRead, Read, Result};

#[derive(Debug)]
pub(super) struct Lines<R> {
    source: R,
    passed: u64,
}

impl<R> Lines<R> {
    pub fn new(source: R) -> Lines<R> {
        Lines { source, passed: 0 }
    }

    /// The line that comes next, counted from 1.
    pub fn line(&self) -> u64 {
        self.passed + 1
    }
}

impl<R: BufRead> Read for Lines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let count = self.source.read(buffer)?;
        self.passed += breaks(&buffer[..count]);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Lines<R> {
    fn fill_buf(&mut self) -> Result<&[u8]> {
        self.source.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        // what was filled is still there: asking for it again reads nothing
        if let Ok(buffer) = self.source.fill_buf() {
            self.passed += breaks(&buffer[..count.min(buffer.len())]);
        }
        self.source.consume(count);
    }
}

fn breaks(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte == b'\n').count() as u64
}

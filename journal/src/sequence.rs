//! Numbers of the log: a record's place, and an owner's turn.

use std::fmt;

/// A place in the log: the number of records before it.
///
/// Record `n` lies between `Sequence::new(n)` and `Sequence::new(n + 1)`; the first record is number 0.
/// A log that holds `n` records has `n` as its *next* sequence, and a snapshot *at* `n` is what the
/// records before `n` add up to: replay goes on with `read(n)`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sequence(u64);

/// An owner's turn at a shard. A new owner claims a higher one; everything older is then fenced.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epoch(u64);

impl Sequence {
    /// Before the first record.
    pub const START: Sequence = Sequence(0);

    pub const fn new(records_before: u64) -> Sequence {
        Sequence(records_before)
    }

    pub const fn as_u64(self) -> u64 {
        self.0
    }

    /// The place `count` records later.
    pub const fn plus(self, count: u64) -> Sequence {
        Sequence(self.0 + count)
    }
}

impl Epoch {
    /// Nobody has claimed the shard yet. No append is accepted in it.
    pub const NONE: Epoch = Epoch(0);

    pub const fn new(turn: u64) -> Epoch {
        Epoch(turn)
    }

    pub const fn as_u64(self) -> u64 {
        self.0
    }

    pub(crate) const fn following(self) -> Epoch {
        Epoch(self.0 + 1)
    }
}

impl fmt::Debug for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "epoch {}", self.0)
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

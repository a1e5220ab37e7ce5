//! What a run leaves behind.

use mukae_record::{JournalHash, StateHash};
use mukae_units::Time;

use crate::audit::Fault;
use crate::kpi::Kpis;

/// How far a run has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Progress {
    /// The simulated time.
    pub now: Time,
    pub start: Time,
    /// The last ask comes no later; vehicles may still be busy after it.
    pub end: Time,
    pub asked: usize,
    pub asks: usize,
    pub records: u64,
}

impl Progress {
    /// Of the simulated time, in thousandths; what comes after the last ask is the last of them.
    pub fn share(&self) -> u32 {
        let whole = (self.end - self.start).as_millis().max(1);
        let passed = (self.now - self.start).as_millis().clamp(0, whole);
        (i128::from(passed) * 1000 / i128::from(whole)) as u32
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outcome {
    pub kpis: Kpis,
    /// The figures of each page of [`Setup::pages`](super::Setup::pages) alone, and of what came after the last.
    pub pages: Vec<Kpis>,
    /// The same setup gives the same two hashes on every machine.
    pub journal_hash: JournalHash,
    pub state_hash: StateHash,
    pub records: u64,
    /// Simulated time of the last occurrence.
    pub ended_at: Time,
    /// Asks before the start or after the end; they were not made.
    pub asks_outside: usize,
    /// None in a sound run; without an audit only what shows by itself.
    pub faults: Vec<Fault>,
}

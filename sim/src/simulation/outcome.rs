//! What a run leaves behind.

use std::collections::BTreeMap;

use mukae_record::{JournalHash, StateHash};
use mukae_units::Time;

use crate::audit::Fault;
use crate::kpi::{Kpis, Ledger};

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

#[derive(Clone, Debug)]
pub struct Outcome {
    pub kpis: Kpis,
    /// The same by day, by hour and by hamlet.
    pub ledger: Ledger,
    /// The same setup gives the same two hashes on every machine.
    pub journal_hash: JournalHash,
    pub state_hash: StateHash,
    pub records: u64,
    /// Simulated time of the last occurrence.
    pub ended_at: Time,
    /// Asks before the start or after the end; they were not made.
    pub asks_outside: usize,
    /// Of what a journal has: what had no place in this run, because here it came otherwise.
    pub unmet: BTreeMap<&'static str, u64>,
    /// Of a run that begins on the way: what nobody knows of what was under way then, and was taken to be so.
    pub assumed: BTreeMap<&'static str, u64>,
    /// None in a sound run; without an audit only what shows by itself.
    pub faults: Vec<Fault>,
}

/// Ledgers are read off the records, whose hashes are compared.
impl PartialEq for Outcome {
    fn eq(&self, other: &Outcome) -> bool {
        let Outcome {
            kpis,
            ledger: _,
            journal_hash,
            state_hash,
            records,
            ended_at,
            asks_outside,
            unmet,
            assumed,
            faults,
        } = self;
        (kpis, journal_hash, state_hash, records)
            == (&other.kpis, &other.journal_hash, &other.state_hash, &other.records)
            && (ended_at, asks_outside) == (&other.ended_at, &other.asks_outside)
            && (unmet, assumed, faults) == (&other.unmet, &other.assumed, &other.faults)
    }
}

impl Eq for Outcome {}

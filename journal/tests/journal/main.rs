//! The journal on disks that lie, fill up, fail and lose power, and on a real one.
//!
//! One test binary, so that it links once. Longer runs: `MUKAE_JOURNAL_SEEDS=100000 cargo test -p
//! mukae-journal random`; a single seed: `MUKAE_JOURNAL_SEED=17`.

mod conformance;
mod crash;
mod faults;
mod flips;
mod kill;
mod open;
mod os;
mod script;

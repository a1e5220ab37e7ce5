//! The same inputs give the same journal: twice here, and as it was written down, whatever machine, build or number of
//! threads that was.

use super::Finding;
use super::fleetpy::{CASES, Files};

/// The hash of [`journal_hash`], kept with the golden figures of the tests.
pub const GOLDEN: &str = include_str!("../../tests/golden/validate-hash.txt");

/// Of the journal of the first FleetPy case on the excerpt.
pub fn journal_hash() -> String {
    let (_, run) = CASES[0].run(&Files::Excerpt).expect("the excerpt is tested");
    run.journal_hash
}

pub fn check() -> [Finding; 2] {
    let (first, second) = (journal_hash(), journal_hash());
    let finding = |case: &str, expected: String, found: String| {
        Finding::text(case.to_owned(), "hash of the journal", "a run before", expected, found)
    };
    [
        finding("hash, second run", first.clone(), second),
        finding("hash, as written down", GOLDEN.trim().to_owned(), first),
    ]
}

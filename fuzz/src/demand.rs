//! The reader of demand tables in `sim`: what it takes can be written and comes back the same.
//!
//! Used by the fuzz target `demand_csv` and by the test `sim/tests/corpus.rs`.

use jiff::tz::TimeZone;
use mukae_sim::demand::csv::{Strictness, read, write};

/// Bytes given as a table.
pub fn demand_csv(bytes: &[u8]) {
    let strict = read(bytes, Strictness::Strict);
    let table = match read(bytes, Strictness::Lenient) {
        Ok(table) => table,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            assert!(strict.is_err(), "strict reading takes what lenient reading does not: {error}");
            return;
        }
    };
    assert_eq!(strict.is_ok(), table.dropped == 0, "strict reading stops at what lenient reading drops");
    assert!(table.dropped <= table.problems.len());
    table.problems.iter().for_each(|problem| assert!(!problem.to_string().is_empty()));
    let mut text = Vec::new();
    write(&table.rows, &TimeZone::UTC, &mut text).expect("writing to memory");
    let again = read(&text[..], Strictness::Strict).expect("what was written can be read");
    assert_eq!(again.rows.len(), table.rows.len());
    for (row, other) in table.rows.iter().zip(again.rows) {
        let line = row.line;
        assert_eq!(*row, mukae_sim::demand::RequestRow { line, ..other });
    }
}

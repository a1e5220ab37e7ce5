//! Bytes nobody meant: they are refused or they are a value, and nothing else happens.
//!
//! Whatever decodes must encode to the same bytes, so a change that is not noticed is at least a
//! different value, and every hash over it differs.

use std::fmt::Debug;

use mukae_engine::State;
use mukae_record::codec::{Decode, Encode, Fault, decode_as, encode_as};
use mukae_record::{Record, Scribe};

use crate::dice::{Any, Dice};
use crate::town::{morning, random_day};

/// Decodes, and checks that there is one spelling.
fn probe<T: Encode + Decode + Debug>(bytes: &[u8], seed: u64) -> bool {
    match decode_as::<T>(1, bytes) {
        Ok(value) => {
            assert_eq!(encode_as(1, &value), bytes, "seed {seed}: {value:?}");
            true
        }
        Err(error) => {
            assert!(error.at <= bytes.len(), "seed {seed}: {error}");
            assert!(!error.to_string().is_empty());
            false
        }
    }
}

#[test]
fn random_bytes() {
    for seed in 0..20_000 {
        let mut dice = Dice::new(seed);
        // Small bytes are tags and counts that lead somewhere.
        let limit = [4, 20, 256][dice.below(3)];
        let bytes: Vec<u8> = (0..dice.below(200)).map(|_| dice.below(limit) as u8).collect();
        probe::<Record>(&bytes, seed);
        probe::<State>(&bytes, seed);
        let _ = Record::from_bytes(&bytes);
        let _ = Scribe::from_snapshot(&bytes);
    }
}

#[test]
fn truncations() {
    for seed in 0..300 {
        let bytes = encode_as(1, &Record::any(&mut Dice::new(seed)));
        for length in 0..bytes.len() {
            assert!(!probe::<Record>(&bytes[..length], seed), "seed {seed}: {length} of {} bytes", bytes.len());
        }
    }
}

#[test]
fn every_single_byte_changed() {
    for (index, bytes) in morning().log.iter().enumerate() {
        let record = Record::from_bytes(bytes).expect("it was written by us");
        for at in 0..bytes.len() {
            let mut dice = Dice::new((index * 10_000 + at) as u64);
            for flip in [1u8 << dice.below(8), dice.below(255) as u8 + 1] {
                let mut changed = bytes.clone();
                changed[at] ^= flip;
                if let Ok(other) = Record::from_bytes(&changed) {
                    assert_ne!(other, record, "byte {at} of record {index}");
                    assert_eq!(other.to_bytes(), changed, "byte {at} of record {index}");
                }
            }
        }
    }
}

#[test]
fn changed_states() {
    let state = encode_as(1, random_day(7, 150).scribe.state());
    let mut accepted = 0;
    for seed in 0..5_000 {
        let mut dice = Dice::new(seed);
        let mut changed = state.clone();
        match dice.below(3) {
            0 => changed[dice.below(state.len())] ^= 1 << dice.below(8),
            1 => drop(changed.remove(dice.below(state.len()))),
            _ => changed.insert(dice.below(state.len()), dice.next() as u8),
        }
        accepted += usize::from(probe::<State>(&changed, seed));
    }
    assert!(0 < accepted && accepted < 5_000, "{accepted} accepted: some are other states, some are none");
}

#[test]
fn no_bit_of_a_snapshot_may_change() {
    let snapshot = random_day(8, 60).scribe.snapshot();
    for at in 0..snapshot.len() {
        let mut changed = snapshot.clone();
        changed[at] ^= 1 << (at % 8);
        let fault = Scribe::from_snapshot(&changed).expect_err("changed").fault;
        match at {
            0..8 => assert_eq!(fault, Fault::NotASnapshot),
            8 => assert!(matches!(fault, Fault::UnknownVersion { .. })),
            _ => assert_eq!(fault, Fault::WrongChecksum),
        }
        assert!(Scribe::from_snapshot(&snapshot[..at]).is_err());
    }
}

//! The record drawn in `docs/record-format.md` is one we write.

use mukae_engine::{Answer, Command, Exogenous};
use mukae_record::Record;
use mukae_units::{ShiftId, Span, StopId, Time};

use crate::town::caller;

#[test]
fn the_documented_example_is_a_record() {
    let doc = include_str!("../../../docs/record-format.md");
    let (_, example) = doc.split_once("```text example\n").expect("there is an example");
    let (example, _) = example.split_once("```").expect("it ends");
    let byte = |word: &str| u8::from_str_radix(word, 16).ok().filter(|_| word.len() == 2);
    let bytes: Vec<u8> = example.lines().flat_map(|line| line.split_whitespace().map_while(byte)).collect();

    let at = Time::from_unix_secs(1_789_948_800) + Span::HOUR * 7;
    let command = Command::Depart { shift: ShiftId(1), stop: StopId(1), at };
    let record = Record {
        origin: caller("desk", "15"),
        exogenous: Exogenous { at, command },
        endogenous: Vec::new(),
        answer: Answer::Noted,
        state_hash: None,
    };
    assert_eq!(Record::from_bytes(&bytes).as_ref(), Ok(&record));
    assert_eq!(record.to_bytes(), bytes);
}

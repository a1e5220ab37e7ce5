//! The same records, the same scribe: from the first one, from a snapshot, or live.

use std::collections::BTreeSet;

use mukae_engine::model::Wish;
use mukae_engine::{Answer, Command, Endogenous, Rejection, Work};
use mukae_record::codec::encode_as;
use mukae_record::{Divergence, Record, ReplayError, STATE_HASH_EVERY, Scribe};
use mukae_units::{Seats, Span, VehicleId};

use crate::dice::{Any, Dice};
use crate::town::{Town, at, caller, morning, random_day, request, roads, window};

fn replayed(log: &[Vec<u8>]) -> Scribe {
    let mut scribe = Scribe::new();
    for record in log {
        scribe.replay(record).expect("it was written by us");
    }
    scribe
}

fn assert_same(one: &Scribe, other: &Scribe) {
    assert_eq!(one, other);
    assert_eq!(one.state_hash(), other.state_hash());
    assert_eq!(one.journal_hash(), other.journal_hash());
    assert_eq!(one.snapshot(), other.snapshot());
}

#[test]
fn replay_adds_up_to_the_same() {
    let town = morning();
    assert!(town.log.len() > 40, "{} records", town.log.len());
    assert_same(&replayed(&town.log), &town.scribe);
    for seed in 0..12 {
        let town = random_day(seed, 400);
        assert_same(&replayed(&town.log), &town.scribe);
    }
}

/// The random days are worth their name: between them, everything that can happen does.
#[test]
fn random_days_meet_every_event() {
    let mut met = BTreeSet::new();
    for seed in 0..600 {
        for bytes in random_day(seed, 400).log {
            let record = Record::from_bytes(&bytes).expect("ours");
            met.insert(("command", encode_as(1, record.command())[0]));
            met.insert(("answer", encode_as(1, &record.answer)[0]));
            met.extend(record.endogenous.iter().map(|event| ("event", encode_as(1, event)[0])));
        }
    }
    let dice = &mut Dice::new(0);
    let mut all = BTreeSet::new();
    all.extend(Answer::each(dice).iter().map(|answer| ("answer", encode_as(1, answer)[0])));
    all.extend(Command::each(dice).iter().map(|command| ("command", encode_as(1, command)[0])));
    all.extend(Endogenous::each(dice).iter().map(|event| ("event", encode_as(1, event)[0])));
    let rejected = Answer::Rejected(Rejection::NoPolicy);
    all.remove(&("answer", encode_as(1, &rejected)[0])); // it leaves no record
    let missing: Vec<_> = all.difference(&met).collect();
    assert!(missing.is_empty(), "never met: {missing:?}");
}

#[test]
fn a_snapshot_stands_for_the_records_before_it() {
    for seed in 0..6 {
        let town = random_day(seed, 200);
        let cut = Dice::new(seed).below(town.log.len());
        let before = replayed(&town.log[..cut]);
        let mut scribe = Scribe::from_snapshot(&before.snapshot()).expect("it was written by us");
        assert_same(&scribe, &before);
        assert_eq!(scribe.next_sequence(), cut as u64);
        for record in &town.log[cut..] {
            scribe.replay(record).expect("it was written by us");
        }
        assert_same(&scribe, &town.scribe);
    }
    assert_same(&Scribe::from_snapshot(&Scribe::new().snapshot()).expect("empty is a state"), &Scribe::new());
}

#[test]
fn deciding_again_finds_nothing_new() {
    for town in [morning(), random_day(20, 400), random_day(21, 400)] {
        let mut scribe = Scribe::new();
        let mut roads = roads();
        for bytes in &town.log {
            let again = scribe.redecide(bytes, &mut Work::new(&mut roads)).expect("the same roads decide alike");
            assert_eq!(scribe.replay(bytes), Ok(again));
        }
        assert_same(&scribe, &town.scribe);
    }
}

#[test]
fn deciding_again_finds_what_was_tampered_with() {
    let town = morning();
    let mut scribe = Scribe::new();
    let mut roads = roads();
    let mut found = (0, 0);
    for bytes in &town.log {
        let record = Record::from_bytes(bytes).expect("it was written by us");
        let mut check = |change: &dyn Fn(&mut Record)| {
            let mut tampered = record.clone();
            change(&mut tampered);
            scribe.redecide(&tampered.to_bytes(), &mut Work::new(&mut roads)).expect_err("it was changed")
        };
        if !record.endogenous.is_empty() {
            let divergence = check(&|record| drop(record.endogenous.pop()));
            assert!(matches!(divergence, Divergence::Event { recorded: None, decided: Some(_), .. }), "{divergence}");
            found.0 += 1;
        }
        if record.answer == Answer::Noted {
            let rejected = Answer::Rejected(mukae_engine::Rejection::OffRoad);
            let divergence = check(&|record| record.answer = rejected.clone());
            assert!(matches!(divergence, Divergence::Answer { .. }), "{divergence}");
            found.1 += 1;
        }
        if 0 < scribe.next_sequence() {
            let divergence = check(&|record| record.exogenous.at = at(0, 0));
            assert!(matches!(divergence, Divergence::TimeWentBack { .. }), "{divergence}");
        }
        let divergence = scribe.redecide(&bytes[1..], &mut Work::new(&mut roads)).expect_err("it was cut");
        assert!(matches!(divergence, Divergence::Unreadable(_)), "{divergence}");
        scribe.replay(bytes).expect("it was written by us");
    }
    assert!(found.0 > 10 && found.1 > 10, "{found:?}");
}

/// One record in 1,024 carries a hash of the state, and a log that was changed before it is not followed.
#[test]
fn state_hashes_are_written_and_checked() {
    let mut town = Town::with_vehicles(1);
    let [_, policy, _] = crate::town::settings();
    while town.log.len() as u64 <= STATE_HASH_EVERY * 2 {
        town.tell(at(7, 0), policy.clone());
    }
    let hashed: Vec<usize> = (0..town.log.len())
        .filter(|&index| Record::from_bytes(&town.log[index]).expect("ours").state_hash.is_some())
        .collect();
    assert_eq!(hashed, [STATE_HASH_EVERY as usize - 1, 2 * STATE_HASH_EVERY as usize - 1]);
    assert_same(&replayed(&town.log), &town.scribe);

    let mut scribe = Scribe::new();
    let tampered = town.log.iter().position(|bytes| registers_vehicle(bytes)).expect("there is one");
    for (index, bytes) in town.log.iter().enumerate() {
        let mut record = Record::from_bytes(bytes).expect("ours");
        if index == tampered {
            let Command::RegisterVehicle(vehicle) = &mut record.exogenous.command else { unreachable!("found above") };
            vehicle.name = "another".to_owned();
        }
        match scribe.replay(&record.to_bytes()) {
            Ok(_) => assert!((index as u64) < STATE_HASH_EVERY - 1),
            Err(ReplayError::StateDiffers { sequence, .. }) => {
                assert_eq!(sequence, STATE_HASH_EVERY - 1);
                return;
            }
            Err(error) => panic!("{error}"),
        }
    }
    panic!("nobody noticed");
}

/// With many offers open there are more records between one hash and the next.
#[test]
fn a_large_state_is_hashed_more_rarely() {
    let mut town = Town::with_vehicles(1);
    let mut open = 0;
    while town.log.len() as u64 <= STATE_HASH_EVERY * 8 {
        let wish = Wish::DepartAfter(window(at(8, 0), at(8, 30)));
        town.tell(at(7, 0), Command::Quote(request(0, 7, Seats::new(1, 0), wish).into()));
        open = town.scribe.state().offers.len() as u64;
    }
    assert!(STATE_HASH_EVERY * 4 < open, "{open} offers are open");
    let hashed: Vec<u64> = (0..town.log.len())
        .filter(|&index| Record::from_bytes(&town.log[index]).expect("ours").state_hash.is_some())
        .map(|index| index as u64 + 1)
        .collect();
    assert_eq!(hashed[0], STATE_HASH_EVERY);
    assert!(2 < hashed.len() && hashed.len() < 8, "{hashed:?}");
    assert_same(&replayed(&town.log), &town.scribe);
}

fn registers_vehicle(bytes: &[u8]) -> bool {
    matches!(Record::from_bytes(bytes).expect("ours").command(), Command::RegisterVehicle(_))
}

#[test]
fn what_can_not_be_read_or_is_out_of_time_stops_the_replay() {
    let town = morning();
    let mut scribe = replayed(&town.log);
    let clock = scribe.state().clock;
    let error = scribe.replay(&town.log[0]).expect_err("long ago");
    assert_eq!(error, ReplayError::TimeWentBack { sequence: town.log.len() as u64, at: at(5, 0), clock });
    let error = scribe.replay(&[9]).expect_err("no such version");
    assert!(matches!(error, ReplayError::Unreadable { .. }), "{error}");
    assert_same(&scribe, &town.scribe);
}

/// A wall clock that jumps back does not turn time back.
#[test]
fn time_only_goes_on() {
    let mut town = morning();
    let clock = town.scribe.state().clock;
    let written = town.take(clock - Span::HOUR, &caller("desk", "late"), crate::town::settings()[1].clone());
    assert_eq!(Record::from_bytes(&written.record.expect("a fact")).expect("ours").at(), clock);
}

#[test]
fn what_changes_nothing_is_not_written() {
    let mut town = morning();
    let before = town.scribe.clone();
    for command in [
        Command::AdvanceClock,
        Command::RegisterVehicle(crate::town::vehicle(1)),
        Command::ReportPosition { vehicle: VehicleId(1), place: crate::town::place(0), observed_at: at(1, 0) },
    ] {
        let written = town.take(before.state().clock, &caller("desk", "idle"), command);
        assert_eq!((written.events.len(), written.record, written.is_repeat), (0, None, false));
    }
    assert_same(&town.scribe, &before);
}

//! Whole drawn days: nothing is lost, nothing is broken, and the same seed gives the same bytes.

mod city;
mod drawn;

use drawn::{drawn_day, rested_day, run};
use mukae_engine::model::AskOutcome;
use mukae_engine::{Command, Endogenous};
use mukae_journal::{Append, LogStore, MemoryStore, Sequence, ShardName};
use mukae_record::{Record, Scribe};
use mukae_sim::{Ledger, Setup, Simulation};
use mukae_units::{Span, Time};

#[test]
fn breaks_are_taken_and_declared_trips_stay_within_what_was_agreed_to() {
    let (mut breaks, mut asks, mut taken_along) = (0, 0, 0);
    for seed in 0..6 {
        let (outcome, records) = run(rested_day(seed, 200));
        let found = &outcome.faults[..outcome.faults.len().min(5)];
        assert!(found.is_empty(), "seed {seed}, {} faults: {found:#?}", outcome.faults.len());
        let kpis = &outcome.kpis;
        assert_eq!((kpis.requests, kpis.served + kpis.refused), (200, 200), "seed {seed}");
        assert_eq!((kpis.pickups_on_time, kpis.shifts_closed, kpis.shifts_open), (kpis.served, 7, 0));
        let mut of_day = 0;
        for record in records.iter().map(|record| Record::from_bytes(record).unwrap()) {
            of_day += usize::from(matches!(record.exogenous.command, Command::EndBreak { .. }));
            for event in &record.endogenous {
                asks += usize::from(matches!(event, Endogenous::DriverAsked { .. }));
                let is_yes = matches!(event, Endogenous::AskEnded { outcome: AskOutcome::Accepted, .. });
                taken_along += usize::from(is_yes);
            }
        }
        assert_eq!(of_day, 4, "seed {seed}: two breaks of two drivers");
        breaks += of_day;
    }
    assert!(breaks == 24 && asks > 6 && taken_along == asks, "{breaks} breaks, {asks} asks, {taken_along} yes");
}

#[test]
fn every_request_ends_once_and_every_promise_is_kept() {
    for seed in 0..6 {
        for count in [1, 40, 300] {
            let (outcome, _) = run(drawn_day(seed, count));
            let found = &outcome.faults[..outcome.faults.len().min(5)];
            assert!(found.is_empty(), "seed {seed}, {count} riders, {} faults: {found:#?}", outcome.faults.len());
            let kpis = &outcome.kpis;
            assert_eq!((kpis.requests, kpis.served + kpis.refused), (count, count), "seed {seed}");
            assert_eq!((kpis.pickups_on_time, kpis.shifts_closed, kpis.shifts_open), (kpis.served, 5, 0));
            assert_eq!(kpis.driven_empty, kpis.empty_to_pickup + kpis.empty_home);
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let (first, first_records) = run(drawn_day(3, 200));
    let (second, second_records) = run(drawn_day(3, 200));
    assert_eq!((first.clone(), first_records), (second, second_records));
    let mut unaudited = drawn_day(3, 200);
    unaudited.1.is_audited = false;
    assert_eq!(run(unaudited).0, first, "looking changes nothing");
    let mut shuffled = drawn_day(3, 200);
    shuffled.1.asks.reverse();
    assert_eq!(run(shuffled).0, first, "the order of the rows means nothing");
    let (other, _) = run(drawn_day(4, 200));
    assert_ne!(other.journal_hash, first.journal_hash);
    assert_ne!(other.kpis, first.kpis);
}

#[test]
fn replay_of_the_records_gives_the_same_state_and_the_same_figures() {
    let (city, setup) = drawn_day(5, 200);
    let (outcome, records) = run((city.clone(), setup));
    let (mut scribe, mut ledger, mut lengths) = (Scribe::new(), Ledger::new(), city.lengths());
    for bytes in &records {
        let Record { exogenous, endogenous, .. } = scribe.replay(bytes).unwrap();
        ledger.observe(&exogenous, endogenous.iter(), &mut lengths);
    }
    assert_eq!((scribe.journal_hash(), scribe.state_hash()), (outcome.journal_hash, outcome.state_hash));
    assert_eq!((ledger.kpis(), records.len() as u64), (outcome.kpis, outcome.records));
}

#[test]
fn a_run_kept_in_a_log_is_read_back_from_it() {
    let (outcome, records) = run(drawn_day(7, 60));
    let mut log = MemoryStore::new(ShardName::new("sim").unwrap());
    let epoch = log.claim().unwrap();
    for (number, record) in records.iter().enumerate() {
        let appended = log.append(epoch, Sequence::new(number as u64), &[record]).unwrap();
        assert_eq!(appended, Append::Committed { next: Sequence::new(number as u64 + 1) });
    }
    let mut scribe = Scribe::new();
    for record in log.read(Sequence::START).unwrap() {
        scribe.replay(&record.unwrap().bytes).unwrap();
    }
    assert_eq!((scribe.journal_hash(), scribe.next_sequence()), (outcome.journal_hash, outcome.records));
}

#[test]
fn every_record_would_be_decided_again() {
    let (city, setup) = drawn_day(6, 120);
    let (_, records) = run((city.clone(), setup));
    let mut roads = city.roads();
    let mut work = mukae_engine::Work::new(&mut roads);
    let mut scribe = Scribe::new();
    for bytes in &records {
        scribe.redecide(bytes, &mut work).unwrap();
        scribe.replay(bytes).unwrap();
    }
}

#[test]
fn a_run_says_what_it_left_out_and_what_it_can_not_use() {
    let (city, mut setup) = drawn_day(1, 50);
    setup.start = Time::from_unix_secs(7 * 3600);
    setup.end = Time::from_unix_secs(12 * 3600);
    let (outcome, _) = run((city.clone(), setup.clone()));
    assert_eq!((outcome.asks_outside as u64 + outcome.kpis.requests, outcome.faults.len()), (50, 0));
    assert!(0 < outcome.asks_outside);

    let refused = |setup: Setup| {
        let (mut roads, mut lengths) = (city.roads(), city.lengths());
        Simulation::new(setup, &mut roads, &mut lengths, &mut |_| {}).map(|_| ()).unwrap_err().to_string()
    };
    let is_vehicle = |command: &&Command| matches!(command, Command::RegisterVehicle(_));
    let twice = setup.settings.iter().find(is_vehicle).expect("there is one").clone();
    setup.settings.push(twice);
    assert!(refused(setup.clone()).starts_with("the dispatcher does not accept RegisterVehicle"));
    setup.settings.push(Command::AdvanceClock);
    assert!(refused(setup.clone()).starts_with("a setting is not a map"));
    setup.end = setup.start - Span::MINUTE;
    assert_eq!(refused(setup), "the run ends before it starts");
}

#[test]
fn progress_goes_forward_and_ends_at_the_end() {
    let (city, setup) = drawn_day(2, 60);
    let (mut roads, mut lengths) = (city.roads(), city.lengths());
    let mut seen = Vec::new();
    let outcome =
        Simulation::new(setup, &mut roads, &mut lengths, &mut |_| {}).unwrap().run(&mut |progress| seen.push(progress));
    assert!(seen.is_sorted_by_key(|progress| (progress.now, progress.asked, progress.records)));
    let last = seen.last().unwrap();
    assert_eq!((last.asked, last.asks, last.records, last.now), (60, 60, outcome.records, outcome.ended_at));
    assert!((10..20).contains(&seen.len()), "{}", seen.len());
}

//! Whole drawn days: nothing is lost, nothing is broken, and the same seed gives the same bytes.

mod city;

use std::sync::Arc;

use city::{City, rules, vehicle, window};
use mukae_engine::model::{AskOutcome, Break, DeclaredTrip, Driver, DriverKind, Tier, Wish};
use mukae_engine::{Command, Endogenous};
use mukae_journal::{Append, LogStore, MemoryStore, Sequence, ShardName};
use mukae_record::{Record, Scribe};
use mukae_sim::random::Purpose;
use mukae_sim::{Ask, Ledger, Luck, Outcome, Setup, Simulation};
use mukae_units::{BreakId, DriverId, Metres, Seats, ShiftId, Span, Time, TimeWindow};

const SIDE: usize = 6;

/// Four cars and `count` riders over twelve hours on a grid of crossings two minutes apart.
fn drawn_day(seed: u64, count: u64) -> (City, Setup) {
    let city = City::grid(SIDE, 120);
    let mut settings = rules();
    for car in 1..=4 {
        settings.push(vehicle(car, Seats::new(4, u8::from(car % 2 == 0))));
    }
    for car in 1..=4 {
        let home = (car * 7).to_string();
        settings.push(city.shift(car, car, ("08:00", if car == 3 { "13:00" } else { "20:00" }), (&home, &home)));
    }
    settings.push(city.shift(5, 3, ("13:00", "20:00"), ("21", "0")));
    let luck = Luck::new(seed);
    let asks = (0..count).map(|rider| ask(&city, luck, rider)).collect();
    (city, Setup::new(settings, asks))
}

fn ask(city: &City, luck: Luck, rider: u64) -> Ask {
    let draw = |purpose, bound| luck.draw(rider, purpose, 0).below(bound);
    let crossings = (SIDE * SIDE) as u64;
    let from = draw(Purpose::Origin, crossings);
    let to = (from + 1 + draw(Purpose::Destination, crossings - 1)) % crossings;
    let made = Time::from_unix_secs(7 * 3600 + draw(Purpose::Minute, 12 * 3600) as i64);
    let lead = Span::from_mins(draw(Purpose::Lead, 120) as i64);
    let window = TimeWindow::new(made + lead, made + lead + Span::from_mins(25)).unwrap();
    let wish = if draw(Purpose::WishKind, 3) == 0 { Wish::ArriveBy(window) } else { Wish::DepartAfter(window) };
    let mut ask = city.ask(&format!("r{rider}"), "00:00", (&from.to_string(), &to.to_string()), wish);
    ask.at = made;
    let size = draw(Purpose::Party, 8);
    ask.request.party = if size == 7 { Seats::new(1, 1) } else { Seats::new((size / 4 + 1) as u8, 0) };
    ask
}

fn run((city, setup): (City, Setup)) -> (Outcome, Vec<Vec<u8>>) {
    let (mut roads, mut lengths) = (city.roads(), city.lengths());
    let mut records = Vec::new();
    let keep = &mut |record: &[u8]| records.push(record.to_vec());
    let outcome = Simulation::new(setup, &mut roads, &mut lengths, keep).unwrap().run(&mut |_| {});
    (outcome, records)
}

/// The same day with breaks at noon for two drivers, and a neighbour who drives to town and back
/// anyway, takes riders along, and is asked for each.
fn rested_day(seed: u64, count: u64) -> (City, Setup) {
    let (city, mut setup) = drawn_day(seed, count);
    let anna = Driver {
        id: DriverId(1),
        name: "anna".to_owned(),
        kind: DriverKind::Volunteer,
        cooldown: Span::from_mins(10),
        asks_per_week_max: 4,
        tier: Tier::T1,
    };
    let mut trips = vec![(6, ("09:00", "10:30"), ("0", "35")), (7, ("16:00", "17:30"), ("35", "0"))];
    for setting in &mut setup.settings {
        if let Command::PlanShift(shift) = setting
            && [ShiftId(1), ShiftId(2)].contains(&shift.id)
        {
            let noon = window("11:45", "12:45");
            let rest =
                |id, window| Break { id: BreakId(id), place: city.spot("14"), window, length: Span::from_mins(40) };
            Arc::make_mut(shift).breaks = vec![rest(1, noon), rest(2, window("16:00", "16:40"))];
        }
    }
    setup.settings.extend([vehicle(5, Seats::new(3, 0)), Command::RegisterDriver(anna)]);
    for (id, hours, ends) in trips.drain(..) {
        let Command::PlanShift(mut shift) = city.shift(id, 5, hours, ends) else { unreachable!("it plans a shift") };
        let declared = Arc::make_mut(&mut shift);
        declared.driver = Some(DriverId(1));
        declared.declared = Some(DeclaredTrip {
            seats: Seats::new(2, 0),
            detour_max: Span::from_mins(15),
            detour_length_max: Metres::from_metres(9_000),
            tier: Tier::T3,
        });
        setup.settings.push(Command::PlanShift(shift));
    }
    (city, setup)
}

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

//! Journals in directories: what can be used, what is refused, and the same through a scenario.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use jiff::tz::TimeZone;
use mukae_engine::Command;
use mukae_engine::model::MapId;
use mukae_journal::{Append, FileStore, LogStore, Options, OsDisk, ShardName, Verify};
use mukae_maps::EdgeId;
use mukae_maps::overlay::{Effect, Measure};
use mukae_office::{Fact, MeasureId, RoadMeasure, ToldRoads};
use mukae_record::Record;
use mukae_sim::batch::{self, Batch, Done, Job};
use mukae_sim::demand::synthetic::{Amount, Model, Parameters, Town};
use mukae_sim::demand::to_asks;
use mukae_sim::past::{self, Past, PastError, Reading, Repeats, Start, Told};
use mukae_sim::scenario::{Rules, Scenario};
use mukae_sim::{Outcome, Setup};
use mukae_units::{ServiceId, Span, Time, Zones};

use crate::niue::{SNAP_LIMIT, niue, settings, stage};

fn zone() -> TimeZone {
    TimeZone::get("Pacific/Niue").unwrap()
}

/// Two drawn days of Niue.
fn two_days(requests: usize) -> Setup {
    let (map, zone) = (niue(), zone());
    let dates = [jiff::civil::date(2026, 11, 24), jiff::civil::date(2026, 11, 25)];
    let model = Model::new(Town::from_roads(map.graph()), Parameters::default(), &map, SNAP_LIMIT);
    let seed_of = |date: jiff::civil::Date| date.day().unsigned_abs().into();
    let rows = model.days(&dates, &zone, Amount::Requests(requests), 1000, seed_of);
    let (asks, _) = to_asks(&rows, &map, ServiceId(1), SNAP_LIMIT, &|_| Zones::EMPTY);
    let mut setup = Setup::new(settings(&map, &zone, dates[0]..=dates[1]), asks);
    setup.behaviour.riders.cancels = 100;
    setup.behaviour.riders.stays_away = 50;
    setup
}

fn simulate(setup: Setup) -> (Outcome, Vec<Vec<u8>>) {
    let mut records = Vec::new();
    let outcome = past::simulate(setup, &niue(), &mut |record| records.push(record.to_vec()), &mut |_| {}).unwrap();
    assert_eq!(outcome.faults, []);
    (outcome, records)
}

fn write(dir: &Path, records: &[Vec<u8>]) {
    let options = Options { verify: Verify::Everything, ..Options::default() };
    let disk = OsDisk::create(dir).unwrap();
    let (mut store, _) = FileStore::create(disk, ShardName::new("niue".to_owned()).unwrap(), options).unwrap();
    let epoch = store.claim().unwrap();
    for record in records {
        let next = store.next();
        let appended = store.append(epoch, next, &[record]).unwrap();
        assert!(matches!(appended, Append::Committed { .. }));
    }
    store.settle().unwrap();
}

fn read(dir: &Path) -> Result<Past, PastError> {
    read_from(dir, None)
}

fn read_from(dir: &Path, from: Option<&str>) -> Result<Past, PastError> {
    let from = from.map(|from| Start::parse(from).unwrap());
    let reading = Reading { from, ..Reading::whole(Repeats::Merged, zone()) };
    past::read(dir, &niue(), &reading, &mut |_, _| {})
}

fn refused(dir: &Path) -> String {
    read(dir).unwrap_err().to_string()
}

fn log_of(dir: &Path) -> PathBuf {
    dir.join("log-00000000000000000000.mukae")
}

#[test]
fn what_can_not_be_a_past_is_refused_with_a_reason() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let (_, records) = simulate(two_days(30));
    write(&at("whole"), &records);
    let past = read(&at("whole")).unwrap();
    assert_eq!((past.counts.records, past.counts.wishes), (records.len() as u64, 60));

    assert!(refused(&at("nowhere")).contains("nowhere: cannot be read"));
    fs::create_dir(at("bare")).unwrap();
    assert!(refused(&at("bare")).contains("there is no journal in this directory"));
    write(&at("empty"), &[]);
    assert!(refused(&at("empty")).ends_with("is empty: nothing was ever recorded in it"));
    let is_asked = |record: &&Vec<u8>| matches!(Record::from_bytes(record).unwrap().command(), Command::Quote(_));
    let quiet = records.iter().position(|record| is_asked(&record)).unwrap();
    write(&at("quiet"), &records[..quiet]);
    assert!(refused(&at("quiet")).ends_with(&format!("in its {quiet} records nobody asks for a ride")));

    // what is written from a moment on is left out, as if it had not been
    let half = Record::from_bytes(&records[records.len() / 2]).unwrap().at();
    let until =
        Reading { until: Some(half), called: Some("areas/niue".to_owned()), ..Reading::whole(Repeats::Merged, zone()) };
    let read_until = |dir: &Path, until: &Reading| past::read(dir, &niue(), until, &mut |_, _| {});
    let earlier = records.iter().take_while(|bytes| Record::from_bytes(bytes).unwrap().at() < half).count();
    write(&at("half"), &records[..earlier]);
    assert_eq!(read_until(&at("whole"), &until).unwrap(), read(&at("half")).unwrap());
    let unnamed = read_until(&at("empty"), &until).unwrap_err().to_string();
    assert_eq!(unnamed, "the journal areas/niue is empty: nothing was ever recorded in it");

    fs::create_dir(at("areas")).unwrap();
    write(&at("areas").join("east"), &records);
    write(&at("areas").join("west"), &records);
    let several = refused(&at("areas"));
    assert!(several.contains("several areas; name one of them: ") && several.ends_with("areas/west"), "{several}");

    let mut setup = two_days(5);
    setup.settings[0] = Command::UseMap(MapId(7));
    write(&at("elsewhere"), &simulate(setup).1);
    let elsewhere = refused(&at("elsewhere"));
    assert!(elsewhere.contains("was written on the map 0000000000000007, this one is "), "{elsewhere}");

    // a record that was changed after it was decided, in a journal whose checksums are right
    let mut changed = records.clone();
    let number = records.iter().rposition(|record| is_asked(&record)).unwrap();
    let mut record = Record::from_bytes(&records[number]).unwrap();
    record.endogenous.clear();
    changed[number] = record.to_bytes();
    write(&at("changed"), &changed);
    let different = refused(&at("changed"));
    assert!(
        different.contains(&format!("record {number} is decided differently now: event 1 was None")),
        "{different}"
    );

    // torn at the end it is read up to there; broken in the middle it is not read; without its beginning neither
    let bytes = fs::read(log_of(&at("whole"))).unwrap();
    let copy = |name: &str, bytes: &[u8]| {
        fs::create_dir(at(name)).unwrap();
        fs::write(log_of(&at(name)), bytes).unwrap();
    };
    let last = bytes.len() - 200;
    copy("torn", &bytes[..last]);
    let torn = read(&at("torn")).unwrap();
    assert!(torn.counts.is_cut && torn.counts.records < records.len() as u64);
    let mut broken = bytes.clone();
    broken[bytes.len() / 2] ^= 1;
    copy("broken", &broken);
    assert!(refused(&at("broken")).contains("cannot be read to its end: log-00000000000000000000.mukae is damaged"));
    fs::create_dir(at("headless")).unwrap();
    fs::write(at("headless").join("snapshot-00000000000000060000.mukae"), b"MUKAESNP").unwrap();
    let headless = refused(&at("headless"));
    assert!(headless.contains("the records from 0 on are missing"), "{headless}");
}

#[test]
fn a_journal_that_is_cut_anywhere_is_a_sound_past() {
    let (_, records) = simulate(two_days(20));
    let (map, zone) = (niue(), zone());
    for part in 1..8 {
        let dir = tempfile::tempdir().unwrap();
        let cut = records.len() * part / 8;
        write(&dir.path().join("cut"), &records[..cut]);
        let Ok(past) = read(&dir.path().join("cut")) else { continue };
        let days = past.days(&zone).unwrap();
        let outcome = past::simulate(past.setup(&Rules::default(), &days, &zone), &map, &mut |_| {}, &mut |_| {});
        let outcome = outcome.unwrap();
        assert_eq!((outcome.faults.as_slice(), outcome.kpis.unaccounted()), ([].as_slice(), 0), "cut at {cut}");
        assert_eq!(outcome.kpis.requests, past.counts.wishes as u64, "cut at {cut}");
    }
}

/// Roads are slowed down and the measure is lifted again, as an office would order it.
#[test]
fn roads_change_as_they_did() {
    let mut setup = two_days(40);
    let edges = (0..niue().graph().edge_count() as u32 / 2).map(EdgeId).collect();
    let measure = Measure { note: "works".to_owned(), effect: Effect::Percent(250), edges, from: None, until: None };
    let ordered = RoadMeasure { id: MeasureId(1), measure, told: ToldRoads::default() };
    let opens = setup.settings.iter().find_map(|command| match command {
        Command::PlanShift(shift) => Some(shift.window.earliest()),
        _ => None,
    });
    let hour = |hour: i64| opens.unwrap() + Span::HOUR * hour;
    let metric = niue().base_metric().metric();
    let told = |at: Time, command: Command| Told { at, command };
    setup.told = vec![
        told(hour(1), Fact::MeasureOrdered(ordered).into_command()),
        told(hour(1), Command::RoadsChanged { metric }),
        told(hour(27), Fact::MeasureLifted { measure: MeasureId(1) }.into_command()),
        told(hour(27), Command::RoadsChanged { metric }),
    ];
    let (outcome, records) = simulate(setup);
    assert_ne!(outcome.kpis, simulate(two_days(40)).0.kpis, "slow roads show");
    let dir = tempfile::tempdir().unwrap();
    write(&dir.path().join("journal"), &records);
    let past = read(&dir.path().join("journal")).unwrap();
    let days = past.days(&zone()).unwrap();
    let (again, redone) = simulate(past.setup(&Rules::default(), &days, &zone()));
    crate::expect_same(&records, &redone, "roads that change");
    assert_eq!((again.kpis, again.unmet.len()), (outcome.kpis, 0));

    // and in the middle: slow roads, and those after the measure
    for hour in [2, 6, 26, 28] {
        let from = jiff::Timestamp::from_millisecond((opens.unwrap() + Span::HOUR * hour).as_unix_millis()).unwrap();
        let past = read_from(&dir.path().join("journal"), Some(&from.to_string())).unwrap();
        let days = past.days(&zone()).unwrap();
        let (_, redone) = simulate(past.setup(&Rules::default(), &days, &zone()));
        crate::expect_same(&records, &redone, &format!("roads that change, from hour {hour}"));
    }
}

fn run(batch: &Batch, threads: usize) -> Vec<Done> {
    let jobs: Vec<&Job> = batch.jobs.iter().collect();
    let done = batch::run(batch, &jobs, threads, None, &AtomicBool::new(false), &mut |_| {}).unwrap();
    done.into_iter().map(|done| done.unwrap()).collect()
}

#[test]
fn policies_of_a_scenario_meet_the_riders_of_a_journal() {
    let dir = tempfile::tempdir().unwrap();
    let (recorded, records) = simulate(two_days(40));
    write(&dir.path().join("days"), &records);
    let of = |more: &str| {
        let text = format!("name = \"x\"\n[demand]\njournal = \"days\"\n{more}");
        Batch::prepare(Scenario::parse(&text, dir.path()).unwrap(), stage())
    };
    let batch =
        of("[policy.as-is]\n[policy.one-car]\nvehicles = 1\n[sweep]\nnotice_min = [\"0 s\", \"1 h\"]\n").unwrap();
    let done = run(&batch, 1);
    assert_eq!(done, run(&batch, 3), "threads change nothing");
    assert_eq!((batch.dates.len(), done.len(), done[0].rows_used), (2, 4, 80));
    assert!(done.iter().all(|done| done.faults.is_empty() && done.total.requests == 80));
    assert_eq!(done[0].total.served, recorded.kpis.served as i64);
    assert!(done[1].total.served < done[0].total.served);
    assert_eq!((done[0].total.vehicle_days, done[1].total.vehicle_days), (4, 2));

    let from = |from: &str, more: &str| {
        let text = format!("name = \"x\"\n[demand]\njournal = \"days\"\nfrom = \"{from}\"\n{more}");
        Batch::prepare(Scenario::parse(&text, dir.path()).unwrap(), stage())
    };
    let two = "[policy.as-is]\n[policy.one-car]\nvehicles = 1\n";
    let begun = from("2026-11-25 09:00", two).unwrap();
    let later = run(&begun, 1);
    assert_eq!(later, run(&begun, 2), "threads change nothing");
    assert!(later.iter().all(|done| done.faults.is_empty()), "{:?}", later[0].faults);
    assert_eq!(later[0].journal_hash, done[0].journal_hash, "under its own rules it goes on as it did");
    assert_eq!((begun.dates.len(), later[0].total.vehicle_days, later[1].total.vehicle_days), (1, 2, 1));
    assert!(later[0].rows_used < later[0].total.requests && later[0].total.requests < 40, "{:?}", later[0].total);
    assert!(later[1].total.served < later[0].total.served);
    assert_ne!(begun.jobs[0].hash, batch.jobs[0].hash);

    let wrong = |at: &str, more: &str| from(at, more).unwrap_err().to_string();
    assert!(wrong("2026-10-23 09:00", "").contains(", and `from` is 2026-10-23 09:00; write a time between the two"));
    assert!(wrong("2026-12-23 09:00", "").contains("goes from 2026-11-2"));
    let other = wrong("2026-11-25 09:00", "days = \"2026-11-24..2026-11-25\"\n");
    assert!(other.starts_with("`days` begins on 2026-11-24 and `from` is on 2026-11-25; let `days` begin"), "{other}");
    // the second day's vehicles stay at home, though they were planned before, but for those with somebody to fetch
    let days = jiff::civil::date(2026, 11, 24)..=jiff::civil::date(2026, 11, 24);
    for (at, booked) in [("2026-11-23 23:30", 1), ("2026-11-24 12:00", 2)] {
        let past = read_from(&dir.path().join("days"), Some(at)).unwrap();
        let begun = past.begun.clone().unwrap();
        let setup = past.setup(&Rules::default(), &days, &zone());
        let kept = begun.shifts.iter().filter(|shift| !setup.leaves.contains(&shift.id)).count();
        assert_eq!((begun.shifts.len(), kept), (4, 2 + booked), "{at}");
    }
    let first = run(&from("2026-11-24 12:00", "days = \"2026-11-24\"\n").unwrap(), 1);
    let (total, day) = (&first[0].total, &first[0].days[0]);
    assert_eq!((first[0].days.len(), total.vehicle_days, first[0].faults.as_slice()), (1, 2, [].as_slice()));
    assert!(0 < day.wait_p90_ms && day.wait_p90_ms == total.wait_p90_ms, "{total:?}");

    let second = of("days = \"2026-11-25\"\n").unwrap();
    let done = run(&second, 1);
    assert_eq!((second.rows_outside, done[0].total.requests), (40, 40));
    let error = of("days = \"2026-12-24\"\n").unwrap_err().to_string();
    assert!(error.ends_with("nobody asks for a ride on 2026-12-24..2026-12-24"), "{error}");
}

//! Batches on a real map, the committed extract of Niue: whatever the threads, shards and interruptions, the same bytes.

mod city;

use std::fs::File;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use mukae_engine::Command;
use mukae_engine::model::{MapId, Shift, Spot};
use mukae_maps::{BuildOptions, PreparedMap, build_map};
use mukae_sim::batch::{self, Batch, Done, Job, Stage, Store, Told};
use mukae_sim::compare::compare;
use mukae_sim::results::{self, Figures};
use mukae_sim::scenario::Scenario;
use mukae_units::{Features, LatLon, Metres, Seats, ServiceId, ShiftId, Span, Time, TimeWindow, VehicleId, Zones};

const SNAP_LIMIT: Metres = Metres::from_metres(500);

fn niue() -> Arc<PreparedMap> {
    static MAP: OnceLock<Arc<PreparedMap>> = OnceLock::new();
    let build = || {
        let extract = Path::new(env!("CARGO_MANIFEST_DIR")).join("../maps/data/niue.osm.pbf");
        Arc::new(build_map(&extract, &BuildOptions::default(), &mut |_, _| {}).unwrap().0)
    };
    MAP.get_or_init(build).clone()
}

/// Two cars in Alofi, from seven to eight in the evening, every day.
fn settings(map: &PreparedMap, zone: &TimeZone, days: std::ops::RangeInclusive<Date>) -> Vec<Command> {
    let asked = LatLon::from_degrees(-19.0547, -169.9189).unwrap();
    let place = map.snap(asked, SNAP_LIMIT).unwrap().place;
    let depot = Spot { asked, kana: String::new(), label: "Alofi".to_owned(), place, zones: Zones::EMPTY };
    let mut settings = city::rules();
    settings[0] = Command::UseMap(MapId(map.checksum()));
    settings.extend((1..=2).map(|car| city::vehicle(car, Seats::new(6, 1))));
    let mut ids = (1..).map(ShiftId);
    for date in days.start().series(jiff::Span::new().days(1)).take_while(|date| date <= days.end()) {
        let midnight = date.to_zoned(zone.clone()).unwrap().timestamp().as_millisecond();
        let hour = |hour: i64| Time::from_unix_millis(midnight) + Span::HOUR * hour;
        for car in 1..=2 {
            let shift = Shift {
                id: ids.next().unwrap(),
                name: format!("car {car} on {date}"),
                vehicle: VehicleId(car),
                window: TimeWindow::new(hour(7), hour(20)).unwrap(),
                start: depot.clone(),
                end: Some(depot.clone()),
                features: Features::EMPTY,
                zones: Zones::EMPTY,
                crew: None,
                breaks: Vec::new(),
                driver: None,
                declared: None,
            };
            settings.push(Command::PlanShift(shift.into()));
        }
    }
    settings
}

fn stage() -> Stage {
    let (map, zone) = (niue(), TimeZone::get("Pacific/Niue").unwrap());
    let (of_map, of_zone) = (map.clone(), zone.clone());
    Stage {
        map,
        zone,
        snap_limit: SNAP_LIMIT,
        service: ServiceId(1),
        zones_of: Box::new(|_| Zones::EMPTY),
        settings: Box::new(move |days| Ok(settings(&of_map, &of_zone, days))),
        program: "test".to_owned(),
    }
}

fn batch(text: &str) -> Batch {
    batch_in(text, Path::new(""))
}

fn batch_in(text: &str, directory: &Path) -> Batch {
    Batch::prepare(Scenario::parse(text, directory).unwrap(), stage()).unwrap()
}

fn run(batch: &Batch, threads: usize, store: Option<&Store>) -> (Vec<Done>, usize) {
    let jobs: Vec<&Job> = batch.jobs.iter().collect();
    let mut simulated = 0;
    let told = &mut |told| simulated += usize::from(matches!(told, Told::Simulated { .. }));
    let done = batch::run(batch, &jobs, threads, store, &AtomicBool::new(false), told).unwrap();
    (done.into_iter().map(|done| done.unwrap()).collect(), simulated)
}

fn bytes(batch: &Batch, done: &[Done]) -> String {
    let mut csv = Vec::new();
    results::jobs(&batch.plan(), done).write_csv(&mut csv).unwrap();
    results::days(&batch.plan(), done).write_csv(&mut csv).unwrap();
    let compared = compare(batch, done);
    format!("{}\n{compared}\n{}", String::from_utf8(csv).unwrap(), serde_json::to_string(&compared).unwrap())
}

const SCENARIO: &str = r#"
name = "niue"
seed = 5
replications = 3
[demand]
requests = 60
days = "2026-11-24..2026-11-26"
[policy.as-is]
[policy.one-car]
vehicles = 1
[cost]
yen_per_km = 30
yen_per_driver_hour = 1500
"#;

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let batch = batch(SCENARIO);
    assert_eq!(batch.jobs.len(), 6);
    let (done, _) = run(&batch, 1, None);
    let expected = bytes(&batch, &done);
    for threads in [2, 5] {
        assert_eq!(bytes(&batch, &run(&batch, threads, None).0), expected, "{threads} threads");
    }
    for done in &done {
        assert_eq!(done.faults, [""; 0]);
        assert_eq!((done.rows, done.rows_used, done.total.requests), (180, 180, 180));
    }
    let of = |policy: usize, replication: usize| &done[policy * 3 + replication];
    assert_ne!(of(0, 0).journal_hash, of(0, 1).journal_hash, "another replication is another demand");
    let (two, one) = (of(0, 0).total, of(1, 0).total);
    assert!(one.refused > two.refused && one.driven_mm < two.driven_mm, "{one:?} {two:?}");
    assert_eq!((two.vehicle_days, one.vehicle_days, two.shifts, one.shifts), (6, 3, 6, 3));
}

#[test]
fn days_add_up_to_the_run() {
    let batch = batch(SCENARIO);
    for done in run(&batch, 2, None).0 {
        assert_eq!(done.days.len(), 3);
        assert!(done.days.iter().all(|day| 0 < day.served && 0 < day.driven_mm && 0 < day.shifts), "{:?}", done.days);
        let mut sum = Figures::default();
        done.days.iter().for_each(|day| sum.add(day));
        let Figures { wait_p50_ms, wait_p90_ms, wait_p95_ms, .. } = done.total;
        assert_eq!(Figures { wait_p50_ms, wait_p90_ms, wait_p95_ms, ..sum }, done.total);
    }
}

#[test]
fn what_was_done_is_not_done_again() {
    let directory = tempfile::tempdir().unwrap();
    let batch = batch(SCENARIO);
    let store = Store::open(directory.path(), &batch.plan()).unwrap();
    let (first, simulated) = run(&batch, 2, Some(&store));
    assert_eq!(simulated, 6);
    std::fs::remove_file(directory.path().join(format!("jobs/{}.json", batch.jobs[4].hash))).unwrap();
    let (again, simulated) = run(&batch, 2, Some(&store));
    assert_eq!(
        (simulated, bytes(&batch, &again)),
        (1, bytes(&batch, &first)),
        "one result was lost, and only that is run"
    );

    let other = crate::batch(&SCENARIO.replace("seed = 5", "seed = 6"));
    assert!(other.jobs.iter().all(|job| batch.jobs.iter().all(|known| known.hash != job.hash)));
    let more = crate::batch(&SCENARIO.replace("replications = 3", "replications = 4"));
    assert_eq!(run(&more, 2, Some(&store)).1, 2, "one more replication of two policies");
}

#[test]
fn a_stopped_batch_leaves_what_is_done() {
    let batch = batch(SCENARIO);
    let jobs: Vec<&Job> = batch.jobs.iter().collect();
    let stop = AtomicBool::new(false);
    let told = &mut |_| stop.store(true, std::sync::atomic::Ordering::Relaxed);
    let done = batch::run(&batch, &jobs, 1, None, &stop, told).unwrap();
    let count = done.iter().flatten().count();
    assert!((1..6).contains(&count), "{count} of 6 were done when the first told to stop");
}

#[test]
fn three_shards_merged_are_one_run() {
    let batch = batch(SCENARIO);
    let whole = run(&batch, 1, None).0;
    let directories: Vec<tempfile::TempDir> = (0..3).map(|_| tempfile::tempdir().unwrap()).collect();
    for (n, directory) in directories.iter().enumerate() {
        let store = Store::open(directory.path(), &batch.plan()).unwrap();
        let jobs: Vec<&Job> = batch.jobs.iter().filter(|job| job.index % 3 == n).collect();
        batch::run(&batch, &jobs, 2, Some(&store), &AtomicBool::new(false), &mut |_| {}).unwrap();
    }
    let paths: Vec<_> = directories.iter().map(|directory| directory.path().to_owned()).collect();
    let (plan, merged) = batch::merge(&paths).unwrap();
    assert_eq!(plan, batch.plan());
    assert_eq!(bytes(&batch, &merged), bytes(&batch, &whole));

    let said = batch::merge(&paths[..2]).unwrap_err().to_string();
    assert_eq!(said, "2 of 6 jobs are missing: 2, 5");
    let other = crate::batch(&SCENARIO.replace("seed = 5", "seed = 6"));
    let foreign = tempfile::tempdir().unwrap();
    Store::open(foreign.path(), &other.plan()).unwrap();
    let said = batch::merge(&[paths[0].clone(), foreign.path().to_owned()]).unwrap_err().to_string();
    assert!(said.contains("results of another batch"), "{said}");
}

#[test]
fn a_policy_against_itself_is_not_distinguishable_and_half_the_fleet_is() {
    let text = SCENARIO.replace("[cost]", "[policy.twin]\n[report]\nkpis = [\"served\", \"wait_mean_s\"]\n[cost]");
    let batch = batch(&text);
    let compared = compare(&batch, &run(&batch, 2, None).0);
    assert_eq!((compared.blocks, compared.resamples), (9, 2000));
    let [as_is, one_car, twin] = &compared.points[0].policies[..] else { panic!("three policies: {compared:?}") };
    assert!(as_is.measures.iter().all(|measured| measured.difference.is_none()));
    for measured in &twin.measures {
        let difference = measured.difference.as_ref().unwrap();
        assert!(difference.mean == 0.0 && !difference.is_distinguishable, "{difference:?}");
    }
    let served = one_car.measures[0].difference.as_ref().unwrap();
    let interval = served.interval.unwrap();
    assert!(served.is_distinguishable && interval.high < 0.0 && interval.contains(served.mean), "{served:?}");
    let shown = compared.to_string();
    assert!(shown.contains("not distinguishable"), "{shown}");
}

#[test]
fn sweeps_go_through_all_combinations_and_mark_what_is_efficient() {
    let text = "name = \"sizing\"\n[demand]\nrequests = 80\n[sweep]\nvehicles = [0, 1, 2, 3]\n\
                notice_min = [\"0 s\"]\n[cost]\nyen_per_driver_hour = 1500\nfare_yen = 200\n";
    let batch = batch(text);
    let (done, _) = run(&batch, 2, None);
    let served: Vec<i64> = done.iter().map(|done| done.total.served).collect();
    assert!(served[0] == 0 && served[1] < served[2] && served[2] < served[3], "{served:?}");
    assert_eq!(done.iter().map(|done| done.total.vehicle_days).collect::<Vec<_>>(), [0, 1, 2, 3]);
    assert!(done.iter().all(|done| done.faults.is_empty() && done.total.requests == 80));
    let compared = compare(&batch, &done);
    let efficient: Vec<Option<bool>> = compared.points.iter().map(|point| point.policies[0].is_efficient).collect();
    assert_eq!((efficient[0], efficient[3]), (Some(true), Some(true)), "the cheapest and the best: {compared}");
    assert_eq!(compared.points[3].rules, "vehicles = 3, notice_min = 0 s");
}

#[test]
fn a_table_is_used_at_its_own_volume_and_at_another() {
    let directory = tempfile::tempdir().unwrap();
    let zone = TimeZone::get("Pacific/Niue").unwrap();
    let day = jiff::civil::date(2026, 11, 24);
    let day = mukae_sim::demand::synthetic::SyntheticDay::weekday(day, zone.clone(), 100, 1);
    let rows = mukae_sim::demand::synthetic::day(niue().graph(), &day);
    let file = File::create(directory.path().join("day.csv")).unwrap();
    mukae_sim::demand::csv::write(&rows, &zone, file).unwrap();
    let text = |more: &str| format!("name = \"x\"\n[demand]\ncsv = \"day.csv\"\n{more}");
    let requests = |more: &str| run(&batch_in(&text(more), directory.path()), 1, None).0[0].total.requests;
    assert_eq!(requests(""), 100);
    assert_eq!(requests("scale = 2\n"), 200);
    let half = requests("scale = 0.5\n");
    assert!((30..70).contains(&half), "{half} of 100 rows, each with even chance");

    let none = Scenario::parse(&text("days = \"2026-12-01\"\n"), directory.path()).unwrap();
    let said = Batch::prepare(none, stage()).unwrap_err().to_string();
    assert!(
        said.ends_with("no row can be used; 0 cannot be read and 100 are outside the days of the scenario"),
        "{said}"
    );
    let missing = Scenario::parse(&text(""), Path::new("nowhere")).unwrap();
    assert!(Batch::prepare(missing, stage()).unwrap_err().to_string().starts_with("nowhere/day.csv: cannot be read"));
}

#[test]
fn parquet_says_what_the_csv_says() {
    let batch = batch(SCENARIO);
    let (done, _) = run(&batch, 2, None);
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("table.parquet");
    for table in [results::jobs(&batch.plan(), &done), results::days(&batch.plan(), &done)] {
        let mut csv = Vec::new();
        table.write_csv(&mut csv).unwrap();
        table.write_parquet(File::create(&file).unwrap()).unwrap();
        let read = results::Table::read_parquet(File::open(&file).unwrap()).unwrap();
        let mut again = Vec::new();
        read.write_csv(&mut again).unwrap();
        assert_eq!(String::from_utf8(again).unwrap(), String::from_utf8(csv).unwrap());
        assert!(read.rows.len() == 6 || read.rows.len() == 18, "{} rows", read.rows.len());
        let served = read.columns.iter().position(|column| column == "served").unwrap();
        assert!(matches!(read.rows[0][served], results::Cell::Whole(count) if 0 < count), "a number, not text");
    }
    std::fs::write(&file, "PAR1 but no more").unwrap();
    assert!(results::Table::read_parquet(File::open(&file).unwrap()).is_err());
}

#[test]
fn what_the_dispatcher_does_not_accept_is_told_with_the_policy() {
    let scenario = Scenario::parse("name = \"x\"\n[policy.strange]\n", Path::new("")).unwrap();
    let mut stage = stage();
    let settings = std::mem::replace(&mut stage.settings, Box::new(|_| Ok(Vec::new())));
    // A town that pays for being driven about.
    stage.settings = Box::new(move |days| {
        let mut commands = settings(days)?;
        commands.iter_mut().for_each(|command| {
            if let Command::SetPolicy(policy) = command {
                policy.cost.driving = -1;
            }
        });
        Ok(commands)
    });
    let batch = Batch::prepare(scenario, stage).unwrap();
    let jobs: Vec<&Job> = batch.jobs.iter().collect();
    let error = batch::run(&batch, &jobs, 1, None, &AtomicBool::new(false), &mut |_| {}).unwrap_err().to_string();
    assert!(error.starts_with("policy strange, replication 0: the dispatcher does not accept SetPolicy"), "{error}");
}

#[test]
fn all_policies_meet_the_same_riders_with_the_same_whims() {
    let habits = "[behaviour]\ncancels = 0.2\nstays_away = 0.1\n[policy.twin]\n[cost]";
    let batch = batch(&SCENARIO.replace("[cost]", habits));
    let (done, _) = run(&batch, 3, None);
    assert_eq!(bytes(&batch, &done), bytes(&batch, &run(&batch, 1, None).0));
    let (as_is, twin) = (&done[..3], &done[6..]);
    for (as_is, twin) in as_is.iter().zip(twin) {
        assert_eq!(as_is.journal_hash, twin.journal_hash, "the same rules meet the same luck");
        assert!(10 < as_is.total.cancelled && 3 < as_is.total.no_shows, "{:?}", as_is.total);
    }
    let plain = crate::batch(SCENARIO);
    let same_demand = |job: &Job| plain.setup(&plain.jobs[job.replication as usize]).0.asks == batch.setup(job).0.asks;
    assert!(batch.jobs.iter().all(same_demand), "habits change what riders do, not who asks");
}

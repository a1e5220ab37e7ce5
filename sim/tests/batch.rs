//! Batches on a real map, the committed extract of Niue: whatever the threads, shards and interruptions, the same bytes.

mod city;
mod niue;

use std::fs::File;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use jiff::tz::TimeZone;
use mukae_engine::Command;
use mukae_sim::batch::{self, Batch, Done, Job, Store, Told};
use mukae_sim::compare::compare;
use mukae_sim::demand::synthetic::{Amount, Day, Model, Parameters, Town};
use mukae_sim::results::{self, DayPart, Figures};
use mukae_sim::scenario::Scenario;
use niue::{SNAP_LIMIT, niue, stage};

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
    for table in [results::days, results::hours, results::hamlets] {
        table(&batch.plan(), done).write_csv(&mut csv).unwrap();
    }
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
        assert_eq!(sum(&done.days), sum(&[done.total]));
        let vehicle_days = |figures: Figures| Figures { vehicle_days: done.total.vehicle_days, ..figures };
        assert_eq!(vehicle_days(sum(&done.hours)), sum(&[done.total]));
        let hamlets: Vec<Figures> = done.hamlets.iter().map(|hamlet| hamlet.figures).collect();
        assert_eq!(vehicle_days(sum(&hamlets)), sum(&[done.total]));
        for figures in done.days.iter().chain(&done.hours).chain(&hamlets) {
            accounted(figures);
        }
        for (parts, of) in [(&done.day_hours, &done.hours), (&done.day_hamlets, &hamlets)] {
            let mut from_days = vec![(0, 0, 0, 0); of.len()];
            for &DayPart(_, part, requests, served, waits, wait_ms) in parts {
                let sum = &mut from_days[part];
                *sum = (sum.0 + requests, sum.1 + served, sum.2 + waits, sum.3 + wait_ms);
            }
            let wholes = of.iter().map(|of| (of.requests, of.served, of.waits, of.wait_ms));
            assert_eq!(from_days, wholes.collect::<Vec<_>>());
        }
        assert!(5 < hamlets.len(), "an island has hamlets: {:?}", done.hamlets);
        assert!(done.hours[3] == Figures::default() && 0 < done.hours[12].requests);
    }
}

/// What adds up; quantiles do not.
fn sum(parts: &[Figures]) -> Figures {
    let mut sum = Figures::default();
    parts.iter().for_each(|part| sum.add(part));
    sum.add(&Figures::default());
    sum
}

/// Every request ended in one way, and every empty kilometre was for something.
fn accounted(of: &Figures) {
    assert_eq!(of.requests, of.served + of.refused + of.not_taken + of.cancelled + of.no_shows + of.failed, "{of:?}");
    let empty = of.empty_to_pickup_mm + of.empty_reposition_mm + of.empty_to_break_mm + of.empty_home_mm;
    assert_eq!(of.empty_mm, empty, "{of:?}");
    assert!(of.empty_mm <= of.driven_mm && of.pickups_on_time <= of.pickups && of.waits <= of.pickups, "{of:?}");
    assert!(of.latent_served + of.latent_refused + of.latent_abandoned + of.latent_lost <= of.latent, "{of:?}");
    assert_eq!(of.latent, of.requests, "nobody of these riders is known: none asks twice");
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
    let one_day = compared.points[3].policies[0].measures[1].from_baseline_point.as_ref().unwrap();
    assert!(one_day.interval.is_none() && !one_day.is_distinguishable, "one day says nothing of chance: {one_day:?}");
}

#[test]
fn points_of_a_sweep_are_compared_with_one_of_them() {
    let text = "name = \"sizing\"\nreplications = 2\n[demand]\nrequests = 60\ndays = \"2026-11-24..2026-11-27\"\n\
                [policy.as-is]\n[policy.narrow]\npromise_width = \"5 min\"\n[sweep]\nvehicles = [3, 1, 2]\n\
                [report]\nbaseline_point = { vehicles = 1 }\nkpis = [\"served\", \"wait_gini\", \"asks_week_max\"]\n";
    let batch = batch(text);
    let compared = compare(&batch, &run(&batch, 2, None).0);
    assert_eq!((compared.baseline_point, compared.points[1].rules.as_str()), (1, "vehicles = 1"));
    let difference = |point: usize, policy: usize| compared.points[point].policies[policy].measures[0].clone();
    for (point, policy) in [(0, 0), (0, 1), (2, 0), (2, 1)] {
        let measured = difference(point, policy);
        let across = measured.from_baseline_point.unwrap();
        let apart = measured.value.unwrap() - difference(1, policy).value.unwrap();
        assert!((across.mean - apart).abs() < 0.001, "the same policy with another fleet: {across:?} {apart}");
        assert!(across.is_distinguishable && across.interval.unwrap().contains(across.mean), "{across:?}");
        assert_eq!(measured.difference.is_some(), policy == 1);
    }
    assert!((0..2).all(|policy| difference(1, policy).from_baseline_point.is_none()));
    let gini = compared.points[0].policies[0].measures[1].value.unwrap();
    assert!(0.0 < gini && gini < 1.0, "{gini}");

    // of hours and hamlets, too, against the same
    let noon = |point: usize| compared.points[point].policies[0].hours[12].clone();
    let (three, one) = (noon(0), noon(1));
    assert_eq!(three.requests, one.requests);
    let apart = three.served_percent.unwrap() - one.served_percent.unwrap();
    assert!((three.served_difference.unwrap().mean - apart).abs() < 0.001);
    assert!(one.served_difference.is_none() && one.wait_p90_s.is_some());
    let shown = compared.to_string();
    assert!(shown.contains("from as-is and from vehicles = 1 (behind <)"), "{shown}");
}

#[test]
fn a_scenario_may_name_its_hamlets() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(
        directory.path().join("hamlets.csv"),
        "name,lat,lon\nAlofi,-19.055,-169.918\nLakepa,-18.992,-169.807\n",
    )
    .unwrap();
    let batch = batch_in(&format!("{SCENARIO}[report]\nhamlets = \"hamlets.csv\"\n"), directory.path());
    for done in run(&batch, 2, None).0 {
        let names: Vec<&str> = done.hamlets.iter().map(|hamlet| hamlet.name.as_str()).collect();
        assert_eq!(names, ["Alofi", "Lakepa", "elsewhere", "-"]);
        let of = |name: &str| &done.hamlets[names.iter().position(|known| *known == name).unwrap()].figures;
        assert!(0 < of("Alofi").requests && 0 < of("Alofi").driven_mm);
        let asked: i64 = done.hamlets.iter().map(|hamlet| hamlet.figures.requests).sum();
        assert_eq!(asked, done.total.requests);
        assert_eq!((of("-").requests, of("-").shift_ms), (0, done.total.shift_ms));
        assert_eq!(of("-").empty_home_mm, done.total.empty_home_mm, "the way home is nobody's");
        assert!(batch.jobs.iter().all(|job| job.hash != crate::batch(SCENARIO).jobs[0].hash));
    }
}

#[test]
fn volumes_are_swept_over_and_meet_the_same_chance() {
    let text = "name = \"fan\"\nreplications = 2\n[demand.synthetic.participation]\nlow = 0.01\nmid = 0.03\nhigh = 0.1\n\
                [policy.as-is]\n[policy.one]\nvehicles = 1\n[sweep]\nvolume = [\"low\", \"mid\", \"high\"]\n";
    let batch = batch(text);
    let points: Vec<String> = batch.points().iter().map(mukae_sim::scenario::Rules::text).collect();
    assert_eq!(points, ["volume = low", "volume = mid", "volume = high"]);
    assert!(batch.told.iter().any(|told| told.contains("of the roads alone")), "{:?}", batch.told);
    assert!(batch.told.iter().any(|told| told.contains("(low)") && told.contains("(high)")), "{:?}", batch.told);
    let ids = |job: &Job| -> Vec<String> { batch.setup(job).0.asks.into_iter().map(|ask| ask.id).collect() };
    for job in &batch.jobs {
        let twin = |point: usize, policy: usize| {
            let is_it =
                |other: &&Job| (other.point, other.policy, other.replication) == (point, policy, job.replication);
            ids(batch.jobs.iter().find(is_it).unwrap())
        };
        assert_eq!(ids(job), twin(job.point, 0), "all policies meet the same riders");
        let most = twin(2, 0);
        assert!(ids(job).iter().all(|id| most.contains(id)), "a smaller volume has some of the riders of a larger one");
        assert!(job.point == 2 || ids(job).len() < most.len());
    }
    assert_ne!(ids(&batch.jobs[0]), ids(&batch.jobs[1]), "replications differ");
}

#[test]
fn tables_of_a_town_that_are_not_there_are_told() {
    let scenario = Scenario::parse("name = \"x\"\n[town]\nplaces = \"none.csv\"\n", Path::new("nowhere")).unwrap();
    let said = Batch::prepare(scenario, stage()).unwrap_err().to_string();
    assert!(said.starts_with("nowhere/none.csv: cannot be read"), "{said}");
}

#[test]
fn a_table_is_used_at_its_own_volume_and_at_another() {
    let directory = tempfile::tempdir().unwrap();
    let zone = TimeZone::get("Pacific/Niue").unwrap();
    let day = jiff::civil::date(2026, 11, 24);
    let model = Model::new(Town::from_roads(niue().graph()), Parameters::default(), &niue(), SNAP_LIMIT);
    let rows = model.day(&Day { date: day, zone: &zone, amount: Amount::Requests(100), scale: 1000, seed: 1 });
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
    let mut rows = Vec::new();
    let tables = [results::jobs, results::days, results::hours, results::hamlets];
    for table in tables.map(|table| table(&batch.plan(), &done)) {
        let mut csv = Vec::new();
        table.write_csv(&mut csv).unwrap();
        table.write_parquet(File::create(&file).unwrap()).unwrap();
        let read = results::Table::read_parquet(File::open(&file).unwrap()).unwrap();
        let mut again = Vec::new();
        read.write_csv(&mut again).unwrap();
        assert_eq!(String::from_utf8(again).unwrap(), String::from_utf8(csv).unwrap());
        let served = read.columns.iter().position(|column| column == "served").unwrap();
        assert!(matches!(read.rows[0][served], results::Cell::Whole(_)), "a number, not text");
        rows.push(read.rows.len());
    }
    let hamlets: usize = done.iter().map(|done| done.hamlets.len()).sum();
    assert_eq!(rows, [6, 18, 6 * 24, hamlets]);
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

//! Closed roads and days of snow, on the committed extract of Niue: drives take longer or another way while they hold, nothing is
//! broken that was not said, and every request ends.

mod city;
mod niue;

use std::path::Path;

use mukae_sim::batch::{self, Batch, Done, Job};
use mukae_sim::scenario::Scenario;
use niue::stage;

fn run(text: &str, directory: &Path) -> Vec<Done> {
    let batch = Batch::prepare(Scenario::parse(text, directory).unwrap(), stage()).unwrap();
    let jobs: Vec<&Job> = batch.jobs.iter().collect();
    let stop = std::sync::atomic::AtomicBool::new(false);
    let done = batch::run(&batch, &jobs, 2, None, &stop, &mut |_| {}).unwrap();
    done.into_iter().map(Option::unwrap).collect()
}

fn scenario(trouble: &str) -> String {
    format!(
        "name = \"weather\"\nseed = 3\n[demand]\nrequests = 60\ndays = \"2026-11-24..2026-11-26\"\n[trouble]\n{trouble}\n"
    )
}

fn sound(done: &Done) {
    assert_eq!(done.faults, [""; 0]);
    assert_eq!((done.rows, done.rows_used, done.total.requests), (180, 180, 180));
}

#[test]
fn without_trouble_a_table_of_it_changes_nothing() {
    let (without, with) = (run(&scenario(""), Path::new("")), run(&scenario("snow = []"), Path::new("")));
    assert_eq!(without[0].journal_hash, with[0].journal_hash);
    sound(&with[0]);
}

#[test]
fn snow_slows_its_days_and_no_others() {
    let clear = run(&scenario(""), Path::new(""));
    let snow = "snow = [{ days = \"2026-11-25\", percent = 200 }]";
    let snowed = run(&scenario(snow), Path::new(""));
    sound(&snowed[0]);
    let rides = |done: &Done, day: usize| done.days[day].ride_ms / done.days[day].served.max(1);
    assert!(rides(&clear[0], 1) * 3 / 2 < rides(&snowed[0], 1), "twice as long on the roads");
    assert!(rides(&snowed[0], 2) * 5 / 4 < rides(&snowed[0], 1), "and the day after the roads are clear");
    // the first class that comes to a day holds for it
    let both = "snow = [{ days = \"2026-11-25\", percent = 200 }, { share = 1, percent = 300 }]";
    let both = run(&scenario(both), Path::new(""));
    sound(&both[0]);
    assert!(rides(&both[0], 1) < rides(&both[0], 2), "{} {}", rides(&both[0], 1), rides(&both[0], 2));
}

#[test]
fn drawn_snow_is_the_same_for_every_policy_and_another_in_every_replication() {
    let text = scenario("snow = [{ share = 0.5, percent = 150 }]")
        + "[policy.as-is]\n[policy.patient]\npromise_width = \"20 min\"\n";
    let text = text.replace("seed = 3", "seed = 3\nreplications = 6");
    let done = run(&text, Path::new(""));
    done.iter().for_each(sound);
    // each change of the roads is a record of the journal: what is told depends on the days alone
    let clear = run(&text.replace("share = 0.5", "share = 0"), Path::new(""));
    let slowed = |policy: usize, replication: usize| {
        let at = policy * 6 + replication;
        done[at].days.iter().zip(&clear[at].days).map(|(day, clear)| day.ride_ms != clear.ride_ms).collect::<Vec<_>>()
    };
    let drawn: Vec<Vec<bool>> = (0..6).map(|replication| slowed(0, replication)).collect();
    assert!(drawn.iter().any(|days| days != &drawn[0]), "{drawn:?}");
    for (replication, days) in drawn.iter().enumerate() {
        if !days.contains(&true) {
            assert_eq!(slowed(1, replication), *days, "no snow for one policy and for the other");
        }
    }
}

#[test]
fn a_closed_road_is_gone_round_or_refused() {
    let directory = tempfile::tempdir().unwrap();
    let roads = r#"
[[measure]]
note = "the road along the coast, two days"
area = [[-19.030, -169.925], [-19.030, -169.915], [-19.045, -169.915], [-19.045, -169.925]]
close = true
from = 2026-11-24T00:00:00-11:00
until = 2026-11-26T00:00:00-11:00
"#;
    std::fs::write(directory.path().join("works.toml"), roads).unwrap();
    let open = run(&scenario(""), directory.path());
    let closed = run(&scenario("roads = \"works.toml\""), directory.path());
    sound(&closed[0]);
    assert_ne!(open[0].journal_hash, closed[0].journal_hash);
    assert!(closed[0].total.served <= open[0].total.served, "who can not be reached is not served");
    assert!(0 < closed[0].total.served);
}

#[test]
fn a_file_of_measures_that_can_not_be_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let prepare = || {
        let scenario = Scenario::parse(&scenario("roads = \"works.toml\""), directory.path()).unwrap();
        Batch::prepare(scenario, stage()).unwrap_err().to_string()
    };
    assert!(prepare().contains("works.toml: cannot be read"), "{}", prepare());
    std::fs::write(directory.path().join("works.toml"), "[[measure]]\nroad = \"No Such Road\"\nclose = true\n")
        .unwrap();
    assert!(prepare().contains("No Such Road"), "{}", prepare());
}

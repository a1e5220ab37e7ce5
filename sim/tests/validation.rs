//! The checks of `mukae sim validate`, on as many jobs as a test can wait for; and FleetPy's example on the excerpt of its
//! files, which has all that the example needs. With `MUKAE_FLEETPY` naming a directory of all its files the others run too.

#[path = "validation/days.rs"]
mod days;

use std::path::PathBuf;

use mukae_sim::validate::fleetpy::{CASES, Files, Starts};
use mukae_sim::validate::light::Light;
use mukae_sim::validate::queue::QUEUES;
use mukae_sim::validate::{Finding, hash};

/// How fast this machine is today is no matter of right and wrong.
const FASTER: &str = "times faster a request";

fn assert_met(findings: &[Finding]) {
    for finding in findings {
        println!("{finding}");
    }
    let missed: Vec<String> = findings.iter().filter(|finding| finding.is_wrong()).map(Finding::to_string).collect();
    assert!(missed.is_empty(), "{missed:#?}");
}

/// Audited: every schedule and promise of these queues is checked by code that the dispatcher does not share.
#[test]
fn queues_wait_and_lose_as_theory_says() {
    let findings: Vec<Finding> = QUEUES.iter().map(|queue| queue.check(40_000, 1, true)).collect();
    assert_met(&findings);
}

#[test]
fn in_light_traffic_the_mean_wait_is_that_of_the_table() {
    assert_met(&Light::excerpt().check(2_000, 1));
}

#[test]
fn fleetpys_example_comes_out_alike() {
    let (findings, comparison) = CASES[0].check(&Files::Excerpt).unwrap();
    println!("{comparison:#?}");
    let findings: Vec<Finding> = findings.into_iter().filter(|finding| finding.figure != FASTER).collect();
    assert_met(&findings);
    let comparison = comparison.unwrap();
    let all = comparison.served_by_both + comparison.only_ours + comparison.only_theirs + comparison.by_none;
    assert_eq!(all, 100);
}

#[test]
fn all_of_fleetpys_runs_come_out_alike_where_its_files_are() {
    let Some(directory) = std::env::var_os("MUKAE_FLEETPY") else { return };
    let files = Files::Directory(PathBuf::from(directory));
    let (_, whole) = CASES[0].run(&files).unwrap();
    let (_, excerpt) = CASES[0].run(&Files::Excerpt).unwrap();
    assert_eq!(whole.fates, excerpt.fates, "the excerpt has every road that matters");
    for case in &CASES {
        let (findings, comparison) = case.check(&files).unwrap();
        println!("{comparison:#?}");
        let findings: Vec<Finding> = findings.into_iter().filter(|finding| finding.figure != FASTER).collect();
        assert_met(&findings);
    }
}

#[test]
fn the_excerpt_says_what_it_lacks() {
    assert!(CASES[1..].iter().all(|case| case.check(&Files::Excerpt).is_err()));
    let error = CASES[3].run(&Files::Excerpt).unwrap_err().to_string();
    assert!(error.starts_with("inputs/demand/x_rural10d.csv is not in the excerpt"), "{error}");
    assert!(matches!(CASES[1].starts, Starts::Drawn { count: 9, .. }));
}

/// Refreshed by `MUKAE_GOLDEN=write`, like the golden figures; a change here is a change of what is decided or of how it
/// is recorded.
#[test]
fn the_journal_of_the_example_has_its_hash() {
    let found = hash::journal_hash();
    assert_eq!(found, hash::journal_hash());
    if std::env::var_os("MUKAE_GOLDEN").is_some_and(|value| value == "write") {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/validate-hash.txt");
        return std::fs::write(path, format!("{found}\n")).unwrap();
    }
    assert_eq!(found, hash::GOLDEN.trim());
}

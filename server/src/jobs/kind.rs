//! Kinds of jobs: what sets them apart from each other, all of it here.
//!
//! A job of another kind is another row: how its input is checked, how it is run, and what it leaves behind.

use std::path::Path;

/// What a job is given: lies in its directory.
pub const SCENARIO: &str = "scenario.toml";
pub const ATTACHED: &str = "attached";
/// What it leaves there.
pub const RESULTS: &str = "results";
pub const FIGURES: &str = "figures.json";
pub const REPORT: &str = "report.html";
pub const LOG: &str = "log.txt";

/// Plans and single jobs among the results are for the program that goes on from them.
const OWN_OF_RESULTS: [&str; 2] = ["plan.json", "jobs"];

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Kind {
    /// As records name it.
    pub word: &'static str,
    /// The verbs of the program that look at the input, and that do the work.
    pub check: [&'static str; 2],
    pub run: [&'static str; 2],
}

impl Kind {
    pub const SIMULATION: Kind = Kind { word: "simulation", check: ["sim", "check"], run: ["sim", "run"] };

    pub fn of_word(word: &str) -> Option<Kind> {
        [Kind::SIMULATION].into_iter().find(|kind| kind.word == word)
    }
}

/// Whether a file in this place of a job's directory is for those who fetch it.
pub fn is_told(file: &Path) -> bool {
    let mut parts = file.iter().filter_map(|part| part.to_str());
    match (parts.next(), parts.next(), parts.next()) {
        (Some(SCENARIO | FIGURES | REPORT | LOG), None, None) => true,
        (Some(ATTACHED), Some(_), None) => true,
        // half of a file is beside its name
        (Some(RESULTS), Some(name), None) => !OWN_OF_RESULTS.contains(&name) && !name.ends_with(".new"),
        _ => false,
    }
}

/// As it is called by those who fetch it: results by their bare names.
pub fn told_as(file: &str) -> &str {
    file.strip_prefix("results/").unwrap_or(file)
}

pub fn media_type(file: &str) -> &'static str {
    match file.rsplit('.').next() {
        Some("toml") => "application/toml",
        Some("json") => "application/json",
        Some("csv") => "text/csv",
        Some("html") => "text/html",
        Some("txt") => "text/plain",
        Some("parquet") => "application/vnd.apache.parquet",
        _ => "application/octet-stream",
    }
}

//! A scenario: what is simulated, how often, and under which policies side by side.
//!
//! A TOML file, every key of which stands in `docs/simulator.md`. Unknown keys are errors, everything wrong is told at
//! once, with its line; paths are relative to the file. What the town itself is (map, services, vehicles, shifts) stands
//! in its own configuration, which this room does not read: whoever runs a scenario brings the town as a
//! [`Stage`](crate::batch::Stage).

mod behaviour;
mod cost;
mod files;
mod fleet;
mod hours;
mod knob;
mod read;
mod report;
mod trouble;

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use mukae_config::Problem;
use mukae_units::{Metres, Span, Time};
use thiserror::Error;

use crate::behaviour::Behaviour;
use crate::compare::Measure;
use crate::demand::synthetic::{Amount, Parameters};
use crate::past::{Repeats, Start};
use crate::trouble::Trouble;

pub use cost::Cost;
pub use files::{Attached, AttachedArea, Files};
pub(crate) use fleet::date_of;
pub use fleet::vehicle_days;
pub use knob::{Knob, Rules};
pub use read::days_of;

#[derive(Clone, PartialEq, Debug)]
pub struct Scenario {
    pub name: String,
    pub seed: u64,
    /// How often every policy meets another demand and other luck; at least once.
    pub replications: u32,
    /// The town's configuration; `None`: the built-in town.
    pub town: Option<PathBuf>,
    /// Tables of where people go and live; `None`: as whoever brings the town has them, or of its roads.
    pub places: Option<PathBuf>,
    pub homes: Option<PathBuf>,
    pub demand: Demand,
    /// Shifts are announced so long before they begin.
    pub announce_ahead: Span,
    /// Every schedule and promise is checked as the run goes.
    pub is_audited: bool,
    pub behaviour: Behaviour,
    pub trouble: Trouble,
    /// In the order of the file; at least one.
    pub policies: Vec<Policy>,
    /// What is varied for all policies, each with its values; all combinations are run.
    pub sweep: Vec<(Knob, Vec<i64>)>,
    pub cost: Option<Cost>,
    pub report: Report,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Demand {
    pub source: Source,
    /// Dates of service; `None`: those of the table, or the demonstration day.
    pub days: Option<RangeInclusive<Date>>,
    /// Thousandths of the requests that the source has.
    pub scale: i64,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Source {
    /// Drawn from residents and places.
    Synthetic { amount: Amount, parameters: Box<Parameters> },
    /// `docs/demand-csv.md`.
    Table { file: PathBuf, carrier: Carrier },
    /// The journal of an area: `docs/past.md`.
    Journal { journal: Recorded, repeats: Repeats, from: Option<Start> },
}

/// Where an area's journal lies.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recorded {
    pub directory: PathBuf,
    /// How it is called in what is said of it; `None`: by its directory.
    pub called: Option<String>,
    /// What was recorded from here on is left out; `None`: nothing.
    pub until: Option<Time>,
}

/// How a table of requests is stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Carrier {
    Csv,
    Parquet,
}

/// One of the policies that are compared: what it does differently from the town's configuration.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Policy {
    pub name: String,
    pub rules: Rules,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Report {
    /// An index into the policies.
    pub baseline: usize,
    /// And one into the points of the sweep, which the others are compared with.
    pub baseline_point: usize,
    pub measures: Vec<&'static Measure>,
    /// Of intervals, in thousandths.
    pub confidence: i64,
    /// Consecutive days that are drawn together.
    pub block_days: usize,
    /// The town's zones, or squares of a kilometre, if it says none.
    pub hamlets: Option<NamedHamlets>,
}

/// `[report] hamlets`: a table of names and places, and how far from one somebody may live.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NamedHamlets {
    pub file: PathBuf,
    pub limit: Metres,
}

/// Why a scenario can not be used.
#[derive(Debug, Error)]
pub enum ScenarioError {
    #[error("{file}: cannot be read: {source}")]
    Read { file: String, source: std::io::Error },
    /// One line for each problem.
    #[error("{}", mukae_config::list(file, problems))]
    Wrong { file: String, problems: Vec<Problem> },
}

impl Scenario {
    /// From a file that names only what it may.
    pub fn load(file: &Path, files: &Files) -> Result<Scenario, ScenarioError> {
        let name = file.display().to_string();
        let text =
            std::fs::read_to_string(file).map_err(|source| ScenarioError::Read { file: name.clone(), source })?;
        Scenario::read(&text, files).map_err(|problems| ScenarioError::Wrong { file: name, problems })
    }

    /// From the text of a file in `directory`; whether the files it names are there is not looked at.
    pub fn parse(text: &str, directory: &Path) -> Result<Scenario, Vec<Problem>> {
        Scenario::read(text, &Files::Unseen(directory.to_owned()))
    }

    pub fn read(text: &str, files: &Files) -> Result<Scenario, Vec<Problem>> {
        read::read(text, files)
    }

    /// All combinations of what is swept, the last knob fastest; one empty point if nothing is.
    pub fn points(&self) -> Vec<Rules> {
        points(&self.sweep)
    }
}

fn points(sweep: &[(Knob, Vec<i64>)]) -> Vec<Rules> {
    let mut points = vec![Rules::default()];
    for (knob, values) in sweep {
        points = points.iter().flat_map(|point| values.iter().map(|&value| point.with(*knob, value))).collect();
    }
    points
}

#[cfg(test)]
mod tests;

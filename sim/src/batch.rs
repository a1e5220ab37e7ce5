//! Many runs of one scenario: every policy at every point of the sweep, as often as it says.
//!
//! A batch is a list of jobs that know nothing of each other. A job's result depends on the job alone, so it does not
//! matter how many threads work, in which order, on which machine, or whether a result was there before. Every
//! replication has one demand and one luck, whichever policy meets them: differences between policies are those of the
//! policies.

mod demand;
mod pool;
mod stage;
mod store;

use std::sync::Arc;

use jiff::civil::Date;
use mukae_engine::Command;
use mukae_units::Time;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::behaviour::Behaviour;
use crate::demand::{RequestRow, RowProblem};
use crate::kpi::FORMULA_VERSION;
use crate::random::{Luck, Purpose};
use crate::results::Figures;
use crate::scenario::{Rules, Scenario, vehicle_days};
use crate::simulation::{Setup, SetupError, Simulation};

pub use pool::{Told, run};
pub use stage::Stage;
pub use store::{Store, StoreError, merge};

/// Everything that is decided before the first job runs.
#[derive(Debug)]
pub struct Batch {
    pub scenario: Scenario,
    stage: Stage,
    /// Of a table; synthetic demand is drawn job by job.
    rows: Option<Arc<Vec<RequestRow>>>,
    /// Rows of the table that can not be used, and how many there were of all.
    pub problems: Vec<RowProblem>,
    pub rows_dropped: usize,
    /// Rows outside the scenario's days.
    pub rows_outside: usize,
    pub dates: Vec<Date>,
    settings: Vec<Command>,
    points: Vec<Rules>,
    pub jobs: Vec<Job>,
}

/// One run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Job {
    pub index: usize,
    /// Indices into the scenario's points and policies.
    pub point: usize,
    pub policy: usize,
    pub replication: u32,
    /// What the result depends on, as one word: jobs of the same word have the same result.
    pub hash: String,
}

/// A batch as its results name it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Plan {
    pub scenario: String,
    pub dates: Vec<String>,
    pub jobs: Vec<PlannedJob>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PlannedJob {
    pub point: String,
    pub policy: String,
    pub replication: u32,
    pub hash: String,
}

/// The result of a job.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Done {
    pub journal_hash: String,
    pub state_hash: String,
    pub records: i64,
    pub rows: i64,
    pub rows_used: i64,
    /// Rows of this job's demand that lie off the map; the same for all policies.
    pub left_out: Vec<String>,
    pub faults: Vec<String>,
    pub total: Figures,
    /// One for each date of the plan.
    pub days: Vec<Figures>,
    /// The key figures as a single run shows them.
    pub kpis: serde_json::Value,
    pub shown: String,
}

#[derive(Debug, Error)]
pub enum BatchError {
    #[error("{file}: cannot be read: {source}")]
    Read { file: String, source: std::io::Error },
    #[error("{file}: {source}")]
    Table { file: String, source: crate::demand::csv::ReadTableError },
    #[error("{file}: no row can be used; {dropped} cannot be read and {outside} are outside the days of the scenario")]
    NoRows { file: String, dropped: usize, outside: usize },
    #[error("the town can not be set up: {0}")]
    Stage(String),
    #[error("policy {policy}{point}, replication {replication}: {source}")]
    Setup { policy: String, point: String, replication: u32, source: SetupError },
    #[error("{0}")]
    Store(#[from] StoreError),
}

impl Batch {
    /// Reads what the scenario names and lists its jobs: points outermost, replications innermost.
    pub fn prepare(scenario: Scenario, stage: Stage) -> Result<Batch, BatchError> {
        let loaded = demand::load(&scenario.demand, &stage.zone)?;
        let dates = loaded.dates;
        let (first, last) = (dates[0], dates[dates.len() - 1]);
        let settings = (stage.settings)(first..=last).map_err(BatchError::Stage)?;
        let mut batch = Batch {
            rows: loaded.rows.map(Arc::new),
            problems: loaded.problems,
            rows_dropped: loaded.dropped,
            rows_outside: loaded.outside,
            dates,
            settings,
            points: scenario.points(),
            jobs: Vec::new(),
            scenario,
            stage,
        };
        batch.jobs = batch.list();
        Ok(batch)
    }

    fn list(&self) -> Vec<Job> {
        let common = self.common_hash();
        let mut jobs = Vec::new();
        for (point, rules) in self.points.iter().enumerate() {
            for (policy, told) in self.scenario.policies.iter().enumerate() {
                let rules = told.rules.and(rules).text();
                for replication in 0..self.scenario.replications {
                    let about = format!("{common}|{rules}|{replication}");
                    let hash = blake3::hash(about.as_bytes()).to_hex()[..32].to_owned();
                    jobs.push(Job { index: jobs.len(), point, policy, replication, hash });
                }
            }
        }
        jobs
    }

    /// Of everything that all jobs have in common. Names of the scenario and its policies are not part of it.
    fn common_hash(&self) -> String {
        let Scenario { seed, demand, announce_ahead, is_audited, behaviour, .. } = &self.scenario;
        let source = match &self.rows {
            Some(rows) => format!("{rows:?}"),
            None => format!("{:?}", demand.source),
        };
        let about = format!(
            "{}|{FORMULA_VERSION}|{seed}|{source}|{}|{:?}|{announce_ahead:?}|{is_audited}|{behaviour:?}|{:?}",
            self.stage.program, demand.scale, self.dates, self.settings
        );
        blake3::hash(about.as_bytes()).to_hex().to_string()
    }

    pub fn plan(&self) -> Plan {
        let job = |job: &Job| PlannedJob {
            point: self.points[job.point].text(),
            policy: self.scenario.policies[job.policy].name.clone(),
            replication: job.replication,
            hash: job.hash.clone(),
        };
        Plan {
            scenario: self.scenario.name.clone(),
            dates: self.dates.iter().map(Date::to_string).collect(),
            jobs: self.jobs.iter().map(job).collect(),
        }
    }

    pub fn points(&self) -> &[Rules] {
        &self.points
    }

    /// What the policy and the point of a job set together.
    pub fn rules(&self, job: &Job) -> Rules {
        self.scenario.policies[job.policy].rules.and(&self.points[job.point])
    }

    /// What the job's run is given, how many rows its demand has, and those it leaves out.
    pub fn setup(&self, job: &Job) -> (Setup, usize, Vec<RowProblem>) {
        let rules = self.rules(job);
        let rows: Vec<RequestRow> = self.demand(job.replication).into_iter().map(|row| rules.row(row)).collect();
        let (asks, problems) = self.stage.asks(&rows);
        let mut setup = Setup::new(rules.settings(&self.settings), asks);
        setup.announce_ahead = self.scenario.announce_ahead;
        setup.is_audited = self.scenario.is_audited;
        setup.behaviour = Behaviour { seed: self.seed(job.replication), ..self.scenario.behaviour };
        setup.pages = self.dates[1..].iter().map(|&date| midnight(&self.stage, date)).collect();
        (setup, rows.len(), problems)
    }

    fn seed(&self, replication: u32) -> u64 {
        Luck::new(self.scenario.seed).draw(u64::from(replication), Purpose::Replication, 0).bits()
    }

    fn demand(&self, replication: u32) -> Vec<RequestRow> {
        let luck = Luck::new(self.seed(replication));
        match &self.rows {
            Some(rows) => demand::scaled(rows, self.scenario.demand.scale, luck),
            None => demand::drawn(&self.scenario.demand, &self.dates, luck, &self.stage),
        }
    }

    /// Runs one job to its end. `keep` is given its records, `progress` told how far it is, in thousandths.
    pub fn simulate(
        &self,
        job: &Job,
        keep: &mut dyn FnMut(&[u8]),
        progress: &mut dyn FnMut(u32),
    ) -> Result<Done, BatchError> {
        let (setup, rows, left_out) = self.setup(job);
        let rows_used = setup.asks.len();
        let working = vehicle_days(&setup.settings, &self.stage.zone);
        let wrong = |source| BatchError::Setup {
            policy: self.scenario.policies[job.policy].name.clone(),
            point: match self.points[job.point].text() {
                point if point.is_empty() => point,
                point => format!(" ({point})"),
            },
            replication: job.replication,
            source,
        };
        let (mut roads, mut lengths) = (self.stage.map.query(), self.stage.map.query());
        let simulation = Simulation::new(setup, &mut roads, &mut lengths, keep).map_err(wrong)?;
        let outcome = simulation.run(&mut |at| progress(at.share()));
        let on = |date: &Date| working.get(date).copied().unwrap_or(0);
        let days = self.dates.iter().zip(&outcome.pages).map(|(date, kpis)| Figures::of(kpis, on(date))).collect();
        Ok(Done {
            journal_hash: outcome.journal_hash.to_string(),
            state_hash: outcome.state_hash.to_string(),
            records: outcome.records as i64,
            rows: rows as i64,
            rows_used: rows_used as i64,
            left_out: left_out.iter().map(ToString::to_string).collect(),
            faults: outcome.faults.iter().map(ToString::to_string).collect(),
            total: Figures::of(&outcome.kpis, self.dates.iter().map(on).sum()),
            days,
            kpis: serde_json::to_value(&outcome.kpis).expect("key figures are names and numbers"),
            shown: outcome.kpis.to_string(),
        })
    }
}

/// The first instant of a date, by the clocks of the town.
fn midnight(stage: &Stage, date: Date) -> Time {
    let zoned = date.to_zoned(stage.zone.clone()).expect("dates of a scenario lie in the years of the calendar");
    Time::from_unix_millis(zoned.timestamp().as_millisecond())
}

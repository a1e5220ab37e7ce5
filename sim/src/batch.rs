//! Many runs of one scenario: every policy at every point of the sweep, as often as it says.
//!
//! A batch is a list of jobs that know nothing of each other. A job's result depends on the job alone, so it does not
//! matter how many threads work, in which order, on which machine, or whether a result was there before. Every
//! replication has one demand and one luck, whichever policy meets them: differences between policies are those of the
//! policies.

mod demand;
mod hamlets;
mod pool;
mod stage;
mod store;

use std::sync::Arc;

use jiff::civil::Date;
use mukae_engine::Command;
use mukae_maps::overlay::{BrokenOverlay, Measure, read_overlay};
use mukae_units::{Span, Time};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::behaviour::Behaviour;
use crate::demand::synthetic::{Model, ReadTownError};
use crate::demand::{RequestRow, RowProblem};
use crate::kpi::{self, Calendar, FORMULA_VERSION, Hamlets, Ledger};
use crate::past::{self, Past, PastError};
use crate::random::{Luck, Purpose};
use crate::results::{DayPart, Figures, Hamlet};
use crate::scenario::{Rules, Scenario, vehicle_days};
use crate::simulation::{Progress, Setup, SetupError};

use crate::civil::midnight;
use crate::past::Told as Heard;
use crate::trouble::{self, Trouble};

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
    /// Of a journal, which brings its own settings.
    pub past: Option<Past>,
    /// Of synthetic demand.
    model: Option<Model>,
    /// What a person should know of synthetic demand, a line each.
    pub told: Vec<String>,
    /// Rows of the table that can not be used, and how many there were of all.
    pub problems: Vec<RowProblem>,
    pub rows_dropped: usize,
    /// Rows outside the scenario's days.
    pub rows_outside: usize,
    pub dates: Vec<Date>,
    settings: Vec<Command>,
    /// The measures of a file.
    closures: Vec<Measure>,
    hamlets: Hamlets,
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
    /// What a run that begins on the way could not know, a line each.
    #[serde(default)]
    pub assumed: Vec<String>,
    pub faults: Vec<String>,
    pub total: Figures,
    /// One for each date of the plan.
    pub days: Vec<Figures>,
    /// One for each hour of the day, over all days.
    pub hours: Vec<Figures>,
    /// Of hamlets in which something happened, over all days; what belongs to no rider last.
    pub hamlets: Vec<Hamlet>,
    pub day_hours: Vec<DayPart>,
    pub day_hamlets: Vec<DayPart>,
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
    #[error("{0}")]
    Town(#[from] ReadTownError),
    #[error("{file}: no row can be used; {dropped} cannot be read and {outside} are outside the days of the scenario")]
    NoRows { file: String, dropped: usize, outside: usize },
    #[error("{0}")]
    Past(#[from] PastError),
    #[error("the town can not be set up: {0}")]
    Stage(String),
    #[error("policy {policy}{point}, replication {replication}: {source}")]
    Setup { policy: String, point: String, replication: u32, source: SetupError },
    #[error("{file}: {source}")]
    Hamlets { file: String, source: crate::demand::sheet::ReadSheetError },
    #[error("{file}: there is no hamlet in it; each line has a name, a latitude and a longitude")]
    NoHamlets { file: String },
    #[error("{0}")]
    Roads(#[from] BrokenOverlay),
    #[error("{0}")]
    Store(#[from] StoreError),
}

impl Batch {
    /// Reads what the scenario names and lists its jobs: points outermost, replications innermost.
    pub fn prepare(scenario: Scenario, stage: Stage) -> Result<Batch, BatchError> {
        let loaded = demand::load(&scenario.demand, &stage)?;
        let dates = loaded.dates;
        let (model, told) = demand::model(&scenario, &stage, &dates)?;
        let (first, last) = (dates[0], dates[dates.len() - 1]);
        let settings = match &loaded.past {
            Some(_) => Vec::new(),
            None => (stage.settings)(first..=last).map_err(BatchError::Stage)?,
        };
        let closures = closures(&scenario.trouble, &stage)?;
        let hamlets = match &scenario.report.hamlets {
            Some(named) => hamlets::load(&named.file, named.limit)?,
            None => stage.hamlets.clone(),
        };
        let mut batch = Batch {
            rows: loaded.rows.map(Arc::new),
            past: loaded.past,
            model,
            told,
            problems: loaded.problems,
            rows_dropped: loaded.dropped,
            rows_outside: loaded.outside,
            dates,
            settings,
            closures,
            hamlets,
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
        let Scenario { seed, demand, announce_ahead, is_audited, behaviour, trouble, .. } = &self.scenario;
        let source = match (&self.rows, &self.past) {
            (Some(rows), _) => format!("{rows:?}"),
            (_, Some(past)) => {
                let from = past.begun.as_ref().map(|begun| begun.at);
                format!("{}|{:?}|{from:?}", past.journal_hash, past.counts.repeats)
            }
            _ => format!("{:?}|{:?}", demand.source, self.model.as_ref().map(Model::town)),
        };
        let about = format!(
            "{}|{FORMULA_VERSION}|{seed}|{source}|{}|{:?}|{announce_ahead:?}|{is_audited}|{behaviour:?}|{:?}|{:?}|{:?}|{:?}",
            self.stage.program, demand.scale, self.dates, self.settings, trouble.snow, self.closures, self.hamlets
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

    /// Who must be thanked for the map.
    pub fn credit(&self) -> &str {
        self.stage.map.credit()
    }

    /// The demand was not drawn.
    pub fn is_of_table(&self) -> bool {
        self.rows.is_some()
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
        if let Some(past) = &self.past {
            let (first, last) = (self.dates[0], self.dates[self.dates.len() - 1]);
            let setup = self.completed(past.setup(&rules, &(first..=last), &self.stage.zone), job);
            let wishes = setup.asks.len();
            return (setup, wishes, Vec::new());
        }
        let rows: Vec<RequestRow> =
            self.demand(job.replication, &rules).into_iter().map(|row| rules.row(row)).collect();
        let (asks, problems) = self.stage.asks(&rows);
        let mut setup = Setup::new(rules.settings(&self.settings, &self.stage.zone), asks);
        setup.announce_ahead = self.scenario.announce_ahead;
        setup.told = self.trouble(job.replication, setup.start);
        (self.completed(setup, job), rows.len(), problems)
    }

    fn completed(&self, mut setup: Setup, job: &Job) -> Setup {
        setup.is_audited = self.scenario.is_audited;
        setup.effort = self.rules(job).effort();
        setup.behaviour = Behaviour { seed: self.seed(job.replication), ..self.scenario.behaviour };
        setup.calendar = Calendar { zone: self.stage.zone.clone(), hamlets: self.hamlets.clone() };
        setup
    }

    /// What is told of roads, in the run of a replication that begins at `start`.
    fn trouble(&self, replication: u32, start: Time) -> Vec<Heard> {
        let Stage { map, zone, .. } = &self.stage;
        let luck = Luck::new(self.seed(replication));
        let measures = self.scenario.trouble.measures(&self.closures, map, &self.dates, zone, luck);
        // what begins after the last day is over changes nothing any more
        let last = self.dates[self.dates.len() - 1];
        trouble::told(&measures, map, (start, midnight(last, zone) + Span::DAY * 2))
    }

    fn seed(&self, replication: u32) -> u64 {
        Luck::new(self.scenario.seed).draw(u64::from(replication), Purpose::Replication, 0).bits()
    }

    /// The same for all policies; of synthetic demand, a smaller volume has the beginning of a larger one.
    fn demand(&self, replication: u32, rules: &Rules) -> Vec<RequestRow> {
        let luck = Luck::new(self.seed(replication));
        match (&self.rows, &self.model) {
            (Some(rows), _) => demand::scaled(rows, self.scenario.demand.scale, luck),
            (None, Some(model)) => {
                demand::drawn(model, &self.scenario.demand, rules.volume(), &self.dates, luck, &self.stage.zone)
            }
            (None, None) => Vec::new(),
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
        let working = vehicle_days(setup.shifts(), &self.stage.zone);
        let wrong = |source| BatchError::Setup {
            policy: self.scenario.policies[job.policy].name.clone(),
            point: match self.points[job.point].text() {
                point if point.is_empty() => point,
                point => format!(" ({point})"),
            },
            replication: job.replication,
            source,
        };
        let told = &mut |at: Progress| progress(at.share());
        let outcome = past::simulate(setup, &self.stage.map, keep, told).map_err(wrong)?;
        let on = |date: &Date| working.get(date).copied().unwrap_or(0);
        let ledger = &outcome.ledger;
        let hours = ledger.hours(None).iter().map(|kpis| Figures::of(kpis, 0)).collect();
        let hamlets: Vec<Hamlet> = ledger.hamlets(None).iter().map(Hamlet::of).collect();
        let (day_hours, day_hamlets) = ledger.day_parts();
        Ok(Done {
            journal_hash: outcome.journal_hash.to_string(),
            state_hash: outcome.state_hash.to_string(),
            records: outcome.records as i64,
            rows: rows as i64,
            rows_used: rows_used as i64,
            left_out: left_out.iter().map(ToString::to_string).collect(),
            assumed: outcome.assumed.iter().map(|(what, count)| format!("{count} {what}")).collect(),
            faults: outcome.faults.iter().map(ToString::to_string).collect(),
            total: Figures::of(&outcome.kpis, self.dates.iter().map(on).sum::<u64>() + outcome.kpis.shifts_called),
            days: self.days(ledger, &on),
            hours,
            day_hours: self.parts(day_hours, |part| part.name.parse().ok()),
            day_hamlets: self.parts(day_hamlets, |part| hamlets.iter().position(|hamlet| hamlet.name == part.name)),
            hamlets,
            kpis: serde_json::to_value(&outcome.kpis).expect("key figures are names and numbers"),
            shown: outcome.kpis.to_string(),
        })
    }

    /// Figures of every date. A window that a policy widens may begin on the day before the first one: it counts there.
    fn days(&self, ledger: &Ledger, vehicles: &dyn Fn(&Date) -> u64) -> Vec<Figures> {
        let mut days: Vec<Figures> = vec![Figures::default(); self.dates.len()];
        for (date, kpis) in ledger.days_within(&(self.dates[0]..=self.dates[self.dates.len() - 1])) {
            days[self.day(date)] = Figures::of(&kpis, 0);
        }
        days.iter_mut()
            .zip(&self.dates)
            .for_each(|(day, date)| day.vehicle_days = vehicles(date) as i64 + day.shifts_called);
        days
    }

    /// The position of a date, or of the one nearest to it.
    fn day(&self, date: Date) -> usize {
        self.dates.partition_point(|known| *known < date).min(self.dates.len() - 1)
    }

    fn parts(&self, parts: Vec<kpi::DayPart>, position: impl Fn(&kpi::DayPart) -> Option<usize>) -> Vec<DayPart> {
        let whole = |part: &kpi::DayPart| {
            let position = position(part).expect("what has a day has a whole");
            let (requests, served, waits) = (part.requests as i64, part.served as i64, part.waits as i64);
            DayPart(self.day(part.date), position, requests, served, waits, part.wait_ms)
        };
        parts.iter().map(whole).collect()
    }
}

fn closures(trouble: &Trouble, stage: &Stage) -> Result<Vec<Measure>, BatchError> {
    let Some(path) = &trouble.roads else { return Ok(Vec::new()) };
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|source| BatchError::Read { file: name.clone(), source })?;
    Ok(read_overlay(&text, &name, stage.map.graph())?.measures)
}

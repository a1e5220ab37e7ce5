//! How a job stands, as it is written down: `record.json`, replaced as a whole whenever it changes.

use serde::{Deserialize, Serialize};

use crate::names::SimulationName;

/// Starts of the server that found the job under way, which is to say that it had not stopped in order.
const CRASHES_MAX: u32 = 3;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Record {
    /// [`Kind::word`](super::Kind::word).
    pub kind: String,
    pub tenant: String,
    /// The milliseconds of its creation, unless that was another's.
    pub id: u64,
    pub scenario_name: String,
    pub with_report: bool,
    /// Areas that the scenario may name: `areas/{area}`.
    pub areas: Vec<String>,
    pub creator: String,
    pub created_ms: i64,
    pub started_ms: Option<i64>,
    pub ended_ms: Option<i64>,
    pub standing: Standing,
    pub progress: Option<Progress>,
    pub failure: Option<String>,
    pub program_version: String,
    pub files: Vec<Known>,
    pub bytes: u64,
    /// How often a server was started that found it under way.
    pub crashes: u32,
    /// Those that made, cancelled and deleted it.
    pub requests: Vec<Asked>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    Queued,
    Running,
    Succeeded,
    Failed,
    Cancelled,
    /// Nothing is left but this record.
    Deleted,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Progress {
    pub jobs: u32,
    pub jobs_done: u32,
    /// Thousandths of all simulated time.
    pub share: u32,
    /// Seconds, if that can be told.
    pub left_s: Option<u64>,
}

/// A file that can be fetched.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Known {
    pub file: String,
    pub bytes: u64,
}

/// A request that may come again: who asked under which id, and what, both as hashes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Asked {
    pub id: String,
    pub fingerprint: String,
}

impl Standing {
    /// Nothing comes of it any more.
    pub fn is_over(self) -> bool {
        !matches!(self, Standing::Queued | Standing::Running)
    }
}

impl Record {
    pub fn name(&self) -> SimulationName {
        SimulationName { tenant: self.tenant.clone(), id: self.id }
    }

    /// Whether anybody may still ask for it.
    pub fn is_there(&self) -> bool {
        self.standing != Standing::Deleted
    }

    pub fn end(&mut self, how: Standing, now_ms: i64) {
        self.standing = how;
        self.ended_ms = Some(now_ms);
        self.progress = self.progress.map(|progress| Progress { left_s: None, ..progress });
    }

    pub fn fail(&mut self, why: impl Into<String>, now_ms: i64) {
        self.end(Standing::Failed, now_ms);
        self.failure = Some(why.into());
    }

    pub fn erase(&mut self, now_ms: i64) {
        let requests = std::mem::take(&mut self.requests);
        self.end(Standing::Deleted, now_ms);
        *self = Record {
            files: Vec::new(),
            bytes: 0,
            scenario_name: String::new(),
            failure: None,
            requests,
            ..self.clone()
        };
    }

    /// As a server that starts takes it up: what was under way is queued again, if that has led to anything so far.
    pub fn taken_up(mut self, now_ms: i64) -> Record {
        if self.standing != Standing::Running {
            return self;
        }
        self.crashes += 1;
        self.standing = Standing::Queued;
        if CRASHES_MAX <= self.crashes {
            let times = self.crashes;
            self.fail(
                format!("the server ended {times} times while this was under way, without being told to"),
                now_ms,
            );
        }
        self
    }
}

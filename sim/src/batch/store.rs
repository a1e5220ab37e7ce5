//! A directory of results: one file a job, called by the job's hash, and the plan they belong to.
//!
//! A file is written beside its name and then moved there, so that whatever interrupts a batch leaves whole results or
//! none. Shards of one batch may share a directory.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use thiserror::Error;

use super::{Done, Plan};

const PLAN: &str = "plan.json";
const JOBS: &str = "jobs";

#[derive(Clone, Debug)]
pub struct Store {
    directory: PathBuf,
}

#[derive(Debug, Error)]
pub enum StoreError {
    #[error("{file}: {source}")]
    File { file: String, source: io::Error },
    #[error("{file}: this is no result of this program: {source}; remove the file to run its job again")]
    NotOurs { file: String, source: serde_json::Error },
    #[error("{directory}: there is no {PLAN}, so this is no directory of results")]
    NoPlan { directory: String },
    #[error("{directory} holds results of another batch than {first}; only shards of one scenario go together")]
    OtherPlan { directory: String, first: String },
    #[error("{} of {jobs} jobs are missing: {}", missing.len(), few(missing))]
    Missing { jobs: usize, missing: Vec<usize> },
}

/// The first few, which is enough to find the shard that was not run.
fn few(missing: &[usize]) -> String {
    const SHOWN: usize = 12;
    let shown: Vec<String> = missing.iter().take(SHOWN).map(usize::to_string).collect();
    let more = if SHOWN < missing.len() { ", and more" } else { "" };
    format!("{}{more}", shown.join(", "))
}

impl Store {
    /// Opens or begins a directory and writes the plan down. Results of other plans may lie there: a job's file is
    /// called by all it depends on.
    pub fn open(directory: &Path, plan: &Plan) -> Result<Store, StoreError> {
        let store = Store { directory: directory.to_owned() };
        let jobs = directory.join(JOBS);
        fs::create_dir_all(&jobs).map_err(|source| StoreError::File { file: jobs.display().to_string(), source })?;
        store.write(&directory.join(PLAN), plan)?;
        Ok(store)
    }

    fn file(&self, hash: &str) -> PathBuf {
        self.directory.join(JOBS).join(format!("{hash}.json"))
    }

    pub fn find(&self, hash: &str) -> Result<Option<Done>, StoreError> {
        read(&self.file(hash))
    }

    pub fn keep(&self, hash: &str, done: &Done) -> Result<(), StoreError> {
        self.write(&self.file(hash), done)
    }

    /// Processes that write the same file write the same bytes; each has a name of its own to write beside.
    fn write(&self, file: &Path, value: &impl serde::Serialize) -> Result<(), StoreError> {
        let failed = |source| StoreError::File { file: file.display().to_string(), source };
        let bytes = serde_json::to_vec(value).expect("results are names, numbers and text");
        // Several jobs of one batch may have one hash, and so one file.
        static WRITTEN: AtomicU64 = AtomicU64::new(0);
        let (process, nth) = (std::process::id(), WRITTEN.fetch_add(1, Ordering::Relaxed));
        let beside = file.with_extension(format!("{process}-{nth}.new"));
        fs::write(&beside, bytes).and_then(|()| fs::rename(&beside, file)).map_err(failed)
    }
}

fn read<T: serde::de::DeserializeOwned>(file: &Path) -> Result<Option<T>, StoreError> {
    let name = || file.display().to_string();
    let bytes = match fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(StoreError::File { file: name(), source }),
    };
    serde_json::from_slice(&bytes).map(Some).map_err(|source| StoreError::NotOurs { file: name(), source })
}

/// The results of one batch from the directories of its shards, in the order of its jobs; nothing may be missing.
pub fn merge(directories: &[PathBuf]) -> Result<(Plan, Vec<Done>), StoreError> {
    let mut plan: Option<Plan> = None;
    for directory in directories {
        let found: Plan = read(&directory.join(PLAN))?
            .ok_or_else(|| StoreError::NoPlan { directory: directory.display().to_string() })?;
        if plan.as_ref().is_some_and(|plan| *plan != found) {
            let first = directories[0].display().to_string();
            return Err(StoreError::OtherPlan { directory: directory.display().to_string(), first });
        }
        plan = Some(found);
    }
    let plan = plan.ok_or(StoreError::NoPlan { directory: "(no directory)".to_owned() })?;
    let stores: Vec<Store> = directories.iter().map(|directory| Store { directory: directory.clone() }).collect();
    let (mut done, mut missing) = (Vec::new(), Vec::new());
    for (index, job) in plan.jobs.iter().enumerate() {
        let mut found = None;
        for store in &stores {
            found = store.find(&job.hash)?;
            if found.is_some() {
                break;
            }
        }
        match found {
            Some(found) => done.push(found),
            None => missing.push(index),
        }
    }
    if missing.is_empty() { Ok((plan, done)) } else { Err(StoreError::Missing { jobs: plan.jobs.len(), missing }) }
}

//! A child at work: this program's own binary, in a group of its own, behind everything else on the machine.
//!
//! It is given a pipe as its standard input and ends when that is closed, so that it does not outlive a server that is
//! killed. It has the lowest priority, and is the first to go when memory runs out.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process_group, setpriority_pgrp};
use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{ChildStdin, ChildStdout, Command};

use super::kind::{ATTACHED, FIGURES, LOG, REPORT, RESULTS, SCENARIO};
use super::record::Progress;
use super::{Kind, Record, Simulator};
use crate::names::AreaName;

/// The lowest there is.
const NICENESS: i32 = 19;
/// The first to be killed, of all on the machine.
const OOM_SCORE: &str = "1000";

#[derive(Debug)]
pub struct Child {
    process: tokio::process::Child,
    group: Option<Pid>,
    lines: Lines<BufReader<ChildStdout>>,
    /// Closed when this is dropped, and then the child ends.
    _leash: Option<ChildStdin>,
}

/// A line that a child tells of how far it is.
#[derive(Deserialize)]
struct Line {
    jobs: u32,
    jobs_done: u32,
    share: u32,
    left_s: Option<u64>,
}

/// Looks at the job's input; says what is wrong with it in one line.
pub fn check(simulator: &Simulator, record: &Record, directory: &Path) -> io::Result<Child> {
    let mut args = input(simulator, record, kind(record).check);
    args.push("--json".into());
    Child::spawn(&simulator.program, args, directory, Stdio::null())
}

/// Does the job, from where it was.
pub fn run(simulator: &Simulator, record: &Record, directory: &Path, threads: usize) -> io::Result<Child> {
    let mut args = input(simulator, record, kind(record).run);
    let threads = threads.to_string();
    for word in ["--progress", "json", "--threads", &threads, "--results", RESULTS, "--json", FIGURES] {
        args.push(word.into());
    }
    if record.with_report {
        args.extend(["--report".into(), REPORT.into()]);
    }
    let mut log = OpenOptions::new();
    let log: File = log.create(true).write(true).truncate(true).mode(0o600).open(directory.join(LOG))?;
    Child::spawn(&simulator.program, args, directory, log.into())
}

fn kind(record: &Record) -> Kind {
    Kind::of_word(&record.kind).expect("records of other kinds are not taken up")
}

/// Of every verb. Paths are relative to the job's directory, but for the configurations of areas.
fn input(simulator: &Simulator, record: &Record, verb: [&str; 2]) -> Vec<OsString> {
    let mut args: Vec<OsString> = verb.iter().map(Into::into).collect();
    for word in [SCENARIO, "--leashed", "--attached", ATTACHED] {
        args.push(word.into());
    }
    for area in &record.areas {
        let name: Option<AreaName> = area.parse().ok();
        let Some(town) = name.and_then(|name| simulator.towns.get(&name)) else { continue };
        let mut named = OsString::from(area);
        if let Some(config) = town {
            named.push("=");
            named.push(absolute(config));
        }
        args.extend(["--area".into(), named]);
    }
    args.extend(journals(simulator, record));
    args
}

/// Which the scenario may name as its area's own.
fn journals(simulator: &Simulator, record: &Record) -> Vec<OsString> {
    let mut args: Vec<OsString> = Vec::new();
    for area in &record.areas {
        let name: Option<AreaName> = area.parse().ok();
        let Some(journal) = name.and_then(|name| simulator.journals.get(&name)) else { continue };
        let mut named = OsString::from(area);
        named.push("=");
        named.push(absolute(journal));
        args.extend(["--journal-of".into(), named]);
    }
    if !args.is_empty() {
        // however often it is begun again, it is of the same past
        args.extend(["--recorded-before".into(), record.created_ms.to_string().into()]);
    }
    args
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

impl Child {
    fn spawn(program: &Path, args: Vec<OsString>, directory: &Path, stderr: Stdio) -> io::Result<Child> {
        let mut command = Command::new(program);
        command.args(args).current_dir(directory).process_group(0).kill_on_drop(true);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(stderr);
        let mut process = command.spawn()?;
        let group = process.id().and_then(|id| Pid::from_raw(id as i32));
        give_way(group);
        let (leash, stdout) = (process.stdin.take(), process.stdout.take());
        let stdout = stdout.ok_or_else(|| io::Error::other("a child without the output that it was given"))?;
        Ok(Child { process, group, lines: BufReader::new(stdout).lines(), _leash: leash })
    }

    /// The next line, and none after the last.
    pub async fn line(&mut self) -> Option<String> {
        self.lines.next_line().await.ok().flatten()
    }

    /// Waits for its end.
    pub async fn ended(&mut self) -> io::Result<ExitStatus> {
        self.process.wait().await
    }

    /// It and all that it may have started are gone after this.
    pub async fn kill(mut self) {
        if let Some(group) = self.group
            && let Err(error) = kill_process_group(group, Signal::KILL)
        {
            tracing::debug!("a child that had ended: {error}");
        }
        if let Err(error) = self.process.kill().await {
            tracing::warn!("a child can not be killed: {error}");
        }
    }
}

/// How far the child is, if that is what the line tells.
pub fn progress(line: &str) -> Option<Progress> {
    let Line { jobs, jobs_done, share, left_s } = serde_json::from_str(line).ok()?;
    Some(Progress { jobs, jobs_done, share: share.min(1000), left_s })
}

/// Where the system does not let it, the child goes on as any other.
fn give_way(group: Option<Pid>) {
    let Some(group) = group else { return };
    if let Err(error) = setpriority_pgrp(Some(group), NICENESS) {
        tracing::warn!("a child keeps its priority: {error}");
    }
    let score = format!("/proc/{}/oom_score_adj", group.as_raw_nonzero());
    if let Err(error) = std::fs::write(score, OOM_SCORE) {
        tracing::debug!("a child is not the first to go when memory runs out: {error}");
    }
}

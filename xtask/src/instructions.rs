//! Instructions for a question, counted by callgrind: figures that a busy machine does not change.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use crate::check::command;

const WORKLOADS: [&str; 4] = ["travel_time", "travel_time_by_search", "path", "one_to_many"];

pub(crate) fn instructions(root: &Path) -> Result<()> {
    let has_valgrind = Command::new("valgrind").arg("--version").stdout(Stdio::null()).status();
    if !has_valgrind.is_ok_and(|status| status.success()) {
        bail!("valgrind is not there; on Debian: apt-get install valgrind");
    }
    let workload = build(root)?;
    for name in WORKLOADS {
        let output = Command::new("valgrind")
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
            .arg(format!("--toggle-collect=query_workload::workload_{name}"))
            .arg(&workload)
            .arg(name)
            .output()
            .context("valgrind does not run")?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "valgrind: {said}");
        // `==1234== Collected : 5678`
        let collected =
            said.lines().find_map(|line| line.split_once("Collected : ")).context("callgrind counted nothing")?;
        let collected: u64 = collected.1.trim().parse().context("callgrind counts in numbers")?;
        let questions: u64 =
            String::from_utf8_lossy(&output.stdout).trim().parse().context("the workload says how many")?;
        ensure!(0 < collected, "callgrind met no function named workload_{name}");
        println!("{name:>21} {:>9} instructions a question", collected / questions);
    }
    Ok(())
}

/// Where cargo puts the workload, in its own words.
fn build(root: &Path) -> Result<PathBuf> {
    #[derive(Deserialize)]
    struct Message {
        executable: Option<PathBuf>,
    }
    let args = [
        "build",
        "--release",
        "-p",
        "mukae-benches",
        "--bin",
        "query-workload",
        "--message-format=json-render-diagnostics",
    ];
    let output = command(root, &args).stderr(Stdio::inherit()).output().context("cargo does not run")?;
    ensure!(output.status.success(), "cargo {}", args.join(" "));
    let messages = String::from_utf8(output.stdout).context("cargo speaks UTF-8")?;
    let mut executables = messages.lines().filter_map(|line| serde_json::from_str::<Message>(line).ok()?.executable);
    executables.next_back().context("cargo built no query-workload")
}

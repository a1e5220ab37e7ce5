//! What CI runs, in the order in which it fails soonest: format, lints, tidy, tests.

use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};

use crate::{clients, tidy};

/// Stops at the first section that fails, so that the last lines say what to do.
pub(crate) fn check(root: &Path) -> Result<()> {
    section("format", || cargo(root, &["fmt", "--all", "--check"]))?;
    section("clippy", || {
        cargo(root, &["clippy", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"])
    })?;
    section("tidy", || tidy::tidy(root))?;
    section("build", || cargo(root, &["build", "--release"]))?;
    section("Python example", || clients::python(root))?;
    section("TypeScript example", || clients::typescript(root))?;
    section("browser", clients::browser)?;
    // Last, and without a closing line of ours: the sum of all tests is what a reader looks for.
    heading("tests");
    test(root, &[])
}

/// All tests of the workspace, in the release profile unless `args` name another: some of them search and simulate
/// for long. `args` go to `cargo test`.
pub(crate) fn test(root: &Path, args: &[String]) -> Result<()> {
    let names_profile = args.iter().any(|arg| arg == "--release" || arg.starts_with("--profile"));
    let mut whole = vec!["test", "--workspace"];
    if !names_profile {
        whole.push("--release");
    }
    whole.extend(args.iter().map(String::as_str));
    let mut tests = command(root, &whole).stdout(Stdio::piped()).spawn().context("cargo does not run")?;
    let mut tally = Tally::default();
    for line in BufReader::new(tests.stdout.take().expect("stdout is piped")).lines() {
        let line = line?;
        println!("{line}");
        tally.read(&line);
    }
    let status = tests.wait()?;
    println!("\n{} passed, {} failed", tally.passed, tally.failed);
    ensure!(status.success(), "cargo {}", whole.join(" "));
    ensure!(0 < tally.passed, "no test was run");
    Ok(())
}

/// The sum over all test binaries; each says its own.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    passed: u64,
    failed: u64,
}

impl Tally {
    /// Counts a line like `test result: ok. 12 passed; 0 failed; 0 ignored; …`.
    fn read(&mut self, line: &str) {
        let Some((_, counts)) = line.strip_prefix("test result: ").and_then(|rest| rest.split_once(". ")) else {
            return;
        };
        for count in counts.split("; ") {
            match count.split_once(' ') {
                Some((count, "passed")) => self.passed += count.parse().unwrap_or(0),
                Some((count, "failed")) => self.failed += count.parse().unwrap_or(0),
                _ => {}
            }
        }
    }
}

fn section(name: &str, run: impl FnOnce() -> Result<()>) -> Result<()> {
    heading(name);
    let start = Instant::now();
    run().with_context(|| format!("{name} failed"))?;
    println!("--- {name}: ok after {:.0} s", start.elapsed().as_secs_f64());
    Ok(())
}

fn heading(name: &str) {
    println!("\n=== {name} {}", "=".repeat(74 - name.len()));
}

pub(crate) fn cargo(root: &Path, args: &[&str]) -> Result<()> {
    let status = command(root, args).status().context("cargo does not run")?;
    ensure!(status.success(), "cargo {}", args.join(" "));
    Ok(())
}

pub(crate) fn command(root: &Path, args: &[&str]) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(cargo);
    command.args(args).current_dir(root);
    command
}

#[cfg(test)]
mod tests {
    use super::Tally;

    #[test]
    fn results_of_all_binaries_add_up() {
        let mut tally = Tally::default();
        for line in [
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.01s",
            "test engine ... ok",
            "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
        ] {
            tally.read(line);
        }
        assert_eq!(tally, Tally { passed: 15, failed: 2 });
    }
}

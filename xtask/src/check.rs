//! What CI runs, in the order in which it fails soonest: format, lints, tidy, tests.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;
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
    section("tests", || test(root, &[]))?;
    println!("\nall is well");
    Ok(())
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
    cargo(root, &whole)
}

fn section(name: &str, run: impl FnOnce() -> Result<()>) -> Result<()> {
    println!("\n=== {name} {}", "=".repeat(74 - name.len()));
    let start = Instant::now();
    run().with_context(|| format!("{name} failed"))?;
    println!("--- {name}: ok after {:.0} s", start.elapsed().as_secs_f64());
    Ok(())
}

fn cargo(root: &Path, args: &[&str]) -> Result<()> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let status = Command::new(cargo).args(args).current_dir(root).status().context("cargo does not run")?;
    ensure!(status.success(), "cargo {}", args.join(" "));
    Ok(())
}

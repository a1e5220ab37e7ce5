//! Damaged bytes for the readers of outside bytes, by cargo-fuzz on a stable toolchain.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

/// Each with the longest input that makes sense, in bytes.
const TARGETS: [(&str, u32); 7] = [
    ("extract", 4096),
    ("map_file", 16_384),
    ("demand_csv", 4096),
    ("table", 4096),
    ("overlay", 2048),
    ("profile", 6144),
    ("request", 2048),
];
const SECONDS: u32 = 60;

pub(crate) fn fuzz(root: &Path, args: &[String]) -> Result<()> {
    let names: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
    let (target, seconds) = match args {
        [] => {
            println!("targets: {}", names.join(", "));
            return Ok(());
        }
        [target] => (target, SECONDS),
        [target, seconds] => (target, seconds.parse().context("SECONDS is a number")?),
        _ => bail!("cargo xtask fuzz TARGET [SECONDS]"),
    };
    let Some((_, length_max)) = TARGETS.iter().find(|(name, _)| name == target) else {
        bail!("no such target: {target}; there are {}", names.join(", "));
    };
    let version = Command::new("cargo-fuzz").args(["fuzz", "--version"]).output();
    if !version.is_ok_and(|output| output.status.success()) {
        bail!("cargo-fuzz is not there: cargo install cargo-fuzz; it needs a C++ compiler, too");
    }
    // What a run finds on its way stays out of the corpus that is checked in, which comes second.
    let found = root.join("fuzz/found").join(target);
    std::fs::create_dir_all(&found).with_context(|| format!("{} cannot be made", found.display()))?;
    let status = Command::new("cargo-fuzz")
        .args(["fuzz", "run", "--fuzz-dir", "fuzz", target])
        .arg(found)
        .arg(root.join("fuzz/corpus").join(target))
        .arg("--")
        .args([format!("-max_total_time={seconds}"), format!("-max_len={length_max}"), "-timeout=10".to_owned()])
        // libFuzzer's instrumentation is not stable; this lets a stable compiler use it.
        .env("RUSTC_BOOTSTRAP", "1")
        .current_dir(root)
        .status()
        .context("cargo-fuzz does not run")?;
    ensure!(
        status.success(),
        "{target}: something was found; its input is in fuzz/artifacts/{target}. \
         Mend what it found, and add the input to fuzz/corpus/{target}, where an ordinary test reads it"
    );
    Ok(())
}

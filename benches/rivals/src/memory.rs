//! What the process holds, as Linux counts it.

use anyhow::{Context, Result};

pub fn now() -> Result<u64> {
    field("VmRSS:")
}

fn field(name: &str) -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status").context("memory is read from Linux's /proc")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)).context("the status tells it")?;
    let kibibytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kibibytes * 1024)
}

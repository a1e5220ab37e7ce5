//! What the process holds in memory, as Linux counts it.

/// The most the process ever held, or since the peak was last forgotten, in bytes; `None` where `/proc` is not Linux's.
pub fn peak() -> Option<u64> {
    field("VmHWM:")
}

/// What it holds now, in bytes.
pub fn now() -> Option<u64> {
    field("VmRSS:")
}

/// Lets the peak be what is held now. Where this cannot be done the peak stays what it was.
pub fn forget_peak() {
    // 5 is the peak; see proc_pid_clear_refs(5).
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

fn field(name: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kibibytes: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

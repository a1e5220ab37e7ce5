//! What the process holds in memory, as Linux counts it.

/// The most the process ever held, in bytes; `None` where `/proc` is not Linux's.
pub fn peak() -> Option<u64> {
    field("VmHWM:")
}

/// What it holds now, in bytes.
pub fn now() -> Option<u64> {
    field("VmRSS:")
}

fn field(name: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kibibytes: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}
